# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Five tenants that are about accounts: sign-in names that are to match, and licences.

They have no DNS zone. Four of them are synchronised with an organizational unit of the directory,
and already were at a time when nobody there had a name that the cloud can take.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .cloud.sync.filling import synced_account
from .cloud.sync.person import DirectoryPerson, person_of
from .directory import account_people
from .directory.account_people import Colleague, Office
from .settings import DirectorySettings
from .tenants import PERMISSIONS, Tenant

_LICENSING = ("LicenseAssignment.Read.All", "LicenseAssignment.ReadWrite.All")
_MORE = (
    "Group.Read.All",
    "GroupMember.ReadWrite.All",
    "OnPremDirectorySynchronization.Read.All",
    "OnPremDirectorySynchronization.ReadWrite.All",
    "RoleManagement.ReadWrite.Directory",
)
_SYNCED = "2026-06-30T21:15:00Z"

Order = Mapping[str, Any]


@dataclass(frozen=True)
class WorkAccount:
    """A line of the list of people who are to have a work account."""

    address: str
    name: str
    role: str


@dataclass(frozen=True)
class AccountTenant:
    """A tenant with its people.

    ``synced`` are those in the directory that the cloud knows, each with the licences (by part
    number, with the disabled plans) that the person has directly; ``found`` is what the cloud has
    of somebody, by account, where it is other than the sync would make it. ``feature``: names of
    people with licences are synchronised too. ``accounts``, ``skus`` and ``groups`` are as the
    cloud's configuration has them, ``wanted`` are variables of the inventory.
    """

    tenant: Tenant
    office: Office | None = None
    synced: Sequence[tuple[Colleague, Mapping[str, Sequence[str]]]] = ()
    found: Mapping[str, Order] = field(default_factory=dict)
    feature: bool = False
    skus: Mapping[str, int] = field(default_factory=dict)
    groups: Sequence[Order] = ()
    accounts: Sequence[Order] = ()
    work_accounts: Sequence[WorkAccount] = ()
    permissions: tuple[str, ...] = (*PERMISSIONS, *_LICENSING, *_MORE)
    wanted: Mapping[str, Any] = field(default_factory=dict)


def _tenant(number: int, name: str, display_name: str) -> Tenant:
    return Tenant(
        name=name,
        display_name=display_name,
        domain=f"{name}.test",
        tenant_id=f"0c7f1a52-6f0e-4a63-9c8e-3b1f0d9a51{number:02}",
        client_id=f"5d0b6e3a-1f57-4c0b-8f43-7a2d9b6c21{number:02}",
        email_otp="default",
        wanted_email_otp="default",
        verification=f"MS=ms{26110600 + number}",
    )


_Licenses = Mapping[str, Sequence[str]]
_NONE: _Licenses = {}
_E3: _Licenses = {"ENTERPRISEPACK": ()}
_E3_PARTLY: _Licenses = {"ENTERPRISEPACK": ("SWAY", "YAMMER_ENTERPRISE")}
_MIXED: tuple[_Licenses, ...] = (
    _E3,
    _E3,
    _E3_PARTLY,
    {"ENTERPRISEPACK": (), "EMS": ("INTUNE_A",)},
    {"ENTERPRISEPACK": ("TEAMS1",)},
    {"SPE_E3": ("MFA_PREMIUM", "SWAY")},
    {"STANDARDPACK": (), "EMS": ()},
    {"SPE_E3": (), "EMS": ("INTUNE_A",)},
    {"EXCHANGESTANDARD": ()},
    {"EMS": ("AAD_PREMIUM", "MFA_PREMIUM")},
    _NONE,
    _NONE,
    _E3_PARTLY,
    _E3,
)
_MIXED_SKUS = {
    "ENTERPRISEPACK": 8,
    "EMS": 5,
    "SPE_E3": 3,
    "STANDARDPACK": 1,
    "EXCHANGESTANDARD": 4,
}
_ALIGNMENT: Mapping[str, Any] = {
    "source": "primary_address",
    "batch_size": 5,
    "canary": 2,
    "max_failures": 3,
    "sync_timeout": 60,
    # The cloud shows every write at once.
    "settle_time": 2,
}

# The sync does not bring a new name to who has a licence.
LICENSES_IN_THE_WAY = AccountTenant(
    _tenant(1, "munson", "Munson's Pickles and Preserves"),
    office=account_people.MUNSON,
    synced=tuple(zip(account_people.IN_MUNSON, _MIXED, strict=True)),
    skus=_MIXED_SKUS,
    wanted={"tenant_upn_alignment": dict(_ALIGNMENT)},
)

