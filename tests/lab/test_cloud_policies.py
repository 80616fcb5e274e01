# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated cloud's policies about signing in, asked raw."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from lab.description import Description

from .described_cloud import WRONG, DescribedCloud
from .truth import Truth

CROSS_TENANT = "/policies/crossTenantAccessPolicy/default"
ORDER = "invitationRedemptionIdentityProviderConfiguration"
SECURITY_DEFAULTS = "/policies/identitySecurityDefaultsEnforcementPolicy"
CONDITIONAL_ACCESS = "/identity/conditionalAccess/policies"
AUTHORIZATION = "/policies/authorizationPolicy"
EMAIL = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email"
TENANT = "fabrikam"

SYSTEM_ORDER = {
    "primaryIdentityProviderPrecedenceOrder": [
        "externalFederation",
        "azureActiveDirectory",
        "socialIdentityProviders",
    ],
    "fallbackIdentityProvider": "defaultConfiguredIdp",
}
PASSCODE_ORDER = {
    "primaryIdentityProviderPrecedenceOrder": ["azureActiveDirectory", "externalFederation"],
    "fallbackIdentityProvider": "emailOneTimePasscode",
}
MFA = {
    "id": "2f6d1c84-93a5-4f0e-8f75-1f0f7d5a6c01",
    "display_name": "Require MFA of everybody",
    "state": "enabled",
    "include_users": ["All"],
    "exclude_users": [],
    "include_roles": [],
    "include_applications": ["All"],
    "built_in_controls": ["mfa"],
    "authentication_strength": None,
}


