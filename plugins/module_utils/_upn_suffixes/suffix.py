# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a UPN suffix may look like, and when two are the same.

A suffix is a DNS name in the preferred syntax of RFC 1035 section 2.3.1 as RFC 1123 section 2.1
widens it, and with underscores, which Active Directory allows in its own domain names. Pure.
Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re

from .._errors import InvalidInput
from .._libraries import library, require

with library("idna"):
    import idna

_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?")
_LONGEST_LABEL = 63
_LONGEST_NAME = 253


def same_suffix_key(text: str) -> str:
    """Equal for two suffixes that are the same one: the directory ignores case."""
    return text.casefold()


def parse_suffix(text: str) -> str:
    """The suffix as it is stored: ASCII; an internationalised name in its A-label form (UTS 46).

    Raises `InvalidInput`, naming the rule that is broken.
    """
    name = text if text.isascii() else _to_ascii(text)
    if not name:
        raise _invalid(text, "it is empty")
    if name.startswith("@"):
        raise _invalid(text, "it begins with @", "Write only what stands after the @.")
    if len(name) > _LONGEST_NAME:
        raise _invalid(text, f"it has {len(name)} characters, {_LONGEST_NAME} are allowed")
    for label in name.split("."):
        _check_label(text, label)
    return name


def _check_label(text: str, label: str) -> None:
    if not label:
        raise _invalid(text, "two dots in a row, or a dot at the beginning or the end")
    if len(label) > _LONGEST_LABEL:
        raise _invalid(
            text, f"the label {label!r} has {len(label)} characters, {_LONGEST_LABEL} are allowed"
        )
    if label.startswith("-") or label.endswith("-"):
        raise _invalid(text, f"the label {label!r} begins or ends with a hyphen")
    if not _LABEL.fullmatch(label):
        raise _invalid(
            text, "only letters, digits, hyphens, underscores, and dots between labels are allowed"
        )


def _to_ascii(text: str) -> str:
    require("idna")
    try:
        labels = idna.uts46_remap(text, std3_rules=False, transitional=False).split(".")
        return ".".join(
            label if label.isascii() else idna.alabel(label).decode("ascii") for label in labels
        )
    except idna.IDNAError as error:
        raise _invalid(text, f"it has no ASCII form ({error})") from error


def _invalid(text: str, rule: str, advice: str = "") -> InvalidInput:
    return InvalidInput(
        f"{text!r} is not a UPN suffix: {rule}",
        advice=advice or "A suffix is a DNS name such as contoso.com.",
    )
