# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TXT record sets on the primary of their zone, by dynamic update (RFC 2136).

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._dns.names import absolute_name
from .._dns.primary import Primary, open_primary
from .._libraries import library, require
from .model import RRsetName, TxtRRset, TxtValue

with library("dnspython"):
    import dns.name
    import dns.rdata
    import dns.rdataclass
    import dns.rdataset
    import dns.rdatatype
    import dns.rdtypes.ANY.TXT

_NOBODYS_VALUE = TxtValue.from_text("tenantops.migration asks whether it may update this")


@dataclass(frozen=True)
class DynamicUpdate:
    """A `TxtProvider` over a zone's primary."""

    primary: Primary
    owner: dns.name.Name

    @classmethod
    def open(cls, parameters: Mapping[str, Any], name: str, zone: str | None) -> DynamicUpdate:
        """Find the primary for `name` by the options of the documentation fragment `dns`."""
        require("dnspython", "idna")
        owner = absolute_name(name)
        return cls(open_primary(parameters, owner, absolute_name(zone) if zone else None), owner)

    @property
    def server(self) -> str:
        return str(self.primary.server)

    @property
    def name(self) -> RRsetName:
        return RRsetName(zone=str(self.primary.zone), owner=str(self.owner))

    @property
    def warnings(self) -> tuple[str, ...]:
        return self.primary.server.warnings

    async def read(self) -> TxtRRset:
        found = self.primary.rrset(self.owner, dns.rdatatype.TXT)
        if found is None:
            return TxtRRset()
        records: Any = found
        return TxtRRset(frozenset(TxtValue(record.strings) for record in records), found.ttl)

    async def check_replace(self, before: TxtRRset, after: TxtRRset) -> None:
        self.primary.check_update_allowed(self.owner, _record(_NOBODYS_VALUE))

    async def replace(self, before: TxtRRset, after: TxtRRset) -> None:
        self.primary.replace(self.owner, dns.rdatatype.TXT, _records(before), _records(after))


def _records(rrset: TxtRRset) -> dns.rdataset.Rdataset | None:
    if rrset.ttl is None:
        return None
    return dns.rdataset.from_rdata_list(rrset.ttl, [_record(v) for v in sorted(rrset.values)])


def _record(value: TxtValue) -> dns.rdata.Rdata:
    return dns.rdtypes.ANY.TXT.TXT(dns.rdataclass.IN, dns.rdatatype.TXT, value.strings)
