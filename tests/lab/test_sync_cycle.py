# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the simulated directory sync makes of people, without any server."""

from __future__ import annotations

import base64
import dataclasses
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from lab.cloud.configuration import (
    AppConfiguration,
    Configuration,
    DomainConfiguration,
    TenantConfiguration,
)
from lab.cloud.ledger import Ledger
from lab.cloud.people import LicenseAssignment, User
from lab.cloud.state import Tenant, derived_id, seed
from lab.cloud.subscriptions import known_sku
from lab.cloud.sync.cycle import run_cycle
from lab.cloud.sync.person import DirectoryPerson, person_of
from lab.cloud.sync.report import Report
from lab.cloud.sync.rules import faults, nickname, sign_in_name
from lab.cloud.sync.settings import DirectorySync
from lab.cloud.user_change import HiddenUsers, Notes, UserChange

TENANT_ID = "11111111-2222-3333-4444-555555555555"
INITIAL = "acme.onmicrosoft.com"
VERIFIED = "acme.test"
E3 = known_sku("ENTERPRISEPACK", 100)
LATER = "2026-01-02T03:04:05Z"


def person(name: str, **values: Any) -> DirectoryPerson:
    """Somebody tidy, whose name in the directory has a local suffix."""
    known = {
        "dn": f"CN={name},OU=Acme,DC=corp",
        "immutable_id": f"anchor of {name}",
        "number": 1,
        "common_name": name,
        "is_enabled": True,
        "security_identifier": None,
        "account_name": name,
        "user_principal_name": f"{name}@acme.local",
        "display_name": name.title(),
        "mail": f"{name}@{VERIFIED}",
        "proxy_addresses": (f"SMTP:{name}@{VERIFIED}",),
    }
    return DirectoryPerson(**{**known, **values})


class World:
    """A tenant and its sync."""

    def __init__(self) -> None:
        configuration = TenantConfiguration(
            tenant_id=TENANT_ID,
            initial_domain=INITIAL,
            display_name="Acme",
            app=AppConfiguration(client_id="acme"),
            domains=[DomainConfiguration(VERIFIED, is_verified=True)],
            sync=DirectorySync(search_bases=["OU=Acme,DC=corp"]),
        )
        whole = Configuration("", 0, "", "", "", "", {"acme": configuration})
        self.tenant: Tenant = seed(whole, seed_digest="", signing_key="").tenants["acme"]
        self.tenant.skus.append(E3)
        self.ledger = Ledger()

    def sync(self, *people: DirectoryPerson) -> Report:
        notes = Notes("acme", self.ledger)
        change = UserChange(self.tenant, HiddenUsers(), 0, notes)
        return run_cycle(change, people, "corp.test", LATER)

    def user(self, somebody: DirectoryPerson) -> User:
        (found,) = self.tenant.users.with_anchor(somebody.immutable_id)
        return found

    def names(self) -> list[str]:
        return sorted(user.user_principal_name for user in self.tenant.users)

    def license(self, user: User) -> None:
        self.tenant.users.update(user, licenses=[LicenseAssignment(E3.id, [])])

    def add(self, name: str, **values: Any) -> User:
        """Somebody of the cloud alone."""
        known = {"mail": None, "display_name": name, "created": LATER}
        user = User(id=derived_id(TENANT_ID, name), user_principal_name=name, **{**known, **values})
        self.tenant.users.add(user)
        return user


@pytest.fixture
def world() -> World:
    return World()


ANNA, BO = person("anna"), person("bo")


def renamed(somebody: DirectoryPerson, name: str) -> DirectoryPerson:
    return dataclasses.replace(somebody, user_principal_name=name)


# ---------------------------------------------------------------- who can be synced


