# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""entra_domain and the modules that tell of domains, against the simulated cloud and real DNS."""

from __future__ import annotations

import importlib
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.tenantops.migration.plugins.module_utils._changes.plan import Plan
from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Outcome
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ConnectionFailed,
    InvalidInput,
    JournalUnusable,
    NotApproved,
    NotAsWritten,
    NotUnderstood,
    PersonNeeded,
    Refused,
    StillInUse,
    TenantopsError,
    TooManyChanges,
)
from lab.description import Description

from .openapi import GraphDescription, find_reference
from .playbooks import ROOT
from .publishing import Publisher
from .truth import Truth

_MODULES = "ansible_collections.tenantops.migration.plugins.modules"
# Killed at every request of a course where there is time for it, else at those that write.
_AT_EVERY_REQUEST = int(os.environ.get("TENANTOPS_KILLS", "2")) > 2
_FOR_EVER = 600
_PATIENCE = 30

# One task in a process of its own, which can be killed.
_TASK = f"""
import json, sys
from {_MODULES}.entra_domain import OPERATION
OPERATION.run(json.load(sys.stdin), False)
"""


@dataclass(frozen=True)
class Administrator:
    """Somebody with the options of the lab's tenants, and a look behind the cloud."""

    lab: Description
    truth: Truth

    def parameters(self, module: str, tenant: str, /, **options: Any) -> dict[str, Any]:
        known, cloud = self.lab.tenants[tenant], self.lab.cloud
        arguments = importlib.import_module(f"{_MODULES}.{module}").OPERATION.arguments
        validator = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints())
        given = {
            "entra_tenant_id": known["tenant_id"],
            "entra_client_id": known["client_id"],
            "entra_client_secret": known["client_secret"],
            "entra_graph_url": cloud["graph_url"],
            "entra_authority": cloud["authority"],
            "entra_ca_path": self.lab.ca_file,
            "entra_timeout": 10,
            "entra_retry_time": 20,
            **options,
        }
        validated = validator.validate(given)
        assert not validated.error_messages, validated.error_messages
        return dict(validated.validated_parameters)

    def run(
        self, module: str, tenant: str, /, *, check_mode: bool = False, **options: Any
    ) -> Outcome:
        """What a task comes to, as through either door."""
        operation = importlib.import_module(f"{_MODULES}.{module}").OPERATION
        outcome: Outcome = operation.run(self.parameters(module, tenant, **options), check_mode)
        return outcome

    def domain(
        self, tenant: str, state: str = "verified", /, *, check_mode: bool = False, **options: Any
    ) -> Outcome:
        """A task about the domain that the tenant is there for."""
        given = {"name": self.name(tenant), "state": state, **options}
        return self.run("entra_domain", tenant, check_mode=check_mode, **given)

    def bring(self, tenant: str, state: str = "verified", /, **options: Any) -> Outcome:
        """A dry run, the run and a second one: what is planned is made, and then nothing."""
        before = self.domains(tenant)
        planned = self.domain(tenant, state, check_mode=True, **options)
        assert self.domains(tenant) == before
        assert self.writes() == []
        made = self.domain(tenant, state, **options)
        assert made.error is None, made.error
        pairs = zip(planned.changes or (), made.changes or (), strict=True)
        assert all(plan.covers(change) for plan, change in pairs)
        self.truth.cloud("DELETE", "/requests")
        for check_mode in (True, False):
            assert self.domain(tenant, state, check_mode=check_mode, **options).changes == ()
        assert self.writes() == []
        return made

    def name(self, tenant: str) -> str:
        return str(self.lab.domain_states[tenant]["domain"])

    def domains(self, tenant: str) -> dict[str, dict[str, Any]]:
        """The tenant's domains as they are behind the cloud, but for what ages by itself."""
        listed = self.state()["tenants"][tenant]["domains"]
        return {
            domain["name"]: {**domain, "takeover": domain["takeover"] is not None}
            for domain in listed
        }

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self.truth.cloud("GET", "/state")
        return state

    def put(self, path: str, value: Any) -> None:
        """Change what is true in the cloud."""
        self.truth.cloud("PUT", f"/state/{path}", value)

    def trouble(self, tenant: str, kind: str, **details: Any) -> None:
        """Ask the cloud to misbehave towards a tenant."""
        self.truth.cloud("POST", "/chaos", {"kind": kind, "tenant": tenant, **details})

    def requests(self) -> list[dict[str, Any]]:
        """What Graph was asked, oldest first."""
        log: list[dict[str, Any]] = self.truth.cloud("GET", "/requests")["requests"]
        return [entry for entry in log if entry["path"].startswith("/v1.0/")]

    def writes(self) -> list[dict[str, Any]]:
        return [entry for entry in self.requests() if entry["method"] != "GET"]

    def verifications(self, *, forced: bool) -> list[dict[str, Any]]:
        return [
            entry
            for entry in self.writes()
            if entry["path"].endswith("/verify")
            and bool((entry["body"] or {}).get("forceTakeover")) is forced
        ]


