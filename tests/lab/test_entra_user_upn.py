# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""entra_user_upn: who should have which name has it, and nobody is lost on the way; the cloud's own
book of accounts judges."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.tenantops.migration.plugins.module_utils._changes.plan import Plan
from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Outcome
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    InvalidInput,
    NotApproved,
    NotUnderstood,
    Refused,
    TenantopsError,
    TooManyChanges,
)
from ansible_collections.tenantops.migration.plugins.module_utils._sign_in_names import runner
from ansible_collections.tenantops.migration.plugins.module_utils._sign_in_names.holders import (
    read_holders,
)
from lab.description import Description

from .truth import Truth

_MODULES = "ansible_collections.tenantops.migration.plugins.modules"
TENANT = "fincher"
BATCH = "/v1.0/$batch"
USERS = "/v1.0/users*"
SETTLE_TIME = 1.0
KILLS = int(os.environ.get("TENANTOPS_KILLS", "2"))

_TASK = f"""
import json, sys
from {_MODULES}.entra_user_upn import OPERATION
OPERATION.run(json.load(sys.stdin), False)
"""


@dataclass(frozen=True)
class Host:
    """Somebody who renames the users of a tenant, and a look behind the cloud."""

    lab: Description
    truth: Truth
    folder: Path
    tenant: str = TENANT

    def run(self, module: str, /, *, check_mode: bool = False, **options: Any) -> Outcome:
        """What a task comes to, as through either door."""
        operation = importlib.import_module(f"{_MODULES}.{module}").OPERATION
        outcome: Outcome = operation.run(self.parameters(module, **options), check_mode)
        return outcome

    def parameters(self, module: str, /, **options: Any) -> dict[str, Any]:
        operation = importlib.import_module(f"{_MODULES}.{module}").OPERATION
        tenant, cloud = self.lab.tenants[self.tenant], self.lab.cloud
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
            "tenant": self.tenant,
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

    def rename(self, *, check_mode: bool = False, **options: Any) -> Outcome:
        """A task about names; those of the tenant's own domains if nobody else is named."""
        return self.run("entra_user_upn", check_mode=check_mode, **self._about(options))

    def start(self, **options: Any) -> subprocess.Popen[bytes]:
        """The same in a process of its own, which can be killed."""
        parameters = self.parameters("entra_user_upn", **self._about(options))
        process = subprocess.Popen([sys.executable, "-c", _TASK], stdin=subprocess.PIPE)
        assert process.stdin is not None
        process.stdin.write(json.dumps(parameters).encode())
        process.stdin.close()
        return process

    def undo(self, run: str = "run", **options: Any) -> Outcome:
        """A rollback of a run."""
        return self.run("change_rollback", undo_run=run, run=f"undo-{run}", **options)

    def _about(self, options: Mapping[str, Any]) -> dict[str, Any]:
        given = {"source": "mail", "settle_time": SETTLE_TIME, **options}
        if given["source"] in ("mail", "primary_address") and not given.get("ids"):
            given.setdefault("domains", [f"{self.tenant}.test"])
        return given

    def add(self, *accounts: Mapping[str, Any]) -> None:
        self.truth.cloud("POST", f"/accounts/{self.tenant}", {"accounts": list(accounts)})

    def crowd(self, count: int) -> None:
        crowd = {"count": count, "mail_domain": f"{self.tenant}.test"}
        self.truth.cloud("POST", f"/accounts/{self.tenant}", {"crowd": crowd})

    def users(self) -> dict[str, dict[str, Any]]:
        """The truth about everybody, by id."""
        told = self.truth.cloud("GET", f"/accounts/{self.tenant}")["users"]
        return {user["id"]: user for user in told}

    def names(self) -> dict[str, str]:
        """The names to sign in with, by id."""
        return {identity: user["user_principal_name"] for identity, user in self.users().items()}

    def id(self, name: str) -> str:
        """Whose name that is now."""
        (user,) = self.truth.cloud("GET", f"/accounts/{self.tenant}?user={name}")["users"]
        return str(user["id"])

    def book(self) -> list[tuple[str, str]]:
        """Which names the cloud changed, oldest first."""
        events = self.truth.cloud("GET", f"/ledger?tenant={self.tenant}")["accounts"]
        return [(event["before"], event["after"]) for event in events if event["kind"] == "renamed"]

    def set(self, path: str, value: object) -> None:
        self.truth.cloud("PUT", f"/state/tenants/{self.tenant}/{path}", value)

    def trouble(self, kind: str, **details: Any) -> None:
        self.truth.cloud("POST", "/chaos", {"kind": kind, "tenant": self.tenant, **details})

    def calm(self) -> None:
        self.truth.cloud("DELETE", "/chaos")


