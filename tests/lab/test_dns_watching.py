# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""dns_txt_info, and dns_txt that waits: whom they ask, when they are done, and what they tell.

Nothing is timed. What has to wait waits for long, and is done when the servers are.
"""

from __future__ import annotations

import asyncio
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import dns.message
import dns.query
import dns.rdatatype
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.tenantops.migration.plugins.module_utils._changes.undo import plan_undo
from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import (
    Operation,
    Outcome,
)
from ansible_collections.tenantops.migration.plugins.module_utils._doors.progress import listening
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ConnectionFailed,
    InvalidInput,
    NotUnderstood,
    NotYetSeen,
    PersonNeeded,
    TenantopsError,
)
from ansible_collections.tenantops.migration.plugins.module_utils._txt_records.resource import (
    record_set_by_id,
)
from ansible_collections.tenantops.migration.plugins.modules import dns_txt_info
from lab.description import Description

from . import bind
from .conftest import LabCommand
from .playbooks import Operator
from .publishing import Publisher, told, validated

TENANT = "fabrikam"
CODE = "MS=ms12345678"
# Long enough for whatever a busy machine is up to.
LONG = 120.0


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
def lagging(lab_command: LabCommand) -> Iterator[Callable[..., None]]:
    """Lets the secondary lag behind, for some seconds or for ever."""

    def lag(*seconds: str) -> None:
        lab_command("chaos", "secondary-lag", *seconds)

    yield lag
    lab_command("chaos", "secondary-heal")


@pytest.fixture
def dead_secondary(lab_command: LabCommand) -> Iterator[None]:
    lab_command("chaos", "stop", "secondary")
    yield
    lab_command("chaos", "start", "secondary")


def perform(operation: Operation, *, check_mode: bool = False, **options: Any) -> Outcome:
    """What a task of the module comes to."""
    arguments = operation.arguments
    validator = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints())
    validated = validator.validate(options)
    assert not validated.error_messages, validated.error_messages
    return operation.run(validated.validated_parameters, check_mode)


def look(watcher: Publisher, /, *, check_mode: bool = False, **options: Any) -> Outcome:
    return perform(dns_txt_info.OPERATION, check_mode=check_mode, **watcher.options(**options))


def rows(outcome: Outcome, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in outcome.values["servers"]]


def statuses(outcome: Outcome) -> list[str]:
    return [row["status"] for row in outcome.values["servers"]]


def at(server: dict[str, Any]) -> str:
    return f"{server['address']}:{server['port']}"


def secondary_has(zone: Publisher, name: str) -> set[str]:
    """What the secondary has, asked without the collection."""
    secondary = zone.lab.nameservers["secondary"]
    query = dns.message.make_query(name, "TXT", flags=0)
    answer = dns.query.tcp(query, secondary["address"], port=secondary["port"], timeout=10)
    texts = [rrset for rrset in answer.answer if rrset.rdtype == dns.rdatatype.TXT]
    return {b"".join(record.strings).decode() for rrset in texts for record in rrset}


def test_every_server_of_the_zone_is_asked_by_its_address(zone: Publisher) -> None:
    servers = zone.lab.nameservers
    outcome = look(zone)
    assert rows(outcome, "server", "address", "kind", "status") == [
        (f"ns1.{zone.zone}", at(servers["primary"]), "authoritative", "as_expected"),
        (f"ns2.{zone.zone}", at(servers["secondary"]), "authoritative", "as_expected"),
    ]
    assert outcome.values["seen"] is True
    assert outcome.values["ttl"] == 3600
    assert any(text.startswith("v=spf1") for text in outcome.values["txt_values"])
    assert all(
        row["txt_values"] == outcome.values["txt_values"] for row in outcome.values["servers"]
    )


@pytest.mark.parametrize("options", [{"dns_transport": "udp"}, {"dns_auth": "none"}])
def test_however_it_is_asked(zone: Publisher, options: dict[str, Any]) -> None:
    assert statuses(look(zone, **options)) == ["as_expected"] * 2


def test_nobody_needs_a_key_to_look(zone: Publisher) -> None:
    options = {
        name: value for name, value in zone.options().items() if not name.startswith("dns_key_")
    }
    assert perform(dns_txt_info.OPERATION, **options).values["seen"] is True


def test_what_is_not_there_is_told_and_no_failure(zone: Publisher) -> None:
    outcome = look(zone, values=[CODE])
    assert statuses(outcome) == ["differs"] * 2
    assert outcome.values["seen"] is False
    assert outcome.error is None
    # All the same, they agree.
    assert CODE not in outcome.values["txt_values"]


def test_a_name_without_records_is_one_on_which_all_agree(zone: Publisher, owner: str) -> None:
    outcome = look(zone, name=owner)
    assert outcome.values["txt_values"] == []
    assert outcome.values["ttl"] is None
    assert outcome.values["seen"] is True


def test_a_wait_in_vain_fails_and_tells_who_says_what(zone: Publisher) -> None:
    outcome = look(zone, values=[CODE], wait=0.2)
    assert isinstance(outcome.error, NotYetSeen)
    for server in ("primary", "secondary"):
        assert f"({at(zone.lab.nameservers[server])}): {CODE} is missing" in str(outcome.error)
    assert statuses(outcome) == ["differs"] * 2


def test_in_check_mode_nobody_waits(zone: Publisher, owner: str) -> None:
    outcome = look(zone, check_mode=True, values=[CODE, "(known after apply)"], wait=LONG)
    assert outcome.error is None
    assert outcome.values["seen"] is False
    unknown = look(zone, check_mode=True, values=["(known after apply)"], wait=LONG)
    assert unknown.values["seen"] is False

    planned = zone.run(check_mode=True, name=owner, values=[CODE], wait=LONG)
    assert told(planned)[0] == ("add", "TXT", None, f'"{CODE}"')
    assert planned.error is None
    assert "servers" not in planned.values
    assert zone.records(owner) is None


def test_a_run_knows_what_it_looks_for(zone: Publisher) -> None:
    with pytest.raises(InvalidInput, match="known after apply"):
        look(zone, values=["(known after apply)"])


@pytest.mark.parametrize("wait", [-1, float("nan"), float("inf")])
def test_a_wait_is_a_number_of_seconds(zone: Publisher, wait: float) -> None:
    for run in (look, Publisher.run):
        with pytest.raises(InvalidInput, match="wait"):
            run(zone, values=[CODE], wait=wait)


def test_publishing_ends_when_the_slowest_server_has_it(
    zone: Publisher, owner: str, lagging: Callable[..., None]
) -> None:
    lagging("2")
    lines: list[str] = []
    with listening(lines.append):
        outcome = zone.run(name=owner, values=[CODE], ttl=60, wait=LONG)
    assert outcome.error is None
    assert secondary_has(zone, owner) == {CODE}
    assert statuses(outcome) == ["as_expected"] * 2
    assert lines
    for line in lines:
        assert line.startswith(f"{owner} TXT: 1 of 2 servers have it as expected; waiting up to ")
        assert f"ns2.{zone.zone}" in line
        assert f"ns1.{zone.zone}" not in line

    lines.clear()
    with listening(lines.append):
        gone = zone.run(name=owner, values=[CODE], state="absent", wait=LONG)
    assert gone.error is None
    assert secondary_has(zone, owner) == set()
    assert f"{CODE} is there" in lines[0]


def test_a_secondary_that_never_follows_is_named_and_the_next_run_goes_on(
    zone: Publisher, owner: str, lagging: Callable[..., None], lab_command: LabCommand
) -> None:
    lagging()
    made = zone.run(name=owner, values=[CODE], wait=0.5)
    assert isinstance(made.error, NotYetSeen)
    servers = zone.lab.nameservers
    has_it, has_not = at(servers["primary"]), at(servers["secondary"])
    assert f"ns1.{zone.zone} ({has_it}): as expected" in made.error.answer
    assert f"ns2.{zone.zone} ({has_not}): {CODE} is missing" in made.error.answer
    assert "zone transfer" in made.error.advice
    # It was published for all that, and that is told.
    assert told(made)[0] == ("add", "TXT", None, f'"{CODE}"')
    assert zone.records(owner) is not None

    again = zone.run(name=owner, values=[CODE], wait=0.5)
    assert again.changes == ()
    assert isinstance(again.error, NotYetSeen)

    lab_command("chaos", "secondary-heal")
    done = zone.run(name=owner, values=[CODE], wait=LONG)
    assert (done.changes, done.error) == ((), None)
    assert secondary_has(zone, owner) == {CODE}


@pytest.mark.usefixtures("dead_secondary")
def test_a_dead_server_is_named(zone: Publisher, owner: str) -> None:
    made = zone.run(name=owner, values=[CODE], wait=0.5)
    assert isinstance(made.error, NotYetSeen)
    assert statuses(made) == ["as_expected", "failed"]
    where = f"ns2.{zone.zone} ({at(zone.lab.nameservers['secondary'])})"
    assert f"{where}: the name server does not answer (connection refused)" in str(made.error)
    assert "repaired" in made.error.advice
    assert made.changes

    seen = look(zone, name=owner)
    assert seen.values["txt_values"] is None
    assert seen.values["seen"] is False


def test_records_that_are_owned_are_waited_for_as_a_whole(
    zone: Publisher, owner: str, lagging: Callable[..., None]
) -> None:
    zone.write(owner, 60, '"old"', '"same"')
    assert look(zone, name=owner, values=["old"], wait=LONG).error is None
    lagging("1")
    assert zone.run(name=owner, values=["same"], ttl=30, exclusive=True, wait=LONG).error is None
    assert secondary_has(zone, owner) == {"same"}
    lagging("1")
    assert zone.run(name=owner, state="absent", exclusive=True, wait=LONG).error is None
    assert secondary_has(zone, owner) == set()


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"name": "refused.test"}, TenantopsError),
        ({"name": "nobodys.example"}, TenantopsError),
        ({"zone": "contoso.test"}, InvalidInput),
        ({"name": "www.fabrikam.test", "zone": "www.fabrikam.test"}, NotUnderstood),
        ({"dns_port": 1}, ConnectionFailed),
        ({"resolvers": ["not a host"]}, InvalidInput),
        ({"name": "a..b"}, InvalidInput),
    ],
)
def test_what_cannot_be_found_out_is_an_error(
    zone: Publisher, options: dict[str, Any], kind: type[TenantopsError]
) -> None:
    for check_mode in (True, False):
        with pytest.raises(kind):
            look(zone, check_mode=check_mode, **options)


ODD_ZONE = """\
$TTL 60
@ IN SOA ns1 hostmaster 1 3600 600 1209600 60
@ IN NS ns1
@ IN NS ns2
@ IN NS ns3
@ IN NS ns.elsewhere.test.
@ IN TXT "here"
ns1 IN A 127.0.0.1
ns1 IN AAAA ::1
ns2 IN A {nobody}
ns3 IN A 127.0.0.1
alias IN CNAME target
target IN TXT "behind an alias"
* IN TXT "from a wildcard"
delegated IN NS ns.delegated
ns.delegated IN A 127.0.0.1
"""


# Nothing listens there, at whatever port.
NOBODY = "127.0.0.250"


@pytest.fixture
def odd_zone(zone: Publisher, tmp_path: Path) -> Iterator[Publisher]:
    """Somebody who looks at a zone whose name servers are not what they should be."""
    with bind.zones(tmp_path, {"odd.test": ODD_ZONE.format(nobody=NOBODY)}) as server:
        connection = {
            "dns_server": bind.ADDRESS,
            "dns_port": server.port,
            "dns_auth": "none",
            # It refuses to look up what it does not serve.
            "dns_resolvers": [server.endpoint],
        }
        yield replace(zone, zone="odd.test", connection=connection)


def test_each_address_of_each_name_is_a_server(odd_zone: Publisher) -> None:
    found = {(row["server"], row["address"]): row for row in look(odd_zone).values["servers"]}
    port = odd_zone.connection["dns_port"]
    v4, v6 = f"127.0.0.1:{port}", f"[::1]:{port}"
    assert found["ns1.odd.test", v4]["status"] == "as_expected"
    assert found["ns1.odd.test", v6]["status"] == ("as_expected" if bind.has_ipv6() else "no_route")
    assert found["ns2.odd.test", f"{NOBODY}:{port}"]["status"] == "failed"
    assert found["ns3.odd.test", v4]["txt_values"] == ["here"]
    lost = found["ns.elsewhere.test", ""]
    assert lost["status"] == "failed"
    assert "its address was not found" in lost["problem"]


def ns1(outcome: Outcome) -> dict[str, Any]:
    """What the first server says at its first address."""
    found = [row for row in outcome.values["servers"] if row["server"].startswith("ns1.")]
    return dict(found[0])


@pytest.mark.parametrize(
    ("name", "problem"),
    [("alias.odd.test", "alias"), ("x.delegated.odd.test", "delegated")],
)
def test_what_is_no_plain_answer_is_not_taken_for_absent(
    odd_zone: Publisher, name: str, problem: str
) -> None:
    row = ns1(look(odd_zone, name=name, zone="odd.test"))
    assert row["status"] == "failed"
    assert problem in row["problem"]


def test_what_a_wildcard_says_is_not_at_the_name(odd_zone: Publisher) -> None:
    assert ns1(look(odd_zone, name="any.odd.test"))["txt_values"] == []


@pytest.fixture
def cache(zone: Publisher, tmp_path: Path) -> Iterator[bind.Bind]:
    """A resolver that looks up the zone at its primary."""
    primary = zone.lab.nameservers["primary"]
    with bind.resolver(tmp_path, {zone.zone: (primary["address"], primary["port"])}) as server:
        yield server


def test_a_resolver_is_asked_as_well(zone: Publisher, cache: bind.Bind) -> None:
    outcome = look(zone, resolvers=[cache.endpoint])
    assert rows(outcome, "address", "kind", "status")[2] == (
        cache.endpoint,
        "resolver",
        "as_expected",
    )


def test_a_cache_is_not_asked_before_all_servers_have_it(
    zone: Publisher, owner: str, cache: bind.Bind, lagging: Callable[..., None]
) -> None:
    """It would keep the answer that there is no such record."""
    lagging()
    made = zone.run(name=owner, values=[CODE], wait=0.5, wait_resolvers=[cache.endpoint])
    assert statuses(made) == ["as_expected", "differs", "not_asked"]
    zone.write(owner, 300, '"another"')
    # It does not know the name yet, so it asks the primary only now.
    assert '"another"' in cache.asked(owner).to_text()


def test_what_a_cache_keeps_is_told(zone: Publisher, owner: str, cache: bind.Bind) -> None:
    assert not cache.asked(owner).answer
    assert statuses(zone.run(name=owner, values=[CODE], wait=30)) == ["as_expected"] * 2
    made = zone.run(name=owner, values=[CODE], wait=0.5, wait_resolvers=[cache.endpoint])
    assert statuses(made) == ["as_expected", "as_expected", "differs"]
    assert isinstance(made.error, NotYetSeen)
    assert f"{cache.endpoint} may keep its old answer for " in made.error.advice


def test_a_cache_that_has_to_forget_is_waited_for(
    zone: Publisher, owner: str, cache: bind.Bind
) -> None:
    zone.write(owner, 2, '"old"')
    assert '"old"' in cache.asked(owner).to_text()
    lines: list[str] = []
    with listening(lines.append):
        made = zone.run(
            name=owner, values=[CODE], ttl=2, wait=LONG, wait_resolvers=[cache.endpoint]
        )
    assert made.error is None
    assert statuses(made) == ["as_expected"] * 3


def test_a_resolver_that_is_none_is_told(zone: Publisher) -> None:
    """The lab's primary answers for its own zones only."""
    primary = at(zone.lab.nameservers["primary"])
    assert statuses(look(zone, resolvers=[primary]))[2] == "as_expected"
    outcome = look(zone, resolvers=["127.0.0.1:1"])
    assert rows(outcome, "status", "problem")[2] == (
        "failed",
        "the name server does not answer (connection refused)",
    )


