# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guests of a tenant, read through Microsoft Graph page by page.

No more than a page is in memory at a time. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass

from .._errors import NotUnderstood
from .._graph.access import Access
from .._graph.client import Graph
from .._graph.json_pages import json_pages
from .model import FIELDS, ISSUERS, ExternalUserState, ReadGuest, SignInMethod

READ_GUESTS = Access(
    "User.Read.All",
    "Directory Readers",
    ("User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"),
)
"""What reading guests needs: how they sign in is not among the basic properties of a user."""

_SUBJECT = "guests"
_PAGE_SIZE = 999  # the most that Graph gives
# The index that can be searched for identities, and counted, is asked for by both (Graph
# documentation, "Advanced query capabilities").
_HEADERS = {"ConsistencyLevel": "eventual"}
_IS_GUEST = "userType eq 'Guest'"
# Graph finds identities by their issuer alone for these, and not for MicrosoftAccount and
# ExternalAzureAD (resource objectIdentity).
_FOUND_BY_ISSUER = {
    method: issuer for issuer, method in ISSUERS.items() if issuer != "MicrosoftAccount"
}
_MOST_EXAMPLES = 5


@dataclass(frozen=True)
class PasscodeGuests:
    """Those who sign in by passcode: how many, the first addresses, and all object ids."""

    count: int
    examples: tuple[str, ...]
    ids: frozenset[str]


async def read_guests(
    graph: Graph, methods: Collection[SignInMethod] = ()
) -> AsyncIterator[ReadGuest]:
    """Every guest of the tenant, in Graph's order.

    Where only such `methods` are asked for as Graph can find by itself, no others are given; in all
    other cases, every guest is. Raises what `guest_pages` raises.
    """
    async for page in guest_pages(graph, methods):
        for guest in page:
            yield guest


async def guest_pages(
    graph: Graph, methods: Collection[SignInMethod] = ()
) -> AsyncIterator[list[ReadGuest]]:
    """The guests of `read_guests`, as many at a time as Graph gives.

    Raises `NotUnderstood` for an answer that is no list of guests, and for one without an end.
    """
    if methods and all(method in _FOUND_BY_ISSUER for method in methods):
        conditions = [f"{_IS_GUEST} and {_has_issuer(method)}" for method in sorted(set(methods))]
    else:
        conditions = [_IS_GUEST]
    for condition in conditions:
        async for page in _pages(graph, condition):
            if any(guest.user_type != "Guest" for guest in page):
                raise NotUnderstood(
                    "The answer is not a page of guests",
                    server=graph.server,
                    subject=_SUBJECT,
                    answer="users who are no guests",
                )
            yield page


async def passcode_guests(graph: Graph, besides: Collection[str] = ()) -> PasscodeGuests:
    """Those who would be locked out if there were no passcode any more, `besides` these ids.

    People from outside whose user type is that of a member are among them. Who has not redeemed, or
    whose redemption was reset, has nothing to lose.
    """
    ids: set[str] = set()
    examples: list[str] = []
    async for page in _pages(graph, _has_issuer(SignInMethod.ONE_TIME_PASSCODE)):
        for guest in page:
            if guest.state == ExternalUserState.PENDING_ACCEPTANCE:
                continue
            if guest.id in ids or guest.id in besides:
                continue
            ids.add(guest.id)
            if len(examples) < _MOST_EXAMPLES:
                examples.append(guest.address or guest.user_principal_name)
    return PasscodeGuests(len(ids), tuple(examples), frozenset(ids))


async def _pages(graph: Graph, condition: str) -> AsyncIterator[list[ReadGuest]]:
    query = {
        "$filter": condition,
        "$select": ",".join(FIELDS),
        "$top": str(_PAGE_SIZE),
        "$count": "true",
    }
    async for page in json_pages(graph, _SUBJECT, "users", query, _HEADERS, access=READ_GUESTS):
        yield [ReadGuest.from_json(entry) for entry in page]


def _has_issuer(method: SignInMethod) -> str:
    return f"identities/any(c:c/issuer eq '{_FOUND_BY_ISSUER[method]}')"
