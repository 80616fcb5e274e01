# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the verification of a domain needs a person first. Pure: no I/O and no Ansible.

Source: Microsoft Entra, take over an unmanaged directory as administrator. Private to the
collection: it can change in any release.
"""

from __future__ import annotations

from .._errors import PersonNeeded, TenantopsError
from .._realms.model import Realm, RealmKind
from .model import Consent, DomainState

_INTERNAL_TAKEOVER = (
    "an internal takeover: a person with a mailbox in the domain signs in at "
    "https://admin.microsoft.com/admintakeover, becomes administrator of the unmanaged tenant by a "
    "TXT record that is shown there, and removes the domain from it"
)


def open_gate(state: DomainState, consent: Consent, server: str) -> PersonNeeded | None:
    """What a person has to do before the domain can be verified; null if nothing.

    It is about a domain that is not verified, and whose takeover is not under way.
    """
    if state.domain is not None and state.domain.is_being_verified:
        return None
    realm = state.realm
    if realm is None or realm.kind is RealmKind.UNKNOWN:
        return None
    if realm.kind is not RealmKind.VIRAL:
        return _owned_elsewhere(state, realm, server)
    if state.domain is not None and state.domain.has_failed_takeover:
        return takeover_failed(state.key.name, server)
    return None if consent.covers(state.key.name) else _no_consent(state, realm, consent, server)


def _owned_elsewhere(state: DomainState, realm: Realm, server: str) -> PersonNeeded | None:
    if (realm.tenant_id or "").casefold() == state.key.tenant_id.casefold():
        return None
    return PersonNeeded(
        f"The domain {state.key.name} is verified in another tenant",
        server=server,
        subject=state.key.name,
        answer=f"{realm.kind.value} in tenant {realm.tenant_id}"
        + (f" ({realm.brand})" if realm.brand else ""),
        advice="An administrator of that tenant has to remove the domain there (Microsoft Entra "
        "admin center, Identity > Settings > Domain names), after its users have other names. Then "
        "run again. Nothing was sent.",
    )


def _no_consent(state: DomainState, realm: Realm, consent: Consent, server: str) -> PersonNeeded:
    name = state.key.name
    missing = (
        f"name {name} in takeover_consent"
        if consent.is_external
        else f"set takeover=external and name {name} in takeover_consent"
    )
    return PersonNeeded(
        f"The domain {name} belongs to an unmanaged tenant, and nobody consented to a takeover",
        server=server,
        subject=name,
        answer=f"{realm.kind.value}, tenant {realm.tenant_id}",
        advice="Decide how to go on. For an external takeover, which moves the users of that "
        f"tenant here, lets Microsoft delete it, and cannot be undone: {missing}, and run again. "
        f"Or {_INTERNAL_TAKEOVER}; then run again. Nothing was sent.",
    )


def takeover_failed(name: str, server: str) -> PersonNeeded:
    """A takeover that Graph accepted and then gave up."""
    return PersonNeeded(
        f"Microsoft could not finish the takeover of {name}",
        server=server,
        subject=name,
        answer="operation_status Failed",
        advice=f"It is not tried again by itself. The road that is left is {_INTERNAL_TAKEOVER}; "
        "then run again. Microsoft's support can tell why it failed.",
    )


def takeover_refused(name: str, refusal: TenantopsError) -> PersonNeeded:
    """A takeover by force that Graph refused: its words are told, and not relied on."""
    return PersonNeeded(
        f"Graph refuses the takeover of {name}: {refusal.problem}",
        server=refusal.server,
        subject=name,
        answer=refusal.answer,
        advice="If the TXT record was published within the last hour, run again later: Microsoft "
        "may not see it yet. Otherwise the unmanaged tenant has service plans that hinder an "
        f"external takeover (SharePoint, OneDrive or Skype), and the way is {_INTERNAL_TAKEOVER}; "
        "then run again.",
    )
