# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plan stores as they are: a folder, a Git repository with its program, and an HTTPS server.

The four modules of a fleet's plans do their work on each of them here; the playbooks, with tenants
behind them, are in test_fleet_plans.py.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.plan import Plan
from ansible_collections.tenantops.migration.plugins.module_utils._errors import TenantopsError
from ansible_collections.tenantops.migration.plugins.module_utils._fleet_plans import (
    approve_runner,
    compare_runner,
    fetch_runner,
    pin_runner,
)
from ansible_collections.tenantops.migration.plugins.module_utils._fleet_plans.archive import (
    Archive,
)
from ansible_collections.tenantops.migration.plugins.module_utils._fleet_plans.records import (
    Application,
)
from ansible_collections.tenantops.migration.plugins.module_utils._plan_store.model import (
    Documents,
)
from ansible_collections.tenantops.migration.plugins.module_utils._plan_store.opening import (
    open_store,
)

from .plan_store_server import Shelf, plan_store_server

TOKEN = "S3cr3t-of-the-store"
KINDS = ("folder", "git", "https")


@dataclass(frozen=True)
class Place:
    """A store, and the options that lead to it."""

    options: dict[str, Any]
    shelf: Shelf | None = None

    def perform(self, work: Any) -> Any:
        return open_store(self.options).perform(work)


def git(*words: str) -> str:
    return subprocess.run(["git", *words], capture_output=True, text=True, check=True).stdout


def made_repository(folder: Path) -> Path:
    """A bare repository with a first commit."""
    bare, clone = folder / "plans.git", folder / "first"
    git("init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    git("clone", "--quiet", str(bare), str(clone))
    (clone / "README").write_text("plans\n")
    git("-C", str(clone), "add", "README")
    who = ("-c", "user.name=x", "-c", "user.email=x@example.test")
    git("-C", str(clone), *who, "commit", "--quiet", "--message=first")
    git("-C", str(clone), "push", "--quiet", "origin", "HEAD:main")
    return bare


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def opened(kind: str, folder: Path, stack: ExitStack) -> Place:
    nothing = {"store_token": None, "store_ca_path": None}
    if kind == "folder":
        (folder / "store").mkdir()
        return Place({**nothing, "store": str(folder / "store")})
    if kind == "git":
        return Place({**nothing, "store": f"git+file://{made_repository(folder)}"})
    url, authority, shelf = stack.enter_context(plan_store_server(folder / "tls", TOKEN))
    options = {"store": url, "store_token": TOKEN, "store_ca_path": str(authority)}
    return Place(options, shelf)


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path, stack: ExitStack) -> Place:
    return opened(request.param, tmp_path, stack)


def change(tenant: str, after: str = "enabled") -> Change:
    return Change(
        system=System.ENTRA,
        resource="email_authentication_method",
        id=tenant,
        name=tenant,
        property="allowExternalIdToUseEmailOtp",
        action=Action.REPLACE,
        before="default",
        after=after,
    )


def dry_run(folder: Path, plans: dict[str, list[Change]], incomplete: str = "") -> dict[str, Any]:
    """What the callback leaves of a dry run, and the options that lead to it."""
    folder.mkdir(exist_ok=True)
    entries = {}
    for tenant, changes in plans.items():
        plan = Plan(tenant, "tenantops.migration.migrate", "check", tuple(changes)).to_json()
        document: dict[str, Any] = {**plan, "complete": tenant != incomplete}
        if tenant == incomplete:
            document["failures"] = [{"step": "Log in", "msg": "refused"}]
        (folder / f"{tenant}.json").write_text(json.dumps(document))
        entries[tenant] = {"file": f"{tenant}.json", "sha256": plan["sha256"]}
    now = datetime.now(UTC)
    index = {
        "format": 1,
        "playbook": "tenantops.migration.migrate",
        "mode": "check",
        "ended": now.isoformat(timespec="seconds"),
        "tenants": entries,
    }
    (folder / "index.json").write_text(json.dumps(index))
    return {
        "dry_run": str(folder),
        "since": (now - timedelta(seconds=5)).isoformat(timespec="seconds"),
        "tenants": sorted(plans),
    }


PINNING = {"run": "monday", "course": "migrate", "plan_lifetime": "72", "keep_days": None}


