# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
from typing import Any

import dns.message
import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._dns.arguments import (
    DNS_ARGUMENTS,
    KEY_ALGORITHMS,
)
from ansible_collections.tenantops.migration.plugins.module_utils._dns.credentials import (
    Kerberos,
    NoCredentials,
    SharedKey,
    credentials_from,
)
from ansible_collections.tenantops.migration.plugins.module_utils._dns.nameserver import (
    Endpoint,
    Nameserver,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput

SERVER = Nameserver("192.0.2.1", [Endpoint("192.0.2.1", 53)], "tcp", 1)
SECRET = base64.b64encode(b"a secret of thirty-two bytes....").decode()


def parameters(**options: Any) -> dict[str, Any]:
    defaults = {name: spec.get("default") for name, spec in DNS_ARGUMENTS.options.items()}
    return {**defaults, **options}


def test_each_way_has_its_class() -> None:
    assert credentials_from(parameters(dns_auth="none")) == NoCredentials()
    assert credentials_from(parameters(dns_auth="gss_tsig", dns_server_name="dc1")) == Kerberos(
        principal=None, keytab=None, ccache=None, host="dc1"
    )
    shared = credentials_from(parameters(dns_key_name="key", dns_key_secret=SECRET))
    assert isinstance(shared, SharedKey)
    assert shared.algorithm == "hmac-sha256"


@pytest.mark.parametrize("algorithm", KEY_ALGORITHMS)
def test_every_algorithm_signs(algorithm: str) -> None:
    key = SharedKey.from_options("Key.Example", f" {SECRET}\n", algorithm).key_for(SERVER)
    assert key is not None
    assert str(key.name) == "key.example."
    query = dns.message.make_query("example.test", "TXT")
    query.use_tsig(key)
    assert dns.message.from_wire(query.to_wire(), keyring=key).had_tsig


@pytest.mark.parametrize(
    ("name", "secret"), [(None, SECRET), ("key", None), ("", ""), (None, None)]
)
def test_half_a_key_is_refused(name: str | None, secret: str | None) -> None:
    with pytest.raises(InvalidInput):
        SharedKey.from_options(name, secret, "hmac-sha256")


@pytest.mark.parametrize("secret", ["hunter2-is-no-base64!", "hunter2==x", "====", "häßlich"])
def test_a_bad_secret_is_not_shown(secret: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        SharedKey.from_options("key", secret, "hmac-sha256")
    assert secret not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_secret_is_not_in_the_representation() -> None:
    shared = SharedKey.from_options("key", SECRET, "hmac-sha256")
    assert SECRET not in repr(shared)
    assert repr(shared.secret) not in repr(shared)


def test_kerberos_needs_a_host_name() -> None:
    pytest.importorskip("gssapi", reason="gssapi is optional")
    with pytest.raises(InvalidInput):
        Kerberos(principal=None, keytab=None, ccache=None, host=None).key_for(SERVER)
