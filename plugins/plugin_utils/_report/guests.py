# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task result says about guests: how they sign in, and what the passcode would do to them.

Plain data, and how it is read from the results of entra_guest_info: no I/O and no Ansible. Private
to the collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...module_utils._guests.effects import Effect
from ...module_utils._guests.model import SignInMethod
from .assessment import printable


@dataclass(frozen=True)
class ListedGuest:
    """A guest as people read it; `name` is the address, or what there is instead."""

    id: str
    name: str
    display_name: str
    method: SignInMethod
    issuer: str
    domain: str
    state: str
    state_changed: str
    is_disabled: bool
    if_passcode_on: Effect
    if_passcode_off: Effect
    if_passcode_fallback: Effect


@dataclass(frozen=True)
class GuestAssessment:
    """The guests of a tenant as one task found them.

    The figures are about all of them, `rows` are those that the task listed, and `files` where it
    wrote all. `sign_in_links` lead to the tenant, by what they are called. `is_whole` says that no
    guest of the tenant was left out.
    """

    is_whole: bool
    guests: int
    domains: int
    disabled: int
    methods: Mapping[SignInMethod, int]
    if_passcode_on: Mapping[Effect, int]
    if_passcode_off: Mapping[Effect, int]
    if_passcode_fallback: Mapping[Effect, int]
    viral_domains: Mapping[str, int]
    unknown: Mapping[str, int]
    sign_in_links: Mapping[str, str]
    rows: tuple[ListedGuest, ...]
    files: tuple[str, ...]

    @property
    def locked_out(self) -> int:
        """How many could not sign in any more if the passcode were turned off."""
        return self.if_passcode_off.get(Effect.LOCKED_OUT, 0)


def guest_assessment(result: Mapping[str, Any]) -> GuestAssessment | None:
    """The assessment in a result, null if there is none.

    Raises `KeyError`, `TypeError` or `ValueError` if it is not one as this version knows it.
    """
    summary = result.get("summary")
    if not isinstance(summary, Mapping) or "methods" not in summary:
        return None
    listed = result["guests"]
    if not isinstance(listed, list | tuple):
        raise TypeError("no list")
    links = dict(result.get("sign_in_links") or {})
    return GuestAssessment(
        is_whole=bool(result["all_guests"]),
        guests=int(summary["guests"]),
        domains=int(summary["domains"]),
        disabled=int(summary["disabled"]),
        methods={SignInMethod(name): int(amount) for name, amount in summary["methods"].items()},
        if_passcode_on=_effects(summary["if_passcode_on"]),
        if_passcode_off=_effects(summary["if_passcode_off"]),
        if_passcode_fallback=_effects(summary["if_passcode_fallback"]),
        viral_domains=_counts(summary["viral_domains"]),
        unknown=_counts(summary["unknown"]),
        sign_in_links={printable(name): printable(link) for name, link in links.items() if link},
        rows=tuple(map(_row, listed)),
        files=tuple(printable(path) for path in dict(result.get("written") or {}).values() if path),
    )


def _row(row: Mapping[str, Any]) -> ListedGuest:
    return ListedGuest(
        id=printable(row["id"]),
        name=_text(row["address"]) or _text(row["user_principal_name"]),
        display_name=_text(row["display_name"]),
        method=SignInMethod(row["method"]),
        issuer=_text(row["issuer"]),
        domain=_text(row["domain"]),
        state=_text(row["state"]),
        state_changed=_text(row["state_changed"]),
        is_disabled=row["account_enabled"] is False,
        if_passcode_on=Effect(row["if_passcode_on"]),
        if_passcode_off=Effect(row["if_passcode_off"]),
        if_passcode_fallback=Effect(row["if_passcode_fallback"]),
    )


def _effects(counts: Mapping[str, Any]) -> dict[Effect, int]:
    return {Effect(name): int(number) for name, number in counts.items()}


def _counts(counts: Mapping[str, Any]) -> dict[str, int]:
    return {printable(name): int(number) for name, number in counts.items()}


def _text(value: object) -> str:
    return "" if value is None else printable(value)
