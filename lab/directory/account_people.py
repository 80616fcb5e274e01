# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The people whose sign-in names are to be put right: those of ``lab/account_tenants.py``.

Each tenant has an organizational unit below OU=Accounts. Nobody here has any of the faults that
the messy company is there for, but for a few who are to stand in the way; all are the same in
every lab, down to objectGUID.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .ldif import Entry, Value, escape_rdn_value

_NORMAL_ACCOUNT = 0x200
_PASSWORD_NOT_REQUIRED = 0x20
_DISABLED = 0x2
_NAMESPACE = uuid.UUID("6f2c1d58-9be0-4c37-a2f1-70d5c8e3b914")


@dataclass(frozen=True)
class Office:
    """A company's place in the directory and on earth; ``domain`` is that of its addresses."""

    company: str
    domain: str
    local_suffix: str
    room: str
    telephone: str
    street: str
    city: str
    region: str
    postal_code: str
    country: str
    country_code: str

    def unit(self, base_dn: str) -> str:
        """Return the DN of the company's organizational unit."""
        return f"OU={self.company},OU=Accounts,{base_dn}"


@dataclass(frozen=True)
class Colleague:
    """Somebody who works there. The account name is the first part of today's sign-in name.

    ``address`` is the first part of the primary address. ``replaced`` are attributes that are
    other than usual, or (empty) missing. ``has_own_anchor``: mS-DS-ConsistencyGuid is set.
    """

    office: Office
    number: int
    account: str
    given: str
    surname: str
    address: str
    department: str
    title: str
    display_name: str | None = None
    is_enabled: bool = True
    has_own_anchor: bool = False
    replaced: Mapping[str, Sequence[Value]] = field(default_factory=dict)

    def dn(self, base_dn: str) -> str:
        """Return where the person is in the directory."""
        name = escape_rdn_value(self.display_name or f"{self.given} {self.surname}")
        return f"CN={name},{self.office.unit(base_dn)}"

    @property
    def primary_address(self) -> str:
        """The address that the person is to sign in with."""
        return f"{self.address}@{self.office.domain}"

    def attributes(self) -> dict[str, Sequence[Value]]:
        """Return all that the directory has of the person."""
        office, identity = self.office, f"{self.office.company} {self.account}"
        flags = _NORMAL_ACCOUNT | _PASSWORD_NOT_REQUIRED | (0 if self.is_enabled else _DISABLED)
        own = uuid.uuid5(_NAMESPACE, f"anchor of {identity}").bytes_le
        values: dict[str, Sequence[Value]] = {
            "objectClass": ["top", "person", "organizationalPerson", "user"],
            "objectGUID": [uuid.uuid5(_NAMESPACE, identity).bytes_le],
            "mS-DS-ConsistencyGuid": [own] if self.has_own_anchor else [],
            "sAMAccountName": [self.account],
            "userPrincipalName": [f"{self.account}@{office.local_suffix}"],
            "userAccountControl": [str(flags)],
            "givenName": [self.given],
            "sn": [self.surname],
            "displayName": [self.display_name or f"{self.given} {self.surname}"],
            "mail": [self.primary_address],
            "mailNickname": [self.account],
            "proxyAddresses": [
                f"SMTP:{self.primary_address}",
                f"smtp:{self.account}@{office.domain}",
            ],
            "title": [self.title],
            "department": [self.department],
            "company": [office.company],
            "employeeID": [f"{self.number:05}"],
            "physicalDeliveryOfficeName": [office.room],
            "telephoneNumber": [f"{office.telephone} 1{self.number:02}"],
            "mobile": [f"{office.telephone} 7{self.number:02}"],
            "facsimileTelephoneNumber": [f"{office.telephone} 9{self.number:02}"],
            "streetAddress": [office.street],
            "l": [office.city],
            "st": [office.region],
            "postalCode": [office.postal_code],
            "co": [office.country],
            "c": [office.country_code],
            **self.replaced,
        }
        return {name: value for name, value in values.items() if value}


