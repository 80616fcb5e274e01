# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.plugin_utils._report.observation import (
    HIDDEN,
    IN_BACKGROUND,
    NOT_CHANGES,
    observe,
)

_CHANGE = {
    "system": "dns",
    "resource": "txt_rrset",
    "id": "id",
    "name": "name",
    "property": "TXT",
    "action": "add",
    "before": None,
    "after": "value",
    "rule": None,
    "reversible": True,
}


def test_changes_are_read() -> None:
    (seen,) = observe({"changed": True, "changes": [_CHANGE]}, failed=False, no_log=False)

    assert [change.to_json() for change in seen.changes] == [_CHANGE]
    assert not seen.failed
    assert not seen.gap


def test_reader_without_changes_leaves_no_gap() -> None:
    (seen,) = observe({"changed": False, "records": []}, failed=False, no_log=False)

    assert not seen.changes
    assert not seen.gap


@pytest.mark.parametrize(
    "changes",
    [
        "text",
        7,
        [None],
        [{}],
        [{**_CHANGE, "action": "wish"}],
        [{**_CHANGE, "after": "\udcff"}],
        [{**_CHANGE, "after": object()}],
    ],
)
def test_changes_that_are_not_understood_are_a_gap(changes: Any) -> None:
    (seen,) = observe({"changes": changes}, failed=False, no_log=False)

    assert seen.gap == NOT_CHANGES


def test_nothing_is_read_of_a_task_with_no_log() -> None:
    result = {"changes": [_CHANGE], "msg": "secret", "results": [{"changes": [_CHANGE]}]}

    (seen,) = observe(result, failed=True, no_log=True)

    assert (seen.changes, seen.message, seen.gap) == ((), HIDDEN, HIDDEN)


def test_censored_item_of_a_loop_is_a_gap_and_the_others_are_read() -> None:
    result = {"_ansible_no_log": True, "results": [{"censored": "hidden"}, {"changes": [_CHANGE]}]}

    hidden, seen = observe(result, failed=False, no_log=False)

    assert hidden.gap == HIDDEN
    assert len(seen.changes) == 1


def test_failed_loop_without_a_failed_item_is_still_a_failure() -> None:
    result = {"msg": "bad loop", "results": [{"changes": [_CHANGE]}]}

    seen, loop = observe(result, failed=True, no_log=False)

    assert not seen.failed
    assert (loop.failed, loop.message) == (True, "bad loop")


def test_error_makes_a_failure_even_if_the_playbook_says_none() -> None:
    error = {"kind": "refused", "problem": "no", "secret_extra": "not one of the fields"}

    (seen,) = observe({"msg": "no", "error": error}, failed=False, no_log=False)

    assert seen.failed
    assert seen.error == {"kind": "refused", "problem": "no"}


def test_task_in_the_background_is_a_gap_until_it_has_finished() -> None:
    (started,) = observe({"ansible_job_id": "1", "finished": 0}, failed=False, no_log=False)
    (finished,) = observe(
        {"ansible_job_id": "1", "finished": 1, "changes": []}, failed=False, no_log=False
    )

    assert started.gap == IN_BACKGROUND
    assert not finished.gap


def test_message_can_be_written_whatever_bytes_it_came_from() -> None:
    (seen,) = observe({"msg": "caf\udce9"}, failed=True, no_log=False)

    assert seen.message == "caf\\udce9"
