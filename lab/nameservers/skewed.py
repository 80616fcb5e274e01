# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A primary whose clock is an hour ahead: it refuses every signed update with BADTIME."""

from __future__ import annotations

import shutil
from pathlib import Path

from ..credentials import Credentials
from ..errors import LabError
from ..processes import Service
from ..settings import Settings
from .names import KEY_NAMES, READONLY_ZONE
from .primary import named_service, update_policy, write_named_conf

NAME = "skewed-nameserver"
_SECONDS_AHEAD = 3600


def configure(settings: Settings, credentials: Credentials) -> None:
    """Write the configuration, and the zones if they are not there yet."""
    policies = {zone: update_policy(name) for zone, name in KEY_NAMES.items()}
    write_named_conf(
        settings.nameservers_folder / "skewed",
        settings,
        credentials,
        settings.skewed_nameserver,
        policies={**policies, READONLY_ZONE: ""},
    )


def forget_changes(settings: Settings) -> None:
    """Throw the zones away. The server must not be running."""
    shutil.rmtree(settings.nameservers_folder / "skewed", ignore_errors=True)


def service(settings: Settings) -> Service:
    """Return how the server is run."""
    return named_service(
        NAME,
        settings.nameservers_folder / "skewed",
        settings,
        settings.skewed_nameserver,
        environment={
            # Not through the faketime program, which would stay between us and the server.
            "LD_PRELOAD": str(_library()),
            "FAKETIME": f"+{_SECONDS_AHEAD}",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        },
    )


def _library() -> Path:
    for path in Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"):
        return path
    raise LabError("libfaketimeMT.so.1 is missing: reinstall the Debian package libfaketime.")
