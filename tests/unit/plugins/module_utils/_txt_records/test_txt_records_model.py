# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    KNOWN_AFTER_APPLY,
    Action,
    Change,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.undo import plan_undo
from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.module_utils._txt_records.model import (
    RRsetName,
    TxtRRset,
    TxtValue,
    Wanted,
    contradictions,
    current,
    propose,
    state_after,
    without_idle,
)

NAME = RRsetName("example.test.", "www.example.test.")
SPF = "v=spf1 -all"


def rrset(*texts: str, ttl: int = 3600) -> TxtRRset:
    return TxtRRset(frozenset(map(TxtValue.from_text, texts)), ttl if texts else None)


def wanted(*, check_mode: bool = True, **options: Any) -> Wanted:
    defaults = {
        "values": None,
        "state": "present",
        "exclusive": False,
        "ttl": None,
        "dns_provider": "rfc2136",
    }
    return Wanted.from_parameters({**defaults, **options}, check_mode=check_mode)


def changes(found: TxtRRset, /, **options: Any) -> tuple[Change, ...]:
    return propose(NAME, wanted(**options), found).changes


def told(some: Sequence[Change]) -> list[tuple[str, str, Any, Any]]:
    return [(one.action.value, one.property, one.before, one.after) for one in some]


def undone(made: Sequence[Change], state: TxtRRset) -> TxtRRset:
    newest_first = list(reversed(made))
    undo = plan_undo(newest_first, lambda change: current(state, change))
    assert not undo.conflicts
    return state_after(state, without_idle(state, undo.changes))


@pytest.mark.parametrize("length", [0, 1, 254, 255, 256, 510, 511, 65279])
def test_a_value_is_cut_into_as_few_strings_as_can_be(length: int) -> None:
    value = TxtValue.from_text("x" * length)
    assert len(value.strings) == max(1, -(-length // 255))
    assert all(len(string) <= 255 for string in value.strings)
    assert value.content == b"x" * length


def test_a_value_is_cut_by_bytes() -> None:
    value = TxtValue.from_text("ü" * 128)
    assert [len(string) for string in value.strings] == [255, 1]
    assert value.text == "ü" * 128


@pytest.mark.parametrize("text", ["x" * 65280, "\udcff"])
def test_a_value_that_no_record_holds_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        TxtValue.from_text(text)


def test_the_id_is_read_back() -> None:
    assert NAME.id == "example.test. www.example.test."
    assert RRsetName.from_id(NAME.id) == NAME
    assert NAME.name == "www.example.test"
    with pytest.raises(InvalidInput):
        RRsetName.from_id("example.test")


def test_a_value_is_added_beside_others() -> None:
    assert told(changes(rrset(SPF, ttl=60), values=["a", "a"])) == [("add", "TXT", None, '"a"')]


def test_a_change_says_what_it_is_about() -> None:
    (change,) = changes(rrset(SPF), values=["a"])
    assert change.to_json() == {
        "system": "dns",
        "resource": "txt_rrset",
        "id": "example.test. www.example.test.",
        "name": "www.example.test",
        "property": "TXT",
        "action": "add",
        "before": None,
        "after": '"a"',
        "rule": None,
        "reversible": True,
    }


def test_nothing_is_changed_twice() -> None:
    assert changes(rrset(SPF, "a"), values=["a"]) == ()
    assert changes(rrset(SPF), values=["a"], state="absent") == ()
    assert changes(rrset("a", "b"), values=["b", "a"], exclusive=True) == ()
    assert changes(rrset(), state="absent", exclusive=True) == ()


def test_case_makes_another_value() -> None:
    assert told(changes(rrset("MS=A"), values=["ms=a"])) == [("add", "TXT", None, '"ms=a"')]


def test_other_strings_make_the_same_value() -> None:
    state = TxtRRset(frozenset({TxtValue((b"v=spf1", b" -all"))}), 60)
    assert changes(state, values=[SPF]) == ()
    assert changes(state, values=[SPF], exclusive=True) == ()
    assert told(changes(state, values=[SPF], state="absent")) == [
        ("remove", "TXT", '"v=spf1" " -all"', None),
        ("replace", "ttl", 60, None),
    ]


def test_a_new_record_set_gets_a_ttl() -> None:
    assert told(changes(rrset(), values=["a"])) == [
        ("add", "TXT", None, '"a"'),
        ("replace", "ttl", None, 3600),
    ]
    assert told(changes(rrset(), values=["a"], ttl=60))[-1] == ("replace", "ttl", None, 60)


def test_the_ttl_is_changed_only_when_asked() -> None:
    assert told(changes(rrset(SPF, ttl=60), values=["a"], exclusive=True)) == [
        ("remove", "TXT", f'"{SPF}"', None),
        ("add", "TXT", None, '"a"'),
    ]
    assert told(changes(rrset("a", ttl=60), values=["a"], ttl=90)) == [("replace", "ttl", 60, 90)]
    assert changes(rrset("a", "b", ttl=60), values=["c"], state="absent", ttl=90) == ()


def test_the_scope_counts_what_there_is_what_is_wanted_and_the_ttl() -> None:
    assert propose(NAME, wanted(values=["a", "b"]), rrset("b", SPF)).scope == 4


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"values": []},
        {"state": "absent"},
        {"state": "absent", "values": [], "exclusive": True},
        {"state": "absent", "values": ["a"], "exclusive": True},
        {"values": ["a"], "ttl": -1},
        {"values": ["a"], "ttl": 2**31},
    ],
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        wanted(**options)


