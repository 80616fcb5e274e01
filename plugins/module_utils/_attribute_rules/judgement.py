# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judging one object: by itself, and against the others that hold the same addresses.

Pure: no I/O, no Ansible; takes any text. A finding has no suggestion yet. Private to the
collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from .addresses import address_key, parse_proxy
from .attributes import (
    DISPLAY_NAME,
    GIVEN_NAME,
    MAIL,
    MAIL_NICKNAME,
    PROXY_ADDRESSES,
    SAM_ACCOUNT_NAME,
    SURNAME,
    TARGET_ADDRESS,
    USER_PRINCIPAL_NAME,
)
from .catalogue import BY_ID
from .checks.characters import is_blank, seen
from .checks.consistency import (
    consistency_violations,
    is_to_be_licensed,
    is_usable,
    no_valid_address,
)
from .checks.mail import mail_violations
from .checks.mail_nickname import mail_nickname_violations
from .checks.names import name_violations
from .checks.proxy_addresses import parsed, proxy_violations
from .checks.sam_account_name import sam_account_name_violations
from .checks.undecodable import undecodable_violations
from .checks.user_principal_name import is_valid, user_principal_name_violations
from .checks.violation import Violation
from .model import DirectoryObject, Finding, Holder, ObjectClass
from .policy import Policy

# The spaces in which something must be unique
ADDRESS = "address"
PROXY = "proxy"
NICKNAME = "nickname"
ACCOUNT = "account"

_NAMES = (DISPLAY_NAME, GIVEN_NAME, SURNAME)


class Claim(NamedTuple):
    """What only one object of the forest may have: a key in a space.

    `attribute` and `value` are where it comes from. Two claims clash if space and key are equal.
    """

    space: str
    key: str
    attribute: str
    value: str


def judge(obj: DirectoryObject, policy: Policy) -> tuple[Finding, ...]:
    """Every rule about one object by itself, in the order of the attributes."""
    found: list[Violation] = []
    for attribute in _NAMES:
        for value in obj.all(attribute):
            found += name_violations(attribute, value, policy.profile)
    for value in obj.all(MAIL):
        found += mail_violations(value, policy)
    for value in obj.all(MAIL_NICKNAME):
        found += mail_nickname_violations(value, policy.profile)
    values = obj.all(PROXY_ADDRESSES)
    proxies = parsed(values)
    for value, proxy in zip(values, proxies, strict=True):
        found += proxy_violations(PROXY_ADDRESSES, value, proxy, policy)
    for value in obj.all(TARGET_ADDRESS):
        (target,) = parsed((value,))
        found += proxy_violations(TARGET_ADDRESS, value, target, policy)
    if obj.object_class is ObjectClass.USER:
        found += _sign_in_violations(obj, policy)
    found += consistency_violations(obj, proxies, policy)
    if obj.undecodable:
        found += undecodable_violations(obj)
    return tuple(_findings(obj, found, policy))


def uniqueness_claims(obj: DirectoryObject, policy: Policy) -> tuple[Claim, ...]:
    """What the object wants to have alone in the forest; the same claim only once.

    What cannot be seen in a value does not make it another one.
    """
    nicknames = obj.all(MAIL_NICKNAME)
    claims = (
        *_address_claims(obj),
        *(_claim(NICKNAME, seen(value), MAIL_NICKNAME, value) for value in nicknames),
        *_account_claims(obj, policy),
    )
    return tuple(claim for claim in dict.fromkeys(claims) if not is_blank(claim.value))


def judge_duplicates(
    obj: DirectoryObject, claims_of_others: Mapping[Claim, Sequence[Holder]], policy: Policy
) -> tuple[Finding, ...]:
    """What clashes with other objects.

    `claims_of_others` maps claims of this object to the holders of the same key elsewhere. Clashes
    with a targetAddress alone are told only on the object that forwards.
    """
    found: list[Violation] = []
    for claim, all_holders in claims_of_others.items():
        holders = tuple(holder for holder in all_holders if holder.guid != obj.guid)
        if holders:
            found += _clash(obj, claim, holders)
    if _has_no_address_left(obj, claims_of_others, policy):
        found.append(no_valid_address("another object has each of its valid e-mail addresses"))
    return tuple(_findings(obj, found, policy))


