# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Domains and mail addresses as people write them, in the one form they are compared in. Pure.

Source: RFC 1034 section 3.5 and RFC 1123 section 2.1 (host names), RFC 5891 and UTS #46 (Unicode),
RFC 1035 section 2.3.4 (lengths). Private to the collection: it can change in any release.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from .._errors import InvalidInput
from .._libraries import library, require

with library("idna"):
    import idna
with library("email-validator"):
    import email_validator

LONGEST_LABEL = 63
LONGEST_NAME = 253  # as text, without the final dot

_HOST_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
# What a resolver or a browser takes for an IP address, so that no such top-level domain can exist.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# Some characters stand for nothing, so that a name can be longer in Unicode than it is in ASCII.
_LONGEST_UNICODE = 4 * LONGEST_NAME
_LONGEST_SHOWN = 80
_ADVICE = "Write a full name such as contoso.com."


@dataclass(frozen=True)
class Address:
    """A mail address: the local part as it was written, and the domain in its one form."""

    local: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


def domain_name(text: str) -> str:
    """The name of a domain that mail can have: lower case, A-labels, no final dot.

    Raises `InvalidInput` for everything else, such as an IP address or a name of one label.
    """
    if _is_ip_address(text):
        raise _not_a_domain(text, "it is an IP address")
    name = _ascii(text).removesuffix(".")
    labels = name.split(".")
    for label in labels:
        _check_label(label, text)
    if len(labels) == 1:
        raise _not_a_domain(text, "it has one part only")
    if len(name) > LONGEST_NAME:
        raise _not_a_domain(text, f"it has {len(name)} characters, {LONGEST_NAME} are allowed")
    if _NUMBER.fullmatch(labels[-1]):
        raise _not_a_domain(text, "a number is no top-level domain")
    return name


def address(text: str) -> Address:
    """A mail address, without a name or angle brackets around it. Raises `InvalidInput`."""
    require("email-validator")
    local, at, domain = text.rpartition("@")
    if not at:
        raise _not_an_address(text, "there is no @")
    try:
        name = domain_name(domain)
        # With a domain of no account, because the domain is judged by other rules.
        judged = email_validator.validate_email(
            f"{local}@example.com", check_deliverability=False, strict=True
        )
    except InvalidInput as error:
        raise _not_an_address(text, f"its domain: {error.answer}") from error
    except email_validator.EmailNotValidError as error:
        raise _not_an_address(text, str(error).rstrip(".")) from error
    return Address(judged.local_part, name)


def domain_or_address(text: str) -> str | Address:
    """An address if there is an @ in it, otherwise a domain. Raises `InvalidInput`."""
    return address(text) if "@" in text else domain_name(text)


def _ascii(text: str) -> str:
    if text.isascii():
        return text.lower()
    require("idna")
    if len(text) > _LONGEST_UNICODE:
        raise _not_a_domain(text, f"it has {len(text)} characters, {LONGEST_NAME} are allowed")
    try:
        mapped = idna.uts46_remap(text, std3_rules=False, transitional=False)
        labels = [
            label if label.isascii() else idna.alabel(label).decode("ascii")
            for label in mapped.split(".")
        ]
    except (idna.IDNAError, UnicodeError) as error:
        raise _not_a_domain(text, str(error)) from error
    return ".".join(labels)


def _check_label(label: str, text: str) -> None:
    if not label:
        raise _not_a_domain(text, "a part of it is empty" if text else "it is empty")
    if len(label) > LONGEST_LABEL:
        raise _not_a_domain(
            text, f"a part of it has {len(label)} characters, {LONGEST_LABEL} are allowed"
        )
    if label == "*":
        raise _not_a_domain(text, "it is a wildcard")
    if not _HOST_LABEL.fullmatch(label):
        raise _not_a_domain(
            text,
            f"{label!r} has something else than letters, digits and hyphens between them",
        )


def _is_ip_address(text: str) -> bool:
    """Also as in a mail address: [192.0.2.1], [IPv6:2001:db8::1]."""
    bare = text.removesuffix(".")
    if bare.startswith("[") and bare.endswith("]"):
        bare = re.sub("^ipv6:", "", bare[1:-1], flags=re.IGNORECASE)
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        return False
    return True


def _not_a_domain(text: str, why: str) -> InvalidInput:
    return InvalidInput(
        f"This is not the name of a domain: {_shown(text)}", answer=why, advice=_ADVICE
    )


def _not_an_address(text: str, why: str) -> InvalidInput:
    return InvalidInput(
        f"This is not a mail address: {_shown(text)}",
        answer=why,
        advice="Write it alone, such as name@contoso.com.",
    )


def _shown(text: str) -> str:
    shown = repr(text[:_LONGEST_SHOWN])
    return shown if len(text) <= _LONGEST_SHOWN else f"{shown} and so on, {len(text)} characters"
