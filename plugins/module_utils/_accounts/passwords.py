# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Initial passwords: made up so that Entra takes them, or judged where they are given.

Source: Microsoft Entra, "Password policies and restrictions": 8 to 256 characters of ASCII, of
three out of four kinds. Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re
import secrets

SHORTEST = 8
LONGEST = 256
_LENGTH = 20
_KINDS_NEEDED = 3

# Without those that people mix up when they type from paper (l 1 I, O 0), and without symbols that
# mean something to a shell or a table.
_LOWER = "abcdefghijkmnopqrstuvwxyz"
_UPPER = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS = "23456789"
_SYMBOLS = "-_.!?+%"
_ALL = _LOWER + _UPPER + _DIGITS + _SYMBOLS

_ALLOWED = re.compile(r"[ -~]*")
_KINDS = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]")


def made_up_password(user_principal_name: str) -> str:
    """A password of 20 characters, about 118 bits of chance, each kind among them.

    It begins with a letter, so that no spreadsheet takes it for a formula or a number. Entra has no
    objection to it: a short name such as `kim` comes up by chance once in some thousand passwords.
    """
    while True:
        first = secrets.choice(_LOWER + _UPPER)
        password = first + "".join(secrets.choice(_ALL) for _place in range(_LENGTH - 1))
        if _kinds(password) == len(_KINDS) and not why_refused(password, user_principal_name):
            return password


def why_refused(password: str, user_principal_name: str) -> str | None:
    """Why Entra would not take a password, null if nothing is known against it.

    The answer never holds any part of it.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        return f"it has fewer than {SHORTEST} or more than {LONGEST} characters"
    if not _ALLOWED.fullmatch(password):
        return "it has characters beyond ASCII"
    if _kinds(password) < _KINDS_NEEDED:
        return "it needs three of these: small letters, capitals, digits, other characters"
    local = user_principal_name.rpartition("@")[0].lower()
    if local and local in password.lower():
        return "the user's name is part of it"
    return None


def _kinds(password: str) -> int:
    return sum(re.search(kind, password) is not None for kind in _KINDS)
