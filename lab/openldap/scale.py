# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A directory of any size on a server of its own, beside the lab, to measure with.

    python -m lab.openldap.scale up --entries 100000 --folder DIR
    python -m lab.openldap.scale down --folder DIR

What was loaded is used again as long as the same is asked for. DIR/server.json says where the
server is and how to log in; it holds a password.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, cast

from .. import packages
from ..authority import Authority
from ..directory.ldif import Entry, write_entries, write_entry
from ..errors import LabError
from ..files import make_private_folder, write_private
from ..processes import Processes, Service, accepts_connections
from ..settings import DirectorySettings, Endpoint
from .forest_root import USER, entry, forest_root, root_dse
from .population import DOMAINS, Population
from .server import SCHEMA

_ADDRESS = "127.0.0.1"
_HOST_NAME = "scale.corp.example.test"
_DIRECTORY = DirectorySettings(address=_ADDRESS)
_SERVICE_ACCOUNT = f"CN=Tenantops Migration,OU=Service Accounts,{_DIRECTORY.base_dn}"

# The database may grow to this many bytes; the file has holes and takes what it holds.
_MOST_BYTES = 64 << 30
_TOLD_EVERY = 100_000

_SLAPD_CONF = """\
# Written at every start.
include {schema}
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
rootDSE {folder}/root-dse.ldif
tool-threads 2

TLSCACertificateFile {ca_file}
TLSCertificateFile {certificate}
TLSCertificateKeyFile {private_key}

# As Active Directory: no more than 1000 at once, everything page by page.
sizelimit size.soft=1000 size.hard=1000 size.prtotal=unlimited
timelimit unlimited

database mdb
maxsize {most_bytes}
# What is lost when the machine fails can be loaded again.
dbnosync
suffix "{base_dn}"
directory {folder}/database
index objectClass,objectGUID eq
access to *
    by dn.exact="{service_account}" write
    by anonymous auth
"""


@dataclass(frozen=True)
class ScaleServer:
    """Where the server is and who may read and change everything there."""

    address: str
    ldap_port: int
    ldaps_port: int
    host_name: str
    ca_file: str
    base_dn: str
    user: str
    password: str
    entries: int
    defects_every: int

    @property
    def ldap_url(self) -> str:
        return f"ldap://{self.address}:{self.ldap_port}"


def up(folder: Path, entries: int, *, defects_every: int = 50, fresh: bool = False) -> ScaleServer:
    """Start the server, after loading what is not there yet, or everything if it is to be fresh.

    :raises LabError: when something is missing on the machine or does not start.
    """
    packages.install(packages.OPENLDAP)
    folder = folder.resolve()
    make_private_folder(folder)
    down(folder)
    server = _describe(folder, entries, defects_every)
    _configure(folder, server)
    _load(folder, server, fresh=fresh)
    _processes(folder).start_in_order([[_service(folder, server)]])
    write_private(_description(folder), json.dumps(asdict(server), indent=2))
    return server


def down(folder: Path) -> None:
    """End the server; what it stored is kept."""
    processes = _processes(folder.resolve())
    # A large database takes its time to close.
    processes.stop(processes.names(), graceful=60)


