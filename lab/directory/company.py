# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The messy company in the directory: the same people with the same faults in every lab.

A group of three companies that was never tidied up. Each company has an organizational unit with
people, groups and contacts; every kind of fault that the migration has to cope with, and that
Samba accepts, is there at least once.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .ldif import Attributes, Entry, escape_rdn_value

# A UPN suffix of the forest that people use, unlike those that the migration adds.
LEGACY_SUFFIX = "legacy.example.test"

_NORMAL_ACCOUNT = 0x200
_PASSWORD_NOT_REQUIRED = 0x20
_DISABLED = 0x2

_GLOBAL_SECURITY_GROUP = -0x7FFFFFFE
_UNIVERSAL_SECURITY_GROUP = -0x7FFFFFF8
_UNIVERSAL_DISTRIBUTION_GROUP = 8


@dataclass(frozen=True)
class _Company:
    """A company and the names its people have, as (written, romanised or None)."""

    name: str
    domain: str
    country: str
    given_names: Sequence[tuple[str, str | None]]
    surnames: Sequence[tuple[str, str | None]]
    display_name: str
    departments: Sequence[str]


def _plain(*names: str) -> list[tuple[str, str | None]]:
    return [(name, None) for name in names]


_COMPANIES = (
    _Company(
        name="Fourth Coffee",
        domain="fourthcoffee.test",
        country="SE",
        given_names=_plain(
            "Åsa", "Björn", "Cecilia", "Örjan", "Märta", "Göran", "Ingrid", "Kjell-Åke", "Anna",
            "Håkan", "Linnéa", "Sven", "Elin",
        ),
        surnames=_plain(
            "Andersson", "Åkerström", "Öberg", "Sjögren", "Lindqvist", "Hällström", "von Essen",
            "Nyström", "Bäckman",
        ),
        display_name="{given} {surname}",
        departments=("Rosteri", "Försäljning", "Ekonomi"),
    ),
    _Company(
        name="Fabrikam",
        domain="fabrikam.test",
        country="DE",
        given_names=_plain(
            "Jürgen", "Käthe", "Günther", "Anneliese", "Björn", "Sören", "Hans-Jörg", "Zoë",
            "Lukas", "Mia", "René",
        ),
        surnames=_plain(
            "Müller", "Groß", "Schröder", "von der Heide", "Weiß", "Jäger", "Fischer",
            "Müller-Lüdenscheidt", "Strauß", "Köhler",
        ),
        display_name="{surname}, {given}",
        departments=("Fertigung", "Einkauf", "Qualitätssicherung"),
    ),
    _Company(
        name="Contoso",
        domain="contoso.test",
        country="JP",
        given_names=[
            ("太郎", "Taro"), ("花子", "Hanako"), ("健一", "Kenichi"), ("由美", "Yumi"),
            ("翔", "Sho"), ("さくら", "Sakura"), ("大輔", "Daisuke"), ("愛", "Ai"),
            ("慎太郎", "Shintaro"), ("美咲", "Misaki"), ("隆", "Takashi"),
        ],
        surnames=[
            ("山田", "Yamada"), ("鈴木", "Suzuki"), ("渡邉", "Watanabe"), ("髙橋", "Takahashi"),
            ("斎藤", "Saito"), ("小林", "Kobayashi"), ("中村", "Nakamura"), ("佐々木", "Sasaki"),
            ("伊藤", "Ito"),
        ],
        display_name="{surname} {given}",
        departments=("営業部", "総務部", "開発部"),
    ),
)  # fmt: skip

_PEOPLE_PER_COMPANY = 40

