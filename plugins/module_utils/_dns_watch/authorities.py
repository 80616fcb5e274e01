# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which servers a zone has, by its NS records, and where they are.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._dns.authority import AuthoritativeServer, told
from .._dns.credentials import Credentials, NoCredentials, SharedKey
from .._dns.nameserver import Endpoint
from .._dns.primary import check_options, given_nameserver, resolvers
from .._errors import NotUnderstood, TenantopsError
from .._libraries import library, require
from .asking import Authority

with library("dnspython"):
    import dns.name
    import dns.rdatatype


@dataclass(frozen=True)
class ZoneGuide:
    """Who knows the servers of a zone: the name server that is given, else the resolvers.

    The given one may be in a network of its own whose zones no resolver can see; what it does not
    serve itself, such as the addresses of servers in other zones, is asked of the resolvers.
    """

    parameters: Mapping[str, Any]
    primary: AuthoritativeServer | None

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> ZoneGuide:
        """By the options of the documentation fragment `dns`. Raises `InvalidInput`."""
        require("dnspython", "idna")
        check_options(parameters)
        nameserver = given_nameserver(parameters)
        if nameserver is None:
            return cls(parameters, None)
        return cls(parameters, AuthoritativeServer(nameserver, _credentials(parameters)))

    def zone_of(self, owner: dns.name.Name, zone: dns.name.Name | None) -> dns.name.Name:
        """The zone that `owner` is in. Raises if that is not `zone`, or not told."""
        if zone is not None:
            return zone
        if self.primary is not None:
            return self.primary.zone_of(owner)
        return resolvers(self.parameters).zone_of(owner).zone

    def authorities(self, zone: dns.name.Name) -> list[Authority]:
        """Every address of every authoritative server. Raises if its NS records are not told."""
        return [authority for host in self._hosts(zone) for authority in self._at(host, zone)]

    def _hosts(self, zone: dns.name.Name) -> list[dns.name.Name]:
        if self.primary is None:
            return resolvers(self.parameters).nameservers(zone)
        answer = self.primary.query(zone, dns.rdatatype.NS)
        hosts: list[dns.name.Name] = [
            record.target.canonicalize()
            for rrset in answer.answer
            if rrset.rdtype == dns.rdatatype.NS and rrset.name == zone
            for record in _records(rrset)
        ]
        if not hosts:
            raise NotUnderstood(
                "The zone has no name servers",
                server=str(self.primary),
                subject=told(zone, dns.rdatatype.NS),
                answer="no NS record",
                advice="Check zone and dns_server.",
            )
        return sorted(hosts)

    def _at(self, host: dns.name.Name, zone: dns.name.Name) -> Iterator[Authority]:
        name = host.to_text(omit_final_dot=True)
        transport, timeout = self.parameters["dns_transport"], self.parameters["dns_timeout"]
        try:
            addresses = self._addresses(host)
        except TenantopsError as error:
            # Others may be fine, and the operator is to see which one is not.
            problem = f"its address was not found ({error.answer or error.problem})"
            yield Authority(name, zone, transport, timeout, None, problem)
            return
        for address in addresses:
            endpoint = Endpoint(address, self.parameters["dns_port"])
            yield Authority(name, zone, transport, timeout, endpoint)

    def _addresses(self, host: dns.name.Name) -> list[str]:
        return self._addresses_by_primary(host) or resolvers(self.parameters).addresses(host)

    def _addresses_by_primary(self, host: dns.name.Name) -> list[str]:
        """The addresses as far as the given server is authoritative for them."""
        if self.primary is None:
            return []
        found: list[str] = []
        for rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA):
            try:
                answer = self.primary.query(host, rdtype)
            except TenantopsError:
                # It has nothing to say about this name; the resolvers may.
                return []
            for rrset in answer.answer:
                if rrset.rdtype == rdtype:
                    found.extend(record.address for record in _records(rrset))
        return found


def _records(rrset: Any) -> Iterator[Any]:
    return iter(rrset)


def _credentials(parameters: Mapping[str, Any]) -> Credentials:
    """A key where there is one, because a hidden primary may answer nobody else."""
    name, secret = parameters["dns_key_name"], parameters["dns_key_secret"]
    if parameters["dns_auth"] != "tsig" or not name or not secret:
        return NoCredentials()
    return SharedKey.from_options(name, secret, parameters["dns_key_algorithm"])
