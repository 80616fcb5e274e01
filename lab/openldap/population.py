# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""As many entries as wanted, with what a directory of that size holds: mostly people in order.

Entry n depends on n and on nothing else, so that a million of them are made in one pass.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..directory.ldif import Entry, Value
from .forest_root import CONTACT, GROUP, USER, entry

DOMAINS = ("staff.example.com", "staff.example.net", "staff.example.org")
# What those who moved from another company still get mail at
_OLDER_DOMAIN = "older.example.com"

_GIVEN_NAMES = (
    "Anna", "Åsa", "Björn", "Carlos", "Chloé", "Daniel", "Elin", "Fatima", "Günther", "Hanna",
    "Igor", "Jürgen", "Karin", "Lukas", "Märta", "Nora", "Olivia", "Peter", "René", "Sofia",
    "Tomáš", "Ursula", "Victor", "Wilma", "Xavier", "Yumi", "Zoë", "Erik", "Maria",
)  # fmt: skip
_SURNAMES = (
    "Andersson", "Berg", "Costa", "Dubois", "Eriksson", "Fischer", "García", "Hansen", "Ivanov",
    "Jones", "Keller", "Lindqvist", "Müller", "Nowak", "O'Brien", "Petersen", "Quist", "Rossi",
    "Schröder", "Tanaka", "Ullman", "Virtanen", "Weiß", "Young", "Ziegler", "Smith", "van Dijk",
    "Åkerström", "Öberg", "Nguyen", "Silva",
)  # fmt: skip
_DEPARTMENTS = (
    "Accounting", "Customer Service", "Design", "Engineering", "Facilities", "Försäljning",
    "Human Resources", "Information Technology", "Legal", "Logistics", "Marketing", "Production",
    "Purchasing", "Quality", "Research", "Security", "Training",
)  # fmt: skip
_TITLES = ("Analyst", "Assistant", "Consultant", "Director", "Engineer", "Manager", "Specialist")
_CITIES = (
    ("Stockholm", "SE", "Sweden", "111 {:02}"),
    ("München", "DE", "Germany", "803{:02}"),
    ("Rotterdam", "NL", "Netherlands", "30{:02} AB"),
    ("Seattle", "US", "United States", "981{:02}"),
    ("Kyoto", "JP", "Japan", "600-80{:02}"),
)

# The forest's own part of a security identifier: S-1-5-21-1-2-3, before the relative identifier
_DOMAIN_SID = bytes.fromhex("010500000000000515000000010000000200000003000000")

# Of so many entries one is a group and one a contact, those with these remainders.
_OTHERS_EVERY, _GROUP, _CONTACT = 50, 7, 23

_NORMAL_ACCOUNT = 0x200
_DISABLED = 0x2
_UNIVERSAL_DISTRIBUTION_GROUP = 8
_USER_MAILBOX = 1

_Changed = Mapping[str, Sequence[str]]

# What is wrong with a defective user, by turns. Fields in braces are the user's own; {other} is
# the address of an entry that is in order.
DEFECTS: tuple[_Changed, ...] = (
    {"userPrincipalName": ["mü.{local}@{domain}"]},
    {"userPrincipalName": ["{account} x@{domain}"]},
    {"userPrincipalName": ["{local}.@{domain}"]},
    {"userPrincipalName": ["{local}@corp.local"]},
    {"mailNickname": [".{account}"]},
    {"proxyAddresses": ["SMTP:{address}", "smtp:{account} x@{domain}"]},
    {"proxyAddresses": ["SMTP:{address}", "smtp:{account}(x)@{domain}"]},
    {"proxyAddresses": ["SMTP:{address}", "{account}.x@{domain}"]},
    {"proxyAddresses": ["SMTP:{address}", "SMTP:{account}.x@{domain}"]},
    {"targetAddress": ["SMTP:<{local}@remote.example.com>"]},
    {"displayName": ["   "]},
    {"proxyAddresses": ["SMTP:{address}", "smtp:{other}"]},
    {"mail": ["{other}"], "proxyAddresses": ["SMTP:{address}"]},
)


