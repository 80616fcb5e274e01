# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A connection to one directory server, over which objects are read and changed.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Any, TypeVar

from .._errors import (
    ConnectionFailed,
    InvalidInput,
    NotTrusted,
    NotUnderstood,
    Refused,
    TenantopsError,
)
from .._libraries import library, require
from .addresses import ServerAddress
from .entry import Entry
from .errors import BUSY, NO_RIGHT, SUCCESS, UNAVAILABLE, Result, error_of
from .root_dse import ATTRIBUTES as ROOT_DSE_ATTRIBUTES
from .root_dse import RootDse
from .settings import ConnectionSettings, Encryption
from .tls import handshake_error, tls_context
from .wire.channel import Channel
from .wire.search import Page, SearchRequest, pages

with library("ldap3"):
    import ldap3
    from ldap3.core.exceptions import LDAPExceptionError
    from pyasn1.error import PyAsn1Error

    from .tls import CheckedTls

_PAGED_RESULTS = "1.2.840.113556.1.4.319"
_PAGE_SIZE = 1000

T = TypeVar("T")


class Scope(StrEnum):
    """How far below its base a search goes."""

    BASE = "BASE"
    ONE_LEVEL = "LEVEL"
    SUBTREE = "SUBTREE"


@dataclass(frozen=True)
class ValueChange:
    """Values of one attribute: those to remove must be there, those to add must not."""

    attribute: str
    remove: tuple[str, ...] = ()
    add: tuple[str, ...] = ()


def connect(settings: ConnectionSettings) -> Directory:
    """Connect to the first of the servers that can be reached, and authenticate.

    Only where a server cannot be reached, or says that it is not ready, the next one is tried: a
    refused password that is sent to each in turn locks its account. Raises `ConnectionFailed`,
    `NotTrusted`, `AuthenticationFailed`, or what else the first reachable server's answer means.
    """
    require("ldap3")
    failures: list[ConnectionFailed] = []
    for server in settings.servers:
        try:
            return _connect_to(server, settings)
        except ConnectionFailed as error:
            failures.append(error)
    if len(failures) == 1:
        raise failures[0]
    raise ConnectionFailed(
        f"None of the {len(failures)} directory servers can be used",
        answer="; ".join(f"{failure.server}: {_reason(failure)}" for failure in failures),
        advice="Check the servers, their names, and the firewalls on the way to them.",
    )


