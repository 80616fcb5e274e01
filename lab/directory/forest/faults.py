# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be wrong with one object by itself.

A word in guillemets stands for one of the object's own (`Member.words`), so that `«local_head»
«local_tail»` is its local part with a space in the middle.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..ldif import Value
from .people import Member
from .truth import Expected, Holder, Repair

AUTOMATIC, PERSON = Repair.AUTOMATIC, Repair.PERSON

# Domains beside those of the companies. The forest has the first three as UPN suffixes; the tenant
# has verified all but the first.
ACQUIRED_DOMAIN = "acquired.example.com"
DOMAIN_OF_48 = "a-domain-name-of-forty-eight-letters.example.com"
DOMAIN_OF_49 = "a-domain-name-of-forty-nine-letters-x.example.com"
VERIFIED_ONLY_DOMAIN = "verified-only.example.com"

CONTROL_CHARACTERS = ("\t", "\n", "\r", "\x07", "\x1f", "\x7f", "\x85")
INVISIBLE_CHARACTERS = ("\u200b", "\u200e", "\u202e", "\ufeff", "\xad", "\u2060")
SPACES = (" ", "\xa0", "\u2003", "\u3000")
SPECIAL_CHARACTERS = '\\<>();:,[]"'

Spoiled = Mapping[str, str | bytes | Sequence[str] | None]

_WORD = re.compile("«(\\w+)»")
_SMTP = "SMTP:«address»"
# Without any address, and not to be licensed
UNREACHABLE: Spoiled = {"mail": None, "proxyAddresses": None, "userAccountControl": "546"}
NOT_PRIMARY = "userPrincipalName.not_primary_address"
NOT_IN_PROXY = "mail.not_in_proxy_addresses"


@dataclass(frozen=True)
class Fault:
    """One fault: attributes that replace those of a tidy object (null removes one), the rule that
    finds it, and the rules that find something in consequence.

    Of several values the last one is at fault. `only` is the server that can hold it; `once`, if
    no two objects can have it.
    """

    rule: str
    spoiled: Spoiled
    repair: Repair = AUTOMATIC
    also: Mapping[str, Repair] = field(default_factory=dict)
    on: str = "user"
    only: Holder | None = None
    once: bool = False
    attribute: str = ""

    def put_into(self, member: Member) -> list[Expected]:
        """Spoil the object, and return what must be found; the fault itself comes first."""
        spoil(member, self.spoiled, member.words)
        findings = {self.rule: self.repair, **self.also}
        return [expected(member, rule, repair, self.attribute) for rule, repair in findings.items()]


def spoil(member: Member, spoiled: Spoiled, words: Mapping[str, str]) -> None:
    """Replace attributes of an object."""
    for name, values in spoiled.items():
        member.attributes[name] = [_filled(value, words) for value in _several(values)]
        if not member.attributes[name]:
            del member.attributes[name]


def expected(member: Member, rule: str, repair: Repair, attribute: str = "") -> Expected:
    """A finding about the attribute that the rule is named after, or another one; of several
    values it is about the last."""
    attribute = attribute or rule.partition(".")[0]
    values = member.attributes.get(attribute, [])
    value = None if rule in _WITHOUT_VALUE or not values else _shown(values[-1])
    return Expected(member.guid, rule, attribute, value, repair)


# What is about all values of an attribute, or about none, names none.
_WITHOUT_VALUE = frozenset(
    f"proxyAddresses.{what}" for what in ("no_primary", "no_valid_address", "too_many")
)


def _several(values: str | bytes | Sequence[str] | None) -> Sequence[Value]:
    if values is None:
        return ()
    return (values,) if isinstance(values, str | bytes) else values


def _filled(value: Value, words: Mapping[str, str]) -> Value:
    if isinstance(value, bytes):
        return value
    return _WORD.sub(lambda match: words[match[1]], value)


def _shown(value: Value) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "backslashreplace")


def faults() -> Iterator[Fault]:
    """Yield every fault there is, each once."""
    yield from _names()
    yield from _mail()
    yield from _mail_nickname()
    yield from _proxy_addresses()
    yield from _several_addresses()
    yield from _target_address()
    yield from _user_principal_name()
    yield from _sam_account_name()
    yield from _several_faults()


def _names() -> Iterator[Fault]:
    yield from _unseen("displayName", "name")
    yield from _unseen("givenName", "given", few=True)
    yield from _unseen("sn", "surname", few=True)
    for on in ("group", "contact"):
        yield from _unseen("displayName", "name", few=True, on=on)
    yield Fault("displayName.length", {"displayName": "x" * 257}, PERSON, only=Holder.OPENLDAP)
    yield Fault(
        # 128 characters of two UTF-16 units each, and one more
        "displayName.length",
        {"displayName": "𠮷" * 128 + "x"},
        PERSON,
        only=Holder.OPENLDAP,
    )
    yield Fault("givenName.length", {"givenName": "x" * 65}, PERSON, only=Holder.OPENLDAP)
    for attribute in ("displayName", "givenName", "sn"):
        for value in (b"M\xfcller", b"\xff\xfeM\x00", b"abc\xe3\x81"):
            yield Fault(
                "value.undecodable",
                {attribute: value},
                PERSON,
                attribute=attribute,
                only=Holder.OPENLDAP,
            )


def _mail() -> Iterator[Fault]:
    yield Fault("mail.blank", {"mail": "   "})
    yield Fault("mail.blank", {"mail": "\u200b\xa0"})
    yield from _unseen_in_address("mail", few=True)
    for rule, local in _spoiled_local_parts():
        yield Fault(f"mail.{rule}", {"mail": f"{local}@«domain»"}, also={NOT_IN_PROXY: AUTOMATIC})
    for on in ("group", "contact"):
        for rule, local in (
            ("space", "«local_head» «local_tail»"),
            ("character", "«local»>"),
            ("non_ascii", "«accented»"),
        ):
            # A contact's mailbox is elsewhere, and its address is made there.
            repair = PERSON if on == "contact" else AUTOMATIC
            spoiled = {"mail": f"{local}@«domain»"}
            yield Fault(f"mail.{rule}", spoiled, repair, {NOT_IN_PROXY: repair}, on)
    for rule, value in _hopeless_addresses():
        yield Fault(f"mail.{rule}", {"mail": value}, PERSON, {NOT_IN_PROXY: PERSON})
    yield Fault(
        "mail.length",
        {"mail": _address_of(257)},
        PERSON,
        {NOT_IN_PROXY: PERSON},
        only=Holder.OPENLDAP,
    )
    yield Fault(NOT_IN_PROXY, {"mail": "also.«address»"})
    yield Fault(NOT_IN_PROXY, {"mail": "also.«address»"}, on="contact")
    yield Fault(NOT_IN_PROXY, {"mail": "also.«address»"}, on="group")
    # With the prefix it would be too long for a proxy address.
    yield Fault(NOT_IN_PROXY, {"mail": _address_of(254)}, PERSON)


def _mail_nickname() -> Iterator[Fault]:
    yield from _unseen("mailNickname", "account", few=True)
    yield Fault("mailNickname.blank", {"mailNickname": "\u200b"}, on="group")
    for value in _inserted_by_turns("account", SPECIAL_CHARACTERS + "@"):
        yield Fault("mailNickname.character", {"mailNickname": value})
    for space in SPACES:
        yield Fault("mailNickname.space", {"mailNickname": f"«account_head»{space}«account_tail»"})
    for on in ("user", "group", "contact"):
        yield Fault("mailNickname.leading_dot", {"mailNickname": ".«account»"}, on=on)
        yield Fault("mailNickname.leading_dot", {"mailNickname": "...«account»"}, on=on)
        yield Fault("mailNickname.dot", {"mailNickname": "«account»."}, on=on)
        yield Fault("mailNickname.dot", {"mailNickname": "«account_head»..«account_tail»"}, on=on)
        yield Fault("mailNickname.non_ascii", {"mailNickname": "é«account»"}, on=on)
    yield Fault("mailNickname.non_ascii", {"mailNickname": "«account_head»ß«account_tail»"})
    yield Fault("mailNickname.non_ascii", {"mailNickname": "«account»å"})
    yield Fault("mailNickname.non_ascii", {"mailNickname": "山田«account»"}, PERSON)
    yield Fault(
        "mailNickname.length", {"mailNickname": "«account_65»"}, PERSON, only=Holder.OPENLDAP
    )


def _proxy_addresses() -> Iterator[Fault]:
    """Beside a primary address that is in order."""
    for value in ("   ", "\u200b", "\t"):
        yield _secondary("blank", value)
    for rule, local in _spoiled_accounts():
        yield _secondary(rule, f"smtp:{local}@«domain»")
    for character in INVISIBLE_CHARACTERS:
        yield _secondary("invisible_character", f"smtp:«account»@«domain»{character}")
        yield _secondary("invisible_character", f"{character}smtp:«account»@«domain»")
    for space in SPACES:
        yield _secondary("edge_whitespace", f"{space}smtp:«account»@«domain»")
        yield _secondary("edge_whitespace", f"smtp:«account»@«domain»{space}")
    yield _secondary("character", "smtp:smtp:«account»@«domain»")
    for on in ("group", "contact"):
        repair = PERSON if on == "contact" else AUTOMATIC
        yield _secondary("character", "smtp:(«account»)@«domain»", repair, on)
        yield _secondary("no_prefix", "«account».x@«domain»", on=on)
    yield _secondary("non_ascii", "smtp:山田.«account»@«domain»", PERSON)
    yield _secondary("no_prefix", "«account»@«domain»")
    yield _secondary("no_prefix", "«account_head».x.«account_tail»@«domain»")
    yield _secondary("local_part", "smtp:«local_65»@«domain»", PERSON)
    for rule, address in _hopeless_addresses():
        yield _secondary(rule, f"smtp:{address}", PERSON)
    yield _secondary("length", f"smtp:{_address_of(252)}", PERSON)
    yield _secondary("length", f"X500:/o=Forest/cn=«account»{'x' * 250}", PERSON)
    yield _secondary("space", "sip:«account_head» «account_tail»@«domain»")


def _secondary(rule: str, value: str, repair: Repair = AUTOMATIC, on: str = "user") -> Fault:
    return Fault(f"proxyAddresses.{rule}", {"proxyAddresses": (_SMTP, value)}, repair, on=on)


def _spoiled_accounts() -> Iterator[tuple[str, str]]:
    """Rules, and local parts that break them and can be repaired."""
    for character in CONTROL_CHARACTERS:
        yield "control_character", f"«account_head»{character}«account_tail»"
    for space in SPACES:
        yield "space", f"«account_head»{space}«account_tail»"
        yield "space", f"«account»{space}"
    for character in SPECIAL_CHARACTERS:
        for local in _inserted("account", character):
            yield "character", local
    # The last one begins with a Cyrillic letter.
    for local in ("é«account»", "«account_head»ü«account_tail»", "«account»ßå", "\u0435«account»"):
        yield "non_ascii", local
    for local in (".«account»", "«account».", "«account_head»..«account_tail»"):
        yield "local_part", local


def _several_addresses() -> Iterator[Fault]:
    """What is wrong with the proxy addresses taken together."""
    yield Fault(
        "proxyAddresses.repeated",
        {"proxyAddresses": (_SMTP, "smtp:«address»")},
        only=Holder.SAMBA,
    )
    yield Fault(
        "proxyAddresses.several_primaries", {"proxyAddresses": (_SMTP, "SMTP:«account»@«domain»")}
    )
    yield Fault(
        "proxyAddresses.no_primary",
        {"proxyAddresses": ("smtp:«address»", "smtp:«account»@«domain»")},
    )
    yield Fault(
        "proxyAddresses.no_primary",
        {"proxyAddresses": ("smtp:«address»",), "mail": None},
        on="group",
    )
    yield Fault(
        "proxyAddresses.no_valid_address",
        {"proxyAddresses": None, "userAccountControl": "544"},
        also={NOT_IN_PROXY: AUTOMATIC},
    )
    yield Fault(
        "proxyAddresses.no_valid_address",
        {"proxyAddresses": None, "mail": None, "userAccountControl": "544"},
        PERSON,
    )
    yield Fault(
        "proxyAddresses.no_valid_address",
        {"proxyAddresses": ("sip:«address»",), "mail": None, "userAccountControl": "544"},
        PERSON,
    )
    yield Fault(
        # Valid, but in no domain of the tenant
        "proxyAddresses.no_valid_address",
        {
            "proxyAddresses": (f"SMTP:«local»@{ACQUIRED_DOMAIN}",),
            "mail": f"«local»@{ACQUIRED_DOMAIN}",
            "userAccountControl": "544",
        },
        PERSON,
        {NOT_PRIMARY: PERSON},
    )
    yield Fault(
        "proxyAddresses.too_many",
        {"proxyAddresses": (_SMTP, *(f"smtp:«account».{n}@«domain»" for n in range(300)))},
        PERSON,
        once=True,
    )


def _target_address() -> Iterator[Fault]:
    remote = "«local»@remote.example.com"

    def forwarding(rule: str, value: str, repair: Repair = AUTOMATIC, on: str = "user") -> Fault:
        return Fault(f"targetAddress.{rule}", {"targetAddress": value}, repair, on=on)

    for on in ("user", "group"):
        yield forwarding("blank", "   ", on=on)
        yield forwarding("no_prefix", remote, on=on)
    yield forwarding("control_character", f"SMTP:{remote}\x07")
    yield forwarding("control_character", f"\nSMTP:{remote}")
    yield forwarding(
        "invisible_character", "SMTP:«local_head»\u200b«local_tail»@remote.example.com"
    )
    yield forwarding("edge_whitespace", f"SMTP:{remote} ")
    yield forwarding("edge_whitespace", f"\xa0SMTP:{remote}")
    # The mailbox is elsewhere, and its address is made there; but none ends with a space.
    for rule, local in _spoiled_local_parts():
        repair = AUTOMATIC if local[-1] in SPACES else PERSON
        yield forwarding(rule, f"SMTP:{local}@remote.example.com", repair)
    for rule, address in _hopeless_addresses():
        yield forwarding(rule, f"SMTP:{address}", PERSON)
    yield forwarding("length", f"SMTP:{_address_of(252)}", PERSON)


def _user_principal_name() -> Iterator[Fault]:
    def name(rule: str, value: str, repair: Repair = AUTOMATIC, **also: Repair) -> Fault:
        """A name that, if it is repaired, is the primary address again."""
        consequences = {f"userPrincipalName.{what}": then for what, then in also.items()}
        consequences[NOT_PRIMARY] = AUTOMATIC if repair is AUTOMATIC else PERSON
        return Fault(
            f"userPrincipalName.{rule}", {"userPrincipalName": value}, repair, consequences
        )

    yield Fault("userPrincipalName.missing", {"userPrincipalName": None})
    yield Fault("userPrincipalName.missing", {"userPrincipalName": None, **UNREACHABLE}, PERSON)
    for value in ("   ", "\u200b\xa0"):
        yield Fault("userPrincipalName.blank", {"userPrincipalName": value}, once=True)
    yield from _unseen_in_address("userPrincipalName")
    for space in SPACES:
        # A dot takes the place of the space, and the primary address has none there.
        spoiled = {"userPrincipalName": f"«local_head»{space}«local_tail»@«domain»"}
        yield Fault("userPrincipalName.space", spoiled, also={NOT_PRIMARY: PERSON})
    yield name("space", "«local» @«domain»", name_end=AUTOMATIC)
    for character in '"$%()*+,/:;<=>?[\\]`{|}':
        for local in _inserted("local", character):
            yield name("character", f"{local}@«domain»")
    yield name("character", "«local_head»&«local_tail»@«domain»")
    yield name("character", "«local»&@«domain»", name_end=AUTOMATIC)
    for local in ("«accented»", "«accented_late»", "«decomposed»"):
        yield name("non_ascii", f"{local}@«domain»")
    yield name("non_ascii", "山田.«local»@«domain»", PERSON)
    yield name("name_end", "«local».@«domain»")
    yield name("name_end", "«local»@@«domain»")
    yield name("dot", ".«local»@«domain»")
    # The primary address has no dot there at all.
    dots: Spoiled = {"userPrincipalName": "«local_head»..«local_tail»@«domain»"}
    yield Fault("userPrincipalName.dot", dots, also={NOT_PRIMARY: PERSON})
    yield name("format", "«local».«domain»", PERSON)
    yield name("format", "«local»@corp@«domain»", PERSON)
    yield name("at_sign_first", "@«local»@«domain»", PERSON)
    yield name("domain_part", "«local»@-«domain»", PERSON)
    yield name("domain_part", "«local»@under_score.«domain»", PERSON)
    yield name("domain_part", "«local»@corp..example.com", PERSON)
    elsewhere = {"not_verified": PERSON, "not_forest_suffix": PERSON}
    for domain in ("corp.local", "corp.internal", "corp.lan", "corp"):
        yield name("top_level_domain", f"«local»@{domain}", PERSON, **elsewhere)
    yield name("top_level_domain", "«local»@corp.example.test", PERSON, not_verified=PERSON)
    yield name("not_verified", "«local»@foreign.example.com", PERSON, not_forest_suffix=PERSON)
    for domain, rule in (
        (ACQUIRED_DOMAIN, "not_verified"),
        (VERIFIED_ONLY_DOMAIN, "not_forest_suffix"),
    ):
        yield Fault(f"userPrincipalName.{rule}", _moved(f"«local»@{domain}"), PERSON)
    yield Fault(NOT_PRIMARY, {"userPrincipalName": "«account»@«domain»"}, PERSON)
    yield from _long_names()
    # Mere advice: who does not sign in with AD FS has no reason to give up a character.
    yield name("adfs_character", "«local_head»'«local_tail»@«domain»", PERSON)


