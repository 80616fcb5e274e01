# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who in the directory is who in the cloud, by the rules of directory sync.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .._users.model import User
from .model import DirectoryPerson


class Matched(StrEnum):
    """How somebody was found in the other system."""

    HARD = "hard"
    """By onPremisesImmutableId: sync has joined the two."""
    SOFT = "soft"
    """By the primary address or the sign-in name: sync would join the two when it next runs."""
    AMBIGUOUS = "ambiguous"
    """More than one fits, or somebody else fits as well: nobody was chosen."""
    ONLY_IN_DIRECTORY = "only_in_directory"
    ONLY_IN_CLOUD = "only_in_cloud"


class MatchedBy(StrEnum):
    """What two have in common that were found to be one."""

    IMMUTABLE_ID = "immutable_id"
    PRIMARY_ADDRESS = "primary_address"
    SIGN_IN_NAME = "sign_in_name"


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An address or name, in lower case, that others have as well.

    `holders` are some of them: DNs from the directory, sign-in names from the cloud.
    """

    address: str
    holders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """One person: in the directory, in the cloud, or in both.

    `by` is null unless it is a hard or soft match. `candidates` are those of the other system
    between whom nobody chose, as `Duplicate.holders` tells them.
    """

    matched: Matched
    person: DirectoryPerson | None
    user: User | None
    by: MatchedBy | None = None
    candidates: tuple[str, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
