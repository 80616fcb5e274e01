# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.tenantops.migration.plugins.module_utils._doors.arguments import (
    CHANGES_ARGUMENTS,
    Arguments,
    from_environment,
)

ONE = Arguments(
    {"a": {"type": "str"}, "b": {"type": "str"}},
    mutually_exclusive=(("a", "b"),),
    required_by={"a": ("c",)},
)
OTHER = Arguments(
    {"c": {"type": "str"}, "d": {"type": "str"}},
    required_together=(("c", "d"),),
    required_one_of=(("c", "a"),),
    required_if=(("c", "x", ("d",)),),
)


def test_put_together_with_their_constraints() -> None:
    both = ONE.with_(OTHER)
    assert list(both.options) == ["a", "b", "c", "d"]
    assert both.constraints() == {
        "mutually_exclusive": [["a", "b"]],
        "required_together": [["c", "d"]],
        "required_one_of": [["c", "a"]],
        "required_if": [["c", "x", ("d",)]],
        "required_by": {"a": ["c"]},
    }


def test_neither_part_is_changed() -> None:
    ONE.with_(OTHER)
    assert list(ONE.options) == ["a", "b"]
    assert OTHER.constraints()["mutually_exclusive"] == []


def test_an_option_defined_twice_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"twice: \['a'\]"):
        ONE.with_(OTHER, Arguments({"a": {"type": "int"}}))


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"a": "1", "b": "2"}, "mutually exclusive"),
        ({"a": "1"}, "required by 'a'"),
        ({"c": "1"}, "required together"),
        ({}, "one of the following is required"),
    ],
)
def test_ansible_takes_the_constraints(parameters: dict[str, str], words: str) -> None:
    both = ONE.with_(OTHER)
    validator = ArgumentSpecValidator(dict(both.options), **both.constraints())
    assert words in "; ".join(validator.validate(parameters).error_messages)


def validated(**parameters: object) -> dict[str, object]:
    spec = {"x": {"type": "float", "fallback": from_environment("X_FIRST", "X_SECOND")}}
    result = ArgumentSpecValidator(spec).validate(parameters)
    assert result.error_messages == []
    values: dict[str, object] = result.validated_parameters
    return values


def test_environment_fallbacks_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    assert validated() == {"x": None}
    monkeypatch.setenv("X_SECOND", "2")
    assert validated() == {"x": 2.0}
    monkeypatch.setenv("X_FIRST", "1")
    assert validated() == {"x": 1.0}
    assert validated(x=3) == {"x": 3.0}


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_FIRST", "")
    assert validated() == {"x": None}
    monkeypatch.setenv("X_SECOND", "2")
    assert validated() == {"x": 2.0}


def test_a_secret_from_the_environment_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_SECRET", "hush")
    spec = {"x": {"type": "str", "no_log": True, "fallback": from_environment("X_SECRET")}}
    assert ArgumentSpecValidator(spec).validate({})._no_log_values == {"hush"}


def test_every_option_of_change_control_is_there_when_nothing_is_given() -> None:
    result = ArgumentSpecValidator(dict(CHANGES_ARGUMENTS.options)).validate({})
    assert result.validated_parameters == dict.fromkeys(
        ("approved_plan", "max_changes", "journal", "tenant", "run")
    )
