# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The domains of a tenant: added, proven, taken over, removed.

https://learn.microsoft.com/graph/api/resources/domain

The texts of refusals are not those of Microsoft, which nobody has written down: no client may
look at them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any

from ..people import User
from ..progress import is_below
from ..state import (
    Cloud,
    Domain,
    ForcedDeletion,
    Takeover,
    Tenant,
    UnmanagedTenant,
)
from ..verification import verification_text
from . import dns_records
from .errors import bad_request, not_found
from .routes import Answer, Call, Operation
from .schema import BOOLEAN, STRING, Collection, EntityType, Parameters
from .times import timestamp

_TYPE = EntityType(
    "microsoft.graph.domain",
    {"id": STRING, "isDefault": BOOLEAN, "supportedServices": Collection(STRING)},
)
_VERIFY = Parameters("verify", {"forceTakeover": BOOLEAN})
_FORCE_DELETE = Parameters("forceDelete", {"disableUserAccounts": BOOLEAN})

_READ = frozenset({"Domain.Read.All", "Domain.ReadWrite.All", "Directory.Read.All"})
_WRITE = frozenset({"Domain.ReadWrite.All"})
_SELECT = frozenset({"$select"})
_LIST = frozenset({"$select", "$top"})

_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_NAME = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)+(?!\d+\Z){_LABEL}")
_SERVICES = {"Email", "OfficeCommunicationsOnline", "Yammer"}
# Beyond so many references a forced deletion is refused.
_MOST_REFERENCES = 1000


def _list(call: Call) -> Answer:
    url = f"{call.base_url}/v1.0/domains"
    page, link = call.query.page(call.tenant.domains, url)
    entities = [_entity(call, domain) for domain in page]
    context = f"{call.base_url}/v1.0/$metadata#domains"
    return Answer(200, {"@odata.context": context, **link, "value": entities})


def _read(call: Call) -> Answer:
    return _answer(call, 200, _entity(call, _find(call, call.tenant)))


def _create(call: Call) -> Answer:
    """Add a domain. That another tenant has it shows only when it is to be verified."""
    values = _TYPE.read_patch(call.body)
    if set(values) != {"id"}:
        raise bad_request("Only the property 'id' can and has to be given for a new domain.")
    name = values["id"].casefold()
    if not _NAME.fullmatch(name):
        raise bad_request("The domain name is not valid.")
    with call.change() as tenant:
        if any(domain.name == name for domain in tenant.domains):
            raise bad_request("There is a domain with this name already.")
        domain = Domain(
            name=name,
            is_default=False,
            is_initial=False,
            is_verified=_verified_parent(tenant, name) is not None,
        )
        tenant.domains.append(domain)
        entity = _render(tenant, domain, call.cloud())
    return _answer(call, 201, entity)


def _update(call: Call) -> Answer:
    values = _TYPE.read_patch(call.body)
    name = call.path["id"].casefold()
    if values.pop("id", name).casefold() != name:
        raise bad_request("The key property 'id' cannot be changed.")
    with call.change() as tenant:
        domain = _find(call, tenant)
        if not domain.is_verified:
            raise bad_request("Only a verified domain can be updated.")
        if "isDefault" in values:
            _check_default(domain, wanted=values["isDefault"])
        unknown = set(values.get("supportedServices", ())) - _SERVICES
        if unknown:
            raise bad_request(f"There is no service '{min(unknown)}'.")
        if "isDefault" in values:
            for entry in tenant.domains:
                entry.is_default = entry is domain
        if "supportedServices" in values:
            domain.capabilities = values["supportedServices"]
    return Answer(204)


def _check_default(domain: Domain, *, wanted: bool) -> None:
    if not wanted:
        raise bad_request("Make another domain the default one.")
    if domain.authentication_type == "Federated":
        raise bad_request("A federated domain cannot be the default one.")


def _delete(call: Call) -> Answer:
    with call.change() as tenant:
        domain = _find(call, tenant)
        _check_removal(tenant, domain)
        if _references(tenant, domain):
            raise bad_request("Objects refer to the domain.")
        tenant.domains.remove(domain)
    return Answer(204)


