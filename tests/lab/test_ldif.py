# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""LDIF of a plan and its undo, read by OpenLDAP's tools and carried out by the lab's directory."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ldap3
import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldif.write import (
    write_plan_ldif,
    write_undo_ldif,
)
from lab.description import Description
from tools.debian import LDAP_TOOLS, install

from .directory_administrator import administrator_connection

_UNIT = "OU=Åland LDIF"
_LONG = "A very long name " * 12 + "end"

# What is there at first, and what is to be; one object has nothing that is ASCII.
_BEFORE: Mapping[str, dict[str, list[str]]] = {
    "CN=Åsa Öberg": {
        "displayName": ["Åsa\tÖberg "],
        "mail": ["åsa@contoso.test"],
        "proxyAddresses": ["SMTP:åsa@contoso.test", "smtp:asa@contoso.test", "x500:/o=Org/cn=a b"],
    },
    "CN=Jane": {"displayName": [_LONG], "mail": [":jane <jane@contoso.test"]},
    "CN=Plain": {"displayName": ["Plain"]},
}
_AFTER: Mapping[str, dict[str, list[str]]] = {
    "CN=Åsa Öberg": {
        "displayName": ["Åsa Öberg"],
        "mail": ["asa@contoso.test"],
        "proxyAddresses": ["SMTP:asa@contoso.test", "x500:/o=Org/cn=a b"],
    },
    "CN=Jane": {"mail": ["jane@contoso.test"]},
    "CN=Plain": {"displayName": ["Plain\r\nand on two lines"], "mail": ["plain@contoso.test"]},
}


@pytest.fixture(scope="module", autouse=True)
def _tools() -> None:
    install(LDAP_TOOLS)


@dataclass
class Staff:
    """Some objects in a unit of their own, seen by an administrator."""

    lab: Description
    connection: ldap3.Connection
    unit: str
    guids: dict[str, str] = field(default_factory=dict)

    def add(self) -> None:
        self.connection.add(self.unit, "organizationalUnit")
        for name, attributes in _BEFORE.items():
            self.connection.add(self.dn(name), "contact", attributes)
            self.guids[name] = self._entry(name, "objectGUID")["attributes"]["objectGUID"]

    def remove(self) -> None:
        for name in _BEFORE:
            self.connection.delete(self.dn(name))
        self.connection.delete(self.unit)

    def dn(self, name: str) -> str:
        return f"{name},{self.unit}"

    def read(self) -> dict[str, dict[str, list[str]]]:
        """The values as they are now, those of a list in alphabetical order."""
        return {name: self._values(name) for name in _BEFORE}

    def change(self, name: str, attribute: str, value: str) -> None:
        self.connection.modify(self.dn(name), {attribute: [(ldap3.MODIFY_REPLACE, [value])]})

    def _values(self, name: str) -> dict[str, list[str]]:
        raw = self._entry(name, "displayName", "mail", "proxyAddresses")["raw_attributes"]
        return {key: sorted(value.decode() for value in raw[key]) for key in raw if raw[key]}

    def _entry(self, name: str, *attributes: str) -> dict[str, Any]:
        self.connection.search(
            self.dn(name), "(objectClass=*)", ldap3.BASE, attributes=list(attributes)
        )
        (entry,) = list(self.connection.response or ())
        return dict(entry)


@pytest.fixture
def staff(lab: Description) -> Iterator[Staff]:
    with administrator_connection(lab) as connection:
        staff = Staff(lab, connection, f"{_UNIT},{lab.directory['base_dn']}")
        staff.add()
        yield staff
        staff.remove()


def _changes(staff: Staff) -> list[Change]:
    return [
        Change(System.AD, "directory_object", guid, staff.dn(name), attribute, *change, "a.rule")
        for name, guid in staff.guids.items()
        for attribute in ("displayName", "mail", "proxyAddresses")
        for change in _steps(
            attribute, _BEFORE[name].get(attribute, []), _AFTER[name].get(attribute, [])
        )
    ]


