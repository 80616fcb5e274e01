# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ansible_collections.tenantops.migration.plugins.plugin_utils._report import (
    folder as folder_module,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.folder import ReportFolder
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.model import (
    Mode,
    Report,
    Tenant,
)

_NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def _report(*names: str, ended: datetime | None = _NOW) -> Report:
    tenants = [Tenant(name) for name in names]
    return Report("Title", "move.yml", Mode.CHECK, _NOW, ended, (), tenants)


def test_everything_is_written_and_nothing_else(tmp_path: Path) -> None:
    written = ReportFolder(tmp_path / "report", Mode.CHECK).finish(_report("contoso"))

    assert written.problems == []
    names = {file.name for file in (tmp_path / "report" / "check").iterdir()}
    assert names == {"contoso.json", "index.json", "report.html"}


def test_index_of_a_run_that_is_not_over_says_so(tmp_path: Path) -> None:
    folder = ReportFolder(tmp_path, Mode.CHECK)
    folder.finish(_report("contoso"))

    folder.begin(_report("contoso", ended=None))

    index = json.loads((folder.path / "index.json").read_text("utf-8"))
    assert (index["ended"], index["complete"], index["tenants"]) == (None, False, {})


def test_interrupted_write_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = ReportFolder(tmp_path, Mode.CHECK)
    folder.finish(_report("contoso"))
    before = (folder.path / "report.html").read_text("utf-8")

    def interrupted(_report: Report) -> Iterator[str]:
        yield "<html>"
        raise KeyboardInterrupt

    monkeypatch.setattr(folder_module, "render", interrupted)
    with pytest.raises(KeyboardInterrupt):
        folder.finish(_report("contoso"))

    assert (folder.path / "report.html").read_text("utf-8") == before
    assert not list(folder.path.glob(".*"))


def test_plan_that_cannot_be_written_leaves_no_older_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = ReportFolder(tmp_path, Mode.CHECK)
    folder.finish(_report("contoso", "fabrikam"))
    replace = Path.replace

    def full_disk(source: Path, target: Path) -> Path:
        if target.name == "contoso.json":
            raise OSError(28, "No space left on device")
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", full_disk)
    written = folder.finish(_report("contoso", "fabrikam"))

    assert written.problems == [
        f"{folder.path}/contoso.json was not written: No space left on device."
    ]
    assert not folder.has_plan("contoso")
    assert folder.has_plan("fabrikam")
    index = json.loads((folder.path / "index.json").read_text("utf-8"))
    assert index["tenants"]["contoso"]["complete"] is False
    assert index["tenants"]["fabrikam"]["complete"] is True


def test_link_in_place_of_a_file_is_replaced_and_not_followed(tmp_path: Path) -> None:
    folder = ReportFolder(tmp_path, Mode.CHECK)
    folder.path.mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("theirs")
    (folder.path / "contoso.json").symlink_to(elsewhere)

    folder.finish(_report("contoso"))

    assert elsewhere.read_text() == "theirs"
    assert not (folder.path / "contoso.json").is_symlink()
