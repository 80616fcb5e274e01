# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects that look suspicious. Nothing is wrong with them, or only what is seeded there."""

from __future__ import annotations

from collections.abc import Iterator

from .draw import draw
from .faults import (
    AUTOMATIC,
    DOMAIN_OF_48,
    NOT_IN_PROXY,
    Fault,
    Spoiled,
    domain_of,
    spoil,
)
from .people import Member, contact, group, user

# Numbers that no other object of the forest has
_FIRST = 60_001

_SMTP = "SMTP:«address»"

# What is allowed, and has been taken for a mistake by somebody
_ALLOWED: tuple[Spoiled, ...] = (
    # Names
    {"givenName": "Siobhán", "sn": "O'Brien", "displayName": "Siobhán O'Brien"},
    {"givenName": "Hans-Jörg", "sn": "Müller-Groß", "displayName": "Müller-Groß, H.-J."},
    {"displayName": "<script>alert(1)</script>"},
    {"displayName": "=HYPERLINK(\"http://example.com\")"},
    {"displayName": "@here +1 -1 {{ name }} \\ \"quoted\" ☕"},
    {"displayName": "علی‌رضا محمدی", "givenName": "علی‌رضا"},
    {"displayName": "葛󠄀城", "sn": "葛󠄀城"},
    {"displayName": "x" * 256},
    {"displayName": "𠮷" * 128},
    {"givenName": "x" * 64},
    {"displayName": None, "givenName": None, "sn": None},
    # Accounts
    {"sAMAccountName": "«account».with.a.long.name"},
    {"sAMAccountName": "o'«account»"},
    {"userAccountControl": "546", "proxyAddresses": None, "mail": None},
    {"mailNickname": None},
    # Nicknames
    {"mailNickname": "«account_head».«account_tail»"},
    {"mailNickname": "«account»-_'!#^~"},
    {"mailNickname": "n«account»".ljust(50, "x")},
    # Addresses
    {"proxyAddresses": (_SMTP, "smtp:«account»+newsletter@«domain»")},
    {"proxyAddresses": (_SMTP, "smtp:o'«account»@«domain»")},
    {"proxyAddresses": (_SMTP, "smtp:«account»@xn--bcher-kva.example.com")},
    {"proxyAddresses": (_SMTP, "smtp:«account»{x}|$%&*=?^`~!#/@«domain»")},
    {"proxyAddresses": (_SMTP, "smtp:«local_64»@«domain»")},
    {"proxyAddresses": (_SMTP, f"smtp:«local_64»@{domain_of(186)}")},
    {"proxyAddresses": (_SMTP, "SIP:«address»", "sip:«address»;gruu;opaque=app:conf:focus:id:1")},
    {"proxyAddresses": (_SMTP, "X400:C=SE;A= ;P=Forest;O=Exchange;S=«account»;G=x;")},
    {"proxyAddresses": (_SMTP, "x500:/O=FOREST/OU=First (Group)/CN=<«account»>; 'x', y")},
    {"proxyAddresses": (_SMTP, "EUM:«account»;phone-context=Forest.example.com")},
    {"proxyAddresses": (_SMTP, "NOTES:«account»/Forest@FOREST")},
    {"proxyAddresses": ("SMTP:«capitals»", "smtp:«account»@«domain»")},
    {"mail": "«capitals»"},
    {"userPrincipalName": "«capitals»"},
    {"targetAddress": "smtp:«local»@remote.example.com"},
    {"targetAddress": f"SMTP:«local_64»@{domain_of(186)}"},
    {"targetAddress": "X400:C=SE;A= ;P=Elsewhere;S=«account»;"},
    {"targetAddress": "SMTP:«address»"},
    {
        "userPrincipalName": f"«local_64»@{DOMAIN_OF_48}",
        "mail": f"«local_64»@{DOMAIN_OF_48}",
        "proxyAddresses": (f"SMTP:«local_64»@{DOMAIN_OF_48}", _SMTP.lower()),
    },
    {"proxyAddresses": (_SMTP, *(f"smtp:«account».{n}@«domain»" for n in range(299)))},
    # Mailboxes of people, in the number that says which mailboxes are not synced
    {"msExchRecipientTypeDetails": "1"},
    {"msExchRecipientTypeDetails": "2147483648"},
    {"msExchRecipientTypeDetails": "1000"},
    {"msExchHideFromAddressLists": "TRUE"},
    {"isCriticalSystemObject": "FALSE"},
)  # fmt: skip

# Whose name begins like those of accounts that are left out
_ALMOST_EXEMPT = (
    "Administration Clerk", "CAS_Cade", "Discovery Search", "Federated E-Mail Team", "Guestroom",
    "HTTPConnector Team", "krbtgt Fan", "iusr_ Club", "Msolovyov", "support_desk",
    "SystemMailbox Team", "HealthMailbox Team", "Exchange Online-Application Team", "Cnf: Team",
)  # fmt: skip


def lookalikes(base_dn: str) -> Iterator[tuple[Member, Fault | None]]:
    """Yield the objects, and the faults that are still to be put into them."""
    numbers = iter(range(_FIRST, _FIRST + 1000))
    for allowed in _ALLOWED:
        member = user(base_dn, draw(numbers))
        spoil(member, allowed, member.words)
        yield member, None
    for name in _ALMOST_EXEMPT:
        member = user(base_dn, draw(numbers))
        member.common_name = name
        member.attributes["displayName"] = [name]
        yield member, Fault("mailNickname.leading_dot", {"mailNickname": ".«account»"})
    for account in ("support_desk", "aadvark", "msolovyov", "cas_cade", "guest1", "krbtgt2"):
        member = user(base_dn, draw(numbers))
        member.attributes["sAMAccountName"] = [account]
        also = {NOT_IN_PROXY: AUTOMATIC}
        yield member, Fault("mail.space", {"mail": "«local» @«domain»"}, also=also)
    number = draw(numbers)
    # A security group without mail is synced.
    secure = group(base_dn, number - number % 3)
    yield secure, Fault("displayName.edge_whitespace", {"displayName": " «name»"}, on="group")
    partner = contact(base_dn, draw(numbers))
    partner.attributes["displayName"] = ["Kanzlei Groß & Söhne, Köln (extern)"]
    yield partner, None
