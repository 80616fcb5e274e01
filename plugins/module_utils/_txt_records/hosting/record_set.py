# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TXT record sets at DNS hosting companies, written so that nothing else there changes.

What all companies have in common: read, refuse what cannot be kept, write, read back, compare, and
put back what else has changed. A file for each company says how it is asked. Private to the
collection: it can change in any release.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

from ..._doors.progress import tell
from ..._errors import (
    ChangedMeanwhile,
    ConnectionFailed,
    InvalidInput,
    NotAsWritten,
    NotUnderstood,
    Refused,
    TenantopsError,
    write_was_sent,
)
from ..model import DEFAULT_TTL, RRsetName, TxtRRset, TxtValue
from .account import Account
from .answers import Throttled

# Some companies show a moment later what was written.
READ_BACK_PAUSES = (0.0, 1.0, 2.0, 4.0)
_READ_PAUSES = (0.5, 2.0)
_FIRST_THROTTLE_PAUSE = 1.0
_LONGEST_THROTTLE_PAUSE = 30.0

# Stands in where only the run makes a value known.
NOBODYS_VALUE = TxtValue.from_text("tenantops.migration asks whether it may update this")

_T = TypeVar("_T")


@dataclass(frozen=True)
class Held:
    """A record set as a company has it.

    `forms` has every value in the company's own form, to be sent back as it is; there is more than
    one for a value that stands there in several forms. `version` is what a conditional write names.
    `ttls` has each value's own TTL: at some companies they can differ, and the record set then
    counts with the lowest. `has_alias` is true if there is a CNAME record at the name.
    """

    rrset: TxtRRset
    forms: Mapping[TxtValue, tuple[Any, ...]] = field(default_factory=dict)
    version: Any = None
    ttls: Mapping[TxtValue, int] = field(default_factory=dict)
    has_alias: bool = False

    @classmethod
    def of(
        cls,
        records: Iterable[tuple[TxtValue, int, Any]],
        *,
        version: Any = None,
        has_alias: bool = False,
    ) -> Held:
        """From each record's value, TTL and form."""
        forms: defaultdict[TxtValue, list[Any]] = defaultdict(list)
        ttls: dict[TxtValue, int] = {}
        for value, ttl, form in records:
            forms[value].append(form)
            ttls[value] = min(ttl, ttls.get(value, ttl))
        return cls(
            TxtRRset(frozenset(forms), min(ttls.values(), default=None)),
            {value: tuple(same) for value, same in forms.items()},
            version=version,
            ttls=ttls,
            has_alias=has_alias,
        )


class HostedRecords(Protocol):
    """One TXT record set at one company. What it raises are our errors, `Throttled` among them."""

    @property
    def server(self) -> str:
        """The company and the zone there, for messages and the journal."""

    @property
    def name(self) -> RRsetName:
        """Which record set it is."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the operator should know though it worked."""

    @property
    def writes_whole_sets(self) -> bool:
        """Whether a write can touch other values than those that it is about."""

    @property
    def is_conditional(self) -> bool:
        """Whether a write is refused if the set is no longer as it was read."""

    def fetch(self) -> Held:
        """What is there now. Raises where it is more than a TXT record set can tell."""

    def encoded(self, value: TxtValue) -> Any:
        """A value in the company's form. Raises `InvalidInput` if it is not known to be kept."""

    def check_ttl(self, ttl: int) -> None:
        """Raise `InvalidInput` for a TTL that the company does not take."""

    def check(self, held: Held, after: TxtRRset) -> None:
        """Raise if it is known that we may not write. Changes nothing."""

    def write(self, held: Held, after: TxtRRset) -> None:
        """Make `held` into `after` by one request, or raise."""


def own_forms(records: HostedRecords, held: Held, after: TxtRRset) -> list[Any]:
    """The values of `after`: those that are there as they are, then new ones in the usual form."""
    kept = [form for value, forms in held.forms.items() if value in after.values for form in forms]
    new = sorted(after.values - held.forms.keys())
    return [*kept, *map(records.encoded, new)]