def by_hand(zone: Publisher, **settings: Any) -> Publisher:
    """Somebody who has no key to the zone."""
    connection = {
        "dns_provider": "manual",
        "dns_key_name": None,
        "dns_key_secret": None,
        "dns_provider_settings": settings,
    }
    return replace(zone, connection=connection)


def test_by_hand_somebody_is_told_what_to_publish_and_then_it_goes_on(
    zone: Publisher, owner: str, tmp_path: Path, lagging: Callable[..., None]
) -> None:
    lagging("1")
    file = tmp_path / "for the DNS team" / "todo.txt"
    writer = by_hand(zone, instructions_file=str(file))
    zone.write(owner, 300, '"kept"')
    assert look(zone, name=owner, values=["kept"], wait=LONG).error is None

    planned = writer.run(check_mode=True, name=owner, values=[CODE], wait=LONG)
    assert told(planned) == [("add", "TXT", None, f'"{CODE}"')]
    assert not file.exists()

    team = threading.Thread(target=lambda: zone.add(owner, 300, f'"{CODE}"'))
    lines: list[str] = []

    def listener(line: str) -> None:
        # The team begins when it has been told, and somebody waits for it.
        if "waiting up to" in line and not lines[-1].startswith(owner):
            team.start()
        lines.append(line)

    with listening(listener):
        made = writer.run(name=owner, values=[CODE], wait=LONG)
    team.join()
    assert made == replace(planned, values=made.values)
    assert made.error is None
    assert secondary_has(zone, owner) == {"kept", CODE}
    assert f'    {owner}. 300 IN TXT "{CODE}"' in lines
    assert f'    {owner}. 300 IN TXT "{CODE}"' in file.read_text()
    assert writer.run(name=owner, values=[CODE]).changes == ()


