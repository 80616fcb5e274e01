# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._changes.journal import (
    Conclusion,
    Journal,
    Write,
    journal_path,
    read_journal,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    KNOWN_AFTER_APPLY,
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ConnectionFailed,
    InvalidInput,
    JournalUnusable,
    Refused,
    TenantopsError,
)


class Killed(BaseException):
    """Stands for kill -9: nothing of ours runs after it."""


def change(after: str) -> Change:
    return Change(
        System.AD, "forest", "guid", "forest", "uPNSuffixes", Action.ADD, None, f"{after}.test"
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return journal_path(str(tmp_path / "journal"), "contoso", "run-1")


def journalled(path: Path, name: str, error: BaseException | None = None) -> None:
    with Journal(path).write("dc1 CN=Partitions", [change(name)]):
        if error is not None:
            raise error


def outcomes(path: Path) -> list[tuple[str, str | None]]:
    return [(str(write.changes[0].after), write.outcome) for write in read_journal(path)]


def test_a_write_is_read_as_it_was_written(path: Path) -> None:
    with Journal(path).write("dc1 CN=Partitions", [change("a"), change("ä")]):
        pass
    (write,) = read_journal(path)
    assert write == Write(write.id, "dc1 CN=Partitions", (change("a"), change("ä")), "made")


def test_when_a_write_was_announced_is_told_with_its_outcome(path: Path) -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    journalled(path, "made")
    (write,) = read_journal(path)
    assert before <= datetime.fromisoformat(write.announced) <= datetime.now(UTC)


def test_outcomes(path: Path) -> None:
    journalled(path, "made")
    for name, error in [
        ("not-made", Refused("no")),
        ("unknown", ConnectionFailed("cut off")),
    ]:
        with pytest.raises(TenantopsError):
            journalled(path, name, error)
    with pytest.raises(Killed):
        journalled(path, "killed", Killed())
    with pytest.raises(ZeroDivisionError):
        journalled(path, "defect", ZeroDivisionError())
    assert outcomes(path) == [
        ("made.test", "made"),
        ("not-made.test", "not_made"),
        ("unknown.test", "unknown"),
        ("killed.test", None),
        ("defect.test", None),
    ]


def test_files_and_folders_are_private(path: Path) -> None:
    before = os.umask(0)
    try:
        journalled(path, "a")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.parent.parent.stat().st_mode & 0o777 == 0o700


def test_the_intent_is_on_disk_before_the_write_and_the_outcome_after(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def fsync(descriptor: int) -> None:
        name = Path(f"/proc/self/fd/{descriptor}").readlink()
        if name == path:
            told.append(json.loads(path.read_text().splitlines()[-1])["event"])
        else:
            told.append(name.name)

    monkeypatch.setattr(os, "fsync", fsync)
    with Journal(path).write("dc1", [change("a")]):
        told.append("write")
    assert told == ["intent", "contoso", "journal", "write", "outcome"]


def fails(*_arguments: object) -> Any:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("function", ["open", "write", "fsync"])
def test_without_a_journal_no_write_is_made(
    path: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    written = False
    monkeypatch.setattr(os, function, fails)
    with (
        pytest.raises(JournalUnusable, match="No space left"),
        Journal(path).write("dc1", [change("a")]),
    ):
        written = True
    assert not written


def test_half_a_line_on_a_full_disk_is_no_announcement(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journalled(path, "first")
    whole = path.read_bytes()
    write: Callable[[int, bytes], int] = os.write
    written = False
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:40]))
    with (
        pytest.raises(JournalUnusable, match="No space left"),
        Journal(path).write("dc1", [change("a")]),
    ):
        written = True
    assert not written
    assert path.read_bytes() == whole


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("")
    with pytest.raises(JournalUnusable):
        journalled(journal_path(str(tmp_path / "journal"), "contoso", "run"), "a")


def torn(path: Path, size: int) -> None:
    """What a process that is killed while it appends leaves behind."""
    whole = path.read_bytes()
    path.write_bytes(whole + whole.splitlines()[0][:size])


@pytest.mark.parametrize("size", [1, 20, 150])
def test_a_torn_last_line_announces_nothing(path: Path, size: int) -> None:
    journalled(path, "first")
    torn(path, size)
    assert outcomes(path) == [("first.test", "made")]


@pytest.mark.parametrize("size", [1, 20, 150])
def test_a_torn_line_stays_harmless_when_more_is_appended(path: Path, size: int) -> None:
    journalled(path, "first")
    torn(path, size)
    journalled(path, "second")
    torn(path, size)
    torn(path, size)
    journalled(path, "third")
    assert [name for name, _end in outcomes(path)] == ["first.test", "second.test", "third.test"]


def test_two_writers_of_one_journal(path: Path) -> None:
    with Journal(path).write("dc1", [change("one")]):
        journalled(path, "two")
    assert outcomes(path) == [("one.test", "made"), ("two.test", "made")]


DAMAGE = [
    b"not json\n",
    b"[]\n",
    b'{"format":2,"event":"intent"}\n',
    b'{"format":1,"event":"intent","write":"w","target":"t"}\n',
    b'{"format":1,"event":"intent","write":"w","target":"t","changes":[{}]}\n',
    b'{"format":1,"event":"outcome","write":"never announced","result":"made"}\n',
    b'{"format":1,"event":"something","write":"w"}\n',
    b"\xff\xfe\n",
]


@pytest.mark.parametrize("line", DAMAGE)
@pytest.mark.parametrize("is_last", [True, False])
def test_a_damaged_journal_is_an_error(path: Path, line: bytes, is_last: bool) -> None:
    journalled(path, "first")
    whole = path.read_bytes()
    path.write_bytes(whole + line if is_last else line + whole)
    with pytest.raises(JournalUnusable, match=f"line {3 if is_last else 1}"):
        read_journal(path)


def test_a_journal_that_is_not_there_is_an_error(path: Path) -> None:
    with pytest.raises(JournalUnusable, match="cannot be read"):
        read_journal(path)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "-x", ".hidden", "a b", "å", "a\n", "*"])
