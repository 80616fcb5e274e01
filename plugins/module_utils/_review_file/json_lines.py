# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Findings for programs: one JSON object per line (docs/formats.md).

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .._attribute_rules.model import DirectoryObject, Finding
from .._changes.model import JsonValue
from .._replaced_file import OutputFile, output_file

FINDINGS_FORMAT = 1


@contextmanager
def findings_file(path: Path) -> Iterator[FindingsWriter]:
    """A file of findings to add to; it appears when the block has ended, and only then.

    Raises `InvalidInput` if it cannot be written.
    """
    with output_file(path, "The file of findings") as file:
        yield FindingsWriter(file)


class FindingsWriter:
    """Adds the findings of one object after the other."""

    def __init__(self, file: OutputFile) -> None:
        self._file = file
        self.findings = 0

    def add(self, thing: DirectoryObject, findings: Iterable[Finding]) -> None:
        """Add the findings of an object, a line for each."""
        for finding in findings:
            record = {"format": FINDINGS_FORMAT, **finding_record(thing, finding)}
            text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
            self._file.write(f"{text}\n")
            self.findings += 1


def finding_record(thing: DirectoryObject, finding: Finding) -> dict[str, JsonValue]:
    """A finding as task results and files of findings tell it."""
    suggestion = finding.suggestion
    return {
        "rule": finding.rule,
        "kind": finding.kind.value,
        "severity": finding.severity.value,
        "guid": thing.guid,
        "dn": thing.dn,
        "object_class": thing.object_class.value,
        "attribute": finding.attribute,
        "value": finding.value,
        "detail": finding.detail,
        "suggestion": None
        if suggestion is None
        else {
            "attribute": suggestion.attribute,
            "before": suggestion.before,
            "after": suggestion.after,
        },
        "reason": finding.reason,
        "holders": [
            {
                "guid": holder.guid,
                "dn": holder.dn,
                "object_class": holder.object_class.value,
                "attribute": holder.attribute,
                "value": holder.value,
            }
            for holder in finding.holders
        ],
    }