@dataclass
class HostedRecordSet:
    """A `TxtProvider` over the records at a company."""

    account: Account
    records: HostedRecords
    _last: Held | None = None

    @property
    def server(self) -> str:
        return self.records.server

    @property
    def name(self) -> RRsetName:
        return self.records.name

    @property
    def warnings(self) -> tuple[str, ...]:
        return self.records.warnings

    async def read(self) -> TxtRRset:
        with self.account.discreet():
            return self._fetch().rrset

    async def check_replace(self, before: TxtRRset, after: TxtRRset) -> None:
        with self.account.discreet():
            held = self._held(before)
            self._check_keepable(held, after)
            self._patiently(lambda: self.records.check(held, _with_all_known(after)))

    async def replace(self, before: TxtRRset, after: TxtRRset) -> None:
        with self.account.discreet():
            held = self._held(before) if self.records.is_conditional else self._fetch()
            if held.rrset != before:
                raise self._changed_meanwhile()
            self._check_keepable(held, after)
            self._write(held, after)
            self._compare(held, after)

    def _held(self, before: TxtRRset) -> Held:
        """What was read last, if that is what the caller knows."""
        if self._last is not None and self._last.rrset == before:
            return self._last
        return self._fetch()

    def _fetch(self) -> Held:
        for pause in _READ_PAUSES:
            try:
                self._last = self._patiently(self.records.fetch)
            except ConnectionFailed:
                time.sleep(pause)
            else:
                return self._last
        self._last = self._patiently(self.records.fetch)
        return self._last

    def _patiently(self, call: Callable[[], _T]) -> _T:
        return patiently(call, self.account.retry_time)

    def _check_keepable(self, held: Held, after: TxtRRset) -> None:
        """Raise for what could not be kept, or not be put back by a rollback."""
        before = held.rrset
        with self._about_the_set():
            for value in sorted(before.values ^ after.values):
                self.records.encoded(value)
            if after.ttl is not None and after.ttl != before.ttl:
                self.records.check_ttl(after.ttl)
        if after.ttl not in (None, before.ttl) and len(set(held.ttls.values())) > 1:
            raise Refused(
                "The records have different TTLs, which could not be put back",
                server=self.server,
                subject=self._subject,
                advice="Leave out ttl, or make them the same by hand first.",
            )
        if held.has_alias and not before.values:
            raise Refused(
                "The name is an alias (CNAME), and can have no other records",
                server=self.server,
                subject=self._subject,
                advice="Publish at another name, or have the alias removed.",
            )

    @contextmanager
    def _about_the_set(self) -> Iterator[None]:
        try:
            yield
        except InvalidInput as error:
            error.server, error.subject = self.server, error.subject or self._subject
            raise

    def _write(self, held: Held, after: TxtRRset) -> None:
        try:
            self._patiently(lambda: self.records.write(held, after))
        except (Throttled, ChangedMeanwhile):
            raise
        except Refused as refusal:
            # Companies word it differently, so it is looked at instead of read.
            if self._fetch().rrset != held.rrset:
                raise self._changed_meanwhile() from refusal
            raise
        except (ConnectionFailed, NotUnderstood) as unclear:
            # The request may have been carried out, and only the answer have been lost.
            if not self._is_there(after):
                raise unclear

    def _is_there(self, after: TxtRRset) -> bool:
        try:
            return self._fetch().rrset == after
        except TenantopsError:
            return False

    def _compare(self, held: Held, after: TxtRRset) -> None:
        """Read back until it is as written; else put back what else has changed, and raise."""
        with write_was_sent():
            for pause in READ_BACK_PAUSES:
                time.sleep(pause)
                found = self._fetch()
                damage = Damage.of(held, after, found)
                if not damage.told:
                    return
        problem = "The records are not as written"
        is_ours = damage.mangled or (self.records.writes_whole_sets and damage.is_to_others)
        if not is_ours:
            raise self._not_as_written(problem, damage, "Another writer may have been at work.")
        # What was not in the request, somebody else has removed.
        gone = frozenset() if self.records.writes_whole_sets else damage.lost
        with write_was_sent():
            is_restored = self._restore(held, found, damage.repaired(held, after, found, gone))
        if not is_restored:
            told = ", ".join(v.master_file_form for v in sorted(held.rrset.values)) or "none"
            raise self._not_as_written(
                f"{problem}, and could not be put back", damage, f"The values were: {told}."
            )
        error = self._not_as_written(
            f"{problem}; they were put back as they were before",
            damage,
            "The service does not keep these values as they are; publish by hand.",
        )
        error.nothing_written = True
        raise error

    def _restore(self, held: Held, found: Held, restored: TxtRRset) -> bool:
        known = replace(found, forms={**held.forms, **found.forms})
        try:
            self._patiently(lambda: self.records.write(known, restored))
            return self._fetch().rrset == restored
        except TenantopsError:
            return False

    def _not_as_written(self, problem: str, damage: Damage, advice: str) -> NotAsWritten:
        return NotAsWritten(
            problem,
            server=self.server,
            subject=self._subject,
            answer="; ".join(damage.told),
            advice=f"{advice} Look at the records before running the task again.",
        )

    def _changed_meanwhile(self) -> ChangedMeanwhile:
        return ChangedMeanwhile(
            "Somebody else changed the records meanwhile",
            server=self.server,
            subject=self._subject,
            advice="Run the task again.",
        )

    @property
    def _subject(self) -> str:
        return f"{self.name.owner} TXT"


