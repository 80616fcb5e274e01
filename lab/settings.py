# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where everything in one lab is: folders, addresses, ports and names.

Several labs run side by side on one machine. Each has a slot, and every address or port that
two labs could quarrel over is derived from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SLOTS = range(21)

# Unix sockets below the state folder must fit into the 108 bytes that Linux gives their names.
LONGEST_STATE_PATH = 70


@dataclass(frozen=True)
class Endpoint:
    """An address and a port on it."""

    address: str
    port: int


@dataclass(frozen=True)
class DirectorySettings:
    """The Samba domain controller.

    Samba has no option for its LDAP ports, hence an address of its own per lab.
    """

    address: str
    ldap_port: int = 389
    ldaps_port: int = 636
    gc_port: int = 3268
    gcs_port: int = 3269
    kerberos_port: int = 10088
    kpasswd_port: int = 10464
    dns_port: int = 10053
    host: str = "dc1"
    domain: str = "corp.example.test"
    netbios_domain: str = "CORP"
    service_account: str = "svc-tenantops"
    nameserver_account: str = "svc-ns1"

    @property
    def host_name(self) -> str:
        return f"{self.host}.{self.domain}"

    @property
    def realm(self) -> str:
        return self.domain.upper()

    @property
    def base_dn(self) -> str:
        return ",".join(f"DC={label}" for label in self.domain.split("."))

    @property
    def configuration_dn(self) -> str:
        return f"CN=Configuration,{self.base_dn}"

    @property
    def forest_dn(self) -> str:
        """Where the forest with the seeded defects is, if it is there."""
        return f"OU=Forest,{self.base_dn}"

    @property
    def ports(self) -> tuple[int, ...]:
        """Every TCP port it listens on."""
        return (
            self.ldap_port,
            self.ldaps_port,
            self.gc_port,
            self.gcs_port,
            self.kerberos_port,
            self.kpasswd_port,
            self.dns_port,
        )


@dataclass(frozen=True)
class OpenLdapSettings:
    """The server for SASL EXTERNAL, which Samba does not offer."""

    address: str
    ldap_port: int = 3890
    ldaps_port: int = 6360
    host_name: str = "openldap.corp.example.test"


@dataclass(frozen=True)
class Settings:
    """One lab: its state folder (absolute) and its slot, from which the rest follows."""

    state: Path
    slot: int

    @property
    def network(self) -> str:
        """The first three bytes of the addresses that only this lab uses."""
        return f"127.0.{10 + self.slot}"

    @property
    def directory(self) -> DirectorySettings:
        return DirectorySettings(address=f"{self.network}.10")

    @property
    def openldap(self) -> OpenLdapSettings:
        return OpenLdapSettings(address=f"{self.network}.20")

    @property
    def primary(self) -> Endpoint:
        """BIND listens only on addresses that an interface has, so this one is not ours alone."""
        return Endpoint("127.0.0.1", 5300 + self.slot)

    @property
    def secondary(self) -> Endpoint:
        return Endpoint(f"{self.network}.31", self.primary.port)

    @property
    def notify_relay(self) -> Endpoint:
        """Stands between the primary's NOTIFY and the secondary, and can hold it back."""
        return Endpoint(f"{self.network}.30", self.primary.port)

    @property
    def skewed_nameserver(self) -> Endpoint:
        return Endpoint("127.0.0.1", 5420 + self.slot)

    @property
    def cloud(self) -> Endpoint:
        return Endpoint("127.0.0.1", 18440 + self.slot)

    @property
    def nobody(self) -> str:
        """An address of this lab where nothing ever listens."""
        return f"{self.network}.99"

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Every endpoint of every part: what must be free for this slot to be free."""
        directory = [Endpoint(self.directory.address, port) for port in self.directory.ports]
        openldap = self.openldap
        return (
            *directory,
            Endpoint(openldap.address, openldap.ldap_port),
            Endpoint(openldap.address, openldap.ldaps_port),
            self.primary,
            self.secondary,
            self.notify_relay,
            self.skewed_nameserver,
            self.cloud,
        )

    @property
    def authority_folder(self) -> Path:
        return self.state / "authority"

    @property
    def ca_file(self) -> Path:
        return self.authority_folder / "ca.pem"

    @property
    def directory_folder(self) -> Path:
        return self.state / "directory"

    @property
    def nameservers_folder(self) -> Path:
        return self.state / "nameservers"

    @property
    def cloud_folder(self) -> Path:
        return self.state / "cloud"

    @property
    def openldap_folder(self) -> Path:
        return self.state / "openldap"

    @property
    def tenants_folder(self) -> Path:
        return self.state / "tenants"

    @property
    def keytabs_folder(self) -> Path:
        return self.state / "keytabs"

    @property
    def service_keytab(self) -> Path:
        return self.keytabs_folder / "service-account.keytab"

    @property
    def nameserver_keytab(self) -> Path:
        return self.keytabs_folder / "nameserver.keytab"

    @property
    def credentials_file(self) -> Path:
        return self.state / "credentials.json"

    @property
    def logs_folder(self) -> Path:
        return self.state / "logs"

    @property
    def krb5_conf(self) -> Path:
        return self.state / "krb5.conf"

    @property
    def description_file(self) -> Path:
        return self.state / "lab.json"

    @property
    def people_folder(self) -> Path:
        return self.state / "people"

    @property
    def fleet_folder(self) -> Path:
        return self.state / "fleet"

    @property
    def inventory_file(self) -> Path:
        return self.state / "inventory" / "hosts.yml"
