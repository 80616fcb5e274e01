# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""dns_txt against a real primary: what is published, what is left alone, what is refused."""

from __future__ import annotations

import asyncio
import base64
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import dns.message
import dns.update
import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.undo import plan_undo
from ansible_collections.tenantops.migration.plugins.module_utils._dns.nameserver import Nameserver
from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Outcome
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    AuthenticationFailed,
    ChangedMeanwhile,
    ConnectionFailed,
    InvalidInput,
    NotAsWritten,
    NotUnderstood,
    Refused,
    TenantopsError,
)
from ansible_collections.tenantops.migration.plugins.module_utils._txt_records.resource import (
    record_set_by_id,
)
from lab.description import Description

from .conftest import LabCommand
from .publishing import Publisher, Records, told, validated

TENANT = "fourthcoffee"
CODE = "MS=ms12345678"


@pytest.fixture
def zone(lab: Description) -> Publisher:
    return Publisher(lab, lab.tenants[TENANT]["domain"])


@pytest.fixture
def owner(zone: Publisher) -> Iterator[str]:
    """A name that nobody has, and that nobody has afterwards."""
    name = f"_{uuid.uuid4().hex[:12]}.{zone.zone}"
    yield name
    zone.write(name, 0)


@pytest.fixture
def apex(zone: Publisher) -> Iterator[Records]:
    """The records at the apex, which are as they were afterwards."""
    records = zone.records(zone.zone)
    assert records is not None
    yield records
    zone.write(zone.zone, records[0], *records[1])
    assert zone.records(zone.zone) == records


def undo(zone: Publisher, outcome: Outcome) -> None:
    """Undo as change_rollback does: by the id of the thing that was changed."""
    changes = outcome.changes or ()

    async def _undo() -> None:
        resource = record_set_by_id(validated(zone.options()), changes[0].id)
        state = await resource.read()
        plan = plan_undo(list(reversed(changes)), lambda change: resource.current(state, change))
        assert not plan.conflicts
        await resource.write(state, resource.without_idle(state, plan.changes))

    asyncio.run(_undo())


def test_a_code_beside_spf_and_the_values_of_others(zone: Publisher, apex: Records) -> None:
    assert apex is not None
    ttl, foreign = apex
    assert len(foreign) == 3
    assert any("v=spf1" in record for record in foreign)

    added = zone.publish(values=[CODE])
    assert told(added) == [("add", "TXT", None, f'"{CODE}"')]
    assert added.values["ttl"] == ttl
    assert CODE in added.values["txt_values"]
    assert zone.records(zone.zone) == (ttl, foreign | {f'"{CODE}"'})

    removed = zone.publish(values=[CODE], state="absent")
    assert told(removed) == [("remove", "TXT", f'"{CODE}"', None)]
    assert zone.records(zone.zone) == apex


def test_check_mode_changes_nothing(zone: Publisher, apex: Records, owner: str) -> None:
    serial = zone.serial()
    for name in (zone.zone, owner):
        assert zone.run(check_mode=True, name=name, values=[CODE], ttl=60, exclusive=True).changes
    assert zone.run(check_mode=True, state="absent", exclusive=True).changes
    assert zone.serial() == serial
    assert zone.records(zone.zone) == apex
    assert zone.records(owner) is None


def test_a_dry_run_builds_on_what_its_earlier_tasks_would_change(
    zone: Publisher, owner: str
) -> None:
    published = zone.run(check_mode=True, name=owner, values=[CODE, "(known after apply)"], ttl=60)
    assert published.values["txt_values"] == [CODE, "(known after apply)"]
    planned = [change.to_json() for change in published.changes or ()]
    again = zone.run(
        check_mode=True, name=owner, values=[CODE, "(known after apply)"], planned_changes=planned
    )
    assert again.changes == ()
    assert again.values == published.values
    # Of another name, they say nothing.
    assert zone.run(check_mode=True, values=[CODE], planned_changes=planned).changes

    withdrawal: dict[str, Any] = {
        "name": owner,
        "values": [CODE],
        "state": "absent",
        "planned_changes": planned,
    }
    assert told(zone.run(check_mode=True, **withdrawal)) == [("remove", "TXT", f'"{CODE}"', None)]
    # In a run nothing counts but what is there.
    assert zone.run(**withdrawal).changes == ()
    assert zone.records(owner) is None
    with pytest.raises(InvalidInput, match="known after apply"):
        zone.run(name=owner, values=["(known after apply)"])


