# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: app_permissions
short_description: The permissions that an app registration needs for some playbooks, and no others
version_added: 1.5.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Tells the application permissions of Microsoft Graph that an app needs to run playbooks, roles
    or modules of this collection. They are compiled from what the modules say in their attribute
    C(graph_permissions), and from the tasks of the playbooks and roles.
  - Each is the least one for something, and one is left out where another one that is needed anyway
    does as well.
  - What depends on something that is not known, such as a file's content, counts as needed.
  - C(docs/permissions.md) has the tables of all playbooks, with the rights in the directory and in
    DNS, too.
options:
  _terms:
    description:
      - The names of playbooks, of roles (with V(role.tasks) for one of the files of tasks), or of
        modules of this collection.
      - P(tenantops.migration.app_permissions#lookup) takes the playbook V(rollback) beside others
        as undoing those, and alone as undoing anything.
    type: list
    elements: str
    required: true
  tenant:
    description:
      - The variables of one tenant, such as C(hostvars.contoso). Then only those steps and options
        count that the tenant has variables for.
      - Only variables whose names begin with C(tenant_) are looked at, and of these only those that
        steps depend on.
    type: dict
  dry_run:
    description:
      - Whether only what a dry run needs is wanted. Most modules tell in a dry run, too, what is
        missing for a run, and so need the same.
    type: bool
    default: false
  extras:
    description:
      - Whether permissions are told, too, without which everything works, only less well.
    type: bool
    default: false
  course:
    description:
      - The playbook that is run by a playbook which takes the variable C(tenantops_course).
    type: str
    default: migrate
"""

EXAMPLES = r"""
- name: Tell what an app needs to migrate and to roll back
  ansible.builtin.debug:
    msg: "{{ query('tenantops.migration.app_permissions', 'migrate', 'rollback') }}"

- name: Tell what it needs for this tenant, also for what is only convenient
  ansible.builtin.debug:
    msg: >-
      {{ query('tenantops.migration.app_permissions', 'align_accounts', tenant=hostvars.contoso,
      extras=true) }}

- name: Tell what plans need, if others apply them
  ansible.builtin.debug:
    msg: "{{ query('tenantops.migration.app_permissions', course, dry_run=true, course=course) }}"
  vars:
    course: take_over_domain
"""

RETURN = r"""
_raw:
  description: The names of the permissions, sorted.
  type: list
  elements: str
  sample:
    - Policy.ReadWrite.AuthenticationMethod
    - User.Read.All
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ..plugin_utils._permissions.compiling import least, uses_of
from ..plugin_utils._permissions.files import CollectionFiles, UnknownName
from ..plugin_utils._permissions.needs import System


class LookupModule(LookupBase):
    """Compiles the permissions for the names it is given."""

    def run(
        self, terms: list[str], variables: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> list[str]:
        """See the documentation. Raises `AnsibleLookupError` for a name that nothing has."""
        plugin: Any = self
        plugin.set_options(var_options=variables, direct=kwargs)
        if not terms:
            raise AnsibleLookupError(
                "Name the playbooks, roles or modules whose permissions are wanted."
            )
        files = CollectionFiles()
        try:
            steps = [
                step
                for term in terms
                for step in files.steps_of(str(term), plugin.get_option("course"))
            ]
        except UnknownName as error:
            raise AnsibleLookupError(str(error)) from error
        uses = [
            use
            for use in uses_of(
                steps, files.modules(step.module for step in steps), plugin.get_option("tenant")
            )
            if not (use.need.only_in_run and plugin.get_option("dry_run"))
        ]
        rights = least(uses, System.GRAPH)
        return [right.name for right in rights if plugin.get_option("extras") or not right.is_extra]
