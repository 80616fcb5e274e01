# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ansible_collections.tenantops.migration.plugins.module_utils._sign_in_names.order import (
    temporary_name,
)
from ansible_collections.tenantops.migration.plugins.module_utils._sign_in_names.planning import (
    Holders,
    RenamingPlan,
    Wishes,
    nobody,
    plan,
)
from ansible_collections.tenantops.migration.plugins.module_utils._sign_in_names.wanted import (
    Source,
    Wanted,
)
from ansible_collections.tenantops.migration.plugins.module_utils._users.model import User

VERIFIED = frozenset({"contoso.com", "contoso.onmicrosoft.com"})
PRIMARY = Wanted(Source.PRIMARY_ADDRESS)
SERVER = "https://graph.microsoft.com"


def user(name: str, wanted: str | None = None, **more: object) -> User:
    """Somebody whose primary address says which name is wanted."""
    return User(
        id=f"id-{name}",
        user_principal_name=f"{name}@contoso.com" if "@" not in name else name,
        proxy_addresses=() if wanted is None else (f"SMTP:{wanted}@contoso.com",),
        **more,  # type: ignore[arg-type]
    )


def planned(
    users: Sequence[User],
    others: Iterable[User] = (),
    deleted: Iterable[User] = (),
    wanted: Wanted = PRIMARY,
) -> tuple[RenamingPlan, Wishes]:
    wishes = Wishes.of(users, wanted, SERVER)
    holders = Holders(wishes.names.values())
    for each in (*users, *others):
        holders.add(each)
    for each in deleted:
        holders.add(each, is_deleted=True)
    return plan(wishes, holders, VERIFIED, SERVER), wishes


def told(found: RenamingPlan) -> dict[str, str]:
    return {failure.name: str(failure.error) for failure in found.failures}


def made(found: RenamingPlan) -> list[tuple[object, object]]:
    return [(each.changes[0].before, each.changes[0].after) for each in found.requests]


def test_the_change() -> None:
    found, wishes = planned([user("kim@contoso.onmicrosoft.com", "kim"), user("lee", "lee")])
    ((change,),) = (request.changes for request in found.requests)
    assert change.to_json() == {
        "system": "entra",
        "resource": "sign_in_name",
        "id": "id-kim@contoso.onmicrosoft.com",
        "name": "kim@contoso.onmicrosoft.com",
        "property": "userPrincipalName",
        "action": "replace",
        "before": "kim@contoso.onmicrosoft.com",
        "after": "kim@contoso.com",
        "rule": None,
        "reversible": True,
    }
    assert not found.failures
    assert (wishes.selected, wishes.unchanged) == (2, 1)


def test_chains_come_in_order_and_circles_are_possible() -> None:
    found, _wishes = planned([user("a", "b"), user("b", "c"), user("x", "y"), user("y", "x")])
    assert made(found) == [
        ("b@contoso.com", "c@contoso.com"),
        ("a@contoso.com", "b@contoso.com"),
        ("y@contoso.com", "x@contoso.com"),
        ("x@contoso.com", "y@contoso.com"),
    ]
    assert found.order.parked == {"id-x"}
    assert not found.failures


def test_guests_and_people_without_an_address_are_left() -> None:
    guest = user("kim_fabrikam.com#EXT#@contoso.onmicrosoft.com", "kim")
    found, wishes = planned([guest, user("ext", "k", user_type="Guest"), user("svc")])
    assert not found.requests
    assert not found.failures
    assert [each.reason for each in wishes.left] == [
        "it is a guest",
        "it is a guest",
        "there is no mail address",
    ]
    assert wishes.left[0].to_json()["user_principal_name"] == guest.user_principal_name


def test_who_is_synchronised_is_renamed_on_premises() -> None:
    found, _wishes = planned(
        [
            user("kim", "kim.akers", on_premises_sync_enabled=True),
            user("lee", "lee.gu", on_premises_sync_enabled=False),
            user("ada", "ada", on_premises_sync_enabled=True),
        ]
    )
    assert made(found) == [("lee@contoso.com", "lee.gu@contoso.com")]
    assert list(told(found)) == ["kim@contoso.com"]
    assert "upn_alignment" in told(found)["kim@contoso.com"]


def test_a_suffix_that_is_not_verified() -> None:
    mapped = Wanted(Source.SUFFIX_MAP, suffixes={"contoso.com": "fabrikam.com"})
    found, _wishes = planned([user("kim")], wanted=mapped)
    assert "fabrikam.com is not a verified domain" in told(found)["kim@contoso.com"]
    assert not found.requests


