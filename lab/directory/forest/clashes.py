# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be wrong between objects: the same address twice, and repairs that would make it so.

Which findings there must be is worked out here once more, in the plainest way, from what each
object holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .faults import NOT_IN_PROXY, NOT_PRIMARY, PERSON, UNREACHABLE, Spoiled, expected, spoil
from .people import Member
from .truth import Expected, Holder, Repair

_TIDY: Spoiled = {}


class Part(NamedTuple):
    """What is done to one of the objects, and what is found on it besides the clash.

    The words are its own and, as `«first_...»`, those of the first object.
    """

    kind: str
    spoiled: Spoiled
    also: Mapping[str, Repair] = {}


@dataclass(frozen=True)
class Clash:
    """Objects that cannot be what they are side by side."""

    parts: Sequence[Part]
    only: Holder | None = None

    def put_into(self, members: Sequence[Member]) -> list[Expected]:
        """Spoil the objects, and return what must be found, on the last of them first."""
        first = {f"first_{name}": word for name, word in members[0].words.items()}
        for part, member in zip(self.parts, members, strict=True):
            spoil(member, part.spoiled, {**member.words, **first})
        findings: list[Expected] = []
        for part, member in reversed(list(zip(self.parts, members, strict=True))):
            findings += _clashing(member, members)
            findings += [expected(member, rule, repair) for rule, repair in part.also.items()]
        return findings


def clashes() -> Iterator[Clash]:
    """Yield every clash there is, each once."""
    yield from _addresses()
    yield from _forwarding()
    yield from _other_names()
    yield from _hidden()
    yield from _repairs()


def _with_first(kind: str, spoiled: Spoiled, **also: Repair) -> Clash:
    """A user in order, and an object that has something of that user's."""
    rules = {_RULES[name]: repair for name, repair in also.items()}
    return Clash((Part("user", _TIDY), Part(kind, spoiled, rules)))


_RULES = {
    "not_primary": NOT_PRIMARY,
    "not_in_proxy": NOT_IN_PROXY,
    "no_valid_address": "proxyAddresses.no_valid_address",
}
_ALIAS = "«first_account»@«first_domain»"
_OWN = "SMTP:«address»"


def _addresses() -> Iterator[Clash]:
    """Where the address of a user can be once more."""
    for kind in ("user", "group", "contact"):
        yield _with_first(kind, {"mail": "«first_address»"}, not_in_proxy=PERSON)
        yield _with_first(kind, {"mail": _ALIAS}, not_in_proxy=PERSON)
        yield _with_first(kind, {"proxyAddresses": (_OWN, "smtp:«first_address»")})
        yield _with_first(kind, {"proxyAddresses": (_OWN, f"smtp:{_ALIAS}")})
    yield _with_first("user", {"mail": "«first_capitals»"}, not_in_proxy=PERSON)
    yield _with_first("user", {"proxyAddresses": (_OWN, "smtp:«first_capitals»")})
    yield _with_first(
        "contact", {"mail": "«first_address»", "proxyAddresses": ("SMTP:«first_address»",)}
    )
    yield _with_first(
        "user",
        {
            "proxyAddresses": (f"SMTP:{_ALIAS}",),
            "mail": _ALIAS,
            "userAccountControl": "544",
        },
        not_primary=PERSON,
        no_valid_address=PERSON,
    )
    yield _with_first("user", {"userPrincipalName": _ALIAS}, not_primary=PERSON)
    taken: Spoiled = {"userPrincipalName": "«first_address»"}
    yield Clash(
        (Part("user", _TIDY), Part("user", taken, {NOT_PRIMARY: PERSON})), only=Holder.OPENLDAP
    )
    # Three hold it, each in another way.
    yield Clash(
        (
            Part("user", _TIDY),
            Part("group", {"mail": "«first_address»"}, {NOT_IN_PROXY: PERSON}),
            Part("contact", {"proxyAddresses": (_OWN, "smtp:«first_capitals»")}),
        )
    )


def _forwarding() -> Iterator[Clash]:
    """Two may forward to the same address only if both are contacts."""
    remote: Spoiled = {"targetAddress": "SMTP:«first_local»@remote.example.com"}
    yield Clash((Part("user", remote), Part("user", remote)))
    yield Clash((Part("user", remote), Part("group", remote)))
    to_first: Spoiled = {"targetAddress": "SMTP:«first_address»"}
    yield Clash((Part("contact", _TIDY), Part("contact", to_first)))
    yield Clash((Part("contact", _TIDY), Part("user", to_first)))
    yield Clash((Part("user", _TIDY), Part("user", to_first)))
    yield Clash((Part("user", _TIDY), Part("contact", to_first)))


def _other_names() -> Iterator[Clash]:
    """What is no e-mail address and has to be unique all the same."""
    for kind in ("user", "group", "contact"):
        yield _with_first(kind, {"mailNickname": "«first_account»"})
    for value in ("sip:«first_address»", "X500:/o=Forest/cn=«first_account»"):
        both: Spoiled = {"proxyAddresses": (_OWN, value)}
        yield Clash((Part("user", both), Part("user", both)))
    nameless: Spoiled = {"userPrincipalName": None, **UNREACHABLE}
    taken: Spoiled = {**nameless, "sAMAccountName": "«first_account»"}
    missing = {"userPrincipalName.missing": PERSON}
    yield Clash(
        (Part("user", nameless, missing), Part("user", taken, missing)), only=Holder.OPENLDAP
    )


