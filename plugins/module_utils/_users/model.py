# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The users of a tenant, as far as a migration asks about them. Pure.

Source: Microsoft Graph, resource user. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .._changes.model import JsonValue
from .._errors import NotUnderstood

# What Graph is asked for; everything else stays where it is.
FIELDS = ("id", "userPrincipalName", "mail", "displayName", "accountEnabled", "createdDateTime")

_TEXT_OR_NULL = (str, type(None))


class CreationType(StrEnum):
    """How a user came to be; null, which is none of these, for one that an administrator made."""

    EMAIL_VERIFIED = "EmailVerified"
    """Signed up alone with a mail address: the users of an unmanaged tenant."""
    INVITATION = "Invitation"
    LOCAL_ACCOUNT = "LocalAccount"
    SELF_SERVICE_SIGN_UP = "SelfServiceSignUp"


@dataclass(frozen=True)
class User:
    """A user; `created` is a time as Graph writes it (ISO 8601, UTC)."""

    id: str
    user_principal_name: str
    mail: str | None
    display_name: str | None
    account_enabled: bool | None
    created: str | None

    @classmethod
    def from_json(cls, entry: Any) -> User:
        """A user from Graph's answer. Raises `NotUnderstood` for one that is not as documented."""
        if not isinstance(entry, Mapping):
            raise _not_a_user(entry)
        texts = [entry.get(name) for name in ("mail", "displayName", "createdDateTime")]
        is_understood = (
            isinstance(entry.get("id"), str)
            and isinstance(entry.get("userPrincipalName"), str)
            and isinstance(entry.get("accountEnabled"), (bool, type(None)))
            and all(isinstance(text, _TEXT_OR_NULL) for text in texts)
        )
        if not is_understood:
            raise _not_a_user(entry)
        return cls(
            id=entry["id"],
            user_principal_name=entry["userPrincipalName"],
            mail=entry.get("mail"),
            display_name=entry.get("displayName"),
            account_enabled=entry.get("accountEnabled"),
            created=entry.get("createdDateTime"),
        )

    def to_json(self) -> dict[str, JsonValue]:
        """The user as a task returns it."""
        return {
            "id": self.id,
            "user_principal_name": self.user_principal_name,
            "mail": self.mail,
            "display_name": self.display_name,
            "account_enabled": self.account_enabled,
            "created": self.created,
        }

    def is_of(self, domains: Collection[str]) -> bool:
        """Whether the sign-in name or the mail address is in one of these domains (lower case)."""
        names = (self.user_principal_name, self.mail or "")
        return any(name.rpartition("@")[2].lower() in domains for name in names)


def _not_a_user(entry: Any) -> NotUnderstood:
    told = sorted(entry) if isinstance(entry, Mapping) else type(entry).__name__
    return NotUnderstood(
        "An entry of the list is not a user as Graph documents it",
        subject="users",
        answer=f"{told}",
    )
