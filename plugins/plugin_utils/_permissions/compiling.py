# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The least that the modules of some playbooks need together. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .conditions import Defaults, can_need, can_run
from .needs import Need, System
from .steps import Step

ROLLBACK = "change_rollback"
"""The module whose needs depend on what others have changed."""


@dataclass(frozen=True)
class Module:
    """A module as its documentation tells it."""

    name: str
    needs: tuple[Need, ...]
    defaults: Defaults


@dataclass(frozen=True)
class Use:
    """A need, and the step that has it."""

    step: Step
    need: Need

    def __str__(self) -> str:
        told = "" if self.need.condition is None else f", {self.need.condition}"
        return f"{self.step.module}{told}: {self.need.reason}"


@dataclass(frozen=True)
class Right:
    """A right that is to be granted, with what it is for.

    It covers the rights that were the least for other uses, and are not needed beside it
    (`instead_of`). It is not needed for success if `is_extra`.
    """

    name: str
    uses: tuple[Use, ...]
    instead_of: tuple[str, ...] = ()

    @property
    def is_extra(self) -> bool:
        """Whether everything works without it, only less well."""
        return all(use.need.is_extra for use in self.uses)

    @property
    def only_in_run(self) -> bool:
        """Whether a dry run does without it."""
        return all(use.need.only_in_run for use in self.uses)


def uses_of(
    steps: Sequence[Step],
    modules: Mapping[str, Module],
    tenant: Mapping[str, Any] | None = None,
) -> tuple[Use, ...]:
    """What the steps may need, for a tenant with these variables if they are known.

    A rollback beside other steps undoes their changes and no others, so nothing if a tenant has
    none of them.
    """
    running = [step for step in steps if can_run(step, tenant)]
    is_alone = all(step.module == ROLLBACK for step in steps)
    writers = None if is_alone else frozenset(step.module for step in running) - {ROLLBACK}
    found = (
        Use(step, need)
        for step in running
        for need in modules[step.module].needs
        if can_need(step, need, modules[step.module].defaults, tenant, writers)
    )
    # The same step can be there for each domain, or before and after another one.
    distinct = {(use.step.source, use.step.module, use.need): use for use in found}
    return tuple(distinct.values())


def least(uses: Iterable[Use], system: System) -> tuple[Right, ...]:
    """The fewest and least rights in a system that are enough for all of these, by name.

    A right is left out where those that are needed anyway do as well; none is granted that is not
    the least one for something.
    """
    concerned = [use for use in uses if use.need.system is system]
    # Extras last: what must be there is chosen without them, and may cover them.
    needed = _chosen([use for use in concerned if not use.need.is_extra], frozenset())
    extra = _chosen([use for use in concerned if use.need.is_extra], needed)
    chosen = needed | extra
    return tuple(_right(name, concerned, chosen) for name in sorted(chosen))


def _chosen(uses: Sequence[Use], there: frozenset[str]) -> frozenset[str]:
    """The rights to be granted for these, beside those that are there already."""
    left = {use.need.right for use in uses} - there
    for right in sorted(left):
        # All of them, since one that was left out before may depend on this one.
        if all(use.need.is_met_by(frozenset(left - {right}) | there) for use in uses):
            left.remove(right)
    return frozenset(left)


def _right(name: str, uses: Sequence[Use], chosen: frozenset[str]) -> Right:
    own = tuple(use for use in uses if use.need.right == name)
    covered = [
        use
        for use in uses
        if use.need.right not in chosen and name in use.need.alternatives and own
    ]
    return Right(
        name,
        (*own, *covered),
        tuple(sorted({use.need.right for use in covered})),
    )
