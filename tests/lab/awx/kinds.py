# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the controller keeps: the kinds of objects, their fields and what is linked to them.

After the serializers of AWX 24.6. Only what awx.awx sends for the role awx_setup is known; the
controller itself would drop other fields in silence, here they are refused so that a test sees it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# What a client may send back as it was read; the controller ignores it.
READ_ONLY = frozenset({"type", "managed", "id", "url"})


@dataclass(frozen=True)
class Kind:
    """One kind of objects.

    `fields` are those that can be written, with their defaults. `required` must be given. `links`
    are lists of other objects, by the kind of those. `refers` are fields that hold an id of a
    kind, `unique` the fields that together name one object.
    """

    type: str
    fields: Mapping[str, Any]
    required: frozenset[str] = frozenset({"name"})
    refers: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    unique: tuple[str, ...] = ("name",)
    has_survey: bool = False


_OWNED: Mapping[str, str] = {"organization": "organizations"}
_IN_ORGANIZATION = ("name", "organization")
_TOLD: Mapping[str, str] = {
    f"notification_templates_{event}": "notification_templates"
    for event in ("started", "success", "error")
}
_TOLD_OF_APPROVALS = {**_TOLD, "notification_templates_approvals": "notification_templates"}
_PROMPTS: Mapping[str, Any] = {
    **dict.fromkeys(("scm_branch", "job_type", "job_tags", "skip_tags", "limit"), None),
    **dict.fromkeys(("diff_mode", "verbosity", "forks", "job_slice_count", "timeout"), None),
    **dict.fromkeys(("inventory", "execution_environment"), None),
    "extra_data": {},
}
_PROMPT_REFERS: Mapping[str, str] = {
    "unified_job_template": "unified_job_templates",
    "inventory": "inventories",
    "execution_environment": "execution_environments",
}

