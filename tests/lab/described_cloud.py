# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's cloud, asked raw; every exchange is held against Microsoft's description of Graph."""

from __future__ import annotations

import ssl
from typing import Any

import httpx

from lab.description import Description

from .openapi import GraphDescription, find_reference

# For requests that are wrong on purpose, so that the description would find fault with them.
WRONG: dict[str, Any] = {"headers": {"x-test": "wrong"}}


class DescribedCloud:
    """Signs in as the tenants' applications. Clients are the caller's to close."""

    def __init__(self, lab: Description) -> None:
        self._lab = lab
        reference = find_reference()
        self._description = GraphDescription(reference) if reference else None
        self._context = ssl.create_default_context(cafile=lab.ca_file)

    def client(self, name: str) -> httpx.Client:
        """Sign in as a tenant's application, with the permissions that it has now."""
        tenant, cloud = self._lab.tenants[name], self._lab.cloud
        form = {
            "grant_type": "client_credentials",
            "client_id": tenant["client_id"],
            "client_secret": tenant["client_secret"],
            "scope": f"{cloud['graph_url']}/.default",
        }
        url = f"{cloud['authority']}/{tenant['tenant_id']}/oauth2/v2.0/token"
        answer = httpx.post(url, data=form, verify=self._context)
        assert answer.status_code == 200, answer.text
        return httpx.Client(
            base_url=cloud["graph_url"],
            headers={"Authorization": f"Bearer {answer.json()['access_token']}"},
            verify=self._context,
            timeout=20,
            event_hooks={"response": [self._check]},
        )

    def _check(self, response: httpx.Response) -> None:
        response.read()
        if self._description is None or response.request.headers.get("x-test") == "wrong":
            return
        request = response.request
        problems = self._description.problems(
            request.method,
            str(request.url),
            _json(request.content),
            response.status_code,
            _json(response.content),
        )
        assert problems == [], f"{request.method} {request.url}: {problems}"
        if request.url.path.endswith("/$batch") and response.is_success:
            self._check_members(_json(request.content), _json(response.content))

    def _check_members(self, asked: Any, answered: Any) -> None:
        """Hold those members of a batch that went well against the description."""
        assert self._description is not None
        requests = {entry["id"]: entry for entry in asked["requests"]}
        for answer in answered["responses"]:
            request = requests[answer["id"]]
            problems = self._description.problems(
                request["method"],
                f"/v1.0/{request['url'].strip('/')}",
                request.get("body"),
                answer["status"],
                answer.get("body"),
            )
            assert problems == [] or answer["status"] >= 400, f"{request}: {problems}"


def _json(content: bytes) -> Any:
    return httpx.Response(200, content=content).json() if content else None
