# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Guests are reset exactly once, whatever happens: the cloud's own book of invitations judges."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.tenantops.migration.plugins.module_utils._changes.journal import (
    read_journal,
)
from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Outcome
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    AuthenticationFailed,
    InvalidInput,
    Refused,
    TenantopsError,
)
from ansible_collections.tenantops.migration.plugins.modules import change_rollback
from ansible_collections.tenantops.migration.plugins.modules.entra_guest_redemption import OPERATION
from lab.description import Description

from .killing import kill, start
from .playbooks import Operator
from .truth import Truth

# `make scale` asks for 10,000 guests and ten kills.
GUESTS = int(os.environ.get("TENANTOPS_GUESTS", "300"))
KILLS = int(os.environ.get("TENANTOPS_KILLS", "2"))
SEED = int(os.environ.get("TENANTOPS_SEED", "20261123"))

TENANT = "contoso"
INVITATIONS = "/v1.0/invitations"
BATCH = "/v1.0/$batch"
USERS = "/v1.0/users/*"
# Microsoft's own: 150 invitations in 5 seconds for each tenant
QUOTA, WINDOW = 150, 5.0
SETTLE_TIME = 6.0

Guests = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Helper:
    """Somebody who resets guests of one tenant, and a look behind the cloud."""

    lab: Description
    truth: Truth
    folder: Path

    def parameters(self, **options: Any) -> dict[str, Any]:
        tenant, cloud = self.lab.tenants[TENANT], self.lab.cloud
        given = {
            "entra_tenant_id": tenant["tenant_id"],
            "entra_client_id": tenant["client_id"],
            "entra_client_secret": tenant["client_secret"],
            "entra_graph_url": cloud["graph_url"],
            "entra_authority": cloud["authority"],
            "entra_ca_path": self.lab.ca_file,
            "entra_timeout": 10,
            "entra_retry_time": 60,
            "requests_per_second": 1000,
            "settle_time": SETTLE_TIME,
            "journal": str(self.folder / "journal"),
            "tenant": TENANT,
            "run": "run",
            **options,
        }
        arguments = OPERATION.arguments
        validator = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints())
        validated = validator.validate(
            {name: value for name, value in given.items() if value is not None}
        )
        assert not validated.error_messages, validated.error_messages
        return dict(validated.validated_parameters)

    def reset(self, *, check_mode: bool = False, **options: Any) -> Outcome:
        return OPERATION.run(self.parameters(**options), check_mode)

    def crowd(self, count: int, **order: Any) -> Guests:
        """Add guests to the tenant, and tell them."""
        before = self.guests()
        self.truth.cloud("POST", f"/guests/{TENANT}", {"count": count, **order})
        return {
            identity: guest for identity, guest in self.guests().items() if identity not in before
        }

    def guest(self, address: str, method: str, **order: Any) -> dict[str, Any]:
        order = {"address": address, "method": method, **order}
        self.truth.cloud("POST", f"/guests/{TENANT}", {"guests": [order]})
        (guest,) = (each for each in self.guests().values() if each["address"] == address)
        return guest

    def guests(self) -> Guests:
        """The truth about every guest."""
        told = self.truth.cloud("GET", f"/guests/{TENANT}")["guests"]
        return {guest["id"]: guest for guest in told}

    def book(self) -> list[dict[str, Any]]:
        """What the cloud has done for guests, oldest first."""
        entries: list[dict[str, Any]] = self.truth.cloud("GET", f"/ledger?tenant={TENANT}")[
            "entries"
        ]
        return entries

    def resets(self) -> Counter[str]:
        """How often each guest was reset."""
        assert {entry["kind"] for entry in self.book()} <= {"reset"}
        return Counter(entry["user"] for entry in self.book())

    def mails(self) -> Counter[str]:
        """How many mails each guest got."""
        return Counter(entry["user"] for entry in self.book() if entry["mail"] is not None)

    def trouble(self, kind: str, **details: Any) -> None:
        self.truth.cloud("POST", "/chaos", {"kind": kind, "tenant": TENANT, **details})

    def calm(self) -> None:
        self.truth.cloud("DELETE", "/chaos")

    def requests(self) -> list[dict[str, Any]]:
        """What the cloud was asked, oldest first."""
        log: list[dict[str, Any]] = self.truth.cloud("GET", "/requests")["requests"]
        return log


