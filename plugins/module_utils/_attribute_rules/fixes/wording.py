# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a text becomes one that the rules allow, without a letter lost.

Pure: no I/O, no Ansible. Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from ..._libraries import library
from ..checks.characters import CONTROL, INVISIBLE, UNSEEN, VISIBLE
from ..transliteration import Transliteration
from .needs_person import NeedsPerson

with library("idna"):
    import idna

_LINE_ENDS_AND_TABS = re.compile(r"\s*[\t-\r\x1c-\x1f\x85]\s*")
_JOINERS = "\u200c\u200d"
_AROUND_JOINTS = re.compile(r"\s*([-_.])\s*")
_DOTS = re.compile(r"\.{2,}")
_IN_BRACKETS = re.compile(r"(?P<name>[^<>@]*)<(?P<address>[^<>@]+@[^<>@]+)>")


def readable_name(text: str) -> str:
    """A name without control characters, without what has no width, and without spaces at its ends;
    tabs and line ends become a space. Between the words everything else stays as it is."""
    spaced = CONTROL.sub("", _LINE_ENDS_AND_TABS.sub(" ", text))
    return "".join(
        character
        for position, character in enumerate(spaced)
        if not INVISIBLE.match(character) or _is_spelling(spaced, position)
    ).strip()


def visible(text: str) -> str:
    """An address or nickname without what cannot be seen in it, tabs and line ends included; other
    white space is one space where it was, and none at the ends."""
    return " ".join(UNSEEN.sub("", text).split())


def trimmed(text: str) -> str:
    """The text without spaces and what cannot be seen at its ends."""
    first, last = VISIBLE.search(text), VISIBLE.search(text[::-1])
    return text[first.start() : len(text) - last.start()] if first and last else ""


def local_part(text: str, allowed: Collection[str], transliteration: Transliteration) -> str:
    """What may stand before the @ (or be a nickname), for what stands there now.

    Letters are transliterated; white space between words becomes a dot; what is then not in
    `allowed` is left out, which is no letter; dots stand only between other characters. Raises
    `NeedsPerson`.
    """
    romanised = transliteration.romanise(visible(text))
    if romanised.unreadable:
        raise NeedsPerson(
            f"Nothing is known to write for {' '.join(romanised.unreadable)}: say what in"
            " transliteration_characters, or write the whole value by hand."
        )
    dotted = ".".join(_AROUND_JOINTS.sub(r"\1", romanised.text).split())
    kept = "".join(character for character in dotted if character in allowed)
    tidy = _DOTS.sub(".", kept).strip(".")
    if not any(map(str.isalnum, tidy)):
        raise NeedsPerson("Without the characters that are not allowed no name would be left.")
    return tidy


def bare_address(text: str, names: Collection[str]) -> str:
    """The address in ``Jane Doe <jane@contoso.com>``, if Jane Doe is among `names`, the keys of
    what else the object is called; any other text just without what cannot be seen at its ends.

    Raises `NeedsPerson` if the name would be lost.
    """
    seen = trimmed(text)
    match = _IN_BRACKETS.fullmatch(seen)
    if not match:
        return seen
    name = name_key(match["name"])
    if name and name not in names:
        raise NeedsPerson(
            f"The object is nowhere else called {match['name'].strip()}, which would be lost."
        )
    return trimmed(match["address"])


def name_key(text: str) -> str:
    """Equal for two spellings of a name that differ in case and punctuation only."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def _is_spelling(text: str, position: int) -> bool:
    """Whether this is a joiner that the script needs here (RFC 5892 appendices A.1 and A.2)."""
    try:
        return text[position] in _JOINERS and idna.valid_contextj(text, position)
    except ValueError:
        # A neighbour that this Unicode version does not know
        return False
