# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Which users a task is about."""

    DOCUMENTATION = r"""
options:
  ids:
    description:
      - Only users with one of these object ids. They are read one by one, and so are newer than
        Graph's lists; one that is not there is a failure.
    type: list
    elements: str
    default: []
    version_added: 1.4.0
  user_principal_names:
    description:
      - Only users with one of these names to sign in with. They are read one by one, as with
        O(ids).
    type: list
    elements: str
    default: []
    version_added: 1.4.0
  domains:
    description:
      - Only users whose sign-in name or mail address is in one of these domains. Domains below them
        do not count.
    type: list
    elements: str
    default: []
  groups:
    description:
      - Only users who are in one of these groups, directly or through groups in them. A group is
        named by its object id or by its display name, which must be the only one of its kind.
      - "The app needs the permission C(GroupMember.Read.All) for it."
    type: list
    elements: str
    default: []
    version_added: 1.4.0
  departments:
    description:
      - Only users with one of these departments, in any case.
    type: list
    elements: str
    default: []
    version_added: 1.4.0
  licensed_with:
    description:
      - Only users who have one of these products directly, by part number such as
        V(ENTERPRISEPACK) or by SKU id.
    type: list
    elements: str
    default: []
    version_added: 1.4.0
  synced:
    description:
      - Only users who are synchronised from a directory on-premises (V(true)), or only those who
        are not (V(false)).
    type: bool
    version_added: 1.4.0
  licensed:
    description:
      - Only users who have any licence, directly or by a group (V(true)), or only those who have
        none (V(false)).
    type: bool
    version_added: 1.4.0
  account_enabled:
    description:
      - Only users who may sign in (V(true)), or only those who may not (V(false)).
    type: bool
    version_added: 1.4.0
  filter:
    description:
      - Only users whom this condition of Graph (OData C($filter)) lets through. It is answered from
        Graph's index, which may be some minutes behind.
    type: str
    version_added: 1.4.0
"""
