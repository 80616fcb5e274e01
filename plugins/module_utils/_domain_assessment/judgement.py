# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which way fits for a domain, or for the person behind an address. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Collection

from .._realms.model import Realm, RealmKind
from .model import DnsFacts, Entry, Judgement, Option

CONSUMER_TENANTS = frozenset(
    {
        # Microsoft's documentation of the identity platform, "Accounts and tenant profiles"
        "9188040d-6c67-4c5b-b112-36a304b66dad",
        # Not documented: what mail of outlook.com and hotmail.com names as its tenant
        "84df9e7f-e9f6-40af-b435-aaaaaaaaaaaa",
    }
)
"""The tenants that Microsoft keeps personal accounts in."""


def judge(
    entry: Entry,
    realm: Realm,
    *,
    is_personal: bool | None = None,
    dns: DnsFacts | None = None,
    own_tenants: Collection[str] = (),
) -> Judgement:
    """What fits, by the realm first of all.

    `dns` is null where it is not known, which is not taken for a domain that does not exist.
    """
    is_in_dns = dns is None or dns.zone is not None
    if realm.tenant_id in CONSUMER_TENANTS:
        return Judgement(Option.NEW_ACCOUNT, "The domain is Microsoft's, for personal accounts.")
    if realm.kind is RealmKind.VIRAL:
        return _unmanaged(is_in_dns=is_in_dns)
    if realm.kind is not RealmKind.UNKNOWN:
        return _managed(entry, realm, own_tenants)
    return _unknown(entry, is_personal=bool(is_personal), is_in_dns=is_in_dns)


def _unmanaged(*, is_in_dns: bool) -> Judgement:
    if is_in_dns:
        return Judgement(
            Option.TAKE_OVER,
            "The domain is in an unmanaged tenant. Whoever can publish a TXT record for it can "
            "take it over.",
        )
    return Judgement(
        Option.NEW_ACCOUNT,
        "The domain is in an unmanaged tenant, but not in DNS, so that nobody can prove that it is "
        "theirs.",
    )


def _managed(entry: Entry, realm: Realm, own_tenants: Collection[str]) -> Judgement:
    if realm.tenant_id in own_tenants:
        return Judgement(Option.WORK_ACCOUNT, "The domain is verified in your tenant.")
    whose = f" ({realm.brand})" if realm.brand else ""
    person = "Ask there for the account" if entry.address else "Ask there for it to be released"
    return Judgement(
        Option.WORK_ACCOUNT,
        f"The domain is verified in the managed tenant {realm.tenant_id}{whose}. {person}, if it "
        "is not yours.",
    )


def _unknown(entry: Entry, *, is_personal: bool, is_in_dns: bool) -> Judgement:
    if not is_in_dns:
        return Judgement(
            Option.NEW_ACCOUNT,
            "No tenant has the domain, and it is not in DNS, so that it cannot be verified.",
        )
    if entry.address is None:
        return Judgement(
            Option.ADD_DOMAIN,
            "No tenant has the domain. If it is yours, it can be added and verified.",
        )
    now = "The address is that of a personal account. " if is_personal else ""
    return Judgement(
        Option.NEW_ACCOUNT,
        f"{now}No tenant has the domain. If it is yours, verify it first, and the new account can "
        "have this address.",
    )
