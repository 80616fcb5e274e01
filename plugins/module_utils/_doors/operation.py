# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module does, apart from how it is called: its arguments and its runner.

Both doors (the module, and the action plugin that runs it in Ansible's worker) perform the same
operation and give the same result. Private to the collection: it can change in any release.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._changes.difference import difference
from .._changes.model import Change
from .._errors import TenantopsError
from .arguments import Arguments

Parameters = Mapping[str, Any]

# In the path of every file of the collection, wherever Ansible unpacks it.
_OURS = "ansible_collections/tenantops/migration"


@dataclass(frozen=True)
class Outcome:
    """What a runner returns: the changes (made, or to be made), and values of the module's own.

    `values` must be the same in check mode and in the run that follows, as far as they are known.
    `error` is for a runner that did a part: the task fails with it, and tells all the same what
    was (or would be) changed. A runner that did nothing raises its error instead.
    """

    changes: tuple[Change, ...] | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    error: TenantopsError | None = None


Runner = Callable[[Parameters, bool], Outcome]


@dataclass(frozen=True)
class Operation:
    """A module's arguments and its runner, called with validated parameters and check mode.

    A runner raises `TenantopsError` for everything that goes wrong by the rules.
    """

    arguments: Arguments
    run: Runner


@dataclass(frozen=True)
class Performed:
    """The finished result of an operation, before secrets are masked by the door."""

    result: dict[str, Any]
    warnings: tuple[str, ...] = ()


def perform(
    operation: Operation, parameters: Parameters, *, check_mode: bool, diff_mode: bool
) -> Performed:
    """Run an operation and tell its result in Ansible's terms. Never raises."""
    try:
        outcome = operation.run(parameters, check_mode)
    except TenantopsError as error:
        return Performed(failed_result(error))
    except Exception as error:  # noqa: BLE001 - the last resort: no bare tracebacks
        return Performed(_defect(error))
    result: dict[str, Any] = {"changed": bool(outcome.changes), **outcome.values}
    if outcome.error is not None:
        result |= failed_result(outcome.error)
    if outcome.changes is not None:
        result["changes"] = [change.to_json() for change in outcome.changes]
        if diff_mode:
            result["diff"] = difference(outcome.changes)
    return Performed(result, outcome.warnings)


def failed_result(error: TenantopsError) -> dict[str, Any]:
    """How a task that fails with an error tells it."""
    return {"failed": True, "msg": str(error), "error": error.as_result()}


def _defect(error: Exception) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    where = next((frame for frame in reversed(frames) if _OURS in frame.filename), frames[-1])
    problem = f"This is a defect of the collection: {type(error).__name__}: {error}"
    place = f"{where.filename.rsplit('/', 1)[-1]}:{where.lineno}"
    defect = TenantopsError(
        problem,
        answer=f"raised at {place} in {where.name}",
        advice="Please report it with this line; what was written so far is in the journal.",
    )
    return {**failed_result(defect), "error": {**defect.as_result(), "kind": "defect"}}
