# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keys and the token endpoint of every tenant."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..configuration import Configuration
from ..connection import NoResponse
from ..faults import Answer, FaultBook
from ..request_log import log_entry
from ..state import Tenant
from ..store import Store
from .credentials import authenticate
from .errors import (
    SignInError,
    application_not_found,
    invalid_request,
    missing_parameter,
    tenant_not_found,
)
from .refusals import broken, refuse
from .tokens import TokenAuthority

_DEFAULT_SCOPE = "/.default"


class Identity:
    """The sign-in endpoints of every tenant."""

    def __init__(
        self,
        configuration: Configuration,
        store: Store,
        tokens: TokenAuthority,
        faults: FaultBook,
    ) -> None:
        self._base_urls = configuration.base_urls
        self._store = store
        self._tokens = tokens
        self._faults = faults

    def routes(self) -> list[Route]:
        """Return the routes; tenants are named by tenant id or verified domain."""
        return [
            Route("/{tenant}/discovery/v2.0/keys", self._keys),
            Route("/{tenant}/oauth2/v2.0/token", self._token, methods=["GET", "POST"]),
        ]

    async def _keys(self, request: Request) -> Response:
        try:
            self._tenant_name(request)
        except SignInError as error:
            return self._refuse(request, error)
        return JSONResponse(self._tokens.public_keys())

    async def _token(self, request: Request) -> Response:
        try:
            name = self._tenant_name(request)
            drawn = self._faults.draw("token", name, request.method, request.url.path)
            log_entry(request).faults = drawn.kinds
            form = await _form(request)
            if not await drawn.delay("before", request) or drawn.drops("before"):
                return NoResponse()
            refusal = broken(request, self._base_urls, drawn)
            if refusal is not None:
                return refusal
            answer = self._give_token(self._store.tenants[name], form)
        except SignInError as error:
            return self._refuse(request, error)
        if not await drawn.delay("after", request) or drawn.drops("after"):
            return NoResponse()
        altered = drawn.first(Answer)
        text = json.dumps(answer) if altered is None else altered.apply(answer)
        headers = {"Cache-Control": "no-store, no-cache"}
        return Response(text, headers=headers, media_type="application/json")

    def _give_token(self, tenant: Tenant, form: Mapping[str, str]) -> dict[str, Any]:
        """Return the token endpoint's answer for client_credentials; raises SignInError."""
        for name in ("grant_type", "client_id", "scope"):
            if not form.get(name):
                raise missing_parameter(name)
        if form["grant_type"] != "client_credentials":
            raise SignInError(
                400,
                "unsupported_grant_type",
                70003,
                f"The app requested an unsupported grant type '{form['grant_type']}'.",
            )
        application = tenant.application
        if form["client_id"].casefold() != application.client_id.casefold():
            raise application_not_found(form["client_id"], tenant.display_name)
        resource = self._resource(tenant, form["scope"])
        authentication_class = authenticate(application, form, self._audiences(tenant))
        token = self._tokens.give(
            tenant, audience=resource, authentication_class=authentication_class
        )
        # Entra counts the second it takes itself.
        lifetime = self._tokens.lifetime - 1
        return {
            "token_type": "Bearer",
            "expires_in": lifetime,
            "ext_expires_in": lifetime,
            "access_token": token,
        }

    def _resource(self, tenant: Tenant, scope: str) -> str:
        """Return the resource that the scope is about: only this cloud's Graph is known."""
        if len(scope.split()) != 1:
            raise SignInError(
                400,
                "invalid_scope",
                70011,
                f"The provided request must include a 'scope' input parameter. The provided value "
                f"for the input parameter 'scope' is not valid. The scope {scope} is not valid.",
            )
        if not scope.endswith(_DEFAULT_SCOPE):
            raise SignInError(
                400,
                "invalid_scope",
                1002012,
                f"The provided value for scope {scope} is not valid. Client credential flows must "
                "have a scope value with /.default suffixed to the resource identifier "
                "(application ID URI).",
            )
        resource = scope.removesuffix(_DEFAULT_SCOPE)
        if resource not in self._base_urls:
            raise SignInError(
                400,
                "invalid_resource",
                500011,
                f"The resource principal named {resource} was not found in the tenant named "
                f"{tenant.display_name}. This can happen if the application has not been installed "
                "by the administrator of the tenant or consented to by any user in the tenant. You "
                "might have sent your authentication request to the wrong tenant.",
            )
        return resource

    def _audiences(self, tenant: Tenant) -> list[str]:
        """Return what a certificate's assertion may be for: the token endpoint or the issuer."""
        names = [tenant.tenant_id, *(domain.name for domain in tenant.domains)]
        roots = [f"{base}/{name}" for base in self._base_urls for name in names]
        return [
            f"{root}{tail}".casefold() for root in roots for tail in ("/oauth2/v2.0/token", "/v2.0")
        ]

    def _tenant_name(self, request: Request) -> str:
        if request.method != "POST" and request.url.path.endswith("/token"):
            raise invalid_request(
                900561,
                f"The endpoint only accepts POST requests. Received a {request.method} request.",
            )
        identifier: str = request.path_params["tenant"]
        name = self._store.find_tenant(identifier)
        if name is None:
            raise tenant_not_found(identifier)
        log_entry(request).tenant = name
        return name

    def _refuse(self, request: Request, error: SignInError) -> Response:
        return refuse(request, self._base_urls, error)


async def _form(request: Request) -> dict[str, str]:
    """Return the form's text fields; anything but a form has none, as for Entra."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}
