# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Passes the primary's NOTIFY messages (RFC 1996) on to the secondary, late if so asked.

Neither BIND nor Knot can delay them, and a secondary that lags is what this lab has to show.
Run as a program of its own; the lag is read anew for each message.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
from pathlib import Path

# In the lag file instead of seconds: the messages are lost.
NEVER = "never"

_Address = tuple[str, int]

_HEADER_LENGTH = 12
# The bit of the header's third byte that makes a message a response (RFC 1035, section 4.1.1).
_IS_RESPONSE = 0x80


async def relay(listen: _Address, forward: _Address, lag_file: Path) -> None:
    """Serve until cancelled."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as endpoint:
        endpoint.setblocking(False)
        endpoint.bind(listen)
        while True:
            message, sender = await loop.sock_recvfrom(endpoint, 65535)
            if len(message) < _HEADER_LENGTH or message[2] & _IS_RESPONSE:
                # The secondary's answer to what was passed on.
                continue
            # The primary is told that all is well: it would repeat the message otherwise.
            endpoint.sendto(_response(message), sender)
            lag = _read_lag(lag_file)
            if lag is not None:
                loop.call_later(lag, endpoint.sendto, message, forward)


def _read_lag(lag_file: Path) -> float | None:
    try:
        text = lag_file.read_text(encoding="ascii")
    except FileNotFoundError:
        return 0.0
    return None if text == NEVER else float(text)


def _response(message: bytes) -> bytes:
    return message[:2] + bytes([message[2] | _IS_RESPONSE]) + message[3:]


def _address(text: str) -> _Address:
    host, _colon, port = text.rpartition(":")
    return host, int(port)


def main() -> None:
    """Run as a program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listen", type=_address, required=True)
    parser.add_argument("--forward", type=_address, required=True)
    parser.add_argument("--lag-file", type=Path, required=True)
    arguments = parser.parse_args()
    asyncio.run(relay(arguments.listen, arguments.forward, arguments.lag_file))


if __name__ == "__main__":
    main()
