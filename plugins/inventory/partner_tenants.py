# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: partner_tenants
short_description: The tenants that a partner works for, one host each
version_added: 1.5.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Asks the tenant of a Microsoft partner, by Microsoft Graph, for whom it works, by contracts and
    by delegated administration (GDAP). Each customer is one host, however many of these tell of it.
  - A host has the customer's tenant id as C(tenant_entra_tenant_id), which all playbooks of this
    collection take. Where its directory and its DNS are comes from C(host_vars) and C(group_vars),
    which Ansible joins with it by the host's name.
  - It also has C(partner_display_name), C(partner_default_domain), C(partner_contract_types),
    C(partner_sources) and, with O(relationships), C(partner_relationship_statuses). What Graph does
    not tell is not set. These texts are written by customers, and are never taken for templates.
  - Nothing is changed in any tenant, and no secret becomes a variable or part of the cache.
  - All pages are read before the first host is made. What cannot be read or is not understood ends
    the program, so that half a list is never taken for a whole one; see O(on_failure).
  - An option that is a text can be a template, such as a lookup, and can be encrypted by
    C(ansible-vault).
  - The file is any C(.yml) or C(.yaml) that says C(plugin), or one whose name ends with
    C(partner_tenants.yml) if all of it is encrypted.
requirements:
  - python >= 3.11
  - msgraph-sdk
  - azure-identity
notes:
  - "The app needs these Graph permissions in the partner's tenant: for contracts
    C(Directory.Read.All), for delegated administration C(DelegatedAdminRelationship.Read.All)."
  - Contracts know nothing of delegated administration, and the names in them are those of when they
    were made.
  - With O(cache), what was told is kept for C(cache_timeout) and by whatever C(cache_plugin) says,
    as long as the same tenant is asked for the same. It is never taken when it is too old, also
    when Graph cannot be reached. C(--flush-cache) and C(meta) C(refresh_inventory) ask again.
extends_documentation_fragment:
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
  - tenantops.migration.fleet_inventory
  - tenantops.migration.entra
options:
  sources:
    description:
      - What tells of customers.
      - The cloud V(china) has no delegated administration.
    type: list
    elements: str
    choices:
      - delegated_admin_customers
      - contracts
    default:
      - delegated_admin_customers
      - contracts
  name_from:
    description:
      - What a host is named after, the first of these that the customer has, and else its tenant
        id.
      - V(default_domain) is the domain of the contract, without C(.onmicrosoft.com).
      - V(display_name) is what the customer calls itself, which can change.
      - V(tenant_id) never changes.
      - Names are made of lower-case letters without accents, digits, dots and dashes. If several
        customers would have the same name, each has the first part of its tenant id behind it, and
        a warning tells so.
    type: list
    elements: str
    choices:
      - default_domain
      - display_name
      - tenant_id
    default:
      - default_domain
      - display_name
  host_names:
    description:
      - Names of your own, by tenant id. Journals, plans and approvals know a tenant by its name, so
        give each tenant that is worked on a name that stays.
    type: dict
    default: {}
  relationships:
    description: Whether to ask for the relationships of delegated administration too, of which
      hosts then tell the statuses.
    type: bool
    default: false
  only:
    description:
      - Only customers that fit each of these filters. A filter is a list of patterns as those of a
        shell, in any case, of which one has to fit.
      - An empty list fits nobody.
    type: dict
    suboptions:
      tenant_ids:
        description: Tenant ids. A warning tells those that no customer has.
        type: list
        elements: str
      domains:
        description: The default domain of the contract.
        type: list
        elements: str
      display_names:
        description: What the customer calls itself.
        type: list
        elements: str
      contract_types:
        description: The type of a contract, such as V(ResellerPartner) or V(BreadthPartner).
        type: list
        elements: str
      relationship_statuses:
        description: The status of a relationship of delegated administration, such as V(active) or
          V(expiring). Asks for the relationships.
        type: list
        elements: str
  never:
    description: Leaves out customers that fit any of these filters, which are those of O(only).
    type: dict
    suboptions:
      tenant_ids:
        description: Tenant ids.
        type: list
        elements: str
      domains:
        description: The default domain of the contract.
        type: list
        elements: str
      display_names:
        description: What the customer calls itself.
        type: list
        elements: str
      contract_types:
        description: The type of a contract, such as V(ResellerPartner) or V(BreadthPartner).
        type: list
        elements: str
      relationship_statuses:
        description: The status of a relationship of delegated administration, such as V(active) or
          V(expiring).
        type: list
        elements: str
"""

EXAMPLES = r"""
# customers.yml: the client secret is in the environment, as AZURE_CLIENT_SECRET
plugin: tenantops.migration.partner_tenants
entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21

---
# resold.yml: only those with an active relationship, in groups by contract, kept for an hour
plugin: tenantops.migration.partner_tenants
entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
entra_auth: client_certificate
entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
entra_certificate_path: /run/secrets/partner.pem
relationships: true
only:
  relationship_statuses: [active, expiring]
never:
  display_names: ["*test*"]
host_names:
  5b8e1d3c-7f42-4a90-8c16-2d9b0e4f6a71: contoso
strict: true
keyed_groups:
  - key: partner_contract_types
    prefix: contract
groups:
  swedish: partner_default_domain is defined and partner_default_domain.endswith('.se')
compose:
  customer_label: partner_display_name | default(inventory_hostname)
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/tenantops
cache_timeout: 3600
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from ansible.errors import AnsibleError
from ansible.plugins.inventory import Cacheable

from ..module_utils._doors.arguments import Arguments
from ..plugin_utils._fleet_inventory.model import Found
from ..plugin_utils._fleet_inventory.plugin import TenantInventory
from ..plugin_utils._partner_tenants.arguments import ARGUMENTS
from ..plugin_utils._partner_tenants.model import Listed
from ..plugin_utils._partner_tenants.remembered import recalled, remembered
from ..plugin_utils._partner_tenants.runner import ask, asked, find


class InventoryModule(TenantInventory, Cacheable):
    """Ansible's entry point."""

    NAME = "tenantops.migration.partner_tenants"
    ARGUMENTS: ClassVar[Arguments] = ARGUMENTS

    def _find(self, parameters: Mapping[str, Any], path: str, *, may_remember: bool) -> Found:
        return find(parameters, self._listed(parameters, path, may_remember))

    def _listed(self, parameters: Mapping[str, Any], path: str, may_remember: bool) -> Listed:
        ansible: Any = self  # whose own methods have no types
        if not ansible.get_option("cache"):
            return ask(parameters)
        key, question = self.get_cache_key(path), asked(parameters)
        if may_remember:
            known = recalled(self._kept(key), question)
            if known is not None:
                self.display.vv(f"{path}: the customers are those of the cache")
                return known
        listed = ask(parameters)
        # Ansible writes it when all of the file has been understood.
        self._cache[key] = remembered(listed, question)
        return listed

    def _kept(self, key: str) -> object:
        try:
            return self._cache[key]
        except KeyError:
            return None
        except AnsibleError as error:
            self.display.warning(f"What the inventory's cache holds cannot be read: {error}")
            return None
