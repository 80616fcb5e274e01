# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the settings for the one-time passcode do to a guest. Pure.

Source: Microsoft Entra documentation, "Email one-time passcode authentication" and "Redemption
order". Turning the passcode on, and the redemption order, matter at the moment of a redemption
only: whoever has redeemed goes on as before. Turning it off locks those out who sign in by it.
Private to the collection: it can change in any release.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .._changes.model import JsonValue
from .model import SignInMethod


class Effect(StrEnum):
    """What a setting means for a guest."""

    UNCHANGED = "unchanged"
    """Signs in as before."""
    LOCKED_OUT = "locked_out"
    """Cannot sign in any more until the redemption is reset."""
    PASSCODE = "passcode"
    """Signs in by passcode, also if that was off until now."""
    PASSCODE_IF_NO_ACCOUNT = "passcode_if_no_account"
    """Will redeem by passcode if there is neither a work account, one of a provider that the tenant
    federates with, nor a personal Microsoft account."""
    PASSCODE_BEFORE_MICROSOFT_ACCOUNT = "passcode_before_microsoft_account"
    """Will redeem by passcode if there is neither a work account nor one of a provider that the
    tenant federates with; also if there is a personal Microsoft account."""
    MICROSOFT_ACCOUNT_IF_NO_ACCOUNT = "microsoft_account_if_no_account"
    """Will redeem with a personal Microsoft account, and may have to make one, if there is neither
    a work account nor one of a provider that the tenant federates with."""
    UNKNOWN = "unknown"
    """Nothing can be said about a guest who signs in in a way that is not known."""


@dataclass(frozen=True)
class Effects:
    """What happens to one guest when the passcode is turned on, is turned off, or is made the
    fallback of the redemption order while it is on.

    For the first two the fallback is taken to be `defaultConfiguredIdp`, as in every tenant that
    has not set one.
    """

    if_passcode_on: Effect
    if_passcode_off: Effect
    if_passcode_fallback: Effect

    def to_json(self) -> dict[str, JsonValue]:
        """The effects as a task returns them, among the fields of a guest."""
        return {
            "if_passcode_on": self.if_passcode_on.value,
            "if_passcode_off": self.if_passcode_off.value,
            "if_passcode_fallback": self.if_passcode_fallback.value,
        }


_NONE = Effects(Effect.UNCHANGED, Effect.UNCHANGED, Effect.UNCHANGED)
_OTHERS = {
    SignInMethod.ONE_TIME_PASSCODE: Effects(
        if_passcode_on=Effect.PASSCODE,
        if_passcode_off=Effect.LOCKED_OUT,
        if_passcode_fallback=Effect.PASSCODE,
    ),
    SignInMethod.NOT_REDEEMED: Effects(
        if_passcode_on=Effect.PASSCODE_IF_NO_ACCOUNT,
        if_passcode_off=Effect.MICROSOFT_ACCOUNT_IF_NO_ACCOUNT,
        if_passcode_fallback=Effect.PASSCODE_BEFORE_MICROSOFT_ACCOUNT,
    ),
    SignInMethod.UNKNOWN: Effects(Effect.UNKNOWN, Effect.UNKNOWN, Effect.UNKNOWN),
}


def effects(method: SignInMethod) -> Effects:
    """What the settings do to a guest who signs in in this way now."""
    return _OTHERS.get(method, _NONE)
