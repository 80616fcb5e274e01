# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of $filter that is understood, for users above all.

Comparisons (``eq``, ``ne``, ``in``), ``startsWith`` and ``endsWith``, ``any`` over mail addresses,
identities and licences, ``assignedLicenses/$count``, joined by ``and``, ``or``, ``not`` and
brackets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..people import plain_address
from .errors import GraphError, bad_request, unsupported_query

Property = Callable[[Any], Any]

_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_TOKEN = re.compile(
    rf"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<guid>{_GUID})|(?P<word>[\w/$]+)|(?P<sign>[(),:]))"
)
_WORDS = {"true": True, "false": False, "null": None}
# Conditions joined by ``or``, values of an ``in`` included, of which Entra takes no more.
_MOST_ALTERNATIVES = 15
# The issuers by which alone identities can be found.
# https://learn.microsoft.com/graph/api/resources/objectidentity#filtering-on-the-identities-property
_ISSUERS = {"google.com", "facebook.com", "mail", "phone"}


@dataclass(frozen=True)
class Condition:
    """Whether somebody is meant, which ``holds`` tells.

    Whoever is meant has one of the ``names`` (lower case: the id, a name or an address), None if
    nobody can say so without looking at all of them.
    """

    holds: Callable[[Any], bool]
    names: frozenset[str] | None = None


@dataclass(frozen=True)
class Filterable:
    """What a filter may be about: properties by name, such as hold a list of texts, the issuer
    of the identity that is not of the tenant itself, and the ids of the SKUs (lower case).

    ``names`` are those of the properties and lists by whose values somebody is quickly found.
    """

    properties: Mapping[str, Property]
    lists: Mapping[str, Property] = field(default_factory=dict)
    issuer: Property | None = None
    skus: Property | None = None
    names: frozenset[str] = frozenset()


def read_filter(text: str, about: Filterable, *, is_advanced: bool) -> Condition:
    """Return the condition; raises GraphError.

    ``is_advanced``: the client asked for what endsWith, ne and not need, ConsistencyLevel and
    $count.
    """
    return _Parser(text, about, is_advanced=is_advanced).read()


