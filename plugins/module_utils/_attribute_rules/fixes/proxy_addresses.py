# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which addresses an object has in proxyAddresses, and which of them is the primary one.

Pure: no I/O, no Ansible. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..addresses import address_key, parse_proxy
from ..attributes import MAIL, PROXY_ADDRESSES, USER_PRINCIPAL_NAME
from ..checks.characters import seen
from ..checks.e_mail import is_clean_address
from ..model import DirectoryObject, Finding, ValueChange
from .needs_person import NeedsPerson
from .places import PRIMARY, SECONDARY, Place
from .step import Case, Step


def propose(case: Case) -> Iterator[Step]:
    """Steps against addresses that are there twice, several primary ones or none, and an address
    that only mail has."""
    if found := case.found(PROXY_ADDRESSES, {"repeated"}):
        yield Step("repeated", found, tuple(_without_repeated(case.obj)))
    if found := case.found(PROXY_ADDRESSES, {"several_primaries"}):
        yield _step("several primaries", found, case, _one_primary)
    if found := case.found(PROXY_ADDRESSES, {"no_primary"}):
        yield _step("no primary", found, case, _a_primary)
    if found := (
        *case.found(MAIL, {"not_in_proxy_addresses"}),
        *case.found(PROXY_ADDRESSES, {"no_valid_address"}),
    ):
        yield _step("mail alone", found, case, _mail_added)


def _step(
    subject: str,
    answers: tuple[Finding, ...],
    case: Case,
    changes: Callable[[Case], Iterator[ValueChange]],
) -> Step:
    try:
        if not case.obj.undecodable.keys().isdisjoint((MAIL, PROXY_ADDRESSES)):
            raise NeedsPerson("A value that is not text could be the address that is meant.")
        return Step(subject, answers, tuple(changes(case)))
    except NeedsPerson as reason:
        return Step(subject, answers, reason=str(reason))


def _without_repeated(obj: DirectoryObject) -> Iterator[ValueChange]:
    """Of equal addresses the primary one stays, else the first that has a prefix."""
    kept: set[tuple[str, str]] = set()
    for value in sorted(obj.all(PROXY_ADDRESSES), key=_worth_keeping):
        proxy = parse_proxy(seen(value))
        identity = (SECONDARY if proxy.is_smtp else proxy.type, address_key(proxy.address))
        if identity in kept:
            yield ValueChange(PROXY_ADDRESSES, value, None)
        kept.add(identity)


def _worth_keeping(value: str) -> tuple[bool, bool, bool]:
    """Smaller for what should rather stay; a clean value goes before one to be trimmed."""
    proxy = parse_proxy(seen(value))
    return (not proxy.is_primary, not proxy.prefix, seen(value) != value)


def _one_primary(case: Case) -> Iterator[ValueChange]:
    mail = case.addresses.mail
    primaries = case.addresses.primaries
    if len(primaries) < 2:
        return
    if mail is None or mail.key not in {place.key for place in primaries}:
        raise NeedsPerson(
            "None of the primary addresses is the one in mail: only a person can tell which of them"
            " people write to."
        )
    for place in primaries:
        if place.key != mail.key:
            yield ValueChange(PROXY_ADDRESSES, place.value, f"{SECONDARY}:{place.address}")


def _a_primary(case: Case) -> Iterator[ValueChange]:
    """The address in mail; without mail, the one people sign in with, or the only one."""
    proxies = case.addresses.smtp
    if case.addresses.primaries:
        return
    keys = [place.key for place in case.addresses.all if place.attribute == USER_PRINCIPAL_NAME]
    mail = case.addresses.mail
    if mail is not None:
        keys = [mail.key]
        if mail.key not in {place.key for place in proxies}:
            yield _added(case, mail, PRIMARY)
            return
    elif len(proxies) == 1:
        keys = [proxies[0].key]
    for place in proxies:
        if place.key in keys:
            yield ValueChange(PROXY_ADDRESSES, place.value, f"{PRIMARY}:{place.address}")
            return
    raise NeedsPerson(
        "There is no mail, and userPrincipalName is none of the addresses: only a person can tell"
        " which of them people write to."
    )


def _mail_added(case: Case) -> Iterator[ValueChange]:
    mail = case.addresses.mail
    if mail is None:
        raise NeedsPerson("There is no mail to take the address from.")
    if mail.key not in {place.key for place in case.addresses.smtp}:
        yield _added(case, mail, SECONDARY if case.addresses.primaries else PRIMARY)


def _added(case: Case, mail: Place, prefix: str) -> ValueChange:
    if mail.value != mail.address or not is_clean_address(mail.address, case.policy):
        raise NeedsPerson("The address in mail is not a valid one itself.")
    return ValueChange(PROXY_ADDRESSES, None, f"{prefix}:{mail.address}")
