# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TLS towards a directory, with the server's certificate and its name checked by OpenSSL.

ldap3 itself compares names only after the handshake and with a function of its own: from Python
3.12 on that one knows no IP addresses, and falls back to the common name where a certificate is
for addresses alone. So the socket is wrapped here, as `ssl` does it for everybody else.
Private to the collection: it can change in any release.
"""

from __future__ import annotations

import ssl
from typing import Any

from .._errors import ConnectionFailed, InvalidInput, NotTrusted, TenantopsError
from .._libraries import library
from .authentication.method import ClientCertificate

with library("ldap3"):
    import ldap3

    class CheckedTls(ldap3.Tls):
        """What ldap3 takes for TLS settings, and `failure`: why a handshake did not succeed."""

        def __init__(self, context: ssl.SSLContext, expected_name: str) -> None:
            super().__init__(validate=context.verify_mode)
            self.failure: OSError | None = None
            self._context = context
            self._expected_name = expected_name

        def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
            """Replace the connection's socket by one that has proven whom it speaks with."""
            try:
                connection.socket = self._context.wrap_socket(
                    connection.socket, server_hostname=self._expected_name
                )
            except OSError as error:
                # ldap3 keeps no more than the text of an error.
                self.failure = error
                raise


# X509_V_ERR_* of OpenSSL, and what to do about them.
_CERTIFICATE_ADVICE = {
    9: "The certificate is not valid yet: check the clocks of this machine and of the server.",
    10: "Renew the server's certificate.",
    18: "Put the server's certificate, or better its CA's, into a file and name it in ad_ca_path.",
    19: "Put the certificate of the organisation's CA into a file and name it in ad_ca_path.",
    20: "Put the certificate of the organisation's CA into a file and name it in ad_ca_path.",
    21: "Put the certificate of the organisation's CA into a file and name it in ad_ca_path.",
    62: "Set ad_server_name to the name in the server's certificate (normally its host name).",
    64: "Set ad_server_name to the name in the server's certificate (normally its host name).",
}


def tls_context(
    *, ca_path: str | None, validate_certs: bool, client_certificate: ClientCertificate | None
) -> ssl.SSLContext:
    """Python's own defaults, with another CA or a client certificate where given.

    Raises `InvalidInput` if one of the files cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=ca_path)
    except OSError as error:
        raise InvalidInput(
            "ad_ca_path cannot be used: it must be a file with CA certificates in PEM form",
            subject=ca_path or "",
            answer=str(error),
        ) from error
    if not validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if client_certificate is not None:
        _load(context, client_certificate)
    return context


def handshake_error(failure: OSError, *, server: str, expected_name: str) -> TenantopsError:
    """Why TLS could not be set up: `NotTrusted`, or `ConnectionFailed` if the line just broke."""
    if isinstance(failure, ssl.SSLCertVerificationError):
        advice = _CERTIFICATE_ADVICE.get(failure.verify_code, "Repair the server's certificate.")
        return NotTrusted(
            f"The directory server could not prove to be {expected_name}",
            server=server,
            answer=failure.verify_message,
            advice=advice,
        )
    if isinstance(failure, ssl.SSLError) and not isinstance(failure, ssl.SSLEOFError):
        return NotTrusted(
            "There is no TLS with this server",
            server=server,
            answer=str(failure),
            advice="Check that port and ad_encryption fit (ldaps: 636 and 3269; start_tls: 389 and"
            " 3268), and that the server has a certificate and TLS 1.2 or later.",
        )
    return ConnectionFailed(
        "The connection broke while TLS was set up",
        server=server,
        answer=str(failure),
        advice="Check that port and ad_encryption fit, and that the server has a certificate.",
    )


def _load(context: ssl.SSLContext, client: ClientCertificate) -> None:
    try:
        # Without a password OpenSSL would ask for one on the terminal.
        context.load_cert_chain(client.certificate, client.key, password="")
    except OSError as error:
        raise InvalidInput(
            "The client certificate or its key cannot be used",
            subject=client.certificate,
            answer=str(error),
            advice="Both must be in PEM form, belong together, and the key must not be encrypted.",
        ) from error
