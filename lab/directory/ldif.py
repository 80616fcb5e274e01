# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes LDIF (RFC 2849)."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Value = str | bytes
Attributes = Mapping[str, Sequence[Value]]


@dataclass(frozen=True)
class Entry:
    """An object to be added."""

    dn: str
    attributes: Attributes


@dataclass(frozen=True)
class Modification:
    """A change of an object; replaced attributes lose what they held."""

    dn: str
    add: Attributes = field(default_factory=dict)
    replace: Attributes = field(default_factory=dict)


def write_ldif(records: Iterable[Entry | Modification]) -> str:
    """Return the records as LDIF change records."""
    return "\n".join("\n".join(_lines(record)) + "\n" for record in records)


def write_entries(entries: Iterable[Entry]) -> str:
    """Return the entries as LDIF content, for programs that load whole directories."""
    return "\n".join(map(write_entry, entries))


def write_entry(entry: Entry) -> str:
    """Return one entry as LDIF content, without the empty line between it and the next."""
    return "\n".join([_line("dn", entry.dn), *_value_lines(entry.attributes)]) + "\n"


def escape_rdn_value(value: str) -> str:
    """Escape a value for use in a DN (RFC 4514, section 2.4)."""
    escaped = "".join(map(_escape, value))
    if escaped.startswith((" ", "#")):
        escaped = f"\\{escaped}"
    return f"{escaped[:-1]}\\ " if escaped.endswith(" ") else escaped


def _escape(character: str) -> str:
    if character in ',+"\\<>;=':
        return f"\\{character}"
    return f"\\{ord(character):02X}" if character < " " else character


def _lines(record: Entry | Modification) -> Iterable[str]:
    yield _line("dn", record.dn)
    if isinstance(record, Entry):
        yield "changetype: add"
        yield from _value_lines(record.attributes)
        return
    yield "changetype: modify"
    for operation, attributes in (("add", record.add), ("replace", record.replace)):
        for name, values in attributes.items():
            yield f"{operation}: {name}"
            yield from _value_lines({name: values})
            yield "-"


def _value_lines(attributes: Attributes) -> Iterable[str]:
    for name, values in attributes.items():
        yield from (_line(name, value) for value in values)


def _line(name: str, value: Value) -> str:
    if not value:
        return f"{name}:"
    if isinstance(value, str) and _is_safe(value):
        return f"{name}: {value}"
    data = value.encode() if isinstance(value, str) else value
    return f"{name}:: {base64.b64encode(data).decode('ascii')}"


def _is_safe(value: str) -> bool:
    """Tell whether the value may stand as it is: printable ASCII without misleading edges."""
    return (
        value.isascii()
        and value.isprintable()
        and value[0] not in " :<"
        and not value.endswith(" ")
    )
