# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role awx_setup and its playbooks, with the real awx.awx against a stand-in of AWX."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from lab.description import Description

from .awx.administrator import Administrator, Finished
from .awx.controller import Controller
from .awx.credential_types import HIDDEN, Given, give
from .awx.objects import Refused
from .awx.workflows import Ended, Run
from .guides.reader import Reader
from .hosting.server import serving
from .playbooks import ROOT

REPOSITORY = "https://git.corp.example/tenants.git"
# What awx_project writes is what AWX finds in the repository.
SHIMS = {path.name for path in (ROOT / "playbooks").glob("*.yml")} - {
    "awx.yml",
    "awx_project.yml",
    "on_tenants.yml",
}

SECRETS = {"client": "marked-client-secret", "key": "bWFya2VkLWtleQ==", "web": "marked-web-secret"}
DECLARED: Mapping[str, Any] = {
    "awx_setup_image": "registry.corp.example/tenantops:1",
    "awx_setup_project_url": REPOSITORY,
    "awx_setup_credentials": [
        {
            "name": "app",
            "type": "entra_app",
            "inputs": {"client_id": "a1", "client_secret": SECRETS["client"]},
        },
        {
            "name": "key",
            "type": "dns_key",
            "inputs": {"name": "k", "algorithm": "hmac-sha256", "secret": SECRETS["key"]},
        },
        # Somebody fills this one in in AWX.
        {"name": "store", "type": "plan_store"},
        {"name": "partner", "type": "entra_app_certificate", "for_jobs": False},
    ],
    "awx_setup_inventory_sources": [
        {"name": "tenants", "path": "inventory", "credential": "partner"}
    ],
    "awx_setup_variables": {"tenantops_plan_store": "git+https://git.corp.example/plans.git"},
    "awx_setup_slices": 3,
    "awx_setup_approver_teams": ["Reviewers"],
    "awx_setup_notifications": [
        {
            "name": "chat",
            "type": "webhook",
            "configuration": {
                "url": "https://chat.corp.example/hook",
                "headers": {},
                "username": "awx",
                "password": SECRETS["web"],
            },
        },
        {
            "name": "log",
            "type": "webhook",
            "events": ["success"],
            "configuration": {"url": "https://log.corp.example/hook", "headers": {}},
        },
    ],
}


@dataclass(frozen=True)
class SetUp:
    """AWX as the playbook made it, and what the playbook said."""

    controller: Controller
    administrator: Administrator
    first: Finished


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def administrator_of(folder: Path, controller: Controller, authority: trustme.CA) -> Administrator:
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    return Administrator(folder, controller.url, controller.token)


@pytest.fixture
def empty(tmp_path: Path, authority: trustme.CA) -> Iterator[tuple[Controller, Administrator]]:
    controller = Controller({REPOSITORY: SHIMS})
    with serving(controller, authority):
        yield controller, administrator_of(tmp_path, controller, authority)
    assert controller.misuses == []


@pytest.fixture(scope="module")
def set_up(tmp_path_factory: pytest.TempPathFactory, authority: trustme.CA) -> Iterator[SetUp]:
    controller = Controller({REPOSITORY: SHIMS})
    with serving(controller, authority):
        administrator = administrator_of(tmp_path_factory.mktemp("awx"), controller, authority)
        first = administrator.run("awx", **DECLARED)
        assert first.exit_code == 0, first.output
        yield SetUp(controller, administrator, first)
    assert controller.misuses == []


def test_a_dry_run_of_an_empty_awx_makes_nothing(
    empty: tuple[Controller, Administrator],
) -> None:
    controller, administrator = empty
    dry = administrator.run("awx", "--check", "--diff", **DECLARED)
    assert dry.exit_code == 0, dry.output
    assert dry.changed == ["Make the organization"]
    assert "did not compare what comes after that: kinds, credentials" in " ".join(
        dry.output.split()
    )
    assert controller.changes == []


def test_what_would_show_a_secret_is_refused(empty: tuple[Controller, Administrator]) -> None:
    controller, administrator = empty
    variables = {"awx_setup_variables": {"tenantops_plan_store_token": SECRETS["web"]}}
    refused = administrator.run("awx", **{**DECLARED, **variables})
    assert refused.exit_code != 0
    assert "tenantops_plan_store_token, which sounds like a secret" in " ".join(
        refused.output.split()
    )
    assert controller.requests == []
    assert SECRETS["web"] not in refused.output


def test_where_awx_is_has_to_be_told(tmp_path: Path) -> None:
    told = Administrator(tmp_path, "", {}).run("awx", **DECLARED)
    assert told.exit_code != 0
    assert "CONTROLLER_HOST" in told.output
    assert "Traceback" not in told.output


