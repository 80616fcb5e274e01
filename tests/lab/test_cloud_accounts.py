# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated cloud's members, asked raw: created, renamed, licensed, deleted, given roles."""

from __future__ import annotations

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

# A tenant of the demo, whose few people are out of the way of those added here.
NAME = "contoso"
INITIAL = f"{NAME}.onmicrosoft.com"
OWN = "contoso-own.test"
EVENTUAL = {"ConsistencyLevel": "eventual"}
PASSWORD = "Correct-Horse-7"
ENTERPRISEPACK = "6fd2c87f-b296-42f0-b197-1e91e994b900"
EMS = "efccb6f7-5641-4e0e-bd10-b4976e1bf68e"
SWAY = "a23b959c-7ce8-4e57-9140-b90eb88a9e97"
YAMMER = "7547a3fe-08ee-4ccb-b430-5077c5041653"
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
USER_ADMINISTRATOR = "fe930be7-5e62-47db-91af-98c3a49a38b1"
LICENSE_ADMINISTRATOR = "4d6ac14f-3453-41d0-bef9-a3e0c569773a"
PERMISSIONS = (
    "Domain.ReadWrite.All",
    "GroupMember.ReadWrite.All",
    "LicenseAssignment.ReadWrite.All",
    "RoleManagement.ReadWrite.Directory",
    "User.DeleteRestore.All",
    "User.ReadWrite.All",
)
SELECT = (
    "id,accountEnabled,assignedLicenses,businessPhones,city,companyName,country,createdDateTime,"
    "department,displayName,employeeId,faxNumber,givenName,identities,jobTitle,"
    "licenseAssignmentStates,mail,mailNickname,mobilePhone,officeLocation,"
    "onPremisesDistinguishedName,onPremisesDomainName,onPremisesImmutableId,"
    "onPremisesLastSyncDateTime,onPremisesProvisioningErrors,onPremisesSamAccountName,"
    "onPremisesSecurityIdentifier,onPremisesSyncEnabled,onPremisesUserPrincipalName,otherMails,"
    "passwordProfile,postalCode,preferredLanguage,proxyAddresses,state,streetAddress,surname,"
    "usageLocation,userPrincipalName,userType"
)
DELETED = "/directory/deletedItems/microsoft.graph.user"
ASSIGNMENTS = "/roleManagement/directory/roleAssignments"
DEFINITIONS = "/roleManagement/directory/roleDefinitions"


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

    def refused(self, method: str, path: str, body: Any = None, status: int = 400) -> str:
        """Ask for what the cloud has to refuse, and for which nothing may happen."""
        before = self.accounts()
        answer = self.ask(method, path, body)
        assert answer.status_code == status, answer.text
        assert self.accounts() == before
        return str(answer.json()["error"]["message"])

    def accounts(self) -> dict[str, Any]:
        """The truth."""
        found: dict[str, Any] = self.truth.cloud("GET", f"/accounts/{NAME}")
        return found

    def user(self, name: str) -> dict[str, Any]:
        """The truth about one."""
        (found,) = self.truth.cloud("GET", f"/accounts/{NAME}?user={name}")["users"]
        return dict(found)

    def order(self, **order: Any) -> int:
        made: int = self.truth.cloud("POST", f"/accounts/{NAME}", order)["users"]
        return made

    def add(self, local: str, **details: Any) -> str:
        """Add a user of the initial domain behind the API; return the id."""
        name = f"{local}@{INITIAL}"
        self.order(accounts=[{"user_principal_name": name, **details}])
        return str(self.user(name)["id"])

    def buy(self, **seats: int) -> None:
        self.order(skus=[{"part_number": sku, "enabled": count} for sku, count in seats.items()])

    def license(self, user: str, add: Any = (), remove: Any = ()) -> httpx.Response:
        body = {
            "addLicenses": [{"skuId": sku, "disabledPlans": plans} for sku, plans in add],
            "removeLicenses": list(remove),
        }
        return self.ask("POST", f"/users/{user}/assignLicense", body)

    def taken(self, sku: str) -> int:
        count: int = self.accounts()["seats"][sku]["taken"]
        return count

    def events(self, *kinds: str) -> list[dict[str, Any]]:
        events = self.truth.cloud("GET", f"/ledger?tenant={NAME}")["accounts"]
        return [event for event in events if not kinds or event["kind"] in kinds]

    def trouble(self, kind: str, **order: Any) -> None:
        self.truth.cloud("POST", "/chaos", {"kind": kind, "tenant": NAME, **order})

    def put(self, path: str, value: Any) -> None:
        self.truth.cloud("PUT", f"/state/tenants/{NAME}/{path}", value)

    def allow(self, *permissions: str) -> Tenant:
        """Sign in anew with these permissions."""
        self.put("application/permissions", list(permissions))
        return Tenant(self.truth, self.cloud, self.cloud.client(NAME))


@pytest.fixture(scope="module")
def behind(lab: Description, lab_command: LabCommand) -> Iterator[Truth]:
    yield Truth(lab)
    lab_command("reset", "cloud")


