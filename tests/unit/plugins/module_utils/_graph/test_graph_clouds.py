# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.module_utils._graph.clouds import (
    CLOUDS,
    Cloud,
    cloud_for,
)


@pytest.mark.parametrize("name", CLOUDS)
def test_known_clouds(name: str) -> None:
    assert cloud_for(name, None, None) is not None
    assert cloud_for(name, None, None) == cloud_for(name, "", "") == CLOUDS[name]


def test_a_cloud_asks_for_its_own_permissions_and_trusts_its_own_host() -> None:
    cloud = cloud_for("china", None, None)
    assert cloud.scope == "https://microsoftgraph.chinacloudapi.cn/.default"
    assert cloud.graph_host == "microsoftgraph.chinacloudapi.cn"


def test_each_address_can_be_another() -> None:
    cloud = cloud_for("global", "https://localhost:18440/", None)
    assert cloud == Cloud("https://localhost:18440", "https://login.microsoftonline.com")
    assert (cloud.graph_host, cloud.scope) == ("localhost", "https://localhost:18440/.default")
    assert cloud_for("global", None, "https://login.test").authority == "https://login.test"


@pytest.mark.parametrize(
    "address",
    [
        "http://graph.microsoft.com",
        "graph.microsoft.com",
        "https://",
        "https:graph",
        "https://graph.microsoft.com/v1.0",
        "https://graph.microsoft.com?x",
        "https://user:word@graph.microsoft.com",
        "https://[::1",
        "https://graph:port",
        "ftp://x",
    ],
)
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(InvalidInput, match="entra_graph_url is not an https address"):
        cloud_for("global", address, None)
    with pytest.raises(InvalidInput, match="entra_authority is not an https address"):
        cloud_for("global", None, address)