class _Parser:
    """A recursive descent through one filter."""

    def __init__(self, text: str, about: Filterable, *, is_advanced: bool) -> None:
        self._tokens = _tokens(text)
        self._position = 0
        self._properties = {name.casefold(): get for name, get in about.properties.items()}
        self._lists = {name.casefold(): get for name, get in about.lists.items()}
        self._issuer_of = about.issuer
        self._skus_of = about.skus
        self._names = {name.casefold() for name in about.names}
        self._is_advanced = is_advanced

    def read(self) -> Condition:
        condition = self._alternatives()
        if self._position != len(self._tokens):
            raise _invalid()
        return condition

    def _alternatives(self) -> Condition:
        conditions = [self._conjunction()]
        while self._takes("or"):
            conditions.append(self._conjunction())
        _check_alternatives(len(conditions))
        if len(conditions) == 1:
            return conditions[0]
        named = [condition.names for condition in conditions if condition.names is not None]
        return Condition(
            lambda user: any(condition.holds(user) for condition in conditions),
            frozenset().union(*named) if len(named) == len(conditions) else None,
        )

    def _conjunction(self) -> Condition:
        conditions = [self._negation()]
        while self._takes("and"):
            conditions.append(self._negation())
        if len(conditions) == 1:
            return conditions[0]
        named = [condition.names for condition in conditions if condition.names is not None]
        return Condition(
            lambda user: all(condition.holds(user) for condition in conditions),
            min(named, key=len, default=None),
        )

    def _negation(self) -> Condition:
        if self._takes("not"):
            self._needs_index("not")
            condition = self._negation()
            return Condition(lambda user: not condition.holds(user))
        if self._takes("("):
            condition = self._alternatives()
            self._expect(")")
            return condition
        return self._comparison()

    def _comparison(self) -> Condition:
        name = self._word()
        if name.casefold() in ("startswith", "endswith"):
            return self._part(name.casefold())
        if name.casefold().endswith("/any"):
            return self._any(name[: -len("/any")])
        if name.casefold() == "assignedlicenses/$count":
            return self._count_licenses(name)
        get = self._property(name)
        if self._takes("in"):
            wanted = self._values()
            return Condition(
                lambda user: _folded(get(user)) in wanted, self._named_by(name, wanted)
            )
        is_equal = self._takes("eq")
        if not is_equal:
            self._expect("ne")
            self._needs_index(name)
        value = _folded(self._value())
        return Condition(
            lambda user: (_folded(get(user)) == value) is is_equal,
            self._named_by(name, [value]) if is_equal else None,
        )

    def _named_by(self, name: str, values: Sequence[object]) -> frozenset[str] | None:
        """Return the names that whoever has one of these values has, as far as these tell."""
        texts = [value for value in values if isinstance(value, str)]
        if name.casefold() not in self._names or len(texts) < len(values):
            return None
        return frozenset(map(plain_address, texts))

    def _part(self, function: str) -> Condition:
        self._expect("(")
        name = self._word()
        get = self._property(name)
        self._expect(",")
        wanted = str(_folded(self._value()))
        self._expect(")")
        if function == "startswith":
            return Condition(lambda user: str(_folded(get(user)) or "").startswith(wanted))
        self._needs_index(name)
        return Condition(lambda user: str(_folded(get(user)) or "").endswith(wanted))

    def _any(self, name: str) -> Condition:
        """Read ``(x:x eq 'value')`` or ``(x:startswith(x,'value'))``, for identities
        ``(x:x/issuer eq 'value')`` and for licences ``(x:x/skuId eq id)``."""
        self._expect("(")
        variable = self._word()
        self._expect(":")
        path = self._word()
        if path.casefold() == "startswith":
            return self._any_part(name, variable)
        self._expect("eq")
        wanted = _folded(self._value())
        self._expect(")")
        about = (name.casefold(), path.casefold().removeprefix(f"{variable}/".casefold()))
        if about == ("identities", "issuer"):
            return self._issuer(wanted)
        if about == ("assignedlicenses", "skuid"):
            skus_of = self._about_licenses(name)
            return Condition(lambda user: wanted in skus_of(user))
        get = self._lists.get(name.casefold())
        if get is None or path != variable:
            raise _unsupported(name)
        return Condition(
            lambda user: any(_folded(value) == wanted for value in get(user)),
            self._named_by(name, [wanted]),
        )

    def _any_part(self, name: str, variable: str) -> Condition:
        """Read what follows ``(x:startswith``."""
        self._expect("(")
        path = self._word()
        self._expect(",")
        wanted = str(_folded(self._value()))
        self._expect(")")
        self._expect(")")
        get = self._lists.get(name.casefold())
        if get is None or path != variable:
            raise _unsupported(name)
        return Condition(
            lambda user: any(str(_folded(value)).startswith(wanted) for value in get(user))
        )

    def _count_licenses(self, name: str) -> Condition:
        """Read what follows ``assignedLicenses/$count``: ``eq 0`` or ``ne 0``."""
        self._needs_index(name)
        is_equal = self._takes("eq")
        if not is_equal:
            self._expect("ne")
        if self._next() != "0":
            raise _unsupported(name)
        skus_of = self._about_licenses(name)
        return Condition(lambda user: (not skus_of(user)) is is_equal)

    def _issuer(self, wanted: object) -> Condition:
        get = self._issuer_of
        if wanted not in _ISSUERS or get is None:
            raise _unsupported("identities/issuer")
        return Condition(lambda user: _folded(get(user)) == wanted)

    def _about_licenses(self, name: str) -> Property:
        if self._skus_of is None:
            raise _unsupported(name)
        return self._skus_of

    def _property(self, name: str) -> Property:
        get = self._properties.get(name.casefold())
        if get is None:
            raise _unsupported(name)
        return get

    def _values(self) -> list[object]:
        self._expect("(")
        values = [_folded(self._value())]
        while self._takes(","):
            values.append(_folded(self._value()))
        self._expect(")")
        _check_alternatives(len(values))
        return values

    def _value(self) -> object:
        token = self._next()
        if token.startswith("'"):
            # An apostrophe within the text is doubled.
            return token[1:-1].replace("''", "'")
        if token in _WORDS:
            return _WORDS[token]
        if re.fullmatch(_GUID, token):
            return token
        raise _invalid()

    def _word(self) -> str:
        token = self._next()
        if not token[0].isalpha() or re.fullmatch(_GUID, token):
            raise _invalid()
        return token

    def _next(self) -> str:
        if self._position == len(self._tokens):
            raise _invalid()
        self._position += 1
        return self._tokens[self._position - 1]

    def _takes(self, token: str) -> bool:
        if self._tokens[self._position : self._position + 1] != [token]:
            return False
        self._position += 1
        return True

    def _expect(self, token: str) -> None:
        if not self._takes(token):
            raise _invalid()

    def _needs_index(self, name: str) -> None:
        if not self._is_advanced:
            raise _unsupported(name)


def _tokens(text: str) -> Sequence[str]:
    tokens = []
    position = 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _invalid()
        tokens.append(match.group().strip())
        position = match.end()
    return tokens


def _check_alternatives(count: int) -> None:
    if count > _MOST_ALTERNATIVES:
        raise bad_request(
            "Too many child clauses specified in search filter expression containing 'OR' "
            f"operators: {count}. Max allowed: {_MOST_ALTERNATIVES}."
        )


def _folded(value: object) -> object:
    """Case does not count in Graph's comparisons."""
    return value.casefold() if isinstance(value, str) else value


def _invalid() -> GraphError:
    return bad_request("Invalid filter clause.")


def _unsupported(name: str) -> GraphError:
    return unsupported_query(
        f"Unsupported or invalid query filter clause specified for property '{name}'."
    )
