# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which objects directory sync leaves out, and why: no rule is judged on them.

The rules are those of Entra Connect's default configuration (Microsoft, "Microsoft Entra Connect
Sync: Understanding the default configuration", out-of-box rules), not name prefixes like
"Admini": somebody may be called so. Pure. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._ldap.wire.entries import Attributes

# Arbitration, discovery, monitoring, audit and such mailboxes of msExchRecipientTypeDetails, which
# LDAP writes in decimal.
SYSTEM_MAILBOXES = 0x21C07000
ROLE_GROUPS = 0x40000000
# Accounts and groups below this relative identifier come with the domain ([MS-DTYP] 2.4.2.4).
FIRST_RID_OF_OUR_OWN = 1000
_SECURITY_GROUP = 0x80000000
_LENGTH_OF_DOMAIN_SID = 28

ATTRIBUTES = (
    "isCriticalSystemObject",
    "objectSid",
    "groupType",
    "msExchRecipientTypeDetails",
)

# Active Directory escapes the line feed in the name, OpenLDAP does not.
_CONFLICTS = (b"\\0ACNF:", b"\nCNF:")
# What all of these names have in them, for a quick look.
CONFLICT = b"CNF:"
_SYNC_ACCOUNTS = (b"aad_", b"msol_")
_EXCHANGE_ACCOUNTS = (b"cas_",)
_EXCHANGE_NICKNAMES = (b"systemmailbox{",)


def reason_to_skip(dn: bytes, kind: str, attributes: Attributes) -> str | None:
    """Why an object of a kind (user, group, contact) is not synced; null if it is.

    One of a few fixed texts, since they are counted.
    """
    if CONFLICT in dn and any(mark in dn.upper() for mark in _CONFLICTS):
        return "replication conflict (CNF)"
    if attributes.get(b"isCriticalSystemObject", _NONE)[0].upper() == b"TRUE":
        return "critical system object"
    sid = attributes.get(b"objectSid", _NONE)[0]
    if len(sid) == _LENGTH_OF_DOMAIN_SID and _rid(sid) < FIRST_RID_OF_OUR_OWN:
        return "well-known account (RID below 1000)"
    recipient_type = _number(attributes.get(b"msExchRecipientTypeDetails", _NONE)[0])
    return _BY_KIND[kind](attributes, recipient_type)


def is_ordinary_recipient(values: Sequence[bytes]) -> bool:
    """Whether msExchRecipientTypeDetails is no reason to skip anything."""
    return len(values) == 1 and not _number(values[0]) & (SYSTEM_MAILBOXES | ROLE_GROUPS)


def _skip_user(attributes: Attributes, recipient_type: int) -> str | None:
    if recipient_type & SYSTEM_MAILBOXES:
        return "system mailbox (msExchRecipientTypeDetails)"
    account = attributes.get(b"sAMAccountName", _NONE)[0].lower()
    if not account:
        return "user without sAMAccountName"
    if account.startswith(_SYNC_ACCOUNTS):
        return "account of directory sync (AAD_, MSOL_)"
    if account == b"support_388945a0":
        return "well-known account (SUPPORT_388945a0)"
    nickname = attributes.get(b"mailNickname", _NONE)[0].lower()
    if nickname.startswith(_EXCHANGE_NICKNAMES):
        return "system mailbox (mailNickname)"
    if any(name.startswith(_EXCHANGE_ACCOUNTS) and b"}" in name for name in (account, nickname)):
        return "client access account (CAS_)"
    return None


def _skip_group(attributes: Attributes, recipient_type: int) -> str | None:
    if recipient_type & ROLE_GROUPS:
        return "role group (msExchRecipientTypeDetails)"
    is_security_group = _number(attributes.get(b"groupType", _NONE)[0]) & _SECURITY_GROUP
    has_mail = b"mail" in attributes or b"proxyAddresses" in attributes
    if b"groupType" in attributes and not is_security_group and not has_mail:
        return "distribution group without mail"
    return None


def _skip_contact(attributes: Attributes, _recipient_type: int) -> str | None:
    if b"mail" not in attributes or b"proxyAddresses" not in attributes:
        return "contact without mail or proxyAddresses"
    addresses = [*attributes[b"mail"], *attributes[b"proxyAddresses"]]
    return None if any(b"@" in address for address in addresses) else "contact without address"


_NONE: Sequence[bytes] = (b"",)
_BY_KIND = {"user": _skip_user, "group": _skip_group, "contact": _skip_contact}


def _rid(sid: bytes) -> int:
    return int.from_bytes(sid[-4:], "little")


def _number(text: bytes) -> int:
    """A number as LDAP writes it; what is none counts as zero, like an absent one."""
    try:
        return int(text)
    except ValueError:
        return 0