def load(folder: Path) -> ScaleServer:
    """Return the server that `up` has started.

    :raises LabError: when there is none.
    """
    try:
        return ScaleServer(**json.loads(_description(folder).read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise LabError(f"No server was started in {folder}.") from error


@contextlib.contextmanager
def running(
    folder: Path, entries: int, *, defects_every: int = 50, fresh: bool = False
) -> Iterator[ScaleServer]:
    """A server for the length of a block."""
    server = up(folder, entries, defects_every=defects_every, fresh=fresh)
    try:
        yield server
    finally:
        down(folder)


def _describe(folder: Path, entries: int, defects_every: int) -> ScaleServer:
    ldap_port, ldaps_port = _free_ports(2)
    # The password is in the database, so it lives as long.
    password_file = folder / "password"
    if not password_file.exists():
        write_private(password_file, secrets.token_urlsafe(18))
    return ScaleServer(
        address=_ADDRESS,
        ldap_port=ldap_port,
        ldaps_port=ldaps_port,
        host_name=_HOST_NAME,
        ca_file=str(folder / "authority" / "ca.pem"),
        base_dn=_DIRECTORY.base_dn,
        user=_SERVICE_ACCOUNT,
        password=password_file.read_text(encoding="ascii"),
        entries=entries,
        defects_every=defects_every,
    )


def _configure(folder: Path, server: ScaleServer) -> None:
    certificate = Authority(folder / "authority").server_certificate(
        "scale", (_HOST_NAME, _ADDRESS)
    )
    write_private(
        _slapd_conf(folder),
        _SLAPD_CONF.format(
            schema=SCHEMA,
            folder=folder,
            ca_file=server.ca_file,
            certificate=certificate.certificate,
            private_key=certificate.private_key,
            most_bytes=_MOST_BYTES,
            base_dn=server.base_dn,
            service_account=server.user,
        ),
    )
    write_private(folder / "root-dse.ldif", write_entries([root_dse(_DIRECTORY, _HOST_NAME)]))


def _load(folder: Path, server: ScaleServer, *, fresh: bool) -> None:
    mark = folder / "loaded"
    wanted = _fingerprint(server)
    if not fresh and mark.exists() and mark.read_text(encoding="ascii") == wanted:
        return
    mark.unlink(missing_ok=True)
    shutil.rmtree(folder / "database", ignore_errors=True)
    make_private_folder(folder / "database")
    started = time.monotonic()
    with (folder / "slapadd.log").open("wb") as log:
        _run_slapadd(folder, server, log)
    seconds = time.monotonic() - started
    print(f"Loaded {server.entries} entries in {seconds:.1f} s", flush=True)
    write_private(mark, wanted)


def _run_slapadd(folder: Path, server: ScaleServer, log: IO[bytes]) -> None:
    command = [_slapd(folder), "-T", "add", "-q", "-f", str(_slapd_conf(folder))]
    loader = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=log, stderr=log, text=True, encoding="utf-8"
    )
    # A loader that has failed says why in its log; that its pipe is broken says nothing more.
    with contextlib.suppress(BrokenPipeError), loader:
        pipe = cast("IO[str]", loader.stdin)
        for number, each in enumerate(_entries(server)):
            pipe.write(write_entry(each) + "\n")
            if number and number % _TOLD_EVERY == 0:
                print(f"{number} of {server.entries} entries", flush=True)
    if loader.returncode != 0:
        printed = (folder / "slapadd.log").read_text(encoding="utf-8", errors="replace")
        raise LabError(f"{' '.join(command)} failed:\n{printed[-3000:]}")


def _entries(server: ScaleServer) -> Iterator[Entry]:
    base = server.base_dn
    yield from forest_root(_DIRECTORY, DOMAINS)
    yield entry(f"OU=Service Accounts,{base}", "top", "organizationalUnit")
    yield entry(server.user, *USER, userPassword=[server.password])
    yield from Population(base, server.entries, server.defects_every).entries()


def _service(folder: Path, server: ScaleServer) -> Service:
    ports = (server.ldap_port, server.ldaps_port)
    urls = f"ldap://{_ADDRESS}:{server.ldap_port}/ ldaps://{_ADDRESS}:{server.ldaps_port}/"
    return Service(
        name="scale",
        command=[_slapd(folder), "-d", "0", "-f", str(_slapd_conf(folder)), "-h", urls],
        log=folder / "slapd.log",
        ready=lambda: all(accepts_connections(Endpoint(_ADDRESS, port)) for port in ports),
    )


def _fingerprint(server: ScaleServer) -> str:
    """What the database was made from: the size and this code."""
    digest = hashlib.sha256(f"{server.entries} {server.defects_every}".encode())
    for name in ("population.py", "forest_root.py", "scale.py", SCHEMA.name):
        digest.update(Path(__file__).with_name(name).read_bytes())
    return digest.hexdigest()


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        listeners = [
            stack.enter_context(socket.create_server((_ADDRESS, 0))) for _port in range(count)
        ]
        return [listener.getsockname()[1] for listener in listeners]


def _processes(folder: Path) -> Processes:
    return Processes(folder / "processes")


def _description(folder: Path) -> Path:
    return folder / "server.json"


def _slapd_conf(folder: Path) -> Path:
    return folder / "slapd.conf"


def _slapd(folder: Path) -> str:
    return packages.program("/usr/sbin/slapd", folder / "programs")


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m lab.openldap.scale", description=__doc__)
    commands = parser.add_subparsers(required=True, dest="command")
    start = commands.add_parser("up", help="start the server")
    start.add_argument("--entries", type=int, default=100_000)
    start.add_argument("--defects-every", type=int, default=50)
    start.add_argument("--fresh", action="store_true", help="load anew, whatever is there")
    stop = commands.add_parser("down", help="end the server")
    for command in (start, stop):
        command.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    try:
        if arguments.command == "down":
            down(arguments.folder)
            return 0
        server = up(
            arguments.folder,
            arguments.entries,
            defects_every=arguments.defects_every,
            fresh=arguments.fresh,
        )
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{server.ldap_url} holds {server.entries} entries: {_description(arguments.folder)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
