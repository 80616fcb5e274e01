# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drift over several nights: what is new, still there, gone, accepted, and what nobody knows."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab.description import Description

from .playbooks import DEMO_TENANTS, ROOT, Finished, Operator
from .truth import Truth

_OTP = "/state/tenants/fabrikam/email_method/allow_external_id_to_use_email_otp"

_ACCEPTED = """
- tenant: fabrikam
  object: "*"
  attribute: allowExternalIdToUseEmailOtp
  reason: agreed until their guests have moved
  until: {until}
"""


@dataclass(frozen=True)
class Nights:
    """The nightly run over some tenants, and what it leaves."""

    operator: Operator
    truth: Truth

    @property
    def folder(self) -> Path:
        return self.operator.folder / "drift"

    def look(self, *arguments: str, **variables: Any) -> Finished:
        """Look at the tenants; nothing of theirs changes, and no journal is written."""
        before = self.truth.everything()
        journal = self.operator.journal.exists()
        finished = self.operator.run(
            "drift",
            *arguments,
            **{"tenantops_drift_folder": str(self.folder), "tenantops_fleet_run": "", **variables},
        )
        assert self.truth.everything() == before
        assert self.operator.journal.exists() == journal
        assert "Traceback" not in finished.output
        return finished

    def report(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder / "drift.json").read_text())
        return content

    def statuses(self, tenant: str) -> list[str]:
        """The statuses of a tenant's deviations."""
        deviations = self.report()["tenants"][tenant]["deviations"]
        return [deviation["status"] for deviation in deviations]

    def text(self) -> str:
        return (self.folder / "notification.txt").read_text()


@pytest.fixture
def nights(clean_lab: Description, tmp_path: Path) -> Nights:
    return Nights(Operator(clean_lab, tmp_path), Truth(clean_lab))


def succeeded(finished: Finished) -> Finished:
    assert finished.exit_code == 0, finished.output
    return finished


def test_from_night_to_night(nights: Nights) -> None:
    succeeded(nights.look())
    report = nights.report()
    assert report["verdict"] == "drift"
    assert report["course"] == "migrate"
    assert set(report["tenants"]) == set(DEMO_TENANTS)
    planned = nights.operator.folder / "report" / "check"
    for tenant, told in report["tenants"].items():
        plan = json.loads((planned / f"{tenant}.json").read_text())
        assert [each["change"] for each in told["deviations"]] == plan["changes"]
        assert told["counts"]["new"] == len(plan["changes"]) > 0

    # Only what is not accepted and not gone makes it fail, and only if that is asked for.
    failing = nights.look("--check", tenantops_drift_fails=True)
    assert failing.exit_code == 2
    assert "Drift: 3 drifted, of 3 tenants" in failing.output
    assert nights.report()["counts"]["new"] == 0
    assert nights.report()["counts"]["still_there"] > 0

    succeeded(nights.operator.run("migrate"))
    succeeded(nights.look(tenantops_drift_fails=True))
    assert nights.report()["verdict"] == "none"
    assert nights.report()["counts"]["gone"] == report["counts"]["new"]
    succeeded(nights.look(tenantops_drift_fails=True))
    assert not any(nights.report()["counts"].values())
    assert nights.text().startswith("Drift: none, of 3 tenants")
    assert len(list((nights.folder / "history").iterdir())) == 4


