# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The zones as they are before anything has happened, as text of zone files."""

from __future__ import annotations

from collections.abc import Iterable

from dns.rdataclass import IN
from dns.rdatatype import TXT
from dns.rdtypes.ANY.TXT import TXT as TextData

from .. import all_tenants, domain_states, tenants
from ..settings import Settings
from .names import (
    CHILD_ZONE,
    CNAME_OWNER,
    CNAME_ZONE,
    DELEGATED_NAME,
    GSS_ZONE,
    READONLY_ZONE,
    REFUSED_ZONE,
    REPLICATED_ZONES,
)

# The TTL of the records at each apex, which changes must keep.
APEX_TTL = 3600

_START = """\
$TTL 300
@ {ttl} IN SOA ns1 hostmaster 2026010101 3600 600 1209600 60
@ {ttl} IN NS ns1
@ {ttl} IN NS ns2
ns1 {ttl} IN A {primary}
ns2 {ttl} IN A {secondary}
"""


def zone_files(settings: Settings) -> dict[str, str]:
    """Return the text of each zone's file, by the zone's name."""
    records = {zone: list[str]() for zone in (*REPLICATED_ZONES, REFUSED_ZONE)}
    for tenant in all_tenants.WITH_ZONE:
        records[tenant.domain] += _tenant_records(tenant)
    for state in domain_states.ALL:
        if state.is_published:
            records[state.tenant.domain] += [_text(f"{state.domain}.", state.proof, APEX_TTL)]
    parent = records[tenants.DEMO[0].domain]
    parent += _delegation(CHILD_ZONE, settings.primary.address)
    parent += _delegation(DELEGATED_NAME, settings.nobody)
    records[CNAME_ZONE] += [
        f"{CNAME_OWNER}. 300 IN CNAME target.{CNAME_ZONE}.",
        f"target.{CNAME_ZONE}. 300 IN A 192.0.2.10",
    ]
    for zone in (CHILD_ZONE, GSS_ZONE, READONLY_ZONE):
        records[zone] += [_text("@", "v=spf1 -all", APEX_TTL)]
    start = _START.format(
        ttl=APEX_TTL, primary=settings.primary.address, secondary=settings.secondary.address
    )
    return {zone: start + "".join(f"{line}\n" for line in lines) for zone, lines in records.items()}


def _tenant_records(tenant: tenants.Tenant) -> Iterable[str]:
    yield f"@ {APEX_TTL} IN MX 10 mail"
    yield "mail 300 IN A 192.0.2.25"
    yield "www 300 IN A 192.0.2.80"
    for value in tenant.foreign_texts:
        yield _text("@", value, APEX_TTL)
    yield _text("_dmarc", "v=DMARC1; p=none", 300)


def _delegation(zone: str, address: str) -> Iterable[str]:
    yield f"{zone}. {APEX_TTL} IN NS ns1.{zone}."
    yield f"ns1.{zone}. {APEX_TTL} IN A {address}"


def _text(owner: str, value: str, ttl: int) -> str:
    # Through dnspython, so that quotes and the like are escaped as a zone file wants them.
    return f"{owner} {ttl} IN TXT {TextData(IN, TXT, [value.encode()]).to_text()}"
