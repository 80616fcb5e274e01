# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The people, groups and contacts of the forest, all of them in order."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..ldif import Value, escape_rdn_value

_ENABLED, _DISABLED = "544", "546"  # normal account, no password required; and disabled
_UNIVERSAL_DISTRIBUTION_GROUP = "8"
_GLOBAL_SECURITY_GROUP = "-2147483646"


@dataclass(frozen=True)
class Company:
    """A part of the forest and the names its people have, as (written, romanised or None)."""

    name: str
    domain: str
    given_names: Sequence[tuple[str, str | None]]
    surnames: Sequence[tuple[str, str | None]]
    display_name: str
    departments: Sequence[str]
    city: str
    country: tuple[str, str]


def _plain(*names: str) -> list[tuple[str, str | None]]:
    return [(name, None) for name in names]


COMPANIES = (
    Company(
        name="Nordvind",
        domain="nordvind.example.com",
        given_names=_plain(
            "Åsa", "Björn", "Cecilia", "Dagny", "Elin", "Fredrik", "Göran", "Håkan", "Ingrid",
            "Jörgen", "Kerstin", "Linnéa", "Märta", "Nils", "Örjan", "Pär", "Ragnhild", "Sven",
            "Tove", "Ulla-Britt", "Viktor", "Åke", "Ärla",
        ),
        surnames=_plain(
            "Åkerström", "Bäckman", "Carlén", "Dahl", "Ekström", "Forsberg", "Gyllenhammar",
            "Hällström", "Isaksson", "Jönsson", "Karlsson", "Lindqvist", "Månsson", "Nyström",
            "Öberg", "Persson", "af Klint", "Rydén", "Sjögren", "Törnqvist", "von Essen", "Wall",
            "Zetterlund", "Änglund", "Östlund", "Alm", "Blomqvist", "Fält", "Grönlund",
        ),
        display_name="{given} {surname}",
        departments=("Ekonomi", "Försäljning", "Lager", "Utveckling"),
        city="Göteborg",
        country=("SE", "Sweden"),
    ),
    Company(
        name="Südwind",
        domain="suedwind.example.net",
        given_names=_plain(
            "Anneliese", "Björn", "Christoph", "Dörte", "Ernst", "Friederike", "Günther",
            "Hans-Jörg", "Ilse", "Jürgen", "Käthe", "Lukas", "Mia", "Norbert", "Ottmar", "Paula",
            "Rüdiger", "Sören", "Thomas", "Ulrike", "Volker", "Wiebke", "Zoë",
        ),
        surnames=_plain(
            "Ackermann", "Böhm", "Claußen", "Dürr", "Eßer", "Fischer", "Groß", "Hübner", "Illig",
            "Jäger", "Köhler", "Löwe", "Müller", "Nießen", "Oßwald", "Pfäffle", "Quandt", "Rößler",
            "Schröder", "Strauß", "Tränkle", "Uhl", "von der Heide", "Weiß", "Zöller", "Adam",
            "Busch", "Müller-Lüdenscheidt", "Höß",
        ),
        display_name="{surname}, {given}",
        departments=("Einkauf", "Fertigung", "Qualitätssicherung", "Verwaltung"),
        city="Köln",
        country=("DE", "Germany"),
    ),
    Company(
        name="東海道",
        domain="tokaido.example.org",
        given_names=[
            ("太郎", "Taro"), ("花子", "Hanako"), ("健一", "Kenichi"), ("由美", "Yumi"),
            ("翔", "Sho"), ("さくら", "Sakura"), ("大輔", "Daisuke"), ("愛", "Ai"),
            ("慎太郎", "Shintaro"), ("美咲", "Misaki"), ("隆", "Takashi"), ("恵子", "Keiko"),
            ("誠", "Makoto"), ("直樹", "Naoki"), ("ひかり", "Hikari"), ("修", "Osamu"),
            ("千尋", "Chihiro"), ("亮", "Ryo"), ("聡", "Satoshi"), ("香織", "Kaori"),
            ("剛", "Tsuyoshi"), ("和子", "Kazuko"), ("真由美", "Mayumi"),
        ],
        surnames=[
            ("山田", "Yamada"), ("鈴木", "Suzuki"), ("渡邉", "Watanabe"), ("髙橋", "Takahashi"),
            ("斎藤", "Saito"), ("小林", "Kobayashi"), ("中村", "Nakamura"), ("佐々木", "Sasaki"),
            ("伊藤", "Ito"), ("加藤", "Kato"), ("吉田", "Yoshida"), ("山本", "Yamamoto"),
            ("井上", "Inoue"), ("木村", "Kimura"), ("林", "Hayashi"), ("清水", "Shimizu"),
            ("森", "Mori"), ("池田", "Ikeda"), ("橋本", "Hashimoto"), ("石川", "Ishikawa"),
            ("前田", "Maeda"), ("藤田", "Fujita"), ("小川", "Ogawa"), ("岡田", "Okada"),
            ("長谷川", "Hasegawa"), ("村上", "Murakami"), ("近藤", "Kondo"), ("石井", "Ishii"),
            ("坂本", "Sakamoto"),
        ],
        display_name="{surname} {given}",
        departments=("営業部", "総務部", "開発部", "経理部"),
        city="京都市",
        country=("JP", "Japan"),
    ),
)  # fmt: skip


