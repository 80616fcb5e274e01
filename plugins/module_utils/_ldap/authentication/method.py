# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the ways to prove who we are have in common.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import ldap3


@dataclass(frozen=True)
class ClientCertificate:
    """Files in PEM form; the key may stand in the file of the certificate."""

    certificate: str
    key: str | None


class Authentication(Protocol):
    """One way to prove who we are. Made and checked from options without asking any server."""

    @property
    def identity(self) -> str:
        """Who we say we are, for messages; the names of no secret."""

    @property
    def client_certificate(self) -> ClientCertificate | None:
        """What to show in the TLS handshake."""

    def connection_arguments(self, host_name: str) -> Mapping[str, Any]:
        """The keyword arguments for `ldap3.Connection`. `host_name` is the server's proven name.

        Raises `AuthenticationFailed` if there are no credentials to show.
        """

    def bind(self, connection: ldap3.Connection) -> None:
        """Bind; the answer is then in `connection.result`.

        Raises `AuthenticationFailed` where the reason is not in the server's answer.
        """
