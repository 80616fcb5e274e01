# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names and zones as hosting companies have them. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ..._dns.names import absolute_name
from ..._errors import InvalidInput, ObjectGone
from ..model import RRsetName

# Other characters are escaped in master files; how a company has them is not known.
_PLAIN = re.compile(r"(?:\*\.)?(?:[a-z0-9_-]+\.)+")


def hosted_name(name: str) -> str:
    """A name as `RRsetName` has it. Raises `InvalidInput` for one with unusual characters."""
    absolute = str(absolute_name(name))
    if not _PLAIN.fullmatch(absolute):
        raise InvalidInput(
            "It is not known how DNS hosting companies write this name",
            subject=absolute,
            advice="Names of letters, digits, hyphens and underscores work.",
        )
    return absolute


def zones_above(owner: str) -> list[str]:
    """The zones that a name can be in, the longest first: absolute, of two labels at least."""
    labels = owner.removeprefix("*.").removesuffix(".").split(".")
    return [f"{'.'.join(labels[at:])}." for at in range(max(len(labels) - 1, 1))]


def check_inside(owner: str, zone: str, advice: str) -> None:
    """Raise `InvalidInput` if a name is not in a zone."""
    if owner != zone and not owner.endswith(f".{zone}"):
        raise InvalidInput(f"The name is not in the zone {zone}", subject=owner, advice=advice)


def relative_name(name: RRsetName) -> str:
    """The name without its zone; the zone itself is `@`."""
    return name.owner.removesuffix(name.zone).removesuffix(".") or "@"


def chosen_zone(
    zone_id: str | None,
    owner: str,
    zone: str | None,
    *,
    name_of: Callable[[str], str],
    ids_of: Callable[[str], Sequence[str]],
    server: str,
    is_at: str,
) -> tuple[str, str]:
    """The zone with the id that the operator gives, else the one that is found. See `find_zone`.

    `name_of` asks for the name of the zone with an id.
    """
    if zone_id is None:
        return find_zone(owner, zone, ids_of, server=server, is_at=is_at)
    name = name_of(zone_id)
    check_inside(owner, name, "Check zone_id of dns_provider_settings.")
    return name, zone_id


def find_zone(
    owner: str, zone: str | None, ids_of: Callable[[str], Sequence[str]], *, server: str, is_at: str
) -> tuple[str, str]:
    """The zone that a name is in and its id there, by asking for the ids of zones of a name.

    Raises `ObjectGone` where the account has none, `InvalidInput` where it has more than one.
    `is_at` says where was looked.
    """
    if zone is not None:
        check_inside(owner, zone, "Check name and zone.")
    for candidate in zones_above(owner) if zone is None else [zone]:
        ids = ids_of(candidate)
        if len(ids) == 1:
            return candidate, ids[0]
        if ids:
            raise InvalidInput(
                f"There is more than one zone {candidate}",
                server=server,
                subject=owner,
                answer=", ".join(ids),
                advice="Give the one that is meant as zone_id of dns_provider_settings.",
            )
    raise ObjectGone(
        "No zone was found for the name",
        server=server,
        subject=owner,
        answer=f"no zone {zone or 'at it or above it'} {is_at}",
        advice="Check name and zone, and that the credentials may see the zone. If it is kept "
        "elsewhere, set dns_provider.",
    )
