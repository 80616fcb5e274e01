# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan store at an HTTPS location: GET, and PUT that never replaces (If-None-Match: *, RFC 9110).

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from urllib.parse import quote

from .._errors import (
    AuthenticationFailed,
    ConnectionFailed,
    InvalidInput,
    NotTrusted,
    NotUnderstood,
    Refused,
    TenantopsError,
)
from .._libraries import library, require
from .model import Location, Result, Work

with library("httpx"):
    import httpx

_TIMEOUT = 60.0
_TRIES = 3
_CREATED = frozenset({200, 201, 204})
_EXISTS = frozenset({409, 412})


@dataclass(frozen=True)
class HttpsDocuments:
    """Documents as resources below a URL."""

    client: httpx.Client
    root: str
    proven: set[str] = field(default_factory=set)
    """The servers that were seen to keep what they have."""

    @property
    def where(self) -> str:
        return self.root

    def read(self, name: str) -> bytes | None:
        answer = self._send("GET", name)
        if answer.status_code == 404:
            return None
        if answer.status_code != 200:
            raise _error(answer, name)
        return answer.content

    def create(self, name: str, content: bytes) -> bool:
        answer = self._put(name, content)
        if answer.status_code in _CREATED:
            self._prove(name, content)
            return True
        if answer.status_code in _EXISTS:
            # It may be ours, from a request whose answer was lost.
            return answer.extensions.get("tries", 1) > 1 and self.read(name) == content
        raise _error(answer, name)

    def _put(self, name: str, content: bytes) -> httpx.Response:
        headers = {"If-None-Match": "*", "Content-Type": "application/json"}
        return self._send("PUT", name, content, headers)

    def _prove(self, name: str, content: bytes) -> None:
        """A server that ignores the condition would let one run replace what another one wrote."""
        if self.root in self.proven:
            return
        if self._put(name, content).status_code not in _EXISTS:
            raise NotUnderstood(
                "The plan store replaces a document although the request says If-None-Match: *",
                server=self.root,
                subject=name,
                advice="Use a server that keeps to RFC 9110 there, a Git repository or a folder.",
            )
        self.proven.add(self.root)

    def folders(self) -> None:
        return None

    def remove(self, folder: str) -> None:
        raise InvalidInput(
            "An HTTPS store does not tell what it holds, so nothing can be removed from it",
            server=self.root,
            subject=folder,
            advice="Leave keep_days out, and let the server remove what is old.",
        )

    def _send(
        self, method: str, name: str, content: bytes = b"", headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Send a request; anew where it may not have arrived, since none changes anything twice."""
        url = f"{self.root}/{quote(name)}"
        for tries in range(1, _TRIES + 1):
            try:
                answer = self.client.request(method, url, content=content, headers=headers)
            except httpx.HTTPError as error:
                if tries == _TRIES or _is_of_trust(error):
                    raise _not_reached(error, self.root) from error
                continue
            if answer.status_code < 500 or tries == _TRIES:
                break
        answer.extensions["tries"] = tries
        return answer


@dataclass(frozen=True)
class HttpsStore:
    """A store at an HTTPS location, with a bearer token if it wants one."""

    location: Location
    token: str | None = None
    ca_path: str | None = None

    def perform(self, work: Work[Result]) -> Result:
        require("httpx")
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        with httpx.Client(
            headers=headers,
            verify=_trust(self.ca_path),
            timeout=_TIMEOUT,
            # A token must not follow to another server.
            follow_redirects=False,
        ) as client:
            return work(HttpsDocuments(client, self.location.place))


def _trust(ca_path: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_path)
    except (OSError, ssl.SSLError) as error:
        raise InvalidInput(
            "The certificate authority of the plan store cannot be read",
            subject=str(ca_path),
            answer=str(error),
            advice="Give store_ca_path a file with certificates in PEM form.",
        ) from error


def _is_of_trust(error: httpx.HTTPError) -> bool:
    return "CERTIFICATE_VERIFY_FAILED" in str(error)


def _not_reached(error: httpx.HTTPError, server: str) -> TenantopsError:
    told = str(error) or type(error).__name__
    if _is_of_trust(error):
        return NotTrusted(
            "The certificate of the plan store is not trusted",
            server=server,
            answer=told,
            advice="Give store_ca_path the file with its certificate authority.",
        )
    return ConnectionFailed(
        "The plan store was not reached",
        server=server,
        answer=told,
        advice="Look that its address is right and that this machine may reach it.",
    )


def _error(answer: httpx.Response, name: str) -> TenantopsError:
    told = f"HTTP {answer.status_code} {' '.join(answer.text.split())[:200]}".strip()
    server = str(answer.request.url)
    if answer.status_code == 401:
        return AuthenticationFailed(
            "The plan store does not accept the token",
            server=server,
            answer=told,
            advice="Give store_token one that may read and write there.",
        )
    if answer.status_code == 403:
        return Refused(
            "The plan store refuses",
            server=server,
            answer=told,
            advice="Give the token the right to read and to make documents there.",
        )
    return NotUnderstood(
        "The plan store gives an answer that is not understood",
        server=server,
        subject=name,
        answer=told,
        advice="It has to answer GET with 200 or 404, and PUT with If-None-Match: * with 201, 204 "
        "or 412.",
    )
