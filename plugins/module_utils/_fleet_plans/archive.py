# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps the records of plan runs in a plan store. Private to the collection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from .._errors import InvalidInput, NotApproved
from .._plan_store.model import Documents
from .names import numbered, plan_document_name, time_of_run
from .records import (
    Application,
    Approval,
    PinnedPlan,
    PlanList,
    PlanRun,
    decode,
    encode,
)

Read = TypeVar("Read")

_LISTS, _APPROVALS, _APPLICATIONS = "plans", "approvals", "applications"


@dataclass(frozen=True)
class Archive:
    """The records of plan runs in the documents of a store."""

    documents: Documents

    def run(self, name: str) -> PlanRun:
        """What is known of a run. Raises `InvalidInput` if nothing is."""
        lists = tuple(self._numbered(name, _LISTS, PlanList))
        if not lists:
            raise InvalidInput(
                "The plan store holds no run of this name",
                server=self.documents.where,
                subject=name,
                advice="Set tenantops_fleet_run to the name that plan.yml told, and "
                "tenantops_plan_store to the store that it wrote to.",
            )
        return PlanRun(
            name=name,
            lists=lists,
            approvals=tuple(self._numbered(name, _APPROVALS, Approval)),
            applications=tuple(self._numbered(name, _APPLICATIONS, Application)),
        )

    def lists(self, name: str) -> tuple[PlanList, ...]:
        """The lists of a run, none if there is no such run yet."""
        return tuple(self._numbered(name, _LISTS, PlanList))

    def pinned(self, run: str, tenant: str, sha256: str) -> PinnedPlan:
        """A tenant's plan. Raises `NotApproved` if it is not the one with this digest."""
        name = plan_document_name(run, tenant)
        content = self.documents.read(name)
        if content is None:
            raise self._not_as_listed(name, "it is not there")
        pinned = decode(content, name, PinnedPlan)
        if (pinned.sha256, pinned.plan.tenant, pinned.terms.run) != (sha256, tenant, run):
            raise self._not_as_listed(name, f"SHA-256 {pinned.sha256} of {pinned.plan.tenant}")
        return pinned

    def pin(self, pinned: PinnedPlan) -> bool:
        """Keep a tenant's plan; false if another one is pinned for this run already."""
        run, tenant = pinned.terms.run, pinned.plan.tenant
        name = plan_document_name(run, tenant)
        if self.documents.create(name, encode(pinned.to_json())):
            return True
        earlier = self.documents.read(name)
        # One that was left by a run that was killed before it could be listed is as good.
        return earlier is not None and decode(earlier, name, PinnedPlan).sha256 == pinned.sha256

    def add_list(self, record: PlanList) -> None:
        """Keep a list of plans."""
        self._add(record.terms.run, _LISTS, record.to_json())

    def add_approval(self, record: Approval) -> None:
        """Keep an approval."""
        self._add(record.run, _APPROVALS, record.to_json())

    def add_application(self, record: Application) -> None:
        """Keep the note that plans are begun to be applied."""
        self._add(record.run, _APPLICATIONS, record.to_json())

    def remove_before(self, oldest: datetime, *, but: str, dry: bool) -> list[str]:
        """Remove the runs that were planned before this time, and tell which (or would be).

        The run `but` stays there, and so does what is no run of this collection.
        """
        folders = self.documents.folders()
        if folders is None:
            raise InvalidInput(
                "This plan store does not tell what it holds, so old plans cannot be removed",
                server=self.documents.where,
                advice="Leave tenantops_plans_kept out, and let the server remove what is old.",
            )
        old = [name for name in folders if name != but and self._is_older(name, oldest)]
        for name in old if not dry else ():
            self.documents.remove(name)
        return old

    def _is_older(self, name: str, oldest: datetime) -> bool:
        named_after = time_of_run(name)
        if named_after is not None and named_after >= oldest + timedelta(days=1):
            return False  # most runs are named after their time, and need not be read
        lists = self.lists(name)
        return bool(lists) and all(each.terms.planned < oldest for each in lists)

    def _numbered(self, run: str, kind: str, record: type[Read]) -> Iterator[Read]:
        for number in count(1):
            name = numbered(run, kind, number)
            content = self.documents.read(name)
            if content is None:
                return
            yield decode(content, name, record)

    def _add(self, run: str, kind: str, record: dict[str, Any]) -> None:
        content = encode(record)
        for number in count(1):
            if self.documents.create(numbered(run, kind, number), content):
                return

    def _not_as_listed(self, name: str, found: str) -> NotApproved:
        return NotApproved(
            "A plan in the store is not the one that its run lists",
            server=self.documents.where,
            subject=name,
            answer=found,
            advice="Find out who wrote to the store, and plan again under another name.",
        )
