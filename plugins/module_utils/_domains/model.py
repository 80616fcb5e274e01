# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The domains of a tenant, and the changes that one needs. Pure: no I/O and no Ansible.

Source: Microsoft Graph, resources domain and domainState, actions verify and forceDelete; Microsoft
Entra, take over an unmanaged directory. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from .._changes.converge import Proposal
from .._changes.model import KNOWN_AFTER_APPLY, Action, Change, JsonValue, System, Value
from .._domain_names.names import domain_name
from .._errors import InvalidInput
from .._realms.model import Realm, RealmKind

RESOURCE = "domain"
DOMAIN = "domain"
IS_VERIFIED = "isVerified"
TAKEOVER = "takeover"
FORCED_REMOVAL = "forceDelete"

WITHOUT_FORCE = "without_force"
FORCED = "forced"

# The first is what domainState is documented to say of a takeover, the second what verify answers.
_VERIFICATION = frozenset({"Verification", "EmailVerifiedDomainTakeover"})
_REMOVAL = "ForceDelete"
_UNDER_WAY = frozenset({"Scheduled", "InProgress"})
_FAILED = "Failed"


@dataclass(frozen=True)
class Domain:
    """A domain as a tenant has it. What Graph did not tell is null.

    `operation` and `operation_status` are about what Graph does in the background, null if nothing
    is known of any.
    """

    name: str
    is_verified: bool
    is_default: bool = False
    is_initial: bool = False
    is_root: bool | None = None
    is_admin_managed: bool | None = None
    authentication_type: str | None = None
    supported_services: tuple[str, ...] | None = None
    operation: str | None = None
    operation_status: str | None = None

    @property
    def is_understood(self) -> bool:
        """Whether this version knows what Graph does with the domain in the background."""
        if self.operation is None and self.operation_status is None:
            return True
        is_known = self.operation in _VERIFICATION or self.operation == _REMOVAL
        return is_known and (self.operation_status in _UNDER_WAY or self.is_failed)

    @property
    def is_failed(self) -> bool:
        """Whether what Graph did in the background went wrong."""
        return self.operation_status == _FAILED

    @property
    def is_being_verified(self) -> bool:
        """Whether a takeover was accepted that has not come to its end."""
        return (
            not self.is_verified
            and self.operation in _VERIFICATION
            and self.operation_status in _UNDER_WAY
        )

    @property
    def has_failed_takeover(self) -> bool:
        """Whether a takeover was accepted that came to nothing."""
        return not self.is_verified and self.operation in _VERIFICATION and self.is_failed

    @property
    def is_being_removed(self) -> bool:
        """Whether a forced removal was accepted that has not come to its end."""
        return self.operation == _REMOVAL and self.operation_status in _UNDER_WAY

    def to_json(self) -> dict[str, JsonValue]:
        """The domain as results tell it."""
        services = self.supported_services
        return {
            "name": self.name,
            "is_verified": self.is_verified,
            "is_default": self.is_default,
            "is_initial": self.is_initial,
            "is_root": self.is_root,
            "is_admin_managed": self.is_admin_managed,
            "authentication_type": self.authentication_type,
            "supported_services": None if services is None else list(services),
            "operation": self.operation,
            "operation_status": self.operation_status,
        }


@dataclass(frozen=True)
class DomainKey:
    """Which domain of which tenant: the tenant's own id, and the name in its one form."""

    tenant_id: str
    name: str

    @property
    def id(self) -> str:
        return f"{self.tenant_id} {self.name}"

    @classmethod
    def from_id(cls, text: str) -> DomainKey:
        """Read `id`. Raises `InvalidInput`."""
        tenant_id, _space, name = text.partition(" ")
        if not tenant_id or not name or domain_name(name) != name:
            raise InvalidInput("This is not the id of a domain", subject=text)
        return cls(tenant_id, name)


@dataclass(frozen=True)
class Reference:
    """An object that uses a domain in one of its names, and so hinders the domain's removal.

    `kind` is Graph's type, such as `user`; `name` is for people.
    """

    id: str
    kind: str
    name: str

    def to_json(self) -> dict[str, JsonValue]:
        """The reference as results tell it."""
        return {"id": self.id, "kind": self.kind, "name": self.name}


@dataclass(frozen=True)
class DomainState:
    """What a tenant has under the name of a domain, as far as it was asked for.

    `verified_parent` is asked for where the tenant does not have the domain: the nearest domain
    above it that the tenant has verified. `realm` is asked for to verify, `references` to remove.
    """

    key: DomainKey
    domain: Domain | None = None
    verified_parent: str | None = None
    realm: Realm | None = None
    references: tuple[Reference, ...] = ()

    @property
    def is_verified(self) -> bool:
        return self.domain is not None and self.domain.is_verified


@dataclass(frozen=True)
class Consent:
    """Which domains the operator lets us take over from unmanaged tenants.

    Both is needed: that takeovers are wanted at all, and that the domain is named.
    """

    is_external: bool = False
    names: frozenset[str] = frozenset()

    def covers(self, name: str) -> bool:
        return self.is_external and name in self.names


@dataclass(frozen=True)
class Removal:
    """How a domain is to be removed: also if it is in use, and whether its users can go on."""

    by_force: bool = False
    disable_user_accounts: bool = False


def verified_parent(name: str, domains: Iterable[Domain]) -> str | None:
    """The nearest domain above `name` that is verified among `domains`, if any."""
    verified = {domain.name for domain in domains if domain.is_verified}
    labels = name.split(".")
    above = (".".join(labels[at:]) for at in range(1, len(labels)))
    return next((parent for parent in above if parent in verified), None)


def subdomains(name: str, domains: Iterable[Domain]) -> list[str]:
    """The names below `name` among `domains`."""
    return sorted(domain.name for domain in domains if domain.name.endswith(f".{name}"))


