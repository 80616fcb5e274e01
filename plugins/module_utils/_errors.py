# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can go wrong, in words for the operator.

Every error that a runner raises on purpose is a `TenantopsError`; the doors turn it into one failed
result. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar


class TenantopsError(Exception):
    """One failure, told completely: what happened, where, what was answered, and what to do next.

    `nothing_written` is true where the server's answer proves that no write took place, so that the
    journal can say so; false means that it is not known and must be read from the server.
    """

    kind: ClassVar[str] = "failed"
    nothing_written: bool = False

    def __init__(
        self,
        problem: str,
        *,
        server: str = "",
        subject: str = "",
        answer: str = "",
        advice: str = "",
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.server = server
        self.subject = subject
        self.answer = answer
        self.advice = advice

    def __str__(self) -> str:
        places = {"server": self.server, "object": self.subject, "answer": self.answer}
        told = "; ".join(f"{name}: {text}" for name, text in places.items() if text)
        problem = f"{self.problem.rstrip('.')} ({told})" if told else self.problem.rstrip(".")
        sentences = [f"{problem}.", self.advice]
        return " ".join(sentence for sentence in sentences if sentence)

    def as_result(self) -> dict[str, str]:
        """The machine-readable form that a failed task returns as `error`."""
        return {
            "kind": self.kind,
            "problem": self.problem,
            "server": self.server,
            "object": self.subject,
            "answer": self.answer,
            "advice": self.advice,
        }


class InvalidInput(TenantopsError):
    """What the operator asked for cannot be meant; nothing was sent to a server for it."""

    kind = "invalid_input"
    nothing_written = True


class MissingLibrary(TenantopsError):
    """A Python package that this module needs is not installed where it runs."""

    kind = "missing_library"
    nothing_written = True


class ConnectionFailed(TenantopsError):
    """No server could be reached, or the connection broke; a write under way may have been made."""

    kind = "connection_failed"


class NotTrusted(TenantopsError):
    """The other side is not proven to be who it should be, or the channel is not encrypted."""

    kind = "not_trusted"
    nothing_written = True


class AuthenticationFailed(TenantopsError):
    """The server does not accept the credentials."""

    kind = "authentication_failed"
    nothing_written = True


class Refused(TenantopsError):
    """The server understood, and said no; it changed nothing."""

    kind = "refused"
    nothing_written = True


class ConditionUnmet(Refused):
    """The change needs another setting to be different, so the server was not even asked."""


class ObjectGone(Refused):
    """An object does not exist any more, or this account may not see it."""

    kind = "object_gone"


class NotUnderstood(TenantopsError):
    """An answer that is neither the expected one nor a known refusal. Never taken for "absent"."""

    kind = "not_understood"


class ChangedMeanwhile(TenantopsError):
    """Somebody else changed the value between our read and our write; the server made no change."""

    kind = "changed_meanwhile"
    nothing_written = True


class NotAsWritten(TenantopsError):
    """The server accepted a write, but reading it back shows something else."""

    kind = "not_as_written"


class NotYetSeen(TenantopsError):
    """What was written is not to be seen everywhere yet; it may only take more time."""

    kind = "not_yet_seen"


class StillInUse(TenantopsError):
    """The change would take something away that others still use."""

    kind = "still_in_use"
    nothing_written = True


class NotApproved(TenantopsError):
    """A change is not part of the approved plan, or the plan cannot be trusted."""

    kind = "not_approved"
    nothing_written = True


class TooManyChanges(TenantopsError):
    """More would be changed than the operator allowed."""

    kind = "too_many_changes"
    nothing_written = True


class JournalUnusable(TenantopsError):
    """The journal cannot be written or read; without it no write is made."""

    kind = "journal_unusable"


class TenantLocked(TenantopsError):
    """Another run is changing the tenant."""

    kind = "locked"
    nothing_written = True


class LockUnusable(TenantopsError):
    """The lock of a tenant cannot be taken, or was lost; without it no write is made."""

    kind = "lock_unusable"
    nothing_written = True


class BudgetSpent(TenantopsError):
    """More tenants of the run have failed than the operator allowed, so the rest is left alone."""

    kind = "error_budget_spent"
    nothing_written = True


class PersonNeeded(TenantopsError):
    """A gate: the next step is one that only a person can do or allow.

    The advice says what, where, and how the course goes on after it; nothing is lost by stopping.
    """

    kind = "gate"
    nothing_written = True


class PartlyDone(TenantopsError):
    """Some of many things could not be changed; the result tells which, and what was changed."""

    kind = "partly_done"


@contextmanager
def write_was_sent() -> Iterator[None]:
    """For what is done after a write was sent: no error in the block proves that it was not made.

    Reading back can be refused like any other question, which says nothing about the write.
    """
    try:
        yield
    except TenantopsError as error:
        error.nothing_written = False
        raise
