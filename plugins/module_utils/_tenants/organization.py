# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tenant's organization: who it is, the domains it has verified, and whether it is synced.

Source: Microsoft Graph, resource organization. Private to the collection: it can change in any
release.
"""

from __future__ import annotations

from dataclasses import dataclass

from .._changes.model import JsonValue
from .._errors import NotUnderstood
from .._graph.access import Access
from .._graph.client import Graph
from .._graph.pages import items
from .._libraries import library

with library("msgraph-sdk"):
    from msgraph.generated.models.organization import Organization as OrganizationAnswer
    from msgraph.generated.models.verified_domain import VerifiedDomain as VerifiedDomainAnswer

READ_ORGANIZATION = Access(
    "Organization.Read.All",
    "Directory Readers",
    ("Organization.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"),
)
"""What reading all that a tenant tells of itself needs."""

_SUBJECT = "organization"


@dataclass(frozen=True)
class VerifiedDomain:
    """A domain that the tenant has proven to own; `kind` is `Managed` or `Federated`."""

    name: str
    kind: str | None
    is_default: bool
    is_initial: bool

    def to_json(self) -> dict[str, JsonValue]:
        """The domain as results tell it."""
        return {
            "name": self.name,
            "authentication_type": self.kind,
            "is_default": self.is_default,
            "is_initial": self.is_initial,
        }


@dataclass(frozen=True)
class Organization:
    """A tenant as it tells of itself.

    `is_synced` is true while a directory is synced to it, false if that was so formerly, and null
    if it never was. `last_sync` is a time in ISO 8601.
    """

    tenant_id: str
    display_name: str | None
    tenant_type: str | None
    country: str | None
    is_synced: bool | None
    last_sync: str | None
    technical_mails: tuple[str, ...]
    verified_domains: tuple[VerifiedDomain, ...]

    def to_json(self) -> dict[str, JsonValue]:
        """The organization as results tell it."""
        default = next((each.name for each in self.verified_domains if each.is_default), None)
        initial = next((each.name for each in self.verified_domains if each.is_initial), None)
        return {
            "tenant_id": self.tenant_id,
            "display_name": self.display_name,
            "tenant_type": self.tenant_type,
            "country": self.country,
            "is_synced": self.is_synced,
            "last_sync": self.last_sync,
            "technical_mails": list(self.technical_mails),
            "default_domain": default,
            "initial_domain": initial,
            "verified_domains": [domain.to_json() for domain in self.verified_domains],
        }


async def read_organization(graph: Graph) -> Organization:
    """The organization of the tenant. Raises `NotUnderstood` if there is not exactly one."""
    request = graph.client.organization
    listed = items(
        graph, _SUBJECT, OrganizationAnswer, request, request.get, access=READ_ORGANIZATION
    )
    found = [organization async for organization in listed]
    if len(found) != 1 or not found[0].id:
        raise _not_understood(graph, f"{len(found)} organizations, or one without an id")
    answer = found[0]
    synced_at = answer.on_premises_last_sync_date_time
    return Organization(
        tenant_id=str(answer.id),
        display_name=answer.display_name,
        tenant_type=answer.tenant_type,
        country=answer.country_letter_code,
        is_synced=answer.on_premises_sync_enabled,
        last_sync=None if synced_at is None else synced_at.isoformat(),
        technical_mails=tuple(answer.technical_notification_mails or ()),
        verified_domains=tuple(
            _verified_domain(graph, domain) for domain in answer.verified_domains or ()
        ),
    )


def _verified_domain(graph: Graph, answer: VerifiedDomainAnswer) -> VerifiedDomain:
    if not answer.name or answer.is_default is None or answer.is_initial is None:
        raise _not_understood(graph, f"a verified domain without its properties: {answer.name!r}")
    return VerifiedDomain(answer.name, answer.type, answer.is_default, answer.is_initial)


def _not_understood(graph: Graph, answer: str) -> NotUnderstood:
    return NotUnderstood(
        "The tenant does not tell which one it is",
        server=graph.server,
        subject=_SUBJECT,
        answer=answer,
    )
