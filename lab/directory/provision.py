# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the domain and its company, once, and brings it back to that state."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..authority import Authority
from ..commands import run
from ..credentials import Credentials
from ..errors import LabError
from ..files import make_private_folder, write_private
from ..nameservers.names import GSS_NAMESERVER
from ..settings import Settings
from . import exchange_schema, samba_server
from .account_people import account_people
from .accounts import UPN_SUFFIXES_GUID, accounts, domain_controller, service_account_dn
from .company import company
from .forest import forest
from .ldif import Entry, Modification, write_ldif

# Those that the rules for directory sync are about
_WRITTEN_BY_PLAYBOOKS = (
    "displayName",
    "givenName",
    "mail",
    "mailNickname",
    "proxyAddresses",
    "sAMAccountName",
    "sn",
    "targetAddress",
    "userPrincipalName",
)

# What a running domain writes to; the rest of its folder is configuration.
_DATABASES = ("private", "state")


def is_provisioned(settings: Settings) -> bool:
    """Tell whether the domain was made, in this slot and by this version of the lab."""
    mark = _mark(settings)
    return mark.exists() and mark.read_text(encoding="ascii") == _fingerprint(settings)


def provision(settings: Settings, authority: Authority, credentials: Credentials) -> None:
    """Make the domain with its company from nothing, and keep a copy of it for resets.

    The domain controller must not be running.
    """
    _mark(settings).unlink(missing_ok=True)
    shutil.rmtree(settings.directory_folder, ignore_errors=True)
    _make_domain(settings)
    samba_server.configure(settings, authority)
    new_attributes = exchange_schema.attributes(settings.directory.configuration_dn)
    _load(settings, new_attributes, schema=True)
    # A class can only take attributes that an earlier transaction has made.
    _load(
        settings,
        [exchange_schema.mail_recipient(settings.directory.configuration_dn)],
        schema=True,
    )
    _load(
        settings,
        [
            *accounts(settings.directory, credentials),
            *domain_controller(settings.directory),
            *company(settings.directory.base_dn),
        ],
    )
    _load(settings, account_people(settings.directory.base_dn), relaxed=True)
    _grant_rights(settings)
    _export_keytabs(settings)
    _copy_databases(settings.directory_folder, _snapshot(settings))
    write_private(_mark(settings), _fingerprint(settings))


def restore(settings: Settings) -> None:
    """Bring the databases back to the seeded state. The domain controller must not be running."""
    _copy_databases(_snapshot(settings), settings.directory_folder)
    _forget_sessions(settings)


def has_forest(settings: Settings) -> bool:
    """Tell whether the forest with the seeded defects is in the domain, and of this version."""
    mark = _forest_mark(settings.directory_folder)
    return mark.exists() and mark.read_text(encoding="ascii") == _forest_fingerprint(settings)


def put_forest(settings: Settings) -> None:
    """Bring the databases to the seeded state, and the forest into them; a copy is kept.

    The domain controller must not be running.
    """
    snapshot = settings.state / "directory-forest-snapshot"
    mark = _forest_mark(snapshot)
    if mark.exists() and mark.read_text(encoding="ascii") == _forest_fingerprint(settings):
        _copy_databases(snapshot, settings.directory_folder)
        _forget_sessions(settings)
        return
    restore(settings)
    truth = forest(settings.directory.forest_dn)
    partitions = f"CN=Partitions,{settings.directory.configuration_dn}"
    suffixes = Modification(partitions, add={"uPNSuffixes": truth.upn_suffixes})
    _load(settings, [suffixes, *truth.entries], relaxed=True)
    write_private(_forest_mark(settings.directory_folder), _forest_fingerprint(settings))
    shutil.rmtree(snapshot, ignore_errors=True)
    _copy_databases(settings.directory_folder, snapshot)


def forget_forest(settings: Settings) -> None:
    """Let the forest be put into the domain anew. The domain controller must not be running."""
    _forest_mark(settings.directory_folder).unlink(missing_ok=True)


def _forget_sessions(settings: Settings) -> None:
    for name in ("cache", "run"):
        shutil.rmtree(settings.directory_folder / name, ignore_errors=True)
        make_private_folder(settings.directory_folder / name)


def _make_domain(settings: Settings) -> None:
    """Let Samba make an empty domain.

    Samba draws the administrator's first password: on the command line everybody could read it.
    """
    directory = settings.directory
    make_private_folder(settings.directory_folder)
    with tempfile.TemporaryDirectory(dir=settings.state) as folder:
        seed = Path(folder, "smb.conf")
        # Without a file of its own, Samba would take over the machine's configuration.
        seed.write_text(
            "[global]\n"
            f"netbios name = {directory.host.upper()}\n"
            f"workgroup = {directory.netbios_domain}\n"
            f"realm = {directory.realm}\n"
            "server role = active directory domain controller\n"
            f"log file = {folder}/log\n",
            encoding="utf-8",
        )
        run(
            [
                "samba-tool",
                "domain",
                "provision",
                f"--configfile={seed}",
                f"--targetdir={settings.directory_folder}",
                f"--realm={directory.realm}",
                f"--domain={directory.netbios_domain}",
                "--server-role=dc",
                "--dns-backend=SAMBA_INTERNAL",
                f"--host-name={directory.host}",
                f"--host-ip={directory.address}",
                f"--option=interfaces={directory.address}/8",
                "--option=bind interfaces only=yes",
            ]
        )


