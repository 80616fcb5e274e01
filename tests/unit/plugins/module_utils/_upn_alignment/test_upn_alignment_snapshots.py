# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import asyncio
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ConditionUnmet,
    InvalidInput,
    JournalUnusable,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph.waiting import looks
from ansible_collections.tenantops.migration.plugins.module_utils._upn_alignment.snapshots import (
    Snapshot,
    SnapshotFile,
)

KIM = Snapshot("id-kim", "kim@firm.example", {"e3": frozenset({"sway", "yammer"})})
LEE = Snapshot("id-lee", "lee@firm.example", {"e3": frozenset(), "ems": frozenset({"mfa"})})


@pytest.fixture(name="file")
def snapshot_file(tmp_path: Path) -> SnapshotFile:
    return SnapshotFile.of(str(tmp_path / "journal"), "contoso", "run-1")


def test_what_is_open_is_read_back(file: SnapshotFile) -> None:
    assert file.read().by_user == {}
    assert file.read().written is None
    with file.held():
        file.open([KIM, LEE])
        assert file.read().by_user == {"id-kim": KIM, "id-lee": LEE}
        file.close(["id-kim"], "given back")
    found = file.read()
    assert found.by_user == {"id-lee": LEE}
    assert found.written is not None


def test_it_lies_beside_the_journals_for_its_owner_alone(
    file: SnapshotFile, tmp_path: Path
) -> None:
    with file.held():
        file.open([KIM])
    assert file.path == tmp_path / "journal" / "contoso.licenses.jsonl"
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert file.path.parent.stat().st_mode & 0o777 == 0o700
    record = json.loads(file.path.read_text(encoding="utf-8"))
    del record["at"]
    assert record == {
        "format": 1,
        "run": "run-1",
        "event": "open",
        "user": "id-kim",
        "name": "kim@firm.example",
        "licenses": [{"sku_id": "e3", "disabled_plans": ["sway", "yammer"]}],
    }


def test_last_line_of_a_user_counts(file: SnapshotFile) -> None:
    more = Snapshot(KIM.user_id, KIM.name, {**KIM.licenses, "ems": frozenset()})
    with file.held():
        file.open([KIM])
        file.open([more])
    assert file.read().by_user == {"id-kim": more}


def test_a_torn_line_is_no_line(file: SnapshotFile) -> None:
    with file.held():
        file.open([KIM])
    whole = file.path.read_bytes()
    file.path.write_bytes(whole + whole[: len(whole) // 2])
    assert file.read().by_user == {"id-kim": KIM}
    with file.held():
        file.close(["id-kim"], "given back")
        file.open([LEE])
    assert file.read().by_user == {"id-lee": LEE}


@pytest.mark.parametrize(
    "line",
    [
        "no JSON",
        '{"format": 2, "event": "open", "user": "a", "name": "a", "licenses": []}',
        '{"format": 1, "event": "opened", "user": "a", "name": "a", "licenses": []}',
        '{"format": 1, "event": "open", "user": "a"}',
        '{"format": 1, "event": "closed", "user": null}',
        '{"format": 1, "event": "open", "user": "a", "name": 5, "licenses": []}',
        '{"format": 1, "event": "open", "user": "a", "name": "a", "licenses": {}}',
        '{"format": 1, "event": "open", "user": "a", "name": "a", "licenses": ["e3"]}',
        "[]",
    ],
)
def test_what_is_not_understood_is_never_taken_for_nothing(file: SnapshotFile, line: str) -> None:
    with file.held():
        file.open([KIM])
    whole = file.path.read_text(encoding="utf-8")
    file.path.write_text(f"{line}\n{whole}", encoding="utf-8")
    with pytest.raises(JournalUnusable, match="line 1"):
        file.read()


def test_one_run_at_a_time(file: SnapshotFile, tmp_path: Path) -> None:
    other = SnapshotFile.of(str(tmp_path / "journal"), "contoso", "run-2")
    with file.held(), pytest.raises(ConditionUnmet, match="Another run"), other.held():
        pytest.fail("both have it")
    with other.held():
        other.open([KIM])


def test_a_link_is_not_followed(file: SnapshotFile, tmp_path: Path) -> None:
    file.path.parent.mkdir()
    file.path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(JournalUnusable), file.held():
        pytest.fail("it was followed")
    assert not (tmp_path / "elsewhere").exists()


def test_it_is_not_written_without_being_held(file: SnapshotFile) -> None:
    with pytest.raises(ValueError, match="not held"):
        file.open([KIM])


def test_unusable_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="tenant"):
        SnapshotFile.of(str(tmp_path), "../contoso", "run-1")


def test_file_tells_when_licenses_were_last_written(file: SnapshotFile) -> None:
    async def write() -> None:
        with file.held():
            file.open([KIM])
            async with file.kept_fresh(0.001):
                assert age(file) < 1000
                os.utime(file.path, (0, 0))
                async for _left in looks(60):
                    if age(file) < 1000:
                        break
                assert age(file) < 1000
                os.utime(file.path, (0, 0))
            assert age(file) < 1000

    asyncio.run(write())


def age(file: SnapshotFile) -> float:
    """How many seconds ago the file says that licences were written."""
    written = file.read().written
    assert written is not None
    return (datetime.now(UTC) - written).total_seconds()
