# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where mail for a domain goes, and who runs its DNS, asked of resolvers.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import functools
from typing import Any

from .._dns.discovery import Resolvers, soa_above
from .._dns.names import absolute_name, without_final_dot
from .._errors import TenantopsError
from .._libraries import library, require
from .model import DnsFacts

with library("dnspython"):
    import dns.message
    import dns.name
    import dns.rdatatype

    # dnspython loads it when it meets the first record of the type, which would be in each worker.
    import dns.rdtypes.ANY.MX
with library("publicsuffixlist"):
    import publicsuffixlist


def dns_facts(resolvers: Resolvers, domain: str) -> DnsFacts:
    """What DNS says about a domain. Raises what no resolver could tell."""
    name = absolute_name(domain)
    try:
        zone = _zone(resolvers, name)
        name_servers = [] if zone is None else _name_servers(resolvers, zone)
        mail_servers = _mail_servers(resolvers, name)
    except TenantopsError as failure:
        raise type(failure)(
            f"The resolver cannot tell who runs the domain's DNS: {failure.problem}",
            server=failure.server,
            subject=failure.subject,
            answer=failure.answer,
            advice="Check dns_resolvers. If others are answered, the domain's own name servers may "
            "be out of order.",
        ) from failure
    return DnsFacts(
        zone=None if zone is None else without_final_dot(zone),
        name_servers=tuple(name_servers),
        dns_hosts=_run_by(name_servers),
        mail_servers=tuple(mail_servers),
        mail_hosts=_run_by(mail_servers),
    )


def registrable(host: str) -> str:
    """The part of a host name that somebody has registered, as the public suffix list tells it."""
    return str(_suffixes().privatesuffix(host) or host)


def _zone(resolvers: Resolvers, name: dns.name.Name) -> dns.name.Name | None:
    """The zone that a name is in, null if that is one in which names are registered."""
    above = name
    while above != dns.name.root:
        found = soa_above(resolvers.ask(above, dns.rdatatype.SOA), above)
        if found is not None:
            is_registry = found.zone == dns.name.root or _is_public_suffix(found.zone)
            return None if is_registry and found.zone != name else found.zone
        above = above.parent()
    return None


def _name_servers(resolvers: Resolvers, zone: dns.name.Name) -> list[str]:
    found = _records(resolvers.ask(zone, dns.rdatatype.NS), dns.rdatatype.NS)
    return sorted(_host(record.target) for record in found)


def _mail_servers(resolvers: Resolvers, name: dns.name.Name) -> list[str]:
    """The best first (RFC 5321 section 5.1)."""
    found = _records(resolvers.ask(name, dns.rdatatype.MX), dns.rdatatype.MX)
    found.sort(key=lambda record: (record.preference, record.exchange))
    return [_host(record.exchange) for record in found]


def _records(answer: dns.message.Message, rdtype: dns.rdatatype.RdataType) -> list[Any]:
    return [record for rrset in answer.answer if rrset.rdtype == rdtype for record in rrset]


def _host(name: dns.name.Name) -> str:
    return without_final_dot(name.canonicalize()) or "."


def _run_by(hosts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(registrable(host) for host in hosts if host != "."))


def _is_public_suffix(zone: dns.name.Name) -> bool:
    text = without_final_dot(zone)
    return bool(_suffixes().publicsuffix(text) == text)


@functools.cache
def _suffixes() -> publicsuffixlist.PublicSuffixList:
    """The list, read once. Its private part would name customers' hosts instead of their hoster."""
    require("publicsuffixlist")
    return publicsuffixlist.PublicSuffixList(only_icann=True)
