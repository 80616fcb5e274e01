# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which language a person is written to in. Pure.

Source: RFC 5646 (language tags), RFC 4647 section 3.4 (lookup). Private to the collection: it can
change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from .._domain_names.names import domain_name
from .._errors import InvalidInput

# A primary language, and anything behind it; not all of RFC 5646, which nobody uses for people.
_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")


class Because(StrEnum):
    """Why a language was chosen."""

    PREFERRED_LANGUAGE = "preferred_language"
    DOMAIN = "domain"
    DEFAULT = "default"


@dataclass(frozen=True)
class Choice:
    """A language for somebody, and why."""

    language: str
    because: Because


@dataclass(frozen=True)
class Languages:
    """The languages that there are texts in, and who is written to in which of them.

    `by_domain` has domains (lower case, ASCII) or the ends of such, as C(jp) is of all in Japan;
    the longest that fits counts. `default` is for everybody else.
    """

    available: tuple[str, ...]
    by_domain: Mapping[str, str]
    default: str

    def for_person(self, preferred: str | None, domain: str) -> Choice:
        """The language for somebody who prefers one (or of whom it is not known) in a domain."""
        if preferred:
            found = lookup(preferred, self.available)
            if found is not None:
                return Choice(found, Because.PREFERRED_LANGUAGE)
        for end in _ends(domain.lower()):
            if end in self.by_domain:
                return Choice(self.by_domain[end], Because.DOMAIN)
        return Choice(self.default, Because.DEFAULT)


def lookup(wanted: str, available: Iterable[str]) -> str | None:
    """The available language that fits best: that of `sv-FI`, else of `sv`, else none."""
    known = {_normal(tag): tag for tag in available}
    for tag in _ranges(_normal(wanted)):
        if tag in known:
            return known[tag]
    return None


def language_tag(text: str) -> str:
    """A language as an operator writes it. Raises `InvalidInput` for what is none."""
    tag = text.strip().replace("_", "-")
    if not _TAG.fullmatch(tag):
        raise InvalidInput(
            f"This is not a language: {text!r}", advice="Write it as in sv, en-US or ja."
        )
    return tag


def is_language_tag(text: str) -> bool:
    """Whether a text has the form of a language tag."""
    return _TAG.fullmatch(text) is not None


def domain_end(text: str) -> str:
    """A domain or the end of one, such as `jp`, as it is compared. Raises `InvalidInput`."""
    name = text.strip().removeprefix(".")
    # A name of one label is no domain that mail can have, but many end with it.
    return domain_name(f"any.{name}").removeprefix("any.")


def _normal(tag: str) -> str:
    return tag.replace("_", "-").lower()


def _ranges(tag: str) -> Iterator[str]:
    """The tag, and what is left of it when it is cut from its end."""
    parts = tag.split("-")
    while parts:
        yield "-".join(parts)
        parts.pop()
        # What a single letter introduces means nothing without it.
        if parts and len(parts[-1]) == 1:
            parts.pop()


def _ends(domain: str) -> Iterator[str]:
    labels = domain.split(".")
    for first in range(len(labels)):
        yield ".".join(labels[first:])
