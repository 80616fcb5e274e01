# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The twelve tenants whose domains stand in twelve ways, watched from behind the servers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import Change
from lab.description import Description

from .playbooks import Finished
from .truth import Truth

# What a run changes for each tenant that comes to the end of its course.
ADDED = "create domain"
PUBLISHED = "add TXT"
VERIFIED = "replace isVerified"
TAKEN_OVER = "invoke takeover"
OFFERED = "add uPNSuffixes"
COURSES: dict[str, list[str]] = {
    "adatum": [ADDED, PUBLISHED, VERIFIED, OFFERED],
    "alpineski": [PUBLISHED, VERIFIED, OFFERED],
    "bellows": [VERIFIED, OFFERED],
    "cohovineyard": [OFFERED],
    "graphicdesign": [ADDED, PUBLISHED, VERIFIED, TAKEN_OVER, OFFERED],
    "wingtip": [ADDED, OFFERED],
    "woodgrove": [VERIFIED, OFFERED],
}

# Where the others stop for a person, before anything is done for them.
CLOSED = {
    "litware": "belongs to an unmanaged tenant, and nobody consented",
    "lucerne": "Somebody has to begin the takeover",
    "proseware": "verified in another tenant",
    "treyresearch": "verified in another tenant",
}
# Only force itself shows that Microsoft refuses it.
REFUSED = "humongous"
REFUSED_COURSE = [ADDED, PUBLISHED, VERIFIED, TAKEN_OVER, OFFERED]

EVERYBODY = frozenset({*COURSES, *CLOSED, REFUSED})

_LOOK_EVERY = 0.1
_FOR_EVER = 10**9


def outline(changes: list[dict[str, Any]]) -> list[str]:
    """Changes in short."""
    return [f"{change['action']} {change['property']}" for change in changes]


def covers(planned: list[dict[str, Any]], made: list[dict[str, Any]]) -> bool:
    """Whether each change that was made is the one that was planned, one by one."""
    pairs = zip(planned, made, strict=True)
    return all(Change.from_json(plan).covers(Change.from_json(change)) for plan, change in pairs)


def gates(finished: Finished, mode: str, tenant: str) -> list[dict[str, Any]]:
    """The errors of the gates at which a tenant stopped."""
    return [gate["error"] for gate in finished.plan(mode, tenant).get("gates", [])]


@dataclass(frozen=True)
class Watch:
    """What the twelve tenants come to, and what was asked of the cloud on the way."""

    truth: Truth

    @property
    def lab(self) -> Description:
        return self.truth.lab

    def domain(self, tenant: str) -> str:
        """The domain that the tenant is there for."""
        return str(self.lab.domain_states[tenant]["domain"])

    def everything(self) -> dict[str, Any]:
        """All that a run may change. When a takeover began is left out: it ages by itself."""
        state = self.truth.cloud("GET", "/state")
        return {
            "domains": {
                tenant: [
                    {**domain, "takeover": domain["takeover"] is not None}
                    for domain in state["tenants"][tenant]["domains"]
                ]
                for tenant in sorted(EVERYBODY)
            },
            "users": {tenant: state["tenants"][tenant]["users"] for tenant in sorted(EVERYBODY)},
            "unmanaged": {
                name: (tenant["domains"], tenant["users"])
                for name, tenant in state["unmanaged"].items()
            },
            "txt": {tenant: self.truth.txt(self.domain(tenant)) for tenant in sorted(EVERYBODY)},
            "suffixes": self.truth.suffixes(),
        }

    def requests(self, tenant: str | None = None) -> list[dict[str, Any]]:
        """What was asked of Graph since the log was last emptied, by one tenant or by all."""
        return [
            request
            for request in self.truth.cloud("GET", "/requests")["requests"]
            if request["path"].startswith("/v1.0/") and tenant in (None, request["tenant"])
        ]

    def forget_requests(self) -> None:
        """Empty the log."""
        self.truth.cloud("DELETE", "/requests")

    def writes(self, tenant: str | None = None) -> list[dict[str, Any]]:
        """The requests that may change something."""
        return [request for request in self.requests(tenant) if request["method"] != "GET"]

    def forced(self) -> list[dict[str, Any]]:
        """The requests that take a tenant over by force."""
        return [
            request
            for request in self.writes()
            if request["path"].endswith("/verify") and (request["body"] or {}).get("forceTakeover")
        ]

    def hold_takeover(self, tenant: str) -> None:
        """Let the takeover of a tenant's domain take until it is let go."""
        self._takeover_seconds(tenant, _FOR_EVER)

    def let_go(self, tenant: str) -> None:
        """Let a takeover come to its end."""
        self._takeover_seconds(tenant, 0)

    def _takeover_seconds(self, tenant: str, seconds: int) -> None:
        self.truth.cloud("PUT", f"/state/unmanaged/{tenant}/takeover_seconds", seconds)

    def looks(self, tenant: str) -> int:
        """How often the tenant's domain was looked at."""
        path = f"/v1.0/domains/{self.domain(tenant)}"
        return sum(
            (request["method"], request["path"]) == ("GET", path)
            for request in self.requests(tenant)
        )


def moments() -> Iterator[None]:
    """Moments to look at something that others are doing."""
    while True:
        yield
        time.sleep(_LOOK_EVERY)
