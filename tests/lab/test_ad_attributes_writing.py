# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many objects changed and put back on Samba and on OpenLDAP, while everything goes wrong."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import ssl
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from signal import SIGKILL
from typing import Any

import ldap3
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_fixes.model import (
    RESOURCE,
    Values,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_fixes.objects import (
    DirectoryObjects,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes import converge
from ansible_collections.tenantops.migration.plugins.module_utils._changes.control import (
    ChangeControl,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.converge import (
    ConvergedMany,
    ManyProposal,
    Request,
    converge_many,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.journal import (
    Journal,
    journal_path,
    read_journal,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Outcome
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ConnectionFailed,
    JournalUnusable,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.arguments import (
    AD_ARGUMENTS,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.bulk import (
    connections as bulk_connections,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.bulk import modifying
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.bulk.connections import (
    Connections,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.settings import (
    ConnectionSettings,
)
from ansible_collections.tenantops.migration.plugins.modules.change_rollback import OPERATION
from lab.description import Description
from lab.openldap import scale
from lab.openldap.scale import ScaleServer

from .conftest import LabCommand
from .directory_administrator import administrator_connection
from .ldap_listeners import MODIFY_RESPONSE
from .ldap_relay import (
    BUSY,
    MODIFY_REQUEST,
    SEARCH_ENTRY,
    SEARCH_REQUEST,
    Answer,
    Die,
    Drop,
    Fault,
    LdapRelay,
    Meanwhile,
    Stall,
    relay_to_samba,
    relay_to_scale,
)

PEOPLE = 30
PROXIES = "proxyAddresses"
READ = ("mail", "displayName", PROXIES, "mailNickname")

RawValues = dict[str, list[bytes]]


@dataclass(frozen=True)
class Person:
    guid: str
    dn: str
    values: Values


@dataclass
class Place:
    """A directory with people in it, its administrator's own connection, and how to reach it."""

    options: dict[str, Any]
    connection: ldap3.Connection
    people: list[Person]
    relay: Callable[..., LdapRelay]
    is_samba: bool

    def read(self, person: Person) -> RawValues:
        """The attributes as they are, byte for byte; values in alphabetical order."""
        self.connection.search(
            self._found(person), "(objectClass=*)", "BASE", attributes=list(READ)
        )
        (entry,) = list(self.connection.response or ())
        return {name: sorted(values) for name, values in entry["raw_attributes"].items() if values}

    def all(self) -> dict[str, RawValues]:
        return {person.guid: self.read(person) for person in self.people}

    def set(self, person: Person, **values: Sequence[str]) -> None:
        """What somebody else does."""
        changes = {name: [(ldap3.MODIFY_REPLACE, list(given))] for name, given in values.items()}
        self.connection.modify(self._found(person), changes)

    def rename(self, person: Person, name: str) -> None:
        self.connection.modify_dn(self._found(person), f"CN={name}")

    def delete(self, person: Person) -> None:
        self.connection.delete(self._found(person))

    def reconnect(self) -> None:
        """After the server was ended under the connection."""
        self.connection.strategy.close()
        self.connection.open()
        self.connection.bind()

    def _found(self, person: Person) -> str:
        guid = "".join(f"\\{byte:02x}" for byte in uuid.UUID(person.guid).bytes_le)
        base = person.dn.partition(",")[2]
        self.connection.search(base, f"(objectGUID={guid})", attributes=["objectGUID"])
        (entry,) = list(self.connection.response or ())
        dn: str = entry["dn"]
        return dn


def _add_people(connection: ldap3.Connection, base: str) -> list[Person]:
    people: list[Person] = []
    unit = f"OU=Writing {uuid.uuid4().hex[:8]},{base}"
    connection.add(unit, "organizationalUnit")
    for number in range(PEOPLE):
        name = f"w{number}.{uuid.uuid4().hex[:6]}"
        dn = f"CN={name},{unit}"
        guid = uuid.uuid4()
        values: dict[str, tuple[str, ...]] = {
            "mail": (f"{name} @contoso.test",),
            "displayName": (f" Änna  {number} ",),
            PROXIES: (f"SMTP:{name} @contoso.test", f"smtp:{name}@old.test", "x500:/o=Ünit/cn=a"),
        }
        attributes: dict[str, Any] = {each: list(held) for each, held in values.items()} | {
            "sn": "Writing",
            "sAMAccountName": name,
        }
        if base.startswith("OU="):
            # Active Directory gives these out itself.
            attributes |= {"objectGUID": guid.bytes_le}
        connection.add(dn, ["top", "person", "organizationalPerson", "user"], attributes)
        connection.search(dn, "(objectClass=*)", "BASE", attributes=["objectGUID"])
        (entry,) = list(connection.response or ())
        stored = entry["raw_attributes"]["objectGUID"][0]
        people.append(Person(str(uuid.UUID(bytes_le=stored)), dn, values))
    return people


@contextmanager
def samba(lab: Description) -> Iterator[Place]:
    account = lab.directory["administrator"]
    options = {
        "ad_servers": [lab.directory["address"]],
        "ad_ca_path": lab.ca_file,
        "ad_username": account["user_principal_name"],
        "ad_password": account["password"],
        "ad_timeout": 20,
    }
    with administrator_connection(lab) as connection:
        people = _add_people(connection, lab.directory["base_dn"])
        yield Place(options, connection, people, lambda *faults: relay_to_samba(lab, *faults), True)
        unit = people[0].dn.partition(",")[2]
        connection.delete(unit, controls=[("1.2.840.113556.1.4.805", True, None)])


@contextmanager
def openldap(server: ScaleServer) -> Iterator[Place]:
    options = {
        "ad_servers": [f"{server.address}:{server.ldaps_port}"],
        "ad_ca_path": server.ca_file,
        "ad_username": server.user,
        "ad_password": server.password,
        "ad_timeout": 20,
    }
    security = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=server.ca_file)
    address = ldap3.Server(
        server.address, server.ldaps_port, use_ssl=True, tls=security, get_info=ldap3.NONE
    )
    with ldap3.Connection(
        address, server.user, server.password, raise_exceptions=True, check_names=False
    ) as connection:
        people = _add_people(connection, f"OU=Service Accounts,{server.base_dn}")
        yield Place(options, connection, people, partial(relay_to_scale, server, tls=True), False)


@pytest.fixture(scope="module")
def scale_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, ScaleServer]]:
    folder = tmp_path_factory.mktemp("openldap")
    with scale.running(folder, entries=100) as server:
        yield folder, server


@pytest.fixture(params=["samba", "openldap"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    with contextlib.ExitStack() as stack:
        if request.param == "samba":
            yield stack.enter_context(samba(request.getfixturevalue("lab")))
        else:
            server = request.getfixturevalue("scale_server")[1]
            yield stack.enter_context(openldap(server))


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses are not what is tested."""
    monkeypatch.setattr(modifying, "PAUSES", (0.05,) * 5)
    monkeypatch.setattr(bulk_connections, "_RECONNECT_EVERY", 0.1)


def change(person: Person, attribute: str, before: str | None, after: str | None) -> Change:
    action = Action.REPLACE
    if attribute == PROXIES:
        action = Action.ADD if before is None else Action.REMOVE
    return Change(
        System.AD, RESOURCE, person.guid, person.dn, attribute, action, before, after, "a.rule"
    )


def fixes(person: Person) -> tuple[Change, ...]:
    """Three attributes at once, one of them with several values, and one that is not there yet."""
    (mail,), (display_name,) = person.values["mail"], person.values["displayName"]
    primary = person.values[PROXIES][0]
    return (
        change(person, "displayName", display_name, "Änna"),
        change(person, "mail", mail, mail.replace(" ", "")),
        change(person, "mailNickname", None, f"nick{person.guid[:8]}"),
        change(person, PROXIES, primary, None),
        change(person, PROXIES, None, primary.replace(" ", "")),
    )


def fixed(person: Person) -> RawValues:
    values = {name: list(held) for name, held in person.values.items()}
    for each in fixes(person):
        held = values.setdefault(each.property, [])
        if isinstance(each.before, str):
            held.remove(each.before)
        if isinstance(each.after, str):
            held.append(each.after)
    return {name: sorted(value.encode() for value in held) for name, held in values.items()}


def as_before(person: Person) -> RawValues:
    return {name: sorted(each.encode() for each in held) for name, held in person.values.items()}


def parameters(options: Mapping[str, Any]) -> dict[str, Any]:
    validator = ArgumentSpecValidator(dict(AD_ARGUMENTS.options), **AD_ARGUMENTS.constraints())
    validated = validator.validate(dict(options))
    assert validated.error_messages == []
    return dict(validated.validated_parameters)


@dataclass
class Run:
    """One run over all people, with a journal."""

    place: Place
    folder: Path
    connections: int = 2
    in_flight: int = 10

    def fix(
        self,
        *faults: Fault,
        check_mode: bool = False,
        run: str = "run",
        second: LdapRelay | None = None,
        relayed: bool = True,
        **options: Any,
    ) -> ConvergedMany:
        with contextlib.ExitStack() as stack:
            if relayed:
                relay = stack.enter_context(self.place.relay(*faults))
                servers = [relay.address, *([second.address] if second else [])]
                options = {"ad_servers": servers, **options}
            settings = ConnectionSettings.from_parameters(
                parameters({**self.place.options, **options})
            )
            known = {person.guid: person.values for person in self.place.people}
            proposal = ManyProposal(
                tuple(Request(fixes(person)) for person in self.place.people), PEOPLE
            )
            control = ChangeControl(journal=Journal(self.path(run)))
            with Connections(
                settings, amount=self.connections, in_flight=self.in_flight
            ) as connections:
                things = DirectoryObjects(connections, known)
                return asyncio.run(converge_many(things, proposal, control, check_mode=check_mode))

    def undo(self, *, check_mode: bool = False, run: str = "undo", **options: Any) -> Outcome:
        given = {
            **self.place.options,
            "undo_run": "run",
            "run": run,
            "tenant": "contoso",
            "journal": str(self.folder),
            **options,
        }
        arguments = OPERATION.arguments
        validator = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints())
        validated = validator.validate(given)
        assert validated.error_messages == []
        return OPERATION.run(validated.validated_parameters, check_mode)

    def path(self, run: str) -> Path:
        return journal_path(str(self.folder), "contoso", run)

    def outcomes(self, run: str = "run") -> dict[str, str | None]:
        return {write.changes[0].id: write.outcome for write in read_journal(self.path(run))}

    def assert_all_fixed(self, found: ConvergedMany, *but: Person) -> None:
        others = {person.guid for person in but}
        people = [person for person in self.place.people if person.guid not in others]
        assert found.changes == tuple(each for person in people for each in fixes(person))
        assert {failure.id for failure in found.failures} == others
        for person in people:
            assert self.place.read(person) == fixed(person)
            assert self.outcomes()[person.guid] == "made"


@pytest.fixture
def run(place: Place, tmp_path: Path) -> Run:
    return Run(place, tmp_path)


def test_dry_run_run_and_rollback_byte_for_byte(run: Run) -> None:
    before = run.place.all()
    assert before == {person.guid: as_before(person) for person in run.place.people}
    planned = run.fix(check_mode=True)
    assert run.place.all() == before
    assert not run.path("run").exists()
    made = run.fix()
    assert made == planned
    run.assert_all_fixed(made)

    undo = run.undo(check_mode=True)
    assert run.place.all() == {person.guid: fixed(person) for person in run.place.people}
    assert run.undo() == undo
    assert run.place.all() == before
    assert undo.error is None
    assert len(undo.changes or ()) == 5 * PEOPLE
    assert run.undo(run="again").changes == ()
    run.undo(undo_run="undo", run="redo")
    assert run.place.all() == {person.guid: fixed(person) for person in run.place.people}


def test_a_second_run_of_the_same_plan_makes_nothing(run: Run) -> None:
    run.fix()
    again = run.fix(run="again")
    assert again == ConvergedMany((), ())
    # What others had done already is no change of ours, and no rollback touches it.
    assert run.undo(undo_run="again").changes == ()


def test_what_somebody_changed_in_between_fails_alone(run: Run) -> None:
    run.connections = 1
    stale, respelled, added = run.place.people[3:6]

    def somebody() -> None:
        run.place.set(stale, mail=["theirs@contoso.test"])
        run.place.set(respelled, proxyAddresses=["smtp:theirs@contoso.test"])
        run.place.set(added, mailNickname=["theirs"])

    found = run.fix(Meanwhile(tag=MODIFY_REQUEST, happens=somebody))
    run.assert_all_fixed(found, stale, respelled, added)
    assert {failure.error.kind for failure in found.failures} == {"changed_meanwhile"}
    told = {failure.id: failure.error for failure in found.failures}
    assert "mail is now 'theirs@contoso.test'" in told[stale.guid].answer
    assert "mailNickname is now 'theirs'" in told[added.guid].answer
    assert run.place.read(stale) == as_before(stale) | {"mail": [b"theirs@contoso.test"]}
    assert run.outcomes()[stale.guid] == "not_made"


def test_renamed_and_deleted_in_between(run: Run) -> None:
    renamed, deleted = run.place.people[4:6]

    def somebody() -> None:
        run.place.rename(renamed, f"New name {renamed.guid}")
        run.place.delete(deleted)

    # Before anything is sent: in the middle the one may be through already.
    somebody()
    found = run.fix(run="run")
    run.place.people.remove(deleted)
    assert [failure.id for failure in found.failures] == [deleted.guid]
    assert found.failures[0].error.kind == "object_gone"
    run.assert_all_fixed(replace(found, failures=()))

    undo = run.undo()
    assert undo.error is None
    assert run.place.all() == {person.guid: as_before(person) for person in run.place.people}


@pytest.mark.parametrize("connections", [1, 2])
def test_renamed_while_connections_break(run: Run, connections: int) -> None:
    run.connections = connections
    for person in run.place.people[3:9]:
        run.place.rename(person, f"New name {person.guid}")
    # While the new names are looked for on OpenLDAP; Samba needs none.
    found = run.fix(
        Drop(tag=MODIFY_RESPONSE, skip=20),
        Drop(tag=SEARCH_REQUEST, skip=connections + 1, times=2),
    )
    run.assert_all_fixed(found)


def test_what_was_deleted_since_keeps_no_other_from_being_put_back(run: Run) -> None:
    run.fix()
    deleted, theirs = run.place.people[4:6]
    run.place.delete(deleted)
    run.place.people.remove(deleted)
    run.place.set(theirs, mail=["theirs@contoso.test"])
    undo = run.undo()
    assert undo.error is None
    assert {
        (conflict["change"]["id"], conflict["change"]["property"], conflict["reason"])
        for conflict in undo.values["conflicts"]
    } == {(theirs.guid, "mail", "somebody changed it since")} | {
        (deleted.guid, name, "it is gone")
        for name in ("mail", "displayName", "mailNickname", PROXIES)
    }
    for person in run.place.people:
        expected = as_before(person)
        if person is theirs:
            expected |= {"mail": [b"theirs@contoso.test"]}
        assert run.place.read(person) == expected


def test_a_journal_of_another_directory_is_refused(run: Run) -> None:
    run.fix()
    for person in run.place.people:
        run.place.delete(person)
    with pytest.raises(JournalUnusable, match="Not one of the 30 objects"):
        run.undo()


@pytest.mark.parametrize("connections", [1, 2])
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(lambda: Drop(tag=MODIFY_REQUEST, skip=7), id="before the server has it"),
        pytest.param(
            lambda: Drop(tag=MODIFY_REQUEST, skip=7, middle=True), id="in the middle of a request"
        ),
        pytest.param(lambda: Drop(tag=MODIFY_RESPONSE, skip=7), id="before the answer"),
        pytest.param(
            lambda: Drop(tag=MODIFY_RESPONSE, skip=7, middle=True), id="in the middle of an answer"
        ),
        pytest.param(lambda: Drop(tag=MODIFY_RESPONSE, skip=2, times=3), id="again and again"),
    ],
)
def test_a_connection_that_drops(run: Run, connections: int, fault: Callable[[], Fault]) -> None:
    run.connections = connections
    run.assert_all_fixed(run.fix(fault()))


def test_a_connection_that_drops_while_its_objects_are_looked_at(run: Run) -> None:
    run.connections = 1
    found = run.fix(Drop(tag=MODIFY_RESPONSE, skip=7), Drop(tag=SEARCH_ENTRY, skip=50, times=2))
    run.assert_all_fixed(found)


def test_a_connection_that_falls_silent(run: Run) -> None:
    run.assert_all_fixed(run.fix(Stall(tag=MODIFY_RESPONSE, skip=7), ad_timeout=2))


def test_one_request_that_always_breaks_the_connection_fails_alone(run: Run) -> None:
    """As one does that is longer than the server takes."""

    @dataclass(kw_only=True)
    class Poison(Drop):
        marked: bytes

        def is_due(self, message: Any) -> bool:
            return message.tag == self.tag and self.marked in message.data

    poison = run.place.people[11]
    marked = f"nick{poison.guid[:8]}".encode()
    found = run.fix(Poison(tag=MODIFY_REQUEST, marked=marked))
    run.assert_all_fixed(found, poison)
    (failure,) = found.failures
    assert failure.error.kind == "connection_failed"
    assert "3 times while this object" in failure.error.problem
    assert run.place.read(poison) == as_before(poison)
    assert run.outcomes()[poison.guid] == "unknown"
    assert run.undo().error is None
    assert run.place.all() == {person.guid: as_before(person) for person in run.place.people}


def test_a_server_that_dies_and_comes_back(run: Run) -> None:
    with run.place.relay(Die(tag=MODIFY_RESPONSE, skip=7)) as relay:
        server = [relay.address]
        back = threading.Timer(1.5, relay.live)
        back.start()
        # The relay of the run itself has no fault, and is not used.
        run.assert_all_fixed(run.fix(ad_servers=server))
        back.join()


def test_a_server_that_dies_has_a_second_one(run: Run) -> None:
    with run.place.relay() as second:
        found = run.fix(Die(tag=MODIFY_RESPONSE, skip=7), second=second)
        assert second.connections > 0
    run.assert_all_fixed(found)


def test_a_server_that_does_not_come_back(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_connections, "_PATIENCE", 0.5)
    found = run.fix(Die(tag=MODIFY_RESPONSE, skip=7))
    assert found.failures
    assert {failure.error.kind for failure in found.failures} == {"connection_failed"}
    made = {each.id for each in found.changes}
    outcomes = run.outcomes()
    for person in run.place.people:
        now = run.place.read(person)
        if person.guid in made:
            assert (now, outcomes[person.guid]) == (fixed(person), "made")
        elif outcomes[person.guid] == "not_made":
            assert now == as_before(person)
        else:
            assert outcomes[person.guid] == "unknown"
            assert now in (as_before(person), fixed(person))
    assert "unknown" in outcomes.values()
    assert "not_made" in outcomes.values()
    run.undo()
    assert run.place.all() == {person.guid: as_before(person) for person in run.place.people}


def test_no_server_at_all_is_an_error_at_once(run: Run) -> None:
    with run.place.relay() as gone:
        address = gone.address
    with pytest.raises(ConnectionFailed):
        run.fix(ad_servers=[address])


def test_a_server_that_is_busy_is_asked_again(run: Run) -> None:
    run.assert_all_fixed(run.fix(Answer(tag=MODIFY_REQUEST, code=BUSY, skip=3, times=40)))


def test_a_server_that_stays_busy(run: Run) -> None:
    found = run.fix(Answer(tag=MODIFY_REQUEST, code=BUSY, times=None, text="come back later"))
    assert found.changes == ()
    assert len(found.failures) == PEOPLE
    for failure in found.failures:
        assert failure.error.kind == "refused"
        assert "51 busy, come back later" in failure.error.answer
    assert set(run.outcomes().values()) == {"not_made"}


def test_each_object_tells_the_answer_of_the_server(run: Run) -> None:
    found = run.fix(
        Answer(tag=MODIFY_REQUEST, code=53, skip=2, text="not in this life"),
        Answer(tag=MODIFY_REQUEST, code=80, skip=4, text="what was that"),
    )
    told = sorted((each.error.kind, each.error.answer) for each in found.failures)
    assert told == [
        ("not_understood", "result 80 other, what was that"),
        ("refused", "result 53 unwillingToPerform, not in this life"),
    ]
    failed = {failure.id for failure in found.failures}
    run.assert_all_fixed(found, *(person for person in run.place.people if person.guid in failed))
    assert sorted(str(run.outcomes()[guid]) for guid in failed) == ["not_made", "unknown"]


@pytest.mark.parametrize("skip", [0, 7, 23])
def test_a_run_that_is_killed(run: Run, skip: int, monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = converge.converge_many.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "announced_at_once", 12)
    with run.place.relay() as relay:
        # A fork of this process, so that it is killed and not we; the relay stays here.
        child = multiprocessing.get_context("fork").Process(
            target=run.fix, kwargs={"ad_servers": [relay.address], "relayed": False}
        )
        relay.faults.append(Meanwhile(tag=MODIFY_REQUEST, skip=skip, happens=child.kill))
        child.start()
        child.join(60)
    assert child.exitcode == -SIGKILL
    outcomes = run.outcomes()
    assert None in outcomes.values()
    for person in run.place.people:
        now = run.place.read(person)
        if person.guid not in outcomes:
            assert now == as_before(person)
        elif outcomes[person.guid] == "made":
            assert now == fixed(person)
        else:
            assert now in (as_before(person), fixed(person))
    undo = run.undo()
    assert undo.error is None
    assert undo.values["conflicts"] == []
    assert run.place.all() == {person.guid: as_before(person) for person in run.place.people}
    found = run.fix(run="again")
    assert found.failures == ()
    assert run.place.all() == {person.guid: fixed(person) for person in run.place.people}


def test_a_real_openldap_that_is_killed_and_started_again(tmp_path: Path) -> None:
    folder = tmp_path / "openldap"
    started: list[subprocess.Popen[bytes]] = []

    def kill_and_start() -> None:
        pid = int((folder / "slapd.pid").read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")[:-1]
        os.kill(pid, SIGKILL)
        time.sleep(0.5)
        started.append(subprocess.Popen(command))

    with scale.running(folder, entries=10) as server, openldap(server) as place:
        try:
            run = Run(place, tmp_path)
            found = run.fix(Meanwhile(tag=MODIFY_REQUEST, skip=15, happens=kill_and_start))
            place.reconnect()
            run.assert_all_fixed(found)
            run.undo()
            assert place.all() == {person.guid: as_before(person) for person in place.people}
        finally:
            for process in started:
                process.terminate()
                process.wait()


def test_a_real_samba_that_is_stopped_and_started_again(
    lab: Description, lab_command: LabCommand, tmp_path: Path
) -> None:
    def restart() -> None:
        lab_command("chaos", "stop", "directory")
        lab_command("chaos", "start", "directory")

    with samba(lab) as place:
        run = Run(place, tmp_path)
        found = run.fix(Meanwhile(tag=MODIFY_REQUEST, skip=15, happens=restart))
        place.reconnect()
        run.assert_all_fixed(found)


def test_a_lacking_right_is_told_by_the_dry_run_as_by_the_run(
    lab: Description, tmp_path: Path
) -> None:
    account = lab.directory["plain_user"]
    with samba(lab) as place:
        before = place.all()
        run = Run(place, tmp_path)
        place.options |= {
            "ad_username": account["user_principal_name"],
            "ad_password": account["password"],
        }
        dry = run.fix(check_mode=True)
        made = run.fix()
        assert place.all() == before
    assert not run.path("run").exists()
    assert dry.changes == made.changes == ()
    assert [failure.id for failure in dry.failures] == [person.guid for person in place.people]
    # Each had a relay of its own.
    for one, other in zip(dry.failures, made.failures, strict=True):
        one.error.server = other.error.server = ""
        assert str(one.error) == str(other.error)
    error = dry.failures[0].error
    assert error.kind == "refused"
    assert "displayName, mail, mailNickname, proxyAddresses not in" in error.answer
    assert f'dsacls "{place.people[0].dn}" /G' in error.advice


def test_the_text_of_samba_for_what_it_refuses(lab: Description, tmp_path: Path) -> None:
    with samba(lab) as place:
        run = Run(place, tmp_path)
        person = place.people[0]
        too_long = change(person, "displayName", person.values["displayName"][0], "x" * 300)
        settings = ConnectionSettings.from_parameters(parameters(place.options))
        with Connections(settings, amount=1, in_flight=10) as connections:
            things = DirectoryObjects(connections, {person.guid: person.values})
            proposal = ManyProposal((Request((too_long,)),), 1)
            found = asyncio.run(converge_many(things, proposal, ChangeControl(), check_mode=False))
        assert place.read(person) == as_before(person)
    (failure,) = found.failures
    assert failure.error.kind == "refused"
    assert "displayName" in failure.error.answer
    assert run.path("run").exists() is False
