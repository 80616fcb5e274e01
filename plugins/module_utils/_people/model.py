# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The people of an Active Directory, as far as they are compared with those of a tenant. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass

from .._attribute_rules.addresses import address_key
from .._sign_in_names.wanted import Person, primary_addresses, smtp_addresses


@dataclass(frozen=True, slots=True)
class DirectoryPerson:
    """A user object of the directory; null is what has no value.

    `guid` is its objectGUID as lower-case text, `consistency_guid` the bytes of
    mS-DS-ConsistencyGuid. `enabled` is null where the account may not see it. `fields` are those of
    the address list (`ADDRESS_LIST_FIELDS`) that have a value; who is `hidden` is not in the list.
    """

    guid: str
    dn: str
    user_principal_name: str | None = None
    mail: str | None = None
    proxy_addresses: tuple[str, ...] = ()
    sam_account_name: str | None = None
    display_name: str | None = None
    mail_nickname: str | None = None
    consistency_guid: bytes | None = None
    enabled: bool | None = None
    hidden: bool = False
    fields: frozenset[str] = frozenset()

    @property
    def immutable_id(self) -> str:
        """The onPremisesImmutableId that sync gives this person (Microsoft, "Microsoft Entra
        Connect: Design concepts", sourceAnchor): mS-DS-ConsistencyGuid, or else the objectGUID."""
        anchor = self.consistency_guid or uuid.UUID(self.guid).bytes_le
        return base64.b64encode(anchor).decode("ascii")

    @property
    def primary_address(self) -> str | None:
        """The primary e-mail address: the one that proxyAddresses marks, or else `mail`."""
        primaries = primary_addresses(self)
        return primaries[0] if primaries else self.mail


def same_address(one: str | None, other: str | None) -> bool:
    """Whether the directory and the cloud take both for the same address or name.

    Two that are not there are the same.
    """
    if one is None or other is None:
        return one is other
    return address_key(one) == address_key(other)


def claimed_addresses(person: Person) -> frozenset[str]:
    """The addresses and names that nobody else may have, as `address_key` makes them."""
    texts = (person.user_principal_name, person.mail, *smtp_addresses(person))
    return frozenset(address_key(text) for text in texts if text)
