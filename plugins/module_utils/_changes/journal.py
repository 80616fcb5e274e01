# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The journal: every write announced on disk before it is made, and its outcome after.

One file of JSON lines per tenant and run, `<folder>/<tenant>/<run>.jsonl`, only ever appended to.
Private to the collection: it can change in any release.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .._errors import InvalidInput, JournalUnusable, TenantopsError
from .durable_lines import TORN, append_whole, sync_folder
from .model import Change, JsonValue

JOURNAL_FORMAT = 1
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]*")


@dataclass(frozen=True)
class Write:
    """One write request as the journal tells it: its changes, and whether it is known to be made.

    `outcome` is `made`, `not_made`, `unknown`, or null if the run ended before it was written.
    `changes` are those that were made where the outcome tells them, else those announced.
    `announced` is when it was announced, as ISO 8601 in UTC.
    """

    id: str
    target: str
    changes: tuple[Change, ...]
    outcome: str | None
    announced: str = field(default="", compare=False)


@dataclass
class JournalledWrite:
    """A write that is under way; whoever makes it sets `made` to the changes as they were made."""

    made: tuple[Change, ...]


@dataclass(frozen=True)
class Conclusion:
    """How an announced write ended.

    `write` is the id that announcing it gave, `result` one of `made`, `not_made` and `unknown`.
    `changes` are the changes as they were made, null where they are the announced ones.
    """

    write: str
    result: str
    changes: tuple[Change, ...] | None = None

    @classmethod
    def of_made(cls, write: str, announced: Sequence[Change], made: Sequence[Change]) -> Conclusion:
        """For a write that was made."""
        differs = tuple(made) != tuple(announced)
        return cls(write, "made", tuple(made) if differs else None)

    @classmethod
    def of_error(cls, write: str, error: TenantopsError) -> Conclusion:
        """For a write that ended in an error."""
        return cls(write, "not_made" if error.nothing_written else "unknown")

    def record(self) -> dict[str, JsonValue]:
        """The line of the journal, without what is in every line."""
        record: dict[str, JsonValue] = {
            "event": "outcome",
            "write": self.write,
            "result": self.result,
        }
        if self.changes is not None:
            record["changes"] = [change.to_json() for change in self.changes]
        return record


def journal_path(folder: str, tenant: str, run: str) -> Path:
    """Where the journal of a tenant's run lies. Raises `InvalidInput` for unusable names."""
    if not Path(folder).is_absolute():
        raise InvalidInput(
            f"journal must be an absolute path: {folder!r}",
            advice="A relative one would mean another folder for each place a module can run in.",
        )
    for option, text in (("tenant", tenant), ("run", run)):
        if not _SAFE_NAME.fullmatch(text):
            raise InvalidInput(
                f"{option} cannot be used as a file name: {text!r}",
                advice="Use letters, digits and . - _ @, and begin with a letter or digit.",
            )
    return Path(folder) / tenant / f"{run}.jsonl"