@pytest.fixture
def host(lab: Description, tmp_path: Path) -> Iterator[Host]:
    truth = Truth(lab)
    truth.cloud("POST", "/reset")
    try:
        yield Host(lab, truth, tmp_path)
    finally:
        truth.cloud("POST", "/reset")


@pytest.fixture
def troubled(host: Host) -> Host:
    """The tenant in which each person is in another trouble."""
    return Host(host.lab, host.truth, host.folder, "southridge")


def changed(outcome: Outcome) -> dict[str, object]:
    return {str(change.before): change.after for change in outcome.changes or ()}


def problems(outcome: Outcome) -> dict[str, str]:
    return {
        failure["user_principal_name"]: json.dumps(failure["error"])
        for failure in outcome.values["failures"]
    }


def mapping(host: Host, names: Mapping[str, str]) -> str:
    path = host.folder / "names.json"
    path.write_text(json.dumps(names), encoding="utf-8")
    return str(path)


JAN, JON = "jan@fincher.test", "jon@fincher.test"
FRIDA, FRIDA_NY, FRIDA_HOLM = (
    "frida@fincher.test",
    "frida.ny@fincher.test",
    "frida.holm@fincher.test",
)


def members(host: Host) -> dict[str, dict[str, Any]]:
    """Everybody with an address of the tenant's own, by id."""
    return {
        identity: user
        for identity, user in host.users().items()
        if (user["mail"] or "").endswith(f"@{TENANT}.test")
    }


def test_everybody_gets_the_name_of_the_address_chains_and_swaps_too(host: Host) -> None:
    before = members(host)
    dry = host.rename(check_mode=True)
    assert members(host) == before
    made = host.rename()
    assert made == dry
    assert made.error is None, made.error
    after = members(host)
    for identity, user in after.items():
        assert user["user_principal_name"] == before[identity]["mail"]
        assert user["licenses"] == before[identity]["licenses"]
    assert changed(made)[JAN] == JON
    assert changed(made)[JON] == JAN
    # Who exchanged their names needed one request more than they are.
    ((parked,),) = ([told["user_principal_name"]] for told in made.values["temporary"])
    assert parked in (JAN, JON)
    assert len(host.book()) == len(changed(made)) + 1
    assert host.book().index((FRIDA, FRIDA_HOLM)) < host.book().index((FRIDA_NY, FRIDA))
    assert made.values["renamed"] == len(before) - 1
    assert made.values["unchanged"] == 1
    again = host.rename()
    assert again.changes == ()
    assert again.values["unchanged"] == len(before)


def test_rollback(host: Host) -> None:
    before = host.names()
    options: dict[str, Any] = {"departments": ["Drawing", "Models"]}
    host.rename(**options)
    assert host.names() != before
    dry = host.undo(check_mode=True)
    made = host.undo()
    assert changed(dry) == changed(made)
    assert made.error is None, made.error
    assert host.names() == before
    assert host.undo().changes == ()
    # And there again.
    host.undo("undo-run")
    assert host.rename(check_mode=True, **options).changes == ()


def test_rollback_tells_before_it_writes_what_graph_does_not_take(host: Host) -> None:
    """The old name of each of these is by now the address of another one, as it was before, when
    somebody had brought that about in another way."""
    before = host.names()
    host.rename()
    dry = host.undo(check_mode=True)
    made = host.undo()
    assert changed(dry) == changed(made)
    told = {failure["name"]: failure["error"]["answer"] for failure in made.values["failures"]}
    assert set(told) == {JAN, JON, FRIDA}
    assert "among its addresses" in told[JAN]
    others = {identity for identity, name in before.items() if name not in told | {FRIDA_NY: ""}}
    assert {before[identity] for identity in others} == {
        host.names()[identity] for identity in others
    }