GOOD = [
    {},
    {"user_principal_name": "o'brien.x-y_z!#^~1@acme.test"},
    {"user_principal_name": "山田@acme.test"},
    {"user_principal_name": None, "account_name": "short"},
    {"account_name": "a name, too long: and wrong"},
    {"proxy_addresses": ("SMTP:a@acme.test", "X500:/o=Corp/cn=a b", "sip:a@acme.test")},
    {"target_address": "SMTP:a@other.test"},
    {"display_name": None},
]
BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"user_principal_name": "no-at-sign"}, "userPrincipalName", "malformed"),
    ({"user_principal_name": "@acme.test"}, "userPrincipalName", "malformed"),
    ({"user_principal_name": "x@single"}, "userPrincipalName", "malformed"),
    ({"user_principal_name": "x.@acme.test"}, "userPrincipalName", "malformed"),
    ({"user_principal_name": "x&@acme.test"}, "userPrincipalName", "malformed"),
    ({"user_principal_name": "a@b@acme.test"}, "userPrincipalName", "invalid_characters"),
    ({"user_principal_name": "a b@acme.test"}, "userPrincipalName", "invalid_characters"),
    ({"user_principal_name": "j\u00fcrgen@acme.test"}, "userPrincipalName", "invalid_characters"),
    ({"user_principal_name": "a+b@acme.test"}, "userPrincipalName", "invalid_characters"),
    ({"user_principal_name": f"{'x' * 65}@acme.test"}, "userPrincipalName", "too_long"),
    ({"user_principal_name": f"x@{'y' * 44}.test"}, "userPrincipalName", "too_long"),
    ({"user_principal_name": None, "account_name": "a" * 21}, "sAMAccountName", "too_long"),
    ({"user_principal_name": None, "account_name": "a;b"}, "sAMAccountName", "invalid_characters"),
    ({"display_name": "  "}, "displayName", "empty"),
    ({"display_name": "x" * 257}, "displayName", "too_long"),
    ({"mail": "a@@acme.test"}, "mail", "malformed"),
    ({"mail_nickname": ".anna"}, "mailNickname", "invalid_characters"),
    ({"proxy_addresses": ("SMTP:a:M@acme.test",)}, "proxyAddresses", "invalid_characters"),
    ({"proxy_addresses": ("smtp:a b@acme.test",)}, "proxyAddresses", "invalid_characters"),
    ({"proxy_addresses": ("smtp:\u00e9@acme.test",)}, "proxyAddresses", "invalid_characters"),
    ({"proxy_addresses": ("a@acme.test",)}, "proxyAddresses", "malformed"),
    ({"target_address": "SMTP:a <a@other.test>"}, "targetAddress", "invalid_characters"),
    ({"plain": {"givenName": "x" * 65}}, "givenName", "too_long"),
]


@pytest.mark.parametrize("values", GOOD)
def test_can_be_synced(values: dict[str, Any]) -> None:
    assert faults(person("anna", **values)) == []


@pytest.mark.parametrize(("values", "attribute", "kind"), BAD)
def test_cannot_be_synced(world: World, values: dict[str, Any], attribute: str, kind: str) -> None:
    somebody = person("anna", **values)
    assert [(one.attribute, one.kind) for one in faults(somebody)] == [(attribute, kind)]

    report = world.sync(somebody, BO)

    assert [(one.attribute, one.problem) for one in report.refused] == [(attribute, kind)]
    assert world.names() == [f"bo@{INITIAL}"]


NAMES: list[tuple[dict[str, Any], str]] = [
    ({"user_principal_name": "anna.berg@acme.test"}, "anna.berg@acme.test"),
    ({"user_principal_name": "anna.berg@ACME.test"}, "anna.berg@ACME.test"),
    ({"user_principal_name": "\u5c71\u7530@acme.test"}, "__@acme.test"),
    ({"mail_nickname": "alias"}, f"alias@{INITIAL}"),
    ({"mail": "mail@other.test", "proxy_addresses": ()}, f"mail@{INITIAL}"),
    ({"mail": None, "proxy_addresses": ()}, f"anna@{INITIAL}"),
    ({"user_principal_name": None, "account_name": "account"}, f"account@{INITIAL}"),
]


@pytest.mark.parametrize(("values", "expected"), NAMES)
def test_names_in_the_cloud(values: dict[str, Any], expected: str) -> None:
    assert sign_in_name(person("anna", **values), frozenset({VERIFIED}), INITIAL) == expected


def test_what_is_read() -> None:
    guid, anchor = uuid.uuid4(), uuid.uuid4()
    attributes = {
        "objectGUID": [guid.bytes_le],
        "objectSid": [bytes.fromhex("010500000000000515000000010000000200000003000000f4010000")],
        "userAccountControl": [b"514"],
        "cn": [b"Anna"],
        "telephoneNumber": [b"+46 1"],
        "proxyAddresses": [b"SMTP:a@acme.test", b"smtp:b@acme.test"],
    }
    read = person_of("CN=Anna", attributes)
    assert read.security_identifier == "S-1-5-21-1-2-3-500"
    assert not read.is_enabled
    assert read.plain == {"businessPhones": "+46 1"}
    assert (read.primary_address, nickname(read)) == ("a@acme.test", "a")
    assert uuid.UUID(bytes_le=base64.b64decode(read.immutable_id)) == guid
    own = person_of("CN=Anna", {**attributes, "ms-DS-ConsistencyGuid": [anchor.bytes_le]})
    assert uuid.UUID(bytes_le=base64.b64decode(own.immutable_id)) == anchor


