# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `fleet_wave_gate`. Private to the collection: it can change in any release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._doors.operation import Outcome
from .._errors import BudgetSpent, InvalidInput
from .order import Amount

_NAMES_SHOWN = 20


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Let the next wave begin, or raise `BudgetSpent`. Changes nothing."""
    tenants = list(dict.fromkeys(parameters["tenants"]))
    going_on = set(parameters["going_on"])
    if going_on - set(tenants):
        raise InvalidInput(
            "going_on has tenants that are not among tenants",
            subject=", ".join(sorted(going_on - set(tenants))),
            advice="Give ansible_play_hosts_all as tenants, and ansible_play_hosts as going_on.",
        )
    failed = [tenant for tenant in tenants if tenant not in going_on]
    told = str(parameters["error_budget"] or "").strip()
    allowed = Amount.parse(told, "error_budget").of(len(tenants)) if told else None
    if allowed is not None and len(failed) > allowed:
        raise _spent(failed, allowed, told, len(tenants))
    return Outcome(values={"changed": False, "failed_tenants": failed, "allowed": allowed})


def _spent(failed: list[str], allowed: int, told: str, total: int) -> BudgetSpent:
    more = len(failed) - _NAMES_SHOWN
    names = ", ".join(failed[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return BudgetSpent(
        f"{len(failed)} of {total} tenants have failed, and no more than {allowed} may "
        f"(error budget {told}), so no further wave begins",
        subject=names,
        advice="The tenants of this wave and of later ones were left alone. Look at those that "
        "failed, and run again: what is done already is found and left.",
    )
