# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wanted of a domain, and the steps there: each read, planned and written on its own.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from .._changes.control import ChangeControl
from .._changes.converge import Proposal, Resource, converge
from .._changes.model import Change, Value
from .._domain_names.names import domain_name
from .._errors import InvalidInput, TenantopsError
from .._realms.model import Realm
from . import default_model, model
from .api import Domains
from .default_model import DefaultDomain, default_after, propose_default
from .default_resource import DefaultDomainResource
from .model import (
    Consent,
    DomainKey,
    DomainState,
    Removal,
    of_this_thing,
    propose_absent,
    propose_present,
    propose_verified,
    state_after,
)
from .resource import DomainResource, Patience


@dataclass(frozen=True)
class Wanted:
    """The options of entra_domain: how a domain is to stand, and what may be done for it."""

    name: str
    state: str
    consent: Consent
    make_default: bool
    removal: Removal
    patience: Patience

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Wanted:
        """Read the options. Raises `InvalidInput` for what cannot be meant."""
        wanted = cls(
            name=domain_name(parameters["name"]),
            state=parameters["state"],
            consent=Consent(
                is_external=parameters["takeover"] == "external",
                names=frozenset(map(domain_name, parameters["takeover_consent"])),
            ),
            make_default=parameters["make_default"],
            removal=Removal(
                by_force=parameters["force"],
                disable_user_accounts=parameters["disable_user_accounts"],
            ),
            patience=Patience(
                takeover=parameters["takeover_time"], removal=parameters["removal_time"]
            ),
        )
        _check_combination(wanted)
        return wanted


def _check_combination(wanted: Wanted) -> None:
    if wanted.make_default and wanted.state != "verified":
        raise InvalidInput(
            f"make_default cannot be meant with state={wanted.state}",
            subject=wanted.name,
            advice="Only a verified domain can be the default one: set state=verified.",
        )
    if wanted.removal.by_force and wanted.state != "absent":
        raise InvalidInput(
            f"force cannot be meant with state={wanted.state}",
            subject=wanted.name,
            advice="It is about removing a domain that is in use. A takeover by force is allowed "
            "with takeover=external and takeover_consent.",
        )
    if wanted.removal.disable_user_accounts and not wanted.removal.by_force:
        raise InvalidInput("disable_user_accounts needs force=true", subject=wanted.name)


State = TypeVar("State")
Propose: TypeAlias = Callable[[DomainState], Proposal]


class After(Protocol[State]):
    """What a state becomes by changes."""

    def __call__(self, state: State, changes: Sequence[Change]) -> State: ...


class AsPlanned(Generic[State]):
    """A resource as earlier steps of a dry course would leave it. It is only read and guarded."""

    def __init__(
        self, resource: Resource[State], after: After[State], earlier: Sequence[Change]
    ) -> None:
        self._resource = resource
        self._after = after
        self._earlier = earlier

    @property
    def target(self) -> str:
        """See `Resource`."""
        return self._resource.target

    async def read(self) -> State:
        """See `Resource`."""
        return self._after(await self._resource.read(), self._earlier)

    async def guard(self, state: State, changes: Sequence[Change]) -> None:
        """See `Resource`."""
        await self._resource.guard(state, changes)

    async def write(self, state: State, changes: Sequence[Change]) -> Sequence[Change]:
        """See `Resource`."""
        raise NotImplementedError("what is only planned cannot be written to")

    def current(self, state: State, change: Change) -> Value:
        """See `Resource`."""
        return self._resource.current(state, change)

    def without_idle(self, state: State, changes: Sequence[Change]) -> Sequence[Change]:
        """See `Resource`."""
        return self._resource.without_idle(state, changes)


@dataclass
class Passed:
    """What the steps of one pass came to. `state` is how they leave the domain, as far as it is
    known; `error` is what ended a pass that had changed something."""

    changes: list[Change] = field(default_factory=list)
    state: DomainState | None = None
    error: TenantopsError | None = None


@dataclass(frozen=True)
class Course:
    """The steps that bring one domain to where it is wanted."""

    domains: Domains
    tenant_id: str
    wanted: Wanted
    ask_realm: Callable[[str], Awaitable[Realm]]

    @property
    def _key(self) -> DomainKey:
        return DomainKey(self.tenant_id, self.wanted.name)

    async def plan(self, earlier: Sequence[Change]) -> Passed:
        """What would be done, after `earlier` changes that are planned only."""
        passed = Passed()
        await self._take_steps(passed, ChangeControl(), earlier, check_mode=True)
        return passed

    async def make(self, control: ChangeControl) -> Passed:
        """Take the steps. What ends them after a change was made is told beside that change."""
        passed = Passed()
        try:
            await self._take_steps(passed, control, (), check_mode=False)
        except TenantopsError as error:
            if not passed.changes:
                raise
            passed.error = error
        return passed

    async def _take_steps(
        self,
        passed: Passed,
        control: ChangeControl,
        earlier: Sequence[Change],
        *,
        check_mode: bool,
    ) -> None:
        for resource, propose in self._steps():
            await self._step(passed, resource, propose, control, earlier, check_mode)
        if self.wanted.make_default:
            await self._make_default(passed, control, earlier, check_mode)

    def _steps(self) -> Iterator[tuple[DomainResource, Propose]]:
        if self.wanted.state == "absent":
            absent = partial(propose_absent, removal=self.wanted.removal)
            yield self._resource(with_references=True), absent
            return
        yield self._resource(), propose_present
        if self.wanted.state == "verified":
            verified = partial(propose_verified, consent=self.wanted.consent)
            yield self._resource(with_realm=True), verified

    def _resource(
        self, *, with_realm: bool = False, with_references: bool = False
    ) -> DomainResource:
        return DomainResource(
            self.domains,
            self._key,
            self.ask_realm,
            consent=self.wanted.consent,
            patience=self.wanted.patience,
            with_realm=with_realm,
            with_references=with_references,
        )

    async def _step(
        self,
        passed: Passed,
        resource: DomainResource,
        propose: Propose,
        control: ChangeControl,
        earlier: Sequence[Change],
        check_mode: bool,
    ) -> None:
        step: Resource[DomainState] = resource
        if check_mode:
            planned = of_this_thing([*earlier, *passed.changes], model.RESOURCE, self._key.id)
            step = AsPlanned(resource, state_after, planned)

        def staying(state: DomainState) -> Proposal:
            domain = state.domain
            if domain is not None and domain.is_being_removed and self.wanted.state != "absent":
                raise resource.being_removed()
            return propose(state)

        converged = await converge(step, staying, control, check_mode=check_mode)
        passed.changes.extend(converged.changes)
        state = converged.state
        realm = state.realm or (passed.state.realm if passed.state else None)
        passed.state = replace(state_after(state, converged.changes), realm=realm)

    async def _make_default(
        self,
        passed: Passed,
        control: ChangeControl,
        earlier: Sequence[Change],
        check_mode: bool,
    ) -> None:
        domain = passed.state.domain if passed.state else None
        step: Resource[DefaultDomain]
        if check_mode:
            resource = DefaultDomainResource(self.domains, self.tenant_id, coming=domain)
            planned = of_this_thing(earlier, default_model.RESOURCE, self.tenant_id)
            step = AsPlanned(resource, default_after, planned)
        else:
            step = DefaultDomainResource(self.domains, self.tenant_id)
        converged = await converge(
            step,
            partial(propose_default, wanted=self.wanted.name),
            control,
            check_mode=check_mode,
        )
        passed.changes.extend(converged.changes)
        if passed.state is not None and domain is not None:
            passed.state = replace(passed.state, domain=replace(domain, is_default=True))
