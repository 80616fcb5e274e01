# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One server asked for one TXT record set: an authoritative one, or a resolver.

What goes wrong is told of that server, since the others are asked all the same. Private to the
collection: it can change in any release.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from .._dns.answers import check_query_answer
from .._dns.authority import AuthoritativeServer, told
from .._dns.credentials import NoCredentials
from .._dns.nameserver import Endpoint, Nameserver, family
from .._dns.primary import Primary
from .._errors import NotUnderstood, TenantopsError
from .._libraries import library
from .._txt_records.model import TxtRRset, TxtValue
from .model import Said, Server, Status

with library("dnspython"):
    import dns.exception
    import dns.flags
    import dns.message
    import dns.name
    import dns.rdatatype


@dataclass(frozen=True)
class Authority:
    """An authoritative server of `zone` at one address, asked as anybody would: unsigned.

    `endpoint` is null where no address was found, for the reason that `problem` tells.
    """

    host: str
    zone: dns.name.Name
    transport: str
    timeout: float
    endpoint: Endpoint | None
    problem: str = ""

    @property
    def server(self) -> Server:
        return Server(self.host, str(self.endpoint or ""))

    def ask(self, owner: dns.name.Name) -> Said:
        """What it says. Never raises for what a server does."""
        if self.endpoint is None:
            return Said(self.server, problem=self.problem)
        no_route = _no_route(self.endpoint)
        if no_route:
            problem = f"not asked, because from here there is {no_route}"
            return Said(self.server, status=Status.NO_ROUTE, problem=problem)
        nameserver = Nameserver(self.host, [self.endpoint], self.transport, self.timeout)
        primary = Primary(AuthoritativeServer(nameserver, NoCredentials()), self.zone)
        try:
            found = primary.rrset(owner, dns.rdatatype.TXT)
        except TenantopsError as error:
            return Said(self.server, problem=_problem(error))
        return Said(self.server, TxtRRset() if found is None else _rrset(found))


@dataclass(frozen=True)
class Resolver:
    """A resolver at one address."""

    name: str
    transport: str
    timeout: float
    endpoint: Endpoint

    @property
    def server(self) -> Server:
        return Server(self.name, str(self.endpoint), is_resolver=True)

    @property
    def not_asked(self) -> Said:
        """The answer of one that is spared for now."""
        problem = "not asked yet, or it would keep the old answer in its cache"
        return Said(self.server, status=Status.NOT_ASKED, problem=problem)

    def ask(self, owner: dns.name.Name) -> Said:
        """What it says. Never raises for what a server does."""
        no_route = _no_route(self.endpoint)
        if no_route:
            problem = f"not asked, because from here there is {no_route}"
            return Said(self.server, status=Status.NO_ROUTE, problem=problem)
        nameserver = Nameserver(self.name, [self.endpoint], self.transport, self.timeout)
        try:
            said = _resolved(nameserver, owner)
        except TenantopsError as error:
            return Said(self.server, problem=_problem(error))
        return replace(said, server=self.server)


async def ask_all(servers: Sequence[Authority | Resolver], owner: dns.name.Name) -> list[Said]:
    """What each says, in their order. One that does not answer keeps no other waiting."""
    return await asyncio.gather(*(asyncio.to_thread(server.ask, owner) for server in servers))


def _resolved(nameserver: Nameserver, owner: dns.name.Name) -> Said:
    """What a resolver finds, behind an alias as well."""
    subject = told(owner, dns.rdatatype.TXT)
    query = dns.message.make_query(owner, dns.rdatatype.TXT)
    answer = nameserver.exchange(query, subject)
    check_query_answer(answer, str(nameserver), subject)
    if not answer.flags & (dns.flags.RA | dns.flags.AA):
        raise NotUnderstood("It does not look names up", answer="an answer without RA")
    try:
        chain: Any = answer.resolve_chaining()  # type: ignore[attr-defined]
    except dns.exception.DNSException as error:
        raise NotUnderstood("Its answer makes no sense", answer=str(error)) from error
    rrset = TxtRRset() if chain.answer is None else _rrset(chain.answer)
    is_cached = not answer.flags & dns.flags.AA
    return Said(
        Server(nameserver.name, ""),
        rrset,
        kept_for=chain.minimum_ttl if is_cached and _tells_ttl(answer) else None,
    )


def _tells_ttl(answer: dns.message.Message) -> bool:
    """Without an answer and a SOA record, nothing says for how long there will be none."""
    return bool(answer.answer) or any(
        rrset.rdtype == dns.rdatatype.SOA for rrset in answer.authority
    )


def _rrset(found: Any) -> TxtRRset:
    return TxtRRset(frozenset(TxtValue(record.strings) for record in found), found.ttl)


def _no_route(endpoint: Endpoint) -> str:
    """Why this machine can send nothing to an address; empty if it can. Sends nothing."""
    try:
        with closing(socket.socket(family(endpoint), socket.SOCK_DGRAM)) as plug:
            plug.connect((endpoint.address, endpoint.port))
    except OSError as error:
        return f"no route to it ({(error.strerror or str(error)).lower()})"
    return ""


def _problem(error: TenantopsError) -> str:
    problem = error.problem[:1].lower() + error.problem[1:]
    return f"{problem} ({error.answer})" if error.answer else problem
