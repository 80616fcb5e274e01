# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a token says of the app's permissions, and what it does not say."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._graph.access import (
    Access,
    granted_permissions,
    missing,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph.token_claims import claims

READ = Access("Policy.Read.All", "Global Reader")
WRITE = Access("Policy.ReadWrite.Example", "Example Administrator", ("Everything.ReadWrite.All",))
OF_EVERY_APP = "0997a1d0-0d1d-4acb-b408-d5ca73121e90"
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"


def token(content: Any) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
    return f"e30.{payload}.sig"


@pytest.mark.parametrize(
    ("roles", "lacking"),
    [
        ([], (READ, WRITE)),
        (["Policy.Read.All"], (WRITE,)),
        (["Policy.Read.All", "Policy.ReadWrite.Example"], ()),
        (["Policy.Read.All", "Everything.ReadWrite.All"], ()),
        (["Policy.Read", "Policy.ReadWrite.Example.Other"], (READ, WRITE)),
    ],
)
def test_what_the_token_does_not_name_is_missing(
    roles: list[str], lacking: tuple[Access, ...]
) -> None:
    assert missing(token({"roles": roles}), (READ, WRITE)) == lacking
    assert missing(token({"roles": roles, "wids": [OF_EVERY_APP]}), (READ, WRITE)) == lacking


@pytest.mark.parametrize(
    "text",
    [
        "",
        "opaque",
        "a.!.c",
        token([]),
        token("text"),
        token({}),
        token({"roles": None}),
        token({"roles": "Policy.Read.All"}),
        token({"roles": [1]}),
        token({"roles": [], "wids": None}),
        # A directory role allows things that no permission names.
        token({"roles": [], "wids": [GLOBAL_ADMINISTRATOR]}),
        # The token of a person.
        token({"roles": [], "scp": "User.Read"}),
    ],
)
def test_a_token_that_does_not_tell_proves_nothing(text: str) -> None:
    assert granted_permissions(text) is None
    assert missing(text, (READ, WRITE)) == ()


@given(st.text())
def test_every_text_can_be_looked_at(text: str) -> None:
    assert isinstance(claims(text), dict)
    assert isinstance(claims(f"e30.{text}.sig"), dict)


def test_the_advice_names_permission_and_role() -> None:
    assert "Policy.ReadWrite.Example" in WRITE.advice
    assert "Example Administrator" in WRITE.advice
