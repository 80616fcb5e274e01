# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts that a lab is made of, behind one interface each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from . import cloud_server, packages
from .authority import Authority
from .credentials import Credentials
from .directory import provision, samba_server
from .nameservers import primary, secondary, skewed
from .openldap import server as openldap_server
from .processes import Processes, Service
from .settings import Settings


@dataclass(frozen=True)
class Lab:
    """What every part needs to know."""

    settings: Settings
    processes: Processes
    authority: Authority
    credentials: Credentials


class Part(ABC):
    """One part: a server, or servers that belong together."""

    name: str
    packages: Mapping[str, str]
    # The part that is to be reset together with this one
    rests_on: str = ""

    @abstractmethod
    def prepare(self, lab: Lab) -> None:
        """Write what the servers read, and make what they serve if it is not there yet."""

    @abstractmethod
    def services(self, settings: Settings) -> Sequence[Service]:
        """Return the servers in the order in which they have to be ready."""

    @abstractmethod
    def forget_changes(self, lab: Lab) -> None:
        """Throw away what was changed since the start. The servers are not running."""

    def reset_running(self, lab: Lab) -> bool:
        """Reset without a restart; return False if that takes one."""
        return False

    def is_running(self, lab: Lab) -> bool:
        """Tell whether all servers run."""
        return all(lab.processes.pid(service.name) for service in self.services(lab.settings))


class Directory(Part):
    """Samba Active Directory."""

    name = "directory"
    packages = packages.DIRECTORY

    def prepare(self, lab: Lab) -> None:
        if not provision.is_provisioned(lab.settings):
            print("Making the directory; this is done once", flush=True)
            provision.provision(lab.settings, lab.authority, lab.credentials)
        samba_server.configure(lab.settings, lab.authority)

    def services(self, settings: Settings) -> Sequence[Service]:
        return [samba_server.service(settings)]

    def forget_changes(self, lab: Lab) -> None:
        provision.restore(lab.settings)


class Forest(Part):
    """Two thousand objects more in the directory, 700 of them with a seeded defect."""

    name = "forest"
    packages = packages.DIRECTORY
    rests_on = "directory"

    def prepare(self, lab: Lab) -> None:
        if not provision.has_forest(lab.settings):
            lab.processes.stop([samba_server.NAME], graceful=0)
            provision.put_forest(lab.settings)

    def services(self, settings: Settings) -> Sequence[Service]:
        return [samba_server.service(settings)]

    def forget_changes(self, lab: Lab) -> None:
        provision.forget_forest(lab.settings)

    def is_running(self, lab: Lab) -> bool:
        return super().is_running(lab) and provision.has_forest(lab.settings)


class Nameservers(Part):
    """The primary, the relay and the secondary."""

    name = "nameservers"
    packages = packages.NAMESERVERS

    def prepare(self, lab: Lab) -> None:
        running = any(lab.processes.pid(server.name) for server in self.services(lab.settings))
        if not running and not primary.has_current_zones(lab.settings):
            self.forget_changes(lab)
        primary.configure(lab.settings, lab.credentials)
        secondary.configure(lab.settings)

    def services(self, settings: Settings) -> Sequence[Service]:
        return [
            secondary.relay_service(settings),
            primary.service(settings),
            secondary.service(settings),
        ]

    def forget_changes(self, lab: Lab) -> None:
        primary.forget_changes(lab.settings)
        secondary.forget_changes(lab.settings)
        secondary.heal(lab.settings)


class Cloud(Part):
    """The simulated Entra ID and Microsoft Graph."""

    name = "cloud"
    packages: Mapping[str, str] = MappingProxyType({})

    def prepare(self, lab: Lab) -> None:
        cloud_server.configure(lab.settings, lab.authority, lab.credentials)

    def services(self, settings: Settings) -> Sequence[Service]:
        return [cloud_server.service(settings)]

    def forget_changes(self, lab: Lab) -> None:
        cloud_server.forget_changes(lab.settings)

    def reset_running(self, lab: Lab) -> bool:
        if cloud_server.configure(lab.settings, lab.authority, lab.credentials):
            return False
        cloud_server.reset(lab.settings, lab.credentials)
        return True


class SkewedNameserver(Part):
    """The name server with the wrong clock."""

    name = "skewed-nameserver"
    packages = packages.NAMESERVERS | packages.SKEWED_NAMESERVER

    def prepare(self, lab: Lab) -> None:
        skewed.configure(lab.settings, lab.credentials)

    def services(self, settings: Settings) -> Sequence[Service]:
        return [skewed.service(settings)]

    def forget_changes(self, lab: Lab) -> None:
        skewed.forget_changes(lab.settings)


class OpenLdap(Part):
    """The directory server that knows client certificates."""

    name = "openldap"
    packages = packages.OPENLDAP

    def prepare(self, lab: Lab) -> None:
        openldap_server.configure(lab.settings, lab.authority, lab.credentials)

    def services(self, settings: Settings) -> Sequence[Service]:
        return [openldap_server.service(settings)]

    def forget_changes(self, lab: Lab) -> None:
        openldap_server.forget_changes(lab.settings)


USUAL: tuple[Part, ...] = (Directory(), Nameservers(), Cloud())
ON_REQUEST: tuple[Part, ...] = (Forest(), SkewedNameserver(), OpenLdap())
ALL = {part.name: part for part in (*USUAL, *ON_REQUEST)}
