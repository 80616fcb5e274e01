# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names: of plan runs, of documents in the store, of what a job hands on to the next one. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from urllib.parse import quote

from .._errors import InvalidInput

STAT_PREFIX = "tenantops_plan_sha256_"

_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_LONGEST_NAME = 150


def run_name(text: str) -> str:
    """A run's name as the operator gives it. Raises `InvalidInput` if it cannot be a folder's."""
    if not text:
        raise InvalidInput(
            "The plan run is not named",
            advice="Set tenantops_fleet_run to the name that plan.yml told.",
        )
    if not _RUN.fullmatch(text):
        raise InvalidInput(
            "This cannot be the name of a plan run",
            subject=text,
            advice="Use letters, digits, dots, underscores and hyphens, a hundred at most.",
        )
    return text


def run_of_time(now: datetime) -> str:
    """The name of a run that nobody named: `now` is in UTC."""
    return now.strftime("%Y%m%dT%H%M%SZ")


def time_of_run(name: str) -> datetime | None:
    """When a run that nobody named began, or null for any other name."""
    try:
        return datetime.strptime(f"{name}+0000", "%Y%m%dT%H%M%SZ%z")
    except ValueError:
        return None


def stat_name(tenant: str) -> str:
    """The variable that a tenant's digest travels in, one of its own for each tenant.

    A name of a variable has letters, digits and underscores only, so other names get a part of
    their digest. A name that has none of the other characters stays as it is.
    """
    plain = re.sub(r"[^A-Za-z0-9_]", "_", tenant)
    if plain != tenant:
        plain = f"{plain}_{hashlib.sha256(tenant.encode()).hexdigest()[:12]}"
    return f"{STAT_PREFIX}{plain}"


def file_name(tenant: str) -> str:
    """The name of a tenant's document: its own where that is safe, and never another tenant's."""
    safe = quote(tenant, safe="@")
    if safe.startswith("."):
        safe = f"%2E{safe[1:]}"
    if len(safe) > _LONGEST_NAME:
        # "%-" cannot come from the quoting above.
        safe = f"{safe[:80]}%-{hashlib.sha256(tenant.encode()).hexdigest()}"
    return f"{safe}.json"


def is_own_file_name(tenant: str) -> bool:
    """Whether `<tenant>.json` is a file in the folder that it is looked for in."""
    return "/" not in tenant and "\0" not in tenant and not tenant.startswith(".")


def plan_document_name(run: str, tenant: str) -> str:
    """Where a tenant's plan is in the store."""
    return f"{run}/plans/{file_name(tenant)}"


def numbered(run: str, kind: str, number: int) -> str:
    """Where the nth document of a kind is in the store."""
    return f"{run}/{kind}-{number:04d}.json"
