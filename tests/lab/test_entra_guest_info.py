# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All guests of a tenant and how each signs in, held against what only the lab itself knows."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Outcome
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    NotUnderstood,
    Refused,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph.client import (
    EntraConnection,
    open_graph,
)
from ansible_collections.tenantops.migration.plugins.module_utils._guests import model, reading
from ansible_collections.tenantops.migration.plugins.modules.entra_guest_info import OPERATION
from lab.description import Description

from ..bench import listing
from .openapi import GraphDescription, find_reference
from .playbooks import ROOT
from .truth import Truth

# `make scale` asks for 10,000 guests who are told apart, and for 100,000 who are listed.
GUESTS = int(os.environ.get("TENANTOPS_GUESTS", "1000"))
LISTED_GUESTS = int(os.environ.get("TENANTOPS_LISTED_GUESTS", "20000"))
MOST_GROWTH = 250_000_000

# Making very many guests takes the lab this long, in seconds, if the machine is busy.
_TIMEOUT = 300

TENANT = "contoso"
USERS = "/v1.0/users"
USER_REALM = "/common/userrealm"
# What a tenant can have, so that the effects differ: passcode and fallback
SETTINGS = {
    "if_passcode_on": ("enabled", "defaultConfiguredIdp"),
    "if_passcode_off": ("disabled", "defaultConfiguredIdp"),
    "if_passcode_fallback": ("enabled", "emailOneTimePasscode"),
}
WITH_AN_ACCOUNT = {"federated", "entra_managed", "google", "facebook"}

Guests = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Reader:
    """Somebody who lists the guests of one tenant, and a look behind the cloud."""

    lab: Description
    truth: Truth
    folder: Path

    def parameters(self, **options: Any) -> dict[str, Any]:
        """The options as either door gives them to the runner."""
        tenant, cloud = self.lab.tenants[TENANT], self.lab.cloud
        arguments = OPERATION.arguments
        validator = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints())
        validated = validator.validate(
            {
                "entra_tenant_id": tenant["tenant_id"],
                "entra_client_id": tenant["client_id"],
                "entra_client_secret": tenant["client_secret"],
                "entra_graph_url": cloud["graph_url"],
                "entra_authority": cloud["authority"],
                "entra_ca_path": self.lab.ca_file,
                "entra_timeout": 30,
                "entra_retry_time": 20,
                "requests_per_second": 1000,
                "rows_limit": GUESTS + 1000,
                **options,
            }
        )
        assert not validated.error_messages, validated.error_messages
        return dict(validated.validated_parameters)

    def read(self, *, check_mode: bool = False, **options: Any) -> Outcome:
        """Run the module's runner as either door does."""
        return OPERATION.run(self.parameters(**options), check_mode)

    def listed(self, **options: Any) -> Guests:
        """Whom the module lists, by id."""
        outcome = self.read(**options)
        assert outcome.error is None
        return by_id(outcome.values["guests"])

    def add(self, **crowd: Any) -> None:
        """Let the tenant have more guests."""
        self.truth.cloud("POST", f"/guests/{TENANT}", crowd, timeout=_TIMEOUT)

    def guests(self) -> Guests:
        """The truth about all guests, by id."""
        return by_id(self.truth.cloud("GET", f"/guests/{TENANT}", timeout=_TIMEOUT)["guests"])

    def set(self, path: str, value: Any) -> None:
        """Change something behind the API."""
        self.truth.cloud("PUT", f"/state/tenants/{TENANT}/{path}", value)

    def trouble(self, kind: str, **details: Any) -> None:
        """Ask the cloud to misbehave."""
        self.truth.cloud("POST", "/chaos", {"kind": kind, **details})

    def requests(self, path: str) -> list[dict[str, Any]]:
        """What the cloud was asked under a path, oldest first."""
        log = self.truth.cloud("GET", "/requests")["requests"]
        return [entry for entry in log if entry["path"] == path]

    def filters(self) -> list[str]:
        """By what Graph was asked to search, on the first pages."""
        queries = [parse_qs(entry["query"]) for entry in self.requests(USERS)]
        return [query["$filter"][0] for query in queries if "$skiptoken" not in query]


