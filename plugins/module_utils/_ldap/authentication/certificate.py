# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Client certificate: SASL EXTERNAL over TLS (RFC 4422 appendix A).

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..._errors import AuthenticationFailed, InvalidInput
from .method import ClientCertificate

if TYPE_CHECKING:
    import ldap3


@dataclass(frozen=True)
class CertificateAuthentication:
    """The server takes the identity from the certificate of the TLS handshake."""

    client_certificate: ClientCertificate

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> CertificateAuthentication:
        """Raises `InvalidInput` if there is no certificate or a file is not there."""
        certificate, key = parameters["ad_client_certificate"], parameters["ad_client_key"]
        if not certificate:
            raise InvalidInput(
                "ad_auth=certificate needs ad_client_certificate, which is empty",
                advice="Give the path of a PEM file with the certificate (and its key, unless"
                " ad_client_key names it).",
            )
        for option, path in (("ad_client_certificate", certificate), ("ad_client_key", key)):
            if path and not Path(path).is_file():
                raise InvalidInput(f"{option}: there is no such file: {path}")
        return cls(ClientCertificate(certificate, key or None))

    @property
    def identity(self) -> str:
        """See `Authentication`."""
        return f"the client certificate {self.client_certificate.certificate}"

    def connection_arguments(self, host_name: str) -> Mapping[str, Any]:
        """See `Authentication`."""
        return {"authentication": "SASL", "sasl_mechanism": "EXTERNAL", "sasl_credentials": ""}

    def bind(self, connection: ldap3.Connection) -> None:
        """See `Authentication`."""
        self._check_offered(connection)
        connection.bind(read_server_info=False)

    def _check_offered(self, connection: ldap3.Connection) -> None:
        """Everybody may ask what a server offers (RFC 4513 section 5.2.1.1); those that do not
        offer EXTERNAL refuse it with results of all kinds."""
        attribute = "supportedSASLMechanisms"
        connection.search("", "(objectClass=*)", "BASE", attributes=[attribute])
        offered = {
            mechanism
            for answer in connection.response or ()
            for mechanism in answer.get("raw_attributes", {}).get(attribute, ())
        }
        if offered and b"EXTERNAL" not in offered:
            raise AuthenticationFailed(
                "The server does not offer to authenticate by client certificate (SASL EXTERNAL)",
                server=connection.server.name,
                answer=f"it offers {b', '.join(sorted(offered)).decode('ascii', 'replace')}",
                advice="Set ad_auth to simple or kerberos.",
            )
