# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._accounts.model import (
    ADDRESS_FIELDS,
    DELETED,
    FIELDS,
    RESOURCE,
    USER,
    Account,
    AccountKey,
    DeletedAccount,
    Holders,
    Suffixes,
    WantedAccount,
    by_name_of_now,
    creation,
    deleted_with,
    deletion,
    deletion_objection,
    objection,
    purge,
    told,
    wanted_accounts,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import Action
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    InvalidInput,
    JournalUnusable,
    NotUnderstood,
    Refused,
)

TENANT = "3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11"
ID = "1b0f5c4e-57a4-4d0c-9a4c-2d6f3b0f9f11"
KIM = "kim@contoso.test"
KEY = AccountKey(TENANT, KIM)
SUFFIXES = Suffixes(frozenset({"contoso.test", "adfs.test"}), frozenset({"adfs.test"}))
NOTHING: dict[str, Any] = dict.fromkeys(
    (
        *("display_name", "mail_nickname", "given_name", "surname", "department", "job_title"),
        *("company_name", "preferred_language", "other_mails", "usage_location", "password"),
        "roles",
    )
)
NO_FIELDS: dict[str, Any] = {**dict.fromkeys(FIELDS), "id": ID, "userPrincipalName": KIM}


def wanted(name: str = KIM, **given: Any) -> WantedAccount:
    entry = {"user_principal_name": name, "account_enabled": True, **NOTHING, **given}
    (account,) = wanted_accounts([entry])
    return account


def account(**given: Any) -> Account:
    return Account.from_json({**NO_FIELDS, **given})


def deleted(**given: Any) -> DeletedAccount:
    usual = {"id": ID, "userPrincipalName": KIM, "deletedDateTime": "2026-11-20T07:15:00Z"}
    return DeletedAccount.from_json({**dict.fromkeys(ADDRESS_FIELDS), **usual, **given})


def test_body_of_a_plain_account() -> None:
    assert wanted("Kim.Akers@Contoso.test").body("secret", force_change=True) == {
        "accountEnabled": True,
        "displayName": "Kim.Akers",
        "mailNickname": "Kim.Akers",
        "userPrincipalName": "Kim.Akers@Contoso.test",
        "passwordProfile": {"password": "secret", "forceChangePasswordNextSignIn": True},
    }


def test_body_of_an_account_with_everything() -> None:
    body = wanted(
        given_name="Kim",
        surname="Akers",
        department="Sales",
        preferred_language="sv-SE",
        other_mails=["kim@litware.example"],
        usage_location="se",
        mail_nickname="kim",
        account_enabled=False,
    ).body("secret", force_change=False)
    assert body["displayName"] == "Kim Akers"
    assert (body["givenName"], body["surname"], body["department"]) == ("Kim", "Akers", "Sales")
    assert body["otherMails"] == ["kim@litware.example"]
    assert body["usageLocation"] == "SE"
    assert body["accountEnabled"] is False
    assert body["passwordProfile"]["forceChangePasswordNextSignIn"] is False


def test_password_is_in_no_representation() -> None:
    assert "very-secret" not in repr(wanted(password="very-secret"))


def test_names_are_compared_without_case() -> None:
    with pytest.raises(InvalidInput, match="twice"):
        wanted_accounts(
            [
                {"user_principal_name": name, "account_enabled": True, **NOTHING}
                for name in (KIM, KIM.upper())
            ]
        )
    assert wanted(KIM.upper()).name == KIM


@pytest.mark.parametrize(
    ("given", "told_of"),
    [
        ({"usage_location": "Sweden"}, "two letters"),
        ({"usage_location": "S1"}, "two letters"),
        ({"mail_nickname": "kim akers"}, "nickname"),
        ({"mail_nickname": "k" * 65}, "nickname"),
        ({"display_name": "Kim \udce5"}, "display_name was read in a wrong encoding"),
        ({"other_mails": ["kim@litware.example", "\udce5"]}, "wrong encoding"),
        ({"name": "\udce5@contoso.test"}, "wrong encoding"),
        *(
            ({option: value}, "not a name to sign in with")
            for name in ("", " ", "@", "kim", "kim@", "@contoso.test", ID, "kim@a b")
            for option, value in (("name", name), ("also_known_as", [KIM, name]))
        ),
    ],
)
def test_what_cannot_be_meant(given: dict[str, Any], told_of: str) -> None:
    with pytest.raises(InvalidInput, match=told_of):
        wanted(**given)


