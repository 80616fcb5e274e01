# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The companies as their documentation describes them, as far as TXT records go.

Nothing here was tried against the companies themselves; docs/dns_hosting.md names the documents.
"""

from __future__ import annotations

import copy
import re
import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, unquote
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .server import Company, Misused, Reply, Request

ZONE = "fourthcoffee.test"

_QUOTED_STRINGS = re.compile(r'"(?:[^"\\]|\\.){0,255}"(?: "(?:[^"\\]|\\.){0,255}")*')


class Hosting(Company):
    """A company with the zone `ZONE`, and what tests need of every one.

    A record is a sequence of strings; a form is what the company keeps of it.
    """

    provider = ""
    # Whether the company refuses a write when the set is no longer as it was read.
    is_conditional = True
    writes_whole_sets = True
    smallest_ttl = 1

    def __init__(self) -> None:
        super().__init__()
        self.may_write = True
        self.has_zone = True

    @property
    def credentials(self) -> dict[str, Any]:
        raise NotImplementedError

    @property
    def wrong_credentials(self) -> dict[str, Any]:
        return {name: f"wrong{value[5:]}" for name, value in self.credentials.items()}

    @property
    def settings(self) -> dict[str, Any]:
        return {"url": self.url}

    @property
    def secrets(self) -> list[str]:
        return list(self.credentials.values())

    def put(self, name: str, ttl: int, *records: Sequence[str]) -> None:
        """Put a record set there, as somebody else would."""
        raise NotImplementedError

    def kept(self, name: str) -> Any:
        """All that the company keeps of the TXT records of a name, in a fixed order."""
        raise NotImplementedError

    def add(self, name: str, text: str) -> None:
        """Add a record, as somebody else would."""
        raise NotImplementedError

    def rewrite(self, change: Callable[[str], str]) -> None:
        """Make something else of every string at the zone's own name."""
        raise NotImplementedError

    def cut(self) -> None:
        """Make a record of every string at the zone's own name, as some libraries do."""
        raise NotImplementedError

    def error(self, status: int) -> Reply:
        """An answer with an error of the company's own form."""
        raise NotImplementedError


