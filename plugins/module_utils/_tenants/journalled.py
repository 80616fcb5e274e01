# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the changes of a journal are of the tenant that a connection leads to.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Collection

from .._errors import JournalUnusable
from .._graph.client import Graph
from .organization import read_organization


async def check_tenant(graph: Graph, change_ids: Collection[str]) -> None:
    """Raise `JournalUnusable` where changes, whose ids begin with a tenant's, are of another one.

    A journal of another tenant must not pass for one whose users are all gone.
    """
    tenant_ids = {identity.partition(" ")[0] for identity in change_ids}
    if not tenant_ids:
        return
    found = (await read_organization(graph)).tenant_id
    if tenant_ids != {found}:
        raise JournalUnusable(
            "The journal was written for another tenant than the connection leads to",
            server=graph.server,
            subject=f"tenant {found}",
            answer=f"written for tenant {', '.join(sorted(tenant_ids))}",
            advice="Name the tenant in the connection as the run did that is to be undone.",
        )
