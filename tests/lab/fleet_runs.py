# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Report folders as runs over many tenants leave them, without the runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zlib import crc32

from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    KNOWN_AFTER_APPLY,
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.documents import (
    INDEX_NAME,
    encode,
    index_document,
    plan_document,
    plan_name,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.model import (
    Failure,
    Mode,
    Report,
    Step,
    StepCount,
    Tenant,
)

STARTED = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
NIGHT = timedelta(days=1)

SUFFIX = Step("Set the UPN suffixes", "ad_upn_suffix", "upn_suffix")
PUBLISH = Step("Publish the TXT values", "dns_txt", "domain_txt")
PASSCODE = Step("Set the passcode", "entra_email_otp", "email_otp")
STEPS = (SUFFIX, PUBLISH, PASSCODE)


def change(place: int, tenant: str) -> Change:
    """One of three kinds of change, with values of its own."""
    name = f"user{place:05}@{tenant}.example"
    identity = f"{place:08x}-5a0c-4b5e-9b0e-{crc32(tenant.encode()):012x}"
    if place % 3 == 0:
        return Change(
            *(System.AD, "user", identity, name, "userPrincipalName", Action.REPLACE),
            *(f"user{place:05}@corp.local", name, "upn_suffix_not_verified"),
        )
    if place % 3 == 1:
        return Change(
            *(System.DNS, "txt_rrset", f"{tenant}.example. {name}", name, "TXT", Action.ADD),
            *(None, f"MS=ms{place:08}"),
        )
    return Change(
        *(System.ENTRA, "user", identity, name, "id", Action.CREATE),
        *(None, KNOWN_AFTER_APPLY),
        reversible=False,
        note="Asked for by the help desk",
    )


def tenant(place: int, changes: int, *, night: int = 0) -> Tenant:
    """A tenant of a run: of fifty, two failed, one was out of reach and one is at a gate."""
    name = f"tenant{place:04}"
    kind = (place + night) % 50
    made = Tenant(name, changes=[change(number, name) for number in range(changes)])
    counts = [0, 0, 0]
    for one in made.changes:
        counts[list(System).index(one.system)] += 1
    for step, count in zip(STEPS, counts, strict=True):
        made.steps[step] = StepCount(ok=1, changes=count)
    if kind in (7, 8):
        made.steps[PASSCODE] = StepCount(failed=1)
        made.failures.append(
            _failure(name, "authentication_failed", "The directory does not take the credentials")
        )
    elif kind == 11:
        made.steps[SUFFIX] = StepCount(unreachable=1)
        made.failures.append(
            Failure(SUFFIX.label, SUFFIX.action, "No route to the host", unreachable=True)
        )
    elif kind == 13:
        made.steps[PASSCODE] = StepCount(gates=1)
        made.gates.append(_failure(name, "gate", "Somebody has to approve the app"))
    return made


def _failure(name: str, kind: str, problem: str) -> Failure:
    error = {
        "kind": kind,
        "problem": problem,
        "server": f"dc1.{name}.example",
        "object": "",
        "answer": "52e",
        "advice": "Look at the credentials, and run again.",
    }
    return Failure(PASSCODE.label, PASSCODE.action, f"{problem}.", error)


@dataclass
class RunFolder:
    """Writes what the callback change_plan writes, but for the page of a single run."""

    folder: Path
    mode: Mode = Mode.CHECK
    playbook: str = "tenantops.migration.migrate"
    started: datetime = STARTED
    steps: Sequence[Step] = field(default=STEPS)

    @property
    def path(self) -> Path:
        return self.folder / self.mode.value

    def write(self, tenants: Sequence[Tenant]) -> Path:
        """Write plans and index; gives the folder of the mode."""
        ended = self.started + timedelta(minutes=10)
        report = Report("Title", self.playbook, self.mode, self.started, ended, self.steps, tenants)
        self.path.mkdir(parents=True, exist_ok=True)
        digests = {}
        for each in tenants:
            document = plan_document(report, each)
            (self.path / plan_name(each.name)).write_text(encode(document), "utf-8")
            digests[each.name] = str(document["sha256"])
        index = encode(index_document(report, digests, {}))
        (self.path / INDEX_NAME).write_text(index, "utf-8")
        return self.path

    def begin(self) -> None:
        """Leave what a run leaves that is under way, or was killed."""
        report = Report("Title", self.playbook, self.mode, self.started, None, self.steps, ())
        self.path.mkdir(parents=True, exist_ok=True)
        (self.path / INDEX_NAME).write_text(encode(index_document(report, {}, {})), "utf-8")
