# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person is to do to a TXT record set, in words. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .model import RRsetName, TxtRRset, TxtValue


def instructions(name: RRsetName, before: TxtRRset, after: TxtRRset) -> list[str]:
    """The lines that tell how `before` becomes `after`."""
    return list(_lines(name, before, after))


def summary(before: TxtRRset, after: TxtRRset) -> str:
    """The same in one sentence."""
    told = [f"add {value.master_file_form}" for value in sorted(after.values - before.values)]
    told += [f"remove {value.master_file_form}" for value in sorted(before.values - after.values)]
    if _is_other_ttl(before, after):
        told.append(f"set the TTL to {after.ttl} s")
    return f"TXT: {', '.join(told)}"


def _lines(name: RRsetName, before: TxtRRset, after: TxtRRset) -> Iterator[str]:
    zone = name.zone.removesuffix(".")
    yield f"TXT records at {name.name}, in zone {zone}"
    if name.owner == name.zone:
        yield 'The name is that of the zone itself, which many web interfaces call "@".'
    else:
        relative = name.owner.removesuffix(f".{name.zone}")
        yield f'Web interfaces that add the zone by themselves want only "{relative}" as the name.'
    yield from _records("Add", name, sorted(after.values - before.values), after.ttl)
    yield from _records("Remove", name, sorted(before.values - after.values), before.ttl)
    if _is_other_ttl(before, after):
        yield ""
        yield f"Set the TTL of all TXT records of this name to {after.ttl} s (now {before.ttl} s)."
    if before.values & after.values:
        yield ""
        yield "Leave all other TXT records of this name as they are."


def _records(
    what: str, name: RRsetName, values: Iterable[TxtValue], ttl: int | None
) -> Iterator[str]:
    for value in values:
        yield ""
        yield f"{what} this record:"
        yield f"    Name:   {name.name}"
        yield "    Type:   TXT"
        yield f"    TTL:    {ttl}"
        yield f"    Value:  {value.text}"
        yield "  which is, as a line of a zone file:"
        yield f"    {name.owner} {ttl} IN TXT {value.master_file_form}"


def _is_other_ttl(before: TxtRRset, after: TxtRRset) -> bool:
    return None not in (before.ttl, after.ttl) and before.ttl != after.ttl
