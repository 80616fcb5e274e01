# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kana in Latin letters: Hepburn, sign by sign, with long vowels written out.

anyascii reads each kana by itself; here is only what depends on the neighbours (しょ is sho, not
shiyo; っ doubles what follows; ー lengthens what precedes), which no library gets right that needs
no dictionary. Pure. Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re

from .._libraries import library

with library("anyascii"):
    from anyascii import anyascii

KANA = re.compile("[ぁ-ゔァ-ヺー]+")
"""A run of hiragana, katakana and long vowel signs: composed (NFC) and in full width."""

_SMALL_Y = dict(zip("ゃゅょャュョ", ("ya", "yu", "yo") * 2, strict=True))
_SMALL_VOWELS = dict(zip("ぁぃぅぇぉァィゥェォ", "aiueo" * 2, strict=True))
_SYLLABLE = re.compile(
    "(?P<doubling>[っッ]?)(?P<kana>[^っッー{0}])(?P<small>[{0}]?)(?P<lengthening>ー*)".format(
        "".join([*_SMALL_Y, *_SMALL_VOWELS])
    )
)
_VOWELS = "aiueo"


def romanise_kana(kana: str) -> str | None:
    """A run of kana in lower-case Latin letters, null if a sign in it cannot be read there."""
    syllables = list(_SYLLABLE.finditer(kana))
    if sum(len(syllable[0]) for syllable in syllables) != len(kana):
        return None
    images = [_image(*syllable.groups()) for syllable in syllables]
    return None if None in images else "".join(filter(None, images))


def _image(doubling: str, kana: str, small: str, lengthening: str) -> str | None:
    image: str | None = anyascii(kana)
    if image and small:
        image = _with_small(image, small)
    if image and doubling:
        image = _doubled(image)
    if image and lengthening:
        image = image + image[-1] * len(lengthening) if image[-1] in _VOWELS else None
    return image


def _with_small(image: str, small: str) -> str | None:
    """き with ゃ is kya, し with ゃ is sha, テ with ィ is ti, ウ with ィ is wi."""
    onset, vowel = image[:-1], image[-1]
    if small in _SMALL_Y:
        if not onset or vowel != "i":
            return None
        palatal = onset in ("sh", "ch", "j")
        return onset + (_SMALL_Y[small][1:] if palatal else _SMALL_Y[small])
    if vowel == _SMALL_VOWELS[small]:
        return image + vowel
    if vowel not in _VOWELS or vowel == "a" or not (onset or vowel == "u"):
        return None
    return (onset or "w") + _SMALL_VOWELS[small]


def _doubled(image: str) -> str | None:
    """The consonant twice, ch as tch; a vowel and n are not doubled by っ."""
    if image[0] in _VOWELS or image[0] == "n":
        return None
    return ("t" if image.startswith("ch") else image[0]) + image
