# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resetting the redemption of guests: who is reset, who is left alone, and who cannot be. Pure.

A reset is not idempotent: every one puts the guest back and, if wanted, mails. So it is made only
of guests who have redeemed, and each is known by the time of the last change of its state. Source:
Microsoft Graph, "Reset redemption status for a guest user". Private to the collection: it can
change in any release.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from .._changes.converge import Failure, ManyProposal, Request
from .._changes.model import Action, Change, JsonValue, System
from .._errors import InvalidInput, NotUnderstood, ObjectGone, TenantopsError
from .._guests.inviting import why_not_invited
from .._guests.model import ExternalUserState, Guest, SignInMethod
from .._guests.selection import Selection

RESOURCE = "guest"
PROPERTY = "redemption"

_INTERNAL = {SignInMethod.INTERNAL}


@dataclass(frozen=True)
class Redemption:
    """How far a guest is: Graph's own texts. Two that are the same are of the same moment."""

    state: str | None
    changed: str | None


def redemption_of(guest: Guest) -> Redemption:
    """How far a guest is, as it was read."""
    return Redemption(guest.state, guest.state_changed)


def reset(guest: Guest, *, mailed: bool) -> Change:
    """The change that puts a guest back to before the redemption."""
    return Change(
        system=System.ENTRA,
        resource=RESOURCE,
        id=guest.id,
        name=guest.name,
        property=PROPERTY,
        action=Action.INVOKE,
        before={
            "state": guest.state,
            "changed": guest.state_changed,
            "method": guest.method.value,
        },
        after={"state": ExternalUserState.PENDING_ACCEPTANCE.value, "mailed": mailed},
        reversible=False,
    )


def redemption_before(change: Change) -> Redemption | None:
    """What a reset found, as its change tells it; null for any other change."""
    if (change.resource, change.property) != (RESOURCE, PROPERTY):
        return None
    before = change.before
    if not isinstance(before, dict):
        return None
    state, changed = before.get("state"), before.get("changed")
    if not isinstance(state, str | None) or not isinstance(changed, str | None):
        return None
    return Redemption(state, changed)


@dataclass(frozen=True)
class Sorted:
    """The guests that are meant, by what is done about each.

    `internal` have an account of the tenant itself and nothing to redeem. `failures` are those who
    should be reset and cannot be.
    """

    to_reset: tuple[Guest, ...]
    pending: tuple[Guest, ...]
    internal: tuple[Guest, ...]
    failures: tuple[Failure, ...]

    @property
    def selected(self) -> int:
        """How many guests are meant."""
        return sum(map(len, (self.to_reset, self.pending, self.internal, self.failures)))

    def proposal(self, guests: Iterable[Guest], *, mailed: bool) -> ManyProposal:
        """The resets of these guests."""
        requests = tuple(Request((reset(guest, mailed=mailed),)) for guest in guests)
        return ManyProposal(requests, scope=self.selected)


def sort(guests: Iterable[Guest], server: str) -> Sorted:
    """Say of each guest what is to be done."""
    to_reset, pending, internal, failures = [], [], [], []
    for guest in guests:
        if guest.state == ExternalUserState.PENDING_ACCEPTANCE:
            pending.append(guest)
        elif guest.method in _INTERNAL:
            internal.append(guest)
        elif (error := _objection(guest, server)) is not None:
            failures.append(Failure(guest.id, guest.name, error))
        else:
            to_reset.append(guest)
    return Sorted(tuple(to_reset), tuple(pending), tuple(internal), tuple(failures))


def not_found(
    selection: Selection, guests: Collection[Guest], server: str
) -> Iterable[tuple[str, TenantopsError]]:
    """The ids or addresses that are nobody's, where they are all that was asked for.

    Together with another kind a guest may be there all the same, and just not be meant.
    """
    if selection.methods or selection.domains or (selection.ids and selection.addresses):
        return
    known = {guest.id.lower() for guest in guests}
    for guest in guests:
        known.update(address.lower() for address in (guest.address, *guest.other_mails) if address)
    for name in sorted((selection.ids | selection.addresses) - known):
        yield (
            name,
            ObjectGone(
                "The tenant has no such guest",
                server=server,
                subject=name,
                advice="Check the spelling. Whoever was removed since can be taken off the list.",
            ),
        )


def _objection(guest: Guest, server: str) -> TenantopsError | None:
    """Why a guest cannot be reset, as far as that can be seen without asking."""
    if guest.state != ExternalUserState.ACCEPTED:
        return NotUnderstood(
            "It is not known how far this guest is",
            server=server,
            subject=guest.name,
            answer=f"externalUserState {guest.state!r}, signs in with {guest.issuer or 'nothing'}",
            advice="Look at the guest in the Entra admin center, and reset it there if that is "
            "right.",
        )
    if guest.address is None:
        return InvalidInput(
            "This guest has no mail address, by which alone it can be invited again",
            server=server,
            subject=guest.name,
            advice="Give the user an address (mail or otherMails) that reaches the person.",
        )
    why = why_not_invited(guest.address)
    if why is None:
        return None
    return InvalidInput(
        f"This guest cannot be invited again: {why}",
        server=server,
        subject=guest.name,
        advice="Give the user another address in mail that reaches the person, or have the guest "
        "removed and invited by another address.",
    )


def told(guests: Iterable[Guest]) -> list[Mapping[str, JsonValue]]:
    """Guests as the task returns those that it left alone."""
    return [
        {"id": guest.id, "address": guest.address, "user_principal_name": guest.user_principal_name}
        for guest in guests
    ]
