# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A secret of one tenant reaches no task, result or file of another one, nor what all share."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ldap3
import pytest
import yaml

from lab.description import Description

from .directory_administrator import administrator_connection
from .marked_secrets import AWKWARD, MarkedSecret, Traces
from .playbooks import DOORS, Finished, Operator
from .truth import Truth

RIGHT = ("contoso", "fabrikam")
# Its secrets are wrong: what servers answer to them is told too.
WRONG = "northwind"
TENANTS = (*RIGHT, WRONG)
SYSTEMS = {
    "directory": "tenant_ad_password",
    "dns": "tenant_dns_key_secret",
    "entra": "tenant_entra_client_secret",
}
_CALLBACKS = (
    "tenantops.migration.change_plan",
    "tenantops.migration.tenant_locks",
    "record_tasks",
)
_RECORDING = Path(__file__).parent / "recording"
_ENABLED_ACCOUNT = 0x200


@dataclass(frozen=True)
class RecordedOperator(Operator):
    """An operator who has everything shown and kept that can be."""

    outputs: list[Finished] = field(default_factory=list)

    def environment(self, report: Path) -> dict[str, str]:
        return super().environment(report) | {
            "ANSIBLE_CALLBACKS_ENABLED": ",".join(_CALLBACKS),
            "ANSIBLE_CALLBACK_PLUGINS": str(_RECORDING),
            "ANSIBLE_KEEP_REMOTE_FILES": "1",
            "ANSIBLE_LOG_PATH": str(self.folder / "log"),
            "ANSIBLE_SHOW_CUSTOM_STATS": "1",
            "TESTS_RECORDS": str(self.folder / "records"),
        }

    def show(self, playbook: str, *arguments: str, **variables: Any) -> Finished:
        """Run it with all that there is to see, and keep that."""
        finished = self.run(
            playbook,
            *("-vvvv", "--diff", *arguments),
            ansible_remote_tmp=f"{self.folder}/modules/{{{{ inventory_hostname }}}}",
            **variables,
        )
        self.outputs.append(finished)
        (self.folder / f"output-{len(self.outputs)}").write_text(finished.output)
        return finished


@dataclass(frozen=True)
class MarkedFleet:
    """Tenants with secrets of their own for everything, and where they are written down."""

    operator: RecordedOperator
    inventory: Path
    secrets: tuple[MarkedSecret, ...]

    @property
    def traces(self) -> Traces:
        return Traces(self.operator.folder, self.secrets)

    def show(self, playbook: str, **variables: Any) -> Finished:
        folder = self.operator.folder
        return self.operator.show(
            playbook,
            f"--inventory={self.inventory}",
            **{
                "tenantops_hosts": ",".join(TENANTS),
                "tenantops_plan_store": str(folder / "store"),
                "tenantops_fleet_run": "marked",
                "tenantops_approver": "anna.berg@contoso.test",
                "tenantops_lock_folder": str(folder / "locks"),
                "tenantops_drift_folder": str(folder / "drift"),
                "tenantops_fleet_report_folder": str(folder / "fleet"),
                **variables,
            },
        )


@pytest.fixture
def fleet(clean_lab: Description, tmp_path: Path) -> MarkedFleet:
    secrets = tuple(_secrets(clean_lab))
    hosts: dict[str, dict[str, str]] = {name: {} for name in TENANTS}
    for secret in secrets:
        hosts[secret.owner][SYSTEMS[secret.kind]] = secret.text
        if secret.owner != WRONG:
            _let_in(clean_lab, secret)
    for name in RIGHT:
        hosts[name]["tenant_ad_username"] = _account(name) + "@" + clean_lab.directory["domain"]
    # Not where the traces are: these files are to hold the secrets.
    inventory = tmp_path / "inventory.yml"
    inventory.write_text(yaml.safe_dump({"tenants": {"hosts": hosts}}))
    folder = tmp_path / "operator"
    (folder / "store").mkdir(parents=True)
    return MarkedFleet(RecordedOperator(clean_lab, folder), inventory, secrets)


def _secrets(lab: Description) -> Iterable[MarkedSecret]:
    """Marked ones; the name server's keys are drawn for each lab, and so differ by themselves."""
    described = yaml.safe_load(Path(lab.data["inventory"]).read_text())
    for number, owner in enumerate(TENANTS):
        for kind in ("directory", "entra"):
            mark = f"Mark{number}of{kind}{'ABCD'[number] * 8}x{number}"
            yield MarkedSecret(owner, kind, f"{mark}{AWKWARD}", mark)
        key = base64.b64encode(f"?>{number}{'of the wrong key':?<29}".encode()).decode()
        if owner != WRONG:
            key = described["tenants"]["hosts"][owner]["tenant_dns_key_secret"]
        yield MarkedSecret(owner, "dns", key, key)


def _let_in(lab: Description, secret: MarkedSecret) -> None:
    """Make it what the tenant's system asks for."""
    if secret.kind == "entra":
        path = f"/state/tenants/{secret.owner}/application/client_secret"
        Truth(lab).cloud("PUT", path, secret.text)
    elif secret.kind == "directory":
        _add_administrator(lab, _account(secret.owner), secret.text)


