# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TXT record sets at Azure DNS, by azure-mgmt-dns.

A record set is replaced only if its ETag is still the one that was read, and created only if there
is none (If-Match and If-None-Match of REST API 2018-05-01, "Record Sets - Create Or Update"). It is
sent as the JSON that was read, because the library's models drop what they do not know. Private to
the collection: it can change in any release.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..._errors import (
    AuthenticationFailed,
    ChangedMeanwhile,
    InvalidInput,
    NotUnderstood,
    ObjectGone,
    Refused,
    TenantopsError,
)
from ..._libraries import library, require
from ..model import LARGEST_TTL, RRsetName, TxtRRset, TxtValue
from .account import Account, Requirements
from .answers import Company, HttpAnswer, field
from .quoting import check_plain
from .record_set import Held, own_forms
from .zones import find_zone, relative_name

with library("azure-mgmt-dns"):
    import azure.mgmt.dns
with library("azure-identity"):
    import azure.core.exceptions
    import azure.identity

REQUIREMENTS = Requirements(
    credentials=frozenset({"tenant_id", "client_id", "client_secret"}),
    finds_credentials=True,
    settings=frozenset({"subscription_id", "resource_group"}),
    optional_settings=frozenset({"authority"}),
)

_COMPANY = Company(
    "Azure DNS",
    permission="The identity needs the role DNS Zone Contributor for the zone, or at least "
    "Microsoft.Network/dnszones/read and Microsoft.Network/dnszones/TXT/*.",
    credentials="Check tenant_id, client_id and client_secret, and authority and url if the cloud "
    "is not the public one.",
)
# The codes of a record set or a zone that is not there, apart from a group that is not.
_ABSENT = frozenset({"NotFound", "ResourceNotFound"})
# An ETag that no record set has: with it Azure can only refuse.
_NOBODYS_ETAG = "00000000-0000-0000-0000-000000000000"
_MANAGEMENT = "https://management.azure.com"


@dataclass(frozen=True)
class AzureDns:
    """The `HostedRecords` of one name in a zone."""

    client: Any
    resource_group: str
    name: RRsetName
    warnings: tuple[str, ...] = ()
    writes_whole_sets: bool = True
    is_conditional: bool = True

    @classmethod
    def open(cls, account: Account, owner: str, zone: str | None) -> AzureDns:
        """Find the zone of a name in the resource group."""
        require("azure-mgmt-dns", "azure-identity")
        client, group = _client(account), account.settings["resource_group"]
        zone, _id = find_zone(
            owner,
            zone,
            partial(_zones, client, group),
            server=_COMPANY.server,
            is_at=f"in resource group {group}",
        )
        return cls(client, group, RRsetName(zone, owner))

    @property
    def server(self) -> str:
        return f"{_COMPANY.server} ({self.resource_group})"

    def fetch(self) -> Held:
        found = self._get("TXT")
        if found is None:
            return Held(TxtRRset())
        etag = field(found, "etag", str, self._wrong)
        properties = field(found, "properties", dict, self._wrong)
        ttl = field(properties, "TTL", int, self._wrong)
        records = field(properties, "TXTRecords", list, self._wrong)
        if not records:
            # An empty set is a thing of its own there, with metadata; DNS knows none.
            return Held(TxtRRset(), version=(etag, properties))
        values = ((self._value(record), ttl, record) for record in records)
        return Held.of(values, version=(etag, properties))

    def encoded(self, value: TxtValue) -> dict[str, list[str]]:
        check_plain(value, "Azure DNS")
        return {"value": [string.decode("ascii") for string in value.strings]}

    def check_ttl(self, ttl: int) -> None:
        if not 1 <= ttl <= LARGEST_TTL:
            raise InvalidInput(f"ttl is not between 1 and {LARGEST_TTL}, as Azure DNS wants it")

    def check(self, held: Held, after: TxtRRset) -> None:
        if not held.rrset.values and self._get("CNAME") is not None:
            raise Refused(
                "The name is an alias (CNAME), and can have no other records",
                server=self.server,
                subject=self._subject,
                advice="Publish at another name, or have the alias removed.",
            )
        try:
            self._send(held, after, if_match=_NOBODYS_ETAG)
        except ChangedMeanwhile:
            return
        raise self._wrong("a condition that cannot be fulfilled was taken for fulfilled")

    def write(self, held: Held, after: TxtRRset) -> None:
        if held.version is None:
            self._send(held, after, if_none_match="*")
        else:
            self._send(held, after, if_match=held.version[0])

    def _send(self, held: Held, after: TxtRRset, **condition: str) -> None:
        place = (self.resource_group, _without_dot(self.name.zone), relative_name(self.name), "TXT")
        with _answers(self._subject, self.server):
            if after.ttl is None:
                self.client.record_sets.delete(*place, **condition)
                return
            properties = dict(held.version[1]) if held.version else {}
            # These are told, and not taken.
            for told in ("fqdn", "provisioningState"):
                properties.pop(told, None)
            properties |= {"TTL": after.ttl, "TXTRecords": own_forms(self, held, after)}
            body = json.dumps({"properties": properties}).encode("utf-8")
            self.client.record_sets.create_or_update(*place, body, **condition)

    def _get(self, record_type: str) -> Any:
        """A record set as JSON, null if there is none."""
        try:
            with _answers(self._subject, self.server):
                return self.client.record_sets.get(
                    self.resource_group,
                    _without_dot(self.name.zone),
                    relative_name(self.name),
                    record_type,
                    cls=_as_json,
                )
        except _Absent:
            return None

    def _value(self, record: Any) -> TxtValue:
        strings = field(record, "value", list, self._wrong)
        if not strings or not all(isinstance(string, str) for string in strings):
            raise self._wrong(repr(record))
        return TxtValue(tuple(string.encode("utf-8") for string in strings))

    def _wrong(self, answer: str) -> NotUnderstood:
        return _COMPANY.not_understood(answer, self._subject)

    @property
    def _subject(self) -> str:
        return f"{self.name.owner} TXT"


