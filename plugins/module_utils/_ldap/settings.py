# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a directory is and how to talk to it, checked as far as that goes without asking it.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from .._errors import InvalidInput
from .addresses import ServerAddress, checked_port
from .authentication.method import Authentication
from .authentication.selection import authentication_from

_UNENCRYPTED = (
    "ad_encryption is none: credentials and data go over the network unencrypted, and the server is"
    " not checked."
)
_UNCHECKED = (
    "ad_validate_certs is false: the directory server is not checked, and whoever answers in its"
    " place gets the credentials."
)


class Encryption(StrEnum):
    """How the connection is protected."""

    LDAPS = "ldaps"
    START_TLS = "start_tls"
    NONE = "none"

    @property
    def port(self) -> int:
        """The registered port of a directory."""
        return 636 if self is Encryption.LDAPS else 389

    @property
    def global_catalog_port(self) -> int:
        """The port at which an AD domain controller serves the whole forest."""
        return 3269 if self is Encryption.LDAPS else 3268


@dataclass(frozen=True)
class ConnectionSettings:
    """Everything that is needed to connect; timeouts in seconds.

    `server_name` is the name in the server's certificate and in its Kerberos service name, where it
    is not the name under which the server is reached.
    """

    servers: tuple[ServerAddress, ...]
    encryption: Encryption
    server_name: str | None
    ca_path: str | None
    validate_certs: bool
    authentication: Authentication
    connect_timeout: int
    timeout: int

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> ConnectionSettings:
        """Read the options of the documentation fragment `ad`.

        Raises `InvalidInput` for what cannot work or would give a secret away.
        """
        encryption = Encryption(parameters["ad_encryption"])
        _refuse_unencrypted(encryption, allowed=parameters["ad_allow_unencrypted_bind"])
        if encryption is Encryption.NONE and parameters["ad_auth"] == "certificate":
            raise InvalidInput(
                "ad_auth=certificate needs TLS, but ad_encryption is none",
                advice="Set ad_encryption to ldaps or start_tls.",
            )
        port = encryption.port if parameters["ad_port"] is None else parameters["ad_port"]
        return cls(
            servers=_servers(parameters["ad_servers"], checked_port(port)),
            encryption=encryption,
            server_name=parameters["ad_server_name"] or None,
            ca_path=parameters["ad_ca_path"] or None,
            validate_certs=parameters["ad_validate_certs"],
            authentication=authentication_from(parameters),
            connect_timeout=_seconds(parameters, "ad_connect_timeout"),
            timeout=_seconds(parameters, "ad_timeout"),
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the operator has allowed and should know about."""
        if self.encryption is Encryption.NONE:
            return (_UNENCRYPTED,)
        return () if self.validate_certs else (_UNCHECKED,)

    def expected_name(self, server: ServerAddress) -> str:
        """The name that the server has to prove."""
        return self.server_name or server.host

    def for_global_catalog(self, first: ServerAddress) -> ConnectionSettings:
        """The settings for the global catalogs on the same hosts, the host of `first` first."""
        hosts = dict.fromkeys(server.host for server in (first, *self.servers))
        port = self.encryption.global_catalog_port
        return replace(self, servers=tuple(ServerAddress(host, port) for host in hosts))


def _refuse_unencrypted(encryption: Encryption, *, allowed: bool) -> None:
    if encryption is Encryption.NONE and not allowed:
        raise InvalidInput(
            "ad_encryption is none, so credentials would go over the network unencrypted",
            advice="Use ldaps or start_tls. If the network may see them, set"
            " ad_allow_unencrypted_bind to true.",
        )


def _servers(texts: list[str] | None, port: int) -> tuple[ServerAddress, ...]:
    servers = tuple(ServerAddress.parse(text, port) for text in texts or ())
    if not servers:
        raise InvalidInput(
            "ad_servers is empty",
            advice="Name at least one domain controller, or set TENANTOPS_AD_SERVERS.",
        )
    return servers


def _seconds(parameters: Mapping[str, Any], option: str) -> int:
    seconds: int = parameters[option]
    if seconds < 1:
        raise InvalidInput(
            f"{option} must be at least one second, not {seconds}",
            advice="A connection without a time limit can hang a whole run.",
        )
    return seconds
