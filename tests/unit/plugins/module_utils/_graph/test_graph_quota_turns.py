# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The turns of whole tasks: shared through a file, and taken by whatever leaves for Graph."""

from __future__ import annotations

import asyncio
import fcntl
import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._graph.quota import (
    Cost,
    Quotas,
    Turn,
    Usage,
    next_turn,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph.quota_file import (
    UsageFile,
    usage_path,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph.quota_turns import (
    QuotaTurns,
    UsageBook,
)

ROOT = "https://graph.microsoft.com/v1.0"
QUOTA = Quotas.from_parameters(None).in_tenant
NOW = 1_800_000_000.0


class Clock:
    """Time that passes only where it is waited for."""

    def __init__(self) -> None:
        self.now = NOW
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def turns(path: Path | None, clock: Clock) -> QuotaTurns:
    return QuotaTurns(UsageBook(QUOTA, path, clock, clock.sleep))


def usage_in(path: Path) -> Usage:
    """What the next one finds."""
    found: list[Usage] = []

    def look(usage: Usage) -> Turn:
        found.append(usage)
        return Turn(usage, 0.0, is_reserved=False)

    opened = UsageFile(path)
    opened.turn(look)
    opened.close()
    return found[0]


def batch(*members: tuple[str, str]) -> httpx.Request:
    listed = [
        {"id": str(number), "method": method, "url": url}
        for number, (method, url) in enumerate(members)
    ]
    return httpx.Request("POST", f"{ROOT}/$batch", json={"requests": listed})


def patches(count: int = 20) -> httpx.Request:
    return batch(*[("PATCH", "/users/1")] * count)


def test_the_file_is_the_apps_in_the_tenant(tmp_path: Path) -> None:
    folder = str(tmp_path / "quota")
    path = usage_path(folder, ROOT, "contoso.com", "app")
    assert path is not None
    assert path.parent == tmp_path / "quota"
    assert path == usage_path(folder, ROOT, "Contoso.com", "APP")
    assert path != usage_path(folder, ROOT, "contoso.com", "other")
    escaping = usage_path(folder, ROOT, "../../etc", "app")
    assert escaping is not None
    assert escaping.parent == path.parent
    assert usage_path("relative", ROOT, "contoso.com", "app") is None


@pytest.mark.parametrize(
    ("state", "expected"),
    [("/state", "/state/tenantops/quota"), ("", "/home/of/ada/.local/state/tenantops/quota")],
)
def test_the_folder_is_the_users_own(
    monkeypatch: pytest.MonkeyPatch, state: str, expected: str
) -> None:
    monkeypatch.setenv("HOME", "/home/of/ada")
    monkeypatch.setenv("XDG_STATE_HOME", state)
    path = usage_path(None, ROOT, "contoso.com", "app")
    assert path is not None
    assert str(path.parent) == expected


def test_tasks_share_what_they_use(tmp_path: Path) -> None:
    path, clock = tmp_path / "quota" / "contoso", Clock()
    first, second = turns(path, clock), turns(path, clock)

    async def run() -> None:
        for _number in range(10):
            await first.before(patches())
            await second.before(patches())
        await first.aclose()
        await second.aclose()

    asyncio.run(run())
    assert clock.now - NOW == pytest.approx((400 - 37.5) / 19)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_an_app_has_one_quota_more_over_all_tenants(tmp_path: Path) -> None:
    clock, everywhere = Clock(), tmp_path / "all"
    app = Quotas.from_parameters({"app_writes": 3_000}).in_all_tenants

    def in_tenant(name: str) -> QuotaTurns:
        books = ((QUOTA, tmp_path / name), (app, everywhere))
        return QuotaTurns(*(UsageBook(quota, path, clock, clock.sleep) for quota, path in books))

    async def run() -> None:
        tenants = [in_tenant(name) for name in ("contoso", "fabrikam")]
        for _number in range(10):
            for tenant in tenants:
                await tenant.before(patches())

    asyncio.run(run())
    assert clock.now - NOW == pytest.approx((400 - 37.5) / 9.5)


def test_a_task_that_asks_little_leaves_nothing(tmp_path: Path) -> None:
    path, clock = tmp_path / "quota" / "contoso", Clock()

    async def run(questions: int) -> None:
        made = turns(path, clock)
        for _number in range(questions):
            await made.before(httpx.Request("GET", f"{ROOT}/users/1"))
        await made.aclose()

    asyncio.run(run(30))
    assert not path.parent.exists()
    asyncio.run(run(31))
    # What was not noted at first is noted with the rest.
    assert (usage_in(path).units_paid - NOW) * QUOTA.units.per_second == pytest.approx(31, abs=0.01)


def test_one_write_is_noted(tmp_path: Path) -> None:
    path, clock = tmp_path / "contoso", Clock()
    asyncio.run(turns(path, clock).before(httpx.Request("DELETE", f"{ROOT}/users/1")))
    assert clock.slept == []
    assert (usage_in(path).writes_paid - NOW) * 19 == pytest.approx(1, abs=0.01)


def unusable_folder(tmp_path: Path) -> Path:
    (tmp_path / "file").write_text("")
    return tmp_path / "file" / "contoso"


def symlink(tmp_path: Path) -> Path:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    return tmp_path / "link"


@pytest.mark.parametrize("place", [unusable_folder, symlink, lambda _path: None])
def test_without_a_file_a_task_keeps_to_the_quota_by_itself(tmp_path: Path, place: Any) -> None:
    clock = Clock()
    made = turns(place(tmp_path), clock)

    async def run() -> None:
        for _number in range(10):
            await made.before(patches())

    asyncio.run(run())
    assert clock.now - NOW == pytest.approx((200 - 37.5) / 19)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 48, b"quota-1\n" + b"\xff" * 40])
