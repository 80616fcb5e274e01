# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an administrator of the sync server does: lets it sync, now or by the clock."""

from __future__ import annotations

import json
from typing import Any

from . import account_tenants, cloud_server
from .parts import Lab

# The tenants that are synchronised with the directory.
WITH_SYNC = tuple(one.tenant.name for one in account_tenants.ALL if one.office is not None)

_DONE = ("created", "updated", "renamed", "deleted", "restored", "matched_hard", "matched_soft")


def run(lab: Lab, name: str) -> str:
    """Sync a tenant now and tell what came of it.

    :raises LabError: when the cloud or the directory does not answer.
    """
    answer = cloud_server.control(lab.settings, lab.credentials, "POST", f"/sync/{name}")
    return "\n".join(_told(json.loads(answer)))


def set_clock(lab: Lab, name: str, every: float | None) -> str:
    """Let a tenant sync every so many seconds, or (None) on request only.

    :raises LabError: when the cloud does not answer.
    """
    body = {"every": every}
    cloud_server.control(lab.settings, lab.credentials, "PUT", f"/sync/{name}", body)
    return f"{name} syncs " + ("on request." if every is None else f"every {every:g} seconds.")


def _told(report: dict[str, Any]) -> list[str]:
    counts = [f"{len(report[what])} {what.replace('_', ' ')}" for what in _DONE if report[what]]
    lines = [f"{report['read']} people read: {', '.join(counts) or 'nothing to do'}."]
    if report["problem"]:
        lines.append(report["problem"])
    lines += [
        f"{kept['user_principal_name']} is not renamed {kept['wanted']}: {kept['reason']}"
        for kept in report["kept_names"]
    ]
    lines += [
        f"{one['dn']} is refused: {one['attribute']} {one['value']!r}: {one['problem']}"
        for one in report["refused"]
    ]
    return lines