def test_everything_is_made(set_up: SetUp) -> None:
    objects = set_up.controller.objects
    templates = {each["name"]: each for each in objects.all("job_templates")}
    assert set(templates) == {
        f"tenantops {name}"
        for name in ("plan", "approve", "apply", "drift", "fleet_report", "rollback")
    }
    assert templates["tenantops plan"]["job_slice_count"] == 3
    assert templates["tenantops drift"]["job_slice_count"] == 1
    assert templates["tenantops rollback"]["job_type"] == "check"
    assert {each["playbook"] for each in templates.values()} <= SHIMS
    variables = json.loads(templates["tenantops plan"]["extra_vars"])
    assert variables["tenantops_plan_store"] == "git+https://git.corp.example/plans.git"
    assert variables["tenantops_journal"] == "/var/lib/tenantops/journal"
    for template in templates.values():
        assert not template["ask_variables_on_launch"]
        assert not template["ask_limit_on_launch"]
    given = {
        name: {
            each["name"] for each in objects.links("job_templates", template["id"], "credentials")
        }
        for name, template in templates.items()
    }
    everything = {"tenantops app", "tenantops key", "tenantops store"}
    assert given["tenantops apply"] == everything
    assert given["tenantops approve"] == {"tenantops store"}
    assert [each["name"] for each in objects.all("schedules")] == ["tenantops night"]
    (source,) = objects.all("inventory_sources")
    partner = objects.named("credentials", "tenantops partner")
    assert source["credential"] == partner["id"]
    teams = [
        each
        for role in objects.all("roles")
        for each in objects.links("roles", role["id"], "teams")
    ]
    assert [team["name"] for team in teams] == ["Reviewers"]


def test_who_is_told_of_what(set_up: SetUp) -> None:
    objects = set_up.controller.objects
    workflow = objects.named("workflow_job_templates", "tenantops change")["id"]
    told = {
        event: [
            each["name"]
            for each in objects.links(
                "workflow_job_templates", workflow, f"notification_templates_{event}"
            )
        ]
        for event in ("started", "success", "error", "approvals")
    }
    assert told == {
        "started": [],
        "success": ["tenantops log"],
        "error": ["tenantops chat"],
        "approvals": ["tenantops chat"],
    }


def test_secrets_reach_awx_and_nothing_else(set_up: SetUp) -> None:
    objects = set_up.controller.objects
    assert objects.secret("tenantops app")["client_secret"] == SECRETS["client"]
    assert objects.secret("tenantops key")["secret"] == SECRETS["key"]
    for secret in SECRETS.values():
        assert secret not in set_up.first.output
        for template in objects.all("job_templates"):
            assert secret not in template["extra_vars"]


def given(set_up: SetUp, type_name: str, **inputs: str) -> Given:
    kind = set_up.controller.objects.named("credential_types", f"tenantops {type_name}")
    return give(kind, inputs)


def test_credentials_reach_the_modules_by_variables_that_they_read(set_up: SetUp) -> None:
    documented = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "plugins" / "doc_fragments").glob("*.py")
    )
    for kind in set_up.controller.objects.all("credential_types"):
        for variable in kind["injectors"].get("env", {}):
            assert f"E({variable})" in documented
    app = given(set_up, "Entra app", client_id="a1", client_secret="s1")
    assert app.environment == {
        "TENANTOPS_ENTRA_CLIENT_ID": "a1",
        "TENANTOPS_ENTRA_CLIENT_SECRET": "s1",
    }
    certified = given(set_up, "Entra app with a certificate", client_id="a1", certificate="PEM")
    assert certified.files == {"certificate": "PEM"}
    assert certified.environment["TENANTOPS_ENTRA_CERTIFICATE_PATH"].endswith("/certificate")
    # An empty variable counts as not given.
    assert certified.environment["TENANTOPS_ENTRA_CERTIFICATE_PASSWORD"] == ""
    store = given(set_up, "plan store", token="t1")
    assert store.variables == {"tenantops_plan_store_token": "t1"}


def change(
    set_up: SetUp, *, failing: str = "", **answers: str
) -> tuple[Run, dict[str, Mapping[str, Any]]]:
    """Launch the workflow; gives its run and the variables that each template's job got."""
    seen: dict[str, Mapping[str, Any]] = {}

    def script(name: str) -> Any:
        def run(variables: Mapping[str, Any]) -> Ended:
            seen[name] = variables
            # Each slice hands on the digests of its own tenants, and a key that all of them have.
            slices: list[dict[str, str]] = [
                {"tenantops_plan_sha256_contoso": "c0", "shared": "first"},
                {"tenantops_plan_sha256_fabrikam": "f0", "shared": "second"},
            ]
            return Ended(succeeded=name != failing, artifacts=slices if name == "plan" else [])

        return run

    workflows = set_up.controller.workflows
    for name in ("plan", "fleet_report", "approve", "apply", "drift"):
        workflows.scripts[f"tenantops {name}"] = script(name)
    template = set_up.controller.objects.named("workflow_job_templates", "tenantops change")
    return workflows.launch(template["id"], answers), seen


