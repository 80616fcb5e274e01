# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kerberos: SASL GSSAPI with a ticket from a credential cache or a keytab (RFC 4752).

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..._errors import AuthenticationFailed, InvalidInput
from ..._libraries import library, require
from ..addresses import is_ip_address

with library("gssapi"):
    import gssapi
    from gssapi.raw.misc import GSSError

if TYPE_CHECKING:
    import ldap3


@dataclass(frozen=True)
class KerberosAuthentication:
    """A principal (or the cache's own), and where its ticket or its key is.

    Both are given to GSSAPI for this one connection; the process's environment is not touched.
    """

    principal: str | None
    keytab: str | None
    ccache: str | None
    client_certificate: None = None

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> KerberosAuthentication:
        """Raises `InvalidInput` for a keytab that is not there or has no principal."""
        principal, keytab = parameters["ad_kerberos_principal"], parameters["ad_kerberos_keytab"]
        if keytab and not Path(keytab.removeprefix("FILE:")).is_file():
            raise InvalidInput(f"ad_kerberos_keytab: there is no such file: {keytab}")
        if keytab and not principal:
            raise InvalidInput(
                "ad_kerberos_keytab needs ad_kerberos_principal",
                advice="Name the principal whose key in the keytab is to be used.",
            )
        return cls(principal or None, keytab or None, parameters["ad_kerberos_ccache"] or None)

    @property
    def identity(self) -> str:
        """See `Authentication`."""
        return self.principal or "the principal of the Kerberos credential cache"

    def connection_arguments(self, host_name: str) -> Mapping[str, Any]:
        """See `Authentication`. Raises `InvalidInput` for an address: tickets are for names."""
        require("gssapi")
        if is_ip_address(host_name):
            raise InvalidInput(
                f"Kerberos needs the server's name, but only its address {host_name} is known",
                advice="Set ad_server_name to the name in the service principal ldap/<name>.",
            )
        # ldap3 takes the credentials as the third of these.
        return {
            "authentication": "SASL",
            "sasl_mechanism": "GSSAPI",
            "sasl_credentials": (host_name, None, self._credentials()),
        }

    def bind(self, connection: ldap3.Connection) -> None:
        """See `Authentication`."""
        try:
            connection.bind(read_server_info=False)
        except GSSError as error:
            raise AuthenticationFailed(
                f"No Kerberos ticket for ldap/{connection.sasl_credentials[0]} as {self.identity}",
                server=connection.server.name,
                answer=str(error),
                advice="Check that ad_server_name (or the name in ad_servers) is the one that the"
                " domain controller is registered with, and the clock of this machine.",
            ) from error

    def _credentials(self) -> gssapi.Credentials:
        try:
            name = None
            if self.principal:
                name = gssapi.Name(self.principal, gssapi.NameType.kerberos_principal)
            return gssapi.Credentials(
                name=name,
                usage="initiate",
                mechs=[gssapi.MechType.kerberos],
                store=self._store(),
            )
        except GSSError as error:
            raise AuthenticationFailed(
                f"There are no Kerberos credentials for {self.identity}",
                subject=self.keytab or self.ccache or "the default credential cache",
                answer=str(error),
                advice="Get a ticket with kinit, or give ad_kerberos_keytab and"
                " ad_kerberos_principal; the realm's servers come from krb5.conf.",
            ) from error

    def _store(self) -> dict[str | bytes, str | bytes] | None:
        if self.keytab:
            # A cache of its own in memory, unless one is named: the keytab's tickets shall neither
            # land in the user's cache nor be taken from it.
            cache = self.ccache or f"MEMORY:tenantops-{uuid.uuid4()}"
            return {"client_keytab": self.keytab, "ccache": cache}
        return {"ccache": self.ccache} if self.ccache else None
