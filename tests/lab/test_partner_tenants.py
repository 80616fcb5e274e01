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
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    NotTrusted,
    NotUnderstood,
    Refused,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._partner_tenants import (
    arguments,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._partner_tenants.model import (
    Listed,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._partner_tenants.runner import ask
from lab import partner_tenants
from lab.description import Description

from .described_cloud import WRONG, DescribedCloud
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


def test_wanted_ones_have_names_and_groups(partner: Partner) -> None:
    told = partner.asks(
        only={"relationship_statuses": ["Active", "expiring"]},
        never={"display_names": ["fabrikam*"]},
        host_names={partner.lab.tenants["munson"]["tenant_id"].upper(): "Munson"},
        tenants_group="customers",
        strict=True,
        keyed_groups=[{"key": "partner_relationship_statuses", "prefix": "gdap"}],
        groups={"japanese": "inventory_hostname == 'contoso'"},
        compose={"label": "partner_display_name ~ '!'"},
        # As AWX gives what was left empty
        name_from="",
    )
    assert told.group("customers") == ["Munson", "contoso"]
    assert told.group("tenants") == []
    assert told.group("gdap_terminated") == ["contoso"]
    assert told.group("gdap_active") == ["Munson", "contoso"]
    assert told.group("japanese") == ["contoso"]
    # What is composed of texts Ansible marks by itself.
    assert "Munson's Pickles and Preserves!" in str(told.variables["Munson"]["label"])
    # An empty list is nobody, and what does not fit any is told.
    nobody = partner.asks(only={"tenant_ids": []})
    assert nobody.group("tenants") == []
    unknown = partner.asks(only={"tenant_ids": [partner_tenants.PARTNER.tenant_id]})
    assert "No tenant has the id" in unknown.errors


def test_joined_with_what_the_operator_knows(partner: Partner) -> None:
    """In a folder: what host_vars say wins, and secrets come from the environment and the vault."""
    secret = partner.lab.tenants[PARTNER]["client_secret"]
    partner.write(
        "inventory/10-customers.yml",
        partner.config(
            entra_client_secret="{{ lookup('ansible.builtin.env', 'PARTNER_SECRET') }}",
            entra_tenant_id=None,
        ),
    )
    partner.write("inventory/00-others.yml", {"tenants": {"hosts": {"northwind": None}}})
    partner.write("inventory/group_vars/tenants.yml", {"tenant_entra_client_id": "of all"})
    partner.write(
        "inventory/host_vars/contoso.yml",
        {"tenant_ad_servers": ["dc1"], "tenant_entra_client_id": "its own"},
    )
    partner.write("inventory/host_vars/litware.yml", {"ansible_connection": "ssh"})
    environment = {
        "PARTNER_SECRET": secret,
        "TENANTOPS_ENTRA_TENANT_ID": "",
        "AZURE_TENANT_ID": partner_tenants.PARTNER.tenant_id,
    }
    told = partner.tell(**environment)
    assert told.group("tenants") == sorted([*ALL, "northwind"])
    contoso = told.variables["contoso"]
    assert contoso["tenant_ad_servers"] == ["dc1"]
    assert contoso["tenant_entra_client_id"] == "its own"
    assert contoso["tenant_entra_tenant_id"] == partner.lab.tenants["contoso"]["tenant_id"]
    assert told.variables["litware"]["ansible_connection"] == "ssh"
    assert told.variables["fabrikam"]["tenant_entra_client_id"] == "of all"
    # Another tenant under the same name is never joined.
    partner.write(
        "inventory/00-others.yml",
        {
            "tenants": {
                "hosts": {"contoso": {"tenant_entra_tenant_id": partner_tenants.PARTNER.tenant_id}}
            }
        },
    )
    refused = partner.tell(**environment)
    assert refused.exit_code == PARSER_ERROR
    assert "Two tenants have one name in the inventory (object: host contoso" in refused.errors


def test_an_encrypted_secret(partner: Partner) -> None:
    password = partner.write("password", "of the vault")
    secret = partner.lab.tenants[PARTNER]["client_secret"]
    command = [str(Path(sys.prefix) / "bin" / "ansible-vault"), "encrypt_string", secret]
    vaulted = subprocess.run(
        [*command, "--vault-password-file", str(password), "--name", "entra_client_secret"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rest = yaml.safe_dump(partner.config(entra_client_secret=None))
    path = partner.write("customers.yml", f"{rest}{vaulted}")
    told = partner.tell("--vault-password-file", str(password), source=path)
    assert told.group("tenants") == ALL


def test_what_customers_write_is_no_template(partner: Partner) -> None:
    text = "{{ lookup('ansible.builtin.pipe', 'touch made-by-a-customer') }}"
    partner.set("partner/customers/0/display_name", text)
    playbook = [
        {
            "hosts": "contoso",
            "gather_facts": False,
            "tasks": [{"ansible.builtin.debug": {"msg": "<{{ partner_display_name }}>"}}],
        }
    ]
    (partner.folder / "show.yml").write_text(yaml.safe_dump(playbook))
    partner.write("inventory/customers.yml", partner.config())
    shown = partner.run("ansible-playbook", "show.yml")
    assert shown.exit_code == 0, shown.output
    assert text in shown.output
    assert list(partner.folder.rglob("made-by-a-customer")) == []


def test_a_playbook_works_in_a_customers_tenant(partner: Partner) -> None:
    """With the tenant id of the partner, and what host_vars say of the customer."""
    customer, cloud = partner.lab.tenants["fabrikam"], partner.lab.cloud
    partner.write("inventory/customers.yml", partner.config())
    partner.write(
        "inventory/host_vars/fabrikam.yml",
        {
            "tenant_entra_client_id": customer["client_id"],
            "tenant_entra_client_secret": customer["client_secret"],
            "tenant_entra_graph_url": cloud["graph_url"],
            "tenant_entra_authority": cloud["authority"],
            "tenant_entra_ca_path": partner.lab.ca_file,
            "tenant_email_otp": "enabled",
        },
    )
    finished = partner.run(
        "ansible-playbook",
        "tenantops.migration.guest_access",
        *("--check", "--limit", "fabrikam", "-e", '{"tenantops_roles": ["email_otp"]}'),
    )
    assert finished.exit_code == 0, finished.output
    assert "changed=1" in finished.output


def test_what_is_remembered(partner: Partner) -> None:
    cached = {
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(partner.folder / "cache"),
        "cache_timeout": 3600,
    }
    first = partner.asks(**cached)
    (kept,) = (partner.folder / "cache").iterdir()
    assert partner.lab.tenants[PARTNER]["client_secret"] not in kept.read_text()
    asked = len(partner.requests())
    # The same again, and with other filters, names and groups, without asking
    assert partner.asks(**cached).data == first.data
    assert partner.asks(**cached, only={"domains": ["contoso.*"]}).group("tenants") == ["contoso"]
    assert len(partner.requests()) == asked
    # Another question has no answer yet.
    fewer = partner.asks(**cached, sources=["contracts"])
    assert fewer.group("tenants") == ["contoso", "fabrikam", "fourthcoffee", "litware"]
    assert len(partner.requests()) > asked
    # On request it is asked again, and what makes no sense is asked again, too.
    partner.set("partner/contracts", [])
    source = partner.folder / "inventory/customers.yml"
    path = partner.write("inventory/customers.yml", partner.config(**cached))
    assert "litware" not in partner.tell("--flush-cache", source=path).group("tenants")
    kept.write_text("{")
    broken = partner.tell(source=source)
    assert "litware" not in broken.group("tenants")
    assert "cannot be read" in " ".join(broken.errors.split())


def test_too_old_is_never_taken_even_if_nobody_answers(partner: Partner) -> None:
    cached = {
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(partner.folder / "cache"),
        "cache_timeout": 60,
    }
    assert partner.asks(**cached).exit_code == 0
    (kept,) = (partner.folder / "cache").iterdir()
    before = kept.stat().st_mtime - 3600
    os.utime(kept, (before, before))
    partner.truth.cloud("POST", "/chaos", {"kind": "failure", "status": 500})
    assert partner.asks(**cached).exit_code == PARSER_ERROR


def test_a_failure_ends_the_program(partner: Partner) -> None:
    """By whichever program; a playbook over nobody would end well."""
    path = partner.write("customers.yml", partner.config(entra_client_secret="wrong"))
    playbook = partner.write(
        "nothing.yml", "- hosts: tenants\n  gather_facts: false\n  tasks: []\n"
    )
    for told in (
        partner.tell(source=path),
        partner.run("ansible-playbook", str(playbook), source=path),
    ):
        assert told.exit_code == PARSER_ERROR
        assert told.output == ""
        assert "The sign-in service refuses the app" in told.errors
        assert "AADSTS7000215" in told.errors
        assert "Traceback" not in told.errors


def test_a_failure_that_may_be(partner: Partner) -> None:
    """The tenants of the other sources are worked on, if the operator wants it so."""
    partner.write(
        "inventory/customers.yml", partner.config(entra_client_secret="wrong", on_failure="warn")
    )
    partner.write("inventory/others.yml", {"tenants": {"hosts": {"northwind": None}}})
    told = partner.tell()
    assert told.group("tenants") == ["northwind"]
    assert "The sign-in service refuses the app" in told.errors


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"onli": {"domains": ["x"]}}, "There is no option onli"),
        ({"only": {"domain": ["x"]}}, "domain"),
        ({"on_failure": "ignore"}, "on_failure"),
        ({"strict": True, "compose": {"x": "nothing.at_all"}}, "Could not set x for host"),
    ],
)
def test_options_that_cannot_be_meant(
    partner: Partner, given: dict[str, Any], expected: str
) -> None:
    told = partner.asks(**given)
    assert told.exit_code == PARSER_ERROR
    assert expected in told.errors
    assert "Traceback" not in told.errors


