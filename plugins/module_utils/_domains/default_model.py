# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which domain of a tenant is its default one. Pure: no I/O and no Ansible.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from .._changes.converge import Proposal
from .._changes.model import Action, Change, System
from .._errors import InvalidInput

RESOURCE = "default_domain"
IS_DEFAULT = "isDefault"


@dataclass(frozen=True)
class DefaultDomain:
    """The domain that a tenant's new users are given."""

    tenant_id: str
    name: str


def propose_default(state: DefaultDomain, wanted: str) -> Proposal:
    """Make `wanted` the default domain, which the one before then is no more."""
    if state.name == wanted:
        return Proposal((), scope=1)
    change = Change(
        system=System.ENTRA,
        resource=RESOURCE,
        id=state.tenant_id,
        name="Default domain",
        property=IS_DEFAULT,
        action=Action.REPLACE,
        before=state.name,
        after=wanted,
    )
    return Proposal((change,), scope=1)


def default_after(state: DefaultDomain, changes: Iterable[Change]) -> DefaultDomain:
    """The default domain as the changes leave it."""
    for change in changes:
        if not isinstance(change.after, str):
            raise InvalidInput("This is not the name of a domain", subject=str(change.after))
        state = replace(state, name=change.after)
    return state


def is_given_up(tenant_id: str, name: str, changes: Iterable[Change]) -> bool:
    """Whether by the changes of a tenant `name` is the default domain no more."""
    return any(
        (change.resource, change.id, change.before) == (RESOURCE, tenant_id, name)
        for change in changes
    )
