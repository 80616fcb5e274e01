# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which tenants an inventory is to have."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.plugin_utils._fleet_inventory import (
    model,
    selection,
)

ID = "3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11"
HOSTS = [
    model.Host(
        "contoso", {}, {"tenant_ids": (ID,), "domains": ("contoso.com",), "kinds": ("a", "b")}
    ),
    model.Host("fabrikam", {}, {"tenant_ids": ("5b8e1d3c",), "domains": (), "kinds": ("b",)}),
]


def chosen(**options: Any) -> list[str]:
    found = selection.Selection.from_parameters({"only": None, "never": None, **options})
    return [host.name for host in found.of(HOSTS).hosts]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["contoso", "fabrikam"]),
        ({"only": {"domains": None}}, ["contoso", "fabrikam"]),
        ({"only": {"domains": []}}, []),
        ({"never": {"domains": []}}, ["contoso", "fabrikam"]),
        ({"only": {"domains": ["*.COM"]}}, ["contoso"]),
        ({"only": {"domains": ["*"]}}, ["contoso"]),
        ({"only": {"domains": ["contoso"]}}, []),
        ({"only": {"tenant_ids": [ID.upper()]}}, ["contoso"]),
        ({"only": {"kinds": ["x", " b "]}}, ["contoso", "fabrikam"]),
        ({"only": {"kinds": ["b"], "domains": ["contoso.*"]}}, ["contoso"]),
        ({"never": {"kinds": ["a"]}}, ["fabrikam"]),
        ({"never": {"kinds": ["a"], "tenant_ids": ["5b8e*"]}}, []),
        ({"only": {"kinds": ["b"]}, "never": {"domains": ["*"]}}, ["fabrikam"]),
    ],
)
def test_filters(options: dict[str, Any], expected: list[str]) -> None:
    assert chosen(**options) == expected


def test_an_id_that_nobody_has_is_told() -> None:
    found = selection.Selection.from_parameters(
        {"only": {"tenant_ids": [ID.upper(), "7d7d7d7d"]}, "never": None}
    )
    assert found.of(HOSTS, ["before"]).warnings == (
        "before",
        "No tenant has the id 7d7d7d7d, which only.tenant_ids names.",
    )
