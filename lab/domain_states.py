# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Twelve tenants, each with a domain in another of the states that domains are found in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from .cloud.verification import verification_text
from .tenants import Tenant

Takeover = Literal["never", "external", "internal"]

# Seconds that a takeover takes, long enough to be seen under way.
_TAKEOVER_SECONDS = 3


@dataclass(frozen=True)
class Elsewhere:
    """The other tenant that the domain is in; viral unless it is ``Managed`` or ``Federated``."""

    tenant_id: str
    display_name: str
    kind: Literal["viral", "Managed", "Federated"]
    users: tuple[str, ...] = ()
    blocking_service_plans: tuple[str, ...] = ()


@dataclass(frozen=True)
class DomainState:
    """A tenant, where its domain stands, and what its operator asks for.

    The domain is ``tenant.domain``, or ``subdomain`` below it. ``is_added``, ``is_verified`` and
    ``is_scheduled`` (for takeover) are about the domain in the tenant, ``is_published`` is about
    its TXT record; ``is_root_verified`` says that the domain above a subdomain is verified there.
    """

    tenant: Tenant
    subdomain: str | None = None
    takeover: Takeover = "never"
    has_consent: bool = False
    is_added: bool = False
    is_published: bool = False
    is_verified: bool = False
    is_scheduled: bool = False
    is_root_verified: bool = False
    elsewhere: Elsewhere | None = None

    @property
    def domain(self) -> str:
        return self.subdomain or self.tenant.domain

    @property
    def proof(self) -> str:
        """The TXT value that proves the domain for the tenant."""
        return verification_text(self.tenant.tenant_id, self.domain)

    @property
    def administrator_text(self) -> str | None:
        """The TXT value that makes a person administrator of the viral tenant, if it is one."""
        if self.elsewhere is None or self.elsewhere.kind != "viral":
            return None
        return verification_text(self.elsewhere.tenant_id, self.domain)

    @property
    def domains_in_cloud(self) -> list[dict[str, Any]]:
        """The tenant's domains beside the initial one, as the cloud's configuration has them."""
        domains: list[dict[str, Any]] = []
        if self.is_root_verified:
            domains.append({"name": self.tenant.domain, "is_verified": True})
        if self.is_added:
            scheduled = {"taken_over_from": self.tenant.name} if self.is_scheduled else {}
            domains.append({"name": self.domain, "is_verified": self.is_verified, **scheduled})
        return domains


def _tenant(number: int, name: str, display_name: str) -> Tenant:
    return Tenant(
        name=name,
        display_name=display_name,
        domain=f"{name}.test",
        tenant_id=f"0c7f1a52-6f0e-4a63-9c8e-3b1f0d9a4f{number:02}",
        client_id=f"5d0b6e3a-1f57-4c0b-8f43-7a2d9b6c1f{number:02}",
        email_otp="default",
        wanted_email_otp="enabled",
        verification=f"MS=ms{26071400 + number}",
    )


def _viral(
    number: int, name: str, *people: str, blocking_service_plans: tuple[str, ...] = ()
) -> Elsewhere:
    return Elsewhere(
        tenant_id=_elsewhere_id(number),
        display_name=f"{name}.test",
        kind="viral",
        users=tuple(f"{person}@{name}.test" for person in people),
        blocking_service_plans=blocking_service_plans,
    )


def _elsewhere_id(number: int) -> str:
    return f"b81e7c40-93d5-4f6a-8a2b-5c60d7e1a3{number:02}"


FREE = DomainState(_tenant(1, "adatum", "A. Datum Corporation"))

ADDED = DomainState(_tenant(2, "alpineski", "Alpine Ski House"), is_added=True)

PUBLISHED = DomainState(_tenant(3, "bellows", "Bellows College"), is_added=True, is_published=True)

VERIFIED = DomainState(
    _tenant(4, "cohovineyard", "Coho Vineyard"),
    is_added=True,
    is_published=True,
    is_verified=True,
)

