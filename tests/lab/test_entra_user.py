# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""entra_user: accounts come and go, each once, and their passwords are nobody else's."""

from __future__ import annotations

import csv
import importlib
import json
import os
import stat
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.tenantops.migration.plugins.module_utils._changes.plan import Plan
from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Outcome
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    InvalidInput,
    JournalUnusable,
    NotApproved,
    NotUnderstood,
    Refused,
    TenantopsError,
    TooManyChanges,
)
from lab.description import Description

from .playbooks import DOORS, Operator
from .truth import Truth

_MODULES = "ansible_collections.tenantops.migration.plugins.modules"
TENANT = "fincher"
DOMAIN = f"{TENANT}.onmicrosoft.com"
BATCH = "/v1.0/$batch"
USERS = "/v1.0/users"
ASSIGNMENTS = "/v1.0/roleManagement/directory/roleAssignments"
SETTLE_TIME = 1.0
KILLS = int(os.environ.get("TENANTOPS_KILLS", "2"))
PEOPLE = int(os.environ.get("TENANTOPS_PEOPLE", "300"))
GLOBAL_ADMINISTRATOR = "Global Administrator"
HELPDESK = "Helpdesk Administrator"

KIM, ANNA, TARO = (f"{name}@{DOMAIN}" for name in ("kim.akers", "anna", "taro"))

_TASK = f"""
import json, sys
from {_MODULES}.entra_user import OPERATION
OPERATION.run(json.load(sys.stdin), False)
"""


@dataclass(frozen=True)
class Host:
    """Somebody who makes accounts in one tenant, and a look behind the cloud."""

    lab: Description
    truth: Truth
    folder: Path

    @property
    def passwords_file(self) -> Path:
        return self.folder / "passwords" / "new.csv"

    def run(self, module: str, /, *, check_mode: bool = False, **options: Any) -> Outcome:
        """What a task comes to, as through either door."""
        operation = importlib.import_module(f"{_MODULES}.{module}").OPERATION
        outcome: Outcome = operation.run(self.parameters(module, **options), check_mode)
        return outcome

    def parameters(self, module: str, /, **options: Any) -> dict[str, Any]:
        operation = importlib.import_module(f"{_MODULES}.{module}").OPERATION
        tenant, cloud = self.lab.tenants[options.pop("of_tenant", TENANT)], self.lab.cloud
        given = {
            "entra_tenant_id": tenant["tenant_id"],
            "entra_client_id": tenant["client_id"],
            "entra_client_secret": tenant["client_secret"],
            "entra_graph_url": cloud["graph_url"],
            "entra_authority": cloud["authority"],
            "entra_ca_path": self.lab.ca_file,
            "entra_timeout": 10,
            "entra_retry_time": 30,
            "journal": str(self.folder / "journal"),
            "tenant": TENANT,
            "run": "run",
            **options,
        }
        arguments = operation.arguments
        validator = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints())
        validated = validator.validate(
            {option: value for option, value in given.items() if value is not None}
        )
        assert not validated.error_messages, validated.error_messages
        return dict(validated.validated_parameters)

    def users(self, *names: str, check_mode: bool = False, **options: Any) -> Outcome:
        """A task about accounts by their names."""
        given = self._about(names) | options
        return self.run("entra_user", check_mode=check_mode, **given)

    def make(self, *, check_mode: bool = False, **user: Any) -> Outcome:
        """A task about one account, by its properties; options of the task stand in `task`."""
        task = self._about(()) | user.pop("task", {})
        return self.run("entra_user", check_mode=check_mode, **{**task, "users": [user]})

    def start(self, *names: str, **options: Any) -> subprocess.Popen[bytes]:
        """A task in a process of its own, which can be killed."""
        parameters = self.parameters("entra_user", **self._about(names), **options)
        process = subprocess.Popen([sys.executable, "-c", _TASK], stdin=subprocess.PIPE)
        assert process.stdin is not None
        process.stdin.write(json.dumps(parameters).encode())
        process.stdin.close()
        return process

    def _about(self, names: Sequence[str]) -> dict[str, Any]:
        return {
            "users": [{"user_principal_name": name} for name in names],
            "passwords_file": str(self.passwords_file),
            "settle_time": SETTLE_TIME,
        }

    def undo(self, run: str = "run", **options: Any) -> Outcome:
        """A rollback of a run."""
        return self.run("change_rollback", undo_run=run, run=f"undo-{run}", **options)

    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = self.truth.cloud("GET", f"/accounts/{TENANT}")
        return told

    def there(self) -> dict[str, dict[str, Any]]:
        """The truth about every account, by name."""
        return {user["user_principal_name"].lower(): user for user in self.told()["users"]}

    def deleted(self) -> list[str]:
        return [user["user_principal_name"].lower() for user in self.told()["deleted"]]

    def events(self, kind: str) -> Counter[str]:
        """How often something happened to whom."""
        entries = self.truth.cloud("GET", f"/ledger?tenant={TENANT}")["accounts"]
        return Counter(each["user_principal_name"] for each in entries if each["kind"] == kind)

    def order(self, **account: Any) -> None:
        """Somebody who is there."""
        self.truth.cloud("POST", f"/accounts/{TENANT}", {"accounts": [account]})

    def passwords(self) -> dict[str, str]:
        with self.passwords_file.open(encoding="utf-8-sig", newline="") as file:
            return {row["user_principal_name"]: row["password"] for row in csv.DictReader(file)}

    def journal(self, run: str = "run") -> str:
        return (self.folder / "journal" / TENANT / f"{run}.jsonl").read_text()

    def trouble(self, kind: str, **details: Any) -> None:
        self.truth.cloud("POST", "/chaos", {"kind": kind, "tenant": TENANT, **details})

    def calm(self) -> None:
        self.truth.cloud("DELETE", "/chaos")

    def set_password(self, name: str) -> None:
        """What somebody does who signs in for the first time, some minutes after."""
        users = self.truth.cloud("GET", "/state")["tenants"][TENANT]["users"]
        (number,) = [
            number
            for number, user in enumerate(users)
            if user["user_principal_name"].lower() == name
        ]
        users[number] |= {"password_changed": "2031-01-01T00:00:00Z"}
        self.truth.cloud("PUT", f"/state/tenants/{TENANT}/users", users)