class Route53(Hosting):
    """Amazon Route 53: API reference 2013-04-01."""

    provider = "route53"
    ID = "Z0123456789"
    _SPACE = "https://route53.amazonaws.com/doc/2013-04-01/"
    _PAGE = 2

    def __init__(self) -> None:
        super().__init__()
        self.zones: dict[str, tuple[str, bool]] = {
            self.ID: (f"{ZONE}.", False),
            "ZPRIVATE": (f"{ZONE}.", True),
        }
        # By name and type: TTL and values, or what else there is.
        self.sets: dict[tuple[str, str], Any] = {
            (f"{ZONE}.", "SOA"): (900, ["ns. host. 1 2 3 4 5"]),
            (f"{ZONE}.", "NS"): (900, ["ns-1.awsdns.test."]),
            (f"zz.{ZONE}.", "A"): (60, ["192.0.2.1"]),
        }
        self.policy = ""

    @property
    def credentials(self) -> dict[str, Any]:
        return {"access_key_id": "AKIAROUTE53TEST", "secret_access_key": "route53-secret-key"}

    def put(self, name: str, ttl: int, *records: Sequence[str]) -> None:
        forms = [" ".join(f'"{string}"' for string in record) for record in records]
        self.sets[f"{name}.", "TXT"] = (ttl, forms)

    def kept(self, name: str) -> Any:
        found = self.sets.get((f"{name}.", "TXT"))
        return found and (found[0], sorted(found[1]))

    def add(self, name: str, text: str) -> None:
        ttl, forms = self.sets.get((f"{name}.", "TXT"), (60, []))
        self.sets[f"{name}.", "TXT"] = (ttl, [*forms, f'"{text}"'])

    def rewrite(self, change: Callable[[str], str]) -> None:
        ttl, forms = self.sets[f"{ZONE}.", "TXT"]
        self.sets[f"{ZONE}.", "TXT"] = (ttl, list(map(change, forms)))

    def cut(self) -> None:
        ttl, forms = self.sets[f"{ZONE}.", "TXT"]
        self.sets[f"{ZONE}.", "TXT"] = (ttl, _cut_in_pieces(forms))

    def error(self, status: int) -> Reply:
        codes = {429: "Throttling", 403: "AccessDenied", 503: "ServiceUnavailable"}
        return self._error(400 if status == 429 else status, codes.get(status, "InvalidInput"))

    def answer(self, request: Request) -> Reply:
        credential = re.match(
            r"AWS4-HMAC-SHA256 Credential=(\w+)/\d{8}/us-east-1/route53/aws4_request, "
            r"SignedHeaders=[a-z0-9;-]+, Signature=[0-9a-f]{64}$",
            request.headers["authorization"],
        )
        assert credential is not None
        if credential[1] != self.credentials["access_key_id"]:
            return self._error(403, "InvalidClientTokenId")
        path = request.path.removeprefix("/2013-04-01/")
        if path == "hostedzonesbyname":
            return self._zones(request.query["dnsname"])
        zone = re.fullmatch(r"hostedzone/(\w+)(/rrset/?)?", path)
        if zone is None:
            raise Misused(path)
        if zone[1] not in self.zones or not self.has_zone:
            return self._error(404, "NoSuchHostedZone")
        if zone[2] is None:
            return self._reply("GetHostedZoneResponse", self._zone(zone[1]))
        if request.method == "GET":
            return self._list(request.query)
        return self._change(request.body)

    def _zones(self, name: str) -> Reply:
        wanted = f"{name.rstrip('.')}."
        # From the name on, in the order of names with their labels reversed.
        shown = [
            self._zone(zone_id)
            for zone_id, (zone, _private) in sorted(self.zones.items(), key=_zone_order)
            if _order(zone) >= _order(wanted) and self.has_zone
        ]
        return self._reply(
            "ListHostedZonesByNameResponse",
            f"<HostedZones>{''.join(shown)}</HostedZones><IsTruncated>false</IsTruncated>"
            "<MaxItems>100</MaxItems>",
        )

    def _zone(self, zone_id: str) -> str:
        name, private = self.zones[zone_id]
        return (
            f"<HostedZone><Id>/hostedzone/{zone_id}</Id><Name>{name}</Name>"
            "<CallerReference>x</CallerReference>"
            f"<Config><PrivateZone>{str(private).lower()}</PrivateZone></Config></HostedZone>"
        )

    def _list(self, query: Mapping[str, str]) -> Reply:
        start = (_order(query["name"]), query.get("type", ""))
        keys = sorted(self.sets, key=lambda key: (_order(key[0]), key[1]))
        rest = [key for key in keys if (_order(key[0]), key[1]) >= start]
        page, after = rest[: self._PAGE], rest[self._PAGE : self._PAGE + 1]
        more = "".join(
            f"<NextRecordName>{_octal(name)}</NextRecordName><NextRecordType>{kind}</NextRecordType>"
            for name, kind in after
        )
        sets = "".join(self._set(*key) for key in page)
        return self._reply(
            "ListResourceRecordSetsResponse",
            f"<ResourceRecordSets>{sets}</ResourceRecordSets>"
            f"<IsTruncated>{str(bool(after)).lower()}</IsTruncated>{more}<MaxItems>300</MaxItems>",
        )

    def _set(self, name: str, kind: str) -> str:
        ttl, values = self.sets[name, kind]
        records = "".join(
            f"<ResourceRecord><Value>{escape(value)}</Value></ResourceRecord>" for value in values
        )
        policy = self.policy if kind == "TXT" else ""
        return (
            f"<ResourceRecordSet><Name>{_octal(name)}</Name><Type>{kind}</Type>{policy}"
            f"<TTL>{ttl}</TTL><ResourceRecords>{records}</ResourceRecords></ResourceRecordSet>"
        )

    def _change(self, body: bytes) -> Reply:
        if not self.may_write:
            return self._error(403, "AccessDenied")
        root = ElementTree.fromstring(body)  # noqa: S314 - from our own client
        assert root.tag == f"{{{self._SPACE}}}ChangeResourceRecordSetsRequest"
        sets = copy.deepcopy(self.sets)
        for change in root.iter(f"{{{self._SPACE}}}Change"):
            tag = {child.tag.rpartition("}")[2]: child for child in change.iter()}
            name, ttl = (tag["Name"].text or "").replace("\\052", "*"), int(tag["TTL"].text or "")
            key = (name, tag["Type"].text or "")
            values = [node.text or "" for node in change.iter(f"{{{self._SPACE}}}Value")]
            assert key[1] == "TXT"
            assert values
            for value in values:
                assert _QUOTED_STRINGS.fullmatch(value), value
            action = tag["Action"].text
            if action == "DELETE":
                there = sets.get(key)
                if there is None or (there[0], sorted(there[1])) != (ttl, sorted(values)):
                    return self._unfit("Tried to delete a set that is not there")
                del sets[key]
            elif action == "CREATE":
                if key in sets or len(set(values)) < len(values):
                    return self._unfit("Tried to create a set that is there")
                if (key[0], "CNAME") in sets:
                    return self._unfit("conflicts with another record")
                sets[key] = (ttl, values)
            else:
                raise Misused(str(action))
        self.sets = sets
        return self._reply(
            "ChangeResourceRecordSetsResponse",
            "<ChangeInfo><Id>/change/C1</Id><Status>PENDING</Status>"
            "<SubmittedAt>2026-01-01T00:00:00Z</SubmittedAt></ChangeInfo>",
        )

    def _unfit(self, message: str) -> Reply:
        # The SDKs know one form, the API reference another.
        if len(self.requests) % 2:
            return self._error(400, "InvalidChangeBatch", f"[{message}]")
        return Reply(
            400,
            f'<InvalidChangeBatch xmlns="{self._SPACE}"><Messages><Message>{message}</Message>'
            "</Messages><RequestId>r</RequestId></InvalidChangeBatch>".encode(),
        )

    def _error(self, status: int, code: str, message: str = "because") -> Reply:
        return Reply(
            status,
            f'<?xml version="1.0"?><ErrorResponse xmlns="{self._SPACE}"><Error><Type>Sender</Type>'
            f"<Code>{code}</Code><Message>{message}</Message></Error><RequestId>r</RequestId>"
            "</ErrorResponse>".encode(),
            {"Content-Type": "text/xml"},
        )

    def _reply(self, tag: str, content: str) -> Reply:
        return Reply(
            200,
            f'<?xml version="1.0"?><{tag} xmlns="{self._SPACE}">{content}</{tag}>'.encode(),
            {"Content-Type": "text/xml"},
        )


