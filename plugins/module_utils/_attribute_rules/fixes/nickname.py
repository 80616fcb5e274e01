# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The nickname (alias) of a mailbox, group or contact.

Pure: no I/O, no Ansible. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..attributes import MAIL_NICKNAME
from ..checks.characters import UNSEEN, is_blank
from ..model import ValueChange
from ..policy import Profile
from .allowed import IN_NICKNAME
from .needs_person import NeedsPerson
from .spelling import respelled
from .step import Case, Step
from .wording import trimmed

_RULES = frozenset(
    {
        *("blank", "control_character", "invisible_character", "edge_whitespace"),
        *("leading_dot", "dot", "space", "character", "non_ascii"),
    }
)


def propose(case: Case) -> Iterator[Step]:
    """One step, if the nickname has a character that it must not have."""
    findings = case.found(MAIL_NICKNAME, _RULES)
    value = case.obj.one(MAIL_NICKNAME)
    if not findings or value is None:
        return
    try:
        change = ValueChange(MAIL_NICKNAME, value, _nickname(case, value))
    except NeedsPerson as reason:
        yield Step(MAIL_NICKNAME, findings, reason=str(reason))
    else:
        yield Step(MAIL_NICKNAME, findings, (change,))


def _nickname(case: Case, value: str) -> str | None:
    """What to write; null where the attribute goes."""
    if is_blank(value):
        return None
    if case.policy.profile is Profile.MICROSOFT_2023:
        return respelled(case, value, None, IN_NICKNAME)
    # The older editions of the rules allow nearly every character, but for a dot that leads.
    return trimmed(UNSEEN.sub("", value)).lstrip(". ") or None
