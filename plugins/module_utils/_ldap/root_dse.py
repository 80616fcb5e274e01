# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a domain controller says about itself: the entry without a name ([MS-ADTS] 3.1.1.3.2).

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from dataclasses import dataclass

from .entry import Entry

_NAMES = (
    "configurationNamingContext",
    "defaultNamingContext",
    "rootDomainNamingContext",
    "schemaNamingContext",
)
_CAPABILITIES = "supportedCapabilities"
ATTRIBUTES = (*_NAMES, _CAPABILITIES)
# LDAP_CAP_ACTIVE_DIRECTORY_OID ([MS-ADTS] 3.1.1.3.4.3.1)
_ACTIVE_DIRECTORY = "1.2.840.113556.1.4.800"


@dataclass(frozen=True)
class RootDse:
    """The distinguished names from which everything else in a forest is found."""

    configuration_naming_context: str
    default_naming_context: str
    root_domain_naming_context: str
    schema_naming_context: str
    is_active_directory: bool

    @classmethod
    def of(cls, entry: Entry) -> RootDse:
        """Raises `NotUnderstood` if this is not the rootDSE of an Active Directory."""
        configuration, default, root, schema = (entry.text(attribute) for attribute in _NAMES)
        is_active_directory = _ACTIVE_DIRECTORY in entry.texts(_CAPABILITIES)
        return cls(configuration, default, root, schema, is_active_directory)
