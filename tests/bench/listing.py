# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists all guests of a tenant of the lab in one way, and says what it took.

    python -m tests.bench.listing WAY STATE TENANT

STATE is the folder of a running lab. Of the time and the memory, what is there before the first
request does not count.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.description import Description, load

# Imported when they are used: no way is to wait for the modules of another.
_PLUGINS = "ansible_collections.tenantops.migration.plugins"

FILTER = "userType eq 'Guest'"
# What the collection reads: tests/lab/test_entra_guest_info.py holds the two against each other.
FIELDS = (
    "id", "userPrincipalName", "mail", "otherMails", "displayName", "userType",
    "externalUserState", "externalUserStateChangeDateTime", "identities", "preferredLanguage",
    "accountEnabled", "createdDateTime",
)  # fmt: skip
PAGE_SIZE = 999
_EVENTUAL = {"ConsistencyLevel": "eventual"}
_TIMEOUT = 60


@dataclass(frozen=True)
class Place:
    """A tenant of a lab, and how its app signs in."""

    lab: Description
    tenant: Mapping[str, Any]

    @property
    def graph_url(self) -> str:
        """Graph's address, without a version."""
        return str(self.lab.cloud["graph_url"])

    @property
    def token_url(self) -> str:
        """Where the app gets its token."""
        return f"{self.lab.cloud['authority']}/{self.tenant['tenant_id']}/oauth2/v2.0/token"


def bare(place: Place) -> int:
    """Page by page with httpx, each one parsed and dropped: the least that can be done."""
    httpx: Any = importlib.import_module("httpx")
    trust: Any = importlib.import_module(f"{_PLUGINS}.module_utils._graph.trust")
    count = 0
    with httpx.Client(verify=trust.trust(place.lab.ca_file), timeout=_TIMEOUT) as client:
        form = {
            "grant_type": "client_credentials",
            "client_id": place.tenant["client_id"],
            "client_secret": place.tenant["client_secret"],
            "scope": f"{place.graph_url}/.default",
        }
        token = client.post(place.token_url, data=form).raise_for_status().json()["access_token"]
        headers = {**_EVENTUAL, "Authorization": f"Bearer {token}"}
        query: dict[str, str] | None = {
            "$filter": FILTER,
            "$select": ",".join(FIELDS),
            "$top": str(PAGE_SIZE),
            "$count": "true",
        }
        address: str | None = f"{place.graph_url}/v1.0/users"
        while address:
            answer = client.get(address, params=query, headers=headers).raise_for_status().json()
            count += len(answer["value"])
            address, query = answer.get("@odata.nextLink"), None
    return count


def ours(place: Place) -> int:
    """All that `entra_guest_info` does: how each signs in, the summary, and the table of all."""
    module: Any = importlib.import_module(f"{_PLUGINS}.modules.entra_guest_info")
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "guests.csv"
        outcome = module.OPERATION.run(parameters(place, write_csv=str(table)), True)
        if outcome.error is not None:
            raise outcome.error
        with table.open(encoding="utf-8") as lines:
            rows = sum(1 for _line in lines) - 1
    guests = outcome.values["summary"]["guests"]
    if rows != guests:
        raise SystemExit(f"{rows} rows for {guests} guests")
    return int(guests)


def sdk(place: Place) -> int:
    """The SDK's page iterator, as its documentation shows it, with models of every user."""
    return asyncio.run(_iterated(place))


async def _iterated(place: Place) -> int:
    client_module: Any = importlib.import_module(f"{_PLUGINS}.module_utils._graph.client")
    users: Any = importlib.import_module("msgraph.generated.users.users_request_builder")
    core: Any = importlib.import_module("msgraph_core.tasks.page_iterator")
    configuration: Any = importlib.import_module("kiota_abstractions.base_request_configuration")
    connection = client_module.EntraConnection.from_parameters(parameters(place))
    builder = users.UsersRequestBuilder.UsersRequestBuilderGetQueryParameters
    async with client_module.open_graph(connection) as graph:
        asked = configuration.RequestConfiguration(
            query_parameters=builder(filter=FILTER, select=list(FIELDS), top=PAGE_SIZE, count=True)
        )
        asked.headers.try_add("ConsistencyLevel", "eventual")
        first = await graph.client.users.get(asked)
        iterator = core.PageIterator(first, graph.client.request_adapter)
        iterator.headers = asked.headers
        found = 0

        def take(_user: object) -> bool:
            nonlocal found
            found += 1
            return True

        await iterator.iterate(take)
        return found


def parameters(place: Place, **others: Any) -> dict[str, Any]:
    """The options of the task, as Ansible would fill them in."""
    module: Any = importlib.import_module(f"{_PLUGINS}.modules.entra_guest_info")
    options = module.OPERATION.arguments.options
    return {
        **{name: option.get("default") for name, option in options.items()},
        "entra_tenant_id": place.tenant["tenant_id"],
        "entra_client_id": place.tenant["client_id"],
        "entra_client_secret": place.tenant["client_secret"],
        "entra_graph_url": place.graph_url,
        "entra_authority": place.lab.cloud["authority"],
        "entra_ca_path": place.lab.ca_file,
        # The lab's sign-in service has no other limit than its own speed.
        "requests_per_second": 1000.0,
        **others,
    }


WAYS: Mapping[str, Callable[[Place], int]] = {"bare": bare, "sdk": sdk, "ours": ours}


def main() -> int:
    """List in the way that the command line names."""
    way, state, name = sys.argv[1:]
    lab = load(Path(state))
    place = Place(lab, lab.tenants[name])
    # Our own modules are loaded before; the SDK's count for whoever uses them.
    parameters(place)
    before, started, cpu_before = highest(), time.monotonic(), time.process_time()
    guests = WAYS[way](place)
    told = {
        "guests": guests,
        "wall": time.monotonic() - started,
        "cpu": time.process_time() - cpu_before,
        "growth": highest() - before,
    }
    print(json.dumps(told))
    return 0


def highest() -> int:
    """The most memory that this process ever had, in bytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    sys.exit(main())
