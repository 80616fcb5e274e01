# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which zone a name is in and which server is its primary, asked of resolvers.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .._errors import ConnectionFailed, InvalidInput, NotUnderstood, TenantopsError
from .._libraries import library
from .answers import check_query_answer
from .nameserver import Endpoint, Nameserver, is_address, parse_endpoint

with library("dnspython"):
    import dns.message
    import dns.name
    import dns.rdataclass
    import dns.rdatatype
    import dns.resolver
    import dns.rrset


@dataclass(frozen=True)
class ZoneFound:
    """A zone, and the host name of its primary (the SOA's MNAME, RFC 1035 section 3.3.13)."""

    zone: dns.name.Name
    primary: dns.name.Name


class Resolvers:
    """The resolvers that are asked, one after the other until one answers."""

    def __init__(self, servers: Sequence[Nameserver]) -> None:
        self._servers = servers

    @classmethod
    def from_options(
        cls, written: Sequence[str] | None, transport: str, timeout: float
    ) -> Resolvers:
        """Those given, or else the system's. Raises `InvalidInput` or `ConnectionFailed`."""
        servers = [parse_endpoint(text) for text in written] if written else _system_resolvers()
        return cls(
            [
                Nameserver(host, _endpoints(system_addresses(host), port), transport, timeout)
                for host, port in servers
            ]
        )

    def zone_of(self, owner: dns.name.Name) -> ZoneFound:
        """The zone that `owner` is in, by the SOA record nearest above it.

        Raises `NotUnderstood` where there is none below the root, or what the resolvers answered.
        """
        name = owner
        while name != dns.name.root:
            found = soa_above(self._ask(name, dns.rdatatype.SOA), name)
            if found is not None and found.zone != dns.name.root:
                return found
            name = name.parent()
        raise NotUnderstood(
            "No zone was found for the name",
            server=self._told(),
            subject=str(owner),
            answer="no SOA record at it or above it",
            advice="Check name; if the zone is not visible to these resolvers, give zone and "
            "dns_server, or other dns_resolvers.",
        )

    def zone(self, zone: dns.name.Name) -> ZoneFound:
        """A zone that is known by name. Raises `NotUnderstood` if it has no SOA record."""
        found = soa_above(self._ask(zone, dns.rdatatype.SOA), zone)
        if found is None or found.zone != zone:
            raise NotUnderstood(
                "The zone was not found",
                server=self._told(),
                subject=str(zone),
                answer="no SOA record at this name",
                advice="Check zone, or leave it out so that it is found; if it is not visible to "
                "these resolvers, give dns_server.",
            )
        return found

    def nameservers(self, zone: dns.name.Name) -> list[dns.name.Name]:
        """The hosts of a zone's NS records. Raises `NotUnderstood` if it has none."""
        found: list[dns.name.Name] = []
        for rrset in self._ask(zone, dns.rdatatype.NS).answer:
            records: Any = rrset
            if rrset.rdtype == dns.rdatatype.NS and rrset.name == zone:
                found.extend(record.target.canonicalize() for record in records)
        if not found:
            raise NotUnderstood(
                "The zone has no name servers",
                server=self._told(),
                subject=f"{zone} NS",
                answer="no NS record",
                advice="Check zone, or give dns_server.",
            )
        return sorted(found)

    def addresses(self, host: dns.name.Name) -> list[str]:
        """The addresses of a host, IPv4 first. Raises `NotUnderstood` if it has none."""
        found: list[str] = []
        for rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA):
            for rrset in self._ask(host, rdtype).answer:
                records: Any = rrset
                if rrset.rdtype == rdtype:
                    found.extend(record.address for record in records)
        if not found:
            raise NotUnderstood(
                "The name server has no address",
                server=self._told(),
                subject=str(host),
                answer="no A and no AAAA record",
                advice="Give dns_server.",
            )
        return found

    def ask(self, name: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> dns.message.Message:
        """The answer of the first resolver that has one, NXDOMAIN included.

        Raises what the last one answered, if none has.
        """
        failure: TenantopsError = ConnectionFailed("No resolver was asked")
        subject = f"{name} {dns.rdatatype.to_text(rdtype)}"
        for server in self._servers:
            query = dns.message.make_query(name, rdtype)
            try:
                answer = server.exchange(query, subject)
                check_query_answer(answer, str(server), subject)
            except TenantopsError as error:
                failure = error
                continue
            return answer
        raise failure

    def _ask(self, name: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> dns.message.Message:
        try:
            return self.ask(name, rdtype)
        except TenantopsError as failure:
            raise type(failure)(
                f"The resolver cannot tell where the zone is: {failure.problem}",
                server=failure.server,
                subject=failure.subject,
                answer=failure.answer,
                advice="Check dns_resolvers, or give zone and dns_server.",
            ) from failure

    def _told(self) -> str:
        return ", ".join(map(str, self._servers))


def soa_above(answer: dns.message.Message, name: dns.name.Name) -> ZoneFound | None:
    """The SOA record in an answer for `name`, if it is at that name or above it."""
    if any(rrset.rdtype == dns.rdatatype.CNAME for rrset in answer.answer):
        # The SOA record, if any, is that of the alias's target.
        return None
    for rrset in (*answer.answer, *answer.authority):
        if rrset.rdtype == dns.rdatatype.SOA and name.is_subdomain(rrset.name):
            record: Any = rrset[0]
            return ZoneFound(rrset.name.canonicalize(), record.mname.canonicalize())
    return None


def system_addresses(host: str) -> list[str]:
    """The addresses of a host as this system finds them. Raises `ConnectionFailed`."""
    if is_address(host):
        return [host]
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ConnectionFailed(
            "The name server's address was not found",
            server=host,
            answer=str(getattr(error, "strerror", None) or error),
            advice="Check the name, or give an address.",
        ) from error
    # A host can be listed once for each protocol.
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _endpoints(addresses: Sequence[str], port: int) -> list[Endpoint]:
    return [Endpoint(address, port) for address in addresses]


def _system_resolvers() -> list[tuple[str, int]]:
    try:
        system = dns.resolver.Resolver()
    except dns.resolver.NoResolverConfiguration as error:
        raise InvalidInput(
            "This system has no resolver",
            answer=str(error),
            advice="Give dns_resolvers, or zone and dns_server.",
        ) from error
    return [(str(server), system.port) for server in system.nameservers]