@pytest.fixture
def helper(lab: Description, tmp_path: Path) -> Iterator[Helper]:
    truth = Truth(lab)
    truth.cloud("POST", "/reset")
    yield Helper(lab, truth, tmp_path)
    truth.cloud("POST", "/reset")


def having(guests: Guests, *methods: str) -> set[str]:
    """Those who sign in in one of these ways."""
    return {identity for identity, guest in guests.items() if guest["method"] in methods}


def changed(outcome: Outcome) -> set[str]:
    assert outcome.changes is not None
    return {change.id for change in outcome.changes}


class TestWhoIsReset:
    @pytest.mark.parametrize(
        "methods", [["one_time_passcode"], ["microsoft_account", "entra_viral"], ["google"]]
    )
    def test_those_who_are_meant_and_nobody_else(self, helper: Helper, methods: list[str]) -> None:
        helper.crowd(200)
        meant = having(helper.guests(), *methods)
        dry = helper.reset(methods=methods, check_mode=True)
        assert helper.resets() == {}
        made = helper.reset(methods=methods)
        assert dry == made
        assert changed(made) == meant
        assert helper.resets() == Counter(dict.fromkeys(meant, 1))
        assert helper.mails() == {}
        again = helper.reset(methods=methods)
        assert again.changes == ()
        assert helper.resets() == Counter(dict.fromkeys(meant, 1))
        after = helper.guests()
        assert all(after[identity]["state"] == "PendingAcceptance" for identity in meant)

    def test_every_kind_that_is_given_counts(self, helper: Helper) -> None:
        google = helper.guest("one@adatum.example", "google")
        helper.guest("two@adatum.example", "facebook")
        helper.guest("three@proseware.example", "google")
        made = helper.reset(methods=["google"], domains=["adatum.example"])
        assert changed(made) == {google["id"]}

    def test_by_id_and_by_address(self, helper: Helper) -> None:
        one = helper.guest("one@adatum.example", "google")
        two = helper.guest("two@adatum.example", "facebook", other_mails=["zwei@adatum.example"])
        assert changed(helper.reset(ids=[one["id"].upper()])) == {one["id"]}
        assert changed(helper.reset(addresses=["ZWEI@adatum.example"])) == {two["id"]}

    def test_names_that_are_nobodys_are_told_and_the_others_done(self, helper: Helper) -> None:
        one = helper.guest("one@adatum.example", "google")
        made = helper.reset(ids=[one["id"], "0d2c8f9e-9f0a-4c57-8a54-7a9d1f1c2b13"])
        assert changed(made) == {one["id"]}
        assert [failure["error"]["kind"] for failure in made.values["failures"]] == ["object_gone"]
        assert made.error is not None

    def test_nobody_is_meant_by_saying_nothing(self, helper: Helper) -> None:
        with pytest.raises(InvalidInput, match="which guests"):
            helper.reset()

    def test_those_with_an_open_invitation_or_an_account_here_are_left_alone(
        self, helper: Helper
    ) -> None:
        done = helper.guest("done@adatum.example", "google")
        pending = helper.guest("open@adatum.example", "not_redeemed")
        internal = helper.guest("intern@adatum.example", "internal")
        for check_mode in (True, False):
            told = helper.reset(domains=["adatum.example"], check_mode=check_mode)
            assert changed(told) == {done["id"]}
            assert [guest["id"] for guest in told.values["pending"]] == [pending["id"]]
            assert [guest["id"] for guest in told.values["internal"]] == [internal["id"]]
            assert (told.values["reset"], told.values["selected"]) == (1, 3)
            assert told.error is None
        assert helper.resets() == {done["id"]: 1}

    def test_who_has_redeemed_again_is_not_reset_by_the_same_run_but_by_another(
        self, helper: Helper
    ) -> None:
        guest = helper.guest("one@adatum.example", "google")
        helper.reset(domains=["adatum.example"])
        helper.truth.cloud("POST", f"/guests/{TENANT}/redemptions", {"guests": [guest["id"]]})
        again = helper.reset(domains=["adatum.example"])
        assert again.changes == ()
        assert [each["id"] for each in again.values["reset_before"]] == [guest["id"]]
        assert changed(helper.reset(domains=["adatum.example"], run="another")) == {guest["id"]}
        assert helper.resets() == {guest["id"]: 2}


