# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gets people out of the directory over LDAP, with an account that may read, as Entra Connect
does."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence

import ldap3
from ldap3.core.exceptions import LDAPException

from .person import ATTRIBUTES, DirectoryPerson, person_of
from .settings import DirectoryServer

# People, not computers; and none of those that the system itself is made of.
_PEOPLE = (
    "(&(objectCategory=person)(objectClass=user)(sAMAccountName=*)(!(isCriticalSystemObject=TRUE)))"
)
_PAGE = 1000
_SECONDS = 60


class DirectoryUnreadableError(Exception):
    """The directory cannot be read; the message says why."""


def read_people(server: DirectoryServer, search_bases: Sequence[str]) -> list[DirectoryPerson]:
    """Return everybody below the search bases, those first who came first.

    Raises DirectoryUnreadableError.
    """
    try:
        with _connect(server) as connection:
            found = {
                person.immutable_id: person
                for base in search_bases
                for person in _search(connection, base)
            }
    except LDAPException as error:
        raise DirectoryUnreadableError(f"{server.name} ({server.address}): {error}") from error
    return sorted(found.values(), key=lambda person: person.number)


def _connect(server: DirectoryServer) -> ldap3.Connection:
    tls = ldap3.Tls(
        validate=ssl.CERT_REQUIRED, ca_certs_file=server.ca_file, valid_names=[server.name]
    )
    return ldap3.Connection(
        ldap3.Server(
            server.address,
            port=server.port,
            use_ssl=True,
            tls=tls,
            get_info=ldap3.NONE,
            connect_timeout=_SECONDS,
        ),
        server.username,
        server.password,
        auto_bind=ldap3.AUTO_BIND_NO_TLS,
        auto_referrals=False,
        raise_exceptions=True,
        receive_timeout=_SECONDS,
    )


def _search(connection: ldap3.Connection, base: str) -> Iterator[DirectoryPerson]:
    entries = connection.extend.standard.paged_search(
        base, _PEOPLE, attributes=list(ATTRIBUTES), paged_size=_PAGE, generator=True
    )
    for entry in entries:
        if entry["type"] == "searchResEntry":
            yield person_of(entry["dn"], entry["raw_attributes"])
