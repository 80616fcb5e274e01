# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Microsoft's sign-in service knows of a domain. Plain data.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .._changes.model import JsonValue


class RealmKind(StrEnum):
    """Whose a domain is, as far as anybody can see without signing in."""

    UNKNOWN = "unknown"
    """Nobody has verified it in this cloud."""
    MANAGED = "managed"
    """Verified in a tenant, where its users sign in."""
    FEDERATED = "federated"
    """Verified in a tenant, whose users sign in at a server of their own."""
    VIRAL = "viral"
    """In an unmanaged tenant, which users made by signing up by themselves."""


@dataclass(frozen=True)
class Realm:
    """A domain, in the form of `domain_name`, and whose it is.

    `tenant_id` and `cloud` are null for an unknown domain, and never otherwise. `cloud` is one of
    the choices of `entra_cloud`, or the service's own word for a cloud that is none of these.
    `brand` is the name of the organisation as it is shown at sign-in, null if there is none.
    """

    domain: str
    kind: RealmKind
    tenant_id: str | None = None
    cloud: str | None = None
    brand: str | None = None

    def to_json(self) -> dict[str, JsonValue]:
        """The realm as results tell it."""
        return {
            "domain": self.domain,
            "kind": self.kind.value,
            "tenant_id": self.tenant_id,
            "cloud": self.cloud,
            "brand": self.brand,
        }


@dataclass(frozen=True)
class Account:
    """A mail address and the realm of its domain.

    `is_personal` tells whether a personal Microsoft account has this very address as its name.
    """

    address: str
    realm: Realm
    is_personal: bool
