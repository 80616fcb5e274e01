# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The UPN suffixes of a forest in its directory: read, guarded, written.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack

from .._changes.model import Action, Change, Value
from .._errors import (
    ChangedMeanwhile,
    ConnectionFailed,
    JournalUnusable,
    NotAsWritten,
    NotUnderstood,
    Refused,
    StillInUse,
    write_was_sent,
)
from .._ldap.connection import Directory, Scope, ValueChange
from .._ldap.entry import Entry
from .._ldap.filters import escaped
from .model import PROPERTY, ForestSuffixes, exchange, ordered, suffix_of
from .suffix import same_suffix_key

_EXAMPLES = 10

# crossRef objects of domains have FLAG_CR_NTDS_DOMAIN among their flags ([MS-ADTS] 2.2.10);
# 1.2.840.113556.1.4.803 is LDAP_MATCHING_RULE_BIT_AND.
_DOMAINS = "(&(objectClass=crossRef)(systemFlags:1.2.840.113556.1.4.803:=2))"


class UpnSuffixesResource:
    """The list of suffixes over one connection to a domain controller.

    How a second writer is noticed
    ------------------------------
    Active Directory has neither the assertion control nor a version attribute that a modify request
    could depend on (uSNChanged may not be named in one). What it has is that a modify request is
    made as a whole or not at all (RFC 4511 section 4.6), that deleting a value that is not there
    fails with noSuchAttribute (16), and that adding one that is there fails with
    attributeOrValueExists (20). So a write is one request that names exactly the values that
    change, never the whole list:

    * somebody added a suffix that we add, or removed one that we remove: the server refuses the
      whole request, nothing is written (`ChangedMeanwhile`), and it is planned afresh;
    * somebody added a suffix that we add, in another spelling: on Windows the same. Samba compares
      exactly when it adds, so both get in; reading back shows it, and ours is taken back;
    * somebody added, removed or respelled any other suffix: the server does not notice, and need
      not, for that value is not in the request and stays as they made it. Deleting and re-adding
      the whole list would notice a removal, but would bring back the old spelling of a value that
      they respelled, and would not notice an addition either;
    * somebody respelled (in case only) a suffix that we remove: it is removed, since the server
      compares without regard to case. It is the suffix that was asked to be removed.

    All of this is true for one domain controller. What is written to two of them at once is
    settled by replication, where the later list wins: all writers of a forest should use one.
    """

    def __init__(
        self,
        directory: Directory,
        *,
        force: bool = False,
        expected_id: str | None = None,
        renamed: Mapping[str, str | None] | None = None,
    ) -> None:
        """`force` lets suffixes be removed that users still have. `expected_id` is the id that a
        journal names: in another forest `read` raises `JournalUnusable`. `renamed` are user
        principal names by objectGUID that the same run has given, or in a dry run would have
        given, before it comes to the suffixes."""
        self._directory = directory
        self._force = force
        self._expected_id = expected_id
        self._renamed = renamed or {}
        self._root_dse = directory.root_dse()
        self._dn = f"CN=Partitions,{self._root_dse.configuration_naming_context}"

    @property
    def target(self) -> str:
        """The server and the object, for the journal."""
        return f"{self._directory.server} {self._dn}"

    async def read(self) -> ForestSuffixes:
        """The suffixes now. Raises `NotUnderstood` or `Refused` if they cannot be read."""
        partitions = self._directory.read(self._dn, ("objectGUID", PROPERTY))
        self._check_identity(partitions)
        domains = self._domain_names()
        root = self._root_dse.root_domain_naming_context
        forest = domains.get(root.lower())
        if forest is None:
            raise NotUnderstood(
                "The forest's root domain is not among its domains",
                server=self._directory.server,
                subject=self._dn,
                answer=f"no crossRef for {root} among {', '.join(domains) or 'none'}",
                advice="Check that the account may read the crossRef objects in this container.",
            )
        return ForestSuffixes(
            id=partitions.guid(),
            dn=self._dn,
            forest=forest,
            domains=tuple(sorted(domains.values())),
            suffixes=partitions.texts(PROPERTY),
        )

    async def guard(self, state: ForestSuffixes, changes: Sequence[Change]) -> None:
        """Raise `Refused` if the account may not write the list, and `StillInUse` if a user
        anywhere in the forest has a suffix that would be removed."""
        self._directory.check_right_to_write(self._dn, PROPERTY)
        removed = [suffix_of(change) for change in changes if change.action is Action.REMOVE]
        if not removed or self._force:
            return
        users = self._users_of(state, removed)
        used = {suffix: names for suffix, names in users.items() if names}
        if used:
            raise StillInUse(
                "; ".join(_told(suffix, names) for suffix, names in used.items()),
                server=self._directory.server,
                subject=state.dn,
                advice="Give them another UPN first. With force the suffix is removed all the same;"
                " they keep their UPN.",
            )

    async def write(self, state: ForestSuffixes, changes: Sequence[Change]) -> Sequence[Change]:
        """Make the changes in one request, and read it back. See the class for what is noticed.

        Raises `ChangedMeanwhile`, `Refused`, or `NotAsWritten`.
        """
        try:
            self._exchange(state, changes)
        except ChangedMeanwhile as error:
            await self._refuse_if_unchanged(state, error)
            raise
        with write_was_sent():
            now = await self.read()
            self._check_written(now, changes)
            return self._without_doubles(state, now, changes)

    def without_idle(self, state: ForestSuffixes, changes: Sequence[Change]) -> Sequence[Change]:
        """See `Resource`."""
        return changes

    def current(self, state: ForestSuffixes, change: Change) -> Value:
        """The suffix of the change as it is spelled in the list, or null."""
        return state.stored(suffix_of(change))

    def _check_identity(self, partitions: Entry) -> None:
        if self._expected_id not in (None, partitions.guid()):
            raise JournalUnusable(
                "The journal was written for another forest than the connection leads to",
                subject=self.target,
                answer=f"objectGUID {partitions.guid()}, in the journal {self._expected_id}",
                advice="Name the forest's own domain controllers in ad_servers.",
            )

    def _domain_names(self) -> dict[str, str]:
        """DNS names of the forest's domains by their distinguished names in lower case."""
        found = self._directory.search(
            self._dn, _DOMAINS, ("nCName", "dnsRoot"), scope=Scope.ONE_LEVEL
        )
        return {entry.text("nCName").lower(): entry.text("dnsRoot") for entry in found}

    def _users_of(
        self, state: ForestSuffixes, suffixes: Iterable[str]
    ) -> Mapping[str, Sequence[str]]:
        """Who has which of the suffixes, in alphabetical order, after the run has renamed users.

        One pass over the forest for all of them: Active Directory has no index for the end of a
        value. In a forest of one domain every domain controller holds all users; in others only the
        global catalog does.
        """
        users: dict[str, list[str]] = {suffix: [] for suffix in suffixes}
        ends = {f"@{same_suffix_key(suffix)}": suffix for suffix in users}
        terms = "".join(f"(userPrincipalName=*@{escaped(suffix)})" for suffix in users)
        with ExitStack() as stack:
            directory, base = self._whole_forest(state, stack)
            wanted = ("userPrincipalName", "objectGUID")
            found = list(directory.search(base, f"(|{terms})", wanted))
        names = [
            *(e.text("userPrincipalName") for e in found if e.guid() not in self._renamed),
            *filter(None, self._renamed.values()),
        ]
        for name in names:
            for end, suffix in ends.items():
                if same_suffix_key(name).endswith(end):
                    users[suffix].append(name)
        return {suffix: ordered(names) for suffix, names in users.items()}

    def _whole_forest(self, state: ForestSuffixes, stack: ExitStack) -> tuple[Directory, str]:
        """Where all users of the forest can be searched: a connection, and a base."""
        if len(state.domains) == 1:
            return self._directory, self._root_dse.root_domain_naming_context
        try:
            return stack.enter_context(self._directory.global_catalog()), ""
        except ConnectionFailed as error:
            raise ConnectionFailed(
                f"Whether users still have the suffix cannot be searched: the forest has"
                f" {len(state.domains)} domains, and no global catalog answers",
                server=error.server,
                subject=state.dn,
                answer=error.answer,
                advice="Name a domain controller that is a global catalog in ad_servers, and open"
                " its port (3269 with ldaps, else 3268); or use force after looking yourself.",
            ) from error

    async def _refuse_if_unchanged(self, state: ForestSuffixes, error: ChangedMeanwhile) -> None:
        """Nobody changed anything: the server compares otherwise than we do, and always will."""
        now = await self.read()
        if sorted(now.suffixes) == sorted(state.suffixes):
            raise Refused(
                "The server takes a suffix for one that is in the list in another form",
                server=error.server,
                subject=error.subject,
                answer=f"{error.answer}; the list: {', '.join(map(repr, ordered(now.suffixes)))}",
                advice="Remove the odd value from the list first.",
            ) from error

    def _exchange(self, state: ForestSuffixes, changes: Sequence[Change]) -> None:
        before, after = exchange(state, changes)
        self._directory.modify(self._dn, ValueChange(PROPERTY, remove=before, add=after))

    def _check_written(self, now: ForestSuffixes, changes: Sequence[Change]) -> None:
        added = [suffix_of(change) for change in changes if change.action is Action.ADD]
        removed = [suffix_of(change) for change in changes if change.action is Action.REMOVE]
        missing = [suffix for suffix in added if suffix not in now.suffixes]
        left = [suffix for suffix in removed if suffix in now.suffixes and suffix not in added]
        if missing or left:
            raise self._not_as_written(
                f"not there: {', '.join(missing) or 'none'}; still there:"
                f" {', '.join(left) or 'none'}"
            )

    def _without_doubles(
        self, state: ForestSuffixes, now: ForestSuffixes, changes: Sequence[Change]
    ) -> Sequence[Change]:
        """Take back what somebody else added at the same moment in another spelling."""
        doubles = [
            change
            for change in changes
            if change.action is Action.ADD
            and not {suffix_of(change), *state.suffixes}.issuperset(
                now.spellings(suffix_of(change))
            )
        ]
        if not doubles:
            return changes
        try:
            self._exchange(now, [change.opposite() for change in doubles])
        except ChangedMeanwhile as error:
            raise self._not_as_written(error.answer) from error
        return [change for change in changes if change not in doubles]

    def _not_as_written(self, answer: str) -> NotAsWritten:
        return NotAsWritten(
            "The server accepted the change, but reading it back shows something else",
            server=self._directory.server,
            subject=self._dn,
            answer=answer,
            advice="Somebody may have changed it at the same moment. Look, and run again.",
        )


def _told(suffix: str, names: Sequence[str]) -> str:
    more = len(names) - _EXAMPLES
    examples = ", ".join(names[:_EXAMPLES]) + (f" and {more} more" if more > 0 else "")
    return f"UPN suffix {suffix} is still used by {len(names)} users: {examples}"
