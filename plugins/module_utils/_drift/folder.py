# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folder of drift reports: the last one, what is told of it, and the history.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .._errors import InvalidInput
from .._replaced_file import output_file, told_as_input
from .documents import encode, report_from
from .model import DriftReport

REPORT_NAME = "drift.json"
HISTORY_NAME = "history"

_LOCK_NAME = ".lock"
_KIND = "The drift report"
_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class DriftFolder:
    """A folder of drift reports. Each file in it appears whole or not at all."""

    path: Path

    @property
    def report_path(self) -> Path:
        """The file of the last report."""
        return self.path / REPORT_NAME

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else reads the last report to write the next one meanwhile.

        Raises `InvalidInput` if the folder cannot be used.
        """
        with told_as_input(self.path, _KIND):
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.path / _LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            with told_as_input(self.path / _LOCK_NAME, _KIND):
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def last(self) -> DriftReport | None:
        """The last report, if there is one. Raises `NotUnderstood` for what is none."""
        try:
            text = self.report_path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise InvalidInput(
                "The last drift report cannot be read",
                subject=str(self.report_path),
                answer=str(error),
            ) from error
        return report_from(text, str(self.report_path))

    def write(self, report: DriftReport, texts: Mapping[str, str]) -> None:
        """Write a report with what is told of it; `drift.json` is last. Raises `InvalidInput`."""
        for name, text in texts.items():
            self._write(self.path / name, text)
        self._write(self.report_path, encode(report))

    def keep(self, report: DriftReport, number: int) -> None:
        """Add a report to the history, of which the newest `number` stay. Raises `InvalidInput`."""
        history = self.path / HISTORY_NAME
        self._write(history / f"{report.run}.json", encode(report))
        with told_as_input(history, _KIND):
            kept = sorted(history.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
            for path in kept[: max(0, len(kept) - number)]:
                path.unlink(missing_ok=True)

    def _write(self, path: Path, text: str) -> None:
        with output_file(path, _KIND) as file:
            file.write(text)


def checked_run(name: str) -> str:
    """The name of a run, which names a file. Raises `InvalidInput`."""
    if not _RUN.fullmatch(name):
        raise InvalidInput(
            f"This cannot be the name of a run: {name!r}",
            advice="Use letters, digits, dots, - and _, 100 at most, and begin with a letter or "
            "a digit.",
        )
    return name
