# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The primary of one zone: reads record sets from it and replaces them by dynamic update.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._errors import InvalidInput, NotUnderstood
from .._libraries import library, require
from .authority import AuthoritativeServer, told
from .credentials import credentials_from
from .discovery import Resolvers, soa_above, system_addresses
from .nameserver import Endpoint, Nameserver, is_address

with library("dnspython"):
    import dns.message
    import dns.name
    import dns.rcode
    import dns.rdata
    import dns.rdataclass
    import dns.rdataset
    import dns.rdatatype
    import dns.update

# A label that nobody has: what is found below a name by it comes from a wildcard.
_NOBODYS_LABEL = "_tenantops-is-this-a-wildcard"


@dataclass(frozen=True)
class Primary:
    """The server that takes the updates of one zone."""

    server: AuthoritativeServer
    zone: dns.name.Name

    def rrset(
        self, owner: dns.name.Name, rdtype: dns.rdatatype.RdataType
    ) -> dns.rdataset.Rdataset | None:
        """The records of a type at `owner`; null if the primary says that there are none.

        Raises for every other answer, among them an alias or a delegation at or above `owner`.
        """
        answer = self.server.query(owner, rdtype)
        found = answer.get_rrset(answer.answer, owner, dns.rdataclass.IN, rdtype)
        if not found:
            self._check_absence(answer, owner, rdtype)
            return None
        return None if self._is_from_wildcard(owner, found) else found.to_rdataset()

    def replace(
        self,
        owner: dns.name.Name,
        rdtype: dns.rdatatype.RdataType,
        before: dns.rdataset.Rdataset | None,
        after: dns.rdataset.Rdataset | None,
    ) -> None:
        """Make `before` into `after` by one update that fails if `before` is not all there is.

        Raises `ChangedMeanwhile` if it is not, and for every answer but success.
        """
        update = dns.update.UpdateMessage(self.zone)
        if before is None:
            update.absent(owner, rdtype)
        else:
            # All records of the set must be named, or it never holds (RFC 2136 section 2.4.2).
            update.present(owner, *before)
        _add_difference(update, owner, before, after)
        self.server.update(update, told(owner, rdtype))

    def check_update_allowed(self, owner: dns.name.Name, record: dns.rdata.Rdata) -> None:
        """Raise if the server would not take an update of records like `record` at `owner`.

        Asks by an update that cannot be carried out: its prerequisites are that such records exist
        and that none exists. Besides, it would remove nothing but `record`, which nobody should
        have. Servers that look at the prerequisites first (RFC 2136 has it in this order, BIND and
        Knot do not) let everybody pass.
        """
        question = dns.update.UpdateMessage(self.zone)
        question.present(owner, record.rdtype)
        question.absent(owner, record.rdtype)
        question.delete(owner, record)
        self.server.ask_to_update(question, told(owner, record.rdtype))

    def _check_absence(
        self, answer: dns.message.Message, owner: dns.name.Name, rdtype: dns.rdatatype.RdataType
    ) -> None:
        """NXDOMAIN, or no such data told with the zone's SOA (RFC 2308 section 2.2)."""
        found = soa_above(answer, owner)
        if found is not None and found.zone == self.zone:
            return
        if found is None and answer.rcode() == dns.rcode.NXDOMAIN:
            return
        raise NotUnderstood(
            "The name server neither has the records nor says that there are none",
            server=str(self.server),
            subject=told(owner, rdtype),
            answer="no records and no SOA" if found is None else f"the SOA of {found.zone}",
            advice="Check zone and dns_server.",
        )

    def _is_from_wildcard(self, owner: dns.name.Name, found: dns.rdataset.Rdataset) -> bool:
        """Whether the records stand at a wildcard above and not at `owner` itself.

        A wildcard does not reach below a name that exists (RFC 4592 section 2.2.1), so if nobody's
        name below `owner` does not have the same records, they are its own.
        """
        if owner == self.zone or owner.is_wild():
            return False
        try:
            below = dns.name.from_text(_NOBODYS_LABEL, owner)
        except dns.name.NameTooLong:
            return False
        answer = self.server.query(below, found.rdtype)
        other = answer.get_rrset(answer.answer, below, dns.rdataclass.IN, found.rdtype)
        return other is not None and set(other) == set(found)