MUNSON = Office(
    company="Munson's Pickles",
    domain="munson.test",
    local_suffix="munson.local",
    room="Kajen 3",
    telephone="+46 19 555 1",
    street="Hamnplan 4",
    city="Örebro",
    region="Örebro län",
    postal_code="702 11",
    country="Sweden",
    country_code="SE",
)
LAMNA = Office(
    company="Lamna Healthcare",
    domain="lamna.test",
    local_suffix="lamna.local",
    room="本館 2F",
    telephone="+81 75 555 2",
    street="烏丸通 8",
    city="京都市",
    region="京都府",
    postal_code="600-8216",
    country="Japan",
    country_code="JP",
)
SOUTHRIDGE = Office(
    company="Southridge Video",
    domain="southridge.test",
    local_suffix="southridge.local",
    room="Studio B",
    telephone="+1 206 555 3",
    street="12 Pine Street",
    city="Seattle",
    region="WA",
    postal_code="98101",
    country="United States",
    country_code="US",
)
PARNELL = Office(
    company="Parnell Aerospace",
    domain="parnell.test",
    local_suffix="parnell.local",
    room="Hangar 1",
    telephone="+44 1792 555 4",
    street="3 Runway Road",
    city="Swansea",
    region="Wales",
    postal_code="SA2 7JU",
    country="United Kingdom",
    country_code="GB",
)
OFFICES = (MUNSON, LAMNA, SOUTHRIDGE, PARNELL)

# Of the fields of the global address list, a few people lack some.
_WITHOUT_FAX_AND_MOBILE: Mapping[str, Sequence[Value]] = {
    "facsimileTelephoneNumber": [],
    "mobile": [],
}
_WITHOUT_PLACE: Mapping[str, Sequence[Value]] = {
    "department": [],
    "title": [],
    "physicalDeliveryOfficeName": [],
}


def _aligned(office: Office, address: str) -> Mapping[str, Sequence[Value]]:
    return {"userPrincipalName": [f"{address}@{office.domain}"]}


IN_MUNSON = (
    Colleague(MUNSON, 1, "abergqvist", "Anna", "Bergqvist", "anna.bergqvist", "Preserves", "Head"),
    Colleague(MUNSON, 2, "bholm", "Bo", "Holm", "bo.holm", "Preserves", "Cook"),
    Colleague(MUNSON, 3, "cekberg", "Cecilia", "Ekberg", "cecilia.ekberg", "Preserves", "Cook"),
    Colleague(MUNSON, 4, "dolsson", "David", "Olsson", "david.olsson", "Sales", "Head"),
    Colleague(MUNSON, 5, "efors", "Eva", "Fors", "eva.fors", "Sales", "Clerk"),
    Colleague(
        MUNSON, 6, "fnorden", "Frans", "Nordén", "frans.norden", "Sales", "Clerk",
        has_own_anchor=True,
    ),
    Colleague(MUNSON, 7, "gsandell", "Greta", "Sandell", "greta.sandell", "Office", "Head"),
    Colleague(MUNSON, 8, "hwiklund", "Hugo", "Wiklund", "hugo.wiklund", "IT", "Administrator"),
    Colleague(MUNSON, 9, "iahl", "Ines", "Ahl", "ines.ahl", "Warehouse", "Driver"),
    Colleague(MUNSON, 10, "jroos", "Jonas", "Roos", "jonas.roos", "Warehouse", "Driver"),
    Colleague(
        MUNSON, 11, "kdahl", "Karin", "Dahl", "karin.dahl", "Warehouse", "Packer",
        replaced=_WITHOUT_PLACE,
    ),
    Colleague(
        MUNSON, 12, "llund", "Leo", "Lund", "leo.lund", "Warehouse", "Packer",
        is_enabled=False, replaced=_WITHOUT_FAX_AND_MOBILE,
    ),
    Colleague(
        MUNSON, 13, "mstrom", "Maja", "Ström", "maja.strom", "Office", "Clerk",
        has_own_anchor=True,
    ),
    Colleague(
        MUNSON, 14, "nfalk", "Nils", "Falk", "nils.falk", "Office", "Clerk",
        replaced=_aligned(MUNSON, "nils.falk"),
    ),
)  # fmt: skip

