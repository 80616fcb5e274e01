# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TXT record sets at Google Cloud DNS.

Google's library google-cloud-dns can ask for nothing less than all records of a zone, and drops
routing policies. So this asks the API itself (Cloud DNS API v1) with google-auth's session. A
change deletes the set as it was read and adds the new one; Google carries it out as a whole, and
only if what is to be deleted is exactly as told. Private to the collection: it can change in any
release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
from .account import Account, Requirements, check_url, service_account
from .answers import Company, HttpAnswer, Throttled, field, seconds
from .json_api import JsonApi
from .quoting import quoted, unquoted
from .record_set import NOBODYS_VALUE, Held, own_forms
from .zones import chosen_zone

with library("google-auth"):
    import google.auth
    import google.auth.exceptions
    import google.auth.transport.requests
    import google.oauth2.service_account

REQUIREMENTS = Requirements(
    credentials=frozenset({"service_account"}),
    finds_credentials=True,
    optional_settings=frozenset({"project", "zone_id"}),
)

_COMPANY = Company(
    "Google Cloud DNS",
    permission="The identity needs the role DNS Administrator for the zone, or at least "
    "dns.managedZones.list (or get with zone_id), dns.resourceRecordSets.*, dns.changes.create.",
    credentials="Check the key of the service account, and the clock of this machine.",
)
_API = "https://dns.googleapis.com"
_SCOPE = "https://www.googleapis.com/auth/ndev.clouddns.readwrite"
_BASE = 10
_KNOWN_FIELDS = frozenset({"kind", "name", "type", "ttl", "rrdatas", "signatureRrdatas"})
_THROTTLED = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"})


@dataclass(frozen=True)
class GoogleCloudDns:
    """The `HostedRecords` of one name in a managed zone."""

    api: _Api
    zone_id: str
    name: RRsetName
    warnings: tuple[str, ...] = ()
    writes_whole_sets: bool = True
    is_conditional: bool = True

    @classmethod
    def open(cls, account: Account, owner: str, zone: str | None) -> GoogleCloudDns:
        """Find the managed zone of a name."""
        require("google-auth", "requests")
        api = _api(account)
        zone, zone_id = chosen_zone(
            account.settings.get("zone_id"),
            owner,
            zone,
            name_of=partial(_zone_name, api),
            ids_of=partial(_public_zones, api),
            server=_COMPANY.server,
            is_at="that is public, in this project",
        )
        return cls(api, zone_id, RRsetName(zone, owner))

    @property
    def server(self) -> str:
        return f"{_COMPANY.server} ({self.zone_id})"

    def fetch(self) -> Held:
        sets = self._record_sets()
        texts = [one for one in sets if one["type"] == "TXT"]
        has_alias = any(one["type"] == "CNAME" for one in sets)
        if not texts:
            return Held(TxtRRset(), has_alias=has_alias)
        if len(texts) > 1 or texts[0].keys() - _KNOWN_FIELDS:
            raise Refused(
                "The TXT records have more to them, which would be lost",
                server=self.server,
                subject=self._subject,
                answer=", ".join(sorted({name for one in texts for name in one})),
                advice="Change them by hand.",
            )
        found = texts[0]
        ttl = field(found, "ttl", int, self._wrong)
        forms = field(found, "rrdatas", list, self._wrong)
        return Held.of(
            ((unquoted(form, _BASE, self._wrong), ttl, form) for form in forms), version=found
        )

    def encoded(self, value: TxtValue) -> str:
        if any(not 32 <= byte < 127 for byte in value.content):
            raise InvalidInput(
                "It is not documented how Google Cloud DNS keeps values that are not ASCII",
                subject=value.master_file_form,
                advice="Publish or withdraw it by hand.",
            )
        return quoted(value, _BASE)

    def check_ttl(self, ttl: int) -> None:
        if ttl > LARGEST_TTL:
            raise InvalidInput(f"ttl is more than {LARGEST_TTL}")

    def check(self, held: Held, after: TxtRRset) -> None:
        # A set is deleted only if it is exactly as told, and this one is nobody's.
        nobodys = self._set(1, [quoted(NOBODYS_VALUE, _BASE)])
        try:
            self._change({"deletions": [nobodys]})
        except (_Unfit, ObjectGone):
            # The zone is there, or its records would not have been read.
            return
        raise self._wrong("a record set was deleted that is not there")

    def write(self, held: Held, after: TxtRRset) -> None:
        change: dict[str, list[Mapping[str, Any]]] = {}
        if held.version is not None:
            rrdatas, ttl = held.version["rrdatas"], held.version["ttl"]
            change["deletions"] = [self._set(ttl, rrdatas)]
        if after.ttl is not None:
            change["additions"] = [self._set(after.ttl, own_forms(self, held, after))]
        field(self._change(change), "status", str, self._wrong)

    def _change(self, change: Mapping[str, Any]) -> Any:
        path = f"/managedZones/{self.zone_id}/changes"
        return self.api.ask("POST", path, self._subject, body={"kind": "dns#change", **change})

    def _set(self, ttl: int, forms: list[str]) -> dict[str, Any]:
        return {
            "kind": "dns#resourceRecordSet",
            "name": self.name.owner,
            "type": "TXT",
            "ttl": ttl,
            "rrdatas": forms,
        }

    def _record_sets(self) -> list[dict[str, Any]]:
        """All record sets at the name."""
        path = f"/managedZones/{self.zone_id}/rrsets"
        sets = _all_pages(self.api, path, {"name": self.name.owner}, "rrsets", self._subject)
        for one in sets:
            if field(one, "name", str, self._wrong).lower() != self.name.owner:
                raise self._wrong(f"it was asked for this name, and told of {one['name']}")
            field(one, "type", str, self._wrong)
        return sets

    def _wrong(self, answer: str) -> NotUnderstood:
        return _COMPANY.not_understood(answer, self._subject)

    @property
    def _subject(self) -> str:
        return f"{self.name.owner} TXT"


