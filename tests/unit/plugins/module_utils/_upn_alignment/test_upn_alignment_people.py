# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Both sides put together: who is led where, in which order, and what is against whom."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.converge import Request
from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.planned import (
    PlannedChanges,
)
from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Outcome
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ObjectGone,
    Refused,
    TenantopsError,
)
from ansible_collections.tenantops.migration.plugins.module_utils._licenses.model import (
    AssignedLicense,
    ServicePlan,
    Sku,
    Skus,
)
from ansible_collections.tenantops.migration.plugins.module_utils._people.model import (
    DirectoryPerson,
)
from ansible_collections.tenantops.migration.plugins.module_utils._sign_in_names.planning import (
    Holders,
)
from ansible_collections.tenantops.migration.plugins.module_utils._sync.state import SyncState
from ansible_collections.tenantops.migration.plugins.module_utils._upn_alignment.cloud import (
    CloudSide,
)
from ansible_collections.tenantops.migration.plugins.module_utils._upn_alignment.directory import (
    DirectorySide,
    OnPremises,
)
from ansible_collections.tenantops.migration.plugins.module_utils._upn_alignment.outcome import (
    Report,
)
from ansible_collections.tenantops.migration.plugins.module_utils._upn_alignment.people import (
    Everybody,
    at_the_end,
    changes_of_course,
    courses,
    put_together,
)
from ansible_collections.tenantops.migration.plugins.module_utils._upn_alignment.planning import (
    Step,
)
from ansible_collections.tenantops.migration.plugins.module_utils._upn_alignment.snapshots import (
    Snapshot,
)
from ansible_collections.tenantops.migration.plugins.module_utils._users.model import User
from ansible_collections.tenantops.migration.plugins.module_utils._users.planned import PlannedUsers

E3 = Sku("e3", "ENTERPRISEPACK", 10, 5, service_plans=(ServicePlan("sway", "SWAY"),))
DANCE = [Step.WRITE_DOWN, Step.TAKE_OFF, Step.RENAME, Step.AWAIT, Step.GIVE_BACK, Step.CLOSE]


