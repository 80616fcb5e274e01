# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts, stops and resets a lab."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from . import credentials, packages, parts
from .authority import Authority
from .description import describe, is_described
from .errors import LabError
from .files import make_private_folder, write_private
from .parts import Lab, Part
from .processes import Processes
from .settings import Settings
from .slots import find_place, only_one, take_place


def up(state: Path, names: Iterable[str], without: Iterable[str] = ()) -> Lab:
    """Start the named parts of the lab that do not run yet, besides those wanted earlier.

    Those of `without` are no longer wanted.

    :raises LabError: when something is missing on the machine or does not start.
    """
    with only_one(state):
        chosen = [parts.ALL[name] for name in _remember(state, names, without)]
        needed = {name: shown_by for part in chosen for name, shown_by in part.packages.items()}
        packages.install(needed)
        lab = _enter(state)
        _start(lab, [part for part in chosen if not part.is_running(lab)])
        if not is_described(lab.settings):
            describe(lab.settings, lab.authority, lab.credentials)
        return lab


def down(state: Path) -> None:
    """End every server of the lab; what they stored is kept."""
    place = find_place(state)
    if place is None:
        return
    if not state.exists():
        place.processes.stop(place.processes.names())
        return
    with only_one(state):
        place.processes.stop(place.processes.names())
        (state / _WANTED_FILE).unlink(missing_ok=True)


def reset(state: Path, only: Sequence[str] = ()) -> None:
    """Bring the parts that ``up`` was asked for, or ``only`` some, back to their start state.

    :raises LabError: when the lab is not up.
    """
    with only_one(state):
        lab = open_lab(state)
        names = [
            name
            for name in wanted(state)
            if not only or name in only or parts.ALL[name].rests_on in only
        ]
        if not names:
            raise LabError(f"This lab is not up ({state}). Start it: python -m lab up")
        chosen = [parts.ALL[name] for name in names]
        restarting = [
            part for part in chosen if not (part.is_running(lab) and part.reset_running(lab))
        ]
        services = [service.name for part in restarting for service in part.services(lab.settings)]
        # What they would still write is about to be thrown away.
        lab.processes.stop(services, graceful=0)
        for part in restarting:
            part.forget_changes(lab)
        _start(lab, restarting)


def start_part(lab: Lab, part: Part) -> None:
    """Start one part."""
    packages.install(part.packages)
    _remember(lab.settings.state, [part.name])
    _start(lab, [part])


def open_lab(state: Path) -> Lab:
    """Return the lab that ``up`` made.

    :raises LabError: when there is none.
    """
    place = find_place(state)
    if place is None or not place.settings.credentials_file.exists():
        raise LabError(f"There is no lab in {state}. Start one: python -m lab up")
    return _lab(place.settings, place.processes)


def _enter(state: Path) -> Lab:
    place = take_place(state)
    return _lab(place.settings, place.processes)


def _lab(settings: Settings, processes: Processes) -> Lab:
    return Lab(
        settings=settings,
        processes=processes,
        authority=Authority(settings.authority_folder),
        credentials=credentials.load_or_draw(settings.credentials_file),
    )


def _start(lab: Lab, chosen: Sequence[Part]) -> None:
    """Start parts side by side; within a part each server waits for the one before."""
    for part in chosen:
        part.prepare(lab)
    lab.processes.start_in_order(part.services(lab.settings) for part in chosen)


_WANTED_FILE = "wanted.json"


def wanted(state: Path) -> list[str]:
    """Return the parts that `up` was asked for since the last `down`."""
    path = state / _WANTED_FILE
    if not path.exists():
        return []
    names: list[str] = json.loads(path.read_text(encoding="utf-8"))
    return names


def _remember(state: Path, names: Iterable[str], without: Iterable[str] = ()) -> list[str]:
    """Add to the parts that a reset brings back, and return all of them."""
    make_private_folder(state)
    together = {*wanted(state), *names} - {*without}
    in_order = [name for name in parts.ALL if name in together]
    write_private(state / _WANTED_FILE, json.dumps(in_order))
    return in_order
