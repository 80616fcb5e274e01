# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How companies write the strings of a TXT value in one text. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ..._errors import InvalidInput
from ..model import TxtValue

_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"|([^\s"\\]+)', re.DOTALL)
_SPACES = re.compile(r"\s*")
_PIECE = re.compile(r"\\(?P<digits>[0-9]{3})|\\(?P<escaped>.)|(?P<plain>[^\\]+)", re.DOTALL)
_LONGEST_STRING = 255


def check_plain(value: TxtValue, company: str) -> None:
    """Raise `InvalidInput` for bytes of which it is not known how a company has them."""
    odd = sorted({byte for byte in value.content if not 32 <= byte < 127 or byte in b'"\\'})
    if odd:
        raise InvalidInput(
            f"It is not documented how {company} keeps some characters of this TXT value",
            subject=value.master_file_form,
            answer="bytes " + ", ".join(f"0x{byte:02x}" for byte in odd[:5]),
            advice="Publish or withdraw it by hand.",
        )


def quoted(value: TxtValue, base: int) -> str:
    """Quoted strings with one space between; unusual bytes as three digits of base 8 or 10."""
    return " ".join(
        '"' + "".join(_escaped(byte, base) for byte in string) + '"' for string in value.strings
    )


def unquoted(text: str, base: int, wrong: Callable[[str], Exception]) -> TxtValue:
    """Read strings with or without quotes. Raises what `wrong` makes of anything else."""
    strings: list[bytes] = []
    at = len(text) - len(text.lstrip())
    while at < len(text):
        found = _STRING.match(text, at)
        if found is None:
            raise wrong(text)
        strings.append(_content(found[1] if found[2] is None else found[2], base, text, wrong))
        spaces = _SPACES.match(text, found.end())
        at = found.end() if spaces is None else spaces.end()
    if not strings or any(len(string) > _LONGEST_STRING for string in strings):
        raise wrong(text)
    return TxtValue(tuple(strings))


def _escaped(byte: int, base: int) -> str:
    if chr(byte) in '"\\':
        return f"\\{chr(byte)}"
    if 32 <= byte < 127:
        return chr(byte)
    return f"\\{byte:03o}" if base == 8 else f"\\{byte:03d}"


def _content(inner: str, base: int, text: str, wrong: Callable[[str], Exception]) -> bytes:
    content = bytearray()
    for piece in _PIECE.finditer(inner):
        if piece["digits"] is None:
            content += (piece["escaped"] or piece["plain"]).encode("utf-8")
            continue
        try:
            content.append(int(piece["digits"], base))
        except ValueError as error:
            raise wrong(text) from error
    return bytes(content)
