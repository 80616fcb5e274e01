# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes accounts, groups and SKUs as they were ordered."""

from __future__ import annotations

from collections.abc import Iterable

from ..conversion import ConversionError
from ..people import User
from ..roles import find_definition
from ..state import DirectoryRole, Tenant, derived_id
from ..subscriptions import Group, GroupLicense, Sku, known_sku, part_numbers
from .crowd import crowd
from .licensing import LicenseError, assign, inherit, license_of
from .orders import AccountOrder, AccountsOrder, GroupOrder, LicenseOrder, SkuOrder

_CREATED = "2021-05-04T09:31:08Z"
_ASSIGNED = "2022-02-02T07:00:00Z"
_DELETED = "2026-01-15T10:00:00Z"


def add_accounts(tenant: Tenant, order: AccountsOrder) -> int:
    """Make all that was ordered; return how many users.

    Raises ConversionError for what cannot be; what comes before it is made then.
    """
    for sku in order.skus:
        _set_sku(tenant, sku)
    for group in order.groups:
        _set_group(tenant, group)
    accounts: Iterable[AccountOrder] = order.accounts
    made = sum(_add(tenant, account) for account in accounts)
    if order.crowd is not None:
        initial = next(domain.name for domain in tenant.domains if domain.is_initial)
        made += sum(_add(tenant, account) for account in crowd(order.crowd, initial))
    return made


def _set_sku(tenant: Tenant, order: SkuOrder) -> None:
    try:
        sku = known_sku(order.part_number, order.enabled)
    except KeyError as error:
        raise ConversionError(
            f"the SKU {order.part_number} is none of {', '.join(part_numbers())}"
        ) from error
    sku.warning, sku.suspended = order.warning, order.suspended
    sku.capability_status = order.capability_status
    tenant.skus = [*(one for one in tenant.skus if one.id != sku.id), sku]


def _set_group(tenant: Tenant, order: GroupOrder) -> None:
    inner = [_group(tenant, name).id for name in order.groups]
    licenses = [_license(tenant, one) for one in order.licenses]
    for group in tenant.groups:
        if group.display_name == order.name:
            break
    else:
        group = Group(derived_id(tenant.tenant_id, f"group {order.name}"), order.name)
        tenant.groups.append(group)
    group.licenses = licenses
    group.members += [one for one in inner if one not in group.members]


def _add(tenant: Tenant, order: AccountOrder) -> int:
    user = _user(tenant, order)
    groups = [_group(tenant, name) for name in order.groups]
    roles = [activate_role(tenant, _role_template(name)) for name in order.roles]
    wanted = [_license(tenant, one) for one in order.licenses]
    try:
        user.licenses = assign(tenant, user, wanted, (), _ASSIGNED)
    except LicenseError as error:
        raise ConversionError(f"{order.user_principal_name}: {error}") from error
    for group in groups:
        group.members.append(user.id)
    for role in roles:
        role.members.append(user.id)
    user.licenses = inherit(tenant, user, _ASSIGNED)
    if order.is_deleted:
        user.deleted = _DELETED
        tenant.deleted_users.add(user)
    else:
        tenant.users.add(user)
    return 1


def _user(tenant: Tenant, order: AccountOrder) -> User:
    name = order.user_principal_name
    local, _at, domain = name.rpartition("@")
    if not local or not tenant.is_verified_domain(domain):
        raise ConversionError(f"{name} is not of a verified domain")
    proxies = order.proxy_addresses
    if proxies is None:
        proxies = [f"SMTP:{order.mail}"] if order.mail else []
    # Somebody deleted may be of the name of somebody who is there.
    label = f"deleted {name}" if order.is_deleted else name
    user = User(
        id=derived_id(tenant.tenant_id, label),
        display_name=order.display_name or _display_name(local),
        user_principal_name=name,
        mail=order.mail,
        created=_CREATED,
        account_enabled=order.account_enabled,
        mail_nickname=order.mail_nickname or local,
        usage_location=order.usage_location,
        details=dict(order.details) or None,
        proxy_addresses=list(proxies),
        on_premises=order.on_premises,
        immutable_id=order.immutable_id,
    )
    taken = tenant.users.place(user.id) is not None or (
        not order.is_deleted and tenant.users.find(name) is not None
    )
    if taken or tenant.deleted_users.place(user.id) is not None:
        raise ConversionError(f"{name} is a user already or was one")
    return user


def _display_name(local: str) -> str:
    return " ".join(part.capitalize() for part in local.split("."))


def _license(tenant: Tenant, order: LicenseOrder) -> GroupLicense:
    sku = _sku(tenant, order.sku)
    try:
        return license_of(sku, [sku.plan_id(name) for name in order.disabled_plans])
    except KeyError as error:
        raise ConversionError(f"{order.sku} has no service plan {error}") from error


def _sku(tenant: Tenant, part_number: str) -> Sku:
    for sku in tenant.skus:
        if sku.part_number == part_number:
            return sku
    raise ConversionError(f"the tenant has no {part_number}")


def _group(tenant: Tenant, name: str) -> Group:
    for group in tenant.groups:
        if group.display_name == name:
            return group
    raise ConversionError(f"there is no group {name!r}")


def _role_template(name: str) -> str:
    definition = find_definition(name)
    if definition is None:
        raise ConversionError(f"there is no role {name!r}")
    return definition.id


def activate_role(tenant: Tenant, template_id: str) -> DirectoryRole:
    """Return the role of a template, which from now on the tenant has; raises KeyError."""
    for role in tenant.directory_roles:
        if role.role_template_id == template_id:
            return role
    definition = find_definition(template_id)
    if definition is None:
        raise KeyError(template_id)
    role = DirectoryRole(
        id=derived_id(tenant.tenant_id, definition.id),
        role_template_id=definition.id,
        display_name=definition.display_name,
        description=definition.description,
    )
    tenant.directory_roles.append(role)
    return role
