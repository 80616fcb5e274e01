# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a plan store is, as operators write it."""

from __future__ import annotations

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.module_utils._plan_store.model import (
    Location,
    StoreKind,
)
from ansible_collections.tenantops.migration.plugins.module_utils._plan_store.opening import (
    open_store,
)


@pytest.mark.parametrize(
    ("text", "location"),
    [
        ("/srv/plans", Location(StoreKind.FOLDER, "/srv/plans")),
        ("git+https://git.example/p.git", Location(StoreKind.GIT, "https://git.example/p.git")),
        ("git+ssh://git@git.example/p", Location(StoreKind.GIT, "ssh://git@git.example/p")),
        ("git+file:///srv/p.git#main", Location(StoreKind.GIT, "file:///srv/p.git", "main")),
        ("https://plans.example/a/", Location(StoreKind.HTTPS, "https://plans.example/a")),
    ],
)
def test_location(text: str, location: Location) -> None:
    assert Location.parse(text) == location


@pytest.mark.parametrize(
    "text",
    [
        "plans",
        "http://plans.example/a",
        "git+http://git.example/p.git",
        "git+ext::sh -c whoami",
        "git+https://git.example/p.git#--upload-pack=x",
        "git+https://git.example/p.git#a..b",
        "https://plans.example/a?x=1",
    ],
)
def test_no_location(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Location.parse(text)
    assert caught.value.advice


@pytest.mark.parametrize("scheme", ["git+https", "https", "git+ssh"])
def test_password_in_a_location_is_refused_and_not_repeated(scheme: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Location.parse(f"{scheme}://anna:S3cr3t@plans.example/a")
    assert "S3cr3t" not in str(caught.value)


def test_store_that_nobody_named() -> None:
    with pytest.raises(InvalidInput, match="tenantops_plan_store"):
        open_store({"store": "", "store_token": None, "store_ca_path": None})