def test_rollback_leaves_alone_what_somebody_changed_since(host: Host) -> None:
    alva = "alva.berg@fincher.onmicrosoft.com"
    host.rename(departments=["Drawing"])
    host.set("users/alva.berg@fincher.test/user_principal_name", "alva.else@fincher.test")
    made = host.undo()
    (conflict,) = made.values["conflicts"]
    assert conflict["found"] == "alva.else@fincher.test"
    assert conflict["change"]["name"] == alva
    assert "bror.dahl@fincher.test" in changed(made)


def test_another_suffix(host: Host) -> None:
    suffixes = {"fincher.onmicrosoft.com": "fincher.test"}
    options: dict[str, Any] = {"source": "suffix_map", "suffix_map": suffixes}
    made = host.rename(**options)
    assert made.error is None, made.error
    assert set(changed(made).values()) == {
        "administrator@fincher.test",
        "alva.berg@fincher.test",
        "bror.dahl@fincher.test",
        "carin.eng@fincher.test",
        "disa.fors@fincher.test",
        "einar.glad@fincher.test",
    }
    # Whom the map does not name is not meant.
    assert made.values["left"] == []
    assert made.values["selected"] == 6
    assert host.rename(**options).changes == ()


def test_names_from_a_file_by_id(host: Host) -> None:
    names = {host.id(JAN): JON, host.id(JON): JAN.upper(), host.id(FRIDA): "f.holm@fincher.test"}
    options: dict[str, Any] = {"source": "mapping", "mapping": mapping(host, names)}
    made = host.rename(**options)
    assert made.error is None, made.error
    assert {host.names()[identity]: None for identity in names} == dict.fromkeys(names.values())
    assert host.rename(**options).changes == ()


def test_names_from_a_file_by_name(host: Host) -> None:
    names = {FRIDA: "f.holm@fincher.test", "nobody@fincher.test": "somebody@fincher.test"}
    options: dict[str, Any] = {"source": "mapping", "mapping": mapping(host, names)}
    made = host.rename(**options)
    assert changed(made) == {FRIDA: "f.holm@fincher.test"}
    assert set(problems(made)) == {"nobody@fincher.test"}
    # The first is not there any more under the old name, because it was renamed.
    again = host.rename(**options)
    assert again.changes == ()
    assert set(problems(again)) == {"nobody@fincher.test"}


def test_a_file_with_which_a_second_run_would_rename_others(host: Host) -> None:
    with pytest.raises(InvalidInput, match="by their ids"):
        host.rename(source="mapping", mapping=mapping(host, {JAN: JON, JON: JAN}))


def test_each_in_another_trouble_is_told_before_anything_is_written(troubled: Host) -> None:
    troubled.add(
        {"user_principal_name": "cleo@southridge.onmicrosoft.com", "mail": "c@southridge.test"},
        {"user_principal_name": "taken@southridge.onmicrosoft.com", "mail": "t@southridge.test"},
        {"user_principal_name": "one@southridge.onmicrosoft.com", "mail": "one@southridge.test"},
        {"user_principal_name": "two@southridge.onmicrosoft.com", "mail": "two@southridge.test"},
        {"user_principal_name": "far@southridge.onmicrosoft.com", "mail": "far@southridge.test"},
    )
    cleo, taken, one, two, far = (
        troubled.id(f"{name}@southridge.onmicrosoft.com")
        for name in ("cleo", "taken", "one", "two", "far")
    )
    ada = troubled.id("ada.moss@southridge.onmicrosoft.com")
    synced = next(
        user["id"] for user in troubled.users().values() if user["is_synced"] and user["licenses"]
    )
    path = mapping(
        troubled,
        {
            cleo: "cleo.danes@southridge.test",
            taken: "SAM.OAK@southridge.test",
            one: "same@southridge.test",
            two: "Same@southridge.test",
            far: "far@elsewhere.example",
            ada: "ada.moss@southridge.test",
            synced: "synced@southridge.test",
        },
    )
    before = troubled.names()
    dry = troubled.rename(source="mapping", mapping=path, check_mode=True)
    made = troubled.rename(source="mapping", mapping=path)
    assert problems(dry) == problems(made)
    assert made.changes == ()
    assert troubled.names() == before
    assert troubled.book() == []
    told = problems(made)
    assert "the deleted user" in told["cleo@southridge.onmicrosoft.com"]
    assert "sam.oak@southridge.onmicrosoft.com" in told["taken@southridge.onmicrosoft.com"]
    assert "two@southridge" in told["one@southridge.onmicrosoft.com"]
    assert "one@southridge" in told["two@southridge.onmicrosoft.com"]
    assert "not a verified domain" in told["far@southridge.onmicrosoft.com"]
    assert "User Administrator" in told["ada.moss@southridge.onmicrosoft.com"]
    assert "upn_alignment" in told[before[synced]]
    assert len(told) == 7


