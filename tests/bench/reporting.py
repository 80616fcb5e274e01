# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the measurement of reports that needs the collection: see report.py."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from tools.paths import COLLECTIONS

from ..lab.browser_session import Session, browser_session
from ..lab.fleet_runs import NIGHT, STARTED, RunFolder, tenant
from .usage import run

_ROUNDS = 3

_SEARCHES = ("user00042", "tenant0500 ms=", "help desk", "found nowhere")
_VIEWS = ("view=steps", "view=changes", "view=problems", "state=failed", "t=tenant0007")

_MAKE = """
import json, sys
from ansible_collections.tenantops.migration.plugins.plugin_utils._fleet_report.runner import run
print(json.dumps(dict(run(json.loads(sys.argv[1]), False).values)))
"""


def measure(tenants: int, changes: int) -> None:
    """Two nights of a fleet, the report of each, and the second one in a browser."""
    print(f"{tenants:,} tenants with {changes:,} changes each", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for night in (0, 1):
            runs = RunFolder(folder / f"night{night}", started=STARTED + night * NIGHT)
            runs.write([tenant(place, changes, night=night) for place in range(tenants)])
            _make(folder, f"night{night}")
        page = folder / "fleet" / "fleet.html"
        for path in sorted(page.parent.iterdir()):
            print(f"  {path.name}: {path.stat().st_size / 1e6:.1f} MB")
        with browser_session() as browser:
            for number in range(1, _ROUNDS + 1):
                _look(browser, page, number)


def _make(folder: Path, night: str) -> None:
    parameters = {
        "folders": [str(folder / night)],
        "folder": str(folder / "fleet"),
        "tenants": None,
        "mode": "newest",
        "history": 10,
        "title": "All tenants",
    }
    environment = {"PYTHONPATH": str(COLLECTIONS)}
    used = run([sys.executable, "-c", _MAKE, json.dumps(parameters)], environment, folder)
    print(
        f"  report of {night}: {used.wall:.1f} s, {used.cpu:.1f} s of CPU, "
        f"{used.peak / 1e6:.0f} MB at most",
        flush=True,
    )


def _look(browser: Session, page: Path, number: int) -> None:
    browser.open(page)
    browser.until("performance.getEntriesByName('first-contentful-paint').length")
    opened = browser.evaluate(
        "(() => { const [paint] = performance.getEntriesByName('first-contentful-paint');"
        "const [whole] = performance.getEntriesByType('navigation');"
        "return [paint.startTime, whole.duration]; })()"
    )
    print(f"  round {number}: first picture {opened[0]:.0f} ms, whole page {opened[1]:.0f} ms")
    for text in _SEARCHES:
        print(f"    search {text!r}: {_searched(browser, text):.0f} ms")
    _searched(browser, "")
    for view in _VIEWS:
        print(f"    #{view}: {_followed(browser, view):.0f} ms")


def _searched(browser: Session, text: str) -> float:
    """How long it takes until the lists that fit are laid out, in milliseconds."""
    taken: float = browser.evaluate(
        "(() => { const field = document.querySelector('[name=q]');"
        f"field.value = {json.dumps(text)}; const began = performance.now();"
        "field.dispatchEvent(new Event('change', {bubbles: true}));"
        "document.body.getBoundingClientRect(); return performance.now() - began; })()"
    )
    return taken


def _followed(browser: Session, fragment: str) -> float:
    """The same for a link; the browser follows it before it does anything else."""
    browser.evaluate(
        "window.addEventListener('hashchange', () => { document.body.getBoundingClientRect();"
        "window.taken = performance.now() - window.began; }, {once: true});"
        f"window.taken = null; window.began = performance.now(); location.hash = {fragment!r}; 0"
    )
    taken: float = browser.until("window.taken")
    return taken


if __name__ == "__main__":
    measure(int(sys.argv[1]), int(sys.argv[2]))