def test_a_federated_suffix_is_only_for_those_with_an_anchor() -> None:
    mapped = Wanted(Source.SUFFIX_MAP, suffixes={"contoso.onmicrosoft.com": "contoso.com"})
    users = [
        user("kim@contoso.onmicrosoft.com"),
        user("lee@contoso.onmicrosoft.com", on_premises_immutable_id="bGVl"),
    ]
    wishes = Wishes.of(users, mapped, SERVER)
    holders = Holders(wishes.names.values())
    found = plan(wishes, holders, VERIFIED, SERVER, federated=frozenset({"contoso.com"}))
    assert made(found) == [("lee@contoso.onmicrosoft.com", "lee@contoso.com")]
    assert "federated" in told(found)["kim@contoso.onmicrosoft.com"]


def test_a_name_that_two_would_get() -> None:
    found, _wishes = planned([user("kim", "k"), user("lee", "K"), user("ada", "a")])
    assert made(found) == [("ada@contoso.com", "a@contoso.com")]
    assert "lee@contoso.com" in told(found)["kim@contoso.com"]
    assert "kim@contoso.com" in told(found)["lee@contoso.com"]


def test_a_name_that_somebody_else_has() -> None:
    others = [user("KIM", "x"), user("other", "lee")]
    found, _wishes = planned([user("a", "kim"), user("b", "lee"), user("c", "c2")], others)
    assert made(found) == [("c@contoso.com", "c2@contoso.com")]
    assert "KIM@contoso.com (id-KIM) has it as the name to sign in" in told(found)["a@contoso.com"]
    assert "other@contoso.com (id-other) has it among" in told(found)["b@contoso.com"]


def test_an_address_is_not_free_because_its_holder_is_renamed() -> None:
    addresses = ("SMTP:c@contoso.com", "smtp:b@contoso.com")
    holder = replace(user("b", "c"), proxy_addresses=addresses)
    found, _wishes = planned([user("a", "b"), holder])
    assert made(found) == [("b@contoso.com", "c@contoso.com")]
    assert "among its addresses" in told(found)["a@contoso.com"]


def test_a_name_that_a_deleted_user_has() -> None:
    deleted = User("d0-1", "d01kim@contoso.com", proxy_addresses=("smtp:lee@contoso.com",))
    found, _wishes = planned([user("a", "kim"), user("b", "lee")], deleted=[deleted])
    assert not found.requests
    assert "the deleted user kim@contoso.com (d0-1)" in told(found)["a@contoso.com"]
    assert "Restore" in told(found)["b@contoso.com"]


def test_whoever_waits_for_one_that_fails_fails_too() -> None:
    synced = user("c", "d", on_premises_sync_enabled=True)
    found, _wishes = planned([user("a", "b"), user("b", "c"), synced, user("x", "y")])
    assert made(found) == [("x@contoso.com", "y@contoso.com")]
    assert "c@contoso.com is not renamed" in told(found)["b@contoso.com"]
    assert "b@contoso.com is not renamed" in told(found)["a@contoso.com"]


def test_a_circle_in_which_one_cannot_go() -> None:
    synced = user("c", "a", on_premises_sync_enabled=True)
    found, _wishes = planned([user("a", "b"), user("b", "c"), synced])
    assert not found.requests
    assert len(found.failures) == 3


def test_who_stands_under_a_temporary_name_goes_on() -> None:
    name = temporary_name("id-1", "contoso.onmicrosoft.com")
    parked = User("id-1", name, proxy_addresses=("SMTP:kim@contoso.com",))
    found, _wishes = planned([parked])
    ((change,),) = (request.changes for request in found.requests)
    assert (change.before, change.after) == (name, "kim@contoso.com")
    assert not change.reversible
    found, wishes = planned([User("id-1", name)])
    assert not wishes.left
    assert "temporary name" in str(wishes.failures[0].error)


def test_a_temporary_name_does_not_get_another_suffix() -> None:
    """It would be for good, and nobody would know any more whose name it was."""
    parked = User("id-1", temporary_name("id-1", "contoso.onmicrosoft.com"))
    mapped = Wanted(Source.SUFFIX_MAP, suffixes={"contoso.onmicrosoft.com": "contoso.com"})
    found, wishes = planned([parked], wanted=mapped)
    assert not found.requests
    assert "by its id in a mapping" in str(wishes.failures[0].error)


def test_whom_a_mapping_names_and_nobody_is() -> None:
    names = {
        "kim@old.com": "kim@contoso.com",
        "gone@old.com": "gone@contoso.com",
        "id-9": "x@y.com",
    }
    users = [user("lee"), user("kim")]
    holders = Holders(names.values())
    for each in users:
        holders.add(each)
    # The first was renamed by an earlier run.
    assert list(nobody(names, users, holders)) == ["gone@old.com", "id-9"]
