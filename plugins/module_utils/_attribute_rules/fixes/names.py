# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of people and groups: what cannot be seen in them, and names that are blank.

Pure: no I/O, no Ansible. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..attributes import COMMON_NAME, DISPLAY_NAME, GIVEN_NAME, SURNAME
from ..checks.characters import is_blank
from ..model import DirectoryObject, ValueChange
from .needs_person import NeedsPerson
from .step import Case, Step
from .wording import readable_name

_RULES = frozenset({"blank", "control_character", "invisible_character", "edge_whitespace"})
# What Active Directory puts into the name of an object that replication found twice
_CONFLICT = "CNF:"


def propose(case: Case) -> Iterator[Step]:
    """A step for each name that has something invisible."""
    for attribute in (DISPLAY_NAME, GIVEN_NAME, SURNAME):
        findings = case.found(attribute, _RULES)
        value = case.obj.one(attribute)
        if not findings or value is None:
            continue
        try:
            change = ValueChange(attribute, value, _name(case.obj, attribute, value))
        except NeedsPerson as reason:
            yield Step(attribute, findings, reason=str(reason))
        else:
            yield Step(attribute, findings, (change,))


def _name(obj: DirectoryObject, attribute: str, value: str) -> str | None:
    """What to write; null where the attribute goes."""
    if not is_blank(value):
        return readable_name(value)
    return _common_name(obj) if attribute == DISPLAY_NAME else None


def _common_name(obj: DirectoryObject) -> str:
    name = readable_name(obj.one(COMMON_NAME) or "")
    if not name or _CONFLICT in name:
        raise NeedsPerson("The common name is none to show either.")
    return name
