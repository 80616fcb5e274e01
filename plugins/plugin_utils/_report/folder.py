# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes a report's files: each one whole or not at all, for its owner's eyes only.

Private to the collection.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...module_utils._replaced_file import replaced_file
from .documents import (
    INDEX_NAME,
    PAGE_NAME,
    encode,
    index_document,
    plan_document,
    plan_name,
)
from .model import Mode, Report, Tenant
from .page import render


@dataclass
class Written:
    """What writing came to; `problems` is empty if all went well."""

    page: Path
    problems: list[str] = field(default_factory=list)


class ReportFolder:
    """The folder of one mode of a run: plans, index and page."""

    def __init__(self, folder: Path, mode: Mode) -> None:
        self.root = folder
        self.path = folder / mode.value

    def has_plan(self, tenant: str) -> bool:
        """Whether there is a plan file of a tenant, from whichever run."""
        try:
            return (self.path / plan_name(tenant)).exists()
        except OSError:
            return True  # it cannot be looked at, so it may well be there

    def begin(self, report: Report) -> None:
        """Mark the index as belonging to a run that is not over. Raises `OSError`."""
        self._prepare()
        self._write(INDEX_NAME, [encode(index_document(replace(report, tenants=()), {}, {}))])

    def finish(self, report: Report) -> Written:
        """Write everything that can be written; a plan that cannot leaves no older one behind."""
        written = Written(self.path / PAGE_NAME)
        try:
            self._prepare()
        except OSError as error:
            written.problems.append(_told(error, self.path))
        digests: dict[str, str] = {}
        unwritten: dict[str, str] = {}
        for tenant in report.tenants:
            try:
                digests[tenant.name] = self._write_plan(report, tenant)
            except OSError as error:
                unwritten[tenant.name] = _told(error, self.path / plan_name(tenant.name))
                unwritten[tenant.name] += self._remove_older(tenant.name)
        written.problems += unwritten.values()
        index = encode(index_document(report, digests, unwritten))
        for name, chunks in ((INDEX_NAME, iter([index])), (PAGE_NAME, render(report))):
            try:
                self._write(name, chunks)
            except OSError as error:
                written.problems.append(_told(error, self.path / name))
        with contextlib.suppress(OSError):
            _sync_folder(self.path)
        return written

    def _write_plan(self, report: Report, tenant: Tenant) -> str:
        document = plan_document(report, tenant)
        self._write(plan_name(tenant.name), [encode(document)])
        return str(document["sha256"])

    def _remove_older(self, tenant: str) -> str:
        path = self.path / plan_name(tenant)
        try:
            path.unlink(missing_ok=True)
        except OSError:
            return " What is there is of an EARLIER run: do not use it."
        return ""

    def _prepare(self) -> None:
        self.root.parent.mkdir(parents=True, exist_ok=True)
        for folder in (self.root, self.path):
            folder.mkdir(mode=0o700, exist_ok=True)

    def _write(self, name: str, chunks: Iterable[str]) -> None:
        with replaced_file(self.path / name) as file:
            file.writelines(chunks)


def _told(error: OSError, path: Path) -> str:
    return f"{path} was not written: {error.strerror or error}."


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
