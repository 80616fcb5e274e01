# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Characters that do not belong in a value, and how to name them.

Every character of an address is in one of these sets, and each set has its own rule: control
characters, invisible ones, spaces, the rest of what is not ASCII, and ASCII. Pure. Private to the
collection: it can change in any release.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator

from ..._libraries import library, require
from .violation import Violation

with library("idna"):
    import idna

# Control characters (Cc), and code points that are not characters: halves of surrogate pairs and
# the noncharacters of each plane (Unicode Standard section 23.7).
_NOT_CHARACTERS = "\ud800-\udfff\ufdd0-\ufdef" + "".join(
    f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17)
)
_CONTROL = f"\x00-\x1f\x7f-\x9f{_NOT_CHARACTERS}"
# Without width (soft hyphen, fillers, joiners, marks of order), turning the direction of writing,
# or tagging. Variation selectors are none of these: they choose between the forms of a kanji.
_JOINERS = "\u200c\u200d"
_INVISIBLE = (
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0001\U000e0020-\U000e007f"
)
SPACES = (
    " \xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + ("\u2028\u2029\u202f\u205f\u3000")
)  # Zs, Zl, Zp

CONTROL = re.compile(f"[{_CONTROL}]")
INVISIBLE = re.compile(f"[{_INVISIBLE}{_JOINERS}]")
SPACE = re.compile(f"[{SPACES}]")
NON_ASCII = re.compile(f"[^\x00-\x7f{_CONTROL}{_INVISIBLE}{_JOINERS}{SPACES}]")
VISIBLE = re.compile(f"[^{_CONTROL}{_INVISIBLE}{_JOINERS}{SPACES}]")
UNSEEN = re.compile(f"[{_CONTROL}{_INVISIBLE}{_JOINERS}]")
# A finding names so many characters; values of megabytes come along, too.
_MOST_NAMED = 5
_MOST_LOOKED_AT = 1000
_MOST_SHOWN = 100


def is_plain(text: str) -> bool:
    """Whether there is nothing to say about the characters of a text. The quick way out."""
    return text.isascii() and text.isprintable() and text[:1] not in ("", " ") and text[-1] != " "


def is_blank(text: str) -> bool:
    """Whether nothing of it can be seen."""
    return not VISIBLE.search(text)


def seen(text: str) -> str:
    """The text without what cannot be seen, and without spaces around it."""
    return text if is_plain(text) else UNSEEN.sub("", text).strip(SPACES)


def length(text: str) -> int:
    """In UTF-16 units, as Active Directory counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def text_violations(attribute: str, value: str) -> Iterator[Violation]:
    """What any text can have that it should not. A blank value is blank and nothing else."""
    if is_plain(value):
        return
    if is_blank(value):
        yield Violation(f"{attribute}.blank", attribute, value, "there is nothing to be seen")
        return
    if detail := _placed(CONTROL.finditer(value)):
        yield Violation(f"{attribute}.control_character", attribute, value, detail)
    if detail := _placed(_invisible(value)):
        yield Violation(f"{attribute}.invisible_character", attribute, value, detail)
    if detail := _edges(UNSEEN.sub("", value)):
        yield Violation(f"{attribute}.edge_whitespace", attribute, value, detail)


def character_violations(
    attribute: str, value: str, text: str, forbidden: re.Pattern[str]
) -> Iterator[Violation]:
    """Spaces, characters of a forbidden set, and letters that are not ASCII, in what of a value has
    been `seen`."""
    if detail := named(SPACE, text):
        yield Violation(f"{attribute}.space", attribute, value, detail)
    if detail := named(forbidden, text):
        yield Violation(f"{attribute}.character", attribute, value, detail)
    if detail := named(NON_ASCII, text):
        yield Violation(f"{attribute}.non_ascii", attribute, value, detail)


def length_violations(attribute: str, value: str, most: int) -> Iterator[Violation]:
    """What is longer than an attribute may be."""
    if 2 * len(value) > most and (units := length(value)) > most:
        detail = f"{units} characters, {most} are allowed"
        yield Violation(f"{attribute}.length", attribute, value, detail)


def named(pattern: re.Pattern[str], text: str) -> str:
    """The distinct characters that a pattern finds; empty for none."""
    return _listed(name(match[0]) for match in pattern.finditer(text))


def name(character: str) -> str:
    """How to speak of a character: by itself if it is ASCII, else by its number and name."""
    if character == " ":
        return "a space"
    if character.isascii() and character.isprintable():
        return character
    parts = [f"U+{ord(character):04X}", unicodedata.name(character, "")]
    if VISIBLE.match(character) and character.isprintable():
        parts.insert(0, character)
    return " ".join(filter(None, parts))


def shown(text: str) -> str:
    """A text to be told in a finding about another value."""
    visible = seen(text)
    return visible if len(visible) <= _MOST_SHOWN else f"{visible[:_MOST_SHOWN]}..."


def _placed(matches: Iterable[re.Match[str]]) -> str:
    """What cannot be seen needs telling where it is; the first character is at 1."""
    return _listed(f"{name(match[0])} at {match.start() + 1}" for match in matches)


def _listed(names: Iterable[str]) -> str:
    distinct: dict[str, None] = {}
    for text in itertools.islice(names, _MOST_LOOKED_AT):
        if len(distinct) == _MOST_NAMED and text not in distinct:
            return ", ".join((*distinct, "and more"))
        distinct[text] = None
    return ", ".join(distinct)


def _edges(text: str) -> str:
    ends = []
    if text[0] in SPACES:
        ends.append(f"{name(text[0])} at the beginning")
    if text[-1] in SPACES:
        ends.append(f"{name(text[-1])} at the end")
    return ", ".join(ends)


def _invisible(value: str) -> Iterator[re.Match[str]]:
    """Joiners are not found where a script needs them, in Persian or Hindi names for instance."""
    for match in INVISIBLE.finditer(value):
        if match[0] not in _JOINERS or not _joins(value, match.start()):
            yield match


def _joins(value: str, position: int) -> bool:
    """RFC 5892 appendices A.1 and A.2."""
    require("idna")
    try:
        return idna.valid_contextj(value, position)
    except ValueError:
        # A neighbour that this version of Unicode does not know
        return False
