# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of a document: its blocks of code, in the order in which they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

_BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """A block of code: where it stands, its language (which may be missing), and its text."""

    document: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.document}, line {self.line}"


def examples(document: str) -> list[Example]:
    """The examples of a document, named from the folder of the collection."""
    content = (ROOT / document).read_text(encoding="utf-8")
    return [
        Example(
            document,
            content.count("\n", 0, block.start()) + 1,
            block["language"],
            block["text"],
        )
        for block in _BLOCK.finditer(content)
    ]
