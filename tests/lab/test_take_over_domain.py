# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Domains brought into their tenants from wherever they stand, and what only people can do."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lab.description import Description

from .conftest import LabCommand
from .domain_courses import (
    CLOSED,
    COURSES,
    EVERYBODY,
    OFFERED,
    REFUSED,
    REFUSED_COURSE,
    VERIFIED,
    Watch,
    covers,
    gates,
    moments,
    outline,
)
from .killing import kill, start
from .playbooks import Finished, Operator
from .truth import Truth

PLAYBOOK = "take_over_domain"
HOSTS = {"tenantops_hosts": "domain_states"}

# `make scale` asks for sixty.
INTERRUPTIONS = int(os.environ.get("TENANTOPS_INTERRUPTIONS", "2"))
SEED = int(os.environ.get("TENANTOPS_SEED", "20261123"))
# About as many requests as a run sends for all tenants together, and how many of them do something.
_REQUESTS_OF_A_RUN = 150
_POSTS_OF_A_RUN = 11
# Without a new request for so many looks, everybody is held.
_QUIET = 15


@pytest.fixture
def operator(clean_lab: Description, tmp_path: Path) -> Operator:
    return Operator(clean_lab, tmp_path)


@pytest.fixture
def watch(clean_lab: Description) -> Watch:
    return Watch(Truth(clean_lab))


