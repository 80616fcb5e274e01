# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ad_attributes with the option rename: people of a real directory get other names to sign in."""

from __future__ import annotations

import importlib
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ldap3
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Outcome
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    InvalidInput,
    TooManyChanges,
)
from lab.description import Description

from .directory_administrator import administrator_connection
from .truth import people

_MODULES = "ansible_collections.tenantops.migration.plugins.modules"
NAMES, MAIL, PROXIES = "userPrincipalName", "mail", "proxyAddresses"


@dataclass
class Unit:
    """An organizational unit of its own, with people who come and go with it."""

    lab: Description
    connection: ldap3.Connection
    dn: str
    folder: Path
    guids: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, **values: str | Sequence[str]) -> None:
        """Add somebody with these attributes beside the usual ones."""
        account = f"{name}{uuid.uuid4().hex[:6]}"
        given = {NAMES: f"{name}@rename.local", "sAMAccountName": account, "sn": name, **values}
        self.connection.add(
            self.where(name),
            ["top", "person", "organizationalPerson", "user"],
            {attribute: value for attribute, value in given.items() if value},
        )
        assert self.connection.result["description"] == "success", self.connection.result
        self.connection.search(
            self.where(name), "(objectClass=*)", "BASE", attributes=["objectGUID"]
        )
        (entry,) = list(self.connection.response or ())
        self.guids[name] = str(uuid.UUID(bytes_le=entry["raw_attributes"]["objectGUID"][0]))

    def where(self, name: str) -> str:
        return f"CN={name},{self.dn}"

    def values(self, name: str) -> dict[str, list[str]]:
        """What somebody has of the three attributes, in alphabetical order."""
        held = people(self.connection, self.dn)[self.where(name)]
        return {
            attribute: sorted(value.decode() for value in held[attribute])
            for attribute in (NAMES, MAIL, PROXIES)
            if held.get(attribute)
        }

    def run(self, module: str, /, *, check_mode: bool = False, **options: Any) -> Outcome:
        """What a task comes to, as through either door."""
        operation = importlib.import_module(f"{_MODULES}.{module}").OPERATION
        account = self.lab.directory["administrator"]
        given = {
            "ad_servers": [self.lab.directory["address"]],
            "ad_ca_path": self.lab.ca_file,
            "ad_username": account["user_principal_name"],
            "ad_password": account["password"],
            "journal": str(self.folder / "journal"),
            "tenant": "contoso",
            "run": "run",
            **options,
        }
        arguments = operation.arguments
        validator = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints())
        validated = validator.validate(given)
        assert not validated.error_messages, validated.error_messages
        outcome: Outcome = operation.run(dict(validated.validated_parameters), check_mode)
        return outcome

    def rename(self, *, check_mode: bool = False, **options: Any) -> Outcome:
        """A task that renames people of the unit."""
        module_options = {
            "search_bases": [self.dn],
            "upn_suffixes": ["rename.test"],
            "known_domains": ["test"],
            **options.pop("options", {}),
        }
        return self.run("ad_attributes", check_mode=check_mode, rename=options, **module_options)

    def by_suffix(self, **options: Any) -> Outcome:
        suffixes = {"rename.local": "rename.test"}
        return self.rename(source="suffix_map", suffix_map=suffixes, **options)


@pytest.fixture
def unit(lab: Description, tmp_path: Path) -> Iterator[Unit]:
    with administrator_connection(lab) as connection:
        dn = f"OU=Renaming {uuid.uuid4().hex[:8]},{lab.directory['base_dn']}"
        connection.add(dn, "organizationalUnit")
        try:
            yield Unit(lab, connection, dn, tmp_path)
        finally:
            for person in people(connection, dn):
                connection.delete(person)
            connection.delete(dn)


def changed(outcome: Outcome) -> list[tuple[str, str, object, object]]:
    return [
        (change.name.partition(",")[0], change.property, change.before, change.after)
        for change in outcome.changes or ()
    ]


def problems(outcome: Outcome) -> dict[str, str]:
    return {failure["dn"]: json.dumps(failure["error"]) for failure in outcome.values["failures"]}


def mapping(unit: Unit, names: Mapping[str, str]) -> str:
    path = unit.folder / "names.json"
    path.write_text(json.dumps(names), encoding="utf-8")
    return str(path)


def test_the_primary_address_becomes_the_name(unit: Unit) -> None:
    unit.add("kim", mail="kim.akers@rename.test", proxyAddresses=["SMTP:kim.akers@rename.test"])
    unit.add("lee", mail="lee@rename.test", userPrincipalName="Lee@rename.test")
    unit.add("service")
    before = people(unit.connection, unit.dn)
    dry = unit.rename(source="primary_address", check_mode=True)
    assert people(unit.connection, unit.dn) == before
    made = unit.rename(source="primary_address")
    assert made == dry
    assert made.error is None, made.error
    assert changed(made) == [("CN=kim", NAMES, "kim@rename.local", "kim.akers@rename.test")]
    assert unit.values("kim")[NAMES] == ["kim.akers@rename.test"]
    told = made.values["renaming"]
    assert (told["selected"], told["to_rename"], told["unchanged"]) == (3, 1, 1)
    (left,) = told["left"]
    assert (left["dn"], left["reason"]) == (unit.where("service"), "there is no mail address")
    assert unit.rename(source="primary_address").changes == ()