def test_a_file_of_anything_is_begun_anew(tmp_path: Path, content: bytes) -> None:
    path, clock = tmp_path / "contoso", Clock()
    path.write_bytes(content)
    asyncio.run(turns(path, clock).before(patches()))
    assert clock.slept == []
    assert (usage_in(path).writes_paid - NOW) * 19 == pytest.approx(20, abs=0.01)


def test_a_lock_that_is_never_given_back_holds_nobody_up(tmp_path: Path) -> None:
    path, clock = tmp_path / "contoso", Clock()
    with path.open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        asyncio.run(turns(path, clock).before(patches()))
    assert clock.now - NOW < 2


_WORKER = """
import asyncio, pathlib, sys
sys.path[:0] = [{root!r}]
from {package}.quota import Cost, Quotas
from {package}.quota_turns import UsageBook

async def run():
    quotas = Quotas.from_parameters({{"writes": 2000, "writes_time": 10.0}})
    book = UsageBook(quotas.in_tenant, {path})
    while True:
        await book.turn(Cost(1, 1))
        print("turn", flush=True)

asyncio.run(run())
"""


def test_processes_that_are_killed_leave_only_what_they_used(tmp_path: Path) -> None:
    package = QuotaTurns.__module__.rpartition(".")[0]
    path = tmp_path / "contoso"
    root = str(Path(sys.modules[package].__path__[0]).parents[5])
    code = _WORKER.format(root=root, package=package, path=f"pathlib.Path({str(path)!r})")
    workers = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        for _number in range(3)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"turn\n"
    counted = 0
    for worker in workers:
        worker.send_signal(signal.SIGKILL)
        output, _errors = worker.communicate()
        counted += 1 + output.count(b"turn")
    # Each may have been killed between its note and its turn.
    noted = usage_in(path)
    assert noted.writes_paid >= noted.units_paid
    usage = next_turn(QUOTA, noted, Cost(1, 1), noted.noted)
    assert usage.wait < 1
    assert counted >= 3


def answer(request: httpx.Request, headers: Mapping[str, str], body: Any = None) -> httpx.Response:
    return httpx.Response(200, headers=headers, request=request, content=json.dumps(body or {}))


def test_what_an_answer_tells_corrects_the_next(tmp_path: Path) -> None:
    path, clock = tmp_path / "contoso", Clock()
    made = turns(path, clock)
    request = httpx.Request("GET", f"{ROOT}/users")

    async def run() -> None:
        await made.before(request)
        await made.after(answer(request, {"X-Ms-Resource-Unit": "12"}))
        await made.before(patches(1))

    asyncio.run(run())
    assert (usage_in(path).units_paid - NOW) * QUOTA.units.per_second == pytest.approx(13, abs=0.01)


def test_what_the_answers_in_a_batch_tell_counts_too(tmp_path: Path) -> None:
    path, clock = tmp_path / "contoso", Clock()
    made = turns(path, clock)
    asked = batch(("PATCH", "/users/1"), ("GET", "/users/1"))
    responses = [
        {"id": "0", "status": 204, "headers": {"x-ms-throttle-limit-percentage": "1.2"}},
        {"id": "1", "status": 200, "headers": {"x-ms-resource-unit": "5"}},
        {"id": "somebody else's", "status": 200, "headers": {"x-ms-resource-unit": "500"}},
        {"id": "0", "headers": None},
    ]

    async def run() -> None:
        await made.before(asked)
        await made.after(answer(asked, {}, {"responses": responses}))
        await made.before(patches())

    asyncio.run(run())
    used = usage_in(path)
    assert used.told == 1.2
    assert (used.writes_paid - NOW) * 19 == pytest.approx(1 + 50 * 20, abs=0.01)
    assert clock.slept == [pytest.approx((1001 - 37.5) / 19, abs=0.01)]


@pytest.mark.parametrize("text", ["", "much", "nan", "inf", "-5", "1e9"])
def test_headers_that_make_no_sense_are_nothing(tmp_path: Path, text: str) -> None:
    path, clock = tmp_path / "contoso", Clock()
    made = turns(path, clock)
    request = httpx.Request("PATCH", f"{ROOT}/users/1")
    headers = {"x-ms-resource-unit": text, "x-ms-throttle-limit-percentage": text}

    async def run() -> None:
        await made.before(request)
        await made.after(answer(request, headers))
        await made.before(request)

    asyncio.run(run())
    assert usage_in(path).told == 0
    assert (usage_in(path).units_paid - NOW) * QUOTA.units.per_second == pytest.approx(2, abs=0.01)


@pytest.mark.parametrize("body", [[], {"requests": None}, {"requests": [1]}, "text"])
def test_a_batch_that_is_none_is_left_to_graph(body: Any) -> None:
    request = httpx.Request("POST", f"{ROOT}/$batch", json=body)
    asyncio.run(turns(None, Clock()).before(request))
    asyncio.run(turns(None, Clock()).after(answer(request, {}, body)))


def test_the_file_is_not_left_open(tmp_path: Path) -> None:
    made = turns(tmp_path / "contoso", Clock())
    before = len(list(Path("/proc/self/fd").iterdir()))
    asyncio.run(made.before(patches()))
    asyncio.run(made.aclose())
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize("listed", [5, True, "text", {"id": "0"}, [5, None, {"headers": 5}]])
def test_answer_that_is_no_list_is_left_to_those_who_judge_it(listed: Any) -> None:
    clock = Clock()

    async def work() -> None:
        opened = turns(None, clock)
        request = patches()
        await opened.before(request)
        await opened.after(httpx.Response(200, json={"responses": listed}, request=request))
        await opened.aclose()

    asyncio.run(work())
