# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an answer means; and that nothing is concluded from one that is not understood."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._errors import NotUnderstood
from ansible_collections.tenantops.migration.plugins.module_utils._realms.answers import (
    Answer,
    UserRealm,
    read_personal_account,
    read_tenant,
    read_user_realm,
    was_not_looked_up,
)
from ansible_collections.tenantops.migration.plugins.module_utils._realms.model import (
    Realm,
    RealmKind,
)

DOMAIN = "contoso.com"
TENANT = "8f7d1a52-6f0e-4a63-9c8e-3b1f0d9a4e01"
MANAGED = {
    "NameSpaceType": "Managed",
    "Login": "user@contoso.com",
    "DomainName": "contoso.com",
    "FederationBrandName": "Contoso",
    "cloud_instance_name": "microsoftonline.com",
}
DISCOVERY = {
    "issuer": f"https://login.microsoftonline.com/{TENANT}/v2.0",
    "cloud_instance_name": "microsoftonline.com",
    "tenant_region_scope": "EU",
}


def answer(fields: dict[str, Any]) -> Answer:
    told = {name: value for name, value in fields.items() if value is not ...}
    return Answer("https://login.example", DOMAIN, told)


@pytest.mark.parametrize(
    ("fields", "kind", "brand"),
    [
        (MANAGED, RealmKind.MANAGED, "Contoso"),
        ({**MANAGED, "IsViral": True}, RealmKind.VIRAL, "Contoso"),
        ({**MANAGED, "IsViral": False}, RealmKind.MANAGED, "Contoso"),
        ({**MANAGED, "NameSpaceType": "Federated"}, RealmKind.FEDERATED, "Contoso"),
        ({"NameSpaceType": "Unknown", "Login": "contoso.com"}, RealmKind.UNKNOWN, None),
        # What nothing depends on may be missing, or be of no use.
        ({"NameSpaceType": "Managed"}, RealmKind.MANAGED, None),
        ({**MANAGED, "FederationBrandName": ""}, RealmKind.MANAGED, None),
        ({**MANAGED, "FederationBrandName": 7}, RealmKind.MANAGED, None),
        ({**MANAGED, "DomainName": "Contoso.COM"}, RealmKind.MANAGED, "Contoso"),
        ({**MANAGED, "SomethingNew": {"a": 1}}, RealmKind.MANAGED, "Contoso"),
    ],
)
def test_kinds(fields: dict[str, Any], kind: RealmKind, brand: str | None) -> None:
    user_realm = read_user_realm(DOMAIN, answer(fields))
    assert (user_realm.kind, user_realm.brand) == (kind, brand)


@pytest.mark.parametrize(
    "change",
    [
        {"NameSpaceType": ...},
        {"NameSpaceType": None},
        {"NameSpaceType": "managed"},
        {"NameSpaceType": "Consumer"},
        {"NameSpaceType": ["Managed"]},
        {"IsViral": "true"},
        {"IsViral": 1},
        {"IsViral": True, "NameSpaceType": "Unknown"},
        {"IsViral": True, "NameSpaceType": "Federated"},
        {"DomainName": "fabrikam.com"},
        {"DomainName": "mail.contoso.com"},
        {"DomainName": ""},
        {"DomainName": 7},
    ],
)
def test_what_is_not_understood_is_no_realm(change: dict[str, Any]) -> None:
    with pytest.raises(NotUnderstood) as caught:
        read_user_realm(DOMAIN, answer({**MANAGED, **change}))
    assert caught.value.subject == DOMAIN
    assert caught.value.server
    for name in set(change) & {"DomainName", "IsViral"}:
        assert f"{name}: {change[name]!r}" in caught.value.answer


