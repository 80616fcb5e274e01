# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people do in a browser, where no program can: the internal takeover in the admin centre, and
guests who redeem what they were sent."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

from . import all_tenants, cloud_server, domain_states
from .errors import LabError
from .parts import Lab

# The tenants of the lab that begin as somebody's unmanaged tenant.
VIRAL = {state.tenant.name: state for state in domain_states.ALL if state.administrator_text}

# The tenants that guests may come to.
WITH_GUESTS = tuple(tenant.name for tenant in all_tenants.IN_CLOUD)

# Seconds between two clicks of somebody who waits for the TXT record to be seen.
_PAUSE = 1


def text(name: str) -> str:
    """Return the TXT value that the admin centre shows to who wants to become administrator."""
    return str(VIRAL[name].administrator_text)


def verify(lab: Lab, name: str, within: float) -> str:
    """Click Verify until the TXT record is found: the person is administrator from then on.

    :raises LabError: when it is not found within so many seconds.
    """
    end = time.monotonic() + within
    while True:
        try:
            cloud_server.control(
                lab.settings, lab.credentials, "POST", f"/unmanaged/{name}/administrator"
            )
        except LabError:
            if time.monotonic() >= end:
                raise
            time.sleep(_PAUSE)
        else:
            return f"The tenant that had {VIRAL[name].domain} has an administrator."


def remove_domain(lab: Lab, name: str) -> str:
    """Remove the domain from the tenant whose administrator the person has become.

    :raises LabError: when that has not happened yet.
    """
    domain = VIRAL[name].domain
    cloud_server.control(
        lab.settings, lab.credentials, "DELETE", f"/unmanaged/{name}/domains/{domain}"
    )
    return f"{domain} is nobody's now."


def redeem(lab: Lab, name: str, guests: Sequence[str]) -> str:
    """Let guests (by address, id or name; none: all who have not redeemed) follow their link.

    :raises LabError: when one is no guest of the tenant.
    """
    body = {"guests": list(guests) or None}
    path = f"/guests/{name}/redemptions"
    answer = cloud_server.control(lab.settings, lab.credentials, "POST", path, body)
    met = json.loads(answer)["guests"]
    if not met:
        return f"Nobody has anything to redeem in {name}."
    return "\n".join(
        f"{one['address'] or one['id']}: {one['problem'] or one['method']}" for one in met
    )
