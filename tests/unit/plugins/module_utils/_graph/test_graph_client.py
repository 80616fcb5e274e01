# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests through the SDK's whole stack, with answers of our own in the place of the network."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError

from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    AuthenticationFailed,
    ConnectionFailed,
    InvalidInput,
    NotTrusted,
    NotUnderstood,
    Refused,
    TenantopsError,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph import client
from ansible_collections.tenantops.migration.plugins.module_utils._graph.access import Access
from ansible_collections.tenantops.migration.plugins.module_utils._graph.arguments import (
    ENTRA_ARGUMENTS,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph.batch import (
    BatchRequest,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph.batch import (
    ask as questions_of,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph.client import (
    EntraConnection,
    Graph,
    open_graph,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph.trust import trust
from ansible_collections.tenantops.migration.plugins.module_utils._pace import Pace

TOKEN = "token-of-the-app"
HOST = "graph.microsoft.com"
SUBJECT = "organization"

Handler = Callable[[httpx.Request], httpx.Response]


def parameters(**given: Any) -> dict[str, Any]:
    defaults = {name: option.get("default") for name, option in ENTRA_ARGUMENTS.options.items()}
    return (
        defaults
        | {
            "entra_tenant_id": "contoso.com",
            "entra_client_id": "app",
            "entra_client_secret": "hush-hush",
        }
        | given
    )


class Credential:
    """Gives one token, or fails, and remembers what it was asked for."""

    def __init__(self, fails_at: int | None = None) -> None:
        self.scopes: list[str] = []
        self.fails_at = fails_at

    def get_token(self, *scopes: str, **_options: Any) -> AccessToken:
        self.scopes.extend(scopes)
        if len(self.scopes) == self.fails_at:
            raise ClientAuthenticationError("AADSTS7000222: The secret has expired.")
        return AccessToken(TOKEN, int(time.time()) + 3600)


class Network:
    """What is asked, and the answers in order; the last one is given again and again."""

    def __init__(self, answers: Iterable[httpx.Response | Exception]) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.credential = Credential()
        self.slept: list[float] = []
        self.clock = 1000.0

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        # A response can be read once only.
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock += seconds


Connect = Callable[..., Network]


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Connect:
    """Answers instead of a network; time passes only where it is waited for."""

    def connect(*answers: httpx.Response | Exception) -> Network:
        made = Network(answers)
        real = httpx.AsyncClient

        def fake_client(*, verify: Any, **options: Any) -> httpx.AsyncClient:
            return real(transport=httpx.MockTransport(made.answer), **options)

        monkeypatch.setattr(httpx, "AsyncClient", fake_client)
        monkeypatch.setattr(EntraConnection, "credential", lambda _self: made.credential)
        monkeypatch.setattr(asyncio, "sleep", made.sleep)
        monkeypatch.setattr(client, "time", SimpleNamespace(monotonic=lambda: made.clock))
        return made

    return connect


def ask(work: Callable[[Graph], Any] | None = None, **given: Any) -> Any:
    """Do something with a client, normally one GET."""

    async def once(graph: Graph) -> Any:
        return await graph.call(SUBJECT, graph.client.organization.get)

    async def run() -> Any:
        async with open_graph(EntraConnection.from_parameters(parameters(**given))) as graph:
            return await (work or once)(graph)

    return asyncio.run(run())


def good(**content: Any) -> httpx.Response:
    return httpx.Response(200, json={"value": [], **content})


def bad(status: int, code: str | None = None, **headers: str) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if code is None:
        return httpx.Response(status, headers=sent)
    body = {"error": {"code": code, "message": "No.", "innerError": {"request-id": "r1"}}}
    return httpx.Response(status, headers=sent, json=body)


def test_a_request_carries_the_token_and_goes_to_the_cloud(network: Connect) -> None:
    made = network(good())
    ask(entra_cloud="us_government")
    (request,) = made.requests
    assert str(request.url) == "https://graph.microsoft.us/v1.0/organization"
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert made.credential.scopes == ["https://graph.microsoft.us/.default"]


def test_several_requests_in_one_loop(network: Connect) -> None:
    made = network(good())

    async def twice(graph: Graph) -> None:
        for _time in range(2):
            await graph.call(SUBJECT, graph.client.organization.get)

    ask(twice)
    assert len(made.requests) == 2


def test_each_task_has_a_loop_and_a_client_of_its_own(network: Connect) -> None:
    made = network(good())
    ask()
    ask()
    assert len(made.requests) == 2


@pytest.mark.parametrize(
    ("link", "is_trusted"),
    [
        (f"https://{HOST}/v1.0/organization?$skiptoken=2", True),
        ("https://evil.example/v1.0/organization?$skiptoken=2", False),
        (f"https://{HOST}.evil.example/v1.0/organization", False),
        (f"https://{HOST}@evil.example/v1.0/organization", False),
        (f"https://evil.example/{HOST}/v1.0/organization", False),
    ],
)
def test_only_our_host_gets_the_token(network: Connect, link: str, is_trusted: bool) -> None:
    made = network(good(**{"@odata.nextLink": link}), good())

    async def two_pages(graph: Graph) -> None:
        page = await graph.call(SUBJECT, graph.client.organization.get)
        assert page is not None
        assert page.odata_next_link == link
        following = graph.client.organization.with_url(link)
        await graph.call(SUBJECT, following.get)

    ask(two_pages)
    assert len(made.requests) == 2
    assert (TOKEN in made.requests[1].headers.get("Authorization", "")) is is_trusted


def test_a_redirect_is_not_followed_and_no_success(network: Connect) -> None:
    made = network(httpx.Response(302, headers={"Location": "https://evil.example/"}))
    with pytest.raises(NotUnderstood, match="HTTP 302, a redirect"):
        ask()
    assert len(made.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, html="<p>Please sign in to the hotel's network"),
        httpx.Response(200, content=b"{", headers={"Content-Type": "application/json"}),
        httpx.Response(200, json=["a list"]),
        httpx.Response(200, json="a text"),
        httpx.Response(201, text="Created"),
    ],
)
def test_a_success_that_is_not_one_of_graph(network: Connect, answer: httpx.Response) -> None:
    network(answer)
    with pytest.raises(NotUnderstood) as caught:
        ask()
    assert (caught.value.server, caught.value.subject) == (f"https://{HOST}", SUBJECT)
    assert caught.value.answer.startswith(f"HTTP {answer.status_code}, ")


def test_the_page_of_a_gateway_is_an_error_like_any_other(network: Connect) -> None:
    made = network(httpx.Response(502, html="<p>Bad gateway"))
    with pytest.raises(NotUnderstood, match="HTTP 502"):
        ask()
    assert len(made.requests) == 1


def test_an_error_of_graph_is_told_with_its_code_and_request_id(network: Connect) -> None:
    network(bad(403, "Authorization_RequestDenied"))
    with pytest.raises(Refused) as caught:
        ask()
    assert caught.value.answer == "HTTP 403 Authorization_RequestDenied, request-id r1"
    assert caught.value.problem == "Graph refused: No."
    assert TOKEN not in str(caught.value)


READ = Access("Organization.Read.All", "Directory Readers")


@pytest.mark.parametrize(
    ("answer", "is_told"),
    [
        (bad(403, "Authorization_RequestDenied"), True),
        # Conditional Access' own endpoints call it so.
        (bad(403, "AccessDenied"), True),
        (bad(403, "insufficient_claims"), False),
        (bad(400, "Request_BadRequest"), False),
        (bad(401, "InvalidAuthenticationToken"), False),
    ],
)
def test_what_was_needed_is_told_where_graph_denies_it(
    network: Connect, answer: httpx.Response, is_told: bool
) -> None:
    network(answer)

    async def with_access(graph: Graph) -> None:
        await graph.call(SUBJECT, graph.client.organization.get, access=READ)

    with pytest.raises(TenantopsError) as caught:
        ask(with_access)
    assert (READ.advice == caught.value.advice) is is_told


def test_a_permission_that_the_token_lacks_is_told_before_anything_is_asked(
    network: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = network(good())
    monkeypatch.setattr(f"{__name__}.TOKEN", "e30.eyJyb2xlcyI6WyJVc2VyLlJlYWQuQWxsIl19.sig")
    with pytest.raises(Refused, match=r"lacks the permission Organization\.Read\.All") as caught:
        ask(lambda graph: graph.require(READ))
    assert "Directory Readers" in caught.value.advice
    assert TOKEN not in str(caught.value)
    ask(lambda graph: graph.require(Access("User.Read.All", "Directory Readers")))
    ask(lambda graph: graph.require())
    assert made.requests == []


def test_a_token_that_does_not_tell_is_left_to_graph(network: Connect) -> None:
    network(good())
    ask(lambda graph: graph.require(READ))


@pytest.mark.parametrize(
    "answer",
    [
        bad(429, "TooManyRequests", Retry_After="200"),
        bad(429, Retry_After="200"),
        bad(503, Retry_After="200"),
        bad(504, "UnknownError", Retry_After="200"),
        bad(409, "Directory_ConcurrencyViolation", Retry_After="200"),
    ],
)
def test_what_graph_says_is_waited_for_though_the_sdk_would_not(
    network: Connect, answer: httpx.Response
) -> None:
    made = network(answer, answer, good())
    ask(entra_retry_time=600.0)
    assert made.slept == [200.0, 200.0]
    assert len(made.requests) == 3


def test_no_longer_than_the_operator_allows(network: Connect) -> None:
    made = network(bad(429, "TooManyRequests", Retry_After="200"))
    with pytest.raises(Refused, match="HTTP 429 TooManyRequests"):
        ask(entra_retry_time=599.0)
    assert made.slept == [200.0, 200.0]


def test_not_at_all_if_the_operator_says_so(network: Connect) -> None:
    made = network(bad(429, "TooManyRequests", Retry_After="1"))
    with pytest.raises(Refused):
        ask(entra_retry_time=0.0)
    assert made.slept == []


def test_ever_longer_where_graph_does_not_say(network: Connect) -> None:
    made = network(*[bad(503)] * 4, good())
    ask()
    assert made.slept == [1.0, 2.0, 4.0, 8.0]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (bad(400, "BadRequest"), Refused),
        (bad(401, "InvalidAuthenticationToken"), AuthenticationFailed),
        (bad(404, "Request_ResourceNotFound"), Refused),
        (bad(409, "ConflictingObjects"), Refused),
        (bad(500, "InternalServerError", Retry_After="1"), NotUnderstood),
        (bad(502), NotUnderstood),
        (httpx.ConnectError("[Errno 111] Connection refused"), ConnectionFailed),
        (httpx.ReadTimeout("timed out"), ConnectionFailed),
        (httpx.RemoteProtocolError("cut off"), ConnectionFailed),
        (httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"), NotTrusted),
    ],
)
def test_everything_else_is_final(
    network: Connect, answer: httpx.Response | Exception, kind: type[TenantopsError]
) -> None:
    made = network(answer)
    with pytest.raises(kind) as caught:
        ask()
    assert len(made.requests) == 1
    assert made.slept == []
    assert caught.value.server == f"https://{HOST}"


@pytest.mark.parametrize(
    ("first", "second", "is_certain"),
    [
        (bad(429, "TooManyRequests"), bad(403, "Authorization_RequestDenied"), True),
        (bad(504, "UnknownError"), bad(403, "Authorization_RequestDenied"), False),
        (bad(503), bad(409, "ConflictingObjects"), False),
        (bad(503), httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED]"), False),
    ],
)
def test_a_refusal_after_a_try_in_doubt_does_not_prove_that_nothing_was_written(
    network: Connect, first: httpx.Response, second: httpx.Response, is_certain: bool
) -> None:
    network(first, second)
    with pytest.raises(TenantopsError) as caught:
        ask()
    assert caught.value.nothing_written is is_certain


@pytest.mark.parametrize(
    ("answer", "times"), [(bad(429), 2), (bad(409, "Directory_ConcurrencyViolation"), 2)]
)
def test_what_must_not_be_done_twice_is_tried_again_where_nothing_was_done(
    network: Connect, answer: httpx.Response, times: int
) -> None:
    made = network(answer, good())
    ask(once_only)
    assert len(made.requests) == times


@pytest.mark.parametrize("answer", [bad(503, Retry_After="1"), bad(504), bad(500)])
def test_what_must_not_be_done_twice_is_left_in_doubt(
    network: Connect, answer: httpx.Response
) -> None:
    made = network(answer, good())
    with pytest.raises(NotUnderstood) as caught:
        ask(once_only)
    assert len(made.requests) == 1
    assert not caught.value.nothing_written


async def once_only(graph: Graph) -> Any:
    return await graph.call(SUBJECT, graph.client.organization.get, repeatable=False)


@pytest.mark.parametrize(("fails_at", "is_certain"), [(1, True), (2, False)])
def test_without_a_token_nothing_is_asked(
    network: Connect, fails_at: int, is_certain: bool
) -> None:
    made = network(bad(504), good())
    made.credential.fails_at = fails_at
    with pytest.raises(AuthenticationFailed, match="AADSTS7000222") as caught:
        ask()
    assert len(made.requests) == fails_at - 1
    assert caught.value.nothing_written is is_certain
    assert caught.value.subject == "tenant contoso.com"


def test_nothing_is_under_way_when_the_client_is_closed(network: Connect) -> None:
    """Whoever asks much, and fails amid the answers, leaves questions behind."""
    network(httpx.Response(200, json={"responses": [{"id": "0", "status": 200}]}))
    questions = (BatchRequest(str(number), "GET", "/users", "x") for number in range(100))
    kept: list[Any] = []

    async def work() -> None:
        async with open_graph(EntraConnection.from_parameters(parameters())) as graph:
            # Kept, so that nobody else ends it
            kept.append(asked := questions_of(graph, Pace(1.0), questions))
            await anext(asked)
            raise Unexpected

    async def run() -> None:
        with pytest.raises(Unexpected):
            await work()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(run())


class Unexpected(Exception):
    """What no part of the collection raises."""


def test_the_authorities_must_be_readable(tmp_path: Path) -> None:
    for name in ("missing.pem", "junk.pem"):
        path = tmp_path / name
        if name == "junk.pem":
            path.write_text("junk")
        with pytest.raises(InvalidInput, match="entra_ca_path must be a PEM file"):
            trust(str(path))


@pytest.mark.parametrize("ca_path", [None, ""])
def test_certificates_are_always_checked(ca_path: str | None) -> None:
    trusted = trust(ca_path)
    assert trusted.check_hostname
    assert trusted.verify_mode.name == "CERT_REQUIRED"


def test_only_microsofts_own_services_are_looked_up_in_its_discovery() -> None:
    assert EntraConnection.from_parameters(parameters()).sign_in.is_microsoft
    lab = EntraConnection.from_parameters(parameters(entra_authority="https://localhost:1"))
    assert not lab.sign_in.is_microsoft


def test_an_answer_that_others_judge_is_told_with_its_server(network: Connect) -> None:
    network()

    async def work(_graph: Graph) -> None:
        raise NotUnderstood("This is not a user", subject="users")

    with pytest.raises(NotUnderstood) as caught:
        ask(work)
    assert caught.value.server == f"https://{HOST}"
