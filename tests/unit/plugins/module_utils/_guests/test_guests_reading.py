# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading guests, with answers of our own in the place of Graph and of the sign-in service."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    NotUnderstood,
    TenantopsError,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph import json_pages
from ansible_collections.tenantops.migration.plugins.module_utils._graph.access import Access
from ansible_collections.tenantops.migration.plugins.module_utils._graph.client import Graph
from ansible_collections.tenantops.migration.plugins.module_utils._guests import reading
from ansible_collections.tenantops.migration.plugins.module_utils._guests.classified import (
    EVERYBODY,
    classified,
)
from ansible_collections.tenantops.migration.plugins.module_utils._guests.model import (
    Guest,
    SignInMethod,
)
from ansible_collections.tenantops.migration.plugins.module_utils._guests.selection import Selection
from ansible_collections.tenantops.migration.plugins.module_utils._realms.model import (
    Realm,
    RealmKind,
)
from ansible_collections.tenantops.migration.plugins.module_utils._realms.remembered import (
    RememberedRealms,
)

GRAPH = cast(Graph, SimpleNamespace(server="https://graph.example"))
NEXT = "https://graph.example/v1.0/users?$skiptoken="


def entry(number: int, issuer: str | None, domain: str = "litware.test", **fields: Any) -> Any:
    identities = [] if issuer is None else [{"signInType": "federated", "issuer": issuer}]
    return {
        "id": f"id-{number}",
        "userPrincipalName": f"p{number}_{domain}#EXT#@x.test",
        "mail": f"p{number}@{domain}",
        "userType": "Guest",
        "externalUserState": "Accepted",
        "identities": identities,
        **fields,
    }


class Pages:
    """Gives pages in order, and remembers how it was asked."""

    def __init__(self, *pages: Any) -> None:
        self.pages = list(pages)
        self.asked: list[tuple[str, str | None]] = []

    async def get(
        self,
        _graph: Graph,
        _subject: str,
        path: str,
        query: Mapping[str, str] | None,
        headers: Mapping[str, str],
        *,
        access: Access,
    ) -> Any:
        assert access is reading.READ_GUESTS
        # Without it Graph would leave the search to an index that cannot do it.
        assert headers == {"ConsistencyLevel": "eventual"}
        assert query is None or query["$count"] == "true"
        self.asked.append((path, None if query is None else query["$filter"]))
        number = len(self.asked)
        listed = self.pages[number - 1]
        if not isinstance(listed, list):
            return listed
        link = {} if number == len(self.pages) else {"@odata.nextLink": f"{NEXT}{number}"}
        return {"value": listed, **link}


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Pages:
    given = Pages()
    monkeypatch.setattr(json_pages, "get_json", given.get)
    return given


class Service:
    """Knows some domains, and counts how often it is asked about each."""

    def __init__(self, **kinds: RealmKind) -> None:
        self.kinds = {f"{name}.test": kind for name, kind in kinds.items()}
        self.asked: Counter[str] = Counter()

    async def kind(self, domain: str) -> RealmKind:
        self.asked[domain] += 1
        await asyncio.sleep(0)
        if domain not in self.kinds:
            raise NotUnderstood("It does not say", subject=domain)
        return self.kinds[domain]

    async def realm(self, domain: str) -> Realm:
        raise AssertionError(f"the tenant of {domain} does not matter")

    async def has_personal_account(self, mail_address: str) -> bool:
        raise AssertionError(f"{mail_address} is nobody's business")


def read(
    service: Service,
    selection: Selection = EVERYBODY,
    failures: dict[str, TenantopsError] | None = None,
) -> list[Guest]:
    async def collect() -> list[Guest]:
        found = classified(GRAPH, RememberedRealms(service), selection, failures)
        return [guest async for guest in found]

    return asyncio.run(collect())


def test_all_pages_in_order_and_each_domain_asked_about_once(pages: Pages) -> None:
    pages.pages = [
        [entry(1, "ExternalAzureAD"), entry(2, "mail", "nobody-asks.test")],
        [],
        [entry(3, "ExternalAzureAD", "viral.test"), entry(4, "ExternalAzureAD")],
    ]
    service = Service(litware=RealmKind.MANAGED, viral=RealmKind.VIRAL)

    assert [(guest.id, guest.method.value) for guest in read(service)] == [
        ("id-1", "entra_managed"),
        ("id-2", "one_time_passcode"),
        ("id-3", "entra_viral"),
        ("id-4", "entra_managed"),
    ]
    assert service.asked == {"litware.test": 1, "viral.test": 1}
    assert pages.asked == [
        ("users", "userType eq 'Guest'"),
        (f"{NEXT}1", None),
        (f"{NEXT}2", None),
    ]


