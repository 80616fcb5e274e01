# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""BIND servers of a test's own: a resolver with a cache, or a zone made up for one test."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import dns.exception
import dns.message
import dns.query

from lab.packages import program

ADDRESS = "127.0.0.1"
_PATIENCE = 20.0

_OPTIONS = """\
options {{
    directory "{folder}";
    listen-on port {port} {{ {address}; }};
    listen-on-v6 port {port} {{ {address_v6}; }};
    pid-file none;
    session-keyfile none;
    managed-keys-directory "{folder}";
    recursion {recursion};
    dnssec-validation no;
    notify no;
}};
controls {{ }};
"""


@dataclass(frozen=True)
class Bind:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def endpoint(self) -> str:
        """As the options for resolvers have it."""
        return f"{ADDRESS}:{self.port}"

    def asked(self, name: str, kind: str = "TXT") -> dns.message.Message:
        """What it answers."""
        query = dns.message.make_query(name, kind)
        return dns.query.tcp(query, ADDRESS, port=self.port, timeout=10)


def has_ipv6() -> bool:
    """Whether this machine has a loopback address of IPv6."""
    try:
        with closing(socket.socket(socket.AF_INET6, socket.SOCK_STREAM)) as plug:
            plug.bind(("::1", 0))
    except OSError:
        return False
    return True


@contextmanager
def resolver(folder: Path, forwarders: Mapping[str, tuple[str, int]]) -> Iterator[Bind]:
    """A resolver that looks up zones at the servers given for them, and keeps what they say."""
    zones = "".join(
        f'zone "{zone}" {{ type forward; forward only; '
        f"forwarders {{ {address} port {port}; }}; }};\n"
        for zone, (address, port) in forwarders.items()
    )
    with _running(folder, zones, recursion=True) as server:
        yield server


@contextmanager
def zones(folder: Path, texts: Mapping[str, str]) -> Iterator[Bind]:
    """A server of zones, each with the text of its file."""
    for zone, text in texts.items():
        (folder / f"{zone}.zone").write_text(text)
    stanzas = "".join(f'zone "{zone}" {{ type primary; file "{zone}.zone"; }};\n' for zone in texts)
    with _running(folder, stanzas, recursion=False) as server:
        yield server


@contextmanager
def _running(folder: Path, stanzas: str, *, recursion: bool) -> Iterator[Bind]:
    port = _free_port()
    options = _OPTIONS.format(
        folder=folder,
        port=port,
        address=ADDRESS,
        address_v6="::1" if has_ipv6() else "none",
        recursion="yes" if recursion else "no",
    )
    configuration = folder / "named.conf"
    configuration.write_text(options + stanzas)
    named = program("/usr/sbin/named", folder / "programs")
    command = [named, "-g", "-n", "1", "-c", str(configuration)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            server = Bind(port, process)
            _await(server)
            yield server
        finally:
            process.kill()
            process.wait()


def _await(server: Bind) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        assert server.process.poll() is None, "named ended"
        # About itself, which a resolver need not look up.
        query = dns.message.make_query("version.bind", "TXT", "CH")
        try:
            dns.query.tcp(query, ADDRESS, port=server.port, timeout=5)
        except (dns.exception.DNSException, OSError, EOFError):
            time.sleep(0.05)
        else:
            return
    raise AssertionError("named does not answer")


def _free_port() -> int:
    with closing(socket.create_server((ADDRESS, 0))) as listener:
        port: int = listener.getsockname()[1]
        return port
