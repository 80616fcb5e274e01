# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes with a person's edit, and what speaks against it."""

from __future__ import annotations

from typing import TypeAlias

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.model import (
    DirectoryObject,
    ObjectClass,
    ValueChange,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.policy import (
    Policy,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.suggestions import (  # noqa: E501
    changed,
    objections,
    with_companions,
)

Values = dict[str, tuple[str, ...]]
Edit: TypeAlias = "tuple[str, str | None, str | None]"

PROXIES, NAME = "proxyAddresses", "userPrincipalName"
POLICY = Policy()
JANE: Values = {
    "displayName": ("Jane",),
    "mail": ("jane@contoso.com",),
    PROXIES: ("SMTP:jane@contoso.com", "smtp:info@contoso.com", "x500:/o=Contoso/cn=Jane"),
    NAME: ("jane@contoso.com",),
    "sAMAccountName": ("jane",),
}


def directory_object(values: Values) -> DirectoryObject:
    return DirectoryObject(
        "11111111-1111-1111-1111-111111111111",
        "CN=Jane,DC=contoso,DC=com",
        ObjectClass.USER,
        "contoso.com",
        values,
    )


def nobody(space: str, key: str, guid: str) -> bool:
    return False


def after_edit(values: Values, *edits: Edit, held_by_others: str = "") -> Values:
    obj = directory_object(values)
    changes = [ValueChange(*edit) for edit in edits]
    completed = with_companions(
        obj, changes, POLICY, lambda _space, key, _guid: key == held_by_others
    )
    assert set(changes) <= set(completed)
    return dict(changed(obj, completed).values)


@pytest.mark.parametrize(
    "edit",
    [
        ("mail", "jane@contoso.com", "jane.doe@fabrikam.com"),
        (NAME, "jane@contoso.com", "jane.doe@fabrikam.com"),
    ],
)
def test_an_address_is_changed_wherever_it_is(edit: Edit) -> None:
    assert after_edit(JANE, edit) == JANE | {
        "mail": ("jane.doe@fabrikam.com",),
        PROXIES: (
            "SMTP:jane.doe@fabrikam.com",
            "smtp:info@contoso.com",
            "x500:/o=Contoso/cn=Jane",
            "smtp:jane@contoso.com",
        ),
        NAME: ("jane.doe@fabrikam.com",),
    }


def test_who_edits_the_proxy_address_decides_what_stays() -> None:
    after = after_edit(JANE, (PROXIES, "SMTP:jane@contoso.com", "SMTP:jd@contoso.com"))

    assert after["mail"] == after[NAME] == ("jd@contoso.com",)
    assert "smtp:jane@contoso.com" not in after[PROXIES]


def test_an_address_that_others_have_does_not_stay() -> None:
    after = after_edit(
        JANE,
        ("mail", "jane@contoso.com", "jd@contoso.com"),
        held_by_others="jane@contoso.com",
    )

    assert after[PROXIES][0] == "SMTP:jd@contoso.com"
    assert "smtp:jane@contoso.com" not in after[PROXIES]


def test_an_address_that_was_none_does_not_stay() -> None:
    values = JANE | {
        "mail": ("jörg@contoso.com",),
        PROXIES: ("SMTP:jörg@contoso.com",),
    }

    after = after_edit(values, ("mail", "jörg@contoso.com", "jorg@contoso.com"))

    assert after[PROXIES] == ("SMTP:jorg@contoso.com",)
    assert after[NAME] == ("jane@contoso.com",)


def test_what_the_edits_say_elsewhere_counts() -> None:
    after = after_edit(
        JANE,
        ("mail", "jane@contoso.com", "jd@contoso.com"),
        (NAME, "jane@contoso.com", "j.doe@contoso.com"),
    )

    assert after["mail"] == ("jd@contoso.com",)
    assert after[NAME] == ("j.doe@contoso.com",)
    assert after[PROXIES][0] == "SMTP:jd@contoso.com"


def test_two_addresses_that_become_one_are_one() -> None:
    after = after_edit(JANE, ("mail", "jane@contoso.com", "info@contoso.com"))

    assert after[PROXIES] == (
        "SMTP:info@contoso.com",
        "x500:/o=Contoso/cn=Jane",
        "smtp:jane@contoso.com",
    )


def test_a_new_primary_address_takes_the_place_of_the_old_one() -> None:
    after = after_edit(JANE, (PROXIES, "smtp:info@contoso.com", "SMTP:info@contoso.com"))

    assert after["mail"] == ("info@contoso.com",)
    assert after[PROXIES][:2] == ("smtp:jane@contoso.com", "SMTP:info@contoso.com")
    assert after[NAME] == ("jane@contoso.com",)


@pytest.mark.parametrize(
    ("proxies", "expected"),
    [
        (("SMTP:info@contoso.com",), ("SMTP:info@contoso.com", "smtp:jane@contoso.com")),
        (("smtp:info@contoso.com",), ("smtp:info@contoso.com", "SMTP:jane@contoso.com")),
    ],
)
def test_new_mail_is_added_to_the_addresses(
    proxies: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    after = after_edit({PROXIES: proxies}, ("mail", None, "jane@contoso.com"))

    assert after == {PROXIES: expected, "mail": ("jane@contoso.com",)}


@pytest.mark.parametrize(
    "edit",
    [
        ("mail", "jane@contoso.com", None),
        ("mail", "jane@contoso.com", "Jane@contoso.com"),
        ("displayName", "Jane", "Jane Doe"),
        (PROXIES, "smtp:info@contoso.com", None),
        (PROXIES, None, "smtp:jd@contoso.com"),
        ("targetAddress", None, "SMTP:jane@partner.com"),
        ("mail", "jane@contoso.com", "jane@contoso.com\x00"),
    ],
)
def test_what_needs_no_company_is_alone(edit: Edit) -> None:
    change = ValueChange(*edit)

    assert with_companions(directory_object(JANE), [change], POLICY, nobody) == (change,)


def test_without_knowing_the_others_no_old_address_stays() -> None:
    change = ValueChange(NAME, "jane@contoso.com", "jd@contoso.com")
    obj = directory_object(JANE)

    completed = with_companions(obj, [change], POLICY)

    assert "smtp:jane@contoso.com" not in changed(obj, completed).all(PROXIES)


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (("mail", "jane@contoso.com", "jane doe@contoso.com"), "There are no spaces"),
        (("mail", "jane@contoso.com", "jane@con_toso.com"), "domain name"),
        ((NAME, "jane@contoso.com", "jane@contoso.local"), "top-level domain"),
        ((NAME, "jane@contoso.com", f"{'a' * 65}@contoso.com"), "64"),
        (("displayName", "Jane", "J" * 257), "256"),
        (("displayName", "Jane", ""), "no empty values"),
        (("displayName", "Joan", "Jane Doe"), "'Joan' is not there"),
        ((PROXIES, "smtp:jd@contoso.com", None), "'smtp:jd@contoso.com' is not there"),
        ((PROXIES, None, "SMTP:jd@contoso.com"), "At most one address"),
        ((PROXIES, None, "jd@contoso.com"), "begins with the type"),
        (("sAMAccountName", None, "x"), ""),
        (("cn", None, "Jane Doe"), "cn is not among the attributes that are written"),
        (("userAccountControl", None, "2"), "is not among the attributes"),
        (("title", None, "Boss"), "title is not among the attributes"),
    ],
)
def test_what_speaks_against_an_edit(edit: Edit, why: str) -> None:
    found = objections(directory_object(JANE), [ValueChange(*edit)], POLICY, nobody)

    assert why in "; ".join(found)
    assert bool(found) == bool(why)


def test_nothing_speaks_against_a_new_domain() -> None:
    change = ValueChange(NAME, "jane@contoso.com", "jane@fabrikam.com")

    assert objections(directory_object(JANE), [change], POLICY, nobody) == ()


def test_what_was_broken_before_speaks_against_nothing_else() -> None:
    obj = directory_object(JANE | {"mail": ("jörg@contoso.com",)})

    assert objections(obj, [ValueChange("displayName", "Jane", "Joan")], POLICY, nobody) == ()


def test_an_edit_must_not_leave_its_value_broken() -> None:
    obj = directory_object(JANE | {NAME: ("jörg@contoso.local",)})
    change = ValueChange(NAME, "jörg@contoso.local", "joerg@contoso.local")

    assert "top-level domain" in objections(obj, [change], POLICY, nobody)[0]


def test_an_address_that_another_object_has_speaks_against_it() -> None:
    def taken(space: str, key: str, guid: str) -> bool:
        return (space, key) == ("address", "jd@contoso.com")

    change = ValueChange("mail", "jane@contoso.com", "JD@contoso.com")
    obj = directory_object(JANE)

    found = objections(obj, with_companions(obj, [change], POLICY, taken), POLICY, taken)

    assert found == ("mail 'JD@contoso.com': another object has it or is to get it",)


def test_what_is_no_text_is_not_overwritten() -> None:
    obj = DirectoryObject(
        "1", "CN=Jane", ObjectClass.USER, "contoso.com", {}, {"sn": (b"\xff",), PROXIES: (b"\xff",)}
    )

    assert "not UTF-8" in objections(obj, [ValueChange("sn", None, "Doe")], POLICY, nobody)[0]
    change = ValueChange(PROXIES, None, "SMTP:jane@contoso.com")
    assert objections(obj, [change], POLICY, nobody) == ()
