# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The name with which a user signs in, where there is none.

A name that is there is respelled if it must be (`rewriting`), but never exchanged for another one:
how people sign in is for a person to decide. Pure. Private to the collection: it can change in any
release.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..addresses import split_address
from ..attributes import SAM_ACCOUNT_NAME, USER_PRINCIPAL_NAME
from ..domains import domain_key
from ..model import ValueChange
from .needs_person import NeedsPerson
from .step import Case, Step

_NAMELESS = frozenset({"missing", "blank"})


def propose(case: Case) -> Iterator[Step]:
    """One step: the primary address becomes the name, if its domain is a suffix of the forest."""
    findings = case.found(USER_PRINCIPAL_NAME, _NAMELESS)
    if not findings:
        return
    # The document: who has a valid userPrincipalName can have any sAMAccountName.
    account = tuple(one for one in case.findings if one.attribute == SAM_ACCOUNT_NAME)
    before = case.obj.one(USER_PRINCIPAL_NAME)
    try:
        change = ValueChange(USER_PRINCIPAL_NAME, before, _primary_address(case))
    except NeedsPerson as reason:
        yield Step("sign-in name", findings, reason=str(reason))
    else:
        yield Step("sign-in name", (*findings, *account), (change,))


def _primary_address(case: Case) -> str:
    primaries = case.addresses.primaries
    if len(primaries) != 1:
        raise NeedsPerson("There is no primary e-mail address to take for it.")
    suffixes = case.policy.forest_suffixes
    if suffixes is None:
        raise NeedsPerson("The UPN suffixes of the forest are not known.")
    parts = split_address(primaries[0].address)
    if parts is None or domain_key(parts[1]) not in suffixes:
        raise NeedsPerson(
            f"The domain of the primary address {primaries[0].address} is not a UPN suffix of the"
            " forest. The module ad_upn_suffix adds one."
        )
    return primaries[0].address
