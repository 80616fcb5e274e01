# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ansible_collections.tenantops.migration.plugins.module_utils._domain_assessment import reading
from ansible_collections.tenantops.migration.plugins.module_utils._domain_assessment.model import (
    BadEntry,
    Entry,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput


def _file(folder: Path, content: str | bytes) -> Path:
    path = folder / "list.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def _entries(folder: Path, content: str | bytes) -> list[Entry | BadEntry]:
    return list(reading.from_csv(_file(folder, content)))


def _bad(entry: Entry | BadEntry) -> BadEntry:
    assert isinstance(entry, BadEntry)
    return entry


_JANE = Entry("contoso.test", "jane@contoso.test", "Jane Doe", "Buyer", 2)


@pytest.mark.parametrize(
    "content",
    [
        "address,name,role\njane@contoso.test,Jane Doe,Buyer\n",
        "address;name;role\r\njane@contoso.test;Jane Doe;Buyer\r\n",
        "\ufeffaddress;name;role\njane@contoso.test;Jane Doe;Buyer",
        '"Role","ADDRESS","Name"\n"Buyer"," jane@contoso.test ","Jane Doe"\n',
        "address\tname\trole\tcountry\njane@CONTOSO.test.\tJane Doe\tBuyer\tSE\n",
        "address,domain,name,role\njane@contoso.test,Contoso.Test,Jane Doe,Buyer\n",
    ],
)
def test_one_person_in_many_forms(tmp_path: Path, content: str) -> None:
    assert _entries(tmp_path, content) == [_JANE]


def test_line_that_names_the_separator_is_understood(tmp_path: Path) -> None:
    (entry,) = _entries(tmp_path, "sep=;\naddress;name\njane@contoso.test;Doe, Jane\n")

    assert entry == Entry("contoso.test", "jane@contoso.test", "Doe, Jane", "", 3)


def test_domains_need_no_address_and_short_lines_end_in_empty_cells(tmp_path: Path) -> None:
    entries = _entries(tmp_path, "domain,name\nCONTOSO.test\n\n,,\nbücher.test,Books\n")

    assert entries == [
        Entry("contoso.test", line=2),
        Entry("xn--bcher-kva.test", name="Books", line=5),
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"jane@", "jane@"),
        (b"jane", "no @"),
        (b"jane@contoso", "one part only"),
        (b"jane@192.0.2.1", "IP address"),
        (b"a@contoso.test,b,c,d", "4 cells"),
        (b",Jane", "neither an address nor a domain"),
        (b'"jane@contoso.test', "never closed"),
        (b"J\xf6rg@contoso.test", "0xf6"),
        (b"x" * 70_000, "too long"),
        (b"x" * 200_000, "too long"),
    ],
)
def test_bad_line_is_told_with_its_number_and_the_others_are_answered(
    tmp_path: Path, line: bytes, told: str
) -> None:
    content = b"address,name\na@contoso.test\n" + line + b"\nb@contoso.test\n"

    first, second, third = _entries(tmp_path, content)

    assert first == Entry("contoso.test", "a@contoso.test", line=2)
    assert third == Entry("contoso.test", "b@contoso.test", line=4)
    bad = _bad(second)
    assert bad.line == 3
    assert told in str(bad.error)
    assert "list.csv, line 3" in str(bad.error)


def test_address_and_domain_must_not_contradict_each_other(tmp_path: Path) -> None:
    (entry,) = _entries(tmp_path, "address,domain\njane@contoso.test,fabrikam.test\n")

    assert "not in the domain" in str(_bad(entry).error)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "neither a column address nor a column domain"),
        (b"mail,name\njane@contoso.test,Jane\n", "neither a column address"),
        (b"address,address\na,b\n", "more than one column address"),
        (b"PK\x03\x04", "a workbook"),
        ("address\n".encode("utf-16"), "in UTF-16"),
    ],
)
def test_what_is_no_such_list_is_refused_as_a_whole(
    tmp_path: Path, content: bytes, told: str
) -> None:
    with pytest.raises(InvalidInput, match=told):
        _entries(tmp_path, content)


def test_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        list(reading.from_csv(tmp_path / "none.csv"))


def test_list_of_domains_and_addresses() -> None:
    domain, address, bad = reading.listed(
        [" CONTOSO.test ", "jane@fabrikam.test", "*.contoso.test"]
    )

    assert domain == Entry("contoso.test")
    assert address == Entry("fabrikam.test", "jane@fabrikam.test")
    assert (_bad(bad).text, _bad(bad).line) == ("*.contoso.test", None)


@given(rows=some.lists(some.binary(max_size=40), max_size=10))
def test_no_line_is_lost_or_moved_whatever_is_in_the_others(
    tmp_path_factory: pytest.TempPathFactory, rows: list[bytes]
) -> None:
    lines = [row.replace(b"\r", b"").replace(b"\n", b"") for row in rows]
    content = b"".join(b"%s\nok%d@contoso.test\n" % (line, at) for at, line in enumerate(lines))

    entries = _entries(tmp_path_factory.mktemp("list"), b"address\n" + content)

    good = [entry.address for entry in entries if isinstance(entry, Entry) and entry.address]
    expected = [f"ok{at}@contoso.test" for at in range(len(lines))]
    assert [address for address in good if address.startswith("ok")] == expected
    assert all(
        entry.line == 2 * expected.index(entry.address) + 3
        for entry in entries
        if isinstance(entry, Entry) and entry.address in expected
    )
