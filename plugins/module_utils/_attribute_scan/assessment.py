# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A forest judged: what is wrong with which object, and what can be done about it.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import pickle
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import IO, Any

from .._attribute_rules.attributes import TARGET_ADDRESS
from .._attribute_rules.judgement import (
    Claim,
    judge,
    judge_duplicates,
    uniqueness_claims,
)
from .._attribute_rules.model import (
    DirectoryObject,
    Finding,
    Holder,
    ObjectClass,
    ValueChange,
)
from .._attribute_rules.policy import Policy
from .._attribute_rules.suggestions import Taken, changed, repair
from .._errors import Refused
from .._ldap.connection import connect
from .._ldap.settings import ConnectionSettings
from .forest import Forest, ForestSearch, Part, parts_of, read_forest
from .forest_index import claim_hash
from .page_reading import Counts
from .processes import map_in_processes, processes_to_use
from .scan import Scan
from .scope import ScopeOptions
from .snapshot import Snapshot

_CACHED_OBJECTS = 4096
_PER_PIECE = 50
_NOT_CHOSEN = "it is not among the rules and severities that were chosen to be fixed"

Choice = Callable[[Finding], bool]


@dataclass(frozen=True)
class JudgedObject:
    """An object with its findings, and the changes that all their suggestions come to."""

    object: DirectoryObject
    findings: tuple[Finding, ...]
    changes: tuple[ValueChange, ...]


@dataclass(frozen=True)
class _Spooled:
    """A judged object, pickled once where it was judged, with its number and the hashes of what
    its suggestions would claim."""

    number: int
    hashes: frozenset[int]
    pickled: bytes

    def judged(self) -> JudgedObject:
        """The object. Nobody else could have written into the pipe and the file it came through."""
        judged: JudgedObject = pickle.loads(self.pickled)  # noqa: S301
        return judged


@contextmanager
def assess(parameters: Mapping[str, Any]) -> Iterator[Assessment]:
    """Read the forest as the options of `ad` and `directory_rules` say; judged when asked for.

    Raises `Refused` where nothing was read or nothing is in scope: that is never a tidy directory.
    """
    settings = ConnectionSettings.from_parameters(parameters)
    with connect(settings) as directory:
        forest = read_forest(directory)
        policy = Policy.from_parameters(parameters, forest.upn_suffixes)
        options = ScopeOptions.from_parameters(parameters)
        scope = options.resolve(directory, forest.domains[0].dn)
        search = ForestSearch(parameters["forest_search"])
        parts = parts_of(forest, directory, settings, search)
        server = directory.server
    with Snapshot() as snapshot:
        scan = Scan(forest, scope, policy, snapshot)
        for part in parts:
            scan.read(part)
        assessment = Assessment(scan, parts, server)
        if scan.counts.in_scope == 0:
            raise Refused(
                "Nothing was read that could be judged",
                server=server,
                subject=", ".join(scope.bases),
                answer=assessment.told(),
                advice="Check search_bases, exclude, filter and classes, and that the account may"
                " read the objects.",
            )
        yield assessment


