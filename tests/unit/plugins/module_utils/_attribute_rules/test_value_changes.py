# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.model import (
    DirectoryObject,
    ObjectClass,
    ValueChange,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.value_changes import (  # noqa: E501
    changed,
    composed,
)

PROXIES = "proxyAddresses"


def directory_object(**values: tuple[str, ...]) -> DirectoryObject:
    return DirectoryObject("1", "CN=Jane", ObjectClass.USER, "contoso.com", values)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (ValueChange("mail", "a", "b"), {"mail": ("b",), PROXIES: ("p", "q")}),
        (ValueChange("mail", "a", None), {PROXIES: ("p", "q")}),
        (ValueChange("sn", None, "Doe"), {"mail": ("a",), PROXIES: ("p", "q"), "sn": ("Doe",)}),
        (ValueChange(PROXIES, "p", "r"), {"mail": ("a",), PROXIES: ("r", "q")}),
        (ValueChange(PROXIES, "p", None), {"mail": ("a",), PROXIES: ("q",)}),
        (ValueChange(PROXIES, None, "r"), {"mail": ("a",), PROXIES: ("p", "q", "r")}),
        (ValueChange(PROXIES, None, "q"), {"mail": ("a",), PROXIES: ("p", "q")}),
        (ValueChange(PROXIES, "p", "q"), {"mail": ("a",), PROXIES: ("q",)}),
        (ValueChange(PROXIES, "gone", "r"), {"mail": ("a",), PROXIES: ("p", "q", "r")}),
        (ValueChange(PROXIES, "gone", None), {"mail": ("a",), PROXIES: ("p", "q")}),
    ],
)
def test_one_change(change: ValueChange, expected: dict[str, tuple[str, ...]]) -> None:
    obj = directory_object(mail=("a",), proxyAddresses=("p", "q"))

    assert changed(obj, (change,)).values == expected
    assert obj.values == {"mail": ("a",), PROXIES: ("p", "q")}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([("mail", "a", "b"), ("mail", "b", "c")], [("mail", "a", "c")]),
        ([("mail", "a", "b"), ("mail", "b", "a")], []),
        ([("mail", "a", None), ("mail", None, "b")], [("mail", "a", "b")]),
        ([(PROXIES, None, "p"), (PROXIES, "p", "P")], [(PROXIES, None, "P")]),
        ([(PROXIES, None, "p"), (PROXIES, "p", None)], []),
        (
            [(PROXIES, "p", None), (PROXIES, None, "q")],
            [(PROXIES, "p", None), (PROXIES, None, "q")],
        ),
        ([("mail", "a", "b"), ("sn", "b", "c")], [("mail", "a", "b"), ("sn", "b", "c")]),
    ],
)
def test_changes_in_a_row_are_one(
    changes: list[tuple[str, str | None, str | None]],
    expected: list[tuple[str, str | None, str | None]],
) -> None:
    assert composed(ValueChange(*change) for change in changes) == tuple(
        ValueChange(*change) for change in expected
    )


def test_changes_are_made_at_once() -> None:
    obj = directory_object(proxyAddresses=("p", "q", "r"))
    swap = (ValueChange(PROXIES, "p", "q"), ValueChange(PROXIES, "q", "p"))

    assert changed(obj, swap).all(PROXIES) == ("q", "p", "r")


@st.composite
def changes_in_a_row(draw: st.DrawFn) -> tuple[DirectoryObject, list[ValueChange]]:
    """Changes that each fit the state that the ones before led to."""
    texts = st.sampled_from("pqrs")
    obj = now = directory_object(
        **{
            name: values
            for name, values in (
                ("mail", tuple(draw(st.lists(texts, max_size=1)))),
                (PROXIES, tuple(draw(st.lists(texts, max_size=3, unique=True)))),
            )
            if values
        }
    )
    changes = []
    for attribute in draw(st.lists(st.sampled_from(("mail", PROXIES)), max_size=6)):
        held = now.all(attribute)
        before = [*held, None] if attribute == PROXIES else [now.one(attribute)]
        free = sorted(set("pqrs") - set(held))
        change = ValueChange(
            attribute,
            draw(st.sampled_from(before)),
            draw(st.sampled_from([*free, None])),
        )
        changes.append(change)
        now = changed(now, (change,))
    return obj, changes


@given(changes_in_a_row())
def test_the_net_changes_lead_to_the_same(
    row: tuple[DirectoryObject, list[ValueChange]],
) -> None:
    obj, changes = row

    step_by_step = obj
    for change in changes:
        step_by_step = changed(step_by_step, (change,))
    at_once = changed(obj, composed(changes))

    assert at_once.one("mail") == step_by_step.one("mail")
    assert set(at_once.all(PROXIES)) == set(step_by_step.all(PROXIES))