def test_administrators_are_renamed_by_an_app_that_stands_above_them(troubled: Host) -> None:
    ada = troubled.id("ada.moss@southridge.onmicrosoft.com")
    state = troubled.truth.cloud("GET", "/state")["tenants"][troubled.tenant]
    app = state["application"]["object_id"]
    roles = state["directory_roles"]
    above = {
        "id": "11111111-2222-4333-8444-555555555555",
        "role_template_id": "62e90394-69f5-4237-9190-012177145e10",
        "display_name": "Global Administrator",
        "description": "",
        "members": [app],
    }
    troubled.set("directory_roles", [*roles, above])
    made = troubled.rename(ids=[ada])
    assert made.error is None, made.error
    assert troubled.names()[ada] == "ada.moss@southridge.test"


def test_a_role_that_is_not_enough_is_for_graph_to_tell(troubled: Host) -> None:
    ada = troubled.id("ada.moss@southridge.onmicrosoft.com")
    state = troubled.truth.cloud("GET", "/state")["tenants"][troubled.tenant]
    reader = {
        "id": "11111111-2222-4333-8444-555555555555",
        "role_template_id": "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
        "display_name": "Directory Readers",
        "description": "",
        "members": [state["application"]["object_id"]],
    }
    troubled.set("directory_roles", [*state["directory_roles"], reader])
    made = troubled.rename(ids=[ada])
    assert (
        "Privileged Authentication Administrator"
        in problems(made)["ada.moss@southridge.onmicrosoft.com"]
    )
    assert troubled.book() == []


def test_domain_that_an_earlier_task_verifies_counts_in_a_dry_run(host: Host) -> None:
    tenant_id = host.lab.tenants[TENANT]["tenant_id"]
    planned = {
        "system": "entra",
        "resource": "domain",
        "id": f"{tenant_id} fincher.example",
        "name": "fincher.example",
        "property": "isVerified",
        "action": "replace",
        "before": False,
        "after": True,
        "rule": None,
        "reversible": True,
    }
    options: dict[str, Any] = {
        "source": "suffix_map",
        "suffix_map": {"fincher.test": "fincher.example"},
    }
    refused = host.rename(check_mode=True, **options)
    assert refused.changes == ()
    assert all("not a verified" in told for told in problems(refused).values())
    dry = host.rename(check_mode=True, planned_changes=[planned], **options)
    assert dry.error is None, dry.error
    assert changed(dry)[JAN] == "jan@fincher.example"
    # In a run it is as it is.
    assert host.rename(planned_changes=[planned], **options).changes == ()


def test_names_that_earlier_tasks_give_count_in_a_dry_run(host: Host) -> None:
    frida = host.rename(ids=[host.id(FRIDA)], check_mode=True)
    planned = [change.to_json() for change in frida.changes or ()]
    after = host.rename(ids=[host.id(FRIDA_NY)], check_mode=True, planned_changes=planned)
    assert changed(after) == {FRIDA_NY: FRIDA}
    alone = host.rename(ids=[host.id(FRIDA_NY)], check_mode=True)
    assert "has it as the name" in problems(alone)[FRIDA_NY]