class TestWhoCannotBe:
    def test_each_is_told_with_a_way_out_and_all_others_are_reset(self, helper: Helper) -> None:
        odd = {"role_holders": 2, "plus_addresses": 2, "without_mail": 2}
        crowd = helper.crowd(40, methods={"google": 1}, **odd)
        meant = having(helper.guests(), "google")
        dry = helper.reset(methods=["google"], check_mode=True)
        made = helper.reset(methods=["google"])
        assert changed(dry) == changed(made)
        assert dry.values == made.values
        failed = {failure["id"] for failure in made.values["failures"]}
        assert len(failed & crowd.keys()) == 6
        assert all(failure["error"]["advice"] for failure in made.values["failures"])
        assert made.error is not None
        assert helper.resets() == Counter(dict.fromkeys(meant - failed, 1))
        posted = {entry["status"] for entry in helper.requests() if entry["method"] == "POST"}
        assert posted <= {200, 201}

    def test_without_asking_for_roles_graph_refuses_these_alone(self, helper: Helper) -> None:
        crowd = helper.crowd(30, methods={"google": 1}, role_holders=1)
        made = helper.reset(methods=["google"], check_roles=False)
        (failure,) = made.values["failures"]
        assert crowd[failure["id"]]["roles"]
        assert failure["error"]["kind"] == "refused"
        assert "Helpdesk Administrator" in failure["error"]["advice"]
        assert "User.Invite.All" in failure["error"]["advice"]
        assert len(changed(made)) == len(having(crowd, "google")) - 1

    def test_where_only_administrators_invite_it_is_not_tried_with_everybody(
        self, helper: Helper
    ) -> None:
        helper.crowd(500, methods={"google": 1})
        policy = f"/state/tenants/{TENANT}/policies/allow_invites_from"
        helper.truth.cloud("PUT", policy, "adminsAndGuestInviters")
        made = helper.reset(methods=["google"])
        assert made.changes == ()
        assert made.error is not None
        assert "external collaboration settings" in made.values["failures"][0]["error"]["advice"]
        assert len(made.values["failures"]) >= 500
        asked = [entry for entry in helper.requests() if entry["path"] == INVITATIONS]
        assert 0 < len(asked) < 400
        journal = read_journal(helper.folder / "journal" / TENANT / "run.jsonl")
        assert {write.outcome for write in journal} == {"not_made"}

    @pytest.mark.parametrize("check_mode", [True, False])
    @pytest.mark.parametrize(
        ("permissions", "named"),
        [
            (["User.Read.All", "RoleManagement.Read.Directory"], "User.Invite.All"),
            (["User.Invite.All", "RoleManagement.Read.Directory"], "User.Read.All"),
            (["User.Invite.All", "User.Read.All"], "RoleManagement.Read.Directory"),
        ],
    )
    def test_a_missing_permission_is_named_before_anything_is_sent(
        self, helper: Helper, check_mode: bool, permissions: list[str], named: str
    ) -> None:
        helper.guest("one@adatum.example", "google")
        application = f"/state/tenants/{TENANT}/application/permissions"
        helper.truth.cloud("PUT", application, permissions)
        with pytest.raises(Refused, match=named) as failure:
            helper.reset(methods=["google"], check_mode=check_mode)
        assert "role" in failure.value.advice
        assert helper.resets() == {}

    def test_a_state_that_is_not_known_is_no_other(self, helper: Helper) -> None:
        helper.guest("one@adatum.example", "unknown", state="Suspended")
        for check_mode in (True, False):
            told = helper.reset(addresses=["one@adatum.example"], check_mode=check_mode)
            assert told.changes == ()
            (failure,) = told.values["failures"]
            assert failure["error"]["kind"] == "not_understood"
            assert "Suspended" in failure["error"]["answer"]
        assert helper.resets() == {}


def test_a_rollback_tells_that_resets_stay(helper: Helper) -> None:
    helper.crowd(30, methods={"google": 1})
    made = helper.reset(methods=["google"])
    given = helper.parameters()
    arguments = change_rollback.OPERATION.arguments
    validator = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints())
    validated = validator.validate(
        {
            **{name: given[name] for name in arguments.options if given.get(name) is not None},
            "undo_run": "run",
            "run": "undo",
        }
    )
    assert not validated.error_messages, validated.error_messages
    undone = change_rollback.OPERATION.run(validated.validated_parameters, False)
    assert undone.changes == ()
    assert undone.error is None
    conflicts = undone.values["conflicts"]
    assert {conflict["change"]["id"] for conflict in conflicts} == changed(made)
    assert {conflict["reason"] for conflict in conflicts} == {"it cannot be undone"}
    assert helper.resets() == Counter(dict.fromkeys(changed(made), 1))


