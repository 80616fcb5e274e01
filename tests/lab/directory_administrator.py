# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's directory through the eyes of its administrator, without the code under test."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import ldap3

from lab.description import Description


@contextmanager
def administrator_connection(lab: Description) -> Iterator[ldap3.Connection]:
    """A connection that may do everything; a result that is no success raises."""
    directory = lab.directory
    account = directory["administrator"]
    tls = ldap3.Tls(
        validate=ssl.CERT_REQUIRED,
        ca_certs_file=lab.ca_file,
        # By itself ldap3 does not find the address in the certificate from Python 3.12 on.
        valid_names=[directory["host_name"]],
    )
    server = ldap3.Server(
        directory["address"],
        port=directory["ldaps_port"],
        use_ssl=True,
        tls=tls,
        get_info=ldap3.NONE,
    )
    with ldap3.Connection(
        server,
        account["user_principal_name"],
        account["password"],
        raise_exceptions=True,
        auto_referrals=False,
    ) as connection:
        yield connection


@dataclass(frozen=True)
class SuffixList:
    """The list of UPN suffixes, written and read by somebody else."""

    lab: Description
    connection: ldap3.Connection

    @property
    def dn(self) -> str:
        return f"CN=Partitions,{self.lab.directory['configuration_dn']}"

    def read(self) -> list[str]:
        """The values, in alphabetical order."""
        return sorted(value.decode() for value in self.attribute("uPNSuffixes"))

    def attribute(self, name: str) -> list[bytes]:
        """The values of an attribute of the object that holds the list."""
        self.connection.search(self.dn, "(objectClass=*)", "BASE", attributes=[name])
        (entry,) = list(self.connection.response or ())
        values: list[bytes] = entry["raw_attributes"].get(name, [])
        return values

    def add(self, *suffixes: str) -> None:
        """Add values that are not there."""
        self._modify([(ldap3.MODIFY_ADD, list(suffixes))])

    def remove(self, *suffixes: str) -> None:
        """Remove values that are there."""
        self._modify([(ldap3.MODIFY_DELETE, list(suffixes))])

    def replace(self, *suffixes: str) -> None:
        """Make these the whole list."""
        self._modify([(ldap3.MODIFY_REPLACE, list(suffixes))])

    def respell(self, old: str, new: str) -> None:
        """Change the case of a value."""
        self._modify([(ldap3.MODIFY_DELETE, [old]), (ldap3.MODIFY_ADD, [new])])

    def _modify(self, operations: list[tuple[str, list[str]]]) -> None:
        self.connection.modify(self.dn, {"uPNSuffixes": operations})
