# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument specifications that carry their constraints with them and can be put together.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.errors import AnsibleFallbackNotFound

OptionSpec = Mapping[str, Any]


@dataclass(frozen=True)
class Arguments:
    """The options of a module, or of one documentation fragment, in Ansible's own terms."""

    options: Mapping[str, OptionSpec]
    mutually_exclusive: Sequence[Sequence[str]] = ()
    required_together: Sequence[Sequence[str]] = ()
    required_one_of: Sequence[Sequence[str]] = ()
    required_if: Sequence[Sequence[Any]] = ()
    required_by: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def with_(self, *others: Arguments) -> Arguments:
        """These arguments together with others; an option may be defined only once."""
        merged = self
        for other in others:
            merged = merged._joined(other)
        return merged

    def _joined(self, other: Arguments) -> Arguments:
        twice = self.options.keys() & other.options.keys()
        if twice:
            raise ValueError(f"options defined twice: {sorted(twice)}")
        return Arguments(
            options={**self.options, **other.options},
            mutually_exclusive=[*self.mutually_exclusive, *other.mutually_exclusive],
            required_together=[*self.required_together, *other.required_together],
            required_one_of=[*self.required_one_of, *other.required_one_of],
            required_if=[*self.required_if, *other.required_if],
            required_by={**self.required_by, **other.required_by},
        )

    def constraints(self) -> dict[str, Any]:
        """The keyword arguments that Ansible's validators take beside the options."""
        return {
            "mutually_exclusive": [list(names) for names in self.mutually_exclusive],
            "required_together": [list(names) for names in self.required_together],
            "required_one_of": [list(names) for names in self.required_one_of],
            "required_if": [list(rule) for rule in self.required_if],
            "required_by": {name: list(names) for name, names in self.required_by.items()},
        }


def from_environment(*names: str) -> tuple[Any, list[str]]:
    """The `fallback` of an option: the first of these environment variables that is set.

    A credential of AWX sets a variable to nothing for each field that was left empty.
    """
    return (_first_with_content, list(names))


def _first_with_content(*names: str) -> str:
    for name in names:
        if os.environ.get(name):
            return os.environ[name]
    raise AnsibleFallbackNotFound


CHANGES_ARGUMENTS = Arguments(
    {
        "approved_plan": {"type": "raw", "fallback": from_environment("TENANTOPS_APPROVED_PLAN")},
        "max_changes": {"type": "str", "fallback": from_environment("TENANTOPS_MAX_CHANGES")},
        "journal": {"type": "path", "fallback": from_environment("TENANTOPS_JOURNAL")},
        "tenant": {"type": "str", "fallback": from_environment("TENANTOPS_TENANT")},
        "run": {"type": "str", "fallback": from_environment("TENANTOPS_RUN")},
    }
)
"""The options of the documentation fragment `changes`."""
