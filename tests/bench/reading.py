# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a whole directory in one way and says how many objects there were.

    python -m tests.bench.reading WAY FOLDER

FOLDER is that of a running server (lab.openldap.scale).
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lab.openldap import scale
from lab.openldap.scale import ScaleServer

# Imported when they are used: no way is to wait for the modules of another.
_UTILS = "ansible_collections.tenantops.migration.plugins.module_utils"

PAGE_SIZE = 1000
FILTER = "(|(objectClass=user)(objectClass=group)(objectClass=contact))"

# What the collection reads: tests/lab/test_scale.py holds the two against each other.
ATTRIBUTES = (
    "displayName", "givenName", "sn", "cn", "mail", "mailNickname", "proxyAddresses",
    "sAMAccountName", "targetAddress", "userPrincipalName", "userAccountControl", "title",
    "department", "physicalDeliveryOfficeName", "telephoneNumber", "mobile",
    "facsimileTelephoneNumber", "streetAddress", "l", "st", "postalCode", "co",
    "isCriticalSystemObject", "objectSid", "groupType", "msExchRecipientTypeDetails",
    "objectGUID", "objectClass",
)  # fmt: skip


def python_ldap(server: ScaleServer) -> int:
    """Page by page, values as bytes, as python-ldap's documentation shows it."""
    ldap: Any = importlib.import_module("ldap")
    controls: Any = importlib.import_module("ldap.controls")
    connection = ldap.initialize(server.ldap_url)
    connection.simple_bind_s(server.user, server.password)
    paged = controls.SimplePagedResultsControl(True, size=PAGE_SIZE, cookie="")
    count = 0
    while True:
        number = connection.search_ext(
            server.base_dn, ldap.SCOPE_SUBTREE, FILTER, ATTRIBUTES, serverctrls=[paged]
        )
        _kind, entries, _number, answered = connection.result3(number)
        count += len(entries)
        paged.cookie = answered[0].cookie
        if not paged.cookie:
            return count


def ldap3_paged(server: ScaleServer) -> int:
    """ldap3's own generator, without the schema, which makes it faster."""
    ldap3: Any = importlib.import_module("ldap3")
    with ldap3.Connection(
        ldap3.Server(server.ldap_url, get_info=ldap3.NONE),
        server.user,
        server.password,
        check_names=False,
        auto_referrals=False,
    ) as connection:
        found = connection.extend.standard.paged_search(
            server.base_dn, FILTER, attributes=ATTRIBUTES, paged_size=PAGE_SIZE, generator=True
        )
        return sum(1 for _entry in found)


def judged(server: ScaleServer) -> int:
    """All that `ad_attributes_info` does: every rule, duplicates, suggestions, the summary."""
    runner: Any = importlib.import_module(f"{_UTILS}._attribute_scan.runner")
    outcome = runner.run(parameters(server), True)
    summary: Mapping[str, Any] = outcome.values["summary"]
    return int(summary["objects_read"])


def parameters(server: ScaleServer) -> dict[str, Any]:
    """The options of the task, as Ansible would fill them in."""
    ldap: Any = importlib.import_module(f"{_UTILS}._ldap.arguments")
    scan: Any = importlib.import_module(f"{_UTILS}._attribute_scan.arguments")
    arguments = ldap.AD_ARGUMENTS.with_(scan.DIRECTORY_RULES_ARGUMENTS, scan.READING_ARGUMENTS)
    return {
        **{name: option.get("default") for name, option in arguments.options.items()},
        "ad_servers": [f"{server.address}:{server.ldap_port}"],
        "ad_encryption": "none",
        "ad_allow_unencrypted_bind": True,
        "ad_username": server.user,
        "ad_password": server.password,
    }


WAYS: Mapping[str, Callable[[ScaleServer], int]] = {
    "python-ldap": python_ldap,
    "ldap3": ldap3_paged,
    "judged": judged,
}


def main() -> int:
    """Read in the way that the command line names."""
    way, folder = sys.argv[1:]
    print(json.dumps({"objects": WAYS[way](scale.load(Path(folder)))}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