@pytest.fixture
def tenant(lab: Description, behind: Truth) -> Iterator[Tenant]:
    """The tenant without anybody, and with a domain of its own."""
    behind.cloud("POST", "/reset")
    behind.cloud("PUT", f"/state/tenants/{NAME}/users", [])
    behind.cloud("PUT", f"/state/tenants/{NAME}/application/permissions", list(PERMISSIONS))
    state = behind.cloud("GET", "/state")["tenants"][NAME]
    own = {"name": OWN, "is_default": False, "is_initial": False, "is_verified": True}
    other = {**own, "name": "unproven.test", "is_verified": False}
    behind.cloud("PUT", f"/state/tenants/{NAME}/domains", [*state["domains"], own, other])
    cloud = DescribedCloud(lab)
    with cloud.client(NAME) as http:
        yield Tenant(behind, cloud, http)


def person(local: str, **values: Any) -> dict[str, Any]:
    """Return the body that creates somebody."""
    return {
        "accountEnabled": True,
        "displayName": local.title(),
        "mailNickname": local,
        "userPrincipalName": f"{local}@{INITIAL}",
        "passwordProfile": {"password": PASSWORD, "forceChangePasswordNextSignIn": True},
        **values,
    }


# Creating and reading


def test_a_user_is_created_and_read_back(tenant: Tenant) -> None:
    body = person(
        "anna", usageLocation="SE", department="IT", businessPhones=["+46 8 1"], givenName="Anna"
    )
    answer = tenant.ask("POST", "/users", body)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert PASSWORD not in answer.text
    user = tenant.get(f"/users/{made['id']}", params={"$select": SELECT})
    assert user["userPrincipalName"] == f"anna@{INITIAL}"
    assert (user["usageLocation"], user["department"]) == ("SE", "IT")
    assert (user["givenName"], user["surname"], user["mail"]) == ("Anna", None, None)
    assert user["businessPhones"] == ["+46 8 1"]
    assert user["identities"][0]["issuerAssignedId"] == user["userPrincipalName"]
    assert user["passwordProfile"] is None
    assert user["onPremisesSyncEnabled"] is None
    truth = tenant.user(made["id"])
    assert (truth["password"], truth["must_change_password"]) == (PASSWORD, True)
    (event,) = tenant.events()
    assert (event["kind"], event["user"]) == ("created", made["id"])


def test_mail_is_the_first_address(tenant: Tenant) -> None:
    made = tenant.ask("POST", "/users", person("anna", mail=f"anna@{OWN}")).json()
    select = {"$select": "mail,proxyAddresses"}
    assert tenant.get(f"/users/{made['id']}", params=select)["proxyAddresses"] == [
        f"SMTP:anna@{OWN}"
    ]
    body = {"mail": f"anna.berg@{OWN}"}
    assert tenant.ask("PATCH", f"/users/{made['id']}", body).status_code == 204
    user = tenant.get(f"/users/{made['id']}", params=select)
    assert user["mail"] == f"anna.berg@{OWN}"
    assert user["proxyAddresses"] == [f"SMTP:anna.berg@{OWN}", f"smtp:anna@{OWN}"]


@pytest.mark.parametrize("missing", sorted(person("anna")))
def test_nothing_required_may_be_missing(tenant: Tenant, missing: str) -> None:
    body = {name: value for name, value in person("anna").items() if name != missing}
    assert missing in tenant.refused("POST", "/users", body)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("userPrincipalName", f"ann å@{INITIAL}"),
        ("userPrincipalName", f".anna@{INITIAL}"),
        ("userPrincipalName", f"anna.@{INITIAL}"),
        ("userPrincipalName", f"{'a' * 65}@{INITIAL}"),
        ("userPrincipalName", "anna@unproven.test"),
        ("userPrincipalName", "anna@elsewhere.test"),
        ("userPrincipalName", "anna"),
        ("mailNickname", "anna berg"),
        ("mailNickname", ""),
        ("displayName", ""),
        ("usageLocation", "Sweden"),
        ("usageLocation", None),
        ("mail", "anna"),
        ("department", "x" * 65),
        ("department", ""),
        ("businessPhones", ["1", "2"]),
        ("passwordProfile", {"password": "simple"}),
        ("passwordProfile", {"password": "onlylowercase"}),
        ("passwordProfile", {}),
        ("accountEnabled", "yes"),
        ("proxyAddresses", [f"SMTP:anna@{OWN}"]),
        ("shoeSize", 43),
    ],
)
def test_values_that_cannot_be_are_refused(tenant: Tenant, name: str, value: Any) -> None:
    wrong = {**person("anna"), name: value}
    tenant = Tenant(tenant.truth, tenant.cloud, _unjudged(tenant.http))
    tenant.refused("POST", "/users", wrong)


def _unjudged(http: httpx.Client) -> httpx.Client:
    """Return the client, whose requests are wrong on purpose from now on."""
    http.headers.update(WRONG["headers"])
    return http


def test_names_and_addresses_are_of_one_person(tenant: Tenant) -> None:
    tenant.add("anna", mail=f"anna@{OWN}", proxy_addresses=[f"SMTP:anna@{OWN}", f"smtp:ab@{OWN}"])
    other = tenant.add("bert")
    tenant.refused("POST", "/users", person("ANNA"))
    tenant.refused("POST", "/users", person("x", userPrincipalName=f"AB@{OWN}"))
    tenant.refused("POST", "/users", person("x", mail=f"ab@{OWN}"))
    for body in (
        {"userPrincipalName": f"anna@{INITIAL}"},
        {"userPrincipalName": f"ab@{OWN}"},
        {"mail": f"Anna@{OWN}"},
    ):
        tenant.refused("PATCH", f"/users/{other}", body)


