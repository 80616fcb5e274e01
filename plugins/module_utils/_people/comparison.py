# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be told of somebody in the directory, in the cloud, or in both. Pure.

Source: Microsoft, "Prepare to provision users through directory synchronization to Microsoft 365":
the UPN on both sides is the same and the primary address, no address is there twice, the fields of
the address list are filled in, and who comes by sync has no licence at first. Private to the
collection: it can change in any release.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from .._attribute_rules.attributes import ADDRESS_LIST_FIELDS
from .._changes.model import JsonValue
from .._users.model import User
from .matching import Duplicate, Match, Matched
from .model import same_address


class Finding(StrEnum):
    """What is not as it should be, in the order of concern."""

    AMBIGUOUS = "ambiguous"
    """Nobody can say who of several in the other system this is, or who else it could be."""
    DUPLICATE = "duplicate"
    """Somebody else has an address or name as well, in either system."""
    ONLY_IN_DIRECTORY = "only_in_directory"
    SYNCED_FROM_ELSEWHERE = "synced_from_elsewhere"
    """A user of the cloud who is synced, but from nobody among those who were read."""
    UPN_DIFFERS = "upn_differs"
    """The UPN is another one in the directory than in the cloud."""
    ADDRESS_DIFFERS = "address_differs"
    """The primary address is another one in the directory than in the cloud."""
    SOFT_MATCH = "soft_match"
    """Not joined yet: sync would join the two by their address or name."""
    UPN_NOT_ADDRESS = "upn_not_address"
    """The UPN is not the primary address, in the directory or for users who are in the cloud
    alone."""
    UNLICENSED = "unlicensed"
    """A user of the cloud who may sign in has no licence, neither directly nor through a group."""
    ONLY_IN_CLOUD = "only_in_cloud"
    """A user of the cloud who is not synced, and nobody in the directory."""
    FIELDS_MISSING = "fields_missing"
    """The address list shows this person without some of its fields."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A match, the primary addresses on both sides, what is to be told, and which fields of the
    address list are missing (by their names in the directory)."""

    match: Match
    directory_address: str | None
    cloud_address: str | None
    findings: tuple[Finding, ...]
    missing_fields: tuple[str, ...]

    def to_json(self) -> dict[str, JsonValue]:
        """The row as a task returns it. What a system that lacks the person would say is null."""
        match, person, user = self.match, self.match.person, self.match.user
        return {
            "match": match.matched.value,
            "matched_by": None if match.by is None else match.by.value,
            "findings": [finding.value for finding in self.findings],
            "directory_upn": None if person is None else person.user_principal_name,
            "cloud_upn": None if user is None else user.user_principal_name,
            "directory_address": self.directory_address,
            "cloud_address": self.cloud_address,
            "display_name": (person.display_name if person else None)
            or (user.display_name if user else None),
            "directory_enabled": None if person is None else person.enabled,
            "cloud_enabled": None if user is None else user.account_enabled,
            "synced": None if user is None else user.is_synced,
            "licensed": None if user is None else is_licensed(user),
            "missing_fields": list(self.missing_fields),
            "duplicates": [_duplicate(duplicate) for duplicate in match.duplicates],
            "candidates": list(match.candidates),
            "dn": None if person is None else person.dn,
            "guid": None if person is None else person.guid,
            "immutable_id": (user.on_premises_immutable_id if user else None)
            or (person.immutable_id if person else None),
            "id": None if user is None else user.id,
        }


def compare(match: Match) -> Compared:
    """What is to be told of one person."""
    person, user = match.person, match.user
    # Once for all questions, since a hundred thousand are asked about.
    ours = None if person is None else person.primary_address
    theirs = None if user is None else user.primary_address
    findings = [*_of_match(match), *_of_names(match, ours, theirs)]
    if user is not None and user.account_enabled is not False and not is_licensed(user):
        findings.append(Finding.UNLICENSED)
    missing = _missing_fields(match, ours, theirs)
    if missing:
        findings.append(Finding.FIELDS_MISSING)
    findings.sort(key=_CONCERN.__getitem__)
    return Compared(match, ours, theirs, tuple(findings), missing)


def is_licensed(user: User) -> bool:
    """Whether the user has any licence in force, or one of which that cannot be told."""
    return any(assigned.state not in _NOT_IN_FORCE for assigned in user.assigned)


_CONCERN = {finding: place for place, finding in enumerate(Finding)}
# Graph documentation, resource licenseAssignmentState: the user does not have what it would give.
_NOT_IN_FORCE = ("Disabled", "Error")
_GRAPH_NAMES = {
    "givenName": "givenName",
    "sn": "surname",
    "displayName": "displayName",
    "title": "jobTitle",
    "department": "department",
    "physicalDeliveryOfficeName": "officeLocation",
    "telephoneNumber": "businessPhones",
    "mobile": "mobilePhone",
    "facsimileTelephoneNumber": "faxNumber",
    "streetAddress": "streetAddress",
    "l": "city",
    "st": "state",
    "postalCode": "postalCode",
    "co": "country",
}
_BY_MATCH = {
    Matched.SOFT: Finding.SOFT_MATCH,
    Matched.AMBIGUOUS: Finding.AMBIGUOUS,
    Matched.ONLY_IN_DIRECTORY: Finding.ONLY_IN_DIRECTORY,
    Matched.ONLY_IN_CLOUD: Finding.ONLY_IN_CLOUD,
}


def _of_match(match: Match) -> Iterator[Finding]:
    user = match.user
    if match.matched is Matched.ONLY_IN_CLOUD and user is not None and user.is_synced:
        yield Finding.SYNCED_FROM_ELSEWHERE
    elif match.matched in _BY_MATCH:
        yield _BY_MATCH[match.matched]
    if match.duplicates:
        yield Finding.DUPLICATE


def _of_names(match: Match, ours: str | None, theirs: str | None) -> Iterator[Finding]:
    """What is to be told of the UPNs and the primary addresses on both sides."""
    person, user = match.person, match.user
    if person is not None and user is not None:
        if not same_address(person.user_principal_name, user.user_principal_name):
            yield Finding.UPN_DIFFERS
        if not same_address(ours, theirs):
            yield Finding.ADDRESS_DIFFERS
    one, address = (user, theirs) if person is None else (person, ours)
    if one is not None and address and not same_address(one.user_principal_name, address):
        yield Finding.UPN_NOT_ADDRESS


def _missing_fields(match: Match, ours: str | None, theirs: str | None) -> tuple[str, ...]:
    """The fields without which the address list shows somebody; none for who is not in it.

    The directory is asked first: it is where they are filled in for everybody who is synced.
    """
    person, user = match.person, match.user
    if person is not None:
        if ours is None or person.hidden:
            return ()
        return _absent(person.fields)
    if user is None or theirs is None:
        return ()
    return _absent(
        frozenset(name for name in ADDRESS_LIST_FIELDS if user.gal.get(_GRAPH_NAMES[name]))
    )


@functools.lru_cache(maxsize=4096)
def _absent(present: frozenset[str]) -> tuple[str, ...]:
    """Of all fields, those that are not present; there are few sets of them."""
    return tuple(name for name in ADDRESS_LIST_FIELDS if name not in present)


def _duplicate(duplicate: Duplicate) -> dict[str, JsonValue]:
    return {"address": duplicate.address, "holders": list(duplicate.holders)}
