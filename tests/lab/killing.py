# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Playbooks that are killed with all their workers, as by a machine that is switched off."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .playbooks import ROOT, Operator


def start(
    operator: Operator, playbook: str, variables: Mapping[str, Any]
) -> subprocess.Popen[bytes]:
    """Start a playbook that nobody listens to."""
    report = operator.folder / "killed"
    report.mkdir(exist_ok=True)
    return subprocess.Popen(
        operator.command(playbook, variables, []),
        cwd=ROOT,
        env=operator.environment(report),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a playbook and all that comes from it, without giving any of it time for a last word."""
    # Stopped first, so that it starts nothing while its workers are looked for; these have
    # sessions of their own, so that its process group is not all there is to it.
    _signal_if_alive(process.pid, signal.SIGSTOP)
    for pid in [process.pid, *_descendants(process.pid)]:
        _signal_if_alive(pid, signal.SIGKILL)
    process.wait()


def _signal_if_alive(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _descendants(ancestor: int) -> list[int]:
    """All processes that come from one, as the kernel tells them now."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The name in parentheses may hold anything; the parent is the second field after it.
            fields = path.read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found: list[int] = []
    open_ends = [ancestor]
    while open_ends:
        offspring = children.get(open_ends.pop(), [])
        found += offspring
        open_ends += offspring
    return found