class TestAsking:
    """What Graph may answer, asked without Ansible."""

    def ask(self, partner: Partner, **others: Any) -> Listed:
        given = partner.config(**others)
        known = arguments.ARGUMENTS
        validator = ArgumentSpecValidator(dict(known.options), **known.constraints())
        validated = validator.validate(given)
        assert not validated.error_messages, validated.error_messages
        return ask(validated.validated_parameters)

    def answers(self, partner: Partner, path: str, **altered: Any) -> None:
        fault = {"kind": "answer", "tenant": PARTNER, "path": f"/v1.0/{path}", **altered}
        partner.truth.cloud("POST", "/chaos", fault)

    def test_everything(self, partner: Partner) -> None:
        listed = self.ask(partner, relationships=True)
        assert (len(listed.contracts), len(listed.customers)) == (5, 6)
        # One has no customer yet.
        assert len(listed.relationships or ()) == 5

    def test_many_pages_with_a_certificate(self, partner: Partner) -> None:
        customers = [
            {"tenant_id": f"00000000-0000-4000-8000-{number:012}", "display_name": f"T{number}"}
            for number in range(1000)
        ]
        partner.set("partner/page_size", 300)
        partner.set("partner/customers", customers)
        partner.set("application/permissions", ["DelegatedAdminRelationship.ReadWrite.All"])
        listed = self.ask(
            partner,
            sources=["delegated_admin_customers"],
            entra_auth="client_certificate",
            entra_client_secret=None,
            entra_certificate_path=partner.lab.tenants[PARTNER]["certificate_with_key"],
        )
        assert [one.tenant_id for one in listed.customers] == [
            one["tenant_id"] for one in customers
        ]
        paths = [entry["path"] for entry in partner.requests()]
        assert paths == ["/v1.0/tenantRelationships/delegatedAdminCustomers"] * 4

    @pytest.mark.parametrize("source", ["contracts", "delegated_admin_customers"])
    def test_a_missing_permission_has_its_name(self, partner: Partner, source: str) -> None:
        needed = {
            "contracts": "Directory.Read.All",
            "delegated_admin_customers": "DelegatedAdminRelationship.Read.All",
        }
        others = [one for one in partner_tenants.PERMISSIONS if one != needed[source]]
        partner.set("application/permissions", others)
        with pytest.raises(Refused, match=needed[source]):
            self.ask(partner)
        assert partner.requests() == []
        (other,) = set(needed) - {source}
        listed = self.ask(partner, sources=[other])
        assert (len(listed.contracts), len(listed.customers)) in ((5, 0), (0, 6))

    def test_throttled_and_lost_on_the_way(self, partner: Partner) -> None:
        for fault in (
            {"kind": "throttle", "retry_after": 1, "count": 1, "skip": 1},
            {"kind": "drop", "when": "after", "count": 1, "skip": 3},
        ):
            partner.truth.cloud("POST", "/chaos", {"tenant": PARTNER, **fault})
        assert len(self.ask(partner).contracts) == 5

    @pytest.mark.parametrize(
        ("path", "altered", "expected"),
        [
            ("contracts", {"set": {"value": [{"id": "x"}]}}, "customerId is None"),
            ("contracts", {"set": {"value": [{"customerId": "x"}]}}, "customerId is 'x'"),
            ("contracts", {"remove": ["value"]}, "not a list"),
            ("contracts", {"raw": "<html>sign in</html>"}, "not one of Graph"),
            (
                "contracts",
                {"set": {"@odata.nextLink": "https://elsewhere.test/v1.0/contracts"}},
                "elsewhere.test",
            ),
            (
                "tenantRelationships/delegatedAdminRelationships",
                {"set": {"value": [{"id": "x", "customer": {"tenantId": None}}]}},
                "without its status",
            ),
        ],
    )
    def test_what_is_not_understood(
        self, partner: Partner, path: str, altered: dict[str, Any], expected: str
    ) -> None:
        self.answers(partner, path, **altered)
        with pytest.raises(NotUnderstood) as raised:
            self.ask(partner, relationships=True)
        assert expected in str(raised.value)
        assert partner.lab.cloud["graph_url"] in raised.value.server

    def test_half_a_list_is_none(self, partner: Partner) -> None:
        partner.truth.cloud(
            "POST",
            "/chaos",
            {"kind": "failure", "status": 500, "path": "/v1.0/contracts", "skip": 1},
        )
        with pytest.raises(NotUnderstood, match="contracts"):
            self.ask(partner)

    def test_a_server_that_is_not_proven(self, partner: Partner) -> None:
        with pytest.raises(NotTrusted):
            self.ask(partner, entra_ca_path=None)


