# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deviations that somebody accepts: which, why, and until when. Pure. Private to the collection."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from .._changes.model import Change
from .._errors import InvalidInput

NEEDED = ("tenant", "object", "attribute", "reason", "until")
"""What every acceptance says; none of them has a default, so that nothing is accepted unseen."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_ERRORS_TOLD = 10


@dataclass(frozen=True)
class Acceptance:
    """One acceptance. `tenant`, `object` and `attribute` are patterns as of a shell, in any case.

    `object` is held against the name and the id of a thing. `until` is its last day, in UTC.
    `place` says where it stands, for messages.
    """

    place: str
    tenant: str
    object: str
    attribute: str
    reason: str
    until: date

    def is_for(self, tenant: str) -> bool:
        """Whether it is about this tenant."""
        return bool(self._tenant.match(tenant.casefold()))

    def covers(self, change: Change) -> bool:
        """Whether it is about this deviation of its tenant."""
        return bool(self._attribute.match(change.property.casefold())) and any(
            self._object.match(text.casefold()) for text in (change.name, change.id)
        )

    def holds_on(self, today: date) -> bool:
        """Whether it has not expired; its last day still counts."""
        return today <= self.until

    @cached_property
    def _tenant(self) -> re.Pattern[str]:
        return _compiled(self.tenant)

    @cached_property
    def _object(self) -> re.Pattern[str]:
        return _compiled(self.object)

    @cached_property
    def _attribute(self) -> re.Pattern[str]:
        return _compiled(self.attribute)


@dataclass(frozen=True)
class Row:
    """An acceptance as it stands in a file, or why it cannot be read; `place` says where."""

    place: str
    fields: Mapping[str, Any] | InvalidInput


def acceptances(rows: Iterable[Row]) -> tuple[Acceptance, ...]:
    """Read acceptances. Raises `InvalidInput`, which names every row that is none."""
    read: list[Acceptance] = []
    errors: list[InvalidInput] = []
    for row in rows:
        try:
            read.append(_acceptance(row))
        except InvalidInput as error:
            errors.append(error)
    if errors:
        raise _together(errors)
    return tuple(read)


def of_tenant(accepted: Sequence[Acceptance], tenant: str) -> list[Acceptance]:
    """The acceptances that are about a tenant."""
    return [acceptance for acceptance in accepted if acceptance.is_for(tenant)]


def fitting(accepted: Iterable[Acceptance], change: Change) -> Acceptance | None:
    """The acceptance of a deviation, if there is one: of several, the one that holds longest."""
    covering = [acceptance for acceptance in accepted if acceptance.covers(change)]
    return max(covering, key=lambda acceptance: acceptance.until, default=None)


def _acceptance(row: Row) -> Acceptance:
    if isinstance(row.fields, InvalidInput):
        raise row.fields
    fields = {name: value for name, value in row.fields.items() if value not in (None, "")}
    unknown = sorted(set(map(str, fields)) - set(NEEDED))
    if unknown:
        raise InvalidInput(
            f"An accepted deviation has no {', '.join(unknown)}",
            subject=row.place,
            advice=f"It has {', '.join(NEEDED)}.",
        )
    missing = [name for name in NEEDED if not str(fields.get(name, "")).strip()]
    if missing:
        raise InvalidInput(
            f"An accepted deviation lacks its {' and '.join(missing)}",
            subject=row.place,
            advice="Say for each why it is accepted (reason) and until which day (until); tenant, "
            "object and attribute are patterns, and * means all.",
        )
    texts = {name: str(fields[name]).strip() for name in NEEDED if name != "until"}
    return Acceptance(place=row.place, until=_day(fields["until"], row.place), **texts)


def _day(value: object, place: str) -> date:
    text = str(value).strip()
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # a thirteenth month: told as what is no day at all
    raise InvalidInput(
        "An accepted deviation has an until that is no day",
        subject=place,
        answer=text,
        advice="Write it as 2027-01-31; it is the last day on which the deviation is accepted.",
    )


def _together(errors: Sequence[InvalidInput]) -> InvalidInput:
    """One error for all rows, so that they can be mended in one go."""
    if len(errors) == 1:
        return errors[0]
    more = len(errors) - _ERRORS_TOLD
    told = "; ".join(f"{error.subject}: {error.problem}" for error in errors[:_ERRORS_TOLD])
    return InvalidInput(
        f"{len(errors)} accepted deviations cannot be read",
        answer=told + (f"; and {more} more" if more > 0 else ""),
        advice=errors[0].advice,
    )


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(pattern.casefold()))


def places(accepted: Iterable[Acceptance]) -> Iterator[str]:
    """Where acceptances stand and what they are about, each in a line for people."""
    for each in accepted:
        yield f"{each.place}: {each.tenant}, {each.object}, {each.attribute} until {each.until}"