def test_changes() -> None:
    made = creation(KEY)
    assert (made.resource, made.id, made.property) == (RESOURCE, f"{TENANT} {KIM}", USER)
    assert (made.action, made.before, made.after) == (Action.CREATE, None, KIM)
    gone = deletion(KEY, Holders(account()))
    assert (gone.action, gone.before, gone.after) == (Action.DELETE, KIM, None)
    assert made.opposite() == gone
    for_good = purge(KEY, ID)
    assert (for_good.property, for_good.before, for_good.reversible) == (DELETED, ID, False)


def test_key_is_read_as_it_was_written() -> None:
    assert AccountKey.from_id(KEY.id) == KEY


@pytest.mark.parametrize("identity", ["", KIM, f"{TENANT} ", f" {KIM}", f"{TENANT} kim"])
def test_what_is_no_key(identity: str) -> None:
    with pytest.raises(JournalUnusable):
        AccountKey.from_id(identity)


@pytest.mark.parametrize(
    ("created", "changed", "value"),
    [
        ("2026-11-23T07:15:00Z", "2026-11-23T07:15:01Z", KIM),
        ("2026-11-23T07:15:00Z", "2026-11-23T07:14:59.5Z", KIM),
        ("2026-11-23T07:15:00Z", "2026-11-23T07:20:00Z", f"{KIM}, in use"),
        ("2026-11-23T07:15:00Z", None, KIM),
        (None, "2026-11-23T07:20:00Z", KIM),
    ],
)
def test_account_is_what_we_made_until_somebody_sets_a_password(
    created: str | None, changed: str | None, value: str
) -> None:
    found = account(createdDateTime=created, lastPasswordChangeDateTime=changed)
    assert Holders(found).value(KIM) == value


def test_no_account_has_no_value() -> None:
    assert Holders().value(KIM) is None


@pytest.mark.parametrize(
    "entry",
    [
        None,
        [],
        {"id": ID},
        {"id": 7, "userPrincipalName": KIM},
        {**NO_FIELDS, "accountEnabled": "yes"},
        {**NO_FIELDS, "usageLocation": 46},
        *({name: NO_FIELDS[name] for name in FIELDS if name != missing} for missing in FIELDS),
    ],
)
def test_what_is_no_user_is_an_error(entry: Any) -> None:
    with pytest.raises(NotUnderstood):
        Account.from_json(entry)


def test_time_that_is_none_is_an_error() -> None:
    for name in ("createdDateTime", "lastPasswordChangeDateTime"):
        with pytest.raises(NotUnderstood):
            account(**{name: "yesterday"})


def test_deleted_users_are_known_by_the_name_they_had() -> None:
    """So that the name is free, Entra puts the id in front of it."""
    found = deleted(userPrincipalName=f"{ID.replace('-', '')}Kim@contoso.test")
    assert found.user_principal_name == "Kim@contoso.test"
    assert deleted_with(KIM, [found]) == (found,)


def test_deleted_users_are_known_by_their_addresses() -> None:
    found = deleted(
        userPrincipalName="akers@contoso.test",
        mail="Kim@contoso.test",
        proxyAddresses=["SMTP:KIM@contoso.test", "smtp:k@contoso.test", "SIP:sip@contoso.test"],
    )
    assert found.names == {"akers@contoso.test", KIM, "k@contoso.test"}
    assert deleted_with(KIM, [found]) == ()


def test_the_last_one_to_be_deleted_comes_first() -> None:
    old, new = deleted(deletedDateTime="2026-11-01T00:00:00Z"), deleted()
    assert deleted_with(KIM, [old, new]) == (new, old)


