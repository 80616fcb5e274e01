# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""entra_sync_info against the cloud that really synchronises with the directory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ldap3
import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._doors import progress
from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Outcome
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    InvalidInput,
    NotUnderstood,
    NotYetSeen,
    Refused,
)
from lab.description import Description
from lab.directory import account_people
from lab.directory.account_people import Colleague
from lab.directory.ldif import Value

from . import synced_people
from .conftest import LabCommand
from .directory_administrator import administrator_connection
from .policy_administrator import PolicyAdministrator, administrator_of

MODULE = "entra_sync_info"
FEATURE = "synchronizeUpnForManagedUsersEnabled"
LICENSED, UNLICENSED = (account_people.IN_MUNSON[number] for number in (0, 10))
NOBODY = {"user_principal_name": "nobody@munson.test"}
WAIT = 60


@dataclass(frozen=True)
class Company:
    """A tenant with a directory, in the hands of somebody who may do everything in both."""

    administrator: PolicyAdministrator
    directory: ldap3.Connection

    def run(self, *, check_mode: bool = False, **options: Any) -> Outcome:
        return self.administrator.run(MODULE, check_mode=check_mode, **options)

    def values(self, **options: Any) -> dict[str, Any]:
        outcome = self.run(**options)
        assert outcome.error is None
        return dict(outcome.values)

    def user(self, person: Colleague) -> dict[str, Any]:
        """What is expected of somebody once the name is the primary address."""
        (found,) = (
            user
            for user in self.administrator.truth.cloud("GET", "/accounts/munson")["users"]
            if user["mail_nickname"] == person.account
        )
        return {"id": found["id"], "user_principal_name": person.primary_address}

    def align(self, person: Colleague) -> None:
        self._name(person, person.primary_address)

    def put_back(self) -> None:
        """Give those who were aligned the name from before."""
        for person in (LICENSED, UNLICENSED):
            (name,) = person.attributes()["userPrincipalName"]
            self._name(person, name)

    def _name(self, person: Colleague, name: Value) -> None:
        dn = person.dn(self.administrator.lab.directory["base_dn"])
        self.directory.modify(dn, {"userPrincipalName": [(ldap3.MODIFY_REPLACE, [name])]})
        assert self.directory.result["description"] == "success", self.directory.result

    def sync(self) -> None:
        synced_people.sync(self.administrator.lab, "munson")


@pytest.fixture(scope="module")
def clean(lab: Description, lab_command: LabCommand) -> Description:
    """The lab with the directory of its start; each test has a cloud of its own."""
    lab_command("reset", "directory")
    return lab


@pytest.fixture
def company(clean: Description) -> Iterator[Company]:
    with (
        administrator_of(clean, "munson") as administrator,
        administrator_connection(clean) as directory,
    ):
        company = Company(administrator, directory)
        try:
            yield company
        finally:
            company.put_back()


def test_tells_how_a_directory_is_synchronised(company: Company) -> None:
    company.sync()
    told = company.values()
    assert told["seen"] is True
    assert told["users"] == []
    sync = told["sync"]
    assert sync["is_synced"] is True
    assert datetime.fromisoformat(sync["last_sync"]).tzinfo is not None
    assert sync["synchronizes_upn_of_managed_users"] is sync["features"][FEATURE] is False
    assert sync["features_denied"] is None


def test_tells_whether_the_feature_is_on(clean: Description) -> None:
    with administrator_of(clean, "lamna") as administrator:
        sync: Any = administrator.run(MODULE).values["sync"]
        assert sync["synchronizes_upn_of_managed_users"] is True


def test_a_tenant_of_its_own_was_never_synchronised(clean: Description) -> None:
    with administrator_of(clean, "fincher") as administrator:
        sync: Any = administrator.run(MODULE).values["sync"]
        assert (sync["is_synced"], sync["last_sync"]) == (None, None)


def test_features_that_may_not_be_seen_are_not_known(company: Company) -> None:
    company.administrator.lose(
        "OnPremDirectorySynchronization.Read.All", "OnPremDirectorySynchronization.ReadWrite.All"
    )
    sync = company.values()["sync"]
    assert sync["is_synced"] is True
    assert sync["features"] is sync["synchronizes_upn_of_managed_users"] is None
    assert "OnPremDirectorySynchronization.Read.All" in sync["features_denied"]


