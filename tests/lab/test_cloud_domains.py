# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated cloud's domains and users, asked raw, beside the lab's own name servers."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.error import HTTPError

import dns.message
import dns.query
import dns.rdatatype
import dns.tsigkeyring
import dns.update
import httpx
import pytest

from lab import domain_states
from lab.cloud.configuration import DnsServer
from lab.cloud.public_dns import PublicDns
from lab.cloud.verification import verification_text
from lab.description import Description

from .conftest import LabCommand
from .described_cloud import WRONG, DescribedCloud
from .truth import Truth

# Seconds, more than any test lasts.
NEVER = 3600
SCHEDULED = "EmailVerifiedDomainTakeoverScheduled"


@dataclass(frozen=True)
class Tenant:
    """One tenant of the lab, with a token, its zone and what the cloud knows about it."""

    lab: Description
    truth: Truth
    name: str
    http: httpx.Client
    published: list[tuple[Tenant, str]]

    @property
    def domain(self) -> str:
        return str(self.lab.domain_states[self.name]["domain"])

    @property
    def path(self) -> str:
        return f"/domains/{self.domain}"

    @property
    def proof(self) -> str:
        return str(self.lab.domain_states[self.name]["proof"])

    def ask(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """Send a request that may be refused."""
        return self.http.request(method, f"/v1.0{path}", json=body, **options)

    def get(self, path: str, **options: Any) -> Any:
        answer = self.ask("GET", path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def add(self) -> Any:
        answer = self.ask("POST", "/domains", {"id": self.domain})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def verify(self, *, force: bool = False) -> httpx.Response:
        body = {"forceTakeover": True} if force else None
        return self.ask("POST", f"{self.path}/verify", body)

    def publish(self, *texts: str) -> None:
        """Add TXT values until the end of the test; the secondary has them already."""
        self.published.extend((self, text) for text in texts)
        update = self._update()
        for text in texts:
            update.add(f"{self.domain}.", 300, "TXT", f'"{text}"')
        self._send(update)
        deadline = time.monotonic() + 10
        while not all(f'"{text}"' in self._texts() for text in texts):
            assert time.monotonic() < deadline, "the secondary does not follow"
            time.sleep(0.05)

    def withdraw(self, text: str) -> None:
        """Remove a TXT value, and wait until the secondary knows."""
        update = self._update()
        update.delete(f"{self.domain}.", "TXT", f'"{text}"')
        self._send(update)
        deadline = time.monotonic() + 10
        while f'"{text}"' in self._texts():
            assert time.monotonic() < deadline, "the secondary does not follow"
            time.sleep(0.05)

    def _update(self) -> dns.update.UpdateMessage:
        zone = self.lab.tenants[self.name]["domain"]
        key = self.lab.nameservers["keys"][zone]
        keyring = dns.tsigkeyring.from_text({key["name"]: (key["algorithm"], key["secret"])})
        return dns.update.UpdateMessage(zone, keyring=keyring)

    def _send(self, update: dns.update.UpdateMessage) -> None:
        primary = self.lab.nameservers["primary"]
        answer = dns.query.tcp(update, primary["address"], port=primary["port"], timeout=5)
        assert answer.rcode() == 0, answer

    def _texts(self) -> str:
        secondary = self.lab.nameservers["secondary"]
        query = dns.message.make_query(self.domain, "TXT")
        answer = dns.query.tcp(query, secondary["address"], port=secondary["port"], timeout=5)
        return str(answer.to_text())

    def set_unmanaged(self, name: str, value: Any) -> None:
        self.truth.cloud("PUT", f"/state/unmanaged/{self.name}/{name}", value)

    def trouble(self, kind: str, **details: Any) -> None:
        self.truth.cloud("POST", "/chaos", {"kind": kind, "tenant": self.name, **details})

    def wait_for(self, status: int = 200, **properties: Any) -> Any:
        """Poll the domain until its properties are as given, or its status is."""
        deadline = time.monotonic() + 20
        while True:
            answer = self.ask("GET", self.path)
            body = answer.json()
            if answer.status_code == status and properties.items() <= body.items():
                return body
            assert time.monotonic() < deadline, body
            time.sleep(0.1)


class World:
    """Hands out tenants, and checks every exchange against Microsoft's description."""

    def __init__(self, lab: Description) -> None:
        self.lab = lab
        self.truth = Truth(lab)
        self.described = DescribedCloud(lab)
        self._clients: dict[str, httpx.Client] = {}
        self._published: list[tuple[Tenant, str]] = []

    def tenant(self, name: str) -> Tenant:
        if name not in self._clients:
            self._clients[name] = self.described.client(name)
        return Tenant(self.lab, self.truth, name, self._clients[name], self._published)

    def reset(self) -> None:
        """Bring the cloud back to its start state, and the zones."""
        self.truth.cloud("POST", "/reset")
        while self._published:
            tenant, text = self._published.pop()
            tenant.withdraw(text)

    def close(self) -> None:
        for client in self._clients.values():
            client.close()


@pytest.fixture(scope="module")
def running_world(lab: Description, lab_command: LabCommand) -> Iterator[World]:
    lab_command("reset", "nameservers")
    world = World(lab)
    yield world
    world.close()


@pytest.fixture
def world(running_world: World) -> Iterator[World]:
    running_world.reset()
    yield running_world
    running_world.reset()


def owner_of(world: World, domain: str) -> Any:
    """What realm discovery says, without credentials."""
    context = ssl.create_default_context(cafile=world.lab.ca_file)
    url = f"{world.lab.cloud['authority']}/common/userrealm/x@{domain}?api-version=2.1"
    return httpx.get(url, verify=context).json()


# The start states


def test_there_are_twelve_states(world: World) -> None:
    """Each as its tenant and as anybody sees it."""
    seen = {}
    for state in domain_states.ALL:
        tenant = world.tenant(state.tenant.name)
        domains = {entry["id"]: entry for entry in tenant.get("/domains")["value"]}
        domain = domains.get(state.domain)
        realm = owner_of(world, state.domain)
        seen[tenant.name] = (
            domain and domain["isVerified"],
            domain and domain["state"] and domain["state"]["status"],
            realm["NameSpaceType"],
            realm.get("IsViral", False),
        )
    assert seen == {
        "adatum": (None, None, "Unknown", False),
        "alpineski": (False, None, "Unknown", False),
        "bellows": (False, None, "Unknown", False),
        "cohovineyard": (True, None, "Managed", False),
        "graphicdesign": (None, None, "Managed", True),
        "humongous": (None, None, "Managed", True),
        "litware": (None, None, "Managed", True),
        "lucerne": (None, None, "Managed", True),
        "proseware": (None, None, "Managed", False),
        "treyresearch": (None, None, "Federated", False),
        "wingtip": (None, None, "Unknown", False),
        "woodgrove": (False, "Scheduled", "Managed", True),
    }


def test_the_organization_shows_verified_domains_only(world: World) -> None:
    def names(tenant: str) -> list[str]:
        (organization,) = world.tenant(tenant).get("/organization")["value"]
        return [domain["name"] for domain in organization["verifiedDomains"]]

    assert names("cohovineyard") == ["cohovineyard.onmicrosoft.com", "cohovineyard.test"]
    assert names("alpineski") == ["alpineski.onmicrosoft.com"]
    assert names("wingtip") == ["wingtip.onmicrosoft.com", "wingtip.test"]


# Adding


def test_a_free_domain_is_added_proven_and_removed(world: World) -> None:
    tenant = world.tenant("adatum")
    assert tenant.ask("GET", tenant.path).status_code == 404
    added = tenant.add()
    assert (added["isVerified"], added["isRoot"], added["availabilityStatus"]) == (
        False,
        False,
        None,
    )
    records = tenant.get(f"{tenant.path}/verificationDnsRecords")["value"]
    text = next(record for record in records if record["recordType"] == "Txt")
    assert (text["label"], text["text"]) == (tenant.domain, tenant.proof)

    assert tenant.verify().status_code == 400
    assert tenant.verify(force=True).status_code == 400
    tenant.publish(tenant.proof)
    verified = tenant.verify()
    assert (verified.status_code, verified.json()["availabilityStatus"]) == (
        200,
        "AvailableImmediately",
    )
    shown = tenant.get(tenant.path)
    assert (shown["isVerified"], shown["isRoot"], shown["availabilityStatus"]) == (True, True, None)
    assert owner_of(world, tenant.domain)["NameSpaceType"] == "Managed"
    assert tenant.verify().status_code == 400

    assert tenant.ask("DELETE", tenant.path).status_code == 204
    assert tenant.ask("GET", tenant.path).status_code == 404
    assert owner_of(world, tenant.domain)["NameSpaceType"] == "Unknown"


def test_the_mail_exchange_is_asked_for_as_well(world: World) -> None:
    """The lab's keys change TXT records only: the exchange that the zone has stands in."""
    tenant = world.tenant("alpineski")
    records = tenant.get(f"{tenant.path}/verificationDnsRecords")["value"]
    exchange = next(record for record in records if record["recordType"] == "Mx")
    assert exchange["mailExchange"] == f"{tenant.proof.removeprefix('MS=')}.msv1.invalid"
    secondary = world.lab.nameservers["secondary"]
    public_dns = PublicDns(DnsServer(secondary["address"], secondary["port"]))
    for host, is_there in ((f"mail.{tenant.domain}", True), (exchange["mailExchange"], False)):
        assert asyncio.run(public_dns.has_mail_exchange(tenant.domain, host)) is is_there


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"id": "adatum.test", "isDefault": True},
        {"id": "not a domain"},
        {"id": "adatum..test"},
        {"id": "test"},
        {"id": "192.0.2.1"},
        {"id": f"{'a' * 64}.test"},
        {"id": f"{'a.' * 127}test"},
        {"id": 5},
        {"name": "adatum.test"},
        [],
    ],
)
def test_what_is_no_new_domain_is_refused(world: World, body: Any) -> None:
    tenant = world.tenant("adatum")
    before = tenant.get("/domains")
    assert tenant.ask("POST", "/domains", body, **WRONG).status_code == 400
    assert tenant.get("/domains") == before


