# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The domains of a forest, its UPN suffixes, and where all of its objects can be read.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from .._errors import NotUnderstood, Refused
from .._ldap.addresses import ServerAddress
from .._ldap.connection import Directory, Scope
from .._ldap.settings import ConnectionSettings

_DOMAINS = "(&(objectClass=crossRef)(systemFlags:1.2.840.113556.1.4.803:=2))"
_CONTROLLERS = "(objectClass=nTDSDSA)"
_HELD_DOMAINS = "msDS-hasMasterNCs"

# What must be unique over the forest; all but the two of Exchange are in every global catalog.
UNIQUE = ("mail", "proxyAddresses", "userPrincipalName", "targetAddress", "mailNickname")


class ForestSearch(StrEnum):
    """Where the rest of the forest is read, which matters for duplicates."""

    AUTO = "auto"
    GLOBAL_CATALOG = "global_catalog"
    DOMAINS = "domains"
    CONNECTED_DOMAIN = "connected_domain"


@dataclass(frozen=True)
class Domain:
    """A domain: its DNS name and the DN of its objects."""

    name: str
    dn: str


@dataclass(frozen=True)
class Part:
    """A part of the forest, and the connection over which it is read.

    `elsewhere` are the DNs of domains below `base` that another part covers.
    """

    settings: ConnectionSettings
    base: str
    elsewhere: tuple[str, ...]
    told: str


@dataclass(frozen=True)
class Forest:
    """What the connected server says about its forest: the connected domain comes first."""

    domains: tuple[Domain, ...]
    upn_suffixes: frozenset[str]
    is_active_directory: bool

    def domain_of(self, dn: str) -> str:
        """The DNS name of the domain that an object is in, the lowest of those it is below."""
        lowered = dn.lower()
        within = [domain for domain in self.domains if is_below(lowered, domain.dn.lower())]
        return max(within, key=lambda domain: len(domain.dn)).name if within else ""


def is_below(dn: str, base: str) -> bool:
    """Whether an object is `base` or below it; both in lower case, as the server spells them."""
    return dn == base or dn.endswith(f",{base}")


def read_forest(directory: Directory) -> Forest:
    """Read the domains and UPN suffixes. Raises what `Directory` does, and `NotUnderstood`."""
    root = directory.root_dse()
    partitions = f"CN=Partitions,{root.configuration_naming_context}"
    suffixes = directory.read(partitions, ("uPNSuffixes",)).texts("uPNSuffixes")
    found = directory.search(partitions, _DOMAINS, ("nCName", "dnsRoot"), Scope.ONE_LEVEL)
    domains = [Domain(entry.text("dnsRoot"), entry.text("nCName")) for entry in found]
    own = root.default_naming_context.lower()
    domains.sort(key=lambda domain: (domain.dn.lower() != own, domain.name))
    if not domains or domains[0].dn.lower() != own:
        raise NotUnderstood(
            "The server's own domain is not among the forest's domains",
            server=directory.server,
            subject=partitions,
            answer=f"no crossRef for {root.default_naming_context}",
            advice="Check that the account may read the crossRef objects in this container.",
        )
    names = (*suffixes, *(domain.name for domain in domains))
    return Forest(
        tuple(domains), frozenset(name.lower() for name in names), root.is_active_directory
    )


def parts_of(
    forest: Forest, directory: Directory, settings: ConnectionSettings, search: ForestSearch
) -> tuple[Part, ...]:
    """Where everything is read: the connected domain at its own controller, since a global catalog
    has only some attributes; the other domains as `search` says."""
    own, others = forest.domains[0], forest.domains[1:]
    parts = [Part(settings, own.dn, _below(own, others), f"domain {own.name}")]
    if not others or search is ForestSearch.CONNECTED_DOMAIN:
        return tuple(parts)
    if search is ForestSearch.AUTO:
        lacking = lacking_in_global_catalog(directory)
        search = ForestSearch.DOMAINS if lacking else ForestSearch.GLOBAL_CATALOG
    if search is ForestSearch.DOMAINS:
        return (
            *parts,
            *(_at_own_controller(domain, forest, directory, settings) for domain in others),
        )
    catalog = settings.for_global_catalog(first=directory.address)
    for domain in others:
        rest = tuple(other for other in forest.domains if other is not domain)
        told = f"domain {domain.name} from the global catalog"
        parts.append(Part(catalog, domain.dn, _below(domain, rest), told))
    return tuple(parts)


def lacking_in_global_catalog(directory: Directory) -> list[str]:
    """Which attributes that must be unique the global catalog does not have, though the schema
    does: duplicates of them would go unnoticed."""
    names = "".join(f"(lDAPDisplayName={name})" for name in UNIQUE)
    schema = directory.root_dse().schema_naming_context
    found = directory.search(
        schema, f"(|{names})", ("lDAPDisplayName", "isMemberOfPartialAttributeSet"), Scope.ONE_LEVEL
    )
    return [
        entry.text("lDAPDisplayName")
        for entry in found
        if entry.texts("isMemberOfPartialAttributeSet") != ("TRUE",)
    ]


def _at_own_controller(
    domain: Domain, forest: Forest, directory: Directory, settings: ConnectionSettings
) -> Part:
    """A part that is read at the domain's own controllers, whose names the forest knows."""
    root = directory.root_dse()
    sites = f"CN=Sites,{root.configuration_naming_context}"
    hosts: list[str] = []
    for controller in directory.search(sites, _CONTROLLERS, (_HELD_DOMAINS,)):
        if domain.dn.lower() in map(str.lower, controller.texts(_HELD_DOMAINS)):
            server = directory.read(controller.dn.partition(",")[2], ("dNSHostName",))
            hosts.extend(server.texts("dNSHostName"))
    if not hosts:
        raise Refused(
            f"The forest names no domain controller of the domain {domain.name}",
            server=directory.server,
            subject=sites,
            advice="Set forest_search to global_catalog, or to connected_domain if duplicates in"
            " other domains do not matter.",
        )
    port = settings.encryption.port
    addresses = tuple(ServerAddress(host, port) for host in hosts)
    others = tuple(other for other in forest.domains if other is not domain)
    return Part(
        replace(settings, servers=addresses, server_name=None),
        domain.dn,
        _below(domain, others),
        f"domain {domain.name} at {hosts[0]}",
    )


def _below(domain: Domain, others: Sequence[Domain]) -> tuple[str, ...]:
    return tuple(
        other.dn.lower() for other in others if is_below(other.dn.lower(), domain.dn.lower())
    )
