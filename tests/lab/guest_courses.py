# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The six tenants that are about guests, watched from behind the cloud."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .truth import Truth

PASSCODE = "replace allowExternalIdToUseEmailOtp"
FALLBACK = "replace fallbackIdentityProvider"
RESET = "invoke redemption"
DEFAULTS = "replace isEnabled"

# Whom each course moves, by how they sign in.
MOVED = {
    "relecloud": frozenset({"microsoft_account", "entra_viral"}),
    "vanarsdel": frozenset({"one_time_passcode"}),
}
# Where the others stop, before anything is changed for them.
STOPPED = {
    "wideworld": "would be locked out",
    "margies": "Policy.ReadWrite.AuthenticationMethod",
}
GATES = {"consolidated": "Conditional Access"}
EVERYBODY = frozenset({*MOVED, *STOPPED, *GATES, "nodpublishers"})

# Of characters that people have in their addresses, Microsoft invites these.
_INVITABLE = re.compile(r"[\w.'-]+@[\w.-]+")


@dataclass(frozen=True)
class Reception:
    """What becomes of the guests, told by a way that no module can go."""

    truth: Truth

    def guests(self, tenant: str) -> dict[str, dict[str, Any]]:
        """The truth about each guest of a tenant, by id."""
        listed = self.truth.cloud("GET", f"/guests/{tenant}")["guests"]
        return {guest["id"]: guest for guest in listed}

    def movable(self, tenant: str) -> dict[str, dict[str, Any]]:
        """The guests whom the tenant wants to move and whom an app can."""
        return {
            identity: guest for identity, guest in self._meant(tenant).items() if _can_move(guest)
        }

    def immovable(self, tenant: str) -> dict[str, dict[str, Any]]:
        """The guests whom the tenant wants to move, but only a person can."""
        return {
            identity: guest
            for identity, guest in self._meant(tenant).items()
            if not _can_move(guest)
        }

    def _meant(self, tenant: str) -> dict[str, dict[str, Any]]:
        return {
            identity: guest
            for identity, guest in self.guests(tenant).items()
            if guest["method"] in MOVED[tenant] and guest["state"] == "Accepted"
        }

    def course(self, tenant: str) -> list[str]:
        """What a run changes for a tenant that is not stopped, in short."""
        if tenant == "nodpublishers":
            return [DEFAULTS]
        resets = [RESET] * len(self.movable(tenant))
        if tenant == "relecloud":
            return [PASSCODE, FALLBACK, *resets]
        return [FALLBACK, *resets, PASSCODE]

    def everything(self) -> dict[str, Any]:
        """All that a run may change."""
        tenants = self.truth.cloud("GET", "/state")["tenants"]
        return {
            name: {
                "guests": self.guests(name),
                "email_method": tenants[name]["email_method"],
                "policies": tenants[name]["policies"],
            }
            for name in sorted(EVERYBODY)
        }

    def put(self, tenant: str, path: str, value: Any) -> None:
        """Do what an administrator does in a portal: set something of a tenant."""
        self.truth.cloud("PUT", f"/state/tenants/{tenant}/{path}", value)

    def redeem(self, tenant: str, guests: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Let guests (by id) go to sign in; what each meets, by id."""
        body = {"guests": sorted(guests)}
        met = self.truth.cloud("POST", f"/guests/{tenant}/redemptions", body)["guests"]
        return {guest["id"]: guest for guest in met}

    def resets(self, tenant: str) -> list[str]:
        """The ids of the guests who were reset, as often as they were."""
        return [entry["user"] for entry in self._ledger(tenant) if entry["kind"] == "reset"]

    def mails(self, tenant: str) -> list[dict[str, Any]]:
        """The mails that guests of a tenant got."""
        return [entry["mail"] for entry in self._ledger(tenant) if entry["mail"] is not None]

    def _ledger(self, tenant: str) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.truth.cloud("GET", f"/ledger?tenant={tenant}")[
            "entries"
        ]
        return entries

    def writes(self) -> list[dict[str, Any]]:
        """The requests that may have changed something, batches taken apart."""
        return [
            request
            for request in self.truth.cloud("GET", "/requests")["requests"]
            if request["path"].startswith("/v1.0/")
            and request["method"] != "GET"
            and not request["path"].endswith("/$batch")
        ]

    def forget_requests(self) -> None:
        """Empty the log."""
        self.truth.cloud("DELETE", "/requests")


def outline(changes: list[dict[str, Any]]) -> list[str]:
    """Changes in short."""
    return [f"{change['action']} {change['property']}" for change in changes]


def reset_guests(changes: list[dict[str, Any]]) -> set[str]:
    """The ids of the guests whose redemption is reset."""
    return {change["id"] for change in changes if change["property"] == "redemption"}


def _can_move(guest: dict[str, Any]) -> bool:
    address = guest["address"]
    return not guest["roles"] and address is not None and bool(_INVITABLE.fullmatch(address))
