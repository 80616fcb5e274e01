# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""With which account a guest redeems an invitation: the order, and the changes it needs. Pure.

Source: Microsoft Graph, resources crossTenantAccessPolicyConfigurationDefault and
defaultInvitationRedemptionIdentityProviderConfiguration. Private to the collection: it can change
in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from .._changes.converge import Proposal
from .._changes.model import Action, Change, System, Value
from .._errors import InvalidInput

RESOURCE = "redemption_order"
PRIMARY = "primaryIdentityProviderPrecedenceOrder"
FALLBACK = "fallbackIdentityProvider"


class Primary(StrEnum):
    """A kind of account that a guest may have already."""

    EXTERNAL_FEDERATION = "externalFederation"
    AZURE_ACTIVE_DIRECTORY = "azureActiveDirectory"
    SOCIAL_IDENTITY_PROVIDERS = "socialIdentityProviders"


class Fallback(StrEnum):
    """What a guest is given who has none of these accounts.

    `DEFAULT_CONFIGURED_IDP` is a Microsoft account if there is one, else the passcode if it is on,
    else a Microsoft account that the guest has to make.
    """

    DEFAULT_CONFIGURED_IDP = "defaultConfiguredIdp"
    EMAIL_ONE_TIME_PASSCODE = "emailOneTimePasscode"
    MICROSOFT_ACCOUNT = "microsoftAccount"


@dataclass(frozen=True)
class RedemptionOrder:
    """The order of a tenant: the first of `primary` that a guest has, or else the fallback."""

    primary: tuple[Primary, ...]
    fallback: Fallback

    def __str__(self) -> str:
        return f"{', '.join(self.primary)}, or else {self.fallback}"

    def to_json(self) -> dict[str, Any]:
        """As Graph wants it: both together, since the fallback has to be given always."""
        return {
            PRIMARY: [provider.value for provider in self.primary],
            FALLBACK: self.fallback.value,
        }


@dataclass(frozen=True)
class Wanted:
    """What the operator wants of it; null leaves a part as it is."""

    primary: tuple[Primary, ...] | None = None
    fallback: Fallback | None = None

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Wanted:
        """Read the options. Raises `InvalidInput` for an order that cannot be meant."""
        primary, fallback = parameters["primary"], parameters["fallback"]
        if primary is not None and (not primary or len(set(primary)) != len(primary)):
            raise InvalidInput(
                "primary has to name providers, each of them once",
                answer=", ".join(primary) or "an empty list",
                advice="Leave it out to keep the tenant's order.",
            )
        return cls(
            None if primary is None else tuple(map(Primary, primary)),
            None if fallback is None else Fallback(fallback),
        )


def propose(order: RedemptionOrder, wanted: Wanted, tenant_id: str) -> Proposal:
    """The changes that bring the order to what is wanted."""
    after = RedemptionOrder(
        order.primary if wanted.primary is None else wanted.primary,
        order.fallback if wanted.fallback is None else wanted.fallback,
    )
    old, new = order.to_json(), after.to_json()
    changes = tuple(
        Change(
            system=System.ENTRA,
            resource=RESOURCE,
            id=tenant_id,
            name="Redemption order of guests",
            property=name,
            action=Action.REPLACE,
            before=old[name],
            after=new[name],
        )
        for name in (PRIMARY, FALLBACK)
        if old[name] != new[name]
    )
    return Proposal(
        changes, scope=sum(part is not None for part in (wanted.primary, wanted.fallback))
    )


def is_of_order(change: Change) -> bool:
    """Whether a change is one of the order."""
    return change.resource == RESOURCE


def order_after(order: RedemptionOrder, changes: Iterable[Change]) -> RedemptionOrder:
    """The order as the changes leave it; those of other things are of no account.

    Raises `InvalidInput` for a value that is none of this setting.
    """
    for change in changes:
        if not is_of_order(change):
            continue
        try:
            if change.property == FALLBACK:
                order = replace(order, fallback=Fallback(str(change.after)))
            else:
                order = replace(order, primary=_primary(change.after))
        except ValueError as error:
            raise InvalidInput(
                "This is no redemption order", subject=change.name, answer=str(error)
            ) from error
    return order


def current(order: RedemptionOrder, change: Change) -> Value:
    """What the order holds of the property that is changed."""
    value: Value = order.to_json()[change.property]
    return value


def _primary(value: Value) -> tuple[Primary, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is no list")
    return tuple(Primary(str(provider)) for provider in value)
