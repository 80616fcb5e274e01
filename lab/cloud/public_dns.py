# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The DNS as the cloud sees it, when it looks for the record that proves a domain."""

from __future__ import annotations

from typing import Any

import dns.asyncquery
import dns.exception
import dns.message
import dns.name
import dns.rdataclass
from dns.rdatatype import MX, TXT, RdataType

from .configuration import DnsServer

# Seconds for one question, over UDP and then over TCP.
_TIMEOUT = 2


class PublicDns:
    """Asks one name server anew each time; without one, nothing is ever found."""

    def __init__(self, server: DnsServer | None) -> None:
        self._server = server

    async def has_text(self, domain: str, text: str) -> bool:
        """Say whether the domain has this TXT value, the strings of one value joined."""
        for record in await self._records(domain, TXT):
            joined: bytes = b"".join(record.strings)
            if joined == text.encode():
                return True
        return False

    async def has_mail_exchange(self, domain: str, exchange: str) -> bool:
        """Say whether one of the domain's mail exchanges is this host."""
        wanted = dns.name.from_text(exchange)
        return any(record.exchange == wanted for record in await self._records(domain, MX))

    async def _records(self, domain: str, kind: RdataType) -> list[Any]:
        if self._server is None:
            return []
        query = dns.message.make_query(domain, kind)
        try:
            answer, _over_tcp = await dns.asyncquery.udp_with_fallback(
                query, self._server.address, timeout=_TIMEOUT, port=self._server.port
            )
        except (dns.exception.DNSException, OSError):
            return []
        found = answer.get_rrset(answer.answer, query.question[0].name, dns.rdataclass.IN, kind)
        return list(found or ())
