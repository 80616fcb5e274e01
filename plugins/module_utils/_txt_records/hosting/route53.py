# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TXT record sets at Amazon Route 53, by boto3.

A change is one batch that deletes the set as it was read and creates the new one. Route 53 carries
out a batch as a whole, and deletes only what is exactly as told (API reference,
ChangeResourceRecordSets), so a set that somebody changed meanwhile is never overwritten. Private to
the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..._errors import AuthenticationFailed, InvalidInput, NotUnderstood, Refused, TenantopsError
from ..._libraries import library, require
from ..model import LARGEST_TTL, RRsetName, TxtRRset, TxtValue
from .account import Account, Requirements
from .answers import Company, HttpAnswer, Throttled, field, seconds
from .quoting import quoted, unquoted
from .record_set import NOBODYS_VALUE, Held, own_forms
from .zones import chosen_zone

with library("boto3"):
    import boto3
    import botocore.config
    import botocore.exceptions
    import botocore.parsers

REQUIREMENTS = Requirements(
    credentials=frozenset({"access_key_id", "secret_access_key"}),
    optional_credentials=frozenset({"session_token"}),
    finds_credentials=True,
    optional_settings=frozenset({"zone_id", "profile"}),
)

_COMPANY = Company(
    "Amazon Route 53",
    permission="The credentials need route53:ListHostedZonesByName (or GetHostedZone with "
    "zone_id), route53:ListResourceRecordSets and route53:ChangeResourceRecordSets for the zone.",
    credentials="Check the access key, that it has not expired, and the clock of this machine.",
)
# Developer guide, "Supported DNS record types", TXT.
_LONGEST_VALUE = 4000
# Values outside of ASCII are written in octal (developer guide, "TXT record type").
_BASE = 8
_THROTTLED = frozenset({"Throttling", "ThrottlingException", "PriorRequestNotComplete"})
_UNKNOWN_CREDENTIALS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "MissingAuthenticationToken",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_NO_PERMISSION = frozenset({"AccessDenied", "AccessDeniedException", "OptInRequired"})
_REFUSED_BATCH = "InvalidChangeBatch"


@dataclass(frozen=True)
class Route53:
    """The `HostedRecords` of one name in a hosted zone."""

    client: Any
    zone_id: str
    name: RRsetName
    warnings: tuple[str, ...] = ()
    writes_whole_sets: bool = True
    is_conditional: bool = True

    @classmethod
    def open(cls, account: Account, owner: str, zone: str | None) -> Route53:
        """Find the hosted zone of a name."""
        require("boto3")
        client = _client(account)
        zone, zone_id = chosen_zone(
            account.settings.get("zone_id"),
            owner,
            zone,
            name_of=partial(_zone_name, client),
            ids_of=partial(_public_zones, client),
            server=_COMPANY.server,
            is_at="that is public, in this account",
        )
        return cls(client, zone_id, RRsetName(zone, owner))

    @property
    def server(self) -> str:
        return f"{_COMPANY.server} ({self.zone_id})"

    def fetch(self) -> Held:
        sets = self._record_sets()
        texts = [record_set for record_set in sets if record_set["Type"] == "TXT"]
        has_alias = any(record_set["Type"] == "CNAME" for record_set in sets)
        if not texts:
            return Held(TxtRRset(), has_alias=has_alias)
        record_set = texts[0]
        if len(texts) > 1 or record_set.keys() != {"Name", "Type", "TTL", "ResourceRecords"}:
            more = sorted({key for one in texts for key in one})
            raise Refused(
                "The TXT records have a routing policy or are an alias, which would be lost",
                server=self.server,
                subject=self._subject,
                answer=f"{len(texts)} record sets with {', '.join(more)}",
                advice="Change them by hand.",
            )
        ttl = record_set["TTL"]
        forms = [record["Value"] for record in record_set["ResourceRecords"]]
        return Held.of(
            ((unquoted(form, _BASE, self._wrong), ttl, form) for form in forms),
            version=(ttl, forms),
        )

    def encoded(self, value: TxtValue) -> str:
        form = quoted(value, _BASE)
        if len(form) > _LONGEST_VALUE:
            raise InvalidInput(
                f"A TXT value has more than {_LONGEST_VALUE} characters",
                advice="Route 53 does not take it.",
            )
        return form

    def check_ttl(self, ttl: int) -> None:
        if ttl > LARGEST_TTL:
            raise InvalidInput(f"ttl is more than {LARGEST_TTL}")

    def check(self, held: Held, after: TxtRRset) -> None:
        # A set is deleted only if it is exactly as told, and this one is nobody's.
        nobodys = self._set(1, [quoted(NOBODYS_VALUE, _BASE)])
        try:
            with _answers(self._subject, self.server):
                self._change([{"Action": "DELETE", "ResourceRecordSet": nobodys}])
        except _RefusedBatch:
            return
        raise self._wrong("a record set was deleted that is not there")

    def write(self, held: Held, after: TxtRRset) -> None:
        changes: list[Mapping[str, Any]] = []
        if held.version is not None:
            old = self._set(*held.version)
            changes.append({"Action": "DELETE", "ResourceRecordSet": old})
        if after.ttl is not None:
            new = self._set(after.ttl, own_forms(self, held, after))
            changes.append({"Action": "CREATE", "ResourceRecordSet": new})
        with _answers(self._subject, self.server):
            answer = self._change(changes)
            field(answer, "ChangeInfo", dict, self._wrong)

    def _change(self, changes: list[Mapping[str, Any]]) -> Any:
        return self.client.change_resource_record_sets(
            HostedZoneId=self.zone_id, ChangeBatch={"Changes": changes}
        )

    def _set(self, ttl: int, forms: list[str]) -> dict[str, Any]:
        records = [{"Value": form} for form in forms]
        return {"Name": self.name.owner, "Type": "TXT", "TTL": ttl, "ResourceRecords": records}

    def _record_sets(self) -> list[dict[str, Any]]:
        """All record sets at the name. They are listed in the order of names."""
        found: list[dict[str, Any]] = []
        start: dict[str, str] = {"StartRecordName": self.name.owner}
        while True:
            with _answers(self._subject, self.server):
                answer = self.client.list_resource_record_sets(HostedZoneId=self.zone_id, **start)
            for record_set in field(answer, "ResourceRecordSets", list, self._wrong):
                if _plain_name(record_set["Name"]) != self.name.owner:
                    return found
                found.append(record_set)
            if not answer.get("IsTruncated"):
                return found
            start = {
                f"Start{key.removeprefix('Next')}": answer[key]
                for key in ("NextRecordName", "NextRecordType", "NextRecordIdentifier")
                if key in answer
            }

    def _wrong(self, answer: str) -> NotUnderstood:
        return _COMPANY.not_understood(answer, self._subject)

    @property
    def _subject(self) -> str:
        return f"{self.name.owner} TXT"