def test_whoever_is_not_yet_replicated_is_missing(tenant: Tenant) -> None:
    tenant.buy(EMS=1)
    tenant.trouble("lag", method="POST", path="/v1.0/users", seconds=30, count=1)
    made = tenant.ask("POST", "/users", person("anna", usageLocation="SE")).json()["id"]
    assert tenant.ask("GET", f"/users/{made}").status_code == 404
    assert tenant.ask("PATCH", f"/users/{made}", {"department": "IT"}).status_code == 404
    assert tenant.license(made, [(EMS, [])]).status_code == 404
    body = {"principalId": made, "roleDefinitionId": USER_ADMINISTRATOR, "directoryScopeId": "/"}
    assert tenant.ask("POST", ASSIGNMENTS, body).status_code == 404
    # The name is taken all the same.
    tenant.refused("POST", "/users", person("anna"))


# Changing


def test_a_user_is_renamed(tenant: Tenant) -> None:
    anna = tenant.add("anna")
    body = {"userPrincipalName": f"Anna.Berg@{OWN}", "department": "IT", "accountEnabled": False}
    assert tenant.ask("PATCH", f"/users/anna@{INITIAL}", body).status_code == 204
    user = tenant.get(f"/users/anna.berg@{OWN}", params={"$select": SELECT})
    assert (user["id"], user["userPrincipalName"]) == (anna, f"Anna.Berg@{OWN}")
    assert user["identities"][0]["issuer"] == OWN
    assert (user["department"], user["accountEnabled"]) == ("IT", False)
    assert tenant.ask("GET", f"/users/anna@{INITIAL}").status_code == 404
    (event,) = tenant.events("renamed")
    assert (event["before"], event["after"]) == (f"anna@{INITIAL}", f"Anna.Berg@{OWN}")


def test_a_new_name_shows_later(tenant: Tenant) -> None:
    anna = tenant.add("anna")
    tenant.trouble("lag", method="PATCH", seconds=30, count=1)
    body = {"userPrincipalName": f"berg@{INITIAL}"}
    assert tenant.ask("PATCH", f"/users/{anna}", body).status_code == 204
    for local, found in (("anna", [anna]), ("berg", [])):
        params = {"$filter": f"userPrincipalName eq '{local}@{INITIAL}'"}
        assert [user["id"] for user in tenant.get("/users", params=params)["value"]] == found
    params = {"$filter": f"id in ('{anna}', 'x') and accountEnabled eq true"}
    (user,) = tenant.get("/users", params=params)["value"]
    assert user["userPrincipalName"] == f"anna@{INITIAL}"
    assert tenant.user(anna)["user_principal_name"] == f"berg@{INITIAL}"


def test_null_clears_a_text_and_a_given_name_stays(tenant: Tenant) -> None:
    anna = tenant.add("anna.berg", details={})
    body = {"surname": None, "displayName": "Somebody Else"}
    assert tenant.ask("PATCH", f"/users/{anna}", body).status_code == 204
    user = tenant.get(f"/users/{anna}")
    assert (user["givenName"], user["surname"]) == ("Anna", None)


def test_a_chain_goes_from_its_end(tenant: Tenant) -> None:
    anna, bert = tenant.add("a"), tenant.add("b")
    tenant.refused("PATCH", f"/users/{anna}", {"userPrincipalName": f"b@{INITIAL}"})
    for user, local in ((bert, "c"), (anna, "b")):
        body = {"userPrincipalName": f"{local}@{INITIAL}"}
        assert tenant.ask("PATCH", f"/users/{user}", body).status_code == 204


def test_the_directory_is_the_master_of_synced_users(tenant: Tenant) -> None:
    tenant.buy(EMS=1)
    origin = {"immutable_id": "AAECAwQFBgcICQoLDA0ODw==", "user_principal_name": "anna@corp.local"}
    anna = tenant.add("anna", on_premises=origin)
    user = tenant.get(f"/users/{anna}", params={"$select": SELECT})
    assert user["onPremisesSyncEnabled"] is True
    assert user["onPremisesImmutableId"] == origin["immutable_id"]
    assert user["onPremisesUserPrincipalName"] == "anna@corp.local"
    for body in ({"displayName": "Anna"}, {"userPrincipalName": f"anna@{OWN}"}, {"surname": "B"}):
        assert "mastered" in tenant.refused("PATCH", f"/users/{anna}", body)
    tenant.refused("DELETE", f"/users/{anna}")
    assert tenant.ask("PATCH", f"/users/{anna}", {"usageLocation": "SE"}).status_code == 204
    assert tenant.license(anna, [(EMS, [])]).status_code == 200
    former = tenant.add("bert", on_premises={"is_synced": False})
    assert tenant.ask("PATCH", f"/users/{former}", {"displayName": "B"}).status_code == 204
    select = {"$select": "onPremisesSyncEnabled"}
    assert tenant.get(f"/users/{former}", params=select)["onPremisesSyncEnabled"] is False


