# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The domains of a tenant as Microsoft Graph has them: each request, and what its answer means.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .._changes.model import JsonValue
from .._errors import NotUnderstood
from .._graph.access import Access
from .._graph.client import Graph
from .._graph.errors import GraphRefused
from .._graph.pages import items
from .._libraries import library
from .answers import (
    VerificationRecord,
    domain_from,
    reference_from,
    service_record_from,
    verification_from,
)
from .model import Domain, Reference

with library("msgraph-sdk"):
    from msgraph.generated.domains.item.force_delete.force_delete_post_request_body import (
        ForceDeletePostRequestBody,
    )
    from msgraph.generated.models.directory_object import DirectoryObject
    from msgraph.generated.models.domain import Domain as DomainAnswer
    from msgraph.generated.models.domain_dns_record import DomainDnsRecord
    from msgraph.generated.models.o_data_errors.o_data_error import ODataError

READ_DOMAINS = Access("Domain.Read.All", "Directory Readers", ("Domain.ReadWrite.All",))
"""What reading domains, their records and what uses them needs."""
WRITE_DOMAINS = Access("Domain.ReadWrite.All", "Domain Name Administrator")
"""What adding, verifying, taking over and removing domains needs."""

_FORCE = json.dumps({"forceTakeover": True}, separators=(",", ":")).encode("ascii")


class Domains:
    """The domains of one tenant. Every method raises `TenantopsError` for what goes wrong."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    @property
    def server(self) -> str:
        """Graph's address, for messages."""
        return self.graph.server

    async def find(self, name: str) -> Domain | None:
        """The domain, null if the tenant does not have it."""
        subject = _subject(name)
        try:
            answer = await self.graph.call(subject, self._request(name).get, access=READ_DOMAINS)
        except GraphRefused as refusal:
            if refusal.is_absence:
                return None
            raise
        domain = domain_from(answer, self.server, subject)
        if domain.name != name:
            raise NotUnderstood(
                "The answer is about another domain",
                server=self.server,
                subject=subject,
                answer=domain.name,
            )
        return domain

    async def all(self) -> list[Domain]:
        """All domains of the tenant, as far as all of Graph's servers know of them."""
        request = self.graph.client.domains
        return [
            domain_from(answer, self.server, "domains")
            async for answer in items(
                self.graph, "domains", DomainAnswer, request, request.get, access=READ_DOMAINS
            )
        ]

    async def create(self, name: str) -> None:
        """Add a domain. Graph also takes one that another tenant owns; verifying shows it."""
        body = DomainAnswer(id=name)
        await self.graph.call(
            _subject(name),
            lambda: self.graph.client.domains.post(body),
            repeatable=False,
            access=WRITE_DOMAINS,
        )

    async def delete(self, name: str) -> None:
        """Remove a domain that nothing refers to."""
        await self.graph.call(_subject(name), self._request(name).delete, access=WRITE_DOMAINS)

    async def force_delete(self, name: str, *, disable_user_accounts: bool) -> None:
        """Have a domain removed with everything that refers to it; Graph does that later."""
        body = ForceDeletePostRequestBody(disable_user_accounts=disable_user_accounts)
        request = self._request(name).force_delete
        await self.graph.call(
            f"{_subject(name)}/forceDelete",
            lambda: request.post(body),
            repeatable=False,
            access=WRITE_DOMAINS,
        )

    async def verify(self, name: str) -> str | None:
        """Ask Graph to look for the proof of ownership; what it answers as availabilityStatus."""
        request = self._request(name).verify
        return self._availability(name, await self._once(name, request.post))

    async def take_over(self, name: str) -> str | None:
        """As `verify`, with forceTakeover. The caller has to have every reason for that."""
        request = self._request(name).verify
        # The SDK's own method cannot send a body, though the service has one for this action.
        information = request.to_post_request_information()
        information.headers.try_add("Content-Type", "application/json")
        information.set_stream_content(_FORCE, "application/json")
        adapter: Any = self.graph.client.request_adapter

        async def post() -> Any:
            return await adapter.send_async(information, DomainAnswer, {"XXX": ODataError})

        return self._availability(name, await self._once(name, post))

    async def make_default(self, name: str) -> None:
        """Make a domain the default one; the one before then is no more."""
        body = DomainAnswer(is_default=True)
        await self.graph.call(
            _subject(name), lambda: self._request(name).patch(body), access=WRITE_DOMAINS
        )

    async def verification(self, name: str) -> VerificationRecord | None:
        """The TXT record that proves who owns a domain, null if Graph wants none."""
        subject, request = f"{_subject(name)}/verificationDnsRecords", self._request(name)
        records = request.verification_dns_records
        listed = items(self.graph, subject, DomainDnsRecord, records, records.get, READ_DOMAINS)
        return verification_from([record async for record in listed], name, self.server, subject)

    async def service_records(self, name: str) -> list[Mapping[str, JsonValue]]:
        """The DNS records that Microsoft's services want to see in a domain."""
        subject, request = f"{_subject(name)}/serviceConfigurationRecords", self._request(name)
        records = request.service_configuration_records
        listed = items(self.graph, subject, DomainDnsRecord, records, records.get, READ_DOMAINS)
        return [service_record_from(record) async for record in listed]

    async def references(self, name: str) -> list[Reference]:
        """What uses a domain in one of its names; nothing if the tenant does not have it."""
        subject, request = f"{_subject(name)}/domainNameReferences", self._request(name)
        objects = request.domain_name_references
        listed = items(self.graph, subject, DirectoryObject, objects, objects.get, READ_DOMAINS)
        try:
            return [reference_from(each, self.server, subject) async for each in listed]
        except GraphRefused as refusal:
            if refusal.is_absence:
                return []
            raise

    def _request(self, name: str) -> Any:
        return self.graph.client.domains.by_domain_id(name)

    async def _once(self, name: str, post: Any) -> Any:
        return await self.graph.call(
            f"{_subject(name)}/verify", post, repeatable=False, access=WRITE_DOMAINS
        )

    def _availability(self, name: str, answer: Any) -> str | None:
        domain = domain_from(answer, self.server, f"{_subject(name)}/verify")
        if domain.name != name:
            raise NotUnderstood(
                "The answer is about another domain",
                server=self.server,
                subject=f"{_subject(name)}/verify",
                answer=domain.name,
            )
        status: str | None = answer.availability_status
        return status


def _subject(name: str) -> str:
    return f"domains/{name}"
