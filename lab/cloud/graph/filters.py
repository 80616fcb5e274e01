# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of $filter that is understood, for users.

Comparisons (``eq``, ``ne``, ``in``), ``startsWith`` and ``endsWith``, ``any`` over mail addresses
and identities, joined by ``and``, ``or``, ``not`` and brackets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..people import User
from .errors import GraphError, bad_request, unsupported_query

Condition = Callable[[User], bool]
Property = Callable[[User], Any]

_TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<word>[\w/]+)|(?P<sign>[(),:]))")
_WORDS = {"true": True, "false": False, "null": None}
# Conditions joined by ``or``, values of an ``in`` included, of which Entra takes no more.
_MOST_ALTERNATIVES = 15
# The issuers by which alone identities can be found.
# https://learn.microsoft.com/graph/api/resources/objectidentity#filtering-on-the-identities-property
_ISSUERS = {"google.com", "facebook.com", "mail", "phone"}


@dataclass(frozen=True)
class Filterable:
    """What a filter may be about: properties by name, such as hold a list of texts, and the issuer
    of the identity that is not of the tenant itself."""

    properties: Mapping[str, Property]
    lists: Mapping[str, Property]
    issuer: Property


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
        return lambda user: any(condition(user) for condition in conditions)

    def _conjunction(self) -> Condition:
        conditions = [self._negation()]
        while self._takes("and"):
            conditions.append(self._negation())
        if len(conditions) == 1:
            return conditions[0]
        return lambda user: all(condition(user) for condition in conditions)

    def _negation(self) -> Condition:
        if self._takes("not"):
            self._needs_index("not")
            condition = self._negation()
            return lambda user: not condition(user)
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
        get = self._property(name)
        if self._takes("in"):
            wanted = self._values()
            return lambda user: _folded(get(user)) in wanted
        is_equal = self._takes("eq")
        if not is_equal:
            self._expect("ne")
            self._needs_index(name)
        value = _folded(self._value())
        return lambda user: (_folded(get(user)) == value) is is_equal

    def _part(self, function: str) -> Condition:
        self._expect("(")
        name = self._word()
        get = self._property(name)
        self._expect(",")
        wanted = str(_folded(self._value()))
        self._expect(")")
        if function == "startswith":
            return lambda user: str(_folded(get(user)) or "").startswith(wanted)
        self._needs_index(name)
        return lambda user: str(_folded(get(user)) or "").endswith(wanted)

    def _any(self, name: str) -> Condition:
        """Read ``(x:x eq 'value')``, or ``(x:x/issuer eq 'value')`` for identities."""
        self._expect("(")
        variable = self._word()
        self._expect(":")
        path = self._word()
        self._expect("eq")
        wanted = _folded(self._value())
        self._expect(")")
        if name.casefold() == "identities" and path.casefold() == f"{variable}/issuer".casefold():
            return self._issuer(wanted)
        get = self._lists.get(name.casefold())
        if get is None or path != variable:
            raise _unsupported(name)
        return lambda user: any(_folded(value) == wanted for value in get(user))

    def _issuer(self, wanted: object) -> Condition:
        if wanted not in _ISSUERS:
            raise _unsupported("identities/issuer")
        return lambda user: _folded(self._issuer_of(user)) == wanted

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
        if token not in _WORDS:
            raise _invalid()
        return _WORDS[token]

    def _word(self) -> str:
        token = self._next()
        if not token[0].isalpha():
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
        f"Unsupported or invalid query filter clause specified for property '{name}' of resource "
        "'User'."
    )
