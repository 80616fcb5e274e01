# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Third-party packages, imported where they are there and asked for where they are needed.

A module must be importable without its packages (its documentation and its arguments are read by
tools that have none of them), so imports stand in `with library(...)` and the runner calls
`require` before its first use. Private to the collection: it can change in any release.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ._errors import MissingLibrary

_missing: dict[str, str] = {}


@contextmanager
def library(name: str) -> Iterator[None]:
    """Let the imports in the block fail, and remember that the package `name` is missing."""
    try:
        yield
    except ImportError as error:
        _missing[name] = str(error)


def require(*names: str) -> None:
    """Raise `MissingLibrary` if one of the packages could not be imported."""
    absent = [name for name in names if name in _missing]
    if absent:
        raise MissingLibrary(
            f"Python package {', '.join(absent)} is missing in {sys.executable}",
            answer="; ".join(_missing[name] for name in absent),
            advice=f"Install it there (pip install {' '.join(absent)}), or set "
            "ansible_python_interpreter to a Python that has it.",
        )
