# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The quick way past objects in order: most of a forest breaks no rule, and that is soon seen.

A user passes here only in the ordinary shape (one address, which is user principal name, mail and
primary proxy address alike, in harmless characters), for which no rule can have a finding;
everything else is judged by the rules themselves. So the screen decides how fast a scan is, never
what it finds: a property-based test holds it against `judge`, `uniqueness_claims` and the reasons
to skip an object. What depends on the policy (is this domain routable, verified, a suffix of the
forest?) is not repeated here but asked of `judge`, once for each domain.

The patterns match values together with the heads of their BER elements. A head has a control
character in it, which no harmless value has, so one match tells both how many values there are and
that they are harmless.

Pure. Private to the collection: it can change in any release.
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
    TARGET_ADDRESS,
    USER_ACCOUNT_CONTROL,
    USER_PRINCIPAL_NAME,
)
from .._attribute_rules.judgement import judge
from .._attribute_rules.model import DirectoryObject, ObjectClass
from .._attribute_rules.policy import Policy
from .._ldap.wire.entries import RawAttributes, values_of
from .forest_index import SPACES, hashed
from .objects import GUID, OBJECT_CLASS, kind_of
from .skips import FIRST_RID_OF_OUR_OWN, is_ordinary_recipient

# Shorter than any rule allows, in bytes, of which a character has at least one. Longer values, and
# users with more addresses, are looked at closely.
_LONGEST = 64
_LONGEST_ADDRESS = 113
_LONGEST_X500 = 250
_MOST_PROXIES = 50

_HEAD = rb"(?:[\x00-\x7f]|\x81.|\x82..|\x84....)"
_SET = rb"1" + _HEAD
_VALUE = rb"\x04" + _HEAD
# Letters of European languages, kana and common ideographs in UTF-8, with single spaces between
# words. Possessive, so that a value which does not match is given up at once.
_LETTER = (
    rb"(?:[!-~]++|\xc3[\x80-\xbf]|[\xc4-\xc8][\x80-\xbf]"
    rb"|\xe3[\x81-\x83][\x80-\xbf]|[\xe4-\xe8][\x80-\xbf]{2})"
)
_WORDS = rb"%b++(?: %b++)*+" % (_LETTER, _LETTER)
_LOCAL_PART = rb"[A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++)*+"
_DOMAIN = rb"[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)++"
_ADDRESS = rb"(%b)@(%b)" % (_LOCAL_PART, _DOMAIN)

_ONE_ADDRESS = re.compile(_SET + _VALUE + _ADDRESS, re.DOTALL).fullmatch
_ONE_TARGET = re.compile(_SET + _VALUE + rb"SMTP:" + _ADDRESS, re.DOTALL).fullmatch
_ONE_NAME = re.compile(_SET + _VALUE + _WORDS, re.DOTALL).fullmatch
_ONE_NICKNAME = re.compile(_SET + _VALUE + rb"(%b)" % _LOCAL_PART, re.DOTALL).fullmatch
_ONE_ACCOUNT = re.compile(
    _SET + _VALUE + rb"(?!(?i:AAD_|MSOL_|CAS_|SUPPORT_))[A-Za-z0-9_.-]+", re.DOTALL
).fullmatch
# Of an X.500 address only the whole matters.
# Without quotes and brackets, which some editions of the rules forbid.
_X500 = rb"[Xx]500:[!#-&\x28-Z^-~]++(?: [!#-&\x28-Z^-~]++)*+"
_PROXY = rb"%b(?:(SMTP|smtp|sip):%b|(%b))" % (_VALUE, _ADDRESS, _X500)
_EACH_PROXY = re.compile(_PROXY, re.DOTALL).findall
# Without its groups: in early releases of Python 3.11 a possessive repetition of groups fails
# with a SystemError.
_ALL_PROXIES = re.compile(
    _SET + rb"(?:%b)++" % re.sub(rb"(?<!\\)\((?!\?)", rb"(?:", _PROXY), re.DOTALL
).fullmatch

_ADDRESS_SPACE, _NICKNAME_SPACE = SPACES["address"], SPACES["nickname"]
_PROXY_SPACE = SPACES["proxy"]
_NAMES = (b"displayName", b"givenName", b"sn", b"userAccountControl")
# So many names are remembered as harmless; most given names and surnames come again.
_REMEMBERED_NAMES = 50_000