class TestMail:
    def test_everybody_in_their_own_language(self, helper: Helper) -> None:
        helper.guest("sv@adatum.example", "google", language="sv-SE")
        helper.guest("ja@adatum.jp", "google")
        helper.guest("xx@adatum.example", "google")
        helper.reset(
            methods=["google"],
            send_mail=True,
            messages=[
                {"language": "en", "text": "Please accept again."},
                {"language": "sv", "text": "Acceptera en g\u00e5ng till."},
                {"language": "ja", "text": "\u3082\u3046\u4e00\u5ea6", "domains": ["jp"]},
            ],
            redirect_url="https://contoso.sharepoint.com/sites/projects",
        )
        told = {entry["address"].partition("@")[0]: entry for entry in helper.book()}
        mails = {name: entry["mail"] for name, entry in told.items()}
        assert (mails["sv"]["language"], mails["sv"]["body"]) == (
            "sv",
            "Acceptera en g\u00e5ng till.",
        )
        assert (mails["ja"]["language"], mails["ja"]["body"]) == ("ja", "\u3082\u3046\u4e00\u5ea6")
        assert mails["xx"]["body"] == "Please accept again."
        assert {entry["redirect_url"] for entry in told.values()} == {
            "https://contoso.sharepoint.com/sites/projects"
        }

    def test_from_the_notice_of_the_collection(self, helper: Helper) -> None:
        helper.guest("sv@adatum.example", "google", language="sv-SE")
        helper.reset(
            methods=["google"], send_mail=True, message_notice={"organization": "Contoso AB"}
        )
        (entry,) = (each for each in helper.book() if each["address"] == "sv@adatum.example")
        assert entry["mail"]["language"] == "sv"
        assert "Contoso AB" in entry["mail"]["body"]

    def test_no_mail_and_their_own_apps_unless_something_else_is_wanted(
        self, helper: Helper
    ) -> None:
        helper.guest("one@adatum.example", "google")
        helper.reset(addresses=["one@adatum.example"])
        (entry,) = helper.book()
        assert entry["mail"] is None
        assert helper.lab.tenants[TENANT]["tenant_id"] in entry["redirect_url"]


class TestLinks:
    def test_they_are_in_their_file_and_nowhere_else(self, helper: Helper) -> None:
        helper.crowd(30, methods={"google": 1})
        path = helper.folder / "links" / "contoso.csv"
        made = helper.reset(methods=["google"], links_file=str(path))
        assert path.stat().st_mode & 0o777 == 0o600
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert {row["id"] for row in rows} == changed(made)
        links = {row["redeem_link"] for row in rows}
        assert len(links) == len(rows)
        assert all(link.startswith("https://login.microsoftonline.com/redeem") for link in links)
        journal = (helper.folder / "journal" / TENANT / "run.jsonl").read_text()
        for told in (repr(made), journal):
            assert "redeem?rd=" not in told

    def test_a_dry_run_writes_none(self, helper: Helper) -> None:
        helper.guest("one@adatum.example", "google")
        path = helper.folder / "links.csv"
        helper.reset(methods=["google"], links_file=str(path), check_mode=True)
        assert not path.exists()


# What goes wrong with one in so many, and whether guests were reset before it did. Each batch of
# resets comes after one of looks: with an even number it would be the same of the two each time.
# Whoever is hit five times is given up, and any number can hit the same ones each time.
LOSSES: dict[str, Any] = {"path": BATCH, "every": 7, "count": 4}

TROUBLES: dict[str, dict[str, Any]] = {
    "batches are throttled": {"kind": "throttle", "retry_after": 1, "path": BATCH, "every": 7},
    "members are throttled": {
        "kind": "throttle",
        "retry_after": 1,
        "path": INVITATIONS,
        "member": True,
        "every": 10,
    },
    "members are throttled and not told for how long": {
        "kind": "throttle",
        "retry_after": None,
        "path": INVITATIONS,
        "member": True,
        "every": 25,
    },
    "members collide": {"kind": "conflict", "path": INVITATIONS, "member": True, "every": 10},
    "connections break before": {"kind": "drop", "when": "before", **LOSSES},
    "connections break after": {"kind": "drop", "when": "after", **LOSSES},
    "batches fail before": {"kind": "failure", "status": 503, **LOSSES},
    "batches fail after": {
        "kind": "failure",
        "status": 503,
        "when": "after",
        **LOSSES,
    },
    "gateways fail": {
        "kind": "failure",
        "status": 502,
        "empty_body": True,
        **LOSSES,
    },
    "members fail before": {
        "kind": "failure",
        "status": 500,
        "path": INVITATIONS,
        "member": True,
        "every": 25,
    },
    "members fail after": {
        "kind": "failure",
        "status": 503,
        "when": "after",
        "path": INVITATIONS,
        "member": True,
        "every": 25,
    },
    "answers are no answers": {"kind": "answer", "raw": "{}", **LOSSES},
    "looks fail": {"kind": "drop", "path": USERS, "every": 3},
}


