# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The accounts that log on, and what the domain controller itself still needs."""

from __future__ import annotations

from collections.abc import Iterator

from ..credentials import Credentials
from ..nameservers.names import GSS_NAMESERVER
from ..settings import DirectorySettings
from .company import LEGACY_SUFFIX
from .ldif import Entry, Modification

_NORMAL_ACCOUNT = 0x200
_PASSWORD_NEVER_EXPIRES = 0x10000
# Kerberos with AES only: keys of older kinds are refused by today's clients.
_AES_128_AND_256 = "24"

UPN_SUFFIXES_GUID = "032160bf-9824-11d1-aec0-0000f80367c1"


def service_account_dn(directory: DirectorySettings) -> str:
    """Return the DN of the account that playbooks use."""
    return _account_dn("Tenantops Migration", directory)


def plain_user_dn(directory: DirectorySettings) -> str:
    """Return the DN of somebody who may log on and change nothing."""
    return _account_dn("Plain User", directory)


def accounts(
    directory: DirectorySettings, credentials: Credentials
) -> Iterator[Entry | Modification]:
    """Yield the accounts with their passwords."""
    yield Entry(
        f"OU=Service Accounts,{directory.base_dn}",
        {"objectClass": ["top", "organizationalUnit"]},
    )
    yield _account(
        service_account_dn(directory),
        directory.service_account,
        directory,
        credentials.service_account_password,
    )
    yield _account(
        plain_user_dn(directory), "plain.user", directory, credentials.plain_user_password
    )
    yield _account(
        _account_dn("Name Server 1", directory),
        directory.nameserver_account,
        directory,
        credentials.nameserver_account_password,
        service=f"DNS/{GSS_NAMESERVER}",
    )
    yield Modification(
        f"CN=Administrator,CN=Users,{directory.base_dn}",
        replace={
            "clearTextPassword": [credentials.administrator_password.encode("utf-16-le")],
            "userAccountControl": [str(_NORMAL_ACCOUNT | _PASSWORD_NEVER_EXPIRES)],
            "userPrincipalName": [f"Administrator@{directory.domain}"],
        },
    )


def domain_controller(directory: DirectorySettings) -> Iterator[Modification]:
    """Yield what a domain controller in a network would register by itself."""
    domain, host = directory.domain, directory.host_name
    yield Modification(
        f"CN={directory.host.upper()},OU=Domain Controllers,{directory.base_dn}",
        add={
            "servicePrincipalName": [
                f"ldap/{host}",
                f"ldap/{host}/{domain}",
                f"ldap/{directory.host.upper()}",
                f"GC/{host}/{domain}",
            ]
        },
    )
    yield Modification(
        f"CN=Partitions,{directory.configuration_dn}", add={"uPNSuffixes": [LEGACY_SUFFIX]}
    )


def _account_dn(name: str, directory: DirectorySettings) -> str:
    return f"CN={name},OU=Service Accounts,{directory.base_dn}"


def _account(
    dn: str,
    account: str,
    directory: DirectorySettings,
    password: str,
    service: str | None = None,
) -> Entry:
    return Entry(
        dn,
        {
            "objectClass": ["top", "person", "organizationalPerson", "user"],
            "sAMAccountName": [account],
            "userPrincipalName": [f"{account}@{directory.domain}"],
            "userAccountControl": [str(_NORMAL_ACCOUNT | _PASSWORD_NEVER_EXPIRES)],
            "msDS-SupportedEncryptionTypes": [_AES_128_AND_256],
            "clearTextPassword": [password.encode("utf-16-le")],
            **({"servicePrincipalName": [service]} if service else {}),
        },
    )