def test_people_without_an_address_and_guests_are_left(host: Host) -> None:
    host.add({"user_principal_name": "svc.scan@fincher.test"})
    host.truth.cloud(
        "POST",
        f"/guests/{TENANT}",
        {"guests": [{"address": "kim@fincher.test", "method": "google"}]},
    )
    made = host.rename()
    assert made.error is None, made.error
    assert {told["reason"] for told in made.values["left"]} == {
        "there is no mail address",
        "it is a guest",
    }


def test_nobody_in_particular_is_meant(host: Host) -> None:
    with pytest.raises(InvalidInput, match="not said which users"):
        host.rename(domains=[])


def test_selection(host: Host) -> None:
    made = host.rename(departments=["drawing"], check_mode=True)
    assert set(changed(made)) == {
        "alva.berg@fincher.onmicrosoft.com",
        "bror.dahl@fincher.onmicrosoft.com",
    }
    made = host.rename(departments=["drawing"], licensed=True, check_mode=True)
    assert set(changed(made)) == {"bror.dahl@fincher.onmicrosoft.com"}
    made = host.rename(licensed_with=["enterprisepack"], check_mode=True)
    assert set(changed(made)) == {"bror.dahl@fincher.onmicrosoft.com"}
    made = host.rename(groups=["Model makers"], domains=[], check_mode=True)
    assert set(changed(made)) == {"einar.glad@fincher.onmicrosoft.com"}
    made = host.rename(user_principal_names=[JAN, "nobody@fincher.test"], check_mode=True)
    assert set(problems(made)) == {JAN, "nobody@fincher.test"}


@pytest.mark.parametrize("check_mode", [True, False])
def test_missing_permission_is_named(host: Host, check_mode: bool) -> None:
    host.set("application/permissions", ["Organization.Read.All", "User.Read.All"])
    with pytest.raises(Refused, match=r"User\.ReadWrite\.All") as raised:
        host.rename(check_mode=check_mode)
    assert "User Administrator" in str(raised.value)
    assert host.book() == []


def test_limit_and_approval(host: Host) -> None:
    with pytest.raises(TooManyChanges):
        host.rename(max_changes="1")
    planned = host.rename(ids=[host.id(FRIDA)], check_mode=True)
    plan = Plan(TENANT, "playbook", "check", tuple(planned.changes or ())).to_json()
    with pytest.raises(NotApproved):
        host.rename(approved_plan=plan)
    assert host.book() == []
    assert changed(host.rename(ids=[host.id(FRIDA)], approved_plan=plan)) == {FRIDA: FRIDA_HOLM}


