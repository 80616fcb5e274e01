# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What to write where a rule is broken, and why nothing where a person must decide.

Every suggestion is tried out first: the object with all its changes is judged again, and what would
still break a rule, break another one or clash with another object is not suggested. A suggestion
changes no domain part, cuts no value and drops no letter. Pure: no I/O, no Ansible. Private to the
collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .attributes import PROXY_ADDRESSES, SAM_ACCOUNT_NAME, USER_PRINCIPAL_NAME
from .catalogue import rule
from .fixes.edits import objections, with_companions
from .fixes.trial import Breach, Outcome, Taken, try_out
from .model import DirectoryObject, Finding, ValueChange
from .policy import Policy
from .value_changes import changed

__all__ = ["Repair", "Taken", "changed", "objections", "repair", "with_companions"]


@dataclass(frozen=True)
class Repair:
    """The findings, each with its suggestion or with the reason why there is none, and everything
    that is to be written on the object, companions included."""

    findings: tuple[Finding, ...]
    changes: tuple[ValueChange, ...]


def repair(
    obj: DirectoryObject, findings: Sequence[Finding], policy: Policy, taken: Taken
) -> Repair:
    """What can be done about the findings without a person.

    `findings` are those to be repaired: all that `judge` and `judge_duplicates` found, or some of
    it. ``taken(space, key, guid)`` tells whether another object than the one with this objectGUID
    holds the key in the space (as in `judgement.Claim`), or is to get it by another suggestion.
    Takes any text.
    """
    outcome = try_out(obj, findings, policy, taken)
    return Repair(tuple(_answered(finding, outcome) for finding in findings), outcome.changes)


def _answered(finding: Finding, outcome: Outcome) -> Finding:
    breach = Breach.of(finding)
    if breach in outcome.solved:
        return replace(finding, suggestion=_suggestion(breach, outcome))
    return replace(finding, reason=_reason(finding, outcome))


def _suggestion(breach: Breach, outcome: Outcome) -> ValueChange:
    """The change of the value that breaks the rule, or else one that was made because of it."""
    for change in outcome.changes:
        if (change.attribute, change.before) == (breach.attribute, breach.value):
            return change
    made = {
        (change.attribute, change.after)
        for step in outcome.steps
        if any(finding.rule == breach.rule for finding in step.answers)
        for change in step.changes
    }
    if breach.attribute == SAM_ACCOUNT_NAME:
        made |= {
            (change.attribute, change.after)
            for change in outcome.changes
            if change.attribute == USER_PRINCIPAL_NAME
        }
    because = [change for change in outcome.changes if (change.attribute, change.after) in made]
    return (because or outcome.changes)[0]


def _reason(finding: Finding, outcome: Outcome) -> str:
    for refusal in outcome.refused:
        if Breach.of(finding) in refusal.breaches:
            return refusal.reason
    broken = rule(finding.rule)
    if broken.why_person:
        return broken.why_person
    if finding.attribute == PROXY_ADDRESSES and finding.value is not None:
        return (
            "What is not an e-mail address was written by Exchange or a gateway and is left to it."
        )
    return "There is no change that helps and does no harm."
