# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Somebody in the directory, as the sync has read it."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# What of a user in the cloud is filled from which attribute of the directory, by the names that
# both have: without those that have rules of their own.
PLAIN_ATTRIBUTES: Mapping[str, str] = {
    "businessPhones": "telephoneNumber",
    "city": "l",
    "companyName": "company",
    "country": "co",
    "department": "department",
    "employeeId": "employeeID",
    "faxNumber": "facsimileTelephoneNumber",
    "givenName": "givenName",
    "jobTitle": "title",
    "mobilePhone": "mobile",
    "officeLocation": "physicalDeliveryOfficeName",
    "postalCode": "postalCode",
    "state": "st",
    "streetAddress": "streetAddress",
    "surname": "sn",
}

_DISABLED = 0x2
# What of somebody is read.
ATTRIBUTES = (
    "objectGUID",
    "mS-DS-ConsistencyGuid",
    "objectSid",
    "uSNCreated",
    "cn",
    "userAccountControl",
    "sAMAccountName",
    "userPrincipalName",
    "displayName",
    "mail",
    "mailNickname",
    "proxyAddresses",
    "targetAddress",
    "preferredLanguage",
    *PLAIN_ATTRIBUTES.values(),
)


@dataclass(frozen=True)
class DirectoryPerson:
    """A user of the directory.

    ``immutable_id`` is the source anchor as Base64: of mS-DS-ConsistencyGuid, or of objectGUID if
    there is none. ``number`` tells who came first (uSNCreated). ``plain`` has the other attributes
    by the names of Graph.
    """

    dn: str
    immutable_id: str
    number: int
    common_name: str
    is_enabled: bool
    security_identifier: str | None
    account_name: str | None
    user_principal_name: str | None
    display_name: str | None = None
    mail: str | None = None
    mail_nickname: str | None = None
    proxy_addresses: tuple[str, ...] = ()
    target_address: str | None = None
    preferred_language: str | None = None
    plain: Mapping[str, str] = field(default_factory=dict)

    @property
    def primary_address(self) -> str | None:
        """The primary SMTP address, else the mail attribute."""
        for entry in self.proxy_addresses:
            if entry.startswith("SMTP:"):
                return entry.removeprefix("SMTP:")
        return self.mail

    @property
    def smtp_addresses(self) -> list[str]:
        """Every address at which mail arrives, in lower case, each once."""
        entries = [entry for entry in self.proxy_addresses if is_smtp(entry)]
        mail = [self.mail] if self.mail else []
        found = [*(entry.partition(":")[2] for entry in entries), *mail]
        return list(dict.fromkeys(address.casefold() for address in found))


def is_smtp(proxy_address: str) -> bool:
    """Say whether an entry of proxyAddresses is a mail address, primary or not."""
    return proxy_address.casefold().startswith("smtp:")


def person_of(dn: str, attributes: Mapping[str, Sequence[bytes]]) -> DirectoryPerson:
    """Return who is told by the attributes of an object."""
    folded = {name.casefold(): values for name, values in attributes.items()}

    def text(name: str) -> str | None:
        values = folded.get(name.casefold()) or ()
        return values[0].decode("utf-8", "replace") if values else None

    anchor = (folded.get("ms-ds-consistencyguid") or folded["objectguid"])[0]
    identifiers = folded.get("objectsid") or ()
    plain = {name: text(attribute) for name, attribute in PLAIN_ATTRIBUTES.items()}
    return DirectoryPerson(
        dn=dn,
        immutable_id=base64.b64encode(anchor).decode("ascii"),
        number=int(text("uSNCreated") or 0),
        common_name=text("cn") or "",
        is_enabled=not int(text("userAccountControl") or 0) & _DISABLED,
        security_identifier=_security_identifier(identifiers[0]) if identifiers else None,
        account_name=text("sAMAccountName"),
        user_principal_name=text("userPrincipalName"),
        display_name=text("displayName"),
        mail=text("mail"),
        mail_nickname=text("mailNickname"),
        proxy_addresses=tuple(
            value.decode("utf-8", "replace") for value in folded.get("proxyaddresses") or ()
        ),
        target_address=text("targetAddress"),
        preferred_language=text("preferredLanguage"),
        plain={name: value for name, value in plain.items() if value is not None},
    )


def _security_identifier(value: bytes) -> str:
    """Return a security identifier as it is written: its revision, authority and parts."""
    authority = int.from_bytes(value[2:8], "big")
    parts = [int.from_bytes(value[at : at + 4], "little") for at in range(8, len(value), 4)]
    return "-".join(map(str, ["S", value[0], authority, *parts]))
