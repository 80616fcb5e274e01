# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the review file: every value that a rule objects to, with what could be written instead.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from .._attribute_rules.attributes import COMMON_NAME
from .._attribute_rules.model import DirectoryObject, Finding, Severity, ValueChange
from .._replaced_file import OutputFile, output_file, told_as_input
from .cells import written
from .columns import COLUMNS, ERROR_WORDS
from .model import Decision
from .read import has_decisions

_BYTE_ORDER_MARK = "\ufeff"  # without it, Excel takes the file for one in its own code page
_HOLDERS_SHOWN = 10
_KIND = "The review file"


def write_review_file(
    path: Path, judged: Iterable[tuple[DirectoryObject, Sequence[Finding]]]
) -> int:
    """Write the findings of all objects; returns the number of rows.

    Raises `InvalidInput` if the file cannot be written.
    """
    with review_file(path) as writer:
        for thing, findings in judged:
            writer.add(thing, findings)
    return writer.rows


@contextmanager
def review_file(path: Path) -> Iterator[ReviewFileWriter]:
    """A review file to add to; it appears when the block has ended, and only then.

    One that is there and has decisions is kept beside it, since somebody's work is nowhere else.
    Raises `InvalidInput` if it cannot be written.
    """
    with output_file(path, _KIND) as file:
        writer = ReviewFileWriter(file)
        yield writer
        writer.kept = _kept(path)


def _kept(path: Path) -> Path | None:
    """The copy of a file with decisions, named after the time when somebody saved it."""
    if not path.exists() or not has_decisions(path):
        return None
    with told_as_input(path, _KIND):
        saved = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        copy = path.with_name(f"{path.stem}.{saved:%Y%m%dT%H%M%SZ}{path.suffix}")
        shutil.copy2(path, copy)
    return copy


class ReviewFileWriter:
    """Adds the rows of one object after the other; only those of one are in memory.

    `kept` is in the end where an earlier file with decisions is, if there was one.
    """

    def __init__(self, file: OutputFile) -> None:
        # All cells in quotes: spreadsheets differ in what else they take for a separator.
        self._writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        self.rows = 0
        self.kept: Path | None = None
        file.write(_BYTE_ORDER_MARK)
        self._writer.writerow(COLUMNS)

    def add(self, thing: DirectoryObject, findings: Iterable[Finding]) -> None:
        """Add the findings of an object: a row for each value that they are about."""
        for row in _rows(findings):
            self._writer.writerow(_cells(thing, row))
            self.rows += 1


@dataclass
class _Row:
    """The findings about one value, and what to write instead."""

    attribute: str
    value: str | None
    suggestion: ValueChange | None = None
    findings: list[Finding] = field(default_factory=list)


def _rows(findings: Iterable[Finding]) -> Iterable[_Row]:
    rows: dict[tuple[str | None, ...], _Row] = {}
    for finding in findings:
        suggestion = finding.suggestion
        attribute, value = finding.attribute, finding.value
        if suggestion is not None:
            # The way out may be to write something else, as with mail that is missing a proxy.
            attribute, value = suggestion.attribute, suggestion.before
        key: tuple[str | None, ...] = (attribute, value)
        if value is None and suggestion is not None:
            key = (*key, suggestion.after)  # several values can be missing
        row = rows.setdefault(key, _Row(attribute, value))
        row.suggestion = row.suggestion or suggestion
        row.findings.append(finding)
    return rows.values()


def _cells(thing: DirectoryObject, row: _Row) -> Sequence[str]:
    """The cells in the order of `COLUMNS`; only what other people wrote can be dangerous."""
    proposal = "" if row.suggestion is None else _proposal(row.suggestion)
    update = None if row.suggestion is None else row.suggestion.after
    return (
        written(thing.dn),
        written(thing.one(COMMON_NAME) or ""),
        thing.object_class.value,
        row.attribute,
        _errors(row.findings),
        written(row.value or ""),
        written(update or ""),
        proposal,
        "",
        thing.guid,
        ", ".join(_each(finding.rule for finding in row.findings)),
        _worst(row.findings).value,
        written(_reason(row)),
        written(_holders(row.findings)),
    )


def _proposal(suggestion: ValueChange) -> str:
    return Decision.REMOVE.value if suggestion.after is None else Decision.EDIT.value


def _errors(findings: Sequence[Finding]) -> str:
    kinds = {finding.kind for finding in findings}
    return ", ".join(word for kind, word in ERROR_WORDS.items() if kind in kinds)


def _worst(findings: Sequence[Finding]) -> Severity:
    severities = {finding.severity for finding in findings}
    return next(severity for severity in Severity if severity in severities)


def _reason(row: _Row) -> str:
    """What is wrong, and where there is no suggestion, why a person must decide."""
    told = [finding.detail for finding in row.findings]
    if row.suggestion is None:
        told += [finding.reason for finding in row.findings]
    return "; ".join(_each(told))


def _holders(findings: Sequence[Finding]) -> str:
    told = list(
        _each(
            f"{holder.dn} ({holder.attribute} {holder.value})"
            for finding in findings
            for holder in finding.holders
        )
    )
    more = len(told) - _HOLDERS_SHOWN
    return "; ".join(told[:_HOLDERS_SHOWN]) + (f"; and {more} more" if more > 0 else "")


def _each(texts: Iterable[str]) -> Mapping[str, None]:
    """Every text once, in order, without the empty ones."""
    return {text: None for text in texts if text}
