# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page over all tenants: one HTML file that needs nothing else.

It holds the data once, as JSON that is no script, and its own script shows the part of it that is
looked at. Values come into the page as text only; should that ever fail, its policy allows no other
script and no request. Private to the collection.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ...module_utils._changes.model import Action, System
from ...module_utils._unseen_characters import UNSEEN
from .._page.assets import asset, base_style, content_policy
from .._report.documents import timestamp
from .._report.model import Failure, Step, StepCount
from .columns import ChangeColumns
from .model import Fleet, FleetTenant, Run, Since, State

_HERE = Path(__file__).parent
_STATE_COLORS = {
    State.COMPLETE: "green",
    State.INCOMPLETE: "amber",
    State.GATE: "amber",
    State.NO_RESULT: "amber",
}
_SINCE_COLORS = {Since.WORSE: "red", Since.BETTER: "green", Since.OTHER_CHANGES: "blue"}
_SYSTEM_NAMES = {System.AD: "AD", System.DNS: "DNS", System.ENTRA: "Entra"}


def render(fleet: Fleet, columns: ChangeColumns) -> Iterator[str]:
    """The page in pieces."""
    style = base_style() + asset(_HERE, "fleet.css")
    script = asset(_HERE, "fleet.js")
    changes = columns.to_json()
    yield from (
        _environment()
        .get_template("fleet.html.j2")
        .generate(
            fleet=fleet,
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            policy=content_policy(style, script),
            changes=sum(tenant.changes for tenant in fleet.tenants),
            steps=[step.label for step in fleet.steps],
            systems=list(_SYSTEM_NAMES.items()),
            actions=list(Action),
            state_color=lambda state: _STATE_COLORS.get(state, "red"),
            since_color=lambda kind: _SINCE_COLORS.get(kind, ""),
            newest=max((run.started for run in fleet.runs), default=None),
            fleet_data=_embedded(_data(fleet, columns)),
            change_data=_embedded(changes),
        )
    )


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(timestamp=timestamp)
    return environment


def _embedded(content: object) -> Markup:
    """JSON that can stand in an element of HTML: nothing in it can end the element."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - escaped for this very place


def _data(fleet: Fleet, columns: ChangeColumns) -> dict[str, Any]:
    """What the script needs at once: everything but the changes."""
    steps = {step: place for place, step in enumerate(fleet.steps)}
    runs = {run: place for place, run in enumerate(fleet.runs)}
    return {
        "unseen": UNSEEN,
        "states": {state.value: _STATE_COLORS.get(state, "red") for state in State},
        "compared": {kind.value: _SINCE_COLORS.get(kind, "") for kind in Since},
        "systems": {system.value: name for system, name in _SYSTEM_NAMES.items()},
        "steps": [{"role": step.role, "name": step.name, "label": step.label} for step in steps],
        "runs": [_run(run) for run in fleet.runs],
        "starts": columns.starts,
        "tenants": [_tenant(tenant, steps, runs) for tenant in fleet.tenants],
    }


def _run(run: Run) -> dict[str, str]:
    return {
        "playbook": run.playbook,
        "mode": run.mode.value,
        "started": timestamp(run.started),
        "folder": run.folder,
    }


def _tenant(
    tenant: FleetTenant, steps: Mapping[Step, int], runs: Mapping[Run, int]
) -> dict[str, Any]:
    last = tenant.last
    return {
        "name": tenant.name,
        "state": tenant.state.value,
        "since": tenant.since.value,
        "changes": tenant.changes,
        "systems": {} if last is None else dict(last.changes_by_system),
        "run": None if last is None else runs[last.run],
        "steps": [
            [steps[step], _ended(count), count.changes, count.label]
            for step, count in ({} if last is None else last.steps).items()
        ],
        "notices": list(_notices(tenant)),
        "history": [
            [timestamp(one.started), one.mode.value, one.playbook, one.state.value, one.changes]
            for one in tenant.history
        ],
    }


def _ended(count: StepCount) -> str:
    """How a step ended, in a word that the page can filter by: the worst that happened."""
    for name in ("unreachable", "failed", "unknown"):
        if getattr(count, name):
            return name
    if count.gates:
        return "open gate"
    if count.changes:
        return "changed"
    return "ok" if count.ok else "skipped" if count.skipped else "not run"


def _notices(tenant: FleetTenant) -> Iterator[dict[str, str]]:
    """What somebody has to look at, the gravest first."""
    told = tenant.told
    if told.problem:
        yield {"kind": "unreadable", "step": "", "message": told.problem}
    for failure in told.failures:
        yield _notice("unreachable" if failure.unreachable else "failed", failure)
    for gate in told.gates:
        yield _notice("open gate", gate)
    for gap in told.gaps:
        yield {"kind": "incomplete", "step": "", "message": gap}
    if tenant.state is State.NO_RESULT:
        yield {"kind": "no result", "step": "", "message": "No run that was read tells of it."}


def _notice(kind: str, failure: Failure) -> dict[str, str]:
    parts = {name: failure.told(name) for name in ("server", "object", "answer", "advice")}
    return {
        "kind": kind,
        "step": failure.step,
        "message": failure.told("problem"),
        "ignored": "The playbook went on in spite of it." if failure.ignored else "",
        **parts,
    }