class TestTrouble:
    @pytest.mark.parametrize("trouble", TROUBLES)
    def test_each_is_reset_once_all_the_same(self, helper: Helper, trouble: str) -> None:
        helper.crowd(100, methods={"google": 1})
        meant = having(helper.guests(), "google")
        dry = helper.reset(methods=["google"], check_mode=True)
        helper.trouble(**TROUBLES[trouble])
        if trouble == "looks fail":
            helper.trouble("drop", when="after", **LOSSES)
        made = helper.reset(methods=["google"], send_mail=True, settle_time=1)
        assert any(entry["faults"] for entry in helper.requests())
        assert made.values["failures"] == []
        assert changed(made) == changed(dry) == meant
        assert helper.resets() == helper.mails() == Counter(dict.fromkeys(meant, 1))
        journal = read_journal(helper.folder / "journal" / TENANT / "run.jsonl")
        assert {write.outcome for write in journal} == {"made"}

    def test_old_values_are_not_believed_at_once(self, helper: Helper) -> None:
        helper.crowd(60, methods={"google": 1})
        meant = having(helper.guests(), "google")
        helper.trouble("lag", seconds=2, path=INVITATIONS)
        helper.trouble("drop", when="after", path=BATCH, every=2, count=4)
        made = helper.reset(methods=["google"], settle_time=5)
        assert made.error is None, made.error
        assert helper.resets() == Counter(dict.fromkeys(meant, 1))

    def test_a_list_that_is_old_does_not_make_the_next_run_reset_again(
        self, helper: Helper
    ) -> None:
        helper.crowd(40, methods={"google": 1})
        meant = having(helper.guests(), "google")
        helper.trouble("lag", seconds=60, path=INVITATIONS)
        helper.reset(methods=["google"])
        for run in ("run", "another"):
            again = helper.reset(methods=["google"], run=run)
            assert again.changes == ()
            assert {guest["id"] for guest in again.values["reset_before"]} == meant
        assert helper.resets() == Counter(dict.fromkeys(meant, 1))

    def test_an_outage_ends_the_run_and_the_next_one_goes_on(self, helper: Helper) -> None:
        helper.crowd(200, methods={"google": 1})
        meant = having(helper.guests(), "google")
        helper.trouble("drop", when="after", path=BATCH, skip=3)
        helper.trouble("drop", path=USERS)
        stopped = helper.reset(methods=["google"], entra_retry_time=3)
        assert stopped.error is not None
        helper.calm()
        again = helper.reset(methods=["google"], settle_time=1)
        assert again.error is None, again.error
        assert helper.resets() == Counter(dict.fromkeys(meant, 1))

    def test_a_sign_in_that_is_refused_resets_nobody(self, helper: Helper) -> None:
        helper.guest("one@adatum.example", "google")
        with pytest.raises(AuthenticationFailed):
            helper.reset(methods=["google"], entra_client_secret="wrong")
        assert helper.resets() == {}


PLAYBOOK = [
    {
        "name": "Reset guests",
        "hosts": TENANT,
        "gather_facts": False,
        "tasks": [
            {
                "name": "Reset them",
                "tenantops.migration.entra_guest_redemption": {
                    "methods": ["one_time_passcode", "google", "microsoft_account"],
                    "send_mail": True,
                    "requests_per_second": "{{ guests_per_second }}",
                    "settle_time": SETTLE_TIME,
                    "journal": "{{ lookup('env', 'TENANTOPS_JOURNAL') }}",
                    "tenant": "{{ inventory_hostname }}",
                    "run": "{{ tenantops_run }}",
                    "entra_tenant_id": "{{ tenant_entra_tenant_id }}",
                    "entra_client_id": "{{ tenant_entra_client_id }}",
                    "entra_client_secret": "{{ tenant_entra_client_secret }}",
                    "entra_graph_url": "{{ tenant_entra_graph_url }}",
                    "entra_authority": "{{ tenant_entra_authority }}",
                    "entra_ca_path": "{{ tenant_entra_ca_path }}",
                },
            }
        ],
    }
]
METHODS = ("one_time_passcode", "google", "microsoft_account")