def _force_delete(call: Call) -> Answer:
    values = _FORCE_DELETE.read(call.body)
    with call.change() as tenant:
        domain = _find(call, tenant)
        _check_removal(tenant, domain)
        if domain.authentication_type == "Federated":
            raise bad_request("A federated domain cannot be removed.")
        if len(_references(tenant, domain)) > _MOST_REFERENCES:
            raise bad_request(f"More than {_MOST_REFERENCES} objects refer to the domain.")
        domain.forced_deletion = ForcedDeletion(
            started=time.time(), disable_user_accounts=values.get("disableUserAccounts", True)
        )
    return Answer(204)


def _check_removal(tenant: Tenant, domain: Domain) -> None:
    if domain.is_initial or domain.is_default:
        raise bad_request("The initial and the default domain cannot be removed.")
    if any(_is_child(entry.name, domain.name) for entry in tenant.domains):
        raise bad_request("The domain has subdomains in this tenant.")
    if _is_scheduled(domain.takeover) or domain.forced_deletion is not None:
        raise bad_request("Another operation on the domain is under way.")


async def _verify(call: Call) -> Answer:
    forced: bool = _VERIFY.read(call.body).get("forceTakeover", False)
    tenant_id = call.tenant.tenant_id
    name = _find(call, call.tenant).name
    text = verification_text(tenant_id, name)
    is_proven = await call.dns.has_text(name, text) or await call.dns.has_mail_exchange(
        name, dns_records.proving_mail_exchange(text)
    )
    # From here to the end nobody comes between.
    with call.change() as tenant:
        domain = _find(call, tenant)
        if domain.is_verified:
            raise bad_request("The domain is verified already.")
        if _is_scheduled(domain.takeover) or domain.forced_deletion is not None:
            raise bad_request("Another operation on the domain is under way.")
        if not is_proven:
            raise bad_request("The record that proves the domain was not found.")
        cloud = call.cloud()
        viral = _viral_owner(cloud, name)
        if viral is not None:
            _schedule_takeover(cloud.unmanaged[viral], domain, viral, forced=forced)
            status = "EmailVerifiedDomainTakeoverScheduled"
        elif cloud.owner_of(name) is not None:
            raise bad_request("The domain is in use elsewhere.")
        else:
            domain.is_verified = True
            domain.takeover = None
            status = "AvailableImmediately"
        entity = _render(tenant, domain, cloud)
    return _answer(call, 200, {**entity, "availabilityStatus": status})


def _schedule_takeover(
    unmanaged: UnmanagedTenant, domain: Domain, name: str, *, forced: bool
) -> None:
    """Start the takeover, or refuse; raises GraphError."""
    if unmanaged.blocking_service_plans:
        raise bad_request("Services of the unmanaged tenant hinder the takeover.")
    if not forced and not unmanaged.plain_verify_schedules:
        raise bad_request("The domain is linked to an unmanaged tenant.")
    domain.takeover = Takeover(unmanaged=name, started=time.time())


def _viral_owner(cloud: Cloud, name: str) -> str | None:
    """Return the lab's name of the unmanaged tenant that has the domain, if one has."""
    for owner, unmanaged in cloud.unmanaged.items():
        if name in unmanaged.domains and not unmanaged.is_managed:
            return owner
    return None


def _list_proof(call: Call) -> Answer:
    domain = _find(call, call.tenant)
    text = verification_text(call.tenant.tenant_id, domain.name)
    return _records(call, "verificationDnsRecords", dns_records.proof(domain.name, text))


def _list_service_records(call: Call) -> Answer:
    domain = _find(call, call.tenant)
    services = domain.capabilities if domain.is_verified else []
    records = dns_records.for_services(domain.name, services)
    return _records(call, "serviceConfigurationRecords", records)


def _records(call: Call, collection: str, records: Sequence[dict[str, Any]]) -> Answer:
    name = call.path["id"]
    context = f"{call.base_url}/v1.0/$metadata#domains('{name}')/{collection}"
    return Answer(200, {"@odata.context": context, "value": list(records)})


def _list_references(call: Call) -> Answer:
    domain = _find(call, call.tenant)
    url = f"{call.base_url}/v1.0/domains/{domain.name}/domainNameReferences"
    page, link = call.query.page(_references(call.tenant, domain), url)
    entities = [
        {
            "@odata.type": "#microsoft.graph.user",
            "id": user.id,
            "displayName": user.display_name,
            "mail": user.mail,
            "userPrincipalName": user.user_principal_name,
        }
        for user in page
    ]
    context = f"{call.base_url}/v1.0/$metadata#directoryObjects"
    return Answer(200, {"@odata.context": context, **link, "value": entities})


