# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    KNOWN_AFTER_APPLY,
    Action,
    Change,
    System,
    display,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput

CHANGE = Change(
    system=System.DNS,
    resource="txt_rrset",
    id="contoso.test. contoso.test.",
    name="contoso.test",
    property="TXT",
    action=Action.ADD,
    before=None,
    after='"MS=ms1"',
    rule="dns-1",
)

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
).filter(lambda value: value != {"known_after_apply": True})
VALUES = JSON_VALUES | st.just(KNOWN_AFTER_APPLY)
CHANGES = st.builds(
    Change,
    system=st.sampled_from(System),
    resource=st.text(),
    id=st.text(),
    name=st.text(),
    property=st.text(),
    action=st.sampled_from(Action),
    before=VALUES,
    after=VALUES,
    rule=st.none() | st.text(),
    reversible=st.booleans(),
    note=st.none() | st.text(),
)


@given(CHANGES)
def test_a_change_survives_json(change: Change) -> None:
    assert Change.from_json(json.loads(json.dumps(change.to_json()))) == change


@given(CHANGES)
def test_the_opposite_of_the_opposite_is_the_change(change: Change) -> None:
    if not change.reversible or change.action is Action.INVOKE:
        with pytest.raises(InvalidInput):
            change.opposite()
    else:
        assert change.opposite().opposite() == replace(change, rule=None, note=None)


def test_a_note_is_only_told_where_there_is_one() -> None:
    noted = replace(CHANGE, note="Ticket 4711")
    assert "note" not in CHANGE.to_json()
    assert noted.to_json() == {**CHANGE.to_json(), "note": "Ticket 4711"}


@given(CHANGES, st.none() | st.text())
def test_a_note_does_not_make_another_change(change: Change, note: str | None) -> None:
    noted = replace(change, note=note)
    assert noted.identity() == change.identity()
    assert noted.covers(change)
    assert change.covers(noted)


@pytest.mark.parametrize(
    ("action", "opposite"),
    [
        (Action.ADD, Action.REMOVE),
        (Action.REMOVE, Action.ADD),
        (Action.CREATE, Action.DELETE),
        (Action.DELETE, Action.CREATE),
        (Action.REPLACE, Action.REPLACE),
    ],
)
def test_opposite_actions(action: Action, opposite: Action) -> None:
    undone = replace(CHANGE, action=action).opposite()
    assert (undone.action, undone.before, undone.after) == (opposite, CHANGE.after, CHANGE.before)


def test_a_value_of_the_run_is_marked_in_json() -> None:
    told = replace(CHANGE, after=KNOWN_AFTER_APPLY).to_json()
    assert told["after"] == {"known_after_apply": True}
    assert Change.from_json(told).after is KNOWN_AFTER_APPLY


@pytest.mark.parametrize(
    "content",
    [
        {},
        "text",
        5,
        {**CHANGE.to_json(), "system": "mail"},
        {**CHANGE.to_json(), "action": "rename"},
        {name: value for name, value in CHANGE.to_json().items() if name != "before"},
    ],
)
def test_anything_else_is_no_change(content: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        Change.from_json(content)


def test_covers_itself_and_names_do_not_matter() -> None:
    assert CHANGE.covers(CHANGE)
    assert CHANGE.covers(replace(CHANGE, name="another spelling", rule=None))


@pytest.mark.parametrize(
    "other",
    [
        replace(CHANGE, after='"MS=ms2"'),
        replace(CHANGE, before="x"),
        replace(CHANGE, action=Action.REPLACE),
        replace(CHANGE, id="fabrikam.test. fabrikam.test."),
        replace(CHANGE, property="ttl"),
        replace(CHANGE, resource="other"),
        replace(CHANGE, system=System.AD),
    ],
)
def test_does_not_cover_another_change(other: Change) -> None:
    assert not CHANGE.covers(other)


def test_a_value_known_after_apply_fits_any_but_not_the_other_way_round() -> None:
    planned = replace(CHANGE, after=KNOWN_AFTER_APPLY)
    assert planned.covers(CHANGE)
    assert not CHANGE.covers(planned)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "(none)"),
        ("text", "text"),
        (True, "true"),
        (300, "300"),
        (["å", 1], '["å", 1]'),
        (KNOWN_AFTER_APPLY, "(known after apply)"),
    ],
)
def test_values_for_people(value: object, shown: str) -> None:
    assert display(value) == shown  # type: ignore[arg-type]
