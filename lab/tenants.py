# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tenants of the lab: three for the demo, one with wrong credentials, one without servers,
and what all tenants have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

EmailOtp = Literal["default", "enabled", "disabled"]

# What the cloud would ask for if every later module were there already; Microsoft's documents
# name these as the least privileged for what the modules do.
PERMISSIONS = (
    "Domain.ReadWrite.All",
    "Organization.Read.All",
    "Policy.Read.All",
    "Policy.ReadWrite.AuthenticationMethod",
    "Policy.ReadWrite.CrossTenantAccess",
    "Policy.ReadWrite.SecurityDefaults",
    "RoleManagement.Read.Directory",
    "User.DeleteRestore.All",
    "User.Invite.All",
    "User.Read.All",
    "User.ReadWrite.All",
)


@dataclass(frozen=True)
class Tenant:
    """One organisation to be moved.

    ``email_otp`` is where its tenant starts, ``wanted_email_otp`` what the inventory asks for.
    ``company`` is the name of its organizational unit in the messy company, if it has one, and
    ``language`` the one in whose way its people write their names in addresses.
    """

    name: str
    display_name: str
    domain: str
    tenant_id: str
    client_id: str
    email_otp: EmailOtp
    wanted_email_otp: EmailOtp
    verification: str
    company: str = ""
    language: str = "none"

    @property
    def initial_domain(self) -> str:
        return f"{self.name}.onmicrosoft.com"

    @property
    def foreign_texts(self) -> tuple[str, ...]:
        """TXT values of other parties at the domain's apex, which must survive everything."""
        return (
            "v=spf1 include:spf.protection.outlook.com include:_spf.mailer.example.test -all",
            f"google-site-verification={self.name}-4hXo2mJt6QpZ1vKcR8sWnYdL0bGfUeAi",
            f'{self.name}-ticket="2019;owner=webmaster"',
        )


DEMO = (
    Tenant(
        name="fourthcoffee",
        display_name="Fourth Coffee",
        domain="fourthcoffee.test",
        tenant_id="0c7f1a52-6f0e-4a63-9c8e-3b1f0d9a4e01",
        client_id="5d0b6e3a-1f57-4c0b-8f43-7a2d9b6c1e01",
        email_otp="default",
        wanted_email_otp="enabled",
        verification="MS=ms41823071",
        company="Fourth Coffee",
        language="swedish",
    ),
    Tenant(
        name="fabrikam",
        display_name="Fabrikam GmbH",
        domain="fabrikam.test",
        tenant_id="0c7f1a52-6f0e-4a63-9c8e-3b1f0d9a4e02",
        client_id="5d0b6e3a-1f57-4c0b-8f43-7a2d9b6c1e02",
        email_otp="disabled",
        wanted_email_otp="enabled",
        verification="MS=ms59130264",
        company="Fabrikam",
        language="german",
    ),
    Tenant(
        name="contoso",
        display_name="株式会社コントソ",
        domain="contoso.test",
        tenant_id="0c7f1a52-6f0e-4a63-9c8e-3b1f0d9a4e03",
        client_id="5d0b6e3a-1f57-4c0b-8f43-7a2d9b6c1e03",
        email_otp="disabled",
        wanted_email_otp="disabled",
        verification="MS=ms70415938",
        company="Contoso",
        language="japanese",
    ),
)

WRONG_CREDENTIALS = Tenant(
    name="northwind",
    display_name="Northwind Traders",
    domain="northwind.test",
    tenant_id="0c7f1a52-6f0e-4a63-9c8e-3b1f0d9a4e04",
    client_id="5d0b6e3a-1f57-4c0b-8f43-7a2d9b6c1e04",
    email_otp="default",
    wanted_email_otp="enabled",
    verification="MS=ms86027415",
)

SERVERS_DOWN = Tenant(
    name="tailspin",
    display_name="Tailspin Toys",
    domain="tailspin.test",
    tenant_id="0c7f1a52-6f0e-4a63-9c8e-3b1f0d9a4e05",
    client_id="5d0b6e3a-1f57-4c0b-8f43-7a2d9b6c1e05",
    email_otp="default",
    wanted_email_otp="enabled",
    verification="MS=ms93704182",
)