@pytest.mark.parametrize("option", ["tenant", "run"])
def test_names_that_are_no_file_names_are_refused(option: str, name: str) -> None:
    names = {"tenant": "contoso", "run": "1", option: name}
    with pytest.raises(InvalidInput, match=option):
        journal_path("/journal", names["tenant"], names["run"])


@pytest.mark.parametrize("folder", ["", "journal", "./journal"])
def test_a_relative_folder_is_refused(folder: str) -> None:
    with pytest.raises(InvalidInput, match="absolute"):
        journal_path(folder, "contoso", "1")


def test_usual_names() -> None:
    path = journal_path("/var/journal", "tenant-1.contoso@x_y", "2026-11-22T20-15")
    assert path == Path("/var/journal/tenant-1.contoso@x_y/2026-11-22T20-15.jsonl")


def test_what_was_made_is_noted_where_it_is_not_what_was_announced(path: Path) -> None:
    announced = replace(change("a"), after=KNOWN_AFTER_APPLY)
    with Journal(path).write("dc1", [announced]) as write:
        write.made = (change("a"),)
    (told,) = read_journal(path)
    assert (told.changes, told.outcome) == ((change("a"),), "made")
    with Journal(path).write("dc1", [change("b"), change("c")]) as write:
        write.made = (change("b"),)
    assert read_journal(path)[1].changes == (change("b"),)


def test_what_was_made_is_not_repeated_where_it_is_what_was_announced(path: Path) -> None:
    journalled(path, "a")
    assert "changes" not in json.loads(path.read_text().splitlines()[1])


NAMES = [f"suffix-{number}" for number in range(5)]


def test_many_writes_are_announced_and_concluded_at_once(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    journal = Journal(path)
    journalled(path, "first")
    synced.clear()
    ids = journal.announce("dc1", [[change(name)] for name in NAMES])
    assert len(synced) == 1
    assert len(set(ids)) == len(NAMES)
    journal.conclude(
        [
            Conclusion.of_made(ids[4], [change(NAMES[4])], [change(NAMES[4])]),
            Conclusion.of_error(ids[1], Refused("no")),
            Conclusion.of_error(ids[2], ConnectionFailed("cut off")),
            Conclusion.of_made(ids[0], [change(NAMES[0])], [change("other")]),
        ]
    )
    assert len(synced) == 2
    assert outcomes(path) == [
        ("first.test", "made"),
        ("other.test", "made"),
        ("suffix-1.test", "not_made"),
        ("suffix-2.test", "unknown"),
        ("suffix-3.test", None),
        ("suffix-4.test", "made"),
    ]


def test_nothing_to_note_makes_no_file(path: Path) -> None:
    journal = Journal(path)
    assert journal.announce("dc1", []) == []
    journal.conclude([])
    assert not path.exists()


def whole_lines(kept: bytes, batch: bytes) -> int:
    """A line that lacks nothing but its end is whole."""
    return kept.count(b"\n") + (batch[len(kept) :].startswith(b"\n"))


@given(cut=st.integers(min_value=0), again=st.booleans())
def test_a_batch_that_is_torn_anywhere_keeps_its_whole_lines(cut: int, again: bool) -> None:
    """Killed at any byte of an announcement, and read or appended to after that."""
    with tempfile.TemporaryDirectory() as folder:
        path = journal_path(folder, "contoso", "run-1")
        journalled(path, "first")
        before = path.read_bytes()
        Journal(path).announce("dc1", [[change(name)] for name in NAMES])
        batch = path.read_bytes()[len(before) :]
        kept = batch[: cut % len(batch)]
        path.write_bytes(before + kept)
        if again:
            journalled(path, "second")
        assert outcomes(path) == [
            ("first.test", "made"),
            *((f"{name}.test", None) for name in NAMES[: whole_lines(kept, batch)]),
            *([("second.test", "made")] if again else []),
        ]


@given(cut=st.integers(min_value=0))
def test_outcomes_that_are_torn_leave_the_rest_unknown(cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = journal_path(folder, "contoso", "run-1")
        journal = Journal(path)
        ids = journal.announce("dc1", [[change(name)] for name in NAMES])
        before = path.read_bytes()
        journal.conclude([Conclusion(write_id, "made") for write_id in ids])
        batch = path.read_bytes()[len(before) :]
        kept = batch[: cut % len(batch)]
        path.write_bytes(before + kept)
        known = whole_lines(kept, batch)
        assert [end for _name, end in outcomes(path)] == ["made"] * known + [None] * (5 - known)
