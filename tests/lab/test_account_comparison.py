# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The people of the directory and the users of the cloud side by side: `account_comparison_info`,
the role `account_assessment` and the playbook `assess_accounts`."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ldap3
import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Outcome
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    AuthenticationFailed,
    ConnectionFailed,
    InvalidInput,
    Refused,
    TenantopsError,
)
from ansible_collections.tenantops.migration.plugins.module_utils._people import both, reading
from ansible_collections.tenantops.migration.plugins.modules.account_comparison_info import (
    OPERATION,
)
from lab import account_tenants
from lab.description import Description
from lab.directory import account_people
from lab.directory.account_people import Colleague
from lab.openldap import scale

from ..bench import comparing, comparisons
from . import synced_people
from .browser import Element, installed_chromium
from .conftest import LabCommand
from .directory_administrator import administrator_connection
from .ldap_relay import SEARCH_ENTRY, Drop, relay_to_samba
from .playbooks import Finished, Operator
from .truth import Truth

# `make scale` asks for 100,000 in each of the two systems.
COMPARED = int(os.environ.get("TENANTOPS_COMPARED", "3000"))
CROWD = 150
TENANTS = tuple(one.tenant.name for one in account_tenants.ALL)

Row = Mapping[str, Any]


@dataclass(frozen=True)
class World:
    """Somebody who compares, with a look behind both systems."""

    lab: Description
    truth: Truth

    def variables(self, tenant: str) -> dict[str, Any]:
        """What the inventory says of a tenant."""
        inventory = yaml.safe_load(Path(self.lab.data["inventory"]).read_text(encoding="utf-8"))
        variables: dict[str, Any] = inventory["account_tenants"]["hosts"][tenant]
        return variables

    def parameters(self, tenant: str, **options: Any) -> dict[str, Any]:
        """The options as either door gives them to the runner."""
        given = {
            name.removeprefix("tenant_"): value
            for name, value in self.variables(tenant).items()
            if name.removeprefix("tenant_") in OPERATION.arguments.options
        }
        given["search_bases"] = self.lab.account_tenants[tenant]["search_bases"]
        arguments = OPERATION.arguments
        validator = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints())
        validated = validator.validate({**given, **options})
        assert validated.error_messages == []
        return dict(validated.validated_parameters)

    def compare(self, tenant: str, **options: Any) -> Outcome:
        return OPERATION.run(self.parameters(tenant, **options), True)

    def dn(self, person: Colleague) -> str:
        return person.dn(self.lab.directory["base_dn"])


@pytest.fixture(scope="module")
def world(lab: Description, lab_command: LabCommand) -> World:
    """The lab in its start state, for tests that only read."""
    lab_command("reset")
    return World(lab, Truth(lab))


@pytest.fixture
def other_cloud(world: World) -> Iterator[World]:
    """For tests that change something in the cloud, which is forgotten afterwards."""
    try:
        yield world
    finally:
        world.truth.cloud("POST", "/reset")


@pytest.fixture
def directory(world: World, lab_command: LabCommand) -> Iterator[ldap3.Connection]:
    """An administrator of the directory, whose changes are forgotten afterwards."""
    try:
        with administrator_connection(world.lab) as connection:
            yield connection
    finally:
        lab_command("reset")


def by_dn(outcome: Outcome) -> dict[str, Row]:
    """The rows of people of the directory; DNs as the directory spells them."""
    return {row["dn"]: row for row in outcome.values["people"] if row["dn"] is not None}


def by_name(outcome: Outcome) -> dict[str, Row]:
    """The rows of users of the cloud."""
    return {row["cloud_upn"]: row for row in outcome.values["people"] if row["cloud_upn"]}


def only(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: number for name, number in counts.items() if number}


# ---------------------------------------------------------------- who is who, and what is told