@given(
    st.dictionaries(
        st.sampled_from(["NameSpaceType", "IsViral", "DomainName", "FederationBrandName", "x"]),
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(),
            st.sampled_from(["Managed", "Federated", "Unknown", "true", DOMAIN, "x.com"]),
            st.lists(st.text()),
        ),
    )
)
def test_no_answer_is_called_viral_or_unknown_by_accident(fields: dict[str, Any]) -> None:
    try:
        kind = read_user_realm(DOMAIN, answer(fields)).kind
    except NotUnderstood:
        return
    assert fields["NameSpaceType"].lower() == ("managed" if kind is RealmKind.VIRAL else kind)
    assert (kind is RealmKind.VIRAL) is (fields.get("IsViral") is True)
    assert fields.get("DomainName") in (None, DOMAIN)


@pytest.mark.parametrize(
    ("change", "cloud"),
    [
        ({}, "global"),
        ({"tenant_region_sub_scope": "GCC"}, "global"),
        ({"cloud_instance_name": "microsoftonline.us"}, "us_government"),
        (
            {"cloud_instance_name": "microsoftonline.us", "tenant_region_sub_scope": "DODCON"},
            "us_government",
        ),
        (
            {"cloud_instance_name": "microsoftonline.us", "tenant_region_sub_scope": "DOD"},
            "us_government_dod",
        ),
        ({"cloud_instance_name": "partner.microsoftonline.cn"}, "china"),
        ({"cloud_instance_name": "sovereign.example"}, "sovereign.example"),
        # The other answer tells it as well.
        ({"cloud_instance_name": ...}, "global"),
    ],
)
def test_clouds(change: dict[str, Any], cloud: str) -> None:
    user_realm = UserRealm(RealmKind.VIRAL, "Contoso", "microsoftonline.com")
    realm = read_tenant(DOMAIN, user_realm, answer({**DISCOVERY, **change}))
    assert realm == Realm(DOMAIN, RealmKind.VIRAL, TENANT, cloud, "Contoso")


def test_a_cloud_may_be_untold() -> None:
    user_realm = UserRealm(RealmKind.MANAGED, None, None)
    realm = read_tenant(DOMAIN, user_realm, answer({**DISCOVERY, "cloud_instance_name": ...}))
    assert realm == Realm(DOMAIN, RealmKind.MANAGED, TENANT, None, None)


@pytest.mark.parametrize(
    "issuer",
    [
        ...,
        None,
        "",
        7,
        "https://login.microsoftonline.com/",
        "https://login.microsoftonline.com/common/v2.0",
        "https://login.microsoftonline.com/{tenantid}/v2.0",
    ],
)
def test_a_tenant_must_be_told(issuer: Any) -> None:
    user_realm = UserRealm(RealmKind.MANAGED, None, None)
    with pytest.raises(NotUnderstood, match="tenant is not told"):
        read_tenant(DOMAIN, user_realm, answer({**DISCOVERY, "issuer": issuer}))


def test_the_older_issuer_names_the_tenant_too() -> None:
    user_realm = UserRealm(RealmKind.MANAGED, None, None)
    issuer = f"https://sts.windows.net/{TENANT.upper()}/"
    assert read_tenant(DOMAIN, user_realm, answer({"issuer": issuer})).tenant_id == TENANT


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"MicrosoftAccount": 0}, True),
        ({"MicrosoftAccount": 1}, False),
        ({"MicrosoftAccount": 0, "IsMicrosoftAccountSet": True}, True),
    ],
)
def test_personal_accounts(fields: dict[str, Any], expected: bool) -> None:
    assert read_personal_account(answer(fields)) is expected


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"MicrosoftAccount": None},
        {"MicrosoftAccount": 2},
        {"MicrosoftAccount": 5},
        {"MicrosoftAccount": "0"},
        {"MicrosoftAccount": False},
        # 0 is also what stands there if nothing was put there.
        {"MicrosoftAccount": 0, "IsMicrosoftAccountSet": False},
    ],
)
def test_an_account_is_not_guessed(fields: dict[str, Any]) -> None:
    with pytest.raises(NotUnderstood):
        read_personal_account(answer(fields))


def test_accounts_that_were_not_looked_up() -> None:
    assert was_not_looked_up(answer({"MicrosoftAccount": 2}))
    assert not was_not_looked_up(answer({"MicrosoftAccount": 0}))
    assert not was_not_looked_up(answer({}))