def test_a_domain_that_is_there_is_not_added_again(world: World) -> None:
    tenant = world.tenant("alpineski")
    assert tenant.ask("POST", "/domains", {"id": "ALPINESKI.test"}).status_code == 400


def test_below_a_verified_domain_nothing_is_to_be_proven(world: World) -> None:
    tenant = world.tenant("wingtip")
    added = tenant.add()
    assert (added["isVerified"], added["isRoot"]) == (True, False)
    assert tenant.get(f"{tenant.path}/rootDomain")["id"] == "wingtip.test"
    # The root cannot go before it.
    assert tenant.ask("DELETE", "/domains/wingtip.test").status_code == 400


def test_only_what_the_secondary_serves_counts(world: World, lab_command: LabCommand) -> None:
    tenant = world.tenant("bellows")
    lab_command("chaos", "stop", "secondary")
    try:
        assert tenant.verify().status_code == 400
    finally:
        lab_command("chaos", "start", "secondary")
    assert tenant.verify().status_code == 200


def test_the_text_is_of_this_tenant_and_domain(world: World) -> None:
    """A text that proves the domain for another tenant proves nothing here."""
    tenant = world.tenant("alpineski")
    others = verification_text(world.lab.tenants["bellows"]["tenant_id"], tenant.domain)
    tenant.publish(others, f"{tenant.proof}0")
    assert tenant.verify().status_code == 400


