# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `work_account_info`. Private to the collection: it can change in any release."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._attribute_rules.transliteration import Transliteration
from .._changes.converge import Failure, partly_done
from .._domain_names.names import domain_name
from .._doors.operation import Outcome
from .._errors import InvalidInput
from .._libraries import require
from .._lists.reading import in_line, list_lines
from .._sign_in_names.names import name_key
from .model import ADDRESS, COLUMNS, Colleague, Naming, colleague, with_one_name


def run(parameters: Mapping[str, Any], _check_mode: bool) -> Outcome:
    """Read the list, and tell which account each person gets and who has to wait."""
    require("anyascii", "email-validator", "idna")
    path = _absolute(parameters["read_csv"])
    naming = Naming(
        domain=domain_name(parameters["domain"]),
        transliteration=Transliteration.from_options(
            parameters["transliteration_language"], parameters["transliteration_characters"]
        ),
        other_domains=tuple(map(domain_name, parameters["other_domains"])),
        has_old_account=parameters["old_accounts"],
    )
    people, failures = _read(path, naming)
    people, more = _without_namesakes(people)
    failures += more
    ready = [person for person in people if not person.waits_for_support]
    return Outcome(
        values={
            "accounts": [person.account() for person in ready],
            "waiting": [person.told() for person in people if person.waits_for_support],
            "recipients": [person.recipient() for person in people],
            "failures": [failure.to_json() for failure in failures],
        },
        error=partly_done(failures),
    )


def _read(path: Path, naming: Naming) -> tuple[list[Colleague], list[Failure]]:
    people: list[Colleague] = []
    failures: list[Failure] = []
    for line in list_lines(path, needed=(ADDRESS,), once=COLUMNS):
        try:
            people.append(colleague(line.values(), naming))
        except InvalidInput as error:
            failures.append(Failure(line.text, line.text, in_line(error, path, line.number)))
    return people, failures


def _without_namesakes(people: list[Colleague]) -> tuple[list[Colleague], list[Failure]]:
    shared = with_one_name(people)
    failures = [
        Failure(
            person.address,
            person.address,
            InvalidInput(
                "Somebody else in the list would get the same name",
                subject=person.address,
                answer=person.user_principal_name,
                advice="Give one of them another name in the column user_principal_name.",
            ),
        )
        for person in people
        if name_key(person.user_principal_name) in shared
    ]
    kept = [person for person in people if name_key(person.user_principal_name) not in shared]
    return kept, failures


def _absolute(text: str) -> Path:
    path = Path(text)
    if not path.is_absolute():
        raise InvalidInput(
            f"read_csv must be an absolute path: {text!r}",
            advice="A relative one would mean another file for each place a module can run in.",
        )
    return path
