# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs programs that set things up and end."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence

from .errors import LabError


def run(
    command: Sequence[str],
    *,
    stdin: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run a program and return its output.

    :raises LabError: when it fails, with what it printed.
    """
    result = subprocess.run(
        command,
        input=stdin or "",
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        printed = (result.stderr + result.stdout).strip()
        raise LabError(f"{' '.join(command)} failed:\n{printed[-3000:]}")
    return result.stdout
