# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be assessed: from a list, and from a CSV file, line by line.

What is wrong with one line is that line's affair. Private to the collection: it can change in any
release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from .._domain_names.names import Address, address, domain_name, domain_or_address
from .._errors import InvalidInput
from .._lists.reading import in_line, list_lines
from .model import BadEntry, Entry

ADDRESS, DOMAIN, NAME, ROLE = COLUMNS = ("address", "domain", "name", "role")


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
    for line in list_lines(path, needed=(ADDRESS, DOMAIN), once=COLUMNS):
        if isinstance(line.cells, InvalidInput):
            yield BadEntry(line.text, line.cells, line.number)
            continue
        try:
            yield _entry(line.cells, line.number)
        except InvalidInput as error:
            yield BadEntry(line.text, in_line(error, path, line.number), line.number)


def _entry(cells: Mapping[str, str], line: int) -> Entry:
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
