# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who says what about one TXT record set, and whether that is what is expected. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .._changes.model import JsonValue
from .._txt_records.model import TxtRRset

# Between two looks, in seconds: at first and at most.
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
# While only caches are waited for, which tell how long they will keep what they have. A resolver
# can be many machines with a cache each, so it can end sooner than one of them says.
_LONGEST_CACHE_PAUSE = 60.0

_SHOWN_IN_PROGRESS = 3
_LONGEST_SHOWN = 60


@dataclass(frozen=True)
class Server:
    """One address of a server. `address` is empty where none was found for its name."""

    name: str
    address: str
    is_resolver: bool = False

    def __str__(self) -> str:
        is_named = bool(self.address) and not self.address.startswith((self.name, f"[{self.name}]"))
        return f"{self.name} ({self.address})" if is_named else self.address or self.name


class Status(StrEnum):
    """How what a server says stands to what is expected."""

    AS_EXPECTED = "as_expected"
    DIFFERS = "differs"
    # It gave no answer that can be used.
    FAILED = "failed"
    # A resolver that would keep the old answer in its cache if it were asked too early.
    NOT_ASKED = "not_asked"
    # This machine has no way to the address, such as one of IPv6 where there is only IPv4.
    NO_ROUTE = "no_route"


@dataclass(frozen=True)
class Said:
    """What a server said: a record set, or (null) why there is none to tell.

    `kept_for` is for how many seconds a resolver will keep giving this answer from its cache.
    `status` is set where the server was not asked, or to no avail.
    """

    server: Server
    rrset: TxtRRset | None = None
    kept_for: int | None = None
    status: Status | None = None
    problem: str = ""


@dataclass(frozen=True)
class Expected:
    """What the servers are to say, by the bytes of the values.

    `is_all`: nothing but `present`. `ttl` is what authoritative servers are to say; null is any.
    """

    present: frozenset[bytes] = frozenset()
    absent: frozenset[bytes] = frozenset()
    is_all: bool = False
    ttl: int | None = None

    def shortfall(self, found: TxtRRset, *, is_resolver: bool = False) -> list[str]:
        """What is not as expected; nothing if all is."""
        contents = {value.content for value in found.values}
        unwanted = contents - self.present if self.is_all else contents & self.absent
        told = [f"{_shown(content)} is missing" for content in sorted(self.present - contents)]
        told += [f"{_shown(content)} is there" for content in sorted(unwanted)]
        # The TTL that a resolver tells is what is left of it.
        is_other_ttl = not is_resolver and found.ttl not in (None, self.ttl)
        if self.ttl is not None and is_other_ttl:
            told.append(f"the TTL is {found.ttl} and not {self.ttl}")
        return told


@dataclass(frozen=True)
class Row:
    """What one server said, judged. `remark` tells what is wrong, if anything."""

    said: Said
    status: Status
    remark: str

    @property
    def server(self) -> Server:
        return self.said.server

    @property
    def is_open(self) -> bool:
        """Whether it has to be waited for."""
        return self.status not in (Status.AS_EXPECTED, Status.NO_ROUTE)

    def __str__(self) -> str:
        return f"{self.server}: {self.remark or 'as expected'}"

    def to_json(self) -> dict[str, JsonValue]:
        """The row as a task returns it."""
        rrset = self.said.rrset
        values: list[JsonValue] = [*rrset.texts] if rrset is not None else []
        return {
            "server": self.server.name,
            "address": self.server.address,
            "kind": "resolver" if self.server.is_resolver else "authoritative",
            "status": self.status.value,
            "txt_values": None if rrset is None else values,
            "ttl": None if rrset is None else rrset.ttl,
            "problem": self.remark,
        }


