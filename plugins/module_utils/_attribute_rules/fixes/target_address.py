# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The address that an object's mail is forwarded to: how it is written, never which one it is.

Pure: no I/O, no Ansible. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..addresses import split_address
from ..attributes import TARGET_ADDRESS
from ..model import ValueChange
from . import allowed
from .needs_person import NeedsPerson
from .places import PRIMARY, Place, place_of_target
from .step import Case, Step
from .wording import local_part, visible

_RULES = frozenset(
    {
        *("control_character", "invisible_character", "edge_whitespace", "no_prefix"),
        *("space", "character", "non_ascii", "format", "local_part"),
    }
)


def propose(case: Case) -> Iterator[Step]:
    """One step, if the prefix is not right or there is something invisible."""
    value = case.obj.one(TARGET_ADDRESS)
    findings = case.found(TARGET_ADDRESS, _RULES)
    place = place_of_target(case.obj, value) if findings and value is not None else None
    if place is None:
        return
    try:
        change = ValueChange(TARGET_ADDRESS, value, _rewritten(case, place))
    except NeedsPerson as reason:
        yield Step(TARGET_ADDRESS, findings, reason=str(reason))
    else:
        yield Step(TARGET_ADDRESS, findings, (change,))


def _rewritten(case: Case, place: Place) -> str:
    parts = split_address(place.address)
    if place.problem or parts is None:
        raise NeedsPerson(place.problem or "It has no @, so its domain is not known.")
    local = visible(parts[0])
    if local != local_part(local, allowed.IN_ADDRESS, case.policy.transliteration):
        raise NeedsPerson(
            "The mailbox is in another system: only there its address can be changed."
        )
    return f"{place.prefix or PRIMARY}:{local}@{parts[1]}"