START = [
    rrset(),
    rrset("a"),
    rrset(SPF, "a", "b", ttl=60),
    TxtRRset(frozenset({TxtValue((b"", b"a")), TxtValue((b"a",)), TxtValue((b"\xff",))}), 0),
]
WISHES: list[dict[str, Any]] = [
    {"values": ["a"]},
    {"values": ["a", "c", "ü" * 300], "ttl": 7},
    {"values": ["c"], "exclusive": True},
    {"values": ["a"], "exclusive": True, "ttl": 7},
    {"values": ["a"], "state": "absent"},
    {"values": ["a", SPF, "b"], "state": "absent"},
    {"state": "absent", "exclusive": True},
]


@pytest.mark.parametrize("state", START)
@pytest.mark.parametrize("options", WISHES)
def test_changes_lead_there_and_back(state: TxtRRset, options: dict[str, Any]) -> None:
    made = changes(state, **options)
    after = state_after(state, made)
    assert changes(after, **options) == ()
    assert undone(made, after) == state
    # Undoing the undoing as well.
    back = [change.opposite() for change in reversed(made)]
    assert state_after(state, [change.opposite() for change in reversed(back)]) == after


def test_undoing_a_creation_leaves_what_others_added() -> None:
    made = changes(rrset(), values=["a"], ttl=60)
    with_others = rrset("a", "theirs", ttl=60)
    assert undone(made, with_others) == rrset("theirs", ttl=60)
    # And the second time there is nothing to do.
    left = rrset("theirs", ttl=60)
    undo = plan_undo(list(reversed(made)), lambda change: current(left, change))
    assert without_idle(left, undo.changes) == ()


def test_undoing_a_removal_beside_others_takes_their_ttl() -> None:
    made = changes(rrset("a", ttl=60), values=["a"], state="absent")
    theirs = rrset("theirs", ttl=5)
    undo = plan_undo(list(reversed(made)), lambda change: current(theirs, change))
    assert state_after(theirs, undo.changes) == rrset("a", "theirs", ttl=5)
    assert [conflict.change.property for conflict in undo.conflicts] == ["ttl"]


def test_a_value_cut_anew_by_somebody_is_a_conflict() -> None:
    made = changes(rrset(SPF), values=["ab"])
    state = TxtRRset(frozenset({TxtValue((b"a", b"b")), TxtValue.from_text(SPF)}), 3600)
    undo = plan_undo(made, lambda change: current(state, change))
    assert undo.changes == ()
    assert [conflict.found for conflict in undo.conflicts] == ['"a" "b"']


def test_what_was_written_is_looked_for() -> None:
    before = rrset(SPF, "old")
    made = changes(before, values=["new"], exclusive=True)
    expected = state_after(before, made)
    assert contradictions(made, expected, expected) == []
    assert contradictions(made, rrset("new", "theirs"), expected) == []
    assert contradictions(made, rrset(SPF), expected) == [
        '"new" is missing',
        f'"{SPF}" is still there',
    ]


def test_a_ttl_is_looked_for_only_if_it_was_written() -> None:
    before = rrset("a", ttl=60)
    ttl = changes(before, values=["a"], ttl=90)
    assert contradictions(ttl, before, rrset("a", ttl=90)) == ["the TTL is 60 and not 90"]
    value = changes(before, values=["b"])
    assert contradictions(value, rrset("a", "b", ttl=5), rrset("a", "b", ttl=60)) == []


