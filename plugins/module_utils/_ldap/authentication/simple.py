# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Simple bind: a name and its password (RFC 4513 section 5.1.3).

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..._errors import InvalidInput

if TYPE_CHECKING:
    import ldap3


@dataclass(frozen=True)
class SimpleAuthentication:
    """A user principal name, `DOMAIN\\name` or distinguished name, and its password."""

    identity: str
    password: str = field(repr=False)
    client_certificate: None = None

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> SimpleAuthentication:
        """Raises `InvalidInput` if name or password is missing.

        A server takes a bind with a name and no password for an anonymous one and answers success
        (RFC 4513 section 5.1.2), so an empty password must never be sent.
        """
        for option in ("ad_username", "ad_password"):
            if not parameters[option]:
                raise InvalidInput(
                    f"ad_auth=simple needs {option}, which is empty",
                    advice=f"Set {option} or TENANTOPS_{option.upper()}.",
                )
        return cls(parameters["ad_username"], parameters["ad_password"])

    def connection_arguments(self, host_name: str) -> Mapping[str, Any]:
        """See `Authentication`."""
        return {
            "authentication": "SIMPLE",
            "user": self.identity,
            # As bytes, because ldap3 would run text through SASLprep, which turns a password with
            # for example a no-break space into another one than the directory knows.
            "password": self.password.encode("utf-8"),
        }

    def bind(self, connection: ldap3.Connection) -> None:
        """See `Authentication`."""
        connection.bind(read_server_info=False)
