# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The primary: BIND with dynamic updates by TSIG and GSS-TSIG."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import dns.exception
import dns.flags
import dns.message
import dns.query

from ..credentials import Credentials
from ..files import write_private
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
    notify explicit;
    notify-delay 0;
    also-notify {{ {notify_address} port {notify_port}; }};
    {gss}
}};
controls {{ }};
"""

_KEY = 'key "{name}" {{ algorithm {algorithm}; secret "{secret}"; }};\n'

_ZONE = 'zone "{zone}" {{ type primary; file "{zone}.zone"; {options} }};\n'


def configure(settings: Settings, credentials: Credentials) -> None:
    """Write the configuration, and the zones if they are not there yet."""
    folder = _folder(settings)
    gss = (
        f'tkey-gssapi-keytab "{settings.nameserver_keytab}";'
        if settings.nameserver_keytab.exists()
        else "// No directory, no keytab, no GSS-TSIG."
    )
    options = _OPTIONS.format(
        folder=folder,
        address=settings.primary.address,
        port=settings.primary.port,
        notify_address=settings.notify_relay.address,
        notify_port=settings.notify_relay.port,
        gss=gss,
    )
    keys = "".join(
        _KEY.format(name=name, algorithm=TSIG_ALGORITHM, secret=credentials.tsig_secrets[name])
        for name in KEY_NAMES.values()
    )
    zones = "".join(
        _ZONE.format(zone=zone, options=zone_options)
        for zone, zone_options in _zone_options(settings).items()
    )
    write_private(folder / "named.conf", options + keys + zones)
    for zone, text in zone_files(settings).items():
        path = folder / f"{zone}.zone"
        if not path.exists():
            write_private(path, text)
    mark = _mark(settings)
    if not mark.exists():
        write_private(mark, _fingerprint(settings))


def has_current_zones(settings: Settings) -> bool:
    """Tell whether the zones were made in this slot and by this version of the lab."""
    mark = _mark(settings)
    return mark.exists() and mark.read_text(encoding="ascii") == _fingerprint(settings)


def forget_changes(settings: Settings) -> None:
    """Throw the zones and their journals away. The server must not be running."""
    shutil.rmtree(_folder(settings), ignore_errors=True)


def service(settings: Settings) -> Service:
    """Return how the server is run."""
    named = program("/usr/sbin/named", settings.state / "programs")
    return Service(
        name=NAME,
        # One worker thread: the lab shares a small machine with the tests.
        command=[named, "-g", "-n", "1", "-c", str(_folder(settings) / "named.conf")],
        log=settings.logs_folder / f"{NAME}.log",
        ready=lambda: has_zone(settings.primary, READONLY_ZONE),
        environment={"KRB5_CONFIG": str(settings.krb5_conf)},
    )


def has_zone(server: Endpoint, zone: str) -> bool:
    """Tell whether a server answers for a zone with authority."""
    query = dns.message.make_query(zone, "SOA")
    try:
        response = dns.query.udp(query, server.address, port=server.port, timeout=0.5)
    except (dns.exception.DNSException, OSError):
        return False
    return bool(response.answer) and bool(response.flags & dns.flags.AA)


def _zone_options(settings: Settings) -> dict[str, str]:
    directory = settings.directory
    principal = f"{directory.service_account}@{directory.realm}"
    return {
        **{zone: _update_policy(name) for zone, name in KEY_NAMES.items()},
        GSS_ZONE: _update_policy(principal),
        READONLY_ZONE: "",
        REFUSED_ZONE: "allow-query { none; };",
        BROKEN_ZONE: "",
    }


def _update_policy(identity: str) -> str:
    """Return the option that lets a key or a principal change TXT records of a zone."""
    return f'update-policy {{ grant "{identity}" zonesub TXT; }};'


def _fingerprint(settings: Settings) -> str:
    return hashlib.sha256(repr(sorted(zone_files(settings).items())).encode()).hexdigest()


def _mark(settings: Settings) -> Path:
    return _folder(settings) / "zones-made-from"


def _folder(settings: Settings) -> Path:
    return settings.nameservers_folder / "primary"
