# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TXT strings as a master file has them (RFC 1035 section 5.1), both ways without loss. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .._errors import InvalidInput

# RFC 1035 section 3.3: a character string has one byte for its length.
LONGEST_STRING = 255

_QUOTED = r'"(?:[^"\\]|\\[0-9]{3}|\\[^0-9])*"'
_STRINGS = re.compile(rf"{_QUOTED}(?: {_QUOTED})*")
_PIECE = re.compile(r"\\(?P<decimal>[0-9]{3})|\\(?P<escaped>[^0-9])|(?P<plain>[^\\]+)", re.DOTALL)


def written(strings: Sequence[bytes]) -> str:
    """Quoted strings with one space between. What is printable UTF-8 stands as it is, a quote or
    backslash after a backslash, every other byte as \\DDD."""
    return " ".join(f'"{_escaped(string)}"' for string in strings)


def parsed(text: str) -> tuple[bytes, ...]:
    """Read what `written` wrote. Raises `InvalidInput` for anything else."""
    if not _STRINGS.fullmatch(text):
        raise InvalidInput(
            "This is not a TXT value in its master-file form",
            subject=text,
            advice='It looks like "v=spf1 -all", with quotes.',
        )
    strings = tuple(_unescaped(quoted[1:-1]) for quoted in re.findall(_QUOTED, text))
    if any(len(string) > LONGEST_STRING for string in strings):
        raise InvalidInput("A string of a TXT value has more than 255 bytes", subject=text)
    return strings


def _escaped(string: bytes) -> str:
    # Bytes that are no UTF-8 come out as lone surrogates, one for each.
    return "".join(map(_escaped_character, string.decode("utf-8", "surrogateescape")))


def _escaped_character(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    raw = character.encode("utf-8", "surrogateescape")
    return "".join(f"\\{byte:03d}" for byte in raw)


def _unescaped(text: str) -> bytes:
    parts: list[bytes] = []
    for piece in _PIECE.finditer(text):
        if piece["decimal"] is None:
            parts.append((piece["escaped"] or piece["plain"]).encode("utf-8"))
        elif int(piece["decimal"]) > 255:
            raise InvalidInput(f"\\{piece['decimal']} is not a byte", subject=text)
        else:
            parts.append(bytes([int(piece["decimal"])]))
    return b"".join(parts)
