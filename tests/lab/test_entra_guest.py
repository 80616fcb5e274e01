# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""entra_guest: guests come and go, each once; the cloud's own book of invitations judges."""

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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
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

from .truth import Truth

_MODULES = "ansible_collections.tenantops.migration.plugins.modules"
TENANT = "contoso"
BATCH = "/v1.0/$batch"
INVITATIONS = "/v1.0/invitations"
USERS = "/v1.0/users*"
SETTLE_TIME = 1.0
KILLS = int(os.environ.get("TENANTOPS_KILLS", "2"))

_TASK = f"""
import json, sys
from {_MODULES}.entra_guest import OPERATION
OPERATION.run(json.load(sys.stdin), False)
"""


@dataclass(frozen=True)
class Host:
    """Somebody who invites guests to one tenant, and a look behind the cloud."""

    lab: Description
    truth: Truth
    folder: Path

    def run(self, module: str, /, *, check_mode: bool = False, **options: Any) -> Outcome:
        """What a task comes to, as through either door."""
        operation = importlib.import_module(f"{_MODULES}.{module}").OPERATION
        outcome: Outcome = operation.run(self.parameters(module, **options), check_mode)
        return outcome

    def parameters(self, module: str, /, **options: Any) -> dict[str, Any]:
        operation = importlib.import_module(f"{_MODULES}.{module}").OPERATION
        name = options.pop("of_tenant", TENANT)
        tenant, cloud = self.lab.tenants[name], self.lab.cloud
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

    def guests(self, *addresses: str, check_mode: bool = False, **options: Any) -> Outcome:
        """A task about guests by their addresses."""
        given = _about(addresses) | options
        return self.run("entra_guest", check_mode=check_mode, **given)

    def start(self, *addresses: str, **options: Any) -> subprocess.Popen[bytes]:
        """The same in a process of its own, which can be killed."""
        parameters = self.parameters("entra_guest", **_about(addresses), **options)
        process = subprocess.Popen([sys.executable, "-c", _TASK], stdin=subprocess.PIPE)
        assert process.stdin is not None
        process.stdin.write(json.dumps(parameters).encode())
        process.stdin.close()
        return process

    def undo(self, run: str = "run", **options: Any) -> Outcome:
        """A rollback of a run."""
        return self.run("change_rollback", undo_run=run, run=f"undo-{run}", **options)

    def add(self, address: str, method: str = "google", **order: Any) -> None:
        order = {"address": address, "method": method, **order}
        self.truth.cloud("POST", f"/guests/{TENANT}", {"guests": [order]})

    def there(self) -> dict[str, dict[str, Any]]:
        """The truth about every guest, by address."""
        told = self.truth.cloud("GET", f"/guests/{TENANT}")["guests"]
        return {guest["address"]: guest for guest in told}

    def book(self) -> list[dict[str, Any]]:
        """Which invitations the cloud took, oldest first."""
        entries: list[dict[str, Any]] = self.truth.cloud("GET", f"/ledger?tenant={TENANT}")[
            "entries"
        ]
        return entries

    def trouble(self, kind: str, **details: Any) -> None:
        self.truth.cloud("POST", "/chaos", {"kind": kind, "tenant": TENANT, **details})

    def calm(self) -> None:
        self.truth.cloud("DELETE", "/chaos")


def _about(addresses: Sequence[str]) -> dict[str, Any]:
    return {
        "guests": [{"address": address} for address in addresses],
        "requests_per_second": 1000,
        "settle_time": SETTLE_TIME,
    }


@pytest.fixture
def host(lab: Description, tmp_path: Path) -> Iterator[Host]:
    truth = Truth(lab)
    truth.cloud("POST", "/reset")
    yield Host(lab, truth, tmp_path)
    truth.cloud("POST", "/reset")


KIM, ANNA, TARO = "Kim@litware.example", "anna@fabrikam.example", "taro@adatum.jp"


def changed(outcome: Outcome) -> list[tuple[str, str]]:
    return [(change.action.value, change.name) for change in outcome.changes or ()]


def problems(outcome: Outcome) -> dict[str, str]:
    return {
        failure["address"]: failure["error"]["problem"] for failure in outcome.values["failures"]
    }


