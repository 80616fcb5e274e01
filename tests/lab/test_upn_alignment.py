# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""upn_alignment: one name on both sides, and nobody without a licence for it.

The directory is a real one; the cloud's own ledger of licences and seats is the judge.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.plan import Plan
from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Outcome
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ConditionUnmet,
    InvalidInput,
    NotApproved,
    PartlyDone,
    Refused,
    TooManyChanges,
)
from ansible_collections.tenantops.migration.plugins.module_utils._sync.waiting import (
    wait_for_users,
)
from ansible_collections.tenantops.migration.plugins.module_utils._upn_alignment import acts
from lab.description import Description
from lab.directory import account_people

from .alignment import Aligner
from .synced_people import make_people, remove_people
from .truth import Truth

PEOPLE = int(os.environ.get("TENANTOPS_PEOPLE", "20"))
KILLS = int(os.environ.get("TENANTOPS_KILLS", "2"))
KILLED_PEOPLE = int(os.environ.get("TENANTOPS_KILLED_PEOPLE", PEOPLE))
SEED = int(os.environ.get("TENANTOPS_SEED", "20261123"))
BATCH_SIZE = int(os.environ.get("TENANTOPS_BATCH", "10"))
CROWD = 6


@pytest.fixture
def munson(clean_lab: Description, tmp_path: Path) -> Aligner:
    """Where the sync gives nobody with a licence a new name."""
    return Aligner(clean_lab, "munson", tmp_path, Truth(clean_lab))


def of(aligner: Aligner, tenant: str) -> Aligner:
    return Aligner(aligner.lab, tenant, aligner.folder, aligner.truth)


def cycle(people: int) -> float:
    """Seconds from one sync to the next: one that reads thousands without a pause leaves nothing of
    a machine to anybody else."""
    return max(0.3, people / 250)


def kinds(outcome: Outcome) -> Counter[str]:
    return Counter(f"{change.action.value} {change.resource}" for change in outcome.changes or ())


def results(outcome: Outcome) -> Counter[str]:
    return Counter(row["result"] for row in outcome.values["people"])


def problems(outcome: Outcome) -> dict[str, str]:
    """What is told of whom, by the common name."""
    return {
        failure["name"].partition(",")[0].removeprefix("CN="): failure["error"]["problem"]
        for failure in outcome.values["failures"]
    }


