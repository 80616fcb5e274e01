# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TXT records at Cloudflare, by its own library.

Every value is a record of its own there, with an id, so that a change touches only what it is
about. All parts of a change go in one batch, which Cloudflare carries out in one transaction (API
reference, "Batch DNS Records"). Answers are read as JSON, because the library takes a page of HTML
for one. Private to the collection: it can change in any release.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..._errors import InvalidInput, NotUnderstood, ObjectGone
from ..._libraries import library, require
from ..model import RRsetName, TxtRRset, TxtValue
from .account import Account, Requirements
from .answers import Company, HttpAnswer, field
from .quoting import check_plain, quoted, unquoted
from .record_set import Held
from .zones import chosen_zone

with library("cloudflare"):
    import cloudflare

REQUIREMENTS = Requirements(
    credentials=frozenset({"api_token"}), optional_settings=frozenset({"zone_id"})
)

_COMPANY = Company(
    "Cloudflare",
    permission="The API token needs Zone.Zone:Read and Zone.DNS:Edit for the zone.",
    credentials="Check the API token, and that it is in force.",
)
_API = "https://api.cloudflare.com/client/v4"
# "Automatic", and the range of zones that are not of the Enterprise plan: they go down to 30.
_AUTOMATIC_TTL = 1
_TTLS = range(30, 86401)
_NOBODYS_ID = "0" * 32
_PAGE = 100
_BASE = 10


