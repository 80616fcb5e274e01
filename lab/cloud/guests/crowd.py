# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A crowd of guests as tenants have them: of many domains, tongues and ways to sign in."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from ..people import AccountKind, SignInMethod
from .orders import CrowdOrder, GuestOrder

_SHARES: dict[SignInMethod, int] = {
    "one_time_passcode": 25,
    "entra_managed": 30,
    "entra_viral": 8,
    "entra_unresolved": 3,
    "microsoft_account": 12,
    "google": 6,
    "facebook": 2,
    "federated": 4,
    "not_redeemed": 8,
    "internal": 1,
    "unknown": 1,
}
# What people own, by how they sign in, with the share of them: some got an account only later.
_OWNED: dict[SignInMethod, list[tuple[int, list[AccountKind]]]] = {
    "one_time_passcode": [
        (80, []),
        (10, ["microsoft_account"]),
        (7, ["entra_managed"]),
        (3, ["google"]),
    ],
    "entra_managed": [(1, ["entra_managed"])],
    "entra_viral": [(80, ["entra_viral"]), (20, ["entra_viral", "microsoft_account"])],
    "entra_unresolved": [(1, ["entra_managed"])],
    "microsoft_account": [(1, ["microsoft_account"])],
    "google": [(1, ["google"])],
    "facebook": [(1, ["facebook"])],
    "federated": [(1, ["federated"])],
    "not_redeemed": [
        (30, []),
        (40, ["entra_managed"]),
        (10, ["entra_viral"]),
        (15, ["microsoft_account"]),
        (5, ["google"]),
    ],
}
_FIRST = (
    *("Anna", "Björn", "Chloé", "Dimitri", "Elif", "Fatima", "Göran", "Hanako", "Ines", "João"),
    *("Kenji", "Léa", "Märta", "Nils", "Oskar", "Priya", "Quentin", "Renée", "Sofía", "Takumi"),
    *("Ulla", "Viggo", "Wanda", "Ximena", "Yuki", "Zoë", "Åsa", "Ögmundur", "Émile", "Ida"),
)
_LAST = (
    *("Andersson", "Bjørnstad", "Çelik", "Dubois", "Eriksson", "Fischer", "García", "Håkansson"),
    *("Ivanova", "Jönsson", "Kobayashi", "Lindqvist", "Müller", "Nakamura", "Öberg", "Petrova"),
    *("Quist", "Rossi", "Sørensen", "Tanaka", "Ünal", "Virtanen", "Wójcik", "Yamamoto"),
)
# What addresses are made of: no accents.
_PLAIN = str.maketrans("áãäåçéëíñöóøüúÅÄÇÉÖØÜ", "aaaaceeinooouuAACEOOU")
_LANGUAGES = ("sv", "sv-SE", "ja", "ja-JP", "en-US", "en-GB", "de-DE", None, None, None)
# Words of Graph that nobody knows yet, as issuer and as state.
_UNKNOWN_ISSUERS = ("wallet.test", "ExternalCiam", "apple.test")
_UNKNOWN_STATES = ("InvitationExpired", "Suspended")
_GUESTS_OF_A_DOMAIN = 40
_MOST_DOMAINS_OF_A_KIND = 400
_DAYS = 900


def crowd(order: CrowdOrder) -> Iterator[GuestOrder]:
    """Yield the guests of the crowd."""
    chance = random.Random(order.seed)  # noqa: S311 -- repeatable on purpose
    shares = order.methods or _SHARES
    methods = chance.choices(list(shares), weights=list(shares.values()), k=order.count)
    domains = min(_MOST_DOMAINS_OF_A_KIND, max(1, order.count // _GUESTS_OF_A_DOMAIN))
    odd = order.role_holders + order.plus_addresses + order.without_mail
    for number, method in enumerate(methods):
        guest = _guest(chance, number, method, domains)
        yield _odd(guest, number, order) if number < odd else guest


def _odd(guest: GuestOrder, number: int, order: CrowdOrder) -> GuestOrder:
    if number < order.role_holders:
        return replace(guest, role="User Administrator")
    if number < order.role_holders + order.plus_addresses:
        local, _at, domain = guest.address.partition("@")
        return replace(guest, address=f"{local}+invoices@{domain}", other_mails=[])
    return replace(guest, has_mail=False, other_mails=[])


def _guest(chance: random.Random, number: int, method: SignInMethod, domains: int) -> GuestOrder:
    first, last, local = some_name(chance, number)
    accounts = _accounts(chance, method)
    address = f"{local}@{_domain(chance, method, accounts, domains)}"
    day = chance.randrange(_DAYS)
    issuer, state = None, None
    if method == "unknown":
        if chance.random() < 0.5:
            issuer = chance.choice(_UNKNOWN_ISSUERS)
        else:
            state = chance.choice(_UNKNOWN_STATES)
    return GuestOrder(
        address=address,
        method=method,
        display_name=f"{first} {last}",
        language=chance.choice(_LANGUAGES),
        accounts=accounts,
        other_mails=[f"{local}@other-mail.test"] if chance.random() < 0.05 else [],
        issuer=issuer,
        state=state,
        changed=_moment(day, number),
        account_enabled=chance.random() >= 0.02,
    )


def some_name(chance: random.Random, number: int) -> tuple[str, str, str]:
    """Draw a first and a last name; return them with what their address may begin with."""
    first, last = chance.choice(_FIRST), chance.choice(_LAST)
    return first, last, f"{first}.{last}.{number}".translate(_PLAIN).lower()


def _accounts(chance: random.Random, method: SignInMethod) -> list[AccountKind]:
    """Draw what the person owns: mostly what the method needs, now and then more."""
    draws = _OWNED.get(method, [(1, [])])
    return chance.choices([owned for _share, owned in draws], [share for share, _owned in draws])[0]


def _domain(
    chance: random.Random, method: SignInMethod, accounts: list[AccountKind], domains: int
) -> str:
    """Draw the domain of the address, of a kind at which one can own those accounts."""
    number = chance.randrange(domains)
    if method == "entra_unresolved":
        return f"dissolved{number}.test"
    if "federated" in accounts:
        return f"signs-in-itself{number}.test"
    if "entra_managed" in accounts:
        return f"managed{number}.test"
    if "entra_viral" in accounts:
        return f"viral{number}.test"
    if method == "internal":
        return f"contractor{number}.test"
    # A work address can have a personal account of any kind.
    return chance.choice((f"mail{number}.test", f"mail{number}.test", f"managed{number}.test"))


def _moment(day: int, number: int) -> str:
    year, rest = divmod(day, 336)
    month, date = divmod(rest, 28)
    return (
        f"{2021 + year}-{month + 1:02}-{date + 1:02}"
        f"T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z"
    )
