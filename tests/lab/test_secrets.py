# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No secret of the lab is anywhere that it should not be, however much is asked to be shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.description import Description

from .marked_secrets import TOKEN
from .playbooks import DOORS, Operator


@pytest.mark.parametrize("door", DOORS)
def test_nothing_secret_is_left_anywhere(clean_lab: Description, tmp_path: Path, door: str) -> None:
    operator = Operator(clean_lab, tmp_path)
    everybody = {"tenantops_hosts": "tenants:broken_tenants", "door": door}
    outputs = [
        operator.run("migrate", "-vvvv", "--check", "--diff", report="dry", **everybody),
        operator.run(
            "migrate", "-vvvv", "--diff", report="real", tenantops_run="first", **everybody
        ),
        operator.run(
            "rollback", "-vvvv", "--diff", report="undo", tenantops_undo_run="first", door=door
        ),
    ]
    for number, finished in enumerate(outputs):
        (tmp_path / f"output-{number}").write_text(finished.output)
    assert outputs[2].exit_code == 0, outputs[2].output

    kept = list(files(tmp_path))
    assert any(path.suffix == ".jsonl" for path in kept)
    assert any(path.name == "report.html" for path in kept)
    assert len(clean_lab.secrets) > 10
    for path in kept:
        content = path.read_bytes()
        for secret in clean_lab.secrets:
            assert secret.encode() not in content, path
        assert TOKEN.search(content) is None, path


def test_what_is_kept_is_for_its_owner_alone(clean_lab: Description, tmp_path: Path) -> None:
    operator = Operator(clean_lab, tmp_path)
    assert operator.run("migrate").exit_code == 0
    kept = [*files(operator.journal), *files(tmp_path / "report")]
    assert len(kept) >= 3 + 5
    for path in kept:
        assert path.stat().st_mode & 0o077 == 0, path


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