@dataclass(frozen=True)
class Table:
    """Who says what about the TXT records of `owner` (a name without the final dot)."""

    owner: str
    rows: tuple[Row, ...]

    @property
    def is_settled(self) -> bool:
        """Whether every server says what is expected, each at one address at least."""
        return not self.open_rows

    @property
    def open_rows(self) -> list[Row]:
        """Those to wait for. A server that could be asked at no address is among them."""
        asked = {_host(row) for row in self.rows if row.status != Status.NO_ROUTE}
        return [row for row in self.rows if row.is_open or _host(row) not in asked]

    @property
    def agreed(self) -> TxtRRset | None:
        """What all authoritative servers say that could be asked; null if they do not agree."""
        said = [row.said for row in self.rows if not row.server.is_resolver]
        sets = [each.rrset for each in said if each.status != Status.NO_ROUTE]
        first = sets[0] if sets else None
        is_one = first is not None and all(
            each is not None and _contents(each) == _contents(first) for each in sets
        )
        return first if is_one else None

    def progress(self, left: float) -> str:
        """One line for people; `left` are the seconds that there are still to wait."""
        waiting = self.open_rows
        shown = [str(row) for row in waiting[:_SHOWN_IN_PROGRESS]]
        if len(waiting) > len(shown):
            shown.append(f"and {len(waiting) - len(shown)} more")
        done = len(self.rows) - len(waiting)
        return (
            f"{self.owner} TXT: {done} of {len(self.rows)} servers have it as expected; waiting "
            f"up to {left:.0f} s more for {'; '.join(shown)}"
        )

    def to_json(self) -> list[JsonValue]:
        """The table as a task returns it."""
        return [row.to_json() for row in self.rows]

    def __str__(self) -> str:
        return "; ".join(map(str, self.rows))


def judged(owner: str, said: Sequence[Said], expected: Expected | None) -> Table:
    """What was said, judged. Without expectation, all have to say what the first one says."""
    wanted = expected or _as_first_said(said)
    return Table(owner, tuple(_row(each, wanted) for each in said))


def pause_after(table: Table, looks: int) -> float:
    """For how many seconds not to look again after so many looks, the last of which is `table`."""
    pause = min(_FIRST_PAUSE * 2.0 ** (looks - 1), _LONGEST_PAUSE)
    waiting = table.open_rows
    kept = [row.said.kept_for for row in waiting if row.said.kept_for is not None]
    if not kept or any(not row.server.is_resolver for row in waiting):
        return pause
    # A second more, because TTLs are whole seconds.
    return min(max(pause, min(kept) + 1), _LONGEST_CACHE_PAUSE)


def advice(table: Table) -> str:
    """What the operator can do about those that were waited for in vain."""
    waiting = table.open_rows
    authorities = [row for row in waiting if not row.server.is_resolver]
    told = []
    if any(row.status == Status.FAILED for row in authorities):
        told.append(
            "Have the name servers that do not answer repaired, or taken out of the zone's NS "
            "records: whoever looks the records up may ask any of them."
        )
    is_somewhere = any(
        row.status == Status.AS_EXPECTED for row in table.rows if not row.server.is_resolver
    )
    if is_somewhere and any(row.status == Status.DIFFERS for row in authorities):
        told.append(
            "Look why a name server does not follow the zone's primary (NOTIFY, zone transfer)."
        )
    if any(row.status == Status.NO_ROUTE for row in authorities):
        told.append("Run this where there is a way to each name server.")
    told += [
        f"{row.server} may keep its old answer for {row.said.kept_for} s more."
        for row in waiting
        if row.status == Status.DIFFERS and row.said.kept_for
    ]
    return " ".join([*told, "Run it again, with a longer wait if it only takes time."])


def _as_first_said(said: Iterable[Said]) -> Expected:
    found = next((each.rrset for each in said if each.rrset is not None), TxtRRset())
    return Expected(present=_contents(found), is_all=True)


def _row(said: Said, expected: Expected) -> Row:
    if said.status is not None:
        return Row(said, said.status, said.problem)
    if said.rrset is None:
        return Row(said, Status.FAILED, said.problem)
    shortfall = expected.shortfall(said.rrset, is_resolver=said.server.is_resolver)
    status = Status.DIFFERS if shortfall else Status.AS_EXPECTED
    return Row(said, status, ", ".join(shortfall))


def _host(row: Row) -> Any:
    return (row.server.name, row.server.is_resolver)


def _contents(rrset: TxtRRset) -> frozenset[bytes]:
    return frozenset(value.content for value in rrset.values)


def _shown(content: bytes) -> str:
    text = content.decode("utf-8", "backslashreplace")
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
