# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a plan store is, and where one is.

A store holds documents that are never changed: a document has a name like a relative path, and is
made once. That is all that a folder, a Git repository and an HTTPS server can promise alike, and it
is enough: what grows, such as the list of plans of a run, is a sequence of numbered documents.
Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from .._errors import InvalidInput

Result = TypeVar("Result")

_ADVICE = (
    "Give a folder as an absolute path, a Git repository as git+https://…, git+ssh://… or "
    "git+file://… (with #branch at the end if it is not the default one), or an https:// location."
)


class StoreKind(StrEnum):
    """In which way documents are kept."""

    FOLDER = "folder"
    GIT = "git"
    HTTPS = "https"


@dataclass(frozen=True)
class Location:
    """Where a store is. `place` is a path or a URL, `branch` that of a Git repository if given."""

    kind: StoreKind
    place: str
    branch: str | None = None

    @classmethod
    def parse(cls, text: str) -> Location:
        """Read the option `store`. Raises `InvalidInput` for what is none of the three."""
        if text.startswith("/"):
            return cls(StoreKind.FOLDER, text)
        _check_no_password(text)
        git = re.fullmatch(r"git\+((?:https|ssh|file)://[^#\s]+)(?:#([^#\s]+))?", text)
        if git:
            return cls(StoreKind.GIT, git[1], _branch(git[2]))
        if re.fullmatch(r"https://[^#?\s]+", text):
            return cls(StoreKind.HTTPS, text.rstrip("/"))
        raise InvalidInput("This is no place for plans", subject=text, advice=_ADVICE)


class Documents(Protocol):
    """The documents of a store. All methods raise `TenantopsError` where the store fails."""

    @property
    def where(self) -> str:
        """The store in words, for messages."""

    def read(self, name: str) -> bytes | None:
        """A document, or null if the store surely has none of that name."""

    def create(self, name: str, content: bytes) -> bool:
        """Make a document; false, and nothing done, if there is one of that name already."""

    def folders(self) -> Sequence[str] | None:
        """The first parts of all names, or null if the store does not list what it has."""

    def remove(self, folder: str) -> None:
        """Remove all documents whose names begin with this part."""


Work = Callable[[Documents], Result]


class Store(Protocol):
    """A store that work is done with."""

    def perform(self, work: Work[Result]) -> Result:
        """Do the work, and see to it that what it made is in the store when this returns.

        Where others write at the same time the work may be done anew, with their documents there.
        """


def _branch(text: str | None) -> str | None:
    if text is not None and (text.startswith("-") or ".." in text):
        raise InvalidInput("This is no name of a branch", subject=text, advice=_ADVICE)
    return text


def _check_no_password(text: str) -> None:
    # The location stands in messages and results.
    user = re.match(r"[\w+]+://([^/@]*)@", text)
    if user and ":" in user[1]:
        raise InvalidInput(
            "The location of the plan store holds a password",
            advice="Leave it out and give it as store_token, or let Git ask a credential helper.",
        )