class _Unfit(ChangedMeanwhile):
    """The change does not fit what is there, so that none was made."""


@dataclass(frozen=True)
class _TokenRequests:
    """Asks for tokens as google-auth wants it asked, with our trust and no redirects."""

    transport: Any
    ca_path: str | None

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return self.transport(
            *arguments, **{"verify": self.ca_path or True, "allow_redirects": False, **options}
        )


@dataclass(frozen=True)
class _Api:
    """Requests to one project, with errors of signing in told as such."""

    requests: JsonApi
    credentials: Any
    account: Account

    def ask(self, method: str, path: str, subject: str, **parts: Any) -> Any:
        """As `JsonApi` does it."""
        try:
            with _signing_in(subject):
                return self.requests.ask(method, path, subject, **parts)
        finally:
            self.account.learned.add(str(self.credentials.token or ""))


@contextmanager
def _signing_in(subject: str) -> Iterator[None]:
    """Raise our errors for those of google-auth."""
    try:
        yield
    except google.auth.exceptions.TransportError as error:
        raise _COMPANY.unreachable(error, subject) from error
    except google.auth.exceptions.GoogleAuthError as error:
        raise AuthenticationFailed(
            "Signing in failed",
            server=_COMPANY.server,
            subject=subject,
            answer=str(error),
            advice=_COMPANY.credentials,
        ) from error


def _first_token(credentials: Any, token_requests: _TokenRequests, timeout: float) -> None:
    subject = "sign-in"
    try:
        with _signing_in(subject):
            credentials.refresh(partial(token_requests, timeout=timeout))
    except (KeyError, TypeError, ValueError) as error:
        # The library takes whatever comes with status 200 for a token.
        raise _COMPANY.not_understood(f"{type(error).__name__}: {error}", subject) from error


