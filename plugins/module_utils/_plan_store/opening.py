# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Opens the store that the options of a module name. Private to the collection."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._doors.arguments import Arguments, from_environment
from .._errors import InvalidInput
from .folder import FolderDocuments, FolderStore
from .git import GitStore
from .https import HttpsStore
from .model import Location, Store, StoreKind

STORE_ARGUMENTS = Arguments(
    {
        "store": {"type": "str", "fallback": from_environment("TENANTOPS_PLAN_STORE")},
        "store_token": {
            "type": "str",
            "no_log": True,
            "fallback": from_environment("TENANTOPS_PLAN_STORE_TOKEN"),
        },
        "store_ca_path": {
            "type": "path",
            "fallback": from_environment("TENANTOPS_PLAN_STORE_CA_PATH"),
        },
    }
)
"""The options of the documentation fragment `plan_store`."""


def open_store(parameters: Mapping[str, Any]) -> Store:
    """The store that `store` names. Raises `InvalidInput` if it names none."""
    if not parameters["store"]:
        raise InvalidInput(
            "No plan store is given",
            advice="Set tenantops_plan_store (option store, or TENANTOPS_PLAN_STORE): a folder, "
            "git+https://…, git+ssh://…, git+file://… or https://…",
        )
    location = Location.parse(parameters["store"])
    token, ca_path = parameters["store_token"] or None, parameters["store_ca_path"] or None
    if location.kind is StoreKind.GIT:
        return GitStore(location, token, ca_path)
    if location.kind is StoreKind.HTTPS:
        return HttpsStore(location, token, ca_path)
    return FolderStore(FolderDocuments(Path(location.place)))
