# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What earlier tasks of the same course would have changed before this one, in a dry run.

A dry run finds the servers as they are. A task that builds on another one's changes lays these over
what it reads, so that it plans what it will find to do in the run. Pure. Private to the collection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .model import Change, System


@dataclass(frozen=True)
class PlannedChanges:
    """The changes of earlier tasks, in their order; none in a run, where they have been made."""

    changes: Sequence[Change] = ()

    def of_thing(self, system: System, resource: str, thing_id: str) -> tuple[Change, ...]:
        """Those of one thing, named as its changes name it."""
        return tuple(
            change
            for change in self.changes
            if (change.system, change.resource, change.id) == (system, resource, thing_id)
        )


def planned_changes(parameters: Mapping[str, Any], *, check_mode: bool) -> PlannedChanges:
    """Read the option `planned_changes`: what earlier tasks returned as `changes`.

    Raises `InvalidInput` for what is no change, in a run as well as in a dry run.
    """
    changes = tuple(Change.from_json(fields) for fields in parameters["planned_changes"])
    return PlannedChanges(changes if check_mode else ())
