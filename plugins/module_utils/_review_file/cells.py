# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

r"""Values as the cells of a spreadsheet, both ways without loss. Pure.

A spreadsheet runs what looks like a formula, turns what looks like a number or a date into one, and
shows nothing of a zero-width space. So

- characters that nobody sees, and spaces at either end, are spelled out as ``\u{200B}``.
  Backslashes in front of one are doubled, and so are those in front of a ``u{200B}`` that is meant
  as it is;
- a cell that would be run or converted gets an apostrophe in front. So does what follows a
  semicolon within a cell, if it would be run: where that is the list separator (as in German and
  Swedish), a spreadsheet splits there (OWASP, "CSV Injection").

An apostrophe that does neither is the value's own. Private to the collection: it can change in any
release.
"""

from __future__ import annotations

import re

from .._unseen_characters import UNSEEN

_CODE = r"u\{([0-9A-Fa-f]{1,6})\}"

# Also what no text file or no spreadsheet format can hold: lone surrogates and non-characters.
_SPELLED_OUT = re.compile(
    rf"(?<!\\)(\\*+)([{UNSEEN}\t\n\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff])"
    rf"|(?<!\\)(\\++)(?={_CODE})"
)
_CODES = re.compile(rf"(?<!\\)(\\++){_CODE}")

_RUN = "=+\\-@＝＋－＠"
# How the names of months begin in the languages of Europe: "mar1" is the first of March to them.
_MONTHS = (
    "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|maj|mai|mei|mär|mrz|mrt|okt|des|dez|fév|avr|"
    "jui|aoû|déc|ene|abr|ago|dic|gen|mag|giu|lug|set|ott|fev|out"
)
# LibreOffice and Excel write these back in capitals, in the language that they run in.
_BOOLEANS = {
    *("true", "false", "wahr", "falsch", "sann", "falskt", "sand", "falsk", "sant", "usann"),
    *("tosi", "epätosi", "vrai", "faux", "verdadero", "falso", "vero", "waar", "onwaar"),
    *("verdadeiro", "prawda", "fałsz"),
}
_LONGEST_BOOLEAN = max(map(len, _BOOLEANS))
_LETTER = r"[^\W\d_]"
_OTHER = r"(?:(?![@\\;=\"])[\W\d_])"
# A number with signs, a unit or an exponent; a time, a fraction or a date, in any notation
_CONVERTED = re.compile(
    rf"(?=\D*+\d){_OTHER}*+(?:(?i:{_MONTHS}){_LETTER}*+|{_LETTER}{{1,2}}+|){_OTHER}*+\Z"
)
_RUN_AS_FORMULA = rf"['\" ]*+[{_RUN}]"
_STARTS_FORMULA = re.compile(_RUN_AS_FORMULA)
_TO_GUARD_BEHIND = re.compile(f"(?<=;)(?={_RUN_AS_FORMULA})")
_GUARD_BEHIND = re.compile(f"(?<=;)'(?={_RUN_AS_FORMULA})")


def written(text: str) -> str:
    """The cell for a value."""
    # Nearly every value is as plain as this, and there can be millions.
    is_plain = text.isascii() and text.isprintable() and "\\u{" not in text
    if not is_plain or text.startswith(" ") or text.endswith(" "):
        text = _spelled_out(text)
    guard = "'" if _is_guarded(text) else ""
    return guard + (_TO_GUARD_BEHIND.sub("'", text) if ";" in text else text)


def parsed(cell: str) -> str:
    """The value of a cell. Raises `ValueError` for a spelled-out character that does not exist."""
    text = cell[1:] if cell.startswith("'") and _is_guarded(cell[1:]) else cell
    if ";" in text:
        text = _GUARD_BEHIND.sub("", text)
    return _CODES.sub(_character, text) if "\\u{" in text else text


def _is_guarded(text: str) -> bool:
    """Whether a spreadsheet would run or convert a text.

    The answer is the same with and without guards in the text, its own one in front included, so
    that none is ever taken away that was not put there.
    """
    if _STARTS_FORMULA.match(text) or _CONVERTED.match(text):
        return True
    word = text.lstrip("'")
    return len(word) <= _LONGEST_BOOLEAN and word.lower() in _BOOLEANS


def _spelled_out(text: str) -> str:
    body = text.strip(" ")
    before = len(text) - len(text.lstrip(" "))
    after = len(text) - before - len(body)
    spelled_out = _SPELLED_OUT.sub(_spell_out, body)
    if after:
        slashes = len(body) - len(body.rstrip("\\"))
        spelled_out += "\\" * slashes + _code(" ") * after
    return _code(" ") * before + spelled_out


def _spell_out(match: re.Match[str]) -> str:
    slashes, unseen, other_slashes = match[1], match[2], match[3]
    return 2 * other_slashes if unseen is None else 2 * slashes + _code(unseen)


def _code(character: str) -> str:
    return f"\\u{{{ord(character):X}}}"


def _character(match: re.Match[str]) -> str:
    doubled, is_code = divmod(len(match[1]), 2)
    if not is_code:
        return "\\" * doubled + match[0].lstrip("\\")
    code = int(match[2], 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise ValueError(f"There is no character {match[0]}")
    return "\\" * doubled + chr(code)
