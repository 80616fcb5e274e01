# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""userPrincipalName: the name with which a person signs in.

Pure. Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ..addresses import split_address
from ..attributes import USER_PRINCIPAL_NAME
from ..domains import domain_key, examine, is_accepted
from ..policy import Policy, Profile
from .characters import (
    character_violations,
    is_blank,
    length,
    length_violations,
    named,
    seen,
    shown,
    text_violations,
)
from .e_mail import domain_violations, without
from .violation import Violation

LONGEST = 113
LONGEST_LOCAL = 64
LONGEST_DOMAIN = 48

# Of ASCII; spaces, control characters and everything else have rules of their own.
FORBIDDEN: Mapping[Profile, re.Pattern[str]] = {
    # All but the characters that the page allows, and the @
    Profile.MICROSOFT_2023: re.compile(r"""["$%&()*+,/:;<=>?\[\\\]`{|}]"""),
    Profile.OFFICE365_2016: re.compile(r"""["%&()*+,/:;<=>?\[\\\]{|}]"""),
    Profile.IDFIX: re.compile(r"""["%&'()*+,/:;<=>?\[\\\]{|}]"""),
}
_NOT_AT_THE_END = ". &@"

# Clean in every profile, and good for AD FS
PLAIN_NAME = re.compile(r"([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)@([A-Za-z0-9.-]+)")
# What AD FS does not take, of that which another rule does not find already
_NOT_FOR_ADFS = re.compile(r"[^A-Za-z0-9._@-]")


def user_principal_name_violations(value: str | None, policy: Policy) -> Sequence[Violation]:
    """What breaks the rules in the value, or in its absence."""
    if value is None:
        detail = "the cloud makes a name of the sAMAccountName"
        return [Violation("userPrincipalName.missing", USER_PRINCIPAL_NAME, None, detail)]
    match = PLAIN_NAME.fullmatch(value)
    if (
        match
        and match.end(1) <= LONGEST_LOCAL
        and len(match[2]) <= LONGEST_DOMAIN
        and is_accepted(match[2], policy.known_domains)
    ):
        return [*_suffix(value, match[2], policy)] if _judges_suffixes(policy) else ()
    return [
        *text_violations(USER_PRINCIPAL_NAME, value),
        *length_violations(USER_PRINCIPAL_NAME, value, LONGEST),
        *(() if is_blank(value) else _spelling(value, seen(value), policy)),
    ]


def is_valid(violations: Sequence[Violation]) -> bool:
    """Whether what was found leaves a name that sync can carry, so that the sAMAccountName does not
    matter. To whom the domain belongs is another question."""
    return all(violation.rule in _LEAVES_VALID for violation in violations)


_LEAVES_VALID = frozenset(
    f"{USER_PRINCIPAL_NAME}.{what}"
    for what in ("not_verified", "not_forest_suffix", "not_primary_address", "adfs_character")
)


def _spelling(value: str, text: str, policy: Policy) -> Iterator[Violation]:
    forbidden = FORBIDDEN[policy.profile]
    yield from character_violations(USER_PRINCIPAL_NAME, value, text, forbidden)
    if detail := named(_NOT_FOR_ADFS, without(forbidden, text).encode("ascii", "ignore").decode()):
        yield _violation("adfs_character", value, detail)
    parts = split_address(text)
    if parts is None:
        yield _violation("format", value, "there is no @")
        return
    yield from _local(value, parts[0])
    yield from _domain(value, without(forbidden, parts[1]), policy)


def _local(value: str, local: str) -> Iterator[Violation]:
    if not local or local.startswith("@"):
        yield _violation("at_sign_first", value, "there is no name before the @")
        return
    if (units := length(local)) > LONGEST_LOCAL:
        detail = f"{units} characters before the @, {LONGEST_LOCAL} are allowed"
        yield _violation("local_length", value, detail)
    if local[-1] in _NOT_AT_THE_END:
        last = "a space" if local[-1] == " " else local[-1]
        yield _violation("name_end", value, f"the name ends with {last}")
    if "@" in local.rstrip("@"):
        yield _violation("format", value, f"there are {local.count('@') + 1} @")
    if local.startswith(".") or ".." in local.strip("."):
        yield _violation("dot", value, "a dot without another character on each side")


def _domain(value: str, domain: str, policy: Policy) -> Iterator[Violation]:
    if (units := length(domain)) > LONGEST_DOMAIN:
        detail = f"{units} characters after the @, {LONGEST_DOMAIN} are allowed"
        yield _violation("domain_length", value, detail)
    yield from domain_violations(USER_PRINCIPAL_NAME, value, domain, policy)
    if not examine(domain).flaw:
        yield from _suffix(value, domain, policy)


def _judges_suffixes(policy: Policy) -> bool:
    return policy.forest_suffixes is not None or policy.verified_domains is not None


def _suffix(value: str, domain: str, policy: Policy) -> Iterator[Violation]:
    key = domain_key(domain)
    if policy.verified_domains is not None and key not in policy.verified_domains:
        yield _violation("not_verified", value, f"the tenant has not verified {shown(domain)}")
    if policy.forest_suffixes is not None and key not in policy.forest_suffixes:
        detail = f"{shown(domain)} is neither a domain of the forest nor a UPN suffix"
        yield _violation("not_forest_suffix", value, detail)


def _violation(what: str, value: str, detail: str) -> Violation:
    return Violation(f"{USER_PRINCIPAL_NAME}.{what}", USER_PRINCIPAL_NAME, value, detail)