@contextmanager
def instead_of_waiting(what: Callable[[], None]) -> Iterator[None]:
    """Let something happen once, when all is renamed and the sync is waited for."""
    todo = [what]

    async def waiting(*arguments: Any) -> Any:
        if todo:
            todo.pop()()
        return await wait_for_users(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(acts, "wait_for_users", waiting)
        yield


def test_everybody_gets_one_name_and_keeps_the_licenses(munson: Aligner) -> None:
    licenses, seats = munson.licenses(), munson.seats()
    names = munson.directory_names(), munson.cloud_names()
    meant = munson.misnamed()
    with munson.syncing():
        dry = munson.align(check_mode=True)
        assert (munson.directory_names(), munson.cloud_names()) == names
        assert not (munson.folder / "journal").exists()
        made = munson.align()
        assert made.error is None, made.error
        assert dry == made
        licensed = sum(bool(licenses[anchor]) for anchor in meant)
        assert made.values["summary"] == {
            "selected": 14,
            "left": 0,
            "unchanged": 14 - len(meant),
            "licenses_off_and_on": licensed,
            "aligned": 14,
            "restored": 0,
            "waiting": 0,
            "not_begun": 0,
            "failed": 0,
            "unlicensed": 0,
        }
        of_licenses = sum(len(licenses[anchor]) for anchor in meant)
        assert kinds(made) == {
            "replace license": 2 * of_licenses,
            "replace directory_object": len(meant),
        }
        munson.assert_aligned()
        munson.assert_nothing_lost(licenses, seats)
        events = munson.events()
        assert len(events) == 2 * of_licenses
        again = munson.align(run="again")
    assert again.changes == ()
    assert again.error is None
    assert again.values["people"] == []
    assert munson.events() == events


def test_where_the_sync_brings_names_no_license_is_touched(munson: Aligner) -> None:
    lamna = of(munson, "lamna")
    meant = len(lamna.misnamed())
    with lamna.syncing():
        dry = lamna.align(check_mode=True)
        made = lamna.align()
    assert made.error is None, made.error
    assert dry == made
    assert kinds(made) == {"replace directory_object": meant}
    assert {tuple(row["steps"]) for row in made.values["people"]} == {("rename", "await")}
    assert lamna.events() == []
    lamna.assert_aligned()


def test_each_trouble_is_told_before_anything_is_written(munson: Aligner) -> None:
    southridge = of(munson, "southridge")
    licenses, seats = southridge.licenses(), southridge.seats()
    with southridge.syncing():
        dry = southridge.align(check_mode=True)
        made = southridge.align()
    assert dry.changes == made.changes
    assert dry.values == made.values
    assert isinstance(made.error, PartlyDone)
    told = problems(made)
    assert set(told) == {
        "Cleo Danes",
        "Robin Wood",
        "Robin Woods",
        "Gale Price",
        "Uma Vance",
        "Dan Ellery",
        "Daniel Ellery",
    }
    assert "taken" in told["Cleo Danes"]
    assert "licensed by a group" in told["Gale Price"]
    assert results(made) == {"failed": 7, "aligned": 1}
    assert southridge.licenses() == licenses
    assert southridge.seats() == seats
    assert {event["user_principal_name"].partition("@")[0] for event in southridge.events()} <= {
        "nhale",
        "nora.hale",
    }
    name = account_people.GOOD.primary_address
    assert [each for each in southridge.cloud_names().values() if each == name] == [name]


@pytest.mark.parametrize("check_mode", [True, False])
def test_lacking_permission_is_told_before_anything_is_written(
    munson: Aligner, check_mode: bool
) -> None:
    parnell = of(munson, "parnell")
    names = parnell.directory_names()
    with pytest.raises(Refused, match=r"LicenseAssignment\.ReadWrite\.All"):
        parnell.align(check_mode=check_mode)
    assert parnell.directory_names() == names
    assert parnell.events() == []


def test_refusal_of_graph_alone_takes_nothing_from_anybody(munson: Aligner) -> None:
    parnell = of(munson, "parnell")
    names, licenses, seats = parnell.directory_names(), parnell.licenses(), parnell.seats()
    # The token of an app with a role does not tell what it may: this one may only read.
    parnell.hold_role("Directory Readers", "88d8e3e3-8f55-4a1e-953a-9b9898b8876b")
    made = parnell.align()
    assert isinstance(made.error, PartlyDone)
    assert made.changes == ()
    assert results(made) == {"failed": 2, "not_begun": 2}
    assert parnell.directory_names() == names
    parnell.assert_nothing_lost(licenses, seats)


def test_licenses_come_back_if_the_sync_does_not(munson: Aligner) -> None:
    licenses, seats, meant = munson.licenses(), munson.seats(), len(munson.misnamed())
    made = munson.align(sync_timeout=1, canary=0, batch_size=20, max_failures=100)
    assert isinstance(made.error, PartlyDone)
    assert results(made) == {"waiting": meant}
    assert made.values["unlicensed"] == []
    munson.assert_nothing_lost(licenses, seats)
    with munson.syncing():
        again = munson.align(run="again")
    assert again.error is None, again.error
    assert "replace directory_object" not in kinds(again)
    munson.assert_aligned()
    munson.assert_nothing_lost(licenses, seats)


def test_canary_that_fails_keeps_everybody_else_from_it(munson: Aligner) -> None:
    licenses, seats, meant = munson.licenses(), munson.seats(), len(munson.misnamed())
    made = munson.align(sync_timeout=1, canary=2)
    assert results(made) == {"waiting": 2, "not_begun": meant - 2}
    assert len({event["user"] for event in munson.events()}) <= 2
    munson.assert_nothing_lost(licenses, seats)


def test_run_stops_after_too_many_failures(munson: Aligner) -> None:
    meant = len(munson.misnamed())
    made = munson.align(sync_timeout=1, canary=0, batch_size=3, max_failures=4)
    assert results(made) == {"waiting": 6, "not_begun": meant - 6}


def test_seat_that_somebody_takes_meanwhile_is_waited_for(munson: Aligner) -> None:
    licenses = munson.licenses()
    thief = {
        "user_principal_name": "thief@munson.onmicrosoft.com",
        "usage_location": "SE",
        "licenses": [{"sku": "STANDARDPACK"}],
    }

    def steal() -> None:
        munson.order(accounts=[thief])
        munson.sync()

    victims = [anchor for anchor, held in licenses.items() if "STANDARDPACK" in held]
    with instead_of_waiting(steal):
        made = munson.align(canary=0, batch_size=20)
    assert isinstance(made.error, PartlyDone)
    assert len(victims) == len(made.values["unlicensed"]) == 1
    (lost,) = made.values["unlicensed"]
    assert lost["user_principal_name"] in str(made.error)
    assert munson.open_snapshots() == [lost["user_principal_name"]]
    assert munson.licenses()[victims[0]] == {}

    # Not even a run about nobody says that all is well.
    still = munson.align(filter="(cn=Anna Bergqvist)", run="still")
    assert isinstance(still.error, PartlyDone)
    (told,) = still.values["unlicensed"]
    assert (told["id"], told["licenses"]) == (lost["id"], lost["licenses"])

    munson.order(skus=[{"part_number": "STANDARDPACK", "enabled": 2}])
    dry = munson.align(check_mode=True, filter="(cn=Anna Bergqvist)", run="last")
    last = munson.align(filter="(cn=Anna Bergqvist)", run="last")
    assert dry == last
    assert last.error is None, last.error
    assert kinds(last) == {"replace license": len(licenses[victims[0]])}
    assert results(last) == {"restored": 1}
    assert munson.licenses() == licenses
    assert munson.open_snapshots() == []
    munson.assert_aligned()


def test_what_somebody_else_gives_meanwhile_is_left_and_told(munson: Aligner) -> None:
    licenses = munson.licenses()
    anchor = next(anchor for anchor, held in licenses.items() if held == {"ENTERPRISEPACK": []})
    user = munson.user_of(anchor)
    state = munson.truth.cloud("GET", "/state")["tenants"]["munson"]
    (sku,) = [each for each in state["skus"] if each["part_number"] == "ENTERPRISEPACK"]
    given = {"sku_id": sku["id"], "disabled_plans": [sku["service_plans"][0]["id"]]}

    def give() -> None:
        path = f"/state/tenants/munson/users/{user['id']}/licenses"
        munson.truth.cloud("PUT", path, [given])

    with munson.syncing(), instead_of_waiting(give):
        made = munson.align(canary=0, batch_size=20, sync_timeout=5, max_failures=100)
    (lost,) = made.values["unlicensed"]
    assert lost["user_principal_name"] == user["user_principal_name"]
    assert "other plans" in str(made.values["failures"])
    with munson.syncing():
        settled = munson.align(forget=[lost["id"]], run="settled")
    assert settled.error is None, settled.error
    munson.assert_aligned()
    assert munson.open_snapshots() == []


def test_lost_answers_and_old_news(munson: Aligner) -> None:
    licenses, seats = munson.licenses(), munson.seats()
    for when in ("before", "after"):
        munson.trouble("failure", member=True, path="*/assignLicense", when=when, count=3, skip=2)
    munson.trouble("drop", path="*/$batch", when="after", count=2, skip=6)
    munson.trouble("lag", method="POST", path="*/assignLicense", seconds=1)
    with munson.syncing():
        made = munson.align(settle_time=2)
        munson.calm()
        if made.error is not None:
            again = munson.align(settle_time=2, run="again")
            assert again.error is None, again.error
    munson.assert_aligned()
    munson.assert_nothing_lost(licenses, seats)


def test_limit_and_approval_are_for_the_whole(munson: Aligner) -> None:
    with pytest.raises(TooManyChanges):
        munson.align(max_changes="10")
    dry = munson.align(check_mode=True)
    plan = Plan("munson", "align", "check", tuple(dry.changes or ())).to_json()
    less = Plan("munson", "align", "check", tuple(dry.changes or ())[:-1]).to_json()
    with pytest.raises(NotApproved):
        munson.align(approved_plan=less)
    assert munson.events() == []
    with munson.syncing():
        made = munson.align(approved_plan=plan)
    assert made.error is None, made.error
    assert made.changes == dry.changes


def test_rollback_leaves_licenses_and_brings_names_back(munson: Aligner) -> None:
    names, licenses, seats = munson.directory_names(), munson.licenses(), munson.seats()
    with munson.syncing():
        assert munson.align().error is None
    undone = munson.undo()
    assert undone.error is None, undone.error
    assert munson.directory_names() == names
    munson.assert_nothing_lost(licenses, seats)


def test_two_runs_at_once_are_one_too_many(munson: Aligner) -> None:
    process = munson.start(sync_timeout=20)
    try:
        while process.is_alive() and not munson.open_snapshots():
            time.sleep(0.05)
        with pytest.raises(ConditionUnmet, match="Another run"):
            munson.align(run="second")
    finally:
        process.kill()
        process.join()
    licenses = munson.licenses()
    with munson.syncing():
        last = munson.align(run="last")
    assert last.error is None, last.error
    assert sum(map(bool, munson.licenses().values())) >= sum(map(bool, licenses.values()))
    assert munson.open_snapshots() == []
    munson.assert_aligned()


@pytest.mark.parametrize(
    ("options", "what"),
    [
        pytest.param({"journal": None}, "journal", id="no journal"),
        pytest.param({"batch_size": 0}, "batch_size", id="empty batches"),
        pytest.param({"source": "suffix_map"}, "suffix_map", id="no map"),
    ],
)
def test_what_cannot_be_meant(
    lab: Description, tmp_path: Path, options: dict[str, Any], what: str
) -> None:
    with pytest.raises(InvalidInput, match=what):
        Aligner(lab, "munson", tmp_path, Truth(lab)).align(**options)


def test_names_and_addresses_change_together(munson: Aligner) -> None:
    suffix = munson.people()[next(iter(munson.people()))].user_principal_name or ""
    suffix_map = {suffix.partition("@")[2]: "munson.test"}
    options: dict[str, Any] = {
        "source": "suffix_map",
        "suffix_map": suffix_map,
        "adjust": ["proxyAddresses"],
    }
    with munson.syncing():
        dry = munson.align(check_mode=True, **options)
        made = munson.align(**options)
        assert made.error is None, made.error
        assert dry == made
        again = munson.align(**options, run="again")
    assert again.changes == ()
    munson.assert_aligned()


def test_killed_at_any_moment(munson: Aligner) -> None:
    """Half of the people are left for the last run at least, so that every kill has its chance."""
    seed = CROWD
    try:
        make_people(munson.lab, "munson", KILLED_PEOPLE, seed=seed)
        licenses, seats = munson.licenses(), munson.seats()
        chance = random.Random(SEED)  # noqa: S311 - repeatable, not secret
        moments: Counter[str] = Counter()
        with munson.syncing(cycle(KILLED_PEOPLE)):
            for number in range(KILLS):
                moments[kill_somewhere(munson, f"killed-{number}", chance)] += 1
            last = munson.align(run="last", batch_size=BATCH_SIZE, sync_timeout=300)
            assert last.error is None, last.error
            again = munson.align(run="again")
        assert again.changes == ()
        munson.assert_aligned()
        munson.assert_nothing_lost(licenses, seats)
        print(f"{len(licenses)} people, seed {SEED}, killed while: {dict(moments)}")  # noqa: T201
    finally:
        remove_people(munson.lab, "munson", seed=seed)


def kill_somewhere(munson: Aligner, run: str, chance: random.Random) -> str:
    """Kill a run after a part of its writes, or after a time within which it has waited for the
    sync, whichever is first; tell what it was at."""
    lines = chance.randint(0, max(12, 8 * (KILLED_PEOPLE + 14) // KILLS))
    patience = chance.uniform(0, 5 + 2 * cycle(KILLED_PEOPLE))
    journal = munson.folder / "journal" / "munson" / f"{run}.jsonl"
    process = munson.start(run=run, batch_size=BATCH_SIZE, sync_timeout=300)
    begun = None
    while process.is_alive() and count_lines(journal) < lines:
        if begun is None and journal.exists():
            begun = time.monotonic()
        if begun is not None and time.monotonic() - begun > patience:
            break
        time.sleep(0.02)
    time.sleep(chance.uniform(0, 0.5))
    has_ended = not process.is_alive()
    process.kill()
    process.join()
    return "at its end" if has_ended else what_it_was_at(journal)


def what_it_was_at(journal: Path) -> str:
    """What was announced last."""
    last = "reading"
    for line in journal.read_bytes().splitlines() if journal.exists() else ():
        with suppress(ValueError):
            for change in json.loads(line).get("changes") or ():
                if change["resource"] != "license":
                    last = "renaming and waiting"
                else:
                    last = "taking" if change["after"] is None else "giving back"
    return last


def count_lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def test_thousands_in_one_planned_run(munson: Aligner) -> None:
    seed = CROWD + 1
    try:
        make_people(munson.lab, "munson", PEOPLE, seed=seed)
        licenses, seats = munson.licenses(), munson.seats()
        size = max(BATCH_SIZE, PEOPLE // 10)
        dry = munson.align(check_mode=True, batch_size=size)
        plan = Plan("munson", "align", "check", tuple(dry.changes or ())).to_json()
        begun = time.monotonic()
        with munson.syncing(cycle(PEOPLE)):
            made = munson.align(approved_plan=plan, batch_size=size, sync_timeout=300)
        taken = time.monotonic() - begun
        assert made.error is None, made.error
        assert made == dry
        munson.assert_aligned()
        munson.assert_nothing_lost(licenses, seats)
        assert munson.align(run="again").changes == ()
        print(f"{len(licenses)} people aligned in {taken:.0f} s, {len(made.changes or ())} changes")  # noqa: T201
    finally:
        remove_people(munson.lab, "munson", seed=seed)
