# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a request takes of the quota. Pure.

Source: Microsoft Graph service-specific throttling limits, "Identity and access service limits".
Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from .quota import Cost

_VERSION = "v1.0"
_READ = "GET"
_ANY = "*"
# Others cost 1. What is said there of me is true of every user.
_UNITS_OF_READS = {
    ("contracts",): 3,
    ("domains", _ANY, "domainnamereferences"): 4,
    ("groups", _ANY, "members"): 3,
    ("groups", _ANY, "transitivemembers"): 5,
    ("oauth2permissiongrants",): 2,
    ("oauth2permissiongrants", _ANY): 2,
    ("serviceprincipals", _ANY, "approleassignments"): 2,
    ("subscribedskus",): 3,
    ("users",): 2,
    ("users", _ANY, "licensedetails"): 2,
    ("users", _ANY, "memberof"): 2,
    ("users", _ANY, "ownedobjects"): 2,
    ("users", _ANY, "transitivememberof"): 2,
}
# Questions that are sent as a body change nothing.
_UNITS_OF_QUESTIONS = {
    ("directoryobjects", "getbyids"): 3,
    ("users", _ANY, "checkmembergroups"): 4,
    ("users", _ANY, "checkmemberobjects"): 4,
    ("users", _ANY, "getmembergroups"): 2,
    ("users", _ANY, "getmemberobjects"): 2,
}
# These services have limits of their own, and are paced by those who use them.
_OTHER_SERVICES = frozenset({"identity", "invitations"})
_SMALL_PAGE = 20


def cost_of(method: str, url: str) -> Cost:
    """What a request costs; `url` is whole, or below the version as in a batch."""
    parts = urlsplit(url)
    path = tuple(part.lower() for part in parts.path.split("/") if part)
    if path and path[0] == _VERSION:
        path = path[1:]
    if method != _READ:
        units = _listed(_UNITS_OF_QUESTIONS, path)
        if units is not None:
            return Cost(units)
        is_other = bool(path) and path[0] in _OTHER_SERVICES
        return Cost(1.0, 0.0 if is_other else 1.0)
    units = _listed(_UNITS_OF_READS, path) or 1.0
    return Cost(max(1.0, units + sum(_by_options(parts.query))))


def _by_options(query: str) -> Iterator[float]:
    options = {name.lower().lstrip("$"): value for name, value in parse_qsl(query)}
    if "select" in options:
        yield -1.0
    if "expand" in options:
        yield 1.0
    top = options.get("top", "")
    if top.isdecimal() and int(top) < _SMALL_PAGE:
        yield -1.0


def _listed(costs: dict[tuple[str, ...], int], path: tuple[str, ...]) -> float | None:
    for pattern, units in costs.items():
        if len(pattern) == len(path) and all(
            wanted in (_ANY, part) for wanted, part in zip(pattern, path, strict=True)
        ):
            return float(units)
    return None
