# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._errors import NotUnderstood
from ansible_collections.tenantops.migration.plugins.module_utils._guests.model import (
    ENTRA_ISSUER,
    FIELDS,
    ISSUERS,
    ReadGuest,
    SignInMethod,
)
from ansible_collections.tenantops.migration.plugins.module_utils._realms.model import RealmKind

OWN_NAME = {
    "signInType": "userPrincipalName",
    "issuer": "fourthcoffee.onmicrosoft.com",
    "issuerAssignedId": "kim.akers_litware.test#EXT#@fourthcoffee.onmicrosoft.com",
}
KIM: dict[str, Any] = {
    "id": "6f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21",
    "userPrincipalName": "kim.akers_litware.test#EXT#@fourthcoffee.onmicrosoft.com",
    "mail": "Kim.Akers@Litware.test",
    "otherMails": ["Kim.Akers@Litware.test", "kim@proseware.test"],
    "displayName": "Kim Akers",
    "userType": "Guest",
    "externalUserState": "Accepted",
    "externalUserStateChangeDateTime": "2023-05-17T08:30:00Z",
    "identities": [
        {"signInType": "federated", "issuer": "mail", "issuerAssignedId": None},
        OWN_NAME,
    ],
    "preferredLanguage": "sv-SE",
    "accountEnabled": True,
    "createdDateTime": "2019-05-17T08:30:00Z",
}

# Every method but those that only a realm can tell, and the issuer that stands for it
PARTNER = "https://sts.litware.test/adfs/services/trust"
TOLD_BY_ISSUER = {**ISSUERS, PARTNER: SignInMethod.FEDERATED}

issuers = st.one_of(
    st.sampled_from([*TOLD_BY_ISSUER, ENTRA_ISSUER, "phone", "twitter.com", "litware.test"]),
    st.text(min_size=1),
)
states = st.one_of(
    st.none(), st.sampled_from(["Accepted", "PendingAcceptance", "Suspended"]), st.text()
)
realms = st.one_of(st.none(), st.sampled_from(RealmKind))


def guest(*issuers: str, state: str | None = "Accepted", **fields: Any) -> ReadGuest:
    """Kim, who signs in with these identities."""
    identities = [{"signInType": "federated", "issuer": issuer} for issuer in issuers]
    return ReadGuest.from_json(
        {**KIM, "identities": [*identities, OWN_NAME], "externalUserState": state, **fields}
    )


def test_what_is_asked_for_is_what_is_told() -> None:
    assert set(FIELDS) == set(KIM)
    assert ReadGuest.from_json(KIM).classified(None).to_json() == {
        "id": "6f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21",
        "address": "Kim.Akers@Litware.test",
        "other_mails": ["Kim.Akers@Litware.test", "kim@proseware.test"],
        "user_principal_name": "kim.akers_litware.test#EXT#@fourthcoffee.onmicrosoft.com",
        "display_name": "Kim Akers",
        "domain": "litware.test",
        "state": "Accepted",
        "state_changed": "2023-05-17T08:30:00Z",
        "method": "one_time_passcode",
        "issuer": "mail",
        "preferred_language": "sv-SE",
        "account_enabled": True,
        "created": "2019-05-17T08:30:00Z",
    }


@pytest.mark.parametrize("name", [name for name in FIELDS if not name.endswith(("id", "Name"))])
def test_what_may_be_missing(name: str) -> None:
    missing = {key: value for key, value in KIM.items() if key != name}
    assert ReadGuest.from_json(missing) == ReadGuest.from_json({**KIM, name: None})


@pytest.mark.parametrize(
    "entry",
    [
        None,
        [],
        {},
        {**KIM, "id": ""},
        {**KIM, "identities": [None]},
        {**KIM, "identities": [{"signInType": "federated"}]},
        {**KIM, "identities": [{"issuer": 7}]},
        {**KIM, "otherMails": [None]},
        *({**KIM, name: 1} for name in FIELDS),
    ],
)
def test_what_is_not_a_guest(entry: object) -> None:
    with pytest.raises(NotUnderstood):
        ReadGuest.from_json(entry)


@pytest.mark.parametrize(("issuer", "method"), TOLD_BY_ISSUER.items())
@pytest.mark.parametrize("realm", [None, *RealmKind])
def test_the_issuer_tells(issuer: str, method: SignInMethod, realm: RealmKind | None) -> None:
    assert not guest(issuer).needs_realm
    told = guest(issuer).classified(realm)
    assert (told.method, told.issuer) == (method, issuer)


