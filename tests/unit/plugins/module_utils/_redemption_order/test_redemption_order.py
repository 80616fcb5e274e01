# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The redemption order: what it is, what is refused, and what is sent."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._email_otp.model import (
    EmailOtpPolicy,
    GuestOtp,
)
from ansible_collections.tenantops.migration.plugins.module_utils._email_otp.model import (
    propose as propose_passcode,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    InvalidInput,
    NotUnderstood,
    Refused,
)
from ansible_collections.tenantops.migration.plugins.module_utils._redemption_order.model import (
    FALLBACK,
    PRIMARY,
    Fallback,
    Primary,
    RedemptionOrder,
    Wanted,
    current,
    order_after,
    propose,
)
from ansible_collections.tenantops.migration.plugins.module_utils._redemption_order.resource import (  # noqa: E501
    RedemptionOrderResource,
)
from ansible_collections.tenantops.migration.tests.unit.plugins.module_utils._graph.answering_graph import (  # noqa: E501
    AnsweringGraph,
)

TENANT = "0c7f1a52-6f0e-4a63-9c8e-3b1f0d9a4e03"
ORDER = "invitationRedemptionIdentityProviderConfiguration"
PRIMARIES = st.lists(st.sampled_from(Primary), min_size=1, unique=True).map(tuple)
ORDERS = st.builds(RedemptionOrder, primary=PRIMARIES, fallback=st.sampled_from(Fallback))
WISHES = st.builds(
    Wanted, primary=st.none() | PRIMARIES, fallback=st.none() | st.sampled_from(Fallback)
)
SYSTEM_ORDER = RedemptionOrder(tuple(Primary), Fallback.DEFAULT_CONFIGURED_IDP)
BY_PASSCODE = RedemptionOrder(tuple(Primary), Fallback.EMAIL_ONE_TIME_PASSCODE)


@given(ORDERS, WISHES)
def test_the_changes_lead_to_what_is_wanted_and_back(
    order: RedemptionOrder, wanted: Wanted
) -> None:
    changes = propose(order, wanted, TENANT).changes
    after = order_after(order, changes)
    assert wanted.primary in (None, after.primary)
    assert wanted.fallback in (None, after.fallback)
    assert propose(after, wanted, TENANT).changes == ()
    assert order_after(after, [change.opposite() for change in changes]) == order
    for change in changes:
        assert (change.system, change.action) == (System.ENTRA, Action.REPLACE)
        assert (change.resource, change.id) == ("redemption_order", TENANT)
        assert current(order, change) == change.before != change.after == current(after, change)


def test_what_is_not_wanted_stays() -> None:
    (change,) = propose(SYSTEM_ORDER, Wanted(fallback=Fallback.MICROSOFT_ACCOUNT), TENANT).changes
    assert change.property == FALLBACK
    (change,) = propose(SYSTEM_ORDER, Wanted((Primary.EXTERNAL_FEDERATION,)), TENANT).changes
    assert (change.property, change.after) == (PRIMARY, ["externalFederation"])


@pytest.mark.parametrize("primary", [[], ["azureActiveDirectory", "azureActiveDirectory"]])
def test_an_order_that_cannot_be_meant(primary: list[str]) -> None:
    with pytest.raises(InvalidInput, match="each of them once"):
        Wanted.from_parameters({"primary": primary, "fallback": None})


@pytest.mark.parametrize(
    ("name", "value"),
    [(FALLBACK, "carrierPigeon"), (FALLBACK, None), (PRIMARY, ["pigeon"]), (PRIMARY, "text")],
)
def test_a_change_that_is_none_of_ours(name: str, value: Any) -> None:
    change = Change(
        System.ENTRA, "redemption_order", TENANT, "x", name, Action.REPLACE, None, value
    )
    with pytest.raises(InvalidInput, match="no redemption order"):
        order_after(SYSTEM_ORDER, [change])


def answer(order: RedemptionOrder, **others: Any) -> dict[str, Any]:
    return {"isServiceDefault": False, ORDER: {**order.to_json(), **others}}


