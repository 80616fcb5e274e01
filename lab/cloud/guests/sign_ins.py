# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the lab's own door where guests go to sign in, and redeem what they were sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..conversion import from_json
from ..graph.times import next_change
from ..people import ACCEPTED, PENDING, User
from ..redemption import CannotSignInError, Owners, SignIn, sign_in
from ..state import Tenant
from ..store import Store


@dataclass(frozen=True)
class _Who:
    """Guests by id, address or user principal name; null: all who have not redeemed yet."""

    guests: list[str] | None = None


class SignInDoor:
    """The handlers; who may come in, is decided before."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def routes(self) -> list[Route]:
        """Return the routes below ``/_lab``."""
        return [
            Route("/guests/{tenant}/sign-ins", self._attempts),
            Route("/guests/{tenant}/redemptions", self._redeem, methods=["POST"]),
        ]

    async def _attempts(self, request: Request) -> Response:
        """Tell what each guest would meet who tries to sign in now; nothing is changed."""
        name: str = request.path_params["tenant"]
        if name not in self._store.tenants:
            return _missing(f"there is no tenant {name}")
        tenant, owner_of = self._store.tenants[name], self._owners()
        guests = [user for user in tenant.users if user.user_type == "Guest"]
        return JSONResponse({"guests": [_attempt(tenant, user, owner_of)[0] for user in guests]})

    async def _redeem(self, request: Request) -> Response:
        """Let guests follow the link of their invitation: all who can redeem have done so then."""
        name: str = request.path_params["tenant"]
        if name not in self._store.tenants:
            return _missing(f"there is no tenant {name}")
        raw = await request.body()
        wanted = from_json(await request.json(), _Who).guests if raw else None
        tenant = self._store.tenants[name]
        try:
            users = list(_pending(tenant) if wanted is None else _find(tenant, wanted))
        except KeyError as error:
            return _missing(f"there is no guest {error} in {name}")
        return JSONResponse({"guests": self._redeem_all(name, users)})

    def _redeem_all(self, name: str, users: Iterable[User]) -> list[dict[str, Any]]:
        owner_of = self._owners()
        met = []
        with self._store.change_users(name) as change:
            for user in users:
                if user.external_user_state != PENDING:
                    met.append(_line(user, problem="There is nothing to be redeemed."))
                    continue
                line, found = _attempt(change.tenant, user, owner_of)
                met.append(line)
                if found is not None:
                    change.update(user, **self._consequences(user, found))
        return met

    def _consequences(self, user: User, found: SignIn) -> dict[str, Any]:
        """Return what is different about the guest from then on; the new account is made here."""
        values: dict[str, Any] = {
            "external_user_state": ACCEPTED,
            "state_changed": next_change(user.state_changed),
            "issuer": found.issuer,
            "signs_in": found.method,
        }
        if found.makes_account:
            values["accounts"] = [*user.accounts, "microsoft_account"]
            if user.address is not None and not self._store.has_personal_account(user.address):
                self._store.cloud.personal_accounts.append(user.address.casefold())
        return values

    def _owners(self) -> Owners:
        """Return the world's domains as they are now, each looked up once."""
        self._store.catch_up()
        return cache(self._store.cloud.owner_of)


def _attempt(tenant: Tenant, user: User, owner_of: Owners) -> tuple[dict[str, Any], SignIn | None]:
    try:
        found = sign_in(tenant, user, owner_of)
    except CannotSignInError as error:
        return _line(user, problem=str(error)), None
    return _line(user, found), found


def _line(user: User, found: SignIn | None = None, problem: str | None = None) -> dict[str, Any]:
    return {
        "id": user.id,
        "address": user.address,
        "method": None if found is None else found.method,
        "issuer": None if found is None else found.issuer,
        "makes_account": found is not None and found.makes_account,
        "problem": problem,
    }


def _pending(tenant: Tenant) -> Iterator[User]:
    return (user for user in tenant.users if user.external_user_state == PENDING)


def _find(tenant: Tenant, wanted: Iterable[str]) -> Iterator[User]:
    """Yield the users by id, name or address; raises KeyError for one who is not there."""
    for identifier in wanted:
        user = tenant.users.find(identifier)
        found = [user] if user is not None else tenant.users.with_address(identifier)
        if not found:
            raise KeyError(identifier)
        yield found[0]


def _missing(message: str) -> Response:
    return JSONResponse({"error": message}, status_code=404)