@pytest.fixture(scope="module")
def proven(lab: Description) -> None:
    """The proofs of the domains that come to be verified here are published; others' are not."""
    for tenant in ("adatum", "graphicdesign", "humongous", "litware", "proseware", "treyresearch"):
        state = lab.domain_states[tenant]
        Publisher(lab, state["domain"]).run(values=[state["proof"]], wait=_PATIENCE)


@pytest.fixture
def administrator(lab: Description, proven: None) -> Iterator[Administrator]:
    truth = Truth(lab)
    truth.cloud("POST", "/reset")
    yield Administrator(lab, truth)
    truth.cloud("POST", "/reset")


def outline(outcome: Outcome) -> list[str]:
    return [f"{change.action.value} {change.property}" for change in outcome.changes or ()]


def external(name: str) -> dict[str, Any]:
    """The options of an external takeover that was consented to."""
    return {"takeover": "external", "takeover_consent": [name], "takeover_time": _PATIENCE}


CREATE, VERIFY, TAKE_OVER = "create domain", "replace isVerified", "invoke takeover"


class TestEveryState:
    """The twelve states that a domain can be found in."""

    @pytest.mark.parametrize(
        ("tenant", "changes"),
        [
            ("adatum", [CREATE, VERIFY]),
            ("bellows", [VERIFY]),
            ("cohovineyard", []),
            ("graphicdesign", [CREATE, VERIFY, TAKE_OVER]),
            ("wingtip", [CREATE]),
            ("woodgrove", [VERIFY]),
        ],
    )
    def test_it_is_verified(
        self, administrator: Administrator, tenant: str, changes: list[str]
    ) -> None:
        name = administrator.name(tenant)
        made = administrator.bring(tenant, **external(name))
        assert outline(made) == changes
        assert administrator.domains(tenant)[name]["is_verified"]
        assert made.values["domain"]["is_verified"]

    @pytest.mark.parametrize("tenant", ["litware", "lucerne", "proseware", "treyresearch"])
    @pytest.mark.parametrize("check_mode", [True, False])
    def test_only_a_person_can_go_on(
        self, administrator: Administrator, tenant: str, check_mode: bool
    ) -> None:
        with pytest.raises(PersonNeeded) as gate:
            administrator.domain(tenant, check_mode=check_mode)
        assert gate.value.subject == administrator.name(tenant)
        assert "run again" in gate.value.advice
        assert administrator.writes() == []

    def test_without_a_proof(self, administrator: Administrator) -> None:
        with pytest.raises(Refused, match="does not verify") as refusal:
            administrator.domain("alpineski")
        assert "TXT record" in refusal.value.advice
        assert not administrator.domains("alpineski")["alpineski.test"]["is_verified"]

    def test_services_that_hinder_a_takeover(self, administrator: Administrator) -> None:
        options = external("humongous.test")
        planned = administrator.domain("humongous", check_mode=True, **options)
        assert outline(planned) == [CREATE, VERIFY, TAKE_OVER]
        outcome = administrator.domain("humongous", **options)
        assert isinstance(outcome.error, PersonNeeded)
        assert "internal takeover" in outcome.error.advice
        assert outline(outcome) == [CREATE]
        assert len(administrator.verifications(forced=True)) == 1


