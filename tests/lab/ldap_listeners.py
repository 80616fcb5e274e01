# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers in this process that are not what they should be, to connect to in tests."""

from __future__ import annotations

import contextlib
import datetime
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import trustme

BIND_RESPONSE = 0x61
SEARCH_RESULT_DONE = 0x65
MODIFY_RESPONSE = 0x67
EXTENDED_RESPONSE = 0x78


class Listener:
    """Serves one connection after the other in a thread; a context manager.

    ``address`` is host:port, ``received`` is everything that was sent to it, in the clear or,
    after a handshake, decrypted.
    """

    def __init__(self, serve: Callable[[Listener, socket.socket], None]) -> None:
        self.received = b""
        self.connections = 0
        self._serve = serve
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Listener:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # A thread that waits in accept is not woken by close alone.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def note(self, data: bytes) -> bytes:
        self.received += data
        return data

    def _accept(self) -> None:
        while True:
            try:
                connection, _peer = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            connection.settimeout(10)
            with connection, contextlib.suppress(OSError):
                self._serve(self, connection)


def silent() -> Listener:
    """Accepts connections and never says a word."""

    def serve(listener: Listener, connection: socket.socket) -> None:
        while listener.note(connection.recv(4096)):
            continue

    return Listener(serve)


def tls(context: ssl.SSLContext, answer: bytes = b"") -> Listener:
    """Speaks TLS, and gives the same answer to everything."""

    def serve(listener: Listener, connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as encrypted:
            while listener.note(encrypted.recv(4096)):
                encrypted.sendall(answer)

    return Listener(serve)


def start_tls(context: ssl.SSLContext | None) -> Listener:
    """Grants StartTLS and then speaks TLS, or refuses it."""

    def serve(listener: Listener, connection: socket.socket) -> None:
        request = listener.note(connection.recv(4096))
        granted = result(EXTENDED_RESPONSE, 0 if context else 2)
        connection.sendall(_message(request, granted))
        if context is None:
            listener.note(connection.recv(4096))
            return
        with context.wrap_socket(connection, server_side=True) as encrypted:
            while listener.note(encrypted.recv(4096)):
                continue

    return Listener(serve)


def ldap(context: ssl.SSLContext, *answers: bytes) -> Listener:
    """Speaks LDAP over TLS, and gives these answers one after the other, whatever is asked."""

    def serve(listener: Listener, connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as encrypted:
            for answer in answers:
                encrypted.sendall(_message(listener.note(encrypted.recv(4096)), answer))
            while listener.note(encrypted.recv(4096)):
                continue

    return Listener(serve)


def result(operation: int, code: int, referral: str = "", text: str = "") -> bytes:
    """An LDAPResult (RFC 4511 section 4.1.9) as the answer to an operation."""
    body = element(0x0A, code.to_bytes(1 if code < 128 else 3, "big"))
    body += b"\x04\x00" + element(0x04, text.encode())
    if referral:
        body += element(0xA3, element(0x04, referral.encode()))
    return element(operation, body)


def _message(request: bytes, answer: bytes) -> bytes:
    """An answer with the message id of its request."""
    start = 2 + (request[1] & 0x7F if request[1] & 0x80 else 0)
    message_id = request[start : start + 2 + request[start + 1]]
    return element(0x30, message_id + answer)


def element(tag: int, content: bytes) -> bytes:
    """A short element of BER."""
    return bytes([tag, len(content)]) + content


def forwarder(host: str, port: int) -> Listener:
    """Passes everything on to a real server, and counts its connections."""

    def copy(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def serve(_listener: Listener, connection: socket.socket) -> None:
        with socket.create_connection((host, port), timeout=10) as server:
            back = threading.Thread(target=copy, args=(server, connection), daemon=True)
            back.start()
            copy(connection, server)
            back.join(timeout=10)

    return Listener(serve)


class Certificates:
    """Certificates of an authority made up for a test."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self.ca_file = str(folder / "other-ca.pem")
        self._authority.cert_pem.write_to_path(self.ca_file)

    def server(self, *names: str, expired: bool = False) -> ssl.SSLContext:
        """The TLS settings of a server with a certificate for these names or addresses."""
        yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
        certificate = self._authority.issue_cert(*names, not_after=yesterday if expired else None)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        return context
