# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gives each lab on the machine a slot of its own, and remembers which process runs where.

A folder outside all states (gone at reboot, like the processes) holds one folder per slot with
the owner's state path and the records of its processes.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import LabError
from .files import make_private_folder, write_private
from .processes import Processes
from .settings import LONGEST_STATE_PATH, SLOTS, Endpoint, Settings

_OWNER = "owner"
_SLOT_FILE = "slot.json"


@dataclass(frozen=True)
class Place:
    """A lab in its slot."""

    settings: Settings
    processes: Processes


def find_place(state: Path) -> Place | None:
    """Return where this lab is, if it ever was started, even if its state folder is gone."""
    slot = _kept_slot(state)
    if slot is None:
        slot = next((slot for slot in SLOTS if _owner(slot) == state), None)
    if slot is None or _owner(slot) not in (state, None):
        return None
    return Place(Settings(state, slot), Processes(_slot_folder(slot)))


def take_place(state: Path) -> Place:
    """Return the lab's slot, taking a free one if it has none.

    A lab that was removed and made anew (``git clean``) gets its old slot back and what still
    ran there is ended. A lab whose slot was taken while it was down moves to another.

    :raises LabError: when every slot is taken.
    """
    if len(os.fsencode(state)) > LONGEST_STATE_PATH:
        raise LabError(
            f"The path of the state folder is too long for the sockets below it: {state}. "
            f"Choose one of at most {LONGEST_STATE_PATH} bytes with --state."
        )
    with _machine_lock():
        slot = _choose(state)
        write_private(_slot_folder(slot) / _OWNER, str(state))
        write_private(state / _SLOT_FILE, json.dumps({"slot": slot}))
    return Place(Settings(state, slot), Processes(_slot_folder(slot)))


@contextlib.contextmanager
def only_one(state: Path) -> Iterator[None]:
    """Let one command at a time change this lab."""
    make_private_folder(state)
    with (state / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _choose(state: Path) -> int:
    kept = _kept_slot(state)
    if kept is not None and _is_ours_or_free(kept, state):
        return kept
    for slot in SLOTS:
        if kept is None and _owner(slot) == state:
            _end_orphans(slot)
            return slot
    for slot in SLOTS:
        if _owner(slot) is None and _sockets_are_free(slot):
            return slot
    # The lab that was taken down, or is being started, last is the last that has to move.
    idle = [slot for slot in SLOTS if not _is_running(slot) and _sockets_are_free(slot)]
    if idle:
        return min(idle, key=_last_owned)
    raise LabError(
        f"All {len(SLOTS)} places for labs on this machine are taken. End one: "
        "python -m lab down --state DIR"
    )


def _is_ours_or_free(slot: int, state: Path) -> bool:
    owner = _owner(slot)
    if owner == state and Processes(_slot_folder(slot)).names():
        return True
    return owner in (state, None) and _sockets_are_free(slot)


def _end_orphans(slot: int) -> None:
    processes = Processes(_slot_folder(slot))
    processes.stop(processes.names(), graceful=0)


def _kept_slot(state: Path) -> int | None:
    try:
        slot = json.loads((state / _SLOT_FILE).read_text(encoding="utf-8"))["slot"]
    except FileNotFoundError:
        return None
    except (json.JSONDecodeError, KeyError) as error:
        raise LabError(f"{state / _SLOT_FILE} is damaged; remove {state}.") from error
    return slot if slot in SLOTS else None


def _owner(slot: int) -> Path | None:
    """Return the state folder that holds the slot; a lab whose state is gone holds nothing.

    What such a lab left running is seen by its sockets.
    """
    try:
        state = Path((_slot_folder(slot) / _OWNER).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return state if _is_running(slot) or _kept_slot(state) == slot else None


def _is_running(slot: int) -> bool:
    processes = Processes(_slot_folder(slot))
    return any(processes.pid(name) for name in processes.names())


def _last_owned(slot: int) -> float:
    return (_slot_folder(slot) / _OWNER).stat().st_mtime


def _slot_folder(slot: int) -> Path:
    return _runtime_folder() / f"slot-{slot}"


def _runtime_folder() -> Path:
    if os.geteuid() == 0:
        folder = Path("/run/tenantops-lab")
    else:
        base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
        folder = Path(base) / f"tenantops-lab-{os.geteuid()}"
    make_private_folder(folder)
    if folder.stat().st_uid != os.geteuid():
        raise LabError(f"{folder} belongs to somebody else.")
    return folder


@contextlib.contextmanager
def _machine_lock() -> Iterator[None]:
    with (_runtime_folder() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sockets_are_free(slot: int) -> bool:
    endpoints = Settings(Path("/"), slot).endpoints
    return all(
        _can_bind(endpoint, kind)
        for endpoint in endpoints
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)
    )


def _can_bind(endpoint: Endpoint, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            # A connection that has just ended is no obstacle; a listener still is.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((endpoint.address, endpoint.port))
        except PermissionError as error:
            raise LabError(
                f"Port {endpoint.port} needs root: run the lab as root, or allow it with "
                "sysctl net.ipv4.ip_unprivileged_port_start=0"
            ) from error
        except OSError:
            return False
    return True
