# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policy over a Graph of our own: what is understood, what is written, and what is guarded."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._email_otp.locked_out import (
    Allowed,
)
from ansible_collections.tenantops.migration.plugins.module_utils._email_otp.model import (
    EmailOtpPolicy,
    GuestOtp,
    propose,
)
from ansible_collections.tenantops.migration.plugins.module_utils._email_otp.resource import (
    EmailOtpResource,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    NotUnderstood,
    StillInUse,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph import waiting
from ansible_collections.tenantops.migration.plugins.module_utils._redemption_order.model import (
    Fallback,
    RedemptionOrder,
    Wanted,
)
from ansible_collections.tenantops.migration.plugins.module_utils._redemption_order.model import (
    propose as propose_order,
)
from ansible_collections.tenantops.migration.tests.unit.plugins.module_utils._graph.answering_graph import (  # noqa: E501
    AnsweringGraph,
)

TYPE = "#microsoft.graph.emailAuthenticationMethodConfiguration"
ON = EmailOtpPolicy("Email", GuestOtp.ENABLED)
OFF = EmailOtpPolicy("Email", GuestOtp.DISABLED)


def configuration(setting: Any = "enabled", **others: Any) -> dict[str, Any]:
    return {
        "@odata.type": TYPE,
        "id": "Email",
        "state": "enabled",
        "allowExternalIdToUseEmailOtp": setting,
        **others,
    }


def order(fallback: str = "microsoftAccount") -> dict[str, Any]:
    return {
        "invitationRedemptionIdentityProviderConfiguration": {
            "primaryIdentityProviderPrecedenceOrder": ["azureActiveDirectory"],
            "fallbackIdentityProvider": fallback,
        }
    }


def guests(*ids: str) -> dict[str, Any]:
    return {
        "value": [
            {
                "id": name,
                "userPrincipalName": f"{name}#EXT#@contoso.test",
                "mail": f"{name}@litware.test",
                "userType": "Guest",
                "externalUserState": "Accepted",
                "identities": [{"signInType": "federated", "issuer": "mail"}],
            }
            for name in ids
        ]
    }


def reset_of(name: str) -> Change:
    return Change(
        system=System.ENTRA,
        resource="guest",
        id=name,
        name=f"{name}@litware.test",
        property="redemption",
        action=Action.INVOKE,
        before={"state": "Accepted"},
        after={"state": "PendingAcceptance"},
        reversible=False,
    )


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time passes only where it is waited for."""
    now = [0.0]

    class Clock:
        @staticmethod
        def monotonic() -> float:
            return now[0]

        @staticmethod
        async def sleep(seconds: float) -> None:
            now[0] += seconds

    monkeypatch.setattr(waiting, "time", Clock)
    monkeypatch.setattr(waiting, "asyncio", Clock)


@pytest.mark.parametrize("setting", list(GuestOtp))
def test_each_setting_is_read(setting: GuestOtp) -> None:
    graph = AnsweringGraph(email=[configuration(setting.value)])
    found = asyncio.run(EmailOtpResource(graph.graph).read())
    assert found == EmailOtpPolicy("Email", setting)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        configuration(None),
        configuration("unknownFutureValue"),
        configuration("carrierPigeon"),
        configuration(["enabled"]),
        configuration(id=None),
        configuration(**{"@odata.type": "#microsoft.graph.fido2AuthenticationMethodConfiguration"}),
    ],
)
def test_anything_else_is_an_error_and_never_absent(answer: Any) -> None:
    with pytest.raises(NotUnderstood) as caught:
        asyncio.run(EmailOtpResource(AnsweringGraph(email=[answer]).graph).read())
    assert caught.value.server == AnsweringGraph.server
    assert caught.value.subject.endswith("authenticationMethodConfigurations/email")


def test_an_unknown_setting_is_told_as_it_is() -> None:
    with pytest.raises(NotUnderstood, match="carrierPigeon"):
        asyncio.run(
            EmailOtpResource(AnsweringGraph(email=[configuration("carrierPigeon")]).graph).read()
        )


def test_only_the_setting_is_sent_with_the_type_that_graph_demands() -> None:
    graph = AnsweringGraph(email=[configuration("disabled"), configuration("enabled")])
    changes = propose(OFF, GuestOtp.ENABLED).changes
    assert asyncio.run(EmailOtpResource(graph.graph).write(OFF, changes)) == changes
    assert graph.written == [{"@odata.type": TYPE, "allowExternalIdToUseEmailOtp": "enabled"}]


def test_the_target_names_server_and_tenant() -> None:
    """The id of the policy is the same in every tenant."""
    assert EmailOtpResource(AnsweringGraph().graph).target == (
        "https://graph.example tenant contoso.com: "
        "policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email"
    )


def turn_off(graph: AnsweringGraph, allowed: Allowed | None = None) -> EmailOtpResource:
    """What the guard says to it."""
    resource = EmailOtpResource(graph.graph, allowed)
    asyncio.run(resource.guard(ON, propose(ON, GuestOtp.DISABLED).changes))
    return resource


def test_nobody_is_asked_about_where_nobody_can_be_locked_out() -> None:
    graph = AnsweringGraph()
    for before, after in ((OFF, GuestOtp.ENABLED), (OFF, GuestOtp.DEFAULT), (ON, GuestOtp.DEFAULT)):
        resource = EmailOtpResource(graph.graph)
        asyncio.run(resource.guard(before, propose(before, after).changes))
        assert resource.locked_out is None
    assert set(graph.required) == {"Policy.ReadWrite.AuthenticationMethod"}


def test_nobody_is_locked_out() -> None:
    graph = AnsweringGraph(users=[guests()], default=[order()])
    resource = turn_off(graph)
    assert resource.locked_out is not None
    assert resource.locked_out.count == 0
    assert "User.Read.All" in graph.required


def test_guests_who_would_be_locked_out_stop_it() -> None:
    graph = AnsweringGraph(users=[guests(*map(str, range(8)))], default=[order()])
    with pytest.raises(StillInUse, match="8 guests") as caught:
        turn_off(graph)
    assert caught.value.answer.startswith("0@litware.test, ")
    assert caught.value.answer.endswith(" and 3 more")
    assert "acknowledge_locked_out=8" in caught.value.advice
    assert graph.written == []


@pytest.mark.parametrize(("most", "goes_on"), [(1, False), (2, True), (3, True)])
def test_no_more_than_were_acknowledged(most: int, goes_on: bool) -> None:
    graph = AnsweringGraph(users=[guests("a", "b")], default=[order()])
    if not goes_on:
        with pytest.raises(StillInUse, match="and 1 were acknowledged"):
            turn_off(graph, Allowed(most))
        return
    resource = turn_off(graph, Allowed(most))
    assert resource.locked_out is not None
    assert resource.locked_out.count == 2


def test_in_a_dry_run_who_would_be_reset_is_not_locked_out() -> None:
    graph = AnsweringGraph(users=[guests("a", "b")], default=[order()])
    turn_off(graph, Allowed(earlier=[reset_of("a"), reset_of("b")], is_planned=True))
    with pytest.raises(StillInUse, match="1 guests") as caught:
        turn_off(graph, Allowed(earlier=[reset_of("a")], is_planned=True))
    assert caught.value.answer == "b@litware.test"


def test_in_a_run_a_list_that_does_not_know_of_a_reset_is_waited_for() -> None:
    listed = [guests("a"), guests("a"), guests("a"), guests()]
    graph = AnsweringGraph(users=listed, default=[order()])
    turn_off(graph, Allowed(earlier=[reset_of("a")]))
    assert graph.asked.count("users") == 4


def test_but_who_stays_on_the_list_is_not_locked_out_all_the_same() -> None:
    graph = AnsweringGraph(users=[guests("a")], default=[order()])
    with pytest.raises(StillInUse, match="1 guests"):
        turn_off(graph, Allowed(earlier=[reset_of("a")]))


def test_and_others_are_not_waited_for() -> None:
    graph = AnsweringGraph(users=[guests("a", "b")], default=[order()])
    with pytest.raises(StillInUse, match="1 guests"):
        turn_off(graph, Allowed(earlier=[reset_of("a")]))
    assert graph.asked.count("users") == 1


def order_change(fallback: Fallback) -> Change:
    before = RedemptionOrder((), Fallback.EMAIL_ONE_TIME_PASSCODE)
    (change,) = propose_order(before, Wanted(fallback=fallback), "tenant").changes
    return change


def test_a_fallback_to_the_passcode_stops_it() -> None:
    graph = AnsweringGraph(users=[guests()], default=[order("emailOneTimePasscode")])
    with pytest.raises(StillInUse, match="falls back to the passcode"):
        turn_off(graph)
    planned = Allowed(earlier=[order_change(Fallback.MICROSOFT_ACCOUNT)], is_planned=True)
    turn_off(graph, planned)


def test_in_a_run_a_new_fallback_is_waited_for() -> None:
    old, new = order("emailOneTimePasscode"), order("microsoftAccount")
    graph = AnsweringGraph(users=[guests()], default=[old, old, new])
    turn_off(graph, Allowed(earlier=[order_change(Fallback.MICROSOFT_ACCOUNT)]))
    graph = AnsweringGraph(users=[guests()], default=[old])
    with pytest.raises(StillInUse, match="falls back to the passcode"):
        turn_off(graph, Allowed(earlier=[order_change(Fallback.MICROSOFT_ACCOUNT)]))