def test_everybody_who_is_synced_is_found_by_the_immutable_id(world: World) -> None:
    outcome = world.compare("munson")
    summary = outcome.values["summary"]

    # Besides them there is the administrator that every tenant has from the first day.
    assert only(summary["matches"]) == {"hard": len(account_people.IN_MUNSON), "only_in_cloud": 1}
    # Nils has the right name in both; one of those without a licence is disabled.
    assert only(summary["findings"]) == {
        "upn_differs": 13,
        "upn_not_address": 13,
        "unlicensed": 2,
        "only_in_cloud": 1,
        "fields_missing": 3,
    }
    assert summary["directory_suffixes"] == {"munson.local": 13, "munson.test": 1}
    assert summary["cloud_suffixes"] == {"munson.onmicrosoft.com": 14, "munson.test": 1}
    rows = by_dn(outcome)
    truth = {
        user["immutable_id"]: user for user in world.truth.cloud("GET", "/accounts/munson")["users"]
    }
    for person in account_people.IN_MUNSON[:-1]:
        row = rows[world.dn(person)]
        user = truth[row["immutable_id"]]
        assert user["mail_nickname"] == person.account
        assert row["id"] == user["id"]
        assert row["directory_upn"] == f"{person.account}@munson.local"
        assert row["cloud_upn"] == user["user_principal_name"]
        assert row["directory_address"] == row["cloud_address"] == person.primary_address
        assert row["licensed"] == bool(user["licenses"])
        assert row["directory_enabled"] == row["cloud_enabled"] == person.is_enabled
        assert (row["match"], row["matched_by"]) == ("hard", "immutable_id")


def test_each_trouble_is_told_with_whom_it_is_about(world: World) -> None:
    outcome = world.compare("southridge")
    rows, users = by_dn(outcome), by_name(outcome)

    def of(person: Colleague) -> Row:
        return rows[world.dn(person)]

    unsynced, holder = of(account_people.NOT_SYNCED), of(account_people.SYNCED)
    assert unsynced["match"] == "only_in_directory"
    assert unsynced["findings"][:2] == ["duplicate", "only_in_directory"]
    assert unsynced["duplicates"] == [
        {
            "address": "dan.ellery@southridge.test",
            "holders": [world.dn(account_people.SYNCED), holder["cloud_upn"]],
        }
    ]
    assert holder["findings"][0] == "duplicate"
    for one, other in (
        (account_people.SAME_ADDRESS, account_people.SAME_ADDRESS_TOO),
        (account_people.SAME_ADDRESS_TOO, account_people.SAME_ADDRESS),
    ):
        (duplicate,) = of(one)["duplicates"]
        assert duplicate["address"] == "robin.wood@southridge.test"
        assert duplicate["holders"][0] == world.dn(other)
    assert "address_differs" in of(account_people.HELD_BY_DELETED)["findings"]
    # A licence through a group is one.
    assert of(account_people.BY_GROUP_ONLY)["licensed"] is True
    ned = users["ned.yew@southridge.onmicrosoft.com"]
    assert ned["match"] == "only_in_cloud"
    assert ned["findings"][:2] == ["upn_not_address", "unlicensed"]
    assert ned["synced"] is False
    assert outcome.values["summary"]["matches"] == {
        "hard": 7,
        "soft": 0,
        "ambiguous": 0,
        "only_in_directory": 1,
        "only_in_cloud": 6,
    }


def test_who_is_not_joined_yet_is_a_soft_match_until_sync_joins(
    world: World, directory: ldap3.Connection
) -> None:
    """And two of the kind are ambiguous."""
    (base,) = world.lab.account_tenants["southridge"]["search_bases"]

    def hire(name: str) -> None:
        attributes = {
            "sAMAccountName": name,
            "userPrincipalName": f"{name}@southridge.test",
            "mail": "sam.oak@southridge.test",
            "userAccountControl": "544",
        }
        classes = ["top", "person", "organizationalPerson", "user"]
        assert directory.add(f"CN={name},{base}", classes, attributes), directory.result

    hire("soak")
    hired = by_dn(world.compare("southridge"))[f"CN=soak,{base}"]
    assert (hired["match"], hired["matched_by"]) == ("soft", "primary_address")
    assert hired["cloud_upn"] == "sam.oak@southridge.onmicrosoft.com"
    assert hired["synced"] is False
    assert "soft_match" in hired["findings"]

    hire("soak2")
    outcome = world.compare("southridge")
    for name in ("soak", "soak2"):
        row = by_dn(outcome)[f"CN={name},{base}"]
        assert (row["match"], row["id"]) == ("ambiguous", None)
        assert row["candidates"] == ["sam.oak@southridge.onmicrosoft.com"]
    user = by_name(outcome)["sam.oak@southridge.onmicrosoft.com"]
    assert sorted(user["candidates"]) == [f"CN=soak,{base}", f"CN=soak2,{base}"]

    assert directory.delete(f"CN=soak2,{base}")
    world.truth.cloud("POST", "/sync/southridge")
    joined = by_dn(world.compare("southridge"))[f"CN=soak,{base}"]
    assert (joined["match"], joined["matched_by"]) == ("hard", "immutable_id")


