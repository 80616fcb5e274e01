# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compares a large directory with a tenant of the lab, or only reads one of them, and says what it
took.

    python -m tests.bench.comparing WAY STATE TENANT FOLDER

STATE is the folder of a running lab and FOLDER that of a running server (lab.openldap.scale). Of
the time and the memory, what is there before the first request does not count. The way "fill" is
none: it lets the tenant have a user for each person of the directory.
"""

from __future__ import annotations

import importlib
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.description import load
from lab.openldap import scale
from lab.openldap.scale import ScaleServer

from .listing import PAGE_SIZE, Place, highest

# Imported when they are used: no way is to wait for the modules of another.
_PLUGINS = "ansible_collections.tenantops.migration.plugins"

# What the collection reads: tests/lab/test_account_comparison.py holds the two against each other.
FIELDS = (
    "id", "userPrincipalName", "mail", "displayName", "accountEnabled", "onPremisesSyncEnabled",
    "onPremisesImmutableId", "proxyAddresses", "mailNickname", "userType",
    "licenseAssignmentStates", "givenName", "surname", "jobTitle", "department", "officeLocation",
    "businessPhones", "mobilePhone", "faxNumber", "streetAddress", "city", "state", "postalCode",
    "country",
)  # fmt: skip
ATTRIBUTES = (
    "objectGUID", "userPrincipalName", "mail", "proxyAddresses", "sAMAccountName", "displayName",
    "mailNickname", "mS-DS-ConsistencyGuid", "userAccountControl", "msExchHideFromAddressLists",
    "isCriticalSystemObject", "objectSid", "groupType", "msExchRecipientTypeDetails", "givenName",
    "sn", "title", "department", "physicalDeliveryOfficeName", "telephoneNumber", "mobile",
    "facsimileTelephoneNumber", "streetAddress", "l", "st", "postalCode", "co",
)  # fmt: skip
FILTER = "(|(objectClass=user)(objectClass=inetOrgPerson))"
_TIMEOUT = 60
# How many users are made with one request, and how long that takes a busy machine, in seconds
_AT_ONCE = 10_000
_MAKING = 300


@dataclass(frozen=True)
class Pair:
    """A tenant of the lab, and the directory whose people it has."""

    name: str
    place: Place
    server: ScaleServer


def cloud(pair: Pair) -> int:
    """Page by page with httpx, each one parsed and dropped: the least that can be done."""
    httpx: Any = importlib.import_module("httpx")
    trust: Any = importlib.import_module(f"{_PLUGINS}.module_utils._graph.trust")
    place, count = pair.place, 0
    with httpx.Client(verify=trust.trust(place.lab.ca_file), timeout=_TIMEOUT) as client:
        form = {
            "grant_type": "client_credentials",
            "client_id": place.tenant["client_id"],
            "client_secret": place.tenant["client_secret"],
            "scope": f"{place.graph_url}/.default",
        }
        token = client.post(place.token_url, data=form).raise_for_status().json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        query: dict[str, str] | None = {"$select": ",".join(FIELDS), "$top": str(PAGE_SIZE)}
        address: str | None = f"{place.graph_url}/v1.0/users"
        while address:
            answer = client.get(address, params=query, headers=headers).raise_for_status().json()
            count += len(answer["value"])
            address, query = answer.get("@odata.nextLink"), None
    return count


def directory(pair: Pair) -> int:
    """Page by page with ldap3's own generator, without the schema, which makes it faster."""
    ldap3: Any = importlib.import_module("ldap3")
    server = pair.server
    with ldap3.Connection(
        ldap3.Server(server.ldap_url, get_info=ldap3.NONE),
        server.user,
        server.password,
        check_names=False,
        auto_referrals=False,
    ) as connection:
        found = connection.extend.standard.paged_search(
            server.base_dn, FILTER, attributes=ATTRIBUTES, paged_size=PAGE_SIZE, generator=True
        )
        return sum(1 for _entry in found)


