# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many requests in one: ``POST /$batch``.

https://learn.microsoft.com/graph/json-batching
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, QueryParams

from .asked import Asked
from .errors import GraphError, malformed

PATH = "$batch"
_MOST_MEMBERS = 20
_METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")
_PROPERTIES = {"id", "method", "url", "headers", "body", "dependsOn"}


@dataclass(frozen=True)
class Member:
    """One request of a batch, with the ids of those that have to succeed before."""

    id: str
    asked: Asked
    depends_on: tuple[str, ...] = ()


def read_batch(body: object, version: str) -> list[Member]:
    """Return the members; raises GraphError, for one wrong member refuses them all."""
    requests = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(requests, list) or not requests:
        raise malformed("Invalid batch payload format.")
    if len(requests) > _MOST_MEMBERS:
        raise malformed(f"Number of batch request steps exceeds the maximum value {_MOST_MEMBERS}.")
    members = [_read_member(entry, version) for entry in requests]
    ids = {member.id for member in members}
    if len(ids) < len(members):
        raise malformed("Request ids in a batch have to be unique.")
    _check_dependencies(members)
    return members


def may_write(body: object) -> bool:
    """Say whether any member of what may be a batch is there to do more than to read."""
    requests = body.get("requests") if isinstance(body, dict) else None
    members = requests if isinstance(requests, list) else []
    return any(isinstance(member, dict) and member.get("method") != "GET" for member in members)


def in_some_order(members: Sequence[Member], chance: random.Random) -> Iterator[Member]:
    """Yield the members as they may be worked on: what depends on others after these."""
    waiting = list(members)
    chance.shuffle(waiting)
    done: set[str] = set()
    while waiting:
        ready = [member for member in waiting if done.issuperset(member.depends_on)]
        if not ready:
            raise malformed("The requests of the batch depend on each other in a circle.")
        waiting = [member for member in waiting if member not in ready]
        done.update(member.id for member in ready)
        yield from ready


def member_answer(
    identifier: str, status: int, headers: Mapping[str, str], body: object
) -> dict[str, Any]:
    """Return the answer to a member; one without a body has none."""
    answer: dict[str, Any] = {"id": identifier, "status": status, "headers": dict(headers)}
    return answer if body is None else {**answer, "body": body}


def dependency_failed() -> GraphError:
    """A member that this one depends on was refused."""
    return GraphError(424, "FailedDependency", "A request that this one depends on has failed.")


def _read_member(entry: object, version: str) -> Member:
    if not isinstance(entry, dict) or not entry.keys() <= _PROPERTIES:
        raise malformed("Invalid batch payload format.")
    identifier, method, url = entry.get("id"), entry.get("method"), entry.get("url")
    if not isinstance(identifier, str) or not identifier or not isinstance(url, str) or not url:
        raise malformed("Each request of a batch needs an id and a url.")
    if not isinstance(method, str) or method.upper() not in _METHODS:
        raise malformed(f"Request id : {identifier} has no method that is known.")
    parts = urlsplit(url)
    if parts.scheme or parts.netloc:
        raise malformed(f"The url of request id : {identifier} is not relative.")
    headers = Headers(_texts(entry.get("headers") or {}, identifier))
    content = b""
    if entry.get("body") is not None:
        if "content-type" not in headers:
            raise malformed(
                f"Write request id : {identifier} does not contain Content-Type header or body."
            )
        content = json.dumps(entry["body"]).encode()
    asked = Asked(
        method.upper(),
        version,
        parts.path.strip("/"),
        QueryParams(parts.query),
        headers,
        content,
    )
    depends_on = entry.get("dependsOn") or []
    if not isinstance(depends_on, list):
        raise malformed("Invalid batch payload format.")
    return Member(identifier, asked, tuple(depends_on))


def _texts(headers: object, identifier: str) -> dict[str, str]:
    if not isinstance(headers, dict) or not all(isinstance(one, str) for one in headers.values()):
        raise malformed(f"The headers of request id : {identifier} are not texts.")
    return headers


def _check_dependencies(members: Sequence[Member]) -> None:
    """All members depend on another (but the first of them), or none does."""
    ids = {member.id for member in members}
    for member in members:
        if not ids.issuperset(member.depends_on):
            raise malformed(f"Request id : {member.id} depends on one that is not in the batch.")
    dependent = sum(bool(member.depends_on) for member in members)
    if dependent and dependent < len(members) - 1:
        raise malformed("The requests of a batch depend on each other all, or none does.")