class AzureDns(Hosting):
    """Azure DNS: REST API 2018-05-01, and the token endpoint of Entra."""

    provider = "azure"
    GROUP = "dns-zones"
    _SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
    _TENANT = "66666666-7777-8888-9999-000000000000"

    def __init__(self) -> None:
        super().__init__()
        self.token = secrets.token_hex(16)
        self.sets: dict[tuple[str, str], dict[str, Any]] = {}

    @property
    def credentials(self) -> dict[str, Any]:
        return {
            "tenant_id": self._TENANT,
            "client_id": "the-application",
            "client_secret": "azure-client-secret",
        }

    @property
    def wrong_credentials(self) -> dict[str, Any]:
        return {**self.credentials, "client_secret": "wrong-client-secret"}

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "url": self.url,
            "authority": self.url,
            "subscription_id": self._SUBSCRIPTION,
            "resource_group": self.GROUP,
        }

    @property
    def secrets(self) -> list[str]:
        return [self.credentials["client_secret"], self.token]

    def put(self, name: str, ttl: int, *records: Sequence[str]) -> None:
        self._store(
            _relative(name),
            "TXT",
            {
                "metadata": {"owner": "the mail team"},
                "TTL": ttl,
                "TXTRecords": [{"value": list(record)} for record in records],
            },
        )

    def kept(self, name: str) -> Any:
        found = copy.deepcopy(self.sets.get((_relative(name), "TXT")))
        if found is not None:
            del found["etag"]
            found["properties"]["TXTRecords"].sort(key=repr)
        return found

    def add(self, name: str, text: str) -> None:
        key = (_relative(name), "TXT")
        properties: dict[str, Any] = {"TTL": 60}
        if key in self.sets:
            properties = self.sets[key]["properties"]
        records = [*properties.get("TXTRecords", []), {"value": [text]}]
        self._store(*key, {**properties, "TXTRecords": records})

    def rewrite(self, change: Callable[[str], str]) -> None:
        for record in self.sets["@", "TXT"]["properties"]["TXTRecords"]:
            record["value"] = list(map(change, record["value"]))

    def cut(self) -> None:
        properties = self.sets["@", "TXT"]["properties"]
        strings = [string for record in properties["TXTRecords"] for string in record["value"]]
        properties["TXTRecords"] = [{"value": [string]} for string in strings]

    def error(self, status: int) -> Reply:
        return _azure_error(status, {429: "TooManyRequests"}.get(status, "AuthorizationFailed"))

    def answer(self, request: Request) -> Reply:
        path = request.path
        if path == f"/{self._TENANT}/v2.0/.well-known/openid-configuration":
            return self._discovery()
        if path == f"/{self._TENANT}/oauth2/v2.0/token":
            return self._sign_in({k: v[0] for k, v in parse_qs(request.body.decode()).items()})
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return _azure_error(401, "InvalidAuthenticationToken")
        assert request.query == {"api-version": "2018-05-01"}
        root = (
            f"/subscriptions/{self._SUBSCRIPTION}/resourceGroups/{self.GROUP}"
            "/providers/Microsoft.Network/dnsZones/"
        )
        if not path.startswith(root):
            return _azure_error(404, "ResourceGroupNotFound")
        zone, *rest = path.removeprefix(root).split("/")
        if zone != ZONE or not self.has_zone:
            return _azure_error(404, "ResourceNotFound")
        if not rest:
            return Reply.of_json(200, {"name": ZONE, "etag": "e", "properties": {}})
        kind, name = rest
        assert name != ZONE
        return self._record_set(request, kind, name)

    def _record_set(self, request: Request, kind: str, name: str) -> Reply:
        there = self.sets.get((name, kind))
        if request.method == "GET":
            if there is None:
                return _azure_error(404, "NotFound")
            return Reply.of_json(200, there)
        assert kind == "TXT"
        if not self.may_write:
            return _azure_error(403, "AuthorizationFailed")
        only_if, only_new = (request.headers.get(h) for h in ("if-match", "if-none-match"))
        assert only_if or only_new == "*", "a write without a condition"
        if (only_if and (there is None or there["etag"] != only_if)) or (only_new and there):
            return _azure_error(412, "PreconditionFailed")
        if request.method == "DELETE":
            self.sets.pop((name, kind), None)
            return Reply(200)
        assert request.method == "PUT"
        assert request.json.keys() == {"properties"}
        properties = request.json["properties"]
        for record in properties["TXTRecords"]:
            assert record.keys() == {"value"}
            assert all(len(string) <= 255 for string in record["value"])
        assert 1 <= properties["TTL"] < 2**31
        assert not properties.keys() & {"fqdn", "provisioningState"}
        return Reply.of_json(201 if there is None else 200, self._store(name, kind, properties))

    def _store(self, name: str, kind: str, properties: Mapping[str, Any]) -> dict[str, Any]:
        told = {"fqdn": f"{name}.{ZONE}.", "provisioningState": "Succeeded"}
        self.sets[name, kind] = {
            "id": f"/{name}",
            "name": name,
            "type": f"Microsoft.Network/dnszones/{kind}",
            "etag": str(uuid.uuid4()),
            "properties": {**properties, **told},
        }
        return self.sets[name, kind]

    def _discovery(self) -> Reply:
        issuer = f"{self.url}/{self._TENANT}"
        return Reply.of_json(
            200,
            {
                "issuer": f"{issuer}/v2.0",
                "token_endpoint": f"{issuer}/oauth2/v2.0/token",
                "authorization_endpoint": f"{issuer}/oauth2/v2.0/authorize",
            },
        )

    def _sign_in(self, form: Mapping[str, str]) -> Reply:
        assert form["scope"] == f"{self.url}/.default"
        if form["client_secret"] != self.credentials["client_secret"]:
            return Reply.of_json(
                401, {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid."}
            )
        return Reply.of_json(
            200, {"access_token": self.token, "expires_in": 3599, "token_type": "Bearer"}
        )


class Cloudflare(Hosting):
    """Cloudflare: API v4."""

    provider = "cloudflare"
    is_conditional = False
    writes_whole_sets = False
    smallest_ttl = 30
    ID = "023e105f4ecef8ad9ca31a8372d0c353"

    def __init__(self) -> None:
        super().__init__()
        self.zones = {self.ID: ZONE}
        self.records: dict[str, dict[str, Any]] = {}
        self.page = 2

    @property
    def credentials(self) -> dict[str, Any]:
        return {"api_token": "cloudflare-api-token"}

    @property
    def settings(self) -> dict[str, Any]:
        return {"url": f"{self.url}/client/v4"}

    def put(self, name: str, ttl: int, *records: Sequence[str]) -> None:
        for record in records:
            content = " ".join(f'"{string}"' for string in record)
            self.store(name, content, ttl, comment="of the mail team", tags=["owner:mail"])

    def store(self, name: str, content: str, ttl: int, **more: Any) -> dict[str, Any]:
        record_id = secrets.token_hex(16)
        self.records[record_id] = {
            "id": record_id,
            "name": name,
            "type": "TXT",
            "content": content,
            "ttl": ttl,
            "proxied": False,
            "settings": {},
            **more,
        }
        return self.records[record_id]

    def kept(self, name: str) -> Any:
        found = [
            {**record, "id": None} for record in self.records.values() if record["name"] == name
        ]
        return sorted(found, key=repr) or None

    def add(self, name: str, text: str) -> None:
        self.store(name, f'"{text}"', 60)

    def rewrite(self, change: Callable[[str], str]) -> None:
        for record in self.records.values():
            record["content"] = change(record["content"])

    def error(self, status: int) -> Reply:
        return _cloudflare_error(status, 10000)

    def answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {self.credentials['api_token']}":
            return _cloudflare_error(401, 1000)
        assert "x-auth-key" not in request.headers or not request.headers["x-auth-key"]
        path = request.path.removeprefix("/client/v4")
        if path == "/zones":
            found = [
                {"id": zone_id, "name": zone}
                for zone_id, zone in self.zones.items()
                if zone == request.query["name"] and self.has_zone
            ]
            return _cloudflare_page(found)
        zone = re.fullmatch(r"/zones/(\w{32})(/dns_records(/\w+)?)?", path)
        if zone is None or zone[1] not in self.zones:
            return _cloudflare_error(404, 7003)
        if zone[2] is None:
            return _cloudflare(200, {"id": zone[1], "name": self.zones[zone[1]]})
        if request.method == "GET":
            return self._list(request.query)
        if not self.may_write:
            return _cloudflare_error(403, 10000)
        if request.method == "DELETE":
            return self._delete((zone[3] or "").removeprefix("/"))
        if (request.method, zone[3]) == ("POST", "/batch"):
            return self._batch(request.json)
        raise Misused(path)

    def _list(self, query: Mapping[str, str]) -> Reply:
        assert query.keys() == {"name.exact", "type", "page", "per_page"}
        assert query["type"] == "TXT"
        assert 5 <= int(query["per_page"]) <= 5000
        found = [one for one in self.records.values() if one["name"] == query["name.exact"]]
        return _cloudflare_page(found, int(query["page"]), self.page)

    def _delete(self, record_id: str) -> Reply:
        if record_id not in self.records:
            return _cloudflare_error(404, 81044)
        del self.records[record_id]
        return _cloudflare(200, {"id": record_id})

    def _batch(self, batch: Mapping[str, Any]) -> Reply:
        assert batch.keys() <= {"deletes", "patches", "posts"}
        before = copy.deepcopy(self.records)
        for part in batch.get("deletes", []):
            if part["id"] not in self.records:
                self.records = before
                return _cloudflare_error(404, 81044)
            del self.records[part["id"]]
        for part in batch.get("patches", []):
            assert part.keys() == {"id", "ttl"}
            self.records[part["id"]] |= part
        for part in batch.get("posts", []):
            assert part.keys() == {"type", "name", "content", "ttl"}
            assert part["name"].endswith(ZONE)
            assert _QUOTED_STRINGS.fullmatch(part["content"])
            assert part["ttl"] == 1 or 30 <= part["ttl"] <= 86400
            same = (part["name"], part["content"])
            if any((r["name"], r["content"]) == same for r in self.records.values()):
                self.records = before
                return _cloudflare_error(400, 81058)
            self.store(part["name"], part["content"], part["ttl"])
        return _cloudflare(200, {"deletes": [], "patches": [], "posts": []})


class GoDaddy(Hosting):
    """GoDaddy: Domains API v1."""

    provider = "godaddy"
    is_conditional = False
    smallest_ttl = 600

    def __init__(self) -> None:
        super().__init__()
        self.records: dict[str, list[dict[str, Any]]] = {}
        self.nameservers = ["ns01.domaincontrol.com", "ns02.domaincontrol.com"]

    @property
    def credentials(self) -> dict[str, Any]:
        return {"api_key": "godaddy-key", "api_secret": "godaddy-secret"}

    def put(self, name: str, ttl: int, *records: Sequence[str]) -> None:
        key = _relative(name)
        self.records[key] = [
            {"type": "TXT", "name": key, "data": "".join(record), "ttl": ttl} for record in records
        ]

    def kept(self, name: str) -> Any:
        found = copy.deepcopy(self.records.get(_relative(name), []))
        return sorted(found, key=lambda record: record["data"]) or None

    def add(self, name: str, text: str) -> None:
        key = _relative(name)
        new = {"type": "TXT", "name": key, "data": text, "ttl": 600}
        self.records[key] = [*self.records.get(key, []), new]

    def rewrite(self, change: Callable[[str], str]) -> None:
        for record in self.records["@"]:
            record["data"] = change(record["data"])

    def error(self, status: int) -> Reply:
        more = {"retryAfterSec": 0} if status == 429 else {}
        return Reply.of_json(status, {"code": "ACCESS_DENIED", "message": "because", **more})

    def answer(self, request: Request) -> Reply:
        key, secret = self.credentials.values()
        if request.headers.get("authorization") != f"sso-key {key}:{secret}":
            return Reply.of_json(401, {"code": "UNABLE_TO_AUTHENTICATE", "message": "wrong"})
        path = re.fullmatch(r"/v1/domains/([a-z0-9.-]+)(/records(?:/TXT/([^/]+))?)?", request.path)
        assert path is not None
        if path[1] != ZONE or not self.has_zone:
            return Reply.of_json(404, {"code": "NOT_FOUND", "message": "unknown domain"})
        if path[2] is None:
            return Reply.of_json(
                200, {"domain": ZONE, "status": "ACTIVE", "nameServers": self.nameservers}
            )
        if request.method == "PATCH":
            assert path[3] is None
            return self._add(request.json)
        name = unquote(path[3])
        assert name != ZONE
        if request.method == "GET":
            return Reply.of_json(200, self.records.get(name, []))
        if not self.may_write:
            return self.error(403)
        if request.method == "DELETE":
            if name not in self.records:
                return Reply.of_json(404, {"code": "NOT_FOUND", "message": "no records"})
            del self.records[name]
            return Reply(204)
        assert request.method == "PUT"
        assert request.json, "an empty list is ignored"
        for record in request.json:
            assert record.keys() == {"data", "ttl"}
            assert 600 <= record["ttl"] <= 604800
        self.records[name] = [{"type": "TXT", "name": name, **record} for record in request.json]
        return Reply(200)

    def _add(self, records: Sequence[Mapping[str, Any]]) -> Reply:
        if not self.may_write:
            return self.error(403)
        for record in records:
            assert record.keys() == {"type", "name", "data", "ttl"}
            assert 600 <= record["ttl"] <= 604800
            there = self.records.setdefault(record["name"], [])
            if any(one["data"] == record["data"] for one in there):
                return Reply.of_json(422, {"code": "DUPLICATE_RECORD", "message": "there"})
            there.append(dict(record))
        return Reply(200)


class GoogleCloudDns(Hosting):
    """Google Cloud DNS: API v1, and the token endpoint for service accounts."""

    provider = "google"
    ID = "fourth-coffee"
    _PROJECT = "coffee-dns"
    _EMAIL = "migration@coffee-dns.iam.gserviceaccount.com"

    def __init__(self) -> None:
        super().__init__()
        self.token = secrets.token_hex(16)
        self.key = rsa.generate_private_key(65537, 2048)
        self.zones = {
            self.ID: (f"{ZONE}.", "public"),
            "inside": (f"{ZONE}.", "private"),
        }
        self.sets: dict[tuple[str, str], dict[str, Any]] = {}
        self.put_type(ZONE, "NS", 21600, ["ns-cloud-a1.googledomains.test."])

    @property
    def private_key(self) -> str:
        return _pem(self.key)

    @property
    def credentials(self) -> dict[str, Any]:
        return {"service_account": self._key_file(self.private_key)}

    @property
    def wrong_credentials(self) -> dict[str, Any]:
        return {"service_account": self._key_file(_pem(rsa.generate_private_key(65537, 2048)))}

    @property
    def secrets(self) -> list[str]:
        lines = self.private_key.splitlines()[1:-1]
        return [self.token, *lines]

    def _key_file(self, key: str) -> dict[str, str]:
        return {
            "type": "service_account",
            "project_id": self._PROJECT,
            "private_key_id": "k1",
            "private_key": key,
            "client_email": self._EMAIL,
            "client_id": "100000000000000000001",
            "token_uri": f"{self.url}/token",
        }

    def put(self, name: str, ttl: int, *records: Sequence[str]) -> None:
        forms = [" ".join(f'"{string}"' for string in record) for record in records]
        self.put_type(name, "TXT", ttl, forms)

    def put_type(self, name: str, kind: str, ttl: int, forms: list[str], **more: Any) -> None:
        self.sets[f"{name}.", kind] = {
            "kind": "dns#resourceRecordSet",
            "name": f"{name}.",
            "type": kind,
            "ttl": ttl,
            "rrdatas": forms,
            "signatureRrdatas": [],
            **more,
        }

    def kept(self, name: str) -> Any:
        found = copy.deepcopy(self.sets.get((f"{name}.", "TXT")))
        if found is not None:
            found["rrdatas"].sort()
        return found

    def add(self, name: str, text: str) -> None:
        there = self.sets.get((f"{name}.", "TXT"), {"ttl": 60, "rrdatas": []})
        self.put_type(name, "TXT", there["ttl"], [*there["rrdatas"], f'"{text}"'])

    def rewrite(self, change: Callable[[str], str]) -> None:
        found = self.sets[f"{ZONE}.", "TXT"]
        found["rrdatas"] = list(map(change, found["rrdatas"]))

    def cut(self) -> None:
        found = self.sets[f"{ZONE}.", "TXT"]
        found["rrdatas"] = _cut_in_pieces(found["rrdatas"])

    def error(self, status: int) -> Reply:
        reasons = {429: "rateLimitExceeded", 503: "backendError"}
        return _google_error(status, reasons.get(status, "forbidden"))

    def answer(self, request: Request) -> Reply:
        if request.path == "/token":
            return self._sign_in({k: v[0] for k, v in parse_qs(request.body.decode()).items()})
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return _google_error(401, "authError")
        root = f"/dns/v1/projects/{self._PROJECT}/managedZones"
        assert request.path.startswith(root)
        _slash, *parts = request.path.removeprefix(root).split("/")
        if not parts:
            found = [
                self._zone(name)
                for name, (dns_name, _visibility) in self.zones.items()
                if dns_name == request.query["dnsName"] and self.has_zone
            ]
            return self._page("managedZones", found, request.query)
        if parts[0] not in self.zones:
            return _google_error(404, "notFound")
        if len(parts) == 1:
            return Reply.of_json(200, self._zone(parts[0]))
        if parts[1:] == ["rrsets"]:
            name = request.query["name"]
            sets = [one for one in self.sets.values() if one["name"] == name]
            return self._page("rrsets", sets, request.query)
        assert parts[1:] == ["changes"]
        assert request.method == "POST"
        return self._change(request.json)

    def _zone(self, name: str) -> dict[str, Any]:
        dns_name, visibility = self.zones[name]
        return {
            "kind": "dns#managedZone",
            "name": name,
            "dnsName": dns_name,
            "visibility": visibility,
        }

    def _page(self, name: str, found: Sequence[Any], query: Mapping[str, str]) -> Reply:
        """One thing at a time, so that it shows who does not ask for the others."""
        at = int(query.get("pageToken", "0"))
        answer: dict[str, Any] = {"kind": f"dns#{name}ListResponse"}
        if found:
            answer[name] = [found[at]]
        if at + 1 < len(found):
            answer["nextPageToken"] = str(at + 1)
        return Reply.of_json(200, answer)

    def _change(self, change: Mapping[str, Any]) -> Reply:
        if not self.may_write:
            return _google_error(403, "forbidden")
        assert change.keys() <= {"kind", "additions", "deletions"}
        assert change.keys() & {"additions", "deletions"}
        sets = copy.deepcopy(self.sets)
        for one in change.get("deletions", []):
            key = (one["name"], one["type"])
            if key not in sets:
                return _google_error(404, "notFound")
            there = sets.pop(key)
            if (there["ttl"], sorted(there["rrdatas"])) != (one["ttl"], sorted(one["rrdatas"])):
                return _google_error(412, "conditionNotMet")
        for one in change.get("additions", []):
            assert one.keys() == {"kind", "name", "type", "ttl", "rrdatas"}
            assert all(_QUOTED_STRINGS.fullmatch(form) for form in one["rrdatas"])
            if (one["name"], one["type"]) in sets:
                return _google_error(409, "alreadyExists")
            sets[one["name"], one["type"]] = {**one, "signatureRrdatas": []}
        self.sets = sets
        return Reply.of_json(200, {"kind": "dns#change", "id": "1", "status": "pending"})

    def _sign_in(self, form: Mapping[str, str]) -> Reply:
        assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        try:
            claims = jwt.decode(
                form["assertion"],
                self.key.public_key(),
                algorithms=["RS256"],
                # Which the library says wherever it asks
                audience="https://oauth2.googleapis.com/token",
            )
        except jwt.InvalidAudienceError as error:
            raise Misused("the assertion is for somebody else") from error
        except jwt.InvalidSignatureError:
            return Reply.of_json(
                400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
            )
        assert claims["iss"] == self._EMAIL
        assert claims["scope"] == "https://www.googleapis.com/auth/ndev.clouddns.readwrite"
        return Reply.of_json(
            200, {"access_token": self.token, "expires_in": 3599, "token_type": "Bearer"}
        )


COMPANIES: tuple[type[Hosting], ...] = (Route53, AzureDns, Cloudflare, GoDaddy, GoogleCloudDns)


def _cut_in_pieces(forms: Sequence[str]) -> list[str]:
    return [f'"{piece}"' for form in forms for piece in form.strip('"').split('" "')]


def _relative(name: str) -> str:
    return name.removesuffix(ZONE).removesuffix(".") or "@"


def _order(name: str) -> tuple[str, ...]:
    return tuple(reversed(name.rstrip(".").split(".")))


def _zone_order(item: tuple[str, tuple[str, bool]]) -> tuple[str, ...]:
    return _order(item[1][0])


def _octal(name: str) -> str:
    return name.replace("*", "\\052")


def _pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def _azure_error(status: int, code: str) -> Reply:
    headers = {"Retry_After": "0"} if status == 429 else {}
    return Reply.of_json(status, {"error": {"code": code, "message": "because"}}, **headers)


def _cloudflare(status: int, result: Any) -> Reply:
    return Reply.of_json(status, {"success": True, "errors": [], "messages": [], "result": result})


def _cloudflare_page(found: Sequence[Any], page: int = 1, size: int = 20) -> Reply:
    pages = -(-len(found) // size)
    return Reply.of_json(
        200,
        {
            "success": True,
            "errors": [],
            "messages": [],
            "result": found[(page - 1) * size : page * size],
            "result_info": {"page": page, "per_page": size, "total_pages": pages},
        },
    )


def _cloudflare_error(status: int, code: int) -> Reply:
    headers = {"Retry_After": "0"} if status == 429 else {}
    errors = [{"code": code, "message": "because"}]
    return Reply.of_json(
        status, {"success": False, "errors": errors, "messages": [], "result": None}, **headers
    )


def _google_error(status: int, reason: str) -> Reply:
    headers = {"Retry_After": "0"} if status == 429 else {}
    errors = [{"domain": "global", "reason": reason, "message": "because"}]
    error = {"code": status, "message": "because", "errors": errors}
    return Reply.of_json(status, {"error": error}, **headers)
