# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._domain_gate.model import (
    Road,
    Wish,
    gate,
    is_waited_for,
    to_be_finished,
)
from ansible_collections.tenantops.migration.plugins.module_utils._domains.model import (
    Domain,
    DomainKey,
    DomainState,
)
from ansible_collections.tenantops.migration.plugins.module_utils._realms.model import (
    Realm,
    RealmKind,
)

NAME = "contoso.test"
OURS = "0c7f1a52-6f0e-4a63-9c8e-3b1f0d9a4e01"
OTHERS = "0c7f1a52-6f0e-4a63-9c8e-3b1f0d9a4e02"
SERVER = "https://login.microsoftonline.com"

WISHES = [
    Wish(road, frozenset(consent), text)
    for road, consent, text in itertools.product(Road, ([], [NAME]), (None, "MS=ms1"))
]


def state(
    kind: RealmKind | None, tenant_id: str | None = OTHERS, domain: Domain | None = None
) -> DomainState:
    realm = None
    if kind is RealmKind.UNKNOWN:
        realm = Realm(NAME, kind)
    elif kind is not None:
        realm = Realm(NAME, kind, tenant_id, "global")
    return DomainState(DomainKey(OURS, NAME), domain, realm=realm)


VIRAL = state(RealmKind.VIRAL)


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize(
    "ours",
    [
        state(RealmKind.UNKNOWN),
        state(RealmKind.MANAGED, OURS),
        state(RealmKind.FEDERATED, OURS),
        state(None, domain=Domain(NAME, is_verified=True)),
        state(
            None,
            domain=Domain(
                NAME, is_verified=False, operation="Verification", operation_status="InProgress"
            ),
        ),
    ],
)
def test_nobody_is_needed_where_nobody_else_has_it(ours: DomainState, wish: Wish) -> None:
    assert gate(ours, wish, SERVER) is None
    assert not is_waited_for(ours, wish)


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("kind", [RealmKind.MANAGED, RealmKind.FEDERATED])
def test_a_domain_of_others_is_theirs_to_give(kind: RealmKind, wish: Wish) -> None:
    error = gate(state(kind), wish, SERVER)
    assert error is not None
    assert "another tenant" in error.problem
    assert not is_waited_for(state(kind), wish)


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        (Wish(Road.NEVER, frozenset({NAME}), "MS=ms1"), "nobody consented"),
        (Wish(Road.EXTERNAL, frozenset(), "MS=ms1"), "nobody consented"),
        (Wish(Road.EXTERNAL, frozenset({f"mail.{NAME}"})), "nobody consented"),
        (Wish(Road.INTERNAL), "begin the takeover"),
        (Wish(Road.INTERNAL, frozenset({NAME}), ""), "begin the takeover"),
    ],
)
def test_what_an_unmanaged_tenant_needs(wish: Wish, told: str) -> None:
    error = gate(VIRAL, wish, SERVER)
    assert error is not None
    assert told in error.problem
    assert error.kind == "gate"
    assert error.nothing_written
    assert error.subject == NAME
    assert "run again" in error.advice


@pytest.mark.parametrize("wish", WISHES)
def test_who_is_waited_for_passed_the_gate(wish: Wish) -> None:
    waits = is_waited_for(VIRAL, wish)
    assert waits == (wish.road is Road.INTERNAL and wish.internal_txt is not None)
    if waits:
        assert gate(VIRAL, wish, SERVER) is None
        assert to_be_finished(VIRAL, SERVER).kind == "gate"


def test_consent_passes() -> None:
    assert gate(VIRAL, Wish(Road.EXTERNAL, frozenset({NAME})), SERVER) is None
