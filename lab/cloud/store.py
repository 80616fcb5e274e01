# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps the state: on disk across restarts, and hidden from readers while a write "replicates"."""

from __future__ import annotations

import copy
import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .accounts.making import add_accounts
from .accounts.orders import AccountsOrder
from .configuration import Configuration, TenantConfiguration
from .conversion import from_json, to_json
from .guests.crowd import crowd
from .guests.making import add_guests
from .guests.orders import GuestOrder
from .ledger import Ledger
from .people import VisibleUsers
from .progress import advance
from .putting import put
from .state import Cloud, DomainOwner, Tenant, seed, seed_tenant
from .state_file import StateFile
from .user_change import HiddenUsers, Notes, UserChange

# What the lab's own door shows and lets change.
_VISIBLE = ("tenants", "unmanaged", "foreign", "personal_accounts")


@dataclass(frozen=True)
class _Replication:
    """What readers still see of a tenant, and until when (monotonic seconds)."""

    until: float
    before: Tenant


class Store:
    """The one owner of the state. Nothing here awaits, so each change is atomic to other requests.

    A state file that cannot be read raises ConversionError or json.JSONDecodeError at start.
    """

    def __init__(self, configuration: Configuration, ledger: Ledger) -> None:
        self._configuration = configuration
        self._ledger = ledger
        self._file = StateFile(Path(configuration.state_file), lambda: to_json(self._cloud))
        self._digest = _digest(configuration)
        self._replicating: dict[str, list[_Replication]] = {}
        self._hidden: dict[str, HiddenUsers] = defaultdict(HiddenUsers)
        self._cloud = self._load()

    @property
    def signing_key(self) -> str:
        """The private key (PEM) that signs access tokens."""
        return self._cloud.signing_key

    @property
    def tenants(self) -> dict[str, Tenant]:
        """The truth, by the tenants' names in the lab."""
        return self._cloud.tenants

    @property
    def cloud(self) -> Cloud:
        """The truth about everything."""
        return self._cloud

    def flush(self) -> None:
        """Write what waits to be written: the cloud is about to end."""
        self._file.flush()

    def catch_up(self, reader: str | None = None) -> None:
        """Finish what runs by itself and is due; a request of the tenant ``reader`` is beginning.

        Time does not pass for the cloud otherwise: everybody who reads it calls this first.
        """
        if advance(self._cloud, time.time(), reader):
            self._file.save()

    def find_tenant(self, identifier: str) -> str | None:
        """Return the lab's name of the tenant with this tenant id or verified domain."""
        wanted = identifier.casefold()
        # The ids first: every request asks for one, and there may be a thousand tenants.
        for name, tenant in self._cloud.tenants.items():
            if wanted == tenant.tenant_id.casefold():
                return name
        for name, tenant in self._cloud.tenants.items():
            domains = {domain.name.casefold() for domain in tenant.domains if domain.is_verified}
            if wanted in domains:
                return name
        return None

    def owner_of(self, domain: str) -> DomainOwner | None:
        """Return the tenant in which a domain (any case) is verified, managed or not."""
        self.catch_up()
        return self._cloud.owner_of(domain)

    def has_personal_account(self, address: str) -> bool:
        """Say whether there is a personal Microsoft account with this mail address."""
        return address.casefold() in self._cloud.personal_accounts

    def as_readers_see(self, name: str) -> Tenant:
        """Return the tenant without the writes that have not replicated yet."""
        now = time.monotonic()
        waiting = [entry for entry in self._replicating.get(name, []) if entry.until > now]
        self._replicating[name] = waiting
        return waiting[0].before if waiting else self._cloud.tenants[name]

    def users_as_readers_see(self, name: str) -> VisibleUsers:
        """Return the tenant's users without the writes that have not replicated yet."""
        return VisibleUsers(self._cloud.tenants[name].users, self._hidden[name].now())

    @contextmanager
    def change(self, name: str, *, hidden_for: float = 0) -> Iterator[Tenant]:
        """Yield the tenant to change, then save; readers see the change ``hidden_for`` seconds on.

        The block must refuse a bad request before it changes anything.
        """
        tenant = self._cloud.tenants[name]
        if hidden_for > 0:
            # The users, which may be very many, are hidden one by one.
            before = copy.deepcopy(tenant, {id(tenant.users): tenant.users})
            self._replicating.setdefault(name, []).append(
                _Replication(until=time.monotonic() + hidden_for, before=before)
            )
        yield tenant
        self._file.save()

    @contextmanager
    def change_users(self, name: str, *, hidden_for: float = 0) -> Iterator[UserChange]:
        """Yield what changes users of the tenant, as ``change`` does for all else."""
        yield UserChange(
            self._cloud.tenants[name], self._hidden[name], hidden_for, Notes(name, self._ledger)
        )
        self._file.save_soon()

    def reset(self) -> None:
        """Back to the seed; tokens already given stay valid."""
        self._replicating.clear()
        self._hidden.clear()
        self._cloud = self._seed(self._cloud.signing_key)
        self._file.write()

    def add_tenants(self, wanted: Mapping[str, TenantConfiguration]) -> None:
        """Make tenants behind the API, until the next reset; one of the same name begins anew."""
        for name, tenant in wanted.items():
            self._cloud.tenants[name] = seed_tenant(tenant)
            _fill(self._cloud, name, tenant)
        self._file.save_soon()

    def add_guests(self, name: str, orders: Iterable[GuestOrder]) -> int:
        """Add guests to a tenant behind the API; return how many.

        Raises ConversionError for an order that cannot be; those before it are made then.
        """
        try:
            return add_guests(self._cloud, self._cloud.tenants[name], orders)
        finally:
            # A crowd takes long to write: its maker shall not wait for that.
            self._file.save_soon()

    def add_accounts(self, name: str, order: AccountsOrder) -> int:
        """Add SKUs, groups and users to a tenant behind the API; return how many users.

        Raises ConversionError for what cannot be; what comes before it is made then.
        """
        try:
            return add_accounts(self._cloud.tenants[name], order)
        finally:
            self._file.save_soon()

    def dump(self) -> dict[str, Any]:
        """Return the truth about everything as JSON, secrets left out."""
        self.catch_up()
        cloud: dict[str, Any] = to_json(self._cloud)
        for tenant in cloud["tenants"].values():
            del tenant["application"]["client_secret"]
        return {name: cloud[name] for name in _VISIBLE}

    def put(self, path: list[str], value: object) -> None:
        """Set the value at a path such as ``["tenants", "fabrikam", "email_method", "state"]``
        behind the API.

        Raises KeyError when the path leads nowhere, ConversionError when the value does not fit.
        """
        if path[0] not in _VISIBLE:
            raise KeyError(path[0])
        put(self._cloud, path, value)
        self._replicating.clear()
        self._hidden.clear()
        self._file.save()

    def _load(self) -> Cloud:
        stored = self._file.read()
        # Of another configuration, so perhaps of another version: only then is it of our form.
        if stored is not None and stored.get("seed_digest") == self._digest:
            return from_json(stored, Cloud)
        self._cloud = self._seed(_new_signing_key())
        self._file.save()
        return self._cloud

    def _seed(self, signing_key: str) -> Cloud:
        cloud = seed(self._configuration, seed_digest=self._digest, signing_key=signing_key)
        for name, tenant in self._configuration.tenants.items():
            _fill(cloud, name, tenant)
        return cloud


def _fill(cloud: Cloud, name: str, tenant: TenantConfiguration) -> None:
    """Add guests and accounts to a tenant that was just made."""
    add_guests(cloud, cloud.tenants[name], tenant.guests)
    if tenant.crowd is not None:
        add_guests(cloud, cloud.tenants[name], crowd(tenant.crowd))
    add_accounts(cloud.tenants[name], tenant.accounts)


def _digest(configuration: Configuration) -> str:
    seeds = json.dumps(
        [
            to_json(configuration.tenants),
            to_json(configuration.unmanaged),
            to_json(configuration.foreign),
            configuration.personal_accounts,
        ],
        sort_keys=True,
    )
    return hashlib.sha256(seeds.encode()).hexdigest()


def _new_signing_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode("ascii")