# Domains of others


@pytest.mark.parametrize("name", ["proseware", "treyresearch"])
@pytest.mark.parametrize("force", [False, True])
def test_a_domain_of_a_managed_tenant_cannot_be_had(world: World, name: str, force: bool) -> None:
    tenant = world.tenant(name)
    tenant.add()
    tenant.publish(tenant.proof)
    assert tenant.verify(force=force).status_code == 400
    assert tenant.get(tenant.path)["isVerified"] is False


def test_a_viral_domain_is_taken_over(world: World) -> None:
    tenant = world.tenant("graphicdesign")
    tenant.set_unmanaged("takeover_seconds", NEVER)
    tenant.add()
    assert tenant.verify(force=True).status_code == 400
    tenant.publish(tenant.proof)
    assert tenant.verify().status_code == 400
    answer = tenant.verify(force=True)
    assert answer.status_code == 200
    assert (answer.json()["isVerified"], answer.json()["availabilityStatus"]) == (False, SCHEDULED)

    # Nothing else can be done meanwhile, and nothing has moved.
    for again in (
        tenant.verify(),
        tenant.verify(force=True),
        tenant.ask("DELETE", tenant.path),
        tenant.ask("POST", f"{tenant.path}/forceDelete", {"disableUserAccounts": False}),
    ):
        assert again.status_code == 400
    assert tenant.get(tenant.path)["state"]["operation"] == "EmailVerifiedDomainTakeover"
    assert owner_of(world, tenant.domain)["IsViral"] is True
    assert len(tenant.get("/users")["value"]) == 1

    tenant.set_unmanaged("takeover_seconds", 0)
    shown = tenant.get(tenant.path)
    assert (shown["isVerified"], shown["state"]) == (True, None)
    assert "IsViral" not in owner_of(world, tenant.domain)
    arrived = tenant.get(
        "/users",
        params={
            "$filter": "creationType eq 'EmailVerified'",
            "$select": "userPrincipalName,creationType",
        },
    )["value"]
    assert arrived == [
        {"userPrincipalName": f"{person}@graphicdesign.test", "creationType": "EmailVerified"}
        for person in ("lena.holm", "omar.bennett", "yuki.tanaka")
    ]
    assert world.truth.cloud("GET", "/state")["unmanaged"]["graphicdesign"]["users"] == []