class TestPresent:
    def test_it_tells_what_proves_the_domain(self, administrator: Administrator) -> None:
        proof = administrator.lab.domain_states["adatum"]["proof"]
        dry = administrator.domain("adatum", "present", check_mode=True)
        assert dry.values["verification"] == {
            "name": "adatum.test",
            "text": "(known after apply)",
            "ttl": None,
        }
        made = administrator.bring("adatum", "present")
        assert outline(made) == [CREATE]
        expected = {"name": "adatum.test", "text": proof, "ttl": 3600}
        assert made.values["verification"] == expected
        again = administrator.domain("adatum", "present", check_mode=True)
        assert again.values["verification"] == expected

    def test_any_spelling(self, administrator: Administrator) -> None:
        administrator.domain("adatum", "present", name="ADatum.TEST.")
        assert "adatum.test" in administrator.domains("adatum")
        assert administrator.domain("adatum", "present").changes == ()

    @pytest.mark.parametrize(
        "name", ["", "adatum", "a..test", "*.adatum.test", "10.0.0.1", "a b.c"]
    )
    def test_what_is_no_domain(self, administrator: Administrator, name: str) -> None:
        with pytest.raises(InvalidInput):
            administrator.domain("adatum", "present", name=name)
        assert administrator.requests() == []

    def test_the_tasks_of_a_course_are_planned_as_they_are_made(
        self, administrator: Administrator
    ) -> None:
        def course(*, check_mode: bool) -> list[str]:
            added = administrator.domain("adatum", "present", check_mode=check_mode)
            planned = [change.to_json() for change in added.changes or ()]
            verified = administrator.domain(
                "adatum", check_mode=check_mode, planned_changes=planned, make_default=True
            )
            return [*outline(added), *outline(verified)]

        assert course(check_mode=True) == [CREATE, VERIFY, "replace isDefault"]
        assert course(check_mode=False) == [CREATE, VERIFY, "replace isDefault"]
        assert course(check_mode=True) == course(check_mode=False) == []

    def test_planned_changes_that_are_none(self, administrator: Administrator) -> None:
        with pytest.raises(InvalidInput) as error:
            administrator.domain("adatum", check_mode=True, planned_changes=[{"colour": "red"}])
        assert "planned_changes" in error.value.advice


@pytest.mark.parametrize("takeover", ["never", "external"])
@pytest.mark.parametrize("is_named", [True, False])
@pytest.mark.parametrize(
    ("tenant", "plain_schedules", "hindered"),
    [
        ("adatum", False, False),
        ("proseware", False, False),
        ("treyresearch", False, False),
        *(("litware", *ways) for ways in itertools.product([True, False], repeat=2)),
    ],
)
def test_force_has_every_reason_or_is_not_used(
    administrator: Administrator,
    tenant: str,
    plain_schedules: bool,
    hindered: bool,
    takeover: str,
    is_named: bool,
) -> None:
    """Only with a viral realm, a refused verification, and a consent that names the domain."""
    name = administrator.name(tenant)
    is_viral = tenant == "litware"
    if is_viral:
        unmanaged = "unmanaged/litware"
        administrator.put(f"{unmanaged}/plain_verify_schedules", plain_schedules)
        plans = ["SHAREPOINTSTANDARD"] if hindered else []
        administrator.put(f"{unmanaged}/blocking_service_plans", plans)
        administrator.put(f"{unmanaged}/takeover_seconds", 0)
    consent = takeover == "external" and is_named
    named = [name] if is_named else ["another.test"]
    error: TenantopsError | None = None
    try:
        error = administrator.domain(tenant, takeover=takeover, takeover_consent=named).error
    except PersonNeeded as gate:
        error = gate
    plain, forced = (administrator.verifications(forced=each) for each in (False, True))
    is_gated = tenant in ("proseware", "treyresearch") or (is_viral and not consent)
    assert len(plain) == (not is_gated)
    assert len(forced) == (is_viral and consent and (hindered or not plain_schedules))
    assert isinstance(error, PersonNeeded) is (is_gated or hindered)
    if is_gated:
        assert administrator.writes() == []