def _hidden() -> Iterator[Clash]:
    """The same address, though it does not look so at once."""
    for rule, mail in (
        ("mail.invisible_character", "«first_address»\u200b"),
        ("mail.edge_whitespace", " «first_address»"),
        ("mail.non_ascii", "«first_wide»"),
    ):
        also = {rule: PERSON, NOT_IN_PROXY: PERSON}
        yield Clash((Part("user", _TIDY), Part("user", {"mail": mail}, also)))
    yield Clash(
        (
            Part("user", _TIDY),
            Part(
                "user",
                {"proxyAddresses": (_OWN, _ALIAS)},
                {"proxyAddresses.no_prefix": PERSON},
            ),
        )
    )


def _repairs() -> Iterator[Clash]:
    """What could be repaired, if another object did not have the result, or would not get it."""
    broken = "«first_account» @«first_domain»"
    for spoiled, also in (
        ({"mail": broken}, {"mail.space": PERSON, NOT_IN_PROXY: PERSON}),
        ({"proxyAddresses": (_OWN, f"smtp:{broken}")}, {"proxyAddresses.space": PERSON}),
        (
            {"userPrincipalName": broken},
            {
                "userPrincipalName.space": PERSON,
                "userPrincipalName.name_end": PERSON,
                NOT_PRIMARY: PERSON,
            },
        ),
        ({"mailNickname": "«first_account»."}, {"mailNickname.dot": PERSON}),
        ({"mailNickname": "(«first_account»)"}, {"mailNickname.character": PERSON}),
        (
            {"proxyAddresses": (_OWN, "smtp:«first_accented»@«first_domain»")},
            {"proxyAddresses.non_ascii": PERSON},
        ),
    ):
        yield Clash((Part("user", _TIDY), Part("user", spoiled, also)))
    # Neither of them gets what both would get.
    yield Clash(
        (
            _secondary("«first_account».r @«first_domain»", "space"),
            _secondary("(«first_account».r)@«first_domain»", "character"),
        )
    )
    yield Clash(
        (
            _nickname(".«first_account».r", "leading_dot"),
            _nickname("(«first_account».r)", "character"),
        )
    )


def _secondary(address: str, rule: str) -> Part:
    spoiled: Spoiled = {"proxyAddresses": (_OWN, f"smtp:{address}")}
    return Part("user", spoiled, {f"proxyAddresses.{rule}": PERSON})


def _nickname(value: str, rule: str) -> Part:
    return Part("user", {"mailNickname": value}, {f"mailNickname.{rule}": PERSON})


class _Held(NamedTuple):
    key: str
    attribute: str
    value: str


def _clashing(member: Member, members: Sequence[Member]) -> Iterator[Expected]:
    others = [other for other in members if other is not member]
    for held in _holdings(member):
        holders = [
            (other, theirs)
            for other in others
            for theirs in _holdings(other)
            if theirs.key == held.key
        ]
        rule = _rule(member, held, holders)
        if rule:
            yield Expected(member.guid, rule, held.attribute, held.value, PERSON)


def _rule(member: Member, held: _Held, holders: Sequence[tuple[Member, _Held]]) -> str:
    same = [other for other, theirs in holders if theirs.attribute == held.attribute]
    owners = [theirs for _other, theirs in holders if theirs.attribute != "targetAddress"]
    if held.attribute == "targetAddress":
        if not same:
            return "targetAddress.shared" if owners else ""
        contacts_only = all(each.kind == "contact" for each in (member, *same))
        return "targetAddress.duplicate_contact" if contacts_only else "targetAddress.duplicate"
    if not owners:
        return ""
    return f"{held.attribute}.duplicate" if same else "address.shared"


def _holdings(member: Member) -> Iterator[_Held]:
    for attribute in ("mail", "userPrincipalName"):
        for value in member.texts(attribute):
            yield _Held(_key(value), attribute, value)
    for attribute in ("proxyAddresses", "targetAddress"):
        for value in member.texts(attribute):
            prefix, colon, address = value.partition(":")
            is_mail = not colon or prefix.lower() == "smtp"
            yield _Held(_key(address or value) if is_mail else _key(value), attribute, value)
    for value in member.texts("mailNickname"):
        yield _Held(f"nickname {_key(value)}", "mailNickname", value)
    if member.kind == "user" and not member.texts("userPrincipalName"):
        for value in member.texts("sAMAccountName"):
            yield _Held(f"account {_key(value)}", "sAMAccountName", value)


def _key(value: str) -> str:
    """What is the same in spite of case, of what cannot be seen, and of wide letters."""
    text = value.replace("\u200b", "").strip().lower()
    wide = {ord("ａ") + letter: ord("a") + letter for letter in range(26)}
    return text.translate(wide)