def test_nothing_is_applied_before_somebody_approved(set_up: SetUp) -> None:
    run, seen = change(set_up, tenantops_course="guest_access", tenantops_hosts="pilot")
    assert run.course == ["plan", "report", "approval"]
    assert run.status == "running"
    set_up.controller.workflows.decide(run.jobs["approval"].number, approve=True)
    assert run.course == ["plan", "report", "approval", "approve", "apply", "verify"]
    assert run.status == "successful"
    for name in ("plan", "apply", "drift"):
        assert seen[name]["tenantops_course"] == "guest_access"
        assert seen[name]["tenantops_hosts"] == "pilot"
    # The digests of all slices arrive; of a key that is shared, only what the last one said.
    assert seen["apply"]["tenantops_plan_sha256_contoso"] == "c0"
    assert seen["apply"]["tenantops_plan_sha256_fabrikam"] == "f0"
    assert seen["apply"]["shared"] == "second"


def test_what_is_denied_is_not_applied(set_up: SetUp) -> None:
    run, seen = change(set_up)
    set_up.controller.workflows.decide(run.jobs["approval"].number, approve=False)
    assert run.course == ["plan", "report", "approval"]
    assert run.status == "failed"
    assert "apply" not in seen


@pytest.mark.parametrize("failing", ["plan", "apply"])
def test_a_tenant_that_fails_stops_no_other(set_up: SetUp, failing: str) -> None:
    """One tenant that fails makes the job of all of them fail, and the workflow goes on."""
    run, seen = change(set_up, failing=failing)
    set_up.controller.workflows.decide(run.jobs["approval"].number, approve=True)
    assert {"approve", "apply", "drift"} <= seen.keys()


def test_what_drifts_makes_the_workflow_fail(set_up: SetUp) -> None:
    run, _seen = change(set_up, failing="drift")
    set_up.controller.workflows.decide(run.jobs["approval"].number, approve=True)
    assert run.course[-1] == "verify"
    assert run.status == "failed"


def test_the_workflow_takes_answers_of_its_survey_only(set_up: SetUp) -> None:
    with pytest.raises(Refused, match="tenantops_max_changes are not allowed on launch"):
        change(set_up, tenantops_max_changes="9")
    with pytest.raises(Refused, match="one of the choices"):
        change(set_up, tenantops_course="rollback")


def test_all_jobs_of_a_workflow_mean_the_same_run(set_up: SetUp) -> None:
    objects = set_up.controller.objects
    plan = objects.named("job_templates", "tenantops plan")
    assert "awx_workflow_job_id" in plan["extra_vars"]
    # Only what is handed on tells the others, so nothing else may answer for it.
    for name in ("plan", "approve", "apply"):
        survey = objects.survey(objects.named("job_templates", f"tenantops {name}")["id"])
        questions = {each["variable"]: each for each in survey["spec"]}
        assert "default" not in questions.get("tenantops_fleet_run", {})


def test_a_second_run_changes_only_what_is_declared_otherwise(set_up: SetUp) -> None:
    """And leaves alone what somebody filled in in AWX."""
    controller, administrator = set_up.controller, set_up.administrator
    store = controller.objects.named("credentials", "tenantops store")
    controller.objects.change("credentials", store["id"], {"inputs": {"token": "by-hand"}})
    declared = {**DECLARED, "awx_setup_approval_timeout": 3600}
    before = len(controller.changes)
    changed = ["Make the nodes of the workflows"]
    if os.environ.get("TENANTOPS_AWX_DRY_RUN"):
        dry = administrator.run("awx", "--check", **declared)
        assert dry.exit_code == 0, dry.output
        assert dry.changed == changed
        assert len(controller.changes) == before
    second = administrator.run("awx", **declared)
    assert second.exit_code == 0, second.output
    assert second.changed == changed
    (approval,) = controller.objects.all("workflow_approval_templates")
    assert controller.changes[before:] == [
        f"PATCH /api/v2/workflow_approval_templates/{approval['id']}/"
    ]
    assert approval["timeout"] == 3600
    assert controller.objects.secret("tenantops store") == {"token": "by-hand"}
    assert "AWX shows no secrets" in second.output


