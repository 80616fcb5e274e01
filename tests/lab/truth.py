# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the servers hold, read by other ways than the collection's own."""

from __future__ import annotations

import json
import ssl
import urllib.request
from dataclasses import dataclass
from typing import Any

import dns.message
import dns.query
import dns.rdatatype
import ldap3

from lab.description import Description

from .directory_administrator import SuffixList, administrator_connection

_TIMEOUT = 10

# What a domain controller notes about changes and logins
_KEPT_BY_THE_SERVER = frozenset(
    {
        "badPasswordTime",
        "badPwdCount",
        "lastLogon",
        "lastLogonTimestamp",
        "logonCount",
        "uSNChanged",
        "whenChanged",
    }
)


People = dict[str, dict[str, list[bytes]]]


def people(connection: ldap3.Connection, base: str) -> People:
    """Every attribute of the users, groups and contacts of a directory, byte for byte, by DN."""
    entries = connection.extend.standard.paged_search(
        base,
        "(|(objectClass=user)(objectClass=group)(objectClass=contact))",
        attributes=["*"],
        paged_size=500,
    )
    return {
        entry["dn"]: {
            name: sorted(values)
            for name, values in entry["raw_attributes"].items()
            if name not in _KEPT_BY_THE_SERVER
        }
        for entry in entries
        if entry["type"] == "searchResEntry"
    }


@dataclass(frozen=True)
class Truth:
    """A view of a lab from behind its servers, for tests to compare with."""

    lab: Description

    def everything(self) -> dict[str, Any]:
        """All that the playbooks may change, tenant by tenant, to be compared as a whole."""
        return {
            "suffixes": self.suffixes(),
            "txt": {name: self.txt(tenant["domain"]) for name, tenant in self.lab.tenants.items()},
            "email_otp": {name: self.email_otp(name) for name in self.lab.tenants},
        }

    def suffixes(self) -> list[str]:
        """The forest's alternate UPN suffixes, as spelled there, sorted."""
        with administrator_connection(self.lab) as connection:
            return SuffixList(self.lab, connection).read()

    def people(self) -> People:
        """Every user, group and contact."""
        with administrator_connection(self.lab) as connection:
            return people(connection, self.lab.directory["base_dn"])

    def txt(self, name: str) -> dict[str, Any] | None:
        """The TTL and the records of a name's TXT set on the primary, or null."""
        primary = self.lab.nameservers["primary"]
        query = dns.message.make_query(name, dns.rdatatype.TXT)
        answer = dns.query.tcp(query, primary["address"], port=primary["port"], timeout=_TIMEOUT)
        for rrset in answer.answer:
            if rrset.rdtype == dns.rdatatype.TXT:
                return {"ttl": rrset.ttl, "records": sorted(record.to_text() for record in rrset)}
        return None

    def email_otp(self, tenant: str) -> str:
        """The tenant's setting for guests."""
        found = self.cloud("GET", "/state")["tenants"][tenant]
        return str(found["email_method"]["allow_external_id_to_use_email_otp"])

    def troubled_writes(self) -> list[str]:
        """Where writes were to go that met a fault, by themselves or with their whole batch."""
        writes: list[str] = []
        for entry in self.cloud("GET", "/requests")["requests"]:
            if not entry["faults"]:
                continue
            if entry["path"].endswith("/$batch"):
                members = entry["body"]["requests"]
                writes += [each["url"] for each in members if each["method"] != "GET"]
            elif entry["method"] != "GET":
                writes.append(entry["path"])
        return writes

    def cloud(self, method: str, path: str, body: Any = None, timeout: float = _TIMEOUT) -> Any:
        """Speak to the simulated cloud's control door."""
        cloud = self.lab.cloud
        request = urllib.request.Request(  # noqa: S310 - the lab's own https address
            f"{cloud['control_url']}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                cloud["control_header"]: cloud["control_key"],
                "Content-Type": "application/json",
            },
        )
        context = ssl.create_default_context(cafile=self.lab.ca_file)
        with urllib.request.urlopen(request, context=context, timeout=timeout) as answer:  # noqa: S310
            text = answer.read()
        return json.loads(text) if text else None