def read(found: Any) -> RedemptionOrder:
    graph = AnsweringGraph(default=[found])
    return asyncio.run(RedemptionOrderResource(graph.graph, TENANT).read())


@given(ORDERS)
def test_every_order_is_read(order: RedemptionOrder) -> None:
    assert read(answer(order)) == order


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({}, "None is no object"),
        ({ORDER: None}, "None is no object"),
        ({ORDER: []}, "is no object"),
        ({ORDER: {}}, "is no list"),
        (answer(SYSTEM_ORDER, **{PRIMARY: None}), "is no list"),
        (answer(SYSTEM_ORDER, **{PRIMARY: ["azureActiveDirectory", "pigeon"]}), "'pigeon'"),
        (answer(SYSTEM_ORDER, **{PRIMARY: ["unknownFutureValue"]}), "'unknownFutureValue'"),
        (answer(SYSTEM_ORDER, **{PRIMARY: [["azureActiveDirectory"]]}), "azureActive"),
        (answer(SYSTEM_ORDER, **{FALLBACK: "pigeon"}), f"{FALLBACK} 'pigeon'"),
        (answer(SYSTEM_ORDER, **{FALLBACK: None}), f"{FALLBACK} None"),
    ],
)
def test_an_unknown_order_is_an_error_and_never_absent(found: Any, told: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        read(found)
    assert told in caught.value.answer
    assert caught.value.server == AnsweringGraph.server
    assert caught.value.subject == "policies/crossTenantAccessPolicy/default"


def test_both_parts_are_sent_since_the_fallback_has_to_be() -> None:
    graph = AnsweringGraph(default=[answer(SYSTEM_ORDER), answer(BY_PASSCODE)])
    wanted = Wanted(fallback=Fallback.EMAIL_ONE_TIME_PASSCODE)
    changes = propose(SYSTEM_ORDER, wanted, TENANT).changes
    resource = RedemptionOrderResource(graph.graph, TENANT)
    assert asyncio.run(resource.write(SYSTEM_ORDER, changes)) == changes
    assert graph.written == [{ORDER: BY_PASSCODE.to_json()}]


def guard(passcode: str, wanted: Wanted, *planned: Change) -> AnsweringGraph:
    configuration = {
        "@odata.type": "#microsoft.graph.emailAuthenticationMethodConfiguration",
        "id": "Email",
        "allowExternalIdToUseEmailOtp": passcode,
    }
    graph = AnsweringGraph(email=[configuration])
    resource = RedemptionOrderResource(graph.graph, TENANT, planned)
    changes = propose(SYSTEM_ORDER, wanted, TENANT).changes
    asyncio.run(resource.guard(SYSTEM_ORDER, changes))
    assert graph.required == ["Policy.ReadWrite.CrossTenantAccess"]
    return graph


TO_PASSCODE = Wanted(fallback=Fallback.EMAIL_ONE_TIME_PASSCODE)


def test_no_fallback_to_a_passcode_that_is_off() -> None:
    with pytest.raises(Refused, match="which is off") as caught:
        guard("disabled", TO_PASSCODE)
    assert caught.value.nothing_written
    assert "entra_email_otp" in caught.value.advice


@pytest.mark.parametrize("passcode", ["default", "enabled"])
def test_one_that_is_on_will_do(passcode: str) -> None:
    assert guard(passcode, TO_PASSCODE).asked == ["email"]


def test_one_that_an_earlier_step_would_turn_on_or_off() -> None:
    on, off = (EmailOtpPolicy("Email", GuestOtp(name)) for name in ("enabled", "disabled"))
    guard("disabled", TO_PASSCODE, *propose_passcode(off, GuestOtp.ENABLED).changes)
    with pytest.raises(Refused, match="which is off"):
        guard("enabled", TO_PASSCODE, *propose_passcode(on, GuestOtp.DISABLED).changes)


def test_other_fallbacks_do_not_ask_for_the_passcode() -> None:
    assert guard("disabled", Wanted(fallback=Fallback.MICROSOFT_ACCOUNT)).asked == []
