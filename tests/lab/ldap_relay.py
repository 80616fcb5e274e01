# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stands between a client and a real directory server, and goes wrong at a chosen message.

It reads every LDAP message that passes, so both sides speak to it in the clear or in TLS of its
own; what is sealed by SASL it cannot read.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from lab.authority import Authority
from lab.description import Description
from lab.openldap.scale import ScaleServer

from .ldap_listeners import BIND_RESPONSE, MODIFY_RESPONSE, SEARCH_RESULT_DONE, element, result

# The operations of RFC 4511, as their tags
BIND_REQUEST = 0x60
SEARCH_REQUEST = 0x63
SEARCH_ENTRY = 0x64
MODIFY_REQUEST = 0x66

BUSY = 51
TIME_LIMIT_EXCEEDED = 3
SIZE_LIMIT_EXCEEDED = 4
ADMIN_LIMIT_EXCEEDED = 11

_RESPONSES = {
    BIND_REQUEST: BIND_RESPONSE,
    SEARCH_REQUEST: SEARCH_RESULT_DONE,
    SEARCH_ENTRY: SEARCH_RESULT_DONE,
    MODIFY_REQUEST: MODIFY_RESPONSE,
}


@dataclass(frozen=True)
class Message:
    """An LDAPMessage: its bytes, its encoded number, and the tag of its operation."""

    data: bytes
    number: bytes
    tag: int


@dataclass(kw_only=True)
class Fault(ABC):
    """Strikes messages with a tag: not the first `skip` of them, and `times` in all (None: ever).

    Messages are counted over all connections of a relay.
    """

    tag: int
    skip: int = 0
    times: int | None = 1
    _seen: int = field(default=0, init=False)

    def is_due(self, message: Message) -> bool:
        """Count the message, and tell whether it is struck."""
        if message.tag != self.tag:
            return False
        self._seen += 1
        struck_before = self._seen - self.skip - 1
        return struck_before >= 0 and (self.times is None or struck_before < self.times)

    @abstractmethod
    async def strike(self, session: Session, message: Message) -> None:
        """Do to the message, and to its connection, what there is to be done."""


@dataclass(kw_only=True)
class Answer(Fault):
    """Answers itself, with a result code, and does not pass the message on.

    In place of a search entry it ends that search.
    """

    code: int
    text: str = ""

    async def strike(self, session: Session, message: Message) -> None:
        await session.end(message, result(_RESPONSES[message.tag], self.code, text=self.text))


@dataclass(kw_only=True)
class Drop(Fault):
    """Breaks the connection off in place of the message, or in the `middle` of it."""

    middle: bool = False

    async def strike(self, session: Session, message: Message) -> None:
        if self.middle:
            await session.pass_on(message, size=len(message.data) // 2)
        session.abort()


@dataclass(kw_only=True)
class Die(Fault):
    """Breaks all connections off in place of the message, and takes no more."""

    async def strike(self, session: Session, message: Message) -> None:
        session.relay.die()


@dataclass(kw_only=True)
class Stall(Fault):
    """Passes nothing more on in the message's direction, and keeps the connection."""

    async def strike(self, session: Session, message: Message) -> None:
        await asyncio.Event().wait()


@dataclass(kw_only=True)
class Meanwhile(Fault):
    """Lets something happen (in another thread) before the message is passed on."""

    happens: Callable[[], object]

    async def strike(self, session: Session, message: Message) -> None:
        await asyncio.to_thread(self.happens)
        await session.pass_on(message)


class LdapRelay:
    """Passes on to a server what comes, but for its faults; a context manager.

    `address` is host:port. `passed` counts the messages that came, by tag.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *faults: Fault,
        tls: ssl.SSLContext | None,
        server_tls: ssl.SSLContext | None,
        server_name: str | None = None,
    ) -> None:
        self.faults = list(faults)
        self.passed: Counter[int] = Counter()
        self.connections = 0
        self._server = (host, port)
        self._tls = tls
        self._server_tls = server_tls
        self._server_name = server_name if server_tls else None
        self._sessions: set[Session] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._listener: asyncio.Server | None = None
        self._port = 0

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._port}"

    def __enter__(self) -> LdapRelay:
        self._thread.start()
        self.live()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def live(self) -> None:
        """Take connections, again at the same address."""
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()

    def die(self) -> None:
        """Break all connections off and take no more; for faults only."""
        if self._listener is not None:
            self._listener.close()
        for session in self._sessions:
            session.abort()

    def due(self, message: Message) -> Fault | None:
        """Return the first fault that strikes this message; each fault counts it."""
        self.passed[message.tag] += 1
        due = [fault for fault in self.faults if fault.is_due(message)]
        return due[0] if due else None

    async def _listen(self) -> None:
        self._listener = await asyncio.start_server(
            self._serve, "127.0.0.1", self._port, ssl=self._tls
        )
        self._port = self._listener.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        self.die()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        from_server, to_server = await asyncio.open_connection(
            *self._server, ssl=self._server_tls, server_hostname=self._server_name
        )
        session = Session(self, writer, to_server)
        self._sessions.add(session)
        try:
            await session.serve(reader, from_server)
        finally:
            self._sessions.discard(session)


class Session:
    """One connection of a client, and the relay's own to the server for it."""

    def __init__(
        self, relay: LdapRelay, to_client: asyncio.StreamWriter, to_server: asyncio.StreamWriter
    ) -> None:
        self.relay = relay
        self._to_client = to_client
        self._to_server = to_server
        # The numbers of requests that the client believes to be answered
        self._ended: set[bytes] = set()

    async def serve(
        self, from_client: asyncio.StreamReader, from_server: asyncio.StreamReader
    ) -> None:
        """Pass messages on, both ways, until one side is done."""
        directions = [
            asyncio.create_task(self._pump(from_client)),
            asyncio.create_task(self._pump(from_server)),
        ]
        await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        for direction in directions:
            direction.cancel()
        await asyncio.gather(*directions, return_exceptions=True)
        for writer in (self._to_client, self._to_server):
            writer.close()

    async def pass_on(self, message: Message, size: int | None = None) -> None:
        """Send a message, or the beginning of it, to where it is meant for."""
        writer = self._to_server if _is_request(message) else self._to_client
        writer.write(message.data[:size])
        await writer.drain()

    async def end(self, message: Message, response: bytes) -> None:
        """Answer the client, and keep everything else from it that belongs to the request."""
        self._ended.add(message.number)
        self._to_client.write(element(0x30, message.number + response))
        await self._to_client.drain()

    def abort(self) -> None:
        """Break off without a farewell."""
        for writer in (self._to_client, self._to_server):
            writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader) -> None:
        # An end in the middle of a message is as good an end as any.
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                message = await _read(reader)
                if fault := self.relay.due(message):
                    await fault.strike(self, message)
                elif _is_request(message) or message.number not in self._ended:
                    await self.pass_on(message)


