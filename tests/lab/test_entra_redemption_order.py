# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""entra_redemption_order against the simulated cloud, with all that goes wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ConnectionFailed,
    InvalidInput,
    NotAsWritten,
    NotUnderstood,
    Refused,
)
from ansible_collections.tenantops.migration.plugins.module_utils._redemption_order import resource
from lab.description import Description

from .openapi import GraphDescription, find_reference
from .policy_administrator import PolicyAdministrator, administrator_of

MODULE = "entra_redemption_order"
ORDER = "invitationRedemptionIdentityProviderConfiguration"
DEFAULT = "/v1.0/policies/crossTenantAccessPolicy/default"
PRIMARY = ["externalFederation", "azureActiveDirectory", "socialIdentityProviders"]
PASSCODE = "emailOneTimePasscode"


@pytest.fixture
def administrator(lab: Description) -> Iterator[PolicyAdministrator]:
    """In contoso the order is Microsoft's, and the passcode is off."""
    with administrator_of(lab, "contoso") as one:
        yield one


def order_of(administrator: PolicyAdministrator) -> dict[str, Any]:
    access = administrator.found()["policies"]["cross_tenant_access"]
    found: dict[str, Any] = access["redemption_order"]
    return found


def set_passcode(administrator: PolicyAdministrator, setting: str) -> None:
    administrator.put("email_method/allow_external_id_to_use_email_otp", setting)


@pytest.mark.parametrize(
    ("wanted", "after"),
    [
        ({"fallback": "microsoftAccount"}, {"primary": PRIMARY, "fallback": "microsoftAccount"}),
        ({"primary": PRIMARY[:0:-1]}, {"primary": PRIMARY[:0:-1]}),
        (
            {"primary": ["azureActiveDirectory"], "fallback": "microsoftAccount"},
            {"primary": ["azureActiveDirectory"], "fallback": "microsoftAccount"},
        ),
        ({"primary": PRIMARY, "fallback": "defaultConfiguredIdp"}, {}),
    ],
)
def test_what_is_wanted_and_nothing_else(
    administrator: PolicyAdministrator, wanted: dict[str, Any], after: dict[str, Any]
) -> None:
    administrator.put("policies/cross_tenant_access/inbound_trust/is_mfa_accepted", True)
    before = administrator.found()
    dry = administrator.run(MODULE, check_mode=True, **wanted)
    assert administrator.found() == before
    assert administrator.requests("PATCH") == []
    real = administrator.run(MODULE, **wanted)
    assert dry == real
    assert bool(real.changes) is bool(after)
    found = administrator.found()
    access = before["policies"]["cross_tenant_access"]
    expected = {
        **access,
        "is_service_default": access["is_service_default"] and not after,
        "redemption_order": {**access["redemption_order"], **after},
    }
    assert found["policies"]["cross_tenant_access"] == expected
    assert real.values == expected["redemption_order"]
    assert administrator.run(MODULE, **wanted).changes == ()


class TestPasscodeAsFallback:
    def test_not_while_the_passcode_is_off(self, administrator: PolicyAdministrator) -> None:
        for check_mode in (True, False):
            with pytest.raises(Refused, match="passcode, which is off") as failure:
                administrator.run(MODULE, check_mode=check_mode, fallback=PASSCODE)
            assert "entra_email_otp" in failure.value.advice
        assert administrator.requests("PATCH") == []

    @pytest.mark.parametrize("setting", ["default", "enabled"])
    def test_once_it_is_on(self, administrator: PolicyAdministrator, setting: str) -> None:
        set_passcode(administrator, setting)
        administrator.run(MODULE, fallback=PASSCODE)
        assert order_of(administrator)["fallback"] == PASSCODE

    def test_where_an_earlier_step_of_the_dry_run_would_turn_it_on(
        self, administrator: PolicyAdministrator
    ) -> None:
        def course(*, check_mode: bool) -> tuple[Any, Any]:
            first = administrator.run("entra_email_otp", guests="enabled", check_mode=check_mode)
            planned = [change.to_json() for change in first.changes or ()]
            options = {"fallback": PASSCODE, "planned_changes": planned}
            return first, administrator.run(MODULE, check_mode=check_mode, **options)

        dry = course(check_mode=True)
        assert order_of(administrator)["fallback"] == "defaultConfiguredIdp"
        assert dry == course(check_mode=False)
        assert order_of(administrator)["fallback"] == PASSCODE

    def test_a_plan_does_not_count_in_a_run(self, administrator: PolicyAdministrator) -> None:
        first = administrator.run("entra_email_otp", guests="enabled", check_mode=True)
        planned = [change.to_json() for change in first.changes or ()]
        with pytest.raises(Refused, match="which is off"):
            administrator.run(MODULE, fallback=PASSCODE, planned_changes=planned)

    def test_what_was_so_before_is_left_alone(self, administrator: PolicyAdministrator) -> None:
        administrator.put("policies/cross_tenant_access/redemption_order/fallback", PASSCODE)
        assert administrator.run(MODULE, fallback=PASSCODE).changes == ()


