# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which run of a tenant counts, and how it compares with those before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ansible_collections.tenantops.migration.plugins.plugin_utils._fleet_report.model import (
    Earlier,
    FleetTenant,
    Indexed,
    Run,
    Since,
    State,
    Told,
    assembled,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.model import Mode

_NIGHT = timedelta(days=1)
_STARTED = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)


def _result(
    night: int = 0,
    state: State = State.COMPLETE,
    sha256: str = "a",
    mode: Mode = Mode.CHECK,
    folder: str = "/runs",
) -> Indexed:
    started = _STARTED + night * _NIGHT
    run = Run(folder, "move.yml", mode, started, started + timedelta(minutes=1))
    return Indexed(run, state, 1, {"dns": 1}, "contoso.json", sha256)


def _earlier(
    night: int = 0,
    state: State = State.COMPLETE,
    sha256: str = "a",
    mode: Mode = Mode.CHECK,
) -> Earlier:
    return _result(night, state, sha256, mode).remembered()


@pytest.mark.parametrize(
    ("last", "before", "expected"),
    [
        (_result(1), _earlier(), Since.SAME),
        (_result(1, sha256="b"), _earlier(), Since.OTHER_CHANGES),
        (_result(1, mode=Mode.APPLY), _earlier(), Since.AS_PLANNED),
        (_result(1, mode=Mode.APPLY, sha256="b"), _earlier(), Since.OTHER_CHANGES),
        (_result(1, State.FAILED), _earlier(), Since.WORSE),
        (_result(1, State.GATE), _earlier(), Since.WORSE),
        (_result(1, State.FAILED), _earlier(0, State.GATE), Since.WORSE),
        (_result(1), _earlier(0, State.UNREACHABLE), Since.BETTER),
        (_result(1, State.INCOMPLETE), _earlier(0, State.FAILED), Since.BETTER),
        (_result(1, State.FAILED), _earlier(0, State.UNREACHABLE), Since.OTHER_CHANGES),
        (_result(1, State.FAILED), _earlier(0, State.FAILED), Since.SAME),
        # It failed in the run that was planned: nothing was made as planned.
        (_result(1, State.FAILED, mode=Mode.APPLY), _earlier(), Since.WORSE),
    ],
)
def test_a_run_is_compared_with_the_one_before(
    last: Indexed, before: Earlier, expected: Since
) -> None:
    assert FleetTenant("contoso", last, history=[before]).since is expected


def test_without_a_run_before_it_is_new() -> None:
    assert FleetTenant("contoso", _result()).since is Since.NEW


def test_what_cannot_be_read_has_no_changes() -> None:
    tenant = FleetTenant("contoso", _result(), Told(problem="altered"), [_earlier()])
    assert (tenant.state, tenant.changes, tenant.since) == (State.UNREADABLE, 0, Since.WORSE)


def test_a_tenant_without_results_is_worse_than_it_was() -> None:
    (tenant,) = assembled({}, ["contoso"], {"contoso": [_earlier()]}, 10)
    assert (tenant.state, tenant.since) == (State.NO_RESULT, Since.WORSE)


def test_the_run_that_began_last_counts_whichever_folder_it_is_in() -> None:
    results = [_result(1, folder="/b"), _result(3, folder="/a"), _result(2, folder="/c")]
    (tenant,) = assembled({"contoso": results}, [], {}, 10)
    assert tenant.last is results[1]
    assert [one.started for one in tenant.history] == [_STARTED + 2 * _NIGHT, _STARTED + _NIGHT]


def test_of_one_playbook_the_real_run_comes_after_the_dry_one() -> None:
    results = [_result(mode=Mode.APPLY), _result(mode=Mode.CHECK)]
    (tenant,) = assembled({"contoso": results}, [], {}, 10)
    assert tenant.last is results[0]
    assert tenant.since is Since.AS_PLANNED


def test_history_is_bounded_and_never_of_the_future() -> None:
    remembered = [_earlier(night) for night in (7, 1, 4, 0, 3, 2)]
    (tenant,) = assembled({"contoso": [_result(4)]}, [], {"contoso": remembered}, 3)
    assert [one.started for one in tenant.history] == [
        _STARTED + night * _NIGHT for night in (3, 2, 1)
    ]


def test_no_history_means_nothing_is_compared() -> None:
    (tenant,) = assembled({"contoso": [_result(1)]}, [], {"contoso": [_earlier()]}, 0)
    assert tenant.since is Since.NEW


def test_a_run_that_was_read_counts_more_than_what_was_remembered_of_it() -> None:
    remembered = [_earlier(0, State.UNREADABLE)]
    found = {"contoso": [_result(0), _result(1)]}
    (tenant,) = assembled(found, [], {"contoso": remembered}, 10)
    assert [one.state for one in tenant.history] == [State.COMPLETE]


def test_tenants_are_sorted_by_name() -> None:
    tenants = assembled({"b": [_result()], "c": [_result()]}, ["a", "b"], {}, 10)
    assert [tenant.name for tenant in tenants] == ["a", "b", "c"]
