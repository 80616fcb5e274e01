# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Graph's quotas: as the simulator has them, and how tasks keep to them, alone and together."""

from __future__ import annotations

import asyncio
import json
import ssl
import struct
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from starlette.datastructures import Headers, QueryParams

from ansible_collections.tenantops.migration.plugins.module_utils._graph.arguments import (
    ENTRA_ARGUMENTS,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph.batch import (
    BatchRequest,
    ask,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph.client import (
    EntraConnection,
    open_graph,
)
from ansible_collections.tenantops.migration.plugins.module_utils._pace import Pace
from lab.cloud.graph.asked import Asked
from lab.cloud.graph.errors import GraphError
from lab.cloud.quota import QuotaBook, QuotaOrder
from lab.description import Description

from .policy_administrator import PolicyAdministrator, administrator_of
from .truth import Truth

TENANT = "fabrikam"
# What Microsoft allows is far more and for a longer time than a test can wait for.
ORDER = {"writes": 400, "writes_time": 5, "resource_units": 8_000, "resource_units_time": 5}
GUESTS = 400
TIMEOUT = 30


@dataclass
class Client:
    """Somebody who speaks to Graph without any library of ours."""

    lab: Description

    def __post_init__(self) -> None:
        tenant, cloud = self.lab.tenants[TENANT], self.lab.cloud
        self._context = ssl.create_default_context(cafile=self.lab.ca_file)
        self._graph = cloud["graph_url"]
        form = {
            "grant_type": "client_credentials",
            "client_id": tenant["client_id"],
            "client_secret": tenant["client_secret"],
            "scope": f"{self._graph}/.default",
        }
        url = f"{cloud['authority']}/{tenant['tenant_id']}/oauth2/v2.0/token"
        with self._open(urllib.request.Request(url, urlencode(form).encode())) as answer:  # noqa: S310
            self._token = json.loads(answer.read())["access_token"]

    def __call__(
        self, method: str, path: str, body: Any = None
    ) -> tuple[int, Mapping[str, str], Any]:
        """The status, the headers and the body of an answer, whatever it is."""
        request = urllib.request.Request(  # noqa: S310 - the lab's own https address
            f"{self._graph}/v1.0/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
            },
        )
        try:
            with self._open(request) as answer:
                content = answer.read()
                return answer.status, dict(answer.headers), json.loads(content) if content else None
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), json.loads(error.read() or b"null")

    def _open(self, request: urllib.request.Request) -> Any:
        return urllib.request.urlopen(request, context=self._context, timeout=TIMEOUT)  # noqa: S310


@dataclass(frozen=True)
class Helper:
    """Somebody who removes guests of one tenant, with the quota on."""

    administrator: PolicyAdministrator
    folder: Path

    @property
    def truth(self) -> Truth:
        return self.administrator.truth

    def turn_on(self, **order: Any) -> None:
        self.truth.cloud("PUT", f"/quota/{TENANT}", order)

    def tally(self) -> dict[str, Any]:
        told: dict[str, Any] = self.truth.cloud("GET", f"/quota/{TENANT}")["quota"]
        return told

    def crowd(self, count: int) -> list[dict[str, Any]]:
        """So many guests, and none else with their addresses."""
        self.truth.cloud("POST", f"/guests/{TENANT}", {"count": count, "methods": {"google": 1}})
        guests: list[dict[str, Any]] = self.truth.cloud("GET", f"/guests/{TENANT}")["guests"]
        return [guest for guest in guests if guest["method"] == "google"][-count:]

    def remove(self, guests: list[dict[str, Any]], run: str = "run", **options: Any) -> None:
        outcome = self.administrator.run(
            "entra_guest",
            state="absent",
            guests=[{"address": guest["address"]} for guest in guests],
            settle_time=0,
            requests_per_second=1000,
            entra_retry_time=120,
            journal=str(self.folder / "journal"),
            tenant=TENANT,
            run=run,
            **options,
        )
        assert outcome.error is None
        assert len(outcome.changes or ()) == len(guests)

    def quota(self, **options: Any) -> dict[str, Any]:
        """The quota as the tasks are told it."""
        return {**ORDER, "folder": str(self.folder / "quota"), **options}

    def careful_quota(self) -> dict[str, Any]:
        """20 writes a second and 75 at once: what a busy lab delays, it counts together later."""
        return self.quota(share=0.25)