def test_waits_until_users_are_as_expected(company: Company) -> None:
    """Somebody else synchronises when the wait has begun."""
    expected = company.user(UNLICENSED)
    company.align(UNLICENSED)
    looked, lines = threading.Event(), list[str]()

    def listen(line: str) -> None:
        lines.append(line)
        looked.set()

    def wait() -> dict[str, Any]:
        with progress.listening(listen):
            return company.values(users=[expected], wait=WAIT)

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait)
        assert looked.wait(WAIT)
        company.sync()
        told = waiting.result()
    assert told["seen"] is True
    (user,) = told["users"]
    assert user["seen"] is True
    assert user["found"]["user_principal_name"] == UNLICENSED.primary_address
    assert lines[0].startswith("1 users are not as expected yet")


def test_who_is_missing_in_the_end_is_named(company: Company) -> None:
    """The sync leaves the names of users with a licence alone."""
    company.align(LICENSED)
    company.align(UNLICENSED)
    company.sync()
    users = [company.user(LICENSED), company.user(UNLICENSED), NOBODY]
    outcome = company.run(users=users, wait=1)
    assert isinstance(outcome.error, NotYetSeen)
    assert LICENSED.primary_address in str(outcome.error)
    assert NOBODY["user_principal_name"] in str(outcome.error)
    assert UNLICENSED.primary_address not in str(outcome.error)
    told: Any = outcome.values["users"]
    assert [user["seen"] for user in told] == [False, True, False]
    assert told[0]["found"]["user_principal_name"].endswith(".onmicrosoft.com")
    assert told[2]["found"] is None


def test_a_dry_run_and_no_wait_only_look(company: Company) -> None:
    company.align(UNLICENSED)
    users = [company.user(UNLICENSED)]
    for outcome in (
        company.run(users=users, check_mode=True, wait=WAIT),
        company.run(users=users),
    ):
        assert outcome.error is None
        assert outcome.values["seen"] is False


def test_users_are_found_by_their_immutable_ids(company: Company) -> None:
    (user,) = (
        user
        for user in company.administrator.truth.cloud("GET", "/accounts/munson")["users"]
        if user["mail_nickname"] == UNLICENSED.account
    )
    identity = user["immutable_id"]
    told = company.values(users=[{"immutable_id": identity}])
    assert told["users"][0]["found"]["id"] == user["id"]
    assert told["users"][0]["found"]["is_synced"] is True


def test_waits_for_a_synchronisation(company: Company) -> None:
    outcome = company.run(synced_after="2026-06-30T21:15:00Z", wait=1)
    assert isinstance(outcome.error, NotYetSeen)
    company.sync()
    assert company.values(synced_after="2026-06-30T21:15:00Z", wait=WAIT)["seen"] is True


def test_a_service_that_fails_for_a_while_is_waited_through(company: Company) -> None:
    company.administrator.trouble("failure", status=503, count=3, path="/v1.0/users/*", member=True)
    assert company.values(users=[company.user(LICENSED)], wait=0)["seen"] is False


def test_what_cannot_be_found_out_is_no_absence(company: Company) -> None:
    company.administrator.trouble(
        "answer", path="/v1.0/users/*", member=True, set={"userPrincipalName": None}
    )
    with pytest.raises(NotUnderstood):
        company.run(users=[{"id": company.user(LICENSED)["id"]}])


def test_an_app_that_may_not_see_users_is_told_so_at_once(company: Company) -> None:
    held = company.administrator.found()["application"]["permissions"]
    readers = {"User.Read.All", "User.ReadWrite.All", "Directory.Read.All"}
    company.administrator.lose(*readers.intersection(held))
    with pytest.raises(Refused, match=r"User\.Read\.All"):
        company.run(users=[NOBODY], wait=WAIT)


@pytest.mark.parametrize(
    "options", [{"users": [{}]}, {"wait": -1}, {"synced_after": "soon"}, {"users": [{"id": ""}]}]
)
def test_what_cannot_be_meant_is_refused(company: Company, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        company.run(**options)