@pytest.fixture
def reader(lab: Description, tmp_path: Path) -> Iterator[Reader]:
    truth = Truth(lab)
    truth.cloud("POST", "/reset")
    yield Reader(lab, truth, tmp_path)
    truth.cloud("POST", "/reset")


@pytest.fixture
def crowded(reader: Reader) -> Reader:
    """A tenant with guests of every kind that there is."""
    reader.add(count=300, seed=3, role_holders=2, plus_addresses=2, without_mail=3)
    reader.truth.cloud("DELETE", "/requests")
    return reader


def by_id(guests: Any) -> Guests:
    found = {guest["id"]: guest for guest in guests}
    assert len(found) == len(guests)
    return found


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))


def test_each_guest_is_told_as_it_is(reader: Reader) -> None:
    reader.add(count=GUESTS, seed=7, role_holders=2, plus_addresses=3, without_mail=5)
    reader.truth.cloud("DELETE", "/requests")
    path = reader.folder / "guests.csv"

    outcome = reader.read(write_csv=str(path))

    assert outcome.error is None
    told, truth = by_id(outcome.values["guests"]), reader.guests()
    assert told.keys() == truth.keys()
    assert {id_: guest["method"] for id_, guest in told.items()} == {
        id_: guest["method"] for id_, guest in truth.items()
    }
    for id_, guest in told.items():
        known = truth[id_]
        names = ("address", "user_principal_name", "display_name", "state", "account_enabled")
        assert [guest[name] for name in names] == [known[name] for name in names]
        assert guest["preferred_language"] == known["language"]
        assert guest["state_changed"] == known["state_changed"]
    methods = Counter(guest["method"] for guest in truth.values())
    summary = outcome.values["summary"]
    assert summary["guests"] == len(truth)
    assert {name: number for name, number in summary["methods"].items() if number} == methods
    assert methods.keys() == set(model.SignInMethod)
    rows = {row["id"]: row["method"] for row in table(path)}
    assert rows == {id_: guest["method"] for id_, guest in truth.items()}
    assert table(path)[0]["sign_in_link"] == outcome.values["sign_in_links"]["my_apps"]


def test_each_domain_is_asked_about_once_and_no_address_at_all(crowded: Reader) -> None:
    crowded.read()

    asked = Counter(parse_qs(entry["query"])["user"][0] for entry in crowded.requests(USER_REALM))
    with_work_accounts = {
        guest["user_principal_name"].rpartition("_")[2].partition("#")[0]
        for guest in crowded.guests().values()
        if guest["method"].startswith("entra_")
    }
    assert asked == {f"user@{domain}": 1 for domain in with_work_accounts}


def test_a_dry_run_is_the_run(crowded: Reader) -> None:
    dry = crowded.read(check_mode=True)
    assert dry == crowded.read()
    assert not dry.changes
    log = crowded.truth.cloud("GET", "/requests")["requests"]
    assert {entry["method"] for entry in log if entry["path"] == USERS} == {"GET"}


@pytest.mark.parametrize("method", model.SignInMethod)
def test_those_of_one_method(crowded: Reader, method: str) -> None:
    expected = {id_ for id_, guest in crowded.guests().items() if guest["method"] == method}
    assert expected
    assert crowded.listed(methods=[method]).keys() == expected


def test_graph_searches_for_those_whom_it_can_find(crowded: Reader) -> None:
    crowded.listed(methods=["one_time_passcode", "google"])

    assert crowded.filters() == [
        "userType eq 'Guest' and identities/any(c:c/issuer eq 'google.com')",
        "userType eq 'Guest' and identities/any(c:c/issuer eq 'mail')",
    ]
    assert not crowded.requests(USER_REALM)


