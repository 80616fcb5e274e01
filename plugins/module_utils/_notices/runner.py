# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `notice_files`. Private to the collection: it can change in any release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from .._changes.converge import Failure, partly_done
from .._doors.operation import Outcome
from .._errors import InvalidInput, TenantopsError
from .._guests.links import SignInLinks, sign_in_links
from .._libraries import require
from .files import NoticeFolder, copy_templates
from .model import Facts, Recipient
from .recipients import NoRecipient, from_csv, listed
from .templates import SHIPPED, SUFFIX, Templates

_LIBRARIES = ("email-validator", "idna", "jinja2")


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Write the notices that are not there yet as they are to be."""
    require(*_LIBRARIES)
    copied = _copied_templates(parameters, check_mode=check_mode)
    if parameters["folder"] is None:
        return Outcome(values={"changed": bool(copied), "templates_written": copied, **_NOTHING})
    if parameters["recipients"] is None and parameters["read_csv"] is None:
        raise InvalidInput("Nobody is to be told anything", advice="Give recipients or read_csv.")
    folder = NoticeFolder(_absolute(parameters, "folder"))
    written = _Notices(_templates(parameters, check_mode=check_mode), _facts(parameters), folder)
    for entry in _entries(parameters):
        written.add(entry)
    names = folder.to_write()
    if not check_mode:
        folder.write(names)
    return Outcome(
        values={
            "changed": bool(names or copied),
            "written": names,
            "notices": written.amount,
            "languages": dict(sorted(written.languages.items())),
            "chosen_by": dict(sorted(written.reasons.items())),
            "left_over": folder.left_over(),
            "templates_written": copied,
            "failures": [failure.to_json() for failure in written.failures],
        },
        error=partly_done(written.failures),
    )


_NOTHING: Mapping[str, Any] = {
    "written": [],
    "notices": 0,
    "languages": {},
    "chosen_by": {},
    "left_over": [],
    "failures": [],
}


class _Notices:
    """Notices on their way into a folder, and what is to be told of them."""

    def __init__(self, templates: Templates, facts: Facts, folder: NoticeFolder) -> None:
        self._templates = templates
        self._facts = facts
        self._folder = folder
        self.amount = 0
        self.languages: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.failures: list[Failure] = []

    def add(self, entry: Recipient | NoRecipient) -> None:
        """Add the notice of one entry, or why there is none."""
        if isinstance(entry, NoRecipient):
            self._fail(entry.text, entry.error)
            return
        # A template that cannot be filled in for one is broken for many: that stops it all.
        notice = self._templates.notice(entry, self._facts)
        try:
            self._folder.add(entry, notice)
        except InvalidInput as error:
            self._fail(entry.address, error)
            return
        self.amount += 1
        self.languages[notice.language] += 1
        self.reasons[notice.because.value] += 1

    def _fail(self, text: str, error: TenantopsError) -> None:
        self.failures.append(Failure(text, text, error))


def _copied_templates(parameters: Mapping[str, Any], *, check_mode: bool) -> list[str]:
    if parameters["copy_templates_to"] is None:
        return []
    shipped = {
        f"{language}/{name}{SUFFIX}": text
        for language, by_name in SHIPPED.items()
        for name, text in by_name.items()
    }
    folder = _absolute(parameters, "copy_templates_to")
    return copy_templates(folder, shipped, check_mode=check_mode)


def _templates(parameters: Mapping[str, Any], *, check_mode: bool) -> Templates:
    folder = None if parameters["templates"] is None else _absolute(parameters, "templates")
    is_copied = folder is not None and parameters["templates"] == parameters["copy_templates_to"]
    if folder is not None and check_mode and is_copied and not folder.exists():
        # What the run would have copied there is what comes with the collection.
        folder = None
    return Templates.load(
        parameters["notice"],
        folder=folder,
        languages=parameters["languages"] or (),
        languages_by_domain=parameters["languages_by_domain"],
        default_language=parameters["default_language"],
    )


def _facts(parameters: Mapping[str, Any]) -> Facts:
    return Facts(
        organization=parameters["organization"],
        contact=parameters["contact"] or "",
        links=_links(parameters),
        variables=parameters["variables"] or {},
    )


def _links(parameters: Mapping[str, Any]) -> SignInLinks | None:
    tenant, domain = parameters["tenant_id"], parameters["initial_domain"]
    if tenant is None and domain is None:
        return None
    return sign_in_links(tenant or domain, domain, parameters["cloud"])


def _entries(parameters: Mapping[str, Any]) -> Iterator[Recipient | NoRecipient]:
    only = parameters["only"] or {}
    read = parameters["read_csv"]
    in_file = (
        () if read is None else from_csv(Path(read), {name: _values(only[name]) for name in only})
    )
    return chain(listed(parameters["recipients"] or ()), in_file)


def _values(value: Any) -> list[str]:
    return list(map(str, value)) if isinstance(value, list | tuple) else [str(value)]


def _absolute(parameters: Mapping[str, Any], option: str) -> Path:
    path = Path(parameters[option])
    if not path.is_absolute():
        raise InvalidInput(
            f"{option} must be an absolute path: {str(path)!r}",
            advice="A relative one would mean another folder for each place a module can run in.",
        )
    return path
