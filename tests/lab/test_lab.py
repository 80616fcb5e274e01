# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab is what the other tests take it for."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dns.message
import dns.query
import dns.rcode
import dns.tsig
import dns.tsigkeyring
import dns.update
import ldap3
import pytest
import yaml

from lab.description import Description, load

from .conftest import ROOT, LabCommand

ZONE = "fourthcoffee.test"
Directory = dict[str, Any]


def connect(lab: Description, **arguments: Any) -> ldap3.Connection:
    """Connect to the directory with LDAPS; nothing but the CA makes us believe it."""
    directory = lab.directory
    tls = ldap3.Tls(
        validate=ssl.CERT_REQUIRED,
        ca_certs_file=lab.ca_file,
        valid_names=[directory["host_name"]],
    )
    server = ldap3.Server(
        directory["address"],
        port=directory["ldaps_port"],
        use_ssl=True,
        tls=tls,
        get_info=ldap3.NONE,
        connect_timeout=10,
    )
    return ldap3.Connection(server, receive_timeout=30, raise_exceptions=False, **arguments)


def connect_as(lab: Description, account: str) -> ldap3.Connection:
    who = lab.directory[account]
    connection = connect(lab, user=who["user_principal_name"], password=who["password"])
    assert connection.bind(), connection.result
    return connection


def partitions_dn(lab: Description) -> str:
    return f"CN=Partitions,{lab.directory['configuration_dn']}"


def upn_suffixes(lab: Description) -> list[str]:
    with connect_as(lab, "service_account") as connection:
        connection.search(
            partitions_dn(lab), "(objectClass=*)", ldap3.BASE, attributes=["uPNSuffixes"]
        )
        return list(connection.entries[0].uPNSuffixes.values)


def add_suffix(connection: ldap3.Connection, lab: Description, suffix: str) -> str:
    connection.modify(partitions_dn(lab), {"uPNSuffixes": [(ldap3.MODIFY_ADD, [suffix])]})
    return str(connection.result["description"])


def texts(server: dict[str, Any], name: str) -> set[str]:
    query = dns.message.make_query(name, "TXT")
    response = dns.query.tcp(query, server["address"], port=server["port"], timeout=5)
    assert response.rcode() in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}
    return {data.to_text() for answer in response.answer for data in answer}


def add_text(lab: Description, server: str, zone: str, name: str, value: str) -> None:
    key = lab.nameservers["keys"][zone]
    update = dns.update.UpdateMessage(
        zone,
        keyring=dns.tsigkeyring.from_text({key["name"]: (key["algorithm"], key["secret"])}),
        keyname=key["name"],
        keyalgorithm=key["algorithm"],
    )
    update.add(name, 300, "TXT", f'"{value}"')
    endpoint = lab.nameservers[server]
    response = dns.query.tcp(update, endpoint["address"], port=endpoint["port"], timeout=5)
    assert response.rcode() == dns.rcode.NOERROR


def seconds_until_secondary_has(lab: Description, name: str, value: str) -> float:
    start = time.monotonic()
    while f'"{value}"' not in texts(lab.nameservers["secondary"], name):
        assert time.monotonic() - start < 20, "the secondary does not follow"
        time.sleep(0.05)
    return time.monotonic() - start


def test_status_tells_what_runs(lab: Description, lab_command: LabCommand) -> None:
    for server in ("directory", "primary", "secondary", "cloud"):
        assert any(
            line.split()[:2] == [server, "runs,"] for line in lab_command("status").splitlines()
        )


def test_up_again_starts_nothing(lab: Description, lab_command: LabCommand) -> None:
    before = lab_command("status")

    lab_command("up")

    assert lab_command("status") == before


def test_files_with_secrets_are_private(lab: Description) -> None:
    for name in ("lab.json", "inventory/hosts.yml", "credentials.json", "cloud/config.json"):
        assert (lab.state / name).stat().st_mode & 0o077 == 0, name


