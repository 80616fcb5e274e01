# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The attributes of the modules, and one fragment for each action group."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and tell which changes a run would make, and make none.
  diff_mode:
    description: Will tell in diff mode what changes, or would change in C(check_mode).
  idempotent:
    description: Run twice in a row with the same arguments, it changes nothing the second time.
  action_group:
    description: >-
      Use C(group/tenantops.migration.<group>) in C(module_defaults) to set options for all modules
      of a group at once.
"""

    WRITER = r"""
options: {}
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
"""

    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This action changes nothing.
  diff_mode:
    support: N/A
    details:
      - This action changes nothing.
  idempotent:
    support: full
    details:
      - This action changes nothing.
"""

    GRAPH_PERMISSIONS = r"""
options: {}
attributes:
  graph_permissions:
    description: >-
      The application permissions of Microsoft Graph that the app needs, with admin consent. First
      the least one, then those that do as well. P(tenantops.migration.app_permissions#lookup)
      compiles them for playbooks, and C(docs/permissions.md) has them for all of these.
"""

    DIRECTORY_RIGHTS = r"""
options: {}
attributes:
  directory_rights:
    description: The rights in the directory that the account needs.
"""

    DNS_RIGHTS = r"""
options: {}
attributes:
  dns_rights:
    description: >-
      What the key or account may have to do in the zone. How each provider calls it is in
      C(docs/dns_hosting.md).
"""