def _sign_in_violations(obj: DirectoryObject, policy: Policy) -> list[Violation]:
    found: list[Violation] = []
    name = obj.one(USER_PRINCIPAL_NAME)
    if name is not None or USER_PRINCIPAL_NAME not in obj.undecodable:
        found += user_principal_name_violations(name, policy)
        if is_valid(found):
            return found
    account = obj.one(SAM_ACCOUNT_NAME)
    if account is not None or SAM_ACCOUNT_NAME not in obj.undecodable:
        found += sam_account_name_violations(account, policy.profile)
    return found


def _findings(
    obj: DirectoryObject, violations: Iterable[Violation], policy: Policy
) -> Iterator[Finding]:
    """What is judged in this tenant, on this class of objects."""
    for violation in violations:
        rule = BY_ID[violation.rule]
        severity = policy.severity(rule.id)
        if severity is not None and obj.object_class in rule.classes:
            yield Finding(
                rule=rule.id,
                kind=rule.kind,
                severity=severity,
                attribute=violation.attribute,
                value=violation.value,
                detail=violation.detail,
                holders=violation.holders,
            )


def _address_claims(obj: DirectoryObject) -> Iterator[Claim]:
    for attribute in (MAIL, USER_PRINCIPAL_NAME):
        for value in obj.all(attribute):
            yield _claim(ADDRESS, seen(value), attribute, value)
    for attribute in (PROXY_ADDRESSES, TARGET_ADDRESS):
        for value in obj.all(attribute):
            proxy = parse_proxy(seen(value))
            if proxy.is_smtp:
                yield _claim(ADDRESS, proxy.address, attribute, value)
            else:
                yield _claim(PROXY, f"{proxy.type}:{proxy.address}", attribute, value)


def _account_claims(obj: DirectoryObject, policy: Policy) -> Iterator[Claim]:
    """Names of accounts are unique in a domain, and matter where there is no valid
    userPrincipalName."""
    name = obj.one(SAM_ACCOUNT_NAME)
    if obj.object_class is not ObjectClass.USER or name is None:
        return
    if not is_valid(user_principal_name_violations(obj.one(USER_PRINCIPAL_NAME), policy)):
        key = f"{obj.domain}\\{seen(name)}"
        yield Claim(ACCOUNT, address_key(key), SAM_ACCOUNT_NAME, name)


def _clash(obj: DirectoryObject, claim: Claim, holders: tuple[Holder, ...]) -> Iterator[Violation]:
    """A claim clashes with the same attribute of others, or else with another one of theirs."""
    same = [holder for holder in holders if holder.attribute == claim.attribute]
    owners = [holder for holder in holders if holder.attribute != TARGET_ADDRESS]
    if claim.attribute == TARGET_ADDRESS:
        rule = _forwarding_rule(obj, same, owners)
    elif owners:
        rule = f"{claim.attribute}.duplicate" if same else "address.shared"
    else:
        return
    if rule:
        yield Violation(rule, claim.attribute, claim.value, _held_by(holders), holders)


def _forwarding_rule(obj: DirectoryObject, same: Sequence[Holder], owners: Sequence[Holder]) -> str:
    contacts = (obj.object_class, *(holder.object_class for holder in same))
    if same and all(each is ObjectClass.CONTACT for each in contacts):
        return "targetAddress.duplicate_contact"
    if same:
        return "targetAddress.duplicate"
    return "targetAddress.shared" if owners else ""


def _held_by(holders: Sequence[Holder]) -> str:
    first = f"{holders[0].dn} has it in {holders[0].attribute}"
    return first if len(holders) == 1 else f"{first}, and {len(holders) - 1} more have it"


def _has_no_address_left(
    obj: DirectoryObject, taken: Mapping[Claim, Sequence[Holder]], policy: Policy
) -> bool:
    """Whether a user to be licensed has valid addresses, but none for itself alone."""
    if not is_to_be_licensed(obj, policy):
        return False
    values = obj.all(PROXY_ADDRESSES)
    usable = [
        address_key(proxy.address)
        for value, proxy in zip(values, parsed(values), strict=True)
        if is_usable(value, proxy, policy)
    ]
    held = {
        claim.key
        for claim, holders in taken.items()
        if claim.space == ADDRESS and any(_owns(holder, obj) for holder in holders)
    }
    return bool(usable) and held.issuperset(usable)


def _owns(holder: Holder, obj: DirectoryObject) -> bool:
    return holder.guid != obj.guid and holder.attribute != TARGET_ADDRESS


def _claim(space: str, text: str, attribute: str, value: str) -> Claim:
    return Claim(space, address_key(text), attribute, value)