def _account(tenant: str) -> str:
    return f"svc-{tenant}"


def _add_administrator(lab: Description, name: str, password: str) -> None:
    base = lab.directory["base_dn"]
    dn = f"CN={name},OU=Service Accounts,{base}"
    with administrator_connection(lab) as connection:
        connection.add(
            dn,
            "user",
            {
                "sAMAccountName": name,
                "userPrincipalName": f"{name}@{lab.directory['domain']}",
                "userAccountControl": _ENABLED_ACCOUNT,
                "unicodePwd": f'"{password}"'.encode("utf-16-le"),
            },
        )
        group = f"CN=Enterprise Admins,CN=Users,{base}"
        connection.modify(group, {"member": [(ldap3.MODIFY_ADD, [dn])]})


@pytest.mark.parametrize("door", DOORS)
def test_every_tenant_keeps_its_secrets_to_itself(fleet: MarkedFleet, door: str) -> None:
    planned = fleet.show("plan")
    assert planned.exit_code != 0  # for the tenant whose secrets are wrong
    assert fleet.show("approve").exit_code == 0
    # Looks at the tenants as plan does, and changes them then.
    fleet.show("apply", door=door)
    if door == "worker":
        # They have tasks on the controller alone, beside those that the others have.
        fleet.show("drift")
        assert fleet.show("fleet_report").exit_code == 0

    assert fleet.traces.leaks() == []

    folder = fleet.operator.folder
    last = json.loads((folder / "report" / "apply" / "index.json").read_text())
    assert set(last["tenants"]) == set(RIGHT)
    # What was searched is there, and shows the secrets that it may.
    for name in RIGHT:
        assert _own(fleet, name, folder / "records" / f"{name}.jsonl") == set(SYSTEMS)
        if door == "module":
            modules = [path for path in (folder / "modules" / name).rglob("*") if path.is_file()]
            assert _own(fleet, name, *modules) == set(SYSTEMS)
    for place in ("store", "journal", "locks", "report", "log", "records"):
        assert (folder / place).exists(), place


def _own(fleet: MarkedFleet, tenant: str, *paths: Path) -> set[str]:
    """The systems whose secrets of a tenant are in some files."""
    content = b"".join(path.read_bytes() for path in paths)
    return {
        secret.kind
        for secret in fleet.secrets
        if secret.owner == tenant and secret.mark.encode() in content
    }


_LEAKING = """
- hosts: fabrikam
  gather_facts: false
  vars:
    theirs: "{{ hostvars.contoso.tenant_entra_client_secret }}"
    key: "{{ hostvars.contoso.tenant_dns_key_secret }}"
  tasks:
    - {ansible.builtin.ping: {data: "{{ theirs }}"}, no_log: true}
    - {ansible.builtin.debug: {msg: "{{ ('x' ~ theirs) | b64encode }}"}}
    - {ansible.builtin.debug: {msg: "{{ key | urlencode | replace('/', '%2F') }}"}}
    - ansible.builtin.copy:
        content: "{{ theirs | b64encode(encoding='utf-16-le') }}"
        dest: FOLDER/leaked
    - tenantops.migration.entra_email_otp:
        guests: "{{ tenant_email_otp }}"
        entra_tenant_id: "{{ tenant_entra_tenant_id }}"
        entra_client_id: "{{ tenant_entra_client_id }}"
        entra_client_secret: "{{ theirs }}"
        entra_graph_url: "{{ tenant_entra_graph_url }}"
        entra_authority: "{{ tenant_entra_authority }}"
        entra_ca_path: "{{ tenant_entra_ca_path }}"
"""


def test_a_play_that_mixes_tenants_up_is_found_out(fleet: MarkedFleet) -> None:
    """That the search finds what there is to be found, in every place and form."""
    folder = fleet.operator.folder
    play = fleet.inventory.with_name("leaking.yml")
    play.write_text(_LEAKING.replace("FOLDER", str(folder)))
    assert (
        fleet.show(str(play), door="module").exit_code != 0
    )  # the cloud does not take another one's secret
    leaks = fleet.traces.leaks()
    assert {leak.owner for leak in leaks} == {"contoso"}
    found = {(leak.place.partition("/ansible-tmp")[0], leak.kind, leak.form) for leak in leaks}
    assert {
        # Hidden from callbacks and the display, but not from the module's file
        ("modules/fabrikam", "entra", "plain"),
        ("records/fabrikam.jsonl: tenantops.migration.entra_email_otp", "entra", "plain"),
        ("records/fabrikam.jsonl: ansible.builtin.debug", "entra", "base64, shifted by 1"),
        ("output-1", "entra", "base64, shifted by 1"),
        ("log", "entra", "base64, shifted by 1"),
        ("output-1", "dns", "url"),
        ("leaked", "entra", "base64 of utf-16, shifted by 0"),
    } <= found
