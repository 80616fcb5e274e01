# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.undo import plan_undo
from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.module_utils._upn_suffixes.model import (
    ForestSuffixes,
    WantedSuffixes,
    exchange,
    ordered,
    propose,
    state_after,
    suffix_of,
)

FOREST_ID = "8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21"


def forest(*suffixes: str) -> ForestSuffixes:
    return ForestSuffixes(
        id=FOREST_ID,
        dn="CN=Partitions,CN=Configuration,DC=corp,DC=example,DC=test",
        forest="corp.example.test",
        domains=("child.corp.example.test", "corp.example.test"),
        suffixes=suffixes,
    )


def wanted(**option: list[str]) -> WantedSuffixes:
    return WantedSuffixes.from_option({"add": None, "remove": None, "set": None, **option})


def told(state: ForestSuffixes, **option: list[str]) -> list[tuple[Action, Any, Any]]:
    changes = propose(state, wanted(**option)).changes
    return [(change.action, change.before, change.after) for change in changes]


def test_a_change_tells_everything() -> None:
    proposal = propose(forest("old.test"), wanted(add=["contoso.test"]))
    assert proposal.changes == (
        Change(
            system=System.AD,
            resource="forest",
            id=FOREST_ID,
            name="corp.example.test",
            property="uPNSuffixes",
            action=Action.ADD,
            before=None,
            after="contoso.test",
        ),
    )
    assert proposal.scope == 2


@pytest.mark.parametrize(
    ("stored", "option", "expected"),
    [
        ([], {"add": ["a.test"]}, [("add", None, "a.test")]),
        (["A.test"], {"add": ["a.TEST"]}, []),
        ([], {"add": ["a.test", "A.TEST"]}, [("add", None, "a.test")]),
        ([], {"add": ["CORP.example.test", "child.corp.example.test"]}, []),
        ([], {"add": ["bücher.test"]}, [("add", None, "xn--bcher-kva.test")]),
        (["xn--bcher-kva.test"], {"add": ["BÜCHER.test"]}, []),
        (["A.test"], {"remove": ["a.TEST"]}, [("remove", "A.test", None)]),
        (["A.test"], {"remove": ["b.test"]}, []),
        (["a.test"], {"remove": ["a.test", "A.test"]}, [("remove", "a.test", None)]),
        (["a.test", "A.test"], {"add": ["a.TEST"]}, []),
        (["a.test", "A.test"], {"set": ["a.TEST"]}, []),
        (
            ["a.test", "A.test", "b.test"],
            {"remove": ["a.TEST"]},
            [("remove", "a.test", None), ("remove", "A.test", None)],
        ),
        (
            ["XN--bcher-kva.test"],
            {"remove": ["bücher.test"]},
            [("remove", "XN--bcher-kva.test", None)],
        ),
        (
            ["bad suffix!!", "a.test"],
            {"remove": ["BAD suffix!!"]},
            [("remove", "bad suffix!!", None)],
        ),
        (["a.test"], {"remove": ["not there!!"]}, []),
        (["bad suffix!!"], {"add": ["a.test"]}, [("add", None, "a.test")]),
        (
            ["b.test", "a.test"],
            {"add": ["d.test", "c.test"], "remove": ["b.test", "a.test"]},
            [
                ("add", None, "d.test"),
                ("add", None, "c.test"),
                ("remove", "a.test", None),
                ("remove", "b.test", None),
            ],
        ),
        (["a.test", "B.test"], {"set": ["b.test", "A.TEST"]}, []),
        (["a.test"], {"set": ["b.test"]}, [("add", None, "b.test"), ("remove", "a.test", None)]),
        (
            ["a.test", "b.test"],
            {"set": []},
            [("remove", "a.test", None), ("remove", "b.test", None)],
        ),
        (["bad suffix!!", "a.test"], {"set": ["bad suffix!!"]}, [("remove", "a.test", None)]),
        (["xn--bcher-kva.test"], {"set": ["bücher.test"]}, []),
        (["Corp.example.test", "a.test"], {"set": ["a.test"]}, []),
        (["a.test"], {"set": ["a.test", "corp.example.test"]}, []),
        (["a.test"], {"add": [], "remove": []}, []),
    ],
)
def test_what_is_proposed(
    stored: list[str], option: dict[str, list[str]], expected: list[tuple[str, Any, Any]]
) -> None:
    state = forest(*stored)
    assert told(state, **option) == expected
    after = state_after(state, propose(state, wanted(**option)).changes)
    assert told(after, **option) == []


def test_the_order_of_the_directory_does_not_matter() -> None:
    option = {"set": ["c.test"]}
    assert told(forest("b.test", "a.test"), **option) == told(forest("a.test", "b.test"), **option)


def test_a_domain_of_the_forest_cannot_be_removed() -> None:
    with pytest.raises(InvalidInput, match="is a domain of the forest"):
        told(forest("corp.example.test"), remove=["CORP.Example.Test"])


def test_set_takes_no_new_odd_value() -> None:
    with pytest.raises(InvalidInput, match="not a UPN suffix"):
        told(forest("a.test"), set=["bad suffix!!"])


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"set": ["a.test"], "add": ["b.test"]}, "set tells the whole list"),
        ({"set": [], "remove": ["b.test"]}, "set tells the whole list"),
        ({"add": ["bücher.test"], "remove": ["XN--BCHER-kva.test"]}, "both to add and to remove"),
        ({"add": ["bad suffix!!"]}, "not a UPN suffix"),
    ],
)
def test_contradictions_are_refused_without_a_directory(
    option: dict[str, list[str]], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        wanted(**option)


def test_undoing_leads_back_to_the_same_spelling() -> None:
    before = forest("Old.Test", "stays.test")
    changes = propose(before, wanted(add=["new.test"], remove=["old.test"])).changes
    after = state_after(before, changes)

    undo = plan_undo(changes[::-1], lambda change: after.stored(suffix_of(change)))

    assert undo.conflicts == ()
    assert set(state_after(after, undo.changes).suffixes) == set(before.suffixes)


def test_only_what_changes_is_in_the_request() -> None:
    state = forest("stays.test", "Old.Test")
    changes = propose(state, wanted(add=["new.test"], remove=["old.test"])).changes
    assert exchange(state, changes) == (("Old.Test",), ("new.test",))


def test_of_several_spellings_the_other_ones_stay() -> None:
    """Of the two a server may delete either, so both go, and the other one is put back."""
    added = propose(forest(), wanted(add=["old.test"])).changes
    state = forest("stays.test", "Old.Test", "old.test")
    assert state.stored("old.test") == "old.test"
    assert state.stored("OLD.TEST") == "Old.Test"
    undo = [change.opposite() for change in added]
    assert exchange(state, undo) == (("Old.Test", "old.test"), ("Old.Test",))
    assert state_after(state, undo).suffixes == ("stays.test", "Old.Test")


def test_other_changes_are_not_ours() -> None:
    change = propose(forest(), wanted(add=["a.test"])).changes[0]
    record = {**change.to_json(), "property": "cn"}
    with pytest.raises(InvalidInput, match="not a change of a UPN suffix"):
        suffix_of(Change.from_json(record))


def test_suffixes_are_listed_alphabetically() -> None:
    assert ordered(["b.test", "A.test", "C.test"]) == ["A.test", "b.test", "C.test"]
