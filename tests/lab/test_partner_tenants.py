# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventories partner_tenants and tenant_table, read by Ansible as an operator would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab import partner_tenants
from lab.description import Description

from .truth import Truth

ROOT = Path(__file__).resolve().parents[2]
PARTNER = partner_tenants.PARTNER.name
PLUGIN = "tenantops.migration.partner_tenants"
TABLE = "tenantops.migration.tenant_table"
NAMED_ALIKE = {f"school-of-fine-art-{each[:8]}": each for each in partner_tenants.NAMESAKES}
# Delegated administration tells no domain, so that its customers are named as they call themselves.
MUNSON = "munson-s-pickles-and-preserves"
LAB_NAMES = {
    **{name: name for name in ("contoso", "fabrikam", "fourthcoffee", "litware", "relecloud")},
    MUNSON: "munson",
}
ALL = sorted([*LAB_NAMES, *NAMED_ALIKE])
# Ansible's own exit code for an inventory that cannot be read
PARSER_ERROR = 4


@dataclass(frozen=True)
class Told:
    """What ansible-inventory said."""

    exit_code: int
    output: str
    errors: str

    @property
    def data(self) -> dict[str, Any]:
        assert self.exit_code == 0, self.output + self.errors
        found: dict[str, Any] = json.loads(self.output)
        return found

    @property
    def variables(self) -> dict[str, dict[str, Any]]:
        """The variables of each host."""
        found: dict[str, dict[str, Any]] = self.data["_meta"]["hostvars"]
        return found

    def group(self, name: str) -> list[str]:
        return sorted(self.data.get(name, {}).get("hosts", []))


class Partner:
    """Somebody at the partner, with a folder of inventories."""

    def __init__(self, lab: Description, folder: Path) -> None:
        self.lab = lab
        self.truth = Truth(lab)
        self.folder = folder

    def config(self, **others: Any) -> dict[str, Any]:
        """What the inventory's file says; null leaves an option out."""
        tenant, cloud = self.lab.tenants[PARTNER], self.lab.cloud
        options = {
            "plugin": PLUGIN,
            "entra_tenant_id": tenant["tenant_id"],
            "entra_client_id": tenant["client_id"],
            "entra_client_secret": tenant["client_secret"],
            "entra_graph_url": cloud["graph_url"],
            "entra_authority": cloud["authority"],
            "entra_ca_path": self.lab.ca_file,
            "entra_timeout": 5,
            "entra_retry_time": 5,
            **others,
        }
        return {name: value for name, value in options.items() if value is not None}

    def write(self, name: str, content: str | Mapping[str, Any]) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(dict(content)))
        return path

    def tell(self, *arguments: str, source: Path | None = None, **environment: str) -> Told:
        """Run ansible-inventory --list; the whole folder unless one source is named."""
        return self.run("ansible-inventory", "--list", *arguments, source=source, **environment)

    def run(
        self, program: str, *arguments: str, source: Path | None = None, **environment: str
    ) -> Told:
        command = [
            str(Path(sys.prefix) / "bin" / program),
            *("--inventory", str(source or self.folder / "inventory")),
            *arguments,
        ]
        own = {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
        finished = subprocess.run(
            command,
            cwd=self.folder,
            env=os.environ | own | {"ANSIBLE_LOCAL_TEMP": str(self.folder / "tmp")} | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        secret = self.lab.tenants[PARTNER]["client_secret"]
        assert secret not in finished.stdout + finished.stderr
        return Told(finished.returncode, finished.stdout, finished.stderr)

    def asks(self, **others: Any) -> Told:
        """List one inventory with these options."""
        path = self.write("inventory/customers.yml", self.config(**others))
        return self.tell(source=path)

    def set(self, path: str, value: Any) -> None:
        self.truth.cloud("PUT", f"/state/tenants/{PARTNER}/{path}", value)

    def requests(self) -> list[dict[str, Any]]:
        """What Graph was asked, but for tokens."""
        found = self.truth.cloud("GET", "/requests")["requests"]
        return [entry for entry in found if entry["path"].startswith("/v1.0/")]


@pytest.fixture
def partner(lab: Description, tmp_path: Path) -> Iterator[Partner]:
    somebody = Partner(lab, tmp_path)
    try:
        yield somebody
    finally:
        somebody.truth.cloud("POST", "/reset")


def test_every_customer_is_one_host(partner: Partner) -> None:
    told = partner.asks()
    assert told.group("tenants") == ALL
    ids = {name: one["tenant_entra_tenant_id"] for name, one in told.variables.items()}
    known = partner.lab.tenants
    assert ids == NAMED_ALIKE | {host: known[name]["tenant_id"] for host, name in LAB_NAMES.items()}
    contoso = told.variables["contoso"]
    assert contoso["ansible_connection"] == "local"
    # The contract still has the name of when it was made.
    assert contoso["partner_display_name"] == known["contoso"]["display_name"]
    assert contoso["partner_default_domain"] == "contoso.onmicrosoft.com"
    assert contoso["partner_sources"] == ["contracts", "delegated_admin_customers"]
    assert told.variables["fabrikam"]["partner_contract_types"] == [
        "BreadthPartner",
        "ResellerPartner",
    ]
    assert "partner_default_domain" not in told.variables[MUNSON]
    assert "The name school-of-fine-art would fit several" in " ".join(told.errors.split())
    # Pages of two, however many are asked for.
    paths = [entry["path"] for entry in partner.requests()]
    assert paths.count("/v1.0/contracts") == 3
    assert paths.count("/v1.0/tenantRelationships/delegatedAdminCustomers") == 3