class TestPermissions:
    def test_who_may_read_and_not_write_is_told_before_anything(
        self, administrator: PolicyAdministrator
    ) -> None:
        administrator.lose("Policy.ReadWrite.CrossTenantAccess")
        for check_mode in (True, False):
            with pytest.raises(
                Refused, match=r"lacks the permission Policy\.ReadWrite\.CrossTenantAccess"
            ) as failure:
                administrator.run(MODULE, check_mode=check_mode, fallback="microsoftAccount")
            assert "Security Administrator" in failure.value.advice
        assert administrator.requests("PATCH") == []
        # Who has nothing to change needs no more.
        assert administrator.run(MODULE, fallback="defaultConfiguredIdp").changes == ()

    def test_who_may_not_even_read(self, administrator: PolicyAdministrator) -> None:
        administrator.lose("Policy.Read.All", "Policy.ReadWrite.CrossTenantAccess")
        with pytest.raises(Refused, match="Authorization_RequestDenied") as failure:
            administrator.run(MODULE, check_mode=True, fallback="microsoftAccount")
        assert "Policy.Read.All" in failure.value.advice
        assert "Security Reader" in failure.value.advice


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"set": {ORDER: {"primaryIdentityProviderPrecedenceOrder": ["pigeon"]}}}, "pigeon"),
        (
            {
                "set": {
                    ORDER: {
                        "primaryIdentityProviderPrecedenceOrder": PRIMARY,
                        "fallbackIdentityProvider": "unknownFutureValue",
                    }
                }
            },
            "unknownFutureValue",
        ),
        ({"set": {ORDER: None}}, "None"),
        ({"remove": [ORDER]}, "None"),
        ({"raw": "{}"}, "None"),
        ({"raw": "<html>Sign in to the guest network</html>"}, "not a JSON object"),
    ],
    ids=json.dumps,
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_an_answer_that_is_not_understood(
    administrator: PolicyAdministrator, answer: dict[str, Any], told: str, check_mode: bool
) -> None:
    administrator.trouble("answer", method="GET", path=DEFAULT, **answer)
    with pytest.raises(NotUnderstood) as failure:
        administrator.run(MODULE, check_mode=check_mode, fallback="microsoftAccount")
    assert failure.value.server == administrator.lab.cloud["graph_url"]
    assert failure.value.subject == "policies/crossTenantAccessPolicy/default"
    assert told in failure.value.answer
    assert administrator.requests("PATCH") == []


def test_the_passcode_has_to_be_understood_too(administrator: PolicyAdministrator) -> None:
    """A setting that nobody knows is not taken for one that is on."""
    details = {"set": {"allowExternalIdToUseEmailOtp": "sometimes"}}
    administrator.trouble("answer", method="GET", path="*/email", **details)
    with pytest.raises(NotUnderstood, match="sometimes"):
        administrator.run(MODULE, fallback=PASSCODE)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "throttle", "retry_after": 1, "count": 1},
        {"kind": "failure", "status": 503, "retry_after": 1, "count": 1},
        {"kind": "conflict", "count": 1},
    ],
    ids=lambda fault: str(fault["kind"]),
)
@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_what_passes_is_waited_for(
    administrator: PolicyAdministrator, fault: dict[str, Any], method: str
) -> None:
    administrator.trouble(**fault, method=method, path=DEFAULT)
    administrator.run(MODULE, fallback="microsoftAccount", entra_retry_time=30)
    assert order_of(administrator)["fallback"] == "microsoftAccount"


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_connection_that_breaks_amid_a_write(
    administrator: PolicyAdministrator, when: str
) -> None:
    administrator.trouble("drop", when=when, method="PATCH", path=DEFAULT, count=1)
    with pytest.raises(ConnectionFailed) as failure:
        administrator.run(MODULE, fallback="microsoftAccount")
    assert failure.value.nothing_written is False
    again = administrator.run(MODULE, fallback="microsoftAccount")
    assert bool(again.changes) is (when == "before")
    assert order_of(administrator)["fallback"] == "microsoftAccount"


def test_a_write_that_shows_late_or_never(administrator: PolicyAdministrator) -> None:
    administrator.trouble("lag", seconds=2, path=DEFAULT)
    administrator.run(MODULE, fallback="microsoftAccount", entra_retry_time=30)
    assert administrator.run(MODULE, fallback="microsoftAccount").changes == ()
    administrator.truth.cloud("DELETE", "/chaos")
    administrator.trouble("lag", seconds=60, path=DEFAULT)
    with pytest.raises(NotAsWritten, match="keeps answering"):
        administrator.run(MODULE, fallback="defaultConfiguredIdp", entra_retry_time=1)


