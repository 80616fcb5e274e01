# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the domains of a forest are read; the lab has only one domain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_scan.forest import (
    ForestSearch,
    parts_of,
    read_forest,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    NotUnderstood,
    Refused,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.addresses import (
    ServerAddress,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.arguments import (
    AD_ARGUMENTS,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.entry import (
    Entry,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.root_dse import (
    RootDse,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.settings import (
    ConnectionSettings,
)

_ROOT = "DC=corp,DC=example,DC=com"
_CHILD = f"DC=eu,{_ROOT}"
_TREE = "DC=other,DC=example"
_CONFIGURATION = f"CN=Configuration,{_ROOT}"
_SETTINGS = ConnectionSettings.from_parameters(
    {name: option.get("default") for name, option in AD_ARGUMENTS.options.items()}
    | {"ad_servers": ["dc1.corp.example.com"], "ad_username": "a@b", "ad_password": "c"}
)


class _Directory:
    """A domain controller of the root domain, as far as the forest is read from it."""

    server = "ldaps://dc1.corp.example.com:636"
    address = ServerAddress("dc1.corp.example.com", 636)

    def __init__(self, domains: Sequence[str], lacking: Sequence[str] = ()) -> None:
        self._domains = domains
        self._lacking = lacking

    def root_dse(self) -> RootDse:
        return RootDse(_CONFIGURATION, _ROOT, _ROOT, f"CN=Schema,{_CONFIGURATION}", True)

    def read(self, dn: str, _attributes: Sequence[str]) -> Entry:
        if dn.startswith("CN=Partitions"):
            return Entry(dn, {"uPNSuffixes": [b"Contoso.com"]})
        return Entry(dn, {"dNSHostName": [b"dc9.other.example"]})

    def search(self, base: str, _filter: str, _attributes: Any, *_scope: Any) -> Iterator[Entry]:
        if base.startswith("CN=Partitions"):
            for domain in self._domains:
                dns_name = domain.replace("DC=", "").replace(",", ".").encode()
                yield Entry("", {"nCName": [domain.encode()], "dnsRoot": [dns_name]})
        elif base.startswith("CN=Schema"):
            for name in ("mail", "mailNickname"):
                held = [] if name in self._lacking else [b"TRUE"]
                values = {"lDAPDisplayName": [name.encode()]}
                yield Entry("", values | {"isMemberOfPartialAttributeSet": held})
        else:
            yield Entry(f"CN=NTDS Settings,CN=DC9,{base}", {"msDS-hasMasterNCs": [_TREE.encode()]})


def _parts(directory: Any, search: ForestSearch) -> list[tuple[str, str, tuple[str, ...]]]:
    parts = parts_of(read_forest(directory), directory, _SETTINGS, search)
    return [(part.base, str(part.settings.servers[0]), part.elsewhere) for part in parts]


_HERE = (_ROOT, "dc1.corp.example.com:636", (_CHILD.lower(),))
_CATALOG = "dc1.corp.example.com:3269"


def test_the_suffixes_are_those_of_the_list_and_the_names_of_the_domains() -> None:
    directory: Any = _Directory([_CHILD, _ROOT])
    forest = read_forest(directory)
    assert forest.upn_suffixes == {"contoso.com", "corp.example.com", "eu.corp.example.com"}
    assert forest.domains[0].name == "corp.example.com"
    assert forest.domain_of(f"CN=a,{_CHILD}") == "eu.corp.example.com"
    assert forest.domain_of("CN=a,DC=nowhere") == ""


def test_a_forest_without_the_own_domain_is_not_understood() -> None:
    directory: Any = _Directory([_CHILD])
    with pytest.raises(NotUnderstood, match="no crossRef"):
        read_forest(directory)


@pytest.mark.parametrize("search", ForestSearch)
def test_one_domain_is_read_at_its_controller(search: ForestSearch) -> None:
    assert _parts(_Directory([_ROOT]), search) == [(_ROOT, "dc1.corp.example.com:636", ())]


@pytest.mark.parametrize("search", [ForestSearch.AUTO, ForestSearch.GLOBAL_CATALOG])
def test_other_domains_are_read_from_the_global_catalog(search: ForestSearch) -> None:
    assert _parts(_Directory([_ROOT, _CHILD, _TREE]), search) == [
        _HERE,
        (_CHILD, _CATALOG, ()),
        (_TREE, _CATALOG, ()),
    ]


@pytest.mark.parametrize(
    ("search", "lacking"),
    [(ForestSearch.AUTO, ["mailNickname"]), (ForestSearch.DOMAINS, [])],
)
def test_other_domains_are_read_at_their_own_controllers(
    search: ForestSearch, lacking: list[str]
) -> None:
    assert _parts(_Directory([_ROOT, _TREE], lacking), search) == [
        (_ROOT, "dc1.corp.example.com:636", ()),
        (_TREE, "dc9.other.example:636", ()),
    ]


def test_a_domain_without_a_known_controller_is_told() -> None:
    with pytest.raises(Refused, match=r"names no domain controller of the domain eu\."):
        _parts(_Directory([_ROOT, _CHILD]), ForestSearch.DOMAINS)


def test_only_the_connected_domain_is_read_if_that_is_asked_for() -> None:
    assert _parts(_Directory([_ROOT, _CHILD]), ForestSearch.CONNECTED_DOMAIN) == [_HERE]