KINDS: Mapping[str, Kind] = {
    "organizations": Kind(
        "organization",
        {"name": "", "description": "", "max_hosts": 0, "default_environment": None},
        refers={"default_environment": "execution_environments"},
        links=_TOLD_OF_APPROVALS,
    ),
    "teams": Kind("team", {"name": "", "description": "", "organization": None}, refers=_OWNED),
    "roles": Kind("role", {"name": ""}, links={"teams": "teams"}, unique=()),
    "instance_groups": Kind("instance_group", {"name": ""}),
    "execution_environments": Kind(
        "execution_environment",
        {"name": "", "description": "", "organization": None, "image": "", "pull": ""}
        | {"credential": None},
        required=frozenset({"name", "image"}),
        refers={**_OWNED, "credential": "credentials"},
    ),
    "credential_types": Kind(
        "credential_type",
        {"name": "", "description": "", "kind": "", "inputs": {}, "injectors": {}},
        required=frozenset({"name", "kind"}),
        unique=("name", "kind"),
    ),
    "credentials": Kind(
        "credential",
        {"name": "", "description": "", "organization": None, "credential_type": None}
        | {"inputs": {}},
        required=frozenset({"name", "credential_type", "organization"}),
        refers={**_OWNED, "credential_type": "credential_types"},
        unique=("name", "organization", "credential_type"),
    ),
    "notification_templates": Kind(
        "notification_template",
        {"name": "", "description": "", "organization": None, "notification_type": ""}
        | {"notification_configuration": {}, "messages": None},
        required=frozenset({"name", "organization", "notification_type"}),
        refers=_OWNED,
        unique=_IN_ORGANIZATION,
    ),
    "projects": Kind(
        "project",
        {"name": "", "description": "", "organization": None, "scm_type": "", "scm_url": ""}
        | {"scm_branch": "", "scm_refspec": "", "scm_clean": False, "credential": None}
        | {"scm_update_on_launch": False, "scm_update_cache_timeout": 0, "timeout": 0}
        | {"allow_override": False, "default_environment": None},
        refers={
            **_OWNED,
            "credential": "credentials",
            "default_environment": "execution_environments",
        },
        links=_TOLD,
        unique=_IN_ORGANIZATION,
    ),
    "inventories": Kind(
        "inventory",
        {"name": "", "description": "", "organization": None, "kind": "", "host_filter": None}
        | {"variables": "", "prevent_instance_group_fallback": False},
        required=frozenset({"name", "organization"}),
        refers=_OWNED,
        links={"instance_groups": "instance_groups"},
        unique=_IN_ORGANIZATION,
    ),
    "inventory_sources": Kind(
        "inventory_source",
        {"name": "", "description": "", "inventory": None, "source": "", "source_path": ""}
        | {"source_vars": "", "source_project": None, "credential": None, "limit": ""}
        | {"execution_environment": None, "overwrite": False, "overwrite_vars": False}
        | {"update_on_launch": False, "update_cache_timeout": 0, "timeout": 0},
        required=frozenset({"name", "inventory", "source"}),
        refers={
            "inventory": "inventories",
            "source_project": "projects",
            "credential": "credentials",
            "execution_environment": "execution_environments",
        },
        links=_TOLD,
        unique=("name", "inventory"),
    ),
    "job_templates": Kind(
        "job_template",
        {"name": "", "description": "", "job_type": "run", "inventory": None, "project": None}
        | {"playbook": "", "forks": 0, "limit": "", "verbosity": 0, "extra_vars": "---"}
        | {"timeout": 0, "execution_environment": None, "survey_enabled": False}
        | {"diff_mode": False, "allow_simultaneous": False, "job_slice_count": 1}
        | {"ask_variables_on_launch": False, "ask_limit_on_launch": False}
        | {"ask_job_type_on_launch": False, "ask_diff_mode_on_launch": False},
        required=frozenset({"name", "project", "playbook"}),
        refers={
            "inventory": "inventories",
            "project": "projects",
            "execution_environment": "execution_environments",
        },
        links={**_TOLD, "credentials": "credentials", "instance_groups": "instance_groups"},
        # By the organization of its project, which the client cannot set.
        unique=_IN_ORGANIZATION,
        has_survey=True,
    ),
    "workflow_job_templates": Kind(
        "workflow_job_template",
        {"name": "", "description": "", "organization": None, "extra_vars": "---"}
        | {"survey_enabled": False, "allow_simultaneous": False, "limit": None}
        | {"ask_variables_on_launch": False, "ask_limit_on_launch": False, "inventory": None},
        refers={**_OWNED, "inventory": "inventories"},
        links=_TOLD_OF_APPROVALS,
        unique=_IN_ORGANIZATION,
        has_survey=True,
    ),
    "workflow_job_template_nodes": Kind(
        "workflow_job_template_node",
        {**_PROMPTS, "workflow_job_template": None, "unified_job_template": None}
        | {"identifier": "", "all_parents_must_converge": False},
        required=frozenset({"workflow_job_template"}),
        refers={**_PROMPT_REFERS, "workflow_job_template": "workflow_job_templates"},
        links={
            **dict.fromkeys(
                ("success_nodes", "failure_nodes", "always_nodes"), "workflow_job_template_nodes"
            ),
            "credentials": "credentials",
        },
        unique=("identifier", "workflow_job_template"),
    ),
    # Made for a node, and reached by its address only: there is no list of them, and no links.
    "workflow_approval_templates": Kind(
        "workflow_approval_template", {"name": "", "description": "", "timeout": 0}, unique=()
    ),
    "schedules": Kind(
        "schedule",
        {**_PROMPTS, "name": "", "description": "", "rrule": "", "enabled": True}
        | {"unified_job_template": None},
        required=frozenset({"name", "rrule", "unified_job_template"}),
        refers=_PROMPT_REFERS,
        links={"credentials": "credentials"},
        unique=("name", "unified_job_template"),
    ),
}

# What can be a node of a workflow or run by a schedule
UNIFIED = ("job_templates", "workflow_job_templates", "projects", "inventory_sources")
