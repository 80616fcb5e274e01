# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a directory answers when it does not do what was asked, as errors of this collection.

Matched are the result code (RFC 4511 appendix A), and of the diagnostic text only the hexadecimal
number that it begins with and the `data` code of a refused logon: the words differ between Windows
versions and Samba. Pure. Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._errors import (
    AuthenticationFailed,
    ChangedMeanwhile,
    ConnectionFailed,
    InvalidInput,
    NotTrusted,
    NotUnderstood,
    Refused,
    TenantopsError,
)

SUCCESS = 0
SASL_BIND_IN_PROGRESS = 14
NO_SUCH_ATTRIBUTE = 16
CONSTRAINT_VIOLATION = 19
VALUE_EXISTS = 20
NO_SUCH_OBJECT = 32
NO_RIGHT = 50
BUSY = 51
UNAVAILABLE = 52

_LEADING_HEX = re.compile(r"\s*([0-9A-Fa-f]{8})\b")
_LOGON_CODE = re.compile(r"\bdata ([0-9A-Fa-f]+)\b")


@dataclass(frozen=True)
class Result:
    """The LDAPResult of one operation: its code, the code's name, and the server's own words."""

    code: int
    name: str
    diagnostic: str

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Result:
        """From the dictionary in which ldap3 gives a result."""
        return cls(
            code=answer["result"],
            name=answer["description"] or "unknown",
            diagnostic=(answer["message"] or "").rstrip("\x00").strip(),
        )

    def __str__(self) -> str:
        told = f"result {self.code} {self.name}"
        return f"{told}, {self.diagnostic}" if self.diagnostic else told

    @property
    def leading_hex(self) -> int | None:
        """The Win32 or security error that the diagnostic text begins with, if it does."""
        match = _LEADING_HEX.match(self.diagnostic)
        return int(match[1], 16) if match else None

    @property
    def logon_code(self) -> str | None:
        """Why Active Directory refused a logon: the `data` code in lower-case hexadecimal."""
        match = _LOGON_CODE.search(self.diagnostic)
        return match[1].lower() if match else None


@dataclass(frozen=True)
class _Meaning:
    error: type[TenantopsError]
    problem: str
    advice: str = ""


_USE_TLS = "Set ad_encryption to ldaps or start_tls."
_NARROW = (
    "The part of the answer that came was not used. Ask the directory's administrator to raise the"
    " limit, or use an account without it."
)

_MEANINGS: Mapping[int, _Meaning] = {
    3: _Meaning(ConnectionFailed, "The server gave up because its time limit was over"),
    4: _Meaning(Refused, "The server has more entries than it is willing to return", _NARROW),
    7: _Meaning(
        AuthenticationFailed,
        "The server does not offer this way to authenticate",
        "Set ad_auth to one that it offers. Active Directory offers simple and kerberos.",
    ),
    8: _Meaning(NotTrusted, "The server demands a better protected connection", _USE_TLS),
    10: _Meaning(
        Refused,
        "The server refers to another one, and referrals are never followed with credentials",
        "Name the server that holds the object, and may write it, in ad_servers. A read-only domain"
        " controller and a global catalog refer all writes elsewhere.",
    ),
    11: _Meaning(Refused, "An administrative limit of the server was passed", _NARROW),
    12: _Meaning(Refused, "The server does not know a control that this collection relies on"),
    13: _Meaning(NotTrusted, "The server demands an encrypted connection", _USE_TLS),
    NO_SUCH_ATTRIBUTE: _Meaning(ChangedMeanwhile, "A value to remove is not there any more"),
    17: _Meaning(Refused, "The server's schema does not have this attribute"),
    CONSTRAINT_VIOLATION: _Meaning(Refused, "The value breaks a rule of the directory"),
    VALUE_EXISTS: _Meaning(ChangedMeanwhile, "A value to add is there already"),
    21: _Meaning(Refused, "The server takes the value for malformed"),
    NO_SUCH_OBJECT: _Meaning(
        Refused,
        "The object does not exist, or this account may not see it",
        "Check that the account may read it.",
    ),
    34: _Meaning(InvalidInput, "The server takes the distinguished name for malformed"),
    48: _Meaning(
        AuthenticationFailed, "The account cannot authenticate in this way", "Set another ad_auth."
    ),
    NO_RIGHT: _Meaning(Refused, "This account lacks a right", "Grant it, or use another account."),
    BUSY: _Meaning(Refused, "The server is too busy", "Run again later, or name another server."),
    UNAVAILABLE: _Meaning(
        Refused, "The server is shutting down or not ready", "Run again later, or name another one."
    ),
    53: _Meaning(Refused, "The server is unwilling to do this"),
    64: _Meaning(Refused, "The name breaks a rule of the directory"),
    65: _Meaning(Refused, "The object would break its object class"),
    66: _Meaning(Refused, "The object has objects below it"),
    67: _Meaning(Refused, "This attribute is part of the object's name"),
    68: _Meaning(Refused, "There is such an object already"),
    71: _Meaning(Refused, "The change would concern several servers"),
}

