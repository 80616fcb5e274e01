# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documents about many tenants: where they come from, their plans, waves, locks and report."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.tenantops.migration.plugins.module_utils._tenant_lock.folder import (
    LockFolder,
)
from ansible_collections.tenantops.migration.plugins.module_utils._tenant_lock.owner import Owner
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.model import Mode
from lab.description import Description

from .fleet_runs import NIGHT, STARTED, RunFolder, tenant
from .guides.reader import Reader
from .truth import Truth


def git(*words: str | Path) -> str:
    """What git prints, for somebody without a configuration of their own."""
    who = ("-c", "user.name=Anna Berg", "-c", "user.email=anna.berg@example.com")
    finished = subprocess.run(["git", *who, *words], capture_output=True, text=True, check=True)
    return finished.stdout


def test_fleet_plans(clean_lab: Description, tmp_path: Path) -> None:
    reader = Reader.of("docs/fleet_plans.md", clean_lab, tmp_path)
    reader.describe("contoso", "fabrikam")
    repository = tmp_path / "plans.git"
    evening = (datetime.now(UTC) + timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M:%SZ")
    reader.stand_ins = {
        "/srv/plans": str(tmp_path / "plans"),
        "https://git.example.com/operations/plans.git": f"file://{repository}",
        "2026-11-24T18:00:00Z": evening,
    }
    store = tmp_path / "plans"
    store.mkdir()
    truth = Truth(clean_lab)
    before = truth.everything()

    plan, approve, apply = reader.commands("tenantops.migration.approve")
    reader.run(plan)
    assert (tmp_path / "tenantops-report" / "check" / "report.html").exists()
    # A store is its documents, wherever they are: Git gets them as they are before an approval.
    git("init", "--quiet", "--initial-branch=main", store)
    git("-C", store, "add", "--all")
    git("-C", store, "commit", "--quiet", "--message", "Plans of monday")
    git("clone", "--quiet", "--bare", store, repository)
    reader.run(approve)
    assert truth.everything() == before
    reader.run(apply)
    after = truth.everything()
    assert {"contoso.test", "fabrikam.test"} <= set(after["suffixes"])
    assert after["txt"]["fabrikam"] != before["txt"]["fabrikam"]
    assert after["email_otp"]["fabrikam"] == "enabled"

    reader.play(reader.take("yaml", "fleet_plan_approve"), hosts="localhost")
    (name,) = git("-C", repository, "diff", "--name-only", "main~1", "main").splitlines()
    approval = json.loads(git("-C", repository, "show", f"main:{name}"))
    assert approval["approver"] == "anna.berg@example.com"
    assert approval["expires"].removesuffix("+00:00") == evening.removesuffix("Z")
    assert sorted(approval["tenants"]) == ["contoso", "fabrikam"]
    reader.end()


def test_fleet_report(lab: Description, tmp_path: Path) -> None:
    reader = Reader.of("docs/fleet_report.md", lab, tmp_path)
    # Of tenant0000 and the others runs tell, of contoso none does.
    reader.describe("contoso")
    reader.stand_ins = {"/srv/tenantops": str(tmp_path)}
    command = reader.take("shell", "tenantops_report_folders")

    tree = reader.take("text", "index.json")
    top = Path(tree.splitlines()[0])
    runs = re.findall(r"── (\S+)/(check|apply)/index\.json", tree)
    assert len(runs) == 3
    for night, (name, mode) in enumerate(runs):
        tenants = [tenant(place, 3) for place in range(2)]
        RunFolder(top / name, Mode(mode), started=STARTED + night * NIGHT).write(tenants)
    reader.run(command)

    folder = tmp_path / "tenantops-fleet-report"
    assert {path.name for path in folder.iterdir()} == {"fleet.html", "fleet.csv", "fleet.json"}
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    report = json.loads((folder / "fleet.json").read_text())
    # Of each tenant the run that began last counts.
    assert [Path(run["folder"]) for run in report["runs"]] == [top / "/".join(runs[-1])]
    states = {name: each["state"] for name, each in report["tenants"].items()}
    assert states == {"contoso": "no result", "tenant0000": "complete", "tenant0001": "complete"}
    assert "changed=0" in reader.run(command)
    reader.end()


def test_waves_and_locks(clean_lab: Description, tmp_path: Path) -> None:
    reader = Reader.of("docs/waves_and_locks.md", clean_lab, tmp_path)
    one_step: dict[str, Any] = {"tenant_upn_suffixes": [], "tenant_txt_records": []}
    reader.describe("contoso", "fabrikam", "fourthcoffee", **one_step)
    locks = tmp_path / "locks"
    reader.stand_ins = {"/mnt/tenantops/locks": str(locks)}
    truth = Truth(clean_lab)
    before = truth.everything()

    dry, waves = reader.commands("tenantops_wave_sizes")
    reader.run(dry)
    assert truth.everything() == before
    told = reader.run(waves)
    pilot, rest = told.split("PLAY [Work on the tenants]")[1:]
    assert "[contoso]" in pilot
    assert "[fabrikam]" in pilot
    assert "[fourthcoffee]" not in pilot
    assert "[fourthcoffee]" in rest.partition("PLAY RECAP")[0]
    after = truth.everything()["email_otp"]
    assert (after["fabrikam"], after["fourthcoffee"]) == ("enabled", "enabled")

    own = reader.play(reader.take("yaml", "fleet_wave_gate"))
    assert "Let the next wave begin" in own
    assert "failed=0" in own

    reader.save("ini", "tenant_locks", "ansible.cfg")
    work = (
        "ansible-playbook -i inventory tenantops.migration.guest_access --limit contoso"
        f' -e tenantops_lock_folder={locks} -e \'{{"tenantops_roles": ["email_otp"]}}\''
    )
    # The run of somebody, on a machine that was switched off since.
    LockFolder(locks).take("contoso", Owner("anna", "node9", 4711, "1", "boot", "pid:[1]"))
    assert "anna on node9" in reader.run(work, exit_code=2)
    look, free = reader.commands("fleet_locks")
    assert "anna" in reader.run(look)
    assert "force=true" in reader.run(free, exit_code=2)
    reader.run(f'{free[:-1]} force=true"')
    assert "failed=0" in reader.run(work)
    reader.end()


def partner_reader(lab: Description, folder: Path) -> Reader:
    """A reader at the lab's partner, whom the environment tells where the cloud is."""
    reader = Reader.of("docs/fleet_inventory.md", lab, folder)
    partner, cloud = lab.tenants["adventureworks"], lab.cloud
    reader.stand_ins = {
        "3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11": partner["tenant_id"],
        "8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21": partner["client_id"],
        "5b8e1d3c-7f42-4a90-8c16-2d9b0e4f6a71": lab.tenants["contoso"]["tenant_id"],
        "9c2f7a10-3e54-4d8b-b1a6-0f7e5d4c3b22": lab.tenants["fabrikam"]["tenant_id"],
    }
    reader.variables |= {
        "AZURE_CLIENT_SECRET": partner["client_secret"],
        "TENANTOPS_ENTRA_GRAPH_URL": cloud["graph_url"],
        "TENANTOPS_ENTRA_AUTHORITY": cloud["authority"],
        "TENANTOPS_ENTRA_CA_PATH": str(lab.ca_file),
    }
    return reader


def listed(reader: Reader) -> dict[str, Any]:
    """What Ansible makes of the reader's inventory."""
    told = reader.run("ansible-inventory -i inventory --list 2>warnings")
    found: dict[str, Any] = json.loads(told)
    return found


def tenants(found: dict[str, Any]) -> set[str]:
    return set(found["tenants"]["hosts"])


def test_fleet_inventory(clean_lab: Description, tmp_path: Path) -> None:
    reader = partner_reader(clean_lab, tmp_path)
    customers = "inventory/customers.yml"

    files = names_in_tree(reader.take("", "host_vars/"))
    reader.save("yaml", "entra_tenant_id", customers)
    # Each of the files that are shown says something of its own.
    for number, name in enumerate(files - {customers}):
        reader.write(name, yaml.safe_dump({f"said_{number}": name}))
    graph, host = reader.commands("--graph")
    assert "contoso" in reader.run(graph)
    contoso = json.loads(reader.run(f"{host} 2>warnings"))
    assert contoso["tenant_entra_tenant_id"] == clean_lab.tenants["contoso"]["tenant_id"]
    assert contoso["partner_default_domain"] == "contoso.onmicrosoft.com"
    assert {value for name, value in contoso.items() if name.startswith("said_")} == (
        files - {customers}
    )

    partner = clean_lab.tenants["adventureworks"]
    reader.variables["AZURE_TENANT_ID"] = partner["tenant_id"]
    reader.variables["AZURE_CLIENT_ID"] = partner["client_id"]
    reader.save("yaml", "name_from", customers)
    named = tenants(listed(reader))
    assert {"contoso", "contoso-japan"} <= named
    assert all(re.fullmatch(r"[0-9a-f-]{36}", one) for one in named if "contoso" not in one)

    reader.save("yaml", "only:", customers)
    assert tenants(listed(reader)) == {"contoso"}

    reader.save("yaml", "keyed_groups", customers)
    grouped = listed(reader)
    assert set(grouped["contract_BreadthPartner"]["hosts"]) == {"contoso", "fabrikam"}
    variables = grouped["_meta"]["hostvars"]
    assert variables["contoso"]["customer_label"]
    assert "swedish" not in grouped

    reader.save("yaml", "cache_plugin", customers)
    assert tenants(listed(reader)) == tenants(grouped)
    truth = Truth(clean_lab)
    asked = len(truth.cloud("GET", "/requests")["requests"])
    assert tenants(listed(reader)) == tenants(grouped)
    assert len(truth.cloud("GET", "/requests")["requests"]) == asked
    (kept,) = (tmp_path / ".cache" / "tenantops").iterdir()
    assert partner["client_secret"] not in kept.read_text()
    reader.run("ansible-inventory -i inventory --list --flush-cache")
    assert len(truth.cloud("GET", "/requests")["requests"]) > asked

    reader.save("yaml", "tenant_table", customers)
    reader.save("", "Contoso AB", "inventory/customers.csv")
    table = listed(reader)
    assert tenants(table) == {"contoso", "fabrikam"}
    contoso = table["_meta"]["hostvars"]["contoso"]
    assert contoso["tenant_ad_servers"] == ["dc1.contoso.example", "dc2.contoso.example"]
    assert (contoso["tenant_ad_port"], contoso["seats"]) == (636, 140)
    assert contoso["partner_display_name"] == "Contoso AB"
    assert "remarks" not in contoso
    assert "tenant_ad_port" not in table["_meta"]["hostvars"]["fabrikam"]

    # A file that no plugin takes is a warning, unless Ansible is told to be strict.
    reader.write("inventory/broken.yml", "plugin: [")
    listed(reader)
    reader.save("ini", "any_unparsed_is_failed", "ansible.cfg")
    reader.run("ansible-inventory -i inventory --list", exit_code=1)
    reader.end()


def names_in_tree(tree: str) -> set[str]:
    """The files of a folder that is shown with an indent for each level."""
    files: set[str] = set()
    above: list[str] = []
    for line in tree.splitlines():
        name = line.split()[0]
        level = (len(line) - len(line.lstrip())) // 2
        above[level:] = [name]
        if not name.endswith("/"):
            files.add("".join(above))
    return files
