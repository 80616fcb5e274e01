# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a dry run saw: reads the plans that the callback change_plan wrote (docs/formats.md).

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from .._changes.plan import Plan
from .._errors import InvalidInput, NotUnderstood, TenantopsError
from .comparison import MISSING
from .model import Seen

INDEX_FORMAT = 1
INDEX_NAME = "index.json"

# What an index counts of assessments, and how people call it
FIGURES: Mapping[str, str] = {
    "findings": "findings in the directory",
    "domains": "domains",
    "guests": "guests",
    "accounts": "accounts",
}

_NO_CALLBACK = (
    "The callback writes it at the end of the dry run: enable it in ansible.cfg "
    "(callbacks_enabled = tenantops.migration.change_plan), and see that this folder is the "
    "callback's folder with /check behind it."
)


@dataclass(frozen=True)
class Look:
    """What a dry run saw of the tenants that it was for, and which playbook it was of."""

    course: str
    tenants: tuple[Seen, ...]


def read_plans(folder: Path, tenants: Iterable[str], *, not_before: datetime | None) -> Look:
    """What a dry run saw of each of these tenants; of whom it wrote no plan, nothing is known.

    `not_before` is when the dry run began: older plans are of another one. Raises `NotUnderstood`
    for an index that is none, is of no dry run, or of an older one.
    """
    index = _index(folder, not_before)
    listed: Mapping[str, Any] = index["tenants"]
    return Look(
        str(index.get("playbook", "")),
        tuple(_seen(folder, name, listed.get(name)) for name in dict.fromkeys(tenants)),
    )


def moment(text: str, option: str) -> datetime:
    """A time with its zone. Raises `InvalidInput`, which names the option."""
    time = None
    with suppress(ValueError):
        time = datetime.fromisoformat(text)
    if time is None or time.tzinfo is None:
        raise InvalidInput(
            f"{option} is no time with its zone: {text!r}",
            advice="Write it as 2026-11-22T12:00:00+00:00.",
        )
    return time


def _index(folder: Path, not_before: datetime | None) -> dict[str, Any]:
    path = folder / INDEX_NAME
    try:
        index = _json(path)
        if index.get("format") != INDEX_FORMAT or not isinstance(index["tenants"], dict):
            raise ValueError("it is no index of a format that this version knows")
        if index["mode"] != "check":
            raise ValueError(f"it is of a run ({index['mode']}), not of a dry run")
        if not index["ended"]:
            raise ValueError("the dry run has not ended")
        ended = moment(str(index["ended"]), "ended")
    except (OSError, KeyError, ValueError, InvalidInput) as error:
        raise NotUnderstood(
            "There is no index of a dry run that could be looked at",
            subject=str(path),
            answer=str(error),
            advice=_NO_CALLBACK,
        ) from error
    if not_before is not None and ended < not_before:
        raise NotUnderstood(
            "The plans are of an older dry run than the one that they were to be of",
            subject=str(path),
            answer=f"ended {ended.isoformat()}, and this one began {not_before.isoformat()}",
            advice=_NO_CALLBACK,
        )
    return index


def _seen(folder: Path, tenant: str, entry: Mapping[str, Any] | None) -> Seen:
    if entry is None:
        return Seen(tenant, because=(MISSING,))
    try:
        if not entry["file"]:
            return Seen(tenant, because=(str(entry.get("problem", MISSING)),))
        content = _json(folder / str(entry["file"]))
        plan = Plan.from_json(content)
        if plan.tenant != tenant or content["sha256"] != entry["sha256"]:
            raise ValueError("it is not the one that the index is about")
        complete = content["complete"] is True and entry["complete"] is True
        return Seen(
            tenant=tenant,
            changes=plan.changes,
            complete=complete,
            because=() if complete else _because(content),
            figures={name: dict(entry[name]) for name in FIGURES if name in entry},
        )
    except (OSError, AttributeError, KeyError, TypeError, ValueError, TenantopsError) as error:
        return Seen(tenant, because=(f"Its plan cannot be used: {_told(error)}",))


def _because(content: Mapping[str, Any]) -> tuple[str, ...]:
    """Why a plan is not complete, in words."""
    told = [
        *(f"{failure['step']}: {failure['msg']}" for failure in content.get("failures", ())),
        *(f"{gate['step']} waits for a person: {gate['msg']}" for gate in content.get("gates", ())),
        *map(str, content.get("gaps", ())),
    ]
    return tuple(told) or ("Its plan is not complete, and does not say why.",)


def _json(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise ValueError("it is no JSON object")
    return content


def _told(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return f"{type(error).__name__}: {error}" if isinstance(error, KeyError) else str(error)
