# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A directory of 20,000 entries, read and judged: the small form of `make scale`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import ldap3
import pytest
from ldap3.core.exceptions import LDAPSocketOpenError

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_scan import (
    objects,
    runner,
)
from lab.openldap import scale
from lab.openldap.population import Population
from lab.openldap.scale import ScaleServer

from ..bench import readers, reading

ENTRIES = 20_000
SMALL = 2_000


@pytest.fixture
def small(tmp_path: Path) -> Iterator[ScaleServer]:
    with scale.running(tmp_path, SMALL, defects_every=10) as server:
        yield server


def test_every_defect_is_found_and_nobody_else_is_bothered(small: ScaleServer) -> None:
    outcome = runner.run(reading.parameters(small), True)
    summary = outcome.values["summary"]
    assert isinstance(summary, dict)
    population = Population(small.base_dn, SMALL, 10)
    # Every thirteenth kind of defect and the one after it are somebody else's address.
    holders = 2 * (population.defective // 13 + 1)
    assert population.defective <= summary["with_findings"] <= population.defective + holders
    assert summary["in_scope"] == SMALL


def test_the_server_takes_changes_and_is_loaded_once(small: ScaleServer, tmp_path: Path) -> None:
    (entry,) = search(small, "(sAMAccountName=*10)", 1)
    with connection(small) as client:
        assert client.modify(entry, {"displayName": [(ldap3.MODIFY_REPLACE, ["changed"])]})
    scale.down(tmp_path)
    with pytest.raises(LDAPSocketOpenError):
        search(small, "(objectClass=*)", 1)
    again = scale.up(tmp_path, SMALL, defects_every=10)
    assert search(again, "(displayName=changed)", 5) == [entry]
    afresh = scale.up(tmp_path, SMALL, defects_every=10, fresh=True)
    assert search(afresh, "(displayName=changed)", 5) == []


def test_we_are_measured_on_the_same_attributes() -> None:
    assert set(reading.ATTRIBUTES) == set(objects.READ)


def test_all_ways_are_measured_and_ours_needs_little_memory() -> None:
    (measured,) = readers.measure((ENTRIES,), rounds=1)
    assert all(measured.wall(way) > 0 for way in (readers.OURS, readers.LDAP3))
    assert measured.megabytes(readers.OURS) < 200


def connection(server: ScaleServer) -> ldap3.Connection:
    return ldap3.Connection(
        ldap3.Server(server.ldap_url, get_info=ldap3.NONE),
        server.user,
        server.password,
        auto_bind=True,
    )


def search(server: ScaleServer, search_filter: str, limit: int) -> list[str]:
    """The DNs of the first that a filter finds."""
    with connection(server) as client:
        client.search(server.base_dn, search_filter, size_limit=limit)
        return [answer["dn"] for answer in client.response or ()]
