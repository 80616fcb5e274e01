# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The quick way past objects in order: most of a forest breaks no rule, and that is soon seen.

An object passes here only in the ordinary shape (one address, which is mail, primary proxy address
and, of a user, user principal name alike, in harmless characters), for which no rule can have a
finding; everything else is judged by the rules themselves. So the screen decides how fast a scan
is, never what it finds: a property-based test holds it against `judge`, `uniqueness_claims` and the
reasons to skip an object. What depends on the policy (is this domain routable, verified, a suffix
of the forest?) is not repeated here but asked of `judge`, once for each domain.

The patterns match values together with the heads of their BER elements. A head has a control
character in it, which no harmless value has, so one match tells both how many values there are and
that they are harmless.

Pure. Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re

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
# Without quotes and brackets, which some editions of the rules forbid. Of an X.500 address only the
# whole matters.
_X500 = rb"[Xx]500:[!#-&\x28-Z^-~]++(?: [!#-&\x28-Z^-~]++)*+"
# The last group is whatever is not a harmless proxy address.
_EACH_PROXY = re.compile(
    rb"%b(?:(SMTP|smtp|sip):%b|(%b))(?=\x04|\Z)|(.)" % (_VALUE, _ADDRESS, _X500), re.DOTALL
).findall
_HEAD_OF_SET = re.compile(_SET, re.DOTALL).match
_LONGEST_SET = 4096

_ADDRESS_SPACE, _NICKNAME_SPACE = SPACES["address"], SPACES["nickname"]
_PROXY_SPACE = SPACES["proxy"]
_USERS = (ObjectClass.USER,)
_OTHERS = (ObjectClass.GROUP, ObjectClass.CONTACT)
_NAMES = (b"displayName", b"givenName", b"sn", b"userAccountControl")
# So many names are remembered as harmless; most given names and surnames come again.
_REMEMBERED_NAMES = 50_000