def open_primary(
    parameters: Mapping[str, Any], owner: dns.name.Name, zone: dns.name.Name | None
) -> Primary:
    """The primary for `owner`, by the options of the documentation fragment `dns`.

    What is not given is found: the zone by its SOA record (at the given server, else at the
    resolvers), the server by the SOA's MNAME. The server is asked whether it has `owner` in the
    zone; raises if not. Raises `InvalidInput` for options that cannot be meant.
    """
    require("dnspython", "idna")
    check_options(parameters)
    if zone is not None and not owner.is_subdomain(zone):
        raise InvalidInput(
            f"{owner} is not in zone {zone}",
            subject=str(owner),
            advice="Write the full name of the records, for example _dmarc.example.com.",
        )
    credentials = credentials_from(parameters)
    nameserver, found = given_nameserver(parameters), None
    if nameserver is None:
        nameserver, found = _found_nameserver(parameters, owner, zone)
    server = AuthoritativeServer(
        nameserver,
        credentials,
        accept_unverified=parameters["dns_unverified_answers"] == "read_back",
    )
    actual = server.zone_of(owner)
    expected = zone or found or actual
    if actual != expected:
        raise InvalidInput(
            f"{owner} is not in zone {expected} but in zone {actual}",
            server=str(server),
            subject=str(owner),
            answer=f"the SOA of {actual}",
            advice="Correct zone, or leave it out so that it is found.",
        )
    return Primary(server, actual)


def check_options(parameters: Mapping[str, Any]) -> None:
    """Raise `InvalidInput` for options of the documentation fragment `dns` that cannot be meant."""
    if not 0 < parameters["dns_port"] < 65536:
        raise InvalidInput(f"dns_port is not a port: {parameters['dns_port']}")
    if not parameters["dns_timeout"] > 0:
        raise InvalidInput(f"dns_timeout must be more than 0 s: {parameters['dns_timeout']}")


def given_nameserver(parameters: Mapping[str, Any]) -> Nameserver | None:
    """The name server that the options name, null if they name none."""
    host = parameters["dns_server"]
    if not host:
        return None
    if is_address(host) or not parameters["dns_resolvers"]:
        return _nameserver(parameters, host, system_addresses(host))
    return _nameserver(parameters, host, resolvers(parameters).addresses(dns.name.from_text(host)))


def resolvers(parameters: Mapping[str, Any]) -> Resolvers:
    """The resolvers that the options name, or else the system's."""
    return Resolvers.from_options(
        parameters["dns_resolvers"], parameters["dns_transport"], parameters["dns_timeout"]
    )


def _found_nameserver(
    parameters: Mapping[str, Any], owner: dns.name.Name, zone: dns.name.Name | None
) -> tuple[Nameserver, dns.name.Name]:
    """The primary that the zone's SOA record names, and the zone."""
    asked = resolvers(parameters)
    answer = asked.zone(zone) if zone else asked.zone_of(owner)
    host = answer.primary.to_text(omit_final_dot=True)
    return _nameserver(parameters, host, asked.addresses(answer.primary)), answer.zone


def _nameserver(parameters: Mapping[str, Any], host: str, addresses: Sequence[str]) -> Nameserver:
    endpoints = [Endpoint(address, parameters["dns_port"]) for address in addresses]
    return Nameserver(host, endpoints, parameters["dns_transport"], parameters["dns_timeout"])


def _add_difference(
    update: dns.update.UpdateMessage,
    owner: dns.name.Name,
    before: dns.rdataset.Rdataset | None,
    after: dns.rdataset.Rdataset | None,
) -> None:
    """Every record by itself and never the set as a whole: what we do not know of stays."""
    old, new = list(before or ()), list(after or ())
    keeps_ttl = before is not None and after is not None and before.ttl == after.ttl
    for record in old:
        if not keeps_ttl or record not in new:
            update.delete(owner, record)
    for record in new:
        if after is not None and (not keeps_ttl or record not in old):
            update.add(owner, after.ttl, record)
