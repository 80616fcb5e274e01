# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the values of one object must be to each other.

Pure. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from ..addresses import SMTP, ProxyAddress, address_key, split_address
from ..attributes import (
    MAIL,
    PROXY_ADDRESSES,
    USER_ACCOUNT_CONTROL,
    USER_PRINCIPAL_NAME,
)
from ..domains import domain_key
from ..model import DirectoryObject, ObjectClass
from ..policy import Licensed, Policy
from .characters import is_blank, seen, shown
from .e_mail import is_clean_address
from .proxy_addresses import LONGEST
from .violation import Violation

ACCOUNT_DISABLED = 0x2  # MS-ADTS section 2.2.16, ADS_UF_ACCOUNTDISABLE


class _Address(NamedTuple):
    value: str
    proxy: ProxyAddress
    key: str

    @property
    def identity(self) -> tuple[str, str]:
        """Equal for two values that are the same address."""
        return (SMTP if self.proxy.is_smtp else self.proxy.type, self.key)


def consistency_violations(
    obj: DirectoryObject, proxies: Sequence[ProxyAddress], policy: Policy
) -> list[Violation]:
    """What breaks the rules about several values. `proxies` are the proxyAddresses of the object,
    in their order, each as far as it is `seen`."""
    addresses = [
        _Address(value, proxy, address_key(proxy.address))
        for value, proxy in zip(obj.all(PROXY_ADDRESSES), proxies, strict=True)
    ]
    primaries = {each.key: each.value for each in addresses if each.proxy.is_primary}
    return [
        *_mail(obj, addresses),
        *_user_principal_name(obj, primaries),
        *_repeated(addresses),
        *_primaries(obj, addresses, primaries),
        *_count(addresses, policy.most_proxy_addresses),
        *_licence(obj, addresses, policy),
    ]


def is_to_be_licensed(obj: DirectoryObject, policy: Policy) -> bool:
    """Whether the object is a user who gets a licence. Who cannot be told to be disabled is not."""
    if obj.object_class is not ObjectClass.USER or policy.licensed is Licensed.NONE:
        return False
    return policy.licensed is Licensed.ALL or not is_disabled(obj)


def is_disabled(obj: DirectoryObject) -> bool:
    """Whether nobody can sign in to the account. Raises nothing for a value that is no number."""
    try:
        return bool(int(obj.one(USER_ACCOUNT_CONTROL) or "0") & ACCOUNT_DISABLED)
    except ValueError:
        return False


def is_usable(value: str, proxy: ProxyAddress, policy: Policy) -> bool:
    """Whether a user can be licensed with this address: it is valid, and its domain the tenant's
    as far as that is known."""
    if proxy.type != SMTP or len(value) > LONGEST[policy.profile][PROXY_ADDRESSES]:
        return False
    if not is_clean_address(proxy.address, policy):
        return False
    parts = split_address(proxy.address)
    verified = policy.verified_domains
    return verified is None or (parts is not None and domain_key(parts[1]) in verified)


def no_valid_address(detail: str) -> Violation:
    """What a user lacks who is to be licensed."""
    return Violation("proxyAddresses.no_valid_address", PROXY_ADDRESSES, None, detail)


def _mail(obj: DirectoryObject, addresses: Sequence[_Address]) -> Iterator[Violation]:
    mail = obj.one(MAIL)
    if mail is None or is_blank(mail):
        return
    key = address_key(seen(mail))
    if not any(each.key == key and each.proxy.is_smtp for each in addresses):
        detail = "proxyAddresses does not hold this address"
        yield Violation("mail.not_in_proxy_addresses", MAIL, mail, detail)


def _user_principal_name(obj: DirectoryObject, primaries: Collection[str]) -> Iterator[Violation]:
    """Against the primary address; without any proxyAddresses, mail is what there is of one."""
    name = obj.one(USER_PRINCIPAL_NAME)
    if obj.object_class is not ObjectClass.USER or name is None or is_blank(name):
        return
    mail = obj.one(MAIL)
    expected = primaries
    if not obj.all(PROXY_ADDRESSES) and mail is not None and not is_blank(mail):
        expected = {address_key(seen(mail))}
    if expected and address_key(seen(name)) not in expected:
        detail = f"the primary e-mail address is {shown(min(expected))}"
        yield Violation("userPrincipalName.not_primary_address", USER_PRINCIPAL_NAME, name, detail)


def _repeated(addresses: Sequence[_Address]) -> Iterator[Violation]:
    """The primary address is the one to keep, else the first that is written well."""
    if len({each.identity for each in addresses}) == len(addresses):
        return
    kept: dict[tuple[str, str], _Address] = {}
    for each in sorted(addresses, key=_merit):
        kept.setdefault(each.identity, each)
    for each in addresses:
        if (best := kept[each.identity]) is not each:
            detail = f"the same address as {shown(best.value)}"
            yield Violation("proxyAddresses.repeated", PROXY_ADDRESSES, each.value, detail)


def _merit(each: _Address) -> tuple[bool, bool, bool]:
    """The smaller, the better: primary, with a prefix, with nothing to be trimmed."""
    return (not each.proxy.is_primary, not each.proxy.prefix, seen(each.value) != each.value)


def _primaries(
    obj: DirectoryObject, addresses: Sequence[_Address], primaries: Mapping[str, str]
) -> Iterator[Violation]:
    """An address that is primary twice over is repeated, not one of several. Where mail names one
    of the primaries, only the others are wrong."""
    if len(primaries) > 1:
        detail = f"{len(primaries)} addresses have the prefix SMTP"
        right = address_key(seen(obj.one(MAIL) or ""))
        for key, value in primaries.items():
            if key != right:
                yield Violation("proxyAddresses.several_primaries", PROXY_ADDRESSES, value, detail)
    elif not primaries and any(each.proxy.is_smtp for each in addresses):
        detail = "no address has the prefix SMTP in capitals"
        yield Violation("proxyAddresses.no_primary", PROXY_ADDRESSES, None, detail)


def _count(addresses: Sequence[_Address], most: int) -> Iterator[Violation]:
    if len(addresses) > most:
        detail = f"{len(addresses)} values, {most} are carried"
        yield Violation("proxyAddresses.too_many", PROXY_ADDRESSES, None, detail)


def _licence(
    obj: DirectoryObject, addresses: Sequence[_Address], policy: Policy
) -> Iterator[Violation]:
    """What could not be read may be the address."""
    if PROXY_ADDRESSES in obj.undecodable or not is_to_be_licensed(obj, policy):
        return
    if not any(is_usable(each.value, each.proxy, policy) for each in addresses):
        yield no_valid_address("there is no valid e-mail address among the values")