# What is wrong with somebody: attributes that replace the tidy ones, None removing one. Fields in
# braces are the person's own; {colleague} is the account name of the person before.
_Fault = Mapping[str, Sequence[str] | str | None]
_FAULTS: tuple[_Fault, ...] = (
    # User principal names
    {"userPrincipalName": "{account}@corp.local"},
    {"userPrincipalName": "{given}.{surname}@corp.example.test"},
    {"userPrincipalName": "{account} extern@corp.example.test"},
    {"userPrincipalName": "{account}"},
    {"userPrincipalName": "{account}@{domain}@corp.example.test"},
    {"userPrincipalName": "{account}.@corp.example.test"},
    {"userPrincipalName": "o'{account}&co@corp.example.test"},
    {"userPrincipalName": None},
    {"userPrincipalName": " {account}@corp.example.test "},
    {"userPrincipalName": "{account}-{long}@corp.example.test"},
    {"userPrincipalName": "{account}@LEGACY.example.test"},
    # Addresses
    {"mail": None},
    {"mail": None, "proxyAddresses": None, "mailNickname": None},
    {"mail": "{colleague}@{domain}"},
    {"mail": "{account}@{domain}@{domain}"},
    {"mail": " {account}@{domain}"},
    {"mail": "{account}..{account}@{domain}"},
    {"mail": "{account}@corp.local", "proxyAddresses": ["SMTP:{account}@corp.local"]},
    {"proxyAddresses": ["SMTP:{account}@{domain}", "smtp:{colleague}@{domain}"]},
    {"proxyAddresses": ["SMTP:{colleague}@{domain}"]},
    {"proxyAddresses": ["SMTP:{account}@{domain}", "SMTP:{account}.b@{domain}"]},
    {"proxyAddresses": ["SMTP:{account}@{domain}", "smtp:{account}@{domain}"]},
    {"proxyAddresses": ["{account}@{domain}"]},
    {"proxyAddresses": ["SMTP:{account}@{domain}", "smtp:{account} privat@{domain}"]},
    {"proxyAddresses": ["SMTP:andré.{account}@{domain}"]},
    {"proxyAddresses": ["SMTP:{account}@{domain}", "smtp:smtp:{account}.c@{domain}"]},
    {
        "proxyAddresses": [
            "SMTP:{account}@{domain}",
            "sip:{account}@{domain}",
            "X500:/o=Corp/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn={account}",
            "x400:C=SE;A= ;P=CORP;O=Exchange;S={surname};G={given};",
        ]
    },
    {"targetAddress": "{account}@legacy.example.test"},
    {"targetAddress": "SMTP:{account} <{account}@legacy.example.test>"},
    {"mailNickname": "{given} {surname}"},
    {"mailNickname": ".{account}"},
    {"mailNickname": "{colleague}"},
    {"mailNickname": 'x@y,"{account}"'},
    # Names that people see
    {"displayName": None},
    {"displayName": "   "},
    {"displayName": "  {given} {surname}  "},
    {"displayName": "{surname}\t{given}\u0007"},
    {"displayName": "<script>alert('{account}')</script>"},
    {"displayName": "{{{{ {surname} }}}} \"{given}\" \\ O'Brien & Söhne"},
    {"displayName": "{surname} {given} ☕🏳️‍🌈"},
    {"displayName": "{given}\u200b{surname}\u202e"},
    {"sAMAccountName": "{account}.with.a.long.name"},
    {"sAMAccountName": "{account} {account}"},
    {"givenName": None, "sn": None},
)  # fmt: skip

# The first people of each company are tidy, so that there is something right to compare with.
_FIRST_FAULTY = 12
_LEGACY_SUFFIX_EVERY = 6
_DISABLED_EVERY = 13


@dataclass(frozen=True)
class _Person:
    company: _Company
    number: int
    given: str
    surname: str
    account: str

    @property
    def ou(self) -> str:
        return f"OU=People,OU={self.company.name}"

    @property
    def common_name(self) -> str:
        name = self.company.display_name.format(given=self.given, surname=self.surname)
        return f"{name} ({self.number})" if self.number % 7 == 6 else name


def company(base_dn: str) -> Iterator[Entry]:
    """Yield the organizational units, people, contacts and groups in the order to add them.

    Nobody here has a password, so nobody here can log on.
    """
    people = list(_people())
    faults = dict(_faults(people))
    for each in _COMPANIES:
        yield _unit(f"OU={each.name},{base_dn}", each.domain)
        for kind in ("People", "Groups", "Contacts"):
            yield _unit(f"OU={kind},OU={each.name},{base_dn}", f"{kind} of {each.name}")
    for person in people:
        attributes = _tidy(person)
        for name, values in faults.get(person.account, {}).items():
            attributes[name] = values
        yield Entry(
            _dn(person, base_dn),
            {name: values for name, values in attributes.items() if values},
        )
    for each in _COMPANIES:
        yield from _contacts(each, base_dn)
        yield from _groups(each, [p for p in people if p.company is each], base_dn)


def _people() -> Iterator[_Person]:
    taken: set[str] = set()
    for each in _COMPANIES:
        for number in range(_PEOPLE_PER_COMPANY):
            # The numbers of names have no common divisor: no two people have both in common.
            given, given_romanised = each.given_names[number % len(each.given_names)]
            surname, surname_romanised = each.surnames[number % len(each.surnames)]
            account = _account(given_romanised or given, surname_romanised or surname, taken)
            taken.add(account)
            yield _Person(each, number, given, surname, account)


def _account(given: str, surname: str, taken: set[str]) -> str:
    base = (_ascii(given)[:1] + _ascii(surname))[:15].lower()
    candidates = (f"{base}{number or ''}" for number in range(1000))
    return next(candidate for candidate in candidates if candidate not in taken)