def names_removed(tenant_id: str, changes: Iterable[Change]) -> set[str]:
    """The domains of a tenant that are removed by the changes."""
    return {
        change.name
        for change in changes
        if (change.resource, change.property, change.after) == (RESOURCE, DOMAIN, None)
        and change.id == DomainKey(tenant_id, change.name).id
    }


def propose_present(state: DomainState) -> Proposal:
    """Add the domain, if the tenant does not have it."""
    changes = (
        [] if state.domain else [_change(state.key, DOMAIN, Action.CREATE, None, state.key.name)]
    )
    return Proposal(tuple(changes), scope=1)


def propose_verified(state: DomainState, consent: Consent) -> Proposal:
    """Verify the domain, if it is not verified yet. The tenant must have it.

    A takeover cannot be undone. One that was accepted earlier is only waited for.
    """
    if state.domain is None or state.domain.is_verified:
        return Proposal((), scope=1)
    is_takeover = is_viral(state) and consent.covers(state.key.name)
    is_waited_for = state.domain.is_being_verified
    changes = [
        replace(
            _change(state.key, IS_VERIFIED, Action.REPLACE, False, True),
            reversible=not is_takeover and not is_waited_for,
        )
    ]
    if is_takeover and not is_waited_for:
        takeover = _change(state.key, TAKEOVER, Action.INVOKE, None, KNOWN_AFTER_APPLY)
        changes.append(replace(takeover, reversible=False))
    return Proposal(tuple(changes), scope=len(changes))


def propose_absent(state: DomainState, removal: Removal) -> Proposal:
    """Remove the domain, if the tenant has it: by force only where something hinders it.

    Adding an unverified domain again undoes the removal. A removal that was accepted earlier is
    only waited for.
    """
    if state.domain is None:
        return Proposal((), scope=1)
    is_waited_for = state.domain.is_being_removed
    is_forced = removal.by_force and bool(state.references) and not is_waited_for
    delete = _change(state.key, DOMAIN, Action.DELETE, state.key.name, None)
    is_lost = state.domain.is_verified or is_forced or is_waited_for
    changes = [replace(delete, reversible=not is_lost)]
    if is_forced:
        how: dict[str, JsonValue] = {"disableUserAccounts": removal.disable_user_accounts}
        forced = _change(state.key, FORCED_REMOVAL, Action.INVOKE, None, how)
        changes.append(replace(forced, reversible=False))
    return Proposal(tuple(changes), scope=len(changes))


def is_viral(state: DomainState) -> bool:
    """Whether the domain is known to belong to an unmanaged tenant."""
    return state.realm is not None and state.realm.kind is RealmKind.VIRAL


def state_after(state: DomainState, changes: Iterable[Change]) -> DomainState:
    """What `state` becomes by any list of changes of this kind, of ours or their opposites.

    What only Graph can tell of a domain that it is yet to add stays null.
    """
    for change in changes:
        state = replace(state, domain=_domain_after(state, change))
    return state


def of_this_thing(changes: Iterable[Change], resource: str, identity: str) -> tuple[Change, ...]:
    """Those of the changes that are about one thing in Entra."""
    return tuple(
        change
        for change in changes
        if (change.system, change.resource, change.id) == (System.ENTRA, resource, identity)
    )


def current(state: DomainState, change: Change) -> Value:
    """What `state` holds where `change` has its `before` and `after`."""
    if change.property == DOMAIN:
        return None if state.domain is None else state.key.name
    if change.property == IS_VERIFIED:
        # A domain that the tenant does not have is not verified there.
        return state.is_verified
    return None


def takeover_of(changes: Iterable[Change]) -> Change | None:
    """The change among others that is a takeover yet to be asked for."""
    return next((change for change in changes if change.property == TAKEOVER), None)


def disables_accounts(changes: Iterable[Change]) -> bool | None:
    """Whether a forced removal among the changes disables accounts; null if there is none."""
    for change in changes:
        if change.property == FORCED_REMOVAL and isinstance(change.after, Mapping):
            return bool(change.after["disableUserAccounts"])
    return None


def as_made(changes: Sequence[Change], *, takeover: str | None) -> tuple[Change, ...]:
    """The changes of a verification as they were made.

    `takeover` is `FORCED` or `WITHOUT_FORCE` if an unmanaged tenant was taken over, else null.
    Graph can begin one that nobody planned, and that cannot be undone either.
    """
    made = []
    for change in changes:
        if change.property == TAKEOVER:
            change = replace(change, after=takeover)
        elif change.property == IS_VERIFIED and takeover is not None:
            change = replace(change, reversible=False)
        made.append(change)
    return tuple(made)


def _domain_after(state: DomainState, change: Change) -> Domain | None:
    if change.property == DOMAIN:
        return None if change.after is None else _as_created(state)
    if change.property == IS_VERIFIED and state.domain is not None:
        is_verified = bool(change.after)
        return replace(
            state.domain,
            is_verified=is_verified,
            is_root=is_verified and state.verified_parent is None,
            # Graph chooses these when it verifies a domain.
            supported_services=None,
            operation=None,
            operation_status=None,
        )
    return state.domain


def _as_created(state: DomainState) -> Domain:
    """A name below a verified domain of the tenant needs no proof of its own."""
    return Domain(
        name=state.key.name,
        is_verified=state.verified_parent is not None,
        is_root=False,
        is_admin_managed=True,
    )


def _change(key: DomainKey, prop: str, action: Action, before: Value, after: Value) -> Change:
    return Change(
        system=System.ENTRA,
        resource=RESOURCE,
        id=key.id,
        name=key.name,
        property=prop,
        action=action,
        before=before,
        after=after,
    )
