# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_fixes.model import (
    RESOURCE,
    changes_of,
    current,
    modifications,
    value_change,
    values_after,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.model import (
    DirectoryObject,
    Finding,
    Kind,
    ObjectClass,
    Severity,
    ValueChange,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
    Value,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.undo import plan_undo
from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.wire.modify import (
    Modification,
    Standing,
    standing,
)

GUID = "11111111-2222-3333-4444-555555555555"
DN = "CN=Anna,OU=People,DC=corp,DC=example,DC=test"
PROXIES = "proxyAddresses"


def thing(**values: str | tuple[str, ...]) -> DirectoryObject:
    return DirectoryObject(
        guid=GUID,
        dn=DN,
        object_class=ObjectClass.USER,
        domain="corp.example.test",
        values={
            name: (held,) if isinstance(held, str) else held
            for name, held in values.items()
            if held
        },
    )


def change(
    attribute: str, before: str | None, after: str | None, rule: str | None = None
) -> Change:
    action = Action.REPLACE
    if attribute == PROXIES:
        action = Action.ADD if before is None else Action.REMOVE
    return Change(System.AD, RESOURCE, GUID, DN, attribute, action, before, after, rule)


def told(changes: tuple[Change, ...]) -> list[tuple[str, str, Value, Value]]:
    return [(each.property, each.action.value, each.before, each.after) for each in changes]


def test_one_change_for_an_attribute_with_one_value() -> None:
    anna = thing(mail="anna@x", displayName="Anna", sn="A")
    changes = changes_of(
        anna,
        [
            ValueChange("mail", "anna@x", "anna@x.test"),
            ValueChange("displayName", "Anna", None),
            ValueChange("mailNickname", None, "anna"),
            ValueChange("sn", "A", "A"),
        ],
    )
    assert changes == (
        change("displayName", "Anna", None),
        change("mail", "anna@x", "anna@x.test"),
        change("mailNickname", None, "anna"),
    )


def test_one_change_for_each_value_that_goes_and_then_for_each_that_comes() -> None:
    anna = thing(proxyAddresses=("SMTP:a@x", "smtp:b@x", "smtp:c@x"))
    changes = changes_of(
        anna,
        [
            ValueChange(PROXIES, "SMTP:a@x", "SMTP:a@x.test"),
            ValueChange(PROXIES, None, "smtp:d@x"),
            ValueChange(PROXIES, "smtp:c@x", None),
            ValueChange(PROXIES, "smtp:b@x", "smtp:a@x"),
        ],
    )
    assert told(changes) == [
        (PROXIES, "remove", "SMTP:a@x", None),
        (PROXIES, "remove", "smtp:b@x", None),
        (PROXIES, "remove", "smtp:c@x", None),
        (PROXIES, "add", None, "SMTP:a@x.test"),
        (PROXIES, "add", None, "smtp:a@x"),
        (PROXIES, "add", None, "smtp:d@x"),
    ]


def test_values_that_change_places_are_no_change() -> None:
    anna = thing(proxyAddresses=("smtp:a@x", "smtp:b@x"))
    swap = [
        ValueChange(PROXIES, "smtp:a@x", "smtp:b@x"),
        ValueChange(PROXIES, "smtp:b@x", "smtp:a@x"),
    ]
    assert changes_of(anna, swap) == ()


def finding(rule: str, attribute: str, suggestion: ValueChange | None) -> Finding:
    return Finding(rule, Kind.FORMAT, Severity.BLOCKING, attribute, None, "", suggestion=suggestion)


def test_each_change_names_the_first_rule_that_asked_for_it() -> None:
    anna = thing(mail="a @x", proxyAddresses=("SMTP:a @x", "smtp:b @x"))
    mail = ValueChange("mail", "a @x", "a@x")
    first = ValueChange(PROXIES, "SMTP:a @x", "SMTP:a@x")
    second = ValueChange(PROXIES, "smtp:b @x", "smtp:b@x")
    companion = ValueChange("userPrincipalName", None, "a@x")
    findings = [
        finding("other.rule", "sn", None),
        finding("mail.character", "mail", mail),
        finding("mail.format", "mail", mail),
        finding("proxyAddresses.first", PROXIES, first),
        finding("proxyAddresses.second", PROXIES, second),
    ]
    changes = changes_of(anna, [mail, first, second, companion], findings)
    assert [(each.property, each.after, each.rule) for each in changes] == [
        ("mail", "a@x", "mail.character"),
        (PROXIES, None, "proxyAddresses.first"),
        (PROXIES, None, "proxyAddresses.second"),
        (PROXIES, "SMTP:a@x", "proxyAddresses.first"),
        (PROXIES, "smtp:b@x", "proxyAddresses.second"),
        ("userPrincipalName", "a@x", "mail.character"),
    ]


@pytest.mark.parametrize(
    "odd",
    [
        replace(change("mail", "a", "b"), resource="forest"),
        replace(change("mail", "a", "b"), action=Action.ADD),
        replace(change(PROXIES, None, "b"), action=Action.REPLACE),
        replace(change("mail", "a", "b"), before=["a"]),
        replace(change("mail", "a", "b"), after=5),
    ],
)
def test_what_is_no_change_of_ours_is_refused(odd: Change) -> None:
    with pytest.raises(InvalidInput, match="not a change of a directory object"):
        value_change(odd)


def test_the_request_names_exactly_what_changes() -> None:
    anna = thing(mail="anna@x", proxyAddresses=("SMTP:a@x", "smtp:b@x", "x500:/o=x"))
    request = modifications(
        anna.values,
        [
            change("mail", "anna@x", "änna@x"),
            change("displayName", None, "Anna"),
            change(PROXIES, "smtp:b@x", None),
            change(PROXIES, None, "smtp:c@x"),
        ],
    )
    assert request == (
        Modification("mail", (b"anna@x",), ("änna@x".encode(),), True),
        Modification("displayName", (), (b"Anna",), True),
        Modification(PROXIES, (b"smtp:b@x",), (b"smtp:c@x",), False),
    )


def test_of_a_value_in_several_spellings_all_are_named() -> None:
    """Samba keeps them apart when they are added, and not when one is deleted."""
    anna = thing(proxyAddresses=("smtp:a@x", "SMTP:A@x", "smtp:b@x"))
    assert modifications(anna.values, [change(PROXIES, "SMTP:A@x", None)]) == (
        Modification(PROXIES, (b"SMTP:A@x", b"smtp:a@x"), (b"smtp:a@x",), False),
    )


def test_a_new_spelling_of_a_value() -> None:
    anna = thing(proxyAddresses=("smtp:a@x", "smtp:b@x"))
    changes = [change(PROXIES, "smtp:a@x", None), change(PROXIES, None, "SMTP:a@x")]
    assert modifications(anna.values, changes) == (
        Modification(PROXIES, (b"smtp:a@x",), (b"SMTP:a@x",), False),
    )


def test_what_is_to_be_there_stays_the_condition_even_if_it_is_gone() -> None:
    changes = [change("mail", "a@x", "b@x"), change(PROXIES, "smtp:a@x", None)]
    assert modifications({}, changes) == (
        Modification("mail", (b"a@x",), (b"b@x",), True),
        Modification(PROXIES, (b"smtp:a@x",), (), False),
    )


def test_what_is_there_where_a_change_was_made() -> None:
    values = thing(mail="a@x", proxyAddresses=("smtp:a@x", "smtp:B@x")).values
    assert current(values, change("mail", "old", "new")) == "a@x"
    assert current(values, change("sn", "old", "new")) is None
    assert current(values, change(PROXIES, None, "smtp:a@x")) == "smtp:a@x"
    assert current(values, change(PROXIES, "smtp:a@x", None)) == "smtp:a@x"
    assert current(values, change(PROXIES, None, "smtp:b@x")) is None
    assert current(values, change(PROXIES, None, "smtp:c@x")) is None


LETTERS = st.sampled_from(["smtp:a@x", "SMTP:a@x", "smtp:A@x", "smtp:b@x", "SMTP:b@x", "x500:c"])
SETS = st.lists(LETTERS, unique=True, max_size=4).map(tuple)
ONE = st.sampled_from([(), ("a@x",), ("A@x",), ("b@x",)])


@st.composite
def before_and_after(draw: st.DrawFn) -> tuple[DirectoryObject, tuple[Change, ...]]:
    """An object, and changes that lead to any other values."""
    before = thing(mail=draw(ONE), proxyAddresses=draw(SETS))
    wanted = thing(mail=draw(ONE), proxyAddresses=draw(SETS))
    steps = [ValueChange("mail", before.one("mail"), wanted.one("mail"))]
    steps += [ValueChange(PROXIES, value, None) for value in before.all(PROXIES)]
    steps += [ValueChange(PROXIES, None, value) for value in wanted.all(PROXIES)]
    changes = changes_of(before, steps)
    assert sets(values_after(before.values, changes)) == sets(wanted.values)
    return before, changes


def sets(values: object) -> dict[str, set[str]]:
    assert isinstance(values, dict)
    return {name: set(held) for name, held in values.items() if held}


def in_bytes(values: dict[str, tuple[str, ...]]) -> dict[str, list[bytes]]:
    return {name.lower(): [value.encode() for value in held] for name, held in values.items()}


def applied(
    values: dict[str, list[bytes]], request: tuple[Modification, ...]
) -> dict[str, list[bytes]]:
    """What a server does that compares without regard to case, and deletes any that is the same."""
    after = {name: list(held) for name, held in values.items()}
    for each in request:
        held = after.setdefault(each.attribute.lower(), [])
        for value in each.remove:
            same = [there for there in held if there.lower() == value.lower()]
            assert same, "16 noSuchAttribute"
            held.remove(same[-1])
        for value in each.add:
            assert value not in held, "20 attributeOrValueExists"
            held.append(value)
    return {name: held for name, held in after.items() if held}


@given(before_and_after())
def test_the_request_does_what_the_changes_say_and_nothing_else(
    case: tuple[DirectoryObject, tuple[Change, ...]],
) -> None:
    before, changes = case
    request = modifications(before.values, changes)
    wanted = values_after(before.values, changes)
    now = applied(in_bytes(dict(before.values)), request)
    assert {name: set(held) for name, held in now.items()} == {
        name: set(held) for name, held in in_bytes(wanted).items()
    }
    if changes:
        assert standing(request, in_bytes(dict(before.values))) is Standing.BEFORE
        assert standing(request, now) is Standing.AFTER


@given(before_and_after())
def test_undoing_puts_every_value_back(
    case: tuple[DirectoryObject, tuple[Change, ...]],
) -> None:
    before, changes = case
    after = values_after(before.values, changes)
    undo = plan_undo(list(reversed(changes)), lambda each: current(after, each))
    assert undo.conflicts == ()
    assert sets(values_after(after, undo.changes)) == sets(dict(before.values))
    again = plan_undo(list(reversed(changes)), lambda each: current(before.values, each))
    assert again.changes == ()


def test_what_somebody_changed_since_is_a_conflict() -> None:
    undo = plan_undo(
        [change("mail", "old@x", "new@x"), change(PROXIES, None, "smtp:a@x")],
        lambda each: current(thing(mail="theirs@x").values, each),
    )
    assert undo.changes == ()
    (conflict,) = undo.conflicts
    assert (conflict.change.property, conflict.found) == ("mail", "theirs@x")