class Journal:
    """Appends to one journal file; the file appears with the first write that is announced."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def write(self, target: str, changes: Sequence[Change]) -> Iterator[JournalledWrite]:
        """Announce a write that the block then makes, and note how it ended.

        Raises `JournalUnusable` before the block runs if the announcement is not safely on disk.
        """
        (write_id,) = self.announce(target, [changes])
        write = JournalledWrite(tuple(changes))
        try:
            yield write
        except TenantopsError as error:
            self.conclude([Conclusion.of_error(write_id, error)])
            raise
        self.conclude([Conclusion.of_made(write_id, changes, write.made)])

    def announce(
        self,
        target: str,
        writes: Iterable[Sequence[Change]],
        conclusions: Iterable[Conclusion] = (),
    ) -> list[str]:
        """Announce write requests, each with its changes, and return their ids in this order.

        All are on disk at once, at the cost of one, and with them how others ended. Raises
        `JournalUnusable` if they are not: then none of them may be made.
        """
        records: list[Mapping[str, JsonValue]] = [each.record() for each in conclusions]
        ids = []
        for changes in writes:
            write_id = str(uuid.uuid4())
            ids.append(write_id)
            intent: list[JsonValue] = [change.to_json() for change in changes]
            records.append(
                {"event": "intent", "write": write_id, "target": target, "changes": intent}
            )
        self._append(records)
        return ids

    def conclude(self, conclusions: Iterable[Conclusion]) -> None:
        """Note how announced writes ended. Raises `JournalUnusable` if that cannot be noted:
        a rollback then takes them for unknown."""
        self._append([conclusion.record() for conclusion in conclusions])

    def _append(self, records: Sequence[Mapping[str, JsonValue]]) -> None:
        """Append one line for each record, in one write that is on disk when this returns.

        A process that is killed meanwhile leaves some whole lines and part of another: what the
        whole ones announce was never begun, which a rollback sees for itself.
        """
        if not records:
            return
        at = _now()
        lines = "".join(_line(at, record) for record in records)
        try:
            self._append_durably(lines.encode("utf-8"))
        except OSError as error:
            raise JournalUnusable(
                "The journal cannot be written, so nothing more is changed",
                subject=str(self.path),
                answer=error.strerror or str(error),
                advice="Give a folder on a disk with room that this user may write to.",
            ) from error

    def _append_durably(self, lines: bytes) -> None:
        tenant_folder, folder = self.path.parent, self.path.parent.parent
        is_new = not self.path.exists()
        if is_new:
            # One by one: the mode is not for parents that are made on the way.
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            tenant_folder.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            # Closing it gives the lock back.
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            append_whole(descriptor, lines)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            # The name of a new file is safe only when its folder is on disk too.
            sync_folder(tenant_folder)
            sync_folder(folder)


def read_journal(path: Path) -> list[Write]:
    """All writes of a journal, oldest first. Raises `JournalUnusable` if it cannot be trusted."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise JournalUnusable(
            "The journal cannot be read", subject=str(path), answer=error.strerror or str(error)
        ) from error
    writes: dict[str, Write] = {}
    for number, line in enumerate(lines, start=1):
        is_torn = number == len(lines) or lines[number] == TORN
        record = _parse(line, path, number, is_torn)
        if record is not None:
            _take(record, writes, path, number)
    return list(writes.values())


def _parse(line: bytes, path: Path, number: int, is_torn: bool) -> dict[str, Any] | None:
    """A record, or null for nothing. An unfinished line announces a write that was never begun."""
    if not line or line == TORN:
        return None
    try:
        record = json.loads(line)
    except ValueError as error:
        if is_torn:
            return None
        raise _damaged(path, number, str(error)) from error
    if not isinstance(record, dict) or record.get("format") != JOURNAL_FORMAT:
        raise _damaged(path, number, "a format that this version does not know")
    return record


def _take(record: dict[str, Any], writes: dict[str, Write], path: Path, number: int) -> None:
    try:
        write_id = record["write"]
        if record["event"] == "intent":
            changes = _changes(record["changes"])
            writes[write_id] = Write(write_id, record["target"], changes, None, str(record["at"]))
        elif record["event"] == "outcome":
            told = writes[write_id]
            changes = _changes(record["changes"]) if "changes" in record else told.changes
            writes[write_id] = replace(told, changes=changes, outcome=record["result"])
        else:
            raise _damaged(path, number, f"unknown event {record['event']!r}")
    except (KeyError, TypeError, InvalidInput) as error:
        raise _damaged(path, number, str(error)) from error


def _changes(listed: Iterable[Mapping[str, Any]]) -> tuple[Change, ...]:
    return tuple(Change.from_json(change) for change in listed)


def _damaged(path: Path, number: int, why: str) -> JournalUnusable:
    return JournalUnusable(
        "The journal is damaged",
        subject=f"{path}, line {number}",
        answer=why,
        advice="Nothing was changed. Restore the file from a copy, or undo its changes by hand.",
    )


def _line(at: str, record: Mapping[str, JsonValue]) -> str:
    return _ENCODER.encode({"format": JOURNAL_FORMAT, "at": at, **record}) + "\n"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