def test_suffix_and_addresses_and_back_again(unit: Unit) -> None:
    unit.add(
        "kim",
        mail="kim@rename.example",
        proxyAddresses=["SMTP:kim@rename.example", "smtp:k@rename.example", "X500:/o=a/cn=kim"],
    )
    unit.add("lee", mail="lee@rename.local", proxyAddresses=["SMTP:lee@rename.local"])
    unit.add("ada", userPrincipalName="ada@other.local")
    options = {"known_domains": ["test", "example"]}
    before = people(unit.connection, unit.dn)
    dry = unit.by_suffix(adjust=["mail", "proxyAddresses"], options=options, check_mode=True)
    made = unit.by_suffix(adjust=["mail", "proxyAddresses"], options=options)
    assert made == dry
    assert made.error is None, made.error
    assert unit.values("kim") == {
        NAMES: ["kim@rename.test"],
        MAIL: ["kim@rename.test"],
        PROXIES: [
            "SMTP:kim@rename.test",
            "X500:/o=a/cn=kim",
            "smtp:k@rename.example",
            "smtp:kim@rename.example",
        ],
    }
    # No mail could arrive at the old one.
    assert unit.values("lee")[PROXIES] == ["SMTP:lee@rename.test"]
    assert unit.values("ada") == {NAMES: ["ada@other.local"]}
    assert made.values["renaming"]["left"] == []
    assert unit.by_suffix(adjust=["mail", "proxyAddresses"], options=options).changes == ()
    undone = unit.run("change_rollback", undo_run="run", run="undo")
    assert undone.error is None, undone.error
    assert people(unit.connection, unit.dn) == before


def test_only_those_who_are_named(unit: Unit) -> None:
    for name in ("kim", "lee", "ada"):
        unit.add(name)
    gone = str(uuid.uuid4())
    made = unit.by_suffix(ids=[unit.guids["kim"].upper(), gone])
    assert [name for name, *_rest in changed(made)] == ["CN=kim"]
    assert "No user in scope" in problems(made)[gone]
    names = {unit.guids["lee"]: "l.gu@rename.test", "ADA@rename.local": "a.r@rename.test"}
    path = mapping(unit, names)
    made = unit.rename(source="mapping", mapping=path)
    assert made.error is None, made.error
    assert unit.values("lee")[NAMES] == ["l.gu@rename.test"]
    assert unit.values("ada")[NAMES] == ["a.r@rename.test"]
    again = unit.rename(source="mapping", mapping=path)
    assert again.changes == ()
    assert again.error is None, again.error


def test_names_that_others_of_the_forest_have(unit: Unit) -> None:
    unit.add("kim", mail="taken@rename.test")
    unit.add("lee", mail="forwarded@rename.test")
    unit.add("outside", userPrincipalName="taken@rename.test")
    unit.add("forwarder", targetAddress="SMTP:forwarded@rename.test")
    ids = [unit.guids["kim"], unit.guids["lee"]]
    made = unit.rename(source="mail", ids=ids)
    assert "another object has it" in problems(made)[unit.where("kim")]
    # Who only forwards there does not have it.
    assert changed(made) == [("CN=lee", NAMES, "lee@rename.local", "forwarded@rename.test")]


def test_two_who_would_get_one_name(unit: Unit) -> None:
    unit.add("kim")
    unit.add("lee", userPrincipalName="kim@rename.example")
    made = unit.rename(
        source="suffix_map",
        suffix_map={"rename.local": "rename.test", "rename.example": "rename.test"},
    )
    assert made.changes == ()
    assert set(problems(made)) == {unit.where("kim"), unit.where("lee")}


def test_suffix_that_the_forest_does_not_have(unit: Unit) -> None:
    unit.add("kim")
    made = unit.rename(source="suffix_map", suffix_map={"rename.local": "elsewhere.test"})
    assert made.changes == ()
    assert "ad_upn_suffix" in problems(made)[unit.where("kim")]


def test_protected_people_and_the_limit(unit: Unit) -> None:
    unit.add("kim")
    unit.add("lee")
    made = unit.by_suffix(options={"protect": [unit.where("kim")]}, check_mode=True)
    assert "protected" in problems(made)[unit.where("kim")]
    assert [name for name, *_rest in changed(made)] == ["CN=lee"]
    with pytest.raises(TooManyChanges):
        unit.by_suffix(options={"max_changes": "1"})


def test_ldif_for_others_to_apply(unit: Unit) -> None:
    unit.add("kim")
    path = unit.folder / "plan.ldif"
    unit.by_suffix(options={"plan_ldif": str(path)}, check_mode=True)
    assert "userPrincipalName: kim@rename.test" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("rename", "told"),
    [
        ({"source": "suffix_map"}, "suffix_map is missing"),
        ({"source": "mail", "ids": ["kim"]}, "not an objectGUID"),
    ],
)
def test_what_cannot_be_meant(unit: Unit, rename: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        unit.rename(**rename)
