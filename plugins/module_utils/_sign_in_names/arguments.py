# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that say which name is wanted. Private to the collection: it can change in any
release."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._doors.arguments import Arguments
from .._graph.waiting import DOUBT_TIME
from .._users.arguments import HOW_OPTIONS, WHO_OPTIONS
from .mapping_file import read_mapping
from .wanted import Source, Wanted

SOURCE_OPTIONS: dict[str, dict[str, Any]] = {
    "source": {"type": "str", "choices": [source.value for source in Source], "required": True},
    "suffix_map": {"type": "dict"},
    "mapping": {"type": "path"},
}
"""For the options of a module, or the suboptions of one of its options."""

SIGN_IN_NAME_ARGUMENTS = Arguments(
    {
        **SOURCE_OPTIONS,
        **WHO_OPTIONS,
        **HOW_OPTIONS,
        "settle_time": {"type": "float", "default": DOUBT_TIME},
        "planned_changes": {"type": "list", "elements": "dict", "default": []},
    }
)
"""The options of `entra_user_upn` alone."""


def wanted_from_options(options: Mapping[str, Any]) -> Wanted:
    """Read the options of `SOURCE_OPTIONS`, and the file that they name. Raises `InvalidInput`."""
    path = options.get("mapping")
    names = None if path is None else read_mapping(Path(path))
    return Wanted.from_options(options["source"], options.get("suffix_map"), names)
