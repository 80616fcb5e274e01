# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""sAMAccountName of users. The document: it matters where there is no valid userPrincipalName.

Pure. Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ..attributes import SAM_ACCOUNT_NAME
from ..policy import Profile
from .characters import is_blank, length_violations, named, seen, text_violations
from .violation import Violation

LONGEST = 20

FORBIDDEN: Mapping[Profile, re.Pattern[str]] = {
    Profile.MICROSOFT_2023: re.compile(r"""[\[\]\\"|,/:<>+=;?*']"""),
    Profile.OFFICE365_2016: re.compile(r"""[\[\]\\"|,/:<>+=;?*]"""),
    Profile.IDFIX: re.compile(r"""[\[\]\\"|,/:<>+=;?*]"""),
}


def sam_account_name_violations(value: str | None, profile: Profile) -> Sequence[Violation]:
    """What breaks the rules in the value, or in its absence."""
    if value is None:
        detail = "there is no name to make a userPrincipalName of"
        return [Violation("sAMAccountName.missing", SAM_ACCOUNT_NAME, None, detail)]
    return [
        *text_violations(SAM_ACCOUNT_NAME, value),
        *length_violations(SAM_ACCOUNT_NAME, value, LONGEST),
        *(() if is_blank(value) else _character(value, profile)),
    ]


def _character(value: str, profile: Profile) -> Iterator[Violation]:
    if detail := named(FORBIDDEN[profile], seen(value)):
        yield Violation("sAMAccountName.character", SAM_ACCOUNT_NAME, value, detail)