_CHECK_CREDENTIALS = (
    "Check ad_username (name@domain, DOMAIN\\name or DN) and ad_password. Each wrong attempt counts"
    " towards lock-out, so no other server was tried."
)
_CHANNEL_BINDING = (
    "Use ad_auth=kerberos over ldaps, or check that nothing between here and the server terminates"
    " TLS."
)
_NOT_BOUND = _Meaning(
    AuthenticationFailed,
    "The server does not take this connection for authenticated",
    "Check the credentials; Active Directory answers nothing to a connection without any.",
)
# What a diagnostic text begins with if no bind was made: 000004DC on Windows, 00002020 on Samba.
_NOT_BOUND_CODES = frozenset({0x04DC, 0x2020})

# Win32 logon errors, as Active Directory gives them after `data` with result 49: why, what to do.
_LOGON_REFUSALS: Mapping[str, tuple[str, str]] = {
    "525": ("there is no such user", "Check ad_username."),
    "52e": ("user name or password is wrong", _CHECK_CREDENTIALS),
    "530": ("the account may not log on at this time", "Run at another time, or allow it."),
    "531": ("the account may not log on from this machine", "Allow it in the account's settings."),
    "532": ("the account's password has expired", "Set a new password."),
    "533": ("the account is disabled", "Enable it, or use another one."),
    "701": ("the account has expired", "Extend it, or use another one."),
    "773": ("the account's password must be changed first", "Set a password that stays."),
    "775": ("the account is locked out", "Unlock it, and find out what uses a wrong password."),
    "80090346": ("the server demands channel binding and did not get it", _CHANNEL_BINDING),
}


def error_of(
    result: Result, *, server: str, subject: str = "", identity: str = "", advice: str = ""
) -> TenantopsError:
    """The error that tells an operator about a result other than success.

    `advice` replaces the general advice where the caller knows better. A code that is not known
    is a `NotUnderstood`, never a guess.
    """
    meaning = _meaning(result, identity)
    return meaning.error(
        meaning.problem,
        server=server,
        subject=subject,
        answer=str(result),
        advice=advice or meaning.advice,
    )


def _meaning(result: Result, identity: str) -> _Meaning:
    if result.code == 49:
        return _refused_logon(result, identity)
    if result.code == 1 and result.leading_hex in _NOT_BOUND_CODES:
        return _NOT_BOUND
    unknown = _Meaning(
        NotUnderstood,
        "The server's answer is not one that is known here",
        "Look into the directory server's own log; please report the answer if it is in order.",
    )
    return _MEANINGS.get(result.code, unknown)


def _refused_logon(result: Result, identity: str) -> _Meaning:
    why, advice = _LOGON_REFUSALS.get(
        result.logon_code or "", ("the credentials are not accepted", _CHECK_CREDENTIALS)
    )
    return _Meaning(AuthenticationFailed, f"Login as {identity} refused: {why}", advice)