def _long_names() -> Iterator[Fault]:
    """More than 64 characters before the @, 48 after it, or 113 in all."""
    for name, rules in (
        ("«local_65»@«domain»", ("local_length",)),
        (f"«account»@{DOMAIN_OF_49}", ("domain_length",)),
        (f"«local_65»@{DOMAIN_OF_48}", ("length", "local_length")),
        (f"«local_64»@{DOMAIN_OF_49}", ("length", "domain_length")),
    ):
        first, *others = (f"userPrincipalName.{rule}" for rule in rules)
        consequences = dict.fromkeys((*others, NOT_PRIMARY), PERSON)
        yield Fault(first, {"userPrincipalName": name}, PERSON, consequences)


def _sam_account_name() -> Iterator[Fault]:
    """It matters only where there is no valid user principal name, and it is never changed: a user
    who has an address gets a name like it instead."""
    for rule, value, only in _spoiled_account_names():
        spoiled: Spoiled = {"sAMAccountName": value, "userPrincipalName": None}
        for repair, further in ((AUTOMATIC, {}), (PERSON, UNREACHABLE)):
            yield Fault(
                f"sAMAccountName.{rule}",
                {**spoiled, **further},
                repair,
                {"userPrincipalName.missing": repair},
                only=only,
            )
    # Another blank than those of userPrincipalName, with which Samba would compare it.
    blank: Spoiled = {"sAMAccountName": "\u3000", "userPrincipalName": None}
    missing = {"userPrincipalName.missing": AUTOMATIC}
    yield Fault("sAMAccountName.blank", blank, also=missing, once=True)
    # The account's name does not help a name that is broken beyond repair.
    yield Fault(
        "userPrincipalName.format",
        {
            "userPrincipalName": "«local».«domain»",
            "sAMAccountName": "«account».with.a.long.name",
        },
        PERSON,
        {"sAMAccountName.length": PERSON, NOT_PRIMARY: PERSON},
    )


