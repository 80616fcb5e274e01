# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OpenLDAP with an AD-like schema, for signing in with a client certificate (SASL EXTERNAL).

It also holds what Samba refuses to, and a forest with such defects in it.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..authority import Authority
from ..commands import run
from ..credentials import Credentials
from ..directory import ldif
from ..directory.company import LEGACY_SUFFIX
from ..directory.forest import Holder, forest
from ..directory.ldif import Entry, Value, write_entries
from ..files import make_private_folder, write_private
from ..packages import program
from ..processes import Service, accepts_connections
from ..settings import DirectorySettings, Endpoint, Settings
from .forest_root import USER, entry, forest_root, root_dse

NAME = "openldap"
# The subject's common name of the certificate that may change uPNSuffixes.
CLIENT = "svc-tenantops"

SCHEMA = Path(__file__).with_name("active_directory.schema")

_SLAPD_CONF = """\
# Written by the rehearsal lab at every start.
include {schema}
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
rootDSE {folder}/root-dse.ldif
# As Active Directory: no more than 1000 at once, everything page by page.
sizelimit size.soft=1000 size.hard=1000 size.prtotal=unlimited

TLSCACertificateFile {ca_file}
TLSCertificateFile {certificate}
TLSCertificateKeyFile {private_key}
# A client needs no certificate, but one that it shows has to be good.
TLSVerifyClient try
authz-regexp "cn={client},ou=clients,o=rehearsal lab" "{service_account}"
# Passwords want TLS; cn=config would be another way in.
security simple_bind=128

database mdb
maxsize 268435456
suffix "{base_dn}"
rootdn "CN=Administrator,{base_dn}"
rootpw {password}
directory {folder}/database
access to dn.base="CN=Partitions,{configuration_dn}" attrs=uPNSuffixes
    by dn.exact="{service_account}" write
    by users read
access to dn.subtree="{forest_dn}"
    by dn.exact="{service_account}" write
    by users read
access to *
    by users read
    by anonymous auth
"""


def configure(settings: Settings, authority: Authority, credentials: Credentials) -> None:
    """Write the configuration, and the entries if they are not there yet."""
    directory, openldap = settings.directory, settings.openldap
    folder = settings.openldap_folder
    make_private_folder(folder)
    certificate = authority.server_certificate(
        f"openldap-{settings.slot}", (openldap.host_name, openldap.address)
    )
    write_private(
        folder / "slapd.conf",
        _SLAPD_CONF.format(
            schema=SCHEMA,
            folder=folder,
            ca_file=settings.ca_file,
            certificate=certificate.certificate,
            private_key=certificate.private_key,
            client=CLIENT,
            service_account=service_account_dn(directory),
            base_dn=directory.base_dn,
            configuration_dn=directory.configuration_dn,
            forest_dn=directory.forest_dn,
            password=credentials.openldap_administrator_password,
        ),
    )
    write_private(
        folder / "root-dse.ldif", write_entries([root_dse(directory, openldap.host_name)])
    )
    mark = _mark(settings)
    if not mark.exists() or mark.read_text(encoding="ascii") != _fingerprint():
        forget_changes(settings)
        _load(settings, credentials)
        write_private(mark, _fingerprint())


def administrator_dn(directory: DirectorySettings) -> str:
    """Return the DN that may do everything, with a password."""
    return f"CN=Administrator,{directory.base_dn}"


def service_account_dn(directory: DirectorySettings) -> str:
    """Return the DN that the client certificate stands for; it has a password, too."""
    return f"CN=Tenantops Migration,OU=Service Accounts,{directory.base_dn}"


def service(settings: Settings) -> Service:
    """Return how the server is run."""
    openldap = settings.openldap
    folder = settings.openldap_folder
    urls = (
        f"ldap://{openldap.address}:{openldap.ldap_port}/ "
        f"ldaps://{openldap.address}:{openldap.ldaps_port}/"
    )
    slapd = program("/usr/sbin/slapd", settings.state / "programs")
    return Service(
        name=NAME,
        # A debug level, even 0, keeps it in the foreground.
        command=[slapd, "-d", "0", "-f", str(folder / "slapd.conf"), "-h", urls],
        log=settings.logs_folder / f"{NAME}.log",
        ready=lambda: all(
            accepts_connections(Endpoint(openldap.address, port))
            for port in (openldap.ldap_port, openldap.ldaps_port)
        ),
    )


def forget_changes(settings: Settings) -> None:
    """Throw the entries away. The server must not be running."""
    shutil.rmtree(settings.openldap_folder / "database", ignore_errors=True)


def _mark(settings: Settings) -> Path:
    # Among the data, so that it goes where they go.
    return settings.openldap_folder / "database" / "loaded"


def _fingerprint() -> str:
    """What the entries are made from: code and the schema."""
    digest = hashlib.sha256()
    here, directory = Path(__file__).parent, Path(ldif.__file__).parent
    for folder in (here, directory, directory / "forest"):
        for path in sorted((*folder.glob("*.py"), *folder.glob("*.schema"))):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _load(settings: Settings, credentials: Credentials) -> None:
    folder = settings.openldap_folder
    make_private_folder(folder / "database")
    slapd = program("/usr/sbin/slapd", settings.state / "programs")
    run(
        [slapd, "-T", "add", "-q", "-f", str(folder / "slapd.conf")],
        stdin=write_entries(_entries(settings.directory, credentials)),
    )


def _entries(directory: DirectorySettings, credentials: Credentials) -> Iterator[Entry]:
    base = directory.base_dn
    truth = forest(directory.forest_dn, Holder.OPENLDAP)
    yield from forest_root(directory, [LEGACY_SUFFIX, *truth.upn_suffixes])
    for unit in ("Service Accounts", "People"):
        yield entry(f"OU={unit},{base}", "top", "organizationalUnit")
    yield _user(
        service_account_dn(directory),
        CLIENT,
        directory.domain,
        userPassword=[credentials.service_account_password],
    )
    for number in range(1, 4):
        # Two of them share a name.
        name = f"user{max(number, 2)}"
        yield _user(f"CN=User {number},OU=People,{base}", name, LEGACY_SUFFIX)
    yield from truth.entries


def _user(dn: str, name: str, suffix: str, **attributes: Sequence[Value]) -> Entry:
    return entry(
        dn,
        *USER,
        sn=["User"],
        sAMAccountName=[name],
        userPrincipalName=[f"{name}@{suffix}"],
        **attributes,
    )
