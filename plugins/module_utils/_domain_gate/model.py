# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a domain stands, and whether its course can go on without a person. Pure.

Source: Microsoft Entra documentation, "Take over an unmanaged directory as administrator"; source
documents 000 and 001. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from .._errors import PersonNeeded
from .._realms.model import Realm, RealmKind

_ADMIN_CENTER = "https://admin.microsoft.com"


class Road(StrEnum):
    """What is to become of the unmanaged tenant that users have made of a domain."""

    NEVER = "never"
    EXTERNAL = "external"
    """Its users move into the tenant that takes the domain over."""
    INTERNAL = "internal"
    """A person becomes its administrator."""


@dataclass(frozen=True)
class Wish:
    """What the operator wants for a domain.

    `internal_txt` is the value that the admin center shows to whoever takes the tenant over from
    inside, null as long as nobody has looked.
    """

    road: Road = Road.NEVER
    is_consented: bool = False
    internal_txt: str | None = None

    @classmethod
    def of(
        cls, domain: str, road: Road, consent: Collection[str], internal_txt: str | None
    ) -> Wish:
        """`consent` are the domains that may be taken over, in the form of `domain_name`."""
        return cls(road, domain in consent, internal_txt or None)


@dataclass(frozen=True)
class Standing:
    """Whose a domain is, and what the tenant that is to have it already knows of it.

    `tenant_id` is that tenant's.
    """

    realm: Realm
    tenant_id: str
    is_verified: bool = False
    is_being_taken_over: bool = False

    @property
    def is_ours(self) -> bool:
        """Whether the domain is in the tenant, or on its way to it."""
        return (
            self.is_verified
            or self.is_being_taken_over
            or (self.realm.kind is not RealmKind.VIRAL and self.realm.tenant_id == self.tenant_id)
        )

    @property
    def is_viral(self) -> bool:
        """Whether there is an unmanaged tenant to be taken over."""
        return self.realm.kind is RealmKind.VIRAL and not self.is_ours


def gate(standing: Standing, wish: Wish) -> PersonNeeded | None:
    """Why only a person can go on with a domain, null where none is needed.

    With the value for a takeover from inside none is needed yet: it has to be published first.
    """
    if standing.is_ours or standing.realm.kind is RealmKind.UNKNOWN:
        return None
    if not standing.is_viral:
        return _belongs_to_others(standing.realm)
    if wish.road is Road.EXTERNAL:
        return None if wish.is_consented else _needs_consent(standing.realm)
    if wish.road is Road.INTERNAL:
        return None if wish.internal_txt else _needs_text(standing.realm)
    return _needs_decision(standing.realm)


def to_be_finished(realm: Realm) -> PersonNeeded:
    """The gate of a takeover from inside whose TXT value is there for Microsoft to see."""
    return PersonNeeded(
        "Somebody has to finish the takeover from inside",
        subject=realm.domain,
        answer=_told(realm),
        advice=f"Its TXT value is published. Sign in to {_ADMIN_CENTER} again as the user who was "
        "shown the value, and let the record be checked. Then run again.",
    )


def _needs_decision(realm: Realm) -> PersonNeeded:
    return PersonNeeded(
        "Users have made an unmanaged tenant of this domain",
        subject=realm.domain,
        answer=_told(realm),
        advice="Decide what becomes of it: with takeover external its users move into this tenant, "
        "which cannot be undone; with takeover internal somebody becomes its administrator. Then "
        "run again.",
    )


def _needs_consent(realm: Realm) -> PersonNeeded:
    return PersonNeeded(
        "To take this domain over from outside needs consent",
        subject=realm.domain,
        answer=_told(realm),
        advice="Its users move into this tenant, and the unmanaged tenant is deleted ten days "
        "later; that cannot be undone. If that is meant, name the domain in takeover_consent and "
        "run again.",
    )


def _needs_text(realm: Realm) -> PersonNeeded:
    return PersonNeeded(
        "Somebody has to begin the takeover from inside",
        subject=realm.domain,
        answer=_told(realm),
        advice=f"Sign in to {_ADMIN_CENTER} as a user with a mail address of this domain, and "
        "choose to become the administrator. Give the TXT value that is shown as internal_txt, and "
        "run again: it is published and waited for.",
    )


def _belongs_to_others(realm: Realm) -> PersonNeeded:
    return PersonNeeded(
        "Another tenant has this domain",
        subject=realm.domain,
        answer=_told(realm),
        advice="An administrator of that tenant has to remove it there, at "
        f"{_ADMIN_CENTER}/Domains. Then run again. If that tenant is the organisation's own, bring "
        "the domain there instead.",
    )


def _told(realm: Realm) -> str:
    brand = f" ({realm.brand})" if realm.brand else ""
    return f"{realm.kind.value}, tenant {realm.tenant_id}{brand}"
