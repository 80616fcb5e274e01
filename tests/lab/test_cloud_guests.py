# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated cloud's guests, asked raw: listed, invited, reset, deleted, restored."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError

import httpx
import pytest

from lab.description import Description

from .conftest import LabCommand
from .described_cloud import WRONG, DescribedCloud
from .truth import Truth

# A tenant of the demo, whose few guests are out of the way of those added here.
NAME = "contoso"
INITIAL = f"{NAME}.onmicrosoft.com"
REDIRECT = "https://myapps.microsoft.com?tenantId=x"
SELECT = (
    "id,userPrincipalName,mail,otherMails,displayName,userType,externalUserState,"
    "externalUserStateChangeDateTime,creationType,identities,accountEnabled,preferredLanguage"
)
EVENTUAL = {"ConsistencyLevel": "eventual"}
METHODS = {
    "one_time_passcode",
    "entra_managed",
    "entra_viral",
    "entra_unresolved",
    "microsoft_account",
    "google",
    "facebook",
    "federated",
    "not_redeemed",
    "internal",
    "unknown",
}


@dataclass(frozen=True)
class Tenant:
    """The tenant, with a client and what the lab knows about it."""

    truth: Truth
    cloud: DescribedCloud
    http: httpx.Client

    def ask(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        return self.http.request(method, f"/v1.0{path}", json=body, **options)

    def get(self, path: str, **options: Any) -> Any:
        answer = self.ask("GET", path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def pages(self, path: str, **options: Any) -> Iterator[Any]:
        page = self.get(path, **options)
        yield page
        while link := page.get("@odata.nextLink"):
            answer = self.http.get(link, headers={**EVENTUAL, **WRONG["headers"]})
            assert answer.status_code == 200, answer.text
            page = answer.json()
            yield page

    def guests(self) -> list[dict[str, Any]]:
        """The truth about each."""
        found: list[dict[str, Any]] = self.truth.cloud("GET", f"/guests/{NAME}")["guests"]
        return found

    def guest(self, address: str) -> dict[str, Any]:
        return next(guest for guest in self.guests() if guest["address"] == address)

    def add(self, address: str, method: str, **details: Any) -> dict[str, Any]:
        order = {"address": address, "method": method, **details}
        self.truth.cloud("POST", f"/guests/{NAME}", {"guests": [order]})
        return next(one for one in self.guests() if one["display_name"] == order["display_name"])

    def crowd(self, count: int, **order: Any) -> None:
        made = self.truth.cloud("POST", f"/guests/{NAME}", {"count": count, **order})
        assert made == {"guests": count}

    def invite(self, address: str, **values: Any) -> httpx.Response:
        wrong = values.pop("wrong", {})
        body = {"invitedUserEmailAddress": address, "inviteRedirectUrl": REDIRECT, **values}
        return self.ask("POST", "/invitations", body, **wrong)

    def reset(self, guest: dict[str, Any], **values: Any) -> httpx.Response:
        invited = {"resetRedemption": True, "invitedUser": {"id": guest["id"]}, **values}
        return self.invite(invited.pop("address", guest["address"]), **invited)

    def batch(self, *requests: dict[str, Any]) -> httpx.Response:
        return self.ask("POST", "/$batch", {"requests": list(requests)})

    def answers(self, *requests: dict[str, Any]) -> dict[str, Any]:
        answer = self.batch(*requests)
        assert answer.status_code == 200, answer.text
        return {one["id"]: one for one in answer.json()["responses"]}

    def ledger(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.truth.cloud("GET", f"/ledger?tenant={NAME}")["entries"]
        return entries

    def trouble(self, kind: str, **order: Any) -> None:
        self.truth.cloud("POST", "/chaos", {"kind": kind, "tenant": NAME, **order})

    def allow(self, *permissions: str) -> Tenant:
        """Sign in anew with these permissions."""
        where = f"/state/tenants/{NAME}/application/permissions"
        self.truth.cloud("PUT", where, list(permissions))
        return Tenant(self.truth, self.cloud, self.cloud.client(NAME))


@pytest.fixture(scope="module")
def signed_in(lab: Description, lab_command: LabCommand) -> Iterator[Tenant]:
    cloud = DescribedCloud(lab)
    with cloud.client(NAME) as http:
        yield Tenant(Truth(lab), cloud, http)
    lab_command("reset", "cloud")


@pytest.fixture
def tenant(signed_in: Tenant) -> Tenant:
    """The tenant as it is at the start, but without any guest."""
    signed_in.truth.cloud("POST", "/reset")
    signed_in.truth.cloud("PUT", f"/state/tenants/{NAME}/users", [])
    return signed_in


def reset_request(number: int, guest: dict[str, Any], **values: Any) -> dict[str, Any]:
    body = {
        "invitedUserEmailAddress": guest["address"],
        "inviteRedirectUrl": REDIRECT,
        "resetRedemption": True,
        "invitedUser": {"id": guest["id"]},
        **values,
    }
    headers = {"Content-Type": "application/json"}
    return {
        "id": str(number),
        "method": "POST",
        "url": "/invitations",
        "headers": headers,
        "body": body,
    }


# The crowd


def test_a_crowd_has_guests_of_all_kinds(tenant: Tenant) -> None:
    tenant.crowd(600, seed=3)
    guests = tenant.guests()
    assert {guest["method"] for guest in guests} == METHODS
    assert len({guest["address"] for guest in guests}) == 600
    assert {guest["language"] for guest in guests} > {"sv", "ja", None}


def test_the_same_order_makes_the_same_guests(tenant: Tenant) -> None:
    tenant.crowd(50, seed=3)
    first = tenant.guests()
    tenant.truth.cloud("PUT", f"/state/tenants/{NAME}/users", [])
    tenant.crowd(50, seed=3)
    assert tenant.guests() == first
    tenant.truth.cloud("PUT", f"/state/tenants/{NAME}/users", [])
    tenant.crowd(50, seed=4)
    assert tenant.guests() != first


def test_methods_and_odd_guests_are_ordered(tenant: Tenant) -> None:
    order = {"role_holders": 1, "plus_addresses": 2, "without_mail": 3}
    tenant.crowd(40, methods={"google": 1, "facebook": 0}, **order)
    guests = tenant.guests()
    assert Counter(guest["method"] for guest in guests) == {"google": 40}
    assert sum(bool(guest["roles"]) for guest in guests) == 1
    assert sum("+" in (guest["address"] or "") for guest in guests) == 2
    assert sum(guest["address"] is None for guest in guests) == 3


def test_realms_are_as_the_guests_need_them(tenant: Tenant) -> None:
    tenant.crowd(300, seed=5)
    kinds = {"entra_managed": "Managed", "entra_viral": "viral", "entra_unresolved": "Unknown"}
    for guest in tenant.guests():
        if guest["method"] in kinds:
            path = f"/common/userrealm/{guest['address']}?api-version=2.1"
            realm = tenant.http.get(path, headers=WRONG["headers"]).json()
            kind = "viral" if realm.get("IsViral") else realm["NameSpaceType"]
            assert kind == kinds[guest["method"]]


def test_orders_that_cannot_be_are_refused(tenant: Tenant) -> None:
    for order in (
        {"count": -1},
        {"count": 1, "methods": {"google": 0}},
        {"count": 1, "methods": {"telepathy": 1}},
        {"guests": [{"address": "nobody", "method": "google"}]},
        {"guests": [{"address": "a@b.test", "method": "unknown"}]},
        {"guests": [{"address": "a@b.test", "method": "google", "role": "King"}]},
        {"guests": [{"address": "a@proseware.test", "method": "entra_viral"}]},
    ):
        with pytest.raises(HTTPError, match="400"):
            tenant.truth.cloud("POST", f"/guests/{NAME}", order)
    with pytest.raises(HTTPError, match="404"):
        tenant.truth.cloud("POST", "/guests/nobody", {"count": 1})
    assert tenant.guests() == []


# Listing


def test_guests_come_in_pages_and_nobody_twice(tenant: Tenant) -> None:
    tenant.crowd(2500)
    params = {"$filter": "userType eq 'Guest'", "$select": SELECT, "$top": "999", "$count": "true"}
    pages = list(tenant.pages("/users", params=params, headers=EVENTUAL))
    assert [len(page["value"]) for page in pages] == [999, 999, 502]
    assert [page.get("@odata.count") for page in pages] == [2500, None, None]
    assert [user["id"] for page in pages for user in page["value"]] == [
        guest["id"] for guest in tenant.guests()
    ]


def test_a_deletion_between_pages_hides_nobody(tenant: Tenant) -> None:
    tenant.crowd(10)
    guests = tenant.guests()
    seen = []
    for page in tenant.pages("/users", params={"$top": "5"}):
        seen += [user["id"] for user in page["value"]]
        if len(seen) == 5:
            assert tenant.ask("DELETE", f"/users/{guests[2]['id']}").status_code == 204
    assert seen == [guest["id"] for guest in guests]


@pytest.mark.parametrize(
    ("method", "issuer"),
    [
        ("one_time_passcode", "mail"),
        ("entra_managed", "ExternalAzureAD"),
        ("entra_viral", "ExternalAzureAD"),
        ("microsoft_account", "MicrosoftAccount"),
        ("google", "google.com"),
        ("facebook", "facebook.com"),
        ("federated", "http://sts.partner.test/adfs/services/trust"),
        ("not_redeemed", INITIAL),
        ("internal", INITIAL),
    ],
)
def test_the_issuer_tells_the_method(tenant: Tenant, method: str, issuer: str) -> None:
    guest = tenant.add("kim@partner.test", method, display_name="Kim")
    user = tenant.get(f"/users/{guest['id']}", params={"$select": SELECT})
    assert user["identities"][0]["issuer"] == issuer
    assert user["identities"][-1]["issuerAssignedId"] == user["userPrincipalName"]
    states = {"internal": None, "not_redeemed": "PendingAcceptance"}
    assert user["externalUserState"] == states.get(method, "Accepted")
    assert (user["externalUserStateChangeDateTime"] is None) == (method == "internal")


def test_words_nobody_knows(tenant: Tenant) -> None:
    one = tenant.add("a@partner.test", "unknown", display_name="A", issuer="wallet.test")
    two = tenant.add("b@partner.test", "unknown", display_name="B", state="Suspended")
    issuer = tenant.get(f"/users/{one['id']}", params={"$select": "identities"})["identities"][0]
    assert issuer["issuer"] == "wallet.test"
    state = tenant.get(f"/users/{two['id']}", params={"$select": "externalUserState"})
    assert state["externalUserState"] == "Suspended"


@pytest.mark.parametrize(
    ("condition", "methods"),
    [
        ("identities/any(c:c/issuer eq 'mail')", {"one_time_passcode"}),
        ("identities/any(i:i/issuer eq 'google.com')", {"google"}),
        ("userType eq 'Guest' and identities/any(c:c/issuer eq 'facebook.com')", {"facebook"}),
        ("externalUserState eq 'PendingAcceptance'", {"not_redeemed"}),
        ("externalUserState in ('PendingAcceptance', 'Other')", {"not_redeemed"}),
        ("externalUserState eq null", {"internal"}),
        (
            "not (externalUserState ne null) or identities/any(c:c/issuer eq 'google.com')",
            {"internal", "google"},
        ),
        ("not (externalUserState eq 'Accepted')", {"not_redeemed", "internal", "unknown"}),
    ],
)
def test_filters(tenant: Tenant, condition: str, methods: set[str]) -> None:
    tenant.crowd(300)
    truth = {guest["id"]: guest for guest in tenant.guests()}
    params = {"$filter": condition, "$top": "999", "$count": "true"}
    found = tenant.get("/users", params=params, headers=EVENTUAL)["value"]
    assert {truth[user["id"]]["method"] for user in found} == methods
    known = methods - {"unknown"}
    assert sum(truth[user["id"]]["method"] in known for user in found) == sum(
        guest["method"] in known for guest in truth.values()
    )


def test_guests_are_found_by_any_address(tenant: Tenant) -> None:
    guest = tenant.add(
        "kim@partner.test", "google", display_name="Kim", other_mails=["Kim@Home.test"]
    )
    for condition in (
        "mail eq 'KIM@partner.test' or otherMails/any(m:m eq 'KIM@partner.test')",
        "mail eq 'kim@home.test' or otherMails/any(m:m eq 'kim@home.test')",
        f"userPrincipalName eq 'kim_partner.test#EXT#@{INITIAL}'",
    ):
        found = tenant.get("/users", params={"$filter": condition})["value"]
        assert [user["id"] for user in found] == [guest["id"]]


@pytest.mark.parametrize(
    "condition",
    [
        "identities/any(c:c/issuer eq 'ExternalAzureAD')",
        "identities/any(c:c/issuer eq 'MicrosoftAccount')",
        "identities/any(c:c/signInType eq 'federated')",
        "externalUserState ne 'Accepted'",
        "not (userType eq 'Guest')",
        "otherMails eq 'a@b.test'",
        "(userType eq 'Guest'",
        " or ".join(f"mail eq '{number}@b.test'" for number in range(16)),
        f"mail in ({', '.join(repr(str(number)) for number in range(16))})",
    ],
)
def test_filters_that_graph_does_not_have(tenant: Tenant, condition: str) -> None:
    assert tenant.ask("GET", "/users", params={"$filter": condition}).status_code == 400


# Invitations


def test_a_new_guest(tenant: Tenant) -> None:
    message = {
        "messageLanguage": "sv-SE",
        "customizedMessageBody": "Välkommen!",
        "ccRecipients": [{"emailAddress": {"name": None, "address": "boss@contoso.test"}}],
    }
    answer = tenant.invite(
        "Kim.Berg@partner.test",
        invitedUserDisplayName="Kim Berg",
        sendInvitationMessage=True,
        invitedUserMessageInfo=message,
    )
    assert answer.status_code == 201
    invitation = answer.json()
    assert invitation["status"] == "PendingAcceptance"
    assert invitation["inviteRedeemUrl"].startswith("https://")
    user = tenant.get(f"/users/{invitation['invitedUser']['id']}", params={"$select": SELECT})
    assert user["userPrincipalName"] == f"Kim.Berg_partner.test#EXT#@{INITIAL}"
    assert (user["mail"], user["displayName"]) == ("Kim.Berg@partner.test", "Kim Berg")
    assert (user["userType"], user["creationType"]) == ("Guest", "Invitation")
    assert user["externalUserState"] == "PendingAcceptance"
    assert len(user["identities"]) == 1
    (entry,) = tenant.ledger()
    assert (entry["kind"], entry["user"], entry["tenant"]) == ("invite", user["id"], NAME)
    assert entry["mail"] == {
        "to": "Kim.Berg@partner.test",
        "cc": ["boss@contoso.test"],
        "language": "sv-SE",
        "body": "Välkommen!",
    }


def test_the_link_to_redeem_is_in_the_answer_alone(tenant: Tenant, lab: Description) -> None:
    link = tenant.invite("kim@partner.test").json()["inviteRedeemUrl"]
    token = link.rpartition("=")[2]
    known = [
        tenant.truth.cloud("GET", path)
        for path in ("/state", "/requests", "/ledger", f"/guests/{NAME}")
    ]
    assert token not in json.dumps(known)


def test_a_known_address_is_invited_again(tenant: Tenant) -> None:
    first = tenant.invite("kim@partner.test").json()
    again = tenant.invite("KIM@partner.test", sendInvitationMessage=True)
    assert again.status_code == 201
    assert again.json()["invitedUser"]["id"] == first["invitedUser"]["id"]
    redeemed = tenant.add("lee@partner.test", "google", display_name="Lee")
    once_more = tenant.invite("lee@partner.test").json()
    assert (once_more["status"], once_more["invitedUser"]["id"]) == ("Completed", redeemed["id"])
    assert [entry["kind"] for entry in tenant.ledger()] == ["invite", "reinvite", "reinvite"]
    assert [bool(entry["mail"]) for entry in tenant.ledger()] == [False, True, False]
    assert len(tenant.guests()) == 2
    assert tenant.guest("lee@partner.test")["state"] == "Accepted"


def test_a_reset_keeps_who_it_is(tenant: Tenant) -> None:
    before = tenant.add("kim@partner.test", "microsoft_account", display_name="Kim")
    answer = tenant.reset(before)
    assert answer.status_code == 201
    assert answer.json()["resetRedemption"] is True
    after = tenant.guest("kim@partner.test")
    assert (after["id"], after["state"], after["method"]) == (
        before["id"],
        "PendingAcceptance",
        "not_redeemed",
    )
    assert after["user_principal_name"] == before["user_principal_name"]
    assert after["accounts"] == ["microsoft_account"]
    assert after["state_changed"] != before["state_changed"]
    identities = tenant.get(f"/users/{before['id']}", params={"$select": "identities"})
    assert [one["issuer"] for one in identities["identities"]] == [INITIAL]


def test_a_reset_is_not_idempotent(tenant: Tenant) -> None:
    guest = tenant.add("kim@partner.test", "microsoft_account", display_name="Kim")
    moments = set()
    for _time in range(3):
        assert tenant.reset(guest, sendInvitationMessage=True).status_code == 201
        moments.add(tenant.guest("kim@partner.test")["state_changed"])
    assert len(moments) == 3
    assert [bool(entry["mail"]) for entry in tenant.ledger()] == [True] * 3


def test_another_of_the_addresses_will_do(tenant: Tenant) -> None:
    guest = tenant.add(
        "kim@partner.test", "google", display_name="Kim", other_mails=["kim@home.test"]
    )
    assert tenant.reset(guest, address="kim@home.test").status_code == 201
    wrong = tenant.reset(guest, address="kim@elsewhere.test")
    assert wrong.status_code == 400


@pytest.mark.parametrize("character", "~!#$%^&*()+=[]{}\\/|;:\"'<>?, ")
def test_characters_that_are_refused(tenant: Tenant, character: str) -> None:
    assert tenant.invite(f"kim{character}x@partner.test").status_code == 400


@pytest.mark.parametrize("address", ["-kim@partner.test", "kim.@partner.test", "kim", "kim@", ""])
def test_addresses_that_are_none(tenant: Tenant, address: str) -> None:
    assert tenant.invite(address).status_code == 400


@pytest.mark.parametrize(
    "address", ["_kim_@partner.test", "k-i.m@partner.test", "1@a.partner.test"]
)
def test_addresses_that_are_good(tenant: Tenant, address: str) -> None:
    assert tenant.invite(address).status_code == 201


def test_who_cannot_be_reset(tenant: Tenant) -> None:
    administrator = tenant.add(
        "kim@partner.test", "google", display_name="Kim", role="User Administrator"
    )
    internal = tenant.add("lee@partner.test", "internal", display_name="Lee")
    nobody = {**internal, "id": "00000000-0000-4000-8000-000000000000"}
    assert tenant.reset(administrator).status_code == 403
    assert tenant.reset(internal).status_code == 400
    assert tenant.reset(nobody).status_code == 404
    without_id = {"resetRedemption": True, "invitedUser": None}
    assert tenant.invite("kim@partner.test", wrong=WRONG, **without_id).status_code == 400
    assert tenant.ledger() == []


@pytest.mark.parametrize(
    "values",
    [
        {"inviteRedirectUrl": "myapps"},
        {"inviteRedirectUrl": None},
        {"invitedUserType": "King"},
        {"sendInvitationMessage": "yes"},
        {"colour": "red"},
        {"invitedUserMessageInfo": {"ccRecipients": [{"emailAddress": {"address": "a@b.c"}}] * 2}},
    ],
)
def test_invitations_not_understood_are_refused(tenant: Tenant, values: dict[str, Any]) -> None:
    assert tenant.invite("kim@partner.test", wrong=WRONG, **values).status_code == 400
    assert tenant.guests() == []


def test_people_of_the_tenant_are_no_guests(tenant: Tenant) -> None:
    assert tenant.invite(f"kim@{INITIAL}").status_code == 400


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("everyone", 201),
        ("adminsGuestInvitersAndAllMembers", 201),
        ("adminsAndGuestInviters", 403),
        ("none", 403),
    ],
)
def test_the_authorization_policy_says_who_invites(tenant: Tenant, who: str, status: int) -> None:
    where = f"/state/tenants/{NAME}/policies/allow_invites_from"
    tenant.truth.cloud("PUT", where, who)
    assert tenant.invite("kim@partner.test").status_code == status


# Deletion and roles


def test_a_deleted_user_comes_back(tenant: Tenant) -> None:
    guest = tenant.add("kim@partner.test", "google", display_name="Kim")
    assert tenant.ask("DELETE", f"/users/{guest['id']}").status_code == 204
    assert tenant.ask("GET", f"/users/{guest['id']}").status_code == 404
    assert tenant.guests() == []
    path = "/directory/deletedItems/microsoft.graph.user"
    (deleted,) = tenant.get(path, params={"$select": "id,mail,deletedDateTime"})["value"]
    assert (deleted["id"], deleted["mail"]) == (guest["id"], "kim@partner.test")
    assert deleted["deletedDateTime"] is not None
    (same,) = tenant.get("/directory/deletedItems/graph.user", **WRONG)["value"]
    assert same["id"] == guest["id"]
    restored = tenant.ask("POST", f"/directory/deletedItems/{guest['id']}/restore", **WRONG)
    assert restored.status_code == 200
    assert tenant.guests() == [guest]
    assert tenant.get(path)["value"] == []


def test_somebody_else_has_the_address_by_now(tenant: Tenant) -> None:
    guest = tenant.add("kim@partner.test", "google", display_name="Kim")
    tenant.ask("DELETE", f"/users/{guest['id']}")
    assert tenant.invite("kim@partner.test").status_code == 201
    path = f"/directory/deletedItems/{guest['id']}"
    assert tenant.ask("POST", f"{path}/restore", **WRONG).status_code == 400
    assert tenant.ask("DELETE", path).status_code == 204
    assert tenant.ask("GET", path).status_code == 404


def test_roles_have_members(tenant: Tenant) -> None:
    guest = tenant.add("kim@partner.test", "google", display_name="Kim", role="User Administrator")
    roles = {role["displayName"]: role["id"] for role in tenant.get("/directoryRoles")["value"]}
    assert {"Global Administrator", "User Administrator"} <= set(roles)
    members = {
        name: [user["id"] for user in tenant.get(f"/directoryRoles/{role}/members")["value"]]
        for name, role in roles.items()
    }
    assert members["User Administrator"] == [guest["id"]]
    assert members["Helpdesk Administrator"] == []
    assert tenant.ask("DELETE", f"/users/{guest['id']}").status_code == 403


def test_who_may_not_read_users_learns_only_ids(tenant: Tenant) -> None:
    guest = tenant.add("kim@partner.test", "google", display_name="Kim", role="User Administrator")
    reader = tenant.allow("RoleManagement.Read.Directory")
    with reader.http:
        members = [
            member
            for role in reader.get("/directoryRoles")["value"]
            for member in reader.get(f"/directoryRoles/{role['id']}/members")["value"]
        ]
    assert [(one["id"], one["displayName"], one["mail"]) for one in members] == [
        (guest["id"], None, None)
    ]


def test_each_permission_opens_what_it_is_for(tenant: Tenant) -> None:
    tenant.add("kim@partner.test", "google", display_name="Kim")
    asked = {
        "list": ("GET", "/users"),
        "invite": ("POST", "/invitations"),
        "delete": ("DELETE", "/users/nobody"),
        "roles": ("GET", "/directoryRoles"),
    }
    allowed = {}
    for permission in ("User.Read.All", "User.Invite.All", "User.DeleteRestore.All"):
        mine = tenant.allow(permission)
        with mine.http:
            allowed[permission] = {
                name
                for name, (method, path) in asked.items()
                if mine.ask(method, path, {} if method == "POST" else None, **WRONG).status_code
                != 403
            }
    assert allowed == {
        "User.Read.All": {"list"},
        "User.Invite.All": {"invite"},
        "User.DeleteRestore.All": {"delete"},
    }


# Batches


def test_twenty_in_one(tenant: Tenant) -> None:
    tenant.crowd(20, methods={"google": 1})
    guests = tenant.guests()
    requests = [reset_request(number, guest) for number, guest in enumerate(guests)]
    answer = tenant.batch(*requests)
    responses = answer.json()["responses"]
    assert [one["id"] for one in responses] != [request["id"] for request in requests]
    assert {one["id"]: one["status"] for one in responses} == dict.fromkeys(
        map(str, range(20)), 201
    )
    assert {one["id"]: one["body"]["invitedUser"]["id"] for one in responses} == {
        str(number): guest["id"] for number, guest in enumerate(guests)
    }
    assert Counter(entry["user"] for entry in tenant.ledger()) == Counter(
        guest["id"] for guest in guests
    )


def test_members_succeed_and_fail_by_themselves(tenant: Tenant) -> None:
    guest = tenant.add("kim@partner.test", "google", display_name="Kim")
    answers = tenant.answers(
        {"id": "good", "method": "GET", "url": f"/users/{guest['id']}?$select=mail"},
        {"id": "missing", "method": "GET", "url": "/users/nobody"},
        {"id": "denied", "method": "GET", "url": "/noSuchThing"},
        {"id": "empty", "method": "DELETE", "url": f"/users/{guest['id']}"},
        {**reset_request(1, guest), "id": "wrong", "body": {}},
    )
    assert answers["missing"]["status"] == 404
    assert answers["missing"]["body"]["error"]["code"] == "Request_ResourceNotFound"
    assert answers["denied"]["status"] == 400
    assert (answers["empty"]["status"], "body" in answers["empty"]) == (204, False)
    assert answers["wrong"]["status"] == 400
    assert answers["good"]["status"] in (200, 404)  # the deletion may have come first


def test_each_member_needs_its_permission(tenant: Tenant) -> None:
    guest = tenant.add("kim@partner.test", "google", display_name="Kim")
    reader = tenant.allow("User.Read.All")
    with reader.http:
        answers = reader.answers(
            {"id": "read", "method": "GET", "url": f"/users/{guest['id']}"},
            reset_request(1, guest),
        )
    assert {name: one["status"] for name, one in answers.items()} == {"read": 200, "1": 403}


def test_dependent_members_come_one_after_another(tenant: Tenant) -> None:
    guest = tenant.add("kim@partner.test", "google", display_name="Kim")
    read = {"id": "3", "method": "GET", "url": f"/users/{guest['id']}?$select=externalUserState"}
    answers = tenant.answers(
        {**read, "dependsOn": ["2"]},
        reset_request(2, guest) | {"dependsOn": ["1"]},
        {"id": "1", "method": "GET", "url": "/organization"},
    )
    assert answers["3"]["body"]["externalUserState"] == "PendingAcceptance"
    answers = tenant.answers(
        {"id": "1", "method": "GET", "url": "/users/nobody"},
        reset_request(2, guest) | {"dependsOn": ["1"]},
        {**read, "dependsOn": ["2"]},
    )
    assert {name: one["status"] for name, one in answers.items()} == {"1": 404, "2": 424, "3": 424}


READ = {"method": "GET", "url": "/organization"}


@pytest.mark.parametrize(
    "requests",
    [
        [],
        [{**READ, "id": str(number)} for number in range(21)],
        [{**READ, "id": "1"}, {**READ, "id": "1"}],
        [{**READ}],
        [{**READ, "id": 1}],
        [{"id": "1", "method": "GET", "url": "https://localhost/v1.0/users"}],
        [{"id": "1", "method": "POST", "url": "/invitations", "body": {}}],
        [{**READ, "id": "1", "depends_on": ["2"]}, {**READ, "id": "2"}],
        [{**READ, "id": "1", "dependsOn": ["2"]}],
        [{**READ, "id": "1", "dependsOn": ["2"]}, {**READ, "id": "2", "dependsOn": ["1"]}],
        [
            {**READ, "id": "1"},
            {**READ, "id": "2"},
            {**READ, "id": "3"},
            {**READ, "id": "4", "dependsOn": ["1"]},
        ],
    ],
)
def test_wrong_batches_are_refused_whole(tenant: Tenant, requests: list[Any]) -> None:
    answer = tenant.ask("POST", "/$batch", {"requests": requests}, **WRONG)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "BadRequest"


def test_the_log_has_the_members(tenant: Tenant) -> None:
    guest = tenant.add("kim@partner.test", "google", display_name="Kim")
    tenant.truth.cloud("DELETE", "/requests")
    tenant.answers(reset_request(7, guest), {**READ, "id": "8", "url": "/organization?$select=id"})
    log = tenant.truth.cloud("GET", "/requests")["requests"]
    assert [(one["path"], one["member"], one["status"]) for one in log[:1]] == [
        ("/v1.0/$batch", None, 200)
    ]
    members = {one["member"]: (one["method"], one["path"], one["status"]) for one in log[1:]}
    assert members == {
        "7": ("POST", "/v1.0/invitations", 201),
        "8": ("GET", "/v1.0/organization", 200),
    }


# Faults


def test_single_members_are_throttled(tenant: Tenant) -> None:
    tenant.crowd(10, methods={"google": 1})
    guests = tenant.guests()
    tenant.trouble("throttle", member=True, retry_after=7, count=3)
    answers = tenant.answers(*(reset_request(n, guest) for n, guest in enumerate(guests)))
    hit = [one for one in answers.values() if one["status"] == 429]
    assert [one["headers"]["Retry-After"] for one in hit] == ["7"] * 3
    assert len(tenant.ledger()) == 7
    throttled = {guests[int(one["id"])]["id"] for one in hit}
    assert throttled.isdisjoint(entry["user"] for entry in tenant.ledger())


def test_a_quota_counts_members_and_others_alike(tenant: Tenant) -> None:
    tenant.crowd(30, methods={"google": 1})
    guests = tenant.guests()
    tenant.trouble("throttle", path="*/invitations", per_second=12, window=300)
    statuses = [tenant.reset(guest).status_code for guest in guests[:5]]
    for first in (5, 15, 25):
        chosen = guests[first : first + 10]
        answers = tenant.answers(*(reset_request(n, one) for n, one in enumerate(chosen)))
        statuses += [one["status"] for one in answers.values()]
    assert Counter(statuses) == {201: 12, 429: 18}


def test_a_quota_is_for_a_window(tenant: Tenant) -> None:
    tenant.crowd(3, methods={"google": 1})
    guests = tenant.guests()
    tenant.trouble("throttle", path="*/invitations", per_second=1, window=0.5)
    assert tenant.reset(guests[0]).status_code == 201
    assert tenant.reset(guests[1]).status_code == 429
    time.sleep(0.6)
    assert tenant.reset(guests[2]).status_code == 201


def test_one_in_so_many(tenant: Tenant) -> None:
    tenant.trouble("failure", every=4, path="*/users")
    statuses = [tenant.ask("GET", "/users").status_code for _number in range(8)]
    assert statuses == [200, 200, 200, 503, 200, 200, 200, 503]


def test_requests_that_may_write_are_told_from_questions(tenant: Tenant) -> None:
    guest = tenant.add("kim@partner.test", "google", display_name="Kim")
    question = {"id": "q", "method": "GET", "url": f"/users/{guest['id']}"}
    tenant.trouble("failure", path="*/$batch", writing=True)
    assert tenant.batch(question).status_code == 200
    assert tenant.batch(question, reset_request(1, guest)).status_code == 503
    assert tenant.ledger() == []
    tenant.trouble("conflict", member=True, writing=False)
    tenant.trouble("throttle", path="*/users/*", writing=True)
    assert tenant.answers(question)["q"]["status"] == 409
    assert tenant.ask("GET", f"/users/{guest['id']}").status_code == 200
    assert tenant.ask("PATCH", f"/users/{guest['id']}", {}).status_code == 429


@pytest.mark.parametrize("empty", [False, True])
def test_a_member_may_be_done_although_it_failed(tenant: Tenant, *, empty: bool) -> None:
    guest = tenant.add("kim@partner.test", "google", display_name="Kim")
    tenant.trouble("failure", member=True, when="after", status=504, empty_body=empty)
    answer = tenant.answers(reset_request(1, guest))["1"]
    assert (answer["status"], "body" in answer) == (504, not empty)
    assert len(tenant.ledger()) == 1


def test_whole_batches_fail_without_their_members(tenant: Tenant) -> None:
    guest = tenant.add("kim@partner.test", "google", display_name="Kim")
    tenant.trouble("failure", path="*/$batch", count=1)
    tenant.trouble("drop", path="*/$batch", when="after", count=1, skip=0)
    assert tenant.batch(reset_request(1, guest)).status_code == 503
    assert tenant.ledger() == []
    with pytest.raises(httpx.RemoteProtocolError):
        tenant.batch(reset_request(1, guest))
    assert len(tenant.ledger()) == 1


def test_readers_may_see_each_guest_late(tenant: Tenant) -> None:
    kim = tenant.add("kim@partner.test", "google", display_name="Kim")
    lee = tenant.add("lee@partner.test", "google", display_name="Lee")
    tenant.trouble("lag", seconds=300, count=3)
    tenant.reset(kim)
    new = tenant.invite("new@partner.test").json()["invitedUser"]["id"]
    tenant.ask("DELETE", f"/users/{lee['id']}")
    params = {"$select": "id,externalUserState"}
    listed = {
        user["id"]: user["externalUserState"]
        for user in tenant.get("/users", params=params)["value"]
    }
    assert listed == {kim["id"]: "Accepted", lee["id"]: "Accepted"}
    for guest in (kim, lee):
        assert tenant.get(f"/users/{guest['id']}", params=params)["externalUserState"] == "Accepted"
    assert tenant.ask("GET", f"/users/{new}").status_code == 404
    # The truth decides about writes.
    assert [guest["address"] for guest in tenant.guests()] == [
        "kim@partner.test",
        "new@partner.test",
    ]
    again = tenant.invite("new@partner.test").json()
    assert again["invitedUser"]["id"] == new


def test_the_cloud_remembers_its_guests(tenant: Tenant, lab_command: LabCommand) -> None:
    tenant.crowd(3000)
    guest = tenant.guests()[10]
    tenant.ask("DELETE", f"/users/{guest['id']}")
    before = tenant.guests()
    lab_command("down")
    lab_command("up")
    assert tenant.guests() == before
