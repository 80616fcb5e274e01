# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measures what tasks cost on the rehearsal lab: `python -m tests.bench`."""

from __future__ import annotations

import argparse
import sys

from lab.errors import LabError

from . import doors
from .fleet import RunFailed


def main() -> int:
    """Run the measurement that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    measurements = {"doors": doors.measure}
    parser.add_argument("measurement", nargs="?", default="doors", choices=measurements)
    arguments = parser.parse_args()
    try:
        measurements[arguments.measurement]()
    except (LabError, RunFailed) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
