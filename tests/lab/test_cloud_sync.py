# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated cloud's sync with the real directory, and what Graph says about it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import httpx
import ldap3
import pytest
import yaml

from lab import account_tenants
from lab.description import Description
from lab.directory import account_people
from lab.directory.account_people import Colleague

from . import synced_people
from .conftest import LabCommand
from .described_cloud import WRONG, DescribedCloud
from .directory_administrator import administrator_connection
from .synced_people import make_people, remove_people
from .truth import Truth

FEATURES = "/directory/onPremisesSynchronization"
UPN = "synchronizeUpnForManagedUsersEnabled"
LICENSED, ANOTHER, UNLICENSED = (account_people.IN_MUNSON[number] for number in (0, 1, 10))
NOTHING_DONE: dict[str, Any] = {
    "created": [],
    "updated": [],
    "renamed": [],
    "deleted": [],
    "restored": [],
    "matched_hard": [],
    "matched_soft": [],
    "kept_names": [],
    "refused": [],
    "problem": None,
}


@dataclass(frozen=True)
class World:
    """The directory and the cloud, in the hands of somebody who may do everything."""

    lab: Description
    truth: Truth
    directory: ldap3.Connection

    def sync(self, tenant: str = "munson") -> dict[str, Any]:
        return synced_people.sync(self.lab, tenant)

    def member(self, person: Colleague, tenant: str = "munson") -> dict[str, Any]:
        """The truth about somebody's user."""
        (found,) = [
            user
            for user in self.truth.cloud("GET", f"/accounts/{tenant}")["users"]
            if user["mail_nickname"] == person.account
        ]
        return dict(found)

    def name(self, person: Colleague, tenant: str = "munson") -> str:
        return str(self.member(person, tenant)["user_principal_name"])

    def dn(self, person: Colleague) -> str:
        return person.dn(self.lab.directory["base_dn"])

    def write(self, person: Colleague, **attributes: str | list[str]) -> None:
        changes = {
            name: [(ldap3.MODIFY_REPLACE, value if isinstance(value, list) else [value])]
            for name, value in attributes.items()
        }
        self.directory.modify(self.dn(person), changes)

    def align(self, person: Colleague) -> None:
        """Let somebody sign in with the primary address."""
        self.write(person, userPrincipalName=person.primary_address)

    def put(self, tenant: str, path: str, value: Any) -> None:
        self.truth.cloud("PUT", f"/state/tenants/{tenant}/{path}", value)

    @contextmanager
    def graph(self, tenant: str) -> Iterator[httpx.Client]:
        with DescribedCloud(self.lab).client(tenant) as client:
            yield client


@pytest.fixture
def world(clean_lab: Description) -> Iterator[World]:
    with administrator_connection(clean_lab) as connection:
        yield World(clean_lab, Truth(clean_lab), connection)


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.1)


def done(report: dict[str, Any]) -> dict[str, Any]:
    return {name: report[name] for name in NOTHING_DONE}


# ---------------------------------------------------------------- the start state


def test_inventory_has_the_tenants(lab: Description) -> None:
    inventory = yaml.safe_load(Path(lab.data["inventory"]).read_text(encoding="utf-8"))
    hosts = inventory["account_tenants"]["hosts"]
    assert list(hosts) == [one.tenant.name for one in account_tenants.ALL]
    assert list(hosts) == list(lab.account_tenants)
    for name in ("munson", "lamna", "southridge", "parnell"):
        bases = lab.account_tenants[name]["search_bases"]
        assert hosts[name]["tenant_upn_alignment"]["search_bases"] == bases
    people = Path(hosts["fincher"]["tenant_work_accounts"]["file"])
    assert len(people.read_text(encoding="utf-8").splitlines()) == 6


def test_tenants_are_synchronised_at_the_start(world: World) -> None:
    for name in ("munson", "lamna", "parnell"):
        found = account_tenants.find(name)
        assert found is not None

        report = world.sync(name)

        assert done(report) == NOTHING_DONE, name
        assert report["read"] == len(found.synced)