@pytest.fixture
def host(lab: Description, tmp_path: Path) -> Iterator[Host]:
    truth = Truth(lab)
    truth.cloud("POST", "/reset")
    try:
        yield Host(lab, truth, tmp_path)
    finally:
        truth.cloud("POST", "/reset")


def changed(outcome: Outcome) -> list[tuple[str, str, str]]:
    return [(each.action.value, each.property, each.name) for each in outcome.changes or ()]


def problems(outcome: Outcome) -> dict[str, str]:
    return {
        failure["user_principal_name"]: " ".join(
            failure["error"][part] for part in ("problem", "answer", "advice")
        )
        for failure in outcome.values["failures"]
    }


def test_made_once_with_all_that_was_said(host: Host) -> None:
    user: dict[str, Any] = {
        "user_principal_name": KIM.replace("kim", "Kim"),
        "given_name": "Kim",
        "surname": "Akers",
        "department": "Sales",
        "usage_location": "se",
        "other_mails": ["kim@litware.example"],
        "roles": ["global administrator", "729827e3-9c14-49f7-bb1b-9608f156bbb8"],
    }
    dry = host.make(**user, check_mode=True)
    assert KIM not in host.there()
    assert not host.passwords_file.exists()
    made = host.make(**user)
    assert dry == made
    assert changed(made) == [
        ("create", "user", KIM),
        ("add", GLOBAL_ADMINISTRATOR, KIM),
        ("add", HELPDESK, KIM),
    ]
    assert (made.values["created"], made.values["roles_given"]) == (1, 2)
    kim = host.there()[KIM]
    assert kim["display_name"] == "Kim Akers"
    assert kim["mail_nickname"] == "Kim.akers"
    assert kim["usage_location"] == "SE"
    assert kim["other_mails"] == ["kim@litware.example"]
    assert kim["details"] == {"givenName": "Kim", "surname": "Akers", "department": "Sales"}
    assert kim["roles"] == [GLOBAL_ADMINISTRATOR, HELPDESK]
    assert kim["must_change_password"] is True
    assert host.passwords() == {kim["user_principal_name"]: kim["password"]}
    again = host.make(**user)
    assert again.changes == ()
    assert again.values["unchanged"][0]["id"] == kim["id"]
    assert host.there()[KIM] == kim
    assert len(host.passwords_file.read_text().splitlines()) == 2