def test_those_of_domains_and_addresses_and_ids(crowded: Reader) -> None:
    truth = crowded.guests()
    some = next(guest for guest in truth.values() if len(guest["addresses"]) > 1)
    assert crowded.listed(ids=[some["id"].upper()]).keys() == {some["id"]}
    for address in some["addresses"]:
        assert crowded.listed(addresses=[address.upper()]).keys() == {some["id"]}
    domain = some["addresses"][0].partition("@")[2]
    inside = {
        id_ for id_, guest in truth.items() if (guest["address"] or "").endswith(f"@{domain}")
    }
    assert inside <= crowded.listed(domains=[domain]).keys()
    assert crowded.listed(domains=[domain], methods=[some["method"]]).keys() == {
        id_ for id_ in crowded.listed(domains=[domain]) if truth[id_]["method"] == some["method"]
    }
    assert not crowded.listed(domains=["nobody.example"])


@pytest.mark.parametrize("setting", SETTINGS)
def test_what_is_foretold_comes_true(crowded: Reader, setting: str) -> None:
    """Every guest goes to sign in once the setting is made; who has not redeemed does that."""
    foretold, truth = crowded.listed(), crowded.guests()
    passcode, fallback = SETTINGS[setting]
    crowded.set("email_method/allow_external_id_to_use_email_otp", passcode)
    crowded.set("policies/cross_tenant_access/redemption_order/fallback", fallback)

    met = by_id(crowded.truth.cloud("GET", f"/guests/{TENANT}/sign-ins")["guests"])

    effects = Counter[str]()
    for id_, guest in foretold.items():
        if not guest["account_enabled"]:
            continue
        effect = guest[setting]
        effects[effect] += 1
        check_effect(effect, guest["method"], truth[id_], met[id_])
    assert effects["unchanged"]
    assert effects["unknown"]
    assert len(effects) == 4


def check_effect(
    effect: str, method: str, known: Mapping[str, Any], met: Mapping[str, Any]
) -> None:
    """Hold what was said about a guest against what the guest meets."""
    owns_personal = "microsoft_account" in known["accounts"]
    if effect == "unknown":
        assert method == "unknown"
    elif effect == "unchanged":
        assert met["method"] == method
    elif effect == "locked_out":
        assert met["method"] is None
    elif effect == "passcode":
        assert met["method"] == "one_time_passcode"
    elif met["method"] in WITH_AN_ACCOUNT:
        assert met["method"] in known["accounts"]
    elif effect == "passcode_before_microsoft_account":
        assert met["method"] == "one_time_passcode"
    elif effect == "passcode_if_no_account":
        assert met["method"] == ("microsoft_account" if owns_personal else "one_time_passcode")
    else:
        assert effect == "microsoft_account_if_no_account"
        assert met["method"] == "microsoft_account"
        assert met["makes_account"] is not owns_personal


def test_whom_it_would_lock_out_is_who_is_locked_out(crowded: Reader) -> None:
    crowded.set("email_method/allow_external_id_to_use_email_otp", "default")
    before = by_id(crowded.truth.cloud("GET", f"/guests/{TENANT}/sign-ins")["guests"])
    crowded.set("email_method/allow_external_id_to_use_email_otp", "disabled")
    after = by_id(crowded.truth.cloud("GET", f"/guests/{TENANT}/sign-ins")["guests"])
    locked_out = {id_ for id_ in after if before[id_]["method"] and not after[id_]["method"]}

    async def read() -> reading.PasscodeGuests:
        async with open_graph(EntraConnection.from_parameters(crowded.parameters())) as graph:
            return await reading.passcode_guests(graph)

    told = asyncio.run(read())

    disabled = {id_ for id_, guest in crowded.guests().items() if not guest["account_enabled"]}
    assert locked_out
    assert locked_out == told.ids - disabled
    assert told.count == len(told.ids)


def test_those_of_concern_are_listed_first(crowded: Reader) -> None:
    outcome = crowded.read(rows_limit=20)
    methods = [guest["method"] for guest in outcome.values["guests"]]
    assert len(methods) == 20
    assert methods[0] == "unknown"
    assert set(methods) <= {"unknown", "entra_unresolved", "one_time_passcode"}
    assert outcome.values["summary"]["guests"] == len(crowded.guests())


