# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python -m lab.cloud --config FILE``: run the simulated cloud until it is told to stop."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from .configuration import load_configuration
from .conversion import ConversionError
from .server import run


def main() -> int:
    """Parse the command line and serve; a file that cannot be read ends it with one line."""
    parser = argparse.ArgumentParser(prog="python -m lab.cloud", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="the configuration file (JSON)")
    arguments = parser.parse_args()
    try:
        run(load_configuration(arguments.config))
    except (OSError, ConversionError, json.JSONDecodeError) as error:
        print(f"the cloud cannot start with {arguments.config}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
