# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that are not text.

Pure. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..model import DirectoryObject
from .violation import Violation

_MOST_SHOWN = 200


def undecodable_violations(obj: DirectoryObject) -> Iterator[Violation]:
    """One for each value. The value that is told has its wrong bytes written as \\xNN, and is cut;
    it is for reading only."""
    for attribute, values in obj.undecodable.items():
        for value in values:
            shown = value[:_MOST_SHOWN].decode("utf-8", "backslashreplace")
            yield Violation("value.undecodable", attribute, shown, _flaw(value))


def _flaw(value: bytes) -> str:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"{len(value)} bytes are no UTF-8: {error.reason} at {error.start + 1}"
    return "the value was taken for undecodable"
