# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names from all over the world in the letters that an address may have.

Letters come from anyascii's tables, over them what a language does differently, over that what the
operator says. A letter is read only where one letter stands for one sound: in the Latin, Greek,
Cyrillic, Armenian and Georgian scripts, and kana when the language is Japanese. Scripts that leave
vowels out (Arabic, Hebrew), and those that a name is read from as a whole (kanji), are not guessed
at. No letter is ever dropped: what has no image is named instead.

Pure: no I/O, no Ansible. Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from .._errors import InvalidInput
from .._libraries import library, require
from .kana import KANA, romanise_kana

with library("anyascii"):
    from anyascii import anyascii


class Language(StrEnum):
    """Whose choices are made; `none` makes none, which suits every language not listed."""

    NONE = "none"
    DANISH = "danish"
    FINNISH = "finnish"
    GERMAN = "german"
    JAPANESE = "japanese"
    NORWEGIAN = "norwegian"
    SWEDISH = "swedish"


# Where the sources differ, what people write in e-mail addresses counts. German: DIN 5007-2 and
# ICAO Doc 9303-3. Danish: the spelling before 1948, as Retskrivningsordbogen allows it. Norwegian:
# NS 4129:1995, which Uninett and Språkrådet recommend for e-mail addresses. Swedish and Finnish
# leave out the marks.
_CHOICES: Mapping[Language, Mapping[str, str]] = {
    Language.NONE: {},
    Language.DANISH: {"æ": "ae", "ø": "oe", "å": "aa"},
    Language.FINNISH: {"å": "a", "ä": "a", "ö": "o"},
    Language.GERMAN: {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"},
    Language.JAPANESE: {},
    Language.NORWEGIAN: {"æ": "a", "ø": "o", "å": "a"},
    Language.SWEDISH: {"å": "a", "ä": "a", "ö": "o"},
}
_CHOSEN = frozenset().union(*_CHOICES.values())

_READABLE_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "GEORGIAN")
# What people type for an apostrophe. U+00B4 and U+0060 would decompose into a blank and a mark.
_APOSTROPHES = dict.fromkeys(
    map(ord, "\u00b4`\u2018\u2019\u201b\u2032\u02b9\u02bb\u02bc\u02bd\uff07"), "'"
)
_HALF_WIDTH_KANA = re.compile("[ｦ-ﾟ]+")
_ASCII = re.compile(r"[\x00-\x7f]+")
_IMAGE = re.compile(r"[A-Za-z0-9._'-]+")