def test_invited_once(host: Host) -> None:
    dry = host.guests(KIM, ANNA, check_mode=True)
    assert host.book() == []
    made = host.guests(KIM, ANNA)
    assert dry == made
    assert changed(made) == [("create", KIM.lower()), ("create", ANNA)]
    assert made.values["invited"] == 2
    again = host.guests(KIM.upper(), ANNA)
    assert again.changes == ()
    assert [told["state"] for told in again.values["unchanged"]] == ["PendingAcceptance"] * 2
    assert Counter(entry["address"] for entry in host.book()) == {KIM: 1, ANNA: 1}
    assert {entry["kind"] for entry in host.book()} == {"invite"}
    tenant_id = host.lab.tenants[TENANT]["tenant_id"]
    assert host.book()[0]["redirect_url"] == f"https://myapps.microsoft.com/?tenantid={tenant_id}"
    assert all(entry["mail"] is None for entry in host.book())


def test_guests_who_are_known_by_any_of_their_addresses_are_left_alone(host: Host) -> None:
    host.add("one@adatum.example", other_mails=["eins@adatum.example"])
    host.add("two@adatum.example", has_mail=False)
    host.add("three@adatum.example", "not_redeemed")
    names = ("ONE@adatum.example", "eins@adatum.example", "two@adatum.example")
    made = host.guests(*names, "three@adatum.example")
    assert made.changes == ()
    assert len(made.values["unchanged"]) == 4
    assert host.book() == []


def test_names_and_languages_reach_the_guests(host: Host) -> None:
    guests = [
        {"address": KIM, "display_name": "Kim Akers"},
        {"address": ANNA, "display_name": "Anna Berg", "language": "sv-SE"},
        {"address": TARO},
    ]
    notice = {"organization": "Contoso", "languages_by_domain": {"jp": "ja"}}
    host.guests(guests=guests, send_mail=True, message_notice=notice)
    mails = {entry["address"]: entry["mail"] for entry in host.book()}
    assert {address: mail["language"] for address, mail in mails.items()} == {
        KIM: "en",
        ANNA: "sv",
        TARO: "ja",
    }
    assert "Hej Anna Berg!" in mails[ANNA]["body"]
    assert "Contoso" in mails[TARO]["body"]
    assert host.there()[KIM]["display_name"] == "Kim Akers"


def test_microsofts_own_text(host: Host) -> None:
    host.guests(KIM, send_mail=True, message_language="sv-SE", redirect_url="https://a.example/b")
    (entry,) = host.book()
    assert (entry["mail"]["language"], entry["mail"]["body"]) == ("sv-SE", None)
    assert entry["redirect_url"] == "https://a.example/b"


def test_links_are_in_the_file_alone(host: Host) -> None:
    path = host.folder / "links" / "contoso.csv"
    made = host.guests(KIM, ANNA, links_file=str(path))
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["address"] for row in rows} == {KIM.lower(), ANNA}
    assert {row["id"] for row in rows} == {host.there()[KIM]["id"], host.there()[ANNA]["id"]}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    journal = (host.folder / "journal" / TENANT / "run.jsonl").read_text()
    for row in rows:
        assert row["redeem_link"].startswith("https://")
        assert row["redeem_link"] not in journal
        assert row["redeem_link"] not in str(made)


def test_removed_once_and_nobody_else(host: Host) -> None:
    for address in ("one@adatum.example", "two@adatum.example"):
        host.add(address)
    before = host.there()
    names = ("one@adatum.example", "nobody@adatum.example")
    dry = host.guests(*names, state="absent", check_mode=True)
    assert host.there() == before
    made = host.guests(*names, state="absent")
    assert dry == made
    assert changed(made) == [("delete", "one@adatum.example")]
    assert made.values["unchanged"][0]["id"] is None
    assert set(before) - set(host.there()) == {"one@adatum.example"}
    assert host.guests(*names, state="absent").changes == ()


def test_what_cannot_be_done_keeps_nobody_else(host: Host) -> None:
    users = host.truth.cloud("GET", "/state")["tenants"][TENANT]["users"]
    member = next(user["mail"] for user in users if user["user_type"] == "Member" and user["mail"])
    names = ("kim+contoso@litware.example", member, ANNA)
    dry = host.guests(*names, check_mode=True)
    assert set(problems(dry)) == {"kim+contoso@litware.example", member}
    made = host.guests(*names)
    assert problems(made) == problems(dry)
    assert changed(made) == [("create", ANNA)]
    assert made.error is not None
    absent = host.guests(member, state="absent")
    assert "no guest" in problems(absent)[member]
    assert absent.changes == ()


