# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OpenLDAP with an AD-like schema, for signing in with a client certificate (SASL EXTERNAL)."""

from __future__ import annotations

from ..authority import Authority
from ..credentials import Credentials
from ..errors import LabError
from ..processes import Service
from ..settings import Settings

NAME = "openldap"


def configure(settings: Settings, authority: Authority, credentials: Credentials) -> None:
    raise LabError("not yet")


def service(settings: Settings) -> Service:
    raise LabError("not yet")


def forget_changes(settings: Settings) -> None:
    raise LabError("not yet")
