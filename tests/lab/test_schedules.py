# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What extensions/schedules brings for cron and systemd, run as they would run it."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from lab.description import Description

from .playbooks import ROOT

SCHEDULES = ROOT / "extensions" / "schedules"
LAUNCHER = SCHEDULES / "tenantops-scheduled"
UNITS = ("tenantops@.service", "tenantops@.timer")

DONE, DRIFT, DRIFT_AND_FAILED, FAILED, BROKEN_OFF, UNDER_WAY, WRONG = 0, 10, 11, 12, 20, 75, 78


@dataclass(frozen=True)
class Scheduler:
    """Starts jobs as cron and systemd do, with a folder of its own for everything."""

    folder: Path

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def configure(self, job: str = "job", **settings: str | Path) -> Path:
        """Write the configuration of a job."""
        inventory = self.folder / "inventory.yml"
        inventory.touch()
        given = {
            "playbook": "tenantops.migration.drift",
            "inventory": inventory,
            "state": self.state,
            **settings,
        }
        path = self.folder / f"{job}.conf"
        path.write_text("".join(f"{k}={shlex.quote(str(given[k]))}\n" for k in given if given[k]))
        path.chmod(0o600)
        return path

    def run(self, job: str = "job", **environment: str) -> tuple[int, str]:
        """The exit code, and what cron would mail."""
        temporary = self.folder / "tmp"
        temporary.mkdir(exist_ok=True)
        finished = subprocess.run(
            [LAUNCHER, job],
            cwd=self.folder,
            env={
                **os.environ,
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "TENANTOPS_SCHEDULES": str(self.folder),
                "ANSIBLE_LOCAL_TEMP": str(temporary),
                "TMPDIR": str(temporary),
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=1200,
            check=False,
        )
        return finished.returncode, finished.stdout

    def stand_in(self, code: int, verdict: str = "") -> Path:
        """A folder with a program in place of ansible-playbook, that leaves a verdict."""
        report = self.folder / "drift" / "drift.json"
        report.parent.mkdir(exist_ok=True)
        # What an earlier run left does not count.
        report.write_text('{"verdict": "none"}')
        content = json.dumps({"tenants": [{"verdict": "none"}], "verdict": verdict})
        writes = f"echo {shlex.quote(content)} >{report}" if verdict else ""
        program = self.folder / "programs" / "ansible-playbook"
        program.parent.mkdir()
        # A playbook takes longer than the clock of the file system needs for its next tick.
        program.write_text(f'#!/bin/sh\nsleep 0.05\necho "$@"\n{writes}\nexit {code}\n')
        program.chmod(0o700)
        return program.parent


@pytest.fixture
def scheduler(tmp_path: Path) -> Scheduler:
    return Scheduler(tmp_path)


def test_drift_on_the_lab_is_told_from_failure(
    scheduler: Scheduler, clean_lab: Description
) -> None:
    """With credentials as systemd hands them over: everything about the tenants is encrypted."""
    password = b"only-for-this-test"
    vault = VaultLib([("default", VaultSecret(password))])
    inventory = scheduler.folder / "hosts.yml"
    inventory.write_bytes(vault.encrypt(Path(clean_lab.data["inventory"]).read_bytes()))
    credentials = scheduler.folder / "credentials"
    credentials.mkdir()
    (credentials / "vault-password").write_bytes(password)
    folder, log = scheduler.folder / "drift", scheduler.folder / "job.log"
    variables = scheduler.folder / "variables.yml"
    settings: dict[str, str | Path] = {
        "inventory": inventory,
        "variables": variables,
        "drift_folder": folder,
        "log": log,
    }
    for tenants, expected in {
        "fourthcoffee": DRIFT,
        "fourthcoffee:northwind": DRIFT_AND_FAILED,
    }.items():
        given = {
            "tenantops_drift_folder": str(folder),
            "tenantops_drift_fails": True,
            "tenantops_hosts": tenants,
        }
        variables.write_text(json.dumps(given))
        scheduler.configure("job", **settings)
        code, told = scheduler.run(CREDENTIALS_DIRECTORY=str(credentials))
        assert code == expected, told + log.read_text()
        assert "Tenants have drifted" in told
        assert (folder / "notification.txt").read_text() in told
        assert "PLAY RECAP" in log.read_text()
        assert "PLAY RECAP" not in told
    assert list(scheduler.state.glob("reports/job/check/fourthcoffee.json"))


@pytest.mark.parametrize(
    ("code", "verdict", "expected"),
    [
        (0, "none", DONE),
        (0, "drift", DONE),
        (0, "", BROKEN_OFF),
        (0, "failed", BROKEN_OFF),
        (1, "", BROKEN_OFF),
        (2, "drift", DRIFT),
        (2, "drift_and_failed", DRIFT_AND_FAILED),
        (2, "failed", FAILED),
        (2, "", BROKEN_OFF),
        (2, "something new", BROKEN_OFF),
        (4, "", BROKEN_OFF),
        (4, "failed", BROKEN_OFF),
        (250, "drift", BROKEN_OFF),
    ],
)
def test_each_end_has_an_exit_code(
    scheduler: Scheduler, code: int, verdict: str, expected: int
) -> None:
    programs = scheduler.stand_in(code, verdict)
    scheduler.configure(programs=programs, drift_folder=scheduler.folder / "drift")
    assert scheduler.run()[0] == expected


@pytest.mark.parametrize(("code", "expected"), [(0, DONE), (2, FAILED), (4, BROKEN_OFF)])
def test_a_playbook_without_a_verdict(scheduler: Scheduler, code: int, expected: int) -> None:
    programs = scheduler.stand_in(code)
    scheduler.configure(programs=programs, limit="a:b", check="yes", variables="/dev/null")
    ended, told = scheduler.run()
    assert ended == expected
    words = "tenantops.migration.drift --inventory .* --extra-vars @/dev/null --limit a:b --check"
    assert re.search(words, told)


def test_cron_mails_nothing_when_there_is_nothing_to_look_at(scheduler: Scheduler) -> None:
    programs = scheduler.stand_in(0, "none")
    log = scheduler.folder / "log"
    scheduler.configure(programs=programs, drift_folder=scheduler.folder / "drift", log=log)
    assert scheduler.run() == (DONE, "")
    assert log.read_text().startswith("tenantops.migration.drift")


def test_a_run_that_is_under_way_keeps_the_next_one_away(scheduler: Scheduler) -> None:
    scheduler.configure(programs=scheduler.stand_in(0))
    lock = scheduler.state / "schedules" / "job.lock"
    lock.parent.mkdir(parents=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        code, told = scheduler.run()
    assert code == UNDER_WAY
    assert "still under way" in told
    assert scheduler.run()[0] == DONE


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"playbook": ""}, "does not say which playbook"),
        ({"inventory": "/nowhere"}, "/nowhere"),
        ({"variables": "/nowhere"}, "/nowhere"),
        ({"check": "maybe"}, "Use yes or no"),
        ({"vault_password": "/nowhere"}, "/nowhere"),
        ({"vault_password": "/etc/passwd"}, "can be read by anybody"),
        ({"state": "/dev/null"}, "/dev/null cannot be written"),
    ],
)
def test_what_is_wrong_in_a_configuration(
    scheduler: Scheduler, settings: dict[str, str], told: str
) -> None:
    scheduler.configure(**settings)
    code, output = scheduler.run()
    assert code == WRONG, output
    assert told in output