@dataclass(frozen=True)
class Population:
    """`size` entries below `base_dn`; every `defects_every`th has a defect."""

    base_dn: str
    size: int
    defects_every: int = 50

    @property
    def defective(self) -> int:
        """How many entries have a defect of their own. Others have one because of these: whose
        address a defective one has as well."""
        return self.size // self.defects_every

    def entries(self) -> Iterator[Entry]:
        """Yield the organizational units and then the entries."""
        yield entry(f"OU=Staff,{self.base_dn}", "top", "organizationalUnit")
        for department in _DEPARTMENTS:
            yield entry(self._parent(department), "top", "organizationalUnit")
        for number in range(1, self.size + 1):
            yield self._entry(number)

    def _entry(self, number: int) -> Entry:
        if number % self.defects_every == 0:
            return self._user(number, self._defect(number))
        if number % _OTHERS_EVERY == _GROUP:
            return self._group(number)
        if number % _OTHERS_EVERY == _CONTACT:
            return self._contact(number)
        return self._user(number, {})

    def _faultless_user_before(self, number: int) -> _Person:
        candidates = range(number - 1, 0, -1)
        return _Person(
            next(
                candidate
                for candidate in candidates
                if candidate % self.defects_every
                and candidate % _OTHERS_EVERY not in {_GROUP, _CONTACT}
            )
        )

    def _defect(self, number: int) -> _Changed:
        changed = DEFECTS[number // self.defects_every % len(DEFECTS)]
        person = _Person(number)
        fields = {
            "account": person.account,
            "local": person.local,
            "domain": person.domain,
            "address": person.address,
            "other": self._faultless_user_before(number).address,
        }
        return {
            name: [value.format(**fields) for value in values] for name, values in changed.items()
        }

    def _user(self, number: int, changed: _Changed) -> Entry:
        person = _Person(number)
        attributes: dict[str, Sequence[Value]] = {
            **_common(number, USER),
            "cn": [person.common_name],
            "givenName": [person.given],
            "sn": [person.surname],
            "displayName": [f"{person.surname}, {person.given}"],
            "sAMAccountName": [person.account],
            "userPrincipalName": [person.address],
            "userAccountControl": [str(_NORMAL_ACCOUNT | (_DISABLED if number % 13 == 0 else 0))],
            "objectCategory": ["person"],
            "mail": [person.address],
            "mailNickname": [person.account],
            "proxyAddresses": _proxy_addresses(person),
            **_address_list_fields(person),
        }
        if number % 2:
            attributes["msExchRecipientTypeDetails"] = [str(_USER_MAILBOX)]
        if number % 20 == 3:
            attributes["targetAddress"] = [f"SMTP:{person.local}@remote.example.com"]
        if number % 40 == 9:
            attributes["msExchHideFromAddressLists"] = ["TRUE"]
        return Entry(self._dn(person.common_name, number), {**attributes, **changed})

    def _group(self, number: int) -> Entry:
        department = _DEPARTMENTS[number % len(_DEPARTMENTS)]
        name = f"{department} {number}"
        address = f"list.{number}@{DOMAINS[number % len(DOMAINS)]}"
        return Entry(
            self._dn(name, number),
            {
                **_common(number, GROUP),
                "cn": [name],
                "displayName": [name],
                "sAMAccountName": [f"list.{number}"],
                "groupType": [str(_UNIVERSAL_DISTRIBUTION_GROUP)],
                "objectCategory": ["group"],
                "mail": [address],
                "mailNickname": [f"list.{number}"],
                "proxyAddresses": [f"SMTP:{address}"],
            },
        )

    def _contact(self, number: int) -> Entry:
        person = _Person(number)
        address = f"{person.local}@partner.example.com"
        attributes = _common(number, CONTACT)
        del attributes["objectSid"]
        return Entry(
            self._dn(person.common_name, number),
            {
                **attributes,
                "cn": [person.common_name],
                "displayName": [f"{person.given} {person.surname} (Partner)"],
                "givenName": [person.given],
                "sn": [person.surname],
                "objectCategory": ["person"],
                "mail": [address],
                "mailNickname": [f"partner.{number}"],
                "proxyAddresses": [f"SMTP:{address}"],
                "targetAddress": [f"SMTP:{address}"],
            },
        )

    def _dn(self, common_name: str, number: int) -> str:
        return f"CN={common_name},{self._parent(_DEPARTMENTS[number % len(_DEPARTMENTS)])}"

    def _parent(self, department: str) -> str:
        return f"OU={department},OU=Staff,{self.base_dn}"


class _Person:
    """The names and addresses of the person with a number."""

    def __init__(self, number: int) -> None:
        self.number = number
        # The numbers of names, departments and domains have no common divisor.
        self.given = _GIVEN_NAMES[number % len(_GIVEN_NAMES)]
        self.surname = _SURNAMES[number % len(_SURNAMES)]
        self.common_name = f"{self.given} {self.surname} {number}"
        given = _ROMANISED[self.given]
        surname = _ROMANISED[self.surname]
        self.local = f"{given}.{surname}.{number}"
        self.account = f"{given[0]}{surname[:9]}{number}"
        self.domain = DOMAINS[number % len(DOMAINS)]
        self.address = f"{self.local}@{self.domain}"


def _romanised(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.replace("ß", "ss").lower())
    return "".join(c for c in decomposed if c.isascii() and c.isalpha())


_ROMANISED = {name: _romanised(name) for name in (*_GIVEN_NAMES, *_SURNAMES)}


def _common(number: int, object_classes: Sequence[str]) -> dict[str, Sequence[Value]]:
    return {
        "objectClass": object_classes,
        "objectGUID": [hashlib.blake2b(number.to_bytes(8), digest_size=16).digest()],
        "objectSid": [_DOMAIN_SID + (number + 1000).to_bytes(4, "little")],
    }


def _proxy_addresses(person: _Person) -> list[str]:
    addresses = [f"SMTP:{person.address}", f"smtp:{person.account}@{person.domain}"]
    if person.number % 2:
        addresses.append(f"smtp:{person.local}@{_OLDER_DOMAIN}")
    if person.number % 3 == 0:
        addresses.append(f"sip:{person.address}")
    if person.number % 4 == 0:
        addresses.append(
            "X500:/o=Example/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)"
            f"/cn=Recipients/cn={person.account}"
        )
    return addresses


def _address_list_fields(person: _Person) -> dict[str, Sequence[Value]]:
    """As well filled as such fields are: some nearly always, some hardly ever."""
    number = person.number
    city, country_code, country, postal_code = _CITIES[number % len(_CITIES)]
    fields: dict[str, Sequence[Value]] = {
        "department": [_DEPARTMENTS[number % len(_DEPARTMENTS)]],
        "company": ["Example"],
        "l": [city],
        "c": [country_code],
        "co": [country],
    }
    if number % 10:
        fields["title"] = [_TITLES[number % len(_TITLES)]]
        fields["telephoneNumber"] = [f"+1 555 {number:07}"]
    if number % 2:
        fields["mobile"] = [f"+1 556 {number:07}"]
        fields["physicalDeliveryOfficeName"] = [f"{city} {number % 9 + 1}"]
    if number % 3:
        fields["streetAddress"] = [f"Main Street {number % 200 + 1}"]
        fields["postalCode"] = [postal_code.format(number % 100)]
    if number % 5 == 3:
        fields["st"] = ["Washington"]
    if number % 11 == 0:
        fields["facsimileTelephoneNumber"] = [f"+1 557 {number:07}"]
    return fields
