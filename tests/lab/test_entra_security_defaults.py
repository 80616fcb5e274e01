# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""entra_security_defaults against the simulated cloud: who is protected, and what goes wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.journal import (
    read_journal,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.plan import Plan
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ConnectionFailed,
    NotAsWritten,
    NotUnderstood,
    PersonNeeded,
    Refused,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph.errors import GraphRefused
from ansible_collections.tenantops.migration.plugins.module_utils._security_defaults import resource
from lab.description import Description

from .openapi import GraphDescription, find_reference
from .policy_administrator import PolicyAdministrator, administrator_of

MODULE = "entra_security_defaults"
DEFAULTS = "/v1.0/policies/identitySecurityDefaultsEnforcementPolicy"
CONDITIONAL_ACCESS = "/v1.0/identity/conditionalAccess/policies"
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
REASON = "CHG0031337: the federation asks administrators for a key"


@pytest.fixture
def administrator(lab: Description) -> Iterator[PolicyAdministrator]:
    """In contoso security defaults are off, and there is no Conditional Access."""
    with administrator_of(lab, "contoso") as one:
        yield one


def is_on(administrator: PolicyAdministrator) -> bool:
    return bool(administrator.found()["policies"]["security_defaults"])


def put_policies(administrator: PolicyAdministrator, *policies: dict[str, Any]) -> None:
    administrator.put("policies/conditional_access", list(policies))


def policy(**others: Any) -> dict[str, Any]:
    """A policy that asks everybody for a second factor, but for what is given."""
    return {
        "id": "2f6d1c84-93a5-4f0e-8f75-1f0f7d5a6c01",
        "display_name": "Require MFA of everybody",
        "state": "enabled",
        "include_users": ["All"],
        "exclude_users": [],
        "include_roles": [],
        "include_applications": ["All"],
        "built_in_controls": ["mfa"],
        "authentication_strength": None,
        **others,
    }


def test_on_and_off_and_on(administrator: PolicyAdministrator) -> None:
    for wanted in (True, False, True):
        options: dict[str, Any] = {"enabled": wanted, "acknowledge_reason": REASON}
        dry = administrator.run(MODULE, check_mode=True, **options)
        assert is_on(administrator) is not wanted
        real = administrator.run(MODULE, **options)
        assert dry == real
        assert len(real.changes or ()) == 1
        assert real.values == {"enabled": wanted}
        # What it means for everybody is told before it is so.
        assert bool(dry.warnings) is wanted
        assert is_on(administrator) is wanted
        assert administrator.run(MODULE, **options).changes == ()


