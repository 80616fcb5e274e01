# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans: the changes of one tenant with a digest, and whether a change is part of an approved one.

Pure functions and data; reading a plan's file is the one exception. Private to the collection.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._errors import InvalidInput, NotApproved
from .model import KNOWN_AFTER_APPLY, Change, JsonValue, Place

PLAN_FORMAT = 1


def canonical(changes: Iterable[Mapping[str, Any]]) -> bytes:
    """The one byte form of a list of changes: JSON as UTF-8, keys sorted, no white space."""
    text = json.dumps(list(changes), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8")


def digest(changes: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 over the canonical form, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(changes)).hexdigest()


@dataclass(frozen=True)
class Plan:
    """The changes of one tenant: those of a dry run (`mode` check), or those made (`apply`)."""

    tenant: str
    playbook: str
    mode: str
    changes: tuple[Change, ...]

    def to_json(self) -> dict[str, JsonValue]:
        """The content of a plan file."""
        changes: list[JsonValue] = [change.to_json() for change in self.changes]
        return {
            "format": PLAN_FORMAT,
            "tenant": self.tenant,
            "playbook": self.playbook,
            "mode": self.mode,
            "changes": changes,
            "sha256": digest(change.to_json() for change in self.changes),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Plan:
        """Read a plan. Raises `NotApproved` if its format is unknown or its digest does not fit."""
        if content.get("format") != PLAN_FORMAT:
            raise NotApproved(
                "The approved plan has a format that this version does not know",
                answer=f"format {content.get('format')!r}",
                advice="Make the plan again with this version of the collection.",
            )
        try:
            plan = cls(
                tenant=str(content["tenant"]),
                playbook=str(content["playbook"]),
                mode=str(content["mode"]),
                changes=tuple(Change.from_json(change) for change in content["changes"]),
            )
        except (KeyError, TypeError, InvalidInput) as error:
            raise NotApproved(
                "The approved plan is not a plan file of this collection", answer=str(error)
            ) from error
        if content.get("sha256") != plan.to_json()["sha256"]:
            raise NotApproved(
                "The approved plan was altered: its digest does not fit its changes",
                subject=plan.tenant,
                advice="Make the plan again with --check and have it approved.",
            )
        return plan

    def deviations(self, changes: Sequence[Change]) -> list[Change]:
        """The changes that are not part of this plan. Linear: both may hold many thousands."""
        planned = {change.identity() for change in self.changes}
        # Those that fit more than themselves have to be compared one by one.
        open_ended: dict[Place, list[Change]] = {}
        for change in self.changes:
            if KNOWN_AFTER_APPLY in (change.before, change.after):
                open_ended.setdefault(change.place(), []).append(change)
        return [
            change
            for change in changes
            if change.identity() not in planned
            and not any(known.covers(change) for known in open_ended.get(change.place(), ()))
        ]


def load_plan(source: object) -> Plan:
    """A plan from its content (mapping or JSON text) or from the path of its file.

    Raises `NotApproved` if it cannot be read, is no plan, or was altered.
    """
    if isinstance(source, Mapping):
        return Plan.from_json(source)
    if not isinstance(source, str):
        raise NotApproved(
            "The approved plan is neither a path nor a plan", answer=type(source).__name__
        )
    try:
        text = source if source.lstrip().startswith("{") else Path(source).read_text("utf-8")
        content = json.loads(text)
    except (OSError, ValueError) as error:
        raise NotApproved(
            "The approved plan cannot be read",
            answer=str(error),
            advice="Give the path of a file that the change_plan callback wrote, or its content.",
        ) from error
    if not isinstance(content, dict):
        raise NotApproved("The approved plan is not a JSON object", subject=source)
    return Plan.from_json(content)
