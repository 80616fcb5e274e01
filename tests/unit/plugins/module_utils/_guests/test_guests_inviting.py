# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._guests.inviting import (
    why_not_invited,
)


@pytest.mark.parametrize(
    "address",
    ["ada@litware.example", "ada.b-c_d@litware.example", "_ada_@litware.example", "åsa@a.example"],
)
def test_ordinary_addresses(address: str) -> None:
    assert why_not_invited(address) is None


@pytest.mark.parametrize("sign", '~!#$%^&*()+=[]{}\\/|;:"<>?,')
def test_signs_that_microsoft_documents_as_not_permitted(sign: str) -> None:
    why = why_not_invited(f"ada{sign}b@litware.example")
    assert why is not None
    assert sign in why


@pytest.mark.parametrize(
    "address", ["", "ada", "@litware.example", "ada@", ".ada@a.example", "ada-@a.example", "a b@c"]
)
def test_what_else_is_not_invited(address: str) -> None:
    assert why_not_invited(address)
