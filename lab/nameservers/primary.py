# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The primary: BIND with dynamic updates by TSIG and GSS-TSIG."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import dns.exception
import dns.flags
import dns.message
import dns.query

from ..credentials import Credentials
from ..files import make_private_folder, write_private
from ..packages import program
from ..processes import Service
from ..settings import Endpoint, Settings
from .names import (
    BROKEN_ZONE,
    GSS_ZONE,
    KEY_NAMES,
    READONLY_ZONE,
    REFUSED_ZONE,
    TSIG_ALGORITHM,
)
from .zones import zone_files

NAME = "primary"

_OPTIONS = """\
// Written by the rehearsal lab at every start.
options {{
    directory "{folder}";
    listen-on port {port} {{ {address}; }};
    listen-on-v6 {{ none; }};
    pid-file none;
    session-keyfile none;
    managed-keys-directory "{folder}";
    recursion no;
    dnssec-validation no;
    allow-transfer {{ 127.0.0.0/8; }};
    {notify}
    {gss}
}};
controls {{ }};
"""

_KEY = 'key "{name}" {{ algorithm {algorithm}; secret "{secret}"; }};\n'

_ZONE = 'zone "{zone}" {{ type primary; file "{zone}.zone"; {options} }};\n'


def configure(settings: Settings, credentials: Credentials) -> None:
    """Write the configuration, and the zones if they are not there yet."""
    folder = settings.nameservers_folder / "primary"
    relay = settings.notify_relay
    notify = (
        "notify explicit; notify-delay 0; "
        f"also-notify {{ {relay.address} port {relay.port}; }};"
    )
    gss = (
        f'tkey-gssapi-keytab "{settings.nameserver_keytab}";'
        if settings.nameserver_keytab.exists()
        else "// No directory, no keytab, no GSS-TSIG."
    )
    write_named_conf(
        folder,
        settings,
        credentials,
        settings.primary,
        policies=_policies(settings),
        notify=notify,
        gss=gss,
    )


def write_named_conf(
    folder: Path,
    settings: Settings,
    credentials: Credentials,
    listen: Endpoint,
    *,
    policies: Mapping[str, str],
    notify: str = "notify no;",
    gss: str = "",
) -> None:
    """Write named.conf and the zone files that are missing; ``policies`` are options by zone."""
    keys = "".join(
        _KEY.format(name=name, algorithm=TSIG_ALGORITHM, secret=credentials.tsig_secrets[name])
        for name in KEY_NAMES.values()
    )
    zones = "".join(_ZONE.format(zone=zone, options=options) for zone, options in policies.items())
    options = _OPTIONS.format(
        folder=folder,
        address=listen.address,
        port=listen.port,
        notify=notify,
        gss=gss,
    )
    write_private(folder / "named.conf", options + keys + zones)
    for zone, text in zone_files(settings).items():
        path = folder / f"{zone}.zone"
        if not path.exists():
            write_private(path, text)


def update_policy(key_name: str) -> str:
    """Return the option that lets a key change TXT records of a zone."""
    return f'update-policy {{ grant "{key_name}" zonesub TXT; }};'


def forget_changes(settings: Settings) -> None:
    """Throw the zones and their journals away. The server must not be running."""
    folder = settings.nameservers_folder / "primary"
    shutil.rmtree(folder, ignore_errors=True)
    make_private_folder(folder)


def service(settings: Settings) -> Service:
    """Return how the server is run."""
    return named_service(
        NAME,
        settings.nameservers_folder / "primary",
        settings,
        settings.primary,
        environment={"KRB5_CONFIG": str(settings.krb5_conf)},
    )


def named_service(
    name: str,
    folder: Path,
    settings: Settings,
    listen: Endpoint,
    environment: Mapping[str, str],
) -> Service:
    """Return how a BIND is run that serves READONLY_ZONE."""
    named = program("/usr/sbin/named", settings.state / "programs")
    return Service(
        name=name,
        # One worker thread: the lab shares a small machine with the tests.
        command=[named, "-g", "-n", "1", "-c", str(folder / "named.conf")],
        log=settings.logs_folder / f"{name}.log",
        ready=lambda: has_zone(listen, READONLY_ZONE),
        environment=environment,
    )


def has_zone(server: Endpoint, zone: str) -> bool:
    """Tell whether a server answers for a zone with authority."""
    query = dns.message.make_query(zone, "SOA")
    try:
        response = dns.query.udp(query, server.address, port=server.port, timeout=0.5)
    except (dns.exception.DNSException, OSError):
        return False
    return bool(response.answer) and bool(response.flags & dns.flags.AA)


def _policies(settings: Settings) -> dict[str, str]:
    directory = settings.directory
    principal = f"{directory.service_account}@{directory.realm}"
    return {
        **{zone: update_policy(name) for zone, name in KEY_NAMES.items()},
        GSS_ZONE: update_policy(principal),
        READONLY_ZONE: "",
        REFUSED_ZONE: "allow-query { none; };",
        BROKEN_ZONE: "",
    }
