# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated sign-in service tells whose a domain is as Microsoft's does."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from lab import domain_states
from lab.cloud.faults import FaultBook
from lab.description import Description

from .truth import Truth

VIRAL = domain_states.WITHOUT_CONSENT
FEDERATED = domain_states.FEDERATED_ELSEWHERE
VERIFIED = domain_states.VERIFIED


@pytest.fixture
def client(lab: Description) -> Iterator[httpx.Client]:
    truth = Truth(lab)
    truth.cloud("POST", "/reset")
    context = ssl.create_default_context(cafile=lab.ca_file)
    with httpx.Client(base_url=lab.cloud["authority"], verify=context) as client:
        yield client
    truth.cloud("POST", "/reset")


def user_realm(client: httpx.Client, user: str, **query: str) -> dict[str, Any]:
    answer = client.get("/common/userrealm", params={"user": user, "api-version": "2.1", **query})
    assert answer.status_code == 200, answer.text
    fields: dict[str, Any] = answer.json()
    return fields


def test_an_unmanaged_tenant_is_told_from_version_2_1_on(client: httpx.Client) -> None:
    user = f"anybody@{VIRAL.domain}"
    assert user_realm(client, user) == {
        "NameSpaceType": "Managed",
        "Login": user,
        "DomainName": VIRAL.domain,
        "FederationBrandName": VIRAL.domain,
        "cloud_instance_name": "microsoftonline.com",
        "IsViral": True,
    }
    assert "IsViral" not in user_realm(client, user, **{"api-version": "2.0"})


def test_a_managed_tenant_is_told_without_a_word_about_viral(client: httpx.Client) -> None:
    fields = user_realm(client, VERIFIED.domain.upper())
    assert fields["NameSpaceType"] == "Managed"
    assert "IsViral" not in fields


def test_a_federated_one_says_where_its_users_sign_in(client: httpx.Client) -> None:
    fields = user_realm(client, f"x@{FEDERATED.domain}")
    assert fields["NameSpaceType"] == "Federated"
    assert fields["AuthURL"] == f"https://sts.{FEDERATED.domain}/adfs/ls/"


@pytest.mark.parametrize(
    "domain", ["nobody.test", domain_states.ADDED.domain, f"mail.{VIRAL.domain}"]
)
def test_what_is_verified_nowhere_is_unknown(client: httpx.Client, domain: str) -> None:
    fields = user_realm(client, f"x@{domain}")
    assert fields["NameSpaceType"] == "Unknown"
    assert not {"DomainName", "FederationBrandName", "IsViral"} & fields.keys()
    discovery = client.get(f"/{domain}/v2.0/.well-known/openid-configuration")
    assert discovery.status_code == 400
    assert discovery.json()["error_codes"] == [90002]


def test_the_user_may_stand_in_the_path(client: httpx.Client) -> None:
    user = f"x@{VIRAL.domain}"
    answer = client.get(f"/common/userrealm/{user}", params={"api-version": "2.1"})
    assert answer.json() == user_realm(client, user)


@pytest.mark.parametrize(
    "query", [{"user": "a@b.test"}, {"api-version": "2.1"}, {"user": "x", "api-version": "3"}]
)
def test_a_question_that_is_none_is_refused(client: httpx.Client, query: dict[str, str]) -> None:
    assert client.get("/common/userrealm", params=query).status_code == 400


@pytest.mark.parametrize("address", domain_states.PERSONAL_ACCOUNTS)
def test_personal_accounts_are_told_on_request(client: httpx.Client, address: str) -> None:
    asked = {"checkForMicrosoftAccount": "true"}
    assert user_realm(client, address.upper(), **asked)["MicrosoftAccount"] == 0
    assert user_realm(client, f"not.{address}", **asked)["MicrosoftAccount"] == 1
    assert "MicrosoftAccount" not in user_realm(client, address)


@pytest.mark.parametrize("state", [VIRAL, FEDERATED, VERIFIED])
def test_discovery_tells_the_tenant_whoever_runs_it(
    client: httpx.Client, state: domain_states.DomainState
) -> None:
    answer = client.get(f"/{state.domain}/v2.0/.well-known/openid-configuration").json()
    tenant_id = (state.elsewhere or state.tenant).tenant_id
    assert answer["issuer"].endswith(f"/{tenant_id}/v2.0")


def test_so_many_in_a_second_and_no_more() -> None:
    fault = FaultBook().add({"kind": "throttle", "endpoint": "discovery", "per_second": 2})
    spared = {moment: fault.spares(moment) for moment in (0.0, 0.1, 0.2, 0.9, 1.05, 1.08, 1.15)}
    assert [moment for moment, is_spared in spared.items() if is_spared] == [0.0, 0.1, 1.05, 1.15]
