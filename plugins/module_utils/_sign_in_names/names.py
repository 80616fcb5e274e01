# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a name to sign in with may look like, and when two are the same. Pure.

Source: Microsoft Graph, create user (the characters of userPrincipalName); Microsoft, "Prepare for
directory synchronization" (its lengths). Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re

from .._attribute_rules.addresses import address_key, split_address

LONGEST = 113
LONGEST_LOCAL = 64
LONGEST_SUFFIX = 48

_FORBIDDEN = re.compile(r"[^A-Za-z0-9'.\-_!#^~]")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")


def name_key(name: str) -> str:
    """The form in which two names are equal with which the same person would sign in."""
    return address_key(name)


def suffix_of(name: str) -> str:
    """What stands after the last @, in lower case; empty where there is none."""
    return name_key(name.rpartition("@")[2]) if "@" in name else ""


def flaw_of(name: str) -> str:
    """Why nobody can sign in to Entra with a name; empty if it is good."""
    parts = split_address(name)
    if parts is None:
        return "there is no @"
    local, suffix = parts
    if not local:
        return "there is nothing before the @"
    if forbidden := sorted(set(_FORBIDDEN.findall(local))):
        return f"it has {' '.join(map(repr, forbidden))} before the @"
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return "it has a dot without another character on each side"
    if "." not in suffix or not all(map(_LABEL.fullmatch, suffix.split("."))):
        return f"{suffix!r} is not the name of a domain"
    lengths = (
        (len(local), LONGEST_LOCAL, " before the @"),
        (len(suffix), LONGEST_SUFFIX, " after the @"),
        (len(name), LONGEST, ""),
    )
    for length, longest, where in lengths:
        if length > longest:
            return f"it has {length} characters{where}, {longest} are allowed"
    return ""
