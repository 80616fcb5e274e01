# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Holds what was seen now against the last report and what is accepted. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from .._changes.model import Change, JsonValue, KnownAfterApply, display
from .acceptance import Acceptance, fitting, of_tenant
from .model import Deviation, Seen, Slot, Status, TenantDrift, identity, slot

UNDER_WAY = "It is being looked at, or the run that was to look at it died."
MISSING = "No plan of it was written: the run ended before it came to this tenant."

_ORDER = {status: number for number, status in enumerate(Status)}


def compare(
    last: TenantDrift | None,
    seen: Seen,
    accepted: Sequence[Acceptance],
    *,
    now: str,
    today: date,
) -> TenantDrift:
    """What has become of a tenant since the last report.

    What was there then and is not seen now is gone only if all of the tenant was seen; else it is
    unknown, and keeps the time at which it was last seen.
    """
    before = _standing(last)
    ours = of_tenant(accepted, seen.tenant)
    slots: dict[Slot, Deviation] = {}
    for old in before.values():
        place = slot(old.change)
        if place is not None:
            slots[place] = old
    found: dict[str, Deviation] = {}
    for change in seen.changes:
        key = identity(change)
        if key not in found:
            found[key] = _judged(change, before.get(key), slots, ours, now=now, today=today)
    taken = {place for each in found.values() if (place := slot(each.change)) is not None}
    left = [
        _left(old, is_known=seen.complete)
        for key, old in before.items()
        if key not in found and slot(old.change) not in taken
    ]
    return TenantDrift(
        tenant=seen.tenant,
        is_known=seen.complete,
        looked_at=now,
        known_at=now if seen.complete else _known_at(last),
        because=() if seen.complete else seen.because,
        deviations=_sorted([*found.values(), *left]),
        figures=seen.figures,
        earlier_figures={} if last is None else last.figures or last.earlier_figures,
    )


def unknown(last: TenantDrift | None, tenant: str, because: str) -> TenantDrift:
    """A tenant that nobody has looked at yet: what was last known of it, marked as old."""
    return TenantDrift(
        tenant=tenant,
        is_known=False,
        looked_at="" if last is None else last.looked_at,
        known_at=_known_at(last),
        because=(because,),
        deviations=_sorted(
            [replace(old, status=Status.UNKNOWN) for old in _standing(last).values()]
        ),
        earlier_figures={} if last is None else last.figures or last.earlier_figures,
    )


def idle(
    accepted: Iterable[Acceptance], tenants: Iterable[TenantDrift], *, today: date
) -> list[Acceptance]:
    """Acceptances that fit no deviation, though all of the tenants that they are for are known.

    Whoever keeps the list can strike them out: what they accepted is as it should be again.
    """
    by_tenant = list(tenants)
    return [each for each in accepted if each.holds_on(today) and _is_idle(each, by_tenant)]


def _is_idle(acceptance: Acceptance, tenants: Sequence[TenantDrift]) -> bool:
    meant = [tenant for tenant in tenants if acceptance.is_for(tenant.tenant)]
    return bool(meant) and all(
        tenant.is_known
        and not any(
            acceptance.covers(each.change)
            for each in tenant.deviations
            if each.status is not Status.GONE
        )
        for tenant in meant
    )


def _standing(last: TenantDrift | None) -> dict[str, Deviation]:
    """What the last report knew of, without what had gone by then."""
    if last is None:
        return {}
    return {each.identity: each for each in last.deviations if each.status is not Status.GONE}


def _known_at(last: TenantDrift | None) -> str:
    return "" if last is None else last.known_at


def _judged(
    change: Change,
    old: Deviation | None,
    slots: dict[Slot, Deviation],
    accepted: Sequence[Acceptance],
    *,
    now: str,
    today: date,
) -> Deviation:
    acceptance = fitting(accepted, change)
    place = slot(change)
    moved = slots.get(place) if old is None and place is not None else None
    if moved is not None and moved.change.before == change.before:
        moved = None  # what is there is the same, something else is wanted of it
    return Deviation(
        change=change,
        status=_status(old, acceptance, today),
        first_seen=now if old is None else old.first_seen,
        last_seen=now,
        replaces=None if moved is None else _what_was(moved.change),
        is_replacement=moved is not None,
        reason=None if acceptance is None else acceptance.reason,
        until=None if acceptance is None else acceptance.until,
    )


def _what_was(change: Change) -> JsonValue:
    before = change.before
    return display(before) if isinstance(before, KnownAfterApply) else before


def _status(old: Deviation | None, acceptance: Acceptance | None, today: date) -> Status:
    if acceptance is not None:
        return Status.ACCEPTED if acceptance.holds_on(today) else Status.ACCEPTANCE_EXPIRED
    return Status.NEW if old is None else Status.STILL_THERE


def _left(old: Deviation, *, is_known: bool) -> Deviation:
    return replace(old, status=Status.GONE if is_known else Status.UNKNOWN)


def _sorted(deviations: Iterable[Deviation]) -> tuple[Deviation, ...]:
    """In the order in which people should read them; else in that of the tasks."""
    return tuple(sorted(deviations, key=lambda each: _ORDER[each.status]))