def test_by_hand_nobody_did_it_yet(zone: Publisher, owner: str, tmp_path: Path) -> None:
    writer = by_hand(zone, instructions_file=str(tmp_path))
    with pytest.raises(PersonNeeded) as caught:
        writer.run(name=owner, values=[CODE])
    assert caught.value.kind == "gate"
    # A server may have it in a moment, so a journal must not say that it was not made.
    assert not caught.value.nothing_written
    assert f'add "{CODE}"' in caught.value.advice
    assert f"ns1.{zone.zone}" in caught.value.answer
    assert CODE in (tmp_path / f"{owner}.txt").read_text()
    assert zone.records(owner) is None

    # Somebody did it between two runs, with a TTL of their own.
    zone.write(owner, 77, f'"{CODE}"')
    assert look(zone, name=owner, values=[CODE], wait=LONG).error is None
    for check_mode in (True, False):
        again = writer.run(check_mode=check_mode, name=owner, values=[CODE])
        assert again.changes == ()
        assert again.values["ttl"] == 77


def test_by_hand_the_ttl_counts_where_it_is_asked_for(zone: Publisher, owner: str) -> None:
    writer = by_hand(zone)
    zone.write(owner, 77, f'"{CODE}"')
    assert look(zone, name=owner, values=[CODE], wait=LONG).error is None
    with pytest.raises(PersonNeeded, match="the TTL is 77 and not 60"):
        writer.run(name=owner, values=[CODE], ttl=60)


