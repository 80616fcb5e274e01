# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The syntax of e-mail addresses, without any prefix.

The name before the @ is judged here, by the dot-atom of RFC 5322 section 3.2.3 without quoted
strings, in ASCII; the domain by `domains`, which asks email-validator. Pure. Private to the
collection: it can change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..domains import examine, is_accepted
from ..policy import Policy
from .characters import SPACE, character_violations, shown
from .violation import Violation

LONGEST_LOCAL_PART = 64  # RFC 5321 section 4.5.3.1.1

# What RFC 5322 calls atext
ATEXT = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~-"
# Every other printable ASCII character but the dot, the @ and the space: the list in the document
SPECIALS = '\\<>();:,[]"'
SPECIAL = re.compile(f"[{re.escape(SPECIALS)}]")
PLAIN_ADDRESS = re.compile(rf"([{ATEXT}]+(?:\.[{ATEXT}]+)*)@([A-Za-z0-9.-]+)")
LOCAL_PART = re.compile(rf"[{ATEXT}]+(?:\.[{ATEXT}]+)*")


def is_clean_address(address: str, policy: Policy) -> bool:
    """Whether no rule about e-mail addresses is broken: the quick way out."""
    match = PLAIN_ADDRESS.fullmatch(address)
    return (
        match is not None
        and match.end(1) <= LONGEST_LOCAL_PART
        and is_accepted(match[2], policy.known_domains)
    )


def e_mail_violations(
    attribute: str, value: str, address: str, policy: Policy
) -> Sequence[Violation]:
    """What breaks the rules in an address: what of `value` has been `seen`, less its prefix."""
    if is_clean_address(address, policy):
        return ()
    return [
        *character_violations(attribute, value, address, SPECIAL),
        *_structure_violations(attribute, value, without(SPECIAL, address), policy),
    ]


def without(forbidden: re.Pattern[str], address: str) -> str:
    """The address without spaces and forbidden characters: they have rules of their own, and each
    defect is told once."""
    return forbidden.sub("", SPACE.sub("", address))


def domain_violations(
    attribute: str, value: str, domain: str, policy: Policy
) -> Iterator[Violation]:
    """What stands after the @ is a domain name, and mail for it finds its way."""
    verdict = examine(domain)
    if verdict.flaw:
        yield Violation(f"{attribute}.domain_part", attribute, value, verdict.flaw)
    elif not is_accepted(domain, policy.known_domains):
        yield Violation(
            f"{attribute}.top_level_domain",
            attribute,
            value,
            f"{shown(domain)} is not within a top-level domain that mail can be sent to",
        )


def dot_flaws(name: str) -> str:
    """Which dots of a name stand where none may stand; empty for none."""
    flaws = []
    if name.startswith("."):
        flaws.append("a dot at the beginning")
    if name.endswith("."):
        flaws.append("a dot at the end")
    if ".." in name.strip("."):
        flaws.append("two dots in a row")
    return ", ".join(flaws)


def _structure_violations(
    attribute: str, value: str, address: str, policy: Policy
) -> Iterator[Violation]:
    count = address.count("@")
    if count != 1:
        detail = f"there are {count} @" if count else "there is no @"
        yield Violation(f"{attribute}.format", attribute, value, detail)
        return
    local, _at, domain = address.partition("@")
    if flaw := _local_flaw(local):
        yield Violation(f"{attribute}.local_part", attribute, value, flaw)
    yield from domain_violations(attribute, value, domain, policy)


def _local_flaw(local: str) -> str:
    if not local:
        return "there is nothing before the @"
    if len(local) > LONGEST_LOCAL_PART:
        return f"there are {len(local)} characters before the @, {LONGEST_LOCAL_PART} are allowed"
    return dot_flaws(local)
