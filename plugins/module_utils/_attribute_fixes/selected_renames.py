# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects of a forest that the option `rename` means, and the names that they get.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._attribute_rules.judgement import ADDRESS
from .._attribute_rules.model import DirectoryObject
from .._attribute_scan.assessment import Assessment
from .._changes.converge import Failure
from .._changes.model import JsonValue
from .._errors import InvalidInput, ObjectGone, TenantopsError
from .._sign_in_names.arguments import wanted_from_options
from .._sign_in_names.names import name_key
from .._sign_in_names.wanted import Source, Wanted
from .renaming import Adjusted, DirectoryNames, RenamePlan, plan_renames

_NAMED = frozenset({Source.SUFFIX_MAP, Source.MAPPING})


@dataclass(frozen=True)
class Renaming:
    """What the option says. `ids` are objectGUIDs in lower case; none means all in scope."""

    wanted: Wanted
    adjusted: frozenset[Adjusted]
    ids: frozenset[str]

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Renaming | None:
        """Read the option, null if it is not given. Raises `InvalidInput`."""
        options = parameters["rename"]
        if options is None:
            return None
        return cls(
            wanted_from_options(options),
            frozenset(map(Adjusted, options["adjust"])),
            frozenset(map(_guid, options["ids"])),
        )


@dataclass
class SelectedRenames:
    """The plan for those who are meant. `selected` is how many they are."""

    plan: RenamePlan
    selected: int
    findings_limit: int
    failures: list[Failure] = field(default_factory=list)

    def to_json(self) -> dict[str, JsonValue]:
        """What is told beside the changes and the failures."""
        return {
            "selected": self.selected,
            "to_rename": len(self.plan.requests),
            "unchanged": self.plan.unchanged,
            "left_count": len(self.plan.left),
            "left": [
                {
                    "dn": left.thing.dn,
                    "guid": left.thing.guid,
                    "user_principal_name": DirectoryNames(left.thing).user_principal_name,
                    "reason": left.reason,
                }
                for left in self.plan.left[: self.findings_limit]
            ],
        }


def plan_selected(
    assessment: Assessment,
    renaming: Renaming,
    objection: Callable[[DirectoryObject], TenantopsError | None],
    findings_limit: int,
) -> SelectedRenames:
    """Plan other names for the users in scope that are meant."""
    seen: set[str] = set()

    def users() -> Iterator[DirectoryObject]:
        for thing in assessment.users():
            if renaming.ids and thing.guid not in renaming.ids:
                continue
            seen.add(thing.guid)
            name = DirectoryNames(thing).user_principal_name
            if name is not None:
                seen.add(name_key(name))
            yield thing

    plan = plan_renames(
        users(),
        renaming.wanted,
        renaming.adjusted,
        assessment.policy,
        assessment.owned,
        objection,
    )
    if not renaming.ids and renaming.wanted.source in _NAMED:
        # Whom the map does not name was not meant in the first place.
        plan.scope -= len(plan.left)
        plan.left.clear()
    missing = (*(renaming.ids - seen), *_nobody(renaming, assessment, seen))
    failures = [*plan.failures, *map(_not_read, sorted(missing))]
    return SelectedRenames(plan, plan.scope, findings_limit, failures)


def _nobody(renaming: Renaming, assessment: Assessment, seen: Collection[str]) -> Iterable[str]:
    """Whom the mapping names and nobody is, unless the new name is somebody's already."""
    if renaming.ids:
        return
    for key, new in renaming.wanted.names.items():
        is_done = "@" in key and assessment.owned(ADDRESS, name_key(new), "")
        if key not in seen and not is_done:
            yield key


def _not_read(name: str) -> Failure:
    error = ObjectGone(
        "No user in scope is named so",
        subject=name,
        advice="Check the spelling, search_bases, exclude and filter, and that the account may read"
        " the object.",
    )
    return Failure(name if "@" not in name else "", name, error)


def _guid(text: str) -> str:
    try:
        return str(uuid.UUID(text.strip()))
    except ValueError:
        raise InvalidInput(
            f"rename: {text!r} in ids is not an objectGUID",
            advice="Write it as 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21.",
        ) from None