class Directory:
    """An authenticated connection. A context manager; use it in one thread only.

    Every method raises `ConnectionFailed` if the connection breaks or the server does not answer in
    time, and otherwise what `errors.error_of` makes of the server's answer. Referrals are never
    followed: a search passes over references to other servers, anything else raises.
    """

    def __init__(
        self, connection: ldap3.Connection, server: ServerAddress, settings: ConnectionSettings
    ) -> None:
        self._connection = connection
        self._address = server
        self._settings = settings

    def __enter__(self) -> Directory:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def server(self) -> str:
        """The server's URL, for messages."""
        return _url(self._connection)

    @property
    def address(self) -> ServerAddress:
        """Which of the servers in the settings this is."""
        return self._address

    @property
    def identity(self) -> str:
        """Who is connected, for messages."""
        return self._settings.authentication.identity

    def close(self) -> None:
        """End the connection. A second call, or one on a broken connection, does nothing."""
        if self._connection.closed:
            return
        try:
            self._connection.unbind()
        except (LDAPExceptionError, OSError):
            return

    def root_dse(self) -> RootDse:
        """What the domain controller says about its forest."""
        return RootDse.of(self.read("", ROOT_DSE_ATTRIBUTES))

    def global_catalog(self) -> Directory:
        """A new connection to the global catalog here, or on another host of the settings."""
        return connect(self._settings.for_global_catalog(first=self._address))

    def read(self, dn: str, attributes: Sequence[str]) -> Entry:
        """One object. Raises `Refused` if it does not exist or may not be seen."""
        entries = list(self._search_once(dn, "(objectClass=*)", attributes, Scope.BASE))
        if len(entries) != 1:
            raise NotUnderstood(
                f"The directory returned {len(entries)} objects where one was asked for",
                server=self.server,
                subject=dn or "rootDSE",
                advice="Check that the account may read the object.",
            )
        return entries[0]

    def search(
        self,
        base: str,
        search_filter: str,
        attributes: Sequence[str],
        scope: Scope = Scope.SUBTREE,
    ) -> Iterator[Entry]:
        """All objects that a filter (RFC 4515) finds, page by page; all of them, or an error."""
        cookie: bytes | None = None
        while True:
            yield from self._search_once(base, search_filter, attributes, scope, cookie)
            controls = self._connection.result.get("controls") or {}
            cookie = controls.get(_PAGED_RESULTS, {}).get("value", {}).get("cookie")
            if not cookie:
                return

    def channel(self) -> Channel:
        """For messages of our own; nothing may be asked in any other way while one is answered."""
        return Channel(self._connection, self.server, self._settings.timeout)

    def pages(
        self, base: str, search_filter: str, attributes: Sequence[str], page_size: int = _PAGE_SIZE
    ) -> Iterator[Page]:
        """All objects below `base` that a filter finds, page by page as undecoded messages.

        For whole forests; nothing else may be asked of this connection until the last page is read.
        """
        channel = self.channel()
        request = SearchRequest(base, search_filter, attributes, page_size, self._settings.timeout)
        try:
            yield from pages(channel, request, lambda result: self._check_result(result, base))
        except LDAPExceptionError as error:
            raise InvalidInput(
                f"This is not an LDAP filter: {search_filter!r}",
                answer=str(error),
                advice="Filters are written as RFC 4515 says, for example (department=Sales).",
            ) from error

    def modify(self, dn: str, change: ValueChange) -> None:
        """Remove and add values in one request, of which the server makes all or nothing.

        Raises `ChangedMeanwhile` if a value to remove is not there or one to add is.
        """
        operations = [
            (operation, [value.encode("utf-8") for value in values])
            for operation, values in (
                (ldap3.MODIFY_DELETE, change.remove),
                (ldap3.MODIFY_ADD, change.add),
            )
            if values
        ]
        connection = self._connection
        # types-ldap3 has no types for this method.
        modify: Callable[..., bool] = connection.modify
        self._ask(lambda: modify(dn, {change.attribute: operations}), dn)
        self._check(dn, self.advice_on_rights(dn, change.attribute))

    def check_right_to_write(self, dn: str, attribute: str) -> None:
        """Raise `Refused` if this account may not change an attribute of an object.

        The server itself tells, by the constructed attribute allowedAttributesEffective, so that a
        dry run ends as the run would.
        """
        allowed = self.read(dn, ("allowedAttributesEffective",)).texts("allowedAttributesEffective")
        if attribute.lower() not in map(str.lower, allowed):
            raise Refused(
                "This account lacks a right",
                server=self.server,
                subject=dn,
                answer=f"{attribute} is not in allowedAttributesEffective",
                advice=self.advice_on_rights(dn, attribute),
            )

    def _search_once(
        self,
        base: str,
        search_filter: str,
        attributes: Sequence[str],
        scope: Scope,
        cookie: bytes | None = None,
    ) -> list[Entry]:
        connection = self._connection
        self._ask(
            lambda: connection.search(
                base,
                search_filter,
                scope.value,
                attributes=list(attributes),
                time_limit=self._settings.timeout,
                paged_size=None if scope is Scope.BASE else _PAGE_SIZE,
                paged_criticality=True,
                paged_cookie=cookie,
            ),
            base,
        )
        self._check(base)
        return [
            Entry(answer["dn"], answer["raw_attributes"], self.server)
            for answer in connection.response or ()
            if answer["type"] == "searchResEntry"
        ]

    def _ask(self, request: Callable[[], Any], subject: str) -> None:
        _guarded(request, self.server, subject, self._settings.timeout)

    def _check(self, subject: str, advice_on_rights: str = "") -> None:
        self._check_result(Result.of(self._connection.result), subject, advice_on_rights)

    def _check_result(self, result: Result, subject: str, advice_on_rights: str = "") -> None:
        if result.code != SUCCESS:
            advice = advice_on_rights if result.code == NO_RIGHT else ""
            raise error_of(
                result,
                server=self.server,
                subject=subject or "rootDSE",
                identity=self.identity,
                advice=advice,
            )

    def advice_on_rights(self, dn: str, *attributes: str) -> str:
        """What to do where this account may not write attributes of an object."""
        rights = " ".join(f'"DOMAIN\\account:WP;{attribute}"' for attribute in attributes)
        return (
            f"{self.identity} needs the right Write Property for {', '.join(attributes)} on this"
            f' object. Grant it with: dsacls "{dn}" /G {rights}'
        )


