# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every rule at its boundaries, in the order and by the headings of the document.

Each row names a rule, values that break it and values that do not. What breaks a rule must break
that one and, of the same attribute, no other but those in `along` (advice apart).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as altered
from typing import TypeAlias

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.address_list import (  # noqa: E501
    AddressListCount,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.attributes import (  # noqa: E501
    ADDRESS_LIST_FIELDS,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.catalogue import (  # noqa: E501
    RULES,
    rule,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.judgement import (  # noqa: E501
    Claim,
    judge,
    judge_duplicates,
    uniqueness_claims,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.model import (
    DirectoryObject,
    Finding,
    Holder,
    ObjectClass,
    Severity,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.policy import (
    Licensed,
    Policy,
    Profile,
)

Values: TypeAlias = "str | Sequence[str] | None"

NEW = Policy()
OLD = Policy(profile=Profile.OFFICE365_2016)
IDFIX = Policy(profile=Profile.IDFIX)

PERSON: Mapping[str, Values] = {
    "cn": "Jane Doe",
    "displayName": "Jane Doe",
    "givenName": "Jane",
    "sn": "Doe",
    "mail": "jane@contoso.com",
    "mailNickname": "jane",
    "proxyAddresses": ["SMTP:jane@contoso.com"],
    "sAMAccountName": "jane",
    "userPrincipalName": "jane@contoso.com",
    "userAccountControl": "512",
}
X500 = (
    "X500:/o=ExchangeLabs/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/"
    "cn=5f2a-Jane O'Doe"
)
X400 = "X400:C=US;A= ;P=Contoso;O=Exchange;S=Doe;G=Jane;DDA:SMTP=jane(a)contoso.com;"


def thing(object_class: ObjectClass, name: str, values: Mapping[str, Values]) -> DirectoryObject:
    return DirectoryObject(
        guid=f"00000000-0000-0000-0000-{name:>012}",
        dn=f"CN={name},DC=contoso,DC=com",
        object_class=object_class,
        domain="contoso.com",
        values={
            attribute: (value,) if isinstance(value, str) else tuple(value)
            for attribute, value in values.items()
            if value is not None
        },
    )


def user(name: str = "jane", /, **values: Values) -> DirectoryObject:
    """A user in order, but for these values; null takes an attribute away."""
    return thing(ObjectClass.USER, name, {**PERSON, **values})


def plain_user(name: str, /, **values: Values) -> DirectoryObject:
    """A user with nothing but these values."""
    return thing(ObjectClass.USER, name, values)


def contact(name: str = "partner", /, **values: Values) -> DirectoryObject:
    return thing(ObjectClass.CONTACT, name, values)


def group(name: str = "staff", /, **values: Values) -> DirectoryObject:
    return thing(ObjectClass.GROUP, name, values)


@dataclass(frozen=True)
class Sample:
    """An object in a forest with others, judged by a policy."""

    obj: DirectoryObject
    policy: Policy = NEW
    others: tuple[DirectoryObject, ...] = ()

    def findings(self) -> tuple[Finding, ...]:
        held: dict[tuple[str, str], list[Holder]] = defaultdict(list)
        for other in self.others:
            for claim in uniqueness_claims(other, self.policy):
                place = (other.guid, other.dn, other.object_class)
                held[claim.space, claim.key].append(Holder(*place, claim.attribute, claim.value))
        taken: dict[Claim, Sequence[Holder]] = {
            claim: held[claim.space, claim.key]
            for claim in uniqueness_claims(self.obj, self.policy)
            if (claim.space, claim.key) in held
        }
        return (
            *judge(self.obj, self.policy),
            *judge_duplicates(self.obj, taken, self.policy),
        )

    def rules(self) -> set[str]:
        return {finding.rule for finding in self.findings()}


@dataclass(frozen=True)
class Row:
    rule: str
    wrong: Sequence[Sample]
    right: Sequence[Sample]
    along: frozenset[str] = field(default=frozenset())


def samples(attribute: str, values: Iterable[Values], policy: Policy = NEW) -> list[Sample]:
    """A user with each of these values; those of proxyAddresses are one each."""
    return [Sample(user(**{attribute: value}), policy) for value in values]


def anywhere(characters: Iterable[str], around: str = "jane", rest: str = "") -> list[str]:
    """Each character at the beginning, in the middle and at the end."""
    half = len(around) // 2
    return [
        text + rest
        for character in characters
        for text in (
            character + around,
            around[:half] + character + around[half:],
            around + character,
        )
    ]


def row(
    rule_id: str,
    wrong: Iterable[Values],
    right: Iterable[Values],
    *,
    along: Iterable[str] = (),
    policy: Policy = NEW,
) -> Row:
    """A rule about single values of the attribute that its id begins with."""
    attribute = rule_id.split(".")[0]
    others = frozenset(f"{attribute}.{what}" for what in along)
    return Row(
        rule_id,
        samples(attribute, wrong, policy),
        samples(attribute, right, policy),
        others,
    )


CONTROLS = ("\x00", "\t", "\n", "\r", "\x1f", "\x7f", "\x85", "\x9f", "\ud800", "\ufffe", "\uffff")
UNSEEN = ("\xad", "\u200b", "\u200c", "\u200d", "\u200e", "\u202e", "\u2060", "\u2066", "\ufeff")
SPACES = (" ", "\xa0", "\u2003", "\u202f", "\u3000")
BLANKS = ("", " ", "   ", "\u3000", "\t", "\u200b", " \u200b\n", "\ufeff")
DIACRITICS = ("ü", "Ü", "é", "ñ", "å", "ß", "ł", "e\u0301", "ÿ")
OTHER_SCRIPTS = ("я", "山", "\ufe0f", "😀", "＠", "\u2019")
SPECIALS = '\\<>();:,[]"'
HOST = "@contoso.com"


def text_rows(attribute: str, text: str = "Jane", rest: str = "") -> Iterator[Row]:
    """What holds for any text: `text`, then `rest`, is in order."""
    good = text + rest
    yield row(f"{attribute}.blank", BLANKS, [good, None])
    yield row(f"{attribute}.control_character", anywhere(CONTROLS, text, rest), [good])
    yield row(f"{attribute}.invisible_character", anywhere(UNSEEN, text, rest), [good])
    yield row(
        f"{attribute}.edge_whitespace",
        [
            *(space + good for space in SPACES),
            *(good + space for space in SPACES),
            f"  {good}",
            f"{good}\u200b ",
        ],
        [good],
        along=["invisible_character"],
    )


def names() -> Iterator[Row]:
    yield from text_rows("displayName")
    # Maximum number of characters: 256
    yield row(
        "displayName.length",
        ["x" * 257, "å" * 257, "x" * 255 + "😀", "x" * 5_000],
        ["x" * 256, "å" * 256, "x" * 254 + "😀", "x", None],
    )
    yield row("displayName.length", ["x" * 257], ["x" * 256], policy=OLD)
    yield row("displayName.length", ["x" * 256], ["x" * 255], policy=IDFIX)
    # A space in between, names in any script, and joiners where a script needs them, are no defects
    yield row("displayName.edge_whitespace", [], ["Jane Doe", "Jane  Doe", "Jane\xa0Doe"])
    yield row(
        "displayName.invisible_character",
        ["کت\u200cabc", "Jane\u200cDoe"],
        ["علی\u200cرضا", "क्\u200dष", "葛\U000e0100飾", "Zoë", "山田 太郎", "Jane 😀"],
    )
    yield row("displayName.control_character", [], ["Jane/Doe", "Jane (IT) <x>", "\xa1\xff"])
    yield from text_rows("givenName")
    # Maximum number of characters: 64
    yield row("givenName.length", ["x" * 65, "é" * 65], ["x" * 64, "é" * 64, None])
    yield row("givenName.length", ["x" * 65], ["x" * 64], policy=OLD)
    yield row("givenName.length", ["x" * 64], ["x" * 63], policy=IDFIX)
    # No limit for the surname
    yield from text_rows("sn")
    yield row("sn.blank", [], ["x" * 1000])


def local_part_rows(attribute: str, prefix: str = "") -> Iterator[Row]:
    """Addresses must follow the standards for e-mail."""

    def address(*texts: str) -> list[str]:
        return [f"{prefix}{text}" for text in texts]

    good = address(
        "jane@contoso.com",
        "j@contoso.com",
        "Jane.Doe@Contoso.Com",
        "!#$%&'*+/=?^_`{|}~-@contoso.com",
        "o'brien@contoso.com",
        f"{'x' * 64}{HOST}",
        "jane@xn--bcher-kva.de",
        "jane@a.b.c.contoso.co.uk",
        "jane@contoso.app",
    )
    yield row(
        f"{attribute}.space",
        address(
            *anywhere(SPACES[:1], "jane", HOST)[1:],
            *(f"ja{space}ne{HOST}" for space in SPACES),
            "jane@ contoso.com",
            "jane@con toso.com",
        ),
        good,
    )
    yield row(
        f"{attribute}.character",
        address(*anywhere(SPECIALS, "jane", HOST), *(f"jane{HOST}{each}" for each in SPECIALS)),
        good,
    )
    yield row(
        f"{attribute}.non_ascii",
        address(
            *anywhere((*DIACRITICS, *OTHER_SCRIPTS), "jane", HOST),
            "jane@bücher.de",
            "jane@例え.jp",
        ),
        good,
    )
    yield row(
        f"{attribute}.format",
        address("jane", "contoso.com", "jane@@contoso.com", "a@b@contoso.com", "@jane@contoso.com"),
        good,
    )
    yield row(
        f"{attribute}.local_part",
        address(
            "@contoso.com",
            ".jane@contoso.com",
            "jane.@contoso.com",
            "ja..ne@contoso.com",
            ".@contoso.com",
            "...@contoso.com",
            f"{'x' * 65}{HOST}",
        ),
        good,
    )
    yield row(
        f"{attribute}.domain_part",
        address(
            "jane@",
            "jane@.contoso.com",
            "jane@contoso.com.",
            "jane@contoso..com",
            "jane@-contoso.com",
            "jane@contoso-.com",
            "jane@con_toso.com",
            "jane@con#toso.com",
            "jane@con'toso.com",
            "jane@ab--cd.com",
            "jane@xn--a.com",
            f"jane@{'x' * 64}.com",
            "jane@con_toso.local",
        ),
        [*good, *address(f"jane@{'x' * 63}.com")],
    )
    yield row(
        f"{attribute}.top_level_domain",
        address(
            "jane@contoso",
            "first.last@contoso",
            "jane@contoso.local",
            "jane@CONTOSO.LOCAL",
            "jane@contoso.internal",
            "jane@contoso.corp",
            "jane@contoso.test",
            "jane@contoso.invalid",
            "jane@contoso.arpa",
            "jane@localhost",
            "jane@192.0.2.1",
            "jane@contoso.comm",
        ),
        [*good, *address("jane@contoso.xn--p1ai", "jane@contoso.gmbh", "jane@contoso.cloud")],
    )
    known = Policy(known_domains=frozenset({"local", "corp.test"}))
    yield row(
        f"{attribute}.top_level_domain",
        address("jane@contoso.test", "jane@corp.locally"),
        address("jane@contoso.local", "jane@local", "jane@corp.test", "jane@eu.Corp.Test"),
        policy=known,
    )


def mail() -> Iterator[Row]:
    yield from text_rows("mail", "jane", HOST)
    yield row(
        "mail.length",
        [f"jane@{'x' * 60}.{'y' * 60}.{'z' * 60}.{'a' * 60}.{'b' * 4}.com"],
        ["jane@contoso.com", None],
        along=["domain_part"],
    )
    yield from local_part_rows("mail")
    yield row(
        "mail.not_in_proxy_addresses",
        ["joe@contoso.com", "jane@contoso.co"],
        ["jane@contoso.com", "JANE@Contoso.Com", None],
    )
    yield Row(
        "mail.not_in_proxy_addresses",
        [
            Sample(user(proxyAddresses=None)),
            Sample(user(proxyAddresses=["sip:jane@contoso.com"])),
            Sample(group(mail="staff@contoso.com")),
        ],
        [
            Sample(user(proxyAddresses=["smtp:jane@contoso.com"])),
            Sample(user(proxyAddresses=["SMTP:joe@contoso.com", "smtp:Jane@contoso.com"])),
            Sample(user(proxyAddresses=["jane@contoso.com"])),
            Sample(user(mail=" ")),
        ],
    )
    # The attribute value must be unique within the directory.
    yield Row(
        "mail.duplicate",
        [
            Sample(user(), others=(plain_user("joe", mail="jane@contoso.com"),)),
            Sample(user(), others=(contact(mail="Jane@Contoso.COM"),)),
            Sample(user(mail="jane@contoso.com "), others=(group(mail="jane@contoso.com"),)),
            Sample(user(mail="ＪＡＮＥ@contoso.com"), others=(group(mail="jane@contoso.com"),)),
        ],
        [
            Sample(user()),
            Sample(user(), others=(plain_user("joe", mail="joe@contoso.com"),)),
            Sample(user(), others=(plain_user("joe", mailNickname="jane@contoso.com"),)),
            Sample(user(), others=(plain_user("joe", userPrincipalName="jane@contoso.com"),)),
            Sample(user(), others=(user(),)),
        ],
        along=frozenset({"mail.edge_whitespace", "mail.non_ascii"}),
    )


def mail_nickname() -> Iterator[Row]:
    yield from text_rows("mailNickname", "jane")
    yield row("mailNickname.length", ["x" * 65], ["x" * 64, None])
    # The attribute value can't begin with a period.
    for policy in (NEW, OLD, IDFIX):
        yield row(
            "mailNickname.leading_dot",
            [".jane", "..jane", " .jane"],
            ["jane", "jane.doe", "jane-.doe"],
            along=["edge_whitespace"],
            policy=policy,
        )
    good = ["jane", "Jane.Doe", "jane!#$%&'*+-/=?^_`{|}~", "a.b.c", "1"]
    yield row(
        "mailNickname.dot", ["jane.", "ja..ne", "jane..", "a..b.c"], [*good, ".jane", "..jane"]
    )
    yield row("mailNickname.space", ["jane doe", "jane\xa0doe", "ja ne doe"], good)
    yield row("mailNickname.character", anywhere(f"{SPECIALS}@"), good)
    yield row("mailNickname.non_ascii", anywhere((*DIACRITICS, *OTHER_SCRIPTS)), good)
    for what in ("dot", "space", "character", "non_ascii"):
        # The older page does not speak of these.
        yield row(f"mailNickname.{what}", [], ["jane.", "j d", "j@d", "jä"], policy=OLD)
        yield row(f"mailNickname.{what}", [], ["jane.", "j d", "j@d", "jä"], policy=IDFIX)
    # The attribute value must be unique within the directory.
    yield Row(
        "mailNickname.duplicate",
        [
            Sample(user(), others=(group(mailNickname="JANE"),)),
            Sample(user(mailNickname="ja\u200bne"), others=(contact(mailNickname="jane"),)),
        ],
        [
            Sample(user(), others=(group(mailNickname="joe"),)),
            Sample(user(), others=(plain_user("joe", sAMAccountName="jane"),)),
            Sample(user(mailNickname=" "), others=(group(mailNickname=" "),)),
        ],
        along=frozenset({"mailNickname.invisible_character", "mailNickname.blank"}),
    )


def proxy_addresses() -> Iterator[Row]:
    yield from text_rows("proxyAddresses", "smtp:jane", HOST)
    # Maximum number of characters per value: 256
    longest = f"X500:/o={'x' * 248}"
    for policy in (NEW, OLD, IDFIX):
        yield row("proxyAddresses.length", [f"{longest}x"], [longest], policy=policy)
    yield row(
        "proxyAddresses.no_prefix",
        ["jane@contoso.com", ":jane@contoso.com", "1:jane@contoso.com", "jane"],
        ["SMTP:jane@contoso.com", "smtp:a@contoso.com", "Smtp:a@contoso.com", "x:y", X400, X500],
        along=["format", "character"],
    )
    # Must not contain a space, invalid characters, e-mail standards
    yield from local_part_rows("proxyAddresses", "smtp:")
    # The invalid characters apply to the characters following the delimiter.
    yield row("proxyAddresses.character", ["SMTP:user:M@contoso.com"], ["SMTP:user@contoso.com"])
    yield from other_types()
    # The attribute value must be unique within the directory.
    yield Row(
        "proxyAddresses.duplicate",
        [
            Sample(user(), others=(group(proxyAddresses=["smtp:JANE@contoso.com"]),)),
            Sample(user(), others=(group(proxyAddresses=["a:b", "jane@contoso.com"]),)),
            Sample(
                user(proxyAddresses=["x500:/o=a/cn=Jane", "SMTP:jane@contoso.com"]),
                others=(contact(proxyAddresses=["X500:/O=A/CN=jane"]),),
            ),
            Sample(
                user(proxyAddresses=["sip:jane@contoso.com"]),
                others=(contact(proxyAddresses=["SIP:jane@contoso.com"]),),
            ),
        ],
        [
            Sample(user(), others=(group(proxyAddresses=["sip:jane@contoso.com"]),)),
            Sample(user(), others=(group(proxyAddresses=["smtp:joe@contoso.com"]),)),
            Sample(user(), others=(user(),)),
        ],
        along=frozenset({"proxyAddresses.no_valid_address"}),
    )
    yield Row(
        "proxyAddresses.repeated",
        [
            proxies("SMTP:jane@contoso.com", "smtp:jane@contoso.com"),
            proxies("smtp:jane@contoso.com", "SMTP:JANE@contoso.com"),
            proxies("SMTP:jane@contoso.com", "jane@contoso.com"),
            proxies("SMTP:jane@contoso.com", "SMTP:Jane@contoso.com"),
            proxies("SMTP:jane@contoso.com", "x500:/o=A", "X500:/o=a"),
        ],
        [
            proxies("SMTP:jane@contoso.com", "smtp:joe@contoso.com", "sip:jane@contoso.com"),
            proxies("SMTP:jane@contoso.com"),
            proxies(),
        ],
        along=frozenset({"proxyAddresses.no_prefix"}),
    )
    yield Row(
        "proxyAddresses.several_primaries",
        [
            proxies("SMTP:jane@contoso.com", "SMTP:joe@contoso.com"),
            proxies("SMTP:a@contoso.com", "SMTP:b@contoso.com", "smtp:jane@contoso.com"),
        ],
        [
            proxies("SMTP:jane@contoso.com", "smtp:joe@contoso.com", "SIP:jane@contoso.com"),
            proxies("SMTP:jane@contoso.com", "SMTP:Jane@contoso.com"),
            proxies("smtp:jane@contoso.com"),
        ],
    )
    yield Row(
        "proxyAddresses.no_primary",
        [
            proxies("smtp:jane@contoso.com"),
            proxies("Smtp:jane@contoso.com", X500),
            proxies("jane@contoso.com"),
            Sample(group(proxyAddresses=["smtp:staff@contoso.com"])),
        ],
        [proxies("SMTP:jane@contoso.com"), proxies(X500), proxies()],
        along=frozenset({"proxyAddresses.no_prefix", "proxyAddresses.no_valid_address"}),
    )
    few = Policy(most_proxy_addresses=3)
    many = [f"smtp:jane{number}@contoso.com" for number in range(300)]
    yield Row(
        "proxyAddresses.too_many",
        [proxies("SMTP:jane@contoso.com", *many), proxies(*many[:4], policy=few)],
        [proxies("SMTP:jane@contoso.com", *many[:299]), proxies(*many[:3], policy=few)],
        along=frozenset({"proxyAddresses.no_primary"}),
    )
    yield from licensed_users()


def proxies(*values: str, policy: Policy = NEW) -> Sample:
    return Sample(user(proxyAddresses=values), policy)


def other_types() -> Iterator[Row]:
    """Each type by its own rules, and nothing is found in what Exchange wrote."""
    written_by_exchange = [
        X400,
        X500,
        "x400:c=de;a=;p=Köln;",
        "X.400:C=US;A= ;P=x;",
        "EUM:5000;phone-context=dialplan.contoso.com",
        "NOTES:Jane Doe/Contoso@Contoso",
        "FAX:Jane Doe@+1 (425) 555-0100",
        "SPO:SPO_5f2a@SPO_77aa",
        "sip:jane@contoso.local",
        "SIP:jane@contoso.com;transport=tls",
    ]
    yield row("proxyAddresses.space", ["sip:ja ne@contoso.com", "SPO:a b"], written_by_exchange)
    yield row(
        "proxyAddresses.character",
        [
            *anywhere('[]"', "x500:/o=Contoso"),
            *(f"sip:ja{each}ne@contoso.com" for each in '<>(),[]"'),
            'X400:C=US;P="x"',
        ],
        [*written_by_exchange, "sip:jane@contoso.com:5061", "SPO:a\\b"],
        # A bracket before the type leaves no type.
        along=["no_prefix", "format"],
    )
    yield row(
        "proxyAddresses.character",
        [*(f"sip:ja{each}ne@contoso.com" for each in '\\<>():,[]"'), "SPO:a:b"],
        written_by_exchange,
        policy=OLD,
    )
    yield row("proxyAddresses.non_ascii", ["sip:jäne@contoso.com", "SPO:ä"], written_by_exchange)
    yield row(
        "proxyAddresses.format",
        ["sip:", "sip:jane", "sip:@contoso.com", "sip:jane@"],
        written_by_exchange,
    )
    for what in ("local_part", "domain_part", "top_level_domain", "edge_whitespace"):
        yield row(f"proxyAddresses.{what}", [], written_by_exchange)


def licensed_users() -> Iterator[Row]:
    """Each user to be licensed has a valid and unique address in proxyAddresses."""
    nobody = Policy(licensed=Licensed.NONE)
    everybody = Policy(licensed=Licensed.ALL)
    verified = Policy(verified_domains=frozenset({"contoso.com"}))
    yield Row(
        "proxyAddresses.no_valid_address",
        [
            proxies(),
            Sample(user(proxyAddresses=None)),
            Sample(user(proxyAddresses=None, userAccountControl=None)),
            Sample(user(proxyAddresses=None, userAccountControl="many")),
            proxies("SMTP:jane@contoso.local"),
            proxies("SMTP:jäne@contoso.com"),
            proxies("jane@contoso.com"),
            proxies("sip:jane@contoso.com"),
            proxies("SMTP:jane@fabrikam.com", policy=verified),
            Sample(user(proxyAddresses=None, userAccountControl="514"), everybody),
            Sample(user(), others=(user("twin"),)),
        ],
        [
            proxies("SMTP:jane@contoso.com"),
            proxies("SMTP:jane@contoso.local", "smtp:jane@contoso.com"),
            proxies("SMTP:jane@fabrikam.com", "smtp:jane@Contoso.com", policy=verified),
            Sample(user(proxyAddresses=None, userAccountControl="514")),
            Sample(user(proxyAddresses=None), nobody),
            Sample(contact(mail="jane@contoso.com")),
            Sample(user(), others=(contact(targetAddress="SMTP:jane@contoso.com"),)),
            Sample(
                user(proxyAddresses=["SMTP:jane@contoso.com", "smtp:jd@contoso.com"]),
                others=(user("twin"),),
            ),
        ],
        along=frozenset(
            f"proxyAddresses.{what}"
            for what in ("no_primary", "no_prefix", "non_ascii", "top_level_domain", "duplicate")
        ),
    )


def account(value: str, policy: Policy = NEW) -> Sample:
    """A user whose sAMAccountName matters, for want of a userPrincipalName."""
    return Sample(user(sAMAccountName=value, userPrincipalName=None), policy)


def sam_account_name() -> Iterator[Row]:
    for text_row in text_rows("sAMAccountName", "jane"):
        yield altered(
            text_row,
            wrong=[account(sample.obj.all("sAMAccountName")[0]) for sample in text_row.wrong],
            right=[account("jane"), *text_row.wrong],
        )
    # Maximum number of characters: 20
    yield Row(
        "sAMAccountName.length",
        [account("x" * 21)],
        [
            account("x" * 20),
            Sample(user(sAMAccountName="x" * 21)),
            Sample(group(sAMAccountName="x" * 21)),
        ],
    )
    listed = '[\\"|,/:<>+=;?*]'
    for policy in (NEW, OLD, IDFIX):
        yield Row(
            "sAMAccountName.character",
            [account(value, policy) for value in anywhere(listed)],
            [
                account(value, policy)
                for value in ("jane", "jane.doe", "j doe", "jäne", "jane!#$%&@^_`{}~-")
            ],
        )
    # The later page has the apostrophe, too.
    yield Row(
        "sAMAccountName.character",
        [account(value) for value in anywhere("'")],
        [
            *(account(value, OLD) for value in anywhere("'")),
            *(account(value, IDFIX) for value in anywhere("'")),
        ],
    )
    # Invalid with a valid userPrincipalName: the user is created all the same. With an invalid one:
    # that must be put right.
    bad = "jane+x"
    broken = ("jane", "jane@", "@contoso.com", "jané@contoso.com", "jane@contoso.local", " ")
    yield Row(
        "sAMAccountName.character",
        [Sample(user(sAMAccountName=bad, userPrincipalName=name)) for name in broken],
        [
            Sample(user(sAMAccountName=bad)),
            Sample(user(sAMAccountName=bad, userPrincipalName="o'brien@contoso.com")),
            Sample(user(sAMAccountName=bad), Policy(verified_domains=frozenset())),
            Sample(user(sAMAccountName=bad), Policy(forest_suffixes=frozenset())),
            Sample(group(sAMAccountName=bad)),
        ],
    )
    yield Row(
        "sAMAccountName.missing",
        [
            Sample(user(sAMAccountName=None, userPrincipalName=None)),
            Sample(user(sAMAccountName=None, userPrincipalName="jane")),
        ],
        [account("jane"), Sample(user(sAMAccountName=None)), Sample(contact(cn="x"))],
    )
    elsewhere = altered(plain_user("joe", sAMAccountName="jane"), domain="eu.contoso.com")
    yield Row(
        "sAMAccountName.duplicate",
        [
            altered(account("jane"), others=(plain_user("joe", sAMAccountName="JANE"),)),
            altered(
                account("jane"),
                others=(plain_user("joe", sAMAccountName="jane", userPrincipalName="joe"),),
            ),
        ],
        [
            altered(account("jane"), others=(elsewhere,)),
            altered(account("jane"), others=(plain_user("joe", sAMAccountName="joe"),)),
            altered(account("jane"), others=(user("joe", sAMAccountName="jane"),)),
            Sample(user(), others=(plain_user("joe", sAMAccountName="jane"),)),
        ],
    )


def target_address() -> Iterator[Row]:
    yield from text_rows("targetAddress", "SMTP:jane", "@fabrikam.com")
    # Maximum number of characters: 256
    longest = f"X500:/o={'x' * 248}"
    yield row("targetAddress.length", [f"{longest}x"], [longest, None])
    yield row("targetAddress.length", [f"{longest}x"], [longest], policy=OLD)
    yield row("targetAddress.length", [longest], [longest[:-1]], policy=IDFIX)
    yield row(
        "targetAddress.no_prefix",
        ["tom@fabrikam.com", ":tom@fabrikam.com", "tom"],
        ["SMTP:tom@fabrikam.com", "smtp:tom@fabrikam.com", X400, X500],
        along=["format", "character"],
    )
    # Must not contain a space, invalid characters, e-mail standards
    yield from local_part_rows("targetAddress", "SMTP:")
    for what in ("space", "character", "non_ascii"):
        yield row(f"targetAddress.{what}", [], [X400, X500])
    # The attribute value must be unique within the directory.
    there = {"targetAddress": "SMTP:tom@fabrikam.com"}
    yield Row(
        "targetAddress.duplicate",
        [
            Sample(user(**there), others=(plain_user("joe", **there),)),
            Sample(user(**there), others=(contact(**there),)),
            Sample(
                contact(**there), others=(plain_user("joe", targetAddress="smtp:TOM@fabrikam.com"),)
            ),
            Sample(user(targetAddress=X500), others=(plain_user("joe", targetAddress=X500),)),
        ],
        [
            Sample(user(**there)),
            Sample(user(**there), others=(user(**there),)),
            Sample(contact(**there), others=(contact("other", **there),)),
            Sample(user(**there), others=(contact(mail="tom@fabrikam.com"),)),
        ],
    )
    yield Row(
        "targetAddress.duplicate_contact",
        [Sample(contact(**there), others=(contact("other", **there),))],
        [
            Sample(contact(**there)),
            Sample(contact(**there), others=(plain_user("joe", **there),)),
            Sample(user(**there), others=(contact(**there),)),
        ],
    )
    yield Row(
        "targetAddress.shared",
        [
            Sample(contact(targetAddress="SMTP:jane@contoso.com"), others=(user(),)),
            Sample(user(**there), others=(contact(mail="tom@fabrikam.com"),)),
            Sample(user(**there), others=(contact(proxyAddresses=["smtp:Tom@fabrikam.com"]),)),
        ],
        [
            Sample(contact(targetAddress="SMTP:tom@fabrikam.com"), others=(user(),)),
            # Told only on the object that forwards
            Sample(user(), others=(contact(targetAddress="SMTP:jane@contoso.com"),)),
            # Its own address
            Sample(user(targetAddress="SMTP:jane@contoso.com")),
        ],
    )


def user_principal_name() -> Iterator[Row]:
    yield Row(
        "userPrincipalName.missing",
        [Sample(user(userPrincipalName=None))],
        [Sample(user()), Sample(contact(cn="x")), Sample(group(cn="x"))],
    )
    yield from text_rows("userPrincipalName", "jane", HOST)
    # The username is followed by the at sign (@) and a domain name. The @ character is required.
    yield row(
        "userPrincipalName.format",
        ["jane", "jane.contoso.com", "a@b@contoso.com", "jane＠contoso.com"],
        ["jane@contoso.com", "@contoso.com", "jane@@contoso.com"],
        along=["non_ascii"],
    )
    # At most 113 characters: 64 in front of the at sign, 48 after it
    name, host = "x" * 64, f"{'y' * 44}.com"
    for policy in (NEW, OLD, IDFIX):
        yield row(
            "userPrincipalName.length",
            [f"{name}x@{host}", f"{name}@y{host}"],
            [f"{name}@{host}", "j@contoso.com"],
            along=["local_length", "domain_length"],
            policy=policy,
        )
        yield row(
            "userPrincipalName.local_length",
            [f"{name}x@contoso.com"],
            [f"{name}@contoso.com", "j@contoso.com"],
            policy=policy,
        )
        yield row(
            "userPrincipalName.domain_length",
            [f"jane@y{host}"],
            [f"jane@{host}", "jane@ab.se"],
            policy=policy,
        )
    yield from user_principal_name_characters()
    # The @ character can't be the first character.
    yield row(
        "userPrincipalName.at_sign_first",
        ["@contoso.com", "@", "@jane@contoso.com", " @contoso.com"],
        ["jane@contoso.com", "j@contoso.com", "jane"],
        along=["edge_whitespace", "domain_part"],
    )
    # The username can't end with a period (.), an ampersand (&), a space, or an at sign (@).
    yield row(
        "userPrincipalName.name_end",
        [f"jane{each}@contoso.com" for each in (".", "&", " ", "@", "..", ".@", "@@")],
        ["ja.ne@contoso.com", "jane_@contoso.com", "jane-@contoso.com", "jane'@contoso.com"],
        along=["character", "space"],
    )
    yield row(
        "userPrincipalName.dot",
        [".jane@contoso.com", "ja..ne@contoso.com", "..jane@contoso.com"],
        ["jane@contoso.com", "j.a.n.e@contoso.com", "jane.@contoso.com"],
    )
    # The username can't contain any spaces.
    yield row(
        "userPrincipalName.space",
        [*(f"ja{space}ne{HOST}" for space in SPACES), "jane @contoso.com", "jane@con toso.com"],
        ["jane@contoso.com"],
        along=["name_end"],
    )
    yield from user_principal_name_domain()
    yield row(
        "userPrincipalName.not_primary_address",
        ["joe@contoso.com", "jane@contoso.co"],
        ["jane@contoso.com", "JANE@contoso.com", None],
    )
    yield Row(
        "userPrincipalName.not_primary_address",
        [
            proxies("SMTP:joe@contoso.com", "smtp:jane@contoso.com"),
            Sample(user(mail="joe@contoso.com", proxyAddresses=None)),
        ],
        [
            proxies("smtp:joe@contoso.com"),
            proxies("SMTP:joe@contoso.com", "SMTP:jane@contoso.com"),
            Sample(user(mail=None, proxyAddresses=None)),
            Sample(user(userPrincipalName="\t")),
        ],
        along=frozenset({"userPrincipalName.blank"}),
    )
    # userPrincipalName can't contain any duplicate values in the directory.
    yield Row(
        "userPrincipalName.duplicate",
        [
            Sample(user(), others=(plain_user("joe", userPrincipalName="JANE@contoso.com"),)),
            Sample(
                user(userPrincipalName="jane@contoso.com\u200b"),
                others=(plain_user("joe", userPrincipalName="jane@contoso.com"),),
            ),
        ],
        [
            Sample(user(), others=(plain_user("joe", userPrincipalName="jane@contoso.co"),)),
            Sample(user(), others=(plain_user("joe", sAMAccountName="jane"),)),
        ],
        along=frozenset({"userPrincipalName.invisible_character"}),
    )


def user_principal_name_characters() -> Iterator[Row]:
    # Invalid characters: \ % & * + / = ? { } | < > ( ) ; : , [ ] "
    listed = '\\%&*+/=?{}|<>();:,[]"'
    letters = "AZaz09.-_!#^~"
    allowed = [f"{letters}x@contoso.com", *anywhere("-_!#^~09AZ", "jane", HOST)]
    apostrophes = anywhere("'", "jane", HOST)
    # Neither listed nor among those allowed on the later page
    unlisted = anywhere("`$", "jane", HOST)
    upn, along = "userPrincipalName.character", ["name_end"]
    yield row(upn, anywhere(listed, "jane", HOST), [*allowed, *apostrophes], along=along)
    yield row(upn, unlisted, allowed)
    yield row(
        upn,
        anywhere(listed, "jane", HOST),
        [*allowed, *apostrophes, *unlisted],
        along=along,
        policy=OLD,
    )
    yield row(
        upn,
        [*anywhere(listed, "jane", HOST), *apostrophes],
        [*allowed, *unlisted],
        along=along,
        policy=IDFIX,
    )
    # Letters with diacritical marks are invalid; Unicode is converted to underscores.
    for policy in (NEW, OLD, IDFIX):
        yield row(
            "userPrincipalName.non_ascii",
            [*anywhere((*DIACRITICS, *OTHER_SCRIPTS), "jane", HOST), "jane@bücher.de"],
            ["jane@contoso.com", "jane@xn--bcher-kva.de"],
            policy=policy,
        )
    # UPNs that are used for single sign-on: letters, numbers, periods, dashes and underscores
    yield row(
        "userPrincipalName.adfs_character",
        anywhere("'!#^~", "jane", HOST),
        ["jane@contoso.com", "Ja-n_e.9@contoso.com"],
    )


def user_principal_name_domain() -> Iterator[Row]:
    yield row(
        "userPrincipalName.domain_part",
        [
            "jane@",
            "jane@contoso.com.",
            "jane@.contoso.com",
            "jane@contoso..com",
            "jane@-contoso.com",
            "jane@con_toso.com",
            "jane@con!toso.com",
        ],
        ["jane@contoso.com", "jane@contoso.co.uk", "jane@xn--bcher-kva.de"],
    )
    # Routable domains must be used; for example, local or internal domains can't be used.
    yield row(
        "userPrincipalName.top_level_domain",
        ["jane@contoso.local", "jane@contoso.internal", "jane@contoso", "jane@Contoso.LOCAL"],
        ["jane@contoso.com", "jane@contoso.microsoft", "jane@contoso.co.uk"],
    )
    known = Policy(known_domains=frozenset({"contoso.local"}))
    yield row(
        "userPrincipalName.top_level_domain",
        ["jane@fabrikam.local"],
        ["jane@contoso.local", "jane@eu.contoso.local"],
        policy=known,
    )
    yield row(
        "userPrincipalName.not_verified",
        ["jane@fabrikam.com", "jane@eu.contoso.com", "o'brien@fabrikam.com"],
        ["jane@contoso.com", "jane@CONTOSO.com", "jane@xn--bcher-kva.de", "jane", "jane@"],
        along=["format", "domain_part"],
        policy=Policy(verified_domains=frozenset({"contoso.com", "xn--bcher-kva.de"})),
    )
    yield row(
        "userPrincipalName.not_forest_suffix",
        ["jane@fabrikam.com", "jane@eu.contoso.com", "o'brien@fabrikam.com"],
        ["jane@contoso.com", "jane@CONTOSO.com", "jane", "jane@"],
        policy=Policy(forest_suffixes=frozenset({"contoso.com"})),
    )
    for what in ("not_verified", "not_forest_suffix"):
        # Not known, not judged
        yield row(f"userPrincipalName.{what}", [], ["jane@fabrikam.com"])


def general() -> Iterator[Row]:
    """What holds across attributes."""
    yield Row(
        "address.shared",
        [
            Sample(user(), others=(plain_user("joe", userPrincipalName="jane@contoso.com"),)),
            Sample(user(), others=(group(proxyAddresses=["smtp:Jane@contoso.com"]),)),
            Sample(group(mail="jane@contoso.com"), others=(user(mail=None),)),
        ],
        [
            Sample(user()),
            Sample(user(), others=(group(proxyAddresses=["x500:jane@contoso.com"]),)),
            Sample(user(), others=(contact(targetAddress="SMTP:jane@contoso.com"),)),
            # The same attribute: another rule
            Sample(contact(mail="a@contoso.com"), others=(group(mail="a@contoso.com"),)),
        ],
    )
    yield Row(
        "value.undecodable",
        [
            Sample(altered(user(), undecodable={"sn": (b"\xff",)})),
            Sample(altered(group(), undecodable={"mail": (b"a", b"M\xfcller@contoso.com")})),
        ],
        [Sample(user()), Sample(user(sn="M\xfcller"))],
    )


TABLE = (
    *names(),
    *mail(),
    *mail_nickname(),
    *proxy_addresses(),
    *sam_account_name(),
    *target_address(),
    *user_principal_name(),
    *general(),
)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.rule)
def test_what_breaks_a_rule_is_found(row: Row) -> None:
    missed = [sample for sample in row.wrong if row.rule not in sample.rules()]
    assert not missed


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.rule)
def test_what_keeps_a_rule_is_not_found(row: Row) -> None:
    blamed = [sample for sample in row.right if row.rule in sample.rules()]
    assert not blamed


# What one object must be in itself, which a defect of one value of it can break as well
ABOUT_SEVERAL_VALUES = frozenset(
    {
        "mail.not_in_proxy_addresses",
        "proxyAddresses.no_primary",
        "proxyAddresses.no_valid_address",
        "userPrincipalName.not_primary_address",
    }
)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.rule)
def test_a_defect_is_found_once(row: Row) -> None:
    attribute = row.rule.split(".")[0]
    expected = {row.rule, *row.along, *ABOUT_SEVERAL_VALUES}
    for sample in row.wrong:
        found = {
            finding.rule
            for finding in sample.findings()
            if finding.rule.startswith(f"{attribute}.") and finding.severity is not Severity.ADVICE
        }
        assert found <= expected, sample


def test_a_person_in_order_has_no_findings() -> None:
    policies = (NEW, OLD, IDFIX, Policy(forest_suffixes=frozenset({"contoso.com"})))
    assert [Sample(user(), policy).findings() for policy in policies] == [()] * len(policies)


@pytest.mark.parametrize("field", ADDRESS_LIST_FIELDS)
def test_the_address_list_is_counted_over_all_users(field: str) -> None:
    count = AddressListCount()
    for number in range(3):
        count.add([field] if number else [])
    percentages = count.percentages(NEW)
    assert percentages[field] == 66.7
    assert {share for name, share in percentages.items() if name != field} == {0}
    switched_off = Policy(severities={f"{field}.missing": None})
    assert field not in count.percentages(switched_off)
    # A finding for each of them would bury the others.
    assert not Sample(user(**{field: None})).rules() & {f"{field}.missing"}


def test_no_rule_is_without_a_case() -> None:
    counted = {f"{name}.missing" for name in ADDRESS_LIST_FIELDS}
    assert {row.rule for row in TABLE if row.wrong} | counted == {each.id for each in RULES}
    assert {row.rule for row in TABLE if row.right} | counted == {each.id for each in RULES}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.rule)
def test_a_rule_that_is_switched_off_or_changed_is_obeyed(row: Row) -> None:
    off = {row.rule: None}
    lower = {row.rule: Severity.ADVICE}
    for sample in row.wrong[:3]:
        silent = altered(sample, policy=altered(sample.policy, severities=off))
        assert silent.rules() == sample.rules() - {row.rule}
        milder = altered(sample, policy=altered(sample.policy, severities=lower))
        assert {each.severity for each in milder.findings() if each.rule == row.rule} == {
            Severity.ADVICE
        }


@pytest.mark.parametrize("each", RULES, ids=lambda each: each.id)
def test_a_rule_tells_what_is_to_be_known(each: object) -> None:
    assert isinstance(each, type(rule("mail.duplicate")))
    assert each.id.startswith(f"{each.attribute}.")
    assert each.says.endswith(".")
    assert each.source
    assert each.classes
    # Either a repair or why there is none
    assert bool(each.fix) != bool(each.why_person)
