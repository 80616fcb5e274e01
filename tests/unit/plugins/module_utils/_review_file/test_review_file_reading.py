# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import csv
import io
import random
import re
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.model import (
    ValueChange,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.module_utils._review_file.columns import (
    COLUMNS,
)
from ansible_collections.tenantops.migration.plugins.module_utils._review_file.model import (
    Decision,
    ReviewFile,
    ReviewRow,
    value_change,
)
from ansible_collections.tenantops.migration.plugins.module_utils._review_file.read import (
    read_review_file,
)

# In base64, so that nothing between here and a release touches marks and line ends.
_FILES = Path(__file__).parent / "files"
_GUID = "6f1c2a41-9b7d-4c3e-8a51-0d2b3c4e5f61"
_DN = "CN=Jane Doe,OU=Staff,DC=contoso,DC=example"
_HEADER = "DISTINGUISHEDNAME,ATTRIBUTE,VALUE,UPDATE,ACTION,OBJECTGUID"


def _record(**cells: str) -> dict[str, str]:
    known = {"DISTINGUISHEDNAME": _DN, "ATTRIBUTE": "mail", "OBJECTGUID": _GUID}
    return dict.fromkeys(COLUMNS, "") | known | cells


def _csv(*records: Mapping[str, str]) -> bytes:
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, COLUMNS, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(records)
    return table.getvalue().encode("utf-8-sig")


def _read(folder: Path, content: bytes | str) -> ReviewFile:
    path = folder / "review.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_review_file(path)


def _told(folder: Path, content: bytes | str) -> str:
    """What is said about a file that cannot be used, without the name of its folder."""
    with pytest.raises(InvalidInput) as caught:
        _read(folder, content)
    return str(caught.value).replace(f"{folder}/", "")


# What a person decides


@pytest.mark.parametrize(
    ("value", "update", "action", "change"),
    [
        ("old", "new", "EDIT", ("old", "new")),
        ("old", "new", " edit ", ("old", "new")),
        ("", "new", "EDIT", (None, "new")),
        ("old", "", "EDIT", ("old", None)),
        ("old", "", "REMOVE", ("old", None)),
        ("old", "is not looked at", "REMOVE", ("old", None)),
        ("old", "new", "COMPLETE", None),
        ("", "", "COMPLETE", None),
        ("old", "old", "EDIT", None),
        ("'=old", "'00123", "EDIT", ("=old", "00123")),
        ("=old", "00123", "EDIT", ("=old", "00123")),
        ("ze\\u{200B}ro\\u{20}", "zero", "EDIT", ("ze\u200bro ", "zero")),
        ("one\r\ntwo", 'a "b", c; d', "EDIT", ("one\r\ntwo", 'a "b", c; d')),
    ],
)
def test_decision_and_the_change_it_asks_for(
    tmp_path: Path,
    value: str,
    update: str,
    action: str,
    change: tuple[str | None, str | None] | None,
) -> None:
    review = _read(tmp_path, _csv(_record(VALUE=value, UPDATE=update, ACTION=action)))

    (row,) = review.rows
    assert (row.line, row.guid, row.dn, row.attribute) == (2, _GUID, _DN, "mail")
    assert value_change(row) == (None if change is None else ValueChange("mail", *change))


def test_rows_without_a_decision_are_counted_and_no_more(tmp_path: Path) -> None:
    review = _read(tmp_path, _csv(_record(VALUE="a"), _record(VALUE="b", PROPOSEDACTION="EDIT")))

    assert (review.rows, review.undecided, review.warnings) == ((), 2, ())


def test_attributes_are_spelled_as_the_schema_does(tmp_path: Path) -> None:
    review = _read(tmp_path, _csv(_record(ATTRIBUTE="MAILNICKNAME", VALUE="a", ACTION="REMOVE")))

    assert review.rows[0].attribute == "mailNickname"


def test_guid_in_any_notation(tmp_path: Path) -> None:
    braced = f"{{{_GUID.upper()}}}"
    review = _read(tmp_path, _csv(_record(OBJECTGUID=braced, VALUE="a", ACTION="REMOVE")))

    assert review.rows[0].guid == _GUID


def test_order_of_rows_and_columns_is_free(tmp_path: Path) -> None:
    review = _read(
        tmp_path,
        f"action,NOTE,objectguid,Update,value,ATTRIBUTE,DistinguishedName\r\n"
        f'EDIT,mine,{_GUID},new,old,mail,"{_DN}"\r\n',
    )

    assert review.rows == (ReviewRow(2, _GUID, _DN, "mail", "old", "new", Decision.EDIT),)
    assert review.warnings == ("Columns of the review file that are not read: NOTE.",)


def test_line_is_that_of_the_file_also_after_cells_with_line_breaks(tmp_path: Path) -> None:
    review = _read(
        tmp_path,
        _csv(
            _record(VALUE="one\r\ntwo\rthree\nfour"),
            _record(VALUE="x", ACTION="REMOVE"),
        ),
    )

    assert review.rows[0].line == 6


def test_same_decision_twice_counts_once(tmp_path: Path) -> None:
    row = _record(VALUE="old", UPDATE="new", ACTION="EDIT")

    assert len(_read(tmp_path, _csv(row, row)).rows) == 1


def test_several_missing_values_of_a_list_are_no_contradiction(tmp_path: Path) -> None:
    rows = [
        _record(ATTRIBUTE="proxyAddresses", UPDATE=value, ACTION="EDIT")
        for value in ("smtp:a@contoso.example", "smtp:b@contoso.example")
    ]

    assert len(_read(tmp_path, _csv(*rows)).rows) == 2


def test_what_may_not_be_meant_is_a_warning(tmp_path: Path) -> None:
    review = _read(
        tmp_path,
        _csv(
            _record(VALUE="a", UPDATE="", ACTION="EDIT"),
            _record(ATTRIBUTE="displayName", VALUE="b", UPDATE="b", ACTION="EDIT"),
            _record(ATTRIBUTE="sn", VALUE="c", ACTION="REMOVE", OBJECTGUID=""),
        ),
    )

    assert review.warnings == (
        "1 rows of the review file say EDIT with an empty UPDATE, which removes the value: line 2.",
        "1 rows of the review file say EDIT and leave the value as it is: line 3.",
        "1 rows of the review file have no OBJECTGUID, so their objects are found by name: line 4.",
    )


# What spreadsheets and IdFix write


def _unpacked(name: str, folder: Path) -> Path:
    path = folder / name
    path.write_bytes(b64decode((_FILES / f"{name}.base64").read_bytes()))
    return path


@pytest.mark.parametrize(
    "name",
    [
        "excel_comma.csv",
        "excel_semicolon.csv",
        "excel_unicode_text.txt",
        "libreoffice_all_quoted.csv",
        "libreoffice_comma.csv",
        "libreoffice_semicolon.csv",
    ],
)
def test_file_as_a_spreadsheet_saved_it(name: str, tmp_path: Path) -> None:
    review = read_review_file(_unpacked(name, tmp_path))

    assert [
        (row.line, row.attribute, row.value, row.update, row.action) for row in review.rows
    ] == [
        (
            2,
            "userPrincipalName",
            "åsa.öberg@contoso.example",
            "asa.oberg@contoso.example",
            Decision.EDIT,
        ),
        (3, "displayName", 'Öberg, Jan "Janne" ', 'Öberg, Jan "Janne"', Decision.EDIT),
        (4, "mail", "info@contoso.example", None, Decision.COMPLETE),
        (5, "displayName", "=cmd|'/C calc'!A0", "Calc, the user", Decision.EDIT),
        (6, "sAMAccountName", "00123?", "00123", Decision.EDIT),
        (
            7,
            "proxyAddresses",
            "smtp:花子@contoso.example",
            "smtp:hanako@contoso.example",
            Decision.EDIT,
        ),
        (8, "proxyAddresses", "smtp:a;=1+1;@contoso.example", None, Decision.REMOVE),
        (9, "displayName", None, "Zero", Decision.EDIT),
    ]
    assert (review.undecided, review.warnings) == (1, ())


def test_file_as_we_wrote_it_has_no_decisions(tmp_path: Path) -> None:
    review = read_review_file(_unpacked("as_written.csv", tmp_path))

    assert (review.rows, review.undecided, review.warnings) == ((), 9, ())


def test_export_of_idfix(tmp_path: Path) -> None:
    review = read_review_file(_unpacked("idfix_export.csv", tmp_path))

    staff = "OU=Personal,DC=contoso,DC=example"
    assert [(row.dn, row.attribute, row.value, row.update, row.action) for row in review.rows] == [
        (
            f"CN=Åsa Öberg,{staff}",
            "userPrincipalName",
            "åsa.öberg@contoso.example",
            "sa.berg@contoso.example",
            Decision.EDIT,
        ),
        (
            f'CN=Öberg\\, Jan "Janne",{staff}',
            "displayName",
            'Öberg, Jan "Janne"',
            "Öberg, Jan",
            Decision.EDIT,
        ),
        (f'CN=Jan "Janne" Öberg,{staff}', "mailNickname", '.jan"ne', "janne", Decision.EDIT),
        (
            f"CN=Info,{staff}",
            "proxyAddresses",
            "SMTP:info@contoso.example",
            "SMTP:info@contoso.example",
            Decision.COMPLETE,
        ),
        (f"CN=Info,{staff}", "proxyAddresses", "smtp:info", None, Decision.REMOVE),
        (f"CN=Zero,{staff}", "displayName", None, "Zero", Decision.EDIT),
    ]
    assert {row.guid for row in review.rows} == {None}
    assert review.undecided == 1


def test_apostrophes_and_backslashes_in_an_export_of_idfix_are_its_own(tmp_path: Path) -> None:
    content = (
        "DISTINGUISHEDNAME,COMMONNAME,OBJECTCLASS,ATTRIBUTE,ERROR,VALUE,UPDATE,PROPOSEDACTION,"
        f'ACTION\r\n"{_DN}",Jane,user,displayName,Length,\'=1,\\u{{41}},EDIT,EDIT\r\n'
    )

    (row,) = _read(tmp_path, content).rows

    assert (row.value, row.update) == ("'=1", "\\u{41}")


def test_export_of_idfix_that_a_spreadsheet_saved_can_have_line_breaks(tmp_path: Path) -> None:
    content = (
        "DISTINGUISHEDNAME,COMMONNAME,OBJECTCLASS,ATTRIBUTE,ERROR,VALUE,UPDATE,PROPOSEDACTION,"
        f'ACTION\r\n"{_DN}",Jane,user,displayName,Length,"one ""1""\ntwo",one,EDIT,EDIT\r\n'
    )

    (row,) = _read(tmp_path, content).rows

    assert (row.line, row.value) == (2, 'one "1"\ntwo')


def test_line_that_says_what_separates_cells(tmp_path: Path) -> None:
    content = f"sep=;\r\n{_HEADER.replace(',', ';')}\r\n{_DN};mail;old;;REMOVE;{_GUID}\r\n"

    (row,) = _read(tmp_path, content).rows

    assert (row.line, row.value) == (3, "old")


def test_empty_cells_at_the_end_may_be_missing(tmp_path: Path) -> None:
    """Excel leaves them out after the first sixteen rows of a column without values."""
    content = f'{_HEADER},RULES,REASON\r\n"{_DN}",mail,old,,REMOVE,{_GUID}\r\n"{_DN}",mail,old\r\n'

    review = _read(tmp_path, content)

    assert (len(review.rows), review.undecided) == (1, 1)


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
def test_empty_rows_are_nothing(tmp_path: Path, ending: str) -> None:
    row = f'"{_DN}",mail,old,,REMOVE,{_GUID}'
    content = ending.join([_HEADER, "", ",,,,,", row, ",,,,,", ""])

    review = _read(tmp_path, content)

    assert ([row.line for row in review.rows], review.undecided) == ([4], 0)


def test_large_cells_are_read(tmp_path: Path) -> None:
    value = 'x"y,' * 1_250_000
    review = _read(tmp_path, _csv(_record(VALUE=value, UPDATE="x" * 5_000_000, ACTION="EDIT")))

    assert review.rows[0].value == value


# What cannot be used


@pytest.mark.parametrize(
    ("cells", "place", "problem"),
    [
        ({"ACTION": "FIX"}, "line 2, column 9 (ACTION)", "and not 'FIX'"),
        ({"ACTION": "UNDO"}, "line 2, column 9 (ACTION)", "change_rollback"),
        ({"ACTION": "fail"}, "line 2, column 9 (ACTION)", "IdFix could not write this row"),
        ({"DISTINGUISHEDNAME": ""}, "line 2, column 1 (DISTINGUISHEDNAME)", "names no object"),
        ({"OBJECTGUID": "12"}, "line 2, column 10 (OBJECTGUID)", "'12' is no objectGUID"),
        ({"ATTRIBUTE": "cn"}, "line 2, column 4 (ATTRIBUTE)", "'cn' is no attribute"),
        ({"ATTRIBUTE": ""}, "line 2, column 4 (ATTRIBUTE)", "'' is no attribute"),
        ({"VALUE": "", "ACTION": "REMOVE"}, "line 2, column 6 (VALUE)", "nothing to remove"),
        ({"VALUE": "", "UPDATE": ""}, "line 2, column 7 (UPDATE)", "needs an UPDATE"),
        ({"UPDATE": "\\u{D800}"}, "line 2, column 7 (UPDATE)", "no character \\u{D800}"),
        ({"COMMONNAME": "a\nb", "ACTION": "?"}, "line 3, column 9 (ACTION)", "and not '?'"),
    ],
)
def test_row_that_cannot_be_used(
    tmp_path: Path, cells: dict[str, str], place: str, problem: str
) -> None:
    told = _told(
        tmp_path, _csv(_record(**{"VALUE": "old", "UPDATE": "new", "ACTION": "EDIT"} | cells))
    )

    assert f"review.csv, {place}" in told
    assert problem in told


def test_contradiction_names_both_lines(tmp_path: Path) -> None:
    rows = [
        _record(VALUE="old", UPDATE="new", ACTION="EDIT"),
        _record(VALUE="old", UPDATE="newer", ACTION="EDIT"),
    ]

    told = _told(tmp_path, _csv(*rows))

    assert "review.csv, line 3, column 9 (ACTION)" in told
    assert "contradicts line 2" in told


@pytest.mark.parametrize(
    ("first", "second", "contradicts"),
    [
        (("mail", "a", "b", "EDIT"), ("mail", "a", "b", "COMPLETE"), True),
        (("mail", "a", "b", "EDIT"), ("mail", "a", "", "REMOVE"), True),
        (("mail", "a", "b", "EDIT"), ("mail", "c", "d", "EDIT"), True),
        (("mail", "a", "b", "EDIT"), ("mail", "c", "d", ""), False),
        (("mail", "a", "b", "EDIT"), ("displayName", "a", "c", "EDIT"), False),
        (("mail", "a", "b", "REMOVE"), ("mail", "a", "c", "REMOVE"), False),
        (("proxyAddresses", "a", "b", "EDIT"), ("proxyAddresses", "c", "d", "EDIT"), False),
        (("proxyAddresses", "a", "b", "EDIT"), ("proxyAddresses", "a", "d", "EDIT"), True),
    ],
)
def test_contradictions(
    tmp_path: Path, first: tuple[str, ...], second: tuple[str, ...], contradicts: bool
) -> None:
    names = ("ATTRIBUTE", "VALUE", "UPDATE", "ACTION")
    content = _csv(*(_record(**dict(zip(names, row, strict=True))) for row in (first, second)))

    if contradicts:
        assert "contradicts line 2" in _told(tmp_path, content)
    else:
        _read(tmp_path, content)


def test_all_rows_that_cannot_be_used_are_told_at_once(tmp_path: Path) -> None:
    told = _told(tmp_path, _csv(*(_record(VALUE=str(n), ACTION="?") for n in range(25))))

    assert told.startswith("25 rows of the review file cannot be used: line 2, column 9 (ACTION): ")
    assert "line 21, column 9" in told
    assert "line 22, column 9" not in told
    assert "and 5 more" in told


@pytest.mark.parametrize(
    ("content", "place", "problem"),
    [
        ("", "line 1, column 1", "is empty"),
        ("\ufeff", "line 1, column 1", "is empty"),
        ("a,b\r\n", "line 1, column 1", "lacks columns: DISTINGUISHEDNAME, ATTRIBUTE, VALUE"),
        (f'"{_HEADER}"\r\n', "line 1, column 1", "took the whole line for one cell"),
        (_HEADER.encode("utf-16-le"), "line 1, column 1", "without a byte order mark"),
        (f"{_HEADER},Value\r\n", "line 1, column 7 (VALUE)", "two columns VALUE"),
        (b"PK\x03\x04\x14\x00", "line 1, column 1", "is a workbook"),
        (f'{_HEADER}\r\na,b,"x', "line 2, column 3 (VALUE)", "opened and never closed"),
        (f'{_HEADER}\r\na,b,"x\r\ny",z"', "line 3, column 4 (UPDATE)", "within a cell as it is"),
        (f'{_HEADER}\r\na,"b"c,d\r\n', "line 2, column 2 (ATTRIBUTE)", "within a cell as it is"),
        (f"{_HEADER}\r\n,,,,,,,x\r\n", "line 2, column 7", "more cells than columns"),
        (f"{_HEADER}\r\na,mail,b,,REMOVE\r\n", "line 2, column 6 (OBJECTGUID)", "ends too early"),
        (f"{_HEADER}\r\n".encode() + b"a,\xe5,x", "line 2, column 2 (ATTRIBUTE)", "no text: 0xE5"),
        (b"\xe5" + _HEADER.encode(), "line 1, column 1", "no text: 0xE5"),
        (
            f"{_HEADER}\r\na,".encode("utf-16") + b"\x00",
            "line 2, column 1",
            "middle of a character",
        ),
        (f"{_HEADER}\r\n".encode("utf-16") + b"\x00\xd8", "line 2, column 1", "no text: 0xD800"),
    ],
)
def test_table_that_cannot_be_used(
    tmp_path: Path, content: bytes | str, place: str, problem: str
) -> None:
    told = _told(tmp_path, content)

    assert re.search(rf"review\.csv, {re.escape(place)}(?!\w)", told), told
    assert problem in told


def test_line_of_idfix_with_two_meanings_is_refused(tmp_path: Path) -> None:
    header = _csv().decode("utf-8-sig").replace('"', "").split(",OBJECTGUID")[0]
    # The quotes after a and before b can be part of one value or stand between two.
    line = f'"{_DN}",Jane,user,displayName,Length,"a"x,"b","c",d",EDIT,EDIT'

    assert "can be read in more than one way" in _told(tmp_path, f"{header}\r\n{line}\r\n")


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_file_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_review_file(tmp_path / name)


_PLACE = re.compile(r"review\.csv, line \d+, column \d+")


def test_a_thousand_random_files_are_refused_with_their_place(tmp_path: Path) -> None:
    chance = random.Random(3004)  # noqa: S311 - no secret
    for _each in range(1000):
        content = chance.randbytes(chance.randrange(2000))
        assert _PLACE.search(_told(tmp_path, content)), content


def test_a_thousand_files_that_went_bad_are_read_or_refused_with_their_place(
    tmp_path: Path,
) -> None:
    """Good files with bytes changed, cut out, put in, or cut off."""
    chance = random.Random(3005)  # noqa: S311 - no secret
    sources = [b64decode(path.read_bytes()) for path in sorted(_FILES.iterdir())]
    outcomes = {"read": 0, "refused": 0}
    for _each in range(1000):
        content = bytearray(chance.choice(sources))
        for _damage in range(chance.randrange(1, 6)):
            start = chance.randrange(len(content))
            end = start + chance.randrange(8)
            content[start:end] = chance.choice([b"", b'"', b",", b"\r\n", chance.randbytes(3)])
        if chance.random() < 0.2:
            del content[chance.randrange(len(content)) :]
        (tmp_path / "review.csv").write_bytes(content)
        try:
            read_review_file(tmp_path / "review.csv")
            outcomes["read"] += 1
        except InvalidInput as error:
            outcomes["refused"] += 1
            told = str(error)
            assert _PLACE.search(told) or re.search(r"be used: line \d+, column \d+", told), told
    assert min(outcomes.values()) > 100, outcomes