def test_everybody_in_trouble_is_refused(world: World) -> None:
    report = world.sync("southridge")

    truth = world.truth.cloud("GET", "/accounts/southridge")
    (deleted,) = truth["deleted"]
    first = world.member(account_people.SAME_ADDRESS, "southridge")
    synced = world.member(account_people.SYNCED, "southridge")
    assert {one["dn"]: (one["problem"], one["holder"]) for one in report["refused"]} == {
        world.dn(account_people.HELD_BY_DELETED): ("duplicate_address", deleted["id"]),
        world.dn(account_people.SAME_ADDRESS_TOO): ("duplicate_address", first["id"]),
        world.dn(account_people.NOT_SYNCED): ("duplicate_address", synced["id"]),
    }
    assert done({**report, "refused": []}) == NOTHING_DONE
    gale = world.member(account_people.BY_GROUP_ONLY, "southridge")
    assert (gale["licenses"], len(gale["inherited"])) == ({}, 1)


def test_seats_and_licences_at_the_start(world: World) -> None:
    for one in account_tenants.ALL:
        truth = world.truth.cloud("GET", f"/accounts/{one.tenant.name}")
        for seats in truth["seats"].values():
            assert seats["taken"] <= seats["seats"]
    licenses = [world.member(person)["licenses"] for person in account_people.IN_MUNSON]
    assert licenses == [
        {sku: sorted(plans) for sku, plans in bundle.items()}
        for _person, bundle in account_tenants.LICENSES_IN_THE_WAY.synced
    ]


# ---------------------------------------------------------------- names


def test_name_of_who_has_a_licence_stays_until_it_is_taken_away(world: World) -> None:
    before = world.name(LICENSED)
    world.align(LICENSED)
    world.align(UNLICENSED)

    report = world.sync()

    unlicensed = world.member(UNLICENSED)
    assert report["renamed"] == [unlicensed["id"]]
    assert unlicensed["user_principal_name"] == UNLICENSED.primary_address
    (kept,) = report["kept_names"]
    assert (kept["wanted"], kept["reason"]) == (LICENSED.primary_address, "licensed")
    licensed = world.member(LICENSED)
    assert licensed["user_principal_name"] == before
    assert licensed["on_premises_user_principal_name"] == LICENSED.primary_address

    with world.graph("munson") as graph:
        skus = graph.get("/v1.0/subscribedSkus").json()["value"]
        (sku,) = [one["skuId"] for one in skus if one["skuPartNumber"] == "ENTERPRISEPACK"]
        path = f"/v1.0/users/{licensed['id']}/assignLicense"
        removal = {"addLicenses": [], "removeLicenses": [sku]}
        assert graph.post(path, json=removal).status_code == 200
        assert world.sync()["renamed"] == [licensed["id"]]
        back = {"addLicenses": [{"skuId": sku, "disabledPlans": []}], "removeLicenses": []}
        assert graph.post(path, json=back).status_code == 200
        query = "$select=userPrincipalName,onPremisesSyncEnabled,onPremisesImmutableId"
        shown = graph.get(f"/v1.0/users/{licensed['id']}?{query}").json()

    assert shown["userPrincipalName"] == LICENSED.primary_address
    assert shown["onPremisesSyncEnabled"] is True
    assert shown["onPremisesImmutableId"] == licensed["immutable_id"]
    assert done(world.sync()) == NOTHING_DONE
    assert world.member(LICENSED)["licenses"] == licensed["licenses"]


def test_with_the_feature_licences_are_not_in_the_way(world: World) -> None:
    person = account_people.IN_LAMNA[0]
    world.align(person)

    report = world.sync("lamna")

    assert report["renamed"] == [world.member(person, "lamna")["id"]]
    assert world.name(person, "lamna") == person.primary_address