@dataclass(frozen=True)
class Romanised:
    """ASCII text; `unreadable` are the characters that have no image, each once.

    Where there are any, `text` lacks them and must not be used.
    """

    text: str
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True)
class Transliteration:
    """Which letters are written for those that are not ASCII.

    `characters` is the operator's own table: from one or more characters (山田), composed (NFC), to
    ASCII letters, digits and ``. _ - '``. The longest match counts. A lower-case key is good for
    capitals too.
    """

    language: Language = Language.NONE
    characters: Mapping[str, str] = field(default_factory=dict, hash=False)

    @classmethod
    def from_options(cls, language: str, characters: Mapping[str, object]) -> Transliteration:
        """Read `transliteration_language` and `transliteration_characters`.

        Raises `InvalidInput`, and `MissingLibrary` where anyascii is not installed.
        """
        require("anyascii")
        try:
            chosen = Language(language)
        except ValueError:
            raise InvalidInput(
                f"transliteration_language: {language!r} is not known",
                advice=f"Choose one of {', '.join(Language)}.",
            ) from None
        return cls(chosen, dict(_checked(key, image) for key, image in characters.items()))

    def romanise(self, text: str) -> Romanised:
        """The text in ASCII. Letters are read, digits and punctuation replaced by their like;
        controls and invisible characters are not for here: they count as unreadable."""
        if text.isascii():
            return Romanised(text)
        composed = unicodedata.normalize("NFC", _HALF_WIDTH_KANA.sub(_full_width, text))
        composed = composed.translate(_APOSTROPHES)
        images: list[str] = []
        unreadable: dict[str, None] = {}
        for start, piece, image in self._read(composed):
            if image is None:
                unreadable[piece] = None
            else:
                is_same = image == piece
                images.append(image if is_same else _cased(image, piece, composed, start))
        return Romanised("".join(images), tuple(unreadable))

    def others_for(self, text: str) -> tuple[Transliteration, ...]:
        """The same for other languages: one for each other way to read the text."""
        letters = sorted(set(unicodedata.normalize("NFC", text.lower())) & _CHOSEN)
        languages = {
            tuple(map(_CHOICES[language].get, letters)): language
            for language in (*Language, self.language)
        }
        return tuple(
            replace(self, language=language)
            for language in languages.values()
            if language is not self.language
        )

    @cached_property
    def _configured(self) -> re.Pattern[str] | None:
        if not self.characters:
            return None
        longest_first = sorted(self.characters, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)

    def _read(self, text: str) -> Iterator[tuple[int, str, str | None]]:
        """Each piece with its position and its image; the image is null if it has none."""
        position = 0
        while position < len(text):
            if self._configured is None and (plain := _ASCII.match(text, position)):
                yield position, plain[0], plain[0]
                position = plain.end()
                continue
            piece, image = self._configured_at(text, position) or self._standard_at(text, position)
            yield position, piece, image
            position += len(piece)

    def _configured_at(self, text: str, position: int) -> tuple[str, str] | None:
        match = self._configured.match(text, position) if self._configured else None
        if not match:
            return None
        piece = match[0]
        image = self.characters.get(piece) or self.characters.get(piece.lower())
        return (piece, image) if image else None

    def _standard_at(self, text: str, position: int) -> tuple[str, str | None]:
        character = text[position]
        if character.isascii():
            return character, character
        if self.language is Language.JAPANESE and (kana := self._kana_at(text, position)):
            return kana, romanise_kana(kana)
        if unicodedata.category(character) == "Mn":
            return character, "" if position and _takes_marks(text[position - 1]) else None
        return character, self._image(character)

    def _kana_at(self, text: str, position: int) -> str | None:
        match = KANA.match(text, position)
        if not match:
            return None
        # A reading that the operator gave begins where it begins, not after the kana before it.
        configured = self._configured and self._configured.search(text, position, match.end())
        return text[position : configured.start()] if configured else match[0]

    def _image(self, character: str) -> str | None:
        image = _CHOICES[self.language].get(character.lower()) or _standard_image(character)
        compatible = unicodedata.normalize("NFKC", character)
        if image or compatible == character:
            return image
        images = [_standard_image(part) for part in compatible]
        return None if None in images else "".join(filter(None, images))


def _checked(characters: str, image: object) -> tuple[str, str]:
    option = f"transliteration_characters: {characters!r}: {image!r}"
    if characters.isascii():
        raise InvalidInput(
            f"{option}: there is nothing to transliterate in {characters!r}",
            advice="Give characters that are not ASCII, such as å: aa.",
        )
    if not isinstance(image, str) or not _IMAGE.fullmatch(image):
        raise InvalidInput(
            f"{option}: {image!r} cannot stand for a letter in an address",
            advice="Give one or more ASCII letters or digits, or . _ - ' among them. Letters are"
            " never left out.",
        )
    return unicodedata.normalize("NFC", characters), image


def _standard_image(character: str) -> str | None:
    """The image of one character in anyascii's tables, as far as they can be relied on."""
    if character.isascii():
        return character
    image = anyascii(character)
    match unicodedata.category(character)[0]:
        case "L" if unicodedata.name(character, "").startswith(_READABLE_SCRIPTS):
            # Armenian and Georgian mark aspiration with an apostrophe that nobody writes.
            letters = image.replace("'", "")
            return letters if letters.isalpha() else None
        case "N":
            return image if image.isalnum() else None
        case "P" | "Z":
            return image or None
    return None


def _full_width(kana: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", kana[0])


def _takes_marks(character: str) -> bool:
    """Whether a mark on it is part of a letter that can be read, or on another such mark."""
    return (
        character.isascii()
        or unicodedata.category(character) == "Mn"
        or unicodedata.name(character, "").startswith(_READABLE_SCRIPTS)
    )


def _cased(image: str, piece: str, text: str, start: int) -> str:
    """The image in the case of what it stands for: Änne is Aenne, and ÄNNE is AENNE."""
    if len(image) < 2 or not piece[0].isupper():
        return image.upper() if piece.isupper() else image
    end = start + len(piece)
    neighbours = text[end : end + 1] if text[end : end + 1].isalpha() else text[:start][-1:]
    return image.upper() if neighbours.isupper() else image[0].upper() + image[1:]