def test_refusal_of_one_keeps_nobody_else(host: Host) -> None:
    """That an address is of a domain of the tenant's own, only Graph says."""
    own = "somebody@contoso.onmicrosoft.com"
    made = host.guests(own, ANNA)
    assert changed(made) == [("create", ANNA)]
    assert "Graph refused" in problems(made)[own]
    assert ANNA in host.there()


@pytest.mark.parametrize(
    ("guests", "told"),
    [
        ([{"address": "anna"}], "not a mail address"),
        ([{"address": ANNA}, {"address": ANNA.upper()}], "twice"),
    ],
)
def test_what_cannot_be_meant(host: Host, guests: list[dict[str, str]], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        host.guests(guests=guests)


def test_template_of_nobody_is_told_before_anything_is_sent(host: Host) -> None:
    notice = {"organization": "Contoso", "name": "farewell"}
    with pytest.raises(InvalidInput, match="no template"):
        host.guests(ANNA, send_mail=True, message_notice=notice)
    assert host.book() == []


@pytest.mark.parametrize(
    ("state", "permission", "role"),
    [
        ("present", "User.Invite.All", "Guest Inviter"),
        ("absent", "User.ReadWrite.All", "User Administrator"),
    ],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_missing_permission_is_named(
    host: Host, state: str, permission: str, role: str, check_mode: bool
) -> None:
    permissions = ["Organization.Read.All", "User.Read.All"]
    host.truth.cloud("PUT", f"/state/tenants/{TENANT}/application/permissions", permissions)
    with pytest.raises(Refused) as raised:
        host.guests(ANNA, state=state, check_mode=check_mode)
    assert permission in str(raised.value)
    assert role in str(raised.value)
    assert host.book() == []


def test_limit_and_approval(host: Host) -> None:
    with pytest.raises(TooManyChanges):
        host.guests(KIM, ANNA, max_changes="1")
    planned = host.guests(KIM, check_mode=True)
    plan = Plan(TENANT, "playbook", "check", tuple(planned.changes or ())).to_json()
    with pytest.raises(NotApproved):
        host.guests(KIM, ANNA, approved_plan=plan)
    assert host.book() == []
    assert changed(host.guests(KIM, approved_plan=plan)) == [("create", KIM.lower())]


class TestRollback:
    def test_invited_guests_go_again(self, host: Host) -> None:
        before = host.there()
        host.guests(KIM, ANNA)
        dry = host.undo(check_mode=True)
        made = host.undo()
        assert sorted(changed(dry)) == sorted(changed(made))
        assert sorted(changed(made)) == [("delete", ANNA), ("delete", KIM.lower())]
        assert host.there() == before
        assert host.undo().changes == ()

    def test_guests_who_accepted_meanwhile_stay(self, host: Host) -> None:
        host.guests(KIM, ANNA)
        host.truth.cloud("POST", f"/guests/{TENANT}/redemptions", {"guests": [KIM]})
        assert host.there()[KIM]["state"] == "Accepted"
        made = host.undo()
        assert changed(made) == [("delete", ANNA)]
        (conflict,) = made.values["conflicts"]
        assert "since" in conflict["reason"]
        assert "Accepted" in conflict["found"]

    def test_removed_guests_come_back_as_they_were(self, host: Host) -> None:
        host.add("one@adatum.example")
        before = host.there()
        host.guests("one@adatum.example", state="absent")
        made = host.undo()
        assert changed(made) == [("create", "one@adatum.example")]
        assert host.there() == before
        assert host.undo().changes == ()
        assert host.book() == []
        # And there again.
        assert changed(host.undo("undo-run")) == [("delete", "one@adatum.example")]

    def test_guest_who_was_invited_and_removed_by_one_run(self, host: Host) -> None:
        host.guests(KIM)
        host.guests(KIM, state="absent")
        assert host.undo().changes == ()

    def test_of_another_tenant(self, host: Host) -> None:
        host.guests(KIM)
        with pytest.raises(JournalUnusable, match="another tenant"):
            host.undo(of_tenant="fabrikam")

    def test_resets_are_told_as_what_cannot_be_undone(self, host: Host) -> None:
        host.add("one@adatum.example")
        host.guests(KIM)
        host.run("entra_guest_redemption", addresses=["one@adatum.example"])
        made = host.undo()
        assert changed(made) == [("delete", KIM.lower())]
        assert [conflict["reason"] for conflict in made.values["conflicts"]] == [
            "it cannot be undone"
        ]


NAMES = tuple(f"guest{number}@adatum.example" for number in range(60))

# Whoever is hit five times is given up, and a rhythm of its own can hit the same ones each time.
DROPS: dict[str, Any] = {"kind": "drop", "path": BATCH, "writing": True, "every": 2, "count": 4}

TROUBLES: dict[str, dict[str, Any]] = {
    "every third invitation throttled": {
        "kind": "throttle",
        "path": INVITATIONS,
        "every": 3,
        "retry_after": 0,
    },
    "batches throttled": {"kind": "throttle", "path": BATCH, "writing": True, "count": 3},
    "server errors before": {"kind": "failure", "path": INVITATIONS, "every": 7},
    "server errors after": {
        "kind": "failure",
        "path": INVITATIONS,
        "every": 7,
        "when": "after",
        "status": 500,
    },
    "connections break before": DROPS,
    "connections break after": {**DROPS, "when": "after"},
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_whatever_happens_each_is_invited_once_and_mailed_once(host: Host, trouble: str) -> None:
    host.trouble(**TROUBLES[trouble])
    made = host.guests(*NAMES, send_mail=True)
    assert made.error is None, made.error
    assert host.truth.troubled_writes()
    assert len(made.changes or ()) == len(NAMES)
    assert Counter(entry["address"] for entry in host.book()) == Counter(NAMES)
    host.calm()
    assert host.guests(*NAMES, send_mail=True).changes == ()


@pytest.mark.parametrize("when", ["before", "after"])
def test_whatever_happens_each_is_removed(host: Host, when: str) -> None:
    host.guests(*NAMES)
    host.trouble(**DROPS, when=when)
    made = host.guests(*NAMES, state="absent")
    assert host.truth.troubled_writes()
    assert made.error is None, made.error
    assert set(NAMES).isdisjoint(host.there())


def test_guest_that_graph_does_not_show_yet_is_not_invited_again(host: Host) -> None:
    """As after a run that was killed: the journal tells, and Graph does not."""
    host.trouble("lag", seconds=1.5, path=INVITATIONS)
    host.guests(KIM, send_mail=True)
    began = time.monotonic()
    again = host.guests(KIM, send_mail=True, run="again", settle_time=2.0)
    assert again.changes == ()
    assert time.monotonic() - began > 0.5
    assert len(host.book()) == 1


def test_killed_again_and_again_each_is_invited_and_mailed_once(host: Host) -> None:
    names = [f"guest{number}@adatum.example" for number in range(max(400, 300 * KILLS))]
    host.trouble("slow", path=BATCH, method="POST", seconds=0.4, when="after")
    for number in range(KILLS):
        already = len(host.book())
        process = host.start(*names, send_mail=True, run=f"killed-{number}")
        while len(host.book()) < already + 20 and process.poll() is None:
            time.sleep(0.05)
        assert process.poll() is None, "it was done before it could be killed"
        process.kill()
        process.wait()
    host.calm()
    assert len(host.book()) < len(names)
    made = host.guests(*names, send_mail=True, run="last")
    assert made.error is None, made.error
    assert Counter(entry["address"] for entry in host.book()) == Counter(names)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (BATCH, {"raw": "{}"}),
        (BATCH, {"set": {"responses": [{"id": 7}]}}),
        (BATCH, {"raw": "no JSON"}),
        ("/v1.0/organization", {"set": {"value": []}}),
    ],
)
def test_answer_that_is_not_understood_is_no_absence(
    host: Host, path: str, answer: dict[str, Any]
) -> None:
    host.trouble("answer", path=path, **answer)
    with pytest.raises(TenantopsError) as raised:
        host.guests(KIM, entra_retry_time=1)
    assert isinstance(raised.value, NotUnderstood), raised.value
    host.calm()
    assert host.book() == []


def test_journal_holds_the_guests_and_no_secret(host: Host) -> None:
    host.guests(KIM)
    path = host.folder / "journal" / TENANT / "run.jsonl"
    records = [json.loads(line) for line in path.read_text().splitlines()]
    assert [record["event"] for record in records] == ["intent", "outcome"]
    (change,) = records[0]["changes"]
    assert change["id"] == f"{host.lab.tenants[TENANT]['tenant_id']} {KIM.lower()}"
    assert "redeem" not in path.read_text()