def test_suffix_that_is_not_verified_becomes_the_initial_one(world: World) -> None:
    world.write(UNLICENSED, userPrincipalName=UNLICENSED.primary_address)
    world.sync()
    assert world.name(UNLICENSED) == UNLICENSED.primary_address

    world.write(UNLICENSED, userPrincipalName="karin@elsewhere.test")

    assert len(world.sync()["renamed"]) == 1
    assert world.name(UNLICENSED) == "kdahl@munson.onmicrosoft.com"


def test_invalid_characters_are_refused(world: World) -> None:
    world.write(LICENSED, userPrincipalName="anna bergqvist@munson.test")
    world.write(ANOTHER, proxyAddresses=["SMTP:bo:holm@munson.test"])

    report = world.sync()

    assert {(one["dn"], one["attribute"], one["problem"]) for one in report["refused"]} == {
        (world.dn(LICENSED), "userPrincipalName", "invalid_characters"),
        (world.dn(ANOTHER), "proxyAddresses", "invalid_characters"),
    }
    assert done({**report, "refused": []}) == NOTHING_DONE


# ---------------------------------------------------------------- coming and going


def test_somebody_new_comes_without_licence_and_goes(world: World) -> None:
    base = world.lab.account_tenants["munson"]["search_bases"][0]
    dn = f"CN=Ottilia Ny,{base}"
    attributes = {
        "sAMAccountName": "ony",
        "userPrincipalName": "ottilia.ny@munson.test",
        "mail": "ottilia.ny@munson.test",
        "title": "Cook",
    }
    world.directory.add(dn, ["top", "person", "organizationalPerson", "user"], attributes)

    (identifier,) = world.sync()["created"]

    with world.graph("munson") as graph:
        names = "id,userPrincipalName,mail,jobTitle,usageLocation,assignedLicenses,accountEnabled"
        user = graph.get(f"/v1.0/users/ottilia.ny@munson.test?$select={names}").json()
    del user["@odata.context"]
    assert user == {
        "id": identifier,
        "userPrincipalName": "ottilia.ny@munson.test",
        "mail": "ottilia.ny@munson.test",
        "jobTitle": "Cook",
        "usageLocation": None,
        "assignedLicenses": [],
        # The directory makes accounts disabled unless told otherwise.
        "accountEnabled": False,
    }

    world.directory.delete(dn)
    assert world.sync()["deleted"] == [identifier]
    with world.graph("munson") as graph:
        assert graph.get(f"/v1.0/users/{identifier}", **WRONG).status_code == 404
        assert graph.get(f"/v1.0/directory/deletedItems/{identifier}").status_code == 200


def test_somebody_whom_the_cloud_has_already_is_matched_by_address(world: World) -> None:
    order = {
        "accounts": [
            {
                "user_principal_name": "daniel@southridge.onmicrosoft.com",
                "mail": "daniel.ellery@southridge.test",
                "usage_location": "US",
                "licenses": [{"sku": "EXCHANGESTANDARD"}],
            }
        ]
    }
    world.truth.cloud("POST", "/accounts/southridge", order)
    address = "daniel.ellery@southridge.test"
    world.write(account_people.NOT_SYNCED, mail=address, proxyAddresses=[f"SMTP:{address}"])

    report = world.sync("southridge")

    (identifier,) = report["matched_soft"]
    user = world.member(account_people.NOT_SYNCED, "southridge")
    assert (user["id"], user["is_synced"]) == (identifier, True)
    assert user["licenses"] == {"EXCHANGESTANDARD": []}


# ---------------------------------------------------------------- what Graph says


def test_organization_tells_when_it_synced(world: World) -> None:
    query = "/v1.0/organization?$select=onPremisesSyncEnabled,onPremisesLastSyncDateTime"

    def told(tenant: str) -> tuple[bool | None, str | None]:
        with world.graph(tenant) as graph:
            (organization,) = graph.get(query).json()["value"]
        return organization["onPremisesSyncEnabled"], organization["onPremisesLastSyncDateTime"]

    assert told("fincher") == (None, None)
    assert told("munson") == (True, None)
    ended = world.sync()["ended"]
    assert told("munson") == (True, ended)


