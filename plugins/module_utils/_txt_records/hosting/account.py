# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An account at a DNS hosting company: what the operator gave for it, and what must not be told.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ..._errors import InvalidInput, TenantopsError

# Whoever keeps the zone, these say how it is reached.
_COMMON_SETTINGS = frozenset({"url", "ca_path", "retry_time"})
_NO_SECRETS = frozenset({"tenant_id", "client_id"})
_MASK = "********"
_LONGEST_ANSWER = 300


@dataclass(frozen=True)
class Requirements:
    """Which credentials and settings a company takes.

    Without any credentials the company's own library looks for some, if `finds_credentials`.
    """

    credentials: frozenset[str]
    optional_credentials: frozenset[str] = frozenset()
    finds_credentials: bool = False
    settings: frozenset[str] = frozenset()
    optional_settings: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Account:
    """What was given to reach a company: only what is not null, times in seconds.

    `learned` are secrets that came up on the way, such as access tokens.
    """

    provider: str
    credentials: Mapping[str, Any]
    settings: Mapping[str, Any]
    timeout: float
    learned: set[str] = field(default_factory=set)

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any], needed: Requirements) -> Account:
        """Read the options of the documentation fragment `dns`.

        Raises `InvalidInput` for what is missing, and for what another company would want.
        """
        account = cls(
            parameters["dns_provider"],
            _given(parameters["dns_provider_credentials"]),
            _given(parameters["dns_provider_settings"]),
            parameters["dns_timeout"],
        )
        account._check(needed)
        return account

    @property
    def url(self) -> str | None:
        """Where the company's API is, without a final slash, if not at its usual place."""
        url: str | None = self.settings.get("url")
        return url.rstrip("/") if url else None

    @property
    def ca_path(self) -> str | None:
        """The file with the certificate authorities to trust, null for the usual ones."""
        return self.settings.get("ca_path")

    @property
    def retry_time(self) -> float:
        """How long to try again in all when there were too many requests."""
        return float(self.settings.get("retry_time", 120.0))

    @contextmanager
    def discreet(self) -> Iterator[None]:
        """Take the secrets out of every error in the block: an answer may repeat what was sent."""
        try:
            yield
        except TenantopsError as error:
            error.problem, error.subject = self._masked(error.problem), self._masked(error.subject)
            # Cut only now, or a part of a secret could stay.
            error.answer = self._masked(error.answer)[:_LONGEST_ANSWER]
            raise

    def _masked(self, text: str) -> str:
        for secret in self._secrets():
            text = text.replace(secret, _MASK)
        return text

    def _secrets(self) -> Iterator[str]:
        yield from filter(None, self.learned)
        for name, secret in self.credentials.items():
            if name == "service_account":
                yield from _service_account_secrets(secret)
            elif name not in _NO_SECRETS:
                yield secret

    def _check(self, needed: Requirements) -> None:
        if self.timeout <= 0:
            raise InvalidInput(f"dns_timeout must be more than 0 s: {self.timeout}")
        known = needed.credentials | needed.optional_credentials
        self._check_names("dns_provider_credentials", self.credentials, known)
        known = needed.settings | needed.optional_settings
        self._check_names(
            "dns_provider_settings", self.settings, known | _COMMON_SETTINGS, told=known
        )
        if self.credentials or not needed.finds_credentials:
            self._check_complete(
                "dns_provider_credentials", needed.credentials - self.credentials.keys()
            )
        self._check_complete("dns_provider_settings", needed.settings - self.settings.keys())
        for name in ("url", "authority"):
            check_url(name, self.settings.get(name))

    def _check_names(
        self,
        option: str,
        given: Mapping[str, Any],
        known: frozenset[str],
        told: frozenset[str] | None = None,
    ) -> None:
        others = sorted(given.keys() - known)
        if others:
            names = ", ".join(sorted(known if told is None else told)) or "none"
            raise InvalidInput(
                f"{option} has what {self.provider} does not take: {', '.join(others)}",
                advice=f"It takes {names}. Check dns_provider.",
            )

    def _check_complete(self, option: str, missing: frozenset[str]) -> None:
        if missing:
            raise InvalidInput(
                f"dns_provider={self.provider} needs {', '.join(sorted(missing))} in {option}",
                advice="docs/dns_hosting.md tells where to find them.",
            )


def _given(options: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (options or {}).items() if value not in (None, "")}


def check_url(name: str, url: str | None) -> None:
    """Raise `InvalidInput` for an address that is not encrypted."""
    if url is None:
        return
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise InvalidInput(
            f"{name} is not an address that begins with https://",
            subject=url,
            advice="Credentials are sent there, so it has to be encrypted.",
        )


def service_account(given: Any) -> dict[str, Any]:
    """The key file of a service account. Raises `InvalidInput`, which does not repeat it."""
    fields = given
    if isinstance(given, str):
        try:
            fields = json.loads(given)
        except ValueError:
            fields = None
    if not isinstance(fields, dict):
        raise InvalidInput(
            "service_account is not the key file of a service account",
            advice="Give the content of the JSON file, for example with lookup('file', ...).",
        )
    return fields


def _service_account_secrets(given: Any) -> Iterator[str]:
    if isinstance(given, str):
        yield given
    try:
        key = service_account(given).get("private_key")
    except InvalidInput:
        return
    if isinstance(key, str):
        yield key
        # Short lines are the frame of a PEM file, and the padding at the end.
        yield from (line for line in key.splitlines() if len(line) > 16 and "-----" not in line)
