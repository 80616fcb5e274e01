# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    AuthenticationFailed,
    ChangedMeanwhile,
    ConnectionFailed,
    InvalidInput,
    NotTrusted,
    NotUnderstood,
    Refused,
    TenantopsError,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.errors import (
    Result,
    error_of,
)


def result(code: int, diagnostic: str = "") -> Result:
    return Result(code, "someName", diagnostic)


def told(code: int, diagnostic: str = "", **where: Any) -> TenantopsError:
    return error_of(result(code, diagnostic), server="ldaps://dc1:636", subject="CN=x", **where)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (3, ConnectionFailed),
        (4, Refused),
        (7, AuthenticationFailed),
        (8, NotTrusted),
        (10, Refused),
        (11, Refused),
        (12, Refused),
        (13, NotTrusted),
        (16, ChangedMeanwhile),
        (19, Refused),
        (20, ChangedMeanwhile),
        (21, Refused),
        (32, Refused),
        (34, InvalidInput),
        (48, AuthenticationFailed),
        (49, AuthenticationFailed),
        (50, Refused),
        (51, Refused),
        (52, Refused),
        (53, Refused),
    ],
)
def test_known_results(code: int, kind: type[TenantopsError]) -> None:
    error = told(code, "some words")
    assert error.__class__ is kind
    assert error.server == "ldaps://dc1:636"
    assert error.subject == "CN=x"
    assert error.answer == f"result {code} someName, some words"


# 0 is no failure, 5 and 6 answer a compare, 14 goes on with a bind: none belongs here.
@pytest.mark.parametrize("code", [0, 1, 2, 5, 6, 14, 33, 36, 54, 69, 80, 118, 122, 4096, 16654])
def test_every_other_result_is_not_understood(code: int) -> None:
    error = told(code)
    assert error.__class__ is NotUnderstood
    assert not error.nothing_written
    assert str(code) in error.answer


@pytest.mark.parametrize("number", ["000004DC", "00002020"])
def test_an_operations_error_for_want_of_a_bind(number: str) -> None:
    assert told(1, f"{number}: LdapErr: DSID-0C090A5C").__class__ is AuthenticationFailed
    assert told(1, f"LdapErr: {number}").__class__ is NotUnderstood


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("525", "no such user"),
        ("52e", "user name or password is wrong"),
        ("530", "at this time"),
        ("531", "from this machine"),
        ("532", "password has expired"),
        ("533", "disabled"),
        ("701", "account has expired"),
        ("773", "must be changed"),
        ("775", "locked out"),
        ("80090346", "channel binding"),
    ],
)
def test_why_a_logon_was_refused(code: str, why: str) -> None:
    diagnostic = f"80090308: LdapErr: DSID-0C09044E, comment: Some words, data {code}, v2580"
    error = told(49, diagnostic, identity="anna@corp.example.test")
    assert error.__class__ is AuthenticationFailed
    assert why in error.problem
    assert "anna@corp.example.test" in error.problem
    assert error.advice


def test_a_logon_refused_for_a_reason_that_is_not_known() -> None:
    error = told(49, "data fff", identity="anna")
    assert error.__class__ is AuthenticationFailed
    assert "not accepted" in error.problem
    assert "data fff" in error.answer


def test_advice_of_the_caller_comes_first() -> None:
    assert told(50, advice="Ask Anna.").advice == "Ask Anna."
    assert told(50).advice


def test_a_result_as_ldap3_gives_it() -> None:
    answer = {"result": 50, "description": "insufficientAccessRights", "message": "00002098: x\x00"}
    told_result = Result.of(answer)
    assert told_result == Result(50, "insufficientAccessRights", "00002098: x")
    assert told_result.leading_hex == 0x2098
    assert (
        str(Result.of({"result": 99, "description": None, "message": None})) == "result 99 unknown"
    )
