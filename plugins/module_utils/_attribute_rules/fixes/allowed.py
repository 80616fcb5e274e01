# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ASCII characters that may stay in a local part or a nickname.

Sets to keep, so that a character nobody thought of is not kept. Pure. Private to the collection: it
can change in any release.
"""

from __future__ import annotations

import string

from ..policy import Profile

_WORD = frozenset(string.ascii_letters + string.digits + "._-")

# RFC 5322 section 3.2.3, dot-atom
IN_ADDRESS = _WORD | frozenset("!#$%&'*+/=?^`{|}~")
# Exchange takes the same for an alias.
IN_NICKNAME = IN_ADDRESS
# Single sign-on with AD FS takes no more.
IN_ADFS_NAME = _WORD

IN_USER_PRINCIPAL_NAME = {
    Profile.MICROSOFT_2023: _WORD | frozenset("'!#^~"),
    Profile.OFFICE365_2016: IN_ADDRESS - frozenset("%&*+/=?{}|"),
    Profile.IDFIX: IN_ADDRESS - frozenset("%&*+/=?{}|'"),
}
