# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.addresses import (
    ServerAddress,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.arguments import (
    AD_ARGUMENTS,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.settings import (
    ConnectionSettings,
)


def settings(**options: Any) -> ConnectionSettings:
    parameters = {name: spec.get("default") for name, spec in AD_ARGUMENTS.options.items()}
    parameters |= {"ad_servers": ["dc1.test"], "ad_username": "anna", "ad_password": "secret"}
    return ConnectionSettings.from_parameters(parameters | options)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("dc1.corp.example.test", "dc1.corp.example.test", 636),
        ("dc1:3890", "dc1", 3890),
        ("192.0.2.10", "192.0.2.10", 636),
        ("192.0.2.10:389", "192.0.2.10", 389),
        ("2001:db8::10", "2001:db8::10", 636),
        ("[2001:db8::10]", "2001:db8::10", 636),
        ("[2001:db8::10]:389", "2001:db8::10", 389),
        (" dc1 ", "dc1", 636),
    ],
)
def test_server_addresses(text: str, host: str, port: int) -> None:
    assert ServerAddress.parse(text, 636) == ServerAddress(host, port)


@pytest.mark.parametrize(
    "text",
    ["", "ldaps://dc1", "dc1:", "dc1:x", "dc1:0", "dc1:65536", "dc1:-1", "dc 1", "[dc1]:636",
     "[2001:db8::10]:", "[2001:db8::10]636x", "-dc1", "dc1/path", "dc1:٣"],
)  # fmt: skip
def test_what_is_no_server_address(text: str) -> None:
    with pytest.raises(InvalidInput):
        ServerAddress.parse(text, 636)


def test_a_server_address_with_its_port_for_people() -> None:
    assert str(ServerAddress("dc1", 636)) == "dc1:636"
    assert str(ServerAddress("2001:db8::10", 636)) == "[2001:db8::10]:636"


@pytest.mark.parametrize(
    ("encryption", "port", "catalog"), [("ldaps", 636, 3269), ("start_tls", 389, 3268)]
)
def test_ports_follow_the_encryption(encryption: str, port: int, catalog: int) -> None:
    made = settings(ad_encryption=encryption, ad_servers=["dc1", "dc2:1636"])
    assert [server.port for server in made.servers] == [port, 1636]
    catalogs = made.for_global_catalog(first=made.servers[1]).servers
    assert catalogs == (ServerAddress("dc2", catalog), ServerAddress("dc1", catalog))


def test_a_port_for_all_servers() -> None:
    assert settings(ad_port=1636).servers == (ServerAddress("dc1.test", 1636),)


def test_the_name_to_prove() -> None:
    server = ServerAddress("192.0.2.10", 636)
    assert settings().expected_name(server) == "192.0.2.10"
    assert settings(ad_server_name="dc1.test").expected_name(server) == "dc1.test"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ad_servers": None}, "ad_servers is empty"),
        ({"ad_servers": []}, "ad_servers is empty"),
        ({"ad_encryption": "none"}, "unencrypted"),
        ({"ad_password": None}, "ad_password"),
        ({"ad_password": ""}, "ad_password"),
        ({"ad_username": ""}, "ad_username"),
        ({"ad_timeout": 0}, "ad_timeout"),
        ({"ad_connect_timeout": -1}, "ad_connect_timeout"),
        ({"ad_port": 70000}, "port"),
        ({"ad_auth": "certificate"}, "ad_client_certificate"),
        ({"ad_auth": "certificate", "ad_client_certificate": "/nowhere"}, "no such file"),
        ({"ad_auth": "kerberos", "ad_kerberos_keytab": "/nowhere"}, "no such file"),
        ({"ad_auth": "kerberos", "ad_kerberos_keytab": __file__}, "ad_kerberos_principal"),
        (
            {
                "ad_auth": "certificate",
                "ad_client_certificate": __file__,
                "ad_encryption": "none",
                "ad_allow_unencrypted_bind": True,
            },
            "needs TLS",
        ),
    ],
)
def test_what_cannot_work_is_refused_before_connecting(
    options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        settings(**options)


def test_warnings() -> None:
    assert settings().warnings == ()
    (unchecked,) = settings(ad_validate_certs=False).warnings
    assert "ad_validate_certs" in unchecked
    (open_wire,) = settings(ad_encryption="none", ad_allow_unencrypted_bind=True).warnings
    assert "unencrypted" in open_wire


def test_a_password_is_not_in_the_settings_text() -> None:
    assert "secret" not in repr(settings())
