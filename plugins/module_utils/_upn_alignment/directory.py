# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The people on premises: their sign-in names now, the wanted ones, and what changes them.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from .._attribute_fixes.model import Values
from .._attribute_fixes.renaming import Adjusted, RenamePlan, plan_renames
from .._attribute_rules.attributes import USER_PRINCIPAL_NAME
from .._attribute_rules.model import DirectoryObject
from .._attribute_scan.assessment import Assessment, assess
from .._changes.converge import Request
from .._errors import NotUnderstood, Refused, TenantopsError
from .._ldap.connection import connect
from .._ldap.settings import ConnectionSettings
from .._people.model import DirectoryPerson
from .._people.reading import PeopleOptions, PeopleReader
from .._sign_in_names.names import name_key, suffix_of
from .._sign_in_names.wanted import Source, Wanted, WhyNot, wanted_name
from .planning import same_name


@dataclass(frozen=True)
class OnPremises:
    """Somebody in the directory who is meant.

    `wanted` is null where there can be no name, and `error` says why. `request` makes the changes
    that the name needs on premises, null where there are none.
    """

    person: DirectoryPerson
    wanted: str | None
    request: Request | None = None
    error: TenantopsError | None = None


@dataclass
class DirectorySide:
    """What was read of the directory. `left` are those who are selected and not meant, by DN with
    the reason; `known` are the values of those who are renamed, by objectGUID."""

    people: list[OnPremises] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)
    known: Mapping[str, Values] = field(default_factory=dict)
    selected: int = 0
    warnings: tuple[str, ...] = ()

    @property
    def requests(self) -> list[Request]:
        """What would be written."""
        return [each.request for each in self.people if each.request is not None]

    def refuse(self, refused: Mapping[str, TenantopsError]) -> None:
        """Give up people by the objectGUID; what is against them already stays."""
        self.people = [
            replace(each, error=each.error or refused.get(each.person.guid)) for each in self.people
        ]


def read_directory(parameters: Mapping[str, Any], wanted: Wanted) -> DirectorySide:
    """Read the people whom the options select, and plan their new names.

    Raises what keeps the directory from being read, and `Refused` if nobody is there.
    """
    with assess({**parameters, "classes": ["user"]}) as assessment:
        settings = ConnectionSettings.from_parameters(parameters)
        with connect(settings) as directory:
            reader = PeopleReader(directory, PeopleOptions.from_parameters(parameters))
            people = {person.guid: person for page in reader.pages() for person in page}
        things = assessment.find(people.keys(), ())
        plan = plan_renames(
            (things[guid] for guid in people if guid in things),
            wanted,
            tuple(map(Adjusted, parameters["adjust"])),
            assessment.policy,
            assessment.owned,
            partial(_objection, assessment),
        )
        warnings = (*settings.warnings, *assessment.warnings)
    side = DirectorySide(known=plan.known, selected=len(people), warnings=warnings)
    _sort(side, people.values(), things, plan, wanted)
    return side


def _sort(
    side: DirectorySide,
    people: Iterable[DirectoryPerson],
    things: Mapping[str, DirectoryObject],
    plan: RenamePlan,
    wanted: Wanted,
) -> None:
    requests = {request.id: request for request in plan.requests}
    failures = {failure.id: failure.error for failure in plan.failures}
    reached = _reached(wanted)
    for person in sorted(people, key=lambda each: (each.dn.casefold(), each.guid)):
        name = _wanted_name(person, wanted, reached)
        if person.guid not in things:
            side.people.append(OnPremises(person, None, error=_not_read(person)))
        elif isinstance(name, WhyNot) and not name.is_failure:
            side.left.append((person.dn, name.reason))
        else:
            named = None if isinstance(name, WhyNot) else name
            request, error = requests.get(person.guid), failures.get(person.guid)
            if error is None and not _leads_to(named, person, request):
                error = _not_read(person)
            side.people.append(OnPremises(person, named, request, error))


def _leads_to(name: str | None, person: DirectoryPerson, request: Request | None) -> bool:
    """Whether the request, which came of another reading, gives this person the name."""
    after = person.user_principal_name
    for change in () if request is None else request.changes:
        if change.property == USER_PRINCIPAL_NAME and isinstance(change.after, str):
            after = change.after
    return same_name(after, name)


def _reached(wanted: Wanted) -> frozenset[str]:
    """The names or suffixes that a map leads to."""
    names = wanted.suffixes if wanted.source is Source.SUFFIX_MAP else wanted.names
    return frozenset(map(name_key, names.values()))


def _wanted_name(person: DirectoryPerson, wanted: Wanted, reached: frozenset[str]) -> str | WhyNot:
    """Whoever got the name from an earlier run, that a map of old ones no longer finds, keeps it:
    the cloud may not have it yet."""
    name = wanted_name(person, wanted, person.guid)
    now = person.user_principal_name
    if isinstance(name, str) or name.is_failure or now is None:
        return name
    found = suffix_of(now) if wanted.source is Source.SUFFIX_MAP else name_key(now)
    return now if found in reached else name


def _objection(assessment: Assessment, thing: DirectoryObject) -> TenantopsError | None:
    if thing.domain.lower() != assessment.forest.domains[0].name.lower():
        return Refused(
            f"The object is in another domain than the server, {thing.domain or 'none'}",
            server=assessment.server,
            subject=thing.dn,
            advice="Name a domain controller of that domain in ad_servers, in a task of its own.",
        )
    return None


def _not_read(person: DirectoryPerson) -> TenantopsError:
    return NotUnderstood(
        "This person was not the same at one reading and at the next",
        subject=person.dn,
        advice="Run again: somebody else changed it. If it stays so, look for a lingering object on"
        " a domain controller.",
    )
