# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses that are written wrongly: one rewrite for each address, in all its places.

The address in mail, in proxyAddresses and in userPrincipalName is one and the same for people, so
it stays the same. The domain part is never touched. An address at which mail could arrive stays as
a secondary one. Pure. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from ..addresses import SIP, address_key, split_address
from ..attributes import MAIL, PROXY_ADDRESSES, TARGET_ADDRESS, USER_PRINCIPAL_NAME
from ..checks.e_mail import is_clean_address
from ..model import Finding, ObjectClass, Severity, ValueChange
from . import allowed
from .needs_person import NeedsPerson
from .places import PRIMARY, SECONDARY, Place, place_of_target
from .spelling import respelled
from .step import Case, Step
from .wording import visible

_SEEN = ("control_character", "invisible_character", "edge_whitespace")
_ADDRESS = (*_SEEN, "space", "character", "non_ascii", "format", "local_part")
_RULES: Mapping[str, frozenset[str]] = {
    MAIL: frozenset(_ADDRESS),
    PROXY_ADDRESSES: frozenset((*_ADDRESS, "no_prefix")),
    USER_PRINCIPAL_NAME: frozenset((*_ADDRESS, "name_end", "dot", "adfs_character")),
}


def propose(case: Case) -> Iterator[Step]:
    """A step for each address that is written wrongly somewhere."""
    findings = tuple(_findings(case))
    if not findings:
        return
    groups: dict[str, list[Place]] = {}
    for place in case.addresses.all:
        groups.setdefault(place.key, []).append(place)
    for key, group in groups.items():
        answers = tuple(finding for finding in findings if _is_about(finding, group))
        if answers:
            yield _step(case, f"address {key}", group, answers)


def _step(case: Case, subject: str, group: list[Place], answers: tuple[Finding, ...]) -> Step:
    try:
        return Step(subject, answers, tuple(_changes(case, group, answers)))
    except NeedsPerson as reason:
        return Step(subject, answers, reason=str(reason))


def _findings(case: Case) -> Iterator[Finding]:
    for attribute, rules in _RULES.items():
        for finding in case.found(attribute, rules):
            # Who does not sign in with AD FS has no reason to give up a character.
            is_mere_advice = finding.severity is Severity.ADVICE
            if not (is_mere_advice and finding.rule.endswith(".adfs_character")):
                yield finding


def _is_about(finding: Finding, group: Collection[Place]) -> bool:
    return any(
        finding.attribute == place.attribute and finding.value == place.value for place in group
    )


def _changes(case: Case, group: list[Place], answers: tuple[Finding, ...]) -> Iterator[ValueChange]:
    problem = next((place.problem for place in group if place.problem), "")
    if problem:
        raise NeedsPerson(problem)
    may_stay = _may_stay(case, group, answers)
    new = {
        address: _rewritten(case, address, may_stay, is_elsewhere=_is_elsewhere(case, group[0]))
        for address in {place.address for place in group}
    }
    for place in group:
        is_sip = place.prefix.lower() == SIP
        if not place.is_smtp and (not is_sip or any(_is_about(one, [place]) for one in answers)):
            after = place.with_address(new[place.address])
            yield ValueChange(place.attribute, place.value, after)
    ours = [place for place in group if place.is_smtp]
    if ours:
        yield from _proxy_changes(case, ours, new[ours[0].address])
    yield from _kept(case, group, new[group[0].address])


def _may_stay(case: Case, group: list[Place], answers: tuple[Finding, ...]) -> Collection[str]:
    """Only what a userPrincipalName may have, if the address is one and is not fit for it."""
    name = next((place for place in group if place.attribute == USER_PRINCIPAL_NAME), None)
    if name is None:
        return allowed.IN_ADDRESS
    rules = {finding.rule for finding in answers if finding.attribute == USER_PRINCIPAL_NAME}
    if f"{USER_PRINCIPAL_NAME}.adfs_character" in rules:
        return allowed.IN_ADFS_NAME
    if f"{USER_PRINCIPAL_NAME}.character" in rules or not name.address.isascii():
        return allowed.IN_USER_PRINCIPAL_NAME[case.policy.profile]
    return allowed.IN_ADDRESS


def _rewritten(case: Case, address: str, may_stay: Collection[str], *, is_elsewhere: bool) -> str:
    """The address as it should be. Raises `NeedsPerson`."""
    parts = split_address(address)
    if parts is None:
        raise NeedsPerson("It has no @, so its domain is not known.")
    local, domain = visible(parts[0]).rstrip("@ "), parts[1]
    if "@" in local:
        raise NeedsPerson("It has several @: only a person can tell which address is meant.")
    new = respelled(case, local, domain, may_stay)
    if new != local and is_elsewhere:
        raise NeedsPerson(
            "The mailbox is in another system, which has to know the address by the new name."
        )
    return f"{new}@{domain}"


def _is_elsewhere(case: Case, place: Place) -> bool:
    """Whether mail for the address goes to another system, so that another name for it would lead
    nowhere: a contact's address, and the one that an object's mail is forwarded to."""
    if case.obj.object_class is ObjectClass.CONTACT:
        return True
    target = case.obj.one(TARGET_ADDRESS)
    forwarded = place_of_target(case.obj, target) if target else None
    return forwarded is not None and forwarded.key == place.key


def _proxy_changes(case: Case, ours: list[Place], address: str) -> Iterator[ValueChange]:
    """One value in place of all of them, and of those that have the new address already."""
    key = address_key(address)
    same = [place for place in case.addresses.smtp if place in ours or place.key == key]
    if any(place.is_primary for place in same):
        prefix = PRIMARY
    else:
        prefix = next((place.prefix for place in same if place.prefix), _new_prefix(case, ours[0]))
    after = f"{prefix}:{address}"
    kept = next((place for place in same if place.value == after), same[0])
    yield ValueChange(PROXY_ADDRESSES, kept.value, after)
    for place in same:
        if place is not kept:
            yield ValueChange(PROXY_ADDRESSES, place.value, None)


def _new_prefix(case: Case, place: Place) -> str:
    """For an address that lacks one: the primary one is that in mail, or the only one."""
    if case.addresses.primaries:
        return SECONDARY
    mail = case.addresses.mail
    is_mail = mail is not None and mail.key == place.key
    return PRIMARY if is_mail or len(case.addresses.smtp) == 1 else SECONDARY


def _kept(case: Case, group: list[Place], address: str) -> Iterator[ValueChange]:
    """The address as it was, if mail could arrive at it."""
    old = group[0].address
    is_mail = any(place.is_smtp or place.attribute == MAIL for place in group)
    if (
        is_mail
        and case.addresses.smtp
        and address_key(address) != group[0].key
        and is_clean_address(old, case.policy)
    ):
        yield ValueChange(PROXY_ADDRESSES, None, f"{SECONDARY}:{old}")