@dataclass
class Member:
    """A user, group or contact; `attributes` may be spoiled after it was made.

    `words` are its names and addresses, and halves of them, for what is to be written into it.
    """

    kind: str
    common_name: str
    parent: str
    words: dict[str, str]
    attributes: dict[str, list[Value]] = field(default_factory=dict)

    @property
    def dn(self) -> str:
        return f"CN={escape_rdn_value(self.common_name)},{self.parent}"

    @property
    def guid(self) -> str:
        """The objectGUID; it is the same in every lab."""
        return str(self._uuid)

    @property
    def guid_bytes(self) -> bytes:
        """As Active Directory stores it."""
        return self._uuid.bytes_le

    @property
    def _uuid(self) -> uuid.UUID:
        return uuid.uuid5(uuid.NAMESPACE_X500, self.dn)

    def texts(self, attribute: str) -> list[str]:
        """The values that are text."""
        return [value for value in self.attributes.get(attribute, []) if isinstance(value, str)]


def units(base_dn: str) -> Iterator[str]:
    """Yield the DNs of the organizational units, each after the one that it is in."""
    yield base_dn
    for company in COMPANIES:
        yield f"OU={company.name},{base_dn}"
        for department in (*company.departments, "Groups", "Contacts"):
            yield f"OU={department},OU={company.name},{base_dn}"


def user(base_dn: str, number: int) -> Member:
    """A person with an account: everything as it should be, and different for each number."""
    company, person = _person(number)
    address = f"{person.local}@{company.domain}"
    words = {
        **_words(person.local, company.domain),
        **_halves("name", person.display_name),
        **_halves("given", person.given),
        **_halves("surname", person.surname),
        **_account_words(person.account),
    }
    attributes: dict[str, list[Value]] = {
        "objectClass": ["top", "person", "organizationalPerson", "user"],
        "sAMAccountName": [person.account],
        "userPrincipalName": [address],
        "userAccountControl": [_DISABLED if number % 17 == 16 else _ENABLED],
        "givenName": [person.given],
        "sn": [person.surname],
        "displayName": [person.display_name],
        "mail": [address],
        "mailNickname": [person.account],
        "proxyAddresses": [f"SMTP:{address}", f"smtp:{person.account}@{company.domain}"],
        "company": [company.name],
        "department": [_department(company, number)],
        "c": [company.country[0]],
        "co": [company.country[1]],
        "l": [company.city],
    }
    if number % 3 == 0:
        attributes["proxyAddresses"].append(f"sip:{address}")
        attributes["telephoneNumber"] = [f"+1 555 {number:06}"]
    if number % 4 == 0:
        attributes["proxyAddresses"].append(_x500(person.account))
        attributes["title"] = ["Manager"]
    name = f"{person.display_name} ({number})"
    parent = _parent(_department(company, number), company, base_dn)
    return Member("user", name, parent, words, attributes)


def group(base_dn: str, number: int) -> Member:
    """A group: one in three has no mail, and is a security group then."""
    company = COMPANIES[number % len(COMPANIES)]
    account = f"list-{number:03}"
    address = f"{account}@{company.domain}"
    name = f"{_department(company, number)} {number:03}"
    attributes: dict[str, list[Value]] = {
        "objectClass": ["top", "group"],
        "sAMAccountName": [account],
        "displayName": [name],
        "groupType": [_GLOBAL_SECURITY_GROUP],
    }
    if number % 3:
        attributes |= {
            "groupType": [_UNIVERSAL_DISTRIBUTION_GROUP],
            "mail": [address],
            "mailNickname": [account],
            "proxyAddresses": [f"SMTP:{address}"],
        }
    words = {
        **_words(account, company.domain),
        **_halves("name", name),
        **_account_words(account),
    }
    return Member("group", name, _parent("Groups", company, base_dn), words, attributes)


