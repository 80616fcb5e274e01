# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the object itself spells its name elsewhere.

Müller is Mueller in one organisation and Muller in the next. If another address of the object shows
which, that is better than any table. Pure. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ..addresses import split_address
from .needs_person import NeedsPerson
from .places import Addresses
from .step import Case
from .wording import local_part


def respelled(case: Case, text: str, domain: str | None, allowed: Collection[str]) -> str:
    """A local part (or, with no domain, a nickname) as it should be written.

    That is how an own address (of the same domain) writes it, as long as the text can be read so in
    some language; else what the policy's transliteration makes of it. Raises `NeedsPerson`.
    """
    transliteration = case.policy.transliteration
    standard = local_part(text, allowed, transliteration)
    if text.isascii():
        return standard
    in_use = {used.lower(): used for used in _in_use(case.addresses, domain)}
    if in_use and standard.lower() not in in_use:
        for other in transliteration.others_for(text):
            try:
                reading = local_part(text, allowed, other).lower()
            except NeedsPerson:
                continue
            if reading in in_use:
                return in_use[reading]
    return standard


def _in_use(addresses: Addresses, domain: str | None) -> Iterator[str]:
    """The local parts of the object's own addresses that are in ASCII."""
    for place in addresses.all:
        parts = split_address(place.address)
        if parts and parts[0].isascii() and (domain is None or parts[1].lower() == domain.lower()):
            yield parts[0]
