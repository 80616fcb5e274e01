# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._guests.effects import (
    Effect,
    effects,
)
from ansible_collections.tenantops.migration.plugins.module_utils._guests.links import (
    app_link,
    sign_in_links,
)
from ansible_collections.tenantops.migration.plugins.module_utils._guests.model import SignInMethod
from ansible_collections.tenantops.migration.plugins.modules.entra_guest_info import RETURN

TENANT = "3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11"
DOMAIN = "fourthcoffee.onmicrosoft.com"


@pytest.mark.parametrize("method", SignInMethod)
def test_only_passcode_guests_are_locked_out(method: SignInMethod) -> None:
    is_locked_out = effects(method).if_passcode_off is Effect.LOCKED_OUT
    assert is_locked_out == (method is SignInMethod.ONE_TIME_PASSCODE)


@pytest.mark.parametrize(
    "method",
    sorted(
        set(SignInMethod)
        - {SignInMethod.ONE_TIME_PASSCODE, SignInMethod.NOT_REDEEMED, SignInMethod.UNKNOWN}
    ),
)
def test_whoever_has_redeemed_otherwise_goes_on_as_before(method: SignInMethod) -> None:
    assert set(effects(method).to_json().values()) == {"unchanged"}


def test_of_the_unknown_nothing_is_said() -> None:
    assert set(effects(SignInMethod.UNKNOWN).to_json().values()) == {"unknown"}


def test_every_method_and_effect_is_documented() -> None:
    told = {effect for method in SignInMethod for effect in effects(method).to_json().values()}
    for word in (*told, *SignInMethod):
        assert f"V({word})" in RETURN


def test_links_by_the_tenants_id() -> None:
    assert sign_in_links(TENANT, DOMAIN).to_json() == {
        "my_apps": f"https://myapps.microsoft.com/?tenantid={TENANT}",
        "my_apps_by_domain": f"https://myapps.microsoft.com/{DOMAIN}",
        "portal": f"https://portal.azure.com/{TENANT}",
    }
    assert sign_in_links(TENANT).my_apps_by_domain is None
    assert sign_in_links(TENANT).best == f"https://myapps.microsoft.com/?tenantid={TENANT}"


def test_links_where_the_tenant_is_named_by_a_domain() -> None:
    links = sign_in_links("fourthcoffee.com")
    assert links.my_apps is None
    assert links.best == "https://myapps.microsoft.com/fourthcoffee.com"
    assert links.portal == "https://portal.azure.com/fourthcoffee.com"


def test_links_of_other_clouds_do_not_lead_into_the_global_one() -> None:
    assert sign_in_links(TENANT, cloud="us_government").best == (
        f"https://myapps.microsoft.us/?tenantid={TENANT}"
    )
    assert sign_in_links(TENANT, DOMAIN, "china").best == f"https://portal.azure.cn/{TENANT}"


def test_link_of_one_app() -> None:
    assert app_link(TENANT, "app-id", "Time & Travel") == (
        f"https://myapps.microsoft.com/signin/Time%20%26%20Travel/app-id?tenantId={TENANT}"
    )
