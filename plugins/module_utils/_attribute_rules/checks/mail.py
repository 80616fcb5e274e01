# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mail: one e-mail address without a prefix.

Pure. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..attributes import MAIL
from ..policy import Policy
from .characters import is_blank, length_violations, seen, text_violations
from .e_mail import e_mail_violations, is_clean_address
from .violation import Violation

LONGEST = 256


def mail_violations(value: str, policy: Policy) -> Sequence[Violation]:
    """What breaks the rules in the value."""
    if len(value) <= LONGEST and is_clean_address(value, policy):
        return ()
    return [
        *text_violations(MAIL, value),
        *length_violations(MAIL, value, LONGEST),
        *(() if is_blank(value) else e_mail_violations(MAIL, value, seen(value), policy)),
    ]