class TestTakeover:
    def test_it_is_marked_and_tells_how_it_came_about(self, administrator: Administrator) -> None:
        name = administrator.name("graphicdesign")
        made = administrator.bring("graphicdesign", **external(name))
        takeover = (made.changes or ())[-1]
        assert (takeover.after, takeover.reversible) == ("forced", False)
        state = administrator.state()
        arrived = [
            user
            for user in state["tenants"]["graphicdesign"]["users"]
            if user["creation_type"] == "EmailVerified"
        ]
        assert arrived
        assert state["unmanaged"]["graphicdesign"]["domains"] == []

    def test_one_that_takes_too_long_is_waited_for_by_the_next_run(
        self, administrator: Administrator
    ) -> None:
        name = administrator.name("graphicdesign")
        administrator.put("unmanaged/graphicdesign/takeover_seconds", _FOR_EVER)
        options = {**external(name), "takeover_time": 1}
        outcome = administrator.domain("graphicdesign", **options)
        assert isinstance(outcome.error, NotAsWritten)
        # It may be any number of runs.
        with pytest.raises(NotAsWritten, match="is not done"):
            administrator.domain("graphicdesign", **options)
        administrator.put("unmanaged/graphicdesign/takeover_seconds", 0)
        administrator.domain("graphicdesign", **options)
        assert administrator.domains("graphicdesign")[name]["is_verified"]
        assert len(administrator.verifications(forced=True)) == 1
        assert len(administrator.verifications(forced=False)) == 1

    def test_one_that_failed_is_a_gate(self, administrator: Administrator) -> None:
        administrator.put("unmanaged/woodgrove/takeover_seconds", _FOR_EVER)
        domains = administrator.state()["tenants"]["woodgrove"]["domains"]
        failed = [
            {**domain, "takeover": domain["takeover"] and {**domain["takeover"], "failed": True}}
            for domain in domains
        ]
        administrator.put("tenants/woodgrove/domains", failed)
        with pytest.raises(PersonNeeded, match="could not finish"):
            administrator.domain("woodgrove", **external("woodgrove.test"))
        assert administrator.writes() == []


Moment = tuple[str, int, str]


def moments(*everyday: Moment) -> list[Moment]:
    """Where a course is killed: at these requests (which, after how many of them, and before or
    after its work is done), or at every one."""
    if not _AT_EVERY_REQUEST:
        return list(everyday)
    return [("*", skip, when) for skip, when in itertools.product(range(30), ["before", "after"])]


class TestKills:
    """A task that is killed anywhere is finished by the next one, and does nothing twice."""

    @pytest.mark.parametrize(
        "moment",
        moments(
            ("/v1.0/domains", 0, "after"),
            ("*/verify", 1, "before"),
            ("*/verify", 1, "after"),
        ),
    )
    def test_a_takeover(self, administrator: Administrator, moment: Moment) -> None:
        name = administrator.name("graphicdesign")
        administrator.put("unmanaged/graphicdesign/takeover_seconds", 1)
        self.kill(administrator, "graphicdesign", moment, **external(name))
        administrator.domain("graphicdesign", **external(name))
        assert administrator.domains("graphicdesign")[name]["is_verified"]
        assert self.done(administrator, moment, "/v1.0/domains") == 1
        assert (
            self.done(administrator, moment, "/v1.0/domains/*/verify", {"forceTakeover": True}) == 1
        )
        assert administrator.domain("graphicdesign", **external(name)).changes == ()

    @pytest.mark.parametrize("moment", moments(("*/verify", 0, "after")))
    def test_an_ordinary_verification(self, administrator: Administrator, moment: Moment) -> None:
        self.kill(administrator, "adatum", moment, make_default=True)
        administrator.domain("adatum", make_default=True)
        domain = administrator.domains("adatum")["adatum.test"]
        assert (domain["is_verified"], domain["is_default"]) == (True, True)
        assert self.done(administrator, moment, "/v1.0/domains") == 1
        assert self.done(administrator, moment, "/v1.0/domains/*/verify") == 1
        assert administrator.domain("adatum", make_default=True).changes == ()

    def kill(
        self,
        administrator: Administrator,
        tenant: str,
        moment: Moment,
        **options: Any,
    ) -> None:
        """Run a task, and kill it while Graph holds a request, before or after it was done."""
        given = {"name": administrator.name(tenant), "state": "verified", **options}
        parameters = administrator.parameters("entra_domain", tenant, entra_timeout=300, **given)
        path, skip, when = moment
        method = {} if path == "*" else {"method": "POST"}
        administrator.trouble(
            tenant, "slow", seconds=_FOR_EVER, when=when, path=path, skip=skip, count=1, **method
        )
        process = subprocess.Popen(
            [sys.executable, "-c", _TASK], stdin=subprocess.PIPE, cwd=ROOT, text=True
        )
        try:
            assert process.stdin is not None
            process.stdin.write(json.dumps(parameters))
            process.stdin.close()
            give_up_at = time.monotonic() + 2 * _PATIENCE
            while not self.held(administrator) and process.poll() is None:
                assert time.monotonic() < give_up_at, "no request was held"
                time.sleep(0.05)
            # Only a course that has fewer requests than that may have come to its end.
            assert self.held(administrator) or path == "*"
            # What comes after the work is done is held when the work is done.
            time.sleep(0.2)
        finally:
            process.kill()
            process.wait()
        administrator.truth.cloud("DELETE", "/chaos")

    @staticmethod
    def held(administrator: Administrator) -> bool:
        return any("slow" in entry["faults"] for entry in administrator.requests())

    @staticmethod
    def done(
        administrator: Administrator, moment: Moment, path: str, body: dict[str, Any] | None = None
    ) -> int:
        """How often the work of a kind of request was done, heard of or not."""
        entries = [
            entry
            for entry in administrator.writes()
            if fnmatchcase(entry["path"], path) and (body is None or entry["body"] == body)
        ]
        heard = sum(int(entry["status"] or 500) < 300 for entry in entries)
        unheard = sum("slow" in entry["faults"] for entry in entries)
        return heard + (unheard if moment[2] == "after" else 0)


