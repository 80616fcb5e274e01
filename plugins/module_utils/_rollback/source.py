# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which journal is to be undone. Private to the collection: it can change in any release."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._changes.journal import Write, journal_path, read_journal
from .._errors import InvalidInput, JournalUnusable


def writes_to_undo(parameters: Mapping[str, Any]) -> list[Write]:
    """The writes of the journal that the options name, oldest first.

    A tenant in which a known run changed nothing has no journal: there is nothing to undo. A run
    that no tenant has is a mistake and raises `JournalUnusable`.
    """
    if parameters["undo_file"] is not None:
        return read_journal(Path(parameters["undo_file"]))
    folder, tenant, run = (parameters[name] for name in ("journal", "tenant", "undo_run"))
    if folder is None or tenant is None:
        raise InvalidInput(
            "undo_run needs journal and tenant, which say where the journal lies",
            advice="Set both, or name the journal's file with undo_file.",
        )
    path = journal_path(folder, tenant, run)
    if _is_absent(path):
        _check_run_is_known(Path(folder), run)
        return []
    return read_journal(path)


def _is_absent(path: Path) -> bool:
    # Path.exists() may take a folder that cannot be read for one without the file.
    try:
        path.stat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def _check_run_is_known(folder: Path, run: str) -> None:
    if any(folder.glob(f"*/{run}.jsonl")):
        return
    known = sorted({path.stem for path in folder.glob("*/*.jsonl")}, reverse=True)
    raise JournalUnusable(
        f"No tenant has a journal of the run {run!r}",
        subject=str(folder),
        answer=f"the newest runs are {', '.join(known[:5])}" if known else "there is none at all",
        advice="Give the name that the run to be undone had in its option run.",
    )
