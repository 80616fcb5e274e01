# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run tells of everybody. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .._changes.converge import Failure, partly_done
from .._changes.model import Change, JsonValue
from .._doors.operation import Outcome
from .._errors import PartlyDone, TenantopsError
from .._sign_in_names.planning import renamed
from .cloud import CloudSide
from .directory import DirectorySide
from .people import Everybody, Subject, altered
from .planning import Step, same_name
from .sequence import Alignment
from .snapshots import Snapshot, licenses_to_json

_NAMED = 20


class Result(StrEnum):
    """What has become of a person."""

    ALIGNED = "aligned"
    """Both names are as wanted."""
    RESTORED = "restored"
    """Not selected any more; the licences of an earlier run are back."""
    WAITING = "waiting"
    """The name on premises is as wanted, and the sync has not brought it; licences are back."""
    NOT_BEGUN = "not_begun"
    """The run stopped before."""
    FAILED = "failed"
    """Something went wrong; licences are as they were."""
    UNLICENSED = "unlicensed"
    """Licences that were taken off are not known to be back as they were."""


@dataclass(frozen=True)
class Report:
    """Tells the result of a run, or of a dry run when all are where their steps lead."""

    everybody: Everybody
    directory: DirectorySide
    cloud: CloudSide
    rows_limit: int

    def outcome(self, changes: Sequence[Change], alignment: Alignment | None = None) -> Outcome:
        """What the task returns."""
        subjects = list(self.everybody.subjects.values())
        failures = [
            Failure(subject.person.key, subject.person.name, error)
            for subject in subjects
            for error in self._errors(subject)
        ]
        results = {subject.person.key: self._result(subject) for subject in subjects}
        unlicensed = [
            subject for subject in subjects if results[subject.person.key] is Result.UNLICENSED
        ]
        told = [
            subject
            for subject in subjects
            if subject.planned or results[subject.person.key] is not Result.ALIGNED
        ]
        rows: list[JsonValue] = [
            _row(subject, results[subject.person.key]) for subject in told[: self.rows_limit]
        ]
        return Outcome(
            changes=tuple(changes),
            values={
                "people": rows,
                "summary": self._summary(results),
                "left": [
                    {"dn": dn, "reason": reason}
                    for dn, reason in self.directory.left[: self.rows_limit]
                ],
                "synced_names": [*_synced_names(subjects)],
                "unlicensed": [_unlicensed(subject) for subject in unlicensed],
                "failures": [_failure(subject, error) for subject, error in self._failed(subjects)],
            },
            warnings=(*self.directory.warnings, *self._warnings()),
            error=_without_licenses(unlicensed)
            or partly_done(failures)
            or (None if alignment is None else alignment.stopped),
        )

    def _warnings(self) -> Iterator[str]:
        people = [each for each in self.everybody.subjects.values() if each.side is not None]
        if people and all(each.user is None for each in people):
            yield (
                f"None of the {len(people)} people is in the cloud by the immutable id of"
                " mS-DS-ConsistencyGuid or objectGUID, so names change on premises alone. See"
                " account_comparison_info if they should be there."
            )

    def _summary(self, results: dict[str, Result]) -> dict[str, JsonValue]:
        counts = Counter(results.values())
        nothing_to_do = sum(
            results[key] is Result.ALIGNED and not subject.planned
            for key, subject in self.everybody.subjects.items()
        )
        with_licenses = sum(
            Step.TAKE_OFF in subject.planned for subject in self.everybody.subjects.values()
        )
        return {
            "selected": self.directory.selected,
            "left": len(self.directory.left),
            "unchanged": nothing_to_do,
            "licenses_off_and_on": with_licenses,
            **{result.value: counts[result] for result in Result},
        }

    def _failed(self, subjects: Sequence[Subject]) -> Iterator[tuple[Subject, TenantopsError]]:
        for subject in subjects:
            for error in self._errors(subject):
                yield subject, error

    def _errors(self, subject: Subject) -> list[TenantopsError]:
        """What went wrong with a person, none of it twice."""
        found = list(dict.fromkeys(subject.person.failures.values()))
        other_plans = altered(subject, self.cloud.skus)
        return found if other_plans is None else [*found, other_plans]

    def _result(self, subject: Subject) -> Result:
        person, state = subject.person, subject.person.state
        if person.is_open:
            return Result.UNLICENSED
        if Step.AWAIT in person.failures:
            return Result.WAITING
        if person.failures:
            return Result.FAILED
        if subject.side is None:
            return Result.RESTORED
        return Result.ALIGNED if state.is_aligned else Result.NOT_BEGUN


def _row(subject: Subject, result: Result) -> dict[str, JsonValue]:
    steps: list[JsonValue] = [step.value for step in subject.planned]
    return {
        "dn": subject.dn,
        "guid": None if subject.side is None else subject.side.person.guid,
        "id": subject.user_id or None,
        "directory_name": subject.before.directory,
        "cloud_name": subject.before.cloud,
        "wanted_name": subject.before.wanted,
        "steps": steps,
        "result": result.value,
    }


def _synced_names(subjects: Sequence[Subject]) -> Iterator[JsonValue]:
    """The names that the sync has brought to the cloud, as changes."""
    for subject in subjects:
        now = subject.person.state.cloud
        if subject.user is not None and now is not None and not same_name(now, subject.user_name):
            yield renamed(subject.user, now).to_json()


def still_open(snapshots: Iterable[Snapshot], error: TenantopsError) -> Outcome:
    """What a run returns that ended before it came to those whose licences an earlier one took
    off."""
    found = list(snapshots)
    warning = (
        f"Licences of {len(found)} people that an earlier run took off are not known to be back as"
        f" they were, see unlicensed: {_named([each.name for each in found])}"
    )
    return Outcome(
        values={
            "unlicensed": [
                {
                    "id": each.user_id,
                    "user_principal_name": each.name,
                    "dn": None,
                    "licenses": licenses_to_json(each.licenses),
                }
                for each in found
            ]
        },
        warnings=(warning,),
        error=error,
    )


def _unlicensed(subject: Subject) -> dict[str, JsonValue]:
    return {
        "id": subject.person.key,
        "user_principal_name": subject.user_name,
        "dn": subject.dn,
        "licenses": licenses_to_json(subject.person.state.snapshot or {}),
    }


def _failure(subject: Subject, error: TenantopsError) -> dict[str, JsonValue]:
    return {
        "id": subject.user_id or None,
        "guid": None if subject.side is None else subject.side.person.guid,
        "name": subject.person.name,
        "error": dict(error.as_result()),
    }


def _without_licenses(unlicensed: Sequence[Subject]) -> TenantopsError | None:
    if not unlicensed:
        return None
    return PartlyDone(
        f"Licences of {len(unlicensed)} people were taken off and are not known to be back as they"
        " were",
        answer=_named([subject.user_name for subject in unlicensed]),
        advice="They are written down beside the journal, and in unlicensed. See in failures what"
        " is in the way, and run again: these people come first.",
    )


def _named(names: Sequence[str]) -> str:
    more = [f"and {len(names) - _NAMED} more"] if len(names) > _NAMED else []
    return "; ".join((*names[:_NAMED], *more))