def _spoiled_account_names() -> Iterator[tuple[str, str, Holder | None]]:
    yield "length", "«account».with.a.long.name", None
    yield "invisible_character", "«account_head»\u200b«account_tail»", None
    yield "edge_whitespace", " «account»", None
    yield "edge_whitespace", "«account» ", None
    yield "character", "«account_head»'«account_tail»", None
    for value in _inserted_by_turns("account", '[\\"|,/:<>+=;?*]'):
        yield "character", value, Holder.OPENLDAP
    yield "control_character", "«account»\x07", Holder.OPENLDAP


def _several_faults() -> Iterator[Fault]:
    """More than one thing is wrong with a value or with an object."""
    everywhere = "«accented»@«domain»"
    yield Fault(
        "userPrincipalName.non_ascii",
        {
            "userPrincipalName": everywhere,
            "mail": everywhere,
            "proxyAddresses": (f"SMTP:{everywhere}",),
            "userAccountControl": "544",
        },
        also={
            "mail.non_ascii": AUTOMATIC,
            "proxyAddresses.non_ascii": AUTOMATIC,
            "proxyAddresses.no_valid_address": AUTOMATIC,
        },
    )
    yield Fault(
        "mail.edge_whitespace",
        {"mail": " «local_head»  «accented»(x)@«domain»"},
        also={
            "mail.space": AUTOMATIC,
            "mail.character": AUTOMATIC,
            "mail.non_ascii": AUTOMATIC,
            NOT_IN_PROXY: AUTOMATIC,
        },
    )
    yield Fault(
        "displayName.control_character",
        {"displayName": "\u200b «name»\x07 "},
        also={
            "displayName.invisible_character": AUTOMATIC,
            "displayName.edge_whitespace": AUTOMATIC,
        },
    )
    yield Fault(
        "displayName.blank",
        {"displayName": "  ", "mail": "«local».«domain»"},
        also={"mail.format": PERSON, NOT_IN_PROXY: PERSON},
    )


