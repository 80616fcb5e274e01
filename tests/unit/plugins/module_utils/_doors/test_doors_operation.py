# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import importlib
from typing import Any

import pytest
from ansible.module_utils.basic import PASSWORD_MATCH

from ansible_collections.tenantops.migration.plugins.module_utils._changes.limit import Limit
from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._doors.arguments import Arguments
from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import (
    Operation,
    Outcome,
    Parameters,
    Performed,
    perform,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import PartlyDone, Refused

CHANGE = Change(System.DNS, "txt_rrset", "id", "a.test", "TXT", Action.ADD, None, "v")
MODULES = "ansible_collections.tenantops.migration.plugins.modules"


def performed(outcome: Outcome | Exception, *, diff_mode: bool = False) -> Performed:
    def run(parameters: Parameters, check_mode: bool) -> Outcome:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    operation = Operation(Arguments({}), run)
    return perform(operation, {}, check_mode=False, diff_mode=diff_mode)


@pytest.mark.parametrize("check_mode", [True, False])
def test_the_runner_gets_parameters_and_check_mode(check_mode: bool) -> None:
    got: list[Any] = []

    def run(parameters: Parameters, check_mode: bool) -> Outcome:
        got.append((parameters, check_mode))
        return Outcome()

    perform(Operation(Arguments({}), run), {"a": 1}, check_mode=check_mode, diff_mode=False)
    assert got == [({"a": 1}, check_mode)]


def test_a_reader_has_no_changes() -> None:
    assert performed(Outcome(values={"x": 1}), diff_mode=True) == Performed(
        {"changed": False, "x": 1}
    )


def test_nothing_changed() -> None:
    assert performed(Outcome(changes=())).result == {"changed": False, "changes": []}


@pytest.mark.parametrize("diff_mode", [True, False])
def test_changes_and_their_difference(diff_mode: bool) -> None:
    outcome = Outcome(changes=(CHANGE,), values={"ttl": 5}, warnings=("careful",))
    told = performed(outcome, diff_mode=diff_mode)
    assert told.warnings == ("careful",)
    assert told.result["changed"] is True
    assert told.result["ttl"] == 5
    assert told.result["changes"] == [CHANGE.to_json()]
    assert ("diff" in told.result) is diff_mode


@pytest.mark.parametrize("diff_mode", [True, False])
def test_what_was_done_in_part_fails_and_tells_what_was_done(diff_mode: bool) -> None:
    error = PartlyDone("1 of 2 objects was not changed")
    outcome = Outcome((CHANGE,), {"failures": ["b"]}, ("careful",), error)
    told = performed(outcome, diff_mode=diff_mode)
    assert told.warnings == ("careful",)
    diff = told.result.pop("diff", None)
    assert (diff is not None) is diff_mode
    assert told.result == {
        "failed": True,
        "msg": "1 of 2 objects was not changed.",
        "error": error.as_result(),
        "changed": True,
        "changes": [CHANGE.to_json()],
        "failures": ["b"],
    }


def test_an_error_in_words_and_in_parts() -> None:
    error = Refused("No", server="s", advice="Ask.")
    assert performed(error).result == {
        "failed": True,
        "msg": "No (server: s). Ask.",
        "error": error.as_result(),
    }


def test_a_defect_is_told_in_one_line_with_its_place() -> None:
    def run(parameters: Parameters, check_mode: bool) -> Outcome:
        Limit.parse(parameters["max_changes"])
        return Outcome()

    parameters = {"max_changes": 5}
    result = perform(
        Operation(Arguments({}), run), parameters, check_mode=False, diff_mode=False
    ).result
    assert result["failed"] is True
    assert result["error"]["kind"] == "defect"
    assert "AttributeError: 'int' object has no attribute 'strip'" in result["msg"]
    assert "raised at limit.py:" in result["msg"]
    assert "\n" not in result["msg"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_who_stops_us_is_not_held_up(stop: type[BaseException]) -> None:
    def run(parameters: Parameters, check_mode: bool) -> Outcome:
        raise stop

    with pytest.raises(stop):
        perform(Operation(Arguments({}), run), {}, check_mode=False, diff_mode=False)


@pytest.mark.parametrize(
    "module", ["ad_upn_suffix", "change_rollback", "dns_txt", "entra_email_otp"]
)
def test_ansible_does_not_warn_of_options_that_sound_secret(module: str) -> None:
    """The module would warn and the action plugin would not."""
    operation: Operation = importlib.import_module(f"{MODULES}.{module}").OPERATION
    undecided = [
        name
        for name, option in operation.arguments.options.items()
        if PASSWORD_MATCH.search(name) and option.get("no_log") is None
    ]
    assert undecided == []
