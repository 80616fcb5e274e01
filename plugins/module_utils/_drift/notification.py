# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people are told about drift, as plain text and as Markdown.

The templates are Jinja2 (https://jinja.palletsprojects.com), run in its sandbox; a team's own take
the place of those that come with the collection. Names and values come from directories, where
others chose them: they stay on one line, and in Markdown they are only text. Private to the
collection.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._changes.model import display
from .._errors import InvalidInput
from .._libraries import library, require
from .._unseen_characters import UNSEEN
from .model import IS_DRIFT, Deviation, DriftReport, Status, TenantDrift, Verdict
from .plans import FIGURES
from .shipped import MARKDOWN, TEXT

with library("jinja2"):
    from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader, StrictUndefined, TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

if TYPE_CHECKING:
    from jinja2 import Environment

TEXT_NAME = "notification.txt"
MARKDOWN_NAME = "notification.md"

_SUFFIX = ".j2"
_LONGEST_VALUE = 200
_LABELS = {
    Status.NEW: "new",
    Status.STILL_THERE: "still there",
    Status.ACCEPTANCE_EXPIRED: "acceptance expired",
    Status.UNKNOWN: "not known",
    Status.GONE: "gone",
    Status.ACCEPTED: "accepted",
}
_UNSEEN = re.compile(f"[{UNSEEN}\t\n]")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~:@])")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}

Escape = Callable[[str], str]


@dataclass(frozen=True)
class Extent:
    """How much a notification tells: deviations of each tenant, and tenants."""

    objects: int
    tenants: int


def notifications(report: DriftReport, extent: Extent, folder: Path | None) -> dict[str, str]:
    """The notifications by the names of their files; `folder` has the team's own templates.

    Raises `InvalidInput` for a template that cannot be filled in.
    """
    require("jinja2")
    environment = _environment(folder)
    escapes: Mapping[str, Escape] = {TEXT_NAME: on_one_line, MARKDOWN_NAME: in_markdown}
    return {
        name: _filled(environment, f"{name}{_SUFFIX}", _variables(report, extent, escape))
        for name, escape in escapes.items()
    }


def headline(report: DriftReport) -> str:
    """The report in one line."""
    if report.ended is None:
        return f"Drift: not known, the look at {_tenants(len(report.tenants))} is not over"
    drifted = sum(each.verdict in _DRIFTED for each in report.tenants)
    unknown = sum(not each.is_known for each in report.tenants)
    told = [f"{drifted} drifted"] if drifted else []
    if unknown:
        told.append(f"{unknown} could not be looked at as a whole")
    return f"Drift: {' and '.join(told) or 'none'}, of {_tenants(len(report.tenants))}"


def on_one_line(text: str) -> str:
    """Text with what nobody sees, line ends included, spelled out."""
    return _UNSEEN.sub(lambda found: f"\\u{{{ord(found[0]):X}}}", text)


def in_markdown(text: str) -> str:
    """Text that Markdown shows as it is: no link, no mention, no heading."""
    escaped = _MARKDOWN.sub(r"\\\1", on_one_line(text))
    return re.sub("[&<>]", lambda found: _HTML[found[0]], escaped)


_DRIFTED = (Verdict.DRIFT, Verdict.DRIFT_AND_FAILED)


def _variables(report: DriftReport, extent: Extent, escape: Escape) -> dict[str, Any]:
    told = [tenant for tenant in report.tenants if _is_told(tenant)]
    return {
        "headline": headline(report),
        "verdict": report.verdict.value,
        "course": escape(report.course),
        "run": escape(report.run),
        "started": report.started,
        "ended": report.ended or "",
        "counts": {status.value: report.counts.get(status, 0) for status in Status},
        "counts_line": ", ".join(
            f"{label}: {report.counts.get(status, 0)}" for status, label in _LABELS.items()
        ),
        "tenants": [_tenant(tenant, extent, escape) for tenant in told[: extent.tenants]],
        "more_tenants": max(0, len(told) - extent.tenants),
        "idle_acceptances": [escape(line) for line in report.idle_acceptances],
    }


