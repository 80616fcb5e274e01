# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""People by the hundred or thousand in the directory and, synchronised, in a tenant.

Their sign-in names in the directory have a suffix that the cloud cannot take; they are to become
the primary addresses. Licences are mixed, with plans disabled here and there.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ldap3

from lab import account_tenants, lifecycle
from lab.cloud.sync.filling import synced_account
from lab.cloud.sync.person import DirectoryPerson
from lab.cloud.sync.reading import read_people
from lab.cloud.sync.settings import DirectoryServer
from lab.commands import run
from lab.description import Description
from lab.directory.account_people import Office
from lab.directory.ldif import Entry, Value, write_ldif

from .directory_administrator import administrator_connection
from .truth import Truth

Licenses = Mapping[str, Sequence[str]]

# Bundles with their shares: what people have by part number, with the disabled plans.
MIX: Sequence[tuple[Licenses, int]] = (
    ({"ENTERPRISEPACK": ()}, 30),
    ({"ENTERPRISEPACK": ("SWAY", "YAMMER_ENTERPRISE")}, 25),
    ({"ENTERPRISEPACK": ("TEAMS1",), "EMS": ("INTUNE_A",)}, 15),
    ({"SPE_E3": ("MFA_PREMIUM",)}, 10),
    ({"EXCHANGESTANDARD": ()}, 10),
    ({}, 10),
)
UNLICENSED: Sequence[tuple[Licenses, int]] = (({}, 1),)

# So many in a folder: a directory becomes slow with very full ones.
_FOLDER = 500
# A field of the global address list is missing every so many people.
_INCOMPLETE_EVERY = 17
_OWN_ANCHOR_EVERY = 2
_PATIENCE = 600
_NAMESPACE = uuid.UUID("c5d1f2b8-7a40-4f0e-9d7a-2c6c1a9be512")
_SYNCED = "2026-06-30T21:15:00Z"
_TREE_DELETE = "1.2.840.113556.1.4.805"
_GIVEN = ("Ada", "Bo", "Cleo", "Dag", "Ebba", "Finn", "Greta", "Hugo", "Ida", "Joel", "Kaj")
_SURNAMES = ("Ahl", "Berg", "Dahl", "Ek", "Falk", "Grip", "Holm", "Lind", "Moe", "Ny")


@dataclass(frozen=True)
class SyncedPerson:
    """Somebody in both systems; ``address`` is what the person is to sign in with in both.

    ``licenses`` are the direct ones, by part number, with the disabled plans, sorted.
    """

    dn: str
    immutable_id: str
    user_principal_name: str
    cloud_name: str
    address: str
    licenses: dict[str, list[str]]


def make_people(
    lab: Description,
    tenant: str,
    count: int,
    *,
    seed: int = 0,
    mix: Sequence[tuple[Licenses, int]] = MIX,
) -> list[SyncedPerson]:
    """Make people for a tenant that syncs; there are seats for all of them, and none beside.

    They are beside those who are there already. Bring the lab back with ``python -m lab reset`` or
    ``remove_people``.
    """
    found = account_tenants.find(tenant)
    assert found is not None
    assert found.office is not None, f"{tenant} has no people in the directory"
    (base,) = lab.account_tenants[tenant]["search_bases"]
    _load(lab, _entries(base, count, seed, found.office))
    folders = [_folder(base, seed, number) for number in range(0, count, _FOLDER)]
    read = read_people(_server(lab), folders)
    assert len(read) == count
    return _bring_to_cloud(lab, found.tenant.name, read, seed, mix)


def remove_people(lab: Description, tenant: str, *, seed: int = 0) -> None:
    """Take those people out of the directory again, and bring the cloud to its start state."""
    (base,) = lab.account_tenants[tenant]["search_bases"]
    prefix = _folder("", seed, 0).partition(" ")[0].removeprefix("OU=")
    with administrator_connection(lab) as connection:
        connection.search(base, f"(&(objectClass=organizationalUnit)(ou={prefix} *))", ldap3.LEVEL)
        folders = [entry["dn"] for entry in connection.response or () if "dn" in entry]
        for folder in folders:
            connection.delete(folder, controls=[(_TREE_DELETE, True, None)])
    Truth(lab).cloud("POST", "/reset")


def sync(lab: Description, tenant: str) -> dict[str, Any]:
    """Let a tenant sync now; what the sync did and refused."""
    report: dict[str, Any] = Truth(lab).cloud("POST", f"/sync/{tenant}", timeout=_PATIENCE)
    return report


def accounts(lab: Description, tenant: str) -> dict[str, dict[str, Any]]:
    """The truth about each member of a tenant, by the immutable id, of those who have one."""
    told = Truth(lab).cloud("GET", f"/accounts/{tenant}", timeout=_PATIENCE)
    return {user["immutable_id"]: user for user in told["users"] if user["immutable_id"]}