def test_features_are_read_and_one_is_on_for_good(world: World) -> None:
    tenant_id = world.lab.tenants["munson"]["tenant_id"]
    path = f"/v1.0{FEATURES}/{tenant_id}"
    with world.graph("munson") as graph:
        (found,) = graph.get(f"/v1.0{FEATURES}").json()["value"]
        assert found["id"] == tenant_id
        assert found["features"][UPN] is False
        assert graph.get(path).json()["features"] == found["features"]

        assert graph.patch(path, json={"features": {UPN: True}}).status_code == 204
        found = graph.get(f"{path}?$select=features").json()
        assert found["features"][UPN] is True
        off = graph.patch(path, json={"features": {UPN: False}}, **WRONG)
        assert off.status_code == 400
        wrong = graph.patch(path, json={"features": {"noSuchFeature": True}}, **WRONG)
        assert wrong.status_code == 400
        elsewhere = graph.get(f"/v1.0{FEATURES}/00000000-0000-0000-0000-000000000000", **WRONG)
        assert elsewhere.status_code == 404
    world.align(LICENSED)
    assert len(world.sync()["renamed"]) == 1


def test_features_need_the_permission(world: World) -> None:
    with world.graph("contoso") as graph:
        assert graph.get(f"/v1.0{FEATURES}", **WRONG).status_code == 403


# ---------------------------------------------------------------- when it runs


def test_clock(world: World, lab_command: LabCommand) -> None:
    world.truth.cloud("PUT", "/sync/munson", {"every": 0.3})
    world.align(UNLICENSED)
    wait_until(lambda: world.name(UNLICENSED) == UNLICENSED.primary_address)

    assert "on request" in lab_command("sync", "munson", "--never")
    settings = world.truth.cloud("GET", "/sync/munson")
    assert settings["every"] is None
    assert settings["last"]["has_run"]


def test_command_tells_what_was_done(world: World, lab_command: LabCommand) -> None:
    world.align(LICENSED)
    world.align(UNLICENSED)

    told = lab_command("sync", "munson")

    assert "14 people read: 2 updated, 1 renamed." in told
    assert f"is not renamed {LICENSED.primary_address}: licensed" in told


def test_directory_that_does_not_answer(world: World, lab_command: LabCommand) -> None:
    lab_command("chaos", "stop", "directory")
    try:
        with pytest.raises(HTTPError) as caught:
            world.sync()
        assert caught.value.code == 503
        assert world.name(LICENSED) == "abergqvist@munson.onmicrosoft.com"
    finally:
        lab_command("chaos", "start", "directory")
    assert done(world.sync()) == NOTHING_DONE


@pytest.mark.parametrize(("tenant", "status"), [("nobody", 404), ("fincher", 409)])
def test_who_has_no_sync(world: World, tenant: str, status: int) -> None:
    with pytest.raises(HTTPError) as caught:
        world.sync(tenant)
    assert caught.value.code == status


# ---------------------------------------------------------------- many


def test_people_by_the_hundred(world: World) -> None:
    made = make_people(world.lab, "munson", 120, seed=3)

    report = world.sync()

    assert done(report) == NOTHING_DONE
    assert report["read"] == 14 + 120
    found = synced_people.accounts(world.lab, "munson")
    for person in made:
        user = found[person.immutable_id]
        assert user["user_principal_name"] == person.cloud_name
        assert user["on_premises_user_principal_name"] == person.user_principal_name
        assert user["licenses"] == person.licenses
        assert user["mail"] == person.address
    assert len({tuple(person.licenses) for person in made}) > 3
    seats = world.truth.cloud("GET", "/accounts/munson")["seats"]["ENTERPRISEPACK"]
    assert seats["taken"] == seats["seats"]

    remove_people(world.lab, "munson", seed=3)
    assert world.sync()["read"] == 14