@dataclass(frozen=True)
class Damage:
    """Where what was found after a write is not what it should have brought about.

    `mangled` are values that nobody wanted, made of those that somebody did. `wrong_ttl` is null
    if the TTL is right.
    """

    lost: frozenset[TxtValue]
    missing: frozenset[TxtValue]
    left: frozenset[TxtValue]
    mangled: frozenset[TxtValue]
    wrong_ttl: int | None

    @classmethod
    def of(cls, held: Held, after: TxtRRset, found: Held) -> Damage:
        """Values that others added since are none."""
        before, now = held.rrset.values, found.rrset.values
        gone = after.values - now
        mangled = frozenset(
            value
            for value in now - before - after.values
            if any(_is_made_of(value, other) for other in gone)
        )
        # A TTL that was not to change is each record's own.
        kept = held.ttls if after.ttl == held.rrset.ttl else {}
        ttls = ((found.ttls[value], kept.get(value, after.ttl)) for value in after.values & now)
        return cls(
            lost=gone & before,
            missing=gone - before,
            left=(before - after.values) & now,
            mangled=mangled,
            wrong_ttl=next((ttl for ttl, right in ttls if ttl != right), None),
        )

    @property
    def told(self) -> list[str]:
        """Each thing that is wrong, for people."""
        return [
            *(f"gone, of others: {value.master_file_form}" for value in sorted(self.lost)),
            *(f"missing: {value.master_file_form}" for value in sorted(self.missing)),
            *(f"still there: {value.master_file_form}" for value in sorted(self.left)),
            *(f"there instead: {value.master_file_form}" for value in sorted(self.mangled)),
            *([f"the TTL is {self.wrong_ttl}"] if self.wrong_ttl is not None else []),
        ]

    @property
    def is_to_others(self) -> bool:
        """Whether records that the write was not about have changed."""
        return bool(self.lost) or self.wrong_ttl is not None

    def repaired(
        self, held: Held, after: TxtRRset, found: Held, gone: frozenset[TxtValue]
    ) -> TxtRRset:
        """What was there before but for `gone`, and what others have added since."""
        before = held.rrset
        added = found.rrset.values - before.values - after.values - self.mangled
        values = (before.values - gone) | added
        ttl = found.rrset.ttl if before.ttl is None else before.ttl
        return TxtRRset(values, ttl) if values else TxtRRset()


def patiently(call: Callable[[], _T], retry_time: float) -> _T:
    """Try again for `retry_time` seconds in all while there are too many requests."""
    end, pause = time.monotonic() + retry_time, _FIRST_THROTTLE_PAUSE
    while True:
        try:
            return call()
        except Throttled as error:
            wait = pause if error.retry_after is None else error.retry_after
            if time.monotonic() + wait > end:
                raise
            tell(f"{error.server}: too many requests, going on in {wait:.0f} s")
            time.sleep(wait)
            pause = min(2 * pause, _LONGEST_THROTTLE_PAUSE)


def _with_all_known(after: TxtRRset) -> TxtRRset:
    if not after.has_unknown:
        return after
    return TxtRRset(after.values | {NOBODYS_VALUE}, after.ttl or DEFAULT_TTL)


def _is_made_of(value: TxtValue, other: TxtValue) -> bool:
    """Whether a value could be another one in a wrong form, or a piece of it."""
    piece, whole = _bare(value.content), _bare(other.content)
    return piece in whole if piece else not whole


def _bare(content: bytes) -> bytes:
    """Without what is lost or added where a form is misread."""
    return b"".join(content.translate(None, b'"\\').split())
