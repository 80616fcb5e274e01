# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `fleet_locks`. Private to the collection: it can change in any release."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._doors.operation import Outcome
from .._errors import LockUnusable
from .folder import LockFolder
from .lease import Seen
from .owner import is_gone, this_process

_DEFAULT_JOURNAL = "~/.local/state/tenantops/journal"


def default_folder(journal: str = "") -> str:
    """Where locks are if nobody says otherwise: in the folder of the journal."""
    place = journal or os.environ.get("TENANTOPS_JOURNAL") or _DEFAULT_JOURNAL
    return str(Path(place) / "locks")


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """List the locks, and break one if that is asked for."""
    named = parameters["folder"] or os.environ.get("TENANTOPS_LOCK_FOLDER")
    folder = LockFolder.from_option(named or default_folder())
    broken = None
    if parameters["break_lock"]:
        broken = folder.break_lock(
            parameters["break_lock"],
            this_process(),
            force=parameters["force"],
            check_mode=check_mode,
        )
    locks = [told for seen in folder.all() if (told := _told(seen)) is not None]
    return Outcome(
        values={
            "changed": broken is not None,
            "locks": locks,
            "broken": None if broken is None else _told(broken),
        }
    )


def _told(seen: Seen | LockUnusable) -> dict[str, Any] | None:
    """What there is to tell of a lock; null for one that is free."""
    if isinstance(seen, LockUnusable):
        return {
            "tenant": Path(seen.subject).parent.name,
            "state": "unreadable",
            "problem": str(seen),
        }
    state = seen.state(is_gone)
    if state == "free":
        return None
    owner = seen.lease.owner
    return {
        "tenant": seen.lease.tenant,
        "state": state,
        "user": owner.user,
        "host": owner.host,
        "pid": owner.pid,
        "run": owner.run,
        "playbook": owner.playbook,
        "job": owner.job,
        "since": seen.lease.since,
        "renewed_seconds_ago": max(0, round(seen.idle_seconds)),
    }
