# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the controller checks of an object before it keeps it, kind by kind."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from .credential_types import HIDDEN, problems_of_type, secret_fields

Object = dict[str, Any]
Problems = Iterator[tuple[str, str]]


class Kept(Protocol):
    """What a check looks at beside the object itself."""

    def object(self, kind: str, number: int) -> Object:
        """An object that is there."""

    def playbooks(self, project: Object) -> frozenset[str]:
        """The playbooks of a project's repository, as its last update found them."""

    def survey(self, number: int) -> Mapping[str, Any]:
        """The survey of a template."""

    def unified(self, number: int) -> Object:
        """What a node or a schedule runs."""


def _credential_type(kept: Kept, item: Object) -> Problems:
    if item["kind"] not in ("cloud", "net"):
        yield "kind", f"Must be 'cloud' or 'net', not {item['kind']}"
    for problem in problems_of_type(item["inputs"], item["injectors"]):
        yield "inputs", problem


def _credential(kept: Kept, item: Object) -> Problems:
    inputs = kept.object("credential_types", item["credential_type"])["inputs"]
    fields = {field["id"]: field for field in inputs.get("fields", [])}
    if item["inputs"].keys() - fields.keys():
        yield "inputs", "Additional properties are not allowed"
        return
    for name, value in item["inputs"].items():
        if "choices" in fields[name] and value not in fields[name]["choices"]:
            yield "inputs", f"{value} is not one of {fields[name]['choices']}"
        if "id" not in item and name in secret_fields(inputs) and value == HIDDEN:
            yield "inputs", f"{HIDDEN} is a reserved keyword, and cannot be used for {name}."


def _project(kept: Kept, item: Object) -> Problems:
    if item["scm_type"] == "git" and not item["scm_url"]:
        yield "scm_url", "SCM URL is required."


def _inventory_source(kept: Kept, item: Object) -> Problems:
    if item["source"] == "scm" and item["source_project"] is None:
        yield "source_project", "Project required for scm type sources."
    if item["credential"] is not None:
        credential = kept.object("credentials", item["credential"])
        kind = kept.object("credential_types", credential["credential_type"])["kind"]
        if kind != "cloud":
            yield "credential", f"Credentials of type {kind} are disallowed for scm sources."


def _job_template(kept: Kept, item: Object) -> Problems:
    project = kept.object("projects", item["project"])
    if item["playbook"] not in kept.playbooks(project):
        yield "playbook", "Playbook not found for project."
    if item["inventory"] is None:
        yield "inventory", "You must either set a default value or ask to prompt on launch."
    yield from _variables(kept, item)


def _variables(kept: Kept, item: Object) -> Problems:
    text = item["extra_vars"]
    if text != "---":
        try:
            is_mapping = isinstance(json.loads(text), dict)
        except ValueError:
            is_mapping = False
        if not is_mapping:
            yield "extra_vars", "Cannot parse as JSON"


def _notification(kept: Kept, item: Object) -> Problems:
    needed = {
        "email": {"host", "port", "recipients", "sender", "username", "password"}
        | {"use_tls", "use_ssl", "timeout"},
        "slack": {"token", "channels"},
        "webhook": {"url", "headers"},
    }
    missing = (
        needed.get(item["notification_type"], set()) - item["notification_configuration"].keys()
    )
    if missing:
        yield "__all__", f"Missing required fields for Notification Configuration: {missing}."


def _launch(kept: Kept, item: Object) -> Problems:
    """Of a node or a schedule: only what its template would ask for."""
    if item["unified_job_template"] is None:
        return
    template = kept.unified(item["unified_job_template"])
    asked = {question["variable"] for question in kept.survey(template["id"]).get("spec", [])}
    if not template.get("ask_variables_on_launch") and item["extra_data"].keys() - asked:
        names = ", ".join(sorted(item["extra_data"].keys() - asked))
        yield "extra_data", f"Variables {names} are not allowed on launch."


def _schedule(kept: Kept, item: Object) -> Problems:
    rule = item["rrule"]
    starts = re.findall(r"DTSTART(?:;[^:]+)?:[0-9]+T[0-9]+Z?", rule)
    if len(starts) != 1:
        yield "rrule", "Exactly one valid DTSTART required in rrule."
    if re.search(r"DTSTART:[0-9]+T[0-9]+ ", rule):
        yield "rrule", "DTSTART cannot be a naive datetime."
    rules = re.findall(r"RRULE:(\S*)", rule)
    if not rules:
        yield "rrule", "One or more rule required in rrule."
    if any("INTERVAL=" not in part or "SECONDLY" in part for part in rules):
        yield "rrule", "INTERVAL required in rrule, SECONDLY is not supported"
    yield from _launch(kept, item)


CHECKS: Mapping[str, Callable[[Kept, Object], Problems]] = {
    "credential_types": _credential_type,
    "credentials": _credential,
    "projects": _project,
    "inventory_sources": _inventory_source,
    "job_templates": _job_template,
    "workflow_job_templates": _variables,
    "notification_templates": _notification,
    "workflow_job_template_nodes": _launch,
    "schedules": _schedule,
}