class TestDoubt:
    @pytest.mark.parametrize("when", ["before", "after"])
    @pytest.mark.parametrize("path", ["/v1.0/domains", "*/verify"])
    def test_a_connection_that_breaks(
        self, administrator: Administrator, path: str, when: str
    ) -> None:
        administrator.trouble("adatum", "drop", when=when, method="POST", path=path, count=1)
        options: dict[str, Any] = {"entra_retry_time": 2}
        if when == "after":
            assert administrator.domain("adatum", **options).error is None
        else:
            self.fails(administrator, **options)
            administrator.domain("adatum")
        assert administrator.domains("adatum")["adatum.test"]["is_verified"]
        assert administrator.domain("adatum").changes == ()

    def fails(self, administrator: Administrator, **options: Any) -> None:
        try:
            error = administrator.domain("adatum", **options).error
        except ConnectionFailed as failure:
            error = failure
        assert isinstance(error, ConnectionFailed)
        assert not error.nothing_written

    @pytest.mark.parametrize(
        "fault",
        [
            {"kind": "throttle", "retry_after": 1, "count": 2},
            {"kind": "conflict", "count": 1},
        ],
    )
    def test_what_was_turned_away_is_tried_again(
        self, administrator: Administrator, fault: dict[str, Any]
    ) -> None:
        administrator.trouble("adatum", method="POST", path="*/verify", **fault)
        assert administrator.domain("adatum").error is None
        assert len(administrator.verifications(forced=False)) == 1 + fault["count"]

    def test_a_server_that_may_have_done_it_is_not_asked_again(
        self, administrator: Administrator
    ) -> None:
        administrator.trouble("adatum", "failure", status=504, path="*/verify", count=1)
        outcome = administrator.domain("adatum", entra_retry_time=2)
        assert isinstance(outcome.error, NotUnderstood)
        assert len(administrator.verifications(forced=False)) == 1
        administrator.domain("adatum")
        assert administrator.domains("adatum")["adatum.test"]["is_verified"]

    @pytest.mark.parametrize("state", ["present", "verified"])
    def test_what_shows_late_is_waited_for(self, administrator: Administrator, state: str) -> None:
        administrator.trouble("adatum", "lag", seconds=2)
        assert administrator.domain("adatum", state, make_default=state == "verified").error is None
        time.sleep(2)
        assert administrator.domain("adatum", state).changes == ()
        assert len(administrator.verifications(forced=False)) == (state == "verified")

    @pytest.mark.parametrize(
        "details",
        [
            {"set": {"isVerified": None}},
            {"set": {"id": "another.test"}},
            {"set": {"state": {"operation": "Verification", "status": "Resting"}}},
            {"set": {"state": {"operation": "Promotion", "status": "Scheduled"}}},
            {"remove": ["isVerified"]},
            {"remove": ["isDefault"]},
            {"remove": ["id"]},
            {"raw": "{}"},
            {"raw": ""},
            {"raw": "<html>Sign in to the guest network</html>"},
        ],
        ids=json.dumps,
    )
    def test_an_answer_that_is_not_understood(
        self, administrator: Administrator, details: dict[str, Any]
    ) -> None:
        administrator.trouble("bellows", "answer", path="*/bellows.test", **details)
        with pytest.raises(NotUnderstood) as failure:
            administrator.domain("bellows", check_mode=True)
        assert failure.value.server == administrator.lab.cloud["graph_url"]
        assert failure.value.answer
        with pytest.raises(NotUnderstood):
            administrator.domain("bellows")
        assert administrator.writes() == []

    def test_a_proof_that_is_not_understood_is_not_published(
        self, administrator: Administrator
    ) -> None:
        path = "*/verificationDnsRecords"
        administrator.trouble("bellows", "answer", path=path, set={"value": []})
        with pytest.raises(NotUnderstood, match="how bellows"):
            administrator.domain("bellows", "present")