def _unseen(attribute: str, word: str, *, few: bool = False, on: str = "user") -> Iterator[Fault]:
    """What cannot be seen in a text: at its beginning, in its middle, at its end."""
    for value in ("   ", "\u200b\u200b", "\xa0"):
        yield Fault(f"{attribute}.blank", {attribute: value}, on=on)
    for rule, character in _unseen_characters(few=few):
        for value in _inserted(word, character):
            yield Fault(f"{attribute}.{rule}", {attribute: value}, on=on)
    for space in SPACES[:2] if few else SPACES:
        yield Fault(f"{attribute}.edge_whitespace", {attribute: f"{space}«{word}»"}, on=on)
        yield Fault(f"{attribute}.edge_whitespace", {attribute: f"«{word}»{space}"}, on=on)


def _unseen_in_address(attribute: str, *, few: bool = False) -> Iterator[Fault]:
    """The same in an address. Within its domain, only a person may change anything."""
    for rule, character in _unseen_characters(few=few):
        for value, repair in (
            (f"{character}«address»", AUTOMATIC),
            (f"«local_head»{character}«local_tail»@«domain»", AUTOMATIC),
            (f"«local»@«domain_head»{character}«domain_tail»", PERSON),
            (f"«address»{character}", AUTOMATIC),
        ):
            yield Fault(f"{attribute}.{rule}", {attribute: value}, repair)
    for space in SPACES[:2] if few else SPACES:
        yield Fault(f"{attribute}.edge_whitespace", {attribute: f"{space}«address»"})
        yield Fault(f"{attribute}.edge_whitespace", {attribute: f"«address»{space}"})


