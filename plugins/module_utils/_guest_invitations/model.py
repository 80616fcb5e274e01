# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a tenant has a guest with an address, and the change that this needs. Pure.

An address names one guest: Graph gives an invitation of an address that is known to the guest who
has it. Source: Microsoft Graph, resources invitation and user. Private to the collection: it can
change in any release.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .._changes.model import Action, Change, JsonValue, System, Value
from .._domain_names.names import address
from .._errors import InvalidInput, JournalUnusable, Refused, TenantopsError
from .._guests.inviting import why_not_invited
from .._guests.model import ExternalUserState, ReadGuest

RESOURCE = "guest"
PROPERTY = "guest"


class Presence(StrEnum):
    """Whether the guests that are named are to be there."""

    PRESENT = "present"
    ABSENT = "absent"


@dataclass(frozen=True)
class GuestKey:
    """A guest of a tenant, by its address in lower case: what a journal names it by."""

    tenant_id: str
    address: str

    @property
    def id(self) -> str:
        """The id of the guest's changes."""
        return f"{self.tenant_id} {self.address}"

    @classmethod
    def from_id(cls, identity: str) -> GuestKey:
        """Read what `id` wrote. Raises `JournalUnusable` for anything else."""
        tenant_id, space, name = identity.partition(" ")
        if not (tenant_id and space and "@" in name):
            raise JournalUnusable("The journal names a guest in another way", subject=identity)
        return cls(tenant_id, name)


@dataclass(frozen=True)
class WantedGuest:
    """A guest as the operator names it; `language` is the one to write to it in, if it is known."""

    address: str
    display_name: str = ""
    language: str = ""

    @property
    def folded(self) -> str:
        """The address as it is compared."""
        return self.address.lower()


def wanted_guests(entries: Sequence[dict[str, Any]]) -> tuple[WantedGuest, ...]:
    """Read the option `guests`. Raises `InvalidInput` for what is no address, and for two alike."""
    wanted: dict[str, WantedGuest] = {}
    for entry in entries:
        guest = WantedGuest(
            str(address(entry["address"].strip())),
            entry["display_name"] or "",
            entry["language"] or "",
        )
        if guest.folded in wanted:
            raise InvalidInput(
                f"The address is named twice: {guest.address}", advice="Name each guest once."
            )
        wanted[guest.folded] = guest
    return tuple(wanted.values())


@dataclass(frozen=True)
class Holders:
    """The users that have an address, as it was looked for: as `mail`, among `otherMails`, or in
    the name that Graph gives to a guest who is invited by it."""

    users: tuple[ReadGuest, ...] = ()

    @property
    def guests(self) -> tuple[ReadGuest, ...]:
        """Those who come from outside, members by their user type included."""
        return tuple(
            user for user in self.users if user.user_type == "Guest" or user.state is not None
        )

    def value(self, name: str) -> Value:
        """What a change of the guest has before or after it; null if there is no guest.

        It is the address alone only for one who was just invited: a guest who was made by us and
        has redeemed since is no longer what we made.
        """
        guest = next(iter(self.guests), None)
        if guest is None:
            return None
        if guest.state == ExternalUserState.PENDING_ACCEPTANCE:
            return name
        return f"{name}, {guest.state or 'an account of the tenant'}"


def invitation(key: GuestKey) -> Change:
    """The change that makes a guest."""
    return _change(key, Action.CREATE, None, key.address)


def removal(key: GuestKey, holders: Holders) -> Change:
    """The change that removes a guest."""
    return _change(key, Action.DELETE, holders.value(key.address), None)


def objection(
    guest: WantedGuest, holders: Holders, presence: Presence, server: str
) -> TenantopsError | None:
    """Why a guest cannot be made or removed, as far as that can be seen without asking."""
    if presence is Presence.PRESENT:
        return _no_invitation(guest, holders, server)
    if holders.users and not holders.guests:
        return _is_member(guest, holders, server)
    if len(holders.guests) > 1:
        return Refused(
            "More than one guest has this address",
            server=server,
            subject=guest.address,
            answer=", ".join(user.user_principal_name for user in holders.guests),
            advice="Remove the one that is meant in the Entra admin center.",
        )
    return None


def proposed(key: GuestKey, holders: Holders, presence: Presence) -> Change | None:
    """The change that is needed, null if there is none. There is no objection."""
    if presence is Presence.PRESENT:
        return None if holders.guests else invitation(key)
    return removal(key, holders) if holders.guests else None


def told(guest: WantedGuest, holders: Holders) -> dict[str, JsonValue]:
    """A guest that is left alone, as the task returns it; null is told of one who is not there."""
    found = next(iter(holders.guests), None)
    return {
        "address": guest.address,
        "id": None if found is None else found.id,
        "user_principal_name": None if found is None else found.user_principal_name,
        "state": None if found is None else found.state,
    }


def _no_invitation(guest: WantedGuest, holders: Holders, server: str) -> TenantopsError | None:
    if holders.guests:
        return None
    if holders.users:
        return _is_member(guest, holders, server)
    why = why_not_invited(guest.address)
    if why is None:
        return None
    return InvalidInput(
        f"This address cannot be invited: {why}",
        server=server,
        subject=guest.address,
        advice="Invite the person by another address.",
    )


def _is_member(guest: WantedGuest, holders: Holders, server: str) -> Refused:
    return Refused(
        "A user of this tenant who is no guest has this address",
        server=server,
        subject=guest.address,
        answer=", ".join(user.user_principal_name for user in holders.users),
        advice="Such users are neither invited nor removed here. Take the address off the list.",
    )


def _change(key: GuestKey, action: Action, before: Value, after: Value) -> Change:
    return Change(
        system=System.ENTRA,
        resource=RESOURCE,
        id=key.id,
        name=key.address,
        property=PROPERTY,
        action=action,
        before=before,
        after=after,
    )