def everything_goes_wrong(helper: Helper) -> None:
    """As bad as the cloud may get, at its own quota for invitations."""
    helper.trouble(
        "throttle", retry_after=1, per_second=QUOTA, window=WINDOW, path=INVITATIONS, member=True
    )
    helper.trouble("throttle", retry_after=1, path=INVITATIONS, member=True, every=101)
    helper.trouble("throttle", retry_after=2, path=BATCH, every=53)
    helper.trouble("drop", when="before", path=BATCH, every=197)
    helper.trouble("drop", when="after", path=BATCH, every=211)
    helper.trouble("drop", path=USERS, every=100)
    helper.trouble("failure", status=503, path=BATCH, every=89)
    helper.trouble("failure", status=503, when="after", path=INVITATIONS, member=True, every=499)
    helper.trouble("lag", seconds=2, path=INVITATIONS)


def test_at_the_quota_of_the_cloud_with_everything_going_wrong(helper: Helper) -> None:
    helper.crowd(GUESTS, methods=dict.fromkeys(METHODS, 1), seed=SEED)
    meant = having(helper.guests(), *METHODS)
    everything_goes_wrong(helper)
    begun = time.monotonic()
    made = helper.reset(
        methods=list(METHODS), send_mail=True, requests_per_second=None, entra_retry_time=600
    )
    seconds = time.monotonic() - begun
    assert made.error is None, made.error
    assert helper.resets() == helper.mails() == Counter(dict.fromkeys(meant, 1))
    allowed = len(meant) * WINDOW / QUOTA
    print(  # noqa: T201
        f"{len(meant)} guests reset in {seconds:.0f} s; the quota allows it in {allowed:.0f} s "
        f"({seconds / allowed:.2f} times)"
    )


def test_killed_again_and_again(helper: Helper) -> None:
    """Ended by kill -9 amid its work, and gone on with: under the same name, or another."""
    helper.crowd(GUESTS, methods=dict.fromkeys(METHODS, 1), seed=SEED)
    meant = having(helper.guests(), *METHODS)
    everything_goes_wrong(helper)
    operator = Operator(helper.lab, helper.folder)
    playbook = helper.folder / "reset.json"
    playbook.write_text(json.dumps(PLAYBOOK))
    # A small crowd would be done before it can be killed.
    variables: dict[str, Any] = {"guests_per_second": 27 if GUESTS > 1000 else 20}
    moments = random.Random(SEED)  # noqa: S311 - repeatable, not secret
    targets = sorted(moments.uniform(0.05, 0.95) * len(meant) for _kill in range(KILLS))
    amid = 0
    for number, target in enumerate(targets):
        run = "first" if number % 2 else f"run-{number}"
        process = start(operator, str(playbook), {**variables, "tenantops_run": run})
        done = await_resets(helper, process, target)
        kill(process)
        amid += done < len(meant)
    finished = operator.run(str(playbook), tenantops_run="first", **variables)
    attempts = 1
    # What stays in doubt is told as an error, and is for another run.
    while finished.exit_code != 0 and attempts < KILLS:
        attempts += 1
        finished = operator.run(str(playbook), tenantops_run="first", **variables)
    assert finished.exit_code == 0, finished.output
    assert helper.resets() == helper.mails() == Counter(dict.fromkeys(meant, 1))
    again = operator.run(str(playbook), tenantops_run="later", **variables)
    assert again.exit_code == 0, again.output
    assert helper.resets() == Counter(dict.fromkeys(meant, 1))
    print(f"{len(meant)} guests, {KILLS} kills, {amid} of them amid the resets, seed {SEED}")  # noqa: T201


def await_resets(helper: Helper, process: subprocess.Popen[bytes], amount: float) -> int:
    """Wait until so many are reset, or until it has ended by itself; tells how many are."""
    while True:
        done = len(helper.book())
        if done >= amount or process.poll() is not None:
            return done
        time.sleep(0.2)


def test_no_error_tells_a_secret(helper: Helper) -> None:
    helper.guest("one@adatum.example", "google")
    secret = helper.lab.tenants[TENANT]["client_secret"]
    helper.trouble("failure", status=500, path=BATCH)
    told = helper.reset(methods=["google"], settle_time=0, entra_retry_time=1)
    assert isinstance(told.error, TenantopsError)
    assert secret not in str(told.error)
