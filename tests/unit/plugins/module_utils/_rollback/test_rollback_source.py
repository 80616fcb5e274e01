# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.journal import (
    Journal,
    journal_path,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    InvalidInput,
    JournalUnusable,
)
from ansible_collections.tenantops.migration.plugins.module_utils._rollback.source import (
    writes_to_undo,
)

CHANGE = Change(System.AD, "forest", "g", "contoso", "uPNSuffixes", Action.ADD, None, "a.test")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Contoso changed something in run 1, and fabrikam in run 2."""
    for tenant, run in (("contoso", "1"), ("fabrikam", "2")):
        with Journal(journal_path(str(tmp_path), tenant, run)).write("dc1", [CHANGE]):
            pass
    return tmp_path


def options(**given: Any) -> dict[str, Any]:
    return dict.fromkeys(("undo_file", "undo_run", "journal", "tenant")) | given


def test_by_run_and_by_file(folder: Path) -> None:
    by_run = writes_to_undo(options(journal=str(folder), tenant="contoso", undo_run="1"))
    by_file = writes_to_undo(options(undo_file=str(folder / "contoso" / "1.jsonl")))
    assert by_run == by_file
    assert [write.changes for write in by_run] == [(CHANGE,)]


def test_a_tenant_that_a_run_did_not_change(folder: Path) -> None:
    assert writes_to_undo(options(journal=str(folder), tenant="contoso", undo_run="2")) == []


def test_a_run_that_never_was_is_a_mistake(folder: Path) -> None:
    with pytest.raises(JournalUnusable, match="the newest runs are 2, 1"):
        writes_to_undo(options(journal=str(folder), tenant="contoso", undo_run="3"))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(JournalUnusable, match="there is none at all"):
        writes_to_undo(options(journal=str(tmp_path / "x"), tenant="contoso", undo_run="1"))


@pytest.mark.parametrize("missing", ["journal", "tenant"])
def test_a_run_needs_a_folder_and_a_tenant(folder: Path, missing: str) -> None:
    given = options(journal=str(folder), tenant="contoso", undo_run="1") | {missing: None}
    with pytest.raises(InvalidInput, match="undo_run needs journal and tenant"):
        writes_to_undo(given)


def test_a_journal_that_cannot_be_looked_at_is_not_taken_for_none(folder: Path) -> None:
    """A file in the place of the tenant's folder; a folder without the right to enter is alike."""
    (folder / "mail").write_text("")
    with pytest.raises(JournalUnusable, match="cannot be read"):
        writes_to_undo(options(journal=str(folder), tenant="mail", undo_run="1"))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(JournalUnusable, match="cannot be read"):
        writes_to_undo(options(undo_file=str(tmp_path / "x.jsonl")))
