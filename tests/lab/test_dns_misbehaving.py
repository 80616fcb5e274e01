# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""dns_txt and servers that do not speak DNS as they should. No real one does so on request."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import dns.flags
import dns.message
import dns.rcode
import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ConnectionFailed,
    NotUnderstood,
    TenantopsError,
)
from ansible_collections.tenantops.migration.plugins.modules.dns_txt import OPERATION

from .publishing import validated

# What becomes of a question's bytes; null means that the connection is closed without an answer.
Answer = Callable[[bytes], bytes | None]


@contextmanager
def server(answer: Answer) -> Iterator[int]:
    """A server on TCP that treats every question alike; gives its port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        ended = threading.Event()
        thread = threading.Thread(target=_serve, args=(listener, answer, ended))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            ended.set()
            # The one way to wake up a thread that waits for a connection.
            socket.create_connection(listener.getsockname()).close()
            thread.join()


def _serve(listener: socket.socket, answer: Answer, ended: threading.Event) -> None:
    while True:
        connection, _client = listener.accept()
        with closing(connection):
            if ended.is_set():
                return
            length = int.from_bytes(connection.recv(2), "big")
            told = answer(connection.recv(length))
            if told is None:
                continue
            connection.sendall(told)
            if not told:
                ended.wait(5)


def framed(message: dns.message.Message) -> bytes:
    wire = message.to_wire()
    return len(wire).to_bytes(2, "big") + wire


def response(wire: bytes) -> dns.message.Message:
    return dns.message.make_response(dns.message.from_wire(wire))


def another_id(wire: bytes) -> bytes:
    answer = response(wire)
    answer.id ^= 1
    return framed(answer)


def another_question(wire: bytes) -> bytes:
    answer = dns.message.make_response(dns.message.make_query("elsewhere.test", "SOA"))
    answer.id = int.from_bytes(wire[:2], "big")
    return framed(answer)


def cut_short(wire: bytes) -> bytes:
    answer = response(wire)
    answer.flags |= dns.flags.TC
    return framed(answer)


def with_code(code: dns.rcode.Rcode) -> Callable[[bytes], bytes]:
    def answer(wire: bytes) -> bytes:
        message = response(wire)
        message.set_rcode(code)
        return framed(message)

    return answer


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("answer", "kind", "told"),
    [
        (another_id, NotUnderstood, "another question"),
        (another_question, NotUnderstood, "another question"),
        (cut_short, NotUnderstood, "TC"),
        (lambda wire: b"\x00\x05hello", NotUnderstood, "ShortHeader"),
        (lambda wire: b"\x00\x10" + wire[:14], ConnectionFailed, "closed before the answer"),
        (lambda wire: None, ConnectionFailed, ""),
        (lambda wire: b"", ConnectionFailed, "none within 0.5 s"),
        (with_code(dns.rcode.FORMERR), TenantopsError, "FORMERR"),
        (with_code(dns.rcode.NOTIMP), TenantopsError, "NOTIMP"),
        (with_code(dns.rcode.YXDOMAIN), NotUnderstood, "YXDOMAIN"),
        (with_code(dns.rcode.NOERROR), NotUnderstood, "AA"),
    ],
)
def test_one_clear_error(
    answer: Answer, kind: type[TenantopsError], told: str, check_mode: bool
) -> None:
    with server(answer) as port, pytest.raises(kind) as caught:
        OPERATION.run(
            validated(
                {
                    "name": "example.test",
                    "values": ["a"],
                    "dns_server": "127.0.0.1",
                    "dns_port": port,
                    "dns_auth": "none",
                    "dns_timeout": 0.5,
                }
            ),
            check_mode,
        )
    error = caught.value
    assert told in error.answer
    assert error.server == f"127.0.0.1:{port}"
    assert "example.test." in error.subject
    assert error.advice


def test_datagrams_of_strangers_are_passed_over() -> None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as plug:
        plug.bind(("127.0.0.1", 0))
        port = plug.getsockname()[1]

        def answer_twice() -> None:
            wire, asker = plug.recvfrom(4096)
            plug.sendto(another_id(wire)[2:], asker)
            plug.sendto(b"nonsense", asker)
            plug.sendto(with_code(dns.rcode.SERVFAIL)(wire)[2:], asker)

        thread = threading.Thread(target=answer_twice)
        thread.start()
        with pytest.raises(NotUnderstood) as caught:
            OPERATION.run(
                validated(
                    {
                        "name": "example.test",
                        "values": ["a"],
                        "dns_server": "127.0.0.1",
                        "dns_port": port,
                        "dns_auth": "none",
                        "dns_transport": "udp",
                        "dns_timeout": 5,
                    }
                ),
                True,
            )
        thread.join()
    assert caught.value.answer == "SERVFAIL"
