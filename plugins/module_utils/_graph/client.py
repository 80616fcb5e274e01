# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One authenticated Graph client for one task, and the way every request goes through it.

Built once per task inside the task's one event loop, and closed in it: an HTTP client belongs to
the loop that it was made in. Private to the collection: it can change in any release.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from .._errors import NotUnderstood, Refused, TenantopsError
from .._libraries import library, require
from .access import Access, granted_permissions, missing
from .answers import refuse_unreadable
from .clouds import CLOUDS, Cloud, cloud_for
from .credentials import METHODS, SignIn
from .errors import connection_error, graph_error, is_denied, sign_in_error
from .quota import Quotas
from .quota_file import usage_path
from .quota_turns import QuotaTurns, UsageBook
from .retry import is_worth_retrying, proves_nothing_done, retry_delay
from .trust import trust

if TYPE_CHECKING:
    from .credentials import Credential

with library("azure-identity"):
    from azure.core.exceptions import AzureError

with library("msgraph-sdk"):
    import httpx
    from kiota_abstractions.api_error import APIError
    from kiota_authentication_azure.azure_identity_authentication_provider import (
        AzureIdentityAuthenticationProvider,
    )
    from kiota_http.middleware.options import RedirectHandlerOption, RetryHandlerOption
    from msgraph.graph_request_adapter import GraphRequestAdapter
    from msgraph.graph_request_adapter import options as telemetry_options
    from msgraph.graph_service_client import GraphServiceClient
    from msgraph_core import GraphClientFactory

    from . import entity

    entity.install()

# The libraries also log what they raise; without a handler Python would print it on stderr.
for _name in ("azure", "msal"):
    logging.getLogger(_name).addHandler(logging.NullHandler())

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class EntraConnection:
    """How to reach one tenant: the options of the documentation fragment `entra`."""

    cloud: Cloud
    sign_in: SignIn
    parameters: Mapping[str, Any]
    timeout: float
    retry_time: float
    quotas: Quotas = field(default_factory=lambda: Quotas.from_parameters(None))

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> EntraConnection:
        """Read the options. Raises `InvalidInput` before anything is sent."""
        cloud = cloud_for(
            parameters["entra_cloud"], parameters["entra_graph_url"], parameters["entra_authority"]
        )
        sign_in = SignIn(
            tenant_id=parameters["entra_tenant_id"],
            client_id=parameters["entra_client_id"],
            authority=cloud.authority,
            ca_path=parameters["entra_ca_path"],
            timeout=parameters["entra_timeout"],
            is_microsoft=any(known.authority == cloud.authority for known in CLOUDS.values()),
        )
        return cls(
            cloud=cloud,
            sign_in=sign_in,
            parameters=parameters,
            timeout=parameters["entra_timeout"],
            retry_time=parameters["entra_retry_time"],
            quotas=Quotas.from_parameters(parameters.get("entra_quota")),
        )

    @property
    def tenant(self) -> str:
        """The tenant for messages."""
        return self.sign_in.tenant_id or "of the signed-in identity"

    def quota_turns(self) -> QuotaTurns:
        """The turns of a task's requests, which all tasks of the app share."""
        quotas, cloud, app = self.quotas, self.cloud.graph_url, self.sign_in.client_id or ""
        in_tenant = usage_path(quotas.folder, cloud, self.sign_in.tenant_id or "-", app)
        in_all_tenants = usage_path(quotas.folder, cloud, "", app)
        return QuotaTurns(
            UsageBook(quotas.in_tenant, in_tenant), UsageBook(quotas.in_all_tenants, in_all_tenants)
        )

    def credential(self) -> Credential:
        """The credential of the chosen method; nothing is sent yet."""
        return METHODS[self.parameters["entra_auth"]].credential(self.sign_in, self.parameters)


