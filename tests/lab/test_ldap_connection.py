# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The LDAP connection against the lab's directory, and against servers that are not it."""

from __future__ import annotations

import os
import ssl
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import gssapi
import ldap3
import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    AuthenticationFailed,
    ConnectionFailed,
    InvalidInput,
    NotTrusted,
    NotUnderstood,
    Refused,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap import (
    connection as ldap_connection,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.arguments import (
    AD_ARGUMENTS,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.connection import (
    Directory,
    ValueChange,
    connect,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.settings import (
    ConnectionSettings,
)
from lab.description import Description

from . import ldap_listeners as listeners
from .conftest import LabCommand
from .directory_administrator import administrator_connection
from .ldap_listeners import Certificates, Listener

Connect = Callable[..., Directory]

# Its second byte makes ldap3 wait for as many bytes as there are.
NOT_LDAP = b"HTTP/1.1 400 Bad Request\r\n".ljust(2 + ord("T"))


@pytest.fixture
def reach(lab: Description) -> Iterator[Connect]:
    """Connect as the service account; keyword arguments are options of the connection."""
    defaults = {name: spec.get("default") for name, spec in AD_ARGUMENTS.options.items()}
    account = lab.directory["service_account"]
    usual = {
        "ad_servers": [lab.directory["address"]],
        "ad_ca_path": lab.ca_file,
        "ad_username": account["user_principal_name"],
        "ad_password": account["password"],
        "ad_connect_timeout": 5,
        "ad_timeout": 20,
    }
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(
            connect(ConnectionSettings.from_parameters({**defaults, **usual, **options}))
        )


@pytest.fixture
def serve() -> Iterator[Callable[[Listener], Listener]]:
    with ExitStack() as stack:
        yield stack.enter_context


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def administrator(lab: Description) -> Iterator[ldap3.Connection]:
    with administrator_connection(lab) as connection:
        yield connection


@pytest.fixture
def kerberos(lab: Description, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The options that log in by keytab. Where the realm is comes from krb5.conf, as everywhere."""
    monkeypatch.setenv("KRB5_CONFIG", lab.directory["krb5_conf"])
    monkeypatch.setenv("KRB5CCNAME", "FILE:/nonexistent/ccache")
    account = lab.directory["service_account"]
    return {
        "ad_auth": "kerberos",
        "ad_server_name": lab.directory["host_name"],
        "ad_kerberos_principal": account["principal"],
        "ad_kerberos_keytab": account["keytab"],
    }


def is_usable(directory: Directory, lab: Description) -> bool:
    return bool(directory.root_dse().default_naming_context == lab.directory["base_dn"])


# ---------------------------------------------------------------- encryption and trust


@pytest.mark.parametrize("encryption", ["ldaps", "start_tls"])
@pytest.mark.parametrize("name", ["address", "host_name"])
def test_encrypted_and_checked(
    lab: Description, reach: Connect, encryption: str, name: str
) -> None:
    directory = reach(ad_encryption=encryption, ad_server_name=lab.directory[name])
    assert is_usable(directory, lab)


@pytest.mark.parametrize("encryption", ["ldaps", "start_tls"])
@pytest.mark.parametrize("name", ["dc2.corp.example.test", "127.0.0.1", "::1", "example.test"])
def test_a_server_of_another_name_is_not_trusted(
    reach: Connect, encryption: str, name: str
) -> None:
    with pytest.raises(NotTrusted, match="could not prove") as caught:
        reach(ad_encryption=encryption, ad_server_name=name)
    assert "ad_server_name" in caught.value.advice


@pytest.mark.parametrize("encryption", ["ldaps", "start_tls"])
def test_an_authority_that_is_not_known_is_not_trusted(
    reach: Connect, certificates: Certificates, encryption: str
) -> None:
    for ca_path in (certificates.ca_file, None):
        with pytest.raises(NotTrusted, match="could not prove") as caught:
            reach(ad_encryption=encryption, ad_ca_path=ca_path)
        assert "ad_ca_path" in caught.value.advice


BAD_CERTIFICATES = {
    "wrong name": ("localhost", False),
    "wrong address": ("192.0.2.1", False),
    "expired": ("127.0.0.1", True),
}


@pytest.mark.parametrize("encryption", ["ldaps", "start_tls"])
@pytest.mark.parametrize("wrong", BAD_CERTIFICATES)
def test_nothing_is_told_to_a_server_that_is_not_trusted(
    lab: Description,
    reach: Connect,
    serve: Callable[[Listener], Listener],
    certificates: Certificates,
    encryption: str,
    wrong: str,
) -> None:
    name, expired = BAD_CERTIFICATES[wrong]
    context = certificates.server(name, expired=expired)
    make = listeners.tls if encryption == "ldaps" else listeners.start_tls
    listener = serve(make(context))
    good = lab.directory["address"]
    with pytest.raises(NotTrusted, match=r"could not prove to be 127\.0\.0\.1") as caught:
        reach(
            ad_servers=[listener.address, good],
            ad_encryption=encryption,
            ad_ca_path=certificates.ca_file,
        )
    assert caught.value.advice
    assert caught.value.nothing_written
    assert listener.connections == 1
    account = lab.directory["service_account"]
    assert account["password"].encode() not in listener.received
    assert account["user_principal_name"].encode() not in listener.received


def test_a_trusted_name_among_several_will_do(
    reach: Connect, serve: Callable[[Listener], Listener], certificates: Certificates
) -> None:
    """So that the tests above fail for the reason they are about."""
    listener = serve(listeners.tls(certificates.server("localhost", "127.0.0.1"), NOT_LDAP))
    with pytest.raises(NotUnderstood, match="not LDAP"):
        reach(ad_servers=[listener.address], ad_ca_path=certificates.ca_file)


def test_a_certificate_can_be_left_unchecked(lab: Description, reach: Connect) -> None:
    directory = reach(ad_validate_certs=False, ad_ca_path=None, ad_server_name="other.test")
    assert is_usable(directory, lab)


def test_start_tls_that_is_refused_sends_no_password(
    lab: Description, reach: Connect, serve: Callable[[Listener], Listener]
) -> None:
    listener = serve(listeners.start_tls(None))
    with pytest.raises(NotTrusted, match="refuses StartTLS") as caught:
        reach(ad_servers=[listener.address], ad_encryption="start_tls")
    assert "result 2 protocolError" in caught.value.answer
    assert lab.directory["service_account"]["password"].encode() not in listener.received


def test_ldaps_at_a_port_without_tls(lab: Description, reach: Connect) -> None:
    with pytest.raises((ConnectionFailed, NotTrusted)) as caught:
        reach(ad_port=lab.directory["ldap_port"])
    assert "ad_encryption" in caught.value.advice


@pytest.mark.parametrize("content", ["", "no certificate"])
def test_a_ca_file_that_is_none(reach: Connect, tmp_path: Path, content: str) -> None:
    path = tmp_path / "ca.pem"
    path.write_text(content)
    with pytest.raises(InvalidInput, match="ad_ca_path"):
        reach(ad_ca_path=str(path))
    with pytest.raises(InvalidInput, match="ad_ca_path"):
        reach(ad_ca_path=str(tmp_path / "missing.pem"))


def test_a_domain_controller_refuses_what_is_not_encrypted(reach: Connect) -> None:
    with pytest.raises(InvalidInput, match="unencrypted"):
        reach(ad_encryption="none")
    with pytest.raises(NotTrusted, match="better protected") as caught:
        reach(ad_encryption="none", ad_allow_unencrypted_bind=True)
    assert "result 8 strongerAuthRequired" in caught.value.answer


# ---------------------------------------------------------------- several servers, time limits


def test_the_next_server_is_tried_when_one_cannot_be_reached(
    lab: Description, reach: Connect, serve: Callable[[Listener], Listener]
) -> None:
    silent = serve(listeners.silent())
    closed = serve(listeners.tls(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)))
    closed.__exit__(None, None, None)
    servers = ["nowhere.invalid", closed.address, silent.address, lab.directory["address"]]
    started = time.monotonic()
    directory = reach(ad_servers=servers, ad_timeout=2)
    assert is_usable(directory, lab)
    assert silent.connections == 1
    assert time.monotonic() - started < 15


@pytest.mark.parametrize("code", [51, 52])
def test_the_next_server_is_tried_when_one_is_not_ready(
    lab: Description,
    reach: Connect,
    serve: Callable[[Listener], Listener],
    certificates: Certificates,
    tmp_path: Path,
    code: int,
) -> None:
    both = tmp_path / "both.pem"
    both.write_text(Path(certificates.ca_file).read_text() + Path(lab.ca_file).read_text())
    busy = serve(
        listeners.ldap(
            certificates.server("127.0.0.1"), listeners.result(listeners.BIND_RESPONSE, code)
        )
    )
    servers = [busy.address, lab.directory["address"]]
    assert is_usable(reach(ad_servers=servers, ad_ca_path=str(both)), lab)
    with pytest.raises(ConnectionFailed, match="not ready"):
        reach(ad_servers=[busy.address], ad_ca_path=str(both))


def test_no_server_can_be_reached(reach: Connect, serve: Callable[[Listener], Listener]) -> None:
    silent = serve(listeners.silent())
    with pytest.raises(ConnectionFailed, match="None of the 2") as caught:
        reach(ad_servers=["nowhere.invalid", silent.address], ad_timeout=1)
    assert "nowhere.invalid" in caught.value.answer
    assert silent.address in caught.value.answer


@pytest.mark.parametrize("encryption", ["ldaps", "start_tls", "none"])
def test_a_server_that_never_answers(
    reach: Connect, serve: Callable[[Listener], Listener], encryption: str
) -> None:
    silent = serve(listeners.silent())
    started = time.monotonic()
    with pytest.raises(ConnectionFailed):
        reach(
            ad_servers=[silent.address],
            ad_encryption=encryption,
            ad_allow_unencrypted_bind=True,
            ad_timeout=1,
        )
    assert time.monotonic() - started < 5


def test_a_server_that_does_not_speak_ldap(
    reach: Connect, serve: Callable[[Listener], Listener], certificates: Certificates
) -> None:
    context = certificates.server("127.0.0.1")
    for answer in (
        NOT_LDAP,
        b"\x30\x03\x02\x01\x01",
        b"\x30\x00",
        b"\0",
    ):
        listener = serve(listeners.tls(context, answer))
        with pytest.raises((NotUnderstood, ConnectionFailed)) as caught:
            reach(ad_servers=[listener.address], ad_ca_path=certificates.ca_file, ad_timeout=2)
        assert caught.value.server


def test_a_connection_that_breaks_before_the_answer(
    lab: Description, reach: Connect, serve: Callable[[Listener], Listener]
) -> None:
    """Whether a write was made is not known then, and must be read."""
    forwarder = serve(listeners.forwarder(lab.directory["address"], 636))
    directory = reach(ad_servers=[forwarder.address], ad_server_name=lab.directory["host_name"])
    assert is_usable(directory, lab)
    directory._connection.socket.shutdown(2)
    with pytest.raises(ConnectionFailed) as caught:
        directory.modify("CN=x", ValueChange("description", add=("x",)))
    assert not caught.value.nothing_written
    directory.close()
    directory.close()


# ---------------------------------------------------------------- simple bind


@pytest.mark.parametrize("form", ["user_principal_name", "dn", "down_level"])
def test_names_of_an_account(lab: Description, reach: Connect, form: str) -> None:
    account = {**lab.directory["service_account"], "down_level": "CORP\\svc-tenantops"}
    assert is_usable(reach(ad_username=account[form]), lab)


def test_a_refused_password_is_not_sent_to_another_server(
    lab: Description, reach: Connect, serve: Callable[[Listener], Listener]
) -> None:
    forwarders = [serve(listeners.forwarder(lab.directory["address"], 636)) for _each in range(2)]
    with pytest.raises(AuthenticationFailed, match="user name or password is wrong") as caught:
        reach(
            ad_servers=[forwarder.address for forwarder in forwarders],
            ad_server_name=lab.directory["host_name"],
            ad_password="wrong",
        )
    assert [forwarder.connections for forwarder in forwarders] == [1, 0]
    assert "data 52e" in caught.value.answer
    assert "wrong" not in str(caught.value).replace("password is wrong", "").replace(
        "Each wrong attempt", ""
    )


@pytest.fixture
def make_account(lab: Description, administrator: ldap3.Connection) -> Iterator[Callable[..., str]]:
    made: list[str] = []

    def make(password: str, **attributes: str) -> str:
        name = f"t-{uuid.uuid4().hex[:12]}"
        dn = f"CN={name},CN=Users,{lab.directory['base_dn']}"
        upn = f"{name}@{lab.directory['domain']}"
        administrator.add(
            dn,
            "user",
            {
                "sAMAccountName": name,
                "userPrincipalName": upn,
                "unicodePwd": f'"{password}"'.encode("utf-16-le"),
                "userAccountControl": "512",
            },
        )
        made.append(dn)
        for attribute, value in attributes.items():
            administrator.modify(dn, {attribute: [(ldap3.MODIFY_REPLACE, [value])]})
        return upn

    yield make
    for dn in made:
        administrator.delete(dn)


@pytest.mark.parametrize(
    ("attributes", "code", "why"),
    [
        ({"userAccountControl": "514"}, "533", "disabled"),
        ({"accountExpires": "116444736000000001"}, "701", "account has expired"),
        ({"pwdLastSet": "0"}, "773", "must be changed"),
    ],
)
def test_why_an_account_may_not_log_in(
    reach: Connect,
    make_account: Callable[..., str],
    attributes: dict[str, str],
    code: str,
    why: str,
) -> None:
    password = "Pw-1-for-a-test!"
    name = make_account(password, **attributes)
    with pytest.raises(AuthenticationFailed, match=why) as caught:
        reach(ad_username=name, ad_password=password)
    assert f"data {code}" in caught.value.answer
    assert password not in str(caught.value)


@pytest.mark.parametrize(
    "password", ["Pässwörd-1-日本", "no\u00a0break-1-Space", "ﬁne-1-Ligature", "½-1-Aaaa"]
)
def test_a_password_is_sent_as_it_is(
    lab: Description, reach: Connect, make_account: Callable[..., str], password: str
) -> None:
    """SASLprep, which ldap3 applies to text, would make another one of each but the first."""
    assert is_usable(reach(ad_username=make_account(password), ad_password=password), lab)


# ---------------------------------------------------------------- Kerberos


@pytest.mark.parametrize("encryption", ["ldaps", "start_tls"])
def test_kerberos_with_a_keytab(
    lab: Description, reach: Connect, kerberos: dict[str, str], encryption: str
) -> None:
    environment = dict(os.environ)
    assert is_usable(reach(ad_encryption=encryption, **kerberos), lab)
    assert dict(os.environ) == environment


@pytest.mark.parametrize("with_principal", [True, False])
def test_kerberos_with_a_credential_cache(
    lab: Description,
    reach: Connect,
    kerberos: dict[str, str],
    tmp_path: Path,
    with_principal: bool,
) -> None:
    cache = f"FILE:{tmp_path / 'ccache'}"
    principal = kerberos["ad_kerberos_principal"]
    credentials = gssapi.Credentials(
        name=gssapi.Name(principal, gssapi.NameType.kerberos_principal),
        usage="initiate",
        store={"client_keytab": kerberos["ad_kerberos_keytab"], "ccache": cache},
    )
    assert credentials.lifetime
    options = {**kerberos, "ad_kerberos_keytab": None, "ad_kerberos_ccache": cache}
    if not with_principal:
        options["ad_kerberos_principal"] = None
    assert is_usable(reach(**options), lab)


def test_kerberos_without_credentials(
    reach: Connect, kerberos: dict[str, str], tmp_path: Path
) -> None:
    for cache in (str(tmp_path / "missing"), None):
        options = {**kerberos, "ad_kerberos_keytab": None, "ad_kerberos_ccache": cache}
        with pytest.raises(AuthenticationFailed, match="no Kerberos credentials") as caught:
            reach(**options)
        assert "kinit" in caught.value.advice


def test_kerberos_with_a_principal_that_is_not_in_the_keytab(
    reach: Connect, kerberos: dict[str, str]
) -> None:
    with pytest.raises(AuthenticationFailed, match="nobody@CORP"):
        reach(**{**kerberos, "ad_kerberos_principal": "nobody@CORP.EXAMPLE.TEST"})


def test_kerberos_needs_a_name_that_the_realm_knows(
    lab: Description, reach: Connect, kerberos: dict[str, str]
) -> None:
    with pytest.raises(InvalidInput, match="Kerberos needs the server's name"):
        reach(**{**kerberos, "ad_server_name": None})
    options = {**kerberos, "ad_server_name": "dc9.corp.example.test", "ad_validate_certs": False}
    with pytest.raises(AuthenticationFailed, match="No Kerberos ticket for ldap/dc9") as caught:
        reach(**options)
    assert "ad_server_name" in caught.value.advice
    assert caught.value.server == f"ldaps://{lab.directory['address']}:636"


def test_kerberos_without_tls_is_refused(reach: Connect, kerberos: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match="unencrypted"):
        reach(ad_encryption="none", **kerberos)
    with pytest.raises(NotTrusted, match="better protected"):
        reach(ad_encryption="none", ad_allow_unencrypted_bind=True, **kerberos)


# ---------------------------------------------------------------- client certificate (OpenLDAP)


@pytest.fixture(scope="module")
def openldap(lab: Description, lab_command: LabCommand) -> dict[str, Any]:
    """The options that log in to the lab's OpenLDAP with its client certificate."""
    lab_command("up", "--with", "openldap")
    server = lab.openldap
    return {
        "ad_servers": [f"{server['address']}:{server['ldaps_port']}"],
        "ad_server_name": server["host_name"],
        "ad_auth": "certificate",
        "ad_client_certificate": server["client_certificate"],
        "ad_client_key": server["client_private_key"],
    }


@pytest.mark.parametrize("encryption", ["ldaps", "start_tls"])
def test_client_certificate(
    lab: Description, reach: Connect, openldap: dict[str, Any], encryption: str
) -> None:
    port = lab.openldap["ldaps_port" if encryption == "ldaps" else "ldap_port"]
    servers = [f"{lab.openldap['address']}:{port}"]
    directory = reach(**{**openldap, "ad_servers": servers, "ad_encryption": encryption})
    assert directory.read(lab.openldap["base_dn"], ("objectClass",)).texts("objectClass")


def test_a_client_certificate_of_somebody_else(
    reach: Connect, openldap: dict[str, Any], tmp_path: Path
) -> None:
    import trustme

    other = trustme.CA().issue_cert("svc-tenantops")
    path = tmp_path / "other.pem"
    other.private_key_and_cert_chain_pem.write_to_path(path)
    options = {**openldap, "ad_client_certificate": str(path), "ad_client_key": None}
    with pytest.raises((AuthenticationFailed, NotTrusted, ConnectionFailed)):
        reach(**options)


def test_a_client_certificate_and_a_key_that_do_not_fit(
    lab: Description, reach: Connect, openldap: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput, match="client certificate"):
        reach(**{**openldap, "ad_client_key": lab.ca_file})


def test_a_domain_controller_without_external(reach: Connect, openldap: dict[str, Any]) -> None:
    """Samba offers no SASL EXTERNAL."""
    certificate = {
        name: openldap[name] for name in ("ad_auth", "ad_client_certificate", "ad_client_key")
    }
    with pytest.raises(AuthenticationFailed, match="does not offer to authenticate by client"):
        reach(**certificate)


# ---------------------------------------------------------------- reading


def test_pages(lab: Description, reach: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = reach()
    base = lab.directory["base_dn"]
    whole = {entry.dn for entry in directory.search(base, "(objectClass=user)", ("cn",))}
    monkeypatch.setattr(ldap_connection, "_PAGE_SIZE", 7)
    paged = [entry.dn for entry in directory.search(base, "(objectClass=user)", ("cn",))]
    assert len(paged) == len(set(paged)) > 7
    assert set(paged) == whole


def test_what_is_not_there(lab: Description, reach: Connect) -> None:
    directory = reach()
    with pytest.raises(Refused, match="does not exist") as caught:
        directory.read(f"CN=Nobody,{lab.directory['base_dn']}", ("cn",))
    assert "result 32 noSuchObject" in caught.value.answer
    with pytest.raises(Refused):
        list(directory.search(f"CN=Nobody,{lab.directory['base_dn']}", "(cn=*)", ("cn",)))


def test_a_referral_is_not_followed(
    reach: Connect, serve: Callable[[Listener], Listener], certificates: Certificates
) -> None:
    context = certificates.server("127.0.0.1")
    elsewhere = serve(listeners.tls(context))
    url = f"ldaps://{elsewhere.address}/DC=x"
    requests: dict[int, Callable[[Directory], object]] = {
        listeners.SEARCH_RESULT_DONE: lambda directory: directory.read("DC=x", ("cn",)),
        listeners.MODIFY_RESPONSE: lambda directory: directory.modify(
            "DC=x", ValueChange("description", add=("x",))
        ),
    }
    for operation, request in requests.items():
        answers = (
            listeners.result(listeners.BIND_RESPONSE, 0),
            listeners.result(operation, 10, referral=url),
        )
        here = serve(listeners.ldap(context, *answers))
        directory = reach(ad_servers=[here.address], ad_ca_path=certificates.ca_file)
        with pytest.raises(Refused, match="refers to another one") as caught:
            request(directory)
        assert "ad_servers" in caught.value.advice
    assert elsewhere.connections == 0


def test_references_to_other_partitions_are_passed_over(
    lab: Description, reach: Connect, administrator: ldap3.Connection
) -> None:
    base = lab.directory["base_dn"]
    administrator.search(base, "(cn=Administrator)", attributes=["cn"])
    kinds = {answer["type"] for answer in administrator.response or ()}
    assert kinds == {"searchResEntry", "searchResRef"}
    (found,) = reach().search(base, "(cn=Administrator)", ("cn",))
    assert found.text("cn") == "Administrator"


@pytest.mark.parametrize("code", [1, 2, 33, 80, 4096])
def test_a_result_that_is_not_known(
    reach: Connect,
    serve: Callable[[Listener], Listener],
    certificates: Certificates,
    code: int,
) -> None:
    answers = (
        listeners.result(listeners.BIND_RESPONSE, 0),
        listeners.result(listeners.SEARCH_RESULT_DONE, code),
    )
    here = serve(listeners.ldap(certificates.server("127.0.0.1"), *answers))
    directory = reach(ad_servers=[here.address], ad_ca_path=certificates.ca_file)
    with pytest.raises(NotUnderstood) as caught:
        directory.read("CN=x", ("cn",))
    assert f"result {code}" in caught.value.answer


def test_a_search_that_was_cut_short_is_no_answer(
    reach: Connect, serve: Callable[[Listener], Listener], certificates: Certificates
) -> None:
    answers = (
        listeners.result(listeners.BIND_RESPONSE, 0),
        listeners.result(listeners.SEARCH_RESULT_DONE, 4),
    )
    here = serve(listeners.ldap(certificates.server("127.0.0.1"), *answers))
    directory = reach(ad_servers=[here.address], ad_ca_path=certificates.ca_file)
    with pytest.raises(Refused, match="more entries than it is willing to return"):
        list(directory.search("CN=x", "(cn=*)", ("cn",)))


def test_a_malformed_name_or_filter(lab: Description, reach: Connect) -> None:
    directory = reach()
    with pytest.raises(InvalidInput, match="distinguished name"):
        directory.read("not a name", ("cn",))


def test_a_right_that_is_missing(lab: Description, reach: Connect) -> None:
    directory = reach()
    dn = lab.directory["administrator"]["dn"]
    attempts: tuple[Callable[[], None], ...] = (
        lambda: directory.check_right_to_write(dn, "info"),
        lambda: directory.modify(dn, ValueChange("info", add=("x",))),
    )
    for attempt in attempts:
        with pytest.raises(Refused, match="lacks a right") as caught:
            attempt()
        assert "Write Property for info" in caught.value.advice
        assert dn in caught.value.advice
