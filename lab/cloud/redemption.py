# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happens when a guest goes to sign in: with which account, by the tenant's policies.

https://learn.microsoft.com/entra/external-id/redemption-experience

There is no API for it, neither at Microsoft's: people do it in a browser.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from .people import ACCEPTED, ISSUERS, PENDING, SignInMethod, User
from .policies import PrimaryProvider
from .state import DomainOwner, Tenant

Owners = Callable[[str], DomainOwner | None]


class CannotSignInError(Exception):
    """What the guest reads in place of the application."""


@dataclass(frozen=True)
class SignIn:
    """How a guest gets in and which issuer Graph names for it from then on.

    ``makes_account`` says that the guest had to make a personal Microsoft account for it.
    """

    method: SignInMethod
    issuer: str | None
    makes_account: bool = False


def sign_in(tenant: Tenant, user: User, owner_of: Owners) -> SignIn:
    """Return what a guest meets who tries to sign in now; raises CannotSignInError.

    Whoever has not redeemed yet would do so; nothing is changed here.
    """
    if not user.account_enabled:
        raise CannotSignInError("Your account has been locked. Contact your support person.")
    if user.external_user_state == PENDING:
        return _redeem(tenant, user, owner_of)
    if user.external_user_state is None:
        return SignIn("internal", user.issuer)
    if user.external_user_state != ACCEPTED:
        return SignIn("unknown", user.issuer)
    if user.issuer == ISSUERS["one_time_passcode"] and not _passcode_is_on(tenant):
        raise CannotSignInError("One-time passcodes are off in the tenant you go to.")
    return SignIn(user.signs_in or "unknown", user.issuer)


def _redeem(tenant: Tenant, user: User, owner_of: Owners) -> SignIn:
    order = tenant.policies.cross_tenant_access.redemption_order
    for provider in order.primary:
        found = _primary(provider, tenant, user, owner_of)
        if found is not None:
            return found
    has_personal_account = "microsoft_account" in user.accounts
    personal = SignIn(
        "microsoft_account",
        ISSUERS["microsoft_account"],
        makes_account=not has_personal_account,
    )
    passcode = SignIn("one_time_passcode", ISSUERS["one_time_passcode"])
    match order.fallback:
        case "microsoftAccount":
            return personal
        case "emailOneTimePasscode":
            if not _passcode_is_on(tenant):
                raise CannotSignInError(
                    "The tenant you go to wants a one-time passcode, and these are off there."
                )
            return passcode
        case "defaultConfiguredIdp":
            wants_passcode = _passcode_is_on(tenant) and not has_personal_account
            return passcode if wants_passcode else personal
    assert_never(order.fallback)


def _primary(
    provider: PrimaryProvider, tenant: Tenant, user: User, owner_of: Owners
) -> SignIn | None:
    """Return the sign-in by this provider, if the guest has an account there."""
    domain = (user.address or "").rpartition("@")[2].casefold()
    match provider:
        case "externalFederation":
            issuer = tenant.policies.federated_partners.get(domain)
            if issuer is not None and "federated" in user.accounts:
                return SignIn("federated", issuer)
        case "azureActiveDirectory":
            if _has_managed_account(user, owner_of(domain)):
                return SignIn("entra_managed", ISSUERS["entra_managed"])
        case "socialIdentityProviders":
            for social in tenant.policies.social_providers:
                if social in user.accounts:
                    return SignIn(social, ISSUERS[social])
    return None


def _has_managed_account(user: User, owner: DomainOwner | None) -> bool:
    """Say whether there is a work account to redeem with: those of unmanaged tenants are not taken.

    An account stays what it is when its tenant gets an administrator.
    """
    if "entra_managed" in user.accounts:
        return True
    return "entra_viral" in user.accounts and owner is not None and not owner.is_viral


def _passcode_is_on(tenant: Tenant) -> bool:
    return tenant.email_method.allow_external_id_to_use_email_otp != "disabled"