def contact(base_dn: str, number: int) -> Member:
    """Somebody elsewhere."""
    # Beyond the numbers of users, whose names they would have.
    company, person = _person(number + 100_000)
    local = f"partner.{person.local}"
    address = f"{local}@partner.example.com"
    account = f"partner-{number:03}"
    words = {
        **_words(local, "partner.example.com"),
        **_halves("name", person.display_name),
        **_halves("given", person.given),
        **_halves("surname", person.surname),
        **_account_words(account),
    }
    attributes: dict[str, list[Value]] = {
        "objectClass": ["top", "person", "organizationalPerson", "contact"],
        "givenName": [person.given],
        "sn": [person.surname],
        "displayName": [person.display_name],
        "mail": [address],
        "mailNickname": [account],
        "proxyAddresses": [f"SMTP:{address}"],
        "targetAddress": [f"SMTP:{address}"],
    }
    name = f"{person.display_name} (Partner {number})"
    return Member("contact", name, _parent("Contacts", company, base_dn), words, attributes)


@dataclass(frozen=True)
class _Person:
    given: str
    surname: str
    display_name: str
    local: str
    account: str


def _person(number: int) -> tuple[Company, _Person]:
    company = COMPANIES[number % len(COMPANIES)]
    # The numbers of companies and of names have no common divisor: names meet in every way.
    given, given_romanised = company.given_names[number % len(company.given_names)]
    surname, surname_romanised = company.surnames[number % len(company.surnames)]
    first, last = _ascii(given_romanised or given), _ascii(surname_romanised or surname)
    return company, _Person(
        given=given,
        surname=surname,
        display_name=company.display_name.format(given=given, surname=surname),
        local=f"{first}.{last}{number}",
        account=f"{first[0]}{last[:10]}{number}",
    )


def _ascii(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.replace("ß", "ss").lower())
    return "".join(c for c in decomposed if c.isascii() and c.isalpha())


def _words(local: str, domain: str) -> dict[str, str]:
    return {
        **_halves("local", local),
        **_halves("domain", domain),
        "address": f"{local}@{domain}",
        "capitals": f"{local}@{domain}".upper(),
        # U+FF41 and so on, which are the same letters to whom compatible forms are the same
        "wide": f"{chr(ord(local[0]) + 0xFEE0)}{local[1:]}@{domain}",
        "accented": _accented(local, 1),
        "accented_late": _accented(local[::-1], 1)[::-1],
        "local_64": f"{local}.".ljust(64, "x"),
        "local_65": f"{local}.".ljust(65, "x"),
        "decomposed": unicodedata.normalize("NFD", _accented(local, 1)),
    }


def _account_words(account: str) -> dict[str, str]:
    return {**_halves("account", account), "account_65": account.ljust(65, "x")}


def _halves(name: str, text: str) -> dict[str, str]:
    """The text, and what it is made of if it is broken in a place where only letters are around."""
    half = len(text) // 2
    candidates = (at for at in range(half, len(text)) if text[at - 1 : at + 1].isalnum())
    middle = next(candidates, half)
    return {name: text, f"{name}_head": text[:middle], f"{name}_tail": text[middle:]}


def _accented(text: str, count: int) -> str:
    """The text with accents that no language writes as another letter."""
    accents = {"a": "á", "e": "é", "i": "í", "o": "ó", "u": "ú", "n": "ñ", "s": "š", "c": "č"}
    for plain, accented in accents.items():
        if plain in text:
            return text.replace(plain, accented, count)
    raise ValueError(f"{text} has no letter that can have an accent")


def _department(company: Company, number: int) -> str:
    return company.departments[number % len(company.departments)]


def _parent(unit: str, company: Company, base_dn: str) -> str:
    return f"OU={unit},OU={company.name},{base_dn}"


def _x500(account: str) -> str:
    return (
        "X500:/o=Forest/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)"
        f"/cn=Recipients/cn={account}"
    )