class Screen:
    """The screen for one policy. `claims` is all there is to it."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._domains: dict[tuple[bool, bytes], _Verdicts] = {}
        self._kinds: dict[bytes | None, ObjectClass | None] = {}
        self._recipients: dict[bytes | None, bool] = {None: True}
        self._names: set[bytes | None] = {None}
        self._most_proxies = min(_MOST_PROXIES, policy.most_proxy_addresses)

    def claims(self, attributes: RawAttributes) -> tuple[ObjectClass, list[int]] | None:
        """What kind of object it is, and the hashes of what it claims, if it is in order; null if
        there must be a closer look."""
        get = attributes.get
        raw_mail = get(b"mail", b"")
        mail = _ONE_ADDRESS(raw_mail)
        kind = self._kind(get(OBJECT_CLASS))
        if mail is None or kind is None or not self._is_synced(kind, attributes):
            return None
        # Only users sign in.
        if get(b"userPrincipalName") != (raw_mail if kind is ObjectClass.USER else None):
            return None
        local_part, domain = mail[1], mail[2]
        is_fine = self._verdicts(kind is ObjectClass.USER, domain)
        if not _is_harmless(local_part, domain, is_fine):
            return None
        claims = self._claims_of_proxies(get(b"proxyAddresses", b""), local_part, domain, is_fine)
        if claims is None or not _add_other_claims(attributes, is_fine, claims):
            return None
        return kind, claims

    def _claims_of_proxies(
        self, raw: bytes, local_part: bytes, domain: bytes, is_fine: _Verdicts
    ) -> list[int] | None:
        """The hashes of all proxy addresses, of which the one primary must be the one given."""
        head = _HEAD_OF_SET(raw)
        if head is None or len(raw) > _LONGEST_SET:
            return None
        proxies = _EACH_PROXY(raw[head.end() :])
        if len(proxies) > self._most_proxies:
            return None
        keys: set[bytes] = set()
        for prefix, local, other_domain, x500, anything_else in proxies:
            if anything_else:
                return None
            if x500:
                if len(x500) > _LONGEST_X500:
                    return None
                keys.add(_PROXY_SPACE + x500.lower())
            elif len(local) > _LONGEST or not is_fine[other_domain]:
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

    def _kind(self, raw_classes: bytes | None) -> ObjectClass | None:
        if raw_classes not in self._kinds:
            classes = [] if raw_classes is None else values_of(raw_classes)
            self._kinds[raw_classes] = kind_of(classes)
        return self._kinds[raw_classes]

    def _is_synced(self, kind: ObjectClass, attributes: RawAttributes) -> bool:
        """Whether there is no reason to skip an object that has an address, nor anything odd about
        its names."""
        get = attributes.get
        raw_type = get(b"msExchRecipientTypeDetails")
        if raw_type not in self._recipients:
            self._recipients[raw_type] = raw_type is not None and is_ordinary_recipient(
                values_of(raw_type)
            )
        is_own_sid = int.from_bytes(get(b"objectSid", b"")[-4:], "little") >= FIRST_RID_OF_OUR_OWN
        return (
            self._recipients[raw_type]
            and (is_own_sid or kind is ObjectClass.CONTACT)
            and (
                kind is ObjectClass.CONTACT or _ONE_ACCOUNT(get(b"sAMAccountName", b"")) is not None
            )
            and b"isCriticalSystemObject" not in attributes
            and GUID in attributes
            and b"displayName" in attributes
            and self._has_harmless_names(attributes)
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

    def _verdicts(self, is_user: bool, domain: bytes) -> _Verdicts:
        verdicts = self._domains.get((is_user, domain))
        if verdicts is None:
            verdicts = _Verdicts(is_user, domain, self._policy)
            self._domains[is_user, domain] = verdicts
        return verdicts


class _Verdicts(dict[bytes, bool]):
    """Whether the rules have nothing against a domain, and against those of its other addresses,
    for somebody (or something) whose primary address is at `domain`."""

    def __init__(self, is_user: bool, domain: bytes, policy: Policy) -> None:
        super().__init__()
        self._domain = domain
        self._policy = policy
        self._kinds = _USERS if is_user else _OTHERS

    def __missing__(self, other_domain: bytes) -> bool:
        longest = _LONGEST + max(len(self._domain), len(other_domain))
        verdict = longest < _LONGEST_ADDRESS and not any(
            judge(_model(kind, self._domain.decode(), other_domain.decode()), self._policy)
            for kind in self._kinds
        )
        self[other_domain] = verdict
        return verdict


def _is_harmless(local_part: bytes, domain: bytes, is_fine: _Verdicts) -> bool:
    return len(local_part) <= _LONGEST and is_fine[domain]


def _add_other_claims(attributes: RawAttributes, is_fine: _Verdicts, claims: list[int]) -> bool:
    """Add those of targetAddress and mailNickname; false if one of them is not ordinary."""
    raw_target = attributes.get(b"targetAddress")
    if raw_target is not None:
        target = _ONE_TARGET(raw_target)
        if target is None or not _is_harmless(target[1], target[2], is_fine):
            return False
        key = b"%b%b@%b" % (_ADDRESS_SPACE, target[1].lower(), target[2].lower())
        claims.append(hashed(key))
    raw_nickname = attributes.get(b"mailNickname")
    if raw_nickname is not None:
        nickname = _ONE_NICKNAME(raw_nickname)
        if nickname is None or len(nickname[1]) > _LONGEST:
            return False
        claims.append(hashed(_NICKNAME_SPACE + nickname[1].lower()))
    return True


def _model(kind: ObjectClass, domain: str, other_domain: str) -> DirectoryObject:
    """An object with which nothing is wrong, unless it be the domains."""
    address = f"model@{domain}"
    values: dict[str, tuple[str, ...]] = {
        DISPLAY_NAME: ("Model",),
        GIVEN_NAME: ("Model",),
        MAIL: (address,),
        MAIL_NICKNAME: ("model",),
        PROXY_ADDRESSES: (
            f"SMTP:{address}",
            f"smtp:other@{other_domain}",
            f"sip:other@{other_domain}",
        ),
        SAM_ACCOUNT_NAME: ("model",),
        TARGET_ADDRESS: (f"SMTP:target@{other_domain}",),
        USER_ACCOUNT_CONTROL: ("512",),
    }
    if kind is ObjectClass.USER:
        values[USER_PRINCIPAL_NAME] = (address,)
    return DirectoryObject(
        guid="00000000-0000-0000-0000-000000000000",
        dn="CN=Model",
        object_class=kind,
        domain="",
        values=values,
    )
