# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In which order and in which waves tenants have their turn. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .._errors import InvalidInput

_SEPARATORS = re.compile(r"[,\s]+")
_AMOUNT = re.compile(r"([0-9]+)(%?)")


@dataclass(frozen=True)
class Amount:
    """A number of tenants, or of hundredths of all of them."""

    number: int
    is_percentage: bool = False

    @classmethod
    def parse(cls, told: object, name: str) -> Amount:
        """Read `5`, `"5"` or `"20%"`. Raises `InvalidInput`, which calls it `name`."""
        found = _AMOUNT.fullmatch(str(told).strip())
        if isinstance(told, bool) or found is None or (found[2] and int(found[1]) > 100):
            raise InvalidInput(
                f"{name} is neither a number of tenants nor a percentage: {told!r}",
                advice="Give a whole number such as 5, or a percentage such as 20%.",
            )
        return cls(int(found[1]), bool(found[2]))

    def of(self, total: int) -> int:
        """How many tenants that is, rounded down."""
        return total * self.number // 100 if self.is_percentage else self.number

    def at_least_one_of(self, total: int) -> int:
        """How many tenants that is, where some are wanted; only 0 is none."""
        return max(1, self.of(total)) if self.number else 0


def in_waves(
    tenants: Collection[str],
    *,
    seed: str = "",
    pilot: object = None,
    sizes: object = None,
    known: Collection[str] | None = None,
) -> list[list[str]]:
    """The tenants in waves, the pilot first; a wave has no empty ones beside it.

    Within and between waves they are in an order drawn from `seed`: each tenant's place comes from
    its name and the seed alone (rendezvous hashing), so that with one tenant more, each wave of a
    fixed size hands at most one tenant on to the next.

    `pilot` is a list of names, or how many tenants; `sizes` lists how many tenants each wave after
    the pilot has, and the last one counts for all that follow. Without it, all others are one wave.
    An amount can be a part of all tenants (`"20%"`), which is rounded down and at least one. Both
    can be text with commas or line ends between, and `None` or an empty text is "not given".

    A pilot that is not among the tenants is left out if it is among `known`, which are all tenants
    there are. Raises `InvalidInput`.
    """
    ordered = sorted(set(tenants), key=lambda tenant: (_place(seed, tenant), tenant))
    first = _pilot(ordered, pilot, known)
    rest = [tenant for tenant in ordered if tenant not in set(first)]
    waves = [first, *_divided(rest, _sizes(sizes, len(ordered)))]
    return [wave for wave in waves if wave]


def _place(seed: str, tenant: str) -> bytes:
    return hashlib.sha256(f"{seed}\0{tenant}".encode()).digest()


def _pilot(ordered: Sequence[str], told: object, known: Collection[str] | None) -> list[str]:
    names = _listed(told)
    if len(names) == 1 and _AMOUNT.fullmatch(str(names[0])) and str(names[0]) not in ordered:
        amount = Amount.parse(names[0], "tenantops_pilot_tenants")
        return list(ordered[: amount.at_least_one_of(len(ordered))])
    wanted = {str(name) for name in names}
    unknown = sorted(wanted - set(ordered) - set(known or ()))
    if unknown:
        raise InvalidInput(
            f"tenantops_pilot_tenants names tenants that are not in the inventory: "
            f"{', '.join(unknown)}",
            advice="Correct the names; a name that is only mistyped would leave no pilot.",
        )
    return [tenant for tenant in ordered if tenant in wanted]


def _sizes(told: object, total: int) -> list[int]:
    amounts = [Amount.parse(size, "tenantops_wave_sizes") for size in _listed(told)]
    if any(amount.number == 0 for amount in amounts):
        raise InvalidInput(
            "tenantops_wave_sizes has a wave without tenants",
            advice="Leave it out, or give it at least one.",
        )
    return [amount.at_least_one_of(total) for amount in amounts]


def _divided(rest: Sequence[str], sizes: Sequence[int]) -> list[list[str]]:
    waves: list[list[str]] = []
    left = list(rest)
    while left:
        size = sizes[min(len(waves), len(sizes) - 1)] if sizes else len(left)
        waves.append(left[:size])
        left = left[size:]
    return waves


def _listed(told: object) -> list[object]:
    """A list, or the parts of a text, such as a survey's; nothing for what was not given."""
    if told is None:
        return []
    if isinstance(told, (list, tuple)):
        return list(told)
    return [part for part in _SEPARATORS.split(str(told)) if part]
