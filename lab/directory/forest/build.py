# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Puts the forest together: so many objects, and so many defects spread over them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import TypeVar

from ..ldif import Entry, Value
from . import people
from .clashes import Clash, clashes
from .draw import draw
from .exempt import DOMAIN_SID, exempt
from .faults import (
    ACQUIRED_DOMAIN,
    DOMAIN_OF_48,
    DOMAIN_OF_49,
    VERIFIED_ONLY_DOMAIN,
    Fault,
    faults,
)
from .lookalikes import lookalikes
from .people import COMPANIES, Member
from .truth import Defect, Expected, Forest, Holder, Skipped

OBJECTS = 2000
DEFECTS = 700

_GROUPS = 200
_CONTACTS = 150

_FIRST_RELATIVE_IDENTIFIER = 2000

_Item = TypeVar("_Item")


def forest(base_dn: str, holder: str = Holder.SAMBA) -> Forest:
    """Make the forest below `base_dn`, an organizational unit that is part of it.

    What only one of the servers can hold is left out for the other; there is more of the rest.
    """
    server = Holder(holder)
    excused = [each for each in exempt(base_dn) if each.only in (None, server)]
    suspicious = list(lookalikes(base_dn))
    tidy = list(_tidy(base_dn, OBJECTS - len(excused) - len(suspicious)))
    defects = [
        _defect([member], fault.put_into(member))
        for member, fault in suspicious
        if fault is not None
    ]
    defects += _seeded(tidy, server, DEFECTS - len(defects))
    members = [
        *tidy,
        *(member for member, _fault in suspicious),
        *(each.member for each in excused),
    ]
    return Forest(
        base_dn=base_dn,
        units=tuple(_unit(dn, server) for dn in people.units(base_dn)),
        objects=tuple(
            _entry(member, server, number) for number, member in enumerate(_spread(members))
        ),
        defects=tuple(defects),
        skipped=tuple(Skipped(each.member.dn, each.member.guid, each.reason) for each in excused),
        upn_suffixes=(
            *(company.domain for company in COMPANIES),
            ACQUIRED_DOMAIN,
            DOMAIN_OF_48,
            DOMAIN_OF_49,
        ),
        verified_domains=(
            *(company.domain for company in COMPANIES),
            VERIFIED_ONLY_DOMAIN,
            DOMAIN_OF_48,
            DOMAIN_OF_49,
        ),
    )


def _tidy(base_dn: str, count: int) -> Iterator[Member]:
    for number in range(count - _GROUPS - _CONTACTS):
        yield people.user(base_dn, number)
    for number in range(_GROUPS):
        yield people.group(base_dn, number)
    for number in range(_CONTACTS):
        yield people.contact(base_dn, number)


def _seeded(tidy: Sequence[Member], server: Holder, count: int) -> Iterator[Defect]:
    """Put each clash and each fault into objects of its kind once, and then faults again."""
    carriers = {
        kind: iter(_spread([member for member in tidy if _carries(member, kind)]))
        for kind in ("user", "group", "contact")
    }
    between: list[Clash] = [clash for clash in clashes() if clash.only in (None, server)]
    for clash in between:
        members = [draw(carriers[part.kind]) for part in clash.parts]
        yield _defect(members, clash.put_into(members))
    own: list[Fault] = [fault for fault in faults() if fault.only in (None, server)]
    if len(between) + len(own) > count:
        raise ValueError(f"{len(between) + len(own)} defects do not fit into {count}")
    again = itertools.cycle(fault for fault in own if not fault.once)
    for fault in itertools.islice(itertools.chain(own, again), count - len(between)):
        member = draw(carriers[fault.on])
        yield _defect([member], fault.put_into(member))


def _carries(member: Member, kind: str) -> bool:
    """Groups without mail stay as they are."""
    return member.kind == kind and "mail" in member.attributes


def _defect(members: Sequence[Member], findings: Sequence[Expected]) -> Defect:
    first, *others = findings
    (dn,) = (member.dn for member in members if member.guid == first.guid)
    return Defect(dn, first, tuple(others))


def _spread(items: Sequence[_Item]) -> Iterator[_Item]:
    """All of them in an order in which neighbours were far apart."""
    step = next(step for step in itertools.count(len(items) * 3 // 8) if _is_coprime(step, items))
    return (items[number * step % len(items)] for number in range(len(items)))


def _is_coprime(step: int, items: Sequence[object]) -> bool:
    return step > 0 and math.gcd(step, len(items)) == 1


def _unit(dn: str, server: Holder) -> Entry:
    classes: list[Value] = ["top", "organizationalUnit"]
    attributes: dict[str, list[Value]] = {"objectClass": classes}
    if server is Holder.OPENLDAP:
        attributes["ou"] = [dn.partition(",")[0].partition("=")[2]]
    return Entry(dn, attributes)


def _entry(member: Member, server: Holder, number: int) -> Entry:
    attributes: dict[str, Sequence[Value]]
    attributes = {**member.attributes, "objectGUID": [member.guid_bytes]}
    if server is Holder.OPENLDAP:
        # What Active Directory adds by itself
        identifier = (_FIRST_RELATIVE_IDENTIFIER + number).to_bytes(4, "little")
        attributes = {
            "objectSid": [DOMAIN_SID + identifier],
            "objectCategory": ["group" if member.kind == "group" else "person"],
            "cn": [member.common_name],
            **attributes,
        }
        if member.kind == "contact":
            del attributes["objectSid"]
    return Entry(member.dn, attributes)
