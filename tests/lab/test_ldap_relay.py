# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The relay that other tests go wrong with, seen by an ordinary client."""

from __future__ import annotations

import ssl

import ldap3
import pytest
from ldap3.core.exceptions import LDAPExceptionError

from lab.description import Description

from .conftest import LabCommand
from .ldap_relay import (
    ADMIN_LIMIT_EXCEEDED,
    BUSY,
    MODIFY_REQUEST,
    SEARCH_ENTRY,
    SEARCH_REQUEST,
    SIZE_LIMIT_EXCEEDED,
    TIME_LIMIT_EXCEEDED,
    Answer,
    Die,
    Drop,
    Fault,
    LdapRelay,
    Meanwhile,
    Stall,
    relay_to_openldap,
    relay_to_samba,
)

PEOPLE = "(sAMAccountName=*)"


def connection(relay: LdapRelay, lab: Description, *, tls: bool = True) -> ldap3.Connection:
    """The service account's, through the relay."""
    directory = lab.directory
    host, _colon, port = relay.address.partition(":")
    security = ldap3.Tls(
        validate=ssl.CERT_REQUIRED,
        ca_certs_file=lab.ca_file,
        valid_names=[directory["host_name"]],
    )
    server = ldap3.Server(
        host, int(port), use_ssl=tls, tls=security, get_info=ldap3.NONE, connect_timeout=5
    )
    account = directory["service_account"]
    return ldap3.Connection(
        server,
        account["user_principal_name"],
        account["password"],
        auto_bind=True,
        auto_referrals=False,
        receive_timeout=5,
    )


def found(client: ldap3.Connection, lab: Description) -> int:
    client.search(lab.directory["base_dn"], PEOPLE, attributes=["cn"])
    return sum(answer["type"] == "searchResEntry" for answer in client.response or ())


@pytest.mark.parametrize("tls", [True, False])
def test_it_passes_on_what_it_understands(lab: Description, tls: bool) -> None:
    with relay_to_samba(lab, tls=tls) as relay, connection(relay, lab, tls=tls) as client:
        assert found(client, lab) > 100
        assert relay.passed[SEARCH_ENTRY] > 100
        assert relay.connections == 1


@pytest.mark.parametrize(
    "code", [BUSY, SIZE_LIMIT_EXCEEDED, TIME_LIMIT_EXCEEDED, ADMIN_LIMIT_EXCEEDED]
)
def test_an_answer_of_its_own(lab: Description, code: int) -> None:
    fault = Answer(tag=SEARCH_REQUEST, skip=1, code=code, text="not now")
    with relay_to_samba(lab, fault) as relay, connection(relay, lab) as client:
        assert found(client, lab) > 100
        assert found(client, lab) == 0
        assert (client.result["result"], client.result["message"]) == (code, "not now")
        assert found(client, lab) > 100


def test_a_search_that_ends_early(lab: Description) -> None:
    fault = Answer(tag=SEARCH_ENTRY, skip=10, code=SIZE_LIMIT_EXCEEDED)
    with relay_to_samba(lab, fault) as relay, connection(relay, lab) as client:
        assert found(client, lab) == 10
        assert client.result["result"] == SIZE_LIMIT_EXCEEDED
        # What the server still said to the first search is not taken for the second's.
        assert found(client, lab) > 100


def test_a_modification_that_the_server_never_sees(lab: Description) -> None:
    fault = Answer(tag=MODIFY_REQUEST, code=BUSY)
    dn = f"CN=Partitions,{lab.directory['configuration_dn']}"
    change = {"uPNSuffixes": [(ldap3.MODIFY_DELETE, ["no-such-suffix.test"])]}
    with relay_to_samba(lab, fault) as relay, connection(relay, lab) as client:
        client.modify(dn, change)
        assert client.result["description"] == "busy"
        client.modify(dn, change)
        assert client.result["description"] == "noSuchAttribute"


@pytest.mark.parametrize(
    "fault", [Drop(tag=SEARCH_ENTRY, skip=5), Drop(tag=SEARCH_ENTRY, skip=5, middle=True)]
)
def test_a_dropped_connection(lab: Description, fault: Fault) -> None:
    with relay_to_samba(lab, fault) as relay:
        client = connection(relay, lab)
        with pytest.raises(LDAPExceptionError):
            found(client, lab)
        with connection(relay, lab) as client:
            assert found(client, lab) > 100


def test_a_server_that_dies_and_comes_back(lab: Description) -> None:
    with relay_to_samba(lab, Die(tag=SEARCH_ENTRY, skip=5)) as relay:
        client = connection(relay, lab)
        with pytest.raises(LDAPExceptionError):
            found(client, lab)
        with pytest.raises(LDAPExceptionError):
            connection(relay, lab)
        relay.live()
        with connection(relay, lab) as client:
            assert found(client, lab) > 100


def test_a_server_that_falls_silent(lab: Description) -> None:
    with relay_to_samba(lab, Stall(tag=SEARCH_ENTRY, skip=5)) as relay:
        client = connection(relay, lab)
        client.receive_timeout = 1
        with pytest.raises(LDAPExceptionError):
            found(client, lab)


def test_something_that_happens_in_between(lab: Description) -> None:
    happened: list[str] = []
    fault = Meanwhile(tag=SEARCH_REQUEST, happens=lambda: happened.append("now"), times=None)
    with relay_to_samba(lab, fault) as relay, connection(relay, lab) as client:
        assert found(client, lab) > 100
        assert happened == ["now"]


def test_openldap_behind_it(lab: Description, lab_command: LabCommand) -> None:
    lab_command("up", "--with", "openldap")
    account = lab.openldap["administrator"]
    with relay_to_openldap(lab, Answer(tag=SEARCH_REQUEST, code=BUSY), tls=False) as relay:
        server = ldap3.Server(f"ldap://{relay.address}", get_info=ldap3.NONE)
        with ldap3.Connection(server, account["dn"], account["password"]) as client:
            client.search(lab.openldap["base_dn"], "(objectClass=*)", ldap3.BASE)
            assert client.result["description"] == "busy"
            client.search(lab.openldap["base_dn"], "(objectClass=*)", ldap3.BASE)
            assert client.result["description"] == "success"
