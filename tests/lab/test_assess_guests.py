# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook that tells how guests sign in: its table, its report; nothing is changed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.description import Description

from .playbooks import DEMO_TENANTS, DOORS, Finished, Operator
from .truth import Truth

# One with guests of every kind, and one whose app may read its policies and not write them
TENANTS = ("margies", "relecloud")


@pytest.fixture
def truth(lab: Description) -> Iterator[Truth]:
    found = Truth(lab)
    found.cloud("POST", "/reset")
    yield found
    found.cloud("POST", "/reset")


@pytest.fixture
def operator(truth: Truth, tmp_path: Path) -> Operator:
    return Operator(truth.lab, tmp_path)


def table(path: Path) -> dict[str, dict[str, str]]:
    rows = csv.DictReader(io.StringIO(path.read_text("utf-8-sig")))
    return {row["id"]: row for row in rows}


def index_of(finished: Finished, mode: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((finished.report / mode / "index.json").read_text())
    return content


@pytest.mark.parametrize("door", DOORS)
def test_every_guest_of_each_tenant(operator: Operator, truth: Truth, door: str) -> None:
    before = truth.cloud("GET", "/state")["tenants"]
    folder = operator.folder / "assessments"
    finished = operator.run(
        "assess_guests",
        "--check",
        door=door,
        tenantops_hosts=",".join(TENANTS),
        tenantops_assessments=str(folder),
        tenant_guest_rows_limit=10,
        tenant_guest_requests_per_second=200,
    )

    assert finished.exit_code == 0, finished.output
    for tenant in TENANTS:
        guests = truth.cloud("GET", f"/guests/{tenant}")["guests"]
        rows = table(folder / f"{tenant}-guests.csv")
        assert {id_: row["method"] for id_, row in rows.items()} == {
            guest["id"]: guest["method"] for guest in guests
        }
        assert f"{len(guests)} guests of" in finished.output
    page = (finished.report / "check" / "report.html").read_text("utf-8")
    assert "wallet.test" in page
    assert "https://myapps.microsoft.com/?tenantid=" in page
    assert index_of(finished, "check")["complete"]
    assert truth.cloud("GET", "/state")["tenants"] == before


def test_tenant_that_cannot_be_read_fails_alone(operator: Operator, truth: Truth) -> None:
    truth.cloud("PUT", "/state/tenants/margies/application/permissions", ["Policy.Read.All"])
    folder = operator.folder / "assessments"
    finished = operator.run(
        "assess_guests",
        tenantops_hosts=",".join(TENANTS),
        tenantops_assessments=str(folder),
    )

    assert finished.exit_code != 0
    assert "User.Read.All" in finished.output
    assert "Directory Readers" in finished.output
    tenants = index_of(finished, "apply")["tenants"]
    assert (tenants["margies"]["failed"], tenants["relecloud"]["failed"]) == (1, 0)
    assert [path.name for path in folder.iterdir()] == ["relecloud-guests.csv"]


def test_all_tenants_of_the_inventory(operator: Operator) -> None:
    """guest_assessment is run on the group that every playbook works on."""
    folder = operator.folder / "assessments"
    finished = operator.run("assess_guests", tenantops_assessments=str(folder))

    assert finished.exit_code == 0, finished.output
    assert sorted(path.name for path in folder.iterdir()) == [
        f"{tenant}-guests.csv" for tenant in DEMO_TENANTS
    ]