def test_service_account_writes_what_playbooks_change_and_nothing_else(
    clean_lab: Description,
) -> None:
    base_dn = clean_lab.directory["base_dn"]
    with connect_as(clean_lab, "service_account") as connection:
        assert add_suffix(connection, clean_lab, "new.example.test") == "success"
        connection.search(
            base_dn, "(&(objectClass=user)(mail=*))", attributes=["mail"], size_limit=0
        )
        people = [entry.entry_dn for entry in connection.entries]
        assert len(people) > 100
        change = {"mail": [(ldap3.MODIFY_REPLACE, ["repaired@example.test"])]}
        assert connection.modify(people[0], change), connection.result
        for name in ("description", "userAccountControl"):
            connection.modify(people[0], {name: [(ldap3.MODIFY_REPLACE, ["512"])]})
            assert connection.result["description"] == "insufficientAccessRights"


def test_others_do_not_write_upn_suffixes(lab: Description) -> None:
    with connect_as(lab, "plain_user") as connection:
        answer = add_suffix(connection, lab, "new.example.test")
    assert answer == "insufficientAccessRights"


def test_kerberos_signs_in_with_the_keytab(
    lab: Description, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In a process of its own: the Kerberos library reads its configuration once.
    program = """
import sys, gssapi, ldap3
from lab.description import load
from pathlib import Path
from tests.lab.test_lab import connect
lab = load(Path(sys.argv[1]))
with connect(
    lab,
    authentication=ldap3.SASL,
    sasl_mechanism=ldap3.KERBEROS,
    sasl_credentials=(lab.directory["host_name"],),
) as connection:
    connection.search(lab.directory["base_dn"], "(objectClass=domain)", ldap3.BASE)
    print(len(connection.entries), connection.bound)
"""
    environment = {
        **os.environ,
        "KRB5_CONFIG": lab.directory["krb5_conf"],
        "KRB5_CLIENT_KTNAME": lab.directory["service_account"]["keytab"],
        "KRB5CCNAME": f"FILE:{tmp_path / 'ccache'}",
        "PYTHONPATH": str(ROOT),
    }
    result = subprocess.run(
        [sys.executable, "-c", program, str(lab.state)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.stdout, result.returncode) == ("1 True\n", 0), result.stderr


def test_secondary_follows_a_signed_update(clean_lab: Description) -> None:
    foreign = texts(clean_lab.nameservers["primary"], ZONE)
    assert len(foreign) == 3

    add_text(clean_lab, "primary", ZONE, "@", "MS=ms1")

    assert seconds_until_secondary_has(clean_lab, ZONE, "MS=ms1") < 5
    assert texts(clean_lab.nameservers["secondary"], ZONE) == foreign | {'"MS=ms1"'}


def test_secondary_lags_when_asked(clean_lab: Description, lab_command: LabCommand) -> None:
    lab_command("chaos", "secondary-lag", "2")

    add_text(clean_lab, "primary", ZONE, "late", "1")

    assert seconds_until_secondary_has(clean_lab, f"late.{ZONE}", "1") >= 1.9


def test_secondary_catches_up_when_healed(clean_lab: Description, lab_command: LabCommand) -> None:
    lab_command("chaos", "secondary-lag")
    add_text(clean_lab, "primary", ZONE, "later", "1")
    time.sleep(1)
    assert texts(clean_lab.nameservers["secondary"], f"later.{ZONE}") == set()

    lab_command("chaos", "secondary-heal")

    assert seconds_until_secondary_has(clean_lab, f"later.{ZONE}", "1") < 5


def test_key_of_one_zone_is_refused_in_another(lab: Description) -> None:
    key = lab.nameservers["keys"]["fabrikam.test"]
    update = dns.update.UpdateMessage(
        ZONE,
        keyring=dns.tsigkeyring.from_text({key["name"]: (key["algorithm"], key["secret"])}),
        keyname=key["name"],
    )
    update.add("stranger", 300, "TXT", "x")
    primary = lab.nameservers["primary"]

    response = dns.query.tcp(update, primary["address"], port=primary["port"], timeout=5)

    assert response.rcode() == dns.rcode.REFUSED


@pytest.mark.parametrize(("zone", "rcode"), [("refused", "REFUSED"), ("broken", "SERVFAIL")])
def test_zones_that_do_not_answer(lab: Description, zone: str, rcode: str) -> None:
    query = dns.message.make_query(lab.nameservers["zones"][zone], "SOA")
    primary = lab.nameservers["primary"]

    response = dns.query.tcp(query, primary["address"], port=primary["port"], timeout=5)

    assert dns.rcode.to_text(response.rcode()) == rcode


@pytest.fixture
def with_skewed_nameserver(lab: Description, lab_command: LabCommand) -> Description:
    lab_command("chaos", "skewed-nameserver")
    return lab


def test_skewed_nameserver_dislikes_our_time(with_skewed_nameserver: Description) -> None:
    with pytest.raises(dns.tsig.PeerBadTime):
        add_text(with_skewed_nameserver, "skewed", ZONE, "late", "1")


def test_stopped_server_is_started_again(clean_lab: Description, lab_command: LabCommand) -> None:
    lab_command("chaos", "stop", "primary")
    primary = clean_lab.nameservers["primary"]
    with pytest.raises(OSError, match="refused"):
        texts(primary, ZONE)

    lab_command("chaos", "start", "primary")

    assert len(texts(primary, ZONE)) == 3


def test_reset_restores_every_system(clean_lab: Description, lab_command: LabCommand) -> None:
    suffixes = upn_suffixes(clean_lab)
    with connect_as(clean_lab, "service_account") as connection:
        assert add_suffix(connection, clean_lab, "gone.example.test") == "success"
    add_text(clean_lab, "primary", ZONE, "@", "gone")
    before = cloud_state(clean_lab)
    ask_cloud(clean_lab, "PUT", "/state/tenants/fabrikam/display_name", "Somebody else")
    assert cloud_state(clean_lab) != before

    lab_command("reset")

    assert upn_suffixes(clean_lab) == suffixes == [clean_lab.directory["legacy_upn_suffix"]]
    for server in ("primary", "secondary"):
        assert '"gone"' not in texts(clean_lab.nameservers[server], ZONE)
    assert cloud_state(clean_lab) == before


def ask_cloud(lab: Description, method: str, path: str, body: object = None) -> Any:
    cloud = lab.cloud
    request = urllib.request.Request(  # noqa: S310 - https
        cloud["control_url"] + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={cloud["control_header"]: cloud["control_key"]},
    )
    context = ssl.create_default_context(cafile=lab.ca_file)
    with urllib.request.urlopen(request, context=context, timeout=10) as response:  # noqa: S310
        text = response.read()
    return json.loads(text) if text else None


def cloud_state(lab: Description) -> Any:
    return ask_cloud(lab, "GET", "/state")


def test_inventory_has_the_tenants(lab: Description) -> None:
    inventory = yaml.safe_load(Path(lab.data["inventory"]).read_text(encoding="utf-8"))
    assert set(inventory["tenants"]["hosts"]) == {"fourthcoffee", "fabrikam", "contoso"}
    assert set(inventory["broken_tenants"]["hosts"]) == {"northwind", "tailspin"}
    northwind = inventory["broken_tenants"]["hosts"]["northwind"]
    assert northwind["tenant_ad_password"] != lab.directory["service_account"]["password"]


@pytest.fixture
def second_lab(lab: Description) -> Iterator[LabCommand]:
    # A short path, since sockets are below it: pytest's own is longer in each of several processes.
    with TemporaryDirectory() as folder:
        command = LabCommand(Path(folder))
        try:
            yield command
        finally:
            command("down")


def test_two_labs_run_side_by_side(
    clean_lab: Description, lab_command: LabCommand, second_lab: LabCommand
) -> None:
    second_lab("up", "--without", "directory", "--without", "cloud")
    other = load(second_lab.state)
    add_text(other, "primary", ZONE, "@", "only here")

    assert '"only here"' in texts(other.nameservers["primary"], ZONE)
    assert '"only here"' not in texts(clean_lab.nameservers["primary"], ZONE)
    assert set(other.secrets).isdisjoint(clean_lab.secrets)
    second_lab("down")
    lab_command("status")