def _connect_to(server: ServerAddress, settings: ConnectionSettings) -> Directory:
    expected_name = settings.expected_name(server)
    tls = CheckedTls(
        tls_context(
            ca_path=settings.ca_path,
            validate_certs=settings.validate_certs,
            client_certificate=settings.authentication.client_certificate,
        ),
        expected_name,
    )
    connection = ldap3.Connection(
        ldap3.Server(
            server.host,
            port=server.port,
            use_ssl=settings.encryption is Encryption.LDAPS,
            tls=tls,
            get_info=ldap3.NONE,
            connect_timeout=settings.connect_timeout,
            allowed_referral_hosts=[],
        ),
        client_strategy=ldap3.SYNC,
        auto_referrals=False,
        auto_range=True,
        check_names=False,
        raise_exceptions=False,
        receive_timeout=settings.timeout,
        **settings.authentication.connection_arguments(expected_name),
    )
    try:
        _open(connection, tls, expected_name, settings)
        _bind(connection, settings)
    except TenantopsError:
        _drop(connection)
        raise
    return Directory(connection, server, settings)


def _open(
    connection: ldap3.Connection,
    tls: CheckedTls,
    expected_name: str,
    settings: ConnectionSettings,
) -> None:
    """Open the connection, encrypted as the settings say, before any credentials are sent."""
    url = _url(connection)
    if not connection.server.address_info:
        raise ConnectionFailed(
            "The directory server's name does not resolve",
            server=url,
            advice="Check ad_servers and the name servers of this machine.",
        )
    try:
        _guarded(lambda: connection.open(read_server_info=False), url, "", settings.connect_timeout)
        if settings.encryption is Encryption.START_TLS:
            _guarded(
                lambda: connection.start_tls(read_server_info=False), url, "", settings.timeout
            )
    except ConnectionFailed as error:
        if tls.failure is not None:
            raise handshake_error(tls.failure, server=url, expected_name=expected_name) from error
        if connection.result and connection.result["result"] != SUCCESS:
            raise NotTrusted(
                "The server refuses StartTLS",
                server=url,
                answer=str(Result.of(connection.result)),
                advice="Set ad_encryption to ldaps, or give the server a certificate.",
            ) from error
        raise


def _bind(connection: ldap3.Connection, settings: ConnectionSettings) -> None:
    authentication = settings.authentication
    url = _url(connection)
    _guarded(lambda: authentication.bind(connection), url, "", settings.timeout)
    result = Result.of(connection.result)
    if result.code in (BUSY, UNAVAILABLE):
        raise ConnectionFailed(
            "The directory server is not ready",
            server=url,
            answer=str(result),
            advice="Run again later, or name another server in ad_servers as well.",
        )
    if not connection.bound:
        raise error_of(result, server=url, identity=authentication.identity)


def _guarded(request: Callable[[], T], server: str, subject: str, timeout: int) -> T:
    """Make a request of ldap3, and tell in our terms if no usable answer came."""
    try:
        return request()
    except LDAPExceptionError as error:
        raise ConnectionFailed(
            "The connection to the directory server failed",
            server=server,
            subject=subject,
            answer=str(error),
            advice=f"Check that it is running and reachable; it had {timeout} seconds.",
        ) from error
    except (IndexError, KeyError, TypeError, ValueError, PyAsn1Error) as error:
        # ldap3 decodes without checking, and fails like this on what is not LDAP.
        raise NotUnderstood(
            "The server's answer is not LDAP",
            server=server,
            subject=subject,
            answer=f"{type(error).__name__}: {error}",
            advice="Check that address and port are those of a directory server.",
        ) from error


def _url(connection: ldap3.Connection) -> str:
    name: str = connection.server.name
    return name


def _reason(failure: ConnectionFailed) -> str:
    return failure.answer or failure.problem


def _drop(connection: ldap3.Connection) -> None:
    """Close what is open, without a word to the server: it may not be the right one."""
    if connection.socket is not None:
        connection.socket.close()