def test_administrators_are_touched_by_administrators_only(tenant: Tenant) -> None:
    anna = tenant.add("anna", roles=["License Administrator"])
    rename = {"userPrincipalName": f"anna@{OWN}"}
    tenant.refused("PATCH", f"/users/{anna}", rename, 403)
    tenant.refused("PATCH", f"/users/{anna}", {"accountEnabled": False}, 403)
    tenant.refused("DELETE", f"/users/{anna}", status=403)
    assert tenant.ask("PATCH", f"/users/{anna}", {"department": "IT"}).status_code == 204
    application = tenant.truth.cloud("GET", "/state")["tenants"][NAME]["application"]["object_id"]
    body = {"principalId": application, "directoryScopeId": "/"}
    made = tenant.ask("POST", ASSIGNMENTS, {**body, "roleDefinitionId": USER_ADMINISTRATOR})
    assert made.status_code == 201, made.text
    tenant.refused("PATCH", f"/users/{anna}", rename, 403)
    made = tenant.ask("POST", ASSIGNMENTS, {**body, "roleDefinitionId": GLOBAL_ADMINISTRATOR})
    assert tenant.ask("PATCH", f"/users/{anna}", rename).status_code == 204
    # Nobody takes that role from itself.
    tenant.refused("DELETE", f"{ASSIGNMENTS}/{made.json()['id']}")
    roles = {one["displayName"]: one["id"] for one in tenant.get("/directoryRoles")["value"]}
    path = f"/directoryRoles/{roles['Global Administrator']}/members"
    assert [one["id"] for one in tenant.get(path)["value"]] == [application]


# Selecting


def test_filters_choose_users(tenant: Tenant) -> None:
    tenant.buy(EMS=5, ENTERPRISEPACK=5)
    tenant.add("anna", details={"department": "IT"}, usage_location="SE", licenses=[{"sku": "EMS"}])
    tenant.add("bert", details={"department": "Sales"}, on_premises={"is_synced": False})
    tenant.add("cleo", on_premises={"immutable_id": "x"}, proxy_addresses=[f"smtp:c@{OWN}"])
    simple = {
        "department eq 'it'": ["anna"],
        "department in ('Sales', 'Logistics')": ["bert"],
        f"assignedLicenses/any(x:x/skuId eq {EMS})": ["anna"],
        f"assignedLicenses/any(x:x/skuId eq {ENTERPRISEPACK})": [],
        "onPremisesSyncEnabled eq true": ["cleo"],
        "onPremisesImmutableId eq 'x'": ["cleo"],
        f"proxyAddresses/any(p:p eq 'SMTP:C@{OWN}')": ["cleo"],
        f"proxyAddresses/any(p:startswith(p,'smtp:c@{OWN}'))": ["cleo"],
        "usageLocation eq 'SE' and accountEnabled eq true": ["anna"],
        "startswith(userPrincipalName,'be') or startswith(displayName,'an')": ["anna", "bert"],
    }
    advanced = {
        f"endswith(userPrincipalName,'@{INITIAL}')": ["anna", "bert", "cleo"],
        "onPremisesSyncEnabled ne true": ["anna", "bert"],
        "assignedLicenses/$count eq 0": ["bert", "cleo"],
        "assignedLicenses/$count ne 0": ["anna"],
        "not(department eq 'IT')": ["bert", "cleo"],
    }
    for text, names in {**simple, **advanced}.items():
        params = {"$filter": text, "$count": "true", "$select": "userPrincipalName"}
        found = tenant.get("/users", params=params, headers=EVENTUAL)
        assert [_local(user) for user in found["value"]] == names, text
        assert found["@odata.count"] == len(names)
        answer = tenant.ask("GET", "/users", params={"$filter": text})
        assert answer.status_code == (200 if text in simple else 400), text


def _local(user: dict[str, Any]) -> str:
    return str(user["userPrincipalName"].partition("@")[0])


@pytest.mark.parametrize(
    "text", ["shoeSize eq 43", "assignedLicenses/any(x:x/skuId eq nothing)", "department eq"]
)
def test_filters_that_nobody_knows_are_refused(tenant: Tenant, text: str) -> None:
    assert tenant.ask("GET", "/users", params={"$filter": text}).status_code == 400


# Licences


