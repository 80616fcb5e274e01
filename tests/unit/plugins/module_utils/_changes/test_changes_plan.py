# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    KNOWN_AFTER_APPLY,
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.plan import (
    Plan,
    canonical,
    digest,
    load_plan,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import NotApproved

CHANGE = Change(
    system=System.ENTRA,
    resource="email_authentication_method",
    id="Email",
    name="E-post för gäster",
    property="allowExternalIdToUseEmailOtp",
    action=Action.REPLACE,
    before="default",
    after="enabled",
)
PLAN = Plan(tenant="contoso", playbook="migrate.yml", mode="check", changes=(CHANGE,))


def changes() -> st.SearchStrategy[Change]:
    values = st.sampled_from([None, "a", ["a"], {"b": None}, KNOWN_AFTER_APPLY])
    return st.builds(
        Change,
        system=st.just(System.AD),
        resource=st.just("thing"),
        id=st.sampled_from("xy"),
        name=st.text(max_size=2),
        property=st.just("p"),
        action=st.sampled_from([Action.ADD, Action.REPLACE]),
        before=values,
        after=values,
    )


def test_the_canonical_form_is_pinned() -> None:
    """Plans that were approved must stay valid: this form never changes within a format."""
    assert canonical([CHANGE.to_json()]).decode("utf-8") == (
        '[{"action":"replace","after":"enabled","before":"default","id":"Email",'
        '"name":"E-post för gäster","property":"allowExternalIdToUseEmailOtp",'
        '"resource":"email_authentication_method","reversible":true,"rule":null,'
        '"system":"entra"}]'
    )
    assert (
        digest([CHANGE.to_json()])
        == "0dc06850f6932d6757dd91033171d46411f56865038d2ce104d8563ef8347658"
    )
    assert digest([]) == "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"


def test_a_plan_survives_json() -> None:
    content = json.loads(json.dumps(PLAN.to_json()))
    assert content["format"] == 1
    assert Plan.from_json(content) == PLAN


def altered(content: dict[str, Any]) -> None:
    content["changes"][0]["after"] = "disabled"


def one_more(content: dict[str, Any]) -> None:
    content["changes"].append(content["changes"][0])


def none_left(content: dict[str, Any]) -> None:
    content["changes"].clear()


def no_digest(content: dict[str, Any]) -> None:
    del content["sha256"]


@pytest.mark.parametrize("alter", [altered, one_more, none_left, no_digest])
def test_an_altered_plan_is_refused(alter: Any) -> None:
    content = json.loads(json.dumps(PLAN.to_json()))
    alter(content)
    with pytest.raises(NotApproved, match="altered"):
        Plan.from_json(content)


@pytest.mark.parametrize("number", [0, 2, "1", None])
def test_an_unknown_format_is_refused(number: object) -> None:
    with pytest.raises(NotApproved, match="format"):
        Plan.from_json({**PLAN.to_json(), "format": number})


@pytest.mark.parametrize("name", ["tenant", "playbook", "mode", "changes"])
def test_a_plan_that_lacks_something_is_refused(name: str) -> None:
    content = PLAN.to_json()
    del content[name]
    with pytest.raises(NotApproved, match="not a plan file"):
        Plan.from_json(content)


@pytest.mark.parametrize("changes", [None, 5, "text", [5], [{}]])
def test_changes_that_are_none_are_refused(changes: object) -> None:
    with pytest.raises(NotApproved):
        Plan.from_json({**PLAN.to_json(), "changes": changes})


def test_deviations_are_the_changes_that_are_not_in_the_plan() -> None:
    other = replace(CHANGE, after="disabled")
    assert PLAN.deviations([CHANGE]) == []
    assert PLAN.deviations([]) == []
    assert PLAN.deviations([CHANGE, other]) == [other]


def test_a_value_known_after_apply_is_no_deviation() -> None:
    plan = replace(PLAN, changes=(replace(CHANGE, after=KNOWN_AFTER_APPLY),))
    assert Plan.from_json(plan.to_json()).deviations([CHANGE]) == []


def many(amount: int) -> tuple[Change, ...]:
    return tuple(
        replace(CHANGE, id=str(number), before=[number], after={"a": number})
        for number in range(amount)
    )


def test_ten_thousand_changes_are_compared_in_a_moment() -> None:
    plan = replace(PLAN, changes=many(10_000))
    other = replace(CHANGE, id="5000", before=[5000], after={"a": 0})
    assert plan.deviations([*reversed(plan.changes), other]) == [other]
    # One by one it would be half a minute.


@given(st.lists(changes()), st.lists(changes()))
def test_deviations_are_what_no_change_of_the_plan_covers(
    planned: list[Change], actual: list[Change]
) -> None:
    assert replace(PLAN, changes=tuple(planned)).deviations(actual) == [
        change for change in actual if not any(known.covers(change) for known in planned)
    ]


def test_a_plan_is_loaded_from_its_path_its_text_and_its_content(tmp_path: Path) -> None:
    text = json.dumps(PLAN.to_json())
    path = tmp_path / "plan.json"
    path.write_text(text, encoding="utf-8")
    assert load_plan(str(path)) == load_plan("\n" + text) == load_plan(PLAN.to_json()) == PLAN


@pytest.mark.parametrize("source", ["", "/nowhere/plan.json", "{", "{]}"])
def test_what_cannot_be_read_is_not_approved(source: str) -> None:
    with pytest.raises(NotApproved, match="cannot be read"):
        load_plan(source)


@pytest.mark.parametrize("content", [b"[]", b"5", b"\xff\xfe", b""])
def test_a_file_that_is_no_plan_is_not_approved(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    with pytest.raises(NotApproved):
        load_plan(str(path))
