# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The attributes that Exchange adds to Active Directory's schema, as far as migrations read them.

Names, syntaxes and lengths are those of Microsoft's schema reference for Exchange. Nothing here
depends on the object identifiers; those of the three last ones are from the arc for
documentation (RFC 5612).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass

from .ldif import Entry, Modification


@dataclass(frozen=True)
class _Syntax:
    attribute_syntax: str
    om_syntax: int
    om_object_class: bytes | None = None


_TEXT = _Syntax("2.5.5.12", 64)
_BOOLEAN = _Syntax("2.5.5.8", 1)
_LARGE_INTEGER = _Syntax("2.5.5.16", 65)
_DN = _Syntax("2.5.5.1", 127, base64.b64decode("KwwCh3McAIVK"))


@dataclass(frozen=True)
class _Attribute:
    name: str
    cn: str
    oid: str
    syntax: _Syntax
    longest: int | None = None


_ATTRIBUTES = (
    _Attribute("mailNickname", "ms-Exch-Mail-Nickname", "1.2.840.113556.1.2.447", _TEXT, 64),
    _Attribute("targetAddress", "ms-Exch-Target-Address", "1.2.840.113556.1.2.352", _TEXT, 1123),
    _Attribute("homeMDB", "ms-Exch-Home-MDB", "1.2.840.113556.1.2.244", _DN),
    *(
        _Attribute(
            f"extensionAttribute{number}",
            f"ms-Exch-Extension-Attribute-{number}",
            f"1.2.840.113556.1.2.{422 + number if number <= 10 else 588 + number}",
            _TEXT,
            1024 if number <= 10 else 2048,
        )
        for number in range(1, 16)
    ),
    _Attribute(
        "msExchHideFromAddressLists",
        "ms-Exch-Hide-From-Address-Lists",
        "1.3.6.1.4.1.32473.1.1",
        _BOOLEAN,
    ),
    _Attribute(
        "msExchRecipientTypeDetails",
        "ms-Exch-Recipient-Type-Details",
        "1.3.6.1.4.1.32473.1.2",
        _LARGE_INTEGER,
    ),
    _Attribute(
        "msExchRemoteRecipientType",
        "ms-Exch-Remote-Recipient-Type",
        "1.3.6.1.4.1.32473.1.3",
        _LARGE_INTEGER,
    ),
)


def attributes(configuration_dn: str) -> Iterator[Entry]:
    """Yield the new attributes."""
    for attribute in _ATTRIBUTES:
        values: dict[str, list[str | bytes]] = {
            "objectClass": ["top", "attributeSchema"],
            "lDAPDisplayName": [attribute.name],
            "attributeID": [attribute.oid],
            "attributeSyntax": [attribute.syntax.attribute_syntax],
            "oMSyntax": [str(attribute.syntax.om_syntax)],
            "isSingleValued": ["TRUE"],
        }
        if attribute.syntax.om_object_class is not None:
            values["oMObjectClass"] = [attribute.syntax.om_object_class]
        if attribute.longest is not None:
            values["rangeLower"] = ["1"]
            values["rangeUpper"] = [str(attribute.longest)]
        yield Entry(f"CN={attribute.cn},CN=Schema,{configuration_dn}", values)


def mail_recipient(configuration_dn: str) -> Modification:
    """Return the change that gives the attributes to users, groups and contacts.

    All three have the auxiliary class mailRecipient.
    """
    return Modification(
        f"CN=Mail-Recipient,CN=Schema,{configuration_dn}",
        add={"mayContain": [attribute.name for attribute in _ATTRIBUTES]},
    )
