# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests over pairs of sockets, at the other end of which a thread plays the server."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import TenantopsError
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.wire.ber import (
    ENUMERATED,
    OCTET_STRING,
    SEQUENCE,
    content_of,
    element,
    integer,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.wire.channel import Channel
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.wire.modify import (
    RESPONSE,
    Modification,
    modify_operation,
    read_operation,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.wire.pipeline import (
    Answer,
    Lost,
    Pipeline,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.wire.search import (
    DONE,
    ENTRY,
)

Request = tuple[int, bytes]
Serve = Callable[["Server"], None]


class Server:
    """One connection from the server's side."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self.most_waiting = 0
        self._buffer = b""
        self._waiting = 0

    def requests(self, at_least: int = 1) -> list[Request]:
        """Numbers and operations that have come, not less than so many."""
        requests: list[Request] = []
        while len(requests) < at_least:
            if not (chunk := self.end.recv(1 << 16)):
                raise EOFError
            self._buffer += chunk
            with contextlib.suppress(ValueError):
                while self._buffer:
                    start, end = content_of(self._buffer, 0, SEQUENCE)
                    begin, operation = content_of(self._buffer, start)
                    number = int.from_bytes(self._buffer[begin:operation], "big")
                    requests.append((number, self._buffer[operation:end]))
                    self._buffer = self._buffer[end:]
        self._waiting += len(requests)
        self.most_waiting = max(self.most_waiting, self._waiting)
        return requests

    def answer(self, number: int, code: int = 0, text: str = "", tag: int = RESPONSE) -> None:
        self._waiting -= 1
        fields = (
            integer(code, ENUMERATED)
            + element(OCTET_STRING, b"")
            + element(OCTET_STRING, text.encode("utf-8"))
        )
        self.say(number, element(tag, fields))

    def say(self, number: int, operation: bytes) -> None:
        self.end.sendall(element(SEQUENCE, integer(number) + operation))


@contextlib.contextmanager
def serving(*serves: Serve) -> Iterator[tuple[Pipeline, list[Server]]]:
    servers: list[Server] = []
    threads: list[threading.Thread] = []
    channels: list[Channel] = []
    with contextlib.ExitStack() as stack:
        for serve in serves:
            ours, theirs = socket.socketpair()
            stack.enter_context(ours)
            connection: Any = SimpleNamespace(socket=ours)
            channels.append(Channel(connection, "ldap://test", timeout=2))
            servers.append(Server(theirs))
            thread = threading.Thread(target=run, args=(serve, servers[-1]))
            thread.start()
            threads.append(thread)
        yield Pipeline(channels, timeout=2), servers
    for thread in threads:
        thread.join(10)


def run(serve: Serve, server: Server) -> None:
    with server.end, contextlib.suppress(EOFError, OSError):
        serve(server)


def operations(amount: int) -> dict[str, bytes]:
    change = Modification("mail", (b"old",), (b"new",), is_single=True)
    return {str(each): modify_operation(f"CN={each}", [change]) for each in range(amount)}


@dataclass
class Answers:
    """What came of operations, gathered."""

    answered: dict[str, Answer]
    lost: dict[str, TenantopsError]
    unsent: list[str]


def ask(pipeline: Pipeline, operations: Mapping[str, bytes], in_flight: int) -> Answers:
    waiting = iter(operations.items())
    answers = Answers({}, {}, [])
    for key, outcome in pipeline.ask(waiting, in_flight):
        if isinstance(outcome, Lost):
            answers.lost[key] = outcome.error
        else:
            answers.answered[key] = outcome
    answers.unsent = [key for key, _operation in waiting]
    return answers


def in_any_order(server: Server) -> None:
    draw = random.Random(1)  # noqa: S311
    held: list[Request] = []
    while True:
        held += server.requests()
        draw.shuffle(held)
        while len(held) > 3:
            server.answer(held.pop()[0])
        # All but the last three have to come before any of these is answered.
        for number, _operation in held:
            server.answer(number)
        held = []


def codes(answers: Answers) -> dict[str, int]:
    return {key: answer.result.code for key, answer in answers.answered.items()}


@pytest.mark.parametrize("connections", [1, 2, 3])
def test_everything_is_answered_in_any_order(connections: int) -> None:
    with serving(*[in_any_order] * connections) as (pipeline, servers):
        answers = ask(pipeline, operations(1000), in_flight=30)
        assert codes(answers) == dict.fromkeys(operations(1000), 0)
        assert (answers.lost, answers.unsent) == ({}, [])
        assert pipeline.channels
        for server in servers:
            assert 1 < server.most_waiting <= 30 // connections


def test_operations_are_taken_only_when_there_is_room_for_them() -> None:
    taken: list[str] = []

    def lazily() -> Iterator[tuple[str, bytes]]:
        for key, operation in operations(100).items():
            taken.append(key)
            yield key, operation

    with serving(in_any_order, in_any_order) as (pipeline, _servers):
        for ended, _outcome in enumerate(pipeline.ask(lazily(), in_flight=10)):
            assert len(taken) <= ended + 20
    assert len(taken) == 100


def test_one_by_one() -> None:
    with serving(in_any_order, in_any_order) as (pipeline, servers):
        assert len(ask(pipeline, operations(50), in_flight=1).answered) == 50
        assert sorted(server.most_waiting for server in servers) == [0, 1]


def test_fewer_under_way_than_connections() -> None:
    with serving(*[in_any_order] * 3) as (pipeline, _servers):
        assert len(ask(pipeline, operations(50), in_flight=2).answered) == 50


def test_each_answer_belongs_to_its_request_with_the_words_of_the_server() -> None:
    def refuse_odd(server: Server) -> None:
        while True:
            for number, operation in server.requests():
                name, end = content_of(operation, content_of(operation, 0)[0])
                is_odd = int(operation[name:end].removeprefix(b"CN=")) % 2
                server.answer(number, 50 if is_odd else 0, f"told of {number}" * is_odd)

    with serving(refuse_odd, refuse_odd) as (pipeline, _servers):
        answers = ask(pipeline, operations(10), in_flight=10)
    assert codes(answers) == {str(number): 50 * (number % 2) for number in range(10)}
    assert all(
        bool(answer.result.diagnostic) == bool(int(key) % 2)
        for key, answer in answers.answered.items()
    )


def drop_after(amount: int) -> Serve:
    def serve(server: Server) -> None:
        for _time in range(amount):
            for number, _operation in server.requests()[:1]:
                server.answer(number)
        server.requests()

    return serve


def test_a_connection_that_drops_loses_what_was_under_way_on_it_alone() -> None:
    with serving(drop_after(0), in_any_order) as (pipeline, _servers):
        answers = ask(pipeline, operations(100), in_flight=20)
        assert len(answers.lost) == 10
        assert len(answers.answered) == 90
        assert not answers.unsent
        assert pipeline.channels
        assert all("closed the connection" in error.answer for error in answers.lost.values())
        assert len(ask(pipeline, operations(100), in_flight=20).answered) == 100


def test_without_any_connection_the_rest_is_not_sent() -> None:
    with serving(drop_after(0), drop_after(0)) as (pipeline, _servers):
        answers = ask(pipeline, operations(100), in_flight=20)
        assert not pipeline.channels
        assert len(set(map(id, answers.lost.values()))) == 2
        # The second had taken over what the first had room for.
        assert 20 <= len(answers.lost) <= 30
        assert len(answers.lost) + len(answers.unsent) == 100
        again = ask(pipeline, operations(5), in_flight=20)
        assert again.unsent == list(operations(5))


def test_a_server_that_says_nothing_is_not_waited_for_for_ever() -> None:
    def silent(server: Server) -> None:
        while True:
            server.requests()

    with serving(silent) as (pipeline, _servers):
        answers = ask(pipeline, operations(5), in_flight=5)
    assert len(answers.lost) == 5
    assert all("no answer within 2 seconds" in error.answer for error in answers.lost.values())


def goodbye(server: Server) -> None:
    server.requests()
    server.answer(0, 52, "going down", tag=0x78)
    server.requests()


def garbage(server: Server) -> None:
    server.requests()
    server.end.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    server.requests()


def unasked(server: Server) -> None:
    server.requests()
    server.answer(12345)
    server.requests()


def wrong_kind(server: Server) -> None:
    for number, _operation in server.requests():
        server.answer(number, tag=DONE)
    server.requests()


def cut_off(server: Server) -> None:
    ((number, _operation), *_rest) = server.requests()
    server.say(number, element(RESPONSE, integer(0, ENUMERATED)))
    server.requests()


@pytest.mark.parametrize(
    ("serve", "kind", "told"),
    [
        (goodbye, "connection_failed", "says goodbye: result 52 unavailable, going down"),
        (garbage, "not_understood", "begin a message"),
        (unasked, "not_understood", "message 12345 with tag 0x67, not asked for"),
        (wrong_kind, "not_understood", "with tag 0x65, not asked for"),
        (cut_off, "not_understood", "element's head"),
    ],
)
def test_what_is_not_understood_ends_the_connection(serve: Serve, kind: str, told: str) -> None:
    with serving(serve) as (pipeline, _servers):
        answers = ask(pipeline, operations(3), in_flight=3)
        assert not pipeline.channels
    assert sorted(answers.lost) == ["0", "1", "2"]
    assert {error.kind for error in answers.lost.values()} == {kind}
    assert told in answers.lost["0"].answer


def test_entries_come_with_their_own_question() -> None:
    def two_at_once(server: Server) -> None:
        (first, _one), (second, _other) = server.requests(2)
        server.say(first, element(ENTRY, b"\x04\x01a\x30\x00"))
        server.say(second, element(ENTRY, b"\x04\x01b\x30\x00"))
        server.answer(second, tag=DONE)
        server.answer(first, 32, tag=DONE)
        server.requests()

    with serving(two_at_once) as (pipeline, _servers):
        questions = {key: read_operation(key, ("mail",), 5) for key in "ab"}
        answers = ask(pipeline, questions, in_flight=2)
    assert codes(answers) == {"a": 32, "b": 0}
    for key, answer in answers.answered.items():
        (entry,) = answer.entries
        assert element(OCTET_STRING, key.encode()) in entry
