# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._drift.acceptance import (
    Acceptance,
)
from ansible_collections.tenantops.migration.plugins.module_utils._drift.comparison import (
    compare,
    idle,
    unknown,
)
from ansible_collections.tenantops.migration.plugins.module_utils._drift.documents import (
    encode,
    report_from,
)
from ansible_collections.tenantops.migration.plugins.module_utils._drift.model import (
    Deviation,
    DriftReport,
    Seen,
    Status,
    TenantDrift,
    Verdict,
)

_TODAY = date(2026, 11, 23)


def value(text: str) -> Change:
    """A value that is missing from a set."""
    return Change(
        system=System.DNS,
        resource="txt_rrset",
        id="contoso.test contoso.test",
        name="contoso.test",
        property="TXT",
        action=Action.ADD,
        before=None,
        after=text,
    )


def setting(before: str, after: str = "enabled") -> Change:
    """A setting that is something else than is wanted."""
    return Change(
        system=System.ENTRA,
        resource="email_authentication_method",
        id="Email",
        name="Email OTP",
        property="guests",
        action=Action.REPLACE,
        before=before,
        after=after,
    )


def accepting(
    tenant: str = "*", thing: str = "*", attribute: str = "*", until: date = _TODAY
) -> Acceptance:
    return Acceptance("accepted.yml, entry 1", tenant, thing, attribute, "agreed", until)


def look(
    last: TenantDrift | None,
    *changes: Change,
    complete: bool = True,
    accepted: tuple[Acceptance, ...] = (),
    now: str = "later",
) -> TenantDrift:
    because = () if complete else ("the server is down",)
    return compare(
        last, Seen("contoso", changes, complete, because), accepted, now=now, today=_TODAY
    )


def statuses(tenant: TenantDrift) -> dict[str, str]:
    return {str(each.change.after): each.status.value for each in tenant.deviations}


def test_what_becomes_of_a_deviation() -> None:
    first = look(None, value("a"), value("b"), now="first")
    assert statuses(first) == {"a": "new", "b": "new"}
    assert first.verdict is Verdict.DRIFT

    second = look(first, value("b"), value("c"), now="second")
    assert statuses(second) == {"c": "new", "b": "still_there", "a": "gone"}
    assert {each.first_seen for each in second.deviations} == {"first", "second"}

    third = look(second, now="third")
    assert statuses(third) == {"c": "gone", "b": "gone"}
    assert third.verdict is Verdict.NONE
    # What has gone is told once.
    assert look(third).deviations == ()


def test_a_tenant_that_failed_is_never_one_without_drift() -> None:
    first = look(None, value("a"), value("b"), now="first")
    failed = look(first, value("b"), complete=False, now="second")
    assert statuses(failed) == {"b": "still_there", "a": "unknown"}
    assert failed.verdict is Verdict.DRIFT_AND_FAILED
    assert failed.because == ("the server is down",)
    assert (failed.known_at, failed.looked_at) == ("first", "second")

    nothing = look(first, complete=False)
    assert nothing.verdict is Verdict.FAILED
    # It is seen again: it was there all the time.
    again = look(nothing, value("a"), now="third")
    assert statuses(again) == {"a": "still_there", "b": "gone"}
    assert again.deviations[0].first_seen == "first"


def test_a_tenant_that_was_never_known_fails_too() -> None:
    assert look(None, complete=False).verdict is Verdict.FAILED
    assert unknown(None, "contoso", "it died").verdict is Verdict.FAILED


def test_another_value_is_news_and_tells_the_one_before() -> None:
    first = look(None, setting("disabled"))
    second = look(first, setting("default"))
    (moved,) = second.deviations
    assert moved.status is Status.NEW
    assert (moved.is_replacement, moved.replaces) == (True, "disabled")


def test_what_is_wanted_has_changed() -> None:
    first = look(None, setting("disabled", "enabled"))
    second = look(first, setting("disabled", "default"))
    (wanted,) = second.deviations
    assert wanted.status is Status.NEW
    assert not wanted.is_replacement