@pytest.mark.parametrize(
    ("realm", "method"),
    [
        (RealmKind.MANAGED, SignInMethod.ENTRA_MANAGED),
        (RealmKind.FEDERATED, SignInMethod.ENTRA_MANAGED),
        (RealmKind.VIRAL, SignInMethod.ENTRA_VIRAL),
        (RealmKind.UNKNOWN, SignInMethod.ENTRA_UNRESOLVED),
        (None, SignInMethod.ENTRA_UNRESOLVED),
    ],
)
def test_of_a_work_account_the_realm_tells(realm: RealmKind | None, method: SignInMethod) -> None:
    assert guest(ENTRA_ISSUER).needs_realm
    assert guest(ENTRA_ISSUER).classified(realm).method is method


@pytest.mark.parametrize(
    "issuer", ["urn:litware:idp", "http://sts.litware.test", "https://idp.litware.test/saml?id=7"]
)
def test_a_federation_has_the_uri_of_its_server(issuer: str) -> None:
    assert guest(issuer).classified(None).method is SignInMethod.FEDERATED


@pytest.mark.parametrize(
    "issuer", ["twitter.com", "litware.test", "phone", "Mail", "externalazuread", "", "a b:c", "7:"]
)
def test_an_issuer_that_nobody_has_described_is_unknown(issuer: str) -> None:
    told = guest(issuer).classified(RealmKind.MANAGED)
    assert told.method is SignInMethod.UNKNOWN
    assert told.issuer == (issuer or None)


@given(st.lists(issuers, max_size=4), realms)
def test_an_open_invitation_is_not_redeemed(told: list[str], realm: RealmKind | None) -> None:
    """Also after a reset, when the identity of before may still be shown."""
    pending = guest(*told, state="PendingAcceptance")
    assert pending.classified(realm).method is SignInMethod.NOT_REDEEMED
    assert not pending.needs_realm


def test_a_guest_who_never_was_invited_has_an_account_here() -> None:
    assert guest(state=None).classified(None).method is SignInMethod.INTERNAL


@given(st.lists(issuers, max_size=4), states, realms)
def test_a_method_is_never_guessed(
    told: list[str], state: str | None, realm: RealmKind | None
) -> None:
    """Each method has exactly the one reason; everything else is unknown, with Graph's words."""
    found = guest(*told, state=state).classified(realm)
    expected = {
        SignInMethod.NOT_REDEEMED: state == "PendingAcceptance",
        SignInMethod.INTERNAL: state is None and not told,
    }
    if found.method in expected:
        assert expected[found.method]
    elif found.method is SignInMethod.UNKNOWN:
        assert found.state == state
        assert found.issuer == (", ".join(dict.fromkeys(told)) or None)
    else:
        assert state == "Accepted"
        assert len(set(told)) == 1
        if found.method in TOLD_BY_ISSUER.values() and told[0] in TOLD_BY_ISSUER:
            assert TOLD_BY_ISSUER[told[0]] is found.method
        elif found.method is SignInMethod.FEDERATED:
            assert ":" in told[0]
        else:
            assert told[0] == ENTRA_ISSUER


@pytest.mark.parametrize(
    ("fields", "address", "domain"),
    [
        ({}, "Kim.Akers@Litware.test", "litware.test"),
        ({"mail": None}, "Kim.Akers@Litware.test", "litware.test"),
        (
            {"mail": "", "otherMails": ["k@b\u00fccher.test"]},
            "k@b\u00fccher.test",
            "xn--bcher-kva.test",
        ),
        ({"mail": None, "otherMails": []}, None, "litware.test"),
        (
            {"mail": None, "otherMails": [], "userPrincipalName": "a_b_c.d.test#ext#@x.test"},
            None,
            "c.d.test",
        ),
        ({"mail": None, "otherMails": [], "userPrincipalName": "kim@x.test"}, None, None),
        ({"mail": "kim at litware"}, "kim at litware", None),
        ({"mail": "kim@localhost"}, "kim@localhost", None),
    ],
)
def test_address_and_domain(
    fields: dict[str, Any], address: str | None, domain: str | None
) -> None:
    read = guest(ENTRA_ISSUER, **fields)
    assert (read.address, read.domain) == (address, domain)
    told = read.classified(None)
    assert (told.address, told.domain) == (address, domain)
    assert told.name == address or told.name == read.user_principal_name


def test_the_name_of_a_guest_tells_the_tenants_domain() -> None:
    assert guest("mail").classified(None).tenant_domain == "fourthcoffee.onmicrosoft.com"
    internal = guest(state=None, userPrincipalName="kim@fourthcoffee.test").classified(None)
    assert internal.tenant_domain is None
