# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the sign-in service is asked: never more than it takes, never for longer than allowed.

The time of these tests is made up: waiting takes none, and is told exactly.
"""

from __future__ import annotations

import asyncio
import re
import selectors
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ConnectionFailed,
    InvalidInput,
    NotTrusted,
    NotUnderstood,
    Refused,
    TenantopsError,
)
from ansible_collections.tenantops.migration.plugins.module_utils._pace import Pace
from ansible_collections.tenantops.migration.plugins.module_utils._realms.bulk import (
    Found,
    NotFound,
    find_all,
)
from ansible_collections.tenantops.migration.plugins.module_utils._realms.discovery import (
    RealmConnection,
    Realms,
)
from ansible_collections.tenantops.migration.plugins.module_utils._realms.model import (
    Account,
    Realm,
    RealmKind,
)
from ansible_collections.tenantops.migration.plugins.module_utils._realms.remembered import (
    RememberedRealms,
)

TENANT = "8f7d1a52-6f0e-4a63-9c8e-3b1f0d9a4e01"
RETRY_TIME = 100
Result = TypeVar("Result")


class JumpingSelector(selectors.SelectSelector):
    """Instead of waiting, lets the time pass."""

    now = 1000.0

    def select(self, timeout: float | None = None) -> Any:
        events = super().select(0)
        if not events:
            assert timeout is not None, "everybody waits, and for nothing"
            self.now += timeout
        return events


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop in a time of its own."""

    def __init__(self) -> None:
        self.jumping = JumpingSelector()
        super().__init__(self.jumping)

    def time(self) -> float:
        return self.jumping.now