def test_a_licence_is_assigned_replaced_and_removed(tenant: Tenant) -> None:
    tenant.buy(ENTERPRISEPACK=2)
    anna = tenant.add("anna", usage_location="SE")
    assert tenant.license(anna, [(ENTERPRISEPACK, [YAMMER, SWAY])]).status_code == 200
    user = tenant.get(f"/users/{anna}", params={"$select": SELECT})
    plans = sorted([YAMMER, SWAY])
    assert user["assignedLicenses"] == [{"skuId": ENTERPRISEPACK, "disabledPlans": plans}]
    (state,) = user["licenseAssignmentStates"]
    assert (state["disabledPlans"], state["assignedByGroup"]) == (plans, None)
    assert (state["state"], state["error"]) == ("Active", "None")
    (sku,) = tenant.get("/subscribedSkus")["value"]
    assert (sku["consumedUnits"], sku["prepaidUnits"]["enabled"]) == (1, 2)
    (detail,) = tenant.get(f"/users/{anna}/licenseDetails")["value"]
    disabled = {
        plan["servicePlanId"]
        for plan in detail["servicePlans"]
        if plan["provisioningStatus"] == "Disabled"
    }
    assert disabled == {YAMMER, SWAY}
    # Assigned anew it has the plans that are said anew, and takes no other seat.
    assert tenant.license(anna, [(ENTERPRISEPACK, [])]).status_code == 200
    assert tenant.user(anna)["licenses"] == {"ENTERPRISEPACK": []}
    assert tenant.license(anna, [(ENTERPRISEPACK.upper(), [])]).status_code == 200
    assert tenant.license(anna, remove=[ENTERPRISEPACK]).status_code == 200
    assert tenant.user(anna)["licenses"] == {}
    events = tenant.events("license_assigned", "license_changed", "license_removed")
    told = [(one["kind"], one["before"], one["after"], one["seats_taken"]) for one in events]
    assert told == [
        ("license_assigned", None, plans, 1),
        ("license_changed", plans, [], 1),
        ("license_removed", [], None, 0),
    ]
    assert {one["subject"] for one in events} == {"ENTERPRISEPACK"}


def test_a_swap_is_one_call(tenant: Tenant) -> None:
    tenant.buy(ENTERPRISEPACK=1, EMS=1)
    anna = tenant.add("anna", usage_location="SE", licenses=[{"sku": "ENTERPRISEPACK"}])
    assert tenant.license(anna, [(EMS, [])], [ENTERPRISEPACK]).status_code == 200
    assert (tenant.taken("ENTERPRISEPACK"), tenant.taken("EMS")) == (0, 1)


def test_orders_about_licences_that_cannot_be_are_refused(tenant: Tenant) -> None:
    tenant.buy(ENTERPRISEPACK=1, EMS=1)
    tenant.add("bert", usage_location="SE", licenses=[{"sku": "EMS"}])
    anna, nowhere = tenant.add("anna", usage_location="SE"), tenant.add("nora")
    stranger = "11111111-2222-3333-4444-555555555555"
    before = tenant.accounts()
    for user, add, remove in (
        (nowhere, [(ENTERPRISEPACK, [])], []),
        (anna, [(EMS, [])], []),
        (anna, [(stranger, [])], []),
        (anna, [(ENTERPRISEPACK, [stranger])], []),
        (anna, [], [ENTERPRISEPACK]),
        (anna, [(ENTERPRISEPACK, [])], [ENTERPRISEPACK]),
        # All of it or nothing.
        (anna, [(ENTERPRISEPACK, []), (EMS, [])], []),
    ):
        assert tenant.license(user, add, remove).status_code == 400, (add, remove)
    path = f"/users/{anna}/assignLicense"
    assert tenant.ask("POST", path, {"addLicenses": []}).status_code == 400
    assert tenant.license(stranger, [(EMS, [])]).status_code == 404
    assert tenant.accounts() == before
    assert tenant.events("license_assigned", "license_removed") == []


def test_a_suspended_subscription_gives_nothing(tenant: Tenant) -> None:
    sku = {"part_number": "EMS", "enabled": 5, "capability_status": "Suspended"}
    tenant.order(skus=[sku])
    anna = tenant.add("anna", usage_location="SE")
    assert tenant.license(anna, [(EMS, [])]).status_code == 400


def test_a_licence_shows_later_than_it_is_given(tenant: Tenant) -> None:
    tenant.buy(EMS=1)
    anna = tenant.add("anna", usage_location="SE")
    tenant.trouble("lag", method="POST", path="*/assignLicense", seconds=30, count=1)
    assert tenant.license(anna, [(EMS, [])]).status_code == 200
    select = {"$select": "assignedLicenses"}
    assert tenant.get(f"/users/{anna}", params=select)["assignedLicenses"] == []
    assert tenant.user(anna)["licenses"] == {"EMS": []}


def test_who_is_deleted_frees_the_seat_and_gets_it_back(tenant: Tenant) -> None:
    tenant.buy(EMS=1)
    anna = tenant.add("anna", usage_location="SE", licenses=[{"sku": "EMS"}])
    bert = tenant.add("bert", usage_location="SE")
    restore = f"/directory/deletedItems/{anna}/restore"
    assert tenant.ask("DELETE", f"/users/{anna}").status_code == 204
    assert tenant.taken("EMS") == 0
    assert tenant.ask("POST", restore, **WRONG).status_code == 200
    assert tenant.taken("EMS") == 1
    tenant.ask("DELETE", f"/users/{anna}")
    assert tenant.license(bert, [(EMS, [])]).status_code == 200
    assert tenant.ask("POST", restore, **WRONG).status_code == 200
    assert (tenant.user(anna)["licenses"], tenant.taken("EMS")) == ({}, 1)
    assert [one["kind"] for one in tenant.events("deleted", "restored")] == [
        *("deleted", "restored", "deleted", "restored")
    ]


# Groups


