# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write docs/permissions.md (`make permissions`), or print the table for some playbooks.

The latter is `make permissions-for PLAYBOOKS="migrate align_accounts"`; roles and modules can be
named as well.
"""

from __future__ import annotations

import argparse
import sys

from ansible_collections.tenantops.migration.plugins.plugin_utils._permissions.files import (
    CollectionFiles,
    UnknownName,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._permissions.page import (
    document,
    table_for,
)
from tools.paths import ROOT

PAGE = ROOT / "docs" / "permissions.md"


def main() -> int:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tools.permissions", description=__doc__)
    parser.add_argument("names", nargs="*", help="playbooks, roles or modules; none: the page")
    parser.add_argument(
        "--course",
        default="migrate",
        help="what `plan`, `apply` and so on run; default: migrate",
    )
    arguments = parser.parse_args()
    files = CollectionFiles(ROOT)
    if not arguments.names:
        PAGE.write_text(document(files), encoding="utf-8")
        return 0
    try:
        print(table_for(files, arguments.names, arguments.course), end="")
    except UnknownName as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
