# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of somebody in the directory a user in the cloud is filled with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ..people import OnPremises
from .person import DirectoryPerson
from .rules import nickname, sign_in_name


def synced_values(person: DirectoryPerson) -> dict[str, Any]:
    """Return the fields of a user that are as the directory has them."""
    proxies = list(person.proxy_addresses)
    if not proxies and person.mail:
        proxies = [f"SMTP:{person.mail}"]
    return {
        "display_name": person.display_name or person.common_name,
        "mail": person.mail or person.primary_address,
        "mail_nickname": nickname(person),
        "proxy_addresses": proxies,
        "details": dict(person.plain),
        "account_enabled": person.is_enabled,
    }


def origin(person: DirectoryPerson, domain_name: str, now: str) -> OnPremises:
    """Return what a user keeps of the directory's own names."""
    return OnPremises(
        is_synced=True,
        immutable_id=person.immutable_id,
        user_principal_name=person.user_principal_name,
        sam_account_name=person.account_name,
        distinguished_name=person.dn,
        domain_name=domain_name,
        security_identifier=person.security_identifier,
        last_sync=now,
    )


def synced_account(
    person: DirectoryPerson,
    domains: Sequence[str],
    domain_name: str,
    now: str,
    licenses: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """Return the order (AccountOrder) for somebody whom an earlier sync has brought.

    ``domains`` are those that the tenant has verified, the initial one first; ``licenses`` are by
    part number, with the disabled plans.
    """
    verified = frozenset(name.casefold() for name in domains)
    return {
        "user_principal_name": sign_in_name(person, verified, domains[0]),
        **synced_values(person),
        "on_premises": asdict(origin(person, domain_name, now)),
        "licenses": [
            {"sku": sku, "disabled_plans": list(plans)} for sku, plans in licenses.items()
        ],
    }