# ---------------------------------------------------------------- coming and going


def test_people_come_without_licences_and_a_second_cycle_does_nothing(world: World) -> None:
    report = world.sync(ANNA, BO)
    assert len(report.created) == 2
    assert world.names() == [f"anna@{INITIAL}", f"bo@{INITIAL}"]
    anna = world.user(ANNA)
    assert anna.is_synced
    assert (anna.licenses, anna.usage_location) == ([], None)

    again = world.sync(ANNA, BO)

    assert dataclasses.replace(again, read=0) == Report(started=LATER)


def test_everything_but_the_name_follows_whoever_has_a_licence(world: World) -> None:
    world.sync(ANNA)
    world.license(world.user(ANNA))
    changed = dataclasses.replace(
        ANNA, plain={"department": "Sales"}, is_enabled=False, display_name="Anna B"
    )

    report = world.sync(changed)

    anna = world.user(ANNA)
    assert report.updated == [anna.id]
    assert (anna.details, anna.account_enabled) == ({"department": "Sales"}, False)
    assert anna.display_name == "Anna B"


def test_who_leaves_is_deleted_softly_and_comes_back_with_licences(world: World) -> None:
    world.sync(ANNA, BO)
    anna = world.user(ANNA)
    world.license(anna)

    report = world.sync(BO)

    assert report.deleted == [anna.id]
    assert world.names() == [f"bo@{INITIAL}"]
    assert world.tenant.users.seats_taken(E3.id) == 0
    assert [user.id for user in world.tenant.deleted_users] == [anna.id]

    report = world.sync(ANNA, BO)

    assert report.restored == [anna.id]
    assert world.tenant.users.seats_taken(E3.id) == 1
    assert list(world.tenant.deleted_users) == []


def test_too_many_deletions_are_none(world: World) -> None:
    world.sync(ANNA, BO)
    world.tenant.sync.deletion_threshold = 1

    report = world.sync()

    assert report.deleted == []
    assert "2 deletions" in str(report.problem)
    assert len(world.names()) == 2


# ---------------------------------------------------------------- names


def test_who_has_no_licence_gets_the_new_name(world: World) -> None:
    world.sync(ANNA)

    report = world.sync(renamed(ANNA, "anna.berg@acme.test"))

    assert report.renamed == [world.user(ANNA).id]
    assert world.names() == ["anna.berg@acme.test"]


def test_who_has_a_licence_keeps_the_name_until_it_is_gone(world: World) -> None:
    world.sync(ANNA)
    anna = world.user(ANNA)
    world.license(anna)
    moved = renamed(ANNA, "anna.berg@acme.test")

    for _cycle in range(2):
        report = world.sync(moved)
        assert [(one.wanted, one.reason) for one in report.kept_names] == [
            ("anna.berg@acme.test", "licensed")
        ]
        assert world.names() == [f"anna@{INITIAL}"]
    assert anna.on_premises is not None
    assert anna.on_premises.user_principal_name == "anna.berg@acme.test"

    world.tenant.users.update(anna, licenses=[])
    assert world.sync(moved).renamed == [anna.id]


def test_a_strict_sync_needs_a_change_after_the_licence_is_gone(world: World) -> None:
    world.tenant.sync.only_changed_names = True
    world.sync(ANNA)
    anna = world.user(ANNA)
    world.license(anna)
    moved = renamed(ANNA, "anna.berg@acme.test")
    world.sync(moved)
    world.tenant.users.update(anna, licenses=[])

    report = world.sync(moved)

    assert [one.reason for one in report.kept_names] == ["not_changed_since"]
    world.sync(renamed(ANNA, "anna.b@acme.test"))
    assert world.names() == ["anna.b@acme.test"]


def test_the_feature_lets_new_changes_through_and_no_old_ones(world: World) -> None:
    world.sync(ANNA, BO)
    for somebody in (ANNA, BO):
        world.license(world.user(somebody))
    moved = renamed(ANNA, "anna.berg@acme.test")
    world.sync(moved, BO)
    world.tenant.sync.features.synchronize_upn_for_managed_users = True

    report = world.sync(moved, renamed(BO, "bo.ek@acme.test"))

    assert [one.reason for one in report.kept_names] == ["not_changed_since"]
    assert world.names() == [f"anna@{INITIAL}", "bo.ek@acme.test"]