def test_groups_give_licences(tenant: Tenant) -> None:
    tenant.buy(EMS=1, ENTERPRISEPACK=5)
    licenses = [{"sku": "EMS"}, {"sku": "ENTERPRISEPACK", "disabled_plans": ["SWAY"]}]
    tenant.order(groups=[{"name": "Staff", "licenses": licenses}])
    tenant.order(groups=[{"name": "All", "groups": ["Staff"]}])
    anna = tenant.add("anna", groups=["Staff"])
    bert = tenant.add("bert", groups=["Staff"], usage_location="SE")
    assert [one["state"] for one in tenant.user(anna)["inherited"]] == ["Active", "Active"]
    missing, _given = tenant.user(bert)["inherited"]
    assert (missing["sku"], missing["state"], missing["error"]) == (
        *("EMS", "Error", "CountViolation"),
    )
    params = {"$filter": "displayName eq 'Staff'"}
    (staff,) = tenant.get("/groups", params=params, **WRONG)["value"]
    assert {one["skuId"] for one in staff["assignedLicenses"]} == {EMS, ENTERPRISEPACK}
    user = tenant.get(f"/users/{anna}", params={"$select": SELECT})
    assert {one["assignedByGroup"] for one in user["licenseAssignmentStates"]} == {staff["id"]}
    # Both at once take one seat, and a plan works that one of them has.
    assert tenant.license(bert, [(ENTERPRISEPACK, [YAMMER])]).status_code == 200
    assert tenant.taken("ENTERPRISEPACK") == 2
    user = tenant.get(f"/users/{bert}", params={"$select": SELECT})
    assert user["assignedLicenses"] == [{"skuId": ENTERPRISEPACK, "disabledPlans": []}]
    assert tenant.license(bert, remove=[ENTERPRISEPACK]).status_code == 200
    # What comes from a group cannot be removed from the user.
    assert tenant.license(bert, remove=[ENTERPRISEPACK]).status_code == 400
    members = tenant.get(f"/groups/{staff['id']}/members", **WRONG)["value"]
    assert [member["id"] for member in members] == [anna, bert]
    (group,) = tenant.get(f"/users/{anna}/memberOf", **WRONG)["value"]
    assert (group["@odata.type"], group["id"]) == ("#microsoft.graph.group", staff["id"])


def test_groups_within_groups(tenant: Tenant) -> None:
    tenant.buy(EMS=2)
    tenant.order(groups=[{"name": "Inner"}])
    tenant.order(groups=[{"name": "Outer", "groups": ["Inner"], "licenses": [{"sku": "EMS"}]}])
    anna = tenant.add("anna", groups=["Inner"])
    assert tenant.user(anna)["inherited"][0]["group"] == "Outer"
    ids = {group["name"]: group["id"] for group in tenant.accounts()["groups"]}
    path = f"/groups/{ids['Outer']}/transitiveMembers"
    assert [one["id"] for one in tenant.get(path, **WRONG)["value"]] == [ids["Inner"], anna]
    users = tenant.get(f"{path}/microsoft.graph.user", **WRONG)["value"]
    assert [one["id"] for one in users] == [anna]


def test_who_leaves_a_group_loses_its_licence(tenant: Tenant) -> None:
    tenant.buy(EMS=1)
    tenant.order(groups=[{"name": "Staff", "licenses": [{"sku": "EMS"}]}])
    anna, bert = tenant.add("anna", groups=["Staff"]), tenant.add("bert")
    (group,) = tenant.accounts()["groups"]
    members = f"/groups/{group['id']}/members"
    body = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{bert}"}
    assert tenant.ask("POST", f"{members}/$ref", body, **WRONG).status_code == 204
    assert tenant.ask("POST", f"{members}/$ref", body, **WRONG).status_code == 400
    assert tenant.ask("DELETE", f"{members}/{anna}/$ref", **WRONG).status_code == 204
    assert tenant.user(anna)["inherited"] == []
    assert tenant.taken("EMS") == 0
    assert tenant.user(bert)["inherited"][0]["state"] == "Error"
    assert tenant.ask("POST", f"/users/{bert}/reprocessLicenseAssignment").status_code == 200
    assert tenant.user(bert)["inherited"][0]["state"] == "Active"
    assert tenant.taken("EMS") == 1


def test_a_group_is_given_a_licence(tenant: Tenant) -> None:
    tenant.buy(EMS=1)
    tenant.order(groups=[{"name": "Staff"}])
    anna = tenant.add("anna", groups=["Staff"])
    (group,) = tenant.accounts()["groups"]
    path = f"/groups/{group['id']}/assignLicense"
    body: dict[str, Any] = {"addLicenses": [{"skuId": EMS}], "removeLicenses": []}
    assert tenant.ask("POST", path, body, **WRONG).status_code == 202
    assert tenant.user(anna)["inherited"][0]["sku"] == "EMS"
    body = {"addLicenses": [], "removeLicenses": [EMS]}
    assert tenant.ask("POST", path, body, **WRONG).status_code == 202
    assert tenant.user(anna)["inherited"] == []
    assert tenant.ask("POST", path, body, **WRONG).status_code == 400


# Deletion


