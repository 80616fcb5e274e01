# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drift: how tenants deviate from what is wanted, and how that compares with the last look.

A deviation is a change that a dry run would make: what is there (`before`) is not what is wanted
(`after`). Pure data: no I/O and no Ansible. Private to the collection.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from .._changes.model import Action, Change, JsonValue

# System, kind of thing, id and property; one value of a set is another one for each action.
Slot: TypeAlias = tuple[str, ...]


class Status(StrEnum):
    """What a deviation is, compared with the last report and with what was accepted.

    `GONE` is told once, by the report after it went. `UNKNOWN` was there when the tenant was last
    looked at, and could not be looked at now.
    """

    NEW = "new"
    STILL_THERE = "still_there"
    ACCEPTANCE_EXPIRED = "acceptance_expired"
    UNKNOWN = "unknown"
    GONE = "gone"
    ACCEPTED = "accepted"


IS_DRIFT = frozenset({Status.NEW, Status.STILL_THERE, Status.ACCEPTANCE_EXPIRED})
"""What makes a tenant one that has drifted: it is there, and nobody accepts it."""


class Verdict(StrEnum):
    """What it all comes to. A tenant that could not be looked at is never one without drift."""

    NONE = "none"
    DRIFT = "drift"
    FAILED = "failed"
    DRIFT_AND_FAILED = "drift_and_failed"

    @classmethod
    def of(cls, *, drift: bool, failed: bool) -> Verdict:
        """The verdict where there is drift, where something failed, both, or neither."""
        if drift:
            return cls.DRIFT_AND_FAILED if failed else cls.DRIFT
        return cls.FAILED if failed else cls.NONE


@dataclass(frozen=True)
class Deviation:
    """One deviation of one tenant.

    Times are text in UTC (RFC 3339). `replaces` is what was there at the last look, where it is
    something else by now; `reason` and `until` are of the acceptance that fits, if one does.
    """

    change: Change
    status: Status
    first_seen: str
    last_seen: str
    replaces: JsonValue = None
    is_replacement: bool = False
    reason: str | None = None
    until: date | None = None

    @property
    def identity(self) -> str:
        """The same for the same deviation, in every report."""
        return identity(self.change)


@dataclass(frozen=True)
class Seen:
    """What a dry run saw of a tenant; not complete means that there can be more.

    `because` says why it is not complete. `figures` counts what assessments found, by subject.
    """

    tenant: str
    changes: tuple[Change, ...] = ()
    complete: bool = False
    because: tuple[str, ...] = ()
    figures: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class TenantDrift:
    """One tenant in a report.

    `looked_at` is when the last look at it ended, `known_at` when one last saw all of it; both are
    empty if that never was. `because` says why it is not known now.
    """

    tenant: str
    is_known: bool
    looked_at: str
    known_at: str
    because: tuple[str, ...] = ()
    deviations: tuple[Deviation, ...] = ()
    figures: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    earlier_figures: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def counts(self) -> Counter[Status]:
        """How many deviations there are of each status."""
        return Counter(deviation.status for deviation in self.deviations)

    @property
    def verdict(self) -> Verdict:
        """What it comes to for this tenant."""
        drift = any(deviation.status in IS_DRIFT for deviation in self.deviations)
        return Verdict.of(drift=drift, failed=not self.is_known)


@dataclass(frozen=True)
class DriftReport:
    """One look at many tenants. `ended` is null until it is over, and then stays so if it died.

    `others` are tenants that this look was not for, as they were last seen.
    """

    run: str
    course: str
    started: str
    ended: str | None
    tenants: tuple[TenantDrift, ...]
    others: tuple[TenantDrift, ...] = ()
    idle_acceptances: tuple[str, ...] = ()

    @property
    def counts(self) -> Counter[Status]:
        """How many deviations there are of each status, over all tenants of this look."""
        return sum((tenant.counts for tenant in self.tenants), Counter[Status]())

    @property
    def verdict(self) -> Verdict:
        """What it comes to; a look that is not over has failed as far as anybody knows."""
        verdicts = {tenant.verdict for tenant in self.tenants}
        return Verdict.of(
            drift=not verdicts.isdisjoint({Verdict.DRIFT, Verdict.DRIFT_AND_FAILED}),
            failed=self.ended is None
            or not verdicts.isdisjoint({Verdict.FAILED, Verdict.DRIFT_AND_FAILED}),
        )


def identity(change: Change) -> str:
    """What is the same in two changes that are the same deviation: its place and its values."""
    place, before, after = change.identity()
    return json.dumps([*place, before, after], ensure_ascii=False)


def slot(change: Change) -> Slot | None:
    """What can hold only one value, so that another one there takes its place; null for a set."""
    if change.action is not Action.REPLACE:
        return None
    return (change.system.value, change.resource, change.id, change.property)


def by_name(tenants: Iterable[TenantDrift]) -> dict[str, TenantDrift]:
    """Tenants by their names."""
    return {tenant.tenant: tenant for tenant in tenants}