# The same, but the sync does.
FEATURE_ON = AccountTenant(
    _tenant(2, "lamna", "Lamna Healthcare"),
    office=account_people.LAMNA,
    synced=tuple(zip(account_people.IN_LAMNA, _MIXED, strict=True)),
    feature=True,
    skus=_MIXED_SKUS,
    wanted={"tenant_upn_alignment": dict(_ALIGNMENT)},
)


def _member(name: str, mail: str | None, department: str, **details: Any) -> Order:
    return {
        "user_principal_name": name,
        "mail": mail,
        "usage_location": "SE",
        "details": {"department": department},
        **details,
    }


# Nobody here is synchronised. Two have each other's name, and one has that of somebody who is to
# have another one.
CLOUD_ONLY = AccountTenant(
    _tenant(3, "fincher", "Fincher Architects"),
    skus={"ENTERPRISEPACK": 6, "STANDARDPACK": 4, "EMS": 2},
    groups=(
        {"name": "Model makers"},
        {"name": "Everybody with EMS", "licenses": [{"sku": "EMS"}]},
    ),
    accounts=(
        _member("alva.berg@fincher.onmicrosoft.com", "alva.berg@fincher.test", "Drawing"),
        _member(
            "bror.dahl@fincher.onmicrosoft.com",
            "bror.dahl@fincher.test",
            "Drawing",
            licenses=[{"sku": "ENTERPRISEPACK", "disabled_plans": ["SWAY"]}],
        ),
        _member("carin.eng@fincher.onmicrosoft.com", "carin.eng@fincher.test", "Site"),
        _member("disa.fors@fincher.onmicrosoft.com", "disa.fors@fincher.test", "Site"),
        _member(
            "einar.glad@fincher.onmicrosoft.com",
            "einar.glad@fincher.test",
            "Models",
            groups=["Model makers", "Everybody with EMS"],
        ),
        # A chain: the name that the second is to have is the first one's now.
        _member("frida@fincher.test", "frida.holm@fincher.test", "Office"),
        _member("frida.ny@fincher.test", "frida@fincher.test", "Office", usage_location=None),
        # A swap
        _member("jan@fincher.test", "jon@fincher.test", "Site"),
        _member("jon@fincher.test", "jan@fincher.test", "Site"),
        _member("karl.right@fincher.test", "karl.right@fincher.test", "Office"),
    ),
    work_accounts=(
        WorkAccount("maud.ring@fincher.test", "Maud Ring", "Global Administrator"),
        WorkAccount("nore.skog@fincher.test", "Nore Skog", "User Administrator"),
        WorkAccount("olle.tall@fincher.test", "Olle Tall", "User"),
        WorkAccount("pia.ulv@fincher.test", "Pia Ulv", "User"),
        WorkAccount("rut.varg@fincher.test", "Rut Varg", "User"),
    ),
    wanted={
        "tenant_sign_in_names": {"source": "mail", "domains": ["fincher.test"]},
        "tenant_licensing": {
            "usage_location": "SE",
            "rules": [
                {"departments": ["Drawing"], "licenses": [{"sku": "ENTERPRISEPACK"}]},
                {
                    "departments": ["Site"],
                    "licenses": [{"sku": "STANDARDPACK", "disabled_plans": ["YAMMER_ENTERPRISE"]}],
                },
                {"groups": ["Model makers"], "licenses": [{"sku": "ENTERPRISEPACK"}]},
            ],
        },
    },
)