def test_given_password_and_an_account_nobody_can_use_yet(host: Host) -> None:
    task = {"passwords_file": None, "force_password_change": False}
    host.make(user_principal_name=KIM, password="Given-by-hand-1", account_enabled=False, task=task)
    kim = host.there()[KIM]
    assert (kim["password"], kim["must_change_password"]) == ("Given-by-hand-1", False)
    assert kim["account_enabled"] is False
    assert "Given-by-hand-1" not in host.journal()


def test_who_is_there_gets_the_roles_and_the_location_that_are_missing(host: Host) -> None:
    host.order(user_principal_name=KIM, roles=[HELPDESK], usage_location=None)
    before = host.there()[KIM]
    user: dict[str, Any] = {
        "user_principal_name": KIM,
        "display_name": "Somebody else",
        "usage_location": "JP",
        "roles": [HELPDESK, "User Administrator"],
    }
    dry = host.make(**user, check_mode=True)
    made = host.make(**user)
    assert dry == made
    assert changed(made) == [
        ("replace", "usageLocation", KIM),
        ("add", "User Administrator", KIM),
    ]
    assert host.there()[KIM] == before | {
        "usage_location": "JP",
        "roles": [HELPDESK, "User Administrator"],
    }
    assert not host.passwords_file.exists()
    assert host.make(**user).changes == ()


def test_no_place_for_passwords_is_told_before_anything_is_sent(host: Host) -> None:
    for check_mode in (True, False):
        with pytest.raises(InvalidInput, match="no place for them"):
            host.users(KIM, passwords_file=None, check_mode=check_mode)
    assert KIM not in host.there()
    # Nobody needs one who is there already.
    host.order(user_principal_name=KIM)
    assert host.users(KIM, passwords_file=None).changes == ()


