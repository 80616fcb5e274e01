# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The registry: which paths and methods there are, and which permissions they take."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from ..ledger import Entry
from ..people import VisibleUsers
from ..public_dns import PublicDns
from ..state import Cloud, Tenant
from ..user_change import UserChange
from .errors import GraphError, malformed, method_not_allowed
from .odata import Query


@dataclass(frozen=True)
class Call:
    """One request, authorised, as a handler sees it.

    ``tenant`` is what readers see, but for its users, of which ``users`` is that. A write goes to
    the tenant that ``change`` or (for its users) ``change_users`` yields, which is the truth, and
    only after everything that can be refused was checked. ``cloud`` returns the truth about all
    tenants, for what one cannot decide alone; ``dns`` is what the world outside serves.
    ``permissions`` are the caller's. ``tenant_name`` is the lab's name of the tenant, ``note``
    writes into the book of invitations.
    """

    base_url: str
    tenant_name: str
    tenant: Tenant
    cloud: Callable[[], Cloud]
    dns: PublicDns
    users: VisibleUsers
    change: Callable[[], AbstractContextManager[Tenant]]
    change_users: Callable[[], AbstractContextManager[UserChange]]
    permissions: frozenset[str]
    note: Callable[[Entry], None]
    path: Mapping[str, str]
    query: Query
    body: object


@dataclass(frozen=True)
class Answer:
    """A handler's answer; without a body there is none at all.

    ``headers`` come beside those that all answers have. ``is_refusal`` is for Graph's errors.
    """

    status: int
    body: dict[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_refusal: bool = False


Handler = Callable[[Call], Answer | Awaitable[Answer]]


@dataclass(frozen=True)
class Operation:
    """One method on one path.

    ``path`` is below the version, with ``{name}`` for an id; case does not count. Any one of
    ``permissions`` is enough, but all of ``together_with`` are needed beside it.
    """

    method: str
    path: str
    permissions: frozenset[str]
    handler: Handler
    query_options: frozenset[str] = field(default_factory=frozenset)
    together_with: frozenset[str] = field(default_factory=frozenset)

    def allows(self, roles: frozenset[str]) -> bool:
        """Say whether an application with these permissions may do it."""
        return bool(self.permissions & roles) and self.together_with <= roles

    @property
    def segments(self) -> list[str]:
        """The path in pieces."""
        return self.path.strip("/").split("/")


class Registry:
    """All operations of the API."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._operations = list(operations)

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]]:
        """Return the operation and the ids in the path; raises GraphError.

        ``path`` is as it was sent: an id may hold an escaped slash.
        """
        segments = [unquote(segment) for segment in path.strip("/").split("/")]
        same_path = False
        for operation in self._operations:
            ids = _match(operation.segments, segments)
            if ids is None:
                continue
            if operation.method == method:
                return operation, ids
            same_path = True
        raise method_not_allowed() if same_path else self._unknown(segments)

    def _unknown(self, segments: list[str]) -> GraphError:
        """Name the first segment that leads nowhere, as Graph does."""
        for length, segment in enumerate(segments, start=1):
            known = any(
                _match(operation.segments[:length], segments[:length]) is not None
                for operation in self._operations
            )
            if not known:
                return malformed(f"Resource not found for the segment '{segment}'.")
        return method_not_allowed()


def _match(template: list[str], segments: list[str]) -> dict[str, str] | None:
    if len(template) != len(segments):
        return None
    ids = {}
    for expected, given in zip(template, segments, strict=True):
        if expected.startswith("{"):
            ids[expected.strip("{}")] = given
        elif expected.casefold() != given.casefold():
            return None
    return ids