@dataclass
class Service:
    """A sign-in service: known domains, and what it answers instead of the truth."""

    known: dict[str, dict[str, Any]] = field(default_factory=dict)
    instead: Callable[[httpx.Request, int], httpx.Response | Exception | None] = (
        lambda _request, _number: None
    )
    seconds: float = 0.01
    asked: list[tuple[float, str]] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0

    async def answer(self, request: httpx.Request) -> httpx.Response:
        loop = asyncio.get_running_loop()
        self.asked.append((loop.time(), str(request.url)))
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await asyncio.sleep(self.seconds)
        self.under_way -= 1
        other = self.instead(request, len(self.asked))
        if isinstance(other, Exception):
            raise other
        return other or self._truth(request)

    def _truth(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/common/userrealm":
            assert request.url.params["api-version"] == "2.1"
            user = request.url.params["user"]
            domain = user.rpartition("@")[2]
            fields = {"Login": user, **self.known.get(domain, {"NameSpaceType": "Unknown"})}
            if request.url.params.get("checkForMicrosoftAccount") == "true":
                fields["MicrosoftAccount"] = 0 if user.startswith("personal") else 1
            return httpx.Response(200, json=fields)
        domain = request.url.path.split("/")[1]
        assert request.url.path == f"/{domain}/v2.0/.well-known/openid-configuration"
        if domain not in self.known:
            return httpx.Response(400, json={"error_description": "AADSTS90002: not found"})
        issuer = f"https://login.example/{TENANT}/v2.0"
        instance = "microsoftonline.com"
        return httpx.Response(200, json={"issuer": issuer, "cloud_instance_name": instance})

    @property
    def times(self) -> list[float]:
        return [moment for moment, _url in self.asked]

    def ask(
        self,
        work: Callable[[Realms], Awaitable[Result]],
        *,
        in_flight: int = 4,
        per_second: float = 20.0,
        retry_time: float = RETRY_TIME,
    ) -> Result:
        """Do something with the service in a loop whose time is made up."""

        async def run() -> Result:
            pace = Pace(per_second, clock=asyncio.get_running_loop().time)
            connection = RealmConnection("https://login.example", None, 30.0, retry_time)
            transport = httpx.MockTransport(self.answer)
            async with httpx.AsyncClient(
                base_url=connection.authority, transport=transport
            ) as client:
                return await work(Realms(client, connection, pace, in_flight))

        with asyncio.Runner(loop_factory=JumpingLoop) as runner:
            return runner.run(run())

    def find(
        self, names: list[str], *, personal_accounts: bool = True, **how: Any
    ) -> list[Found | NotFound]:
        """Find out about many names."""

        async def work(realms: Realms) -> list[Found | NotFound]:
            remembered = RememberedRealms(realms)
            return await find_all(
                names, remembered, personal_accounts=personal_accounts, in_flight=10
            )

        return self.ask(work, **how)


def managed(**fields: Any) -> dict[str, Any]:
    return {"NameSpaceType": "Managed", **fields}


def throttled(seconds: int | None = None) -> httpx.Response:
    return httpx.Response(429, headers={} if seconds is None else {"Retry-After": str(seconds)})


def once(
    response: httpx.Response | Exception, *, number: int = 1
) -> Callable[[httpx.Request, int], httpx.Response | Exception | None]:
    return lambda _request, asked: response if asked == number else None


@pytest.fixture
def service() -> Service:
    return Service(
        known={
            "contoso.com": managed(DomainName="contoso.com", FederationBrandName="Contoso"),
            "viral.example": managed(IsViral=True),
            "xn--bcher-kva.example": managed(DomainName="bücher.example"),
        }
    )


class TestOneQuestion:
    def test_a_known_domain_takes_two_requests(self, service: Service) -> None:
        realm = service.ask(lambda realms: realms.realm("Contoso.com."))
        assert realm == Realm("contoso.com", RealmKind.MANAGED, TENANT, "global", "Contoso")
        assert len(service.asked) == 2

    def test_an_unknown_domain_takes_one(self, service: Service) -> None:
        realm = service.ask(lambda realms: realms.realm("nobody.example"))
        assert realm == Realm("nobody.example", RealmKind.UNKNOWN)
        assert len(service.asked) == 1

    def test_unicode(self, service: Service) -> None:
        realm = service.ask(lambda realms: realms.realm("bücher.example"))
        assert (realm.domain, realm.kind) == ("xn--bcher-kva.example", RealmKind.MANAGED)

    def test_an_address(self, service: Service) -> None:
        account = service.ask(lambda realms: realms.account("personal+x@viral.example"))
        realm = Realm("viral.example", RealmKind.VIRAL, TENANT, "global", None)
        assert account == Account("personal+x@viral.example", realm, is_personal=True)
        # A plus must not become a space on the way.
        assert "user=personal%2Bx%40viral.example" in service.asked[-1][1]

    def test_what_is_no_domain_is_not_asked_about(self, service: Service) -> None:
        with pytest.raises(InvalidInput):
            service.ask(lambda realms: realms.realm("192.0.2.1"))
        assert service.asked == []

    @pytest.mark.parametrize(
        ("response", "told"),
        [
            (httpx.Response(200, text="<html>sign in</html>"), "not a JSON object"),
            (httpx.Response(200, json=["Managed"]), "not a JSON object"),
            (httpx.Response(200), "not a JSON object"),
            (httpx.Response(204), "HTTP 204"),
            (httpx.Response(302, headers={"Location": "https://proxy.example"}), "HTTP 302"),
            (httpx.Response(400, text="AADSTS90023: no"), "HTTP 400 AADSTS90023"),
            (httpx.Response(404), "HTTP 404"),
            (httpx.Response(500), "HTTP 500"),
        ],
    )
    def test_what_is_no_answer_is_an_error_at_once(
        self, service: Service, response: httpx.Response, told: str
    ) -> None:
        service.instead = once(response)
        with pytest.raises(NotUnderstood) as caught:
            service.ask(lambda realms: realms.realm("contoso.com"))
        assert told in caught.value.answer
        assert caught.value.subject == "contoso.com"
        assert len(service.asked) == 1

    def test_a_known_domain_without_a_tenant_is_an_error(self, service: Service) -> None:
        service.instead = once(httpx.Response(400, text="AADSTS90002: no"), number=2)
        with pytest.raises(NotUnderstood, match="AADSTS90002"):
            service.ask(lambda realms: realms.realm("contoso.com"))

    @pytest.mark.parametrize("status", [429, 503, 504])
    @pytest.mark.parametrize("retry_after", [None, 0, 7])
    def test_throttled_ones_are_asked_again(
        self, service: Service, status: int, retry_after: int | None
    ) -> None:
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        service.instead = once(httpx.Response(status, headers=headers))
        realm = service.ask(lambda realms: realms.realm("nobody.example"))
        assert realm.kind is RealmKind.UNKNOWN
        first, second = service.times
        # Without a word of the service one second, and never sooner than our own pace.
        least = {None: 1.0, 0: 0.05, 7: 7.0}[retry_after]
        assert second - first == pytest.approx(least, abs=0.02)

    def test_accounts_not_looked_up_are_asked_about_again(self, service: Service) -> None:
        service.instead = once(httpx.Response(200, json=managed(MicrosoftAccount=2)))
        found = service.ask(lambda realms: realms.has_personal_account("a@viral.example"))
        assert found is False
        assert len(service.asked) == 2

    def test_a_pause_longer_than_the_operator_waits_is_an_error_at_once(
        self, service: Service
    ) -> None:
        service.instead = once(throttled(RETRY_TIME + 1))
        with pytest.raises(Refused, match="asked less"):
            service.ask(lambda realms: realms.realm("nobody.example"))
        assert len(service.asked) == 1

    def test_the_time_is_all_that_it_takes(self, service: Service) -> None:
        service.instead = lambda _request, _number: throttled(9)
        with pytest.raises(Refused) as caught:
            service.ask(lambda realms: realms.realm("nobody.example"))
        assert caught.value.answer == "HTTP 429"
        assert service.times[-1] - service.times[0] <= RETRY_TIME
        assert len(service.asked) == 12

    def test_no_time_for_trying_again(self, service: Service) -> None:
        service.instead = once(throttled(1))
        with pytest.raises(Refused):
            service.ask(lambda realms: realms.realm("nobody.example"), retry_time=0.0)
        assert len(service.asked) == 1

    def test_a_connection_that_breaks_is_made_again_a_few_times(self, service: Service) -> None:
        service.instead = once(httpx.RemoteProtocolError("closed"))
        assert service.ask(lambda realms: realms.realm("contoso.com")).tenant_id == TENANT

        service.asked.clear()
        service.instead = lambda _request, _number: httpx.ConnectError("refused")
        with pytest.raises(ConnectionFailed, match="refused"):
            service.ask(lambda realms: realms.realm("contoso.com"))
        assert len(service.asked) == 4

    def test_who_is_not_trusted_is_not_asked_again(self, service: Service) -> None:
        error = httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed")
        service.instead = lambda _request, _number: error
        with pytest.raises(NotTrusted):
            service.ask(lambda realms: realms.realm("contoso.com"))
        assert len(service.asked) == 1


def failures(results: list[Found | NotFound]) -> list[TenantopsError]:
    return [result.error for result in results if isinstance(result, NotFound)]


def windows(times: list[float], seconds: float) -> Iterator[int]:
    """How many requests were sent in the seconds that begin with each of them."""
    for start in times:
        yield sum(1 for moment in times if start <= moment < start + seconds)


class TestManyQuestions:
    names = tuple(f"d{number}.example" for number in range(200))

    def test_all_are_answered_in_their_order(self, service: Service) -> None:
        names = ["viral.example", *self.names, "1.2.3.4", "contoso.com", "", "a@viral.example"]
        results = service.find(names)
        assert [result.name for result in results] == names
        kinds = {result.name: result.to_json().get("kind") for result in results}
        assert Counter(kinds.values()) == {"unknown": 200, "viral": 2, "managed": 1, None: 2}
        assert [error.kind for error in failures(results)] == ["invalid_input"] * 2

    def test_each_domain_and_each_address_is_asked_about_once(self, service: Service) -> None:
        names = ["viral.example", "Viral.Example.", "a@viral.example", "b@VIRAL.example"] * 5
        results = service.find([*names, "c@nobody.example", "nobody.example"])
        assert failures(results) == []
        # An address is asked about each time it stands there.
        asked = Counter(re.sub(r".*user=|&.*", "", url) for _moment, url in service.asked)
        assert asked["user%40viral.example"] == asked["user%40nobody.example"] == 1
        assert sum("openid" in url for _moment, url in service.asked) == 1

    def test_of_an_address_only_the_domain_is_sent_if_that_is_enough(
        self, service: Service
    ) -> None:
        (found,) = service.find(["anna@viral.example"], personal_accounts=False)
        assert found.to_json()["personal_account"] is None
        assert not any("anna" in url or "Microsoft" in url for _moment, url in service.asked)

    def test_never_more_than_allowed(self, service: Service) -> None:
        service.seconds = 3.0
        service.find(list(self.names), in_flight=3, per_second=5.0)
        assert service.most_under_way == 3
        assert max(windows(service.times, 0.99)) <= 5

        service.seconds, service.asked = 0.0, []
        service.find(list(self.names), in_flight=50, per_second=5.0)
        assert max(windows(service.times, 0.99)) <= 5

    def test_all_wait_when_the_service_asks_for_it(self, service: Service) -> None:
        service.instead = once(throttled(30), number=50)
        results = service.find(list(self.names))
        assert failures(results) == []
        # Nothing is sent but by those that were on their way already, and nothing is lost.
        asked_at = service.times[49]
        while_paused = [moment for moment in service.times if asked_at < moment < asked_at + 30]
        assert len(while_paused) <= 1
        assert len(service.asked) == len(self.names) + 1
        assert max(windows(service.times, 0.99)) <= 20

    def test_a_limit_of_the_service_is_found_out_without_loss(self, service: Service) -> None:
        taken: list[float] = []

        def limit(_request: httpx.Request, _number: int) -> httpx.Response | None:
            now = asyncio.get_running_loop().time()
            if sum(moment > now - 1 for moment in taken) >= 10:
                return throttled(1)
            taken.append(now)
            return None

        service.instead = limit
        results = service.find(list(self.names), in_flight=8, per_second=100.0)
        assert failures(results) == []
        assert len(taken) == len(self.names)
        # At most those that are under way are sent in vain, once for each pause.
        assert len(service.asked) <= len(taken) * 1.8

    def test_one_bad_domain_does_not_hold_the_others_up(self, service: Service) -> None:
        def bad(request: httpx.Request, _number: int) -> httpx.Response | None:
            return httpx.Response(503) if "d7.example" in str(request.url) else None

        service.instead = bad
        results = service.find(list(self.names), per_second=1000.0)
        (error,) = failures(results)
        assert (error.kind, error.subject) == ("not_understood", "d7.example")
        others = [moment for moment, url in service.asked if "d7.example" not in url]
        assert others[-1] - others[0] < 5

    @pytest.mark.parametrize(
        ("nothing", "kind"),
        [
            (httpx.ConnectError("refused"), "connection_failed"),
            (httpx.ReadTimeout("slow"), "connection_failed"),
            (httpx.ConnectError("CERTIFICATE_VERIFY_FAILED"), "not_trusted"),
            (throttled(40), "refused"),
            (throttled(4000), "refused"),
            (throttled(), "refused"),
            (httpx.Response(503), "not_understood"),
        ],
    )
    def test_a_service_that_is_down_is_not_waited_for_by_each(
        self, service: Service, nothing: httpx.Response | Exception, kind: str
    ) -> None:
        service.instead = lambda _request, _number: nothing
        results = service.find(list(self.names), in_flight=4)
        errors = failures(results)
        assert [error.subject for error in errors] == list(self.names)
        assert {error.kind for error in errors} == {kind}
        # One question's time is all that is spent on it.
        assert service.times[-1] - service.times[0] <= RETRY_TIME
        assert len(service.asked) <= 4 * 10

    def test_a_service_that_comes_back_is_used(self, service: Service) -> None:
        service.instead = lambda _request, number: (
            httpx.ConnectError("refused") if 20 <= number < 30 else None
        )
        assert failures(service.find(list(self.names))) == []

    def test_without_time_for_trying_again_the_others_are_still_asked(
        self, service: Service
    ) -> None:
        service.instead = once(httpx.Response(503), number=20)
        assert len(failures(service.find(list(self.names), retry_time=0.0))) == 1

    def test_a_failure_is_not_tried_again_for_each_address(self, service: Service) -> None:
        service.instead = lambda _request, _number: httpx.Response(400)
        results = service.find([f"u{number}@contoso.com" for number in range(20)])
        assert len(failures(results)) == 20
        assert len(service.asked) == 1


def test_one_who_gives_up_does_not_take_the_answer_from_the_others(service: Service) -> None:
    async def work(realms: Realms) -> Realm:
        remembered = RememberedRealms(realms)
        first = asyncio.ensure_future(remembered.realm("contoso.com"))
        second = asyncio.ensure_future(remembered.realm("contoso.com"))
        await asyncio.sleep(0)
        first.cancel()
        return await second

    assert service.ask(work).tenant_id == TENANT


def test_what_is_told_of_a_name() -> None:
    realm = Realm("contoso.com", RealmKind.VIRAL, TENANT, "global", None)
    told = {
        "domain": "contoso.com",
        "kind": "viral",
        "tenant_id": TENANT,
        "cloud": "global",
        "brand": None,
    }
    assert Found("Contoso.com", realm).to_json() == {
        "name": "Contoso.com",
        **told,
        "personal_account": None,
    }
    account = Account("a@contoso.com", realm, is_personal=False)
    assert Found("A@Contoso.com", account).to_json() == {
        "name": "A@Contoso.com",
        **told,
        "personal_account": False,
    }