def test_the_name_of_the_deleted_is_free_and_the_address_is_not(tenant: Tenant) -> None:
    anna = tenant.add("anna", mail=f"anna@{OWN}")
    assert tenant.ask("DELETE", f"/users/{anna}").status_code == 204
    params = {"$select": "id,userPrincipalName,proxyAddresses,mail"}
    (deleted,) = tenant.get(DELETED, params=params)["value"]
    assert deleted["userPrincipalName"] == f"{anna.replace('-', '')}anna@{INITIAL}"
    assert deleted["proxyAddresses"] == [f"SMTP:anna@{OWN}"]
    for text in (
        f"endswith(userPrincipalName,'anna@{INITIAL}')",
        f"proxyAddresses/any(p:p eq 'SMTP:anna@{OWN}')",
    ):
        query = {**params, "$filter": text, "$count": "true"}
        assert tenant.get(DELETED, params=query, headers=EVENTUAL)["value"] == [deleted]
    bert = tenant.add("bert")
    tenant.refused("PATCH", f"/users/{bert}", {"userPrincipalName": f"anna@{OWN}"})
    tenant.refused("PATCH", f"/users/{bert}", {"mail": f"anna@{OWN}"})
    assert tenant.ask("POST", "/users", person("anna")).status_code == 201
    assert tenant.ask("POST", f"/directory/deletedItems/{anna}/restore", **WRONG).status_code == 400


def test_who_is_purged_is_gone(tenant: Tenant) -> None:
    tenant.order(groups=[{"name": "Staff"}])
    anna = tenant.add("anna", mail=f"anna@{OWN}", groups=["Staff"])
    path = f"/directory/deletedItems/{anna}"
    assert tenant.ask("DELETE", path).status_code == 404
    tenant.ask("DELETE", f"/users/{anna}")
    assert tenant.ask("DELETE", path).status_code == 204
    assert tenant.ask("GET", path).status_code == 404
    assert tenant.ask("DELETE", path).status_code == 404
    assert tenant.accounts()["deleted"] == []
    assert tenant.accounts()["groups"][0]["members"] == []
    assert tenant.ask("POST", "/users", person("anna", mail=f"anna@{OWN}")).status_code == 201


def test_an_address_that_another_has_can_be_left_behind(tenant: Tenant) -> None:
    anna = tenant.add("anna", proxy_addresses=[f"SMTP:a@{OWN}", f"smtp:b@{OWN}"])
    tenant.ask("DELETE", f"/users/{anna}")
    tenant.add("bert", proxy_addresses=[f"SMTP:b@{OWN}"])
    path = f"/directory/deletedItems/{anna}/restore"
    tenant.refused("POST", path, {})
    answer = tenant.ask("POST", path, {"autoReconcileProxyConflict": True}, **WRONG)
    assert answer.status_code == 200
    assert tenant.user(anna)["proxy_addresses"] == [f"SMTP:a@{OWN}"]


# Roles


def test_roles_are_given_and_taken(tenant: Tenant) -> None:
    anna = tenant.add("anna")
    params = {"$filter": "displayName eq 'License Administrator'"}
    (definition,) = tenant.get(DEFINITIONS, params=params)["value"]
    assert definition["templateId"] == LICENSE_ADMINISTRATOR
    body = {
        "@odata.type": "#microsoft.graph.unifiedRoleAssignment",
        "principalId": anna,
        "roleDefinitionId": LICENSE_ADMINISTRATOR,
        "directoryScopeId": "/",
    }
    answer = tenant.ask("POST", ASSIGNMENTS, body)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    tenant.refused("POST", ASSIGNMENTS, body)
    for text in (f"principalId eq '{anna}'", f"roleDefinitionId eq '{LICENSE_ADMINISTRATOR}'"):
        (found,) = tenant.get(ASSIGNMENTS, params={"$filter": text})["value"]
        assert found == {name: made[name] for name in found}
    assert tenant.ask("GET", ASSIGNMENTS).status_code == 400
    assert tenant.user(anna)["roles"] == ["License Administrator"]
    roles = {one["displayName"]: one["id"] for one in tenant.get("/directoryRoles")["value"]}
    path = f"/directoryRoles/{roles['License Administrator']}/members"
    assert [one["id"] for one in tenant.get(path)["value"]] == [anna]
    path = f"{ASSIGNMENTS}/{made['id']}"
    assert tenant.get(path)["principalId"] == anna
    assert tenant.ask("DELETE", path).status_code == 204
    assert tenant.ask("DELETE", path).status_code == 404
    assert tenant.user(anna)["roles"] == []
    told = [(one["kind"], one["subject"]) for one in tenant.events("role_assigned", "role_removed")]
    assert told == [
        ("role_assigned", "License Administrator"),
        ("role_removed", "License Administrator"),
    ]


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"roleDefinitionId": "11111111-2222-3333-4444-555555555555"}, 404),
        ({"roleDefinitionId": "License Administrator"}, 404),
        ({"principalId": "11111111-2222-3333-4444-555555555555"}, 404),
        ({"principalId": f"anna@{INITIAL}"}, 404),
        ({"directoryScopeId": "/administrativeUnits/1"}, 400),
    ],
)
def test_roles_that_cannot_be_given(tenant: Tenant, values: dict[str, str], status: int) -> None:
    anna = tenant.add("anna")
    body = {"principalId": anna, "roleDefinitionId": USER_ADMINISTRATOR, "directoryScopeId": "/"}
    tenant.refused("POST", ASSIGNMENTS, {**body, **values}, status)


# Permissions and batches