class TestPermissions:
    @pytest.mark.parametrize(
        ("permissions", "can_plan"),
        [
            (["Organization.Read.All", "Domain.Read.All"], True),
            (["Organization.Read.All"], False),
            (["Domain.ReadWrite.All"], False),
        ],
    )
    def test_what_is_missing_is_told(
        self, administrator: Administrator, permissions: list[str], can_plan: bool
    ) -> None:
        administrator.put("tenants/adatum/application/permissions", permissions)
        if can_plan:
            assert administrator.domain("adatum", check_mode=True).changes
        with pytest.raises(Refused, match="Authorization_RequestDenied"):
            administrator.domain("adatum")

    def test_what_is_documented_is_enough(self, administrator: Administrator) -> None:
        permissions = ["Organization.Read.All", "Domain.ReadWrite.All"]
        administrator.put("tenants/adatum/application/permissions", permissions)
        assert administrator.domain("adatum", make_default=True).error is None


class TestAbsent:
    def test_what_nothing_uses(self, administrator: Administrator) -> None:
        made = administrator.bring("alpineski", "absent")
        assert outline(made) == ["delete domain"]
        assert made.values["domain"] is None
        assert "alpineski.test" not in administrator.domains("alpineski")

    def use(self, administrator: Administrator) -> None:
        user = administrator.state()["tenants"]["cohovineyard"]["users"][0]
        used = {**user, "user_principal_name": "anna@cohovineyard.test"}
        administrator.put("tenants/cohovineyard/users", [used])

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_what_is_used_is_listed(self, administrator: Administrator, check_mode: bool) -> None:
        self.use(administrator)
        outcome = administrator.domain("cohovineyard", "absent", check_mode=check_mode)
        assert isinstance(outcome.error, StillInUse)
        assert [each["name"] for each in outcome.values["references"]] == ["anna@cohovineyard.test"]
        assert administrator.writes() == []

    @pytest.mark.parametrize("disable", [True, False])
    def test_by_force(self, administrator: Administrator, disable: bool) -> None:
        self.use(administrator)
        administrator.put("tenants/cohovineyard/forced_deletion_seconds", 1)
        options = {"force": True, "disable_user_accounts": disable, "removal_time": _PATIENCE}
        made = administrator.bring("cohovineyard", "absent", **options)
        assert outline(made) == ["delete domain", "invoke forceDelete"]
        assert not any(change.reversible for change in made.changes or ())
        (user,) = administrator.state()["tenants"]["cohovineyard"]["users"]
        assert user["user_principal_name"].endswith("@cohovineyard.onmicrosoft.com")
        assert user["account_enabled"] is not disable

    def test_a_slow_one_is_asked_for_once(self, administrator: Administrator) -> None:
        self.use(administrator)
        administrator.put("tenants/cohovineyard/forced_deletion_seconds", _FOR_EVER)
        options: dict[str, Any] = {"force": True, "removal_time": 1}
        for expected in (1, 1):
            with pytest.raises(NotAsWritten, match="is not done"):
                administrator.domain("cohovineyard", "absent", **options)
            assert len(administrator.writes()) == expected
        with pytest.raises(Refused, match="is being removed"):
            administrator.domain("cohovineyard", "present")

    def test_the_initial_domain(self, administrator: Administrator) -> None:
        name = "cohovineyard.onmicrosoft.com"
        outcome = administrator.domain("cohovineyard", "absent", name=name, force=True)
        assert isinstance(outcome.error, StillInUse)
        assert administrator.writes() == []