def _steps(
    attribute: str, before: list[str], after: list[str]
) -> Iterator[tuple[Action, str | None, str | None]]:
    if attribute == "proxyAddresses":
        yield from ((Action.REMOVE, value, None) for value in before if value not in after)
        yield from ((Action.ADD, None, value) for value in after if value not in before)
    elif before != after:
        yield Action.REPLACE, next(iter(before), None), next(iter(after), None)


def _ordered(
    objects: Mapping[str, Mapping[str, list[str]]],
) -> dict[str, dict[str, list[str]]]:
    return {
        name: {attribute: sorted(values) for attribute, values in held.items()}
        for name, held in objects.items()
    }


def _ldapmodify(
    lab: Description, folder: Path, file: Path, *options: str
) -> subprocess.CompletedProcess[str]:
    directory = lab.directory
    account = directory["administrator"]
    password = folder / "password"
    password.write_text(account["password"])
    password.chmod(0o600)
    address = f"ldaps://{directory['address']}:{directory['ldaps_port']}"
    return subprocess.run(
        [
            *("ldapmodify", "-H", address, "-x", "-D", account["user_principal_name"]),
            *("-y", str(password), "-f", str(file), *options),
        ],
        env={**os.environ, "LDAPTLS_CACERT": lab.ca_file},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def files(staff: Staff, tmp_path: Path) -> tuple[Path, Path]:
    """The plan and its undo."""
    plan, undo = tmp_path / "plan.ldif", tmp_path / "undo.ldif"
    write_plan_ldif(plan, _changes(staff), tenant="contoso", run="r1")
    write_undo_ldif(undo, _changes(staff), tenant="contoso", run="r1")
    return plan, undo


def test_directory_carries_out_plan_and_undo(
    lab: Description, staff: Staff, files: tuple[Path, Path], tmp_path: Path
) -> None:
    plan, undo = files
    assert staff.read() == _ordered(_BEFORE)

    made = _ldapmodify(lab, tmp_path, plan)
    assert made.returncode == 0, made.stderr
    assert staff.read() == _ordered(_AFTER)

    again = _ldapmodify(lab, tmp_path, plan)
    assert again.returncode == 16, again.stderr  # noSuchAttribute: nothing is there to be deleted

    undone = _ldapmodify(lab, tmp_path, undo)
    assert undone.returncode == 0, undone.stderr
    assert staff.read() == _ordered(_BEFORE)


def test_object_that_somebody_changed_is_left_alone_and_no_other(
    lab: Description, staff: Staff, files: tuple[Path, Path], tmp_path: Path
) -> None:
    staff.change("CN=Åsa Öberg", "mail", "somebody@contoso.test")
    before = staff.read()["CN=Åsa Öberg"]

    made = _ldapmodify(lab, tmp_path, files[0], "-c")

    assert "No such attribute" in made.stderr
    assert staff.read() == {**_ordered(_AFTER), "CN=Åsa Öberg": before}


def test_openldap_reads_what_no_directory_would_hold(tmp_path: Path) -> None:
    """Every kind of value, through the parser alone."""
    values = [
        *("a", " a", "a ", ":a", "<a", "#a", "-", "å", "a\nb", "\x00", "\x7f", "a" * 5000),
        *("dn: CN=x\nchangetype: delete", "山田 太郎", "😀"),
    ]
    changes = [
        Change(
            System.AD,
            "directory_object",
            str(number),
            f"CN={number} å,DC=contoso",
            "displayName",
            Action.REPLACE,
            value,
            f"new {number}",
        )
        for number, value in enumerate(values)
    ]
    file = tmp_path / "plan.ldif"
    write_plan_ldif(file, changes, tenant="contoso\ndn: CN=x")

    result = subprocess.run(
        ["ldapmodify", "-n", "-v", "-x", "-H", "ldap://127.0.0.1:1", "-f", str(file)],
        capture_output=True,
        check=False,
    )

    assert result.returncode == 0, result.stderr
    assert result.stdout.count(b"!modifying entry") == len(values)
    assert result.stdout.count(b"delete displayName:") == len(values)
    assert result.stdout.count(b"\n\tnew ") == len(values)