def _is_request(message: Message) -> bool:
    return message.tag in _REQUESTS


# Bind, unbind, search, modify, add, delete, modify DN, compare, abandon, extended
_REQUESTS = frozenset({0x60, 0x42, 0x63, 0x66, 0x68, 0x4A, 0x6C, 0x6E, 0x50, 0x77})


async def _read(reader: asyncio.StreamReader) -> Message:
    head = await reader.readexactly(2)
    if head[1] & 0x80:
        head += await reader.readexactly(head[1] & 0x7F)
        length = int.from_bytes(head[2:])
    else:
        length = head[1]
    content = await reader.readexactly(length)
    number = content[: 2 + content[1]]
    return Message(head + content, number, tag=content[len(number)])


def relay_to_samba(lab: Description, *faults: Fault, tls: bool = True) -> LdapRelay:
    """A relay to the lab's Samba, which is spoken to over LDAPS; `tls` says how to speak to it.

    Its certificate has the server's name and comes from the lab's authority.
    """
    server = lab.directory
    return _relay(
        server["address"],
        server["ldaps_port"],
        *faults,
        names=(server["host_name"], "127.0.0.1"),
        authority=lab.state / "authority",
        tls=tls,
    )


def relay_to_openldap(lab: Description, *faults: Fault, tls: bool = True) -> LdapRelay:
    """The same for the lab's OpenLDAP."""
    server = lab.openldap
    return _relay(
        server["address"],
        server["ldaps_port"],
        *faults,
        names=(server["host_name"], "127.0.0.1"),
        authority=lab.state / "authority",
        tls=tls,
    )


def relay_to_scale(server: ScaleServer, *faults: Fault, tls: bool = False) -> LdapRelay:
    """The same for a directory of any size, in the clear by default."""
    return _relay(
        server.address,
        server.ldaps_port if tls else server.ldap_port,
        *faults,
        names=(server.host_name, "127.0.0.1"),
        authority=Path(server.ca_file).parent,
        tls=tls,
        server_tls=tls,
    )


def _relay(
    host: str,
    port: int,
    *faults: Fault,
    names: tuple[str, str],
    authority: Path,
    tls: bool,
    server_tls: bool = True,
) -> LdapRelay:
    files = Authority(authority).server_certificate(f"relay-{names[0]}", names)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.private_key)
    return LdapRelay(
        host,
        port,
        *faults,
        tls=context if tls else None,
        server_tls=(
            ssl.create_default_context(cafile=str(authority / "ca.pem")) if server_tls else None
        ),
        server_name=names[0],
    )
