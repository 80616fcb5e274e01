# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Security defaults and Conditional Access: what counts, what stops, and what is sent."""

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
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    InvalidInput,
    NotUnderstood,
    PersonNeeded,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph.errors import GraphRefused
from ansible_collections.tenantops.migration.plugins.module_utils._security_defaults.conditional_access import (  # noqa: E501
    policy_from,
)
from ansible_collections.tenantops.migration.plugins.module_utils._security_defaults.model import (
    SecurityDefaults,
    defaults_after,
    propose,
)
from ansible_collections.tenantops.migration.plugins.module_utils._security_defaults.resource import (  # noqa: E501
    SecurityDefaultsResource,
)
from ansible_collections.tenantops.migration.tests.unit.plugins.module_utils._graph.answering_graph import (  # noqa: E501
    AnsweringGraph,
)

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
USER_ADMINISTRATOR = "fe930be7-5e62-47db-91af-98c3a49a38b1"
IDENTITY = "00000000-0000-0000-0000-000000000005"
ON, OFF = SecurityDefaults(IDENTITY, True), SecurityDefaults(IDENTITY, False)


def policy(
    *,
    users: dict[str, Any] | None = None,
    applications: dict[str, Any] | None = None,
    conditions: dict[str, Any] | None = None,
    controls: dict[str, Any] | None = None,
    **others: Any,
) -> dict[str, Any]:
    """A policy that asks everybody for a second factor everywhere, but for what is given."""
    return {
        "id": "2f6d1c84",
        "displayName": "MFA for all",
        "state": "enabled",
        "conditions": {
            "clientAppTypes": ["all"],
            "userRiskLevels": [],
            "signInRiskLevels": [],
            "platforms": None,
            "locations": None,
            "devices": None,
            "users": {"includeUsers": ["All"], "excludeRoles": [], **(users or {})},
            "applications": {
                "includeApplications": ["All"],
                "excludeApplications": [],
                "applicationFilter": None,
                **(applications or {}),
            },
            **(conditions or {}),
        },
        "grantControls": {
            "operator": "OR",
            "builtInControls": ["mfa"],
            "customAuthenticationFactors": [],
            "termsOfUse": [],
            "authenticationStrength": None,
            **(controls or {}),
        },
        **others,
    }


STRENGTH = {"id": "4", "requirementsSatisfied": "mfa"}


@pytest.mark.parametrize(
    "found",
    [
        policy(),
        policy(users={"includeUsers": [], "includeRoles": [GLOBAL_ADMINISTRATOR]}),
        # Accounts for emergencies
        policy(users={"excludeUsers": ["break-glass"], "excludeGroups": ["break-glass"]}),
        policy(users={"excludeRoles": [USER_ADMINISTRATOR]}),
        policy(conditions={"clientAppTypes": ["browser", "mobileAppsAndDesktopClients"]}),
        policy(conditions={"locations": {"includeLocations": [], "@odata.type": "#x"}}),
        policy(controls={"operator": "AND", "builtInControls": ["mfa", "compliantDevice"]}),
        policy(controls={"builtInControls": [], "authenticationStrength": STRENGTH}),
        policy(controls={"builtInControls": [], "authenticationStrength": {"id": "4"}}),
        policy(
            controls={
                "operator": "AND",
                "builtInControls": ["compliantDevice"],
                "authenticationStrength": STRENGTH,
            }
        ),
    ],
)
def test_administrators_are_covered(found: dict[str, Any]) -> None:
    assert policy_from(found).covers_administrators


