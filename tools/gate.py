# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The quality gate: `python3 -m tools.gate` runs every step, or only the steps or groups named.

Every step runs, also after one that failed. What a step prints is kept in .build/logs and shown
when it fails. The last line counts tests where a step says how many it ran, and steps elsewhere.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO
from xml.etree import ElementTree

from tools import environments, tree
from tools.paths import JUNIT, LOGS, NAMESPACE_PATH, ROOT, ToolError, locked
from tools.steps import LAB, Command, Settings, Step, every_step

_SHOWN_LINES = 200

# What needs neither the newest ansible-core nor a browser.
_QUICK_GROUPS = frozenset({"style", "types", "collection"})


@dataclass(frozen=True)
class Count:
    """How many checks ended which way."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )

    def __str__(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


@dataclass(frozen=True)
class Outcome:
    """How one step went."""

    step: Step
    count: Count
    seconds: float

    def __str__(self) -> str:
        verdict = "FAILED" if self.count.failed else "passed"
        counted = f"  {self.count}" if self.step.reports is not None else ""
        return f"{self.step.name:<20} {verdict} {self.seconds:7.1f} s{counted}"


def run(step: Step) -> Outcome:
    """Run one step, and show what it printed if it failed."""
    log = LOGS / f"{step.name}.log"
    with locked(step.lock or step.name), log.open("w") as output:
        for report in _reports(step):
            report.unlink()
        start = time.monotonic()
        succeeded = all(_call(command, step.environment, output) for command in step.commands)
        seconds = time.monotonic() - start
        text = _with_short_paths(log.read_text(errors="replace"))
        if step.complaint is not None and re.search(step.complaint, text, re.MULTILINE):
            succeeded = False
        outcome = Outcome(step, _count(step, succeeded), seconds)
    if outcome.count.failed:
        print(f"--- {step.name}, whole in {log.relative_to(ROOT)}")
        print("\n".join(text.splitlines()[-_SHOWN_LINES:]))
        print("---")
    print(outcome, flush=True)
    return outcome


def run_side_by_side(steps: Sequence[Step]) -> list[Outcome]:
    """Run the first step that needs the lab beside all others, those in their order.

    The tests on the lab wait for servers much of the time, and those of the first step, which are
    all there are, take about as long as the rest with the few of the second.
    """
    # These go through the checkout, in which the tests on the lab leave compiled files.
    outcomes = [run(step) for step in steps if step.group == "style"]
    left = [step for step in steps if step.group != "style"]
    on_lab = [step for step in left if step.group == LAB][:1]
    others = [step for step in left if step not in on_lab]
    with ThreadPoolExecutor(max_workers=2) as lanes:
        lane = lanes.submit(lambda: [run(step) for step in on_lab])
        outcomes += [*map(run, others), *lane.result()]
    return sorted(outcomes, key=lambda outcome: steps.index(outcome.step))


def _call(command: Command, environment: Mapping[str, str], output: TextIO) -> bool:
    result = subprocess.run(
        command.words,
        cwd=command.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return result.returncode == 0


def _with_short_paths(text: str) -> str:
    """Name files as in the repository, where a tool saw the copy."""
    return text.replace(f"{NAMESPACE_PATH}/", "")


def _reports(step: Step) -> Iterable[Path]:
    return step.reports.parent.glob(step.reports.name) if step.reports is not None else ()


def _count(step: Step, succeeded: bool) -> Count:
    """Count the tests a step reported; a step without a report counts as one check.

    A run that failed without a failed test, or succeeded without any test, is one failure more.
    """
    total = Count()
    for report in _reports(step):
        for suite in ElementTree.parse(report).iter("testsuite"):  # noqa: S314 - our own file
            tests, failures, errors, skipped = (
                int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")
            )
            failed = failures + errors
            total += Count(tests - failed - skipped, failed, skipped)
    if step.reports is None:
        return Count(passed=1) if succeeded else Count(failed=1)
    if (not succeeded and not total.failed) or not total.passed:
        return total + Count(failed=1)
    return total


def _choose(names: Sequence[str]) -> list[Step]:
    steps = list(every_step(Settings()))
    if not names:
        return steps
    known = {step.name for step in steps} | {step.group for step in steps}
    if unknown := sorted(set(names) - known):
        raise ToolError(f"No such step or group: {unknown}. There are: {sorted(known)}")
    return [step for step in steps if step.name in names or step.group in names]


def _prepare(steps: Sequence[Step]) -> None:
    if {step.group for step in steps} <= _QUICK_GROUPS:
        environments.prepare_tools()
    else:
        environments.prepare_tests()
    tree.refresh()
    LOGS.mkdir(parents=True, exist_ok=True)
    JUNIT.mkdir(parents=True, exist_ok=True)


def main() -> int:
    """Run the gate; the exit code says whether everything passed."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.gate", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="STEP", help="a step or group; default: all")
    arguments = parser.parse_args()
    try:
        steps = _choose(arguments.names)
        _prepare(steps)
    except ToolError as error:
        print(error)
        print(Count(failed=1))
        return 1
    outcomes = run_side_by_side(steps)
    _summarise(outcomes)
    return 1 if any(outcome.count.failed for outcome in outcomes) else 0


def _summarise(outcomes: Sequence[Outcome]) -> None:
    print("\nSummary")
    for outcome in outcomes:
        print(outcome)
    on_both = {outcome.step.group for outcome in outcomes} - _QUICK_GROUPS
    if on_both and environments.newest() is None:
        print(
            "No Python 3.12 or later was found on this machine: "
            "nothing was tested on the newest ansible-core."
        )
    print(sum((outcome.count for outcome in outcomes), Count()))


if __name__ == "__main__":
    sys.exit(main())
