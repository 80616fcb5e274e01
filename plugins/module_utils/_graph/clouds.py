# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft's clouds: where Graph and the sign-in service of each are. Pure.

Source: Microsoft Graph documentation, "National cloud deployments". Private to the collection.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from .._errors import InvalidInput


@dataclass(frozen=True)
class Cloud:
    """The base addresses of one cloud, without a path and without a final slash."""

    graph_url: str
    authority: str

    @property
    def graph_host(self) -> str:
        """The only host that is ever given an access token."""
        return urlsplit(self.graph_url).hostname or ""

    @property
    def scope(self) -> str:
        """What an app asks for: all Graph permissions that it was granted in the tenant."""
        return f"{self.graph_url}/.default"


CLOUDS = {
    "global": Cloud("https://graph.microsoft.com", "https://login.microsoftonline.com"),
    "us_government": Cloud("https://graph.microsoft.us", "https://login.microsoftonline.us"),
    "us_government_dod": Cloud(
        "https://dod-graph.microsoft.us", "https://login.microsoftonline.us"
    ),
    "china": Cloud("https://microsoftgraph.chinacloudapi.cn", "https://login.chinacloudapi.cn"),
}


def cloud_for(name: str, graph_url: str | None, authority: str | None) -> Cloud:
    """A known cloud, with either address replaced where the operator gives another one.

    Raises `InvalidInput` for an address that is not https (a token must not travel in the clear) or
    has a path, which would become part of the permission that is asked for.
    """
    known = CLOUDS[name]
    return Cloud(
        graph_url=_https("entra_graph_url", graph_url) or known.graph_url,
        authority=_https("entra_authority", authority) or known.authority,
    )


def _https(option: str, address: str | None) -> str:
    if not address:
        return ""
    plain = address.rstrip("/")
    try:
        parts = urlsplit(plain)
        is_usable = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable or plain != f"https://{parts.netloc}" or "@" in plain:
        raise InvalidInput(
            f"{option} is not an https address without a path: {address!r}",
            advice="It looks like https://graph.microsoft.com.",
        )
    return plain