class Assessment:
    """What a scan read, and what the rules say to it."""

    def __init__(self, scan: Scan, parts: Collection[Part], server: str) -> None:
        self._scan = scan
        self._parts = parts
        self.server = server
        self.policy = scan.policy
        self._object = lru_cache(maxsize=_CACHED_OBJECTS)(scan.object)

    @property
    def forest(self) -> Forest:
        """The forest that was read."""
        return self._scan.forest

    @property
    def counts(self) -> Counts:
        """What was read and skipped."""
        return self._scan.counts

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the operator should know though it worked."""
        return tuple(self._scan.warnings)

    @property
    def searched(self) -> str:
        """Where the objects were read that an address is compared with."""
        return "; ".join(part.told for part in self._parts)

    def told(self) -> str:
        """The counts in one line."""
        counts = self.counts
        skipped = "".join(f"; {number} skipped: {why}" for why, number in counts.skipped.items())
        return f"{counts.objects_read} objects read, {counts.in_scope} in scope{skipped}"

    def judged(self, choose: Choice | None = None) -> Iterator[JudgedObject]:
        """Every object in scope with a finding, in the order in which the server gave them.

        Suggestions are made for the findings that `choose` picks, all by default. Two objects whose
        suggestions would collide get neither, whichever was read first.
        """
        chosen: Choice = choose or (lambda _finding: True)
        offered: Counter[int] = Counter()
        with tempfile.TemporaryFile(prefix="tenantops-") as spool:
            work = partial(self._judge_all, choose=chosen)
            for judged_objects in map_in_processes(work, self._pieces(), processes_to_use()):
                for judged in judged_objects:
                    offered.update(judged.hashes)
                    pickle.dump(judged, spool)
            contested = {key for key, times in offered.items() if times > 1}
            spool.seek(0)
            for judged in _pickled(spool):
                if contested.isdisjoint(judged.hashes):
                    yield judged.judged()
                else:
                    yield self._judge(judged.number, chosen, self._taken_or_in(contested))

    def taken(self, space: str, key: str, guid: str) -> bool:
        """Whether an object other than `guid` holds an address or name."""
        return any(
            self._object(holder).guid != guid
            for holder in self._scan.index.holders(claim_hash(space, key))
        )

    def owned(self, space: str, key: str, guid: str) -> bool:
        """As `taken`, but for addresses that others only forward to."""
        return any(
            (claim.space, claim.key) == (space, key) and claim.attribute != TARGET_ADDRESS
            for holder in self._scan.index.holders(claim_hash(space, key))
            if (other := self._object(holder)).guid != guid
            for claim in uniqueness_claims(other, self.policy)
        )

    def users(self) -> Iterator[DirectoryObject]:
        """Every user in scope, in the order in which the server gave them."""
        return (
            thing
            for thing in self._scan.objects()
            if thing.object_class is ObjectClass.USER and self._scan.is_in_scope(thing)
        )

    def find(self, guids: Collection[str], dns: Collection[str]) -> dict[str, DirectoryObject]:
        """Objects by objectGUID or by DN in lower case, as far as they were read."""
        return self._scan.find(frozenset(guids), frozenset(dns))

    def judge_object(self, thing: DirectoryObject) -> tuple[Finding, ...]:
        """What the rules say to one object among all the others."""
        claims = uniqueness_claims(thing, self.policy)
        others = {claim: self._other_holders(claim, thing.guid) for claim in claims}
        held = {claim: holders for claim, holders in others.items() if holders}
        return (
            *judge(thing, self.policy),
            *(judge_duplicates(thing, held, self.policy) if held else ()),
        )

    def _pieces(self) -> Iterator[Sequence[int]]:
        """The numbers of all objects that may have findings, some at a time."""
        contested = (
            number
            for number in self._scan.index.contested()
            if self._scan.is_in_scope(self._object(number))
        )
        numbers = sorted({*self._scan.suspicious, *contested})
        return (numbers[at : at + _PER_PIECE] for at in range(0, len(numbers), _PER_PIECE))

    def _judge_all(self, numbers: Sequence[int], choose: Choice) -> list[_Spooled]:
        judged = [(number, self._judge(number, choose, self.taken)) for number in numbers]
        return [
            _Spooled(number, _new_claims(each, self.policy), pickle.dumps(each))
            for number, each in judged
            if each.findings
        ]

    def _judge(self, number: int, choose: Choice, taken: Taken) -> JudgedObject:
        thing = self._object(number)
        findings = self.judge_object(thing)
        if not findings:
            return JudgedObject(thing, (), ())
        repaired = repair(thing, tuple(filter(choose, findings)), self.policy, taken)
        left = (replace(finding, reason=_NOT_CHOSEN) for finding in findings if not choose(finding))
        return JudgedObject(thing, (*repaired.findings, *left), repaired.changes)

    def _other_holders(self, claim: Claim, guid: str) -> tuple[Holder, ...]:
        others = (
            self._object(number)
            for number in self._scan.index.holders(claim_hash(claim.space, claim.key))
        )
        return tuple(
            Holder(other.guid, other.dn, other.object_class, same.attribute, same.value)
            for other in others
            if other.guid != guid
            for same in uniqueness_claims(other, self.policy)
            if (same.space, same.key) == (claim.space, claim.key)
        )

    def _taken_or_in(self, contested: Collection[int]) -> Taken:
        def taken(space: str, key: str, guid: str) -> bool:
            return claim_hash(space, key) in contested or self.taken(space, key, guid)

        return taken


def _new_claims(judged: JudgedObject, policy: Policy) -> frozenset[int]:
    """The hashes of what an object would claim after its changes, and does not claim now."""
    if not judged.changes:
        return frozenset()
    after = uniqueness_claims(changed(judged.object, judged.changes), policy)
    before = {(claim.space, claim.key) for claim in uniqueness_claims(judged.object, policy)}
    return frozenset(
        claim_hash(claim.space, claim.key)
        for claim in after
        if (claim.space, claim.key) not in before
    )


def _pickled(spool: IO[bytes]) -> Iterator[_Spooled]:
    """What this very process wrote into a file that nobody else can open."""
    while True:
        try:
            yield pickle.load(spool)  # noqa: S301
        except EOFError:
            return
