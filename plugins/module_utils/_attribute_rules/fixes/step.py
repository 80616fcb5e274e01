# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One step of a repair, and what it starts from.

Pure: no I/O, no Ansible. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from ..model import DirectoryObject, Finding, ValueChange
from ..policy import Policy
from .places import Addresses, addresses_of


@dataclass(frozen=True)
class Case:
    """An object as it is now, and what is to be repaired of it."""

    obj: DirectoryObject
    findings: tuple[Finding, ...]
    policy: Policy

    @cached_property
    def addresses(self) -> Addresses:
        """The addresses that the object has as its own."""
        return addresses_of(self.obj)

    def found(self, attribute: str, rules: Collection[str]) -> tuple[Finding, ...]:
        """The findings about one attribute by the names of its rules, such as `leading_dot`."""
        ids = {f"{attribute}.{rule}" for rule in rules}
        return tuple(finding for finding in self.findings if finding.rule in ids)


@dataclass(frozen=True)
class Step:
    """Changes that belong together and are made all or none.

    `subject` tells it from the other steps for the same object, and is the same when the step is
    proposed again. `answers` are the findings that it is for. Where a person must decide, `changes`
    are empty and `reason` tells why.
    """

    subject: str
    answers: tuple[Finding, ...]
    changes: tuple[ValueChange, ...] = ()
    reason: str = ""
