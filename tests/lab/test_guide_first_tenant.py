# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide of the first tenant, followed from installing the collection to putting all back."""

from __future__ import annotations

from pathlib import Path

from lab.description import Description

from .guides.reader import Reader
from .truth import Truth


def test_first_tenant(clean_lab: Description, tmp_path: Path) -> None:
    reader = Reader.of("docs/first_tenant.md", clean_lab, tmp_path)
    # The collection that is built and installed here is the one that is used from then on.
    reader.variables["ANSIBLE_COLLECTIONS_PATH"] = str(tmp_path / ".ansible" / "collections")
    reader.in_a_copy("ansible-galaxy collection build")
    reader.save("ini", "callbacks_enabled", "ansible.cfg")
    assert "Policy.ReadWrite.AuthenticationMethod" in reader.in_the_source("make permissions-for")

    contoso = reader.tenant("contoso")
    reader.stand_ins = {
        "dc1.corp.example.com": contoso["tenant_ad_servers"][0],
        "corp.example.com": clean_lab.directory["domain"],
        "ns1.contoso.example": contoso["tenant_dns_server"],
        "contoso.example": "contoso.test",
        "contoso.onmicrosoft.com": contoso["tenant_entra_tenant_id"],
        "8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21": contoso["tenant_entra_client_id"],
        "/etc/tenantops/contoso.pem": str(clean_lab.state / "tenants" / "contoso" / "app.pem"),
    }
    reader.describe_where(
        "contoso",
        vault_contoso_ad_password=contoso["tenant_ad_password"],
        vault_contoso_dns_key_secret=contoso["tenant_dns_key_secret"],
    )
    reader.save("yaml", "# inventory/tenants.yml", "inventory/tenants.yml")

    truth = Truth(clean_lab)
    before = truth.everything()
    reader.type("assess_guests")
    reader.type("migrate --check --diff")
    assert (tmp_path / "tenantops-report" / "check" / "report.html").exists()
    assert (tmp_path / "tenantops-report" / "check" / "contoso.json").exists()
    assert truth.everything() == before

    migrate = reader.take("shell", "tenantops_approved_plans")
    reader.run(migrate)
    after = truth.everything()
    assert after["email_otp"]["contoso"] == "enabled"
    assert "contoso.test" in after["suffixes"]
    assert "changed=0" in reader.run(migrate)

    reader.type("rollback")
    assert truth.everything() == before
    reader.end()
