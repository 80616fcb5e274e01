# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A primary whose clock is an hour ahead: it refuses every signed update with BADTIME.

Knot, because BIND's allocator and libfaketime do not get on.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from ..credentials import Credentials
from ..errors import LabError
from ..files import make_private_folder, write_private
from ..packages import program
from ..processes import Service
from ..settings import Settings
from .names import KEY_NAMES, READONLY_ZONE, TSIG_ALGORITHM
from .primary import has_zone
from .zones import zone_files

NAME = "skewed-nameserver"
_SECONDS_AHEAD = 3600

_START = """\
# Written by the rehearsal lab at every start.
server:
    listen: {address}@{port}
    rundir: "{folder}/run"
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: "{folder}/database"
log:
  - target: stderr
    any: info
"""

_KEY = """\
  - id: {name}
    algorithm: {algorithm}
    secret: {secret}
"""

_ACL = """\
  - id: {name}
    key: {name}
    action: update
"""

_ZONE = """\
  - domain: {zone}
    storage: "{folder}"
    file: "{zone}.zone"
"""


def configure(settings: Settings, credentials: Credentials) -> None:
    """Write the configuration and the zones, which nobody can change."""
    folder = _folder(settings)
    for name in ("run", "database"):
        make_private_folder(folder / name)
    # Knot refuses to start when it finds that of a process that was killed.
    (folder / "run" / "knot.pid").unlink(missing_ok=True)
    endpoint = settings.skewed_nameserver
    keys = "".join(
        _KEY.format(name=name, algorithm=TSIG_ALGORITHM, secret=credentials.tsig_secrets[name])
        for name in KEY_NAMES.values()
    )
    acls = "".join(_ACL.format(name=name) for name in KEY_NAMES.values())
    zones = "".join(
        _ZONE.format(zone=zone, folder=folder) + f"    acl: {name}\n"
        for zone, name in KEY_NAMES.items()
    ) + _ZONE.format(zone=READONLY_ZONE, folder=folder)
    start = _START.format(address=endpoint.address, port=endpoint.port, folder=folder)
    write_private(folder / "knot.conf", f"{start}key:\n{keys}acl:\n{acls}zone:\n{zones}")
    for zone, text in zone_files(settings).items():
        write_private(folder / f"{zone}.zone", text)


def forget_changes(settings: Settings) -> None:
    """Throw the zones away. The server must not be running."""
    shutil.rmtree(_folder(settings), ignore_errors=True)


def service(settings: Settings) -> Service:
    """Return how the server is run."""
    knotd = program("/usr/sbin/knotd", settings.state / "programs")
    return Service(
        name=NAME,
        command=[knotd, "-c", str(_folder(settings) / "knot.conf")],
        log=settings.logs_folder / f"{NAME}.log",
        ready=lambda: has_zone(settings.skewed_nameserver, READONLY_ZONE),
        environment={
            # Not through the faketime program, which would stay between us and the server.
            "LD_PRELOAD": str(_library()),
            "FAKETIME": f"+{_SECONDS_AHEAD}",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        },
    )


def _library() -> Path:
    for path in Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"):
        return path
    raise LabError("libfaketimeMT.so.1 is missing: reinstall the Debian package libfaketime.")


def _folder(settings: Settings) -> Path:
    return settings.nameservers_folder / "skewed"
