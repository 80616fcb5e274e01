# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TXT records at GoDaddy.

GoDaddy has no library of its own, and dns-lexicon removes one value by writing all TXT records of
the whole zone anew. So this asks the API itself (developer.godaddy.com, Domains API v1): values are
added by PATCH, which touches no others, and removed by PUT of the set at the name. There is no
condition for a write; what comes between the last look and a PUT is overwritten. Private to the
collection: it can change in any release.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from ..._errors import InvalidInput, NotUnderstood, Refused, TenantopsError
from ..._libraries import library, require
from ..model import RRsetName, TxtRRset, TxtValue
from .account import Account, Requirements
from .answers import Company, HttpAnswer, Throttled, field, seconds
from .json_api import JsonApi
from .quoting import check_plain
from .record_set import Held, own_forms
from .zones import check_inside, relative_name

with library("publicsuffixlist"):
    import publicsuffixlist
with library("requests"):
    import requests

REQUIREMENTS = Requirements(credentials=frozenset({"api_key", "api_secret"}))

_COMPANY = Company(
    "GoDaddy",
    permission="The key must be one for production, of the account that has the domain. GoDaddy "
    "opens its DNS API only to accounts with enough domains (see docs/dns_hosting.md).",
    credentials="Check api_key and api_secret, and that they are for production.",
)
_API = "https://api.godaddy.com"
_TTLS = range(600, 604801)
_LONGEST_VALUE = 255
_MOST_RECORDS = 500
_OWN_NAMESERVERS = ".domaincontrol.com"


@dataclass(frozen=True)
class GoDaddy:
    """The `HostedRecords` of one name in a domain."""

    api: JsonApi
    name: RRsetName
    warnings: tuple[str, ...] = ()
    writes_whole_sets: bool = True
    is_conditional: bool = False

    @classmethod
    def open(cls, account: Account, owner: str, zone: str | None) -> GoDaddy:
        """Find the domain of a name. GoDaddy's zones are domains as they are registered."""
        require("requests", "publicsuffixlist")
        if zone is None:
            zone = _registered_domain(owner)
        check_inside(owner, zone, "Check name and zone.")
        api = _api(account)
        domain = api.ask("GET", f"/v1/domains/{zone.removesuffix('.')}", zone)
        nameservers = domain.get("nameServers") if isinstance(domain, dict) else None
        if not isinstance(domain, dict) or not isinstance(nameservers, list | None):
            raise _COMPANY.not_understood(repr(domain), zone)
        return cls(api, RRsetName(zone, owner), _warnings(zone, nameservers or []))

    @property
    def server(self) -> str:
        return _COMPANY.server

    def fetch(self) -> Held:
        query = {"limit": str(_MOST_RECORDS)}
        records = self.api.ask("GET", self._path, self._subject, query=query)
        if not isinstance(records, list):
            raise self._wrong(repr(records))
        if len(records) >= _MOST_RECORDS:
            raise Refused("There are too many records", server=self.server, subject=self._subject)
        return Held.of(map(self._record, records))

    def encoded(self, value: TxtValue) -> dict[str, Any]:
        check_plain(value, "GoDaddy")
        if len(value.content) > _LONGEST_VALUE:
            raise InvalidInput(
                f"It is not documented how GoDaddy keeps values of more than {_LONGEST_VALUE} "
                "bytes",
                subject=value.master_file_form,
                advice="Publish or withdraw it by hand.",
            )
        return {"data": value.content.decode("ascii")}

    def check_ttl(self, ttl: int) -> None:
        if ttl not in _TTLS:
            raise InvalidInput(
                f"ttl is not between {_TTLS[0]} and {_TTLS[-1]}, as GoDaddy wants it"
            )

    def check(self, held: Held, after: TxtRRset) -> None:
        """A key that may read may write; there is nothing to ask."""

    def write(self, held: Held, after: TxtRRset) -> None:
        if after.ttl is None:
            self.api.ask("DELETE", self._path, self._subject)
        elif held.rrset.values <= after.values and after.ttl == (held.rrset.ttl or after.ttl):
            path = f"/v1/domains/{self.name.zone.removesuffix('.')}/records"
            self.api.ask("PATCH", path, self._subject, body=self._added(held, after))
        else:
            self.api.ask("PUT", self._path, self._subject, body=self._all(held, after))

    def _added(self, held: Held, after: TxtRRset) -> list[dict[str, Any]]:
        place = {"type": "TXT", "name": relative_name(self.name), "ttl": after.ttl}
        return [place | self.encoded(v) for v in sorted(after.values - held.rrset.values)]

    def _all(self, held: Held, after: TxtRRset) -> list[dict[str, Any]]:
        keeps_ttl = after.ttl == held.rrset.ttl
        return [
            {"ttl": after.ttl, **form} if keeps_ttl else {**form, "ttl": after.ttl}
            for form in own_forms(self, held, after)
        ]

    def _record(self, record: Any) -> tuple[TxtValue, int, dict[str, Any]]:
        data = field(record, "data", str, self._wrong)
        ttl = field(record, "ttl", int, self._wrong)
        others = record.keys() - {"type", "name", "data", "ttl"}
        name = relative_name(self.name)
        if others or (record.get("type"), str(record.get("name")).lower()) != ("TXT", name):
            raise self._wrong(repr(record))
        return TxtValue.from_text(data), ttl, {"data": data, "ttl": ttl}

    @property
    def _path(self) -> str:
        domain = self.name.zone.removesuffix(".")
        return f"/v1/domains/{domain}/records/TXT/{relative_name(self.name)}"

    def _wrong(self, answer: str) -> NotUnderstood:
        return _COMPANY.not_understood(answer, self._subject)

    @property
    def _subject(self) -> str:
        return f"{self.name.owner} TXT"