class Graph:
    """The SDK's client, and `call`, through which every request is made."""

    def __init__(
        self,
        client: GraphServiceClient,
        connection: EntraConnection,
        get_token: Callable[[], Awaitable[str]],
    ) -> None:
        self.client = client
        self._connection = connection
        self._get_token = get_token

    @property
    def server(self) -> str:
        """Graph's address, for messages."""
        return self._connection.cloud.graph_url

    @property
    def tenant(self) -> str:
        """The tenant as the operator names it."""
        return self._connection.tenant

    @property
    def retry_time(self) -> float:
        """Seconds that one thing may be waited for in all."""
        return self._connection.retry_time

    async def require(self, *needed: Access) -> None:
        """Raise `Refused` if the token shows that one of these is missing, before Graph is asked.

        A token that does not tell proves nothing: then Graph has to say.
        """
        token = await self.call(f"tenant {self.tenant}", self._get_token)
        lacking = missing(token, needed)
        if lacking:
            raise Refused(
                "The app lacks "
                + " and ".join(f"the permission {access.permission}" for access in lacking),
                server=self.server,
                subject=f"tenant {self.tenant}",
                answer="the claim roles of its token does not name it",
                advice=" ".join(access.advice for access in lacking) + " Nothing was sent.",
            )

    async def is_app_without_role(self) -> bool:
        """Whether the token shows that an app has signed in that holds no directory role itself.

        A person, an app with a role, and a token that does not tell: all that is no.
        """
        token = await self.call(f"tenant {self.tenant}", self._get_token)
        return granted_permissions(token) is not None

    async def call(
        self,
        subject: str,
        request: Callable[[], Awaitable[Answer]],
        *,
        repeatable: bool = True,
        access: Access | None = None,
    ) -> Answer:
        """Make a request; throttled and colliding ones again, within the operator's total time.

        `subject` names the thing asked about, for messages. What must not be done twice is not
        `repeatable`: it is made again only where the answer proves that nothing was done. What the
        request needs is `access`, which is told if Graph denies it. Raises a `TenantopsError` for
        every other answer than success.
        """
        give_up_at = time.monotonic() + self._connection.retry_time
        attempt = 1
        is_in_doubt = False
        while True:
            try:
                return await request()
            except (APIError, AzureError, httpx.HTTPError, ssl.SSLError) as error:
                failure = self._failure(error, subject)
                if access is not None and is_denied(failure):
                    failure.advice = access.advice
                delay = _delay_after(error, attempt, repeatable=repeatable)
                if delay is None or time.monotonic() + delay > give_up_at:
                    # An earlier try may have written: this answer proves nothing about that one.
                    failure.nothing_written &= not is_in_doubt
                    raise failure from error
                is_in_doubt |= not failure.nothing_written
            await asyncio.sleep(delay)
            attempt += 1

    def _failure(self, error: Exception, subject: str) -> TenantopsError:
        if isinstance(error, APIError):
            return graph_error(error, self.server, subject)
        if isinstance(error, AzureError):
            return sign_in_error(error, self._connection.cloud.authority, self.tenant)
        return connection_error(error, self.server, subject)


def _delay_after(error: Exception, attempt: int, *, repeatable: bool) -> float | None:
    """Seconds until the next try, or null where there must be none or it would end the same way."""
    if not isinstance(error, APIError):
        return None
    status = error.response_status_code or 0
    code = getattr(getattr(error, "error", None), "code", None) or ""
    may_retry = is_worth_retrying if repeatable else proves_nothing_done
    if not may_retry(status, code):
        return None
    return retry_delay(attempt, error.response_headers or {})


@asynccontextmanager
async def open_graph(connection: EntraConnection) -> AsyncIterator[Graph]:
    """A client for one tenant, closed at the end of the block."""
    require("msgraph-sdk", "azure-identity")
    options = {
        **telemetry_options,
        # Retrying is done in `call`: the SDK gives up at a Retry-After of 180 s and ignores 409.
        RetryHandlerOption.get_key(): RetryHandlerOption(max_retries=0, should_retry=False),
        # Graph does not redirect these requests; whoever does is not Graph.
        RedirectHandlerOption.get_key(): RedirectHandlerOption(should_redirect=False),
    }
    credential = connection.credential()
    async with (
        _closing(credential),
        aclosing(connection.quota_turns()) as turns,
        httpx.AsyncClient(
            verify=trust(connection.sign_in.ca_path),
            timeout=connection.timeout,
            # No request goes by them, whatever makes it.
            event_hooks={
                "request": [turns.before],
                "response": [turns.after, refuse_unreadable],
            },
        ) as http_client,
    ):
        authentication = AzureIdentityAuthenticationProvider(
            credential,
            scopes=[connection.cloud.scope],
            # Without this list the SDK gives the token to whatever host a nextLink names.
            allowed_hosts=[connection.cloud.graph_host],
        )
        adapter = GraphRequestAdapter(
            authentication,
            client=GraphClientFactory.create_with_default_middleware(
                client=http_client, options=options
            ),
        )
        adapter.base_url = f"{connection.cloud.graph_url}/v1.0"

        async def get_token() -> str:
            provider = authentication.access_token_provider
            return await provider.get_authorization_token(connection.cloud.graph_url)

        graph = Graph(GraphServiceClient(request_adapter=adapter), connection, get_token)
        try:
            yield graph
        except NotUnderstood as error:
            # Who judges what is in an answer does not always know whose it is.
            error.server = error.server or connection.cloud.graph_url
            raise
        finally:
            await _end_background(graph)


def background_name(graph: Graph) -> str:
    """What a task is called that makes requests beside those who wait for them.

    Where a failure keeps them from waiting for its end, it ends with the client.
    """
    return f"requests of the Graph client {id(graph)}"


async def _end_background(graph: Graph) -> None:
    """End what is left under way while there still are connections, so that it does not fail."""
    name = background_name(graph)
    left = [task for task in asyncio.all_tasks() if task.get_name() == name]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


def _closing(credential: Credential) -> AbstractAsyncContextManager[Any]:
    """Closes the connections of a credential that is made for the event loop."""
    return credential if isinstance(credential, AbstractAsyncContextManager) else nullcontext()
