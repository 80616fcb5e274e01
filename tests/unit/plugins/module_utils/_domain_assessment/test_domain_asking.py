# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._domain_assessment import (
    asking,
    summary,
)
from ansible_collections.tenantops.migration.plugins.module_utils._domain_assessment.model import (
    Assessed,
    BadEntry,
    DnsFacts,
    Entry,
    Judgement,
    Option,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ConnectionFailed,
    InvalidInput,
    NotUnderstood,
)
from ansible_collections.tenantops.migration.plugins.module_utils._realms.model import (
    Realm,
    RealmKind,
)

_FACTS = DnsFacts("contoso.test", dns_hosts=("h.test",))


@dataclass
class Service:
    """A sign-in service that knows every domain as unknown; those with "slow" take longer."""

    under_way: int = 0
    most_under_way: int = 0

    async def realm(self, domain: str) -> Realm:
        if "broken" in domain:
            raise NotUnderstood("no realm", subject=domain)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        for _turn in range(20 if "slow" in domain else 1):
            await asyncio.sleep(0)
        self.under_way -= 1
        return Realm(domain, RealmKind.UNKNOWN)

    async def has_personal_account(self, mail_address: str) -> bool:
        return mail_address.startswith("personal")


@dataclass
class Lookup:
    """DNS as a function, which notes what it was asked."""

    asked: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, domain: str) -> DnsFacts:
        with self.lock:
            self.asked.append(domain)
        if "unreachable" in domain:
            raise ConnectionFailed("no answer", subject=domain)
        return _FACTS


def _assess(
    entries: Iterable[Entry | BadEntry],
    *,
    service: Service | None = None,
    look_up: Callable[[str], DnsFacts] | None = None,
    in_flight: int = 4,
    take: Callable[[Assessed], None] | None = None,
) -> list[Assessed]:
    service = service or Service()
    taken: list[Assessed] = []

    async def run() -> None:
        with ThreadPoolExecutor(2) as threads:
            dns = asking.DnsByDomain(look_up or Lookup(), threads)
            await asking.assess_all(
                entries,
                asking.Assessor(service, service, dns),
                take or taken.append,
                in_flight=in_flight,
            )

    asyncio.run(run())
    return taken


def test_all_that_can_be_found_out_is() -> None:
    (found,) = _assess([Entry("contoso.test", "personal@contoso.test")])

    assert found.realm == Realm("contoso.test", RealmKind.UNKNOWN)
    assert (found.is_personal, found.dns, found.errors) == (True, _FACTS, ())
    assert found.judgement is not None


def test_whether_a_domain_is_a_person_is_not_asked() -> None:
    (found,) = _assess([Entry("contoso.test")])

    assert found.is_personal is None


def test_order_is_that_of_the_list_whoever_answers_first() -> None:
    entries = [Entry(f"slow{at}.test" if at % 3 == 0 else f"fast{at}.test") for at in range(30)]

    assert [found.entry for found in _assess(entries)] == entries


def test_no_more_are_under_way_than_may_be() -> None:
    service = Service()
    drawn = 0
    taken = 0

    def entries() -> Iterator[Entry]:
        nonlocal drawn
        for at in range(50):
            drawn += 1
            assert drawn - taken <= 4
            yield Entry(f"slow{at}.test")

    def take(_found: Assessed) -> None:
        nonlocal taken
        taken += 1

    _assess(entries(), service=service, in_flight=3, take=take)

    assert taken == 50
    assert service.most_under_way == 3


def test_each_domain_is_looked_up_once() -> None:
    lookup = Lookup()
    _assess([Entry("contoso.test", f"p{at}@contoso.test") for at in range(20)], look_up=lookup)

    assert lookup.asked == ["contoso.test"]


def test_what_is_not_known_is_an_error_and_the_rest_is_told() -> None:
    bad = BadEntry("x", InvalidInput("no domain"), 3)
    no_realm, no_dns, wrong, good = _assess(
        [Entry("broken.test"), Entry("unreachable.test"), bad, Entry("contoso.test")]
    )

    assert (no_realm.realm, no_realm.judgement, no_realm.dns) == (None, None, _FACTS)
    assert [error.kind for error in no_realm.errors] == ["not_understood"]
    assert no_dns.judgement is not None
    assert no_dns.judgement.option is Option.ADD_DOMAIN
    assert [error.kind for error in no_dns.errors] == ["connection_failed"]
    assert (wrong.entry, wrong.errors) == (bad, (bad.error,))
    assert good.errors == ()


def test_list_that_breaks_off_ends_the_assessment() -> None:
    def take(_found: Assessed) -> None:
        raise InvalidInput("no room")

    with pytest.raises(InvalidInput, match="no room"):
        _assess([Entry(f"slow{at}.test") for at in range(20)], take=take)


def _row(option: Option | None, domain: str = "contoso.test", *, failed: bool = False) -> Assessed:
    return Assessed(
        Entry(domain),
        realm=Realm(domain, RealmKind.VIRAL),
        dns=_FACTS,
        judgement=None if option is None else Judgement(option, "reason"),
        errors=(NotUnderstood("x"),) if failed else (),
    )


def test_rows_with_errors_come_first_then_those_with_work_to_do() -> None:
    first = summary.FirstRows(4)
    for at, option in enumerate(
        [Option.WORK_ACCOUNT, Option.ADD_DOMAIN, Option.TAKE_OVER, Option.NEW_ACCOUNT]
    ):
        first.add(_row(option, f"d{at}.test"))
    first.add(_row(None, "failed.test", failed=True))

    assert [row["domain"] for row in first.rows] == ["failed.test", "d2.test", "d3.test", "d1.test"]


def test_entries_are_counted_by_option_and_domains_once() -> None:
    told = summary.Summary()
    for _time in range(3):
        told.add(_row(Option.TAKE_OVER))
    told.add(_row(Option.TAKE_OVER, "fabrikam.test", failed=True))
    told.add(Assessed(BadEntry("x", InvalidInput("bad")), errors=(InvalidInput("bad"),)))

    assert told.to_json() == {
        "entries": 5,
        "domains": 2,
        "failed": 2,
        "personal_accounts": 0,
        "options": {"take_over": 4, "new_account": 0, "add_domain": 0, "work_account": 0},
        "realms": {"unknown": 0, "managed": 0, "federated": 0, "viral": 2},
        "dns_hosts": {"h.test": 2},
    }