def test_graph_searches_where_it_can(pages: Pages) -> None:
    pages.pages = [[entry(1, "facebook.com")]]
    assert read(Service(), Selection(methods=frozenset({SignInMethod.FACEBOOK})))
    assert pages.asked == [
        ("users", "userType eq 'Guest' and identities/any(c:c/issuer eq 'facebook.com')")
    ]


def test_graph_is_asked_once_for_each_method_that_it_can_search_for(pages: Pages) -> None:
    pages.pages = [{"value": [entry(1, "google.com")]}, {"value": [entry(2, "mail")]}]
    both = frozenset({SignInMethod.GOOGLE, SignInMethod.ONE_TIME_PASSCODE})
    assert [guest.id for guest in read(Service(), Selection(methods=both))] == ["id-1", "id-2"]


def test_graph_cannot_search_for_personal_and_work_accounts(pages: Pages) -> None:
    pages.pages = [[entry(1, "mail"), entry(2, "MicrosoftAccount"), entry(3, "ExternalAzureAD")]]
    both = frozenset({SignInMethod.MICROSOFT_ACCOUNT, SignInMethod.GOOGLE})
    service = Service()
    assert [guest.id for guest in read(service, Selection(methods=both))] == ["id-2"]
    assert pages.asked == [("users", "userType eq 'Guest'")]
    assert not service.asked


def test_only_domains_of_those_who_are_meant_are_asked_about(pages: Pages) -> None:
    pages.pages = [[entry(1, "ExternalAzureAD"), entry(2, "ExternalAzureAD", "viral.test")]]
    service = Service(litware=RealmKind.MANAGED, viral=RealmKind.VIRAL)
    found = read(service, Selection(domains=frozenset({"viral.test"})))
    assert [guest.id for guest in found] == ["id-2"]
    assert service.asked == {"viral.test": 1}


def test_domain_that_nothing_is_said_about_is_told_beside_the_others(pages: Pages) -> None:
    pages.pages = [[entry(1, "ExternalAzureAD"), entry(2, "ExternalAzureAD", "odd.test")]]
    failures: dict[str, TenantopsError] = {}
    found = read(Service(litware=RealmKind.MANAGED), failures=failures)
    assert [guest.method.value for guest in found] == ["entra_managed", "entra_unresolved"]
    assert set(failures) == {"odd.test"}


def test_domain_that_nothing_is_said_about_stops_who_must_know(pages: Pages) -> None:
    pages.pages = [[entry(2, "ExternalAzureAD", "odd.test")]]
    with pytest.raises(NotUnderstood, match="It does not say"):
        read(Service())


@pytest.mark.parametrize(
    "page",
    [
        {},
        {"value": None},
        {"value": {}},
        {"value": ["a guest"]},
        {"value": [{**entry(1, "mail"), "userType": "Member"}]},
        {"value": [], "@odata.nextLink": 7},
        {"value": [], "@odata.nextLink": f"{NEXT}1"},
    ],
)
def test_what_is_no_page_of_guests(pages: Pages, page: Any) -> None:
    first = {"value": [], "@odata.nextLink": f"{NEXT}1"}
    pages.pages = [first, page, {"value": []}]
    with pytest.raises(NotUnderstood):
        read(Service())


def test_whom_it_would_lock_out_to_turn_the_passcode_off(pages: Pages) -> None:
    pending = {"externalUserState": "PendingAcceptance"}
    pages.pages = [
        [entry(1, "mail"), entry(2, "mail", **pending), entry(3, "mail", mail=None)],
        [
            entry(1, "mail"),
            entry(4, "mail", userType="Member"),
            entry(5, "mail", externalUserState="Odd"),
        ],
    ]

    found = asyncio.run(reading.passcode_guests(GRAPH))

    assert found.ids == {"id-1", "id-3", "id-4", "id-5"}
    assert found.count == 4
    assert found.examples == (
        "p1@litware.test",
        "p3_litware.test#EXT#@x.test",
        "p4@litware.test",
        "p5@litware.test",
    )
    assert pages.asked[0] == ("users", "identities/any(c:c/issuer eq 'mail')")


def test_no_more_than_a_few_examples(pages: Pages) -> None:
    pages.pages = [[entry(number, "mail") for number in range(50)]]
    found = asyncio.run(reading.passcode_guests(GRAPH))
    assert (found.count, len(found.ids)) == (50, 50)
    assert found.examples == tuple(f"p{number}@litware.test" for number in range(5))