# Given name, surname, how it is shown, department and title; account and address are made of the
# first two.
_LAMNA_PEOPLE = (
    ("Aoi", "Yamada", "山田 葵", "看護部", "部長"),
    ("Daichi", "Suzuki", "鈴木 大地", "看護部", "看護師"),
    ("Emi", "Tanaka", "田中 恵美", "看護部", "看護師"),
    ("Fumio", "Ito", "伊藤 文雄", "医局", "医師"),
    ("Hana", "Kato", "加藤 花", "医局", "医師"),
    ("Isamu", "Mori", "森 勇", "医局", "医師"),
    ("Jun", "Abe", "阿部 純", "総務部", "部長"),
    ("Kana", "Ueda", "上田 佳奈", "情報部", "係長"),
    ("Makoto", "Hayashi", "林 誠", "総務部", "係員"),
    ("Nao", "Kimura", "木村 直", "総務部", "係員"),
    ("Osamu", "Sakai", "酒井 修", "薬局", "薬剤師"),
    ("Rei", "Goto", "後藤 玲", "薬局", "薬剤師"),
    ("Sora", "Maeda", "前田 空", "情報部", "係員"),
    ("Tomo", "Ono", "小野 智", "総務部", "係員"),
)
_LAMNA_REPLACED: Mapping[int, Mapping[str, Sequence[Value]]] = {
    11: _WITHOUT_PLACE,
    12: _WITHOUT_FAX_AND_MOBILE,
    14: _aligned(LAMNA, "tomo.ono"),
}
IN_LAMNA = tuple(
    Colleague(
        LAMNA,
        number,
        f"{surname}.{given[0]}".lower(),
        given,
        surname,
        f"{given}.{surname}".lower(),
        department,
        title,
        display_name=shown,
        is_enabled=number != 12,
        has_own_anchor=number in (6, 13),
        replaced=_LAMNA_REPLACED.get(number, {}),
    )
    for number, (given, surname, shown, department, title) in enumerate(_LAMNA_PEOPLE, start=1)
)

# Each of them is in another trouble, but for the first one.
GOOD = Colleague(SOUTHRIDGE, 1, "nhale", "Nora", "Hale", "nora.hale", "Editing", "Editor")
HELD_BY_DELETED = Colleague(
    SOUTHRIDGE, 2, "cdanes", "Cleo", "Danes", "cleo.danes", "Editing", "Editor"
)
SAME_ADDRESS = Colleague(SOUTHRIDGE, 3, "rwood", "Robin", "Wood", "robin.wood", "Editing", "Editor")
SAME_ADDRESS_TOO = Colleague(
    SOUTHRIDGE, 4, "rwood2", "Robin", "Woods", "robin.wood", "Camera", "Operator",
    replaced={
        "proxyAddresses": ["SMTP:robin.wood@southridge.test", "smtp:rwood2@southridge.test"]
    },
)  # fmt: skip
BY_GROUP_ONLY = Colleague(
    SOUTHRIDGE, 5, "gprice", "Gale", "Price", "gale.price", "Camera", "Operator"
)
UNVERIFIED_SUFFIX = Colleague(
    SOUTHRIDGE, 6, "uvance", "Uma", "Vance", "uma.vance", "Camera", "Operator",
    replaced={
        "mail": ["uma.vance@southridge.example"],
        "proxyAddresses": ["SMTP:uma.vance@southridge.example", "smtp:uvance@southridge.test"],
    },
)  # fmt: skip
SYNCED = Colleague(SOUTHRIDGE, 7, "dellery", "Dan", "Ellery", "dan.ellery", "Sound", "Engineer")
NOT_SYNCED = Colleague(
    SOUTHRIDGE, 8, "dellery2", "Daniel", "Ellery", "dan.ellery", "Sound", "Trainee"
)
IN_SOUTHRIDGE = (
    GOOD,
    HELD_BY_DELETED,
    SAME_ADDRESS,
    SAME_ADDRESS_TOO,
    BY_GROUP_ONLY,
    UNVERIFIED_SUFFIX,
    SYNCED,
    NOT_SYNCED,
)

IN_PARNELL = (
    Colleague(PARNELL, 1, "aprice", "Alun", "Price", "alun.price", "Design", "Engineer"),
    Colleague(PARNELL, 2, "bhughes", "Bethan", "Hughes", "bethan.hughes", "Design", "Engineer"),
    Colleague(PARNELL, 3, "crees", "Carys", "Rees", "carys.rees", "Flight", "Pilot"),
    Colleague(PARNELL, 4, "dlloyd", "Dylan", "Lloyd", "dylan.lloyd", "Flight", "Pilot"),
)

ALL = (*IN_MUNSON, *IN_LAMNA, *IN_SOUTHRIDGE, *IN_PARNELL)


def account_people(base_dn: str) -> Iterator[Entry]:
    """Yield the organizational units and the people in the order to add them."""
    yield _unit(f"OU=Accounts,{base_dn}")
    for office in OFFICES:
        yield _unit(office.unit(base_dn))
    for person in ALL:
        yield Entry(person.dn(base_dn), person.attributes())


def _unit(dn: str) -> Entry:
    return Entry(dn, {"objectClass": ["top", "organizationalUnit"]})