@pytest.fixture
def helper(lab: Description, tmp_path: Path) -> Iterator[Helper]:
    with administrator_of(lab, TENANT) as administrator:
        yield Helper(administrator, tmp_path)


def asked(method: str, path: str, **query: str) -> Asked:
    return Asked(method, "v1.0", path, QueryParams(query), Headers(), b"")


def test_the_simulator_counts_in_windows_that_slide() -> None:
    now = [0.0]
    book = QuotaBook(lambda: now[0])
    write, read = asked("PATCH", "users/1"), asked("GET", "users/1")
    assert book.charge("nobody", write) == {}
    book.turn_on("t", QuotaOrder(writes=10, writes_time=5, resource_units=100))
    for _number in range(8):
        assert "x-ms-throttle-limit-percentage" not in book.charge("t", write)
        now[0] += 0.1
    assert book.charge("t", write)["x-ms-throttle-limit-percentage"] == "0.900"
    book.charge("t", write)
    with pytest.raises(GraphError) as refused:
        book.charge("t", write)
    assert refused.value.status == 429
    assert refused.value.headers["Retry-After"] == "5"
    assert refused.value.headers["x-ms-throttle-limit-percentage"] == "1.100"
    # Who may not write may still read.
    assert book.charge("t", read) == {"x-ms-resource-unit": "1"}
    now[0] = 5.25
    # That one was refused counts too.
    book.charge("t", write)
    told = book.describe("t")
    assert told is not None
    assert (told["requests"], told["throttled"], told["writes"]) == (13, 1, 11)
    book.turn_off("t")
    assert book.describe("t") is None


@pytest.mark.parametrize(
    ("request_", "units", "writes"),
    [
        (asked("GET", "users"), 2, 0),
        (asked("GET", "users", **{"$select": "id"}), 1, 0),
        (asked("GET", "users/1", **{"$expand": "manager"}), 2, 0),
        (asked("GET", "subscribedSkus"), 3, 0),
        (asked("GET", "domains/a.test/domainNameReferences"), 4, 0),
        (asked("GET", "users/1/licenseDetails"), 2, 0),
        (asked("POST", "users/1/assignLicense"), 1, 1),
        (asked("POST", "directoryObjects/getByIds"), 3, 0),
        (asked("POST", "invitations"), 0, 0),
        (asked("GET", "identity/conditionalAccess/policies"), 0, 0),
    ],
)
def test_the_simulator_takes_what_microsoft_says(request_: Asked, units: int, writes: int) -> None:
    book = QuotaBook()
    book.turn_on("t", QuotaOrder())
    book.charge("t", request_)
    told = book.describe("t")
    assert told is not None
    assert (told["resource_units"], told["writes"]) == (units, writes)


def test_answers_tell_what_they_cost_and_when_it_is_too_much(helper: Helper) -> None:
    client = Client(helper.administrator.lab)
    status, headers, _body = client("GET", "users?$top=1")
    assert (status, headers.get("x-ms-resource-unit")) == (200, None)
    helper.turn_on(resource_units=10)
    _status, headers, _body = client("GET", "users")
    assert headers["x-ms-resource-unit"] == "2"
    requests = [{"id": str(number), "method": "GET", "url": "/users"} for number in range(5)]
    status, _headers, body = client("POST", "$batch", {"requests": requests})
    assert status == 200
    refused = [answer for answer in body["responses"] if answer["status"] == 429]
    assert len(refused) == 1
    assert refused[0]["body"]["error"]["code"] == "TooManyRequests"
    assert 1 <= int(refused[0]["headers"]["Retry-After"]) <= 10
    status, headers, _body = client("GET", "users")
    assert status == 429
    assert headers["x-ms-throttle-information"] == "ResourceUnitLimitExceeded"
    assert float(headers["x-ms-throttle-limit-percentage"]) > 1
    helper.truth.cloud("DELETE", f"/quota/{TENANT}")
    assert client("GET", "users")[0] == 200


