# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What all inventories of tenants have in common."""

    DOCUMENTATION = r"""
options:
  plugin:
    description: The name of this plugin.
    type: str
    required: true
  tenants_group:
    description:
      - The group that all tenants of this source are in, which is where the playbooks of this
        collection look for them.
      - It gets C(ansible_connection=local), because tasks run on the controller and connect to a
        tenant's servers by themselves.
    type: str
    default: tenants
  on_failure:
    description:
      - What becomes of the run if the tenants cannot be told, or an option cannot be meant.
      - V(fail) ends the program with exit code 4. Ansible by itself would only warn, and a playbook
        without hosts ends well.
      - V(warn) leaves it to Ansible, which goes on with the tenants of the other sources.
    type: str
    choices:
      - fail
      - warn
    default: fail
"""