def test_the_stand_in_hides_secrets_and_keeps_them(set_up: SetUp) -> None:
    objects = set_up.controller.objects
    app = objects.named("credentials", "tenantops app")
    assert objects.shown("credentials", app)["inputs"]["client_secret"] == HIDDEN
    objects.change(
        "credentials", app["id"], {"inputs": {"client_id": "a2", "client_secret": HIDDEN}}
    )
    assert objects.secret("tenantops app")["client_secret"] == SECRETS["client"]
    objects.change(
        "credentials", app["id"], {"inputs": {"client_id": "a1", "client_secret": HIDDEN}}
    )


def test_the_project_is_written_once_and_nothing_of_others(tmp_path: Path) -> None:
    administrator = Administrator(tmp_path, "", {})
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "inventory.yml").write_text("all: {}\n")
    folder = {"awx_setup_project_folder": str(repository)}
    written = administrator.run("awx_project", **folder)
    assert written.exit_code == 0, written.output
    assert written.changed == ["Write the files"]
    names = {path.name for path in repository.iterdir()}
    assert names == SHIMS | {"ansible.cfg", "inventory.yml"}
    text = (repository / "migrate.yml").read_text(encoding="utf-8")
    assert text.endswith("ansible.builtin.import_playbook: tenantops.migration.migrate\n")
    configuration = (repository / "ansible.cfg").read_text(encoding="utf-8")
    assert "folder = /var/lib/tenantops/reports/job-$JOB_ID\n" in configuration
    (repository / "migrate.yml").unlink()
    dry = administrator.run("awx_project", "--check", **folder)
    assert dry.output.count("changed: [localhost] => (item=") == 1
    assert not (repository / "migrate.yml").exists()
    again = administrator.run("awx_project", **folder)
    assert again.output.count("changed: [localhost] => (item=") == 1
    last = administrator.run("awx_project", **folder)
    assert last.changed == []
    (repository / "rollback.yml").write_text("- hosts: all\n")
    refused = administrator.run("awx_project", **folder)
    assert refused.exit_code != 0
    assert "rollback.yml" in refused.output
    assert (repository / "rollback.yml").read_text() == "- hosts: all\n"


def test_the_document_is_followed(lab: Description, set_up: SetUp, tmp_path: Path) -> None:
    """As far as a dry run goes; `make scale` takes the time to make all of it in AWX."""
    reader = Reader.of("docs/awx.md", lab, tmp_path)
    (_pip, _install, wanted) = shlex.split(reader.take("shell", "pip install"))
    pinned = (ROOT / "tests" / "requirements-awx.txt").read_text(encoding="utf-8")
    assert wanted in pinned.splitlines()

    repository = tmp_path / "tenants.git"
    subprocess.run(["git", "init", "--quiet", "--bare", repository], check=True)
    reader.stand_ins = {"https://git.example.com/tenants.git": str(repository)}
    reader.type("awx_project")
    written = {path.name for path in (tmp_path / "tenants").glob("*.yml")}
    assert written == SHIMS

    declared = yaml.safe_load(reader.save("yaml", "awx_setup_image", "awx.yml").read_text())
    kinds = {each["type"] for each in declared["awx_setup_credentials"]}
    assert kinds <= {each["type"] for each in DECLARED["awx_setup_credentials"]}
    reader.variables |= {"APP_SECRET": SECRETS["client"], "DNS_KEY": SECRETS["key"]}
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    reader.variables["SSL_CERT_FILE"] = str(tmp_path / "authority.pem")
    controller = Controller({str(repository): written})
    with serving(controller, authority):
        (token,) = controller.token.values()
        reader.stand_ins = {"https://awx.example.com": controller.url, "=...": f"={token}"}
        sign_in, dry, run = reader.commands("CONTROLLER_HOST")
        assert "changed=1" in reader.run(f"{sign_in}\n{dry}")
        assert controller.changes == []
        if os.environ.get("TENANTOPS_AWX_DRY_RUN"):
            reader.run(f"{sign_in}\n{run}")
            assert_promised(controller)
            secret = controller.objects.secret("tenantops app")["client_secret"]
            assert secret == SECRETS["client"]
    assert controller.misuses == []
    assert_promised(set_up.controller)
    reader.end()


def assert_promised(controller: Controller) -> None:
    """There are the templates that the document's tables name, and no others."""
    text = (ROOT / "docs" / "awx.md").read_text(encoding="utf-8")
    promised = re.findall(r"`(tenantops [a-z_]+)`", text)
    kinds = ("job_templates", "workflow_job_templates")
    made = {each["name"] for kind in kinds for each in controller.objects.all(kind)}
    assert made == set(promised)
