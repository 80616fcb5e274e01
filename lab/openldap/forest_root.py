# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every forest has at its root, for servers that are not Active Directory by themselves."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence

from ..directory.ldif import Entry, Value
from ..settings import DirectorySettings

# From the root class to the most special one, as Active Directory lists them
USER = ("top", "person", "organizationalPerson", "user")
CONTACT = ("top", "person", "organizationalPerson", "contact")
GROUP = ("top", "group")


def root_dse(directory: DirectorySettings, host_name: str) -> Entry:
    """Return what a client reads first: where everything is."""
    return Entry(
        "",
        {
            "defaultNamingContext": [directory.base_dn],
            "rootDomainNamingContext": [directory.base_dn],
            "configurationNamingContext": [directory.configuration_dn],
            "schemaNamingContext": [f"CN=Schema,{directory.configuration_dn}"],
            "dNSHostName": [host_name],
        },
    )


def forest_root(directory: DirectorySettings, upn_suffixes: Sequence[str]) -> Iterator[Entry]:
    """Yield the domain, and the partitions with the forest's UPN suffixes."""
    base, configuration = directory.base_dn, directory.configuration_dn
    partitions = f"CN=Partitions,{configuration}"
    yield entry(base, "domain")
    yield entry(configuration, "configuration")
    yield entry(
        partitions,
        "crossRefContainer",
        uPNSuffixes=upn_suffixes,
        allowedAttributesEffective=["uPNSuffixes"],
    )
    yield entry(
        f"CN={directory.netbios_domain},{partitions}",
        "crossRef",
        nCName=[base],
        dnsRoot=[directory.domain],
        systemFlags=["3"],
    )


def entry(dn: str, *object_classes: str, **attributes: Sequence[Value]) -> Entry:
    """Return an entry with its name and a GUID, which is the same in every lab."""
    naming_attribute, _equals, name = dn.partition(",")[0].partition("=")
    return Entry(
        dn,
        {
            "objectClass": object_classes,
            naming_attribute.lower(): [name],
            "objectGUID": [uuid.uuid5(uuid.NAMESPACE_X500, dn).bytes_le],
            **attributes,
        },
    )