def test_each_permission_opens_what_it_is_for(tenant: Tenant) -> None:
    anna = tenant.add("anna")
    body: dict[str, Any] = {"addLicenses": [], "removeLicenses": []}
    role = {"principalId": anna, "roleDefinitionId": "none", "directoryScopeId": "/"}
    asked: dict[str, tuple[str, str, Any]] = {
        "read": ("GET", f"/users/{anna}", None),
        "create": ("POST", "/users", {}),
        "update": ("PATCH", f"/users/{anna}", {"department": "IT"}),
        "license": ("POST", f"/users/{anna}/assignLicense", body),
        "skus": ("GET", "/subscribedSkus", None),
        "details": ("GET", f"/users/{anna}/licenseDetails", None),
        "purge": ("DELETE", f"/directory/deletedItems/{anna}", None),
        "roles": ("GET", DEFINITIONS, None),
        "appoint": ("POST", ASSIGNMENTS, role),
        "groups": ("GET", "/groups", None),
    }
    opens = {
        "User.Read.All": {"read", "details"},
        "User.ReadWrite.All": {"read", "create", "update", "details", "purge"},
        "User.DeleteRestore.All": {"purge"},
        "LicenseAssignment.Read.All": {"skus", "details"},
        "LicenseAssignment.ReadWrite.All": {"license", "skus", "details"},
        "Organization.Read.All": {"skus"},
        "RoleManagement.Read.Directory": {"roles"},
        "RoleManagement.ReadWrite.Directory": {"roles", "appoint"},
        "GroupMember.Read.All": {"groups"},
    }
    for permission, names in opens.items():
        caller = tenant.allow(permission)
        with caller.http:
            answers = {name: caller.ask(*one, **WRONG) for name, one in asked.items()}
        allowed = {name for name, answer in answers.items() if answer.status_code != 403}
        assert allowed == names, permission


def test_a_batch_changes_many(tenant: Tenant) -> None:
    tenant.buy(EMS=20)
    header = {"Content-Type": "application/json"}
    requests = [
        {
            "id": str(number),
            "method": "POST",
            "url": "/users",
            "headers": header,
            "body": person(f"user{number}", usageLocation="SE"),
        }
        for number in range(20)
    ]
    answers = tenant.ask("POST", "/$batch", {"requests": requests}).json()["responses"]
    assert {answer["status"] for answer in answers} == {201}
    body = {"addLicenses": [{"skuId": EMS, "disabledPlans": []}], "removeLicenses": []}
    requests = [
        {
            "id": answer["id"],
            "method": "POST",
            "url": f"/users/{answer['body']['id']}/assignLicense",
            "headers": header,
            "body": body,
        }
        for answer in answers
    ]
    answers = tenant.ask("POST", "/$batch", {"requests": requests}).json()["responses"]
    assert {answer["status"] for answer in answers} == {200}
    assert tenant.taken("EMS") == 20


# The generator


def test_a_crowd_has_licences_of_all_kinds(tenant: Tenant) -> None:
    tenant.buy(ENTERPRISEPACK=3000, EMS=3000)
    shares = {"ENTERPRISEPACK": 2, "ENTERPRISEPACK+EMS": 1, "none": 1}
    crowd = {"count": 2000, "licenses": shares, "synced": True, "mail_domain": OWN}
    assert tenant.order(crowd=crowd) == 2000
    accounts = tenant.accounts()
    held = Counter("+".join(sorted(user["licenses"])) for user in accounts["users"])
    assert set(held) == {"ENTERPRISEPACK", "EMS+ENTERPRISEPACK", ""}
    assert accounts["seats"]["EMS"]["taken"] == held["EMS+ENTERPRISEPACK"]
    assert any(user["licenses"].get("ENTERPRISEPACK") for user in accounts["users"])
    assert len({user["immutable_id"] for user in accounts["users"]}) == 2000
    assert all(user["mail"].endswith(f"@{OWN}") for user in accounts["users"])
    tenant.put("users", [])
    tenant.order(crowd=crowd)
    assert tenant.accounts() == accounts


@pytest.mark.parametrize(
    "order",
    [
        {"skus": [{"part_number": "MOON", "enabled": 1}]},
        {"accounts": [{"user_principal_name": "anna@elsewhere.test"}]},
        {"accounts": [{"user_principal_name": f"anna@{OWN}", "groups": ["Nobody"]}]},
        {"accounts": [{"user_principal_name": f"anna@{OWN}", "roles": ["King"]}]},
        {"accounts": [{"user_principal_name": f"anna@{OWN}", "licenses": [{"sku": "EMS"}]}]},
        {"crowd": {"count": -1}},
        {"people": 3},
    ],
)
def test_orders_that_cannot_be_are_refused(tenant: Tenant, order: dict[str, Any]) -> None:
    with pytest.raises(HTTPError, match="400"):
        tenant.order(**order)
    assert tenant.accounts()["users"] == []


def test_the_deleted_can_be_ordered(tenant: Tenant) -> None:
    name = f"anna@{OWN}"
    tenant.order(accounts=[{"user_principal_name": name, "mail": name, "is_deleted": True}])
    assert tenant.accounts()["deleted"][0]["user_principal_name"] == name
    assert len(tenant.get(DELETED)["value"]) == 1
