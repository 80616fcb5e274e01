# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How guests get into the simulated cloud, by its policies; and the tenants that are about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from lab import guest_tenants
from lab.description import Description

from .conftest import LabCommand
from .described_cloud import DescribedCloud
from .truth import Truth

TENANT = "margies"
EMAIL_OTP = "email_method/allow_external_id_to_use_email_otp"
ORDER = "policies/cross_tenant_access/redemption_order"
ADDRESS = "pat.coleman@guest.test"


class Door:
    """The lab's own door to the guests of one tenant."""

    def __init__(self, lab: Description) -> None:
        self.truth = Truth(lab)

    def set(self, path: str, value: Any) -> None:
        self.truth.cloud("PUT", f"/state/tenants/{TENANT}/{path}", value)

    def invite(self, *accounts: str, address: str = ADDRESS, **details: Any) -> None:
        """Let there be a guest with these accounts who has not redeemed yet."""
        order = {"method": "not_redeemed", "accounts": list(accounts), **details}
        self.truth.cloud("POST", f"/guests/{TENANT}", {"guests": [{"address": address, **order}]})

    def attempt(self, address: str = ADDRESS) -> Any:
        """What a guest meets who tries to sign in, without anything being changed."""
        guests = self.truth.cloud("GET", f"/guests/{TENANT}/sign-ins")["guests"]
        (found,) = [guest for guest in guests if guest["address"] == address]
        return found

    def redeem(self, *addresses: str) -> list[Any]:
        body = {"guests": list(addresses) or None}
        answer = self.truth.cloud("POST", f"/guests/{TENANT}/redemptions", body)
        return list(answer["guests"])

    def describe(self, address: str = ADDRESS) -> Any:
        guests = self.truth.cloud("GET", f"/guests/{TENANT}")["guests"]
        (found,) = [guest for guest in guests if guest["address"] == address]
        return found


@pytest.fixture
def door(lab: Description) -> Iterator[Door]:
    door = Door(lab)
    door.truth.cloud("POST", "/reset")
    yield door
    door.truth.cloud("POST", "/reset")


# Passcode, fallback, what the person owns; and how the person gets in.
NOWHERE = "nowhere"
REDEMPTIONS = [
    ("default", "defaultConfiguredIdp", [], "one_time_passcode"),
    ("enabled", "defaultConfiguredIdp", [], "one_time_passcode"),
    ("enabled", "defaultConfiguredIdp", ["microsoft_account"], "microsoft_account"),
    ("disabled", "defaultConfiguredIdp", [], "microsoft_account"),
    ("disabled", "defaultConfiguredIdp", ["microsoft_account"], "microsoft_account"),
    ("enabled", "emailOneTimePasscode", ["microsoft_account"], "one_time_passcode"),
    ("default", "emailOneTimePasscode", [], "one_time_passcode"),
    ("disabled", "emailOneTimePasscode", ["microsoft_account"], NOWHERE),
    ("enabled", "microsoftAccount", [], "microsoft_account"),
    ("disabled", "emailOneTimePasscode", ["entra_managed"], "entra_managed"),
    ("enabled", "defaultConfiguredIdp", ["entra_viral"], "one_time_passcode"),
    ("disabled", "defaultConfiguredIdp", ["entra_viral"], "microsoft_account"),
    ("enabled", "emailOneTimePasscode", ["google"], "google"),
    ("enabled", "emailOneTimePasscode", ["facebook", "microsoft_account"], "facebook"),
]


@pytest.mark.parametrize(("passcode", "fallback", "accounts", "method"), REDEMPTIONS)
def test_a_guest_redeems_by_the_policies(
    door: Door, passcode: str, fallback: str, accounts: list[str], method: str
) -> None:
    door.set(EMAIL_OTP, passcode)
    door.set(f"{ORDER}/fallback", fallback)
    door.invite(*accounts)
    foreseen = door.attempt()
    assert door.redeem(ADDRESS) == [foreseen]
    found = door.describe()
    if method == NOWHERE:
        assert foreseen["method"] is None
        assert "passcode" in foreseen["problem"]
        assert (found["method"], found["state"]) == ("not_redeemed", "PendingAcceptance")
    else:
        assert (foreseen["method"], foreseen["problem"]) == (method, None)
        assert (found["method"], found["state"]) == (method, "Accepted")
        assert door.attempt()["method"] == method


@pytest.mark.parametrize(
    ("primary", "method"),
    [
        (["externalFederation", "azureActiveDirectory", "socialIdentityProviders"], "federated"),
        (["azureActiveDirectory", "externalFederation"], "entra_managed"),
        (["socialIdentityProviders", "azureActiveDirectory"], "google"),
    ],
)
def test_the_first_provider_that_knows_the_guest_is_taken(
    door: Door, primary: list[str], method: str
) -> None:
    door.set(f"{ORDER}/primary", primary)
    door.set("policies/federated_partners", {"guest.test": "http://sts.guest.test/trust"})
    door.invite("federated", "entra_managed", "google")
    assert door.redeem() == [door.attempt()]
    assert door.describe()["method"] == method