def approving(place: Place, **options: Any) -> dict[str, Any]:
    return {
        "run": "monday",
        "approver": "anna",
        "tenants": None,
        "expires": None,
        "digests": {},
        **place.options,
        **options,
    }


def fetching(place: Place, folder: Path, tenants: list[str]) -> dict[str, Any]:
    return {
        "run": "monday",
        "course": "migrate",
        "tenants": tenants,
        "digests": {},
        "folder": str(folder),
        **place.options,
    }


def test_the_whole_way_of_three_tenants(place: Place, tmp_path: Path) -> None:
    plans = {name: [change(name)] for name in ("contoso", "fabrikam", "northwind")}
    found = dry_run(tmp_path / "check", plans, incomplete="northwind")
    pin = {**PINNING, **found, **place.options}

    assert pin_runner.run(pin, True).values["changed"] is True  # and nothing is written
    pinned = pin_runner.run(pin, False).values
    assert sorted(pinned["plans"]) == ["contoso", "fabrikam"]
    assert pinned["left_out"]["northwind"].startswith("Its plan is not complete: Log in: refused")
    assert pin_runner.run(pin, False).values["changed"] is False

    digests = pinned["stats"]
    approved = approve_runner.run(approving(place, digests=digests), False).values
    assert (approved["changed"], sorted(approved["approved"])) == (True, ["contoso", "fabrikam"])
    again = approve_runner.run(approving(place, digests=digests), False).values
    assert again["changed"] is False

    fetched = fetch_runner.run(fetching(place, tmp_path / "approved", sorted(plans)), False).values
    assert fetched["ready"] == ["contoso", "fabrikam"]
    assert [each["reason"] for each in fetched["left_alone"]] == ["not_planned"]

    plans["fabrikam"] = [change("fabrikam", "disabled")]
    compare = {
        "run": "monday",
        "course": "migrate",
        "approved": str(tmp_path / "approved"),
        **dry_run(tmp_path / "check", plans),
        **place.options,
        "tenants": fetched["ready"],
    }
    compared = compare_runner.run(compare, False).values
    assert compared["apply"] == ["contoso"]
    assert list(compared["moved"]) == ["fabrikam"]
    (told,) = compared["moved"]["fabrikam"]
    assert "approved default -> enabled, now default -> disabled" in told

    # contoso was applied, and is looked at again.
    compare |= dry_run(tmp_path / "check", {**plans, "contoso": []})
    compare["tenants"] = ["contoso"]
    assert compare_runner.run(compare, False).values["already_applied"] == ["contoso"]


def test_a_document_is_made_once(place: Place) -> None:
    def work(documents: Documents) -> list[Any]:
        return [
            documents.read("a/plans/ö b.json"),
            documents.create("a/plans/ö b.json", b"1"),
            documents.create("a/plans/ö b.json", b"2"),
            documents.read("a/plans/ö b.json"),
        ]

    assert place.perform(work) == [None, True, False, b"1"]
    assert place.perform(lambda documents: documents.read("a/plans/ö b.json")) == b"1"


def test_nobody_s_record_is_lost_when_many_write_at_once(place: Place) -> None:
    """The slices of a job, each with a list of its own."""
    names = [f"tenant{number}" for number in range(6)]

    def note(name: str) -> None:
        record = Application("monday", datetime.now(UTC), (name,))
        place.perform(lambda documents: Archive(documents).add_application(record))

    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(note, names))

    def read(documents: Documents) -> list[str]:
        archive = Archive(documents)
        return [
            tenant
            for each in archive._numbered("monday", "applications", Application)
            for tenant in each.tenants
        ]

    assert sorted(place.perform(read)) == names


def test_plans_of_old_runs_are_removed_where_the_store_tells_what_it_has(
    place: Place, tmp_path: Path
) -> None:
    found = dry_run(tmp_path / "check", {"contoso": [change("contoso")]})
    pin = {**PINNING, **found, **place.options}
    pin_runner.run({**pin, "run": "old"}, False)
    # A millionth of a day is less than a second, so the older run is old by then.
    new = {**pin, "run": "new", "keep_days": "0.0000001"}
    if place.shelf is not None:
        with pytest.raises(TenantopsError, match="does not tell what it holds"):
            pin_runner.run(new, False)
        return
    removed = pin_runner.run(new, False).values["removed_runs"]
    assert removed == ["old"]
    assert place.perform(lambda documents: documents.folders()) == ["new"]


