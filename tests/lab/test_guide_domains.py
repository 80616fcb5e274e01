# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guides about domains, and about zones at hosting companies, followed on the lab."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from lab.description import Description

from .domain_courses import ADDED, OFFERED, PUBLISHED, TAKEN_OVER, VERIFIED, covers, outline
from .guides.reader import Reader
from .hosting.companies import ZONE, Cloudflare
from .hosting.server import serving
from .truth import Truth

# The tenant of the lab that is where the document's is: people signed up with its domain.
UNMANAGED = "graphicdesign"
DOMAIN = f"{UNMANAGED}.test"
# A second domain, which the tenant has already
SECOND = "adatum.test"
CODE = "MS=ms12345678"


def changes(reader: Reader, mode: str) -> list[dict[str, Any]]:
    file = reader.folder / "tenantops-report" / mode / "contoso.json"
    found: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["changes"]
    return found


def test_domains(clean_lab: Description, tmp_path: Path) -> None:
    reader = Reader.of("docs/domains.md", clean_lab, tmp_path)
    truth = Truth(clean_lab)
    primary = clean_lab.nameservers["primary"]
    reader.variables |= {
        "TENANTOPS_ENTRA_AUTHORITY": clean_lab.cloud["authority"],
        "TENANTOPS_ENTRA_CA_PATH": clean_lab.ca_file,
        "TENANTOPS_DNS_RESOLVERS": f"{primary['address']}:{primary['port']}",
    }
    reader.stand_ins = {"contoso.com": DOMAIN, "contoso.de": SECOND}
    people = [f"lena.holm@{DOMAIN}", f"kim.akers@{SECOND}"]
    reader.write("people.csv", "".join(f"{line}\n" for line in ("address", *people)))
    reader.type("assess_domains")
    with (tmp_path / "tenantops-assessments" / "localhost.csv").open(encoding="utf-8-sig") as lines:
        told = {row["text"]: row["option"] for row in csv.DictReader(lines)}
    assert told == dict(zip(people, ("take_over", "new_account"), strict=True))

    domains = truth.cloud("GET", "/state")["tenants"][UNMANAGED]["domains"]
    second = {**domains[0], "name": SECOND, "is_initial": False, "is_default": False}
    truth.cloud("PUT", f"/state/tenants/{UNMANAGED}/domains", [*domains, second])
    reader.describe_as({"contoso": UNMANAGED})
    dry_run, run = reader.commands("take_over_domain")
    reader.save_host_variables("tenant_takeover_consent")

    before = everything(truth)
    reader.run(dry_run)
    assert everything(truth) == before
    planned = changes(reader, "check")
    course = [ADDED, PUBLISHED, VERIFIED, TAKEN_OVER, "replace isDefault", "remove TXT"]
    assert outline(planned) == [*course, OFFERED, OFFERED]
    assert {change["reversible"] for change in planned if change["property"] == "takeover"} == (
        {False}
    )
    reader.run(run)
    assert covers(planned, changes(reader, "apply"))
    after = everything(truth)
    (default,) = (domain["name"] for domain in after["domains"] if domain["is_default"])
    assert default == DOMAIN
    assert {user["user_principal_name"] for user in after["users"]} >= set(people[:1])
    assert {DOMAIN, SECOND} <= set(after["suffixes"])
    assert after["txt"] == before["txt"]
    assert "changed=0" in reader.run(dry_run)

    reader.type("rollback")
    undone = ["remove uPNSuffixes", "remove uPNSuffixes", "replace isDefault"]
    assert outline(changes(reader, "check")) == undone
    assert everything(truth) == after
    reader.end()


def everything(truth: Truth) -> dict[str, Any]:
    """All that the course may change."""
    tenant = truth.cloud("GET", "/state")["tenants"][UNMANAGED]
    return {
        "domains": tenant["domains"],
        "users": tenant["users"],
        "txt": truth.txt(DOMAIN),
        "suffixes": truth.suffixes(),
    }


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Cloudflare]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    company = Cloudflare()
    with serving(company, authority):
        yield company
    assert company.misuses == []


def test_dns_hosting(clean_lab: Description, company: Cloudflare, tmp_path: Path) -> None:
    reader = Reader.of("docs/dns_hosting.md", clean_lab, tmp_path)
    reader.describe_where("fourthcoffee", vault_cloudflare_token=company.credentials["api_token"])
    settings = {**company.settings, "ca_path": str(tmp_path / "ca.pem")}
    reader.variables["TENANTOPS_DNS_PROVIDER_SETTINGS"] = json.dumps(settings)
    reader.stand_ins = {"fourthcoffee.example": ZONE}
    company.put(ZONE, 300, ("v=spf1 -all",), ("another", "value"))
    before = company.kept(ZONE)

    tasks = reader.take("yaml", "dns_provider: cloudflare")
    reader.play(tasks, "fourthcoffee", arguments="--check --diff")
    assert company.kept(ZONE) == before
    reader.play(tasks, "fourthcoffee", arguments="-e tenantops_run=published")
    published = company.kept(ZONE)
    assert [record for record in published if record in before] == before
    (added,) = [record for record in published if record not in before]
    assert added["content"] == f'"{CODE}"'
    assert "changed=0" in reader.play(tasks, "fourthcoffee")

    # The same for the playbooks
    (task,) = yaml.safe_load(tasks)
    options = task["tenantops.migration.dns_txt"]
    variables = {
        "tenant_dns_provider": options["dns_provider"],
        "tenant_dns_provider_credentials": options["dns_provider_credentials"],
        "tenant_dns_provider_settings": settings,
        "tenant_txt_records": [{"name": ZONE, "values": ["MS=ms87654321"]}],
    }
    reader.describe_where(
        "fourthcoffee", vault_cloudflare_token=company.credentials["api_token"], **variables
    )
    playbook = "ansible-playbook -i inventory tenantops.migration"
    reader.run(f"{playbook}.migrate -e tenantops_run=second")
    assert len(company.kept(ZONE)) == len(published) + 1
    reader.run(f"{playbook}.rollback -e tenantops_undo_run=second")
    assert company.kept(ZONE) == published
    reader.end()
