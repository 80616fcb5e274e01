# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Change control of one task: the approved plan, the limit and the journal together.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from .._errors import InvalidInput, NotApproved
from .journal import Conclusion, Journal, JournalledWrite, journal_path
from .limit import Limit
from .model import Change, display
from .plan import Plan, load_plan
from .standing import require_standing

_DEVIATIONS_SHOWN = 20


@dataclass(frozen=True)
class ChangeControl:
    """What the operator allows a task to change, and where it is written down."""

    approved: Plan | None = None
    limit: Limit | None = None
    journal: Journal | None = None

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> ChangeControl:
        """Read the options of the documentation fragment `changes`.

        Raises `NotApproved` or `InvalidInput`, both before anything is sent to a server.
        """
        tenant = parameters["tenant"]
        return cls(
            approved=_approved_plan(parameters["approved_plan"], tenant),
            limit=None
            if parameters["max_changes"] is None
            else Limit.parse(parameters["max_changes"]),
            journal=_journal(parameters["journal"], tenant, parameters["run"]),
        )

    def admit(self, changes: Sequence[Change], scope: int) -> None:
        """Raise `TooManyChanges` or `NotApproved` if the changes may not be made as a whole."""
        if self.limit is not None:
            self.limit.check(len(changes), scope)
        if self.approved is not None:
            _check_approval(self.approved, changes)

    def journalled(
        self, target: str, changes: Sequence[Change]
    ) -> AbstractContextManager[JournalledWrite]:
        """A context for one write: announced before it is entered, its outcome noted after.

        Raises what forbids the run to write any more.
        """
        require_standing()
        if self.journal is None:
            return nullcontext(JournalledWrite(tuple(changes)))
        return self.journal.write(target, changes)

    def announce(
        self, target: str, writes: Sequence[Sequence[Change]], conclusions: Iterable[Conclusion]
    ) -> Sequence[str]:
        """See `Journal.announce`. Without a journal the ids say nothing.

        Raises what forbids the run to write any more.
        """
        require_standing()
        if self.journal is None:
            return [""] * len(writes)
        return self.journal.announce(target, writes, conclusions)

    def conclude(self, conclusions: Iterable[Conclusion]) -> None:
        """See `Journal.conclude`."""
        if self.journal is not None:
            self.journal.conclude(conclusions)


def _approved_plan(source: object, tenant: str | None) -> Plan | None:
    if source is None:
        return None
    plan = load_plan(source)
    if tenant is not None and plan.tenant != tenant:
        raise NotApproved(
            f"The approved plan is for tenant {plan.tenant!r}, this task is for {tenant!r}",
            advice="Give each tenant the plan that was made for it.",
        )
    return plan


def _journal(folder: str | None, tenant: str | None, run: str | None) -> Journal | None:
    if folder is None:
        return None
    if tenant is None or run is None:
        raise InvalidInput(
            "journal needs tenant and run as well",
            advice="Set all three once in module_defaults for group/tenantops.migration.changes.",
        )
    return Journal(journal_path(folder, tenant, run))


def _check_approval(plan: Plan, changes: Sequence[Change]) -> None:
    deviations = plan.deviations(changes)
    if not deviations:
        return
    shown = [
        f"{change.action.value} {change.property} of {change.name}: "
        f"{display(change.before)} -> {display(change.after)}"
        for change in deviations[:_DEVIATIONS_SHOWN]
    ]
    if len(deviations) > len(shown):
        shown.append(f"and {len(deviations) - len(shown)} more")
    raise NotApproved(
        f"{len(deviations)} changes are not in the approved plan: {'; '.join(shown)}",
        advice="Nothing was changed. Make the plan again with --check and have it approved.",
    )
