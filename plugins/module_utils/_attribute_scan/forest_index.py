# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who holds which address or name, over the whole forest.

A million objects claim three million addresses, so only the hash of each is kept, with the number
of the object that claimed it first. Python's hash of bytes has a random key, and 60 bits of it are
enough: two addresses with the same one are found in one of two hundred thousand forests of that
size, and then the objects themselves are compared, so nothing wrong is ever told. Pure. Private to
the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# One byte before the key keeps the spaces apart.
SPACES: Mapping[str, bytes] = {"address": b"a", "proxy": b"p", "nickname": b"n", "account": b"s"}


# Python keeps a number of up to 60 bits in 32 bytes, a longer one in 48.
_BITS = (1 << 60) - 1


def hashed(claim: bytes) -> int:
    """The hash of a space's byte and a key in UTF-8, the same for the whole run."""
    return hash(claim) & _BITS


def claim_hash(space: str, key: str) -> int:
    """The hash under which a key of a space is held."""
    return hashed(SPACES[space] + key.encode("utf-8", "surrogatepass"))


class ForestIndex:
    """Objects by the hashes of what they claim; objects are numbers of a snapshot."""

    def __init__(self) -> None:
        self._first: dict[int, int] = {}
        self._several: dict[int, list[int]] = {}

    def claim_all(
        self, numbers: Sequence[int], sizes: Sequence[int], hashes: Sequence[int]
    ) -> None:
        """Note what objects claim: `numbers[i]` the next `sizes[i]` of `hashes`."""
        first, position = self._first, 0
        for number, size in zip(numbers, sizes, strict=True):
            for key in hashes[position : position + size]:
                holder = first.setdefault(key, number)
                if holder != number:
                    self._several.setdefault(key, [holder]).append(number)
            position += size

    def holders(self, key: int) -> Sequence[int]:
        """The objects that claim what has this hash, each once, in the order in which they were
        read."""
        several = self._several.get(key)
        if several is not None:
            return list(dict.fromkeys(several))
        first = self._first.get(key)
        return () if first is None else (first,)

    def contested(self) -> set[int]:
        """Every object that claims something that another one claims as well."""
        return {number for numbers in self._several.values() for number in numbers}