@pytest.mark.parametrize("missing", ADDRESS_FIELDS)
def test_deleted_user_of_whom_something_is_missing_is_an_error(missing: str) -> None:
    told = {**dict.fromkeys(ADDRESS_FIELDS), "id": ID, "userPrincipalName": KIM}
    del told[missing]
    with pytest.raises(NotUnderstood):
        DeletedAccount.from_json({**told, "deletedDateTime": "2026-11-20T07:15:00Z"})


@pytest.mark.parametrize(
    "entry",
    [
        {"deletedDateTime": None},
        {"proxyAddresses": "SMTP:kim@contoso.test"},
        {"proxyAddresses": [7]},
        {"mail": 7},
        {"displayName": 7},
    ],
)
def test_what_is_no_deleted_user_is_an_error(entry: dict[str, Any]) -> None:
    with pytest.raises(NotUnderstood):
        deleted(**entry)


def test_nothing_against_a_good_name() -> None:
    assert objection(wanted(), Holders(), SUFFIXES, "graph") is None


@pytest.mark.parametrize(
    ("name", "holders", "told_of"),
    [
        ("kim åkers@contoso.test", Holders(), "before the @"),
        (f"{'k' * 65}@contoso.test", Holders(), "65 characters"),
        ("kim@fabrikam.test", Holders(), "not a verified domain"),
        ("kim@adfs.test", Holders(), "federated"),
        (KIM, Holders(others=("anna@contoso.test (Anna)",)), "mail address"),
        (KIM, Holders(deleted=(deleted(displayName="Kim Akers"),)), "deleted user"),
    ],
)
def test_objections_name_what_is_in_the_way(name: str, holders: Holders, told_of: str) -> None:
    error = objection(wanted(name, mail_nickname="kim"), holders, SUFFIXES, "graph")
    assert error is not None
    assert told_of in str(error)
    for holder in (*holders.others, *holders.deleted):
        assert str(holder) in error.answer


@pytest.mark.parametrize(
    ("option", "longest"),
    [
        ("display_name", 256),
        ("given_name", 64),
        ("surname", 64),
        ("department", 64),
        ("job_title", 128),
        ("company_name", 64),
    ],
)
def test_texts_that_graph_does_not_take(option: str, longest: int) -> None:
    display = {"display_name": "Kim"}
    good = wanted(**{**display, option: "x" * longest})
    assert objection(good, Holders(), SUFFIXES, "graph") is None
    error = objection(wanted(**{**display, option: "x" * (longest + 1)}), Holders(), SUFFIXES, "g")
    assert error is not None
    assert f"{longest + 1} characters" in str(error)


@pytest.mark.parametrize(
    ("given", "told_of"),
    [
        ({"onPremisesSyncEnabled": True}, "on-premises"),
        ({"userType": "Guest"}, "entra_guest"),
        ({"userType": "Robot"}, "update"),
    ],
)
def test_who_is_not_deleted_here(given: dict[str, Any], told_of: str) -> None:
    error = deletion_objection(account(**given), "graph")
    assert error is not None
    assert told_of in error.advice
    for user_type in ("Member", None):
        assert deletion_objection(account(userType=user_type), "graph") is None


def test_what_is_told_of_accounts_that_are_left_alone() -> None:
    there = account(displayName="Kim", accountEnabled=False, usageLocation="SE")
    assert told(wanted(KIM.upper()), Holders(there)) == {
        "user_principal_name": KIM,
        "id": ID,
        "display_name": "Kim",
        "account_enabled": False,
        "usage_location": "SE",
    }
    assert told(wanted(), Holders())["id"] is None


def test_account_by_another_name_keeps_that() -> None:
    meant = wanted(also_known_as=["KIM@old.test", "kim@older.test"])
    there = account(userPrincipalName="kim@old.test")
    found = {KIM: None, "kim@old.test": there, "kim@older.test": None}
    assert by_name_of_now(meant, found, "graph").user_principal_name == "kim@old.test"
    assert by_name_of_now(meant, {**found, "kim@old.test": None}, "graph") == meant
    another = account(id=f"{ID[:-1]}9", userPrincipalName="kim@older.test")
    with pytest.raises(Refused, match="More than one account"):
        by_name_of_now(meant, {**found, "kim@older.test": another}, "graph")
