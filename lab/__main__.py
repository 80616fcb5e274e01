# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rehearsal lab: a directory, name servers and a cloud on this machine."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from . import admin_centre, chaos, directory_sync, fleet_tenants, lifecycle, parts
from .errors import LabError
from .settings import ROOT

_Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; what stands in its way is told in a line or a few."""
    parsed = _parser().parse_args(arguments)
    # Absolute, because servers of other folders read it; real, because it names the lab.
    parsed.state = parsed.state.resolve()
    command: _Command = parsed.command
    try:
        return command(parsed)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab", description=__doc__)
    parser.add_argument(
        "--state",
        type=Path,
        default=Path(os.environ.get("TENANTOPS_LAB_STATE") or ROOT / ".lab"),
        help="the lab's folder (default: $TENANTOPS_LAB_STATE or .lab in the repository)",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    up = commands.add_parser("up", help="start the lab")
    up.add_argument(
        "--with", dest="extra", action="append", default=[], choices=_names(parts.ON_REQUEST)
    )
    up.add_argument(
        "--without",
        action="append",
        default=[],
        choices=list(parts.ALL),
        help="what is not to be started, nor brought back by a reset; what runs goes on running",
    )
    up.set_defaults(command=_up)

    commands.add_parser("down", help="end the lab's servers").set_defaults(command=_down)
    commands.add_parser("status", help="say what runs").set_defaults(command=_status)

    reset = commands.add_parser("reset", help="bring everything back to the start state")
    reset.add_argument("only", nargs="*", metavar="PART", choices=[*parts.ALL, []])
    reset.set_defaults(command=_reset)

    _add_admin_centre(
        commands.add_parser("admin-centre", help="do what only a person can: takeover, redeeming")
    )
    _add_sync(commands.add_parser("sync", help="let a tenant sync with the directory"))
    _add_chaos(commands.add_parser("chaos", help="make things go wrong"))
    _add_fleet(commands.add_parser("fleet", help="make many further tenants, until the next reset"))
    return parser


def _add_admin_centre(parser: argparse.ArgumentParser) -> None:
    steps = parser.add_subparsers(required=True, metavar="STEP")

    text = steps.add_parser("text", help="show the TXT value that is asked for")
    text.set_defaults(command=_told(lambda _lab, args: admin_centre.text(args.tenant)))

    verify = steps.add_parser("verify", help="become administrator of the unmanaged tenant")
    verify.add_argument(
        "--within", type=float, default=0, help="seconds to go on trying (default: once)"
    )
    verify.set_defaults(
        command=_told(lambda lab, args: admin_centre.verify(lab, args.tenant, args.within))
    )

    remove = steps.add_parser("remove-domain", help="then remove the domain from it")
    remove.set_defaults(
        command=_told(lambda lab, args: admin_centre.remove_domain(lab, args.tenant))
    )
    for step in (text, verify, remove):
        step.add_argument("tenant", choices=admin_centre.VIRAL)

    redeem = steps.add_parser("redeem", help="let guests follow the link of their invitation")
    redeem.add_argument("tenant", choices=admin_centre.WITH_GUESTS)
    redeem.add_argument("guests", nargs="*", metavar="GUEST", help="address or id (default: all)")
    redeem.set_defaults(
        command=_told(lambda lab, args: admin_centre.redeem(lab, args.tenant, args.guests))
    )


def _add_sync(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("tenant", choices=directory_sync.WITH_SYNC)
    clock = parser.add_mutually_exclusive_group()
    clock.add_argument("--every", type=float, metavar="SECONDS", help="sync by the clock")
    clock.add_argument("--never", action="store_true", help="sync on request only, as at the start")
    parser.set_defaults(command=_told(_sync))


def _sync(lab: parts.Lab, arguments: argparse.Namespace) -> str:
    if arguments.every is not None or arguments.never:
        return directory_sync.set_clock(lab, arguments.tenant, arguments.every)
    return directory_sync.run(lab, arguments.tenant)


def _add_chaos(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(required=True, metavar="WHAT")

    lag = kinds.add_parser("secondary-lag", help="let the secondary see changes late, or never")
    lag.add_argument("seconds", nargs="?", type=float, help="without: never")
    lag.set_defaults(command=_told(lambda lab, args: chaos.lag_secondary(lab, args.seconds)))

    heal = kinds.add_parser("secondary-heal", help="let the secondary follow again")
    heal.set_defaults(command=_told(lambda lab, args: chaos.heal_secondary(lab)))

    cloud = kinds.add_parser(
        "cloud", help="faults of the cloud: throttle count=2 retry_after=3; clear ends them"
    )
    cloud.add_argument("words", nargs="*", metavar="KIND [NAME=VALUE]... | JSON | clear")
    cloud.set_defaults(command=_told(lambda lab, args: chaos.trouble_cloud(lab, args.words)))

    stop = kinds.add_parser("stop", help="end one server at once")
    stop.add_argument("server", choices=chaos.SERVERS)
    stop.set_defaults(command=_told(lambda lab, args: chaos.stop_server(lab, args.server)))

    start = kinds.add_parser("start", help="start a server that was stopped")
    start.add_argument("server", choices=chaos.SERVERS)
    start.set_defaults(command=_told(lambda lab, args: chaos.start_server(lab, args.server)))

    skewed = kinds.add_parser("skewed-nameserver", help="start a name server with a wrong clock")
    skewed.set_defaults(command=_told(lambda lab, args: chaos.start_skewed_nameserver(lab)))


def _add_fleet(parser: argparse.ArgumentParser) -> None:
    steps = parser.add_subparsers(required=True, metavar="STEP")
    up = steps.add_parser("up", help="make them, and write their inventory")
    up.add_argument("count", type=int, help="how many tenants")
    up.set_defaults(command=_told(lambda lab, args: _fleet_up(lab, args.count)))


def _fleet_up(lab: parts.Lab, count: int) -> str:
    made = fleet_tenants.up(lab, count)
    return f"{len(made.tenants)} tenants are made. Their inventory: {made.inventory}"


def _names(some: Sequence[parts.Part]) -> list[str]:
    return [part.name for part in some]


def _up(arguments: argparse.Namespace) -> int:
    wanted = [name for name in _names(parts.USUAL) if name not in arguments.without]
    lab = lifecycle.up(arguments.state, [*wanted, *arguments.extra], arguments.without)
    print(f"The lab is up: {lab.settings.description_file}")
    print(f"Its inventory: {lab.settings.inventory_file}")
    return 0


def _down(arguments: argparse.Namespace) -> int:
    lifecycle.down(arguments.state)
    print("The lab is down.")
    return 0


def _status(arguments: argparse.Namespace) -> int:
    """Print one line per server; 0 if everything wanted runs."""
    lab = lifecycle.open_lab(arguments.state)
    wanted = lifecycle.wanted(arguments.state)
    services = {
        service.name for part in parts.ALL.values() for service in part.services(lab.settings)
    }
    for name in sorted(services):
        pid = lab.processes.pid(name)
        print(f"{name:20} {f'runs, process {pid}' if pid else 'down'}")
    complete = bool(wanted) and all(parts.ALL[name].is_running(lab) for name in wanted)
    return 0 if complete else 3


def _reset(arguments: argparse.Namespace) -> int:
    lifecycle.reset(arguments.state, arguments.only)
    print("The lab is as it was at its start.")
    return 0


def _told(action: Callable[[parts.Lab, argparse.Namespace], str]) -> _Command:
    def command(arguments: argparse.Namespace) -> int:
        print(action(lifecycle.open_lab(arguments.state), arguments))
        return 0

    return command


if __name__ == "__main__":
    sys.exit(main())
