# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes on in the cloud by itself once it was started: takeovers and forced deletions."""

from __future__ import annotations

from .state import Cloud, Domain, ForcedDeletion, Takeover, Tenant


def advance(cloud: Cloud, now: float, reader: str | None) -> bool:
    """Finish what is due at ``now`` (seconds since 1970); say whether anything has changed.

    ``reader`` names the tenant whose request is being answered: it starts what waits for that.
    """
    changed = False
    for name, tenant in cloud.tenants.items():
        for domain in list(tenant.domains):
            if domain.takeover is not None:
                if domain.takeover.started is None and name == reader:
                    domain.takeover.started = now
                    changed = True
                changed |= _advance_takeover(cloud, tenant, domain, domain.takeover, now)
            if domain.forced_deletion is not None and _is_over(
                domain.forced_deletion.started, tenant.forced_deletion_seconds, now
            ):
                _delete(tenant, domain, domain.forced_deletion)
                changed = True
    return changed


def _advance_takeover(
    cloud: Cloud, tenant: Tenant, domain: Domain, takeover: Takeover, now: float
) -> bool:
    unmanaged = cloud.unmanaged[takeover.unmanaged]
    if takeover.failed or not _is_over(takeover.started, unmanaged.takeover_seconds, now):
        return False
    is_gone = unmanaged.is_managed or domain.name not in unmanaged.domains
    if unmanaged.takeover_fails or is_gone:
        takeover.failed = True
        return True
    domain.is_verified = True
    domain.takeover = None
    unmanaged.domains.remove(domain.name)
    arriving = [user for user in unmanaged.users if is_below(user.user_principal_name, domain.name)]
    for user in arriving:
        tenant.users.add(user)
    unmanaged.users = [user for user in unmanaged.users if user not in arriving]
    return True


def _delete(tenant: Tenant, domain: Domain, order: ForcedDeletion) -> None:
    """Remove the domain; who was named after it is now named after the initial domain."""
    initial = next(entry.name for entry in tenant.domains if entry.is_initial)
    for user in tenant.users:
        if user.mail is not None and is_below(user.mail, domain.name):
            tenant.users.update(user, mail=None)
        if is_below(user.user_principal_name, domain.name):
            local = user.user_principal_name.partition("@")[0]
            tenant.users.update(user, user_principal_name=f"{local}@{initial}")
            user.account_enabled &= not order.disable_user_accounts
    tenant.domains.remove(domain)


def is_below(address: str, domain: str) -> bool:
    """Say whether a mail address or user principal name is one of the domain's."""
    return address.casefold().endswith(f"@{domain.casefold()}")


def _is_over(started: float | None, seconds: float | None, now: float) -> bool:
    return started is not None and seconds is not None and started + seconds <= now