class TestTurningOn:
    def test_enabled_policies_are_listed_and_stop_it(
        self, administrator: PolicyAdministrator
    ) -> None:
        put_policies(
            administrator,
            policy(),
            policy(id="77aa", display_name="Guests", include_users=["GuestsOrExternalUsers"]),
            policy(
                id="88bb", display_name="Being tried", state="enabledForReportingButNotEnforced"
            ),
            policy(id="99cc", display_name="Off", state="disabled"),
        )
        for check_mode in (True, False):
            with pytest.raises(PersonNeeded, match="2 policies of Conditional Access") as gate:
                administrator.run(
                    MODULE, enabled=True, acknowledge_reason=REASON, check_mode=check_mode
                )
            assert "Require MFA of everybody" in gate.value.answer
            assert "Guests (77aa)" in gate.value.answer
            assert "Being tried" not in gate.value.answer
            assert "Off" not in gate.value.answer
        assert administrator.requests("PATCH") == []

    def test_policies_that_are_not_enforced_do_not(
        self, administrator: PolicyAdministrator
    ) -> None:
        put_policies(administrator, policy(state="enabledForReportingButNotEnforced"))
        administrator.run(MODULE, enabled=True)
        assert is_on(administrator)

    def test_what_graph_refuses_all_the_same(
        self, administrator: PolicyAdministrator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A policy that is enabled between the question and the write, or that Graph keeps back."""
        monkeypatch.setattr(
            resource.SecurityDefaultsResource,
            "_check_on",
            lambda _self, _policies: put_policies(administrator, policy()),
        )
        with pytest.raises(GraphRefused, match="Request_BadRequest") as failure:
            administrator.run(MODULE, enabled=True)
        assert "classic policies" in failure.value.advice
        assert not is_on(administrator)


class TestTurningOff:
    @pytest.fixture(autouse=True)
    def _on(self, administrator: PolicyAdministrator) -> None:
        administrator.put("policies/security_defaults", True)

    @pytest.mark.parametrize(
        "found",
        [
            None,
            policy(state="enabledForReportingButNotEnforced"),
            policy(include_users=["GuestsOrExternalUsers"]),
            policy(include_applications=["Office365"]),
            policy(built_in_controls=["compliantDevice"]),
        ],
    )
    def test_not_where_nothing_else_protects_administrators(
        self, administrator: PolicyAdministrator, found: dict[str, Any] | None
    ) -> None:
        put_policies(administrator, *([found] if found else []))
        for check_mode in (True, False):
            with pytest.raises(PersonNeeded, match="nothing would protect") as gate:
                administrator.run(MODULE, enabled=False, check_mode=check_mode, entra_retry_time=30)
            assert "acknowledge_reason" in gate.value.advice
        assert is_on(administrator)
        assert administrator.requests("PATCH") == []

    @pytest.mark.parametrize(
        "found",
        [
            policy(),
            policy(include_users=[], include_roles=[GLOBAL_ADMINISTRATOR]),
            policy(built_in_controls=[], authentication_strength="4"),
            policy(exclude_users=["break-glass"]),
        ],
    )
    def test_where_conditional_access_does(
        self, administrator: PolicyAdministrator, found: dict[str, Any]
    ) -> None:
        put_policies(administrator, policy(id="guests", include_users=["Guests"]), found)
        outcome = administrator.run(MODULE, enabled=False)
        assert not is_on(administrator)
        (change,) = outcome.changes or ()
        assert change.note is None

    @pytest.mark.parametrize("reason", ["", "  ", None])
    def test_nothing_is_no_reason(
        self, administrator: PolicyAdministrator, reason: str | None
    ) -> None:
        with pytest.raises(PersonNeeded):
            administrator.run(MODULE, enabled=False, acknowledge_reason=reason)

    def test_a_reason_lets_it_go_on_and_is_kept(
        self, administrator: PolicyAdministrator, tmp_path: Path
    ) -> None:
        options: dict[str, Any] = {"enabled": False, "acknowledge_reason": REASON}
        dry = administrator.run(MODULE, check_mode=True, **options)
        plan = Plan("contoso", "playbook", "check", dry.changes or ()).to_json()
        journal: dict[str, Any] = {"journal": str(tmp_path), "tenant": "contoso", "run": "r"}
        real = administrator.run(MODULE, **options, **journal, approved_plan=plan)
        assert dry == real
        assert not is_on(administrator)
        (written,) = read_journal(tmp_path / "contoso" / "r.jsonl")
        for (change,) in (dry.changes or (), real.changes or (), written.changes):
            assert change.note == REASON
        assert [entry["path"] for entry in administrator.requests("GET")].count(
            CONDITIONAL_ACCESS
        ) == 0


class TestPermissions:
    def test_who_may_read_and_not_write_is_told_before_anything(
        self, administrator: PolicyAdministrator
    ) -> None:
        administrator.lose("Policy.ReadWrite.SecurityDefaults")
        for check_mode in (True, False):
            with pytest.raises(
                Refused, match=r"lacks the permission Policy\.ReadWrite\.SecurityDefaults"
            ) as failure:
                administrator.run(MODULE, check_mode=check_mode, enabled=True)
            assert "Security Administrator" in failure.value.advice
        assert administrator.requests("PATCH") == []
        assert administrator.run(MODULE, enabled=False).changes == ()

    def test_writing_needs_the_permission_to_read_policies_too(
        self, administrator: PolicyAdministrator
    ) -> None:
        administrator.lose("Policy.Read.All")
        with pytest.raises(Refused, match=r"lacks the permission Policy\.Read\.All"):
            administrator.run(MODULE, enabled=True)
        assert administrator.requests("PATCH") == []

    def test_who_may_not_even_read(self, administrator: PolicyAdministrator) -> None:
        administrator.lose("Policy.Read.All", "Policy.ReadWrite.SecurityDefaults")
        with pytest.raises(Refused, match="Authorization_RequestDenied") as failure:
            administrator.run(MODULE, check_mode=True, enabled=True)
        assert "Policy.Read.All" in failure.value.advice


class TestUnknownIsAnError:
    @pytest.mark.parametrize(
        "answer",
        [
            {"set": {"isEnabled": None}},
            {"set": {"isEnabled": "mostly"}},
            {"remove": ["isEnabled"]},
            {"remove": ["id"]},
            {"raw": "{}"},
            {"raw": "[]"},
            {"raw": ""},
        ],
        ids=json.dumps,
    )
    @pytest.mark.parametrize("wanted", [True, False])
    def test_whether_they_are_on(
        self, administrator: PolicyAdministrator, answer: dict[str, Any], wanted: bool
    ) -> None:
        administrator.trouble("answer", method="GET", path=DEFAULTS, **answer)
        with pytest.raises(NotUnderstood) as failure:
            administrator.run(MODULE, enabled=wanted, acknowledge_reason=REASON)
        assert failure.value.subject.endswith("identitySecurityDefaultsEnforcementPolicy")
        assert failure.value.answer
        assert administrator.requests("PATCH") == []

    @pytest.mark.parametrize(
        "answer",
        [
            {"set": {"value": [{"id": "x", "state": "unknownFutureValue"}]}},
            {"set": {"value": [{"id": "x"}]}},
            {"set": {"value": ["text"]}},
            {"remove": ["value"]},
            {"set": {"@odata.nextLink": "https://elsewhere.example/policies"}},
            {"raw": "{}"},
        ],
        ids=json.dumps,
    )
    @pytest.mark.parametrize("before", [True, False])
    def test_what_conditional_access_asks_for(
        self, administrator: PolicyAdministrator, answer: dict[str, Any], before: bool
    ) -> None:
        administrator.put("policies/security_defaults", before)
        administrator.trouble("answer", method="GET", path=CONDITIONAL_ACCESS, **answer)
        with pytest.raises(NotUnderstood) as failure:
            administrator.run(MODULE, enabled=not before, entra_retry_time=30)
        assert failure.value.subject == "identity/conditionalAccess/policies"
        assert failure.value.answer
        assert is_on(administrator) is before


def test_conditional_access_is_asked_as_seldom_as_it_wants(
    administrator: PolicyAdministrator,
) -> None:
    """Once a second, without a word about how long to wait."""
    for _time in range(2):
        administrator.run(MODULE, check_mode=True, enabled=True, entra_retry_time=30)
    answers = [
        entry["status"]
        for entry in administrator.requests("GET")
        if entry["path"] == CONDITIONAL_ACCESS
    ]
    assert answers.count(200) == 2
    assert set(answers) <= {200, 429}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_connection_that_breaks_amid_a_write(
    administrator: PolicyAdministrator, when: str
) -> None:
    administrator.trouble("drop", when=when, method="PATCH", path=DEFAULTS, count=1)
    with pytest.raises(ConnectionFailed) as failure:
        administrator.run(MODULE, enabled=True)
    assert failure.value.nothing_written is False
    again = administrator.run(MODULE, enabled=True, entra_retry_time=30)
    assert bool(again.changes) is (when == "before")
    assert is_on(administrator)


def test_a_write_that_shows_late_or_never(administrator: PolicyAdministrator) -> None:
    administrator.trouble("lag", seconds=2, path=DEFAULTS)
    administrator.run(MODULE, enabled=True, entra_retry_time=30)
    administrator.truth.cloud("DELETE", "/chaos")
    administrator.trouble("lag", seconds=60, path=DEFAULTS)
    with pytest.raises(NotAsWritten, match="keeps answering 'isEnabled true'"):
        administrator.run(MODULE, enabled=False, acknowledge_reason=REASON, entra_retry_time=1)


def test_somebody_else_between_read_and_write(
    administrator: PolicyAdministrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has done it meanwhile did it: nothing is left to change."""
    guard: Callable[..., Any] = resource.SecurityDefaultsResource.guard

    async def interfere(self: Any, state: Any, changes: Any) -> None:
        await guard(self, state, changes)
        administrator.put("policies/security_defaults", True)

    monkeypatch.setattr(resource.SecurityDefaultsResource, "guard", interfere)
    assert administrator.run(MODULE, enabled=True).changes == ()
    assert administrator.requests("PATCH") == []


class TestRollback:
    def undo(self, administrator: PolicyAdministrator, folder: Path, *, check_mode: bool) -> Any:
        options: dict[str, Any] = {
            "journal": str(folder),
            "tenant": "contoso",
            "undo_run": "course",
        }
        return administrator.run(
            "change_rollback", run="undo", check_mode=check_mode, entra_retry_time=30, **options
        )

    def make(self, administrator: PolicyAdministrator, folder: Path, *, enabled: bool) -> None:
        options: dict[str, Any] = {"journal": str(folder), "tenant": "contoso", "run": "course"}
        administrator.put("policies/security_defaults", not enabled)
        administrator.run(MODULE, enabled=enabled, acknowledge_reason=REASON, **options)

    @pytest.mark.parametrize("enabled", [True, False])
    def test_it_is_as_it_was(
        self, administrator: PolicyAdministrator, tmp_path: Path, enabled: bool
    ) -> None:
        self.make(administrator, tmp_path, enabled=enabled)
        dry = self.undo(administrator, tmp_path, check_mode=True)
        assert is_on(administrator) is enabled
        real = self.undo(administrator, tmp_path, check_mode=False)
        assert dry == real
        assert len(real.changes) == 1
        assert is_on(administrator) is not enabled
        assert self.undo(administrator, tmp_path, check_mode=False).changes == ()

    def test_what_conditional_access_took_the_place_of_is_left_alone(
        self, administrator: PolicyAdministrator, tmp_path: Path
    ) -> None:
        self.make(administrator, tmp_path, enabled=False)
        put_policies(administrator, policy())
        outcome = self.undo(administrator, tmp_path, check_mode=False)
        (conflict,) = outcome.values["conflicts"]
        assert "a person has to act first" in conflict["reason"]
        assert "Conditional Access" in conflict["reason"]
        assert not is_on(administrator)


def test_every_request_is_as_described(administrator: PolicyAdministrator) -> None:
    folder = find_reference()
    if folder is None:
        pytest.skip("the OpenAPI description of Graph is not here: set TENANTOPS_REFERENCE")
    administrator.run(MODULE, enabled=True)
    assert administrator.problems(GraphDescription(folder)) == []
    (patch,) = administrator.requests("PATCH")
    assert (patch["path"], patch["body"]) == (DEFAULTS, {"isEnabled": True})