def test_providers_that_the_tenant_does_not_have_are_not_taken(door: Door) -> None:
    door.set("policies/social_providers", ["facebook"])
    door.set(f"{ORDER}/fallback", "microsoftAccount")
    door.invite("federated", "google", "microsoft_account")
    assert door.attempt()["method"] == "microsoft_account"


def test_an_account_is_managed_once_its_tenant_is(door: Door) -> None:
    door.invite("entra_viral", address="pat.coleman@unruly.test")
    address = "pat.coleman@unruly.test"
    assert door.attempt(address)["method"] == "microsoft_account"
    door.truth.cloud("PUT", "/state/unmanaged/unruly.test/is_managed", True)
    assert door.attempt(address)["method"] == "entra_managed"


def test_turning_the_passcode_off_locks_out_whom_it_let_in(door: Door) -> None:
    """And nobody else; it is as before when it is on again."""
    door.set(EMAIL_OTP, "default")
    door.invite()
    door.redeem()
    assert door.attempt()["method"] == "one_time_passcode"
    door.set(EMAIL_OTP, "disabled")
    assert door.attempt()["method"] is None
    others = door.truth.cloud("GET", f"/guests/{TENANT}/sign-ins")["guests"]
    assert [one["address"] for one in others if one["problem"]] == [ADDRESS]
    door.set(EMAIL_OTP, "enabled")
    assert door.attempt()["method"] == "one_time_passcode"


def test_an_account_that_had_to_be_made_is_there_afterwards(door: Door) -> None:
    door.invite()
    assert door.redeem()[0]["makes_account"] is True
    assert door.describe()["accounts"] == ["microsoft_account"]
    assert ADDRESS in door.truth.cloud("GET", "/state")["personal_accounts"]


def test_graph_shows_what_the_guest_has_done(door: Door, lab: Description) -> None:
    door.invite("entra_managed")
    path = f"/v1.0/users/{door.describe()['id']}"
    fields = "?$select=externalUserState,externalUserStateChangeDateTime,identities"
    with DescribedCloud(lab).client(TENANT) as http:
        before = http.get(path + fields).json()
        door.redeem(ADDRESS)
        after = http.get(path + fields).json()
    assert before["externalUserState"] == "PendingAcceptance"
    assert after["externalUserState"] == "Accepted"
    assert after["externalUserStateChangeDateTime"] > before["externalUserStateChangeDateTime"]
    assert "ExternalAzureAD" in [one["issuer"] for one in after["identities"]]
    assert "ExternalAzureAD" not in [one["issuer"] for one in before["identities"]]


def test_nobody_redeems_twice(door: Door) -> None:
    door.invite("entra_managed")
    door.redeem(ADDRESS)
    before = door.describe()
    assert "nothing" in door.redeem(ADDRESS)[0]["problem"]
    assert door.redeem() == []
    assert door.describe() == before


def test_a_locked_account_gets_nowhere(door: Door) -> None:
    door.invite("entra_managed", account_enabled=False)
    assert "locked" in door.redeem()[0]["problem"]


def test_the_command_redeems(door: Door, lab_command: LabCommand) -> None:
    door.invite("entra_managed")
    assert lab_command("admin-centre", "redeem", TENANT).strip() == f"{ADDRESS}: entra_managed"
    assert "Nobody" in lab_command("admin-centre", "redeem", TENANT)
    refused = lab_command.attempt("admin-centre", "redeem", TENANT, "nobody@guest.test")
    assert (refused.returncode, "nobody@guest.test" in refused.stderr) == (1, True)


# The tenants


def test_each_tenant_about_guests_is_as_described(door: Door, lab: Description) -> None:
    assert lab.guest_tenants == [one.tenant.name for one in guest_tenants.ALL]
    state = door.truth.cloud("GET", "/state")["tenants"]
    for one in guest_tenants.ALL:
        name = one.tenant.name
        assert door.truth.email_otp(name) == one.tenant.email_otp
        assert state[name]["application"]["permissions"] == list(one.permissions)
        guests = door.truth.cloud("GET", f"/guests/{name}")["guests"]
        assert len(guests) == len(one.guests) + (one.crowd or {})["count"]


def test_one_tenant_has_guests_of_all_kinds(door: Door) -> None:
    guests = door.truth.cloud("GET", "/guests/relecloud")["guests"]
    methods = Counter(guest["method"] for guest in guests)
    assert len(methods) == 11, methods
    assert [guest["roles"] for guest in guests if guest["roles"]] == [["User Administrator"]]
    assert any("+" in (guest["address"] or "") for guest in guests)
    assert any(guest["address"] is None for guest in guests)


def test_the_passcode_guests_who_would_be_locked_out_are_there(door: Door) -> None:
    for name in ("vanarsdel", "wideworld"):
        guests = door.truth.cloud("GET", f"/guests/{name}/sign-ins")["guests"]
        methods = Counter(guest["method"] for guest in guests)
        assert methods["one_time_passcode"] > 1, name