def test_plan_that_was_altered_in_the_store_is_refused(tmp_path: Path, stack: ExitStack) -> None:
    place = opened("folder", tmp_path, stack)
    found = dry_run(tmp_path / "check", {"contoso": [change("contoso")]})
    pin_runner.run({**PINNING, **found, **place.options}, False)
    path = tmp_path / "store" / "monday" / "plans" / "contoso.json"
    path.write_text(path.read_text().replace('"enabled"', '"disabled"'))

    with pytest.raises(TenantopsError, match="altered") as caught:
        approve_runner.run(approving(place), False)
    assert caught.value.kind == "not_approved"


def test_store_that_is_not_there(tmp_path: Path) -> None:
    for store in (str(tmp_path / "nothing"), f"git+file://{tmp_path}/nothing.git"):
        place = Place({"store": store, "store_token": None, "store_ca_path": None})
        with pytest.raises(TenantopsError) as caught:
            approve_runner.run(approving(place), False)
        assert caught.value.kind == "plan_store_unusable"
        assert "nothing" in str(caught.value)


def test_branch_of_a_repository_is_made_and_others_are_left_alone(tmp_path: Path) -> None:
    bare = made_repository(tmp_path)
    options = {"store": f"git+file://{bare}#fleet", "store_token": None, "store_ca_path": None}
    before = git("-C", str(bare), "rev-parse", "main")
    for name in ("a/1.json", "a/2.json"):
        assert Place(options).perform(lambda documents, name=name: documents.create(name, b"{}"))

    assert git("-C", str(bare), "rev-parse", "main") == before
    listed = git("-C", str(bare), "ls-tree", "-r", "--name-only", "fleet").split()
    assert listed == ["a/1.json", "a/2.json"]


@pytest.fixture
def server(tmp_path: Path, stack: ExitStack) -> tuple[Place, Shelf]:
    place = opened("https", tmp_path, stack)
    assert place.shelf is not None
    return place, place.shelf


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"store_token": "wrong"}, "authentication_failed"),
        ({"store_token": None}, "authentication_failed"),
        ({"store_ca_path": None}, "not_trusted"),
        ({"store": "https://127.0.0.1:1/plans"}, "connection_failed"),
    ],
)
def test_https_store_that_cannot_be_used(
    server: tuple[Place, Shelf], options: dict[str, Any], kind: str
) -> None:
    place = Place({**server[0].options, **options})
    with pytest.raises(TenantopsError) as caught:
        approve_runner.run(approving(place), False)
    assert caught.value.kind == kind
    assert caught.value.advice
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("status", [200 + 2, 302, 418, 503])
def test_answers_that_are_not_understood(server: tuple[Place, Shelf], status: int) -> None:
    place, shelf = server
    shelf.troubles = [status] * 3
    with pytest.raises(TenantopsError) as caught:
        approve_runner.run(approving(place), False)
    assert caught.value.kind == "not_understood"
    assert str(status) in caught.value.answer


def test_token_does_not_follow_to_another_server(
    server: tuple[Place, Shelf], tmp_path: Path, stack: ExitStack
) -> None:
    place, shelf = server
    url, _authority, other = stack.enter_context(plan_store_server(tmp_path / "other", "x"))
    shelf.troubles, shelf.redirect = [307] * 3, f"{url}/monday/plans-0001.json"
    with pytest.raises(TenantopsError):
        approve_runner.run(approving(place), False)
    assert other.seen_tokens == []


def test_server_in_trouble_is_asked_again_and_a_lost_answer_is_no_conflict(
    server: tuple[Place, Shelf],
) -> None:
    place, shelf = server
    shelf.troubles, shelf.losses = [503], ["PUT"]
    assert place.perform(lambda documents: documents.create("a/1.json", b"{}")) is True
    assert shelf.documents == {"/plans/a/1.json": b"{}"}


def test_server_that_would_replace_documents_is_refused(server: tuple[Place, Shelf]) -> None:
    place, shelf = server
    shelf.honours_conditions = False
    with pytest.raises(TenantopsError, match="replaces a document"):
        place.perform(lambda documents: documents.create("a/1.json", b"{}"))
