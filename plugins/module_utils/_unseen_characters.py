# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Characters that nobody sees, for what is shown to people who decide about it.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

# What shows nothing, or turns the text around it, as the inside of a regular expression's class:
# control and format characters, every space but the common one, fillers, variation selectors. Tab
# and line feed are not in it: where text is shown as it is, people see what they do.
UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f"
    "\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\U000e0000-\U000e0fff"
)
