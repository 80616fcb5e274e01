# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The DNS records that a domain needs: one to prove it, others for its services.

https://learn.microsoft.com/graph/api/resources/domaindnsrecord
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

_PREFIX = "#microsoft.graph.domainDns"
_TTL = 3600


def proof(domain: str, text: str) -> list[dict[str, Any]]:
    """Return the record that proves the domain, and the other one that does as well."""
    return [
        _record("Txt", domain, "Email", {"text": text}),
        _record(
            "Mx",
            domain,
            "Email",
            {"mailExchange": proving_mail_exchange(text), "preference": 32767},
        ),
    ]


def proving_mail_exchange(text: str) -> str:
    """Return the host of the MX record that proves as much as the text does."""
    return f"{text.removeprefix('MS=')}.msv1.invalid"


def for_services(domain: str, services: Sequence[str]) -> list[dict[str, Any]]:
    """Return the records that the services of a verified domain need."""
    records = []
    if "Email" in services:
        exchange = f"{domain.replace('.', '-')}.mail.protection.outlook.com"
        records += [
            _record("Mx", domain, "Email", {"mailExchange": exchange, "preference": 0}),
            _record(
                "Txt", domain, "Email", {"text": "v=spf1 include:spf.protection.outlook.com -all"}
            ),
            _record(
                "CName",
                f"autodiscover.{domain}",
                "Email",
                {"canonicalName": "autodiscover.outlook.com"},
            ),
        ]
    if "OfficeCommunicationsOnline" in services:
        service = {
            "nameTarget": "sipdir.online.lync.com",
            "port": 443,
            "priority": 100,
            "protocol": "_tls",
            "service": "_sip",
            "weight": 1,
        }
        records.append(_record("Srv", domain, "OfficeCommunicationsOnline", service))
    return records


def _record(kind: str, label: str, service: str, values: dict[str, Any]) -> dict[str, Any]:
    type_name = {"CName": "Cname"}.get(kind, kind)
    return {
        "@odata.type": f"{_PREFIX}{type_name}Record",
        "id": str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{kind} {service} {label}")),
        "isOptional": False,
        "label": label,
        "recordType": kind,
        "supportedService": service,
        "ttl": _TTL,
        **values,
    }
