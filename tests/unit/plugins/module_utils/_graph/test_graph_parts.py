# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a write ends that is made of several requests to Graph."""

from __future__ import annotations

from ansible_collections.tenantops.migration.plugins.module_utils._changes.converge import Request
from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ConnectionFailed,
    Refused,
    TenantopsError,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph.batch import BatchRequest
from ansible_collections.tenantops.migration.plugins.module_utils._graph.parts import Parts


def change(name: str) -> Change:
    return Change(
        System.ENTRA, "role_assignment", "kim", "Kim", name, Action.ADD, None, name.lower()
    )


ONE, TWO = change("One"), change("Two")
REQUEST = Request((ONE, TWO))
MEMBERS = [BatchRequest(f"{number} kim", "POST", "/x", "Kim") for number in range(2)]


def taken() -> Parts:
    parts = Parts()
    assert list(parts.take(REQUEST, MEMBERS)) == MEMBERS
    return parts


def test_each_request_makes_its_change() -> None:
    parts = taken()
    assert [parts.change_of(member) for member in MEMBERS] == [ONE, TWO]
    assert parts.write_of(MEMBERS[1]) == REQUEST


def test_write_ends_with_the_last_of_its_requests_in_any_order() -> None:
    parts = taken()
    assert list(parts.end(MEMBERS[1], (TWO,))) == []
    assert list(parts.end(MEMBERS[0], (ONE,))) == [("kim", (ONE, TWO))]
    assert list(parts.stop(Refused("no"))) == []


def test_error_tells_what_was_made_all_the_same() -> None:
    parts = taken()
    list(parts.end(MEMBERS[0], (ONE,)))
    ((_identity, error),) = parts.end(MEMBERS[1], Refused("no", advice="Ask."))
    assert isinstance(error, TenantopsError)
    assert error.advice == "A part of it was done: One. Ask."
    assert not error.nothing_written


def test_nothing_was_written_only_where_all_say_so() -> None:
    for errors, expected in (((Refused, Refused), True), ((Refused, ConnectionFailed), False)):
        parts = taken()
        endings = [
            ending
            for member, kind in zip(MEMBERS, errors, strict=True)
            for ending in parts.end(member, kind("no"))
        ]
        ((_identity, error),) = endings
        assert isinstance(error, TenantopsError)
        assert error.nothing_written is expected


def test_what_is_stopped_half_way_is_not_said_to_be_unmade() -> None:
    parts = taken()
    list(parts.end(MEMBERS[0], (ONE,)))
    ((identity, error),) = parts.stop(Refused("stopped"))
    assert identity == "kim"
    assert isinstance(error, TenantopsError)
    assert not error.nothing_written
