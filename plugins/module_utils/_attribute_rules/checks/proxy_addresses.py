# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""proxyAddresses and targetAddress: addresses with the prefix that tells their type.

What is an e-mail address is judged as one. A SIP address has an @ and no spaces. Types with a
syntax of their own, which Exchange and its gateways write (X.400, X.500 and others), may have
spaces, brackets and letters of any kind: only what can stand in none of them is found there. Pure.
Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ..addresses import SIP, SMTP, ProxyAddress, parse_proxy
from ..attributes import PROXY_ADDRESSES, TARGET_ADDRESS
from ..policy import Policy, Profile
from .characters import (
    character_violations,
    is_blank,
    is_plain,
    length_violations,
    named,
    seen,
    text_violations,
)
from .e_mail import e_mail_violations, is_clean_address
from .violation import Violation

LONGEST: Mapping[Profile, Mapping[str, int]] = {
    Profile.MICROSOFT_2023: {PROXY_ADDRESSES: 256, TARGET_ADDRESS: 256},
    Profile.OFFICE365_2016: {PROXY_ADDRESSES: 256, TARGET_ADDRESS: 256},
    Profile.IDFIX: {PROXY_ADDRESSES: 256, TARGET_ADDRESS: 255},
}
SHORTEST_LIMIT = 255

# After the prefix, and in other types than e-mail. The later page no longer has \ and : in the list
# of proxyAddresses. A semicolon separates parameters in SIP and unified messaging addresses.
_FORBIDDEN: Mapping[Profile, re.Pattern[str]] = {
    Profile.MICROSOFT_2023: re.compile(r'[<>(),\[\]"]'),
    Profile.OFFICE365_2016: re.compile(r'[\\<>():,\[\]"]'),
    Profile.IDFIX: re.compile(r'[<>(),\[\]"]'),
}
_FORBIDDEN_IN_FREE_FORM = re.compile(r'[\[\]"]')


def parsed(values: Sequence[str]) -> list[ProxyAddress]:
    """The addresses, each as far as it can be `seen`."""
    return [parse_proxy(seen(value)) for value in values]


def proxy_violations(
    attribute: str, value: str, proxy: ProxyAddress, policy: Policy
) -> Sequence[Violation]:
    """What breaks the rules in one value; `proxy` is what is `parsed` of it."""
    is_whole = len(value) == len(proxy.prefix) + 1 + len(proxy.address)
    if is_whole and len(value) <= SHORTEST_LIMIT and _is_clean(proxy, policy):
        return ()
    return [
        *text_violations(attribute, value),
        *length_violations(attribute, value, LONGEST[policy.profile][attribute]),
        *(() if is_blank(value) else _by_type(attribute, value, proxy, policy)),
    ]


def _is_clean(proxy: ProxyAddress, policy: Policy) -> bool:
    if proxy.type in (SMTP, SIP):
        # SIP addresses may be less, but most are the e-mail address over again.
        return is_clean_address(proxy.address, policy)
    return (
        proxy.is_free_form
        and is_plain(proxy.address)
        and not _FORBIDDEN_IN_FREE_FORM.search(proxy.address)
    )


def _by_type(
    attribute: str, value: str, proxy: ProxyAddress, policy: Policy
) -> Iterator[Violation]:
    if not proxy.prefix:
        detail = "there is no type before the address"
        yield Violation(f"{attribute}.no_prefix", attribute, value, detail)
    if proxy.is_smtp or not proxy.prefix:
        yield from e_mail_violations(attribute, value, proxy.address, policy)
    elif proxy.is_free_form:
        if detail := named(_FORBIDDEN_IN_FREE_FORM, proxy.address):
            yield Violation(f"{attribute}.character", attribute, value, detail)
    else:
        yield from _other_violations(attribute, value, proxy, policy.profile)


def _other_violations(
    attribute: str, value: str, proxy: ProxyAddress, profile: Profile
) -> Iterator[Violation]:
    yield from character_violations(attribute, value, proxy.address, _FORBIDDEN[profile])
    name, at, host = proxy.address.partition("@")
    if proxy.type == SIP and not (name and at and host):
        detail = "a SIP address has a name, an @ and a domain"
        yield Violation(f"{attribute}.format", attribute, value, detail)