def _load(
    settings: Settings,
    records: Iterable[Entry | Modification],
    *,
    schema: bool = False,
    relaxed: bool = False,
) -> None:
    """Write records into the database, in one transaction; if `relaxed`, also what only the
    directory itself may write, such as objectGUID."""
    options = ["--option=dsdb:schema update allowed=true"] if schema else []
    options += ["--relax"] if relaxed else []
    run(["ldbmodify", *_database(settings), *options], stdin=write_ldif(records))


def _grant_rights(settings: Settings) -> None:
    """Give the service account the rights it needs beyond reading, and no others."""
    directory = settings.directory
    identifier = _security_identifier(settings, service_account_dn(directory))
    partitions = f"CN=Partitions,{directory.configuration_dn}"
    zone = f"DC={directory.domain},CN=MicrosoftDNS,DC=DomainDnsZones,{directory.base_dn}"
    rights = {
        # Write one property (WP) of this object.
        partitions: f"(OA;;WP;{UPN_SUFFIXES_GUID};;{identifier})",
        # All rights (GA) on the zone and the names in it, for GSS-TSIG updates.
        zone: f"(A;CI;GA;;;{identifier})",
        # Write some properties of users, groups and contacts, wherever they are (CIIO).
        directory.base_dn: "".join(
            f"(OA;CIIO;WP;{attribute};{object_class};{identifier})"
            for attribute in _schema_identifiers(settings, _WRITTEN_BY_PLAYBOOKS)
            for object_class in _schema_identifiers(settings, ("user", "group", "contact"))
        ),
    }
    for dn, entry in rights.items():
        run(
            [
                "samba-tool",
                "dsacl",
                "set",
                *_samba_tool_database(settings),
                f"--objectdn={dn}",
                f"--trusteedn={service_account_dn(directory)}",
                "--action=allow",
                f"--sddl={entry}",
            ]
        )


def _security_identifier(settings: Settings, dn: str) -> str:
    found = run(["ldbsearch", *_database(settings), f"--basedn={dn}", "--scope=base", "objectSid"])
    for line in found.splitlines():
        if line.startswith("objectSid: "):
            return line.removeprefix("objectSid: ")
    raise LabError(f"The new domain has no {dn}.")


def _schema_identifiers(settings: Settings, names: Sequence[str]) -> list[str]:
    """Return what attributes and classes are called in access control entries."""
    wanted = "".join(f"(lDAPDisplayName={name})" for name in names)
    schema = f"CN=Schema,{settings.directory.configuration_dn}"
    found = run(
        ["ldbsearch", *_database(settings), f"--basedn={schema}", f"(|{wanted})", "schemaIDGUID"]
    )
    mark = "schemaIDGUID: "
    return [line.removeprefix(mark) for line in found.splitlines() if line.startswith(mark)]


def _export_keytabs(settings: Settings) -> None:
    directory = settings.directory
    make_private_folder(settings.keytabs_folder)
    keytabs = {
        settings.service_keytab: f"{directory.service_account}@{directory.realm}",
        settings.nameserver_keytab: f"DNS/{GSS_NAMESERVER}@{directory.realm}",
    }
    for path, principal in keytabs.items():
        # Samba adds to an existing file.
        path.unlink(missing_ok=True)
        run(
            [
                "samba-tool",
                "domain",
                "exportkeytab",
                f"--configfile={_smb_conf(settings)}",
                f"--principal={principal}",
                str(path),
            ]
        )
        path.chmod(0o600)


def _copy_databases(source: Path, target: Path) -> None:
    for name in _DATABASES:
        shutil.rmtree(target / name, ignore_errors=True)
        # The sockets in it belong to a server that has ended.
        shutil.copytree(source / name, target / name, ignore=shutil.ignore_patterns("msg.sock"))


def _fingerprint(settings: Settings) -> str:
    """Return what the domain was made from: this code, the slot's address, the passwords."""
    digest = hashlib.sha256(settings.directory.address.encode())
    digest.update(settings.credentials_file.read_bytes())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        # How the server is run makes no other domain.
        if path.name != Path(samba_server.__file__).name:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _forest_fingerprint(settings: Settings) -> str:
    digest = hashlib.sha256(_fingerprint(settings).encode())
    for path in sorted(Path(__file__).with_name("forest").glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _forest_mark(folder: Path) -> Path:
    # Among the databases, so that it goes where they go.
    return folder / "private" / "forest-is-here"


def _mark(settings: Settings) -> Path:
    return settings.state / "directory-provisioned"


def _snapshot(settings: Settings) -> Path:
    return settings.state / "directory-snapshot"


def _smb_conf(settings: Settings) -> Path:
    return settings.directory_folder / "etc" / "smb.conf"


def _database(settings: Settings) -> list[str]:
    return [
        f"--configfile={_smb_conf(settings)}",
        f"--url={settings.directory_folder / 'private' / 'sam.ldb'}",
    ]


def _samba_tool_database(settings: Settings) -> list[str]:
    return [
        f"--configfile={_smb_conf(settings)}",
        f"--URL={settings.directory_folder / 'private' / 'sam.ldb'}",
    ]
