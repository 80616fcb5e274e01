# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""displayName, givenName and sn: any script, but no more characters than there is room for.

Pure. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..attributes import DISPLAY_NAME, GIVEN_NAME
from ..policy import Profile
from .characters import is_plain, length_violations, text_violations
from .violation import Violation

LONGEST: Mapping[Profile, Mapping[str, int]] = {
    Profile.MICROSOFT_2023: {DISPLAY_NAME: 256, GIVEN_NAME: 64},
    Profile.OFFICE365_2016: {DISPLAY_NAME: 256, GIVEN_NAME: 64},
    Profile.IDFIX: {DISPLAY_NAME: 255, GIVEN_NAME: 63},
}
"""The document has no limit for sn."""

# Half of the shortest limit: short enough whatever is counted
_SHORT = 31


def name_violations(attribute: str, value: str, profile: Profile) -> Sequence[Violation]:
    """What breaks the rules in a person's or group's name."""
    if len(value) <= _SHORT and is_plain(value):
        return ()
    most = LONGEST[profile].get(attribute)
    return [
        *text_violations(attribute, value),
        *(length_violations(attribute, value, most) if most else ()),
    ]
