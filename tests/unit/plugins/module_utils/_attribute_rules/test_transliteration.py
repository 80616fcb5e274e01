# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules import (
    transliteration,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput

Language = transliteration.Language
Transliteration = transliteration.Transliteration
LANGUAGES = st.sampled_from(Language)


def romanised(text: str, language: str = "none") -> str:
    result = Transliteration.from_options(language, {}).romanise(text)
    assert result.unreadable == ()
    return result.text


@pytest.mark.parametrize(
    ("language", "name", "expected"),
    [
        ("german", "müller", "mueller"),
        ("german", "Äußerung", "Aeusserung"),
        ("german", "ÜBER", "UEBER"),
        ("german", "GRÖẞE", "GROESSE"),
        ("german", "Ü", "Ue"),
        ("german", "rené", "rene"),
        ("swedish", "åsa.öberg-ström", "asa.oberg-strom"),
        ("swedish", "müller", "muller"),
        ("finnish", "hämäläinen", "hamalainen"),
        ("norwegian", "bjørn.næss.ås", "bjorn.nass.as"),
        ("danish", "Søren.Ærø.Århus", "Soeren.Aeroe.Aarhus"),
        ("none", "müller", "muller"),
        ("none", "straße", "strasse"),
        ("none", "Øystein", "Oystein"),
        ("none", "Þórður", "Thordur"),
        ("none", "łukasz.źdźbło", "lukasz.zdzblo"),
        ("none", "İbrahim.ışık", "Ibrahim.isik"),
        ("none", "nguyễn", "nguyen"),
        ("none", "Вероника.Щербакова", "Veronika.Shcherbakova"),
        ("none", "ΑΘΗΝΑ.αθηνά", "ATHINA.athina"),
        ("none", "თამარ", "tamar"),
        ("none", "ｙａｍａｄａ１", "yamada1"),
        ("none", "o\u2019brien.d´arc", "o'brien.d'arc"),
        ("none", "anne–marie", "anne-marie"),
        ("none", "a\u0301gnes", "agnes"),  # a letter and its mark as two characters
        ("none", "m\u030bz", "mz"),  # a mark that has no composed form
        ("german", "mu\u0308ller", "mueller"),
        ("japanese", "やまだ.たろう", "yamada.tarou"),
        ("japanese", "きょうと.しょうた.じゅん", "kyouto.shouta.jun"),
        ("japanese", "さっぽろ.まっちゃ.けんいち", "sapporo.matcha.kenichi"),
        ("japanese", "コーヒー.フィリップ.ティナ", "koohii.firippu.tina"),
        ("japanese", "ｼﾞｪｰﾝ.ウィリアム.ヴィクトル", "jeen.wiriamu.vikutoru"),
    ],
)
def test_names_become_what_people_write(language: str, name: str, expected: str) -> None:
    assert romanised(name, language) == expected


@pytest.mark.parametrize(
    ("name", "language", "unreadable"),
    [
        ("山田", "none", ("山", "田")),
        ("山田.山", "japanese", ("山", "田")),
        ("やまだ", "none", ("や", "ま", "だ")),
        ("っか", "none", ("っ", "か")),
        ("あっ", "japanese", ("あっ",)),
        ("ー", "japanese", ("ー",)),
        ("Игорь", "none", ("ь",)),
        ("אברהם", "none", ("א", "ב", "ר", "ה", "ם")),
        ("محمد", "none", ("م", "ح", "د")),
        ("smile😀", "none", ("😀",)),
        ("5€", "none", ("€",)),
        ("a\u200bb", "none", ("\u200b",)),
        ("bad\ufffd", "none", ("\ufffd",)),
    ],
)
def test_what_cannot_be_read_is_named(
    name: str, language: str, unreadable: tuple[str, ...]
) -> None:
    assert Transliteration(Language(language)).romanise(name).unreadable == unreadable


def test_the_operator_has_the_last_word() -> None:
    swedish = Transliteration.from_options("swedish", {"å": "aa", "Ö": "Oe"})

    assert swedish.romanise("Åsa.ÅÄ.ÖB.öst").text == "Aasa.AAA.OEB.ost"


def test_the_longest_of_the_operators_readings_counts() -> None:
    names = Transliteration.from_options(
        "japanese", {"山": "yama", "山田": "Yamada", "一": "ichi", "ゆう": "yuh"}
    )

    assert names.romanise("山田.山一.しゆう").text == "Yamada.yamaichi.shiyuh"


def test_a_decomposed_key_is_the_same_letter() -> None:
    assert Transliteration.from_options("none", {"a\u030a": "aa"}).romanise("Å").text == "Aa"


@pytest.mark.parametrize(
    ("characters", "message"),
    [
        ({"a": "b"}, "nothing to transliterate in 'a'"),
        ({"": "b"}, "nothing to transliterate in ''"),
        ({"ь": ""}, "'' cannot stand for a letter"),
        ({"ü": "ü"}, "'ü' cannot stand for a letter"),
        ({"ü": "a b"}, "'a b' cannot stand for a letter"),
        ({"ü": "@"}, "'@' cannot stand for a letter"),
        ({"ü": 3}, "3 cannot stand for a letter"),
    ],
)
def test_characters_that_cannot_be_meant_are_refused(
    characters: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        Transliteration.from_options("none", characters)


def test_an_unknown_language_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidInput, match="klingon"):
        Transliteration.from_options("klingon", {})


@given(st.text(), LANGUAGES)
def test_any_text_is_read_or_named(text: str, language: Language) -> None:
    result = Transliteration(language).romanise(text)

    assert result.text.isascii()
    forms = (unicodedata.normalize("NFC", text), unicodedata.normalize("NFKC", text))
    assert all(any(piece in form for form in forms) for piece in result.unreadable)


@given(st.characters(categories=["L", "N"]), LANGUAGES)
def test_no_letter_and_no_digit_is_dropped(letter: str, language: Language) -> None:
    result = Transliteration(language).romanise(letter)

    assert result.unreadable or any(map(str.isalnum, result.text))


@given(st.text(st.characters(codec="ascii")), LANGUAGES)
def test_ascii_stays_as_it_is(text: str, language: Language) -> None:
    assert Transliteration(language).romanise(text).text == text


@given(st.text(st.characters(categories=["L"])), LANGUAGES)
def test_letters_become_letters(text: str, language: Language) -> None:
    result = Transliteration(language).romanise(text)

    assert result.unreadable or all(part.isalpha() or part == "'" for part in result.text)