@pytest.mark.parametrize(
    "found",
    [
        policy(state="disabled"),
        policy(state="enabledForReportingButNotEnforced"),
        policy(users={"includeUsers": ["somebody"]}),
        policy(users={"includeUsers": [], "includeRoles": [USER_ADMINISTRATOR]}),
        policy(users={"includeUsers": ["GuestsOrExternalUsers"]}),
        policy(users={"excludeRoles": [GLOBAL_ADMINISTRATOR]}),
        policy(users={"includeUsers": None}),
        policy(applications={"includeApplications": ["Office365"]}),
        policy(applications={"excludeApplications": ["797f4846-ba00-4fd7-ba43-dac1f8f63013"]}),
        policy(applications={"applicationFilter": {"mode": "exclude", "rule": "x"}}),
        policy(applications={"includeApplications": None}),
        policy(conditions={"clientAppTypes": ["exchangeActiveSync", "other"]}),
        policy(conditions={"clientAppTypes": ["browser"]}),
        policy(conditions={"clientAppTypes": None}),
        policy(conditions={"signInRiskLevels": ["high"]}),
        policy(conditions={"locations": {"includeLocations": ["All"], "excludeLocations": ["x"]}}),
        policy(conditions={"devices": {"deviceFilter": {"mode": "exclude", "rule": "x"}}}),
        # One that this version does not know narrows as well.
        policy(conditions={"phaseOfTheMoon": "full"}),
        policy(conditions={"users": None}),
        policy(conditions={"applications": None}),
        policy(controls={"builtInControls": ["mfa", "compliantDevice"]}),
        policy(controls={"builtInControls": ["mfa"], "termsOfUse": ["x"]}),
        policy(controls={"builtInControls": ["block"]}),
        policy(controls={"builtInControls": []}),
        policy(
            controls={
                "builtInControls": [],
                "authenticationStrength": {"id": "5", "requirementsSatisfied": "none"},
            }
        ),
        policy(
            controls={"builtInControls": ["compliantDevice"], "authenticationStrength": STRENGTH}
        ),
        policy(grantControls=None),
        {**policy(), "conditions": None},
    ],
)
def test_what_is_not_sure_does_not_count(found: dict[str, Any]) -> None:
    assert not policy_from(found).covers_administrators


@given(
    st.dictionaries(
        st.sampled_from(["conditions", "grantControls", "displayName", "state"]),
        st.recursive(
            st.none() | st.booleans() | st.text(max_size=3),
            lambda inner: (
                st.lists(inner, max_size=2)
                | st.dictionaries(
                    st.sampled_from(["users", "applications", "includeUsers", "clientAppTypes"]),
                    inner,
                    max_size=2,
                )
            ),
            max_leaves=6,
        ),
    )
)
def test_nothing_that_graph_answers_is_a_traceback(others: dict[str, Any]) -> None:
    try:
        found = policy_from({**policy(), **others})
    except ValueError:
        assert "state" in others
        return
    assert found.is_enabled or not found.covers_administrators


@pytest.mark.parametrize(
    "others",
    [{"state": "unknownFutureValue"}, {"state": None}, {"state": ["enabled"]}, {"id": None}],
)
def test_an_unknown_policy_is_an_error(others: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="policy"):
        policy_from({**policy(), **others})


# The change


@pytest.mark.parametrize("before", [ON, OFF])
def test_the_change_and_its_opposite(before: SecurityDefaults) -> None:
    assert propose(before, before.is_enabled).changes == ()
    (change,) = propose(before, not before.is_enabled, "CHG0031337").changes
    assert (change.resource, change.id, change.property) == (
        "security_defaults",
        IDENTITY,
        "isEnabled",
    )
    # Only what takes protection away needs a reason.
    assert change.note == (None if before is OFF else "CHG0031337")
    after = defaults_after(before, [change])
    assert after.is_enabled is not before.is_enabled
    assert defaults_after(after, [change.opposite()]) == before


def test_a_change_that_is_none_of_ours() -> None:
    change = Change(System.ENTRA, "security_defaults", IDENTITY, "x", "y", Action.REPLACE, 1, "on")
    with pytest.raises(InvalidInput):
        defaults_after(ON, [change])


# The resource


def answer(is_enabled: Any = True, **others: Any) -> dict[str, Any]:
    return {"id": IDENTITY, "displayName": "x", "isEnabled": is_enabled, **others}


PATH = "identitySecurityDefaultsEnforcementPolicy"


@pytest.mark.parametrize(
    "found", [{}, answer(None), answer("true"), answer(1), answer(id=None), {"isEnabled": True}]
)
def test_an_answer_that_does_not_tell_is_an_error(found: Any) -> None:
    graph = AnsweringGraph(**{PATH: [found]})
    with pytest.raises(NotUnderstood, match="does not tell") as caught:
        asyncio.run(SecurityDefaultsResource(graph.graph).read())
    assert caught.value.answer
    assert caught.value.subject == f"policies/{PATH}"


