# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Domains and people as they are assessed: what was asked about, what was found, what fits.

Plain data. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .._changes.model import JsonValue
from .._errors import TenantopsError
from .._realms.model import Realm


class Option(StrEnum):
    """What fits, in the order in which a list of them is worth reading.

    Source: Microsoft, "Migration to Work or School Accounts for VLSC Access". Its option 1 is to
    take over the domain, its option 2 a new account; whoever has a work account already signs in
    with that; a domain that nobody has can be added to a tenant without a takeover.
    """

    TAKE_OVER = "take_over"
    NEW_ACCOUNT = "new_account"
    ADD_DOMAIN = "add_domain"
    WORK_ACCOUNT = "work_account"


@dataclass(frozen=True)
class Entry:
    """One domain or address to assess. `line` is its line in the file, null if it is from none.

    `domain` is in the form of `domain_name`; `address` is null where only a domain is asked about.
    `name` and `role` are whose address it is, as the file tells, empty if it does not.
    """

    domain: str
    address: str | None = None
    name: str = ""
    role: str = ""
    line: int | None = None

    def to_json(self) -> dict[str, JsonValue]:
        """The entry's part of a row."""
        return {
            "line": self.line,
            "text": self.address or self.domain,
            "address": self.address,
            "domain": self.domain,
            "name": self.name,
            "role": self.role,
        }


@dataclass(frozen=True)
class BadEntry:
    """One that cannot be meant: its text as it was written, and what is wrong with it."""

    text: str
    error: TenantopsError
    line: int | None = None

    def to_json(self) -> dict[str, JsonValue]:
        """The entry's part of a row."""
        return {
            "line": self.line,
            "text": self.text,
            "address": None,
            "domain": None,
            "name": "",
            "role": "",
        }


@dataclass(frozen=True)
class DnsFacts:
    """What DNS says about a domain.

    `zone` is the zone that the domain is in, null if nobody has registered it. `name_servers` are
    those of the zone, `mail_servers` are the hosts of the domain's MX records, the best first, "."
    for a domain that takes no mail (RFC 7505). `dns_hosts` and `mail_hosts` are the registrable
    domains of both: who runs them.
    """

    zone: str | None
    name_servers: tuple[str, ...] = ()
    dns_hosts: tuple[str, ...] = ()
    mail_servers: tuple[str, ...] = ()
    mail_hosts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """What fits, and why, for people."""

    option: Option
    reason: str


@dataclass(frozen=True)
class Assessed:
    """An entry with what was found out about it.

    `realm`, `dns` and `is_personal` are null where it is not known, and `errors` then say why;
    `is_personal` is null for a domain as well. Without a realm there is no judgement.
    """

    entry: Entry | BadEntry
    realm: Realm | None = None
    is_personal: bool | None = None
    dns: DnsFacts | None = None
    judgement: Judgement | None = None
    errors: tuple[TenantopsError, ...] = ()

    def to_json(self) -> dict[str, JsonValue]:
        """The row as the module returns it."""
        dns = self.dns or DnsFacts(None)
        return {
            **self.entry.to_json(),
            "realm": None if self.realm is None else self.realm.kind.value,
            "tenant_id": None if self.realm is None else self.realm.tenant_id,
            "cloud": None if self.realm is None else self.realm.cloud,
            "brand": None if self.realm is None else self.realm.brand,
            "personal_account": self.is_personal,
            "zone": dns.zone,
            "name_servers": list(dns.name_servers),
            "dns_hosts": list(dns.dns_hosts),
            "mail_servers": list(dns.mail_servers),
            "mail_hosts": list(dns.mail_hosts),
            "option": None if self.judgement is None else self.judgement.option.value,
            "reason": "" if self.judgement is None else self.judgement.reason,
            "errors": [dict(error.as_result()) for error in self.errors],
        }