VIRAL = DomainState(
    _tenant(5, "graphicdesign", "Graphic Design Institute"),
    takeover="external",
    has_consent=True,
    elsewhere=_viral(5, "graphicdesign", "lena.holm", "omar.bennett", "yuki.tanaka"),
)

BLOCKED = DomainState(
    _tenant(6, "humongous", "Humongous Insurance"),
    takeover="external",
    has_consent=True,
    elsewhere=_viral(
        6, "humongous", "mike.nash", "petra.saar", blocking_service_plans=("SHAREPOINTWAC",)
    ),
)

WITHOUT_CONSENT = DomainState(
    _tenant(7, "litware", "Litware, Inc."),
    takeover="external",
    elsewhere=_viral(7, "litware", "ana.ruiz", "tom.perham"),
)

INTERNAL = DomainState(
    _tenant(8, "lucerne", "Lucerne Publishing"),
    takeover="internal",
    elsewhere=_viral(8, "lucerne", "eva.corets", "jens.lind"),
)

MANAGED_ELSEWHERE = DomainState(
    _tenant(9, "proseware", "Proseware, Inc."),
    elsewhere=Elsewhere(_elsewhere_id(9), "Proseware Holding", "Managed"),
)

FEDERATED_ELSEWHERE = DomainState(
    _tenant(10, "treyresearch", "Trey Research"),
    elsewhere=Elsewhere(_elsewhere_id(10), "Trey Research (old)", "Federated"),
)

BELOW_VERIFIED = DomainState(
    _tenant(11, "wingtip", "Wingtip Toys"),
    subdomain="mail.wingtip.test",
    is_root_verified=True,
)

SCHEDULED = DomainState(
    _tenant(12, "woodgrove", "Woodgrove Bank"),
    takeover="external",
    has_consent=True,
    is_added=True,
    is_published=True,
    is_scheduled=True,
    elsewhere=_viral(12, "woodgrove", "gustav.ek", "ines.faria"),
)

ALL = (
    FREE,
    ADDED,
    PUBLISHED,
    VERIFIED,
    VIRAL,
    BLOCKED,
    WITHOUT_CONSENT,
    INTERNAL,
    MANAGED_ELSEWHERE,
    FEDERATED_ELSEWHERE,
    BELOW_VERIFIED,
    SCHEDULED,
)


def people(tenant: Tenant) -> tuple[str, ...]:
    """Return the addresses of people who have signed up for something at Microsoft's."""
    for state in ALL:
        if state.tenant is tenant and state.elsewhere is not None and state.elsewhere.users:
            return state.elsewhere.users
    return (f"kim.akers@{tenant.domain}", f"david.barber@{tenant.domain}")


# The addresses with a personal Microsoft account: one of nobody's domain, one of a viral one.
PERSONAL_ACCOUNTS = ("kim.akers@adatum.test", "ana.ruiz@litware.test")


def unmanaged() -> dict[str, dict[str, Any]]:
    """Return the viral tenants, by the tenants' names, as the cloud's configuration has them."""
    return {
        state.tenant.name: {
            "tenant_id": state.elsewhere.tenant_id,
            "display_name": state.elsewhere.display_name,
            "domains": [state.domain],
            "users": list(state.elsewhere.users),
            "blocking_service_plans": list(state.elsewhere.blocking_service_plans),
            "takeover_seconds": _TAKEOVER_SECONDS,
        }
        for state in ALL
        if state.elsewhere is not None and state.elsewhere.kind == "viral"
    }


def foreign() -> dict[str, dict[str, Any]]:
    """Return the managed tenants of others, as the cloud's configuration has them."""
    tenants: dict[str, dict[str, Any]] = {}
    for state in ALL:
        if state.elsewhere is None or state.elsewhere.kind == "viral":
            continue
        tenants[state.tenant.name] = {
            "tenant_id": state.elsewhere.tenant_id,
            "display_name": state.elsewhere.display_name,
            "domains": [state.domain],
            "authentication_type": state.elsewhere.kind,
        }
        if state.elsewhere.kind == "Federated":
            url = f"https://sts.{state.domain}/adfs/ls/"
            tenants[state.tenant.name]["authentication_url"] = url
    return tenants
