# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables of tenants: what becomes a variable, and what is told of what cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.plugin_utils._fleet_inventory.model import (
    Host,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._tenant_table.arguments import (
    ARGUMENTS,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._tenant_table.runner import find

A = "3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11"


class Table:
    """A folder of tables, and the options of an inventory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, text: str, name: str = "t.csv") -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def read(self, text: str | None = None, **given: Any) -> dict[str, Host]:
        if text is not None:
            self.write(text)
        options = {name: option.get("default") for name, option in ARGUMENTS.options.items()}
        found = find({**options, "files": ["t.csv"], **given}, self.folder)
        return {host.name: host for host in found.hosts}

    def variables(self, text: str, **given: Any) -> dict[str, Any]:
        """The variables of the only host."""
        (host,) = self.read(text, **given).values()
        return dict(host.variables)

    def refuses(self, text: str, *told: str, **given: Any) -> None:
        with pytest.raises(InvalidInput) as raised:
            self.read(text, **given)
        assert [each for each in told if each not in str(raised.value)] == [], raised.value


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(tmp_path)


def test_cells_have_the_types_of_connections(table: Table) -> None:
    text = (
        "Name;TENANT_AD_PORT;tenant_ad_servers;tenant_ad_validate_certs;tenant_entra_timeout;"
        "tenant_ad_ca_path;tenant_upn_suffixes;country\n"
        'contoso;636;"dc1 ; dc2;";Ja;2.5;~/ca.pem;contoso.com;SE\n'
    )
    table.refuses(text, "line 2, column tenant_ad_validate_certs", "not yes or no: 'Ja'")
    assert table.variables(text.replace("Ja", "TRUE")) == {
        "tenant_ad_port": 636,
        "tenant_ad_servers": ["dc1", "dc2"],
        "tenant_ad_validate_certs": True,
        "tenant_entra_timeout": 2.5,
        "tenant_ad_ca_path": "~/ca.pem",
        "tenant_upn_suffixes": ["contoso.com"],
        "country": "SE",
    }


def test_other_types_and_names_are_the_operators(table: Table) -> None:
    text = "Customer,Directory,seats,vip,score,Remarks\ncontoso,dc1,12,no,0.5,x\n"
    assert table.variables(
        text,
        name_column="Customer",
        columns={"Directory": "tenant_ad_servers", "remarks": None},
        types={"seats": "int", "vip": "bool", "score": "float"},
    ) == {"tenant_ad_servers": ["dc1"], "seats": 12, "vip": False, "score": 0.5}


def test_an_empty_cell_is_no_variable(table: Table) -> None:
    assert table.variables("name,tenant_ad_port,country\ncontoso,,\n") == {}
    assert table.variables("name,tenant_ad_port,country\ncontoso\n") == {}


def test_several_files_are_one_table(table: Table, tmp_path: Path) -> None:
    table.write("name,country\nfabrikam,DE\n", "other.csv")
    hosts = table.read("name,country\ncontoso,SE\n", files=["t.csv", str(tmp_path / "other.csv")])
    assert {name: host.variables for name, host in hosts.items()} == {
        "contoso": {"country": "SE"},
        "fabrikam": {"country": "DE"},
    }


def test_filters(table: Table) -> None:
    text = f"name,tenant_entra_tenant_id\ncontoso,{A.upper()}\ntest-1,\n"
    assert set(table.read(text, only={"tenant_ids": [A]})) == {"contoso"}
    assert set(table.read(text, never={"names": ["test-*"]})) == {"contoso"}
    assert set(table.read(text, only={"names": []})) == set()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name,tenant_ad_port\ncontoso,x\n", ["line 2, column tenant_ad_port", "whole number"]),
        ("name,tenant_ad_auth\ncontoso,magic\n", ["line 2, column tenant_ad_auth", "none of"]),
        ("name,country\na b,SE\n", ["line 2, column name", "'a b'"]),
        ("name,country\n,SE\n", ["line 2, column name"]),
        ("name,country\nAll,SE\n", ["line 2, column name"]),
        ("name,country\nTenants,SE\n", ["line 2, column name"]),
        ("name,country\na,SE,x\n", ["line 2", "3 cells"]),
        ("name,,x\na,SE,x\n", ["line 2", "column without a name"]),
        ("name,country,Country\na,b,c\n", ["more than one column country"]),
        ("name,two words\na,b\n", ["line 1, column two words", "cannot be a variable"]),
        ("name,tenant_ad_password\na,b\n", ["line 1, column tenant_ad_password", "secret"]),
        ("name,my_api_token\na,b\n", ["line 1, column my_api_token", "secret"]),
        ("name,tenant_entra_quota\na,b\n", ["line 1, column tenant_entra_quota", "dict"]),
        ("id,country\na,b\n", ["no column name"]),
        ("name,country\n", ["no tenant in the table"]),
        ("name\na\nb\nA\n", ["line 4", "name a is there twice", "line 2"]),
        (
            f"name,tenant_entra_tenant_id\na,{A}\nb,{A.upper()}\n",
            ["line 3", f"tenant id {A} is there twice", "line 2"],
        ),
        ("name,tenant_ad_port\na,x\nb b,1\nc,2\n", ["2 rows", "line 2", "line 3"]),
    ],
)
def test_what_cannot_be_is_told_with_its_place(table: Table, text: str, told: list[str]) -> None:
    table.refuses(text, "t.csv", *told)


def test_one_host_in_two_files(table: Table) -> None:
    table.write("name\ncontoso\n", "other.csv")
    table.refuses(
        "name\ncontoso\n", "other.csv, line 2", "t.csv, line 2", files=["t.csv", "other.csv"]
    )


def test_two_columns_are_one_variable(table: Table) -> None:
    table.refuses("name,a,b\nx,1,2\n", "line 1", "same variable c", columns={"a": "c", "b": "c"})


def test_types_that_there_are_not(table: Table) -> None:
    table.refuses("name,a\nx,1\n", "'number'", types={"a": "number"})


def test_a_file_that_is_not_there(table: Table) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        table.read(files=["none.csv"])


def test_many_faults_are_not_all_told(table: Table) -> None:
    rows = "".join(f"t{number},x\n" for number in range(25))
    table.refuses(f"name,tenant_ad_port\n{rows}", "25 rows", "and 5 more")