def _read_root(call: Call) -> Answer:
    domain = _find(call, call.tenant)
    root = _verified_parent(call.tenant, domain.name) or domain
    return _answer(call, 200, _entity(call, root))


def _references(tenant: Tenant, domain: Domain) -> list[User]:
    return [
        user
        for user in tenant.users
        if is_below(user.user_principal_name, domain.name)
        or (user.mail is not None and is_below(user.mail, domain.name))
    ]


def _find(call: Call, tenant: Tenant) -> Domain:
    """Return the domain that the path names; raises GraphError."""
    name = call.path["id"].casefold()
    for domain in tenant.domains:
        if domain.name.casefold() == name:
            return domain
    raise not_found(call.path["id"])


def _verified_parent(tenant: Tenant, name: str) -> Domain | None:
    """Return the verified domain of this tenant that the name is below; the topmost of several."""
    parents = [
        domain for domain in tenant.domains if domain.is_verified and _is_child(name, domain.name)
    ]
    return min(parents, key=lambda domain: len(domain.name), default=None)


def _is_child(name: str, parent: str) -> bool:
    return name.endswith(f".{parent}")


def _is_scheduled(takeover: Takeover | None) -> bool:
    return takeover is not None and not takeover.failed


def _entity(call: Call, domain: Domain) -> dict[str, Any]:
    return call.query.project(_render(call.tenant, domain, call.cloud()), _TYPE.name)


def _answer(call: Call, status: int, entity: dict[str, Any]) -> Answer:
    context = f"{call.base_url}/v1.0/$metadata#domains/$entity"
    return Answer(status, {"@odata.context": context, **entity})


def _render(tenant: Tenant, domain: Domain, cloud: Cloud) -> dict[str, Any]:
    is_root = domain.is_verified and _verified_parent(tenant, domain.name) is None
    return {
        "id": domain.name,
        "authenticationType": domain.authentication_type,
        "availabilityStatus": None,
        "isAdminManaged": True,
        "isDefault": domain.is_default,
        "isInitial": domain.is_initial,
        "isRoot": is_root,
        "isVerified": domain.is_verified,
        "manufacturer": None,
        "model": None,
        "passwordNotificationWindowInDays": None,
        "passwordValidityPeriodInDays": None,
        "state": _state(domain, cloud),
        "supportedServices": domain.capabilities if domain.is_verified else [],
    }


def _state(domain: Domain, cloud: Cloud) -> dict[str, Any] | None:
    """Return what runs on the domain, as its property ``state`` tells it."""
    if domain.forced_deletion is not None:
        return _operation("ForceDelete", "InProgress", domain.forced_deletion.started)
    takeover = domain.takeover
    if takeover is None:
        return None
    unmanaged = cloud.unmanaged[takeover.unmanaged]
    if takeover.failed:
        return _operation(unmanaged.takeover_operation, "Failed", takeover.started)
    return _operation(
        unmanaged.takeover_operation, _progress(takeover, unmanaged), takeover.started
    )


def _progress(takeover: Takeover, unmanaged: UnmanagedTenant) -> str:
    """The first half of its time a takeover waits."""
    if takeover.started is None or unmanaged.takeover_seconds is None:
        return "Scheduled"
    has_waited = time.time() >= takeover.started + unmanaged.takeover_seconds / 2
    return "InProgress" if has_waited else "Scheduled"


def _operation(operation: str, status: str, since: float | None) -> dict[str, Any]:
    return {
        "operation": operation,
        "status": status,
        "lastActionDateTime": None if since is None else timestamp(since),
    }


OPERATIONS = [
    Operation("GET", "/domains", _READ, _list, _LIST),
    Operation("POST", "/domains", _WRITE, _create),
    Operation("GET", "/domains/{id}", _READ, _read, _SELECT),
    Operation("PATCH", "/domains/{id}", _WRITE, _update),
    Operation("DELETE", "/domains/{id}", _WRITE, _delete),
    Operation("POST", "/domains/{id}/verify", _WRITE, _verify),
    Operation("POST", "/domains/{id}/forceDelete", _WRITE, _force_delete),
    Operation("GET", "/domains/{id}/verificationDnsRecords", _READ, _list_proof),
    Operation("GET", "/domains/{id}/serviceConfigurationRecords", _READ, _list_service_records),
    Operation("GET", "/domains/{id}/domainNameReferences", _READ, _list_references, _LIST),
    Operation("GET", "/domains/{id}/rootDomain", _READ, _read_root, _SELECT),
]
