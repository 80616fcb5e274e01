# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from msgraph.generated.models.organization import Organization as Answer
from msgraph.generated.models.verified_domain import VerifiedDomain as DomainAnswer

from ansible_collections.tenantops.migration.plugins.module_utils._errors import NotUnderstood
from ansible_collections.tenantops.migration.plugins.module_utils._tenants.organization import (
    Organization,
    read_organization,
)

TENANT = "3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11"
CONTOSO = DomainAnswer(name="contoso.com", type="Managed", is_default=True, is_initial=False)
INITIAL = DomainAnswer(name="c.onmicrosoft.com", type="Managed", is_default=False, is_initial=True)


class FakeGraph:
    """Answers with some organizations."""

    server = "https://graph.microsoft.com"

    def __init__(self, *organizations: Answer) -> None:
        async def get() -> Any:
            return SimpleNamespace(value=list(organizations), odata_next_link=None)

        self.client = SimpleNamespace(organization=SimpleNamespace(get=get))

    async def call(self, subject: str, request: Callable[[], Awaitable[Any]], **_how: Any) -> Any:
        return await request()


def read(*organizations: Answer) -> Organization:
    return asyncio.run(read_organization(FakeGraph(*organizations)))  # type: ignore[arg-type]


def test_all_of_it() -> None:
    told = read(
        Answer(
            id=TENANT,
            display_name="Contoso",
            tenant_type="AAD",
            country_letter_code="SE",
            on_premises_sync_enabled=True,
            on_premises_last_sync_date_time=datetime(2026, 11, 22, 20, 15, tzinfo=UTC),
            technical_notification_mails=["it@contoso.com"],
            verified_domains=[CONTOSO, INITIAL],
        )
    ).to_json()
    assert (told["tenant_id"], told["is_synced"]) == (TENANT, True)
    assert told["last_sync"] == "2026-11-22T20:15:00+00:00"
    assert (told["default_domain"], told["initial_domain"]) == ("contoso.com", "c.onmicrosoft.com")
    assert told["technical_mails"] == ["it@contoso.com"]


def test_what_is_missing_and_not_needed_is_null() -> None:
    told = read(Answer(id=TENANT)).to_json()
    assert (told["is_synced"], told["last_sync"], told["default_domain"]) == (None, None, None)
    assert (told["verified_domains"], told["technical_mails"]) == ([], [])


@pytest.mark.parametrize(
    "answers",
    [
        [],
        [Answer()],
        [Answer(id=TENANT), Answer(id=TENANT)],
        [Answer(id=TENANT, verified_domains=[DomainAnswer(name="a.com")])],
        [
            Answer(
                id=TENANT,
                verified_domains=[DomainAnswer(name="", is_default=True, is_initial=False)],
            )
        ],
    ],
)
def test_anything_else_is_an_error(answers: list[Answer]) -> None:
    with pytest.raises(NotUnderstood, match="which one it is"):
        read(*answers)
