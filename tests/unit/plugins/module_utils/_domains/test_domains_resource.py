# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Domains over a Graph of our own, in which anything can go wrong and every call is counted."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.control import (
    ChangeControl,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import Change
from ansible_collections.tenantops.migration.plugins.module_utils._domains.course import (
    Course,
    Passed,
    Wanted,
)
from ansible_collections.tenantops.migration.plugins.module_utils._domains.default_resource import (
    DefaultDomainResource,
)
from ansible_collections.tenantops.migration.plugins.module_utils._domains.model import (
    Domain,
    DomainKey,
    Reference,
)
from ansible_collections.tenantops.migration.plugins.module_utils._domains.resource import (
    DomainResource,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ConnectionFailed,
    InvalidInput,
    NotAsWritten,
    NotUnderstood,
    PersonNeeded,
    Refused,
    StillInUse,
    TenantopsError,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph import waiting
from ansible_collections.tenantops.migration.plugins.module_utils._graph.errors import GraphRefused
from ansible_collections.tenantops.migration.plugins.module_utils._realms.model import (
    Realm,
    RealmKind,
)

TENANT = "3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11"
NAME = "contoso.com"
INITIAL = Domain(
    "contoso.onmicrosoft.com", is_verified=True, is_default=True, is_initial=True, is_root=True
)
ADDED = Domain(NAME, is_verified=False, authentication_type="Managed")
VERIFIED = replace(ADDED, is_verified=True, is_root=True)
SCHEDULED = replace(ADDED, operation="Verification", operation_status="Scheduled")
ACCEPTED = "EmailVerifiedDomainTakeoverScheduled"
USER = Reference("1", "user", "anna@contoso.com")


def refusal(status: int = 400) -> GraphRefused:
    error = GraphRefused("Graph refused: Words that nobody relies on.")
    error.status, error.code = status, "Request_BadRequest"
    return error


@dataclass
class Cloud:
    """One tenant in memory, with the methods of `Domains`.

    `answers` says what becomes of the next calls of a kind: an error is raised, before the work is
    done or after it, and a text is an availabilityStatus.
    """

    domains: list[Domain] = field(default_factory=lambda: [INITIAL])
    uses: list[Reference] = field(default_factory=list)
    kind: RealmKind = RealmKind.UNKNOWN
    owner: str = "6d0d4c5e-4a1d-4b6f-9a55-64c22c0d7a10"
    answers: dict[str, list[Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    lag: int = 0
    looks_until_taken_over: int = 9

    server = "https://graph.microsoft.com"
    graph = SimpleNamespace(retry_time=60.0)

    def __post_init__(self) -> None:
        self._shown = list(self.domains)
        self._stale = 0

    @property
    def writes(self) -> list[str]:
        return [call for call in self.calls if call not in ("find", "all", "references", "realm")]

    async def realm(self, name: str) -> Realm:
        self.calls.append("realm")
        owner = None if self.kind is RealmKind.UNKNOWN else self.owner
        return Realm(name, self.kind, owner)

    async def find(self, name: str) -> Domain | None:
        self._raise("find")
        self._age()
        return next((domain for domain in self._visible() if domain.name == name), None)

    async def all(self) -> list[Domain]:
        self._raise("all")
        return list(self._visible())

    async def references(self, name: str) -> list[Reference]:
        self._raise("references")
        return self.uses

    async def create(self, name: str) -> None:
        with_parent = any(name.endswith(f".{domain.name}") for domain in self.domains)
        self._work("create", lambda: self.put(replace(ADDED, name=name, is_verified=with_parent)))

    async def delete(self, name: str) -> None:
        self._work("delete", lambda: self.drop(name))

    async def force_delete(self, name: str, *, disable_user_accounts: bool) -> None:
        removing = {"operation": "ForceDelete", "operation_status": "InProgress"}
        self._work(
            f"force_delete {disable_user_accounts}",
            lambda: self.put(replace(self.get(name), **removing)),  # type: ignore[arg-type]
        )

    async def verify(self, name: str) -> str | None:
        return self._work("verify", lambda: self.put(replace(self.get(name), is_verified=True)))

    async def take_over(self, name: str) -> str | None:
        return self._work("take_over", lambda: self.put(replace(SCHEDULED, name=name))) or ACCEPTED

    async def make_default(self, name: str) -> None:
        def work() -> None:
            for domain in self.domains:
                self.put(replace(domain, is_default=domain.name == name))

        self._work("make_default", work)

    def get(self, name: str) -> Domain:
        return next(domain for domain in self.domains if domain.name == name)

    def put(self, domain: Domain) -> None:
        self.drop(domain.name)
        self.domains = [*self.domains, domain]

    def drop(self, name: str) -> None:
        self.domains = [domain for domain in self.domains if domain.name != name]

    def _work(self, call: str, work: Callable[[], None]) -> str | None:
        answers = self.answers.get(call.split(" ", maxsplit=1)[0], [])
        answer = answers.pop(0) if answers else None
        self.calls.append(call)
        before = list(self._visible())
        if isinstance(answer, tuple):
            work()
            answer = answer[0]
        elif not isinstance(answer, Exception):
            if answer == ACCEPTED:
                self.put(replace(SCHEDULED))
            else:
                work()
        self._shown, self._stale = before, self.lag
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, str) else None

    def _raise(self, call: str) -> None:
        self.calls.append(call)
        answers = self.answers.get(call, [])
        answer = answers.pop(0) if answers else None
        if isinstance(answer, Exception):
            raise answer

    def _visible(self) -> list[Domain]:
        return self._shown if self._stale else self.domains

    def _age(self) -> None:
        """What Graph does in the background, and how long its servers lag."""
        self._stale = max(0, self._stale - 1)
        for domain in self.domains:
            if domain.is_being_verified:
                self.looks_until_taken_over -= 1
                if self.looks_until_taken_over < 0:
                    self.put(VERIFIED)
            elif domain.is_being_removed:
                self.drop(domain.name)


@pytest.fixture(autouse=True)
def _time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time passes only where it is waited for."""
    now = [0.0]

    async def sleep(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(waiting, "asyncio", SimpleNamespace(sleep=sleep))
    monkeypatch.setattr(waiting, "time", SimpleNamespace(monotonic=lambda: now[0]))


def wanted(state: str = "verified", **options: Any) -> Wanted:
    return Wanted.from_parameters(
        {
            "name": NAME,
            "state": state,
            "takeover": "never",
            "takeover_consent": [],
            "takeover_time": 600.0,
            "make_default": False,
            "force": False,
            "disable_user_accounts": False,
            "removal_time": 600.0,
            **options,
        }
    )


CONSENT: dict[str, Any] = {"takeover": "external", "takeover_consent": [NAME]}


def course(cloud: Cloud, state: str = "verified", **options: Any) -> Course:
    return Course(cloud, TENANT, wanted(state, **options), cloud.realm)  # type: ignore[arg-type]


def plan(cloud: Cloud, *earlier: Change, state: str = "verified", **options: Any) -> Passed:
    return asyncio.run(course(cloud, state, **options).plan(earlier))


def make(cloud: Cloud, state: str = "verified", **options: Any) -> Passed:
    """Plan and make, as the runner does."""
    planned = plan(cloud, state=state, **options)
    assert cloud.writes == []
    made = asyncio.run(course(cloud, state, **options).make(ChangeControl()))
    if made.error is None:
        pairs = zip(planned.changes, made.changes, strict=True)
        assert all(plan.covers(change) for plan, change in pairs)
    return made


def outline(passed: Passed) -> list[str]:
    return [f"{change.action.value} {change.property}" for change in passed.changes]


class TestCourse:
    def test_from_nothing_to_the_default_domain(self) -> None:
        cloud = Cloud()
        made = make(cloud, make_default=True)
        assert outline(made) == ["create domain", "replace isVerified", "replace isDefault"]
        assert cloud.writes == ["create", "verify", "make_default"]
        cloud.calls.clear()
        assert make(cloud, make_default=True).changes == []
        assert cloud.writes == []

    def test_whose_it_is_does_not_matter_once_it_is_verified(self) -> None:
        cloud = Cloud(domains=[INITIAL, VERIFIED], kind=RealmKind.MANAGED)
        assert make(cloud).changes == []
        assert "realm" not in cloud.calls

    def test_a_domain_below_a_verified_one(self) -> None:
        cloud = Cloud(domains=[INITIAL, replace(VERIFIED, name="com")], kind=RealmKind.MANAGED)
        made = make(cloud)
        assert outline(made) == ["create domain"]
        assert cloud.writes == ["create"]
        assert "realm" not in cloud.calls

    def test_what_earlier_tasks_planned_is_not_planned_again(self) -> None:
        cloud = Cloud()
        added = plan(cloud, state="present")
        assert outline(added) == ["create domain"]
        verified = plan(cloud, *added.changes, make_default=True)
        assert outline(verified) == ["replace isVerified", "replace isDefault"]
        assert verified.state is not None
        assert verified.state.is_verified
        again = plan(cloud, *added.changes, *verified.changes, make_default=True)
        assert again.changes == []

    def test_what_was_done_is_told_though_the_rest_failed(self) -> None:
        cloud = Cloud(answers={"verify": [refusal()]})
        made = make(cloud)
        assert outline(made) == ["create domain"]
        assert isinstance(made.error, Refused)
        assert "within the last hour" in made.error.advice

    def test_an_error_before_the_first_change_is_the_result(self) -> None:
        with pytest.raises(Refused):
            make(Cloud(answers={"create": [refusal()]}))

    @pytest.mark.parametrize("state", ["present", "verified"])
    def test_a_domain_that_is_being_removed_cannot_stay(self, state: str) -> None:
        leaving = replace(VERIFIED, operation="ForceDelete", operation_status="Scheduled")
        cloud = Cloud(domains=[INITIAL, leaving])
        cloud._age = lambda: None  # type: ignore[method-assign]
        with pytest.raises(Refused, match="is being removed"):
            plan(cloud, state=state)

    @pytest.mark.parametrize("operation", ["Promotion", "Verification"])
    def test_what_is_not_understood_is_not_worked_on(self, operation: str) -> None:
        strange = replace(ADDED, operation=operation, operation_status="Paused")
        with pytest.raises(NotUnderstood, match="Paused"):
            plan(Cloud(domains=[INITIAL, strange]))

    @pytest.mark.parametrize(
        "options",
        [
            {"state": "present", "make_default": True},
            {"state": "absent", "make_default": True},
            {"state": "verified", "force": True},
            {"state": "absent", "disable_user_accounts": True},
            {"name": "*.contoso.com"},
            {"takeover_consent": ["not a domain"]},
        ],
    )
    def test_what_cannot_be_meant(self, options: dict[str, Any]) -> None:
        with pytest.raises(InvalidInput):
            wanted(**options)


VERIFY_ANSWERS = {
    "verified": None,
    "scheduled": ACCEPTED,
    "refused": refusal,
    "forbidden": lambda: refusal(403),
    "broken": lambda: NotUnderstood("HTTP 500"),
    "cut off": lambda: ConnectionFailed("No answer came"),
}
CONSENTS = list(
    itertools.product(["never", "external"], [[NAME], ["Contoso.COM."], ["fabrikam.com"], []])
)


@pytest.mark.parametrize("kind", list(RealmKind))
@pytest.mark.parametrize("answer", VERIFY_ANSWERS)
@pytest.mark.parametrize(("takeover", "names"), CONSENTS)
@pytest.mark.parametrize("is_added", [True, False])
def test_force_has_every_reason_or_is_not_used(
    kind: RealmKind, answer: str, takeover: str, names: list[str], is_added: bool
) -> None:
    """Only with a viral realm, a refused verification, and a consent that names the domain."""
    told = VERIFY_ANSWERS[answer]
    cloud = Cloud(
        domains=[INITIAL, ADDED] if is_added else [INITIAL],
        kind=kind,
        answers={"verify": [told() if callable(told) else told]},
    )
    may_force = (
        kind is RealmKind.VIRAL
        and answer == "refused"
        and takeover == "external"
        and "fabrikam.com" not in names
        and names != []
    )
    gated = kind in (RealmKind.MANAGED, RealmKind.FEDERATED) or (
        kind is RealmKind.VIRAL and (takeover == "never" or names in ([], ["fabrikam.com"]))
    )
    with pytest.raises(PersonNeeded) if gated else contextlib.suppress(TenantopsError):
        make(cloud, takeover=takeover, takeover_consent=names)
    assert ("take_over" in cloud.writes) is may_force
    assert cloud.writes.count("verify") == (not gated)
    assert not gated or cloud.writes == []
    assert cloud.get(NAME).is_verified if may_force else True


class TestTakeover:
    def viral(self, **answers: list[Any]) -> Cloud:
        return Cloud(domains=[INITIAL, ADDED], kind=RealmKind.VIRAL, answers=answers)

    def test_forced_and_waited_for(self) -> None:
        cloud = self.viral(verify=[refusal()])
        made = make(cloud, **CONSENT)
        assert [(change.property, change.after) for change in made.changes] == [
            ("isVerified", True),
            ("takeover", "forced"),
        ]
        assert cloud.writes == ["verify", "take_over"]
        assert not any(change.reversible for change in made.changes)

    @pytest.mark.parametrize("status", [None, "AvailableImmediately", ACCEPTED])
    def test_without_force(self, status: str | None) -> None:
        cloud = self.viral(verify=[status])
        made = make(cloud, **CONSENT)
        assert [change.after for change in made.changes] == [True, "without_force"]
        assert cloud.writes == ["verify"]

    def test_a_takeover_that_nobody_planned_is_told(self) -> None:
        cloud = Cloud(domains=[INITIAL, ADDED], answers={"verify": [ACCEPTED]})
        (change,) = make(cloud).changes
        assert (change.property, change.reversible) == ("isVerified", False)

    def test_a_refused_force_is_a_gate(self) -> None:
        cloud = self.viral(verify=[refusal()], take_over=[refusal()])
        with pytest.raises(PersonNeeded, match="Words that nobody relies on") as caught:
            make(cloud, **CONSENT)
        assert caught.value.nothing_written

    def test_a_forbidden_force_is_none(self) -> None:
        cloud = self.viral(verify=[refusal()], take_over=[refusal(403)])
        with pytest.raises(GraphRefused):
            make(cloud, **CONSENT)

    def test_no_longer_viral_between_verify_and_force(self) -> None:
        cloud = self.viral(verify=[refusal()])
        original = cloud.verify

        async def verify(name: str) -> str | None:
            cloud.kind = RealmKind.UNKNOWN
            return await original(name)

        cloud.verify = verify  # type: ignore[method-assign]
        planned = plan(cloud, **CONSENT)
        assert outline(planned) == ["replace isVerified", "invoke takeover"]
        made = asyncio.run(course(cloud, **CONSENT).make(ChangeControl()))
        assert cloud.writes == ["verify", "verify"]
        assert outline(made) == ["replace isVerified"]

    def test_taken_over_by_somebody_else_between_verify_and_force(self) -> None:
        cloud = self.viral(verify=[refusal()])
        original = cloud.verify

        async def verify(name: str) -> str | None:
            cloud.put(SCHEDULED)
            return await original(name)

        cloud.verify = verify  # type: ignore[method-assign]
        plan(cloud, **CONSENT)
        asyncio.run(course(cloud, **CONSENT).make(ChangeControl()))
        assert cloud.writes == ["verify"]
        assert cloud.get(NAME).is_verified

    def test_one_that_was_accepted_earlier_is_waited_for(self) -> None:
        cloud = Cloud(domains=[INITIAL, SCHEDULED], kind=RealmKind.VIRAL)
        assert outline(make(cloud)) == ["replace isVerified"]
        assert cloud.writes == []
        assert "realm" not in cloud.calls

    def test_but_no_longer_than_allowed(self) -> None:
        cloud = Cloud(domains=[INITIAL, SCHEDULED], looks_until_taken_over=10**6)
        with pytest.raises(NotAsWritten, match="600 s") as caught:
            make(cloud)
        assert "only waited for" in caught.value.advice
        assert not caught.value.nothing_written
        cloud.looks_until_taken_over = 9
        assert outline(make(cloud)) == ["replace isVerified"]

    def test_one_that_fails_meanwhile(self) -> None:
        cloud = self.viral(verify=[refusal()])

        async def find(name: str) -> Domain | None:
            if "take_over" in cloud.calls:
                cloud.put(replace(SCHEDULED, operation_status="Failed"))
            return await Cloud.find(cloud, name)

        cloud.find = find  # type: ignore[method-assign]
        with pytest.raises(PersonNeeded, match="could not finish") as caught:
            make(cloud, **CONSENT)
        assert not caught.value.nothing_written

    def test_one_that_failed_earlier_is_not_forced_again(self) -> None:
        cloud = self.viral()
        cloud.put(replace(SCHEDULED, operation_status="Failed"))
        with pytest.raises(PersonNeeded, match="could not finish"):
            plan(cloud, **CONSENT)


class TestDoubt:
    """An answer that is lost says nothing about the request; it is looked for, and not repeated."""

    @pytest.mark.parametrize("lag", [0, 3])
    @pytest.mark.parametrize(
        "error", [NotUnderstood("HTTP 504"), ConnectionFailed("No answer came")]
    )
    @pytest.mark.parametrize(
        ("call", "state"), [("create", "present"), ("verify", "verified"), ("delete", "absent")]
    )
    def test_it_was_made(self, call: str, state: str, error: TenantopsError, lag: int) -> None:
        domains = [INITIAL] if call == "create" else [INITIAL, ADDED]
        cloud = Cloud(domains=domains, answers={call: [(error,)]}, lag=lag)
        assert len(make(cloud, state).changes) == 1
        assert cloud.writes == [call]

    @pytest.mark.parametrize(
        ("call", "state"), [("create", "present"), ("verify", "verified"), ("delete", "absent")]
    )
    def test_it_was_not(self, call: str, state: str) -> None:
        domains = [INITIAL] if call == "create" else [INITIAL, ADDED]
        cloud = Cloud(domains=domains, answers={call: [NotUnderstood("HTTP 504")]})
        with pytest.raises(NotUnderstood) as caught:
            make(cloud, state)
        assert not caught.value.nothing_written
        assert cloud.writes == [call]

    @pytest.mark.parametrize("was_made", [True, False])
    def test_force_is_never_sent_twice(self, was_made: bool) -> None:
        error = NotUnderstood("HTTP 503")
        cloud = Cloud(
            domains=[INITIAL, ADDED],
            kind=RealmKind.VIRAL,
            answers={"verify": [refusal()], "take_over": [(error,) if was_made else error]},
        )
        if was_made:
            assert make(cloud, **CONSENT).changes[1].after == "forced"
        else:
            with pytest.raises(NotUnderstood):
                make(cloud, **CONSENT)
        assert cloud.writes == ["verify", "take_over"]

    def test_what_went_wrong_first_is_told(self) -> None:
        cloud = Cloud(answers={"create": [ConnectionFailed("First")]})

        async def find(name: str) -> Domain | None:
            if "create" in cloud.calls:
                raise ConnectionFailed("Second")
            return await Cloud.find(cloud, name)

        cloud.find = find  # type: ignore[method-assign]
        with pytest.raises(ConnectionFailed, match="First"):
            make(cloud, "present")

    @pytest.mark.parametrize(("call", "state"), [("create", "present"), ("delete", "absent")])
    def test_somebody_else_was_faster(self, call: str, state: str) -> None:
        """The refusal proves that it was not us: the plan is made anew, and has nothing to do."""
        domains = [INITIAL] if call == "create" else [INITIAL, ADDED]
        cloud = Cloud(domains=domains, answers={call: [(refusal(404 if domains[1:] else 400),)]})
        made = asyncio.run(course(cloud, state).make(ChangeControl()))
        assert made.changes == []
        assert cloud.writes == [call]

    def test_what_was_written_and_never_shows(self) -> None:
        with pytest.raises(NotAsWritten, match="does not show"):
            make(Cloud(lag=10**6), "present")

    @pytest.mark.parametrize("status", [None, "SomethingNew"])
    def test_an_answer_to_verify_that_comes_to_nothing(self, status: str | None) -> None:
        cloud = Cloud(domains=[INITIAL, ADDED], lag=10**6, answers={"verify": [status]})
        with pytest.raises(NotAsWritten, match=f"availabilityStatus {status}"):
            make(cloud)


class TestAbsent:
    def test_what_nothing_uses(self) -> None:
        cloud = Cloud(domains=[INITIAL, VERIFIED])
        assert outline(make(cloud, "absent")) == ["delete domain"]
        assert cloud.writes == ["delete"]
        assert make(Cloud(), "absent").changes == []

    def test_what_is_used_is_listed(self) -> None:
        cloud = Cloud(domains=[INITIAL, ADDED], uses=[USER] * 25)
        with pytest.raises(StillInUse, match=r"25 objects use it: user anna@contoso\.com.*5 more"):
            plan(cloud, state="absent")

    @pytest.mark.parametrize("disable", [True, False])
    def test_by_force(self, disable: bool) -> None:
        cloud = Cloud(domains=[INITIAL, VERIFIED], uses=[USER])
        options = {"force": True, "disable_user_accounts": disable}
        made = make(cloud, "absent", **options)
        assert outline(made) == ["delete domain", "invoke forceDelete"]
        assert cloud.writes == [f"force_delete {disable}"]

    def test_force_is_not_used_without_need(self) -> None:
        cloud = Cloud(domains=[INITIAL, VERIFIED])
        assert outline(make(cloud, "absent", force=True)) == ["delete domain"]
        assert cloud.writes == ["delete"]

    def test_one_that_was_accepted_earlier_is_waited_for(self) -> None:
        leaving = replace(VERIFIED, operation="ForceDelete", operation_status="Scheduled")
        cloud = Cloud(domains=[INITIAL, leaving], uses=[USER])

        def age() -> None:
            if cloud.calls.count("find") > 3:
                cloud.drop(NAME)

        cloud._age = age  # type: ignore[method-assign]
        made = asyncio.run(course(cloud, "absent", force=True).make(ChangeControl()))
        assert outline(made) == ["delete domain"]
        assert cloud.writes == []

    @pytest.mark.parametrize("status", ["InProgress", "Failed"])
    def test_one_that_is_not_done(self, status: str) -> None:
        leaving = replace(VERIFIED, operation="ForceDelete", operation_status="InProgress")
        cloud = Cloud(domains=[INITIAL, leaving])

        def age() -> None:
            if cloud.calls.count("find") > 3:
                cloud.put(replace(leaving, operation_status=status))

        cloud._age = age  # type: ignore[method-assign]
        with pytest.raises(NotAsWritten, match="is not done"):
            asyncio.run(course(cloud, "absent", force=True).make(ChangeControl()))

    @pytest.mark.parametrize(
        ("domain", "uses", "why"),
        [
            (replace(VERIFIED, is_initial=True), [], "initial domain"),
            (replace(VERIFIED, is_default=True), [], "default domain"),
            (replace(VERIFIED, authentication_type="Federated"), [USER], "federated"),
            (VERIFIED, [USER] * 1001, "1000 use at most"),
        ],
    )
    def test_what_force_cannot_remove(
        self, domain: Domain, uses: list[Reference], why: str
    ) -> None:
        cloud = Cloud(domains=[INITIAL, domain], uses=uses)
        with pytest.raises(StillInUse, match=why):
            plan(cloud, state="absent", force=True)

    def test_domains_below_it(self) -> None:
        below = replace(ADDED, name="mail.contoso.com")
        with pytest.raises(StillInUse, match=r"below it: mail\.contoso\.com"):
            plan(Cloud(domains=[INITIAL, ADDED, below]), state="absent")


class TestUndoing:
    """What a rollback asks of the resource: any of its changes, and their opposites."""

    def undo(self, cloud: Cloud, changes: list[Change]) -> None:
        resource = DomainResource(cloud, DomainKey(TENANT, NAME), cloud.realm)  # type: ignore[arg-type]

        async def run() -> None:
            state = await resource.read()
            opposites = [change.opposite() for change in reversed(changes)]
            await resource.guard(state, opposites)
            await resource.write(state, opposites)

        asyncio.run(run())

    def changes(self, *domains: Domain) -> list[Change]:
        return plan(Cloud(domains=[INITIAL, *domains])).changes

    def test_both_together(self) -> None:
        cloud = Cloud(domains=[INITIAL, VERIFIED])
        self.undo(cloud, self.changes())
        assert cloud.writes == ["delete"]

    def test_the_verification_alone(self) -> None:
        cloud = Cloud(domains=[INITIAL, VERIFIED])
        self.undo(cloud, self.changes(ADDED))
        assert cloud.writes == ["delete", "create"]
        assert not cloud.get(NAME).is_verified

    @pytest.mark.parametrize(
        ("domain", "uses"), [(VERIFIED, [USER]), (replace(VERIFIED, is_default=True), [])]
    )
    def test_what_is_in_use_stays(self, domain: Domain, uses: list[Reference]) -> None:
        for changes in (self.changes(), self.changes(ADDED)):
            cloud = Cloud(domains=[INITIAL, domain], uses=uses)
            with pytest.raises(StillInUse):
                self.undo(cloud, changes)
            assert cloud.writes == []

    def test_a_verification_is_not_lost_by_undoing_something_else(self) -> None:
        """It was verified by another run, or in a way that cannot be undone."""
        cloud = Cloud(domains=[INITIAL, VERIFIED])
        with pytest.raises(StillInUse, match="verified since"):
            self.undo(cloud, self.changes()[:1])

    def test_below_a_verified_domain_nothing_is_lost(self) -> None:
        cloud = Cloud(domains=[INITIAL, VERIFIED, replace(VERIFIED, name="com")])
        self.undo(cloud, self.changes()[:1])
        assert cloud.writes == ["delete"]

    def test_a_dry_rollback_reckons_with_what_it_would_have_undone_before(self) -> None:
        below = "mail.contoso.com"
        standing = [INITIAL, replace(VERIFIED, is_default=True), replace(ADDED, name=below)]
        make_default = plan(Cloud(domains=[INITIAL, VERIFIED]), make_default=True).changes
        add_below = plan(Cloud(domains=[INITIAL, VERIFIED]), state="present", name=below).changes
        undone = [change.opposite() for change in (*add_below, *make_default)]
        changes = [change.opposite() for change in reversed(self.changes())]
        for known, hinders in ((undone, False), (undone[1:], True), (undone[:1], True)):
            cloud = Cloud(domains=standing)
            resource = DomainResource(
                cloud,  # type: ignore[arg-type]
                DomainKey(TENANT, NAME),
                cloud.realm,
                undone=known,
            )

            async def guard(resource: DomainResource = resource) -> None:
                await resource.guard(await resource.read(), changes)

            with pytest.raises(StillInUse) if hinders else contextlib.nullcontext():
                asyncio.run(guard())

    def test_a_removal(self) -> None:
        cloud = Cloud()
        removed = plan(Cloud(domains=[INITIAL, ADDED]), state="absent").changes
        self.undo(cloud, removed)
        assert cloud.writes == ["create"]

    @pytest.mark.parametrize("kind", list(RealmKind))
    def test_undoing_an_undoing_takes_nothing_over(self, kind: RealmKind) -> None:
        cloud = Cloud(kind=kind)
        undone = [change.opposite() for change in reversed(self.changes())]
        if kind is RealmKind.UNKNOWN:
            self.undo(cloud, undone)
            assert cloud.writes == ["create", "verify"]
        else:
            with pytest.raises(PersonNeeded):
                self.undo(cloud, undone)
            assert cloud.writes == []


class TestDefaultDomain:
    @pytest.mark.parametrize(
        ("domain", "error", "why"),
        [
            (ADDED, Refused, "not verified"),
            (None, Refused, "does not have it"),
            (replace(VERIFIED, authentication_type="Federated"), PersonNeeded, "federated"),
        ],
    )
    def test_what_cannot_be_it(
        self, domain: Domain | None, error: type[TenantopsError], why: str
    ) -> None:
        before = plan(Cloud(domains=[INITIAL, VERIFIED]), make_default=True).changes
        cloud = Cloud(domains=[INITIAL, domain] if domain else [INITIAL])
        resource = DefaultDomainResource(cloud, TENANT)  # type: ignore[arg-type]

        async def run() -> None:
            await resource.guard(await resource.read(), before)

        with pytest.raises(error, match=why):
            asyncio.run(run())

    @pytest.mark.parametrize("defaults", [0, 2])
    def test_there_is_exactly_one(self, defaults: int) -> None:
        domains = [
            replace(INITIAL, is_default=defaults > 0),
            replace(VERIFIED, is_default=defaults > 1),
        ]
        with pytest.raises(NotUnderstood, match="which domain is its default"):
            plan(Cloud(domains=domains), make_default=True)

    def test_it_shows_late(self) -> None:
        cloud = Cloud(domains=[INITIAL, VERIFIED], lag=1)
        shown = cloud.all

        async def look() -> list[Domain]:
            domains = await shown()
            cloud._age()
            return domains

        cloud.all = look  # type: ignore[method-assign]
        assert outline(make(cloud, make_default=True)) == ["replace isDefault"]

    def test_undone(self) -> None:
        cloud = Cloud(domains=[INITIAL, VERIFIED])
        (change,) = make(cloud, make_default=True).changes
        resource = DefaultDomainResource(cloud, TENANT)  # type: ignore[arg-type]

        async def run() -> None:
            state = await resource.read()
            assert resource.current(state, change) == NAME
            await resource.guard(state, [change.opposite()])
            await resource.write(state, [change.opposite()])

        asyncio.run(run())
        assert cloud.get(INITIAL.name).is_default


def test_moments_to_look() -> None:
    async def run() -> list[float]:
        return [left async for left in waiting.looks(3.0)]

    assert asyncio.run(run()) == [3.0, 2.5, 1.5, 0.0]
