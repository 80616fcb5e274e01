# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One domain of a tenant: read, guarded, and changed through Microsoft Graph.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import cast

from .._changes.model import Change, Value
from .._doors.progress import tell
from .._errors import (
    ChangedMeanwhile,
    NotAsWritten,
    NotUnderstood,
    Refused,
    StillInUse,
    TenantopsError,
    write_was_sent,
)
from .._graph import waiting
from .._graph.errors import GraphRefused
from .._realms.model import Realm
from . import gates
from .api import Domains
from .default_model import is_given_up
from .model import (
    FORCED,
    IS_VERIFIED,
    WITHOUT_FORCE,
    Consent,
    Domain,
    DomainKey,
    DomainState,
    as_made,
    current,
    disables_accounts,
    is_viral,
    names_removed,
    state_after,
    subdomains,
    takeover_of,
    verified_parent,
)

_TAKEOVER_ACCEPTED = "EmailVerifiedDomainTakeoverScheduled"
# Microsoft Graph, forceDelete.
_MOST_REFERENCES = 1000
_SHOWN = 20
_BAD_REQUEST = 400
_DOES_NOT_FIT = (_BAD_REQUEST, 404, 409)


@dataclass(frozen=True)
class Patience:
    """Seconds to wait for what Graph does in the background."""

    takeover: float = 3600.0
    removal: float = 3600.0