class _RefusedBatch(Refused):
    """The changes do not fit what is there, so that none was made."""


def _client(account: Account) -> Any:
    config = botocore.config.Config(
        connect_timeout=account.timeout,
        read_timeout=account.timeout,
        # A second try after a lost answer would find the set changed, by the first.
        retries={"total_max_attempts": 1, "mode": "standard"},
    )
    given = account.credentials
    with _answers("sign-in"):
        session = boto3.Session(
            aws_access_key_id=given.get("access_key_id"),
            aws_secret_access_key=given.get("secret_access_key"),
            aws_session_token=given.get("session_token"),
            profile_name=account.settings.get("profile"),
        )
        return session.client(
            "route53",
            # Route 53 has one place for all regions of its partition.
            region_name=session.region_name or "us-east-1",
            endpoint_url=account.url,
            verify=account.ca_path,
            config=config,
        )


def _public_zones(client: Any, zone: str) -> list[str]:
    with _answers(zone):
        answer = client.list_hosted_zones_by_name(DNSName=zone)
    zones = field(answer, "HostedZones", list, partial(_COMPANY.not_understood, subject=zone))
    return [
        found["Id"].removeprefix("/hostedzone/")
        for found in zones
        if _plain_name(found["Name"]) == zone and not found.get("Config", {}).get("PrivateZone")
    ]


def _zone_name(client: Any, zone_id: str) -> str:
    with _answers(zone_id):
        answer = client.get_hosted_zone(Id=zone_id)
    wrong = partial(_COMPANY.not_understood, subject=zone_id)
    name: str = field(field(answer, "HostedZone", dict, wrong), "Name", str, wrong)
    return _plain_name(name)


def _plain_name(name: str) -> str:
    # The star of a wildcard is told in octal.
    return name.lower().replace("\\052", "*")


@contextmanager
def _answers(subject: str, server: str = _COMPANY.server) -> Iterator[None]:
    """Raise our errors for those of boto3."""
    try:
        yield
    except botocore.exceptions.ClientError as error:
        raise _refusal(error, subject, server) from error
    except botocore.parsers.ResponseParserError as error:
        raise _COMPANY.not_understood(str(error), subject) from error
    except (
        botocore.exceptions.NoCredentialsError,
        botocore.exceptions.PartialCredentialsError,
        botocore.exceptions.CredentialRetrievalError,
        botocore.exceptions.ProfileNotFound,
    ) as error:
        raise AuthenticationFailed(
            "There are no credentials that can be used",
            server=server,
            subject=subject,
            answer=str(error),
            advice="Give access_key_id and secret_access_key as dns_provider_credentials.",
        ) from error
    except botocore.exceptions.ParamValidationError as error:
        raise InvalidInput("Route 53 cannot be asked that", answer=str(error)) from error
    except botocore.exceptions.BotoCoreError as error:
        raise _COMPANY.unreachable(error, subject) from error


def _refusal(error: botocore.exceptions.ClientError, subject: str, server: str) -> TenantopsError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    text = error.response.get("Error", {}).get("Message", "")
    metadata = error.response.get("ResponseMetadata", {})
    status = int(metadata.get("HTTPStatusCode", 0))
    answer = HttpAnswer(status, f"{code}: {text}")
    told = {"server": server, "subject": subject, "answer": answer.told}
    if code in _THROTTLED or status == 429:
        return Throttled(
            "There were too many requests",
            retry_after=seconds(metadata.get("HTTPHeaders", {}).get("retry-after")),
            advice="Run again later, or with fewer tenants at once.",
            **told,
        )
    if code in _UNKNOWN_CREDENTIALS:
        return AuthenticationFailed(
            "The credentials are not accepted", advice=_COMPANY.credentials, **told
        )
    if code in _NO_PERMISSION:
        return Refused("These credentials may not do that", advice=_COMPANY.permission, **told)
    # The second form is that of the API reference, in which botocore finds no code.
    if code == _REFUSED_BATCH or (status == 400 and "Messages" in error.response):
        return _RefusedBatch("The changes are refused", **told)
    # Without an answer in its own form boto3 takes the status for the code.
    return _COMPANY.error(answer, subject, is_its_own=bool(code) and not code.isdigit())
