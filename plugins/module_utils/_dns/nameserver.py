# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One message to one name server and its answer, over TCP or UDP.

What comes back belongs to the question (id, opcode, question section) and is whole; what it says,
and whether its signature is right, is for the caller to judge. Private to the collection.
"""

from __future__ import annotations

import errno
import ipaddress
import os
import re
import socket
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from .._errors import ConnectionFailed, InvalidInput, NotUnderstood
from .._libraries import library

with library("dnspython"):
    import dns.exception
    import dns.flags
    import dns.message
    import dns.opcode
    import dns.query

    # dnspython loads these when it meets the first record of a type, which would be in each worker.
    import dns.rdtypes.ANY.CNAME
    import dns.rdtypes.ANY.DNAME
    import dns.rdtypes.ANY.NS
    import dns.rdtypes.ANY.SOA
    import dns.rdtypes.ANY.TKEY
    import dns.rdtypes.ANY.TSIG
    import dns.rdtypes.ANY.TXT
    import dns.rdtypes.IN.A
    import dns.rdtypes.IN.AAAA

# What dnspython takes for "do not look at the signature".
_SIGNATURE_UNSEEN: Any = False
_ENDPOINT = re.compile(r"(?:\[(?P<v6>[^\[\]]+)\]|(?P<host>[^\[\]:\s]+))(?::(?P<port>[0-9]{1,5}))?")
# The largest message that every server takes over UDP (RFC 1035 section 4.2.1).
_UDP_SIZE = 512


@dataclass(frozen=True)
class Endpoint:
    """An address (no name) and a port."""

    address: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"


@dataclass
class Nameserver:
    """A server under one name; its addresses are tried in order until one takes a connection.

    From then on only that one is asked: others may be copies that lag behind.
    """

    name: str
    endpoints: Sequence[Endpoint]
    transport: str
    timeout: float
    _chosen: Endpoint | None = field(default=None, init=False)

    def __str__(self) -> str:
        endpoint = self._chosen or self.endpoints[0]
        is_named = self.name != endpoint.address
        return f"{self.name} ({endpoint})" if is_named else str(endpoint)

    def exchange(self, message: dns.message.Message, subject: str) -> dns.message.Message:
        """Send and receive; `subject` is the thing that error messages name.

        The answer's signature is not looked at; its `wire` is there for that. Raises
        `ConnectionFailed`, or `NotUnderstood` for an answer that is none.
        """
        wire = _wire(message, subject)
        try:
            answer = self._answer(message, wire)
        except (OSError, EOFError, dns.exception.Timeout) as error:
            raise self._failed(subject, error) from error
        except dns.exception.DNSException as error:
            raise self._garbled(subject, f"{type(error).__name__}: {error}") from error
        if not message.is_response(answer):
            raise self._garbled(subject, "an answer to another question (id or question differs)")
        if answer.flags & dns.flags.TC:
            raise self._garbled(subject, "an answer cut short (TC) though it came over TCP")
        return answer

    def _answer(self, message: dns.message.Message, wire: bytes) -> dns.message.Message:
        if self.transport == "udp" and len(wire) <= _UDP_SIZE:
            answer = self._over_udp(message, wire)
            if not answer.flags & dns.flags.TC or dns.opcode.is_update(message.flags):
                return answer
            # Signed anew: a server takes the same GSS-TSIG signature once only.
            wire = message.to_wire()
        return self._over_tcp(wire)

    def _over_udp(self, message: dns.message.Message, wire: bytes) -> dns.message.Message:
        endpoint = self._chosen = self._chosen or self.endpoints[0]
        expiration = time.time() + self.timeout
        with closing(socket.socket(family(endpoint), socket.SOCK_DGRAM)) as plug:
            plug.setblocking(False)
            # A connected socket learns of a closed port, and takes answers from nobody else.
            plug.connect((endpoint.address, endpoint.port))
            dns.query.send_udp(plug, wire, None, expiration)
            received = dns.query.receive_udp(
                plug,
                None,
                expiration,
                keyring=_SIGNATURE_UNSEEN,
                ignore_errors=True,
                query=message,
            )
        answer: dns.message.Message = received[0]
        return answer

    def _over_tcp(self, wire: bytes) -> dns.message.Message:
        expiration = time.time() + self.timeout
        with closing(self._connect()) as plug:
            plug.setblocking(False)
            dns.query.send_tcp(plug, wire, expiration)
            answer, _time = dns.query.receive_tcp(plug, expiration, keyring=_SIGNATURE_UNSEEN)
        return answer

    def _connect(self) -> socket.socket:
        endpoints = [self._chosen] if self._chosen else self.endpoints
        failure: OSError = OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
        for endpoint in endpoints:
            try:
                plug = socket.create_connection((endpoint.address, endpoint.port), self.timeout)
            except OSError as error:
                failure = error
                continue
            self._chosen = endpoint
            return plug
        raise failure

    def _failed(self, subject: str, error: BaseException) -> ConnectionFailed:
        return ConnectionFailed(
            "The name server does not answer",
            server=self._asked(),
            subject=subject,
            answer=_reason(error, self.timeout),
            advice="Check dns_server and dns_port, that the server runs, and that a firewall lets "
            f"DNS over {self.transport.upper()} through.",
        )

    def _garbled(self, subject: str, answer: str) -> NotUnderstood:
        return NotUnderstood(
            "The name server's answer is not one to our question",
            server=self._asked(),
            subject=subject,
            answer=answer,
            advice="Check that dns_server and dns_port are a DNS server and that nothing between "
            "alters DNS messages.",
        )

    def _asked(self) -> str:
        if self._chosen or len(self.endpoints) == 1:
            return str(self)
        return f"{self.name} ({', '.join(map(str, self.endpoints))})"


def parse_endpoint(text: str, default_port: int = 53) -> tuple[str, int]:
    """Read `host`, `host:port`, `address` or `[v6]:port`. Raises `InvalidInput`."""
    if is_address(text):
        return text, default_port
    match = _ENDPOINT.fullmatch(text)
    port = int(match["port"] or default_port) if match else 0
    if match is None or not 0 < port < 65536:
        raise InvalidInput(
            f"dns_resolvers: not a host or host:port: {text!r}",
            advice="Write for example 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:5353.",
        )
    return match["v6"] or match["host"], port


def is_address(host: str) -> bool:
    """Whether this is an IP address and not a name."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _wire(message: dns.message.Message, subject: str) -> bytes:
    try:
        return message.to_wire()
    except dns.exception.TooBig as error:
        raise InvalidInput(
            "The records do not fit into one DNS message (64 KiB)",
            subject=subject,
            advice="Use fewer or shorter values.",
        ) from error


def family(endpoint: Endpoint) -> socket.AddressFamily:
    """Which kind of socket reaches an address."""
    return socket.AF_INET6 if ":" in endpoint.address else socket.AF_INET


def _reason(error: BaseException, timeout: float) -> str:
    if isinstance(error, dns.exception.Timeout | TimeoutError):
        return f"none within {timeout:g} s (dns_timeout)"
    if isinstance(error, EOFError):
        return "the connection was closed before the answer"
    return (getattr(error, "strerror", None) or str(error)).lower()
