# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects that directory sync leaves out. Each has faults that nobody must be told of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .draw import draw
from .people import Member, contact, group, user
from .truth import Holder

# Kinds of mailboxes in msExchRecipientTypeDetails: together 0x21C07000
_SYSTEM_MAILBOXES = (0x1000, 0x2000, 0x4000, 0x400000, 0x800000, 0x1000000, 0x20000000)
_ROLE_GROUP = 0x40000000
_GLOBAL_DISTRIBUTION_GROUP = "2"
_UNIVERSAL_SECURITY_GROUP = "-2147483640"
# S-1-5-21-1-2-3, before the relative identifier
DOMAIN_SID = bytes.fromhex("010500000000000515000000010000000200000003000000")

# Numbers that no other object of the forest has
_FIRST = 50_001


class Exempt(NamedTuple):
    """An object, why it is left out, and which server can hold it, if not both."""

    member: Member
    reason: str
    only: Holder | None = None


def exempt(base_dn: str) -> Iterator[Exempt]:
    """Yield the objects, each with faults."""
    for member, reason, only in _exempt(base_dn):
        member.attributes["displayName"] = [f"{member.words['name']}\x07"]
        if "mail" in member.attributes:
            member.attributes["mail"] = [f"{member.words['local']} @corp.local"]
        yield Exempt(member, reason, only)


def _exempt(base_dn: str) -> Iterator[Exempt]:
    numbers = iter(range(_FIRST, _FIRST + 1000))

    def somebody(**attributes: str) -> Member:
        made = user(base_dn, draw(numbers))
        made.attributes |= {name: [value] for name, value in attributes.items()}
        return made

    critical = {"isCriticalSystemObject": "TRUE"}
    yield Exempt(somebody(**critical), "critical system object")
    made = group(base_dn, draw(numbers))
    made.attributes["isCriticalSystemObject"] = ["TRUE"]
    yield Exempt(made, "critical system object")
    for mailbox in (*_SYSTEM_MAILBOXES, 0x21C07000, _SYSTEM_MAILBOXES[0] | 0x1):
        # LDAP writes the number in decimal.
        made = somebody(msExchRecipientTypeDetails=str(mailbox))
        yield Exempt(made, "system mailbox (msExchRecipientTypeDetails)")
    for account in ("AAD_0123456789ab", "MSOL_0123456789ab", "aad_lowercase"):
        yield Exempt(somebody(sAMAccountName=account), "account of directory sync (AAD_, MSOL_)")
    yield Exempt(
        somebody(sAMAccountName="SUPPORT_388945a0"), "well-known account (SUPPORT_388945a0)"
    )
    yield Exempt(
        somebody(mailNickname="SystemMailbox{1f05a927-d5e4-4ebb-a5da-0fa5fcd3a5b3}"),
        "system mailbox (mailNickname)",
    )
    yield Exempt(somebody(mailNickname="CAS_{0f5c4e0a5b8a4d0c}"), "client access account (CAS_)")
    # OpenLDAP writes the line feed as it is, which Active Directory never does.
    conflict = _renamed_in_conflict(somebody())
    yield Exempt(conflict, "replication conflict (CNF)", Holder.SAMBA)
    made = somebody()
    del made.attributes["sAMAccountName"]
    yield Exempt(made, "user without sAMAccountName", Holder.OPENLDAP)
    for relative_identifier in (500, 501, 502, 999):
        made = somebody()
        made.attributes["objectSid"] = [DOMAIN_SID + relative_identifier.to_bytes(4, "little")]
        yield Exempt(made, "well-known account (RID below 1000)", Holder.OPENLDAP)
    yield from _exempt_groups(base_dn, numbers)
    yield from _exempt_contacts(base_dn, numbers)


def _exempt_groups(base_dn: str, numbers: Iterator[int]) -> Iterator[Exempt]:
    for kind in (str(_ROLE_GROUP), str(_ROLE_GROUP | 1)):
        made = group(base_dn, draw(numbers))
        made.attributes |= {
            "groupType": [_UNIVERSAL_SECURITY_GROUP],
            "msExchRecipientTypeDetails": [kind],
        }
        yield Exempt(made, "role group (msExchRecipientTypeDetails)")
    for _count in range(3):
        made = group(base_dn, draw(numbers))
        for name in ("mail", "proxyAddresses", "mailNickname"):
            made.attributes.pop(name, None)
        made.attributes["groupType"] = [_GLOBAL_DISTRIBUTION_GROUP]
        yield Exempt(made, "distribution group without mail")


def _exempt_contacts(base_dn: str, numbers: Iterator[int]) -> Iterator[Exempt]:
    for missing in (("mail",), ("proxyAddresses",), ("mail", "proxyAddresses", "targetAddress")):
        made = contact(base_dn, draw(numbers))
        for name in missing:
            del made.attributes[name]
        yield Exempt(made, "contact without mail or proxyAddresses")
    made = contact(base_dn, draw(numbers))
    del made.attributes["mail"]
    made.attributes["proxyAddresses"] = ["X500:/o=Forest/cn=nowhere"]
    yield Exempt(made, "contact without mail or proxyAddresses")


def _renamed_in_conflict(member: Member) -> Member:
    """What replication calls an object that was made on two domain controllers."""
    member.common_name += f"\nCNF:{member.guid}"
    return member
