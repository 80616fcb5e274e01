# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a server's response codes mean for the operator: rcode and TSIG error to one of our errors.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from dataclasses import dataclass

from .._errors import (
    AuthenticationFailed,
    ChangedMeanwhile,
    NotUnderstood,
    Refused,
    TenantopsError,
)
from .._libraries import library

with library("dnspython"):
    import dns.message
    import dns.rcode

# "Somebody was faster": our prerequisites did not hold (RFC 2136 section 3.2).
_PREREQUISITE_FAILED = ("NXRRSET", "YXRRSET")


@dataclass(frozen=True)
class _Meaning:
    error: type[TenantopsError]
    problem: str
    advice: str


_TSIG_ERRORS = {
    "BADKEY": _Meaning(
        AuthenticationFailed,
        "The name server does not know the key",
        "Check dns_key_name and dns_key_algorithm, and that this server (the primary, not a "
        "secondary) has the key.",
    ),
    "BADSIG": _Meaning(
        AuthenticationFailed,
        "The name server finds our signature wrong",
        "Check dns_key_secret and dns_key_algorithm: the server has a key of this name with "
        "another secret.",
    ),
    "BADTIME": _Meaning(
        AuthenticationFailed,
        "The clocks of this machine and of the name server are too far apart for signatures",
        "Set both clocks (NTP). This is about the machine on which the task runs.",
    ),
    "BADTRUNC": _Meaning(
        AuthenticationFailed,
        "The name server finds our signature too short",
        "Choose another dns_key_algorithm.",
    ),
}

_RCODES = {
    "REFUSED": _Meaning(
        Refused,
        "The name server refuses",
        "Check that it serves the zone, and that the key (or, without one, this machine's address) "
        "may query and update it: in BIND allow-query and update-policy or allow-update.",
    ),
    "NOTAUTH": _Meaning(
        Refused,
        "The name server is not authoritative for the zone, or does not accept the key for it",
        "Check zone, dns_server (it must be the primary) and dns_key_name.",
    ),
    "NOTZONE": _Meaning(
        Refused,
        "The name server says that the name is not in the zone",
        "Check name and zone.",
    ),
    "FORMERR": _Meaning(
        Refused,
        "The name server does not understand the message",
        "Check that it supports dynamic updates (RFC 2136) and the chosen dns_auth.",
    ),
    "NOTIMP": _Meaning(
        Refused,
        "The name server does not support this",
        "Check that it supports dynamic updates (RFC 2136) and the chosen dns_auth.",
    ),
    "SERVFAIL": _Meaning(
        NotUnderstood,
        "The name server failed",
        "Look in its log: the zone may not be loaded, have expired, or not be writable.",
    ),
}

_UNKNOWN = _Meaning(
    NotUnderstood,
    "The name server gave an answer that is not known here",
    "Nothing is concluded from it. Look in the server's log.",
)


def tsig_error(answer: dns.message.Message) -> str:
    """The name of the error in the answer's TSIG record (RFC 8945), or an empty text."""
    if answer.tsig is None or answer.tsig[0].error == dns.rcode.NOERROR:
        return ""
    return dns.rcode.to_text(answer.tsig[0].error, tsig=True)


def check_query_answer(answer: dns.message.Message, server: str, subject: str) -> None:
    """Raise for every answer to a query but NOERROR and NXDOMAIN."""
    _check(answer, ("NOERROR", "NXDOMAIN"), server, subject)


def is_prerequisite_failure(answer: dns.message.Message) -> bool:
    """Whether an update was not made because its prerequisites do not hold."""
    return _code(answer) in _PREREQUISITE_FAILED and not tsig_error(answer)


def check_update_answer(answer: dns.message.Message, server: str, subject: str) -> None:
    """Raise for every answer to an update but NOERROR; `ChangedMeanwhile` for a lost race."""
    if is_prerequisite_failure(answer):
        raise ChangedMeanwhile(
            "Somebody else changed the records between our reading and our writing",
            server=server,
            subject=subject,
            answer=_code(answer),
            advice="Nothing was changed. Run the task again when the other writer is done.",
        )
    _check(answer, ("NOERROR",), server, subject)


def _check(
    answer: dns.message.Message, understood: tuple[str, ...], server: str, subject: str
) -> None:
    code, signature = _code(answer), tsig_error(answer)
    if code in understood and not signature:
        return
    meaning = _TSIG_ERRORS.get(signature) or _RCODES.get(code, _UNKNOWN)
    told = f"{code} ({signature})" if signature else code
    raise meaning.error(
        meaning.problem, server=server, subject=subject, answer=told, advice=meaning.advice
    )


def _code(answer: dns.message.Message) -> str:
    return dns.rcode.to_text(answer.rcode())
