# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The secondary: Knot, which hears of changes through a relay that can hold them back."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import dns.exception
import dns.message
import dns.opcode
import dns.query

from ..commands import run
from ..files import make_private_folder, write_private
from ..packages import program
from ..processes import Service
from ..settings import Settings
from .names import REPLICATED_ZONES
from .notify_relay import NEVER
from .primary import has_zone

NAME = "secondary"
RELAY_NAME = "notify-relay"

_KNOT_CONF = """\
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
remote:
  - id: primary
    address: {primary_address}@{primary_port}
acl:
  - id: notify
    address: 127.0.0.0/8
    action: notify
template:
  - id: default
    storage: "{folder}/zones"
    master: primary
    acl: notify
    zonefile-load: none
    journal-content: all
zone:
"""


def configure(settings: Settings) -> None:
    """Write the configurations of the server and of the relay."""
    folder = settings.nameservers_folder / "secondary"
    for name in ("run", "database", "zones"):
        make_private_folder(folder / name)
    # Knot refuses to start when it finds that of a process that was killed.
    (folder / "run" / "knot.pid").unlink(missing_ok=True)
    text = _KNOT_CONF.format(
        folder=folder,
        address=settings.secondary.address,
        port=settings.secondary.port,
        primary_address=settings.primary.address,
        primary_port=settings.primary.port,
    )
    text += "".join(f"  - domain: {zone}\n" for zone in REPLICATED_ZONES)
    write_private(folder / "knot.conf", text)


def forget_changes(settings: Settings) -> None:
    """Throw the copies of the zones away. The server must not be running."""
    shutil.rmtree(settings.nameservers_folder / "secondary", ignore_errors=True)


def service(settings: Settings) -> Service:
    """Return how the server is run; it is ready when it has every zone."""
    folder = settings.nameservers_folder / "secondary"
    knotd = program("/usr/sbin/knotd", settings.state / "programs")
    return Service(
        name=NAME,
        command=[knotd, "-c", str(folder / "knot.conf")],
        log=settings.logs_folder / f"{NAME}.log",
        ready=lambda: all(has_zone(settings.secondary, zone) for zone in REPLICATED_ZONES),
    )


def relay_service(settings: Settings) -> Service:
    """Return how the relay between the primary's NOTIFY and the secondary is run."""
    relay, secondary = settings.notify_relay, settings.secondary
    log = settings.logs_folder / f"{RELAY_NAME}.log"
    return Service(
        name=RELAY_NAME,
        command=[
            sys.executable,
            "-m",
            "lab.nameservers.notify_relay",
            f"--listen={relay.address}:{relay.port}",
            f"--forward={secondary.address}:{secondary.port}",
            f"--lag-file={_lag_file(settings)}",
        ],
        log=log,
        ready=lambda: _relay_answers(settings),
    )


def lag(settings: Settings, seconds: float | None) -> None:
    """Let the secondary hear of each change only after some seconds, or (None) never."""
    write_private(_lag_file(settings), NEVER if seconds is None else str(seconds))


def heal(settings: Settings) -> None:
    """Let the secondary hear of changes at once again."""
    _lag_file(settings).unlink(missing_ok=True)


def refresh(settings: Settings) -> None:
    """Let the running secondary fetch what it has missed."""
    folder = settings.nameservers_folder / "secondary"
    run(["/usr/sbin/knotc", "-c", str(folder / "knot.conf"), "zone-refresh"])


def _lag_file(settings: Settings) -> Path:
    return settings.nameservers_folder / "secondary-lag"


def _relay_answers(settings: Settings) -> bool:
    notify = dns.message.make_query("nothing.invalid", "SOA")
    notify.set_opcode(dns.opcode.NOTIFY)
    relay = settings.notify_relay
    try:
        dns.query.udp(notify, relay.address, port=relay.port, timeout=0.5)
    except (dns.exception.DNSException, OSError):
        return False
    return True
