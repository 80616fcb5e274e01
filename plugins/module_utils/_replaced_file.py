# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that appear whole or not at all, for their owner's eyes only.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from ._errors import InvalidInput


@contextmanager
def replaced_file(path: Path) -> Iterator[TextIO]:
    """A UTF-8 text file to write to, which takes the place of `path` when the block has ended.

    A reader sees the old file or the new one; if the block raises, the old one stays. What cannot
    be encoded is written as `\\udc80`. Raises `OSError`.
    """
    if path.exists() and not path.is_file():
        raise OSError(None, "It is there already and is no file")
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(
            descriptor, "w", encoding="utf-8", errors="backslashreplace", newline=""
        ) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise


@dataclass(frozen=True)
class OutputFile:
    """A file being written that the operator asked for by its path."""

    path: Path
    kind: str
    file: TextIO

    def write(self, text: str) -> int:
        """Write text. Raises `InvalidInput` if there is no room, for example."""
        with told_as_input(self.path, self.kind):
            return self.file.write(text)


@contextmanager
def output_file(path: Path, kind: str) -> Iterator[OutputFile]:
    """A `replaced_file` that the operator asked for; `kind` names it, such as "The review file".

    Its folder is made if it is not there, for its owner only. Raises `InvalidInput` if it cannot be
    written, at the beginning where that shows.
    """
    with ExitStack() as stack:
        with told_as_input(path, kind):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = stack.enter_context(replaced_file(path))
        # What fails in the block for another reason is not this file's failure.
        yield OutputFile(path, kind, file)
        with told_as_input(path, kind):
            stack.close()


@contextmanager
def told_as_input(path: Path, kind: str) -> Iterator[None]:
    """Turn an `OSError` in the block into `InvalidInput`, since the operator gave the path."""
    try:
        yield
    except OSError as error:
        raise InvalidInput(
            f"{kind} cannot be written",
            subject=str(path),
            answer=error.strerror or str(error),
            advice="Give a path in a folder that has room and that this user may write to. What "
            "was there before is unchanged.",
        ) from error