def test_a_takeover_takes_its_time(world: World) -> None:
    tenant = world.tenant("graphicdesign")
    tenant.set_unmanaged("takeover_seconds", 1.5)
    tenant.add()
    tenant.publish(tenant.proof)
    assert tenant.verify(force=True).json()["availabilityStatus"] == SCHEDULED
    assert tenant.get(tenant.path)["isVerified"] is False
    tenant.wait_for(isVerified=True)


def test_a_takeover_can_fail(world: World) -> None:
    tenant = world.tenant("graphicdesign")
    tenant.set_unmanaged("takeover_seconds", 0)
    tenant.set_unmanaged("takeover_fails", True)
    tenant.add()
    tenant.publish(tenant.proof)
    assert tenant.verify(force=True).status_code == 200
    failed = tenant.get(tenant.path)
    assert (failed["isVerified"], failed["state"]["status"]) == (False, "Failed")
    tenant.set_unmanaged("takeover_fails", False)
    assert tenant.verify(force=True).status_code == 200
    tenant.wait_for(isVerified=True)


def test_a_plain_verify_may_start_a_takeover(world: World) -> None:
    tenant = world.tenant("litware")
    tenant.set_unmanaged("plain_verify_schedules", True)
    tenant.add()
    tenant.publish(tenant.proof)
    assert tenant.verify().json()["availabilityStatus"] == SCHEDULED
    tenant.wait_for(isVerified=True)


def test_service_plans_hinder_a_takeover(world: World) -> None:
    tenant = world.tenant("humongous")
    tenant.add()
    tenant.publish(tenant.proof)
    assert tenant.verify().status_code == 400
    assert tenant.verify(force=True).status_code == 400
    assert owner_of(world, tenant.domain)["IsViral"] is True


def test_a_scheduled_takeover_begins_with_its_tenants_first_request(world: World) -> None:
    tenant = world.tenant("woodgrove")
    tenant.set_unmanaged("takeover_seconds", 0)
    world.tenant("adatum").get("/domains")
    assert owner_of(world, tenant.domain)["IsViral"] is True
    assert tenant.get(tenant.path)["isVerified"] is True


def test_an_internal_takeover_is_a_persons_work(world: World, lab_command: LabCommand) -> None:
    tenant = world.tenant("lucerne")
    text = lab_command("admin-centre", "text", "lucerne").strip()
    assert text == world.lab.domain_states["lucerne"]["administrator_text"]
    assert text != tenant.proof
    assert lab_command.attempt("admin-centre", "verify", "lucerne").returncode == 1
    assert lab_command.attempt("admin-centre", "remove-domain", "lucerne").returncode == 1
    assert owner_of(world, tenant.domain)["IsViral"] is True

    tenant.publish(text)
    lab_command("admin-centre", "verify", "lucerne", "--within", "5")
    realm = owner_of(world, tenant.domain)
    assert (realm["NameSpaceType"], realm.get("IsViral")) == ("Managed", None)
    # Managed, but by the tenant that it was in.
    tenant.add()
    tenant.publish(tenant.proof)
    assert tenant.verify(force=True).status_code == 400

    lab_command("admin-centre", "remove-domain", "lucerne")
    assert owner_of(world, tenant.domain)["NameSpaceType"] == "Unknown"
    assert tenant.verify().json()["availabilityStatus"] == "AvailableImmediately"


