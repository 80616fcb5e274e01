# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ways to write much to a tenant: what each finds there, and the playbook that has them all."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..lab.truth import Truth

# What the cloud takes to make thousands of people, in seconds
_MAKING = 120
_BATCH = 20
_OLD, _NEW = "STANDARDPACK", "ENTERPRISEPACK"

# Each thing that is to be written, as the playbook has it
Wanted: TypeAlias = Sequence[Any]


@dataclass(frozen=True)
class Way(ABC):
    """One way to write `writes` things, each once.

    `terminals` is how many ansible-playbook run it at a time, each on as many `hosts`, which are
    workers of it. All of them work as one app in one tenant.
    """

    name: str
    title: str
    writes: int
    tag: str
    hosts: int = 1
    terminals: int = 1
    is_ours: bool = True

    @property
    def plays(self) -> Sequence[Sequence[str]]:
        """The hosts of each terminal, which are names and no more."""
        return [
            [f"host-{terminal}-{host}" for host in range(self.hosts)]
            for terminal in range(self.terminals)
        ]

    @property
    @abstractmethod
    def tenant(self) -> str:
        """The tenant in which it is done, by the lab's name."""

    @abstractmethod
    def prepare(self, truth: Truth) -> Wanted:
        """Make who is to be written, and tell what the playbook is to be given."""


class Accounts(Way):
    """Users of the tenant are written."""

    tenant = "fincher"

    def crowd(self, truth: Truth, **crowd: Any) -> Sequence[str]:
        """Let there be so many users more, and seats enough; returns the ids of these users."""
        before = set(self._ids(truth))
        skus = [{"part_number": sku, "enabled": self.writes + 20} for sku in (_OLD, _NEW)]
        order = {"skus": skus, "crowd": {"count": self.writes, **crowd}}
        truth.cloud("POST", f"/accounts/{self.tenant}", order, timeout=_MAKING)
        return [identity for identity in self._ids(truth) if identity not in before]

    def _ids(self, truth: Truth) -> Sequence[str]:
        told = truth.cloud("GET", f"/accounts/{self.tenant}", timeout=_MAKING)["users"]
        return [user["id"] for user in told]


class Licenses(Accounts):
    """One licence is swapped for another one."""

    def prepare(self, truth: Truth) -> Wanted:
        """Users by their ids."""
        return self.crowd(truth, licenses={_OLD: 1})


class LicensesOneByOne(Licenses):
    """The same as requests: whose licences, and what is to be sent."""

    def prepare(self, truth: Truth) -> Wanted:
        """See `Way`."""
        identities = super().prepare(truth)
        tenant = truth.cloud("GET", "/state")["tenants"][self.tenant]
        ids = {sku["part_number"]: sku["id"] for sku in tenant["skus"]}
        body = {
            "addLicenses": [{"skuId": ids[_NEW], "disabledPlans": []}],
            "removeLicenses": [ids[_OLD]],
        }
        return [{"id": identity, "body": body} for identity in identities]


class LicensesInBatches(LicensesOneByOne):
    """The same as a `$batch` has them."""

    def prepare(self, truth: Truth) -> Wanted:
        """See `Way`."""
        requests = [
            {
                "id": each["id"],
                "method": "POST",
                "url": f"/users/{each['id']}/assignLicense",
                "headers": {"Content-Type": "application/json"},
                "body": each["body"],
            }
            for each in super().prepare(truth)
        ]
        return [requests[first : first + _BATCH] for first in range(0, len(requests), _BATCH)]


class Names(Accounts):
    """Everybody gets the own address as the name to sign in with."""

    def prepare(self, truth: Truth) -> Wanted:
        """Users by their ids."""
        return self.crowd(truth, mail_domain=f"{self.tenant}.test")


class NewAccounts(Accounts):
    """Accounts are made."""

    def prepare(self, truth: Truth) -> Wanted:
        """Their names; there is nobody yet."""
        domain = f"{self.tenant}.onmicrosoft.com"
        return [
            {"user_principal_name": f"person{number}@{domain}"} for number in range(self.writes)
        ]


PLAYBOOK = """\
- hosts: all
  gather_facts: false
  module_defaults:
    group/tenantops.migration.entra:
      entra_tenant_id: "{{ tenant_id }}"
      entra_client_id: "{{ client_id }}"
      entra_client_secret: "{{ client_secret }}"
      entra_graph_url: "{{ graph_url }}"
      entra_authority: "{{ authority }}"
      entra_ca_path: "{{ ca_path }}"
      entra_quota:
        folder: "{{ quota_folder }}"
    group/tenantops.migration.changes:
      journal: "{{ journal }}"
      tenant: "{{ inventory_hostname }}"
      run: quotas
  vars:
    mine: "{{ wanted[workers.index(inventory_hostname)::workers | length] }}"
  tasks:
    - ansible.builtin.uri:
        url: "{{ authority }}/{{ tenant_id }}/oauth2/v2.0/token"
        method: POST
        body_format: form-urlencoded
        body:
          grant_type: client_credentials
          client_id: "{{ client_id }}"
          client_secret: "{{ client_secret }}"
          scope: "{{ graph_url }}/.default"
        ca_path: "{{ ca_path }}"
      register: signed_in
      tags: [loop, batches]
    - ansible.builtin.uri:
        url: "{{ graph_url }}/v1.0/users/{{ item.id }}/assignLicense"
        method: POST
        headers:
          Authorization: "Bearer {{ signed_in.json.access_token }}"
        body_format: json
        body: "{{ item.body }}"
        ca_path: "{{ ca_path }}"
      loop: "{{ wanted }}"
      loop_control:
        label: "{{ item.id }}"
      tags: loop
    - ansible.builtin.uri:
        url: "{{ graph_url }}/v1.0/$batch"
        method: POST
        headers:
          Authorization: "Bearer {{ signed_in.json.access_token }}"
        body_format: json
        body:
          requests: "{{ item }}"
        ca_path: "{{ ca_path }}"
      loop: "{{ wanted }}"
      loop_control:
        label: 20 users
      tags: batches
    # The lab makes changes known at once, so nothing has to settle.
    - tenantops.migration.entra_license:
        ids: "{{ mine }}"
        licenses:
          - sku: STANDARDPACK
            state: absent
          - sku: ENTERPRISEPACK
        settle_time: 0
      tags: licenses
    - tenantops.migration.entra_user_upn:
        source: mail
        ids: "{{ mine }}"
        settle_time: 0
      tags: names
    - tenantops.migration.entra_user:
        users: "{{ mine }}"
        passwords_file: "{{ passwords_file }}"
        settle_time: 0
      tags: accounts
"""
