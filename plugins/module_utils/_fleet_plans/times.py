# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Times, lifetimes and dates as operators give them. Pure. Private to the collection."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from .._errors import InvalidInput


def timestamp(moment: datetime) -> str:
    """A time in UTC to the second, in the form of RFC 3339."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def to_time(text: object) -> datetime:
    """Read what `timestamp` wrote. Raises `ValueError`."""
    moment = datetime.fromisoformat(str(text))
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {text}")
    return moment


def until(text: str, now: datetime) -> datetime:
    """Until when somebody approves: a time, or a day to its end; without a zone it is UTC.

    Raises `InvalidInput` for anything else, and for what is past.
    """
    try:
        if len(text) == len("2026-11-30"):
            moment = datetime.combine(date.fromisoformat(text), time(23, 59, 59), UTC)
        else:
            moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            "This is no time for an approval to end",
            subject=text,
            answer=str(error),
            advice="Write a day such as 2026-11-30, or a time such as 2026-11-30T18:00:00Z.",
        ) from error
    moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    if moment <= now:
        raise InvalidInput(
            "The approval would have ended already",
            subject=text,
            answer=f"it is {timestamp(now)} now",
            advice="Give a later time, or none: then it is good as long as the plans are.",
        )
    return moment


def duration(name: str, text: str, unit: timedelta) -> timedelta:
    """A positive number of hours or days. Raises `InvalidInput` naming the option."""
    try:
        length = float(text) * unit
    except (ValueError, OverflowError):
        length = timedelta(0)
    if length > timedelta(0):
        return length
    raise InvalidInput(
        f"{name} is no positive number", subject=text, advice="Write for example 72."
    )
