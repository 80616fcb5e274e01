# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documents about where jobs run: by hand, on nodes, by the clock, in an image."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from pathlib import Path

import yaml

from lab.description import Description
from tools.paths import BUILD

from .guides.reader import Reader
from .playbooks import ROOT
from .truth import Truth

TOOLS = BUILD / "venv-tools" / "bin"
GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))


def options(command: str) -> set[str]:
    """The long options of a command line."""
    return {word.partition("=")[0] for word in shlex.split(command) if word.startswith("--")}


def program(reader: Reader, name: str, script: str) -> None:
    """Put a program into the reader's path that stands in for what only the document has."""
    reader.write(f"programs/{name}", f"#!/bin/bash\n{script}\n").chmod(0o700)
    path = reader.environment()["PATH"]
    folder = str(reader.folder / "programs")
    if not path.startswith(folder):
        reader.variables["PATH"] = f"{folder}:{path}"


def note(name: str) -> str:
    """A script that does nothing but note with which words it was called."""
    return f'echo "{name} $*" >>"$HOME/called"'


def test_drift(clean_lab: Description, tmp_path: Path) -> None:
    reader = Reader.of("docs/drift.md", clean_lab, tmp_path)
    reader.describe("fabrikam", tenant_upn_suffixes=[], tenant_txt_records=[])
    state = tmp_path / "state"
    reader.stand_ins = {"/var/lib/tenantops": str(state), "2027-01-31": "2999-12-31"}
    truth = Truth(clean_lab)
    before = truth.everything()

    migrate, guests = reader.commands("tenantops_course=guest_access")
    reader.run(migrate)
    first = json.loads((state / "drift" / "drift.json").read_text())
    assert first["verdict"] == "drift"
    reader.run(guests)
    assert (state / "drift-guests" / "drift.json").exists()

    accepted = reader.save("yaml", "allowExternalIdToUseEmailOtp", "accepted.yml")
    reader.run(f"{migrate} -e tenantops_accepted_deviations={accepted}")
    second = json.loads((state / "drift" / "drift.json").read_text())
    assert second["verdict"] == "none"
    (deviation,) = second["tenants"]["fabrikam"]["deviations"]
    assert deviation["status"] == "accepted"
    assert truth.everything() == before

    script = reader.take("sh", "tenantops.migration.drift")
    # test_drift.py runs it, whatever it finds.
    reader.run(f"sh -n {reader.write('tenantops-drift', script)}")
    told, line = reader.take("text", "/etc/cron.d").splitlines()
    assert told.startswith("#")
    times, user, path = line.split()[:5], *line.split()[5:]
    assert all(re.fullmatch(r"\d+|\*", each) for each in times)
    assert user == "tenantops"
    assert f"# {path}\n" in script
    reader.end()


def test_runner(clean_lab: Description, tmp_path: Path) -> None:
    reader = Reader.of("docs/runner.md", clean_lab, tmp_path)
    reader.describe("fourthcoffee")
    truth = Truth(clean_lab)
    before = truth.everything()

    dry, run = reader.commands("tenantops_approved_plans")
    reader.run(dry)
    plan = tmp_path / "tenantops-report" / "check" / "fourthcoffee.json"
    planned = json.loads(plan.read_text())
    assert planned["changes"]

    plain, contained = reader.commands("ansible-navigator")
    reader.variables["PATH"] = f"{reader.environment()['PATH']}:{TOOLS}"
    plan.unlink()
    reader.run(plain)
    assert json.loads(plan.read_text())["sha256"] == planned["sha256"]
    assert json.loads((tmp_path / "migrate.json").read_text())["status"] == "successful"
    # Without a container it is known by its options alone.
    known = reader.run("ansible-navigator run --help; ansible-playbook --help")
    assert {each for each in options(contained) if each not in known} == set()
    assert truth.everything() == before

    # The other machine is this one, with another folder.
    program(reader, "ssh", f'shift; cd "{tmp_path}/node1"; exec "$@"')
    (tmp_path / "node1").mkdir()
    (tmp_path / "job-1" / "project").mkdir(parents=True)
    inventory = (tmp_path / "inventory" / "00-lab.yml").read_text()
    reader.write("job-1/inventory/hosts.yml", inventory)
    reader.write("job-1/env/extravars", "{}")
    environment = {
        "ANSIBLE_CALLBACKS_ENABLED": "tenantops.migration.change_plan",
        "TENANTOPS_REPORT_FOLDER": "../artifacts/slice-1/report",
    }
    reader.write("job-1/env/envvars", json.dumps(environment))
    reader.stand_ins = {"/run/tenantops": str(tmp_path / "node1")}
    reader.type("ansible-runner transmit")
    artifacts = tmp_path / "job-1" / "artifacts" / "slice-1"
    assert (artifacts / "rc").read_text() == "0"
    sent_back = json.loads((artifacts / "report" / "check" / "fourthcoffee.json").read_text())
    assert sent_back["sha256"] == planned["sha256"]
    assert list((tmp_path / "node1").iterdir()) == []
    assert truth.everything() == before

    reader.run(run)
    assert "fourthcoffee.test" in truth.everything()["suffixes"]
    reader.end()


