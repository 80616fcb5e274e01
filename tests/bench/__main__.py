# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measures what tasks cost on the rehearsal lab, and what it takes to read a large directory,
to change many objects, to compare a directory with a tenant, to list many guests or to reset them,
to write as fast as is allowed, to move many tenants, and to report them.

python -m tests.bench [doors]
python -m tests.bench readers --entries 100000 1000000
python -m tests.bench writers
python -m tests.bench guests --guests 20000 100000
python -m tests.bench accounts --people 20000 100000
python -m tests.bench resets
python -m tests.bench quotas
python -m tests.bench beside --tenants 10 100 1000 --tasks-up-to 100
python -m tests.bench report
"""

from __future__ import annotations

import argparse
import sys

from lab.errors import LabError
from tools.paths import ToolError

from . import beside, comparisons, doors, guests, quotas, readers, report, resets, writers
from .fleet import RunFailed
from .usage import ProgramFailed


def main() -> int:
    """Run the measurement that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    measurements = parser.add_subparsers(dest="measurement", metavar="MEASUREMENT")
    measurements.add_parser("doors", help="CPU per task through each door (the default)")
    reading = measurements.add_parser("readers", help="judging a directory beside bare reading")
    reading.add_argument("--entries", type=int, nargs="+", default=readers.SIZES)
    reading.add_argument("--rounds", type=int)
    measurements.add_parser("writers", help="changing 10,000 objects beside other ways to do it")
    listing = measurements.add_parser("guests", help="listing guests beside bare paging")
    listing.add_argument("--guests", type=int, nargs="+", default=guests.SIZES)
    comparing = measurements.add_parser("accounts", help="comparing both systems beside reading")
    comparing.add_argument("--people", type=int, nargs="+", default=comparisons.SIZES)
    measurements.add_parser("resets", help="resetting guests beside a loop of uri tasks")
    pacing = measurements.add_parser("quotas", help="bulk writes while Graph's quotas are on")
    pacing.add_argument("--writes", type=int, default=quotas.WRITES)
    pacing.add_argument("--ways", nargs="+", choices=quotas.NAMES, default=quotas.NAMES)
    moving = measurements.add_parser("beside", help="migrate beside tasks of uri and others")
    moving.add_argument("--tenants", type=int, nargs="+", default=beside.TENANTS)
    moving.add_argument("--rounds", type=int, default=beside.ROUNDS)
    moving.add_argument("--tasks-up-to", type=int, default=beside.TASKS_UP_TO)
    reporting = measurements.add_parser("report", help="the report over all tenants in a browser")
    reporting.add_argument("--tenants", type=int, default=report.TENANTS)
    reporting.add_argument("--changes", type=int, default=report.CHANGES)
    arguments = parser.parse_args()
    try:
        if arguments.measurement == "readers":
            readers.measure(arguments.entries, arguments.rounds)
        elif arguments.measurement == "writers":
            writers.measure()
        elif arguments.measurement == "guests":
            guests.measure(arguments.guests)
        elif arguments.measurement == "accounts":
            comparisons.measure(arguments.people)
        elif arguments.measurement == "resets":
            resets.measure()
        elif arguments.measurement == "quotas":
            quotas.measure(arguments.writes, arguments.ways)
        elif arguments.measurement == "beside":
            beside.measure(arguments.tenants, arguments.rounds, arguments.tasks_up_to)
        elif arguments.measurement == "report":
            report.measure(arguments.tenants, arguments.changes)
        else:
            doors.measure()
    except (LabError, ProgramFailed, RunFailed, ToolError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