def _ascii(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    return "".join(
        character for character in decomposed if character.isascii() and character.isalpha()
    )


def _tidy(person: _Person) -> dict[str, list[str]]:
    address = f"{person.account}@{person.company.domain}"
    suffix = "corp.example.test"
    if person.number % _LEGACY_SUFFIX_EVERY == _LEGACY_SUFFIX_EVERY - 1:
        suffix = LEGACY_SUFFIX
    flags = _NORMAL_ACCOUNT | _PASSWORD_NOT_REQUIRED
    if person.number % _DISABLED_EVERY == _DISABLED_EVERY - 1:
        flags |= _DISABLED
    return {
        "objectClass": ["top", "person", "organizationalPerson", "user"],
        "sAMAccountName": [person.account],
        "userPrincipalName": [f"{person.account}@{suffix}"],
        "userAccountControl": [str(flags)],
        "givenName": [person.given],
        "sn": [person.surname],
        "displayName": [
            person.company.display_name.format(given=person.given, surname=person.surname)
        ],
        "mail": [address],
        "mailNickname": [person.account],
        "proxyAddresses": [f"SMTP:{address}", f"smtp:{person.account}@corp.example.test"],
        "company": [person.company.name],
        "c": [person.company.country],
        "department": [person.company.departments[person.number % 3]],
        "telephoneNumber": [f"+46 8 555 {person.number:02d} {len(person.account):02d}"],
        "employeeID": [f"{_COMPANIES.index(person.company) + 1}{person.number:04d}"],
    }


def _faults(people: Sequence[_Person]) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Give every fault to one person, spread over the companies."""
    faulty = [person for person in people if person.number >= _FIRST_FAULTY]
    by_turns = sorted(faulty, key=lambda person: person.number)
    for person, colleague, fault in zip(by_turns, people, _FAULTS, strict=False):
        fields = {
            "account": person.account,
            "given": person.given,
            "surname": person.surname,
            "domain": person.company.domain,
            "colleague": colleague.account,
            "long": "x" * 110,
        }
        yield person.account, {name: _filled(values, fields) for name, values in fault.items()}


def _filled(values: Sequence[str] | str | None, fields: Mapping[str, str]) -> list[str]:
    if values is None:
        return []
    if isinstance(values, str):
        values = [values]
    return [value.format(**fields) for value in values]


def _contacts(each: _Company, base_dn: str) -> Iterator[Entry]:
    partners: tuple[tuple[str, dict[str, str]], ...] = (
        (
            "Adatum Support",
            {"mail": "support@adatum.example", "target": "SMTP:support@adatum.example"},
        ),
        ("Zoë Lefèvre (Agence)", {"mail": "zoë.lefèvre@agence.example"}),
        ("Owner of a taken address", {"mail": f"info@{each.domain}"}),
        ("Without any address", {}),
    )
    for name, addresses in partners:
        attributes = {"objectClass": ["top", "person", "organizationalPerson", "contact"]}
        attributes["displayName"] = [name]
        if "mail" in addresses:
            attributes["mail"] = [addresses["mail"]]
            attributes["proxyAddresses"] = [f"SMTP:{addresses['mail']}"]
        if "target" in addresses:
            attributes["targetAddress"] = [addresses["target"]]
        yield Entry(f"CN={escape_rdn_value(name)},OU=Contacts,OU={each.name},{base_dn}", attributes)


def _groups(each: _Company, people: Sequence[_Person], base_dn: str) -> Iterator[Entry]:
    parent = f"OU=Groups,OU={each.name},{base_dn}"
    members = [_dn(person, base_dn) for person in people]
    short = each.domain.partition(".")[0]
    mail = f"info@{each.domain}"
    groups: tuple[tuple[str, int, Attributes], ...] = (
        (f"{each.name} Everybody", _UNIVERSAL_SECURITY_GROUP, {"member": members}),
        (
            f"{each.name} Info",
            _UNIVERSAL_DISTRIBUTION_GROUP,
            {
                "member": members[:5],
                "mail": [mail],
                "mailNickname": [f"info {short}"],
                "proxyAddresses": [f"SMTP:{mail}"],
            },
        ),
        (f"{each.departments[0]} – {each.name}", _GLOBAL_SECURITY_GROUP, {"member": members[::3]}),
        (f"{each.name} (empty, since 2009)", _GLOBAL_SECURITY_GROUP, {}),
    )
    for number, (name, kind, attributes) in enumerate(groups):
        yield Entry(
            f"CN={escape_rdn_value(name)},{parent}",
            {
                "objectClass": ["top", "group"],
                "sAMAccountName": [f"{short}-{number}"],
                "groupType": [str(kind)],
                "displayName": [name],
                **attributes,
            },
        )


def _unit(dn: str, description: str) -> Entry:
    return Entry(dn, {"objectClass": ["top", "organizationalUnit"], "description": [description]})


def _dn(person: _Person, base_dn: str) -> str:
    return f"CN={escape_rdn_value(person.common_name)},{person.ou},{base_dn}"
