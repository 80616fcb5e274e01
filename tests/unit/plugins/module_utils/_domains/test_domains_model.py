# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    KNOWN_AFTER_APPLY,
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._domains.model import (
    FORCED,
    WITHOUT_FORCE,
    Consent,
    Domain,
    DomainKey,
    DomainState,
    Reference,
    Removal,
    as_made,
    current,
    disables_accounts,
    of_this_thing,
    propose_absent,
    propose_present,
    propose_verified,
    state_after,
    subdomains,
    takeover_of,
    verified_parent,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.module_utils._realms.model import (
    Realm,
    RealmKind,
)

TENANT = "3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11"
NAME = "contoso.com"
KEY = DomainKey(TENANT, NAME)
ABSENT = DomainState(KEY)
ADDED = DomainState(KEY, Domain(NAME, is_verified=False))
VERIFIED = DomainState(KEY, Domain(NAME, is_verified=True, is_root=True))
SCHEDULED = DomainState(
    KEY, Domain(NAME, is_verified=False, operation="Verification", operation_status="Scheduled")
)
REMOVING = DomainState(
    KEY, Domain(NAME, is_verified=True, operation="ForceDelete", operation_status="InProgress")
)
USER = Reference("8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21", "user", "anna@contoso.com")
CONSENT = Consent(is_external=True, names=frozenset({NAME}))


def of_realm(state: DomainState, kind: RealmKind, tenant_id: str | None = "other") -> DomainState:
    return replace(state, realm=Realm(NAME, kind, tenant_id))


VIRAL = of_realm(ADDED, RealmKind.VIRAL)


class TestPresent:
    def test_it_is_added_once(self) -> None:
        (change,) = propose_present(ABSENT).changes
        assert (change.system, change.resource) == (System.ENTRA, "domain")
        assert (change.id, change.name) == (f"{TENANT} {NAME}", NAME)
        assert (change.property, change.action) == ("domain", Action.CREATE)
        assert (change.before, change.after) == (None, NAME)
        assert change.reversible
        after = state_after(ABSENT, [change])
        assert after.domain is not None
        assert not after.is_verified
        assert propose_present(after).changes == ()

    def test_below_a_verified_domain_it_needs_no_proof(self) -> None:
        state = replace(ABSENT, verified_parent="com")
        after = state_after(state, propose_present(state).changes)
        assert after.domain is not None
        assert (after.is_verified, after.domain.is_root) == (True, False)
        assert propose_verified(after, Consent()).changes == ()

    def test_what_only_graph_can_tell_is_not_made_up(self) -> None:
        after = state_after(ABSENT, propose_present(ABSENT).changes)
        assert after.domain is not None
        assert after.domain.supported_services is None
        assert after.domain.authentication_type is None


class TestVerified:
    @pytest.mark.parametrize("state", [ABSENT, VERIFIED])
    def test_nothing_to_verify(self, state: DomainState) -> None:
        assert propose_verified(state, CONSENT).changes == ()

    @pytest.mark.parametrize("kind", [RealmKind.UNKNOWN, RealmKind.MANAGED, RealmKind.FEDERATED])
    def test_an_ordinary_verification_can_be_undone(self, kind: RealmKind) -> None:
        state = of_realm(ADDED, kind)
        (change,) = propose_verified(state, CONSENT).changes
        assert (change.property, change.action) == ("isVerified", Action.REPLACE)
        assert (change.before, change.after, change.reversible) == (False, True, True)
        after = state_after(state, [change])
        assert after.is_verified
        assert not state_after(after, [change.opposite()]).is_verified

    def test_a_takeover_is_marked(self) -> None:
        verified, takeover = propose_verified(VIRAL, CONSENT).changes
        assert (verified.property, verified.reversible) == ("isVerified", False)
        assert (takeover.property, takeover.action) == ("takeover", Action.INVOKE)
        assert (takeover.before, takeover.after) == (None, KNOWN_AFTER_APPLY)
        assert not takeover.reversible
        assert takeover_of([verified, takeover]) is takeover
        assert takeover_of([verified]) is None

    @pytest.mark.parametrize(
        "consent",
        [
            Consent(),
            Consent(is_external=True),
            Consent(is_external=True, names=frozenset({"fabrikam.com", "www.contoso.com"})),
            Consent(is_external=False, names=frozenset({NAME})),
        ],
    )
    def test_no_takeover_without_whole_consent(self, consent: Consent) -> None:
        assert takeover_of(propose_verified(VIRAL, consent).changes) is None

    def test_no_takeover_without_an_unmanaged_tenant(self) -> None:
        for kind in (RealmKind.UNKNOWN, RealmKind.MANAGED, RealmKind.FEDERATED):
            assert takeover_of(propose_verified(of_realm(ADDED, kind), CONSENT).changes) is None
        assert takeover_of(propose_verified(ADDED, CONSENT).changes) is None

    @pytest.mark.parametrize("operation", ["Verification", "EmailVerifiedDomainTakeover"])
    @pytest.mark.parametrize("status", ["Scheduled", "InProgress"])
    def test_a_takeover_that_was_accepted_is_only_waited_for(
        self, operation: str, status: str
    ) -> None:
        domain = replace(VIRAL.domain, operation=operation, operation_status=status)  # type: ignore[type-var]
        state = replace(VIRAL, domain=domain)
        (change,) = propose_verified(state, CONSENT).changes
        assert (change.property, change.reversible) == ("isVerified", False)

    def test_the_plan_of_a_takeover_covers_what_is_made_of_it(self) -> None:
        planned = propose_verified(VIRAL, CONSENT).changes
        for ending in (FORCED, WITHOUT_FORCE):
            made = as_made(planned, takeover=ending)
            assert [change.after for change in made] == [True, ending]
            assert all(plan.covers(change) for plan, change in zip(planned, made, strict=True))
        # Waited for by a second run
        (rest,) = propose_verified(SCHEDULED, CONSENT).changes
        assert planned[0].covers(rest)

    def test_a_takeover_that_nobody_planned_cannot_be_undone_either(self) -> None:
        planned = propose_verified(of_realm(ADDED, RealmKind.UNKNOWN), Consent()).changes
        assert as_made(planned, takeover=None) == planned
        (made,) = as_made(planned, takeover=WITHOUT_FORCE)
        assert (made.property, made.reversible) == ("isVerified", False)


class TestAbsent:
    def test_nothing_to_remove(self) -> None:
        assert propose_absent(ABSENT, Removal(by_force=True)).changes == ()

    @pytest.mark.parametrize(("state", "can_be_undone"), [(ADDED, True), (VERIFIED, False)])
    @pytest.mark.parametrize("by_force", [True, False])
    def test_force_only_where_something_hinders(
        self, state: DomainState, can_be_undone: bool, by_force: bool
    ) -> None:
        (change,) = propose_absent(state, Removal(by_force=by_force)).changes
        assert (change.property, change.action) == ("domain", Action.DELETE)
        assert (change.before, change.after) == (NAME, None)
        assert change.reversible is can_be_undone
        assert state_after(state, [change]).domain is None

    @pytest.mark.parametrize("disable", [True, False])
    def test_force(self, disable: bool) -> None:
        state = replace(ADDED, references=(USER,))
        changes = propose_absent(state, Removal(True, disable_user_accounts=disable)).changes
        assert [(change.property, change.reversible) for change in changes] == [
            ("domain", False),
            ("forceDelete", False),
        ]
        assert disables_accounts(changes) is disable
        read_back = [Change.from_json(change.to_json()) for change in changes]
        assert disables_accounts(read_back) is disable

    def test_what_is_used_is_not_forced_by_itself(self) -> None:
        changes = propose_absent(replace(ADDED, references=(USER,)), Removal()).changes
        assert disables_accounts(changes) is None

    def test_a_removal_that_was_accepted_is_only_waited_for(self) -> None:
        state = replace(REMOVING, references=(USER,))
        (change,) = propose_absent(state, Removal(by_force=True)).changes
        assert not change.reversible


def test_undoing_leads_back() -> None:
    """Whatever of the changes of a course is undone, newest first, is so again."""
    create, verify = (*propose_present(ABSENT).changes, *propose_verified(ADDED, Consent()).changes)
    verified = state_after(ABSENT, [create, verify])
    assert verified.is_verified
    both = [verify.opposite(), create.opposite()]
    assert state_after(verified, both).domain is None
    assert state_after(verified, reversed(both)).domain is None
    alone = state_after(verified, [verify.opposite()])
    assert alone.domain is not None
    assert not alone.is_verified


def test_what_is_compared_when_undoing() -> None:
    create, verify = (*propose_present(ABSENT).changes, *propose_verified(ADDED, Consent()).changes)
    takeover = takeover_of(propose_verified(VIRAL, CONSENT).changes)
    assert takeover is not None
    assert [current(state, create) for state in (ABSENT, ADDED, VERIFIED)] == [None, NAME, NAME]
    # After both were undone the verification is not "changed by somebody since".
    assert [current(state, verify) for state in (ABSENT, ADDED, VERIFIED)] == [False, False, True]
    assert current(VERIFIED, takeover) is None


def test_only_changes_of_the_same_thing_count() -> None:
    (create,) = propose_present(ABSENT).changes
    others = [
        replace(create, id=f"{TENANT} fabrikam.com"),
        replace(create, id=f"other {NAME}"),
        replace(create, resource="default_domain"),
        replace(create, system=System.DNS),
    ]
    assert of_this_thing([*others, create], "domain", KEY.id) == (create,)


class TestBackground:
    @pytest.mark.parametrize(
        ("operation", "status"),
        [
            *itertools.product(
                ["Verification", "EmailVerifiedDomainTakeover", "ForceDelete"],
                ["Scheduled", "InProgress", "Failed"],
            ),
            (None, None),
        ],
    )
    def test_what_is_known(self, operation: str | None, status: str | None) -> None:
        assert Domain(NAME, False, operation=operation, operation_status=status).is_understood

    @pytest.mark.parametrize(
        ("operation", "status"),
        [
            ("Verification", None),
            ("Verification", "Paused"),
            ("Promotion", "Scheduled"),
            (None, "Scheduled"),
            ("Promotion", None),
        ],
    )
    def test_what_is_not(self, operation: str | None, status: str | None) -> None:
        domain = Domain(NAME, False, operation=operation, operation_status=status)
        assert not domain.is_understood
        assert not domain.is_being_verified or status == "Scheduled"

    def test_a_verified_domain_waits_for_no_takeover(self) -> None:
        done = replace(SCHEDULED.domain, is_verified=True)  # type: ignore[type-var]
        assert not done.is_being_verified  # type: ignore[union-attr]

    def test_a_failed_removal_is_no_failed_takeover(self) -> None:
        domain = Domain(NAME, False, operation="ForceDelete", operation_status="Failed")
        assert not domain.has_failed_takeover
        assert not domain.is_being_removed


class TestNames:
    def test_the_id_is_read_back(self) -> None:
        assert DomainKey.from_id(KEY.id) == KEY

    @pytest.mark.parametrize("text", ["", TENANT, f"{TENANT} ", f"{TENANT} Contoso.com", " a.com"])
    def test_what_is_no_id(self, text: str) -> None:
        with pytest.raises(InvalidInput):
            DomainKey.from_id(text)

    def test_the_nearest_verified_domain_above(self) -> None:
        domains = [
            Domain("contoso.com", is_verified=True),
            Domain("mail.contoso.com", is_verified=True),
            Domain("a.b.mail.contoso.com", is_verified=False),
            Domain("notcontoso.com", is_verified=True),
        ]
        assert verified_parent("x.a.b.mail.contoso.com", domains) == "mail.contoso.com"
        assert verified_parent("mail.contoso.com", domains) == "contoso.com"
        assert verified_parent("contoso.com", domains) is None
        assert verified_parent("x.notcontoso.com.au", domains) is None

    def test_subdomains(self) -> None:
        domains = [Domain(name, False) for name in ("b.a.com", "a.com", "ba.com", "c.b.a.com")]
        assert subdomains("a.com", domains) == ["b.a.com", "c.b.a.com"]