def test_somebody_else_between_read_and_write(
    administrator: PolicyAdministrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second writer's order is planned from, not overwritten unseen."""
    guard: Callable[..., Any] = resource.RedemptionOrderResource.guard
    interfered: list[str] = []

    async def interfere(self: Any, state: Any, changes: Any) -> None:
        await guard(self, state, changes)
        if not interfered:
            interfered.append("once")
            others = {"primary": ["azureActiveDirectory"], "fallback": "defaultConfiguredIdp"}
            administrator.put("policies/cross_tenant_access/redemption_order", others)

    monkeypatch.setattr(resource.RedemptionOrderResource, "guard", interfere)
    administrator.run(MODULE, fallback="microsoftAccount")
    assert order_of(administrator) == {
        "primary": ["azureActiveDirectory"],
        "fallback": "microsoftAccount",
    }


def test_what_cannot_be_meant(administrator: PolicyAdministrator) -> None:
    for primary in ([], ["azureActiveDirectory", "azureActiveDirectory"]):
        with pytest.raises(InvalidInput):
            administrator.run(MODULE, primary=primary)
    assert administrator.requests() == []


class TestRollback:
    def options(self, folder: Path) -> dict[str, Any]:
        return {"journal": str(folder), "tenant": "contoso"}

    def make(self, administrator: PolicyAdministrator, folder: Path) -> None:
        """The course that leads guests to the passcode, without any guest."""
        options = {**self.options(folder), "run": "course"}
        administrator.run("entra_email_otp", guests="enabled", **options)
        administrator.run(MODULE, primary=["azureActiveDirectory"], fallback=PASSCODE, **options)

    def undo(
        self, administrator: PolicyAdministrator, folder: Path, *, check_mode: bool = False
    ) -> Any:
        options = {**self.options(folder), "undo_run": "course", "run": "undo"}
        return administrator.run("change_rollback", check_mode=check_mode, **options)

    def test_all_is_as_it_was(self, administrator: PolicyAdministrator, tmp_path: Path) -> None:
        before = order_of(administrator)
        self.make(administrator, tmp_path)
        dry = self.undo(administrator, tmp_path, check_mode=True)
        real = self.undo(administrator, tmp_path)
        assert dry == real
        assert len(real.changes) == 3
        assert order_of(administrator) == before
        method = administrator.found()["email_method"]
        assert method["allow_external_id_to_use_email_otp"] == "disabled"
        assert self.undo(administrator, tmp_path).changes == ()

    def test_no_way_back_to_a_passcode_that_somebody_turned_off(
        self, administrator: PolicyAdministrator, tmp_path: Path
    ) -> None:
        """It is told, and keeps nothing else from being undone."""
        set_passcode(administrator, "enabled")
        administrator.put("policies/cross_tenant_access/redemption_order/fallback", PASSCODE)
        options = {**self.options(tmp_path), "run": "course"}
        administrator.run(MODULE, fallback="microsoftAccount", **options)
        administrator.run("entra_security_defaults", enabled=True, **options)
        set_passcode(administrator, "disabled")
        outcome = self.undo(administrator, tmp_path)
        (conflict,) = outcome.values["conflicts"]
        assert "something else has to be changed first" in conflict["reason"]
        assert [change.property for change in outcome.changes] == ["isEnabled"]
        assert order_of(administrator)["fallback"] == "microsoftAccount"

    def test_what_somebody_changed_since_is_left_alone(
        self, administrator: PolicyAdministrator, tmp_path: Path
    ) -> None:
        """Nobody falls back to the passcode any more, so that goes."""
        self.make(administrator, tmp_path)
        order = {"primary": ["externalFederation"], "fallback": "microsoftAccount"}
        administrator.put("policies/cross_tenant_access/redemption_order", order)
        outcome = self.undo(administrator, tmp_path)
        assert len(outcome.values["conflicts"]) == 2
        assert order_of(administrator) == order
        assert [change.property for change in outcome.changes] == ["allowExternalIdToUseEmailOtp"]


def test_every_request_is_as_described(administrator: PolicyAdministrator) -> None:
    folder = find_reference()
    if folder is None:
        pytest.skip("the OpenAPI description of Graph is not here: set TENANTOPS_REFERENCE")
    set_passcode(administrator, "enabled")
    administrator.run(MODULE, primary=["azureActiveDirectory"], fallback=PASSCODE)
    assert administrator.problems(GraphDescription(folder)) == []
    (patch,) = administrator.requests("PATCH")
    assert (patch["path"], patch["body"]) == (
        DEFAULT,
        {
            ORDER: {
                "primaryIdentityProviderPrecedenceOrder": ["azureActiveDirectory"],
                "fallbackIdentityProvider": PASSCODE,
            }
        },
    )