def test_accepted_until_its_last_day() -> None:
    accepted = look(None, value("a"), accepted=(accepting(),))
    assert statuses(accepted) == {"a": "accepted"}
    assert accepted.verdict is Verdict.NONE
    (deviation,) = accepted.deviations
    assert (deviation.reason, deviation.until) == ("agreed", _TODAY)

    yesterday = accepting(until=date(2026, 11, 22))
    expired = look(accepted, value("a"), accepted=(yesterday,))
    assert statuses(expired) == {"a": "acceptance_expired"}
    assert expired.verdict is Verdict.DRIFT
    # Of two, the one that holds longer counts.
    assert statuses(look(None, value("a"), accepted=(yesterday, accepting()))) == {"a": "accepted"}


@pytest.mark.parametrize(
    ("acceptance", "fits"),
    [
        (accepting(), True),
        (accepting(tenant="CON*"), True),
        (accepting(tenant="fabrikam"), False),
        (accepting(thing="Contoso.Test"), True),
        (accepting(thing="contoso.test contoso.test"), True),
        (accepting(thing="contoso"), False),
        (accepting(attribute="txt"), True),
        (accepting(attribute="MX"), False),
    ],
)
def test_patterns_of_an_acceptance(acceptance: Acceptance, fits: bool) -> None:
    expected = "accepted" if fits else "new"
    assert statuses(look(None, value("a"), accepted=(acceptance,))) == {"a": expected}


def test_an_acceptance_is_idle_only_where_everything_is_known() -> None:
    mine = accepting("contoso", attribute="TXT")
    assert idle([mine], [look(None, setting("disabled"))], today=_TODAY) == [mine]
    assert idle([mine], [look(None, value("a"))], today=_TODAY) == []
    assert idle([mine], [look(None, complete=False)], today=_TODAY) == []
    assert idle([accepting("fabrikam")], [look(None)], today=_TODAY) == []
    gone = look(look(None, value("a")))
    assert idle([mine], [gone], today=_TODAY) == [mine]


def test_a_look_that_is_not_over_has_failed() -> None:
    report = DriftReport("run", "migrate", "then", None, (look(None),))
    assert report.verdict is Verdict.FAILED
    assert replace(report, ended="now").verdict is Verdict.NONE


_CHANGES = some.lists(
    some.one_of(
        some.sampled_from("abc").map(value),
        some.sampled_from(["disabled", "default"]).map(setting),
    ),
    max_size=4,
)
_LOOKS = some.lists(some.tuples(_CHANGES, some.booleans(), some.booleans()), max_size=6)


@given(_LOOKS)
def test_nothing_is_lost_over_many_looks(looks: list[tuple[list[Change], bool, bool]]) -> None:
    """Through files, with failures and deaths in between."""
    last: TenantDrift | None = None
    for changes, complete, dies in looks:
        known = last
        if dies:
            known = unknown(last, "contoso", "it died")
            assert {each.identity for each in known.deviations} == {
                each.identity for each in _standing(last)
            }
        now = look(known, *changes, complete=complete)
        report = DriftReport("run", "migrate", "then", "now", (now,), idle_acceptances=("x",))
        assert report_from(encode(report), "drift.json") == report
        _check(known, changes, now, complete=complete)
        last = now


def _standing(last: TenantDrift | None) -> list[Deviation]:
    deviations = () if last is None else last.deviations
    return [each for each in deviations if each.status is not Status.GONE]


def _check(
    last: TenantDrift | None, changes: list[Change], now: TenantDrift, *, complete: bool
) -> None:
    seen = {each.change for each in now.deviations if each.last_seen == "later"}
    assert set(changes) <= seen
    by_status = {each.change: each.status for each in now.deviations}
    for change in changes:
        was_there = change in {each.change for each in _standing(last)}
        assert by_status[change] is (Status.STILL_THERE if was_there else Status.NEW)
    assert (now.verdict is Verdict.NONE) == (complete and not changes)
    if not complete:
        assert Status.GONE not in by_status.values()
    else:
        assert Status.UNKNOWN not in by_status.values()
