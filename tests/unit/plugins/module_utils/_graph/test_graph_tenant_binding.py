# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An identity of one tenant is never used for another."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from azure.core.credentials import AccessToken

from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    AuthenticationFailed,
    InvalidInput,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph.tenant_binding import (
    TenantBound,
)

OURS = "0c7f1a52-6f0e-4a63-9c8e-3b1f0d9a4e03"
OTHER = "0c7f1a52-6f0e-4a63-9c8e-3b1f0d9a4e01"


class Fixed:
    """A credential with one token."""

    def __init__(self, token: str) -> None:
        self.token = token

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        return AccessToken(self.token, 0)


def token(claims: Any) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{payload}.sig"


def bound(text: str, tenant_id: str = OURS) -> TenantBound:
    return TenantBound(Fixed(text), tenant_id, "https://login.example")


def test_a_token_of_the_tenant_is_passed_on() -> None:
    text = token({"tid": OURS, "roles": []})
    assert bound(text).get_token("scope").token == text
    assert bound(text, OURS.upper()).get_token("scope").token == text


@pytest.mark.parametrize(
    "text", [token({"tid": OTHER}), token({}), token([]), "opaque", "a.!.c", "", token({"tid": 1})]
)
def test_any_other_token_is_refused(text: str) -> None:
    with pytest.raises(AuthenticationFailed, match=OURS) as failure:
        bound(text).get_token("scope")
    assert not text or text not in str(failure.value)


def test_a_domain_name_cannot_be_compared() -> None:
    with pytest.raises(InvalidInput, match="not the id of a tenant"):
        bound(token({"tid": OURS}), "contoso.example")