def test_names_of_a_federated_domain_follow(world: World) -> None:
    moved = renamed(ANNA, "anna@acme.test")
    world.sync(moved)
    world.license(world.user(ANNA))
    for domain in world.tenant.domains:
        if domain.name == VERIFIED:
            domain.authentication_type = "Federated"

    assert world.sync(renamed(ANNA, "anna.berg@acme.test")).renamed


def test_a_name_of_the_initial_domain_stays_though_the_nickname_changes(world: World) -> None:
    world.sync(ANNA)

    report = world.sync(dataclasses.replace(ANNA, mail_nickname="other"))

    assert report.renamed == []
    assert world.names() == [f"anna@{INITIAL}"]


def test_a_chain_of_names_is_one_cycle_and_a_swap_is_refused(world: World) -> None:
    world.sync(renamed(ANNA, "a@acme.test"), renamed(BO, "b@acme.test"))

    report = world.sync(renamed(ANNA, "b@acme.test"), renamed(BO, "c@acme.test"))
    assert (len(report.renamed), report.refused) == (2, [])

    report = world.sync(renamed(ANNA, "c@acme.test"), renamed(BO, "b@acme.test"))
    assert [one.problem for one in report.refused] == ["duplicate_name", "duplicate_name"]
    assert world.names() == ["b@acme.test", "c@acme.test"]


# ---------------------------------------------------------------- others are in the way


def test_of_two_with_one_address_the_first_is_synced(world: World) -> None:
    second = person("bo", proxy_addresses=("SMTP:bo@acme.test", "smtp:ANNA@acme.test"))

    report = world.sync(ANNA, second)

    (refusal,) = report.refused
    assert (refusal.problem, refusal.dn) == ("duplicate_address", second.dn)
    assert refusal.holder == world.user(ANNA).id
    assert world.names() == [f"anna@{INITIAL}"]
    elsewhere = person("anna", mail="a@acme.test", proxy_addresses=("SMTP:a@acme.test",))
    assert len(world.sync(elsewhere, second).created) == 1


def test_who_was_deleted_still_has_the_address(world: World) -> None:
    gone = world.add("other@acme.test", mail="anna@acme.test")
    world.tenant.users.remove(gone)
    gone.deleted = LATER
    world.tenant.deleted_users.add(gone)

    report = world.sync(ANNA)

    assert [(one.problem, one.holder) for one in report.refused] == [("duplicate_address", gone.id)]


def matching() -> Iterator[tuple[str, dict[str, Any], str, str]]:
    mail = {"mail": "anna@acme.test"}
    yield "by-address", mail, "anna.x@acme.test", "soft"
    yield "by-name", {}, f"anna@{INITIAL}", "soft"
    yield "by-anchor", {"immutable_id": ANNA.immutable_id}, "anna.x@acme.test", "hard"
    yield "guest", {**mail, "user_type": "Guest"}, "anna.x@acme.test", "duplicate_address"
    yield "other-anchor", {**mail, "immutable_id": "x"}, "anna.x@acme.test", "duplicate_address"


@pytest.mark.parametrize(
    ("values", "name", "expected"),
    [case[1:] for case in matching()],
    ids=[case[0] for case in matching()],
)
def test_people_of_the_cloud_are_matched(
    world: World, values: dict[str, Any], name: str, expected: str
) -> None:
    known = world.add(name, **values)

    report = world.sync(ANNA)

    matched = {"soft": report.matched_soft, "hard": report.matched_hard}
    assert matched.get(expected, [known.id]) == [known.id]
    assert [one.problem for one in report.refused] == ([] if expected in matched else [expected])
    assert known.is_synced == (expected in matched)
    assert len(world.names()) == 1


def test_a_match_can_be_blocked(world: World) -> None:
    world.add("anna.x@acme.test", mail="anna@acme.test")
    world.tenant.sync.features.block_soft_match = True
    assert [one.problem for one in world.sync(ANNA).refused] == ["match_blocked"]

    world.add("bo.x@acme.test", immutable_id=BO.immutable_id)
    world.tenant.sync.features.block_cloud_object_takeover_through_hard_match = True
    assert [one.problem for one in world.sync(BO).refused] == ["match_blocked"]


def test_an_administrator_is_not_matched_softly(world: World) -> None:
    boss = world.add("anna.x@acme.test", mail="anna@acme.test")
    world.tenant.directory_roles[0].members.append(boss.id)

    assert [one.problem for one in world.sync(ANNA).refused] == ["administrator"]
    assert not boss.is_synced
