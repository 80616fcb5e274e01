# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The quick way past objects in order: most of a forest breaks no rule, and that is soon seen.

An object passes here only if it has the ordinary shape (one address, which is user principal name,
mail and primary proxy address alike, in harmless characters), for which no rule can have a finding;
everything else is judged by the rules themselves. So the screen decides how fast a scan is, never
what it finds: a property-based test holds it against `judge` and `uniqueness_claims`. What depends
on the policy (is this domain routable, verified, a suffix of the forest?) is not repeated here but
asked of `judge`, once for each domain. Pure. Private to the collection: it can change in any
release.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .._attribute_rules.attributes import (
    DISPLAY_NAME,
    GIVEN_NAME,
    MAIL,
    MAIL_NICKNAME,
    PROXY_ADDRESSES,
    SAM_ACCOUNT_NAME,
    USER_ACCOUNT_CONTROL,
    USER_PRINCIPAL_NAME,
)
from .._attribute_rules.judgement import judge
from .._attribute_rules.model import DirectoryObject, ObjectClass
from .._attribute_rules.policy import Policy
from .._ldap.wire.entries import Attributes
from .forest_index import SPACES

# Letters of European languages, kana and common ideographs in UTF-8, with single spaces inside.
# Possessive, so that a long value which does not match is given up at once.
_LETTER = (
    rb"(?:[!-~]++|\xc3[\x80-\xbf]|[\xc4-\xc8][\x80-\xbf]"
    rb"|\xe3[\x81-\x83][\x80-\xbf]|[\xe4-\xe8][\x80-\xbf]{2})"
)
_NAME = re.compile(rb"%b++(?: %b++)*+" % (_LETTER, _LETTER)).fullmatch
_ADDRESS = re.compile(
    rb"([A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++)*+)@([A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)++)"
).fullmatch
_NICKNAME = re.compile(rb"[A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++)*+").fullmatch

# Fewer than any rule allows, in bytes, of which a character has at least one.
_LONGEST_NAME = 64
_LONGEST_LOCAL_PART = 64
_LONGEST_ADDRESS = 113
_LONGEST_NICKNAME = 64
_MOST_PROXIES = 50

_ADDRESS_SPACE, _NICKNAME_SPACE = SPACES["address"], SPACES["nickname"]
_NO_VALUES: Sequence[bytes] = ()


class Screen:
    """The screen for one policy. `claims` is all there is to it."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._domains: dict[tuple[bytes, bytes], bool] = {}
        self._most_proxies = min(_MOST_PROXIES, policy.most_proxy_addresses)

    def claims(self, attributes: Attributes) -> list[int] | None:
        """The hashes of what a user in order claims; null if the rules must look at it."""
        get = attributes.get
        mails = get(b"mail")
        proxies = get(b"proxyAddresses")
        names = get(b"displayName")
        if not mails or not proxies or not names or mails != get(b"userPrincipalName"):
            return None
        mail = mails[0]
        address = _ADDRESS(mail)
        name = names[0]
        if (
            address is None
            or len(mail) > _LONGEST_ADDRESS
            or address.end(1) > _LONGEST_LOCAL_PART
            or len(name) > _LONGEST_NAME
            or not _NAME(name)
            or len(proxies) > self._most_proxies
            or b"targetAddress" in attributes
        ):
            return None
        for other in (
            get(b"givenName", _NO_VALUES),
            get(b"sn", _NO_VALUES),
            get(b"cn", _NO_VALUES),
        ):
            if other and (len(other[0]) > _LONGEST_NAME or not _NAME(other[0])):
                return None
        domain = address[2]
        if not self._are_fine(domain, domain):
            return None
        lowered = mail.lower()
        claims = [hash(_ADDRESS_SPACE + lowered)]
        if len(proxies) > 1 or proxies[0] != b"SMTP:" + mail:
            others = self._secondary_claims(mail, domain, proxies)
            if others is None:
                return None
            claims += others
        for nickname in get(b"mailNickname", _NO_VALUES):
            if len(nickname) > _LONGEST_NICKNAME or not _NICKNAME(nickname):
                return None
            claims.append(hash(_NICKNAME_SPACE + nickname.lower()))
        return claims

    def _secondary_claims(
        self, mail: bytes, domain: bytes, proxies: Sequence[bytes]
    ) -> list[int] | None:
        """The hashes of the proxy addresses beside the primary one, which must be `mail`."""
        keys: set[bytes] = set()
        primaries = 0
        for proxy in proxies:
            prefix, address = proxy[:5], proxy[5:]
            if prefix == b"SMTP:":
                if address != mail:
                    return None
                primaries += 1
                continue
            match = _ADDRESS(address)
            if (
                prefix != b"smtp:"
                or match is None
                or len(address) > _LONGEST_ADDRESS
                or match.end(1) > _LONGEST_LOCAL_PART
                or not self._are_fine(domain, match[2])
            ):
                return None
            keys.add(address.lower())
        # The same address twice in one object is for the rules to tell.
        if primaries != 1 or len(keys) != len(proxies) - 1 or mail.lower() in keys:
            return None
        return [hash(_ADDRESS_SPACE + key) for key in keys]

    def _are_fine(self, domain: bytes, secondary: bytes) -> bool:
        """Whether the rules have nothing against these domains of an address and of another."""
        verdict = self._domains.get((domain, secondary))
        if verdict is None:
            verdict = not judge(_model_user(domain.decode(), secondary.decode()), self._policy)
            self._domains[domain, secondary] = verdict
        return verdict


def _model_user(domain: str, secondary: str) -> DirectoryObject:
    """A user with whom nothing is wrong, unless it be the domains."""
    address = f"model@{domain}"
    return DirectoryObject(
        guid="00000000-0000-0000-0000-000000000000",
        dn="CN=Model",
        object_class=ObjectClass.USER,
        domain="",
        values={
            DISPLAY_NAME: ("Model",),
            GIVEN_NAME: ("Model",),
            MAIL: (address,),
            MAIL_NICKNAME: ("model",),
            PROXY_ADDRESSES: (f"SMTP:{address}", f"smtp:other@{secondary}"),
            SAM_ACCOUNT_NAME: ("model",),
            USER_ACCOUNT_CONTROL: ("512",),
            USER_PRINCIPAL_NAME: (address,),
        },
    )