@pytest.mark.parametrize("job", ["", "../job", "other"])
def test_a_job_that_is_not_there(scheduler: Scheduler, job: str) -> None:
    scheduler.configure()
    assert scheduler.run(job)[0] == WRONG


def test_a_configuration_that_others_can_change_is_not_run(scheduler: Scheduler) -> None:
    scheduler.configure().chmod(0o666)
    code, told = scheduler.run()
    assert code == WRONG
    assert "chmod go-w" in told


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    program = "/usr/local/libexec/tenantops-scheduled"
    for unit in UNITS:
        text = (SCHEDULES / "systemd" / unit).read_text()
        assert unit.endswith(".timer") or program in text
        # It looks whether the program is there.
        (tmp_path / unit).write_text(text.replace(program, str(LAUNCHER)))
    verified = analyze("verify", *(str(tmp_path / unit) for unit in UNITS))
    assert verified == ""
    analyze("security", "--offline=yes", "--threshold=20", str(tmp_path / UNITS[0]))
    (times,) = re.findall(r"^OnCalendar=(.*)$", (tmp_path / UNITS[1]).read_text(), re.MULTILINE)
    assert "Next elapse" in analyze("calendar", times)


def analyze(*words: str) -> str:
    """What systemd-analyze prints, which has to be content."""
    finished = subprocess.run(
        ["systemd-analyze", *words],
        env={**os.environ, "SYSTEMD_COLORS": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout
    return finished.stdout


def test_the_line_for_cron_starts_the_job_of_the_example() -> None:
    text = (SCHEDULES / "cron" / "tenantops").read_text()
    (line,) = [each for each in text.splitlines() if re.match(r"[\d*]", each)]
    times, user, program, job = line.split()[:5], *line.split()[5:]
    assert all(re.fullmatch(r"\*|\d+", each) for each in times)
    assert (user, Path(program).name) == ("tenantops", LAUNCHER.name)
    assert (SCHEDULES / "etc" / f"{job}.conf").is_file()


def test_the_example_configures_what_the_launcher_knows() -> None:
    known = set(re.findall(r"^(\w+)=", LAUNCHER.read_text(), re.MULTILINE))
    example = (SCHEDULES / "etc" / "drift.conf").read_text()
    assert set(re.findall(r"^(?:# )?(\w+)=", example, re.MULTILINE)) <= known
