# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which findings are to be fixed, and which objects are never touched.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .._attribute_rules.catalogue import BY_ID
from .._attribute_rules.model import DirectoryObject, Finding, Severity
from .._attribute_scan.forest import is_below
from .._errors import InvalidInput
from .._ldap.connection import Directory


@dataclass(frozen=True)
class Selection:
    """What the options `fix_rules` and `fix_severities` choose: one of them is enough."""

    rules: frozenset[str]
    severities: frozenset[Severity]

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Selection:
        """Read the options. Raises `InvalidInput` for a rule that does not exist."""
        rules = frozenset(parameters["fix_rules"])
        unknown = sorted(rules - BY_ID.keys())
        if unknown:
            raise InvalidInput(
                f"fix_rules: there is no rule {', '.join(unknown)}",
                advice="ansible-doc tenantops.migration.ad_attributes_info lists them all.",
            )
        return cls(rules, frozenset(map(Severity, parameters["fix_severities"])))

    def chooses(self, finding: Finding) -> bool:
        """Whether a finding is to be fixed."""
        return finding.rule in self.rules or finding.severity in self.severities


@dataclass(frozen=True)
class Protection:
    """Objects that are never changed, with all that is below them: DNs in lower case."""

    bases: tuple[str, ...]

    @classmethod
    def resolve(cls, directory: Directory, dns: Iterable[str]) -> Protection:
        """From the option `protect`, in the server's own spelling. Raises `Refused` for a DN that
        is not there: a mistyped one would protect nothing."""
        return cls(tuple(directory.read(dn, ("objectClass",)).dn.lower() for dn in dns))

    def covers(self, thing: DirectoryObject) -> bool:
        """Whether an object is protected."""
        dn = thing.dn.lower()
        return any(is_below(dn, base) for base in self.bases)