def test_throttling_and_lost_connections_lose_nobody(crowded: Reader) -> None:
    crowded.add(count=2000, seed=4, methods={"google": 1})
    crowded.trouble("throttle", tenant=TENANT, path=USERS, count=1, retry_after=1)
    crowded.trouble("drop", tenant=TENANT, path=USERS, skip=2, count=1, when="after")
    crowded.trouble("failure", tenant=TENANT, path=USERS, skip=3, count=1, status=503)
    crowded.trouble("throttle", endpoint="discovery", skip=5, count=2, retry_after=1)

    outcome = crowded.read()

    assert outcome.error is None
    assert outcome.values["summary"]["guests"] == len(crowded.guests())


def test_domain_that_the_service_tells_nothing_of(crowded: Reader) -> None:
    """Its guests are not guessed, all others are told, and the task does not succeed."""
    truth = crowded.guests()
    crowded.trouble(
        "answer", endpoint="discovery", path=USER_REALM, set={"NameSpaceType": "Odd"}, count=1
    )
    outcome = crowded.read()

    assert outcome.error is not None
    assert outcome.error.kind == "partly_done"
    (failure,) = outcome.values["failures"]
    assert failure["error"]["kind"] == "not_understood"
    assert failure["domain"] in outcome.error.answer
    for guest in outcome.values["guests"]:
        is_unresolved = guest["domain"] == failure["domain"] and guest["method"].startswith("entra")
        method = "entra_unresolved" if is_unresolved else truth[guest["id"]]["method"]
        assert guest["method"] == method


@pytest.mark.parametrize(
    "change",
    [
        {"remove": ["value"]},
        {"set": {"value": None}},
        {"set": {"value": [{"id": "x"}]}},
        {"set": {"@odata.nextLink": "https://elsewhere.example/v1.0/users?page=2"}},
        {"raw": "{}"},
    ],
)
def test_answers_that_are_no_list_of_guests(crowded: Reader, change: dict[str, Any]) -> None:
    crowded.trouble("answer", tenant=TENANT, path=USERS, **change)
    path = crowded.folder / "guests.csv"
    with pytest.raises(NotUnderstood):
        crowded.read(write_csv=str(path))
    assert not path.exists()


def test_missing_permission_is_named_before_anything_is_asked(crowded: Reader) -> None:
    crowded.set("application/permissions", ["Policy.Read.All"])
    with pytest.raises(Refused) as refused:
        crowded.read(check_mode=True)
    assert "User.Read.All" in str(refused.value)
    assert "Directory Readers" in str(refused.value)
    assert not crowded.requests(USERS)


def test_graph_is_asked_as_microsoft_describes_it(crowded: Reader) -> None:
    folder = find_reference()
    if folder is None:
        pytest.skip("TENANTOPS_REFERENCE names no folder with Microsoft's description")
    crowded.read(methods=["one_time_passcode", "entra_viral"])
    crowded.read(methods=["one_time_passcode"])
    description = GraphDescription(folder)
    asked = crowded.requests(USERS)
    assert len(asked) == 2
    for entry in asked:
        # Only the question is judged here: that of the answer is a matter of the lab.
        address = f"{USERS}?{entry['query']}"
        assert description.problems(entry["method"], address, None, 204, None) == []


def test_we_are_measured_on_the_same_fields() -> None:
    assert set(listing.FIELDS) == set(model.FIELDS)


def test_memory_does_not_grow_with_the_guests(reader: Reader) -> None:
    reader.add(count=LISTED_GUESTS, seed=9)
    command = (sys.executable, "-m", "tests.bench.listing", "ours", reader.lab.state, TENANT)
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert finished.returncode == 0, finished.stderr
    told = json.loads(finished.stdout)
    assert told["guests"] >= LISTED_GUESTS
    assert told["growth"] < MOST_GROWTH
