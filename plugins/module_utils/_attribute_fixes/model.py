# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The changes of one directory object, and the modifications that make them.

Pure: no I/O, no Ansible. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .._attribute_rules.attributes import MULTI_VALUED
from .._attribute_rules.model import DirectoryObject, Finding, ValueChange
from .._attribute_rules.value_changes import changed
from .._changes.model import Action, Change, System, Value
from .._errors import InvalidInput
from .._ldap.wire.modify import Modification

RESOURCE = "directory_object"

Values = Mapping[str, tuple[str, ...]]
"""The values of an object by attribute, spelled as in `attributes.py`."""


def changes_of(
    thing: DirectoryObject, value_changes: Iterable[ValueChange], findings: Sequence[Finding] = ()
) -> tuple[Change, ...]:
    """What the value changes come to, as the collection's changes.

    One for an attribute with one value; else one for each value that goes, then one for each that
    comes. `findings` tell which rule asked for which.
    """
    after = changed(thing, value_changes)
    attributes = {*thing.values, *after.values}
    return tuple(
        Change(
            system=System.AD,
            resource=RESOURCE,
            id=thing.guid,
            name=thing.dn,
            property=step.attribute,
            action=_action(step),
            before=step.before,
            after=step.after,
            rule=_rule(step, findings),
        )
        for attribute in sorted(attributes)
        for step in _steps(attribute, thing.all(attribute), after.all(attribute))
    )


def value_change(change: Change) -> ValueChange:
    """A change as the rules see it. Raises `InvalidInput` if it is none of a text attribute."""
    before, after = change.before, change.after
    is_multi = change.property in MULTI_VALUED
    expected = (Action.ADD, Action.REMOVE) if is_multi else (Action.REPLACE,)
    if (
        change.resource != RESOURCE
        or change.action not in expected
        or not isinstance(before, str | None)
        or not isinstance(after, str | None)
    ):
        raise InvalidInput(
            "This is not a change of a directory object's attribute",
            subject=change.name,
            answer=f"{change.action.value} {change.property}",
        )
    return ValueChange(change.property, before, after)


def values_after(values: Values, changes: Iterable[Change]) -> dict[str, tuple[str, ...]]:
    """The values that changes lead to."""
    after = {attribute: list(held) for attribute, held in values.items()}
    for change in changes:
        step = value_change(change)
        held = after.setdefault(step.attribute, [])
        if step.attribute not in MULTI_VALUED:
            held.clear()
        elif step.before in held:
            held.remove(step.before)
        if step.after is not None and step.after not in held:
            held.append(step.after)
    return {attribute: tuple(held) for attribute, held in after.items() if held}


def modifications(values: Values, changes: Sequence[Change]) -> tuple[Modification, ...]:
    """The one modify request that makes all changes of an object which has these values.

    It names exactly the values that change. Only where an attribute holds one value in several
    spellings, all of them are named, since servers that compare without regard to case or spaces
    may delete any.
    """
    steps: dict[str, list[ValueChange]] = {}
    for change in changes:
        steps.setdefault(change.property, []).append(value_change(change))
    return tuple(
        _modification(attribute, its_steps, values.get(attribute, ()))
        for attribute, its_steps in steps.items()
    )


def current(values: Values, change: Change) -> Value:
    """What an object that has these values holds where a change has its `before` and `after`.

    One of several values is there byte for byte, or it is not: servers may hold one address in
    several spellings, and each is a value of its own.
    """
    step = value_change(change)
    held = values.get(step.attribute, ())
    if step.attribute not in MULTI_VALUED:
        return held[0] if held else None
    text = step.before if step.after is None else step.after
    return text if text in held else None


def _steps(attribute: str, before: Sequence[str], after: Sequence[str]) -> Iterable[ValueChange]:
    if attribute in MULTI_VALUED:
        yield from (ValueChange(attribute, value, None) for value in before if value not in after)
        yield from (ValueChange(attribute, None, value) for value in after if value not in before)
    elif before != after:
        yield ValueChange(attribute, before[0] if before else None, after[0] if after else None)


def _action(step: ValueChange) -> Action:
    if step.attribute not in MULTI_VALUED:
        return Action.REPLACE
    return Action.ADD if step.before is None else Action.REMOVE


def _rule(step: ValueChange, findings: Sequence[Finding]) -> str | None:
    """The first rule that asked for this very value, else for something of the attribute, else for
    what this goes together with."""
    suggestions = [(finding.rule, finding.suggestion) for finding in findings]
    asked = [(rule, suggested) for rule, suggested in suggestions if suggested is not None]
    same_attribute = [
        (rule, suggested) for rule, suggested in asked if suggested.attribute == step.attribute
    ]
    same_value = [
        (rule, suggested)
        for rule, suggested in same_attribute
        if (step.before is not None and suggested.before == step.before)
        or (step.after is not None and suggested.after == step.after)
    ]
    found = same_value or same_attribute or asked
    return found[0][0] if found else None


def _modification(
    attribute: str, steps: Sequence[ValueChange], held: Sequence[str]
) -> Modification:
    """What is to be removed are the values before the changes, even if there are others by now."""
    goes = [step.before for step in steps if step.before is not None]
    comes = [step.after for step in steps if step.after is not None]
    if attribute in MULTI_VALUED:
        keys = {_same(value) for value in (*goes, *comes)}
        spellings = [value for value in held if _same(value) in keys]
        kept = [value for value in spellings if value not in goes]
        goes = list(dict.fromkeys((*goes, *spellings)))
        comes = list(dict.fromkeys((*kept, *comes)))
    return Modification(
        attribute,
        remove=tuple([value.encode("utf-8") for value in goes]),
        add=tuple([value.encode("utf-8") for value in comes]),
        is_single=attribute not in MULTI_VALUED,
    )


def _same(value: str) -> str:
    """Equal for values that a directory may take for the same (caseIgnoreMatch, RFC 4518)."""
    return " ".join(value.casefold().split())