def test_users_of_another_unit_are_synced_from_elsewhere(world: World) -> None:
    bases = world.lab.account_tenants["munson"]["search_bases"]
    outcome = world.compare("parnell", search_bases=bases)
    findings = outcome.values["summary"]["findings"]
    assert findings["synced_from_elsewhere"] == len(account_people.IN_PARNELL)
    assert findings["only_in_directory"] == len(account_people.IN_MUNSON)


def test_people_by_the_hundred(world: World) -> None:
    """Each is who the lab made them to be, whatever made their anchor."""
    made = synced_people.make_people(world.lab, "lamna", CROWD, seed=3)
    try:
        outcome = world.compare("lamna", rows_limit=10_000)
    finally:
        synced_people.remove_people(world.lab, "lamna", seed=3)
    rows = by_dn(outcome)
    for person in made:
        row = rows[person.dn]
        assert row["match"] == "hard"
        assert row["immutable_id"] == person.immutable_id
        assert row["directory_upn"] == person.user_principal_name
        assert row["cloud_upn"] == person.cloud_name
        assert row["directory_address"] == row["cloud_address"] == person.address
        assert row["licensed"] == bool(person.licenses)
        assert "upn_differs" in row["findings"]
    assert outcome.values["summary"]["matches"]["hard"] == CROWD + len(account_people.IN_LAMNA)


# ---------------------------------------------------------------- which people, which rows


def test_exclude_and_filter_leave_people_out(world: World) -> None:
    outcome = world.compare(
        "munson",
        exclude=[world.dn(account_people.IN_MUNSON[0])],
        filter="(department=Preserves)",
    )
    summary = outcome.values["summary"]
    assert summary["in_directory"] == 2
    assert summary["in_cloud"] == len(account_people.IN_MUNSON) + 1
    assert summary["findings"]["synced_from_elsewhere"] == len(account_people.IN_MUNSON) - 2


def test_files_have_everybody_with_the_chosen_findings(world: World, tmp_path: Path) -> None:
    table, lines = tmp_path / "new" / "a.csv", tmp_path / "a.jsonl"
    outcome = world.compare(
        "munson",
        findings=["unlicensed", "fields_missing"],
        rows_limit=1,
        write_csv=str(table),
        write_json_lines=str(lines),
    )
    assert outcome.values["written"] == {"csv": str(table), "json_lines": str(lines)}
    assert [row["findings"][-1] for row in outcome.values["people"]] == ["fields_missing"]
    records = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    rows = list(csv.DictReader(io.StringIO(table.read_text("utf-8-sig"))))
    # Two of the directory, and the tenant's administrator
    wanted = {*(world.dn(person) for person in account_people.IN_MUNSON[10:12]), ""}
    assert {record["dn"] or "" for record in records} == {row["dn"] for row in rows} == wanted
    assert {record["format"] for record in records} == {1}
    assert table.stat().st_mode & 0o777 == lines.stat().st_mode & 0o777 == 0o600


def test_guests_and_accounts_that_are_never_synced_are_counted_and_left_out(
    other_cloud: World,
) -> None:
    other_cloud.truth.cloud("POST", "/guests/munson", {"count": 7, "seed": 1})
    outcome = other_cloud.compare("munson", search_bases=None, rows_limit=0)
    summary = outcome.values["summary"]
    assert summary["guests"] == 7
    assert summary["in_cloud"] == len(account_people.IN_MUNSON) + 1
    assert summary["skipped"]["critical system object"] > 0
    assert summary["in_directory"] > len(account_people.ALL)
    assert outcome.values["people"] == []


