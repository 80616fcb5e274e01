# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may be applied: what the store says about each tenant of a run. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .._errors import InvalidInput, NotApproved
from .names import is_own_file_name, stat_name
from .records import Approval, PlanRun
from .times import timestamp


class Reason(StrEnum):
    """Why a tenant is left alone."""

    NOT_PLANNED = "not_planned"
    NOT_APPROVED = "not_approved"
    EXPIRED = "expired"
    DIGEST_DIFFERS = "digest_differs"
    UNUSABLE_NAME = "unusable_name"


@dataclass(frozen=True)
class LeftAlone:
    """A tenant that is not touched, and why."""

    tenant: str
    reason: Reason
    told: str

    def to_json(self) -> dict[str, str]:
        return {"tenant": self.tenant, "reason": self.reason.value, "msg": self.told}


def chosen_tenants(given: object) -> list[str] | None:
    """The tenants that are to be approved; null means all of the run.

    An empty string is what a survey gives for a question that was left blank, so it means "not
    given"; an empty list is nobody. Raises `InvalidInput` for anything else.
    """
    if given is None or given == "":
        return None
    if isinstance(given, str):
        names = [name.strip() for line in given.splitlines() for name in line.split(",")]
    elif isinstance(given, Sequence):
        names = [str(name).strip() for name in given]
    else:
        raise InvalidInput(
            "The tenants to approve are no list",
            answer=type(given).__name__,
            advice="Give a list, or names separated by commas or line ends.",
        )
    return sorted({name for name in names if name})


def check_course(run: PlanRun, course: str) -> None:
    """Raise `InvalidInput` if the run was planned for another course."""
    others = {each.terms.course for each in run.lists} - {course}
    if others:
        raise InvalidInput(
            f"The run was planned for the course {', '.join(sorted(others))}, not for {course}",
            subject=run.name,
            advice="Set tenantops_course (with -e) to the one that was planned.",
        )


def check_digests(run: PlanRun, tenants: Iterable[str], digests: Mapping[str, str]) -> None:
    """Raise `NotApproved` if a digest that was handed on is not that of the plan in the store."""
    differing = [tenant for tenant in tenants if _differs(run, tenant, digests)]
    if differing:
        raise NotApproved(
            f"{len(differing)} plans in the store are not those that were handed on: "
            f"{', '.join(differing[:10])}",
            subject=run.name,
            advice="Nothing was approved. Find out who wrote to the store, and plan again under "
            "another name.",
        )


def admitted(
    run: PlanRun, tenants: Iterable[str], digests: Mapping[str, str], now: datetime
) -> tuple[dict[str, Approval], list[LeftAlone]]:
    """Who has a plan that is approved and good now, with the approval; and who is left alone."""
    ready: dict[str, Approval] = {}
    left: list[LeftAlone] = []
    for tenant in tenants:
        found = _judge(run, tenant, digests, now)
        if isinstance(found, Approval):
            ready[tenant] = found
        else:
            left.append(LeftAlone(tenant, *found))
    return ready, left


def _judge(
    run: PlanRun, tenant: str, digests: Mapping[str, str], now: datetime
) -> Approval | tuple[Reason, str]:
    if not is_own_file_name(tenant):
        return Reason.UNUSABLE_NAME, "Its name in the inventory cannot be the name of a file."
    known = run.plan(tenant)
    if known is None:
        why = run.left_out(tenant)
        told = "It has no plan in this run" + (f": {why}" if why else ".")
        return Reason.NOT_PLANNED, told
    terms, listed = known
    if _differs(run, tenant, digests):
        told = "The plan in the store is not the one that was handed on. Plan again."
        return Reason.DIGEST_DIFFERS, told
    if terms.expires <= now:
        return Reason.EXPIRED, f"Its plan was good until {timestamp(terms.expires)}. Plan again."
    naming = [each for each in run.approvals if tenant in each.tenants]
    fitting = [each for each in naming if each.tenants[tenant] == listed.sha256]
    if naming and not fitting:
        return Reason.DIGEST_DIFFERS, "What was approved has another digest than its plan."
    good = [each for each in fitting if each.expires > now]
    if good:
        return good[-1]
    if fitting:
        last = max(each.expires for each in fitting)
        return Reason.EXPIRED, f"Its approval was good until {timestamp(last)}. Approve it again."
    return Reason.NOT_APPROVED, "Nobody approved its plan."


def _differs(run: PlanRun, tenant: str, digests: Mapping[str, str]) -> bool:
    handed_on = digests.get(stat_name(tenant))
    known = run.plan(tenant)
    return bool(handed_on) and known is not None and handed_on != known[1].sha256
