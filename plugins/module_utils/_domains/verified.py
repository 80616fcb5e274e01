# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verified domains of a tenant, as earlier tasks of the same course will leave them. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from .._changes.model import Action, System
from .._changes.planned import PlannedChanges
from .._tenants.organization import Organization
from .model import DOMAIN, IS_VERIFIED, RESOURCE, DomainKey


def verified_domains(organization: Organization, planned: PlannedChanges) -> frozenset[str]:
    """The names of the domains that names to sign in with can end in, in lower case."""
    names = {domain.name.lower() for domain in organization.verified_domains}
    for change in planned.changes:
        if (change.system, change.resource) != (System.ENTRA, RESOURCE):
            continue
        key = DomainKey.from_id(change.id)
        if key.tenant_id != organization.tenant_id:
            continue
        if change.property == IS_VERIFIED and change.after is True:
            names.add(key.name)
        elif change.property == DOMAIN and change.action is Action.DELETE:
            names.discard(key.name)
    return frozenset(names)


def federated_domains(organization: Organization) -> frozenset[str]:
    """Those of them whose users sign in elsewhere, in lower case."""
    return frozenset(
        domain.name.lower()
        for domain in organization.verified_domains
        if domain.kind == "Federated"
    )