class _Absent(ObjectGone):
    """There is no such zone or record set."""


def _client(account: Account) -> Any:
    url = account.url or _MANAGEMENT
    transport = {
        "connection_timeout": account.timeout,
        "read_timeout": account.timeout,
        "connection_verify": account.ca_path or True,
    }
    return azure.mgmt.dns.DnsManagementClient(
        _Credential(_found_credential(account, transport), account),
        account.settings["subscription_id"],
        base_url=url,
        credential_scopes=[f"{url}/.default"],
        # A second try after a lost answer would find the ETag changed, by the first.
        retry_total=0,
        permit_redirects=False,
        **transport,
    )


@dataclass(frozen=True)
class _Credential:
    """A credential whose tokens are not told to anybody else."""

    credential: Any
    account: Account

    def get_token(self, *scopes: str, **options: Any) -> Any:
        """What azure-core asks for."""
        token = self.credential.get_token(*scopes, **options)
        self.account.learned.add(token.token)
        return token


def _found_credential(account: Account, transport: dict[str, Any]) -> Any:
    authority = account.settings.get("authority")
    options: dict[str, Any] = {"authority": authority} if authority else {}
    given = account.credentials
    if not given:
        return azure.identity.DefaultAzureCredential(**options)
    return azure.identity.ClientSecretCredential(
        given["tenant_id"],
        given["client_id"],
        given["client_secret"],
        # An authority that Microsoft does not know is the operator's to vouch for.
        disable_instance_discovery=bool(authority),
        retry_total=1,
        **options,
        **transport,
    )


def _zones(client: Any, group: str, zone: str) -> list[str]:
    try:
        with _answers(zone):
            found = client.zones.get(group, _without_dot(zone), cls=_as_json)
    except _Absent:
        return []
    return [field(found, "name", str, partial(_COMPANY.not_understood, subject=zone))]


def _as_json(answer: Any, _model: Any, _headers: Any) -> Any:
    return answer.http_response.json()


def _without_dot(name: str) -> str:
    return name.removesuffix(".")


@contextmanager
def _answers(subject: str, server: str = _COMPANY.server) -> Iterator[None]:
    """Raise our errors for those of azure-core."""
    try:
        yield
    except azure.core.exceptions.ClientAuthenticationError as error:
        raise _not_signed_in(error, subject, server) from error
    except (
        azure.core.exceptions.DecodeError,
        azure.core.exceptions.DeserializationError,
        json.JSONDecodeError,
    ) as error:
        raise _COMPANY.not_understood(str(error), subject) from error
    except azure.core.exceptions.HttpResponseError as error:
        raise _refusal(error, subject, server) from error
    except azure.core.exceptions.AzureError as error:
        raise _COMPANY.unreachable(error, subject) from error


def _not_signed_in(
    error: azure.core.exceptions.ClientAuthenticationError, subject: str, server: str
) -> TenantopsError:
    cause = error.__cause__ or error.__context__
    if error.response is None and isinstance(cause, azure.core.exceptions.ServiceRequestError):
        return _COMPANY.unreachable(cause, subject)
    return AuthenticationFailed(
        "Signing in failed",
        server=server,
        subject=subject,
        answer=" ".join(str(error.message).split()),
        advice=_COMPANY.credentials,
    )


def _refusal(
    error: azure.core.exceptions.HttpResponseError, subject: str, server: str
) -> TenantopsError:
    if error.response is None:
        return _COMPANY.unreachable(error, subject)
    response: Any = error.response
    headers = response.headers
    answer = HttpAnswer(
        int(error.status_code or 0),
        response.text(),
        headers.get("Retry-After"),
        headers.get("Location"),
    )
    code = _code(answer.body)
    told = {"server": server, "subject": subject, "answer": answer.told}
    if answer.status == 404 and code in _ABSENT:
        return _Absent("It does not exist", advice=_COMPANY.permission, **told)
    if answer.status == 412 and code is not None:
        return ChangedMeanwhile("Somebody else changed the records meanwhile", **told)
    return _COMPANY.error(answer, subject, is_its_own=code is not None)


def _code(body: Any) -> str | None:
    """The code of an error of Azure Resource Manager, null if it is none."""
    error = body.get("error", body) if isinstance(body, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, str) else None