def test_what_was_planned_with_an_unknown_value_covers_what_is_made(
    zone: Publisher, owner: str
) -> None:
    planned = zone.run(check_mode=True, name=owner, values=["(known after apply)"])
    made = zone.run(name=owner, values=[CODE])
    for plan, change in zip(planned.changes or (), made.changes or (), strict=True):
        assert plan.covers(change)


ODD_VALUES = [
    "x" * 255,
    "x" * 256,
    "v=DKIM1; p=" + "A" * 399,
    "ü" * 300,
    'k="quoted" back\\slash; semicolon',
    "bücher 表 😀",
    "tab\tand\nline",
    " spaces around ",
    "",
    "$ORIGIN ( ) @",
    r"\065 is no escape",
]


def test_any_value_comes_back_as_it_was(zone: Publisher, owner: str) -> None:
    made = zone.publish(name=owner, values=ODD_VALUES)
    assert sorted(made.values["txt_values"]) == sorted(ODD_VALUES)
    assert zone.run(check_mode=True, name=owner, values=ODD_VALUES, exclusive=True).changes == ()
    zone.publish(name=owner, values=ODD_VALUES, state="absent")
    assert zone.records(owner) is None


def test_existing_strings_are_kept(zone: Publisher, owner: str) -> None:
    zone.write(owner, 60, '"v=spf1" " -all"')
    assert zone.run(name=owner, values=["v=spf1 -all"], exclusive=True).changes == ()
    zone.publish(name=owner, values=["a"])
    assert zone.records(owner) == (60, frozenset({'"v=spf1" " -all"', '"a"'}))


def test_a_name_is_owned(zone: Publisher, owner: str) -> None:
    zone.write(owner, 60, '"old"', '"same"')
    made = zone.publish(name=owner, values=["same", "new"], exclusive=True)
    assert told(made) == [("remove", "TXT", '"old"', None), ("add", "TXT", None, '"new"')]
    assert zone.records(owner) == (60, frozenset({'"same"', '"new"'}))
    zone.publish(name=owner, state="absent", exclusive=True)
    assert zone.records(owner) is None


def test_the_ttl_is_changed_when_asked(zone: Publisher, owner: str) -> None:
    zone.write(owner, 60, '"a"', '"b"')
    assert told(zone.publish(name=owner, values=["a"], ttl=90)) == [("replace", "ttl", 60, 90)]
    assert zone.records(owner) == (90, frozenset({'"a"', '"b"'}))


def test_a_new_name_gets_an_hour(zone: Publisher, owner: str) -> None:
    made = zone.publish(name=owner, values=["a"])
    assert told(made) == [("add", "TXT", None, '"a"'), ("replace", "ttl", None, 3600)]
    assert zone.records(owner) == (3600, frozenset({'"a"'}))


def test_an_international_name(zone: Publisher) -> None:
    name = f"_dmarc.Bücher.{zone.zone.upper()}"
    made = zone.publish(name=name, values=["a"])
    assert made.values["name"] == f"_dmarc.xn--bcher-kva.{zone.zone}"
    assert zone.records(f"_dmarc.xn--bcher-kva.{zone.zone}") == (3600, frozenset({'"a"'}))
    zone.publish(name=name, state="absent", exclusive=True)


STARTS: list[tuple[int, list[str]]] = [
    (0, []),
    (60, ['"a"']),
    (60, ['"a" ""', '"a"', '"\\255"', '"v=spf1" " -all"']),
]
TASKS: list[dict[str, Any]] = [
    {"values": ["new", "ü" * 200], "ttl": 7},
    {"values": ["new"], "exclusive": True},
    {"values": ["a"], "state": "absent"},
    {"state": "absent", "exclusive": True},
]


@pytest.mark.parametrize(("ttl", "records"), STARTS)
@pytest.mark.parametrize("task", TASKS)
def test_undoing_restores_the_exact_start(
    zone: Publisher, owner: str, ttl: int, records: list[str], task: dict[str, Any]
) -> None:
    zone.write(owner, ttl, *records)
    before = zone.records(owner)
    outcome = zone.publish(name=owner, **task)
    if outcome.changes:
        undo(zone, outcome)
    assert zone.records(owner) == before


