# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide of many tenants, followed from the partner's list of them to the nightly look."""

from __future__ import annotations

import json
from pathlib import Path

from lab import partner_tenants
from lab.description import Description

from .guides.reader import Reader, debugged
from .truth import Truth

# Those of the partner's customers of which the reader's inventory says anything
APPROVED = ("contoso", "fabrikam")
LATER = "fourthcoffee"
DESCRIBED = (*APPROVED, LATER)
NOT_DESCRIBED = "litware"


def test_many_tenants(clean_lab: Description, tmp_path: Path) -> None:
    reader, truth = Reader.of("docs/many_tenants.md", clean_lab, tmp_path), Truth(clean_lab)
    describe(reader)
    reader.save("yaml", "tenantops.migration.partner_tenants", "inventory/customers.yml")
    listed = reader.type("ansible-inventory")
    assert all(f"|  |--{customer}\n" in listed for customer in (*DESCRIBED, NOT_DESCRIBED))

    told = debugged(reader.play(reader.take("yaml", "app_permissions")))
    assert "Policy.ReadWrite.AuthenticationMethod" in told["contoso"]
    assert told[NOT_DESCRIBED] == []
    reader.save("ini", "forks", "ansible.cfg")

    before = truth.everything()
    plan, approve, apply = reader.commands("tenantops_approver")
    assert "8 plans with 8 changes" in reader.run(plan)
    assert "approves the plans of 2 tenants" in reader.run(approve)
    assert truth.everything() == before
    assert "2 tenants are as approved and are applied now" in reader.run(apply)
    assert migrated(truth) == {*APPROVED}

    reader.run(approve.replace(",".join(APPROVED), LATER))
    assert "2 are already applied" in reader.type("tenantops_wave_sizes")
    assert migrated(truth) == {*DESCRIBED}
    reached = truth.everything()

    reader.type("fleet_report")
    assert (tmp_path / "tenantops-fleet-report" / "fleet.html").exists()
    assert told_of_fleet(tmp_path)[LATER] == ("complete", 3)
    reader.type("tenantops.migration.drift")
    assert truth.everything() == reached
    drift = json.loads((tmp_path / "drift" / "drift.json").read_text(encoding="utf-8"))
    assert {drift["tenants"][name]["verdict"] for name in DESCRIBED} == {"none"}
    reader.end()


def describe(reader: Reader) -> None:
    """The partner, and what the lab has of three of the customers."""
    partner = reader.lab.tenants[partner_tenants.PARTNER.name]
    reader.stand_ins = {
        "3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11": partner["tenant_id"],
        "8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21": partner["client_id"],
        "/srv/tenantops/plans": str(reader.folder / "plans"),
        "/var/lib/tenantops/drift": str(reader.folder / "drift"),
    }
    reader.variables |= {
        "AZURE_CLIENT_SECRET": partner["client_secret"],
        "TENANTOPS_ENTRA_GRAPH_URL": reader.lab.cloud["graph_url"],
        "TENANTOPS_ENTRA_AUTHORITY": reader.lab.cloud["authority"],
        "TENANTOPS_ENTRA_CA_PATH": reader.lab.ca_file,
    }
    reader.describe(*DESCRIBED)
    (reader.folder / "plans").mkdir()


def migrated(truth: Truth) -> set[str]:
    """The tenants whose suffix the forest has."""
    suffixes = truth.suffixes()
    return {name for name in DESCRIBED if f"{name}.test" in suffixes}


def told_of_fleet(folder: Path) -> dict[str, tuple[str, int]]:
    """The state of each tenant and the number of its changes, by the report over all."""
    file = folder / "tenantops-fleet-report" / "fleet.json"
    tenants = json.loads(file.read_text(encoding="utf-8"))["tenants"]
    return {name: (each["state"], each["changes"]) for name, each in tenants.items()}