@pytest.mark.parametrize(
    ("prop", "after"), [("TXT", "no quotes"), ("TXT", 5), ("ttl", "60"), ("ttl", True)]
)
def test_changes_of_another_kind_are_refused(prop: str, after: Any) -> None:
    (change, *_others) = changes(rrset(), values=["a"])
    odd = Change.from_json({**change.to_json(), "property": prop, "after": after})
    assert odd.action is Action.ADD
    with pytest.raises(InvalidInput):
        state_after(rrset(), [odd])


def test_whoever_makes_a_change_by_hand_chooses_the_ttl() -> None:
    by_hand = {"dns_provider": "manual"}
    assert told(changes(rrset(), values=["a"], **by_hand)) == [("add", "TXT", None, '"a"')]
    assert len(changes(rrset(), values=["a"], ttl=60, **by_hand)) == 2
    gone = changes(rrset("a"), values=["a"], state="absent", **by_hand)
    assert told(gone) == [("remove", "TXT", '"a"', None)]
    assert state_after(rrset("a"), gone) == rrset()


UNKNOWN = "(known after apply)"


def test_a_value_known_after_apply_is_planned_beside_others() -> None:
    assert told(changes(rrset(SPF), values=[UNKNOWN])) == [("add", "TXT", None, KNOWN_AFTER_APPLY)]
    assert told(changes(rrset(), values=[UNKNOWN, "a", UNKNOWN])) == [
        ("add", "TXT", None, KNOWN_AFTER_APPLY),
        ("add", "TXT", None, '"a"'),
        ("replace", "ttl", None, 3600),
    ]


@pytest.mark.parametrize("found", [rrset(), rrset(SPF)])
@pytest.mark.parametrize("text", ["MS=ms12345678", SPF])
def test_what_is_planned_covers_what_is_made(found: TxtRRset, text: str) -> None:
    planned = changes(found, values=[UNKNOWN])
    made = propose(NAME, wanted(check_mode=False, values=[text]), found).changes
    assert all(any(plan.covers(change) for plan in planned) for change in made)
    if text not in found.texts:
        assert len(planned) == len(made)


def test_what_was_planned_is_laid_over_what_is_there() -> None:
    before = rrset(SPF)
    planned = changes(before, values=[UNKNOWN])
    after = state_after(before, planned)
    assert after.texts == [SPF, UNKNOWN]
    assert changes(after, values=[UNKNOWN]) == ()
    withdrawn = changes(after, values=[UNKNOWN], state="absent")
    assert told(withdrawn) == [("remove", "TXT", KNOWN_AFTER_APPLY, None)]
    assert state_after(after, withdrawn) == before


def test_a_set_of_unknown_values_comes_and_goes_with_its_ttl() -> None:
    after = state_after(rrset(), changes(rrset(), values=[UNKNOWN], ttl=60))
    assert (after.texts, after.ttl) == ([UNKNOWN], 60)
    gone = changes(after, values=[UNKNOWN], state="absent")
    assert told(gone)[1:] == [("replace", "ttl", 60, None)]
    assert state_after(after, gone) == rrset()


def test_whether_an_unknown_value_is_there_already_only_the_run_sees() -> None:
    assert told(changes(rrset(SPF), values=[UNKNOWN], state="absent")) == [
        ("remove", "TXT", KNOWN_AFTER_APPLY, None)
    ]


def test_an_unknown_value_is_one_of_those_that_go_when_a_name_is_owned() -> None:
    found = state_after(rrset(SPF), changes(rrset(SPF), values=[UNKNOWN]))
    assert told(changes(found, values=["a"], exclusive=True)) == [
        ("remove", "TXT", f'"{SPF}"', None),
        ("remove", "TXT", KNOWN_AFTER_APPLY, None),
        ("add", "TXT", None, '"a"'),
    ]
    assert told(changes(found, values=[UNKNOWN], exclusive=True)) == [
        ("remove", "TXT", f'"{SPF}"', None)
    ]
    gone = changes(found, state="absent", exclusive=True)
    assert state_after(found, gone) == rrset()


def test_a_run_knows_its_values() -> None:
    with pytest.raises(InvalidInput, match="known after apply"):
        wanted(check_mode=False, values=["a", UNKNOWN])
