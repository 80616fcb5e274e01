# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two thousand objects with 700 seeded defects: all of them found and nothing else, fixed where
that is safe, and put back byte for byte. The forest knows its own defects; nothing is asked of the
rules to learn what must be found.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ldap3
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import (
    Operation,
    perform,
)
from ansible_collections.tenantops.migration.plugins.modules import (
    ad_attributes,
    ad_attributes_info,
    change_rollback,
)
from lab.description import Description
from lab.directory.forest import DEFECTS, OBJECTS, Expected, Forest, Holder, Repair, forest

from .conftest import LabCommand
from .directory_administrator import administrator_connection
from .truth import People, people

EVERYTHING = ["blocking", "warning", "advice"]


@dataclass(frozen=True)
class Directory:
    """A server with the forest, what is known about it, and how to reach it."""

    truth: Forest
    options: Mapping[str, Any]
    administrator: ldap3.Connection

    def people(self) -> People:
        return people(self.administrator, self.truth.base_dn)


@pytest.fixture(scope="module", params=list(Holder))
def directory(request: pytest.FixtureRequest, lab_command: LabCommand) -> Iterator[Directory]:
    """The forest in Samba, and in OpenLDAP with what Samba refuses to hold."""
    if request.param is Holder.SAMBA:
        lab: Description = request.getfixturevalue("lab_with_forest")
        with administrator_connection(lab) as connection:
            yield Directory(forest(lab.directory["forest_dn"]), of_samba(lab), connection)
        return
    lab = request.getfixturevalue("lab")
    lab_command("up", "--with", "openldap")
    lab_command("reset", "openldap")
    server = ldap3.Server(
        lab.openldap["address"], lab.openldap["ldaps_port"], use_ssl=True, get_info=ldap3.NONE
    )
    account = lab.openldap["administrator"]
    with ldap3.Connection(server, account["dn"], account["password"]) as connection:
        truth = forest(lab.openldap["forest_dn"], Holder.OPENLDAP)
        yield Directory(truth, of_openldap(lab), connection)
    lab_command("up", "--without", "openldap")


def of_samba(lab: Description) -> dict[str, Any]:
    account = lab.directory["service_account"]
    return {
        "ad_servers": [lab.directory["address"]],
        "ad_server_name": lab.directory["host_name"],
        "ad_ca_path": lab.ca_file,
        "ad_username": account["user_principal_name"],
        "ad_password": account["password"],
    }


def of_openldap(lab: Description) -> dict[str, Any]:
    account = lab.openldap["service_account"]
    return {
        "ad_servers": [lab.openldap["address"]],
        "ad_port": lab.openldap["ldaps_port"],
        "ad_server_name": lab.openldap["host_name"],
        "ad_ca_path": lab.ca_file,
        "ad_username": account["dn"],
        "ad_password": account["password"],
    }


def perform_on(
    directory: Directory,
    operation: Operation,
    options: Mapping[str, Any],
    *,
    check_mode: bool = False,
) -> dict[str, Any]:
    """The result of an operation, as a door would give it."""
    arguments = operation.arguments
    validator = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints())
    validated = validator.validate({**directory.options, **options})
    assert validated.error_messages == []
    return perform(
        operation, validated.validated_parameters, check_mode=check_mode, diff_mode=False
    ).result


def scope(directory: Directory) -> dict[str, Any]:
    return {
        "search_bases": [directory.truth.base_dn],
        "verified_domains": list(directory.truth.verified_domains),
        "findings_limit": 10,
    }


def assess(directory: Directory, path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What the module returns, and all findings from its file."""
    options = {**scope(directory), "write_json_lines": str(path)}
    result = perform_on(directory, ad_attributes_info.OPERATION, options)
    assert "failed" not in result, result["msg"]
    with path.open(encoding="utf-8") as file:
        return result, [json.loads(line) for line in file]


def found(findings: list[dict[str, Any]]) -> Counter[tuple[str, str, str, str | None]]:
    return Counter(
        (each["guid"], each["rule"], each["attribute"], each["value"]) for each in findings
    )


def expected(findings: set[Expected] | frozenset[Expected]) -> Counter[Any]:
    return Counter((each.guid, each.rule, each.attribute, each.value) for each in findings)


def test_the_forest_is_what_it_is_said_to_be(directory: Directory) -> None:
    assert len(directory.truth.objects) == OBJECTS == 2000
    assert len(directory.truth.defects) == DEFECTS == 700


def test_all_is_found_and_nothing_else(directory: Directory, tmp_path: Path) -> None:
    result, findings = assess(directory, tmp_path / "findings.jsonl")
    assert found(findings) == expected(directory.truth.expected)
    summary = result["summary"]
    assert summary["in_scope"] == OBJECTS - len(directory.truth.skipped)
    assert summary["with_findings"] == len({each.guid for each in directory.truth.expected})
    assert summary["rules"] == Counter(each["rule"] for each in findings)
    assert summary["severities"] == Counter(each["severity"] for each in findings)
    assert len(result["findings"]) == 10
    assert {each["severity"] for each in result["findings"]} == {"blocking"}


def test_what_sync_leaves_out_is_counted_by_reason(directory: Directory, tmp_path: Path) -> None:
    result, findings = assess(directory, tmp_path / "findings.jsonl")
    skipped = Counter(each.reason for each in directory.truth.skipped)
    # All that was read is counted; the lab's own objects are read as well.
    assert Counter(result["summary"]["skipped"]) >= skipped
    assert {each["guid"] for each in findings}.isdisjoint(
        each.guid for each in directory.truth.skipped
    )


def test_fixed_scanned_again_and_put_back(directory: Directory, tmp_path: Path) -> None:
    start = directory.people()
    options = {
        **scope(directory),
        "fix_severities": EVERYTHING,
        "journal": str(tmp_path / "journal"),
        "tenant": "forest",
        "run": "fix",
    }

    dry = perform_on(directory, ad_attributes.OPERATION, options, check_mode=True)
    assert directory.people() == start
    real = perform_on(directory, ad_attributes.OPERATION, options)
    for result in (dry, real):
        assert "failed" not in result, result["msg"]
    assert dry["changes"] == real["changes"]
    assert {name: dry[name] for name in ("left", "failures", "summary")} == {
        name: real[name] for name in ("left", "failures", "summary")
    }
    fixed = directory.people()
    assert fixed != start

    _result, left = assess(directory, tmp_path / "left.jsonl")
    # A value may have been put right in one way while in another only a person can help.
    assert {(each["guid"], each["rule"]) for each in left} == {
        (each.guid, each.rule) for each in directory.truth.expected if each.repair is Repair.PERSON
    }
    assert [each for each in left if each["suggestion"] or not each["reason"]] == []

    for check_mode in (True, False):
        again = perform_on(
            directory,
            ad_attributes.OPERATION,
            {**options, "run": "again"},
            check_mode=check_mode,
        )
        assert again["changed"] is False
        assert again["changes"] == []
    assert directory.people() == fixed

    undone = perform_on(
        directory,
        change_rollback.OPERATION,
        {
            "undo_run": "fix",
            "journal": str(tmp_path / "journal"),
            "tenant": "forest",
            "run": "undo",
        },
    )
    assert "failed" not in undone, undone["msg"]
    assert undone["conflicts"] == []
    assert len(undone["changes"]) == len(real["changes"])
    assert directory.people() == start