def _api(account: Account) -> JsonApi:
    session = requests.Session()
    given = account.credentials
    # Or a .netrc would go over the header.
    session.auth = _SsoKey(given["api_key"], given["api_secret"])
    return JsonApi(
        company=_COMPANY,
        session=session,
        url=account.url or _API,
        ca_path=account.ca_path,
        timeout=account.timeout,
        refusal=_refusal,
    )


@dataclass(frozen=True)
class _SsoKey:
    """Puts the credentials into a request."""

    key: str
    secret: str

    def __call__(self, request: Any) -> Any:
        request.headers["Authorization"] = f"sso-key {self.key}:{self.secret}"
        return request


def _refusal(answer: HttpAnswer, subject: str) -> TenantopsError:
    body = answer.body
    is_its_own = isinstance(body, dict) and isinstance(body.get("code"), str)
    if is_its_own and answer.status in (409, 429):
        # 409 is how GoDaddy says that it is still busy with the change before.
        return Throttled(
            "There were too many requests",
            retry_after=seconds(body.get("retryAfterSec", answer.retry_after)),
            server=_COMPANY.server,
            subject=subject,
            answer=answer.told,
            advice="Run again later, or with fewer tenants at once.",
        )
    return _COMPANY.error(answer, subject, is_its_own=is_its_own)


def _registered_domain(owner: str) -> str:
    """The part of a name that somebody registered, such as example.co.uk."""
    labels = owner.removeprefix("*.").removesuffix(".")
    found = _public_suffixes().privatesuffix(labels)
    if found is None:
        raise InvalidInput("The name is in no domain that can be registered", subject=owner)
    return f"{found}."


@functools.cache
def _public_suffixes() -> publicsuffixlist.PublicSuffixList:
    return publicsuffixlist.PublicSuffixList(only_icann=True)


def _warnings(zone: str, nameservers: list[Any]) -> tuple[str, ...]:
    if not nameservers or any(str(n).lower().endswith(_OWN_NAMESERVERS) for n in nameservers):
        return ()
    told = ", ".join(map(str, nameservers))
    warning = (
        f"GoDaddy says that {zone} is served by {told}. These are not the name servers of GoDaddy, "
        "so what is written there may not be seen."
    )
    return (warning,)
