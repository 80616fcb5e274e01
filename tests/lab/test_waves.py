# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tenants in waves, with the playbooks of the collection: role wave, filter in_waves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lab.description import Description

from .playbooks import Operator

ORDER = ["tenantops_pilot_tenants", "tenantops_wave_sizes", "tenantops_error_budget"]


@pytest.fixture
def operator(clean_lab: Description, tmp_path: Path) -> Operator:
    return Operator(clean_lab, tmp_path)


def test_the_budget_stops_the_rest_and_a_larger_one_lets_it_go_on(operator: Operator) -> None:
    given: dict[str, Any] = {
        "tenantops_hosts": "contoso:fabrikam:fourthcoffee:northwind",
        "tenantops_roles": ["domain_txt"],
        "tenantops_wave_seed": "change-4711",
        # northwind's credentials are wrong
        "tenantops_pilot_tenants": ["contoso", "northwind"],
        "tenantops_wave_sizes": "1",
    }
    stopped = operator.run("migrate", report="stopped", tenantops_error_budget="0", **given)
    assert stopped.exit_code != 0
    assert "1 of 4 tenants have failed, and no more than 0 may" in stopped.output
    assert journals(operator, "contoso")
    assert not (operator.journal / "fabrikam").exists()
    assert not (operator.journal / "fourthcoffee").exists()

    went_on = operator.run("migrate", report="went-on", tenantops_error_budget="25%", **given)
    assert went_on.exit_code != 0
    assert "error budget" not in went_on.output
    # All waves are one run, which can be rolled back by one name.
    (name,) = journals(operator, "fabrikam")
    assert journals(operator, "fourthcoffee") == [name]
    # The pilot, and two waves of one each
    assert went_on.output.count("PLAY [Work on the tenants]") == 3


def test_a_survey_with_blanks_is_one_wave(operator: Operator) -> None:
    blank: dict[str, Any] = dict.fromkeys([*ORDER, "tenantops_wave_seed"], "")
    finished = operator.run("migrate", "--check", tenantops_roles=["domain_txt"], **blank)
    assert finished.exit_code == 0, finished.output
    assert finished.output.count("PLAY [Work on the tenants]") == 1
    assert "wave" not in finished.output


def test_a_pilot_that_nobody_knows_stops_before_anything(operator: Operator) -> None:
    finished = operator.run("migrate", tenantops_pilot_tenants="contosso, fabrikam")
    assert finished.exit_code != 0
    assert "tenants that are not in the inventory: contosso" in finished.output
    assert not operator.journal.exists()


def journals(operator: Operator, tenant: str) -> list[str]:
    """The runs that announced changes of a tenant."""
    return [path.name for path in (operator.journal / tenant).glob("*.jsonl")]
