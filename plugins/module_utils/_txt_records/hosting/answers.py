# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What answers over HTTP mean, in our own errors.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ..._errors import (
    AuthenticationFailed,
    ConnectionFailed,
    NotTrusted,
    NotUnderstood,
    ObjectGone,
    Refused,
    TenantopsError,
)


class Throttled(Refused):
    """Too many requests; this one was not carried out. `retry_after` is in seconds, if told."""

    kind = "throttled"

    def __init__(self, problem: str, *, retry_after: float | None = None, **told: str) -> None:
        super().__init__(problem, **told)
        self.retry_after = retry_after


@dataclass(frozen=True)
class HttpAnswer:
    """One answer: its status, its text, and the header fields that say how to go on."""

    status: int
    text: str
    retry_after: str | None = None
    location: str | None = None

    @property
    def body(self) -> Any:
        """The JSON in it, null if it is none."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None

    @property
    def told(self) -> str:
        """The answer for people, in one line."""
        to = f" to {self.location}" if self.location else ""
        return f"HTTP {self.status}{to}: {' '.join(self.text.split())}"


@dataclass(frozen=True)
class Company:
    """Who answers, and what to tell the operator when it says no."""

    server: str
    permission: str
    credentials: str

    def error(self, answer: HttpAnswer, subject: str, *, is_its_own: bool) -> TenantopsError:
        """The error that an answer without success is.

        `is_its_own` is true if the answer has the form of the company's errors: others come from
        a proxy in between, and prove nothing about what was done.
        """
        told = {"server": self.server, "subject": subject, "answer": answer.told}
        if answer.status == 407:
            return ConnectionFailed("The proxy on the way wants us to sign in", **told)
        if answer.status == 429:
            return Throttled(
                "There were too many requests",
                retry_after=seconds(answer.retry_after),
                advice="Run again later, or with fewer tenants at once.",
                **told,
            )
        if answer.status >= 500:
            return ConnectionFailed(
                "The service cannot do it at the moment", advice="Run again later.", **told
            )
        if not is_its_own:
            return self.not_understood(answer.told, subject)
        for status, kind, problem, advice in (
            (401, AuthenticationFailed, "The credentials are not accepted", self.credentials),
            (403, Refused, "These credentials may not do that", self.permission),
            (404, ObjectGone, "It does not exist there, or may not be seen", self.permission),
        ):
            if answer.status == status:
                return kind(problem, advice=advice, **told)
        return Refused("The request is refused", **told)

    def not_understood(self, answer: str, subject: str) -> NotUnderstood:
        """An answer that the company does not give."""
        return NotUnderstood(
            "This is not an answer that the service gives",
            server=self.server,
            subject=subject,
            answer=answer,
            advice="A proxy or a sign-in page of the network may have answered in its place; "
            "check HTTPS_PROXY and the url of dns_provider_settings.",
        )

    def unreachable(self, error: BaseException, subject: str) -> TenantopsError:
        """The error that a connection which could not be made, or broke, is."""
        if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error)):
            return NotTrusted(
                "The certificate is not trusted",
                server=self.server,
                subject=subject,
                answer=str(error),
                advice="Behind a proxy that opens connections, give its authority as ca_path of "
                "dns_provider_settings.",
            )
        return ConnectionFailed(
            "The service could not be reached, or the connection broke",
            server=self.server,
            subject=subject,
            answer=f"{type(error).__name__}: {error}",
            advice="Check the network, HTTPS_PROXY and the url of dns_provider_settings.",
        )


def seconds(text: object) -> float | None:
    """A time to wait as told, null if it is none, or a date."""
    try:
        told = float(str(text))
    except ValueError:
        return None
    return told if 0 <= told < float("inf") else None


def field(answer: Any, name: str, wanted: type, wrong: Callable[[str], TenantopsError]) -> Any:
    """A field that an answer must have, of the type that it must have."""
    found = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(found, wanted) or isinstance(found, bool):
        raise wrong(f"{name} is {found!r}" if isinstance(answer, dict) else repr(answer))
    return found


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        # Some libraries keep the cause to themselves.
        inner = getattr(error, "inner_exception", None)
        error = inner or error.__cause__ or error.__context__