# Each person is in another trouble. The one deleted has the address that somebody is to have.
IN_TROUBLE = AccountTenant(
    _tenant(4, "southridge", "Southridge Video"),
    office=account_people.SOUTHRIDGE,
    synced=(
        (account_people.GOOD, _E3_PARTLY),
        (account_people.HELD_BY_DELETED, _E3),
        (account_people.SAME_ADDRESS, _E3),
        (account_people.SAME_ADDRESS_TOO, _NONE),
        (account_people.BY_GROUP_ONLY, _NONE),
        (account_people.UNVERIFIED_SUFFIX, _NONE),
        (account_people.SYNCED, _E3),
    ),
    found={
        "cdanes": {
            "mail": "cdanes@southridge.test",
            "proxy_addresses": ["SMTP:cdanes@southridge.test"],
        },
        "rwood2": {
            "mail": "rwood2@southridge.test",
            "proxy_addresses": ["SMTP:rwood2@southridge.test"],
        },
        "gprice": {"groups": ["Camera crew"]},
    },
    skus={"ENTERPRISEPACK": 6, "EMS": 1, "EXCHANGESTANDARD": 2},
    groups=({"name": "Camera crew", "licenses": [{"sku": "ENTERPRISEPACK"}]},),
    accounts=(
        _member(
            "cleo.danes@southridge.test",
            "cleo.danes@southridge.test",
            "Editing",
            is_deleted=True,
        ),
        _member(
            "ada.moss@southridge.onmicrosoft.com",
            "ada.moss@southridge.test",
            "IT",
            roles=["User Administrator"],
        ),
        # One seat for three
        _member("sam.oak@southridge.onmicrosoft.com", "sam.oak@southridge.test", "Stock"),
        _member("sid.elm@southridge.onmicrosoft.com", "sid.elm@southridge.test", "Stock"),
        _member("sue.ash@southridge.onmicrosoft.com", "sue.ash@southridge.test", "Stock"),
        _member(
            "ned.yew@southridge.onmicrosoft.com",
            "ned.yew@southridge.test",
            "Projection",
            usage_location=None,
        ),
    ),
    wanted={
        "tenant_upn_alignment": dict(_ALIGNMENT),
        "tenant_sign_in_names": {"source": "mail", "domains": ["southridge.test"]},
        "tenant_licensing": {
            "rules": [
                {"departments": ["Stock"], "licenses": [{"sku": "EMS"}]},
                {"departments": ["Projection"], "licenses": [{"sku": "EXCHANGESTANDARD"}]},
            ]
        },
    },
)

# The application may not touch licences.
MAY_NOT_LICENSE = AccountTenant(
    _tenant(5, "parnell", "Parnell Aerospace"),
    office=account_people.PARNELL,
    synced=tuple((person, _E3) for person in account_people.IN_PARNELL),
    skus={"ENTERPRISEPACK": 6},
    permissions=tuple(one for one in (*PERMISSIONS, *_LICENSING, *_MORE) if one != _LICENSING[1]),
    wanted={"tenant_upn_alignment": dict(_ALIGNMENT)},
)

ALL = (LICENSES_IN_THE_WAY, FEATURE_ON, CLOUD_ONLY, IN_TROUBLE, MAY_NOT_LICENSE)


def find(name: str) -> AccountTenant | None:
    """Return the tenant of this name if it is one of these."""
    return next((one for one in ALL if one.tenant.name == name), None)


def search_bases(one: AccountTenant, directory: DirectorySettings) -> list[str]:
    """Return where the tenant's people are in the directory."""
    return [] if one.office is None else [one.office.unit(directory.base_dn)]


def configuration(name: str, directory: DirectorySettings) -> dict[str, Any]:
    """Return what the cloud's configuration says of the accounts and the sync of a tenant."""
    one = find(name)
    if one is None:
        return {}
    bases = search_bases(one, directory)
    return {
        "domains": [{"name": one.tenant.domain, "is_verified": True}],
        "accounts": {
            "skus": [
                {"part_number": part_number, "enabled": seats}
                for part_number, seats in one.skus.items()
            ],
            "groups": [dict(group) for group in one.groups],
            "accounts": [*_synced(one, directory), *(dict(entry) for entry in one.accounts)],
        },
        "sync": {
            "search_bases": bases,
            "features": {"synchronize_upn_for_managed_users": one.feature},
        },
    }


def wanted(one: AccountTenant, directory: DirectorySettings) -> dict[str, Any]:
    """Return what the inventory asks for."""
    variables = dict(one.wanted)
    alignment = variables.get("tenant_upn_alignment")
    if alignment is not None:
        bases = search_bases(one, directory)
        variables["tenant_upn_alignment"] = {"search_bases": bases, **alignment}
        variables["tenant_directory_search_bases"] = bases
        variables["tenant_directory_verified_domains"] = [one.tenant.domain]
        variables["tenant_directory_known_domains"] = ["test", "example"]
    return variables


def _synced(one: AccountTenant, directory: DirectorySettings) -> Iterator[dict[str, Any]]:
    """Yield who is synchronised, as a sync has left them."""
    domains = (one.tenant.initial_domain, one.tenant.domain)
    for person, licenses in one.synced:
        read = _as_read(person, directory)
        yield {
            **synced_account(read, domains, directory.domain, _SYNCED, licenses),
            "usage_location": person.office.country_code,
            **one.found.get(person.account, {}),
        }


def _as_read(person: Colleague, directory: DirectorySettings) -> DirectoryPerson:
    raw = {
        name: [value if isinstance(value, bytes) else value.encode() for value in values]
        for name, values in person.attributes().items()
    }
    name = (person.display_name or f"{person.given} {person.surname}").encode()
    return person_of(person.dn(directory.base_dn), {**raw, "cn": [name]})