class TestRollback:
    def made(
        self,
        administrator: Administrator,
        folder: Path,
        tenant: str,
        state: str = "verified",
        **options: Any,
    ) -> Outcome:
        journal: dict[str, Any] = {"journal": str(folder), "tenant": tenant, "run": "made"}
        outcome = administrator.domain(tenant, state, **journal, **options)
        assert outcome.error is None
        return outcome

    def undone(
        self,
        administrator: Administrator,
        folder: Path,
        tenant: str,
        *,
        run: str = "made",
        through: str | None = None,
    ) -> Outcome:
        """A dry run and the run, whose changes are the same; and a second one that has none."""
        options: dict[str, Any] = {
            "journal": str(folder),
            "tenant": tenant,
            "run": f"un{run}",
            "undo_run": run,
        }
        dry = administrator.run("change_rollback", through or tenant, check_mode=True, **options)
        real = administrator.run("change_rollback", through or tenant, **options)
        assert dry == real
        assert administrator.run("change_rollback", tenant, **options).changes == ()
        return real

    def test_from_nothing_and_back(self, administrator: Administrator, tmp_path: Path) -> None:
        before = administrator.domains("adatum")
        self.made(administrator, tmp_path, "adatum", make_default=True)
        outcome = self.undone(administrator, tmp_path, "adatum")
        assert outcome.values["conflicts"] == []
        assert administrator.domains("adatum") == before

    def test_a_verification_alone(self, administrator: Administrator, tmp_path: Path) -> None:
        before = administrator.domains("bellows")
        self.made(administrator, tmp_path, "bellows")
        assert outline(self.undone(administrator, tmp_path, "bellows")) == [VERIFY]
        assert administrator.domains("bellows") == before

    def test_a_removal(self, administrator: Administrator, tmp_path: Path) -> None:
        before = administrator.domains("alpineski")
        self.made(administrator, tmp_path, "alpineski", "absent")
        self.undone(administrator, tmp_path, "alpineski")
        assert administrator.domains("alpineski") == before

    def test_a_takeover_cannot_be_undone(
        self, administrator: Administrator, tmp_path: Path
    ) -> None:
        name = administrator.name("graphicdesign")
        self.made(administrator, tmp_path, "graphicdesign", **external(name))
        reached = administrator.domains("graphicdesign")
        outcome = self.undone(administrator, tmp_path, "graphicdesign")
        assert outcome.changes == ()
        assert len(outcome.values["conflicts"]) == 3
        assert administrator.domains("graphicdesign") == reached

    def test_what_is_used_since_stays(self, administrator: Administrator, tmp_path: Path) -> None:
        self.made(administrator, tmp_path, "adatum")
        user = administrator.state()["tenants"]["adatum"]["users"][0]
        administrator.put("tenants/adatum/users", [{**user, "mail": "anna@adatum.test"}])
        outcome = self.undone(administrator, tmp_path, "adatum")
        assert outcome.changes == ()
        assert "still in use" in outcome.values["conflicts"][0]["reason"]
        assert administrator.domains("adatum")["adatum.test"]["is_verified"]

    @pytest.mark.parametrize("options", [{}, {"make_default": True}])
    def test_not_in_another_tenant(
        self, administrator: Administrator, tmp_path: Path, options: dict[str, Any]
    ) -> None:
        self.made(administrator, tmp_path, "adatum", **options)
        with pytest.raises(JournalUnusable, match="another tenant"):
            self.undone(administrator, tmp_path, "adatum", through="bellows")


class TestApproval:
    def plan(self, planned: Outcome) -> dict[str, Any]:
        changes = planned.changes or ()
        plan = Plan("adatum", "take_over_domain", "check", changes).to_json()
        return {"approved_plan": plan, "tenant": "adatum"}

    def test_nothing_is_done_if_a_part_was_not_approved(self, administrator: Administrator) -> None:
        approved = self.plan(administrator.domain("adatum", "present", check_mode=True))
        with pytest.raises(NotApproved):
            administrator.domain("adatum", **approved)
        assert administrator.writes() == []

    def test_nothing_is_done_if_it_is_too_much(self, administrator: Administrator) -> None:
        with pytest.raises(TooManyChanges):
            administrator.domain("adatum", max_changes="1")
        assert administrator.writes() == []

    def test_what_was_approved(self, administrator: Administrator) -> None:
        approved = self.plan(administrator.domain("adatum", check_mode=True))
        assert administrator.domain("adatum", **approved, max_changes="2").error is None