def test_the_door_refuses_what_is_no_quota(helper: Helper) -> None:
    for path, body, status in (
        ("/quota/nobody", {}, 404),
        (f"/quota/{TENANT}", {"colour": 1}, 400),
    ):
        with pytest.raises(urllib.error.HTTPError) as refused:
            helper.truth.cloud("PUT", path, body)
        assert refused.value.code == status


def test_one_task_is_never_refused(helper: Helper) -> None:
    guests = helper.crowd(GUESTS)
    helper.turn_on(**ORDER)
    helper.remove(guests, entra_quota=helper.careful_quota())
    told = helper.tally()
    assert told["throttled"] == 0
    assert told["writes"] == GUESTS


def test_tasks_side_by_side_share_the_quota(helper: Helper) -> None:
    guests = helper.crowd(GUESTS)
    helper.turn_on(**ORDER)
    quota = helper.careful_quota()
    with ThreadPoolExecutor(3) as pool:
        tasks = [
            pool.submit(helper.remove, guests[part::3], f"run-{part}", entra_quota=quota)
            for part in range(3)
        ]
        for task in tasks:
            task.result()
    told = helper.tally()
    assert told["throttled"] == 0
    assert told["writes"] == GUESTS
    # Together they may take 16 seconds; each by itself would be done after 3.
    assert told["seconds"] > 8


def test_a_wrong_idea_of_the_quota_ends_well_too(helper: Helper) -> None:
    """Whoever thinks that much more is allowed is refused, waits, and does everything once."""
    guests = helper.crowd(200)
    helper.turn_on(writes=50, writes_time=5)
    helper.remove(guests, entra_quota=helper.quota(writes=100_000))
    told = helper.tally()
    assert told["throttled"] > 0
    assert told["writes"] == len(guests)


def test_what_others_have_used_is_noted_for_all_tasks(helper: Helper) -> None:
    order = {"writes": 200, "writes_time": 120}
    guests = helper.crowd(21)
    helper.turn_on(**order)
    client = Client(helper.administrator.lab)
    url = f"/users/{guests[0]['id']}"
    headers = {"Content-Type": "application/json"}
    writes = [
        {"id": str(number), "method": "PATCH", "url": url, "headers": headers, "body": {}}
        for number in range(20)
    ]
    for _batch in range(8):
        client("POST", "$batch", {"requests": writes})
    # All at once, and one after it had its answer
    for part in (guests[1:], guests[:1]):
        helper.remove(part, f"run-{len(part)}", entra_quota=helper.quota(writes=1_000_000))
    assert helper.tally()["throttled"] == 0
    found = [file.read_bytes() for file in (helper.folder / "quota").glob("*")]
    used = [struct.unpack("<8s5d", content)[4] for content in found]
    # 160 of the others' and 20 of ours; of the app in all tenants, nothing is told.
    assert sorted(used) == [0.0, pytest.approx(0.9, abs=0.02)]


def test_reading_is_paced_too(helper: Helper) -> None:
    order = {"resource_units": 2_000, "resource_units_time": 5}
    (guest,) = helper.crowd(1)
    helper.turn_on(**order)
    given = {**helper.administrator.connection(), "entra_quota": helper.quota(**order)}
    arguments = ENTRA_ARGUMENTS
    validator = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints())
    connection = EntraConnection.from_parameters(validator.validate(given).validated_parameters)
    questions = [
        BatchRequest(str(number), "GET", f"/users/{guest['id']}?$select=id", guest["address"])
        for number in range(3_000)
    ]

    async def read() -> int:
        async with open_graph(connection) as graph:
            return len([answer async for answer in ask(graph, Pace(10_000), questions)])

    assert asyncio.run(read()) == len(questions)
    assert helper.tally()["throttled"] == 0