def test_undoing_a_creation_leaves_what_others_added(zone: Publisher, owner: str) -> None:
    outcome = zone.run(name=owner, values=["ours"], ttl=60)
    zone.add(owner, 60, '"theirs"')
    undo(zone, outcome)
    assert zone.records(owner) == (60, frozenset({'"theirs"'}))


# --- somebody else at work ---------------------------------------------------------------------


class Meddler:
    """Does something just before, or just after, a write of ours reaches the server."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.writes = 0
        self.before: Callable[[int], None] = lambda number: None
        self.after: Callable[[int], None] = lambda number: None
        exchange = Nameserver.exchange

        def meddled(
            server: Nameserver, message: dns.message.Message, subject: str
        ) -> dns.message.Message:
            if not _is_write(message):
                return exchange(server, message, subject)
            self.writes += 1
            self.before(self.writes)
            answer = exchange(server, message, subject)
            self.after(self.writes)
            return answer

        monkeypatch.setattr(Nameserver, "exchange", meddled)


def _is_write(message: dns.message.Message) -> bool:
    """Whether a message can change something: not the question whether we might."""
    return isinstance(message, dns.update.UpdateMessage) and not _contradicts(message)


def _contradicts(update: dns.update.UpdateMessage) -> bool:
    classes = {rrset.rdclass for rrset in update.prerequisite}
    return {dns.rdataclass.ANY, dns.rdataclass.NONE} <= classes


@pytest.fixture
def meddler(monkeypatch: pytest.MonkeyPatch) -> Meddler:
    return Meddler(monkeypatch)


def test_a_value_added_meanwhile_is_kept(zone: Publisher, owner: str, meddler: Meddler) -> None:
    zone.write(owner, 60, '"old"')
    meddler.before = lambda number: zone.add(owner, 60, '"theirs"') if number == 1 else None
    made = zone.run(name=owner, values=["ours"])
    assert meddler.writes == 2
    assert told(made) == [("add", "TXT", None, '"ours"')]
    assert zone.records(owner) == (60, frozenset({'"old"', '"ours"', '"theirs"'}))
    assert made.values["txt_values"] == ["old", "ours", "theirs"]


def test_a_set_created_meanwhile_is_kept(zone: Publisher, owner: str, meddler: Meddler) -> None:
    meddler.before = lambda number: zone.add(owner, 60, '"theirs"') if number == 1 else None
    made = zone.run(name=owner, values=["ours"])
    # The TTL is theirs now, and the changes say what was really made.
    assert told(made) == [("add", "TXT", None, '"ours"')]
    assert zone.records(owner) == (60, frozenset({'"ours"', '"theirs"'}))


def test_a_removal_meanwhile_is_noticed(zone: Publisher, owner: str, meddler: Meddler) -> None:
    zone.write(owner, 60, '"a"', '"b"')
    meddler.before = lambda number: zone.write(owner, 60, '"b"') if number == 1 else None
    made = zone.run(name=owner, values=["a"], state="absent")
    assert made.changes == ()
    assert zone.records(owner) == (60, frozenset({'"b"'}))


def test_a_race_that_is_always_lost_is_an_error(
    zone: Publisher, owner: str, meddler: Meddler
) -> None:
    meddler.before = lambda number: zone.add(owner, 60, f'"theirs {number}"')
    with pytest.raises(ChangedMeanwhile):
        zone.run(name=owner, values=["ours"])
    records = zone.records(owner)
    assert records is not None
    assert '"ours"' not in records[1]
    assert len(records[1]) == meddler.writes


def test_what_is_gone_after_the_write_is_an_error(
    zone: Publisher, owner: str, meddler: Meddler
) -> None:
    meddler.after = lambda number: zone.write(owner, 60, '"theirs"')
    with pytest.raises(NotAsWritten) as caught:
        zone.run(name=owner, values=["ours"])
    assert '"ours" is missing' in caught.value.answer
    assert not caught.value.nothing_written


def test_many_writers_lose_nothing(zone: Publisher, owner: str) -> None:
    wanted = [f"writer {number}" for number in range(8)]
    failures: list[TenantopsError] = []

    def write_until_done(value: str) -> None:
        for _attempt in range(20):
            try:
                zone.run(name=owner, values=[value])
            except ChangedMeanwhile:
                continue
            except TenantopsError as error:
                failures.append(error)
            return

    threads = [threading.Thread(target=write_until_done, args=(value,)) for value in wanted]
    for thread in threads:
        thread.start()
    for number in range(10):
        zone.add(owner, 3600, f'"theirs {number}"')
    for thread in threads:
        thread.join()
    assert failures == []
    records = zone.records(owner)
    assert records is not None
    theirs = {f"theirs {number}" for number in range(10)}
    assert records[1] == {f'"{value}"' for value in (*wanted, *theirs)}


# --- zone and server ---------------------------------------------------------------------------


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("is_zone_given", [True, False])
def test_zone_and_primary_are_found(
    zone: Publisher, owner: str, transport: str, is_zone_given: bool
) -> None:
    primary = zone.lab.nameservers["primary"]
    made = zone.publish(
        name=owner,
        zone=zone.zone if is_zone_given else None,
        values=["a"],
        dns_server=None,
        dns_resolvers=["127.0.0.1:1", f"{primary['address']}:{primary['port']}"],
        dns_transport=transport,
    )
    assert made.values["zone"] == zone.zone


def test_the_server_is_found_by_name(zone: Publisher, owner: str) -> None:
    primary = zone.lab.nameservers["primary"]
    made = zone.run(
        name=owner,
        values=["a"],
        dns_server=f"ns1.{zone.zone}",
        dns_resolvers=[f"{primary['address']}:{primary['port']}"],
    )
    assert made.values["zone"] == zone.zone


def test_long_answers_over_udp_come_over_tcp(zone: Publisher, owner: str) -> None:
    values = [f"{number} " + "x" * 250 for number in range(8)]
    zone.publish(name=owner, values=values, dns_transport="udp")
    zone.publish(name=owner, values=values[:7], state="absent", dns_transport="udp")


def test_the_child_zone_of_a_name_is_found(lab: Description) -> None:
    child = Publisher(lab, lab.nameservers["zones"]["child"])
    name = f"_{uuid.uuid4().hex[:12]}.{child.zone}"
    made = child.publish(name=name, values=["a"])
    assert made.values["zone"] == child.zone
    child.publish(name=name, state="absent", exclusive=True)


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_name_in_the_child_zone_is_not_in_the_parent(zone: Publisher, check_mode: bool) -> None:
    child = zone.lab.nameservers["zones"]["child"]
    with pytest.raises(InvalidInput, match="but in zone child"):
        zone.run(check_mode=check_mode, name=f"_a.{child}", zone=zone.zone, values=["a"])


def test_a_name_outside_the_zone(zone: Publisher) -> None:
    with pytest.raises(InvalidInput):
        zone.run(name="www.elsewhere.test", zone=zone.zone, values=["a"])


def test_a_wildcard_above_is_not_the_name_itself(zone: Publisher, owner: str) -> None:
    parent = f"_wild.{zone.zone}"
    wildcard, name = f"*.{parent}", f"a.{parent}"
    zone.write(wildcard, 60, '"v=spf1 -all"')
    try:
        # The server answers for `name` with the wildcard's records.
        assert zone.records(name) == (60, frozenset({'"v=spf1 -all"'}))
        made = zone.publish(name=name, values=["v=spf1 -all"])
        assert told(made)[0] == ("add", "TXT", None, '"v=spf1 -all"')
        zone.publish(name=name, values=["b"])
        undo(zone, made)
        assert zone.records(name) == (3600, frozenset({'"b"'}))
        zone.publish(name=wildcard, values=["c"])
    finally:
        zone.write(wildcard, 0)
        zone.write(name, 0)


# --- what goes wrong ---------------------------------------------------------------------------

Case = Callable[[Description, Publisher], dict[str, Any]]


def _other_key(lab: Description, zone: Publisher) -> dict[str, Any]:
    name = next(name for name in lab.nameservers["keys"] if name != zone.zone)
    key = lab.nameservers["keys"][name]
    return {"dns_key_name": key["name"], "dns_key_secret": key["secret"]}


def _at(which: str, **options: Any) -> Case:
    return lambda lab, zone: {
        "dns_server": lab.nameservers[which]["address"],
        "dns_port": lab.nameservers[which]["port"],
        **options,
    }


def _in(which: str) -> Case:
    return lambda lab, zone: {"name": lab.nameservers["zones"][which]}


WRONG_SECRET = base64.b64encode(b"not the secret of this key at all").decode()
CASES: dict[str, tuple[Case, type[TenantopsError], str]] = {
    "refused to read": (_in("refused"), Refused, "REFUSED"),
    "refused to write": (_in("readonly"), Refused, "REFUSED"),
    "key of another zone": (_other_key, Refused, "REFUSED"),
    "not its zone": (lambda lab, zone: {"name": "elsewhere.test"}, Refused, "REFUSED"),
    "secondary": (_at("secondary", dns_auth="none"), Refused, "NOTAUTH"),
    "secondary without the key": (_at("secondary"), AuthenticationFailed, "NOTAUTH (BADKEY)"),
    "zone not loaded": (_in("broken"), NotUnderstood, "SERVFAIL"),
    "unknown key": (
        lambda lab, zone: {"dns_key_name": "nobody"},
        AuthenticationFailed,
        "NOTAUTH (BADKEY)",
    ),
    "wrong secret": (
        lambda lab, zone: {"dns_key_secret": WRONG_SECRET},
        AuthenticationFailed,
        "NOTAUTH (BADSIG)",
    ),
    "unsigned": (lambda lab, zone: {"dns_auth": "none"}, Refused, "REFUSED"),
    "dead server": (
        lambda lab, zone: {"dns_server": lab.nameservers["primary"]["address"], "dns_port": 1},
        ConnectionFailed,
        "connection refused",
    ),
    "alias": (_in("cname_owner"), NotUnderstood, "CNAME to target.cname.test."),
    "delegated": (_in("delegated"), NotUnderstood, "a referral to ns1.delegated"),
    "name of no host": (
        lambda lab, zone: {"dns_server": "nobody.invalid"},
        ConnectionFailed,
        "",
    ),
}


def _assert_clear(error: TenantopsError, answer: str) -> None:
    assert answer in error.answer
    assert error.server
    assert error.advice
    assert "\n" not in str(error)


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("case", CASES)
def test_one_clear_error(
    lab: Description, zone: Publisher, case: str, transport: str, check_mode: bool
) -> None:
    options, kind, answer = CASES[case]
    task = {"values": ["a"], "dns_transport": transport, **options(lab, zone)}
    with pytest.raises(kind) as caught:
        zone.run(check_mode=check_mode, **task)
    _assert_clear(caught.value, answer)
    for secret in (zone.key["secret"], WRONG_SECRET):
        assert secret not in str(caught.value)


@pytest.fixture
def skewed(lab: Description, lab_command: LabCommand) -> dict[str, Any]:
    lab_command("chaos", "skewed-nameserver")
    return dict(lab.nameservers["skewed"])


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_wrong_clock_is_one_clear_error(
    zone: Publisher, skewed: dict[str, Any], check_mode: bool
) -> None:
    with pytest.raises(AuthenticationFailed) as caught:
        zone.run(
            check_mode=check_mode,
            values=["a"],
            dns_server=skewed["address"],
            dns_port=skewed["port"],
        )
    _assert_clear(caught.value, "NOTAUTH (BADTIME)")
    assert "clock" in str(caught.value)


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_secret_that_is_no_base64_is_not_shown(zone: Publisher, check_mode: bool) -> None:
    with pytest.raises(InvalidInput) as caught:
        zone.run(check_mode=check_mode, values=["a"], dns_key_secret="hunter2!hunter2")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [{"dns_port": 0}, {"dns_port": 65536}, {"dns_timeout": 0}, {"dns_timeout": -1}],
)
def test_options_that_cannot_be_meant(zone: Publisher, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        zone.run(values=["a"], **options)


def test_more_than_a_message_holds(zone: Publisher, owner: str) -> None:
    with pytest.raises(InvalidInput, match="64 KiB"):
        zone.run(name=owner, values=["x" * 40000, "y" * 40000])
    assert zone.records(owner) is None