class TestInfo:
    def test_entra_tenant_info(self, administrator: Administrator) -> None:
        told = administrator.run("entra_tenant_info", "wingtip").values["organization"]
        assert told["tenant_id"] == administrator.lab.tenants["wingtip"]["tenant_id"]
        assert told["default_domain"] == told["initial_domain"] == "wingtip.onmicrosoft.com"
        assert {"wingtip.onmicrosoft.com", "wingtip.test"} == {
            domain["name"] for domain in told["verified_domains"]
        }

    def test_entra_domain_info_of_all(self, administrator: Administrator) -> None:
        told = administrator.run("entra_domain_info", "alpineski").values
        by_name = {domain["name"]: domain for domain in told["domains"]}
        assert list(by_name) == ["alpineski.onmicrosoft.com", "alpineski.test"]
        proof = administrator.lab.domain_states["alpineski"]["proof"]
        assert by_name["alpineski.test"]["verification"]["text"] == proof
        assert by_name["alpineski.onmicrosoft.com"]["verification"] is None
        assert "references" not in by_name["alpineski.test"]
        assert told["absent"] == []

    def test_entra_domain_info_of_some(self, administrator: Administrator) -> None:
        names = ["Alpineski.onmicrosoft.com", "nobody.test", "nobody.test."]
        details = ["references", "service_records"]
        told = administrator.run("entra_domain_info", "alpineski", names=names, details=details)
        (domain,) = told.values["domains"]
        assert told.values["absent"] == ["nobody.test"]
        assert {record["type"] for record in domain["service_records"]} >= {"Mx", "Txt", "CName"}
        assert domain["references"][0]["kind"] == "user"

    def test_many_pages_of_references(self, administrator: Administrator) -> None:
        user = administrator.state()["tenants"]["alpineski"]["users"][0]
        users = [{**user, "id": f"00000000-0000-4000-8000-{number:012d}"} for number in range(250)]
        administrator.put("tenants/alpineski/users", users)
        name = "alpineski.onmicrosoft.com"
        told = administrator.run(
            "entra_domain_info", "alpineski", names=[name], details=["references"]
        )
        assert len(told.values["domains"][0]["references"]) == 250


@pytest.fixture(scope="module")
def description() -> GraphDescription:
    folder = find_reference()
    if folder is None:
        pytest.skip("the OpenAPI description of Graph is not here: set TENANTOPS_REFERENCE")
    return GraphDescription(folder)


def test_every_request_is_as_described(
    administrator: Administrator, description: GraphDescription
) -> None:
    administrator.domain("graphicdesign", **external("graphicdesign.test"), make_default=True)
    administrator.domain("alpineski", "absent")
    TestAbsent().use(administrator)
    options: dict[str, Any] = {"force": True, "removal_time": _PATIENCE}
    administrator.domain("cohovineyard", "absent", **options)
    details = ["verification", "service_records", "references"]
    administrator.run("entra_domain_info", "wingtip", details=details)
    problems = [
        problem
        for entry in administrator.requests()
        # Only the requests are judged here: the cloud's answers have tests of their own.
        for problem in description.problems(entry["method"], _url(entry), entry["body"], 204, None)
    ]
    assert problems == []
    bodies = _bodies(administrator.writes())
    assert bodies == [
        ("POST", "/v1.0/domains", {"id": "graphicdesign.test"}),
        ("POST", "/v1.0/domains/graphicdesign.test/verify", None),
        ("POST", "/v1.0/domains/graphicdesign.test/verify", {"forceTakeover": True}),
        ("PATCH", "/v1.0/domains/graphicdesign.test", {"isDefault": True}),
        ("DELETE", "/v1.0/domains/alpineski.test", None),
        ("POST", "/v1.0/domains/cohovineyard.test/forceDelete", {"disableUserAccounts": False}),
    ]


def _url(entry: dict[str, Any]) -> str:
    return f"{entry['path']}?{entry['query']}" if entry["query"] else str(entry["path"])


def _bodies(entries: Sequence[dict[str, Any]]) -> list[tuple[str, str, Any]]:
    return [(entry["method"], entry["path"], entry["body"]) for entry in entries]