def _unseen_characters(*, few: bool) -> Iterator[tuple[str, str]]:
    some = slice(0, 2) if few else slice(None)
    for character in CONTROL_CHARACTERS[some]:
        yield "control_character", character
    for character in INVISIBLE_CHARACTERS[some]:
        yield "invisible_character", character


def _inserted(word: str, text: str) -> tuple[str, str, str]:
    return (f"{text}«{word}»", f"«{word}_head»{text}«{word}_tail»", f"«{word}»{text}")


def _inserted_by_turns(word: str, characters: str) -> Iterator[str]:
    """Each character once, at the beginning, in the middle or at the end."""
    for number, character in enumerate(characters):
        yield _inserted(word, character)[number % 3]


def _spoiled_local_parts() -> Iterator[tuple[str, str]]:
    """Rules, and local parts that break them and become the object's own by repair."""
    for space in SPACES:
        yield "space", f"«local_head»{space}«local_tail»"
        yield "space", f"«local»{space}"
    for local in _inserted_by_turns("local", SPECIAL_CHARACTERS):
        yield "character", local
    for local in ("«accented»", "«accented_late»", "«decomposed»"):
        yield "non_ascii", local
    for local in (".«local»", "«local».", "«local_head»..«local_tail»"):
        yield "local_part", local