def _api(account: Account) -> _Api:
    credentials, project = _credentials(account)
    project = account.settings.get("project") or project
    if not project:
        raise InvalidInput("dns_provider=google needs project in dns_provider_settings")
    token_requests = _TokenRequests(google.auth.transport.requests.Request(), account.ca_path)
    _first_token(credentials, token_requests, account.timeout)
    session = google.auth.transport.requests.AuthorizedSession(
        credentials, auth_request=token_requests
    )
    api = JsonApi(
        company=_COMPANY,
        session=session,
        url=f"{account.url or _API}/dns/v1/projects/{project}",
        ca_path=account.ca_path,
        timeout=account.timeout,
        refusal=_refusal,
    )
    return _Api(api, credentials, account)


def _credentials(account: Account) -> tuple[Any, str | None]:
    """The credentials, and the project that they belong to, if they tell."""
    text = account.credentials.get("service_account")
    if text is None:
        try:
            found: tuple[Any, str | None] = google.auth.default(scopes=[_SCOPE])
        except google.auth.exceptions.GoogleAuthError as error:
            raise AuthenticationFailed(
                "There are no credentials that can be used",
                server=_COMPANY.server,
                answer=str(error),
                advice="Give service_account as dns_provider_credentials.",
            ) from error
        return found
    fields = service_account(text)
    check_url("token_uri of service_account", str(fields.get("token_uri")))
    try:
        credentials = google.oauth2.service_account.Credentials.from_service_account_info(
            fields, scopes=[_SCOPE]
        )
    except ValueError as error:
        # What is wrong is not told: it could be the key.
        raise InvalidInput(
            "service_account is not the key file of a service account",
            answer=type(error).__name__,
            advice="Give the JSON file as Google wrote it.",
        ) from None
    return credentials, credentials.project_id


def _refusal(answer: HttpAnswer, subject: str) -> TenantopsError:
    body = answer.body
    error = body.get("error") if isinstance(body, dict) else None
    is_its_own = isinstance(error, dict)
    details = error.get("errors") if isinstance(error, dict) else None
    reasons = {one.get("reason") for one in details or () if isinstance(one, dict)}
    told = {"server": _COMPANY.server, "subject": subject, "answer": answer.told}
    if is_its_own and (answer.status == 429 or reasons & _THROTTLED):
        return Throttled(
            "There were too many requests",
            retry_after=seconds(answer.retry_after),
            advice="Run again later, or with fewer tenants at once.",
            **told,
        )
    if is_its_own and "conditionNotMet" in reasons:
        return _Unfit("Somebody else changed the records meanwhile", **told)
    return _COMPANY.error(answer, subject, is_its_own=is_its_own)


def _zone_name(api: _Api, zone_id: str) -> str:
    found = api.ask("GET", f"/managedZones/{zone_id}", zone_id)
    wrong = partial(_COMPANY.not_understood, subject=zone_id)
    name: str = field(found, "dnsName", str, wrong)
    return name.lower()


def _public_zones(api: _Api, zone: str) -> list[str]:
    wrong = partial(_COMPANY.not_understood, subject=zone)
    zones = _all_pages(api, "/managedZones", {"dnsName": zone}, "managedZones", zone)
    return [
        field(found, "name", str, wrong)
        for found in zones
        if field(found, "dnsName", str, wrong).lower() == zone
        and found.get("visibility", "public") == "public"
    ]


def _all_pages(
    api: _Api, path: str, query: Mapping[str, str], name: str, subject: str
) -> list[dict[str, Any]]:
    wrong = partial(_COMPANY.not_understood, subject=subject)
    found: list[dict[str, Any]] = []
    asked = dict(query)
    while True:
        answer = api.ask("GET", path, subject, query=asked)
        # Google leaves out what is empty; each answer says what kind it is.
        field(answer, "kind", str, wrong)
        found += field({name: [], **answer}, name, list, wrong)
        if not answer.get("nextPageToken"):
            return found
        asked["pageToken"] = answer["nextPageToken"]
