# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Loads the action plugin in the controller, before it forks its workers.

Ansible itself loads a plugin before the fork only if it is named like the module; one that
meta/runtime.yml names it loads in each worker, anew for each task. But to look for it, Ansible
imports this package while it reads the playbook.
"""

from __future__ import annotations

from . import in_worker  # noqa: F401
