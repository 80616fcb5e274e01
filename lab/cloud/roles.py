# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The administrators' roles that Entra has built in, and who may touch their holders."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RoleDefinition:
    """A built-in role; its id is that of its template."""

    id: str
    display_name: str
    description: str


# Microsoft's ids and names.
# https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
BUILT_IN = (
    RoleDefinition(
        "62e90394-69f5-4237-9190-012177145e10",
        "Global Administrator",
        "Can manage all aspects of Microsoft Entra ID and Microsoft services that use it.",
    ),
    RoleDefinition(
        "fe930be7-5e62-47db-91af-98c3a49a38b1",
        "User Administrator",
        "Can manage all aspects of users and groups.",
    ),
    RoleDefinition(
        "729827e3-9c14-49f7-bb1b-9608f156bbb8",
        "Helpdesk Administrator",
        "Can reset passwords for non-administrators and Helpdesk Administrators.",
    ),
    RoleDefinition(
        "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
        "Privileged Authentication Administrator",
        "Can reset authentication methods of any user.",
    ),
    RoleDefinition(
        "e8611ab8-c189-46e8-94e1-60213ab1f814",
        "Privileged Role Administrator",
        "Can manage role assignments.",
    ),
    RoleDefinition(
        "8329153b-31d0-4727-b945-745eb3bc5f31",
        "Domain Name Administrator",
        "Can manage domain names.",
    ),
    RoleDefinition(
        "0526716b-113d-4c15-b2c8-68e3c22b9f80",
        "Authentication Policy Administrator",
        "Can manage the policy of authentication methods.",
    ),
    RoleDefinition(
        "194ae4cb-b126-40b2-bd5b-6091b380977d",
        "Security Administrator",
        "Can read security information and manage its configuration.",
    ),
    RoleDefinition(
        "9360feb5-f418-4baa-8175-e2a00bac4301",
        "Directory Writers",
        "Can read and write basic directory information.",
    ),
    RoleDefinition(
        "4d6ac14f-3453-41d0-bef9-a3e0c569773a",
        "License Administrator",
        "Can manage product licenses on users and groups.",
    ),
    RoleDefinition(
        "29232cdf-9323-42fd-ade2-1d097af3e4de",
        "Exchange Administrator",
        "Can manage all aspects of the Exchange product.",
    ),
    RoleDefinition(
        "95e79109-95c0-4d8e-aee3-d01accf2d47b",
        "Guest Inviter",
        "Can invite guest users.",
    ),
)

# Who has one of these may change what administrators sign in with.
MAY_TOUCH_ADMINISTRATORS = frozenset(
    {
        "62e90394-69f5-4237-9190-012177145e10",
        "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
    }
)


def find_definition(identifier: str) -> RoleDefinition | None:
    """Return the role with this template id (any case) or name, None if there is none."""
    for one in BUILT_IN:
        if identifier.casefold() == one.id or identifier == one.display_name:
            return one
    return None
