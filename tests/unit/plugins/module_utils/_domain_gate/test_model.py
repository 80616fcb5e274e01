# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._domain_gate.model import (
    Road,
    Standing,
    Wish,
    gate,
)
from ansible_collections.tenantops.migration.plugins.module_utils._realms.model import (
    Realm,
    RealmKind,
)

OURS = "0c7f1a52-6f0e-4a63-9c8e-3b1f0d9a4e01"
OTHERS = "0c7f1a52-6f0e-4a63-9c8e-3b1f0d9a4e02"

WISHES = [
    Wish(road, is_consented, text)
    for road, is_consented, text in itertools.product(Road, (True, False), (None, "MS=ms1"))
]


def standing(kind: RealmKind, tenant_id: str | None = OTHERS) -> Standing:
    if kind is RealmKind.UNKNOWN:
        return Standing(Realm("contoso.test", kind), OURS)
    return Standing(Realm("contoso.test", kind, tenant_id, "global"), OURS)


VIRAL = standing(RealmKind.VIRAL)


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize(
    "ours",
    [
        standing(RealmKind.UNKNOWN),
        standing(RealmKind.MANAGED, OURS),
        standing(RealmKind.FEDERATED, OURS),
        replace(VIRAL, is_verified=True),
        replace(VIRAL, is_being_taken_over=True),
        replace(standing(RealmKind.MANAGED), is_verified=True),
    ],
)
def test_nobody_is_needed_where_nobody_else_has_it(ours: Standing, wish: Wish) -> None:
    assert gate(ours, wish) is None
    assert not ours.is_viral


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("kind", [RealmKind.MANAGED, RealmKind.FEDERATED])
def test_a_domain_of_others_is_theirs_to_give_whatever_is_wanted(
    kind: RealmKind, wish: Wish
) -> None:
    error = gate(standing(kind), wish)
    assert error is not None
    assert error.problem == "Another tenant has this domain"
    assert OTHERS in error.answer


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        (Wish(Road.NEVER), "Users have made an unmanaged tenant of this domain"),
        (
            Wish(Road.NEVER, is_consented=True, internal_txt="MS=ms1"),
            "Users have made an unmanaged tenant of this domain",
        ),
        (Wish(Road.EXTERNAL), "To take this domain over from outside needs consent"),
        (
            Wish(Road.EXTERNAL, internal_txt="MS=ms1"),
            "To take this domain over from outside needs consent",
        ),
        (Wish(Road.INTERNAL), "Somebody has to begin the takeover from inside"),
        (
            Wish(Road.INTERNAL, is_consented=True),
            "Somebody has to begin the takeover from inside",
        ),
    ],
)
def test_what_an_unmanaged_tenant_needs(wish: Wish, problem: str) -> None:
    error = gate(VIRAL, wish)
    assert error is not None
    assert error.problem == problem
    assert error.kind == "gate"
    assert error.nothing_written
    assert error.subject == "contoso.test"
    assert "run again" in error.advice


@pytest.mark.parametrize(
    "wish",
    [Wish(Road.EXTERNAL, is_consented=True), Wish(Road.INTERNAL, internal_txt="MS=ms1")],
)
def test_what_can_go_on(wish: Wish) -> None:
    assert gate(VIRAL, wish) is None


def test_an_unmanaged_tenant_is_never_ours_by_its_id() -> None:
    """An app that signs in to it belongs to nobody's administrator."""
    assert gate(standing(RealmKind.VIRAL, OURS), Wish()) is not None


@pytest.mark.parametrize(
    ("consent", "is_consented"),
    [([], False), (["contoso.test"], True), (["mail.contoso.test"], False)],
)
def test_consent_names_the_domain(consent: list[str], is_consented: bool) -> None:
    assert Wish.of("contoso.test", Road.EXTERNAL, consent, "").is_consented is is_consented