class Cloud:
    """One tenant's Graph, and the truth behind it."""

    def __init__(self, lab: Description) -> None:
        self.truth = Truth(lab)
        self.described = DescribedCloud(lab)
        self.http = self.described.client(TENANT)

    def ask(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """Send a request that may be refused."""
        return self.http.request(method, f"/v1.0{path}", json=body, **options)

    def get(self, path: str) -> Any:
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def write(self, method: str, path: str, body: Any = None) -> None:
        answer = self.ask(method, path, body)
        assert (answer.status_code, answer.content) == (204, b""), answer.text

    def set(self, path: str, value: Any) -> None:
        self.truth.cloud("PUT", f"/state/tenants/{TENANT}/{path}", value)

    def policies(self) -> Any:
        return self.truth.cloud("GET", "/state")["tenants"][TENANT]["policies"]


@pytest.fixture(scope="module")
def running_cloud(lab: Description) -> Iterator[Cloud]:
    cloud = Cloud(lab)
    yield cloud
    cloud.http.close()


@pytest.fixture
def cloud(running_cloud: Cloud) -> Iterator[Cloud]:
    running_cloud.truth.cloud("POST", "/reset")
    yield running_cloud
    running_cloud.truth.cloud("POST", "/reset")


def pause() -> None:
    """Wait until Conditional Access may be asked again."""
    time.sleep(1.1)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


# Cross-tenant access


def test_a_new_tenant_has_the_system_default(cloud: Cloud) -> None:
    found = cloud.get(CROSS_TENANT)
    assert found["isServiceDefault"] is True
    assert found[ORDER] == SYSTEM_ORDER


def test_the_order_is_replaced_and_nothing_else(cloud: Cloud) -> None:
    cloud.set("policies/cross_tenant_access/inbound_trust/is_mfa_accepted", True)
    before = cloud.get(CROSS_TENANT)
    cloud.write("PATCH", CROSS_TENANT, {ORDER: PASSCODE_ORDER})
    after = cloud.get(CROSS_TENANT)
    assert after == {**before, ORDER: PASSCODE_ORDER, "isServiceDefault": False}
    assert cloud.get(f"{CROSS_TENANT}?$select={ORDER}")[ORDER] == PASSCODE_ORDER


def test_a_fallback_alone_keeps_the_order(cloud: Cloud) -> None:
    cloud.write("PATCH", CROSS_TENANT, {ORDER: {"fallbackIdentityProvider": "microsoftAccount"}})
    assert cloud.get(CROSS_TENANT)[ORDER] == {
        **SYSTEM_ORDER,
        "fallbackIdentityProvider": "microsoftAccount",
    }


def test_the_trust_changes_by_itself(cloud: Cloud) -> None:
    cloud.write("PATCH", CROSS_TENANT, {"inboundTrust": {"isCompliantDeviceAccepted": True}})
    found = cloud.get(CROSS_TENANT)
    assert found["inboundTrust"] == {
        "isMfaAccepted": False,
        "isCompliantDeviceAccepted": True,
        "isHybridAzureADJoinedDeviceAccepted": False,
    }
    assert found[ORDER] == SYSTEM_ORDER


@pytest.mark.parametrize(
    "order",
    [
        {"primaryIdentityProviderPrecedenceOrder": ["azureActiveDirectory"]},
        {**SYSTEM_ORDER, "fallbackIdentityProvider": "azureActiveDirectory"},
        {**SYSTEM_ORDER, "fallbackIdentityProvider": "unknownFutureValue"},
        {**SYSTEM_ORDER, "fallbackIdentityProvider": "carrierPigeon"},
        {**SYSTEM_ORDER, "primaryIdentityProviderPrecedenceOrder": []},
        {**SYSTEM_ORDER, "primaryIdentityProviderPrecedenceOrder": ["microsoftAccount"]},
        {**SYSTEM_ORDER, "primaryIdentityProviderPrecedenceOrder": ["azureActiveDirectory"] * 2},
    ],
)
def test_an_order_that_makes_no_sense_is_refused(cloud: Cloud, order: Any) -> None:
    answer = cloud.ask("PATCH", CROSS_TENANT, {ORDER: order}, **WRONG)
    assert code(answer) == (400, "Request_BadRequest")
    found = cloud.get(CROSS_TENANT)
    assert (found[ORDER], found["isServiceDefault"]) == (SYSTEM_ORDER, True)


def test_the_system_default_comes_back(cloud: Cloud) -> None:
    before = cloud.get(CROSS_TENANT)
    cloud.write("PATCH", CROSS_TENANT, {ORDER: PASSCODE_ORDER})
    cloud.write("POST", f"{CROSS_TENANT}/resetToSystemDefault")
    assert cloud.get(CROSS_TENANT) == before


def test_readers_may_see_the_old_order_for_a_while(cloud: Cloud) -> None:
    cloud.truth.cloud("POST", "/chaos", {"kind": "lag", "seconds": 0.5, "method": "PATCH"})
    cloud.write("PATCH", CROSS_TENANT, {ORDER: PASSCODE_ORDER})
    assert cloud.get(CROSS_TENANT)[ORDER] == SYSTEM_ORDER
    time.sleep(0.6)
    assert cloud.get(CROSS_TENANT)[ORDER] == PASSCODE_ORDER


# Security defaults and Conditional Access


def test_security_defaults_are_switched(cloud: Cloud) -> None:
    assert cloud.get(SECURITY_DEFAULTS)["isEnabled"] is False
    for wanted in (True, True, False):
        cloud.write("PATCH", SECURITY_DEFAULTS, {"isEnabled": wanted})
        assert cloud.get(SECURITY_DEFAULTS)["isEnabled"] is wanted


@pytest.mark.parametrize("body", [{"displayName": "Mine"}, {"isEnabled": "yes"}, {"id": "1"}])
def test_only_the_switch_can_be_written(cloud: Cloud, body: Any) -> None:
    answer = cloud.ask("PATCH", SECURITY_DEFAULTS, body, **WRONG)
    assert code(answer) == (400, "Request_BadRequest")


def test_conditional_access_stops_security_defaults(cloud: Cloud) -> None:
    cloud.set("policies/conditional_access", [MFA])
    answer = cloud.ask("PATCH", SECURITY_DEFAULTS, {"isEnabled": True})
    assert code(answer) == (400, "Request_BadRequest")
    assert cloud.policies()["security_defaults"] is False


@pytest.mark.parametrize("state", ["disabled", "enabledForReportingButNotEnforced"])
def test_policies_that_are_not_enforced_do_not(cloud: Cloud, state: str) -> None:
    cloud.set("policies/conditional_access", [{**MFA, "state": state}])
    cloud.write("PATCH", SECURITY_DEFAULTS, {"isEnabled": True})


def test_security_defaults_stop_conditional_access(cloud: Cloud) -> None:
    """Switched by its own door, which the description does not have here."""
    cloud.set("application/permissions", ["Policy.Read.All", "Policy.ReadWrite.ConditionalAccess"])
    cloud.set("policies/conditional_access", [{**MFA, "state": "disabled"}])
    cloud.set("policies/security_defaults", True)
    path = f"{CONDITIONAL_ACCESS}/{MFA['id']}"
    with cloud.described.client(TENANT) as http:
        answers = []
        for is_on in (True, False):
            cloud.set("policies/security_defaults", is_on)
            pause()
            answers.append(
                http.patch(f"/v1.0{path}", json={"state": "enabled"}, **WRONG).status_code
            )
    assert answers == [400, 204]
    assert [one["state"] for one in cloud.policies()["conditional_access"]] == ["enabled"]


def test_the_policies_are_listed(cloud: Cloud) -> None:
    strong = {
        **MFA,
        "id": "2f6d1c84-93a5-4f0e-8f75-1f0f7d5a6c02",
        "built_in_controls": [],
        "authentication_strength": "00000000-0000-0000-0000-000000000004",
    }
    cloud.set("policies/conditional_access", [MFA, strong])
    pause()
    first, second = cloud.get(CONDITIONAL_ACCESS)["value"]
    assert (first["displayName"], first["state"]) == (MFA["display_name"], "enabled")
    assert first["conditions"]["users"]["includeUsers"] == ["All"]
    assert first["conditions"]["applications"]["includeApplications"] == ["All"]
    assert first["grantControls"]["builtInControls"] == ["mfa"]
    assert second["grantControls"]["authenticationStrength"]["id"].endswith("4")
    pause()
    page = cloud.get(f"{CONDITIONAL_ACCESS}?$select=id,displayName,state&$top=1")
    assert page["value"] == [
        {"id": MFA["id"], "displayName": MFA["display_name"], "state": "enabled"}
    ]
    pause()
    following = cloud.http.get(page["@odata.nextLink"], **WRONG).json()
    assert [one["id"] for one in following["value"]] == [strong["id"]]


def test_conditional_access_answers_once_a_second(cloud: Cloud) -> None:
    """Without saying how long to wait; other policies and other tenants go on."""
    pause()
    cloud.get(CONDITIONAL_ACCESS)
    refused = cloud.ask("GET", CONDITIONAL_ACCESS)
    assert code(refused) == (429, "TooManyRequests")
    assert "retry-after" not in refused.headers
    cloud.get(SECURITY_DEFAULTS)
    with cloud.described.client("contoso") as other:
        assert other.get(f"/v1.0{CONDITIONAL_ACCESS}").status_code == 200
    pause()
    cloud.get(CONDITIONAL_ACCESS)


# The others


def test_who_may_invite(cloud: Cloud) -> None:
    assert cloud.get(AUTHORIZATION)["allowInvitesFrom"] == "everyone"
    cloud.set("policies/allow_invites_from", "none")
    assert cloud.get(f"{AUTHORIZATION}?$select=allowInvitesFrom")["allowInvitesFrom"] == "none"


def test_deleting_the_email_configuration_brings_the_default(cloud: Cloud) -> None:
    assert cloud.get(EMAIL)["allowExternalIdToUseEmailOtp"] == "disabled"
    cloud.write("DELETE", EMAIL)
    assert cloud.get(EMAIL)["allowExternalIdToUseEmailOtp"] == "default"


# Permissions

OPERATIONS = {
    "read order": ("GET", CROSS_TENANT, None),
    "write order": ("PATCH", CROSS_TENANT, {ORDER: PASSCODE_ORDER}),
    "reset order": ("POST", f"{CROSS_TENANT}/resetToSystemDefault", None),
    "read defaults": ("GET", SECURITY_DEFAULTS, None),
    "write defaults": ("PATCH", SECURITY_DEFAULTS, {"isEnabled": False}),
    "read authorization": ("GET", AUTHORIZATION, None),
    "read email": ("GET", EMAIL, None),
    "delete email": ("DELETE", EMAIL, None),
}


@pytest.mark.parametrize(
    ("permissions", "allowed"),
    [
        ([], set()),
        (["User.Read.All"], set()),
        (
            ["Policy.Read.All"],
            {"read order", "read defaults", "read authorization", "read email"},
        ),
        (
            ["Policy.ReadWrite.CrossTenantAccess"],
            {"read order", "write order", "reset order"},
        ),
        (["Policy.ReadWrite.SecurityDefaults"], {"read defaults"}),
        (["Policy.ReadWrite.ConditionalAccess"], set()),
        (["Policy.ReadWrite.AuthenticationMethod"], {"read email", "delete email"}),
    ],
)
def test_each_permission_opens_what_it_is_for(
    cloud: Cloud, permissions: list[str], allowed: set[str]
) -> None:
    assert answered(cloud, permissions) == allowed


@pytest.mark.parametrize("permission", ["SecurityDefaults", "ConditionalAccess"])
def test_security_defaults_take_two_permissions(cloud: Cloud, permission: str) -> None:
    allowed = answered(cloud, ["Policy.Read.All", f"Policy.ReadWrite.{permission}"])
    assert "write defaults" in allowed


def answered(cloud: Cloud, permissions: list[str]) -> set[str]:
    """Which operations an application with these permissions may do; the others answer 403."""
    cloud.set("application/permissions", permissions)
    allowed = set()
    with cloud.described.client(TENANT) as http:
        for name, (method, path, body) in OPERATIONS.items():
            answer = http.request(method, f"/v1.0{path}", json=body)
            if answer.status_code < 300:
                allowed.add(name)
            else:
                assert code(answer) == (403, "Authorization_RequestDenied")
    return allowed