def _is_told(tenant: TenantDrift) -> bool:
    """Whether there is anything to say: what was accepted, and is, is no news."""
    return (
        not tenant.is_known
        or any(each.status is not Status.ACCEPTED for each in tenant.deviations)
        or any(_moved_figures(tenant))
    )


def _tenant(tenant: TenantDrift, extent: Extent, escape: Escape) -> dict[str, Any]:
    counts = tenant.counts
    told = [each for each in tenant.deviations if each.status is not Status.ACCEPTED]
    summary = ", ".join(
        f"{counts[status]} {label}" for status, label in _LABELS.items() if counts[status]
    )
    return {
        "name": escape(tenant.tenant),
        "verdict": tenant.verdict.value,
        "summary": summary or "no deviation",
        "counts": {status.value: counts.get(status, 0) for status in Status},
        "because": [escape(_cut(reason)) for reason in tenant.because[: extent.objects]],
        "known_at": tenant.known_at,
        "deviations": [_deviation(each, escape) for each in told[: extent.objects]],
        "more": max(0, len(told) - extent.objects),
        "figures": [escape(line) for line in _moved_figures(tenant)],
    }


def _deviation(deviation: Deviation, escape: Escape) -> dict[str, Any]:
    change = deviation.change
    return {
        "status": deviation.status.value,
        "label": _LABELS[deviation.status],
        "is_drift": deviation.status in IS_DRIFT,
        "system": change.system.value,
        "object": escape(_cut(change.name)),
        "attribute": escape(_cut(change.property)),
        "is": escape(_cut(display(change.before))),
        "wanted": escape(_cut(display(change.after))),
        "first_seen": deviation.first_seen,
        "last_seen": deviation.last_seen,
        "remark": escape(_remark(deviation)),
    }


def _remark(deviation: Deviation) -> str:
    told = []
    if deviation.is_replacement:
        told.append(f"was {_cut(display(deviation.replaces))} at the last look")
    if deviation.status is Status.STILL_THERE:
        told.append(f"since {deviation.first_seen}")
    if deviation.status is Status.UNKNOWN:
        told.append(f"last seen {deviation.last_seen}")
    if deviation.status is Status.ACCEPTANCE_EXPIRED:
        told.append(f"was accepted until {deviation.until}: {deviation.reason}")
    return f" ({'; '.join(told)})" if told else ""


def _moved_figures(tenant: TenantDrift) -> Iterator[str]:
    """What assessments count otherwise than at the last look."""
    if not tenant.figures or not tenant.earlier_figures:
        return
    for subject, numbers in tenant.figures.items():
        earlier = tenant.earlier_figures.get(subject)
        if earlier is None:
            continue
        for name in sorted({*numbers, *earlier}):
            was, now = earlier.get(name, 0), numbers.get(name, 0)
            if was != now:
                yield f"{FIGURES.get(subject, subject)}, {name}: {was} -> {now}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _tenants(number: int) -> str:
    return f"{number} {'tenant' if number == 1 else 'tenants'}"


def _filled(environment: Environment, name: str, variables: Mapping[str, Any]) -> str:
    try:
        text = environment.get_template(name).render(variables)
    except (
        TemplateError,
        OSError,
        # What the expressions of a template can come to.
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
        RecursionError,
    ) as error:
        line = getattr(error, "lineno", None)
        raise InvalidInput(
            "The template of the notification cannot be filled in",
            subject=name if line is None else f"{name}, line {line}",
            answer=f"{type(error).__name__}: {error}",
            advice="Mend the template. docs/drift.md tells what a template can use.",
        ) from error
    return f"{text.strip()}\n"


def _environment(folder: Path | None) -> Environment:
    shipped = DictLoader({f"{TEXT_NAME}{_SUFFIX}": TEXT, f"{MARKDOWN_NAME}{_SUFFIX}": MARKDOWN})
    if folder is not None and not folder.is_dir():
        raise InvalidInput("There is no such folder of templates", subject=str(folder))
    return ImmutableSandboxedEnvironment(
        loader=shipped if folder is None else ChoiceLoader([FileSystemLoader(folder), shipped]),
        # Text and Markdown; what has a meaning in Markdown is escaped before it comes here.
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
