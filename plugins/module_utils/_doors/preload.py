# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imports everything that the collection's operations need, so that it happens once per playbook.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import importlib
import pkgutil

_MODULES = "ansible_collections.tenantops.migration.plugins.modules"

# Libraries import these only when they are first used, which would be in every worker again.
_LAZILY_IMPORTED: tuple[str, ...] = ()


def preload() -> None:
    """Import every module of the collection, and what their libraries import lazily.

    A package that is not installed is passed over: the operation that needs it says so itself.
    """
    folder = importlib.import_module(_MODULES)
    for module in pkgutil.iter_modules(folder.__path__):
        importlib.import_module(f"{_MODULES}.{module.name}")
    for name in _LAZILY_IMPORTED:
        try:
            importlib.import_module(name)
        except ImportError:
            continue