class DomainResource:
    """A `Resource` for one domain.

    `ask_realm` finds out whose the domain is. `with_realm` asks it at every look, which planning a
    verification needs, and `with_references` asks what uses the domain, which planning a removal
    needs. `undone` are changes that the same rollback makes before it comes to this domain, and in
    a dry run would have made.

    Graph has no conditional write. So everything is looked at again right before a request, and a
    request that must not be made twice is made again only after an answer which proves that nothing
    was done.
    """

    def __init__(
        self,
        domains: Domains,
        key: DomainKey,
        ask_realm: Callable[[str], Awaitable[Realm]],
        *,
        consent: Consent | None = None,
        patience: Patience | None = None,
        with_realm: bool = False,
        with_references: bool = False,
        undone: Sequence[Change] = (),
    ) -> None:
        self._domains = domains
        self._key = key
        self._ask_realm = ask_realm
        self._consent = consent or Consent()
        self._patience = patience or Patience()
        self._with_realm = with_realm
        self._with_references = with_references
        self._undone = undone

    @property
    def target(self) -> str:
        """See `Resource`."""
        return f"{self._domains.server} tenant {self._key.tenant_id}: {self._subject}"

    @property
    def _name(self) -> str:
        return self._key.name

    @property
    def _subject(self) -> str:
        return f"domains/{self._name}"

    async def read(self) -> DomainState:
        """See `Resource`."""
        domain = await self._domains.find(self._name)
        parent = None
        if domain is None:
            parent = verified_parent(self._name, await self._domains.all())
        state = DomainState(self._key, domain, parent)
        return DomainState(
            self._key,
            domain,
            parent,
            realm=await self._realm(state) if self._with_realm else None,
            references=tuple(await self._domains.references(self._name))
            if self._with_references and domain is not None
            else (),
        )

    async def _realm(self, state: DomainState) -> Realm | None:
        """Whose the domain is, where that is of account for a verification."""
        is_proven = state.is_verified or (state.domain is None and state.verified_parent)
        is_waited_for = state.domain is not None and state.domain.is_being_verified
        return None if is_proven or is_waited_for else await self._ask_realm(self._name)

    async def guard(self, state: DomainState, changes: Sequence[Change]) -> None:
        """See `Resource`. A gate that only a person can pass is raised here, in a dry run too."""
        self._check_background(state.domain)
        if any(change.property == IS_VERIFIED and change.after is True for change in changes):
            await self._guard_verification(state)
        if state.domain is not None and self._removes(state, changes):
            await self._guard_removal(state, state.domain, changes)

    async def write(self, state: DomainState, changes: Sequence[Change]) -> Sequence[Change]:
        """See `Resource`. It is one request where that is possible: a domain that is no longer to
        be verified is removed and added again."""
        if await self.read() != state:
            raise self._changed_meanwhile()
        after = state_after(state, changes)
        domain = state.domain
        if domain is not None and self._removes(state, changes):
            await self._remove(domain, changes)
            if after.domain is None:
                return changes
            with write_was_sent():
                await self._create()
            return changes
        if domain is None and after.domain is not None:
            domain = await self._create()
            if not self._verifies(changes) or domain.is_verified:
                return changes
            with write_was_sent():
                return await self._verify(domain, changes)
        if domain is not None and self._verifies(changes):
            return await self._verify(domain, changes)
        return changes

    def current(self, state: DomainState, change: Change) -> Value:
        """See `Resource`."""
        return current(state, change)

    def without_idle(self, state: DomainState, changes: Sequence[Change]) -> Sequence[Change]:
        """See `Resource`."""
        return changes

    # What is asked before anything is sent

    def _check_background(self, domain: Domain | None) -> None:
        if domain is not None and not domain.is_understood:
            raise NotUnderstood(
                "Graph does something with the domain that this version does not know",
                server=self._domains.server,
                subject=self._subject,
                answer=f"operation {domain.operation!r}, status {domain.operation_status!r}",
                advice="Look at the domain in the Entra admin center, and run again when it is "
                "done.",
            )

    async def _guard_verification(self, state: DomainState) -> None:
        if state.domain is not None and state.domain.is_being_removed:
            raise self.being_removed()
        if state.realm is None:
            # A rollback looks without it: only few of its domains are to be verified.
            state = DomainState(self._key, state.domain, realm=await self._realm(state))
        gate = gates.open_gate(state, self._consent, self._domains.server)
        if gate is not None:
            raise gate

    def being_removed(self) -> Refused:
        """The error for a domain that Graph is removing, and that is wanted to stay."""
        return Refused(
            f"The domain {self._name} is being removed from the tenant",
            server=self._domains.server,
            subject=self._subject,
            answer="operation ForceDelete",
            advice="Run again when Microsoft has finished that, which can take a day.",
        )

    async def _guard_removal(
        self, state: DomainState, domain: Domain, changes: Sequence[Change]
    ) -> None:
        if domain.is_being_removed:
            return
        if domain.is_initial:
            raise self._in_use("it is the tenant's initial domain", "It stays for good.")
        if domain.is_default and not is_given_up(self._key.tenant_id, self._name, self._undone):
            raise self._in_use(
                "it is the tenant's default domain", "Make another domain the default one first."
            )
        domains = await self._domains.all()
        gone = names_removed(self._key.tenant_id, self._undone)
        below = [name for name in subdomains(self._name, domains) if name not in gone]
        if below:
            raise self._in_use(
                f"the tenant has domains below it: {_some(below)}", "Remove these first."
            )
        is_proven = domain.is_verified and verified_parent(self._name, domains) is None
        if is_proven and not self._gives_verification_up(changes):
            raise self._in_use(
                "it was verified since, which would be lost", "Undo its verification first."
            )
        if disables_accounts(changes) is None:
            await self._guard_references(state)
        else:
            self._guard_forced_removal(state, domain)

    @staticmethod
    def _gives_verification_up(changes: Sequence[Change]) -> bool:
        """Whether it is known that the domain's verification goes: only then may it."""
        return any(change.property == IS_VERIFIED or not change.reversible for change in changes)

    async def _guard_references(self, state: DomainState) -> None:
        references = state.references
        if not self._with_references:
            references = tuple(await self._domains.references(self._name))
        if references:
            told = [f"{each.kind} {each.name}" for each in references]
            raise self._in_use(
                f"{len(told)} objects use it: {_some(told)}",
                "Give them names in another domain first. Or set force=true: Microsoft then gives "
                "them names in the tenant's initial domain, which cannot be undone.",
            )

    def _guard_forced_removal(self, state: DomainState, domain: Domain) -> None:
        if domain.authentication_type == "Federated":
            raise self._in_use("it is federated", "Make it a managed domain first.")
        if len(state.references) > _MOST_REFERENCES:
            raise self._in_use(
                f"{len(state.references)} objects use it, and Microsoft removes by force what "
                f"{_MOST_REFERENCES} use at most",
                "Give objects names in another domain first.",
            )

    def _in_use(self, why: str, advice: str) -> StillInUse:
        return StillInUse(
            f"The domain {self._name} cannot be removed: {why}",
            server=self._domains.server,
            subject=self._subject,
            advice=advice,
        )

    # Adding and removing

    @staticmethod
    def _verifies(changes: Sequence[Change]) -> bool:
        return any(change.property == IS_VERIFIED and change.after is True for change in changes)

    @staticmethod
    def _removes(state: DomainState, changes: Sequence[Change]) -> bool:
        after = state_after(state, changes)
        return after.domain is None or (state.is_verified and not after.is_verified)

    async def _create(self) -> Domain:
        try:
            await self._domains.create(self._name)
        except TenantopsError as error:
            await self._after_doubt(error, lambda domain: domain is not None)
        with write_was_sent():
            found = await self._settled("it is not there", lambda domain: domain is not None)
        return cast(Domain, found)

    async def _remove(self, domain: Domain, changes: Sequence[Change]) -> None:
        disable = disables_accounts(changes)
        try:
            if disable is not None:
                await self._domains.force_delete(self._name, disable_user_accounts=disable)
            elif not domain.is_being_removed:
                await self._domains.delete(self._name)
        except TenantopsError as error:
            await self._after_doubt(error, lambda domain: domain is None or domain.is_being_removed)
        with write_was_sent():
            if disable is not None or domain.is_being_removed:
                await self._removed()
            else:
                await self._settled("it is still there", lambda domain: domain is None)

    async def _removed(self) -> None:
        """Wait until a forced removal is done, which Microsoft says can take a day."""
        async for left in waiting.looks(self._patience.removal):
            domain = await self._domains.find(self._name)
            if domain is None:
                return
            if domain.is_failed:
                break
            tell(f"{self._name} is being removed, waiting for {left:.0f} s more at most")
        raise NotAsWritten(
            f"Graph accepted the removal of {self._name}, and it is not done",
            server=self._domains.server,
            subject=self._subject,
            answer=f"operation {domain.operation}, status {domain.operation_status}"
            if domain
            else "",
            advice="Run again later: the removal is only waited for then, and not asked for again.",
        )

    # Verifying

    async def _verify(self, domain: Domain, changes: Sequence[Change]) -> Sequence[Change]:
        if domain.is_being_verified:
            await self._taken_over()
            return changes
        try:
            status = await self._domains.verify(self._name)
        except GraphRefused as refusal:
            if refusal.status != _BAD_REQUEST:
                raise
            return await self._after_refusal(domain, changes, refusal)
        except TenantopsError as error:
            await self._after_doubt(error, _is_accepted)
            status = None
        return await self._completed(changes, status, is_forced=False)

    async def _after_refusal(
        self, domain: Domain, changes: Sequence[Change], refusal: GraphRefused
    ) -> Sequence[Change]:
        """Graph does not verify the domain: go on by force, where that is what was agreed to.

        The words of the refusal say why, but are not to be relied on.
        """
        now = await self.read()
        if _is_accepted(now.domain):
            raise self._changed_meanwhile() from refusal
        if takeover_of(changes) is None:
            raise self._not_verified(refusal) from refusal
        if now.domain != domain or not is_viral(now) or not self._consent.covers(self._name):
            raise self._changed_meanwhile() from refusal
        try:
            status = await self._domains.take_over(self._name)
        except GraphRefused as refused:
            if refused.status != _BAD_REQUEST:
                raise
            raise gates.takeover_refused(self._name, refused) from refused
        except TenantopsError as error:
            await self._after_doubt(error, _is_accepted)
            status = None
        return await self._completed(changes, status, is_forced=True)

    def _not_verified(self, refusal: GraphRefused) -> Refused:
        return Refused(
            f"Graph does not verify {self._name}: {refusal.problem}",
            server=refusal.server,
            subject=self._subject,
            answer=refusal.answer,
            advice="Look whether every authoritative name server of the domain has the TXT record "
            "that entra_domain returns as verification. If it was published within the last hour, "
            "run again later.",
        )

    async def _completed(
        self, changes: Sequence[Change], status: str | None, *, is_forced: bool
    ) -> Sequence[Change]:
        """Wait until an accepted verification shows; `status` is what Graph answered, if it did."""
        with write_was_sent():
            is_takeover = is_forced or status == _TAKEOVER_ACCEPTED
            if not is_takeover:
                told = f"availabilityStatus {status}, and it is not verified"
                found = await self._settled(told, _is_accepted)
                is_takeover = found is not None and found.is_being_verified
            if is_takeover:
                await self._taken_over()
        if is_forced:
            return as_made(changes, takeover=FORCED)
        is_takeover = is_takeover or takeover_of(changes) is not None
        return as_made(changes, takeover=WITHOUT_FORCE if is_takeover else None)

    async def _taken_over(self) -> None:
        """Wait until the takeover is done that Graph accepted."""
        async for left in waiting.looks(self._patience.takeover):
            domain = await self._domains.find(self._name)
            if domain is not None and domain.is_verified:
                return
            if domain is not None and domain.has_failed_takeover:
                raise gates.takeover_failed(self._name, self._domains.server)
            status = domain.operation_status if domain is not None else "unknown"
            tell(
                f"{self._name}: the takeover is {status or 'accepted'}, waiting for {left:.0f} s "
                "more at most"
            )
        raise NotAsWritten(
            f"Graph accepted the takeover of {self._name}, and it is not done",
            server=self._domains.server,
            subject=self._subject,
            answer=f"not verified after {self._patience.takeover:.0f} s",
            advice="Run again later: the takeover is only waited for then, and not asked for "
            "again. takeover_time sets how long one run waits.",
        )

    # What every request has in common

    async def _after_doubt(
        self, error: TenantopsError, is_done: Callable[[Domain | None], bool]
    ) -> None:
        """Go on where the domain shows that a failed request was made after all, else raise.

        It is looked for some time, because asking again would be asking twice.
        """
        if error.nothing_written:
            if _is_about_state(error) and is_done(await self._domains.find(self._name)):
                raise self._changed_meanwhile() from error
            raise error
        try:
            async for _left in waiting.looks(self._most(waiting.DOUBT_TIME)):
                if is_done(await self._domains.find(self._name)):
                    return
        except TenantopsError:
            # It is no better known; what went wrong first is the news.
            raise error from None
        raise error

    async def _settled(self, told: str, is_so: Callable[[Domain | None], bool]) -> Domain | None:
        """The domain as soon as it is as it was written."""
        async for _left in waiting.looks(self._most(waiting.SETTLE_TIME)):
            found = await self._domains.find(self._name)
            if is_so(found):
                return found
        raise NotAsWritten(
            f"Graph accepted the change of {self._name} but does not show it",
            server=self._domains.server,
            subject=self._subject,
            answer=told,
            advice="Run again in some minutes: if it is in place then, nothing is changed.",
        )

    def _most(self, seconds: float) -> float:
        return min(seconds, self._domains.graph.retry_time)

    def _changed_meanwhile(self) -> ChangedMeanwhile:
        return ChangedMeanwhile(
            "Somebody else changed the domain meanwhile",
            server=self._domains.server,
            subject=self._subject,
        )


def _is_about_state(error: TenantopsError) -> bool:
    """Whether Graph refused a request that does not fit what is there, or is not there any more."""
    return isinstance(error, GraphRefused) and error.status in _DOES_NOT_FIT


def _is_accepted(domain: Domain | None) -> bool:
    return domain is not None and (domain.is_verified or domain.is_being_verified)


def _some(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
