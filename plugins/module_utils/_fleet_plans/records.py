# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the store says of a plan run: pinned plans, lists of them, approvals, applications. Pure.

Each record is one document. None is ever changed: what is planned, approved or begun later is in a
further document (docs/formats.md). Private to the collection: it can change in any release.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from .._changes.plan import Plan
from .._errors import NotApproved, TenantopsError
from .times import timestamp, to_time

RECORD_FORMAT = 1

Read = TypeVar("Read")


@dataclass(frozen=True)
class Terms:
    """What all plans of a run, or of a slice of it, share: times are in UTC."""

    run: str
    course: str
    planned: datetime
    expires: datetime

    def to_json(self) -> dict[str, Any]:
        return {
            "format": RECORD_FORMAT,
            "run": self.run,
            "course": self.course,
            "planned": timestamp(self.planned),
            "expires": timestamp(self.expires),
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Terms:
        return cls(
            run=str(fields["run"]),
            course=str(fields["course"]),
            planned=to_time(fields["planned"]),
            expires=to_time(fields["expires"]),
        )


@dataclass(frozen=True)
class PinnedPlan:
    """A tenant's plan as it was pinned."""

    terms: Terms
    plan: Plan
    sha256: str

    def to_json(self) -> dict[str, Any]:
        return {**self.terms.to_json(), "tenant": self.plan.tenant, "plan": self.plan.to_json()}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> PinnedPlan:
        content = fields["plan"]
        plan = Plan.from_json(content)
        return cls(Terms.from_json(fields), plan, str(content["sha256"]))


@dataclass(frozen=True)
class ListedPlan:
    """What a list says of a plan: its digest and how many changes it has."""

    sha256: str
    changes: int


@dataclass(frozen=True)
class PlanList:
    """The plans that one call pinned, and the tenants that it could pin none for, and why."""

    terms: Terms
    plans: Mapping[str, ListedPlan]
    left_out: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            **self.terms.to_json(),
            "plans": {
                tenant: {"sha256": plan.sha256, "changes": plan.changes}
                for tenant, plan in sorted(self.plans.items())
            },
            "left_out": dict(sorted(self.left_out.items())),
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> PlanList:
        return cls(
            terms=Terms.from_json(fields),
            plans={
                str(tenant): ListedPlan(str(plan["sha256"]), int(plan["changes"]))
                for tenant, plan in fields["plans"].items()
            },
            left_out={str(tenant): str(why) for tenant, why in fields["left_out"].items()},
        )


@dataclass(frozen=True)
class Approval:
    """Who approved which digests, when and until when."""

    run: str
    approver: str
    approved: datetime
    expires: datetime
    tenants: Mapping[str, str]
    """The digest of each tenant's plan."""

    def to_json(self) -> dict[str, Any]:
        return {
            "format": RECORD_FORMAT,
            "run": self.run,
            "approver": self.approver,
            "approved": timestamp(self.approved),
            "expires": timestamp(self.expires),
            "tenants": dict(sorted(self.tenants.items())),
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Approval:
        return cls(
            run=str(fields["run"]),
            approver=str(fields["approver"]),
            approved=to_time(fields["approved"]),
            expires=to_time(fields["expires"]),
            tenants={str(tenant): str(sha256) for tenant, sha256 in fields["tenants"].items()},
        )


@dataclass(frozen=True)
class Application:
    """The tenants on which an approved plan was begun to be applied."""

    run: str
    begun: datetime
    tenants: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "format": RECORD_FORMAT,
            "run": self.run,
            "begun": timestamp(self.begun),
            "tenants": list(self.tenants),
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Application:
        return cls(
            run=str(fields["run"]),
            begun=to_time(fields["begun"]),
            tenants=tuple(map(str, fields["tenants"])),
        )


@dataclass(frozen=True)
class PlanRun:
    """All that the store says of one run, but for the plans themselves."""

    name: str
    lists: tuple[PlanList, ...]
    approvals: tuple[Approval, ...] = ()
    applications: tuple[Application, ...] = ()

    def plan(self, tenant: str) -> tuple[Terms, ListedPlan] | None:
        """What is listed of a tenant: as it was pinned first, since a pinned plan never changes."""
        for listed in self.lists:
            if tenant in listed.plans:
                return listed.terms, listed.plans[tenant]
        return None

    def tenants(self) -> list[str]:
        """Everybody who has a pinned plan."""
        return sorted({tenant for listed in self.lists for tenant in listed.plans})

    def left_out(self, tenant: str) -> str | None:
        """Why a tenant has no plan, if the run came by it."""
        reasons = [each.left_out[tenant] for each in self.lists if tenant in each.left_out]
        return reasons[-1] if reasons else None

    def begun(self) -> set[str]:
        """The tenants on which a plan of this run was begun to be applied."""
        return {tenant for each in self.applications for tenant in each.tenants}


def encode(record: Mapping[str, Any]) -> bytes:
    """A record as the content of its document."""
    return (json.dumps(record, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def decode(content: bytes, name: str, kind: type[Read]) -> Read:
    """A record from its document. Raises `NotApproved` for what is none of this version."""
    try:
        fields = json.loads(content)
        if fields["format"] != RECORD_FORMAT:
            raise ValueError(f"format {fields['format']!r}")
        read: Read = kind.from_json(fields)  # type: ignore[attr-defined]
    except TenantopsError as error:
        raise NotApproved(
            error.problem, subject=name, answer=error.answer, advice=error.advice
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotApproved(
            "A document of the plan store is not as this version of the collection writes it",
            subject=name,
            answer=f"{type(error).__name__}: {error}",
            advice="Do not edit what is in the store; plan again under another name.",
        ) from error
    return read


def sorted_reasons(reasons: Iterable[tuple[str, str]]) -> list[str]:
    """Tenants with what is to be told of each, one line each."""
    return [f"{tenant}: {reason}" for tenant, reason in sorted(reasons)]