# Changing and removing


def test_one_domain_is_the_default(world: World) -> None:
    tenant = world.tenant("cohovineyard")
    assert tenant.ask("PATCH", tenant.path, {"isDefault": True}).status_code == 204
    defaults = [entry["id"] for entry in tenant.get("/domains")["value"] if entry["isDefault"]]
    assert defaults == [tenant.domain]
    for refused in (
        tenant.ask("PATCH", tenant.path, {"isDefault": False}),
        tenant.ask("DELETE", tenant.path),
        tenant.ask("POST", f"{tenant.path}/forceDelete", {"disableUserAccounts": True}),
    ):
        assert refused.status_code == 400


@pytest.mark.parametrize(
    "body", [{"isVerified": True}, {"id": "other.test"}, {"isDefault": "yes"}, {"color": "red"}]
)
def test_what_cannot_be_set_is_refused(world: World, body: Any) -> None:
    tenant = world.tenant("cohovineyard")
    before = tenant.get(tenant.path)
    assert tenant.ask("PATCH", tenant.path, body, **WRONG).status_code == 400
    assert tenant.get(tenant.path) == before


def test_an_unverified_or_federated_domain_is_no_default(world: World) -> None:
    unverified = world.tenant("alpineski")
    assert unverified.ask("PATCH", unverified.path, {"isDefault": True}).status_code == 400
    federated = world.tenant("cohovineyard")
    where = "/state/tenants/cohovineyard/domains/1/authentication_type"
    world.truth.cloud("PUT", where, "Federated")
    assert federated.get(federated.path)["authenticationType"] == "Federated"
    assert federated.ask("PATCH", federated.path, {"isDefault": True}).status_code == 400


def test_services_and_their_records(world: World) -> None:
    tenant = world.tenant("cohovineyard")
    records = tenant.get(f"{tenant.path}/serviceConfigurationRecords")["value"]
    assert {record["recordType"] for record in records} == {"Mx", "Txt", "CName", "Srv"}
    assert tenant.ask("PATCH", tenant.path, {"supportedServices": ["Email"]}).status_code == 204
    assert tenant.get(tenant.path)["supportedServices"] == ["Email"]
    records = tenant.get(f"{tenant.path}/serviceConfigurationRecords")["value"]
    assert {record["recordType"] for record in records} == {"Mx", "Txt", "CName"}
    unverified = world.tenant("alpineski")
    assert unverified.get(f"{unverified.path}/serviceConfigurationRecords")["value"] == []


def with_users(world: World, count: int) -> Tenant:
    tenant = world.tenant("cohovineyard")
    users = [
        {
            "id": f"00000000-0000-4000-8000-{number:012}",
            "display_name": f"User {number}",
            "user_principal_name": f"user{number}@{tenant.domain}",
            "mail": f"user{number}@{tenant.domain}",
            "created": "2021-05-04T09:31:08Z",
            "creation_type": "EmailVerified" if number % 2 else None,
        }
        for number in range(count)
    ]
    world.truth.cloud("PUT", "/state/tenants/cohovineyard/users", users)
    return tenant


def test_references_hinder_removal(world: World) -> None:
    tenant = with_users(world, 3)
    references = tenant.get(f"{tenant.path}/domainNameReferences")["value"]
    assert [entry["userPrincipalName"] for entry in references] == [
        f"user{number}@{tenant.domain}" for number in range(3)
    ]
    assert tenant.ask("DELETE", tenant.path).status_code == 400


