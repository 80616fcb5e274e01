# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Brings a tenant up to date with a directory, as the sync of Entra Connect does."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Sequence
from typing import Any

from ..accounts.licensing import revive
from ..people import OnPremises, User
from ..state import Tenant
from ..user_change import UserChange
from .filling import origin, synced_values
from .person import DirectoryPerson
from .report import KeptName, Problem, Refusal, Report
from .rules import faults, sign_in_name


def run_cycle(
    change: UserChange, people: Sequence[DirectoryPerson], domain_name: str, now: str
) -> Report:
    """Create, update and delete users so that the tenant has these people; tell what was done.

    Of two people with the same name or address the first is synced, and the other one refused.
    ``domain_name`` is that of the directory, ``now`` the time as Graph writes it.
    """
    cycle = _Cycle(change, domain_name, now)
    cycle.report.read = len(people)
    # Who leaves makes place for others.
    cycle.delete({person.immutable_id for person in people})
    waiting = list(people)
    while True:
        # Who was in the way of somebody may have gone out of it.
        refused = [person for person in waiting if not cycle.bring(person)]
        if not refused or len(refused) == len(waiting):
            break
        waiting = refused
    return cycle.finished()


class _Refused(Exception):
    """Somebody cannot be synced."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.problem)
        self.refusal = refusal


class _Cycle:
    """One cycle under way."""

    def __init__(self, change: UserChange, domain_name: str, now: str) -> None:
        self.report = Report(started=now)
        self._change = change
        self._tenant: Tenant = change.tenant
        self._sync = change.tenant.sync
        self._domain_name = domain_name
        self._now = now
        self._refusals: dict[str, list[Refusal]] = {}
        self._kept: dict[str, KeptName] = {}
        self._initial = next(one.name for one in self._tenant.domains if one.is_initial)
        self._verified = frozenset(
            one.name.casefold() for one in self._tenant.domains if one.is_verified
        )
        self._federated = frozenset(
            one.name.casefold()
            for one in self._tenant.domains
            if one.authentication_type == "Federated"
        )
        self._administrators = frozenset(
            member for role in self._tenant.directory_roles for member in role.members
        )

    def finished(self) -> Report:
        """Return the report of all that was done."""
        for refusals in self._refusals.values():
            self.report.refused.extend(refusals)
        self.report.kept_names.extend(self._kept.values())
        return self.report

    def delete(self, anchors: set[str]) -> None:
        """Delete, softly, who was synced and is none of these (by immutable id)."""
        gone = [
            user for user in self._tenant.users if user.is_synced and user.anchor not in anchors
        ]
        if len(gone) > self._sync.deletion_threshold:
            self.report.problem = (
                f"{len(gone)} deletions are more than {self._sync.deletion_threshold}: none is made"
            )
            return
        for user in gone:
            self._change.remove(user)
            user.deleted = self._now
            self._tenant.deleted_users.add(user)
            self.report.deleted.append(user.id)

    def bring(self, person: DirectoryPerson) -> bool:
        """Create or update a person; say whether that need not be tried again in this cycle."""
        self._refusals.pop(person.immutable_id, None)
        found = faults(person)
        if found:
            self._refusals[person.immutable_id] = [
                _refusal(person, fault.kind, fault.attribute, fault.value) for fault in found
            ]
            return True
        try:
            self._bring(person)
        except _Refused as refused:
            self._refusals[person.immutable_id] = [refused.refusal]
            return False
        return True

    def _bring(self, person: DirectoryPerson) -> None:
        wanted = sign_in_name(person, self._verified, self._initial)
        user = self._synced(person)
        if user is not None:
            self._update(user, person, wanted)
            return
        deleted = next(iter(self._tenant.deleted_users.with_anchor(person.immutable_id)), None)
        if deleted is not None:
            self._restore(deleted, person, wanted)
            return
        if (user := self._hard_match(person)) is not None:
            self._update(user, person, wanted)
            self.report.matched_hard.append(user.id)
        elif (user := self._soft_match(person, wanted)) is not None:
            self._update(user, person, wanted)
            self.report.matched_soft.append(user.id)
        else:
            self._create(person, wanted)

    def _synced(self, person: DirectoryPerson) -> User | None:
        """Return whom this person is already."""
        found = self._tenant.users.with_anchor(person.immutable_id)
        return next((user for user in found if user.on_premises is not None), None)

    def _hard_match(self, person: DirectoryPerson) -> User | None:
        """Return whom an administrator gave the person's immutable id to."""
        for user in self._tenant.users.with_anchor(person.immutable_id):
            if self._sync.features.block_cloud_object_takeover_through_hard_match:
                raise _Refused(
                    _refusal(person, "match_blocked", "objectGUID", person.immutable_id, user)
                )
            return user
        return None

    def _soft_match(self, person: DirectoryPerson, wanted: str) -> User | None:
        """Return who has the person's primary address or name, and is of the cloud alone."""
        candidates: dict[str, User] = {}
        primary = person.primary_address
        attribute, value = "proxyAddresses", primary or ""
        if primary is not None:
            for user in self._tenant.users.with_mail_address(primary):
                if _primary_address(user) == primary.casefold():
                    candidates[user.id] = user
        if self._sync.features.soft_match_on_upn and not candidates:
            attribute, value = "userPrincipalName", wanted
            user_of_name = self._tenant.users.find(wanted)
            if user_of_name is not None:
                candidates[user_of_name.id] = user_of_name
        free = [
            user
            for user in candidates.values()
            if user.user_type == "Member" and user.on_premises is None and user.anchor is None
        ]
        if not free:
            return None
        if len(free) > 1:
            raise _Refused(_refusal(person, "ambiguous", attribute, value, free[0]))
        (user,) = free
        if self._sync.features.block_soft_match:
            raise _Refused(_refusal(person, "match_blocked", attribute, value, user))
        if user.id in self._administrators:
            raise _Refused(_refusal(person, "administrator", attribute, value, user))
        return user

    def _create(self, person: DirectoryPerson, wanted: str) -> None:
        self._check_name(person, wanted, None)
        self._check_addresses(person, None)
        user = User(
            id=str(uuid.uuid4()),
            user_principal_name=wanted,
            created=self._now,
            **self._values(person),
        )
        self._change.add(user)
        self.report.created.append(user.id)

    def _restore(self, user: User, person: DirectoryPerson, wanted: str) -> None:
        """Bring back who was deleted softly, with the licences for which there are seats."""
        self._check_name(person, wanted, user)
        self._check_addresses(person, user)
        self._tenant.deleted_users.remove(user)
        user.deleted = None
        user.user_principal_name = wanted
        licenses = revive(self._tenant, user)
        self._change.add(user, "restored")
        self._change.update(user, **self._values(person), licenses=licenses)
        self.report.restored.append(user.id)

    def _update(self, user: User, person: DirectoryPerson, wanted: str) -> None:
        self._kept.pop(user.id, None)
        self._check_addresses(person, user)
        values = self._values(person)
        if self._is_name_due(user, person, wanted):
            self._check_name(person, wanted, user)
            values["user_principal_name"] = wanted
        before = user.on_premises
        changed = {
            name: value
            for name, value in values.items()
            if name != "on_premises" and getattr(user, name) != value
        }
        if not changed and before is not None and _same(before, values["on_premises"]):
            return
        self._change.update(user, **changed, on_premises=values["on_premises"])
        self.report.updated.append(user.id)
        if "user_principal_name" in changed:
            self.report.renamed.append(user.id)

    def _is_name_due(self, user: User, person: DirectoryPerson, wanted: str) -> bool:
        """Say whether the name in the cloud is to become the wanted one, now."""
        current = user.user_principal_name
        if current == wanted or self._stays_initial(user, person):
            return False
        before = user.on_premises
        is_new = before is None or before.user_principal_name != person.user_principal_name
        features = self._sync.features
        is_managed = current.rpartition("@")[2].casefold() not in self._federated
        if is_managed and user.licenses and not features.synchronize_upn_for_managed_users:
            self._kept[user.id] = KeptName(user.id, person.dn, current, wanted, "licensed")
            return False
        # The feature lets only those changes through that are made while it is on.
        if not is_new and (user.licenses or self._sync.only_changed_names):
            self._kept[user.id] = KeptName(user.id, person.dn, current, wanted, "not_changed_since")
            return False
        return True

    def _stays_initial(self, user: User, person: DirectoryPerson) -> bool:
        """Say whether a name of the initial domain, once given, stays."""
        suffix = (person.user_principal_name or "").rpartition("@")[2].casefold()
        current = user.user_principal_name.rpartition("@")[2].casefold()
        return (
            user.on_premises is not None
            and suffix not in self._verified
            and current == self._initial.casefold()
        )

    def _check_name(self, person: DirectoryPerson, wanted: str, own: User | None) -> None:
        """Refuse a name that somebody else has, or at which somebody else gets mail."""
        named = self._tenant.users.find(wanted)
        for holder in [*([named] if named is not None else []), *self._mailed(wanted)]:
            if own is None or holder.id != own.id:
                raise _Refused(
                    _refusal(person, "duplicate_name", "userPrincipalName", wanted, holder)
                )

    def _check_addresses(self, person: DirectoryPerson, own: User | None) -> None:
        """Refuse an address at which somebody else gets mail."""
        for address in person.smtp_addresses:
            for holder in self._mailed(address):
                if own is None or holder.id != own.id:
                    raise _Refused(
                        _refusal(person, "duplicate_address", "proxyAddresses", address, holder)
                    )

    def _mailed(self, address: str) -> list[User]:
        """Return who gets mail at an address, or did and can come back."""
        return [
            *self._tenant.users.with_mail_address(address),
            *self._tenant.deleted_users.with_mail_address(address),
        ]

    def _values(self, person: DirectoryPerson) -> dict[str, Any]:
        """Return what a user has of the directory, but for the user principal name."""
        return {
            **synced_values(person),
            "preferred_language": person.preferred_language,
            "on_premises": origin(person, self._domain_name, self._now),
        }


def _primary_address(user: User) -> str | None:
    """Return the primary mail address of a user in the cloud, in lower case."""
    for entry in user.proxy_addresses:
        if entry.startswith("SMTP:"):
            return entry.removeprefix("SMTP:").casefold()
    return user.mail.casefold() if user.mail else None


def _same(before: OnPremises, after: OnPremises) -> bool:
    """Say whether nothing has changed; the security identifier of somebody never does."""
    comparable = dataclasses.replace(
        before, last_sync=after.last_sync, security_identifier=after.security_identifier
    )
    return comparable == after


def _refusal(
    person: DirectoryPerson,
    problem: Problem,
    attribute: str,
    value: str,
    holder: User | None = None,
) -> Refusal:
    identifier = None if holder is None else holder.id
    return Refusal(person.dn, person.immutable_id, problem, attribute, value, identifier)
