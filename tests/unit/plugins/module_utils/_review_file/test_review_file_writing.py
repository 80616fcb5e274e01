# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import csv
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.model import (
    DirectoryObject,
    Finding,
    Holder,
    Kind,
    ObjectClass,
    Severity,
    ValueChange,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.module_utils._replaced_file import OutputFile
from ansible_collections.tenantops.migration.plugins.module_utils._review_file.columns import (
    COLUMNS,
    ERROR_WORDS,
)
from ansible_collections.tenantops.migration.plugins.module_utils._review_file.model import (
    value_change,
)
from ansible_collections.tenantops.migration.plugins.module_utils._review_file.read import (
    read_review_file,
)
from ansible_collections.tenantops.migration.plugins.module_utils._review_file.write import (
    review_file,
    write_review_file,
)

_GUID = "6f1c2a41-9b7d-4c3e-8a51-0d2b3c4e5f61"


def _object(dn: str = "CN=Jane,DC=contoso,DC=example", cn: str = "Jane") -> DirectoryObject:
    return DirectoryObject(_GUID, dn, ObjectClass.USER, "contoso.example", {"cn": (cn,)})


def _finding(
    value: str | None = "old",
    suggestion: ValueChange | None = None,
    *,
    attribute: str = "mail",
    kind: Kind = Kind.FORMAT,
    severity: Severity = Severity.ADVICE,
    reason: str = "",
    holders: tuple[Holder, ...] = (),
) -> Finding:
    return Finding(
        f"{attribute}.{kind.value}",
        kind,
        severity,
        attribute,
        value,
        f"detail of {kind.value}",
        holders,
        suggestion,
        reason,
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "review.csv"


def test_row_says_everything_about_a_value(path: Path) -> None:
    suggestion = ValueChange("mail", "old", "new")
    holder = Holder("guid", "CN=Info", ObjectClass.GROUP, "proxyAddresses", "smtp:old")
    findings = [
        _finding(suggestion=suggestion, kind=Kind.CHARACTER, severity=Severity.WARNING),
        _finding(kind=Kind.DUPLICATE, severity=Severity.BLOCKING, holders=(holder,)),
    ]

    assert write_review_file(path, [(_object(), findings)]) == 1

    (row,) = _rows(path)
    assert tuple(row) == COLUMNS
    assert row == {
        "DISTINGUISHEDNAME": "CN=Jane,DC=contoso,DC=example",
        "COMMONNAME": "Jane",
        "OBJECTCLASS": "user",
        "ATTRIBUTE": "mail",
        "ERROR": "Duplicate, Character",
        "VALUE": "old",
        "UPDATE": "new",
        "PROPOSEDACTION": "EDIT",
        "ACTION": "",
        "OBJECTGUID": _GUID,
        "RULES": "mail.character, mail.duplicate",
        "SEVERITY": "blocking",
        "REASON": "detail of character; detail of duplicate",
        "HOLDERS": "CN=Info (proxyAddresses smtp:old)",
    }


def test_file_is_what_excel_takes_for_utf8_and_rfc_4180_for_lines(path: Path) -> None:
    write_review_file(path, [(_object(cn="Åsa"), [_finding("a\nb")])])

    content = path.read_bytes()
    assert content.startswith(b'\xef\xbb\xbf"DISTINGUISHEDNAME","COMMONNAME",')
    assert content.endswith(b'""\r\n')
    assert content.count(b"\n") == content.count(b"\r\n") == 2


@pytest.mark.parametrize(
    ("finding", "value", "update", "proposal"),
    [
        (_finding("old"), "old", "", ""),
        (_finding(None), "", "", ""),
        (_finding("old", ValueChange("mail", "old", "new")), "old", "new", "EDIT"),
        (_finding("old", ValueChange("mail", "old", None)), "old", "", "REMOVE"),
        (_finding(None, ValueChange("mail", None, "new")), "", "new", "EDIT"),
    ],
)
def test_proposal(path: Path, finding: Finding, value: str, update: str, proposal: str) -> None:
    write_review_file(path, [(_object(), [finding])])

    (row,) = _rows(path)
    assert (row["VALUE"], row["UPDATE"], row["PROPOSEDACTION"]) == (value, update, proposal)


def test_reason_is_told_where_a_person_must_decide(path: Path) -> None:
    findings = [
        _finding("a", reason="somebody must choose"),
        _finding("b", ValueChange("mail", "b", "c"), reason="is not needed"),
    ]

    write_review_file(path, [(_object(), findings)])

    first, second = _rows(path)
    assert first["REASON"] == "detail of format; somebody must choose"
    assert second["REASON"] == "detail of format"


def test_way_out_that_is_another_attribute_has_its_own_row(path: Path) -> None:
    missing = ValueChange("proxyAddresses", None, "SMTP:jane@contoso.example")
    findings = [_finding("jane@contoso.example", missing, kind=Kind.MISMATCH), _finding("other")]

    write_review_file(path, [(_object(), findings)])

    assert [(row["ATTRIBUTE"], row["VALUE"], row["UPDATE"]) for row in _rows(path)] == [
        ("proxyAddresses", "", "SMTP:jane@contoso.example"),
        ("mail", "other", ""),
    ]


def test_several_missing_values_have_a_row_each(path: Path) -> None:
    findings = [
        _finding(None, ValueChange("proxyAddresses", None, value), attribute="proxyAddresses")
        for value in ("smtp:a@contoso.example", "smtp:b@contoso.example")
    ]

    assert write_review_file(path, [(_object(), findings)]) == 2


def test_many_holders_are_counted(path: Path) -> None:
    holders = tuple(Holder(str(n), f"CN={n}", ObjectClass.USER, "mail", "old") for n in range(1000))

    write_review_file(path, [(_object(), [_finding(holders=holders)])])

    assert _rows(path)[0]["HOLDERS"].endswith("CN=9 (mail old); and 990 more")


def test_every_kind_has_a_word() -> None:
    assert set(ERROR_WORDS) == set(Kind)


_TEXT = st.text(min_size=1)


@given(dn=_TEXT, cn=_TEXT, value=_TEXT | st.none(), update=_TEXT)
def test_any_text_in_any_cell_comes_back(
    tmp_path_factory: pytest.TempPathFactory, dn: str, cn: str, value: str | None, update: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    finding = _finding(value, ValueChange("mail", value, update))
    write_review_file(path, [(_object(dn, cn), [finding])])
    # What a person does who accepts everything.
    path.write_bytes(path.read_bytes().replace(b'"EDIT","",', b'"EDIT","EDIT",'))

    (row,) = read_review_file(path).rows

    assert (row.guid, row.dn, row.value, row.update) == (_GUID, dn, value, update)
    change = ValueChange("mail", value, update)
    assert value_change(row) == (None if value == update else change)


def test_undecodable_text_does_no_harm(path: Path) -> None:
    write_review_file(path, [(_object(), [_finding("\udce5")])])

    assert _rows(path)[0]["VALUE"] == "\\u{DCE5}"


def test_file_is_for_its_owner_and_replaced_as_a_whole(path: Path) -> None:
    path.write_text("old")
    path.chmod(0o644)

    def interrupted() -> Iterator[tuple[DirectoryObject, list[Finding]]]:
        yield _object(), [_finding()]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_review_file(path, interrupted())
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]

    write_review_file(path, [])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert _rows(path) == []


@pytest.mark.parametrize("old", ["", "ACTION"])
def test_somebody_s_decisions_are_kept(path: Path, old: str) -> None:
    """Those of a file that was reviewed, and of one that was spoiled by it."""
    write_review_file(path, [(_object(), [_finding()])])
    text = path.read_text(encoding="utf-8").replace('"","6f1c', '"COMPLETE","6f1c') + old
    path.write_text(text, encoding="utf-8")
    os.utime(path, (0, 0))

    with review_file(path) as writer:
        pass

    assert writer.kept == path.with_name("review.19700101T000000Z.csv")
    assert writer.kept.read_text(encoding="utf-8") == text
    assert _rows(path) == []


def test_a_file_without_decisions_is_replaced(path: Path) -> None:
    write_review_file(path, [(_object(), [_finding()])])
    with review_file(path) as writer:
        pass
    assert writer.kept is None
    assert list(path.parent.iterdir()) == [path]


def test_the_folder_is_made(tmp_path: Path) -> None:
    write_review_file(tmp_path / "reviews" / "monday" / "review.csv", [])
    assert stat.S_IMODE((tmp_path / "reviews" / "monday").stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["file/review.csv", "."])
def test_path_that_cannot_be_written(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match="review file cannot be written"):
        write_review_file(tmp_path / name, [])


def test_path_that_is_no_file() -> None:
    with pytest.raises(InvalidInput, match="is no file"):
        write_review_file(Path("/dev/null"), [])
    assert Path("/dev/null").is_char_device()


def test_full_disk_is_told_by_the_name_of_the_file(path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        file = OutputFile(path, "The review file", full)

        with pytest.raises(InvalidInput, match="No space left on device"):
            file.write("x" * 100_000)


def test_rows_are_not_gathered_in_memory(path: Path) -> None:
    """What was added is on its way to the file long before the end."""
    with review_file(path) as writer:
        for _each in range(2000):
            writer.add(_object(), [_finding()])
        (temporary,) = path.parent.iterdir()
        assert temporary.stat().st_size > 100_000