@pytest.mark.parametrize("disable", [False, True, None])
def test_a_forced_deletion_renames_users(world: World, disable: bool | None) -> None:
    tenant = with_users(world, 2)
    world.truth.cloud("PUT", "/state/tenants/cohovineyard/forced_deletion_seconds", NEVER)
    body = None if disable is None else {"disableUserAccounts": disable}
    assert tenant.ask("POST", f"{tenant.path}/forceDelete", body).status_code == 204
    assert tenant.get(tenant.path)["state"]["operation"] == "ForceDelete"
    again = tenant.ask("POST", f"{tenant.path}/forceDelete", body)
    assert again.status_code == 400

    world.truth.cloud("PUT", "/state/tenants/cohovineyard/forced_deletion_seconds", 0)
    tenant.wait_for(404)
    select = {"$select": "userPrincipalName,accountEnabled,mail"}
    assert tenant.get("/users", params=select)["value"] == [
        {
            "userPrincipalName": f"user{number}@cohovineyard.onmicrosoft.com",
            # Said nothing, Graph disables.
            "accountEnabled": disable is False,
            "mail": None,
        }
        for number in range(2)
    ]


def test_too_many_references_hinder_even_force(world: World) -> None:
    tenant = with_users(world, 1001)
    body = {"disableUserAccounts": False}
    assert tenant.ask("POST", f"{tenant.path}/forceDelete", body).status_code == 400


# Users, filters and pages


def test_users_come_in_pages(world: World) -> None:
    tenant = with_users(world, 25)
    options = {
        "$filter": "creationType eq 'EmailVerified'",
        "$select": "userPrincipalName",
        "$top": "5",
    }
    page = tenant.get("/users", params=options)
    found = list(page["value"])
    while "@odata.nextLink" in page:
        assert len(page["value"]) == 5
        page = tenant.http.get(page["@odata.nextLink"], headers=WRONG["headers"]).json()
        found += page["value"]
    assert [entry["userPrincipalName"] for entry in found] == [
        f"user{number}@{tenant.domain}" for number in range(25) if number % 2
    ]


def test_references_come_in_pages(world: World) -> None:
    tenant = with_users(world, 250)
    page = tenant.get(f"{tenant.path}/domainNameReferences")
    assert len(page["value"]) == 100
    count = 100
    while "@odata.nextLink" in page:
        page = tenant.http.get(page["@odata.nextLink"], headers=WRONG["headers"]).json()
        count += len(page["value"])
    assert count == 250


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        ("userType eq 'Member'", 4),
        ("userType eq 'Guest'", 0),
        ("CREATIONTYPE eq 'emailverified'", 2),
        ("creationType eq null", 2),
        ("accountEnabled eq true and creationType eq 'EmailVerified'", 2),
        ("userPrincipalName eq 'user3@cohovineyard.test'", 1),
        ("displayName eq 'O''Neill and eq'", 0),
    ],
)
def test_filters(world: World, condition: str, count: int) -> None:
    tenant = with_users(world, 4)
    assert len(tenant.get("/users", params={"$filter": condition})["value"]) == count


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "nonsense",
        "creationType eq",
        "creationType eq 'x' xor userType eq 'Member'",
        "creationType eq 'x' and ",
        "creationType ne 'x'",
        "colour eq 'red'",
        "endsWith(userPrincipalName,'@cohovineyard.test')",
    ],
)
def test_filters_not_understood_are_refused(world: World, condition: str) -> None:
    tenant = with_users(world, 1)
    assert tenant.ask("GET", "/users", params={"$filter": condition}).status_code == 400


def test_the_end_of_a_name_is_an_advanced_question(world: World) -> None:
    tenant = with_users(world, 3)
    options = {"$filter": "endsWith(userPrincipalName,'@cohovineyard.test')", "$count": "true"}
    assert tenant.ask("GET", "/users", params=options).status_code == 400
    answer = tenant.get("/users", params=options, headers={"ConsistencyLevel": "eventual"})
    assert (len(answer["value"]), answer["@odata.count"]) == (3, 3)


@pytest.mark.parametrize("top", ["0", "1000", "-1", "many"])
def test_a_page_has_a_size(world: World, top: str) -> None:
    tenant = world.tenant("cohovineyard")
    assert tenant.ask("GET", "/users", params={"$top": top}).status_code == 400


