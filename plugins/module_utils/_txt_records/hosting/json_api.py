# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to a company that has no library which is fit for the purpose: JSON over HTTPS.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..._errors import TenantopsError
from ..._libraries import library
from .answers import Company, HttpAnswer

with library("requests"):
    import requests


@dataclass(frozen=True)
class JsonApi:
    """An API at one address, over a session that has the credentials.

    `refusal` tells which error an answer without success is.
    """

    company: Company
    session: requests.Session
    url: str
    ca_path: str | None
    timeout: float
    refusal: Callable[[HttpAnswer, str], TenantopsError]

    def ask(
        self,
        method: str,
        path: str,
        subject: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Any:
        """The JSON of a successful answer, null if it is empty. Raises for any other."""
        try:
            response = self.session.request(
                method,
                f"{self.url}{path}",
                params=query,
                json=body,
                timeout=self.timeout,
                # The library follows where a redirect leads, whoever sent it.
                allow_redirects=False,
                # With each request, because REQUESTS_CA_BUNDLE goes over what the session has.
                verify=self.ca_path or True,
            )
        except requests.RequestException as error:
            raise self.company.unreachable(error, subject) from error
        answer = HttpAnswer(
            response.status_code,
            response.text,
            response.headers.get("Retry-After"),
            response.headers.get("Location"),
        )
        if response.ok and not response.is_redirect:
            return self._content(answer, subject)
        raise self.refusal(answer, subject)

    def _content(self, answer: HttpAnswer, subject: str) -> Any:
        if not answer.text.strip():
            return None
        body = answer.body
        if body is None:
            raise self.company.not_understood(answer.told, subject)
        return body