def test_by_hand_is_undone_by_hand(zone: Publisher, owner: str, lab_command: LabCommand) -> None:
    writer = by_hand(zone)
    planned = writer.run(check_mode=True, name=owner, values=[CODE])
    zone.write(owner, 300, f'"{CODE}"')
    assert look(zone, name=owner, values=[CODE], wait=LONG).error is None

    async def undo() -> None:
        resource = record_set_by_id(connection_of(writer), (planned.changes or ())[0].id)
        state = await resource.read()
        plan = plan_undo(planned.changes or (), lambda change: resource.current(state, change))
        assert not plan.conflicts
        await resource.write(state, resource.without_idle(state, plan.changes))

    with pytest.raises(PersonNeeded, match=f'remove "{CODE}"'):
        asyncio.run(undo())


def connection_of(publisher: Publisher) -> dict[str, Any]:
    """What a rollback has: no option of the task that is undone."""
    parameters = validated(publisher.options(values=["x"]))
    return {name: value for name, value in parameters.items() if name.startswith("dns_")}


@pytest.mark.usefixtures("dead_secondary")
def test_by_hand_a_server_that_is_down_is_not_taken_for_one_that_has_it(
    zone: Publisher, owner: str
) -> None:
    writer = by_hand(zone)
    with pytest.raises(PersonNeeded, match="does not answer"):
        writer.run(name=owner, values=[CODE])
    with pytest.raises(ConnectionFailed):
        replace(writer, connection={**writer.connection, "dns_port": 1}).run(
            name=owner, values=[CODE]
        )


def test_a_long_wait_is_not_silent(lab: Description, tmp_path: Path) -> None:
    """On the screen, in the run itself: one line for each look, with the tenant's name."""
    playbook = tmp_path / "wait.yml"
    variables = {
        option: f"{{{{ tenant_{option} | default(omit) }}}}"
        for option in ("dns_server", "dns_port", "dns_key_name", "dns_key_secret")
    }
    tasks = [
        {
            "tenantops.migration.dns_txt_info": {
                **variables,
                "name": "{{ tenant_txt_records[0].name }}",
                "values": ["nobodys=1"],
                "wait": 0.5,
            },
        }
    ]
    playbook.write_text(json.dumps([{"hosts": TENANT, "gather_facts": False, "tasks": tasks}]))
    finished = Operator(lab, tmp_path).run(str(playbook))
    line = (
        f"{TENANT}: {TENANT}.test TXT: 0 of 2 servers have it as expected; waiting up to 0 s more"
    )
    assert line in finished.output
    assert finished.exit_code != 0
