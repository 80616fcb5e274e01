# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What anybody may ask without signing in: whose a domain is, and the discovery of its tenant.

There is no published contract of ``common/userrealm``. What is answered here is what Microsoft's
own scripts and pages show of it: ``IsViral`` is there only if it is true and from version 2.1 on,
an unknown domain has no ``DomainName``, and ``MicrosoftAccount`` is 0 if there is such an account.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..connection import NoResponse
from ..faults import Answer, FaultBook
from ..request_log import log_entry
from ..state import DomainOwner
from ..store import Store
from .errors import SignInError, invalid_request, missing_parameter, tenant_not_found
from .refusals import broken, refuse, used_url

_CLOUD_INSTANCE = "microsoftonline.com"
_VERSIONS = ("2.0", "2.1")

Fields = Mapping[str, Any]


class RealmDiscovery:
    """The endpoints that need no credentials."""

    def __init__(self, base_urls: Sequence[str], store: Store, faults: FaultBook) -> None:
        self._base_urls = base_urls
        self._store = store
        self._faults = faults

    def routes(self) -> list[Route]:
        """Return the routes; a user is named in the query or in the path.

        There is no instance discovery: MSAL asks Microsoft's own hosts about an authority it does
        not know, so that clients of the lab have to turn it off.
        """
        return [
            Route("/common/userrealm", self._user_realm),
            Route("/common/userrealm/", self._user_realm),
            Route("/common/userrealm/{user}", self._user_realm),
            Route("/{tenant}/v2.0/.well-known/openid-configuration", self._openid_configuration),
        ]

    async def _user_realm(self, request: Request) -> Response:
        return await self._answer(request, self._user_realm_fields)

    async def _openid_configuration(self, request: Request) -> Response:
        return await self._answer(request, self._openid_fields)

    async def _answer(self, request: Request, fields: Callable[[Request], Fields]) -> Response:
        """Answer with what ``fields`` says, unless a fault has it otherwise."""
        drawn = self._faults.draw("discovery", None, request.method, request.url.path)
        log_entry(request).faults = drawn.kinds
        # Nothing is sent along, but a client's leaving is only told after the body.
        await request.body()
        if not await drawn.delay("before", request) or drawn.drops("before"):
            return NoResponse()
        error = broken(request, self._base_urls, drawn)
        if error is not None:
            return error
        try:
            answer = fields(request)
        except SignInError as refusal:
            return refuse(request, self._base_urls, refusal)
        if not await drawn.delay("after", request) or drawn.drops("after"):
            return NoResponse()
        altered = drawn.first(Answer)
        text = json.dumps(answer) if altered is None else altered.apply(answer)
        return Response(text, media_type="application/json; charset=utf-8")

    def _user_realm_fields(self, request: Request) -> Fields:
        user = request.path_params.get("user") or request.query_params.get("user")
        version = request.query_params.get("api-version")
        if not user:
            raise missing_parameter("user")
        if version not in _VERSIONS:
            raise invalid_request(90023, f"The api-version '{version}' is not supported.")
        domain = user.rpartition("@")[2]
        answer = _realm_fields(user, domain, self._store.owner_of(domain), version)
        if request.query_params.get("checkForMicrosoftAccount", "").lower() == "true":
            has_account = self._store.has_personal_account(user)
            answer |= {"MicrosoftAccount": 0 if has_account else 1, "IsMicrosoftAccountSet": True}
        return answer

    def _openid_fields(self, request: Request) -> Fields:
        identifier: str = request.path_params["tenant"]
        log_entry(request).tenant = self._store.find_tenant(identifier)
        base = used_url(request, self._base_urls)
        root = f"{base}/{self._tenant_id(identifier)}"
        return {
            "token_endpoint": f"{root}/oauth2/v2.0/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            "jwks_uri": f"{root}/discovery/v2.0/keys",
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": f"{root}/v2.0",
            "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
            "tenant_region_scope": "EU",
            "cloud_instance_name": _CLOUD_INSTANCE,
            "msgraph_host": base.removeprefix("https://"),
        }

    def _tenant_id(self, identifier: str) -> str:
        """Return the id of the tenant with this id or verified domain, whoever runs it."""
        name = self._store.find_tenant(identifier)
        if name is not None:
            return self._store.tenants[name].tenant_id
        owner = self._store.owner_of(identifier)
        if owner is None:
            raise tenant_not_found(identifier)
        return owner.tenant_id


def _realm_fields(
    user: str, domain: str, owner: DomainOwner | None, version: str
) -> dict[str, Any]:
    if owner is None:
        return {
            "NameSpaceType": "Unknown",
            "Login": user,
            "cloud_instance_name": _CLOUD_INSTANCE,
        }
    answer: dict[str, Any] = {
        "NameSpaceType": owner.authentication_type,
        "Login": user,
        "DomainName": domain,
        "FederationBrandName": owner.display_name,
        "cloud_instance_name": _CLOUD_INSTANCE,
    }
    if owner.authentication_type == "Federated":
        answer |= {"federation_protocol": "WSTrust", "AuthURL": owner.authentication_url}
    if owner.is_viral and version == "2.1":
        answer["IsViral"] = True
    return answer
