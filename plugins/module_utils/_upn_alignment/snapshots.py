# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Licences on disk while they are off, beside the journals of all runs of a tenant.

One file of JSON lines, `<journal>/<tenant>.licenses.jsonl`, only ever appended to: a line opens a
person's entry before anything is taken off, and another closes it when it is given back. Private to
the collection: it can change in any release.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import stat
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .._changes.durable_lines import TORN, append_whole, sync_folder
from .._changes.journal import journal_path
from .._changes.model import JsonValue
from .._errors import ConditionUnmet, JournalUnusable
from .._licenses.model import license_value
from .planning import Licenses

FORMAT = 1


@dataclass(frozen=True)
class Snapshot:
    """The licences that a user is owed; `user_id` is Graph's, `name` for people."""

    user_id: str
    name: str
    licenses: Licenses

    def record(self) -> dict[str, JsonValue]:
        """The line that opens it, without what is in every line."""
        return {
            "event": "open",
            "user": self.user_id,
            "name": self.name,
            "licenses": licenses_to_json(self.licenses),
        }


def licenses_to_json(licenses: Licenses) -> JsonValue:
    """Licences as files and results tell them."""
    return [license_value(sku, plans) for sku, plans in sorted(licenses.items())]


@dataclass(frozen=True)
class OpenSnapshots:
    """What is in the file: those that are open, and when a run last wrote licences, if ever."""

    by_user: Mapping[str, Snapshot]
    written: datetime | None = None


class SnapshotFile:
    """The file of one tenant."""

    def __init__(self, path: Path, run: str) -> None:
        self.path = path
        self._run = run
        self._descriptor: int | None = None

    @classmethod
    def of(cls, folder: str, tenant: str, run: str) -> SnapshotFile:
        """The file beside the journals. Raises `InvalidInput` for unusable names."""
        beside = journal_path(folder, tenant, run).parent
        return cls(beside.with_name(f"{tenant}.licenses.jsonl"), run)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep all other runs out while the block runs; needed for writing.

        Raises `ConditionUnmet` if another run is at work, `JournalUnusable` if there is no file.
        """
        with self._told():
            self._descriptor = self._open()
        try:
            yield
        finally:
            # This gives the lock back, as the end of the process does however it comes.
            os.close(self._descriptor)
            self._descriptor = None

    def read(self) -> OpenSnapshots:
        """What is open. Raises `JournalUnusable` if the file cannot be trusted."""
        with self._told():
            try:
                content = self.path.read_bytes()
                written = datetime.fromtimestamp(self.path.stat().st_mtime, UTC)
            except FileNotFoundError:
                return OpenSnapshots({})
        lines = content.split(b"\n")
        snapshots: dict[str, Snapshot] = {}
        for number, line in enumerate(lines, start=1):
            is_torn = number == len(lines) or lines[number] == TORN
            if line and line != TORN:
                self._take(line, number, snapshots, is_torn=is_torn)
        return OpenSnapshots(snapshots, written if content else None)

    def open(self, snapshots: Iterable[Snapshot]) -> None:
        """Write snapshots down; they are on disk when this returns."""
        self._append(snapshot.record() for snapshot in snapshots)

    def close(self, user_ids: Iterable[str], reason: str) -> None:
        """Note that snapshots are done with, and why."""
        self._append({"event": "closed", "user": user_id, "reason": reason} for user_id in user_ids)

    @asynccontextmanager
    async def kept_fresh(self, seconds: float = 1.0) -> AsyncIterator[None]:
        """Let the file tell that licences are being written, while the block runs.

        However this run ends, a later one sees how long ago that was. Raises `JournalUnusable`.
        """

        async def keep() -> None:
            with suppress(JournalUnusable):
                while True:
                    await asyncio.sleep(seconds)
                    self._touch()

        self._touch()
        keeping = asyncio.create_task(keep())
        try:
            yield
        finally:
            keeping.cancel()
            with suppress(JournalUnusable):
                self._touch()

    def _touch(self) -> None:
        with self._told():
            os.utime(self._held_descriptor())

    def _held_descriptor(self) -> int:
        if self._descriptor is None:
            raise ValueError("the file is not held")
        return self._descriptor

    def _append(self, records: Iterable[Mapping[str, JsonValue]]) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        lines = "".join(
            json.dumps({"format": FORMAT, "at": at, "run": self._run, **record}) + "\n"
            for record in records
        )
        descriptor = self._held_descriptor()
        if lines:
            with self._told():
                append_whole(descriptor, lines.encode("utf-8"))
                os.fsync(descriptor)

    def _open(self) -> int:
        folder = self.path.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        descriptor = os.open(self.path, flags, 0o600)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(f"{self.path} is not a file")
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            sync_folder(folder)
        except BlockingIOError as error:
            os.close(descriptor)
            raise ConditionUnmet(
                "Another run is aligning this tenant's people",
                subject=str(self.path),
                advice="Let it end, and run again.",
            ) from error
        except OSError:
            os.close(descriptor)
            raise
        return descriptor

    def _take(
        self, line: bytes, number: int, snapshots: dict[str, Snapshot], *, is_torn: bool
    ) -> None:
        try:
            record = json.loads(line)
        except ValueError as error:
            if is_torn:
                # It was never finished, so nothing was begun that it tells of.
                return
            raise self._damaged(number, str(error)) from error
        if not isinstance(record, dict) or record.get("format") != FORMAT:
            raise self._damaged(number, "a format that this version does not know")
        try:
            user_id = _text(record["user"])
            if record["event"] == "open":
                licenses = _licenses(record["licenses"])
                snapshots[user_id] = Snapshot(user_id, _text(record["name"]), licenses)
            elif record["event"] == "closed":
                snapshots.pop(user_id, None)
            else:
                raise self._damaged(number, f"unknown event {record['event']!r}")
        except (KeyError, TypeError) as error:
            raise self._damaged(number, f"{error!r}") from error

    def _damaged(self, number: int, why: str) -> JournalUnusable:
        return JournalUnusable(
            "The file of licences that were taken off is damaged",
            subject=f"{self.path}, line {number}",
            answer=why,
            advice="Nothing was changed. Restore the file from a copy.",
        )

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise JournalUnusable(
                "The file of licences that are taken off cannot be used",
                subject=str(self.path),
                answer=error.strerror or str(error),
                advice="Name in journal a folder that this user may write to, with enough room.",
            ) from error


def _licenses(listed: Any) -> dict[str, frozenset[str]]:
    """The licences of a line. Raises `KeyError` or `TypeError` for what are none."""
    return {
        _text(each["sku_id"]): frozenset(map(_text, _list(each["disabled_plans"])))
        for each in _list(listed)
    }


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
