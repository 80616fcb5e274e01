# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import csv
import io
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._review_file.cells import (
    parsed,
    written,
)

# What is told apart: guards, separators, formulas, spelled-out characters, numbers and months
_TELLING = st.text(alphabet=" '\";=+-@＝\\u{}0A1.:\t\r\n\x00\u200b\ufe0fmarchjö,", max_size=40)
_ANY = st.text()

_DANGEROUS = "=+-@\t\r\n\x00＝＋－＠"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("", ""),
        ("Jane Doe", "Jane Doe"),
        ("Åsa Öberg, jr", "Åsa Öberg, jr"),
        ("jane.doe2@contoso.example", "jane.doe2@contoso.example"),
        ("jdoe2", "jdoe2"),
        ("Meeting room 5", "Meeting room 5"),
        # Formulas: OWASP's list
        ("=1+1", "'=1+1"),
        ("+46 8 123", "'+46 8 123"),
        ("-", "'-"),
        ("@handle", "'@handle"),
        ("＝1", "'＝1"),
        ("\t=1", "\\u{9}=1"),
        ("\r=1", "\\u{D}=1"),
        ("\n=1", "\\u{A}=1"),
        (" =1", "\\u{20}=1"),
        ('"=1', "'\"=1"),
        # They are no less dangerous where a spreadsheet splits at semicolons.
        ("a;=1", "a;'=1"),
        ('a; "=1', "a;' \"=1"),
        ("a;b", "a;b"),
        # Apostrophes of the value's own
        ("'t Hooft", "'t Hooft"),
        ("'=1", "''=1"),
        ("''=1", "'''=1"),
        # What would come back as a number, a date, a time or a boolean
        ("00123", "'00123"),
        ("1E5", "'1E5"),
        ("1,5", "'1,5"),
        ("12.5 kr", "'12.5 kr"),
        ("2026-11-22", "'2026-11-22"),
        ("mar1", "'mar1"),
        ("1 März", "'1 März"),
        ("5:30 PM", "'5:30 PM"),
        ("true", "'true"),
        ("'true", "''true"),
        ("March", "March"),
        # What nobody sees
        ("Jane ", "Jane\\u{20}"),
        ("  ", "\\u{20}\\u{20}"),
        ("Jane\u00a0Doe", "Jane\\u{A0}Doe"),
        ("Ja\u200bne", "Ja\\u{200B}ne"),
        ("\U000e0041", "\\u{E0041}"),
        ("nul\x00", "nul\\u{0}"),
        ("1 Street\r\nTown", "1 Street\\u{D}\\u{A}Town"),
        # Backslashes are doubled only where they would be taken for something else.
        ("CN=Doe\\, Jane", "CN=Doe\\, Jane"),
        ("\\u{41}", "\\\\u{41}"),
        ("\\\x00", "\\\\\\u{0}"),
        ("a\\ ", "a\\\\\\u{20}"),
        ("\\\\server\\users", "\\\\server\\users"),
    ],
)
def test_value_and_its_cell(value: str, cell: str) -> None:
    assert written(value) == cell
    assert parsed(cell) == value


@given(_TELLING | _ANY)
def test_every_value_comes_back(value: str) -> None:
    assert parsed(written(value)) == value


@given(_TELLING | _ANY)
def test_no_cell_is_run_or_hides_anything(value: str) -> None:
    cell = written(value)

    assert not cell.startswith(tuple(_DANGEROUS))
    assert not re.search(rf";[ '\"]*[{re.escape(_DANGEROUS)}]", cell.replace(";'", ";x"))
    assert cell == cell.strip()
    assert not {unicodedata.category(character) for character in cell} & {"Cc", "Zl", "Zp", "Cs"}
    assert not set("\xa0\xad\u200b\u200d\u200e\u202e\u2060\u3000\ufeff\ufe0f") & set(cell)


@given(st.lists(_TELLING, min_size=2, max_size=4))
def test_no_cell_is_run_where_the_separator_is_another(values: list[str]) -> None:
    """A comma-separated file that is opened by a double click where the list separator is ;"""
    table = io.StringIO(newline="")
    # The last column of a review file is one that we make up.
    csv.writer(table, quoting=csv.QUOTE_ALL).writerow([*map(written, values), "held by no other"])

    for cells in csv.reader(io.StringIO(table.getvalue(), newline=""), delimiter=";"):
        for cell in cells:
            assert not cell.startswith(tuple(_DANGEROUS)), cell


@given(st.text(alphabet="=+-@0aE5 "))
def test_what_a_person_types_is_taken_as_it_is(text: str) -> None:
    """Nobody has to know about the apostrophe: what a spreadsheet saves without one is meant."""
    assert parsed(text) == text


@pytest.mark.parametrize("cell", ["\\u{110000}", "\\u{D800}", "x\\u{FFFFFF}"])
def test_character_that_does_not_exist_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="no character"):
        parsed(cell)


@pytest.mark.parametrize(
    "piece", ["\\", " ", "\x00", ";", ";'", "'", "1", "1a", "jan", "\\u{", "; "]
)
def test_long_values_come_back(piece: str) -> None:
    # In quadratic time this would never end.
    value = "x" + piece * (300_000 // len(piece)) + "x"
    assert parsed(written(value)) == value