def ours(pair: Pair) -> int:
    """All that `account_comparison_info` does: both systems, who is who, and the table."""
    module: Any = importlib.import_module(f"{_PLUGINS}.modules.account_comparison_info")
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "accounts.csv"
        outcome = module.OPERATION.run(parameters(pair, write_csv=str(table)), True)
        with table.open(encoding="utf-8", newline="") as lines:
            rows = sum(1 for _line in lines) - 1
    summary = outcome.values["summary"]
    if rows != summary["with_findings"]:
        raise SystemExit(f"{rows} rows for {summary['with_findings']} people with findings")
    return int(summary["everybody"])


def parameters(pair: Pair, **others: Any) -> dict[str, Any]:
    """The options of the task, as Ansible would fill them in."""
    place = pair.place
    return {
        **directory_parameters(pair.server),
        "entra_tenant_id": place.tenant["tenant_id"],
        "entra_client_id": place.tenant["client_id"],
        "entra_client_secret": place.tenant["client_secret"],
        "entra_graph_url": place.graph_url,
        "entra_authority": place.lab.cloud["authority"],
        "entra_ca_path": place.lab.ca_file,
        **others,
    }


def directory_parameters(server: ScaleServer) -> dict[str, Any]:
    """The same without those of the cloud."""
    module: Any = importlib.import_module(f"{_PLUGINS}.modules.account_comparison_info")
    options = module.OPERATION.arguments.options
    return {
        **{name: option.get("default") for name, option in options.items()},
        "ad_servers": [f"{server.address}:{server.ldap_port}"],
        "ad_encryption": "none",
        "ad_allow_unencrypted_bind": True,
        "ad_username": server.user,
        "ad_password": server.password,
    }


def fill(pair: Pair) -> int:
    """Let the tenant have a user for each person of the directory; return how many these are."""
    truths: Any = importlib.import_module("tests.lab.truth")
    truth = truths.Truth(pair.place.lab)
    truth.cloud("POST", "/reset")
    orders, made = _accounts(pair.server, f"{pair.name}.onmicrosoft.com"), 0
    while some := list(itertools.islice(orders, _AT_ONCE)):
        truth.cloud("POST", f"/accounts/{pair.name}", {"accounts": some}, timeout=_MAKING)
        made += len(some)
    return made


def _accounts(server: ScaleServer, domain: str) -> Iterator[dict[str, Any]]:
    """The users that sync would make of the people of a directory, as the lab's door takes them.

    Names are those of a tenant in which no other domain is verified.
    """
    reading: Any = importlib.import_module(f"{_PLUGINS}.module_utils._people.reading")
    settings: Any = importlib.import_module(f"{_PLUGINS}.module_utils._ldap.settings")
    connection: Any = importlib.import_module(f"{_PLUGINS}.module_utils._ldap.connection")
    options = directory_parameters(server)
    taken: set[str] = set()
    with connection.connect(settings.ConnectionSettings.from_parameters(options)) as opened:
        people = reading.read_directory_people(opened, reading.PeopleOptions())
        for number, person in enumerate(people):
            address = person.primary_address
            is_free = address is not None and address.lower() not in taken
            if is_free:
                taken.add(address.lower())
            yield {
                "user_principal_name": f"user.{number}@{domain}",
                "display_name": person.display_name,
                "mail": address if is_free else None,
                "details": {"givenName": "Kim", "surname": "Larsen", "city": "Lund"},
                "on_premises": {"immutable_id": person.immutable_id},
            }


FILL = "fill"
WAYS: Mapping[str, Callable[[Pair], int]] = {
    "directory": directory,
    "cloud": cloud,
    "ours": ours,
}


def main() -> int:
    """Read in the way that the command line names."""
    way, state, name, folder = sys.argv[1:]
    lab = load(Path(state))
    pair = Pair(name, Place(lab, lab.tenants[name]), scale.load(Path(folder)))
    # Our own modules are loaded before.
    parameters(pair)
    before, started, cpu_before = highest(), time.monotonic(), time.process_time()
    people = (fill if way == FILL else WAYS[way])(pair)
    told = {
        "people": people,
        "wall": time.monotonic() - started,
        "cpu": time.process_time() - cpu_before,
        "growth": highest() - before,
    }
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