def test_somebody_who_is_renamed_meanwhile_is_left_alone(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read_and_meddle(*arguments: Any) -> Any:
        holders = await read_holders(*arguments)
        host.set(f"users/{FRIDA}/user_principal_name", "frida.else@fincher.test")
        return holders

    monkeypatch.setattr(runner, "read_holders", read_and_meddle)
    made = host.rename()
    told = problems(made)
    assert "Somebody else has renamed" in told[FRIDA]
    # Whoever waited for the name does not know whether it is free.
    assert f"{FRIDA} is not renamed" in told[FRIDA_NY]
    assert len(told) == 2
    assert JAN in changed(made)


# Whoever is hit five times is given up, and a rhythm of its own can hit the same ones each time.
DROPS: dict[str, Any] = {"kind": "drop", "path": BATCH, "writing": True, "every": 2, "count": 4}

TROUBLES: dict[str, dict[str, Any]] = {
    "every third request throttled": {
        "kind": "throttle",
        "path": USERS,
        "every": 3,
        "retry_after": 0,
    },
    "batches throttled": {"kind": "throttle", "path": BATCH, "writing": True, "count": 3},
    "server errors before": {"kind": "failure", "path": USERS, "method": "PATCH", "every": 7},
    "server errors after": {
        "kind": "failure",
        "path": USERS,
        "method": "PATCH",
        "every": 7,
        "when": "after",
        "status": 500,
    },
    "connections break before": DROPS,
    "connections break after": {**DROPS, "when": "after"},
    "writes show late": {"kind": "lag", "seconds": 0.5, "path": USERS},
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_whatever_happens_each_is_renamed_once(host: Host, trouble: str) -> None:
    host.crowd(60)
    wanted = {identity: user["mail"] for identity, user in members(host).items()}
    host.trouble(**TROUBLES[trouble])
    made = host.rename()
    assert host.truth.troubled_writes()
    host.calm()
    assert made.error is None, made.error
    assert {identity: host.names()[identity] for identity in wanted} == wanted
    assert set(Counter(host.book()).values()) == {1}
    assert len(host.book()) == len(made.changes or ()) + 1


@pytest.fixture
def pair(host: Host) -> tuple[str, str]:
    """Two people without addresses, who can exchange their names in both directions; the first is
    the one that goes out of the way. Made by hand, since Graph takes no name that is an address."""
    names = ("first@fincher.test", "second@fincher.test")
    host.add(*({"user_principal_name": name} for name in names))
    first, second = map(host.id, names)
    return first, second


def exchange(host: Host, pair: tuple[str, str], **options: Any) -> Outcome:
    first, second = pair
    path = host.folder / "pair.json"
    if not path.exists():
        names = host.names()
        path.write_text(json.dumps({first: names[second], second: names[first]}), encoding="utf-8")
    return host.rename(source="mapping", mapping=str(path), **options)


def test_who_went_out_of_the_way_in_vain_is_put_back(host: Host, pair: tuple[str, str]) -> None:
    before = host.names()
    (told,) = exchange(host, pair, check_mode=True).values["temporary"]
    assert told["id"] == pair[0]
    path = f"/v1.0/users/{pair[1]}"
    host.trouble("failure", path=path, method="PATCH", status=500, count=5)
    made = exchange(host, pair)
    host.calm()
    assert host.names() == before
    assert len(problems(made)) == 2
    assert "does not become free" in problems(made)["first@fincher.test"]
    assert exchange(host, pair).error is None


def test_who_is_left_with_a_temporary_name_is_told_and_goes_on(host: Host) -> None:
    (told,) = host.rename(check_mode=True).values["temporary"]
    parked = told["id"]
    wanted = host.users()[parked]["mail"]
    # The temporary name is given, and the wanted one is not.
    host.trouble("failure", path=f"/v1.0/users/{parked}", method="PATCH", skip=1, status=500)
    made = host.rename()
    host.calm()
    assert host.names()[parked] == told["temporary_name"]
    (failed,) = problems(made).values()
    assert told["temporary_name"] in failed
    others = host.rename(departments=["drawing"], check_mode=True)
    assert told["temporary_name"] in others.warnings[0]
    again = host.rename(run="again")
    assert again.warnings == ()
    assert again.error is None, again.error
    assert changed(again) == {told["temporary_name"]: wanted}
    assert host.names()[parked] == wanted
    assert host.rename().changes == ()


def test_rollback_of_a_run_that_left_somebody_with_a_temporary_name(
    host: Host, pair: tuple[str, str]
) -> None:
    before = host.names()
    host.trouble("failure", path=f"/v1.0/users/{pair[0]}", method="PATCH", skip=1, status=500)
    exchange(host, pair)
    host.calm()
    assert host.names()[pair[0]].startswith("tenantops.")
    made = host.undo()
    assert made.error is None, made.error
    assert host.names() == before
    # What was gone on with by a later run is taken back as well.
    exchange(host, pair, run="later")
    assert host.names() != before
    host.undo("later")
    assert host.names() == before


def circles(users: Mapping[str, Mapping[str, Any]], size: int) -> dict[str, str]:
    """Whom each is to get the name of, in circles of a size, by id."""
    ids = sorted(users)
    names: dict[str, str] = {}
    for start in range(0, len(ids) - size + 1, size):
        circle = ids[start : start + size]
        for identity, other in zip(circle, [*circle[1:], circle[0]], strict=True):
            names[identity] = users[other]["user_principal_name"]
    return names


def without_addresses(host: Host, count: int) -> dict[str, dict[str, Any]]:
    """Make so many people without addresses."""
    host.add(*({"user_principal_name": f"c{number}@{TENANT}.test"} for number in range(count)))
    return {
        identity: user
        for identity, user in host.users().items()
        if user["user_principal_name"].startswith("c") and user["mail"] is None
    }


@pytest.mark.parametrize("size", [2, 3, 30])
def test_many_circles(host: Host, size: int) -> None:
    names = circles(without_addresses(host, 60), size)
    before = host.names()
    made = host.rename(source="mapping", mapping=mapping(host, names))
    assert made.error is None, made.error
    assert {identity: host.names()[identity] for identity in names} == names
    assert len(made.values["temporary"]) == 60 // size
    host.undo()
    assert host.names() == before


def test_killed_again_and_again_while_names_are_exchanged(host: Host) -> None:
    names = circles(without_addresses(host, max(120, 60 * KILLS)), 3)
    options: dict[str, Any] = {"source": "mapping", "mapping": mapping(host, names)}
    host.trouble("slow", path=BATCH, method="POST", seconds=0.2, when="after")
    for number in range(KILLS):
        kill_amid(host, run=f"killed-{number}", **options)
    host.calm()
    made = host.rename(run="last", **options)
    assert made.error is None, made.error
    found = host.names()
    assert {identity: found[identity] for identity in names} == names
    assert len(host.book()) == len(set(host.book()))
    assert host.rename(run="last", **options).changes == ()


def kill_amid(host: Host, **options: Any) -> None:
    """Begin a task in a process of its own, and end that after some users."""
    already = len(host.book())
    process = host.start(**options)
    while len(host.book()) < already + 20 and process.poll() is None:
        time.sleep(0.05)
    assert process.poll() is None, "it was done before it could be killed"
    process.kill()
    process.wait()


def test_killed_again_and_again_everybody_gets_the_wanted_name(host: Host) -> None:
    host.crowd(max(300, 200 * KILLS))
    wanted = {identity: user["mail"] for identity, user in members(host).items()}
    options: dict[str, Any] = {"domains": [f"{TENANT}.test"]}
    host.trouble("slow", path=BATCH, method="POST", seconds=0.2, when="after")
    for number in range(KILLS):
        kill_amid(host, run=f"killed-{number}", **options)
    host.calm()
    made = host.rename(run="last", **options)
    assert made.error is None, made.error
    names = host.names()
    assert {identity: names[identity] for identity in wanted} == wanted
    assert len(host.book()) == len(set(host.book()))


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/v1.0/users", {"set": {"value": [{"id": 7}]}}),
        ("/v1.0/directory/deletedItems/*", {"remove": ["value"]}),
        ("/v1.0/organization", {"set": {"value": []}}),
    ],
)
def test_answer_that_is_not_understood_stops_it(
    host: Host, path: str, answer: dict[str, Any]
) -> None:
    host.trouble("answer", path=path, **answer)
    with pytest.raises(TenantopsError) as raised:
        host.rename(entra_retry_time=1)
    assert isinstance(raised.value, NotUnderstood), raised.value
    host.calm()
    assert host.book() == []


def test_batch_that_is_not_understood_stops_it(host: Host) -> None:
    host.trouble("answer", path=BATCH, raw="{}")
    made = host.rename(entra_retry_time=1)
    host.calm()
    assert made.error is not None
    # Those who waited for others tell that.
    kinds = {failure["error"]["kind"] for failure in made.values["failures"]}
    assert kinds == {"not_understood", "refused"}
    assert host.book() == []


def test_thousands_in_one_task(host: Host) -> None:
    host.crowd(2000)
    made = host.rename()
    assert made.error is None, made.error
    assert len(made.changes or ()) > 2000
    assert all(user["user_principal_name"] == user["mail"] for user in members(host).values())
    assert host.rename().changes == ()


def test_journal_tells_it(host: Host) -> None:
    host.rename(ids=[host.id(FRIDA)])
    path = host.folder / "journal" / TENANT / "run.jsonl"
    records: Sequence[dict[str, Any]] = [json.loads(line) for line in path.read_text().splitlines()]
    assert [record["event"] for record in records] == ["intent", "outcome"]
    (change,) = records[0]["changes"]
    assert (change["resource"], change["before"], change["after"]) == (
        "sign_in_name",
        FRIDA,
        FRIDA_HOLM,
    )
