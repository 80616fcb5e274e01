# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Holds a credential to the tenant that the operator names.

A managed identity and the default chain sign in to their own home tenant, whatever tenant is asked
for. In a fleet that would write into one tenant what was meant for all of them. Private to the
collection: it can change in any release.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from .._errors import AuthenticationFailed, InvalidInput
from .token_claims import claims

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, TokenCredential


class TenantBound:
    """A credential whose tokens are for one tenant; any other raises `AuthenticationFailed`."""

    def __init__(self, credential: TokenCredential, tenant_id: str, server: str) -> None:
        """`tenant_id` must be the id itself, since tokens do not tell domain names.

        Raises `InvalidInput` if it is not.
        """
        self._credential = credential
        self._server = server
        try:
            self._tenant_id = str(uuid.UUID(tenant_id))
        except ValueError as error:
            raise InvalidInput(
                f"entra_tenant_id is not the id of a tenant: {tenant_id!r}",
                advice="With this entra_auth the tenant is known from the token, which tells its "
                "id only: give that, and not a domain name.",
            ) from error

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """See azure-identity's `TokenCredential`."""
        token = self._credential.get_token(*scopes, **options)
        found = _tenant_of(token.token)
        if found != self._tenant_id:
            raise AuthenticationFailed(
                "The identity belongs to another tenant",
                server=self._server,
                subject=f"tenant {self._tenant_id}",
                answer=f"a token for tenant {found or 'unknown'}",
                advice="A managed identity and the default chain sign in to their own tenant only: "
                "use entra_auth=client_secret, client_certificate or workload_identity.",
            )
        return token


def _tenant_of(token: str) -> str:
    """The tenant's id, claim `tid` of the token (RFC 7519); nothing if it does not tell."""
    return str(claims(token).get("tid", ""))
