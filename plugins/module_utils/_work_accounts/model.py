# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The people who are to get a work account, and which account each of them gets. Pure.

Source: Microsoft, "Migrate to work or school accounts for VLSC access" (option 2: a new account in
the tenant's onmicrosoft domain, and no sign-in before the support has confirmed that the old one is
disassociated). Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._accounts.model import is_country
from .._attribute_rules.transliteration import Transliteration
from .._domain_names.names import address
from .._errors import InvalidInput
from .._sign_in_names.names import flaw_of, name_key, suffix_of

ADDRESS = "address"
ROLES = "roles"
SUPPORT_CONFIRMED = "support_confirmed"
OLD_ACCOUNT = "old_account"
USER_PRINCIPAL_NAME = "user_principal_name"
DETAILS = (
    "given_name",
    "surname",
    "department",
    "job_title",
    "company_name",
    "preferred_language",
    "usage_location",
)
"""What else a line can tell of an account, by the names that entra_user has for it."""
COLUMNS = (
    *(ADDRESS, "name", "display_name", USER_PRINCIPAL_NAME, ROLES, "role"),
    *(OLD_ACCOUNT, SUPPORT_CONFIRMED, *DETAILS),
)

# As the admin center calls who holds no role
_NO_ROLE = frozenset({"", "user", "none"})
_YES = frozenset({"yes", "true", "1", "y"})
_NO = frozenset({"no", "false", "0", "n"})
# A day as a spreadsheet of any country writes it, perhaps with a time.
_DAY = re.compile(
    r"\d{1,4}[-./\u5e74 ]{1,2}(?:\d{1,2}|[^\W\d]+)[-./\u6708 ]{1,2}\d{1,4}[\u65e5.]?"
    r"(?:[t ][0-9:.]+z?)?"
)


@dataclass(frozen=True)
class Naming:
    """How names are made: the local part of the address, in ASCII, in this domain.

    An account that is in one of `other_domains`, where it was made before the organisation's own
    domain was the tenant's or after, counts as the same. `has_old_account` is for whom the list
    does not say.
    """

    domain: str
    transliteration: Transliteration
    other_domains: tuple[str, ...] = ()
    has_old_account: bool = False


@dataclass(frozen=True)
class Colleague:
    """Somebody who is to get a work account.

    `support_confirmed` is what the list has there, as a rule the day on which Microsoft's support
    confirmed that the old account is disassociated; empty as long as it has not.
    """

    address: str
    name: str
    user_principal_name: str
    also_known_as: tuple[str, ...]
    roles: tuple[str, ...]
    has_old_account: bool
    support_confirmed: str
    details: Mapping[str, str]

    @property
    def waits_for_support(self) -> bool:
        """Whether the person must not sign in yet, so that there must be no account either."""
        return self.has_old_account and not self.support_confirmed

    def account(self) -> dict[str, Any]:
        """The account as the option `users` of entra_user takes it."""
        return {
            "user_principal_name": self.user_principal_name,
            "also_known_as": list(self.also_known_as),
            "display_name": self.name or self.address,
            "other_mails": [self.address],
            "roles": list(self.roles),
            **self.details,
        }

    def told(self) -> dict[str, Any]:
        """The person for those who look after them."""
        return {
            "address": self.address,
            "name": self.name,
            "user_principal_name": self.user_principal_name,
        }

    def recipient(self) -> dict[str, Any]:
        """The person as the option `recipients` of notice_files takes one."""
        row = {"sign_in_name": self.user_principal_name}
        if self.has_old_account:
            row[SUPPORT_CONFIRMED] = self.support_confirmed
        return {
            "address": self.address,
            "name": self.name,
            "preferred_language": self.details.get("preferred_language", ""),
            "row": row,
        }


def colleague(row: Mapping[str, str], naming: Naming) -> Colleague:
    """The person of one line, by its columns. Raises `InvalidInput` for what cannot be meant."""
    mail = str(address(row.get(ADDRESS, "").strip()))
    name, also_known_as = _names(row.get(USER_PRINCIPAL_NAME) or _name_for(mail, naming), naming)
    if flaw := flaw_of(name):
        raise InvalidInput(
            f"Nobody can sign in with {name!r}: {flaw}",
            advice=f"Give a name in the column {USER_PRINCIPAL_NAME}.",
        )
    return Colleague(
        address=mail,
        name=row.get("display_name") or row.get("name") or _full_name(row),
        user_principal_name=name,
        also_known_as=also_known_as,
        roles=_roles(row.get(ROLES) or row.get("role") or ""),
        has_old_account=_is_yes(row.get(OLD_ACCOUNT, ""), otherwise=naming.has_old_account),
        support_confirmed=_confirmation(row.get(SUPPORT_CONFIRMED, "").strip()),
        details=_details(row),
    )


def with_one_name(people: Sequence[Colleague]) -> frozenset[str]:
    """The names (as they are compared) that several people would get."""
    names = Counter(name_key(person.user_principal_name) for person in people)
    return frozenset(name for name, times in names.items() if times > 1)


def _name_for(mail: str, naming: Naming) -> str:
    local = mail.rpartition("@")[0]
    romanised = naming.transliteration.romanise(local)
    if romanised.unreadable:
        raise InvalidInput(
            f"There is no way to write {' '.join(romanised.unreadable)} in a name to sign in with",
            subject=mail,
            advice=f"Give a name in the column {USER_PRINCIPAL_NAME}, or "
            "transliteration_characters.",
        )
    return f"{romanised.text}@{naming.domain}"


def _names(name: str, naming: Naming) -> tuple[str, tuple[str, ...]]:
    """The name in the domain of now, and those in the others; one elsewhere stays as it is."""
    local = name.rpartition("@")[0]
    if suffix_of(name) not in {name_key(naming.domain), *map(name_key, naming.other_domains)}:
        return name, ()
    return f"{local}@{naming.domain}", tuple(f"{local}@{other}" for other in naming.other_domains)


def _full_name(row: Mapping[str, str]) -> str:
    return " ".join(part for part in (row.get("given_name"), row.get("surname")) if part)


def _roles(cell: str) -> tuple[str, ...]:
    named = (part.strip() for part in cell.split(";"))
    return tuple(dict.fromkeys(role for role in named if role.lower() not in _NO_ROLE))


def _details(row: Mapping[str, str]) -> dict[str, str]:
    location = row.get("usage_location")
    if location and not is_country(location):
        raise InvalidInput(
            f"This is not a country's code of two letters: {location!r}",
            advice="Give usage_location as in ISO 3166, such as SE.",
        )
    return {column: row[column] for column in DETAILS if row.get(column)}


def _confirmation(cell: str) -> str:
    """What the list says of the confirmation; empty if that there is none yet."""
    text = cell.lower()
    if text in _NO or not text:
        return ""
    if text in _YES or _DAY.fullmatch(text):
        return cell
    raise InvalidInput(
        f"{SUPPORT_CONFIRMED} is not a day",
        answer=cell,
        advice="Write the day on which support confirmed it, such as 2026-12-01, or leave the cell "
        "empty.",
    )


def _is_yes(cell: str, *, otherwise: bool) -> bool:
    text = cell.strip().lower()
    if not text:
        return otherwise
    if text in _YES or text in _NO:
        return text in _YES
    raise InvalidInput(
        f"{OLD_ACCOUNT} is neither yes nor no", answer=cell, advice="Write yes or no."
    )
