# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a domain name is good for: its syntax, its top-level domain, its form for comparing.

The syntax is judged by email-validator and idna, the top-level domain by the ICANN part of the
public suffix list, as the package publicsuffixlist carries it. Nothing is looked up in DNS: the
same name has the same verdict everywhere. Private to the collection: it can change in any release.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable
from typing import NamedTuple

from .._libraries import library, require

with library("email-validator"):
    import email_validator
with library("idna"):
    import idna
with library("publicsuffixlist"):
    import publicsuffixlist

LIBRARIES = ("email-validator", "idna", "publicsuffixlist")

LONGEST_DOMAIN = 253  # RFC 1035 section 2.3.4, as text without the final dot


class DomainVerdict(NamedTuple):
    """`flaw` says what is wrong with the syntax, and is empty for a domain name.

    `is_routable` tells that its top-level domain exists and is not reserved for other use. `key` is
    the name in lower case and in its ASCII form.
    """

    flaw: str
    is_routable: bool
    key: str


def examine(domain: str) -> DomainVerdict:
    """Judge what stands after the @. Takes any text."""
    if len(domain) > LONGEST_DOMAIN:
        # Nonsense of any length comes here, which must not be kept.
        flaw = f"the domain has {len(domain)} characters, {LONGEST_DOMAIN} are allowed"
        return DomainVerdict(flaw, is_routable=False, key=domain.casefold())
    return _examine(domain)


@functools.lru_cache(maxsize=1 << 14)
def _examine(domain: str) -> DomainVerdict:
    require(*LIBRARIES)
    key = _ascii(domain)
    reserved = next((name for name in _reserved() if _is_within(key, name)), None)
    # email-validator refuses a reserved name before it has looked at all of the syntax, which is
    # what counts here; the end of it is good.
    flaw = _flaw(domain if reserved is None else f"{key.removesuffix(reserved)}com")
    is_routable = not flaw and reserved is None and _has_top_level_domain(key)
    return DomainVerdict(flaw, is_routable, key)


def domain_key(domain: str) -> str:
    """The form in which two domain names are equal that are the same."""
    return examine(domain).key


def is_accepted(domain: str, known_domains: Collection[str]) -> bool:
    """Whether it is a domain name, and mail for it can find its way or the operator says so.

    `known_domains` are in the form of `domain_key`; what is below them is known as well.
    """
    verdict = examine(domain)
    if verdict.is_routable:
        return True
    return not verdict.flaw and any(_is_within(verdict.key, known) for known in known_domains)


def _flaw(domain: str) -> str:
    if not domain:
        return "there is nothing after the @"
    try:
        email_validator.validate_email(
            f"a@{domain}", check_deliverability=False, globally_deliverable=False
        )
    except email_validator.EmailSyntaxError as error:
        return str(error).rstrip(".")
    return ""


def _ascii(domain: str) -> str:
    """The name as DNS has it, or just in lower case where that is not defined."""
    if domain.isascii():
        return domain.lower()
    try:
        mapped = idna.uts46_remap(domain, std3_rules=False, transitional=False)
        return ".".join(
            label if label.isascii() else idna.alabel(label).decode("ascii")
            for label in mapped.split(".")
        )
    except idna.IDNAError:
        return domain.casefold()


def _is_within(domain: str, ancestor: str) -> bool:
    return domain == ancestor or domain.endswith(f".{ancestor}")


def _reserved() -> Iterable[str]:
    """The special-use names of RFC 6761 and its kin, such as local and test."""
    return email_validator.SPECIAL_USE_DOMAIN_NAMES


def _has_top_level_domain(key: str) -> bool:
    _name, dot, last = key.rpartition(".")
    return bool(dot) and top_level_domains().publicsuffix(last) is not None


@functools.cache
def top_level_domains() -> publicsuffixlist.PublicSuffixList:
    """The list, read once. Raises `MissingLibrary`."""
    require(*LIBRARIES)
    return publicsuffixlist.PublicSuffixList(accept_unknown=False, only_icann=True)