@pytest.mark.parametrize(
    ("users", "told"),
    [
        ([{"user_principal_name": KIM}, {"user_principal_name": KIM.upper()}], "twice"),
        ([{"user_principal_name": KIM, "roles": ["Tea Maker"]}], "no directory role"),
        ([{"user_principal_name": KIM, "usage_location": "Sweden"}], "two letters"),
    ],
)
def test_what_cannot_be_meant(host: Host, users: list[dict[str, Any]], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        host.run(
            "entra_user",
            users=users,
            passwords_file=str(host.passwords_file),
        )
    assert KIM not in host.there()


@pytest.mark.parametrize("option", [{"purge": True}, {"remove_roles": True}])
def test_options_for_absence_are_for_absence(host: Host, option: Mapping[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="state=absent"):
        host.users(KIM, **option)


def test_what_cannot_be_done_is_told_of_each_and_keeps_nobody_else(host: Host) -> None:
    held, gone = f"held@{DOMAIN}", f"gone@{DOMAIN}"
    host.order(
        user_principal_name=f"holder@{DOMAIN}",
        display_name="The Holder",
        mail=f"holder@{DOMAIN}",
        proxy_addresses=[f"SMTP:holder@{DOMAIN}", f"smtp:{held}"],
    )
    host.order(user_principal_name=gone, display_name="The Deleted", is_deleted=True)
    names = (f"åsa@{DOMAIN}", "kim@nobody.example", held, gone, ANNA)
    dry = host.users(*names, check_mode=True)
    made = host.users(*names)
    assert problems(dry) == problems(made)
    told = problems(made)
    assert set(told) == {*names} - {ANNA}
    assert "'å'" in told[f"åsa@{DOMAIN}"]
    assert DOMAIN in told["kim@nobody.example"]
    assert "The Holder" in told[held]
    assert "The Deleted" in told[gone]
    assert changed(made) == [("create", "user", ANNA)]
    assert made.error is not None
    assert set(host.passwords()) == {ANNA}


def test_text_that_is_too_long_is_told_in_a_dry_run(host: Host) -> None:
    for check_mode in (True, False):
        made = host.make(user_principal_name=KIM, company_name="C" * 65, check_mode=check_mode)
        assert made.changes == ()
        assert "companyName has 65 characters" in problems(made)[KIM]


def test_address_of_somebody_deleted_is_held_too(host: Host) -> None:
    host.order(
        user_principal_name=f"other@{DOMAIN}",
        display_name="The Deleted",
        mail=KIM,
        is_deleted=True,
    )
    assert "The Deleted" in problems(host.users(KIM))[KIM]


def test_weak_password_is_told_in_a_dry_run_and_not_repeated(host: Host) -> None:
    dry = host.make(user_principal_name=KIM, password="weak-and-weak", check_mode=True)
    assert "three of these" in problems(dry)[KIM]
    assert "weak-and-weak" not in str(dry)


def test_refusal_of_one_keeps_nobody_else(host: Host) -> None:
    """Some things only Graph says; and whatever it says, the password is not in what is told."""
    user = {"user_principal_name": KIM, "other_mails": ["none"], "password": "Given-by-hand-1"}
    made = host.run(
        "entra_user",
        users=[user, {"user_principal_name": ANNA}],
        passwords_file=str(host.passwords_file),
    )
    assert changed(made) == [("create", "user", ANNA)]
    assert "Graph refused" in problems(made)[KIM]
    assert '"not_made"' in host.journal()


@pytest.mark.parametrize("name", [f"kim'o#~^!_-.x@{DOMAIN}", f"{'k' * 64}@{DOMAIN}"])
def test_names_with_all_that_is_allowed(host: Host, name: str) -> None:
    dry = host.users(name, check_mode=True)
    made = host.users(name)
    assert made.error is None, made.error
    assert dry == made
    assert name in host.there()
    assert host.users(name).changes == ()
    assert changed(host.users(name, state="absent")) == [("delete", "user", name)]


def test_domain_that_an_earlier_task_verifies_counts_in_a_dry_run(host: Host) -> None:
    name = "kim@newly.fincher.example"
    tenant_id = host.lab.tenants[TENANT]["tenant_id"]
    change = {
        "system": "entra",
        "resource": "domain",
        "id": f"{tenant_id} newly.fincher.example",
        "name": "newly.fincher.example",
        "property": "isVerified",
        "action": "replace",
        "before": False,
        "after": True,
        "rule": None,
        "reversible": True,
    }
    dry = host.users(name, planned_changes=[change], check_mode=True)
    assert changed(dry) == [("create", "user", name)]
    assert "not a verified domain" in problems(host.users(name, planned_changes=[change]))[name]


class TestCommand:
    def test_takes_each_password_and_nobody_else_sees_it(self, host: Host) -> None:
        """Neither in a list of processes nor in an environment, while the command runs."""
        script = (
            "import json, os, pathlib, sys\n"
            "told = json.loads(sys.stdin.readline())\n"
            "seen = []\n"
            "for process in pathlib.Path('/proc').glob('[0-9]*'):\n"
            "    for name in ('cmdline', 'environ'):\n"
            "        try:\n"
            "            seen.append((process / name).read_bytes().decode(errors='replace'))\n"
            "        except OSError:\n"
            "            pass\n"
            "told['seen'] = told['password'] in ' '.join(seen)\n"
            "told['processes'] = len(seen)\n"
            f"path = pathlib.Path({str(host.folder)!r}, told['user_principal_name'])\n"
            "path.write_text(json.dumps(told))\n"
        )
        command = [sys.executable, "-c", script]
        dry = host.users(KIM, ANNA, passwords_file=None, passwords_command=command, check_mode=True)
        assert not (host.folder / KIM).exists()
        made = host.users(KIM, ANNA, passwords_file=None, passwords_command=command)
        assert dry == made
        for name in (KIM, ANNA):
            told = json.loads((host.folder / name).read_text())
            assert told["password"] == host.there()[name]["password"]
            assert told["processes"] > 2
            assert told["seen"] is False

    def test_that_takes_none_leaves_no_account(self, host: Host) -> None:
        script = (
            "import json, sys\n"
            f"sys.exit(json.loads(sys.stdin.read())['user_principal_name'] == {KIM!r})\n"
        )
        command = [sys.executable, "-c", script]
        made = host.users(KIM, ANNA, passwords_file=None, passwords_command=command)
        assert "it ended with 1" in problems(made)[KIM]
        assert KIM not in host.there()
        assert changed(made) == [("create", "user", ANNA)]

    def test_that_is_none_is_told_at_once(self, host: Host) -> None:
        with pytest.raises(InvalidInput, match="no command"):
            host.users(KIM, passwords_file=None, passwords_command=["/nonexistent"])


def test_file_that_is_a_link_is_not_followed_and_nothing_is_made(host: Host) -> None:
    target = host.folder / "target.csv"
    host.passwords_file.parent.mkdir()
    host.passwords_file.symlink_to(target)
    made = host.users(KIM)
    assert isinstance(made.error, TenantopsError)
    assert "cannot be used" in str(made.error)
    assert not target.exists()
    assert KIM not in host.there()


def test_deleted_once_and_nobody_else(host: Host) -> None:
    host.users(KIM, ANNA)
    before = host.there()
    dry = host.users(KIM, "nobody@" + DOMAIN, state="absent", check_mode=True)
    assert host.there() == before
    made = host.users(KIM, "nobody@" + DOMAIN, state="absent")
    assert dry == made
    assert changed(made) == [("delete", "user", KIM)]
    assert made.values["unchanged"][0]["id"] is None
    assert set(before) - set(host.there()) == {KIM}
    assert KIM in host.deleted()
    assert host.users(KIM, state="absent").changes == ()


def test_who_is_deleted_needs_no_password(host: Host) -> None:
    host.order(user_principal_name=KIM)
    assert changed(host.users(KIM, state="absent")) == [("delete", "user", KIM)]
    assert not host.passwords_file.exists()


def test_purged_on_request_alone(host: Host) -> None:
    host.users(KIM)
    host.users(KIM, state="absent")
    host.order(user_principal_name=ANNA)
    names = (KIM, ANNA, TARO)
    dry = host.users(*names, state="absent", purge=True, check_mode=True)
    made = host.users(*names, state="absent", purge=True)
    assert dry == made
    assert changed(made) == [
        ("delete", "user", ANNA),
        ("remove", "deleted_user", KIM),
        ("remove", "deleted_user", ANNA),
    ]
    assert (made.values["deleted"], made.values["purged"]) == (1, 2)
    assert {KIM, ANNA}.isdisjoint(host.deleted())
    assert host.users(*names, state="absent", purge=True).changes == ()
    # The name is free again.
    assert changed(host.users(KIM)) == [("create", "user", KIM)]


def test_administrators_are_left_to_a_person_or_lose_their_roles_first(host: Host) -> None:
    host.order(user_principal_name=KIM, roles=[HELPDESK, "User Administrator"])
    for check_mode in (True, False):
        refused = host.users(KIM, state="absent", check_mode=check_mode)
        assert refused.changes == ()
        assert HELPDESK in problems(refused)[KIM]
        assert "remove_roles" in problems(refused)[KIM]
    dry = host.users(KIM, state="absent", remove_roles=True, check_mode=True)
    made = host.users(KIM, state="absent", remove_roles=True)
    assert dry == made
    assert made.values["roles_removed"] == 2
    assert changed(made)[-1] == ("delete", "user", KIM)
    # And all of it comes back, the roles after their holder.
    planned, undone = host.undo(check_mode=True), host.undo()
    assert changed(planned) == changed(undone)
    assert changed(undone)[0] == ("create", "user", KIM)
    assert host.there()[KIM]["roles"] == [HELPDESK, "User Administrator"]


def test_last_global_administrator_stays(host: Host) -> None:
    host.order(user_principal_name=KIM, roles=[GLOBAL_ADMINISTRATOR])
    others = [
        user["user_principal_name"]
        for user in host.there().values()
        if GLOBAL_ADMINISTRATOR in user["roles"]
    ]
    refused = host.users(*others, state="absent", remove_roles=True)
    assert refused.changes == ()
    assert "Nobody would be Global Administrator" in problems(refused)[KIM]
    assert KIM in host.there()


@pytest.mark.parametrize(
    ("options", "permission", "role"),
    [
        ({}, "User.ReadWrite.All", "User Administrator"),
        ({"state": "absent"}, "User.ReadWrite.All", "User Administrator"),
        (
            {"state": "absent", "remove_roles": True},
            "RoleManagement.ReadWrite.Directory",
            "Privileged Role Administrator",
        ),
    ],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_missing_permission_is_named(
    host: Host, options: Mapping[str, Any], permission: str, role: str, check_mode: bool
) -> None:
    permissions = ["Organization.Read.All", "User.Read.All", "Directory.Read.All"]
    host.truth.cloud("PUT", f"/state/tenants/{TENANT}/application/permissions", permissions)
    with pytest.raises(Refused) as raised:
        host.users(KIM, **options, check_mode=check_mode)
    assert permission in str(raised.value)
    assert role in str(raised.value)


def test_limit_and_approval(host: Host) -> None:
    with pytest.raises(TooManyChanges):
        host.users(KIM, ANNA, max_changes="1")
    user: dict[str, Any] = {"user_principal_name": KIM, "roles": [HELPDESK]}
    with pytest.raises(TooManyChanges):
        host.make(**user, task={"max_changes": "1"})
    planned = host.make(**user, check_mode=True)
    plan = Plan(TENANT, "playbook", "check", tuple(planned.changes or ())).to_json()
    with pytest.raises(NotApproved):
        host.users(KIM, ANNA, approved_plan=plan)
    assert {KIM, ANNA}.isdisjoint(host.there())
    assert host.make(**user, task={"approved_plan": plan, "max_changes": "100%"}).changes


class TestRollback:
    def test_made_accounts_go_again_with_their_roles(self, host: Host) -> None:
        before = host.there()
        host.make(user_principal_name=KIM, roles=[HELPDESK])
        host.users(ANNA)
        dry, made = host.undo(check_mode=True), host.undo()
        assert sorted(changed(dry)) == sorted(changed(made))
        assert sorted(changed(made)) == [
            ("delete", "user", ANNA),
            ("delete", "user", KIM),
            ("remove", HELPDESK, KIM),
        ]
        assert host.there() == before
        assert {KIM, ANNA} <= set(host.deleted())
        assert host.undo().changes == ()
        # And there again.
        again = host.undo("undo-run")
        assert again.error is None, again.error
        assert host.there()[KIM]["roles"] == [HELPDESK]

    def test_accounts_that_are_in_use_since_stay(self, host: Host) -> None:
        host.users(KIM, ANNA)
        host.set_password(KIM)
        made = host.undo()
        assert changed(made) == [("delete", "user", ANNA)]
        (conflict,) = made.values["conflicts"]
        assert "since" in conflict["reason"]
        assert "in use" in conflict["found"]

    def test_deleted_accounts_come_back_as_they_were(self, host: Host) -> None:
        host.order(user_principal_name=KIM, display_name="Kim", usage_location="SE")
        host.set_password(KIM)
        before = host.there()
        host.users(KIM, state="absent")
        made = host.undo()
        assert [action for action, _property, _name in changed(made)] == ["create"]
        assert host.there() == before
        assert host.undo().changes == ()

    def test_what_was_purged_is_told(self, host: Host) -> None:
        host.order(user_principal_name=KIM)
        host.users(KIM, state="absent", purge=True)
        host.users(ANNA)
        made = host.undo()
        assert made.error is None, made.error
        assert changed(made) == [("delete", "user", ANNA)]
        reasons = sorted(conflict["reason"] for conflict in made.values["conflicts"])
        assert reasons == ["it cannot be undone", "somebody changed it since"]

    def test_account_that_one_run_made_and_deleted(self, host: Host) -> None:
        host.users(KIM)
        host.users(KIM, state="absent")
        assert host.undo().changes == ()

    def test_account_that_the_same_run_named_anew(self, host: Host) -> None:
        """In a dry run it still has the new name, and is told to go all the same."""
        before = host.there()
        host.users(KIM)
        host.run("entra_user_upn", source="mapping", mapping=self._mapping(host, {KIM: TARO}))
        assert TARO in host.there()
        dry, made = host.undo(check_mode=True), host.undo()
        assert made.error is None, made.error
        assert changed(dry) == changed(made)
        assert ("delete", "user", KIM) in changed(made)
        assert host.there() == before

    def _mapping(self, host: Host, names: Mapping[str, str]) -> str:
        path = host.folder / "names.json"
        path.write_text(json.dumps(names))
        return str(path)

    def test_of_another_tenant(self, host: Host) -> None:
        host.users(KIM)
        with pytest.raises(JournalUnusable, match="another tenant"):
            host.undo(of_tenant="contoso")

    def test_roles_of_another_tenant(self, host: Host) -> None:
        host.order(user_principal_name=KIM)
        host.make(user_principal_name=KIM, roles=[HELPDESK])
        with pytest.raises(JournalUnusable, match="another tenant"):
            host.undo(of_tenant="munson")


NAMES = tuple(f"person{number}@{DOMAIN}" for number in range(60))

# Whoever is hit five times is given up, and a rhythm of its own can hit the same ones each time.
DROPS: dict[str, Any] = {"kind": "drop", "path": BATCH, "writing": True, "every": 2, "count": 4}

TROUBLES: dict[str, dict[str, Any]] = {
    "every third throttled": {
        "kind": "throttle",
        "path": USERS,
        "method": "POST",
        "every": 3,
        "retry_after": 0,
    },
    "batches throttled": {"kind": "throttle", "path": BATCH, "writing": True, "count": 3},
    "server errors before": {"kind": "failure", "path": USERS, "method": "POST", "every": 7},
    "server errors after": {
        "kind": "failure",
        "path": USERS,
        "method": "POST",
        "every": 7,
        "when": "after",
        "status": 500,
    },
    "collisions": {"kind": "conflict", "path": USERS, "method": "POST", "every": 5},
    "connections break before": DROPS,
    "connections break after": {**DROPS, "when": "after"},
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_whatever_happens_each_is_made_once_with_its_password(host: Host, trouble: str) -> None:
    host.trouble(**TROUBLES[trouble])
    made = host.users(*NAMES)
    assert host.truth.troubled_writes()
    assert made.error is None, made.error
    assert len(made.changes or ()) == len(NAMES)
    assert host.events("created") == Counter(NAMES)
    host.calm()
    there = host.there()
    assert host.passwords() == {name: there[name]["password"] for name in NAMES}
    assert host.users(*NAMES).changes == ()


@pytest.mark.parametrize("trouble", TROUBLES)
def test_whatever_happens_each_gets_the_role_once(host: Host, trouble: str) -> None:
    is_of_requests = TROUBLES[trouble]["path"] == USERS
    # The batches before the roles are those that make their holders.
    instead = {"path": ASSIGNMENTS} if is_of_requests else {"skip": 3}
    host.trouble(**TROUBLES[trouble] | instead)
    users = [{"user_principal_name": name, "roles": [HELPDESK]} for name in NAMES]
    made = host.run(
        "entra_user",
        users=users,
        passwords_file=str(host.passwords_file),
        settle_time=SETTLE_TIME,
    )
    assert any("roleAssignments" in write for write in host.truth.troubled_writes())
    assert made.error is None, made.error
    assert host.events("role_assigned") == Counter(NAMES)
    host.calm()
    assert host.run("entra_user", users=users).changes == ()


@pytest.mark.parametrize("when", ["before", "after"])
def test_whatever_happens_each_is_deleted_and_purged(host: Host, when: str) -> None:
    host.users(*NAMES)
    host.trouble(**DROPS, when=when)
    made = host.users(*NAMES, state="absent", purge=True)
    assert host.truth.troubled_writes()
    assert made.error is None, made.error
    assert set(NAMES).isdisjoint(host.there())
    assert set(NAMES).isdisjoint(host.deleted())


def test_role_is_given_as_soon_as_graph_knows_the_user(host: Host) -> None:
    host.trouble("lag", seconds=0.5, path=USERS, method="POST")
    made = host.make(user_principal_name=KIM, roles=[HELPDESK])
    assert made.error is None, made.error
    assert host.there()[KIM]["roles"] == [HELPDESK]


def test_account_that_graph_does_not_show_yet_is_not_made_again(host: Host) -> None:
    """As after a run that was killed: the journal tells, and Graph does not."""
    host.trouble("lag", seconds=1.5, path=USERS, method="POST")
    host.users(KIM)
    again = host.users(KIM, run="again", settle_time=2.0)
    assert again.changes == ()
    assert host.events("created") == {KIM: 1}
    assert list(host.passwords()) == [KIM]


def test_killed_again_and_again_each_is_made_once_with_its_password(host: Host) -> None:
    names = [f"person{number}@{DOMAIN}" for number in range(max(200, 100 * KILLS))]
    host.trouble("slow", path=BATCH, method="POST", seconds=0.2, when="after")
    for number in range(KILLS):
        already = len(host.events("created"))
        process = host.start(*names, run=f"killed-{number}")
        while len(host.events("created")) < already + 20 and process.poll() is None:
            time.sleep(0.05)
        assert process.poll() is None, "it was done before it could be killed"
        process.kill()
        process.wait()
    host.calm()
    assert len(host.events("created")) < len(names)
    made = host.users(*names, run="last")
    assert made.error is None, made.error
    assert host.events("created") == Counter(names)
    there = host.there()
    assert host.passwords() == {name: there[name]["password"] for name in names}


def test_thousands_in_one_task(host: Host) -> None:
    names = [f"person{number}@{DOMAIN}" for number in range(PEOPLE)]
    made = host.users(*names)
    assert made.error is None, made.error
    assert made.values["created"] == PEOPLE
    there = host.there()
    assert host.passwords() == {name: there[name]["password"] for name in names}
    assert len(set(host.passwords().values())) == PEOPLE
    assert host.users(*names, run="again").changes == ()


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (BATCH, {"raw": "{}"}),
        (BATCH, {"set": {"responses": [{"id": 7}]}}),
        (BATCH, {"raw": "no JSON"}),
        ("/v1.0/organization", {"set": {"value": []}}),
        ("/v1.0/directory/deletedItems/*", {"set": {"value": [{"id": 7}]}}),
    ],
)
def test_answer_that_is_not_understood_is_no_absence(
    host: Host, path: str, answer: dict[str, Any]
) -> None:
    host.trouble("answer", path=path, **answer)
    with pytest.raises(TenantopsError) as raised:
        host.users(KIM, entra_retry_time=1)
    assert isinstance(raised.value, NotUnderstood), raised.value
    host.calm()
    assert KIM not in host.there()


@pytest.mark.parametrize("door", DOORS)
def test_passwords_are_in_the_file_alone(host: Host, door: str) -> None:
    """Whatever is asked to be shown, and whatever is kept."""
    given = "Given-by-hand-1"
    task = {
        "users": [
            {"user_principal_name": KIM, "roles": [HELPDESK]},
            {"user_principal_name": ANNA, "password": given},
            {"user_principal_name": f"refused@{DOMAIN}", "other_mails": ["none"]},
        ],
        "passwords_file": str(host.passwords_file),
        "run": "secrets",
        "tenant": TENANT,
        "journal": str(host.folder / "journal"),
    }
    inventory = yaml.safe_load(Path(host.lab.data["inventory"]).read_text())
    variables = inventory["account_tenants"]["hosts"][TENANT]
    connection = {
        name.removeprefix("tenant_"): value
        for name, value in variables.items()
        if name.startswith("tenant_entra_")
    }
    playbook = host.folder / "play.yml"
    playbook.write_text(
        json.dumps(
            [
                {
                    "hosts": TENANT,
                    "gather_facts": False,
                    "tasks": [
                        {
                            "tenantops.migration.entra_user": {**connection, **task},
                            "register": "result",
                            "ignore_errors": True,
                            "check_mode": check_mode,
                        }
                        for check_mode in (True, False)
                    ]
                    + [{"ansible.builtin.debug": {"var": "result"}}],
                }
            ]
        )
    )
    operator = Operator(host.lab, host.folder)
    finished = operator.run(str(playbook), "-vvvv", "--diff", door=door)
    assert finished.exit_code == 0, finished.output
    (host.folder / "output").write_text(finished.output)
    there = host.there()
    assert "refused" not in " ".join(there)
    passwords = [*host.passwords().values(), there[KIM]["password"], given]
    assert len(set(passwords)) == 3
    kept = [path for path in host.folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".jsonl" for path in kept)
    for path in kept:
        if path in (host.passwords_file, playbook):
            continue
        content = path.read_bytes()
        for password in passwords:
            assert password.encode() not in content, path
    assert stat.S_IMODE(host.passwords_file.stat().st_mode) == 0o600


def test_password_that_graph_repeats_is_not_told(host: Host) -> None:
    given = "Given-by-hand-1"
    answer = {
        "responses": [
            {
                "id": f"{host.lab.tenants[TENANT]['tenant_id']} {KIM}",
                "status": 400,
                "body": {"error": {"code": "Request_BadRequest", "message": f"no {given}!"}},
            }
        ]
    }
    # The questions before are answered by the same path, so only the last batch is changed.
    host.trouble("answer", path=BATCH, set=answer, skip=3, count=1)
    made = host.make(user_principal_name=KIM, password=given)
    told = json.dumps([made.values, None if made.error is None else made.error.as_result()])
    assert given not in told
