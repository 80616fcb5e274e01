# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses at which a guest signs in to this tenant and no other. Pure.

A guest with a passcode cannot use an address that names no tenant: the sign-in page would not know
where the guest is one. Source: Microsoft Entra documentation, "Email one-time passcode
authentication", section "Sign-in endpoints"; the hosts of the other clouds are those of their
documentation. Private to the collection: it can change in any release.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from urllib.parse import quote

from .._changes.model import JsonValue


@dataclass(frozen=True)
class _Sites:
    """The hosts of one cloud; null where none is documented."""

    my_apps: str | None
    portal: str


_SITES = {
    "global": _Sites("myapps.microsoft.com", "portal.azure.com"),
    "us_government": _Sites("myapps.microsoft.us", "portal.azure.us"),
    "us_government_dod": _Sites("myapps.microsoft.us", "portal.azure.us"),
    "china": _Sites(None, "portal.azure.cn"),
}


@dataclass(frozen=True)
class SignInLinks:
    """The addresses for one tenant; null where there is none."""

    my_apps: str | None
    my_apps_by_domain: str | None
    portal: str

    @property
    def best(self) -> str:
        """The one to tell a guest: the list of all that the guest may use."""
        return self.my_apps or self.my_apps_by_domain or self.portal

    def to_json(self) -> dict[str, JsonValue]:
        """The addresses as a task returns them."""
        return {
            "my_apps": self.my_apps,
            "my_apps_by_domain": self.my_apps_by_domain,
            "portal": self.portal,
        }


def sign_in_links(
    tenant: str, initial_domain: str | None = None, cloud: str = "global"
) -> SignInLinks:
    """The sign-in addresses of a tenant.

    `tenant` is its id or one of its domains, `initial_domain` its name under onmicrosoft.com if
    that is known, and `cloud` one of the choices of `entra_cloud`.
    """
    sites = _SITES[cloud]
    domain = initial_domain or (None if _is_id(tenant) else tenant)
    my_apps = my_apps_by_domain = None
    if sites.my_apps is not None:
        if _is_id(tenant):
            my_apps = f"https://{sites.my_apps}/?tenantid={tenant}"
        if domain is not None:
            my_apps_by_domain = f"https://{sites.my_apps}/{quote(domain, safe='')}"
    portal = f"https://{sites.portal}/{quote(tenant, safe='')}"
    return SignInLinks(my_apps, my_apps_by_domain, portal)


def app_link(tenant: str, app_id: str, name: str) -> str:
    """The address of one app in the global cloud, for guests of this tenant.

    `name` is the app's name as it is shown; the service goes by `app_id`.
    """
    host = _SITES["global"].my_apps
    return f"https://{host}/signin/{quote(name, safe='')}/{app_id}?tenantId={quote(tenant)}"


def _is_id(tenant: str) -> bool:
    try:
        uuid.UUID(tenant)
    except ValueError:
        return False
    return True
