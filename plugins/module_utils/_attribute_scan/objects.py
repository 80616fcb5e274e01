# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects as the rules see them, from the values as they came.

Pure. Private to the collection: it can change in any release.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from .._attribute_rules.attributes import ADDRESS_LIST_FIELDS, JUDGED
from .._attribute_rules.model import DirectoryObject, ObjectClass
from .._ldap.wire.entries import Attributes
from . import skips

GUID = b"objectGUID"
OBJECT_CLASS = b"objectClass"
# What a scan asks the server for.
READ = tuple(
    dict.fromkeys((*JUDGED, *ADDRESS_LIST_FIELDS, *skips.ATTRIBUTES, "objectGUID", "objectClass"))
)
_JUDGED = {name.encode("ascii"): name for name in JUDGED}
# What must be decoded to judge an object; the rest is only counted.
DECODED = frozenset(
    name.encode("ascii") for name in (*JUDGED, *skips.ATTRIBUTES, "objectGUID", "objectClass")
)
_RANGE = b";range="
_LENGTH_OF_GUID = 16


def kind_of(classes: Sequence[bytes]) -> ObjectClass | None:
    """Which kind of object sync takes this for; null for computers and everything else."""
    names = {name.lower() for name in classes}
    if b"computer" in names:
        return None
    if b"user" in names or b"inetorgperson" in names:
        return ObjectClass.USER
    if b"group" in names:
        return ObjectClass.GROUP
    return ObjectClass.CONTACT if b"contact" in names else None


def guid_of(attributes: Attributes) -> str | None:
    """The objectGUID as lower-case text ([MS-DTYP] 2.3.4.2); null if there is none to be seen."""
    values = attributes.get(GUID)
    if not values or len(values[0]) != _LENGTH_OF_GUID:
        return None
    return str(uuid.UUID(bytes_le=values[0]))


def is_ranged(attributes: Attributes) -> bool:
    """Whether an attribute came in part, having too many values ([MS-ADTS] 3.1.1.3.1.3.3)."""
    return any(_RANGE in name for name in attributes)


def object_of(
    dn: bytes,
    kind: ObjectClass,
    attributes: Attributes,
    domain: str,
    all_values: Mapping[str, Sequence[bytes]] | None = None,
) -> DirectoryObject:
    """The object, decoded; `all_values` are those of attributes that came in part only."""
    values: dict[str, tuple[str, ...]] = {}
    undecodable: dict[str, tuple[bytes, ...]] = {}
    read: dict[str, Sequence[bytes]] = {
        _JUDGED[name]: raw for name, raw in attributes.items() if name in _JUDGED
    }
    for name, raw in {**read, **(all_values or {})}.items():
        texts, broken = _decoded(raw)
        if texts:
            values[name] = texts
        if broken:
            undecodable[name] = broken
    return DirectoryObject(
        guid=guid_of(attributes) or "",
        dn=dn.decode("utf-8", "backslashreplace"),
        object_class=kind,
        domain=domain,
        values=values,
        undecodable=undecodable,
    )


def _decoded(raw: Sequence[bytes]) -> tuple[tuple[str, ...], tuple[bytes, ...]]:
    texts: list[str] = []
    broken: list[bytes] = []
    for value in raw:
        try:
            texts.append(value.decode("utf-8"))
        except UnicodeDecodeError:
            broken.append(value)
    return tuple(texts), tuple(broken)
