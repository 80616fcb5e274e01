# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An assessment in numbers, as both modules return it and the report shows it.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from .._attribute_rules.address_list import AddressListCount
from .._attribute_rules.attributes import ADDRESS_LIST_FIELDS
from .._attribute_rules.model import Finding, Severity
from .._changes.model import JsonValue
from .assessment import Assessment


@dataclass
class FindingCount:
    """How many findings there are, by severity and by rule."""

    severities: Counter[Severity] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    objects: int = 0

    def add(self, findings: Iterable[Finding]) -> None:
        """Count the findings of one object."""
        self.objects += 1
        for finding in findings:
            self.severities[finding.severity] += 1
            self.rules[finding.rule] += 1


def reading_summary(assessment: Assessment) -> dict[str, JsonValue]:
    """Of the numbers, those that are known before any object is judged."""
    counts = assessment.counts
    return {
        "objects_read": counts.objects_read,
        "in_scope": counts.in_scope,
        "skipped": dict(counts.skipped),
        "searched": assessment.searched,
    }


def summary(assessment: Assessment, count: FindingCount) -> dict[str, JsonValue]:
    """The numbers: objects read, in scope, skipped by reason and with findings; findings by
    severity and rule; the percentage of users who have each address-list field."""
    counts = assessment.counts
    present = Counter({name: counts.users_with(name) for name in ADDRESS_LIST_FIELDS})
    fields = AddressListCount(counts.users_in_scope, present)
    return {
        **reading_summary(assessment),
        "with_findings": count.objects,
        "severities": {severity.value: count.severities[severity] for severity in Severity},
        "rules": dict(sorted(count.rules.items())),
        "address_list_fields": dict(fields.percentages(assessment.policy)),
    }
