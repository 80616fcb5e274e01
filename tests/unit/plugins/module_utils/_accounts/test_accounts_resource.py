# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts through the real sender, with a Graph of our own that answers as it may."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._accounts.model import (
    AccountKey,
    WantedAccount,
    creation,
    deletion,
    purge,
)
from ansible_collections.tenantops.migration.plugins.module_utils._accounts.resource import (
    Making,
    TenantAccounts,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.converge import (
    Ending,
    Request,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    NotUnderstood,
    TenantopsError,
)
from ansible_collections.tenantops.migration.tests.unit.plugins.module_utils._graph.batching_graph import (  # noqa: E501
    ABSENT,
    Answered,
    BatchingGraph,
    refused,
)

TENANT = "3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11"
ID = "6b1f5c4e-57a4-4d0c-9a4c-2d6f3b0f9f10"
KEY = AccountKey(TENANT, "kim@contoso.com")
DELETED_ITEM = f"/directory/deletedItems/{ID}"


def account(**more: Any) -> dict[str, Any]:
    fields: dict[str, Any] = dict.fromkeys(
        (
            *("displayName", "mail", "accountEnabled", "userType", "usageLocation"),
            *("createdDateTime", "lastPasswordChangeDateTime", "onPremisesSyncEnabled"),
        )
    )
    return {**fields, "id": ID, "userPrincipalName": KEY.name, "userType": "Member", **more}


def write(accounts: TenantAccounts, request: Request) -> dict[str, Ending]:
    async def endings() -> dict[str, Ending]:
        await accounts.look([KEY.name])
        return {identity: ending async for identity, ending in accounts.write([request])}

    return asyncio.run(endings())


def making() -> Making:
    wanted = WantedAccount("kim@contoso.com", "Kim", "kim", password="Given-by-hand-1")
    return Making({KEY.name: wanted})


def test_question_that_fails_after_a_write_does_not_say_that_nothing_was_written() -> None:
    posted = 0

    def answer(method: str, path: str, _body: Any) -> Answered:
        nonlocal posted
        if method == "POST":
            posted += 1
            # The first answer is lost, and by the second try the name is taken.
            return (500, {}) if posted == 1 else refused(400, "Request_BadRequest")
        if posted == 2:
            return refused(403, "Authorization_RequestDenied")
        return ABSENT

    graph = BatchingGraph(answer)
    accounts = TenantAccounts(graph.graph, TENANT, making(), settle_time=0)
    ending = write(accounts, Request((creation(KEY),)))[KEY.id]
    assert isinstance(ending, TenantopsError)
    assert not ending.nothing_written
    assert posted == 2


def test_what_is_no_account_is_told_with_its_name() -> None:
    graph = BatchingGraph(lambda *_asked: (200, account(createdDateTime="yesterday")))
    with pytest.raises(NotUnderstood) as raised:
        asyncio.run(TenantAccounts(graph.graph, TENANT).look([KEY.name]))
    assert (raised.value.server, raised.value.subject) == (graph.server, KEY.name)


class TestGone:
    """Graph says that there is nothing to delete."""

    def test_account_that_is_there_all_the_same_was_not_deleted(self) -> None:
        def answer(method: str, _path: str, _body: Any) -> Answered:
            return ABSENT if method == "DELETE" else (200, account())

        ending = self._deleted(BatchingGraph(answer))
        assert isinstance(ending, TenantopsError)

    def test_account_that_is_gone_is_as_wanted(self) -> None:
        is_gone = False

        def answer(method: str, _path: str, _body: Any) -> Answered:
            nonlocal is_gone
            is_gone |= method == "DELETE"
            return ABSENT if is_gone else (200, account())

        assert not isinstance(self._deleted(BatchingGraph(answer)), TenantopsError)

    def _deleted(self, graph: BatchingGraph) -> Ending:
        accounts = TenantAccounts(graph.graph, TENANT, settle_time=0)

        async def endings() -> dict[str, Ending]:
            await accounts.look([KEY.name])
            change = deletion(KEY, accounts.found[KEY.name])
            return {key: ending async for key, ending in accounts.write([Request((change,))])}

        return asyncio.run(endings())[KEY.id]


class TestPurge:
    @pytest.mark.parametrize("deleting", [(204, None), ABSENT])
    def test_deleted_user_that_shows_late_is_waited_for(self, deleting: Answered) -> None:
        state = {"deleted": False, "looks": 0, "purged": False}

        def answer(method: str, path: str, _body: Any) -> Answered:
            if path == DELETED_ITEM:
                state["looks"] += 1
                if state["looks"] < 3 or state["purged"]:
                    return ABSENT
                state["purged"] = method == "DELETE"
                return (204, None) if method == "DELETE" else (200, account())
            if method == "DELETE":
                state["deleted"] = True
                return deleting
            return ABSENT if state["deleted"] else (200, account())

        ending = self._purged_after_deleting(BatchingGraph(answer), settle_time=5)
        assert not isinstance(ending, TenantopsError)
        assert state["purged"]

    def test_deleted_user_that_never_shows_is_no_success(self) -> None:
        is_deleted = False

        def answer(method: str, path: str, _body: Any) -> Answered:
            nonlocal is_deleted
            if path == DELETED_ITEM:
                return ABSENT
            if method == "DELETE":
                is_deleted = True
                return 204, None
            return ABSENT if is_deleted else (200, account())

        ending = self._purged_after_deleting(BatchingGraph(answer), settle_time=0)
        assert isinstance(ending, TenantopsError)
        assert "run again" in str(ending).lower()

    def test_user_that_somebody_brought_back_was_not_purged(self) -> None:
        def answer(_method: str, path: str, _body: Any) -> Answered:
            return ABSENT if path == DELETED_ITEM else (200, account())

        graph = BatchingGraph(answer)
        accounts = TenantAccounts(graph.graph, TENANT, settle_time=0)
        ending = write(accounts, Request((purge(KEY, ID),)))[KEY.id]
        assert isinstance(ending, TenantopsError)

    def test_user_that_somebody_purged_is_as_wanted(self) -> None:
        graph = BatchingGraph(lambda *_asked: ABSENT)
        accounts = TenantAccounts(graph.graph, TENANT, settle_time=0)
        ending = write(accounts, Request((purge(KEY, ID),)))[KEY.id]
        assert not isinstance(ending, TenantopsError)

    def _purged_after_deleting(self, graph: BatchingGraph, settle_time: float) -> Ending:
        accounts = TenantAccounts(graph.graph, TENANT, settle_time=settle_time)

        async def endings() -> dict[str, Ending]:
            await accounts.look([KEY.name])
            change = deletion(KEY, accounts.found[KEY.name])
            async for _identity, ending in accounts.write([Request((change,))]):
                assert not isinstance(ending, TenantopsError)
            purging = Request((purge(KEY, ID),))
            return {key: ending async for key, ending in accounts.write([purging])}

        return asyncio.run(endings())[KEY.id]
