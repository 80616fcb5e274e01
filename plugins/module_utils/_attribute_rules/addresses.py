# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The addresses in proxyAddresses and targetAddress, and when two addresses are the same.

Pure: no I/O, no Ansible. Private to the collection: it can change in any release.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import NamedTuple

SMTP = "smtp"
SIP = "sip"
X400 = "x400"
X500 = "x500"

PRIMARY = "SMTP"  # spelled so, and only so, the prefix of the primary address

# What Exchange and its gateways write in their own syntax, not in that of an e-mail address: X.400
# and X.500 names, and the addresses of Notes, Microsoft Mail, cc:Mail, GroupWise, fax and unified
# messaging. Spaces, semicolons and the like belong there.
FREE_FORM_TYPES = frozenset(
    {X400, X500, "notes", "ms", "msmail", "ccmail", "gwise", "groupwise", "fax", "eum"}
)

# An address type is a short word; so neither the local part of an address nor a sentence is one.
_LONGEST_PREFIX = 32
_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9.-]*")
# To bring marks into order takes quadratic time: a megabyte of them would take hours.
_LONGEST_NORMALISED = 1123  # Active Directory schema, proxyAddresses, rangeUpper
_OTHER_SPELLINGS = {"x.400": X400, "x.500": X500}


class ProxyAddress(NamedTuple):
    """One value: `prefix` as it is written, without the colon, and what follows it.

    `type` is the prefix in lower case (`smtp`, `sip`, `x400`, `x500` ...), and empty where there is
    no prefix.
    """

    prefix: str
    is_primary: bool
    type: str
    address: str

    @property
    def is_smtp(self) -> bool:
        """Whether it is an e-mail address; one that lacks its prefix is meant to be one."""
        return self.type == SMTP or (not self.type and "@" in self.address)

    @property
    def is_free_form(self) -> bool:
        """Whether it has a syntax of its own, which Exchange is trusted to know."""
        return self.type in FREE_FORM_TYPES


def parse_proxy(value: str) -> ProxyAddress:
    """Split a value at its first colon; takes any text. Without a prefix it is all address."""
    prefix, colon, address = value.partition(":")
    kind = _type(prefix) if colon and len(prefix) <= _LONGEST_PREFIX else ""
    if not kind:
        return ProxyAddress("", is_primary=False, type="", address=value)
    return ProxyAddress(prefix, prefix == PRIMARY, kind, address)


@functools.lru_cache
def _type(prefix: str) -> str:
    """Empty for what cannot be a type."""
    kind = prefix.lower()
    return _OTHER_SPELLINGS.get(kind, kind) if _PREFIX.fullmatch(prefix) else ""


def address_key(text: str) -> str:
    """The form in which two addresses are equal that the directory or the cloud takes for the same.

    Case does not count, and neither do wide, narrow or otherwise only compatible forms (NFKC
    casefolding, Unicode Standard section 3.13). For ASCII this is `str.lower`. Texts that are too
    long for an address are the same only if they differ in nothing but case.
    """
    if text.isascii():
        return text.lower()
    if len(text) > _LONGEST_NORMALISED:
        return text.casefold()
    # Folding can undo the normal form and the other way round; the second round is stable.
    once = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFKC", once.casefold())


def split_address(address: str) -> tuple[str, str] | None:
    """What stands before and after the last @; null where there is none."""
    local, at, domain = address.rpartition("@")
    return (local, domain) if at else None
