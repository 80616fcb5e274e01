# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be assessed: from a list, and from a CSV file, line by line.

What is wrong with one line is that line's affair. Private to the collection: it can change in any
release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from .._domain_names.names import Address, address, domain_name, domain_or_address
from .._errors import InvalidInput
from .._review_file.table import DELIMITERS, Broken, split
from .model import BadEntry, Entry

ADDRESS, DOMAIN, NAME, ROLE = COLUMNS = ("address", "domain", "name", "role")

# Far more than four cells of people and domains need.
_LONGEST_LINE = 1 << 16
_UNDECODABLE = re.compile("[\ud800-\udfff]")
_SEPARATOR_LINE = re.compile(r"sep=(.)")  # as Excel writes it
_OTHER_FILES = {
    b"PK\x03\x04": "a workbook",
    b"\xd0\xcf\x11\xe0": "a workbook",
    b"\xff\xfe": "in UTF-16",
    b"\xfe\xff": "in UTF-16",
}
_SAVE_AS_CSV = 'In the spreadsheet, save it as "CSV UTF-8".'
_ADVICE = "The first line names the columns, and among them is address or domain."


def listed(texts: Sequence[str]) -> Iterator[Entry | BadEntry]:
    """The entries of a list of domains and addresses."""
    for text in texts:
        try:
            found = domain_or_address(text.strip())
        except InvalidInput as error:
            yield BadEntry(text, error)
            continue
        if isinstance(found, Address):
            yield Entry(found.domain, str(found))
        else:
            yield Entry(found)


def from_csv(path: Path) -> Iterator[Entry | BadEntry]:
    """The entries of a CSV file, as they are read; empty lines are none.

    In UTF-8, with commas, semicolons or tabs. Raises `InvalidInput` for what is no such file.
    """
    with _opened(path) as text:
        lines = _lines(text)
        delimiter, header = _header(lines, path)
        for number, line in lines:
            if not line.strip(f"{delimiter} \t"):
                continue
            try:
                yield _entry(_cells(line, delimiter, header), number)
            except InvalidInput as error:
                yield BadEntry(line, _at(error, path, number), number)


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    try:
        _check_kind(path)
        with path.open(encoding="utf-8-sig", errors="surrogateescape") as text:
            yield text
    except OSError as error:
        raise InvalidInput(
            "The list cannot be read", subject=str(path), answer=error.strerror or str(error)
        ) from error


def _check_kind(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(4)
    for sign, kind in _OTHER_FILES.items():
        if start.startswith(sign):
            raise InvalidInput(
                f"The list is {kind} and no CSV file in UTF-8",
                subject=str(path),
                advice=_SAVE_AS_CSV,
            )


def _lines(text: TextIO) -> Iterator[tuple[int, str]]:
    """The lines with their numbers, however long they are in no more memory than for one."""
    number = 0
    while line := text.readline(_LONGEST_LINE):
        number += 1
        yield number, line.removesuffix("\n")
        while len(line) == _LONGEST_LINE and not line.endswith("\n"):
            line = text.readline(_LONGEST_LINE)


def _header(lines: Iterator[tuple[int, str]], path: Path) -> tuple[str, Sequence[str]]:
    _number, line = next(lines, (0, ""))
    delimiters: Sequence[str] = DELIMITERS
    if given := _SEPARATOR_LINE.fullmatch(line):
        delimiters = [given[1]]
        _number, line = next(lines, (0, ""))
    for delimiter in delimiters:
        try:
            names = [cell.strip().lower() for cell in split(line, delimiter)]
        except Broken:
            continue
        if ADDRESS in names or DOMAIN in names:
            _check_names(names, path)
            return delimiter, names
    raise InvalidInput(
        "The list has neither a column address nor a column domain",
        subject=str(path),
        answer=repr(line[:80]),
        advice=_ADVICE,
    )


def _check_names(names: Sequence[str], path: Path) -> None:
    for name in COLUMNS:
        if names.count(name) > 1:
            raise InvalidInput(
                f"The list has more than one column {name}", subject=str(path), advice=_ADVICE
            )


def _cells(line: str, delimiter: str, header: Sequence[str]) -> dict[str, str]:
    """The cells of one line by their columns. Raises `InvalidInput`."""
    if len(line) >= _LONGEST_LINE - 1:
        raise InvalidInput("The line is too long to be one")
    undecodable = _UNDECODABLE.search(line)
    if undecodable:
        byte = undecodable[0].encode("utf-8", "surrogateescape")
        raise InvalidInput(
            f"The line holds bytes that are no UTF-8: 0x{byte.hex()}", advice=_SAVE_AS_CSV
        )
    try:
        cells = [cell.strip() for cell in split(line, delimiter)]
    except Broken as error:
        raise InvalidInput(
            error.problem, subject=f"column {error.column + 1}", advice=error.advice
        ) from error
    if any(cells[len(header) :]):
        raise InvalidInput(
            f"The line has {len(cells)} cells, and the first line {len(header)}",
            advice="A cell with a separator in it stands in quotes.",
        )
    return dict(zip(header, cells, strict=False))


def _entry(cells: dict[str, str], line: int) -> Entry:
    told_address, told_domain = cells.get(ADDRESS, ""), cells.get(DOMAIN, "")
    name, role = cells.get(NAME, ""), cells.get(ROLE, "")
    if not told_address:
        if not told_domain:
            raise InvalidInput("The line has neither an address nor a domain")
        return Entry(domain_name(told_domain), None, name, role, line)
    found = address(told_address)
    if told_domain and domain_name(told_domain) != found.domain:
        raise InvalidInput(
            "The address is not in the domain",
            answer=f"{told_address}, {told_domain}",
            advice="Give them a line each if both are meant.",
        )
    return Entry(found.domain, str(found), name, role, line)


def _at(error: InvalidInput, path: Path, line: int) -> InvalidInput:
    """The error with the place where it is."""
    place = f"{path}, line {line}"
    return InvalidInput(
        error.problem,
        subject=f"{place}, {error.subject}" if error.subject else place,
        answer=error.answer,
        advice=error.advice,
    )