class Screen:
    """The screen for one policy. `claims` is all there is to it."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._domains: dict[tuple[bytes, bytes], bool] = {}
        self._users: dict[bytes | None, bool] = {}
        self._recipients: dict[bytes | None, bool] = {None: True}
        self._names: set[bytes | None] = {None}
        self._most_proxies = min(_MOST_PROXIES, policy.most_proxy_addresses)

    def claims(self, attributes: RawAttributes) -> list[int] | None:
        """The hashes of what a user in order claims; null if there must be a closer look."""
        get = attributes.get
        raw_mail = get(b"mail", b"")
        mail = _ONE_ADDRESS(raw_mail)
        if (
            mail is None
            or get(b"userPrincipalName") != raw_mail
            or not self._is_synced_user(attributes)
            or b"displayName" not in attributes
        ):
            return None
        if not self._has_harmless_names(attributes):
            return None
        local_part, domain = mail[1], mail[2]
        if len(local_part) > _LONGEST or not self._are_fine(domain, domain):
            return None
        claims = self._claims_of_proxies(get(b"proxyAddresses", b""), local_part, domain)
        if claims is None:
            return None
        raw_target = get(b"targetAddress")
        if raw_target is not None:
            target = _ONE_TARGET(raw_target)
            if target is None or not self._is_harmless(domain, target[1], target[2]):
                return None
            claims.append(
                hashed(b"%b%b@%b" % (_ADDRESS_SPACE, target[1].lower(), target[2].lower()))
            )
        raw_nickname = get(b"mailNickname")
        if raw_nickname is not None:
            nickname = _ONE_NICKNAME(raw_nickname)
            if nickname is None or len(nickname[1]) > _LONGEST:
                return None
            claims.append(hashed(_NICKNAME_SPACE + nickname[1].lower()))
        return claims

    def _claims_of_proxies(self, raw: bytes, local_part: bytes, domain: bytes) -> list[int] | None:
        """The hashes of all proxy addresses, of which the one primary must be the one given."""
        if not _ALL_PROXIES(raw):
            return None
        proxies = _EACH_PROXY(raw)
        if len(proxies) > self._most_proxies:
            return None
        keys: set[bytes] = set()
        for prefix, local, other_domain, x500 in proxies:
            if x500:
                if len(x500) > _LONGEST_X500:
                    return None
                keys.add(_PROXY_SPACE + x500.lower())
            elif not self._is_harmless(domain, local, other_domain):
                return None
            elif prefix == b"sip":
                keys.add(b"%bsip:%b@%b" % (_PROXY_SPACE, local.lower(), other_domain.lower()))
            else:
                keys.add(b"%b%b@%b" % (_ADDRESS_SPACE, local.lower(), other_domain.lower()))
        # The same address twice in one object is for the rules to tell.
        primaries = [proxy[1:3] for proxy in proxies if proxy[0] == b"SMTP"]
        if primaries != [(local_part, domain)] or len(keys) != len(proxies):
            return None
        return [hashed(key) for key in keys]

    def _is_synced_user(self, attributes: RawAttributes) -> bool:
        """Whether it is a user for whom there is no reason to skip it."""
        get = attributes.get
        raw_classes, raw_type = get(OBJECT_CLASS), get(b"msExchRecipientTypeDetails")
        if raw_classes not in self._users:
            self._users[raw_classes] = raw_classes is not None and (
                kind_of(values_of(raw_classes)) is ObjectClass.USER
            )
        if raw_type not in self._recipients:
            self._recipients[raw_type] = raw_type is not None and is_ordinary_recipient(
                values_of(raw_type)
            )
        return (
            self._users[raw_classes]
            and self._recipients[raw_type]
            and _ONE_ACCOUNT(get(b"sAMAccountName", b"")) is not None
            and int.from_bytes(get(b"objectSid", b"")[-4:], "little") >= FIRST_RID_OF_OUR_OWN
            and b"isCriticalSystemObject" not in attributes
            and GUID in attributes
        )

    def _has_harmless_names(self, attributes: RawAttributes) -> bool:
        for name in _NAMES:
            raw = attributes.get(name)
            if raw not in self._names and not self._is_harmless_name(raw):
                return False
        # Everybody has another one, so it is not worth remembering.
        return b"cn" not in attributes or _ONE_NAME(attributes[b"cn"]) is not None

    def _is_harmless_name(self, raw: bytes | None) -> bool:
        if raw is None or len(raw) > _LONGEST or not _ONE_NAME(raw):
            return False
        if len(self._names) < _REMEMBERED_NAMES:
            self._names.add(raw)
        return True

    def _is_harmless(self, domain: bytes, local: bytes, other_domain: bytes) -> bool:
        """Whether nothing can be wrong with another address of somebody at `domain`."""
        return len(local) <= _LONGEST and self._are_fine(domain, other_domain)

    def _are_fine(self, domain: bytes, other_domain: bytes) -> bool:
        """Whether the rules have nothing against these domains of an address and of another."""
        verdict = self._domains.get((domain, other_domain))
        if verdict is None:
            longest = _LONGEST + max(len(domain), len(other_domain))
            verdict = longest < _LONGEST_ADDRESS and not judge(
                _model_user(domain.decode(), other_domain.decode()), self._policy
            )
            self._domains[domain, other_domain] = verdict
        return verdict


def _model_user(domain: str, other_domain: str) -> DirectoryObject:
    """A user with whom nothing is wrong, unless it be the domains."""
    address = f"model@{domain}"
    proxies: Sequence[str] = (
        f"SMTP:{address}",
        f"smtp:other@{other_domain}",
        f"sip:other@{other_domain}",
    )
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
            PROXY_ADDRESSES: tuple(proxies),
            SAM_ACCOUNT_NAME: ("model",),
            TARGET_ADDRESS: (f"SMTP:target@{other_domain}",),
            USER_ACCOUNT_CONTROL: ("512",),
            USER_PRINCIPAL_NAME: (address,),
        },
    )
