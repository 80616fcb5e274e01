# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""Host names, IP addresses and ports, as an operator writes them.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from .._errors import InvalidInput

_HOST_NAME = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_-]+)*"
)


@dataclass(frozen=True)
class ServerAddress:
    """A host name or IP address, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @classmethod
    def parse(cls, text: str, default_port: int) -> ServerAddress:
        """Read `name`, `address`, `name:port`, `address:port` or `[IPv6 address]:port`.

        Raises `InvalidInput` for anything else.
        """
        host, port = _split_port(text.strip())
        if not (is_ip_address(host) or _HOST_NAME.fullmatch(host)):
            raise InvalidInput(
                f"ad_servers: this is neither a host name nor an IP address: {text!r}",
                advice="Write for example dc1.corp.example.com or 192.0.2.10:636, without ldaps://.",
            )
        return cls(host, default_port if port is None else checked_port(port))


def is_ip_address(text: str) -> bool:
    """Whether this is an IPv4 or IPv6 address and not a name."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _split_port(text: str) -> tuple[str, str | None]:
    if text.startswith("["):
        host, closed, rest = text[1:].partition("]")
        port = rest.removeprefix(":") if rest else None
        return (host, port) if closed and rest != ":" and ":" in host else (text, None)
    if text.count(":") == 1:
        host, _colon, port = text.partition(":")
        return host, port
    return text, None


def checked_port(port: int | str) -> int:
    """The number of a TCP port. Raises `InvalidInput` for anything else."""
    number = int(port) if str(port).isascii() and str(port).isdecimal() else 0
    if not 0 < number < 65536:
        raise InvalidInput(f"This is not a port number: {port!r}", advice="Give 1 to 65535.")
    return number