# ---------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("options", "kind", "told"),
    [
        ({"ad_password": "wrong"}, AuthenticationFailed, "password is wrong"),
        ({"entra_client_secret": "wrong"}, AuthenticationFailed, "client"),
        ({"search_bases": ["OU=Nowhere,DC=corp,DC=example,DC=test"]}, Refused, "Nowhere"),
        ({"filter": "(department=Nobody)"}, Refused, "Nobody was read"),
        ({"filter": "(department=Sales"}, InvalidInput, "filter"),
    ],
)
def test_what_cannot_be_read_is_an_error(
    world: World, options: dict[str, Any], kind: type[TenantopsError], told: str
) -> None:
    """And not a directory, or a tenant, in which nobody is."""
    with pytest.raises(kind, match=told):
        world.compare("munson", **options)


def test_a_missing_permission_is_told_before_anything_is_read(other_cloud: World) -> None:
    other_cloud.truth.cloud(
        "PUT", "/state/tenants/munson/application/permissions", ["LicenseAssignment.Read.All"]
    )
    with pytest.raises(Refused, match=r"User\.Read\.All"):
        other_cloud.compare("munson")


@pytest.mark.parametrize("skip", [3, 12])
def test_a_connection_that_breaks_is_made_again(world: World, skip: int, tmp_path: Path) -> None:
    """And nobody is there twice."""
    calm = world.compare("munson")
    table = tmp_path / "a.csv"
    with relay_to_samba(world.lab, Drop(tag=SEARCH_ENTRY, skip=skip)) as relay:
        shaken = world.compare(
            "munson", ad_servers=[relay.address], ad_port=None, write_csv=str(table)
        )
    assert dict(shaken.values["summary"]) == dict(calm.values["summary"])
    assert shaken.values["people"] == calm.values["people"]
    assert len(shaken.warnings) == 1
    assert "began again" in shaken.warnings[0]


def test_a_connection_that_always_breaks_is_an_error_and_leaves_the_old_file(
    world: World, tmp_path: Path
) -> None:
    table = tmp_path / "a.csv"
    table.write_text("old")
    with (
        relay_to_samba(world.lab, Drop(tag=SEARCH_ENTRY, skip=3, times=None)) as relay,
        pytest.raises(ConnectionFailed),
    ):
        world.compare("munson", ad_servers=[relay.address], ad_port=None, write_csv=str(table))
    assert table.read_text() == "old"


# ---------------------------------------------------------------- very many


def test_memory_does_not_grow_with_the_people(other_cloud: World, tmp_path: Path) -> None:
    lab = other_cloud.lab
    with scale.running(tmp_path, COMPARED):
        people = comparisons.fill(lab, comparisons.TENANT, tmp_path)
        compared = comparisons.compared("ours", lab, comparisons.TENANT, tmp_path)
    assert compared.people >= people > 0.9 * COMPARED
    assert compared.growth < comparisons.MOST_GROWTH * 1_000_000


def test_we_are_measured_on_what_is_read() -> None:
    assert set(comparing.FIELDS) == {"id", "userPrincipalName", *both.USER_FIELDS}
    assert set(comparing.ATTRIBUTES) == set(reading.ATTRIBUTES)


# ---------------------------------------------------------------- the playbook


@dataclass(frozen=True)
class Assessed:
    """What the playbook left: once in check mode, once not, over all tenants that have accounts."""

    rehearsed: Finished
    ran: Finished
    folder: Path

    def files(self, mode: str) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (self.folder / mode).iterdir()}


def _everything(world: World) -> tuple[Any, ...]:
    return world.truth.cloud("GET", "/state")["tenants"], world.truth.people()


@pytest.fixture(scope="module")
def assessed(world: World, tmp_path_factory: pytest.TempPathFactory) -> Assessed:
    folder = tmp_path_factory.mktemp("assessed")
    operator = Operator(world.lab, folder)
    before = _everything(world)

    def assess(mode: str, *arguments: str) -> Finished:
        finished = operator.run(
            "assess_accounts",
            *arguments,
            tenantops_hosts="account_tenants",
            tenantops_assessments=str(folder / mode),
            tenant_account_comparison={"rows_limit": 5},
        )
        assert finished.exit_code == 0, finished.output
        return finished

    found = Assessed(assess("check", "--check"), assess("apply"), folder)
    assert _everything(world) == before
    return found


