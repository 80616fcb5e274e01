# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Graph's answers about domains mean; an answer without what is needed is an error.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._changes.model import JsonValue
from .._domain_names.names import domain_name
from .._errors import InvalidInput, NotUnderstood
from .._libraries import library
from .model import Domain, Reference

with library("msgraph-sdk"):
    from msgraph.generated.models.domain import Domain as DomainAnswer

if TYPE_CHECKING:
    from msgraph.generated.models.directory_object import DirectoryObject
    from msgraph.generated.models.domain_dns_record import DomainDnsRecord

_TXT = "txt"

# Results' names of what the kinds of DNS records have, with the SDK's and Graph's.
_RECORD_FIELDS = {
    "text": ("text", "text"),
    "mail_exchange": ("mail_exchange", "mailExchange"),
    "preference": ("preference", "preference"),
    "canonical_name": ("canonical_name", "canonicalName"),
    "name_target": ("name_target", "nameTarget"),
    "service": ("service", "service"),
    "protocol": ("protocol", "protocol"),
    "priority": ("priority", "priority"),
    "weight": ("weight", "weight"),
    "port": ("port", "port"),
    "description": ("description", "description"),
}


@dataclass(frozen=True)
class VerificationRecord:
    """The TXT record that proves who owns a domain: where, what, and for how many seconds."""

    name: str
    text: str
    ttl: int | None

    def to_json(self) -> dict[str, JsonValue]:
        """The record as results tell it."""
        return {"name": self.name, "text": self.text, "ttl": self.ttl}


def domain_from(answer: Any, server: str, subject: str) -> Domain:
    """A domain. Raises `NotUnderstood` if the answer does not tell its name and its standing."""
    if not isinstance(answer, DomainAnswer):
        raise _not_understood(server, subject, f"a {type(answer).__name__}")
    flags = (answer.is_verified, answer.is_default, answer.is_initial)
    if not answer.id or None in flags:
        raise _not_understood(
            server, subject, "no domain with id, isVerified, isDefault and isInitial"
        )
    state = answer.state
    return Domain(
        name=_canonical(answer.id),
        is_verified=bool(answer.is_verified),
        is_default=bool(answer.is_default),
        is_initial=bool(answer.is_initial),
        is_root=answer.is_root,
        is_admin_managed=answer.is_admin_managed,
        authentication_type=answer.authentication_type,
        supported_services=None
        if answer.supported_services is None
        else tuple(answer.supported_services),
        operation=(state.operation or None) if state else None,
        operation_status=(state.status or None) if state else None,
    )


def verification_from(
    records: Iterable[DomainDnsRecord], name: str, server: str, subject: str
) -> VerificationRecord | None:
    """The TXT record among those that prove who owns the domain `name`, null if there is none.

    Graph lists an MX record as another way beside it. Raises `NotUnderstood` for a TXT record
    without a text, for one that belongs to another name, and where there are several.
    """
    found = [record for record in records if (record.record_type or "").casefold() == _TXT]
    if not found:
        return None
    texts = {_field(record, "text") for record in found}
    labels = {_canonical(record.label or "") for record in found}
    text = texts.pop()
    if texts or not isinstance(text, str) or not text or labels != {name}:
        raise _not_understood(
            server, subject, f"{len(found)} TXT records, for {', '.join(sorted(labels))}"
        )
    return VerificationRecord(name, text, found[0].ttl)


def service_record_from(record: DomainDnsRecord) -> Mapping[str, JsonValue]:
    """A DNS record for a service as results tell it: with what records of its type have."""
    told: dict[str, JsonValue] = {
        "type": record.record_type,
        "name": record.label,
        "ttl": record.ttl,
        "is_optional": record.is_optional,
        "supported_service": record.supported_service,
    }
    for name in _RECORD_FIELDS:
        value = _field(record, name)
        if value is not None:
            told[name] = value
    return told


def reference_from(answer: DirectoryObject, server: str, subject: str) -> Reference:
    """An object that refers to a domain. Raises `NotUnderstood` if it has no id."""
    if not answer.id:
        raise _not_understood(server, subject, "an object without an id")
    others = answer.additional_data or {}
    names = (
        getattr(answer, "user_principal_name", None),
        others.get("userPrincipalName"),
        getattr(answer, "display_name", None),
        others.get("displayName"),
    )
    return Reference(
        id=answer.id,
        kind=(answer.odata_type or "#microsoft.graph.directoryObject").rpartition(".")[2],
        name=next((str(name) for name in names if name), answer.id),
    )


def _field(record: DomainDnsRecord, name: str) -> JsonValue:
    """What a record has, also where the answer did not say its type and the SDK cannot tell."""
    attribute, key = _RECORD_FIELDS[name]
    value = getattr(record, attribute, None)
    if value is None:
        value = (record.additional_data or {}).get(key)
    return value if isinstance(value, str | int) else None


def _canonical(text: str) -> str:
    try:
        return domain_name(text)
    except InvalidInput:
        # Not ours to judge: it is compared with a name that is in its one form, and does not fit.
        return text


def _not_understood(server: str, subject: str, answer: str) -> NotUnderstood:
    return NotUnderstood(
        "The answer is none about a domain",
        server=server,
        subject=subject,
        answer=answer,
        advice="Look at the domain in the Entra admin center before going on.",
    )
