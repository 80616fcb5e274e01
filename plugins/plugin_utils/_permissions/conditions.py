# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a step can need a right, as far as its arguments and a tenant's variables tell. Pure.

What cannot be told counts as needed. Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any

from .needs import ChangesUndone, Need, OptionGiven
from .steps import Step

_PLAIN = re.compile(r"\{\{\s*([A-Za-z_]\w*(?:\.\w+)*)\s*(?:\|\s*default\(omit\)\s*)?\}\}")
_DEFINED = re.compile(r"([A-Za-z_]\w*(?:\.\w+)*) is defined")
# What a tenant's own variables begin with; others are made by tasks or given to the run.
_OF_TENANT = "tenant_"

Defaults = Mapping[str, Any]
"""The options of a module with their defaults; null where there is none."""


class _Unknown(Enum):
    UNKNOWN = 0


_UNKNOWN = _Unknown.UNKNOWN


def can_run(step: Step, tenant: Mapping[str, Any] | None) -> bool:
    """Whether a step may run for a tenant with these variables; null if they are not known."""
    if tenant is None:
        return True
    return all(
        _at(tenant, path) is not None
        for condition in step.conditions
        if " or " not in condition
        for path in _DEFINED.findall(condition)
        if path.startswith(_OF_TENANT)
    )


def can_need(
    step: Step,
    need: Need,
    defaults: Defaults,
    tenant: Mapping[str, Any] | None,
    writers: frozenset[str] | None,
) -> bool:
    """Whether the step may need the right.

    `writers` are the modules whose changes a rollback may undo; null means any.
    """
    if step.is_dry and need.only_in_run:
        return False
    match need.condition:
        case None:
            return True
        case ChangesUndone() as condition:
            return writers is None or not writers.isdisjoint(condition.writers)
        case OptionGiven() as condition:
            return _may_hold(condition, _value(step, condition.option, defaults, tenant))


def _may_hold(condition: OptionGiven, value: Any) -> bool:
    if value is _UNKNOWN:
        return True
    if condition.value is None:
        is_so = value not in (None, False, "", [], {})
    else:
        values = value if isinstance(value, (list, tuple)) else [value]
        is_so = condition.value.lower() in [str(each).lower() for each in values]
    return is_so is not condition.is_negated


def _value(step: Step, option: str, defaults: Defaults, tenant: Mapping[str, Any] | None) -> Any:
    """What the step gives an option; of an option that leads into another one, whether at all."""
    name, *inner = re.split(r"[.\[]", option, maxsplit=1)
    given = step.arguments.get(name)
    is_template = isinstance(given, str) and "{{" in given
    found = _of_template(str(given), tenant) if is_template else given
    if found is None:
        found = defaults.get(name)
    # Whether what is in there has the inner option would be too much to tell.
    return _UNKNOWN if inner and found else found


def _of_template(template: str, tenant: Mapping[str, Any] | None) -> Any:
    """What a template comes to: null for nothing."""
    plain = _PLAIN.fullmatch(template.strip())
    if tenant is None or plain is None or not plain[1].startswith(_OF_TENANT):
        return _UNKNOWN
    return _at(tenant, plain[1])


def _at(tenant: Mapping[str, Any], path: str) -> Any:
    found: Any = tenant
    for part in path.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found