@contextmanager
def running(operator: Operator, **variables: Any) -> Iterator[Future[Finished]]:
    """A run that goes on beside the test, which waits for its end."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        yield pool.submit(operator.run, PLAYBOOK, **variables)


def run_until_end(operator: Operator, watch: Watch, **variables: Any) -> Finished:
    """A run beside which Microsoft finishes a takeover, but not before the run waits for it."""
    watch.hold_takeover("woodgrove")
    looked = watch.looks("woodgrove")
    with running(operator, **variables) as run:
        for _moment in moments():
            # Before it waits, a run looks seven times.
            if run.done() or watch.looks("woodgrove") > looked + 8:
                watch.let_go("woodgrove")
                break
        return run.result()


def assert_all_stand_at_their_gates(finished: Finished, mode: str) -> None:
    for tenant, told in CLOSED.items():
        (gate,) = gates(finished, mode, tenant)
        assert told in gate["problem"], gate
        assert "run again" in gate["advice"]
        assert finished.plan(mode, tenant)["changes"] == []
    assert not any(gates(finished, mode, tenant) for tenant in COURSES)
    assert not any(finished.plan(mode, tenant).get("failures") for tenant in EVERYBODY)
    assert "Traceback" not in finished.output


def test_every_state_dry_run_run_again_and_back(operator: Operator, watch: Watch) -> None:
    before = watch.everything()
    watch.hold_takeover("woodgrove")

    dry = operator.run(PLAYBOOK, "--check", "--diff", report="dry", **HOSTS)
    assert_all_stand_at_their_gates(dry, "check")
    assert watch.everything() == before
    assert watch.writes() == []
    planned = dry.changes("check")
    assert set(planned) == EVERYBODY
    for tenant, course in {**COURSES, REFUSED: REFUSED_COURSE}.items():
        assert outline(planned[tenant]) == course, tenant
    assert_what_cannot_be_undone_is_said(planned)

    real = run_until_end(
        operator,
        watch,
        report="real",
        tenantops_run="course",
        tenantops_approved_plans=str(dry.report / "check"),
        **HOSTS,
    )
    assert_all_stand_at_their_gates(real, "apply")
    made = real.changes("apply")
    for tenant in COURSES:
        assert covers(planned[tenant], made[tenant]), tenant
    assert_refused_when_forced(planned[REFUSED], real)
    assert_everybody_arrived(watch, real)
    assert "woodgrove: woodgrove.test: the takeover is" in real.output

    reached = watch.everything()
    watch.forget_requests()
    for mode, arguments in (("apply", ()), ("check", ("--check",))):
        again = operator.run(PLAYBOOK, *arguments, report="again", **HOSTS)
        assert_all_stand_at_their_gates(again, mode)
        assert not any(again.changes(mode)[tenant] for tenant in COURSES)
        assert watch.everything() == reached
    # What Microsoft refuses is asked once more, since somebody may have mended it.
    assert {request["tenant"] for request in watch.writes()} == {REFUSED}
    assert len(watch.writes()) == 2

    back = operator.run("rollback", report="back", tenantops_undo_run="course", **HOSTS)
    assert_undone_but_for_takeovers(watch, before, reached, back)


def assert_what_cannot_be_undone_is_said(planned: dict[str, list[dict[str, Any]]]) -> None:
    for tenant, changes in planned.items():
        for change in changes:
            is_takeover = tenant in ("graphicdesign", REFUSED, "woodgrove")
            is_final = is_takeover and change["property"] in ("isVerified", "takeover")
            assert change["reversible"] is not is_final, (tenant, change)


def assert_refused_when_forced(planned: list[dict[str, Any]], real: Finished) -> None:
    """What went before is done; the domain is as it was."""
    (gate,) = gates(real, "apply", REFUSED)
    assert "refuses the takeover" in gate["problem"]
    made = real.changes("apply")[REFUSED]
    assert covers(planned[: REFUSED_COURSE.index(VERIFIED)], made)


def assert_everybody_arrived(watch: Watch, real: Finished) -> None:
    now = watch.everything()
    for tenant in COURSES:
        (domain,) = (
            domain for domain in now["domains"][tenant] if domain["name"] == watch.domain(tenant)
        )
        assert domain["is_verified"], tenant
        assert watch.domain(tenant) in now["suffixes"]
    for tenant, people in {
        "graphicdesign": ("lena.holm", "omar.bennett", "yuki.tanaka"),
        "woodgrove": ("gustav.ek", "ines.faria"),
    }.items():
        came = {user["user_principal_name"] for user in now["users"][tenant]}
        assert came >= {f"{name}@{tenant}.test" for name in people}
        assert f"{len(people)} users of {tenant}.test came from an unmanaged tenant" in real.output
    assert [request["tenant"] for request in watch.forced()] in (
        ["graphicdesign", REFUSED],
        [REFUSED, "graphicdesign"],
    )


def assert_undone_but_for_takeovers(
    watch: Watch, before: dict[str, Any], reached: dict[str, Any], back: Finished
) -> None:
    now = watch.everything()
    taken_over = {"graphicdesign", "woodgrove"}
    for tenant in EVERYBODY - taken_over:
        for kind in ("domains", "users", "txt"):
            assert now[kind][tenant] == before[kind][tenant], (tenant, kind)
    for tenant in taken_over:
        for kind in ("domains", "users"):
            assert now[kind][tenant] == reached[kind][tenant], (tenant, kind)
        assert "it cannot be undone" in back.output
    assert now["suffixes"] == before["suffixes"]


@pytest.mark.parametrize("number", range(INTERRUPTIONS))
def test_an_interrupted_run_is_completed(number: int, operator: Operator, watch: Watch) -> None:
    """Killed when everybody is held, between any two requests, or after one did its work."""
    chance = random.Random(f"{SEED} {number}")  # noqa: S311 - repeatable, not secret
    if number % 2:
        scope = {"when": "after", "method": "POST", "skip": chance.randrange(_POSTS_OF_A_RUN)}
    else:
        scope = {"when": "before", "skip": chance.randrange(_REQUESTS_OF_A_RUN)}
    watch.truth.cloud("POST", "/chaos", {"kind": "slow", "seconds": 600, **scope})
    killed = start(operator, PLAYBOOK, {**HOSTS, "tenantops_run": "killed"})
    seen, quiet = 0, 0
    for _moment in moments():
        requests = watch.requests()
        is_held = any("slow" in request["faults"] for request in requests)
        quiet = quiet + 1 if is_held and len(requests) == seen else 0
        seen = len(requests)
        if killed.poll() is not None or quiet > _QUIET:
            break
    kill(killed)
    watch.truth.cloud("DELETE", "/chaos")

    rerun = run_until_end(operator, watch, tenantops_run="rerun", **HOSTS)

    told = f"number {number}, seed {SEED}, held at {scope}"
    assert_all_stand_at_their_gates(rerun, "apply")
    now = watch.everything()
    for tenant in COURSES:
        domain = next(
            domain for domain in now["domains"][tenant] if domain["name"] == watch.domain(tenant)
        )
        assert domain["is_verified"], f"{tenant}, {told}"
        assert watch.domain(tenant) in now["suffixes"], told
    assert_nothing_was_done_twice(watch, is_held_after=bool(number % 2), told=told)


def assert_nothing_was_done_twice(watch: Watch, *, is_held_after: bool, told: str) -> None:
    """What was held after its work never got its answer, but it was obeyed."""
    for tenant in COURSES:
        obeyed = []
        for request in watch.writes(tenant):
            what = request["path"].rpartition("/")[2]
            is_forced = bool((request["body"] or {}).get("forceTakeover"))
            if tenant == "graphicdesign" and what == "verify" and not is_forced:
                continue  # it is always refused
            if request["status"] is not None or is_held_after:
                assert request["status"] in (200, 201, 204, None), f"{request}, {told}"
                obeyed.append(what)
        assert len(obeyed) == len(set(obeyed)), f"{tenant}, {told}: {obeyed}"


def test_a_person_takes_the_tenant_over_from_inside(
    operator: Operator, watch: Watch, lab_command: LabCommand
) -> None:
    tenant = "lucerne"
    domain = watch.domain(tenant)
    text = lab_command("admin-centre", "text", tenant).strip()
    wanted = {
        "name": domain,
        "takeover": "internal",
        "internal_txt": text,
        "txt_after": "remove",
        "wait": 60,
    }
    only: dict[str, Any] = {"tenantops_hosts": tenant, "tenant_domains": [wanted]}
    before = watch.everything()

    dry = operator.run(PLAYBOOK, "--check", report="dry", **only)
    (gate,) = gates(dry, "check", tenant)
    assert "finish the takeover" in gate["problem"]
    assert outline(dry.changes("check")[tenant]) == ["add TXT"]
    assert watch.everything() == before

    with running(operator, report="real", **only) as run:
        # The record is checked again and again, until it is there.
        lab_command("admin-centre", "verify", tenant, "--within", "60")
        real = run.result()
    (gate,) = gates(real, "apply", tenant)
    assert "verified in another tenant" in gate["problem"]
    assert covers(dry.changes("check")[tenant], real.changes("apply")[tenant])
    assert watch.writes() == []

    # What was unmanaged has an administrator, who lets go of the domain.
    lab_command("admin-centre", "remove-domain", tenant)
    end = operator.run(PLAYBOOK, report="end", **only)
    assert end.exit_code == 0, end.output
    assert outline(end.changes("apply")[tenant]) == [
        "create domain",
        "add TXT",
        "replace isVerified",
        "remove TXT",
        "remove TXT",
        "add uPNSuffixes",
    ]
    assert watch.truth.txt(domain) == before["txt"][tenant]


def test_default_domain_and_no_proof_left(operator: Operator, watch: Watch) -> None:
    """One course that does all there is, planned from nothing."""
    wanted = {"name": "Adatum.Test.", "make_default": True, "txt_after": "remove"}
    only: dict[str, Any] = {"tenantops_hosts": "adatum", "tenant_domains": [wanted]}
    before = watch.everything()
    dry = operator.run(PLAYBOOK, "--check", report="dry", **only)
    assert dry.exit_code == 0, dry.output
    assert watch.everything() == before
    real = operator.run(PLAYBOOK, report="real", tenantops_run="all", **only)
    assert real.exit_code == 0, real.output

    planned, made = dry.changes("check")["adatum"], real.changes("apply")["adatum"]
    assert outline(planned) == [
        "create domain",
        "add TXT",
        "replace isVerified",
        "replace isDefault",
        "remove TXT",
        "add uPNSuffixes",
    ]
    assert covers(planned, made)
    now = watch.everything()
    assert now["txt"] == before["txt"]
    (default,) = (domain for domain in now["domains"]["adatum"] if domain["is_default"])
    assert default["name"] == "adatum.test"
    assert operator.run(PLAYBOOK, report="again", **only).changes("apply")["adatum"] == []

    back = operator.run("rollback", report="back", tenantops_undo_run="all", **only)
    assert back.exit_code == 0, back.output
    assert watch.everything() == before


def test_nothing_is_verified_before_every_server_serves_the_proof(
    operator: Operator, watch: Watch, lab_command: LabCommand
) -> None:
    only: dict[str, Any] = {"tenantops_hosts": "alpineski"}
    wanted = [{"name": "alpineski.test", "wait": 2}]
    lab_command("chaos", "stop", "secondary")
    try:
        stopped = operator.run(PLAYBOOK, report="stopped", tenant_domains=wanted, **only)
    finally:
        lab_command("chaos", "start", "secondary")
    (failure,) = stopped.plan("apply", "alpineski")["failures"]
    assert "ns2.alpineski.test" in failure["msg"]
    assert outline(stopped.changes("apply")["alpineski"]) == ["add TXT"]
    assert watch.writes() == []

    resumed = operator.run(PLAYBOOK, report="resumed", **only)
    assert resumed.exit_code == 0, resumed.output
    assert outline(resumed.changes("apply")["alpineski"]) == [VERIFIED, OFFERED]
    (verify,) = watch.writes()
    assert verify["status"] == 200