def test_one_has_drifted_and_another_one_failed(nights: Nights) -> None:
    everybody = "tenants:northwind"
    succeeded(nights.operator.run("migrate"))
    # An administrator has other ideas, and one tenant's credentials are wrong.
    nights.truth.cloud("PUT", _OTP, "default")
    finished = nights.look(tenantops_hosts=everybody)
    assert finished.exit_code != 0
    report = nights.report()
    assert report["verdict"] == "drift_and_failed"
    verdicts = {tenant: told["verdict"] for tenant, told in report["tenants"].items()}
    assert verdicts == {
        "contoso": "none",
        "fabrikam": "drift",
        "fourthcoffee": "none",
        "northwind": "failed",
    }
    assert "new: entra" in nights.text()
    assert "is default, wanted enabled" in nights.text()
    assert "not known: upn_suffix" in nights.text()

    accepted = nights.operator.folder / "accepted.yml"
    accepted.write_text(_ACCEPTED.format(until="2999-12-31"))
    told = {"tenantops_accepted_deviations": str(accepted), "tenantops_drift_fails": "true"}
    succeeded(nights.look(**told))
    assert nights.statuses("fabrikam") == ["accepted"]
    assert nights.report()["verdict"] == "none"
    # This look was not for it, so it is told apart, and as it was.
    assert nights.report()["others"]["northwind"]["verdict"] == "failed"

    accepted.write_text(_ACCEPTED.format(until="2026-01-31"))
    assert nights.look(**told).exit_code == 2
    assert nights.statuses("fabrikam") == ["acceptance_expired"]
    assert "was accepted until 2026-01-31: agreed until their guests" in nights.text()

    # The row without its reason is named, and the last report stays.
    accepted.write_text("- {tenant: fabrikam, object: '*', attribute: '*', until: 2999-12-31}\n")
    last = nights.report()
    wrong = nights.look(**told)
    assert wrong.exit_code != 0
    assert "entry 1" in wrong.output
    assert nights.report() == last


def test_where_nobody_could_be_looked_at(nights: Nights) -> None:
    assert nights.look(tenantops_hosts="tailspin").exit_code != 0
    report = nights.report()
    assert (report["verdict"], report["ended"]) == ("failed", None)
    assert "not come to its end" in nights.text()

    nobody = nights.look(tenantops_hosts="nobody")
    assert nobody.exit_code != 0
    assert "no tenant can be looked at" in nobody.output


def test_a_course_that_says_nothing_of_what_is_wanted(nights: Nights) -> None:
    finished = nights.look(tenantops_course="rollback")
    assert finished.exit_code != 0
    assert "tenantops_course is rollback" in finished.output
    assert not nights.folder.exists()


def test_assessments_are_compared_too(nights: Nights) -> None:
    told = {
        "tenantops_hosts": "contoso",
        "tenantops_course": "guest_access",
        "tenantops_drift_assessments": ["guest_assessment"],
        "tenantops_assessments": str(nights.operator.folder / "assessments"),
    }
    succeeded(nights.look(**told))
    figures = nights.report()["tenants"]["contoso"]["figures"]["guests"]
    assert sum(figures.values()) > 0


def test_the_script_of_the_document(nights: Nights) -> None:
    """It mails what has drifted, nothing where nothing has, and what kept it from beginning."""
    folder = nights.operator.folder
    settings, state = folder / "settings", folder / "state"
    settings.mkdir()
    (settings / "inventory").symlink_to(nights.operator.lab.data["inventory"])
    accepted = settings / "accepted.yml"
    accepted.write_text(_written("docs/drift.md", "yaml"))
    script = folder / "script"
    script.write_text(_written("docs/drift.md", "sh"))
    programs = folder / "programs"
    programs.mkdir()
    mail = programs / "mail"
    mail.write_text(f'#!/bin/sh\necho "$2" >> {folder}/mails\ncat >> {folder}/mails\n')
    mail.chmod(0o700)
    environment = nights.operator.environment(folder / "report") | {
        "PATH": f"{programs}:{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}",
        "TENANTOPS_STATE": str(state),
        "TENANTOPS_SETTINGS": str(settings),
    }

    def mails_of_a_night() -> tuple[int, str]:
        (folder / "mails").write_text("")
        command = ["sh", str(script)]
        finished = subprocess.run(command, cwd=ROOT, env=environment, timeout=600, check=False)
        return finished.returncode, (folder / "mails").read_text()

    code, mails = mails_of_a_night()
    assert code == 0
    assert mails.startswith("Drift: 3 drifted, of 3 tenants\n")
    assert "contoso: 2 new" in mails

    everything = "tenant: '*', object: '*', attribute: '*', reason: moving, until: 2999-12-31"
    accepted.write_text(f"- {{{everything}}}\n")
    assert mails_of_a_night() == (0, "")

    accepted.write_text("- nobody\n")
    code, mails = mails_of_a_night()
    assert code == 2
    assert mails.startswith("Drift: the run did not begin (exit code 2)")
    assert "entry 1" in mails


def _written(document: str, language: str) -> str:
    """The one block in a language of a document."""
    text = (ROOT / document).read_text(encoding="utf-8")
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return str(block)