def guid(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


def on_premises(name: str, wanted: str = "", now: str = "", **details: Any) -> OnPremises:
    wanted, now = wanted or f"{name}@firm.test", now or f"{name}@firm.local"
    dn = f"CN={name},DC=firm"
    change = Change(
        *(System.AD, "directory_object", guid(name), dn, "userPrincipalName"),
        *(Action.REPLACE, now, wanted),
    )
    request = None if now == wanted else Request((change,))
    person = DirectoryPerson(guid(name), dn, user_principal_name=now)
    return OnPremises(person, wanted, **{"request": request, **details})


def user(name: str, now: str = "", *licenses: AssignedLicense, **details: Any) -> User:
    return User(
        f"id-{name}",
        now or f"{name}@firm.onmicrosoft.test",
        **{
            "on_premises_sync_enabled": True,
            "on_premises_immutable_id": DirectoryPerson(guid(name), "").immutable_id,
            "usage_location": "SE",
            "assigned": licenses,
            **details,
        },
    )


LICENSE = AssignedLicense("e3", ("sway",))


def together(
    sides: Sequence[OnPremises],
    users: Iterable[User] = (),
    *,
    others: Iterable[User] = (),
    deleted: Iterable[User] = (),
    snapshots: Iterable[Snapshot] = (),
    named: Mapping[str, User | TenantopsError] | None = None,
    skus: Iterable[Sku] = (E3,),
    pushes_names: bool = False,
) -> dict[str, Any]:
    users = list(users)
    holders = Holders([side.wanted for side in sides if side.wanted is not None])
    for each in (*users, *others):
        holders.add(each)
    for each in deleted:
        holders.add(each, is_deleted=True)
    by_anchor: dict[str, tuple[User, ...]] = {}
    for each in users:
        anchor = each.on_premises_immutable_id or ""
        by_anchor[anchor] = (*by_anchor.get(anchor, ()), each)
    cloud = CloudSide(
        users=by_anchor,
        named=named or {},
        holders=holders,
        sync=SyncState(True, None, {}),
        skus=Skus(tuple(skus)),
        verified=frozenset({"firm.test", "fed.test"}),
        federated=frozenset({"fed.test"}),
    )
    everybody = put_together(
        DirectorySide(people=list(sides)),
        cloud,
        {each.user_id: each for each in snapshots},
        pushes_names=pushes_names,
    )
    return {"everybody": everybody, "skus": cloud.skus}


def of(found: dict[str, Any], name: str) -> Any:
    everybody: Everybody = found["everybody"]
    return next(each for each in everybody.subjects.values() if name in str(each.person.name))


def refusal(found: dict[str, Any], name: str) -> str:
    subject = of(found, name)
    assert courses(subject) == []
    return str(subject.person.failures[Step.END])


def test_license_goes_and_comes_back_as_it_was() -> None:
    found = together([on_premises("kim")], [user("kim", "", LICENSE)])
    subject = of(found, "kim")
    assert list(subject.planned) == DANCE
    off, name, on = changes_of_course(subject, found["skus"])
    assert (off.property, off.before, off.after) == ("ENTERPRISEPACK", on.after, on.before)
    assert (on.before, on.after) == (None, {"sku_id": "e3", "disabled_plans": ["sway"]})
    assert off.reversible
    assert on.reversible
    assert name.after == "kim@firm.test"
    at_the_end(subject)
    assert subject.person.state.is_aligned
    assert not subject.person.is_open


@pytest.mark.parametrize(
    ("user_now", "pushes_names"),
    [
        pytest.param(user("kim"), False, id="no licence"),
        pytest.param(user("kim", "", LICENSE), True, id="feature on"),
        pytest.param(user("kim", "kim@fed.test", LICENSE), False, id="federated"),
    ],
)
def test_others_are_only_renamed(user_now: User, pushes_names: bool) -> None:
    found = together([on_premises("kim")], [user_now], pushes_names=pushes_names)
    assert of(found, "kim").planned == (Step.RENAME, Step.AWAIT)


def test_somebody_who_is_not_in_the_cloud_is_not_waited_for() -> None:
    assert of(together([on_premises("kim")]), "kim").planned == (Step.RENAME,)


def reported(found: dict[str, Any]) -> Outcome:
    side: Any = SimpleNamespace(skus=found["skus"])
    return Report(found["everybody"], DirectorySide(), side, 10).outcome(())


def test_people_of_whom_nobody_is_in_the_cloud_are_told() -> None:
    (warning,) = reported(together([on_premises("kim")])).warnings
    assert "None of the 1 people is in the cloud" in warning
    assert reported(together([])).warnings == ()


def test_later_tasks_of_a_dry_run_see_the_names_that_the_sync_brings() -> None:
    cloud = user("kim", "", LICENSE)
    found = together([on_premises("kim"), on_premises("lee")], [cloud])
    for subject in found["everybody"].subjects.values():
        at_the_end(subject)
    outcome = reported(found)
    assert outcome.warnings == ()
    (synced,) = map(Change.from_json, outcome.values["synced_names"])
    later = PlannedUsers(PlannedChanges((synced,)))
    assert later.after(cloud).user_principal_name == "kim@firm.test"


def test_nothing_is_against_somebody_who_is_aligned() -> None:
    side = on_premises("kim", now="kim@firm.test")
    cloud = user("kim", "KIM@firm.test", AssignedLicense("gone", by_group="g"))
    assert of(together([side], [cloud]), "kim").planned == ()
    assert of(together([side], [cloud]), "kim").person.failures == {}


def by_group(**details: Any) -> AssignedLicense:
    return AssignedLicense("e3", (), by_group="group-1", **details)


@pytest.mark.parametrize(
    ("cloud", "skus", "words"),
    [
        (user("kim", "", by_group()), [E3], "licensed by a group"),
        (user("kim", "", LICENSE, by_group()), [E3], "licensed by a group"),
        (user("kim", "", LICENSE, usage_location=None), [E3], "usage location"),
        (
            user("kim", "", AssignedLicense("e3", (), state="Error", error="CountViolation")),
            [E3],
            "CountViolation",
        ),
        (user("kim", "", LICENSE), [], "no subscription"),
        (
            user("kim", "", LICENSE),
            [Sku("e3", "ENTERPRISEPACK", 10, 5, status="Suspended")],
            "Suspended",
        ),
        (user("kim", "", LICENSE), [Sku("e3", "ENTERPRISEPACK", 4, 5)], "5 of 4 seats"),
        (
            user("kim", "", AssignedLicense("e3", ("gone",))),
            [E3],
            "plans disabled .* that it no longer has",
        ),
        (user("kim", "", LICENSE, on_premises_sync_enabled=False), [E3], "not synchronised any"),
    ],
)
def test_licenses_that_would_not_come_back_are_not_taken_off(
    cloud: User, skus: Sequence[Sku], words: str
) -> None:
    found = together([on_premises("kim")], [cloud], skus=skus)
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(refusal(found, "kim"))


def test_group_license_that_failed_is_none() -> None:
    cloud = user("kim", "", LICENSE, by_group(state="Error", error="CountViolation"))
    assert list(of(together([on_premises("kim")], [cloud]), "kim").planned) == DANCE


def test_names_that_cannot_be_had() -> None:
    sides = [
        on_premises("kim", "kim@other.test"),
        on_premises("lee"),
        on_premises("max"),
        on_premises("ned"),
        on_premises("ole", error=Refused("protected"), request=None),
    ]
    users = [user(name) for name in ("kim", "lee", "max", "ned", "ole")]
    gone = User("id-old", "lee@firm.test")
    others = [User("id-cloud", "max2@firm.test", mail="max@firm.test")]
    found = together(sides, [*users, user("ned", "ned2@firm.test")], others=others, deleted=[gone])
    assert "not a verified domain" in refusal(found, "kim")
    assert "deleted user" in refusal(found, "lee")
    assert "among its addresses" in refusal(found, "max")
    assert "Several users" in refusal(found, "ned")
    assert "protected" in refusal(found, "ole")


def test_name_wanted_twice_is_nobodys() -> None:
    sides = [on_premises("kim", "same@firm.test"), on_premises("lee", "Same@firm.test")]
    found = together(sides, [user("kim"), user("lee")])
    assert "for others as well" in refusal(found, "kim")
    assert "for others as well" in refusal(found, "lee")


def test_who_gets_the_name_of_another_comes_after() -> None:
    sides = [
        on_premises("ann", "b@firm.test"),
        on_premises("bob", "c@firm.test"),
        on_premises("cas", "d@firm.test"),
    ]
    names = {"ann": "a@firm.test", "bob": "b@firm.test", "cas": "c@firm.test"}
    found = together(sides, [user(name, now) for name, now in names.items()])
    waves = found["everybody"].waves()
    assert [[person.key for person in wave] for wave in waves] == [
        ["id-cas"],
        ["id-bob"],
        ["id-ann"],
    ]


def test_whoever_waits_for_somebody_who_stays_stays_too() -> None:
    sides = [
        on_premises("ann", "b@firm.test"),
        on_premises("bob", "c@firm.test"),
        on_premises("cas", "d@other.test"),
    ]
    names = {"ann": "a@firm.test", "bob": "b@firm.test", "cas": "c@firm.test"}
    found = together(sides, [user(name, now) for name, now in names.items()])
    assert "does not become free" in refusal(found, "bob")
    assert "does not become free" in refusal(found, "ann")


def test_a_circle_is_refused() -> None:
    sides = [on_premises("ann", "b@firm.test"), on_premises("bob", "a@firm.test")]
    found = together(sides, [user("ann", "a@firm.test"), user("bob", "b@firm.test")])
    told = refusal(found, "ann") + refusal(found, "bob")
    assert "circle" in told
    assert "does not become free" in told


def test_waves_of_a_circle_end() -> None:
    sides = [on_premises("ann", "b@firm.test"), on_premises("bob", "a@firm.test")]
    found = together(sides, [user("ann", "a@firm.test"), user("bob", "b@firm.test")])
    waves = found["everybody"].waves()
    assert sorted(person.key for wave in waves for person in wave) == ["id-ann", "id-bob"]


def test_rename_that_the_directory_refuses_takes_no_license_off() -> None:
    side = replace(on_premises("ann", "b@firm.test"), error=Refused("no right"))
    behind = on_premises("bob", "a@firm.test")
    cloud = [user("ann", "a@firm.test", LICENSE), user("bob", "", LICENSE)]
    found = together([side, behind], cloud)
    assert "no right" in refusal(found, "ann")
    assert of(found, "ann").planned == ()
    assert "does not become free" in refusal(found, "bob")


def test_people_with_one_immutable_id_are_all_told() -> None:
    sides = [on_premises("kim"), on_premises("lee")]
    anchor = sides[0].person.immutable_id
    twin = replace(sides[1].person, consistency_guid=base64.b64decode(anchor))
    found = together(
        [sides[0], replace(sides[1], person=twin)], [user("kim", "", LICENSE)], snapshots=[SNAPSHOT]
    )
    assert len(found["everybody"].subjects) == 3
    for name in ("CN=kim", "CN=lee"):
        assert "immutable id" in refusal(found, name)
    assert found["everybody"].subjects["id-kim"].planned == (Step.CLOSE,)


def test_open_snapshot_of_one_of_several_users_is_given_back() -> None:
    found = together(
        [on_premises("kim")], [user("kim"), user("kim", "kim2@firm.test")], snapshots=[SNAPSHOT]
    )
    assert "Several users" in refusal(found, "CN=kim")
    assert found["everybody"].subjects["id-kim"].planned == (Step.GIVE_BACK, Step.CLOSE)


SNAPSHOT = Snapshot("id-kim", "kim@firm.test", {"e3": frozenset({"sway"})})


def test_open_snapshot_is_given_back_whatever_is_against_the_person() -> None:
    side = on_premises("kim", "kim@other.test")
    found = together([side], [user("kim")], snapshots=[SNAPSHOT])
    subject = of(found, "kim")
    assert subject.planned == (Step.GIVE_BACK, Step.CLOSE)
    assert "not a verified domain" in str(subject.person.failures[Step.END])


def test_open_snapshot_of_somebody_not_selected_is_given_back() -> None:
    found = together([], snapshots=[SNAPSHOT], named={"id-kim": user("kim")})
    subject = of(found, "kim")
    assert subject.planned == (Step.GIVE_BACK, Step.CLOSE)
    assert subject.dn is None
    (change,) = changes_of_course(subject, found["skus"])
    assert (change.id, change.before) == ("id-kim", None)
    # A rollback of this run must not take off again what an earlier one has taken off.
    assert not change.reversible


def test_open_snapshot_of_somebody_who_is_gone_is_told() -> None:
    found = together([], snapshots=[SNAPSHOT], named={"id-kim": ObjectGone("no such user")})
    subject = of(found, "kim")
    assert subject.planned == ()
    assert subject.person.is_open
    assert "forget" in subject.person.failures[Step.END].advice
