# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `ad_attributes_info`. Private to the collection: it can change in any release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from .._attribute_rules.model import DirectoryObject, Finding, Severity
from .._changes.model import JsonValue
from .._doors.operation import Outcome
from .._ldap.settings import ConnectionSettings
from .._review_file.json_lines import FindingsWriter, finding_record, findings_file
from .._review_file.write import ReviewFileWriter, review_file
from .assessment import Assessment, assess
from .summary import FindingCount, summary


def run(parameters: Mapping[str, Any], _check_mode: bool) -> Outcome:
    """Judge the directory; nothing in it is changed."""
    paths = {"csv": parameters["write_csv"], "json_lines": parameters["write_json_lines"]}
    with assess(parameters) as assessment, ExitStack() as files:
        writers: list[ReviewFileWriter | FindingsWriter] = []
        if paths["csv"] is not None:
            writers.append(files.enter_context(review_file(Path(paths["csv"]))))
        if paths["json_lines"] is not None:
            writers.append(files.enter_context(findings_file(Path(paths["json_lines"]))))
        first = FirstFindings(parameters["findings_limit"])
        count = _judge(assessment, writers, first)
        told = summary(assessment, count)
    kept = (writer.kept for writer in writers if isinstance(writer, ReviewFileWriter))
    return Outcome(
        values={
            "summary": told,
            "findings": first.records,
            "written": {name: path for name, path in paths.items() if path is not None},
        },
        warnings=(
            *ConnectionSettings.from_parameters(parameters).warnings,
            *assessment.warnings,
            *(f"The decisions that were in {paths['csv']} are in {path}" for path in kept if path),
        ),
    )


class FirstFindings:
    """The worst findings, the first of each severity first, as many as the limit says."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: dict[Severity, list[dict[str, JsonValue]]] = {each: [] for each in Severity}

    def add(self, thing: DirectoryObject, findings: tuple[Finding, ...]) -> None:
        """Keep the findings of an object if there is room for them."""
        for finding in findings:
            kept = self._kept[finding.severity]
            if len(kept) < self._limit:
                kept.append(finding_record(thing, finding))

    @property
    def records(self) -> list[dict[str, JsonValue]]:
        """The findings as the module returns them."""
        return list(self._all())[: self._limit]

    def _all(self) -> Iterator[dict[str, JsonValue]]:
        for severity in Severity:
            yield from self._kept[severity]


def _judge(
    assessment: Assessment,
    writers: Sequence[FindingsWriter | ReviewFileWriter],
    first: FirstFindings,
) -> FindingCount:
    count = FindingCount()
    for judged in assessment.judged():
        count.add(judged.findings)
        first.add(judged.object, judged.findings)
        for writer in writers:
            writer.add(judged.object, judged.findings)
    return count