def _hopeless_addresses() -> Iterator[tuple[str, str]]:
    """Rules (of any attribute) and addresses that break them, of which only a person can make one
    that is meant."""
    yield "format", "«local».«domain»"
    yield "format", "«local»@corp@«domain»"
    yield "local_part", "«local_65»@«domain»"
    yield "local_part", "@«local».«domain»"
    yield "domain_part", "«local»@-«domain»"
    yield "domain_part", "«local»@under_score.«domain»"
    yield "domain_part", "«local»@corp..example.com"
    yield "top_level_domain", "«local»@corp.local"
    yield "top_level_domain", "«local»@corp.internal"
    yield "top_level_domain", "«local»@corp.nosuchtld"
    yield "non_ascii", "山田.«local»@«domain»"
    # Nothing is wrong with the domain, but mail needs it in ASCII, and a domain is never changed.
    yield "non_ascii", "«local»@bücher.example.com"


def _moved(address: str) -> Spoiled:
    """A user whose every address is elsewhere, but for one that the tenant has verified."""
    return {
        "userPrincipalName": address,
        "mail": address,
        "proxyAddresses": ("smtp:«account»@«domain»", f"SMTP:{address}"),
    }


def _address_of(length: int) -> str:
    """An address of so many characters, with 64 of the object's own before the @."""
    return f"«local_64»@{domain_of(length - 65)}"


def domain_of(length: int) -> str:
    """A domain name of so many characters, none of its labels longer than 63."""
    labels = (("x" * 59 + ".") * 5)[: length - len(".example.com")]
    return f"{labels.rstrip('.').ljust(len(labels), 'x')}.example.com"
