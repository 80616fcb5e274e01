# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""dns_txt with GSS-TSIG: BIND with a keytab from the domain, and the domain's own name server."""

from __future__ import annotations

import asyncio
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.undo import plan_undo
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    AuthenticationFailed,
    ChangedMeanwhile,
    InvalidInput,
    NotTrusted,
    Refused,
)
from ansible_collections.tenantops.migration.plugins.module_utils._txt_records.model import (
    TxtRRset,
    TxtValue,
)
from ansible_collections.tenantops.migration.plugins.module_utils._txt_records.resource import (
    TxtRecordSet,
    record_set,
)
from lab.description import Description

from .publishing import Publisher, told, validated


@pytest.fixture(autouse=True)
def _kerberos_of_the_lab(lab: Description, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KRB5_CONFIG", lab.directory["krb5_conf"])
    # Nobody's ticket must help.
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path}/none")


@pytest.fixture
def bind(lab: Description) -> Publisher:
    gss = lab.nameservers["gss"]
    return Publisher(
        lab,
        gss["zone"],
        {
            "dns_auth": "gss_tsig",
            "dns_server_name": gss["server_name"],
            "dns_kerberos_principal": gss["principal"],
            "dns_kerberos_keytab": gss["keytab"],
        },
    )


@pytest.fixture
def samba(lab: Description) -> Publisher:
    dns, account = lab.directory["dns"], lab.directory["service_account"]
    return Publisher(
        lab,
        dns["zone"],
        {
            "dns_server": dns["address"],
            "dns_port": dns["port"],
            "dns_auth": "gss_tsig",
            "dns_server_name": lab.directory["host_name"],
            "dns_kerberos_principal": account["principal"],
            "dns_kerberos_keytab": account["keytab"],
            "dns_unverified_answers": "read_back",
        },
    )


@pytest.fixture(params=["bind", "samba"])
def publisher(request: pytest.FixtureRequest) -> Publisher:
    found: Publisher = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def owner(publisher: Publisher) -> Iterator[str]:
    name = f"_{uuid.uuid4().hex[:12]}.{publisher.zone}"
    yield name
    publisher.run(name=name, state="absent", exclusive=True)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_values_are_published_and_withdrawn(
    publisher: Publisher, owner: str, transport: str
) -> None:
    values = ["a", "ü" * 300, 'k="v"']
    task = {"name": owner, "dns_transport": transport}
    made = publisher.publish(values=values, ttl=120, **task)
    assert made.values == {
        "zone": publisher.zone,
        "name": owner,
        "txt_values": sorted(values, key=str.encode),
        "ttl": 120,
    }
    publisher.publish(values=["a"], ttl=60, **task)
    publisher.publish(values=["a"], exclusive=True, **task)
    assert told(publisher.publish(values=["a"], state="absent", **task)) == [
        ("remove", "TXT", '"a"', None),
        ("replace", "ttl", 60, None),
    ]


def test_the_apex_keeps_what_it_has(publisher: Publisher) -> None:
    before = publisher.run(check_mode=True, values=["MS=ms1"]).values
    publisher.publish(values=["MS=ms1"])
    after = publisher.publish(values=["MS=ms1"], state="absent").values
    assert set(before["txt_values"]) == {*after["txt_values"], "MS=ms1"}


def test_undoing_restores_the_exact_start(publisher: Publisher, owner: str) -> None:
    publisher.run(name=owner, values=["a", "b"], ttl=77)
    made = publisher.run(name=owner, values=["c"], exclusive=True, ttl=5)

    async def undo() -> TxtRRset:
        resource = _resource(publisher, owner)
        state = await resource.read()
        plan = plan_undo(list(reversed(made.changes or ())), lambda c: resource.current(state, c))
        await resource.write(state, resource.without_idle(state, plan.changes))
        return await resource.read()

    assert asyncio.run(undo()) == _rrset(77, "a", "b")


def _resource(publisher: Publisher, name: str) -> TxtRecordSet:
    return record_set(validated(publisher.options(name=name)), name, None)


def _rrset(ttl: int, *texts: str) -> TxtRRset:
    return TxtRRset(frozenset(map(TxtValue.from_text, texts)), ttl if texts else None)


# What is there, and what a writer believes is there.
STALE = [
    (("a",), ("a", "b")),
    (("a",), ()),
    ((), ("a",)),
    (("A",), ("a",)),
]


