# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folder of notices: a file for each recipient, and an index over them (docs/formats.md).

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from .._errors import InvalidInput
from .._replaced_file import output_file, told_as_input
from .._review_file.cells import written
from .model import Notice, Recipient

INDEX_NAME = "index.csv"
COLUMNS = ("address", "name", "language", "because", "subject", "file")

_SUFFIX = ".txt"
_LONGEST_NAME = 180  # well below 255 bytes with a suffix and the marks of a temporary file
_BYTE_ORDER_MARK = "\ufeff"  # without it, Excel takes the file for one in its own code page
_KIND = "The notice"


def file_name(address: str) -> str:
    """The name of a recipient's file: the address, other characters written as in a URL."""
    safe = quote(address.lower(), safe="@+")
    if safe.startswith("."):
        safe = f"%2E{safe[1:]}"
    if len(safe) > _LONGEST_NAME:
        # "%-" cannot come from the quoting above.
        safe = f"{safe[:100]}%-{hashlib.sha256(address.lower().encode()).hexdigest()}"
    return f"{safe}{_SUFFIX}"


@dataclass
class NoticeFolder:
    """A folder of notices as it is to be; `write` makes it so."""

    path: Path
    _texts: dict[str, str] = field(default_factory=dict)
    _rows: list[tuple[str, ...]] = field(default_factory=list)

    def add(self, recipient: Recipient, notice: Notice) -> None:
        """Add a notice. Raises `InvalidInput` if the same address is told something else too."""
        name = file_name(recipient.address)
        known = self._texts.setdefault(name, notice.text)
        if known != notice.text:
            raise InvalidInput(
                "The address is in the list twice, with different notices",
                subject=recipient.address,
                advice="Keep one of the two lines. The first one is written.",
            )
        row = (
            written(recipient.address),
            written(recipient.name),
            notice.language,
            notice.because.value,
            written(notice.subject),
            written(name),
        )
        self._rows.append(row)

    def to_write(self) -> list[str]:
        """The files that are not there yet as they are to be, the index last.

        Raises `InvalidInput` if what is there cannot be read.
        """
        return [name for name, text in self._files() if not self._is(name, text)]

    def write(self, names: list[str]) -> None:
        """Write these files, each whole or not at all. Raises `InvalidInput`."""
        texts = dict(self._files())
        for name in names:
            with output_file(self.path / name, _KIND) as file:
                file.write(texts[name])

    def left_over(self) -> list[str]:
        """The notices in the folder that are for nobody in the list: of an earlier one."""
        if not self.path.is_dir():
            return []
        with told_as_input(self.path, _KIND):
            there = {path.name for path in self.path.glob(f"*{_SUFFIX}")}
        return sorted(there - self._texts.keys())

    def _files(self) -> Iterator[tuple[str, str]]:
        yield from self._texts.items()
        yield INDEX_NAME, self._index()

    def _index(self) -> str:
        text = io.StringIO(newline="")
        text.write(_BYTE_ORDER_MARK)
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        # The same person can be in a list more than once.
        writer.writerows(dict.fromkeys(self._rows))
        return text.getvalue()

    def _is(self, name: str, text: str) -> bool:
        path = self.path / name
        with told_as_input(path, _KIND):
            try:
                return path.read_bytes() == text.encode("utf-8", "backslashreplace")
            except FileNotFoundError:
                return False


def copy_templates(folder: Path, templates: Mapping[str, str], *, check_mode: bool) -> list[str]:
    """Write templates (by their path below `folder`) that are not there; returns their paths.

    What is there stays as it is. Raises `InvalidInput`.
    """
    missing = [name for name in sorted(templates) if not (folder / name).exists()]
    if not check_mode:
        for name in missing:
            with output_file(folder / name, "The template") as file:
                file.write(templates[name])
    return missing