def machine(reader: Reader, *places: str) -> Path:
    """A folder in place of a machine's root, with the Python that the document installs there."""
    root = reader.folder / "root"
    reader.stand_ins = {place: f"{root}{place}" for place in places}
    (root / "etc" / "systemd" / "system").mkdir(parents=True)
    programs = root / "opt" / "tenantops" / "bin"
    programs.mkdir(parents=True)
    for name in ("ansible-galaxy", "ansible-playbook"):
        (programs / name).symlink_to(Path(sys.executable).with_name(name))
    for name in ("useradd", "python3", "journalctl", "pip"):
        program(reader, name, note(name))
    (reader.folder / "programs" / "pip").rename(programs / "pip")
    return root


def systemd(reader: Reader, root: Path, launcher: str) -> None:
    """Have `systemctl start` run what the unit says, with what systemd hands over to it."""
    start = [
        note("systemctl"),
        '[ "$1" = start ] || exit 0',
        f"export TENANTOPS_SCHEDULES={root}/etc/tenantops",
        f"export STATE_DIRECTORY={root}/var/lib/tenantops",
        f"export CREDENTIALS_DIRECTORY={root}/etc/tenantops/credentials",
        "job=${2#tenantops@} code=0",
        f'{root}{launcher} "${{job%.service}}" || code=$?',
        'echo "ended with $code"',
    ]
    program(reader, "systemctl", "\n".join(start))


def test_scheduling(clean_lab: Description, tmp_path: Path) -> None:
    reader = Reader.of("docs/scheduling.md", clean_lab, tmp_path)
    root = machine(
        reader,
        *("/opt/tenantops", "/usr/share/ansible", "/usr/local/libexec"),
        *("/etc/tenantops", "/etc/systemd/system", "/var/lib/tenantops"),
    )
    reader.clone()
    reader.run(f"cd clone; ansible-galaxy collection build --output-path {tmp_path}")
    reader.variables["ANSIBLE_COLLECTIONS_PATH"] = f"{root}/usr/share/ansible/collections"
    reader.type("tenantops-scheduled")
    (tmp_path / "programs" / "python3").unlink()
    add_user, make_environment, *_packages = (tmp_path / "called").read_text().splitlines()
    assert make_environment == f"python3 -m venv {root}/opt/tenantops"
    unit = root / "etc" / "systemd" / "system" / "tenantops@.service"
    (user,) = re.findall(r"^User=(\w+)$", unit.read_text(), re.MULTILINE)
    assert add_user.endswith(f" {user}")
    (launcher,) = re.findall(r"^ExecStart=(\S+) %i$", unit.read_text(), re.MULTILINE)
    assert os.access(f"{root}{launcher}", os.X_OK)
    assert unit.with_suffix(".timer").exists()
    (collection,) = root.glob("usr/share/ansible/collections/ansible_collections/*/migration")
    assert (collection / "requirements.txt").exists()

    for path in (root / "etc" / "tenantops").iterdir():
        text = path.read_text()
        for place, stand_in in reader.stand_ins.items():
            text = text.replace(place, stand_in)
        path.write_text(text)
    systemd(reader, root, launcher)
    started = reader.take("shell", "vault-password")
    described = yaml.safe_load(reader.take("yaml", "CREDENTIALS_DIRECTORY"))["contoso"]
    others = ("tenant_entra_client_secret", "tenant_upn_suffixes", "tenant_txt_records")
    fourthcoffee = reader.tenant("fourthcoffee")
    contoso = {name: value for name, value in fourthcoffee.items() if name not in others}
    hosts = {"contoso": {**contoso, "ansible_connection": "local", **described}}
    reader.write("root/etc/tenantops/inventory", yaml.safe_dump({"tenants": {"hosts": hosts}}))
    reader.write("typed", "only-for-this-test")
    reader.run("ansible-vault encrypt --vault-password-file typed root/etc/tenantops/inventory")
    certificate = clean_lab.state / "tenants" / "fourthcoffee" / "app.pem"
    reader.write("root/etc/tenantops/credentials/entra.pem", certificate.read_text())

    told = reader.run(f"exec <typed\n{started}")
    assert "ended with 10" in told, told
    assert "Tenants have drifted" in told
    drift = json.loads((root / "var/lib/tenantops/drift/drift.json").read_text())
    assert drift["verdict"] == "drift"
    password = root / "etc" / "tenantops" / "credentials" / "vault-password"
    assert password.stat().st_mode & 0o777 == 0o600
    assert "systemctl enable --now tenantops@drift.timer" in (tmp_path / "called").read_text()
    reader.end()


def test_execution_environment(lab: Description, tmp_path: Path) -> None:
    reader = Reader.of("docs/execution_environment.md", lab, tmp_path)
    reader.variables["PATH"] = f"{reader.environment()['PATH']}:{TOOLS}"
    install, *build, image = reader.commands("ansible-builder build")
    # The builder is the one that the tests have; an image would need a registry.
    (wanted,) = shlex.split(install.removeprefix("pip install "))
    tools = (ROOT / "tests" / "requirements-tools.txt").read_text(encoding="utf-8")
    assert wanted in tools.splitlines()
    assert options(image) == {"--tag"}
    assert "--tag" in reader.run("ansible-builder build --help")
    assert image.endswith(f":{GALAXY['version']}")
    reader.clone()
    reader.run("\n".join(["cd clone", *build, "ansible-builder create"]))
    context = tmp_path / "clone" / "extensions" / "execution_environment" / "context"
    # It has the name that the container program looks for.
    assert (context / "Containerfile").exists() or (context / "Dockerfile").exists()
    artifact = f"{GALAXY['namespace']}-{GALAXY['name']}-{GALAXY['version']}.tar.gz"
    assert (context / "_build" / "collections" / artifact).exists()
    reader.end()
