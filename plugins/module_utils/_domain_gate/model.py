# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the course of a domain can go on without a person, before anything is done for it. Pure.

Source: Microsoft Entra, take over an unmanaged directory as administrator; source documents 001 and
002. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .._domains.gates import open_gate
from .._domains.model import Consent, DomainState, is_viral
from .._errors import PersonNeeded
from .._realms.model import Realm

_ADMIN_CENTER = "https://admin.microsoft.com/admintakeover"


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

    `consent` names domains in the form of `domain_name`. `internal_txt` is the value that the
    admin center shows to whoever takes the tenant over from inside, null until somebody has looked.
    """

    road: Road = Road.NEVER
    consent: frozenset[str] = frozenset()
    internal_txt: str | None = None


def gate(state: DomainState, wish: Wish, server: str) -> PersonNeeded | None:
    """Why only a person can go on with the domain, null where none is needed.

    With the value for a takeover from inside none is needed yet: it has to be published first.
    """
    if is_viral(state) and wish.road is Road.INTERNAL:
        return None if wish.internal_txt else _needs_text(state, server)
    return open_gate(state, Consent(wish.road is Road.EXTERNAL, wish.consent), server)


def is_waited_for(state: DomainState, wish: Wish) -> bool:
    """Whether a person is about to take the unmanaged tenant over from inside."""
    return is_viral(state) and wish.road is Road.INTERNAL and bool(wish.internal_txt)


def to_be_finished(state: DomainState, server: str) -> PersonNeeded:
    """The gate of a takeover from inside whose TXT value is there for Microsoft to see."""
    return PersonNeeded(
        f"Somebody has to finish the takeover of {state.key.name} from inside",
        server=server,
        subject=state.key.name,
        answer=_told(state.realm),
        advice=f"Once the TXT value is published, sign in to {_ADMIN_CENTER} again as the user who "
        "was shown it, and let the record be checked. Then run again.",
    )


def _needs_text(state: DomainState, server: str) -> PersonNeeded:
    return PersonNeeded(
        f"Somebody has to begin the takeover of {state.key.name} from inside",
        server=server,
        subject=state.key.name,
        answer=_told(state.realm),
        advice=f"Sign in to {_ADMIN_CENTER} as a user with a mail address of the domain, choose to "
        "become the administrator, give the TXT value that is shown as internal_txt, and run "
        "again: it is published, and you are told when to go on.",
    )


def _told(realm: Realm | None) -> str:
    return "" if realm is None else f"{realm.kind.value}, tenant {realm.tenant_id}"