@dataclass(frozen=True)
class Cloudflare:
    """The `HostedRecords` of one name in a zone."""

    client: Any
    zone_id: str
    name: RRsetName
    warnings: tuple[str, ...] = ()
    writes_whole_sets: bool = False
    is_conditional: bool = False

    @classmethod
    def open(cls, account: Account, owner: str, zone: str | None) -> Cloudflare:
        """Find the zone of a name."""
        require("cloudflare")
        client = _client(account)
        zone, zone_id = chosen_zone(
            account.settings.get("zone_id"),
            owner,
            zone,
            name_of=partial(_zone_name, client),
            ids_of=partial(_zones, client),
            server=_COMPANY.server,
            is_at="that this API token may see",
        )
        return cls(client, zone_id, RRsetName(zone, owner))

    @property
    def server(self) -> str:
        return f"{_COMPANY.server} ({self.zone_id})"

    def fetch(self) -> Held:
        records: list[tuple[TxtValue, int, str]] = []
        page, pages = 1, 1
        while page <= pages:
            answer = self._ask(
                self._records.list,
                name={"exact": self.name.name},
                type="TXT",
                page=page,
                per_page=_PAGE,
            )
            records += map(self._record, field(answer, "result", list, self._wrong))
            info = field(answer, "result_info", dict, self._wrong)
            pages, page = field(info, "total_pages", int, self._wrong), page + 1
        return Held.of(records)

    def encoded(self, value: TxtValue) -> str:
        check_plain(value, "Cloudflare")
        return quoted(value, _BASE)

    def check_ttl(self, ttl: int) -> None:
        if ttl != _AUTOMATIC_TTL and ttl not in _TTLS:
            raise InvalidInput(
                "ttl is neither 1 (automatic) nor between 30 and 86400, as Cloudflare wants it"
            )

    def check(self, held: Held, after: TxtRRset) -> None:
        try:
            self._ask(self._records.delete, _NOBODYS_ID)
        except ObjectGone:
            return
        raise self._wrong("a record was deleted that is not there")

    def write(self, held: Held, after: TxtRRset) -> None:
        removed = sorted(held.rrset.values - after.values)
        kept = sorted(held.rrset.values & after.values)
        added = sorted(after.values - held.rrset.values)
        parts: dict[str, list[dict[str, Any]]] = {
            "deletes": [{"id": record_id} for value in removed for record_id in held.forms[value]],
            "posts": [
                {
                    "type": "TXT",
                    "name": self.name.name,
                    "content": self.encoded(value),
                    "ttl": after.ttl,
                }
                for value in added
            ],
        }
        if kept and after.ttl != held.rrset.ttl:
            parts["patches"] = [
                {"id": record_id, "ttl": after.ttl}
                for value in kept
                for record_id in held.forms[value]
            ]
        self._ask(self._records.batch, **{name: part for name, part in parts.items() if part})

    @property
    def _records(self) -> Any:
        return _raw(self.client.dns.records)

    def _ask(self, call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        return _json(partial(call, *arguments, zone_id=self.zone_id, **options), self._subject)

    def _record(self, record: Any) -> tuple[TxtValue, int, str]:
        content, ttl, record_id, name, kind = (
            field(record, key, wanted, self._wrong)
            for key, wanted in (
                ("content", str),
                ("ttl", int),
                ("id", str),
                ("name", str),
                ("type", str),
            )
        )
        if (name.lower(), kind) != (self.name.name, "TXT"):
            raise self._wrong(f"it was asked for this name, and told of {kind} {name}")
        return self._value(content), ttl, record_id

    def _value(self, content: str) -> TxtValue:
        # Records made before Cloudflare asked for quotes have none.
        if content.startswith('"'):
            return unquoted(content, _BASE, self._wrong)
        return TxtValue.from_text(content)

    def _wrong(self, answer: str) -> NotUnderstood:
        return _COMPANY.not_understood(answer, self._subject)

    @property
    def _subject(self) -> str:
        return f"{self.name.owner} TXT"


def _client(account: Account) -> Any:
    http_client = cloudflare.DefaultHttpxClient(
        verify=ssl.create_default_context(cafile=account.ca_path),
        timeout=account.timeout,
        follow_redirects=False,
    )
    client = cloudflare.Cloudflare(
        api_token=account.credentials["api_token"],
        base_url=account.url or _API,
        http_client=http_client,
        # A second try after a lost answer could make a record twice.
        max_retries=0,
    )
    # The library looks for these in the environment, and prefers them.
    client.api_key = client.api_email = client.user_service_key = None
    return client


def _raw(resource: Any) -> Any:
    """The calls of a resource, with answers as they came."""
    return resource.with_raw_response


def _zone_name(client: Any, zone_id: str) -> str:
    found = _json(partial(_raw(client.zones).get, zone_id=zone_id), zone_id)
    wrong = partial(_COMPANY.not_understood, subject=zone_id)
    return f"{field(field(found, 'result', dict, wrong), 'name', str, wrong).lower()}."


def _zones(client: Any, zone: str) -> list[str]:
    wrong = partial(_COMPANY.not_understood, subject=zone)
    answer = _json(partial(_raw(client.zones).list, name=zone.removesuffix(".")), zone)
    return [
        field(found, "id", str, wrong)
        for found in field(answer, "result", list, wrong)
        if f"{field(found, 'name', str, wrong).lower()}." == zone
    ]


def _json(call: Callable[[], Any], subject: str) -> Any:
    """The JSON of a successful answer. Raises our errors for those of the library."""
    try:
        answer = _answer(call().http_response)
    except cloudflare.APIStatusError as error:
        answer = _answer(error.response)
        raise _COMPANY.error(answer, subject, is_its_own=_is_error(answer.body)) from error
    except cloudflare.APIConnectionError as error:
        raise _COMPANY.unreachable(error.__cause__ or error, subject) from error
    if not isinstance(answer.body, dict) or answer.body.get("success") is not True:
        raise _COMPANY.not_understood(answer.told, subject)
    return answer.body


def _answer(response: Any) -> HttpAnswer:
    return HttpAnswer(
        response.status_code,
        response.text,
        response.headers.get("Retry-After"),
        response.headers.get("Location"),
    )


def _is_error(body: Any) -> bool:
    return isinstance(body, dict) and isinstance(body.get("errors"), list)