def _rows(path: Path) -> Sequence[Row]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _assert_tells_of(world: World, tenant: str, folder: Path) -> None:
    """The files have everybody of whom there is something to tell."""
    outcome = world.compare(tenant, rows_limit=1000)
    rows = _rows(folder / f"{tenant}-accounts.jsonl")
    assert len(rows) == outcome.values["summary"]["with_findings"]
    assert sorted(row["id"] or row["dn"] for row in rows) == sorted(
        row["id"] or row["dn"] for row in outcome.values["people"]
    )
    table = (folder / f"{tenant}-accounts.csv").read_text("utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(table)))) == len(rows)


def test_playbook_tells_every_tenant_the_same_twice(world: World, assessed: Assessed) -> None:
    assert assessed.files("check") == assessed.files("apply")
    assert len(assessed.files("apply")) == 2 * len(TENANTS)
    for tenant in TENANTS:
        _assert_tells_of(world, tenant, assessed.folder / "apply")
    for finished, mode in ((assessed.rehearsed, "check"), (assessed.ran, "apply")):
        assert finished.changes(mode) == {tenant: [] for tenant in TENANTS}
        assert "14 people in the directory, 15 users in the cloud" in finished.output
        assert "upn_differs 13, upn_not_address 13" in finished.output


def test_playbook_tells_the_same_as_an_ordinary_module(
    world: World, assessed: Assessed, tmp_path: Path
) -> None:
    folder = tmp_path / "assessments"
    finished = Operator(world.lab, tmp_path).run(
        "assess_accounts",
        door="module",
        tenantops_hosts="southridge",
        tenantops_assessments=str(folder),
    )
    assert finished.exit_code == 0, finished.output
    found = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert len(found) == 2
    assert found.items() <= assessed.files("apply").items()


def test_report_shows_who_differs(world: World, assessed: Assessed) -> None:
    """In a real browser, as somebody looks for a name."""
    page = assessed.ran.report / "apply" / "report.html"
    document = installed_chromium().open(page, "q=dan.ellery")

    def seen(tag: str) -> list[Element]:
        return [element for element in document.all(tag, "accounts") if not element.is_hidden]

    assert {title.text for title in document.all("h3", "accounts")} == set(TENANTS)
    assert [title.text for title in seen("h3")] == ["fincher", "southridge"]
    people = [row.all("td") for row in seen("tr") if "entra" in row.classes]
    holder = next(
        cells for cells in people if "dellery@southridge.onmicrosoft.com" in cells[3].text
    )
    assert [finding.text for finding in holder[0].all("b")] == [
        "address of others too",
        "UPN differs",
        "UPN is not the address",
    ]
    assert world.dn(account_people.SYNCED) in holder[1].text
    assert world.dn(account_people.NOT_SYNCED) in holder[4].text
    # The index says the same for programs.
    index = json.loads((page.parent / "index.json").read_text("utf-8"))
    counted = {name: each["accounts"]["upn_differs"] for name, each in index["tenants"].items()}
    assert counted == {"munson": 13, "lamna": 13, "fincher": 0, "southridge": 7, "parnell": 4}


def test_tenant_that_cannot_be_read_fails_alone(other_cloud: World, tmp_path: Path) -> None:
    truth = other_cloud.truth
    truth.cloud("PUT", "/state/tenants/munson/application/permissions", ["Policy.Read.All"])
    folder = tmp_path / "assessments"
    finished = Operator(other_cloud.lab, tmp_path).run(
        "assess_accounts", tenantops_hosts="account_tenants", tenantops_assessments=str(folder)
    )
    assert finished.exit_code != 0
    assert "User.Read.All" in finished.output
    others = [tenant for tenant in TENANTS if tenant != "munson"]
    assert {path.name for path in folder.iterdir()} == {
        f"{tenant}-accounts.{kind}" for tenant in others for kind in ("csv", "jsonl")
    }
    for tenant in others:
        _assert_tells_of(other_cloud, tenant, folder)
