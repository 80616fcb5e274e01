# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a cycle of the sync did, and what it refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

# Beside those of the rules (rules.Kind): what somebody else has already, or what must not be taken.
Problem = Literal[
    "invalid_characters",
    "malformed",
    "too_long",
    "empty",
    "duplicate_name",
    "duplicate_address",
    "ambiguous",
    "match_blocked",
    "administrator",
]
Reason = Literal["licensed", "not_changed_since"]


@dataclass(frozen=True)
class Refusal:
    """Somebody who was not synced, or whose changes were not: ``value`` of ``attribute`` is why.

    ``holder`` is the id of the user in the cloud, deleted or not, who has it already.
    """

    dn: str
    immutable_id: str
    problem: Problem
    attribute: str
    value: str
    holder: str | None = None


@dataclass(frozen=True)
class KeptName:
    """A user whose name in the cloud stays as it is, although the directory has another one."""

    id: str
    dn: str
    user_principal_name: str
    wanted: str
    reason: Reason


@dataclass
class Report:
    """One cycle; ``created`` and so on are the ids of users. Times are UTC.

    Those matched were users of the cloud alone before, hard (by the immutable id) or soft (by the
    address or the name). ``problem`` is why the cycle has not run, or has deleted nobody.
    """

    started: str
    ended: str = ""
    has_run: bool = True
    read: int = 0
    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)
    matched_hard: list[str] = field(default_factory=list)
    matched_soft: list[str] = field(default_factory=list)
    kept_names: list[KeptName] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    problem: str | None = None
