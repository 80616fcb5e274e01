# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a lock's file says, and what follows from it. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from .._errors import InvalidInput
from .owner import Owner

FORMAT = 1
LEASE_SECONDS = 300
"""For how long a lock that is not renewed is still taken for held."""

State: TypeAlias = Literal["held", "owner_gone", "expired", "free"]


@dataclass(frozen=True)
class Lease:
    """One generation of a tenant's lock, as it is written when it is taken.

    `token` is drawn for it alone; `since` is when it was taken, `ended` when it was given back or
    broken (empty while it is held), both ISO 8601 in UTC by the writer's clock, for people only.
    `broken_by` is who broke it, empty where its owner gave it back.
    """

    tenant: str
    token: str
    owner: Owner
    since: str
    lease_seconds: int = LEASE_SECONDS
    ended: str = ""
    broken_by: str = ""

    def to_text(self) -> str:
        """The content of the file."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1) + "\n"

    @classmethod
    def from_text(cls, text: str) -> Lease:
        """Read a file's content. Raises `InvalidInput` for anything but a lease."""
        try:
            told = json.loads(text)
            if told.pop("format") != FORMAT:
                raise InvalidInput("a format that this version does not know")
            numbers = (told["lease_seconds"], told["owner"]["pid"])
            if not all(isinstance(number, int) for number in numbers):
                raise InvalidInput("a number is none")
            return cls(**{**told, "owner": Owner(**told["owner"])})
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InvalidInput(f"no lease: {error}") from error


@dataclass(frozen=True)
class Seen:
    """A lease as it is found in the folder.

    `number` is its generation; `idle_seconds` is how long ago it was renewed, both moments told by
    the clock of the file server; `handed_over` if the owner gave work to processes that outlive it.
    """

    number: int
    lease: Lease
    idle_seconds: float
    handed_over: bool = False

    def state(self, is_gone: Callable[[Owner], bool]) -> State:
        """Whether somebody else may take the lock: not while it is `held`."""
        lease = self.lease
        if lease.ended:
            return "free"
        if self.idle_seconds > lease.lease_seconds:
            return "expired"
        if not self.handed_over and is_gone(lease.owner):
            return "owner_gone"
        return "held"


def now() -> str:
    """The moment, as `since` and `ended` tell it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
