# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mailNickname: what Exchange calls the alias.

Pure. Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..attributes import MAIL_NICKNAME
from ..policy import Profile
from .characters import character_violations, is_blank, length_violations, seen, text_violations
from .e_mail import LOCAL_PART, SPECIALS
from .violation import Violation

LONGEST = 64

FORBIDDEN = re.compile(f"[{re.escape(SPECIALS)}@]")


def mail_nickname_violations(value: str, profile: Profile) -> Sequence[Violation]:
    """What breaks the rules in the value."""
    if len(value) <= LONGEST and LOCAL_PART.fullmatch(value):
        return ()
    return [
        *text_violations(MAIL_NICKNAME, value),
        *length_violations(MAIL_NICKNAME, value, LONGEST),
        *(() if is_blank(value) else _spelling(value, seen(value), profile)),
    ]


def _spelling(value: str, text: str, profile: Profile) -> Iterator[Violation]:
    if text.startswith("."):
        detail = "a dot at the beginning"
        yield Violation("mailNickname.leading_dot", MAIL_NICKNAME, value, detail)
    if profile is not Profile.MICROSOFT_2023:
        # The older page and IdFix know no other rule.
        return
    yield from character_violations(MAIL_NICKNAME, value, text, FORBIDDEN)
    if text.endswith(".") or ".." in text.strip("."):
        detail = "a dot without another character on each side"
        yield Violation("mailNickname.dot", MAIL_NICKNAME, value, detail)
