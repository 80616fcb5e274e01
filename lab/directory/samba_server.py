# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The running domain controller: its configuration and its process."""

from __future__ import annotations

import socket
import ssl

from ..authority import Authority
from ..files import make_private_folder, write_private
from ..processes import Service, accepts_connections
from ..settings import Endpoint, Settings

NAME = "directory"

_SMB_CONF = """\
# Written by the rehearsal lab at every start.
[global]
    netbios name = {netbios_name}
    workgroup = {workgroup}
    realm = {realm}
    server role = active directory domain controller
    # No file server, no winbind, no RPC: they would want ports that cannot be moved.
    server services = ldap cldap kdc dns
    interfaces = {address}/8
    bind interfaces only = yes

    private dir = {folder}/private
    state directory = {folder}/state
    cache directory = {folder}/cache
    lock directory = {folder}/run
    pid directory = {folder}/run
    ncalrpc dir = {folder}/run/ncalrpc
    binddns dir = {folder}/bind-dns

    krb5 port = {kerberos_port}
    kpasswd port = {kpasswd_port}
    dns port = {dns_port}
    # Questions about other zones stay here.
    dns forwarder =
    allow dns updates = secure only

    tls enabled = yes
    tls certfile = {certificate}
    tls keyfile = {private_key}
    tls cafile = {ca_file}
    # Kerberos within TLS is allowed, passwords without TLS are not.
    ldap server require strong auth = allow_sasl_over_tls
"""

_KRB5_CONF = """\
# Written by the rehearsal lab. Use it with KRB5_CONFIG.
[libdefaults]
    default_realm = {realm}
    dns_lookup_realm = false
    dns_lookup_kdc = false
    dns_canonicalize_hostname = false
    rdns = false
    # A lost datagram costs a second; a refused connection costs nothing.
    udp_preference_limit = 1

[realms]
    {realm} = {{
        kdc = {address}:{kerberos_port}
        kpasswd_server = {address}:{kpasswd_port}
    }}

[domain_realm]
    .{domain} = {realm}
    {domain} = {realm}
    .gss.test = {realm}
    gss.test = {realm}
"""


def configure(settings: Settings, authority: Authority) -> None:
    """Write the server's configuration, its certificate and the clients' krb5.conf."""
    directory = settings.directory
    folder = settings.directory_folder
    for name in ("cache", "run", "etc"):
        make_private_folder(folder / name)
    certificate = authority.server_certificate(
        f"{directory.host}-{settings.slot}",
        (directory.host_name, directory.domain, directory.address),
    )
    write_private(
        folder / "etc" / "smb.conf",
        _SMB_CONF.format(
            netbios_name=directory.host.upper(),
            workgroup=directory.netbios_domain,
            realm=directory.realm,
            address=directory.address,
            folder=folder,
            kerberos_port=directory.kerberos_port,
            kpasswd_port=directory.kpasswd_port,
            dns_port=directory.dns_port,
            certificate=certificate.certificate,
            private_key=certificate.private_key,
            ca_file=settings.ca_file,
        ),
    )
    write_private(
        settings.krb5_conf,
        _KRB5_CONF.format(
            realm=directory.realm,
            domain=directory.domain,
            address=directory.address,
            kerberos_port=directory.kerberos_port,
            kpasswd_port=directory.kpasswd_port,
        ),
    )


def service(settings: Settings) -> Service:
    """Return how the server is run.

    In one process: it starts and stops several times faster than with Samba's usual dozen, and
    the tests do that often.
    """
    return Service(
        name=NAME,
        command=[
            "/usr/sbin/samba",
            "--foreground",
            "--no-process-group",
            "--model=single",
            "--debug-stdout",
            f"--configfile={settings.directory_folder / 'etc' / 'smb.conf'}",
        ],
        log=settings.logs_folder / "directory.log",
        ready=lambda: _answers(settings),
        environment={"KRB5_CONFIG": str(settings.krb5_conf)},
    )


def _answers(settings: Settings) -> bool:
    directory = settings.directory
    listening = all(
        accepts_connections(Endpoint(directory.address, port)) for port in directory.ports
    )
    return listening and _shakes_hands(settings)


def _shakes_hands(settings: Settings) -> bool:
    """Tell whether a TLS session can be had: connections are accepted before Samba serves."""
    directory = settings.directory
    context = ssl.create_default_context(cafile=str(settings.ca_file))
    address = (directory.address, directory.ldaps_port)
    try:
        with (
            socket.create_connection(address, timeout=2) as connection,
            context.wrap_socket(connection, server_hostname=directory.host_name),
        ):
            return True
    except OSError:
        return False
