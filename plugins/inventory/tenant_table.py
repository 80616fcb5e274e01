# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: tenant_table
short_description: The tenants of a table that people keep in a spreadsheet, one host each
version_added: 1.5.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Reads one or several CSV files. Each row is a tenant, and each column a variable of it.
  - The files are in UTF-8, with commas, semicolons or tabs between the cells. The first line names
    the columns, in any case.
  - An empty cell leaves the variable unset, so that C(group_vars) can give it. C(host_vars) and
    C(group_vars) are joined with the table by the host's name, and win.
  - Variables of connections, such as C(tenant_ad_port) or C(tenant_ad_servers), become numbers,
    lists and truth values by themselves. In a cell, the parts of a list have semicolons between
    them.
  - A secret has no place in a table. A column whose variable is one is refused.
  - What is wrong is told with file, line and column, and no row is taken then; see O(on_failure).
  - Texts in the table are never taken for templates.
  - The file with the options is any C(.yml) or C(.yaml) that says C(plugin), or one whose name ends
    with C(tenant_table.yml) if all of it is encrypted.
requirements:
  - python >= 3.11
notes:
  - There is nothing to cache, as the files are on this machine.
extends_documentation_fragment:
  - ansible.builtin.constructed
  - tenantops.migration.fleet_inventory
options:
  files:
    description: The tables. A relative path is meant from the folder of the file with the options.
    type: list
    elements: path
    required: true
  name_column:
    description: The column with the names of the hosts, by which journals, plans and approvals know
      a tenant. Each name is there once in all files, and so is each tenant id.
    type: str
    default: name
  columns:
    description: The variables of columns that have other names, by column. A column with V(null) is
      left out.
    type: dict
    default: {}
  types:
    description:
      - The types of other variables, by variable.
      - One of V(str), V(int), V(float), V(bool) and V(list).
    type: dict
    default: {}
  only:
    description:
      - Only tenants that fit each of these filters. A filter is a list of patterns as those of a
        shell, in any case, of which one has to fit.
      - An empty list fits nobody.
    type: dict
    suboptions:
      names:
        description: Names of hosts.
        type: list
        elements: str
      tenant_ids:
        description: Tenant ids, as C(tenant_entra_tenant_id) tells them. A warning tells those that
          no row has.
        type: list
        elements: str
  never:
    description: Leaves out tenants that fit any of these filters, which are those of O(only).
    type: dict
    suboptions:
      names:
        description: Names of hosts.
        type: list
        elements: str
      tenant_ids:
        description: Tenant ids.
        type: list
        elements: str
"""

EXAMPLES = r"""
# Beside tenants.csv:
#   name,tenant_entra_tenant_id,tenant_ad_servers,tenant_ad_port,country
#   contoso,3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11,dc1.contoso.example;dc2.contoso.example,636,SE
plugin: tenantops.migration.tenant_table
files:
  - tenants.csv

---
# Two tables of others, with columns that are called otherwise
plugin: tenantops.migration.tenant_table
files:
  - /srv/lists/north.csv
  - /srv/lists/south.csv
name_column: Customer
columns:
  directory: tenant_ad_servers
  seats: customer_seats
  remarks: null
types:
  customer_seats: int
only:
  names: ["n-*", "s-*"]
never:
  names: ["*-test"]
strict: true
keyed_groups:
  - key: country
    prefix: country
groups:
  large: customer_seats is defined and customer_seats > 500
compose:
  customer_label: inventory_hostname | upper
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from ..module_utils._doors.arguments import Arguments
from ..plugin_utils._fleet_inventory.model import Found
from ..plugin_utils._fleet_inventory.plugin import TenantInventory
from ..plugin_utils._tenant_table.arguments import ARGUMENTS
from ..plugin_utils._tenant_table.runner import find


class InventoryModule(TenantInventory):
    """Ansible's entry point."""

    NAME = "tenantops.migration.tenant_table"
    ARGUMENTS: ClassVar[Arguments] = ARGUMENTS

    def _find(self, parameters: Mapping[str, Any], path: str, *, may_remember: bool) -> Found:
        return find(parameters, Path(path).resolve().parent)