def test_the_simulated_partner_is_as_described(partner: Partner) -> None:
    """Held against Microsoft's description; who is no partner has empty lists."""
    described = DescribedCloud(partner.lab)
    with described.client(PARTNER) as http:
        for path, count in (
            ("contracts", 5),
            ("tenantRelationships/delegatedAdminCustomers", 6),
            ("tenantRelationships/delegatedAdminRelationships", 6),
        ):
            page = http.get(f"/v1.0/{path}?$top=4").json()
            found = len(page["value"])
            while link := page.get("@odata.nextLink"):
                # What is in a link to a next page is nowhere described.
                page = http.get(link, **WRONG).json()
                assert len(page["value"]) <= 2
                found += len(page["value"])
            assert found == count
        customers = "/v1.0/tenantRelationships/delegatedAdminCustomers"
        assert http.get(f"{customers}?$top=301", **WRONG).status_code == 400
    with described.client("fabrikam") as http:
        assert http.get(customers).status_code == 403


def test_a_table(partner: Partner) -> None:
    """tenant_table beside partner_tenants: the same tenant by the same name is one host."""
    tenant_id = partner.lab.tenants["contoso"]["tenant_id"]
    partner.write("inventory/10-customers.yml", partner.config(sources=["contracts"]))
    partner.write(
        "inventory/20-table.yml",
        {
            "plugin": TABLE,
            "files": ["../tables/contracts.csv"],
            "strict": True,
            "keyed_groups": [{"key": "country", "prefix": "in"}],
        },
    )
    partner.write(
        "tables/contracts.csv",
        "Name,tenant_entra_tenant_id,tenant_ad_servers,tenant_ad_port,country\n"
        f"contoso,{tenant_id.upper()},dc1;dc2,636,JP\n"
        "northwind,,dc3,,SE\n",
    )
    told = partner.tell()
    assert told.group("tenants") == ["contoso", "fabrikam", "fourthcoffee", "litware", "northwind"]
    assert told.group("in_JP") == ["contoso"]
    contoso = told.variables["contoso"]
    assert (contoso["tenant_ad_servers"], contoso["tenant_ad_port"]) == (["dc1", "dc2"], 636)
    assert contoso["partner_default_domain"] == "contoso.onmicrosoft.com"
    assert "tenant_ad_port" not in told.variables["northwind"]
    partner.write("tables/contracts.csv", "name,tenant_ad_port\ncontoso,ldaps\n")
    refused = partner.tell()
    assert refused.exit_code == PARSER_ERROR
    assert "contracts.csv, line 2, column tenant_ad_port" in " ".join(refused.errors.split())
