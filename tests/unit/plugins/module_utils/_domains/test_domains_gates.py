# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every combination of whose a domain is, how it stands and what was consented to."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._domains.gates import (
    open_gate,
    takeover_refused,
)
from ansible_collections.tenantops.migration.plugins.module_utils._domains.model import (
    Consent,
    Domain,
    DomainKey,
    DomainState,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import Refused
from ansible_collections.tenantops.migration.plugins.module_utils._realms.model import (
    Realm,
    RealmKind,
)

SERVER = "https://graph.microsoft.com"
OURS = "3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11"
NAME = "contoso.com"
STATE = DomainState(DomainKey(OURS, NAME), Domain(NAME, is_verified=False))
CONSENTS = [
    Consent(is_external, names)
    for is_external, names in itertools.product(
        [True, False], [frozenset({NAME}), frozenset({"fabrikam.com"}), frozenset()]
    )
]


def told(state: DomainState, consent: Consent) -> str | None:
    gate = open_gate(state, consent, SERVER)
    if gate is None:
        return None
    assert (gate.kind, gate.server, gate.subject) == ("gate", SERVER, NAME)
    assert gate.nothing_written
    assert "run again" in gate.advice
    return gate.problem


def of(kind: RealmKind, tenant_id: str | None = "6d0d4c5e-4a1d-4b6f-9a55-64c22c0d7a10") -> Realm:
    return Realm(NAME, kind, tenant_id, brand="Somebody")


@pytest.mark.parametrize("consent", CONSENTS)
class TestEveryConsent:
    @pytest.mark.parametrize("domain", [STATE.domain, None])
    def test_what_nobody_has_is_free(self, consent: Consent, domain: Domain | None) -> None:
        state = replace(STATE, domain=domain)
        assert told(state, consent) is None
        assert told(replace(state, realm=Realm(NAME, RealmKind.UNKNOWN)), consent) is None

    @pytest.mark.parametrize("kind", [RealmKind.MANAGED, RealmKind.FEDERATED])
    def test_what_another_tenant_has_verified(self, consent: Consent, kind: RealmKind) -> None:
        assert "another tenant" in (told(replace(STATE, realm=of(kind)), consent) or "")
        assert told(replace(STATE, realm=of(kind, OURS.upper())), consent) is None

    def test_what_an_unmanaged_tenant_has(self, consent: Consent) -> None:
        gate = told(replace(STATE, realm=of(RealmKind.VIRAL)), consent)
        if consent.is_external and NAME in consent.names:
            assert gate is None
        else:
            assert "nobody consented" in (gate or "")

    def test_a_takeover_that_failed_is_not_tried_again(self, consent: Consent) -> None:
        failed = Domain(NAME, False, operation="Verification", operation_status="Failed")
        state = replace(STATE, domain=failed)
        viral = told(replace(state, realm=of(RealmKind.VIRAL)), consent)
        assert "could not finish" in (viral or "")
        # Somebody has taken it over from inside since, and removed the domain there.
        assert told(replace(state, realm=of(RealmKind.UNKNOWN, None)), consent) is None

    @pytest.mark.parametrize("kind", list(RealmKind))
    def test_one_that_is_under_way_is_waited_for(self, consent: Consent, kind: RealmKind) -> None:
        waiting = Domain(NAME, False, operation="Verification", operation_status="InProgress")
        assert told(replace(STATE, domain=waiting, realm=of(kind)), consent) is None


def test_the_advice_names_what_is_missing() -> None:
    viral = replace(STATE, realm=of(RealmKind.VIRAL))
    named = open_gate(viral, Consent(False, frozenset({NAME})), SERVER)
    wanted = open_gate(viral, Consent(is_external=True), SERVER)
    assert named is not None
    assert wanted is not None
    assert "takeover=external" in named.advice
    assert "takeover=external" not in wanted.advice
    for gate in (named, wanted):
        assert f"{NAME} in takeover_consent" in gate.advice
        assert "cannot be undone" in gate.advice
        assert "https://admin.microsoft.com/admintakeover" in gate.advice


def test_a_refusal_is_told_in_its_own_words() -> None:
    refusal = Refused("Graph refused: Some words.", server=SERVER, answer="HTTP 400 Request_X")
    gate = takeover_refused(NAME, refusal)
    assert "Some words" in gate.problem
    assert (gate.answer, gate.server) == ("HTTP 400 Request_X", SERVER)
    assert "SharePoint" in gate.advice
