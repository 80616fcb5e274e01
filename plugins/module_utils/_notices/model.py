# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Notices: what people are told about their sign-in. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._guests.links import SignInLinks
from .languages import Because

LINKS = ("best", "my_apps", "my_apps_by_domain", "portal")

_BLANK = re.compile(r"\s+")


@dataclass(frozen=True)
class Recipient:
    """Somebody who gets a notice.

    `name` and `preferred_language` are empty where they are not known. `row` is what else the
    operator's list tells of the person, by column. The name is often the person's own choice, and
    stays on one line.
    """

    address: str
    name: str = ""
    preferred_language: str = ""
    row: Mapping[str, str] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        """The domain of the address, in lower case."""
        return self.address.rpartition("@")[2].lower()

    def as_variables(self, language: str) -> dict[str, str]:
        """The person as a template sees them."""
        return {
            "address": on_one_line(self.address),
            "name": on_one_line(self.name),
            "domain": self.domain,
            "language": language,
        }


@dataclass(frozen=True)
class Facts:
    """What a template can tell everybody alike.

    `links` are the sign-in links that lead to the tenant, null where it is not known. `variables`
    are the operator's own. `in_invitation` is true for a text that is part of Microsoft's own mail,
    which has a button to accept the invitation.
    """

    organization: str
    contact: str = ""
    links: SignInLinks | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    in_invitation: bool = False

    def as_variables(self) -> dict[str, Any]:
        """The facts as a template sees them; a link that there is none of is an empty text."""
        told = {} if self.links is None else {**self.links.to_json(), "best": self.links.best}
        return {
            "organization": self.organization,
            "contact": self.contact,
            "links": {name: told.get(name) or "" for name in LINKS},
            "in_invitation": self.in_invitation,
            "variables": self.variables,
        }


@dataclass(frozen=True)
class Notice:
    """A text for one person. The subject is one line; the body ends with a line end."""

    language: str
    because: Because
    subject: str
    body: str

    @property
    def text(self) -> str:
        """The notice as it stands in its file."""
        return f"Subject: {self.subject}\n\n{self.body}"


def on_one_line(text: str) -> str:
    """A text without line ends and control characters, so that it can stand in a subject."""
    shown = "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in text)
    # Line and paragraph separators are blank too.
    return _BLANK.sub(" ", shown).strip()