def test_one_user(world: World) -> None:
    tenant = with_users(world, 2)
    by_name = tenant.get(f"/users/user1@{tenant.domain}")
    assert tenant.get(f"/users/{by_name['id']}") == by_name
    # Left out unless they are selected.
    assert "creationType" not in by_name
    assert tenant.ask("GET", "/users/nobody@cohovineyard.test").status_code == 404


# Permissions, lag, and clients that go away


def test_each_permission_opens_what_it_is_for(world: World) -> None:
    tenant = world.tenant("alpineski")
    asked = {
        "read": ("GET", tenant.path),
        "write": ("POST", "/domains"),
        "users": ("GET", "/users"),
    }
    allowed = {}
    for permission in ("Domain.Read.All", "Domain.ReadWrite.All", "User.Read.All"):
        where = "/state/tenants/alpineski/application/permissions"
        world.truth.cloud("PUT", where, [permission])
        # Permissions are in the token.
        with world.described.client("alpineski") as http:
            mine = replace(tenant, http=http)
            allowed[permission] = {
                name
                for name, (method, path) in asked.items()
                if mine.ask(method, path, {} if method == "POST" else None, **WRONG).status_code
                != 403
            }
    assert allowed == {
        "Domain.Read.All": {"read"},
        "Domain.ReadWrite.All": {"read", "write"},
        "User.Read.All": {"users"},
    }


def test_readers_may_see_a_verify_late(world: World) -> None:
    tenant = world.tenant("bellows")
    tenant.trouble("lag", seconds=0.7, count=1)
    assert tenant.verify().json()["isVerified"] is True
    assert tenant.get(tenant.path)["isVerified"] is False
    # The truth decides about writes.
    assert tenant.verify().status_code == 400
    tenant.wait_for(isVerified=True)


def test_the_log_has_the_bodies(world: World) -> None:
    tenant = world.tenant("bellows")
    tenant.trouble("throttle", count=1)
    assert tenant.verify(force=True).status_code == 429
    assert tenant.verify().status_code == 200
    log = world.truth.cloud("GET", "/requests")["requests"]
    asked = [
        (entry["method"], entry["path"], entry["body"], entry["status"])
        for entry in log
        if entry["tenant"] == "bellows"
    ]
    path = f"/v1.0{tenant.path}/verify"
    assert asked == [("POST", path, {"forceTakeover": True}, 429), ("POST", path, None, 200)]


@pytest.mark.parametrize(("when", "is_verified"), [("before", False), ("after", True)])
def test_a_client_can_be_ended_before_or_after_the_work(
    world: World, when: str, is_verified: bool
) -> None:
    tenant = world.tenant("bellows")
    tenant.trouble("slow", seconds=60, when=when, count=1, path="*/verify")
    address = world.lab.cloud["graph_url"].removeprefix("https://").split(":")
    context = ssl.create_default_context(cafile=world.lab.ca_file)
    plain = socket.create_connection((address[0], int(address[1])))
    with context.wrap_socket(plain, server_hostname="localhost") as connection:
        authorization = tenant.http.headers["authorization"]
        connection.sendall(
            f"POST /v1.0{tenant.path}/verify HTTP/1.1\r\nHost: {':'.join(address)}\r\n"
            f"Authorization: {authorization}\r\nContent-Length: 0\r\n\r\n".encode()
        )
        deadline = time.monotonic() + 10
        while not held_requests(world):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        time.sleep(0.3)
    time.sleep(0.3)
    assert tenant.get(tenant.path)["isVerified"] is is_verified


def held_requests(world: World) -> list[Any]:
    """The requests that the cloud is holding back now."""
    log = world.truth.cloud("GET", "/requests")["requests"]
    return [entry for entry in log if entry["faults"] == ["slow"] and entry["status"] is None]


def test_the_door_for_people_is_the_labs_own(world: World) -> None:
    for method, path, status in (
        ("POST", "/unmanaged/nobody/administrator", 404),
        ("POST", "/unmanaged/lucerne/administrator", 409),
        ("DELETE", "/unmanaged/lucerne/domains/other.test", 404),
        ("DELETE", "/unmanaged/lucerne/domains/lucerne.test", 409),
    ):
        with pytest.raises(HTTPError) as refused:
            world.truth.cloud(method, path)
        assert refused.value.code == status
