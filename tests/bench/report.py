# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the report over all tenants costs, and how fast a browser opens it and finds in it."""

from __future__ import annotations

import os
import subprocess
import sys

from tools.paths import COLLECTIONS, ROOT

from .usage import ProgramFailed

TENANTS = 1_000
CHANGES = 100


def measure(tenants: int, changes: int) -> None:
    """Print what two nights of a fleet cost, and how the second one's page does in a browser.

    :raises ProgramFailed: when it fails.
    """
    command = [sys.executable, "-m", "tests.bench.reporting", str(tenants), str(changes)]
    environment = {**os.environ, "PYTHONPATH": str(COLLECTIONS)}
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode != 0:
        raise ProgramFailed("The report was not measured: see above.")