def guard(before: SecurityDefaults, *pages: Any, may_unprotect: bool = False) -> AnsweringGraph:
    graph = AnsweringGraph(policies=list(pages))
    resource = SecurityDefaultsResource(graph.graph, may_unprotect=may_unprotect)
    changes = propose(before, not before.is_enabled).changes
    asyncio.run(resource.guard(before, changes))
    assert graph.required == ["Policy.Read.All", "Policy.ReadWrite.SecurityDefaults"]
    return graph


def page(*policies: Any, **others: Any) -> dict[str, Any]:
    return {"value": list(policies), **others}


def test_enabled_policies_stop_turning_on_and_are_listed() -> None:
    guests = policy(id="77aa", displayName="Guests", users={"includeUsers": ["Guests"]})
    with pytest.raises(PersonNeeded, match="2 policies of Conditional Access") as caught:
        guard(OFF, page(policy(), guests, policy(id="off", state="disabled")))
    assert caught.value.answer == "MFA for all (2f6d1c84), Guests (77aa)"
    assert "run again" in caught.value.advice


def test_policies_that_are_not_enforced_do_not_stop_turning_on() -> None:
    guard(OFF, page(policy(state="disabled"), policy(state="enabledForReportingButNotEnforced")))


def test_all_pages_are_looked_at() -> None:
    link = {"@odata.nextLink": f"{AnsweringGraph.server}/v1.0/identity/policies?$skiptoken=2"}
    graph = guard(ON, page(policy(state="disabled"), **link), page(policy()))
    assert len(graph.asked) == 2
    with pytest.raises(NotUnderstood, match="circle"):
        guard(ON, page(**link))


def test_nobody_may_be_left_unprotected() -> None:
    guests = policy(users={"includeUsers": ["GuestsOrExternalUsers"]})
    for found in (page(), page(guests), page(policy(state="disabled"))):
        with pytest.raises(PersonNeeded, match="nothing would protect") as caught:
            guard(ON, found)
        assert "acknowledge_reason" in caught.value.advice
        assert caught.value.nothing_written


def test_unless_somebody_answers_for_it_or_another_policy_protects() -> None:
    assert guard(ON, page(policy())).asked == ["policies"]
    assert guard(ON, may_unprotect=True).asked == []


@pytest.mark.parametrize(
    "found", [{}, page("text"), {"value": {}}, page(policy(state="unknownFutureValue"))]
)
def test_policies_that_are_not_understood_are_an_error(found: Any) -> None:
    for before in (ON, OFF):
        with pytest.raises(NotUnderstood) as caught:
            guard(before, found)
        assert caught.value.subject == "identity/conditionalAccess/policies"
        assert caught.value.answer


def test_only_the_switch_is_sent() -> None:
    graph = AnsweringGraph(**{PATH: [answer(True), answer(False)]})
    changes = propose(ON, wanted=False).changes
    assert asyncio.run(SecurityDefaultsResource(graph.graph).write(ON, changes)) == changes
    assert graph.written == [{"isEnabled": False}]


@pytest.mark.parametrize(("status", "is_advised"), [(400, True), (403, False)])
def test_what_graph_does_not_list_is_told_when_it_refuses(status: int, is_advised: bool) -> None:
    graph = AnsweringGraph(**{PATH: [answer(False)]})
    refusal = GraphRefused("Graph refused")
    refusal.status = status
    graph.refusal = refusal
    with pytest.raises(GraphRefused) as caught:
        asyncio.run(
            SecurityDefaultsResource(graph.graph).write(OFF, propose(OFF, wanted=True).changes)
        )
    assert ("classic policies" in caught.value.advice) is is_advised


def test_the_target_names_server_and_tenant() -> None:
    """The id of the policy is the same in every tenant."""
    target = SecurityDefaultsResource(AnsweringGraph().graph).target
    assert target == f"https://graph.example tenant contoso.com: policies/{PATH}"
