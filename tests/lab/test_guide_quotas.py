# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide about Microsoft's quotas, followed on the lab."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from ansible_collections.tenantops.migration.plugins.module_utils._graph.quota import Quotas
from lab.description import Description

from .guides.reader import Reader

RUN = "ansible-playbook -i inventory tenantops.migration.guest_access"


def test_quotas(clean_lab: Description, tmp_path: Path) -> None:
    reader = Reader.of("docs/quotas.md", clean_lab, tmp_path)
    reader.describe_as({"contoso": "contoso"}, tenant_email_otp="enabled")
    reader.variables["TENANTOPS_ENTRA_QUOTA"] = ""
    reader.save_host_variables("tenant_entra_quota")
    saved = tmp_path / "inventory" / "host_vars" / "contoso" / "0.yml"
    wanted = yaml.safe_load(saved.read_text("utf-8"))["tenant_entra_quota"]

    reader.run(RUN)
    (noted,) = notes(tmp_path / ".local" / "state" / "tenantops" / "quota", clean_lab)
    assert noted.stat().st_size > 0
    # Half of what a large tenant allows
    quota = Quotas.from_parameters(wanted).in_tenant
    assert quota.units.per_second == pytest.approx(8000 / 10 / 2)
    assert quota.writes.per_second == pytest.approx(3000 / 150 / 2)

    # The same, said in the environment
    saved.unlink()
    reader.describe_as({"contoso": "contoso"}, tenant_email_otp="disabled")
    folder = tmp_path / "shared"
    reader.variables["TENANTOPS_ENTRA_QUOTA"] = json.dumps({**wanted, "folder": str(folder)})
    reader.run(RUN)
    assert [path.name for path in notes(folder, clean_lab)] == [noted.name]
    reader.end()


def notes(folder: Path, lab: Description) -> list[Path]:
    """The files in which tasks note what they use in the tenant."""
    return sorted(folder.glob(f"{lab.tenants['contoso']['tenant_id']}.*"))