@pytest.mark.parametrize(("there", "believed"), STALE)
def test_a_stale_write_is_not_made(
    publisher: Publisher, owner: str, there: tuple[str, ...], believed: tuple[str, ...]
) -> None:
    async def write() -> TxtRRset:
        provider = _resource(publisher, owner).provider
        await provider.replace(await provider.read(), _rrset(60, *there))
        with pytest.raises(ChangedMeanwhile):
            await provider.replace(_rrset(60, *believed), _rrset(60, *believed, "ours"))
        return await provider.read()

    assert asyncio.run(write()) == _rrset(60, *there)


@pytest.mark.parametrize("to", [("a", "ours"), ("ours",), ()])
def test_a_value_that_we_do_not_know_of_stays(
    publisher: Publisher, owner: str, to: tuple[str, ...]
) -> None:
    """Samba does not see that its set has one value more than the prerequisite (BIND does)."""

    async def write() -> TxtRRset:
        provider = _resource(publisher, owner).provider
        await provider.replace(await provider.read(), _rrset(60, "a", "theirs"))
        try:
            await provider.replace(_rrset(60, "a"), _rrset(60, *to))
        except ChangedMeanwhile:
            assert publisher.zone.startswith("gss.")
        return await provider.read()

    assert TxtValue.from_text("theirs") in asyncio.run(write()).values


def test_answers_that_verify_are_no_warning(bind: Publisher) -> None:
    for policy in ("fail", "read_back"):
        outcome = bind.run(check_mode=True, values=["a"], dns_unverified_answers=policy)
        assert outcome.warnings == ()


def test_answers_that_do_not_verify_are_a_warning(samba: Publisher) -> None:
    (warning,) = samba.run(check_mode=True, values=["a"]).warnings
    assert "do not verify" in warning
    assert samba.options()["dns_server"] in warning


@pytest.mark.parametrize("check_mode", [True, False])
def test_answers_that_do_not_verify_are_an_error_unless_asked(
    samba: Publisher, check_mode: bool
) -> None:
    with pytest.raises(NotTrusted) as caught:
        samba.run(check_mode=check_mode, values=["a"], dns_unverified_answers="fail")
    assert "dns_unverified_answers=read_back" in caught.value.advice
    assert "MS=never" not in samba.run(check_mode=True, values=["a"]).values["txt_values"]


def test_a_ticket_in_a_cache(lab: Description, bind: Publisher, tmp_path: Path) -> None:
    gss, cache = lab.nameservers["gss"], f"FILE:{tmp_path}/ticket"
    subprocess.run(
        ["kinit", "-c", cache, "-k", "-t", gss["keytab"], gss["principal"]],
        check=True,
        capture_output=True,
    )
    task: dict[str, Any] = {"dns_kerberos_keytab": None, "dns_kerberos_ccache": cache}
    for principal in (None, gss["principal"]):
        assert bind.run(
            check_mode=True, values=["a"], dns_kerberos_principal=principal, **task
        ).changes


def test_a_keytab_without_a_principal(bind: Publisher) -> None:
    assert bind.run(check_mode=True, values=["a"], dns_kerberos_principal=None).changes


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"dns_server_name": "nobody.gss.test"}, AuthenticationFailed),
        ({"dns_kerberos_principal": "nobody@CORP.EXAMPLE.TEST"}, AuthenticationFailed),
        ({"dns_kerberos_keytab": None}, AuthenticationFailed),
        ({"dns_kerberos_keytab": "/nonexistent"}, InvalidInput),
        ({"dns_server_name": None}, InvalidInput),
    ],
)
def test_without_a_ticket_there_is_one_clear_error(
    bind: Publisher, options: dict[str, Any], kind: type[Exception], check_mode: bool
) -> None:
    with pytest.raises(kind) as caught:
        bind.run(check_mode=check_mode, values=["a"], **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_zone_that_the_principal_may_not_write(bind: Publisher, check_mode: bool) -> None:
    with pytest.raises(Refused):
        bind.run(
            check_mode=check_mode, name=bind.lab.nameservers["zones"]["readonly"], values=["a"]
        )


def test_a_server_that_negotiates_no_key(lab: Description, bind: Publisher) -> None:
    secondary = lab.nameservers["secondary"]
    with pytest.raises((Refused, AuthenticationFailed)) as caught:
        bind.run(values=["a"], dns_server=secondary["address"], dns_port=secondary["port"])
    assert str(secondary["port"]) in str(caught.value)
