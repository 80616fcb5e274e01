# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ConnectionFailed,
    NotAsWritten,
    Refused,
    TenantopsError,
    write_was_sent,
)


def test_an_error_tells_what_where_the_answer_and_what_to_do() -> None:
    error = Refused("Graph refused.", server="g", subject="o", answer="403", advice="Ask.")
    assert str(error) == "Graph refused (server: g; object: o; answer: 403). Ask."
    assert error.as_result() == {
        "kind": "refused",
        "problem": "Graph refused.",
        "server": "g",
        "object": "o",
        "answer": "403",
        "advice": "Ask.",
    }


def test_what_is_not_known_is_left_out() -> None:
    assert str(TenantopsError("No")) == "No."
    assert str(TenantopsError("No", answer="a")) == "No (answer: a)."


def test_only_some_errors_prove_that_nothing_was_written() -> None:
    assert Refused("x").nothing_written
    assert not ConnectionFailed("x").nothing_written
    assert not NotAsWritten("x").nothing_written


def test_after_a_write_was_sent_no_error_proves_anything() -> None:
    refused = Refused("x")
    with pytest.raises(Refused) as caught, write_was_sent():
        raise refused
    assert caught.value is refused
    assert not refused.nothing_written
    assert Refused("another").nothing_written