def _bring_to_cloud(
    lab: Description,
    tenant: str,
    read: Sequence[DirectoryPerson],
    seed: int,
    mix: Sequence[tuple[Licenses, int]],
) -> list[SyncedPerson]:
    truth = Truth(lab)
    chance = random.Random(seed)  # noqa: S311 - the same people each time
    bundles = chance.choices(
        [bundle for bundle, _share in mix], [share for _bundle, share in mix], k=len(read)
    )
    domains = (f"{tenant}.onmicrosoft.com", lab.tenants[tenant]["domain"])
    orders = [
        {
            **synced_account(person, domains, lab.directory["domain"], _SYNCED, bundle),
            "usage_location": "SE",
        }
        for person, bundle in zip(read, bundles, strict=True)
    ]
    seats = truth.cloud("GET", f"/accounts/{tenant}", timeout=_PATIENCE)["seats"]
    needed = [sku for bundle in bundles for sku in bundle]
    skus = [
        {"part_number": sku, "enabled": seats.get(sku, {}).get("taken", 0) + needed.count(sku)}
        for sku in sorted(set(needed))
    ]
    truth.cloud("POST", f"/accounts/{tenant}", {"skus": skus, "accounts": orders}, _PATIENCE)
    return [
        SyncedPerson(
            dn=person.dn,
            immutable_id=person.immutable_id,
            user_principal_name=str(person.user_principal_name),
            cloud_name=order["user_principal_name"],
            address=str(person.primary_address),
            licenses={sku: sorted(plans) for sku, plans in bundle.items()},
        )
        for person, order, bundle in zip(read, orders, bundles, strict=True)
    ]


def _load(lab: Description, entries: Iterable[Entry]) -> None:
    """Write into the database of the running server: in one transaction, so faster than LDAP."""
    settings = lifecycle.open_lab(lab.state).settings
    command = [
        "ldbmodify",
        f"--configfile={settings.directory_folder / 'etc' / 'smb.conf'}",
        f"--url={settings.directory_folder / 'private' / 'sam.ldb'}",
    ]
    run(command, stdin=write_ldif(entries))


def _entries(base: str, count: int, seed: int, office: Office) -> Iterator[Entry]:
    folder = ""
    for number in range(count):
        if number % _FOLDER == 0:
            folder = _folder(base, seed, number)
            yield Entry(folder, {"objectClass": ["top", "organizationalUnit"]})
        name, attributes = _attributes(number, seed, office)
        yield Entry(f"CN={name},{folder}", attributes)


def _attributes(number: int, seed: int, office: Office) -> tuple[str, dict[str, Sequence[Value]]]:
    """Return the common name of a person and what the directory is to have."""
    given, surname = _GIVEN[number % len(_GIVEN)], _SURNAMES[number % len(_SURNAMES)]
    account = f"c{seed}p{number:05}"
    address = f"{given}.{surname}.{seed}.{number}@{office.domain}".lower()
    anchor = uuid.uuid5(_NAMESPACE, f"{office.domain} {account}").bytes_le
    values: dict[str, Sequence[Value]] = {
        "objectClass": ["top", "person", "organizationalPerson", "user"],
        "sAMAccountName": [account],
        "userPrincipalName": [f"{account}@{office.local_suffix}"],
        # Enabled, without a password
        "userAccountControl": ["544"],
        "givenName": [given],
        "sn": [surname],
        "displayName": [f"{given} {surname} {number}"],
        "mail": [address],
        "mailNickname": [account],
        "proxyAddresses": [f"SMTP:{address}", f"smtp:{account}@{office.domain}"],
        "title": ["Engineer"],
        "department": [f"Department {number % 7}"],
        "physicalDeliveryOfficeName": ["Main building"],
        "telephoneNumber": [f"+46 8 555 {number:05}"],
        "mobile": [f"+46 70 555 {number:05}"],
        "facsimileTelephoneNumber": [f"+46 9 555 {number:05}"],
        "streetAddress": ["Storgatan 1"],
        "l": ["Uppsala"],
        "st": ["Uppland"],
        "postalCode": ["753 10"],
        "co": ["Sweden"],
        "c": ["SE"],
    }
    if number % _OWN_ANCHOR_EVERY:
        values["mS-DS-ConsistencyGuid"] = [anchor]
    if number % _INCOMPLETE_EVERY == _INCOMPLETE_EVERY - 1:
        for name in ("facsimileTelephoneNumber", "mobile"):
            del values[name]
    return account, values


def _folder(base: str, seed: int, number: int) -> str:
    return f"OU=Crowd{seed} {number // _FOLDER},{base}"


def _server(lab: Description) -> DirectoryServer:
    directory = lab.directory
    return DirectoryServer(
        address=directory["address"],
        port=directory["ldaps_port"],
        name=directory["host_name"],
        domain=directory["domain"],
        ca_file=lab.ca_file,
        username=directory["service_account"]["user_principal_name"],
        password=directory["service_account"]["password"],
    )
