# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which tasks could change a tenant."""

from __future__ import annotations

import importlib
from typing import Any

_COLLECTION = "tenantops.migration"
_MODULES = f"ansible_collections.{_COLLECTION}.plugins.modules"
# What has the options of change control changes something, and nothing else does.
_OF_A_WRITER = "approved_plan"


def is_writer(task: Any) -> bool:
    """Whether a task calls a module of this collection that changes tenants.

    True as well where the name is known only when the task runs.
    """
    action = str(task.action)
    if "{" in action:
        return True
    # Before a task runs, this can be the action plugin that its module is routed to.
    is_ours = str(task.resolved_action or action).startswith(f"{_COLLECTION}.")
    return is_ours and is_writing_module(action.rpartition(".")[2])


def is_writing_module(name: str) -> bool:
    """Whether a module of this collection changes tenants; false for a name that is no module."""
    try:
        operation = importlib.import_module(f"{_MODULES}.{name}").OPERATION
    except ImportError:
        return False
    return _OF_A_WRITER in operation.arguments.options
