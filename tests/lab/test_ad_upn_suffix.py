# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ad_upn_suffix against the lab's directory, alone and with others writing at the same moment."""

from __future__ import annotations

import asyncio
import subprocess
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import ldap3
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.tenantops.migration.plugins.module_utils._changes.converge import (
    ATTEMPTS,
    Proposal,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.journal import (
    journal_path,
    read_journal,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.undo import (
    net_changes,
    plan_undo,
)
from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Outcome
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ChangedMeanwhile,
    ConnectionFailed,
    InvalidInput,
    JournalUnusable,
    NotAsWritten,
    Refused,
    StillInUse,
    TooManyChanges,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.connection import (
    Directory,
    ValueChange,
    connect,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.settings import (
    ConnectionSettings,
)
from ansible_collections.tenantops.migration.plugins.module_utils._upn_suffixes.model import (
    WantedSuffixes,
    propose,
)
from ansible_collections.tenantops.migration.plugins.module_utils._upn_suffixes.resource import (
    UpnSuffixesResource,
)
from ansible_collections.tenantops.migration.plugins.modules.ad_upn_suffix import OPERATION
from lab.description import Description

from . import ldap_listeners as listeners
from .conftest import LabCommand
from .directory_administrator import SuffixList, administrator_connection

Run = Callable[..., Outcome]
START = ["Legacy.Example.Test", "bad suffix!!", "kept.test"]


@pytest.fixture
def somebody(lab: Description) -> Iterator[SuffixList]:
    """Another writer of the list, which is START before the test and put back after it."""
    with administrator_connection(lab) as connection:
        suffixes = SuffixList(lab, connection)
        found = suffixes.read()
        suffixes.replace(*START)
        yield suffixes
        suffixes.replace(*found)


@pytest.fixture
def connection_options(lab: Description) -> dict[str, Any]:
    account = lab.directory["service_account"]
    return {
        "ad_servers": [lab.directory["address"]],
        "ad_ca_path": lab.ca_file,
        "ad_username": account["user_principal_name"],
        "ad_password": account["password"],
        "ad_timeout": 20,
    }


@pytest.fixture
def run(connection_options: dict[str, Any]) -> Run:
    """The module's runner: what is not named is as a task without it would have it."""

    def run(*, check_mode: bool = False, **options: Any) -> Outcome:
        return OPERATION.run(parameters({**connection_options, **options}), check_mode)

    return run


def parameters(options: dict[str, Any]) -> dict[str, Any]:
    """Options as the doors validate them."""
    arguments = OPERATION.arguments
    validator = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints())
    validated = validator.validate(options)
    assert validated.error_messages == []
    return dict(validated.validated_parameters)


def told(outcome: Outcome) -> list[tuple[str, Any, Any]]:
    return [(change.action.value, change.before, change.after) for change in outcome.changes or ()]


def assert_dry_run_run_and_rerun(run: Run, somebody: SuffixList, **options: Any) -> Outcome:
    """Promise one and promise four, for any options."""
    before = somebody.read()
    planned = run(check_mode=True, **options)
    assert somebody.read() == before
    made = run(**options)
    assert made == planned
    assert sorted(made.values["suffixes"]) == somebody.read()
    for check_mode in (True, False):
        again = run(check_mode=check_mode, **options)
        assert again.changes == ()
        assert again.values == made.values
    return made


# ---------------------------------------------------------------- add, remove, set


@pytest.mark.parametrize(
    ("suffixes", "changes", "after"),
    [
        (
            {"add": ["Contoso.test", "bücher.test", "LEGACY.example.TEST", "Corp.Example.Test"]},
            [("add", None, "Contoso.test"), ("add", None, "xn--bcher-kva.test")],
            [*START, "Contoso.test", "xn--bcher-kva.test"],
        ),
        (
            {"remove": ["KEPT.test", "BAD suffix!!", "absent.test"]},
            [("remove", "bad suffix!!", None), ("remove", "kept.test", None)],
            ["Legacy.Example.Test"],
        ),
        (
            {"add": ["new.test"], "remove": ["kept.test"]},
            [("add", None, "new.test"), ("remove", "kept.test", None)],
            ["Legacy.Example.Test", "bad suffix!!", "new.test"],
        ),
        (
            {"set": ["legacy.example.test", "bad suffix!!", "new.test"]},
            [("add", None, "new.test"), ("remove", "kept.test", None)],
            ["Legacy.Example.Test", "bad suffix!!", "new.test"],
        ),
        ({"add": [], "remove": []}, [], START),
    ],
)
def test_what_is_asked_for_is_made(
    run: Run,
    somebody: SuffixList,
    suffixes: dict[str, list[str]],
    changes: list[tuple[str, Any, Any]],
    after: list[str],
) -> None:
    made = assert_dry_run_run_and_rerun(run, somebody, suffixes=suffixes)
    assert told(made) == changes
    assert made.values["suffixes"] == sorted(after, key=str.casefold)
    assert somebody.read() == sorted(after)


def test_an_empty_list_and_back(run: Run, somebody: SuffixList) -> None:
    assert_dry_run_run_and_rerun(run, somebody, suffixes={"set": []}, force=True)
    assert somebody.read() == []
    assert_dry_run_run_and_rerun(run, somebody, suffixes={"add": ["first.test"]})
    assert somebody.read() == ["first.test"]


def test_what_a_change_says(lab: Description, run: Run, somebody: SuffixList) -> None:
    (guid,) = somebody.attribute("objectGUID")
    outcome = run(check_mode=True, suffixes={"add": ["new.test"]})
    (change,) = outcome.changes or ()
    assert change.system is System.AD
    assert change.id == str(uuid.UUID(bytes_le=guid))
    assert change.name == outcome.values["forest"] == lab.directory["domain"]
    assert (change.resource, change.property) == ("forest", "uPNSuffixes")


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_domain_of_the_forest_cannot_be_removed(
    run: Run, somebody: SuffixList, check_mode: bool
) -> None:
    with pytest.raises(InvalidInput, match="is a domain of the forest"):
        run(check_mode=check_mode, suffixes={"remove": ["corp.example.test"]})
    assert somebody.read() == START


@pytest.mark.parametrize("check_mode", [True, False])
def test_max_changes(run: Run, somebody: SuffixList, check_mode: bool) -> None:
    with pytest.raises(TooManyChanges):
        run(check_mode=check_mode, suffixes={"add": ["a.test", "b.test"]}, max_changes="20%")
    assert somebody.read() == START
    assert told(
        run(check_mode=check_mode, suffixes={"add": ["a.test", "b.test"]}, max_changes="40%")
    )


@pytest.mark.parametrize("check_mode", [True, False])
def test_without_the_right(
    lab: Description, run: Run, somebody: SuffixList, check_mode: bool
) -> None:
    """A dry run must not promise what a run cannot do."""
    account = lab.directory["plain_user"]
    options = {
        "ad_username": account["user_principal_name"],
        "ad_password": account["password"],
    }
    with pytest.raises(Refused, match="lacks a right") as caught:
        run(check_mode=check_mode, suffixes={"add": ["new.test"]}, **options)
    assert f'dsacls "{somebody.dn}" /G' in caught.value.advice
    assert somebody.read() == START
    assert run(check_mode=check_mode, suffixes={"add": ["kept.test"]}, **options).changes == ()


def test_a_suffix_that_the_server_takes_for_another(
    run: Run, somebody: SuffixList, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Samba adds any spelling, so the answer of a server that compares otherwise is made up."""

    def refuse(self: Directory, dn: str, change: ValueChange) -> None:
        raise ChangedMeanwhile("A value to add is there already", subject=dn)

    monkeypatch.setattr(Directory, "modify", refuse)
    with pytest.raises(Refused, match="in another form") as caught:
        run(suffixes={"add": ["new.test"]})
    assert repr("bad suffix!!") in caught.value.answer
    assert somebody.read() == START


def test_two_spellings_of_a_suffix(run: Run, somebody: SuffixList) -> None:
    """Samba lets them in; they are one suffix all the same."""
    somebody.replace("Twice.test", "twice.TEST", "kept.test")
    assert (
        assert_dry_run_run_and_rerun(run, somebody, suffixes={"add": ["twice.test"]}).changes == ()
    )
    made = assert_dry_run_run_and_rerun(run, somebody, suffixes={"remove": ["twice.test"]})
    assert told(made) == [("remove", "Twice.test", None), ("remove", "twice.TEST", None)]
    assert somebody.read() == ["kept.test"]


# ---------------------------------------------------------------- still in use


@pytest.fixture
def make_users(lab: Description, somebody: SuffixList) -> Iterator[Callable[[str, int], list[str]]]:
    made: list[str] = []

    def make(suffix: str, count: int) -> list[str]:
        names = []
        for number in range(count):
            name = f"t{number:02}-{uuid.uuid4().hex[:8]}"
            dn = f"CN={name},CN=Users,{lab.directory['base_dn']}"
            names.append(f"{name}@{suffix}")
            attributes = {"sAMAccountName": name, "userPrincipalName": names[-1]}
            somebody.connection.add(dn, "user", attributes)
            made.append(dn)
        return names

    yield make
    for dn in made:
        somebody.connection.delete(dn)


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("suffixes", [{"remove": ["kept.test"]}, {"set": ["legacy.example.test"]}])
def test_a_suffix_that_users_have_is_not_removed(
    run: Run,
    somebody: SuffixList,
    make_users: Callable[[str, int], list[str]],
    check_mode: bool,
    suffixes: dict[str, list[str]],
) -> None:
    users = make_users("Kept.TEST", 12)
    make_users("sub.kept.test", 1)
    make_users("notkept.test", 1)
    with pytest.raises(StillInUse, match=r"kept\.test is still used by 12 users") as caught:
        run(check_mode=check_mode, suffixes=suffixes)
    for user in users[:10]:
        assert user in caught.value.problem
    assert "and 2 more" in caught.value.problem
    assert "sub.kept.test" not in caught.value.problem
    assert "notkept.test" not in caught.value.problem
    assert "bad suffix!!" not in caught.value.problem
    assert somebody.read() == START


def test_force_removes_it_all_the_same(
    run: Run, somebody: SuffixList, make_users: Callable[[str, int], list[str]]
) -> None:
    make_users("kept.test", 1)
    suffixes = {"remove": ["kept.test"]}
    made = assert_dry_run_run_and_rerun(run, somebody, suffixes=suffixes, force=True)
    assert told(made) == [("remove", "kept.test", None)]


def test_odd_suffixes_are_searched_as_they_are(
    run: Run, somebody: SuffixList, make_users: Callable[[str, int], list[str]]
) -> None:
    odd = "o(dd*\\ é"
    somebody.replace(odd, "kept.test")
    make_users(odd, 1)
    with pytest.raises(StillInUse, match="1 users"):
        run(suffixes={"remove": [odd]})
    run(suffixes={"remove": [odd]}, force=True)
    assert somebody.read() == ["kept.test"]


@pytest.fixture
def second_domain(lab: Description, somebody: SuffixList) -> Iterator[str]:
    """A second domain, as far as the forest's list of domains goes.

    Only the database itself can be told: over LDAP nobody may set systemFlags.
    """
    folder = lab.state / "directory"
    database = [f"--configfile={folder}/etc/smb.conf", "-H", f"{folder}/private/sam.ldb"]
    name = f"child.{lab.directory['domain']}"
    dn = f"CN=CHILD,{somebody.dn}"
    entry = (
        f"dn: {dn}\nchangetype: add\nobjectClass: crossRef\ndnsRoot: {name}\n"
        f"nCName: CN=Users,{lab.directory['base_dn']}\nnETBIOSName: CHILD\nsystemFlags: 3\n"
    )
    subprocess.run(
        ["ldbmodify", *database, "--controls=relax:0"], input=entry, text=True, check=True
    )
    yield name
    subprocess.run(["ldbdel", *database, dn], check=True)


def test_users_count_with_the_names_that_the_run_gives_them(
    lab: Description,
    somebody: SuffixList,
    make_users: Callable[[str, int], list[str]],
    connection_options: dict[str, Any],
) -> None:
    """A dry run has renamed nobody yet, and must tell what the run will find."""
    (name,) = make_users("kept.test", 1)
    user = guid_of(name, somebody.connection, lab.directory["base_dn"])
    nobody = str(uuid.uuid4())
    options = parameters({**connection_options, "suffixes": {"remove": ["kept.test"]}})

    def guard(renamed: dict[str, str | None]) -> None:
        with connect(ConnectionSettings.from_parameters(options)) as directory:
            resource = UpnSuffixesResource(directory, renamed=renamed)
            state = asyncio.run(resource.read())
            wanted = WantedSuffixes.from_option(options["suffixes"])
            asyncio.run(resource.guard(state, propose(state, wanted).changes))

    guard({user: None})
    guard({user: "gone@elsewhere.test", nobody: None})
    with pytest.raises(StillInUse, match=r"1 users: new@KEPT\.test"):
        guard({user: "new@KEPT.test"})
    with pytest.raises(StillInUse, match="2 users"):
        guard({nobody: "other@kept.test"})


def guid_of(name: str, connection: ldap3.Connection, base: str) -> str:
    connection.search(base, f"(userPrincipalName={name})", attributes=["objectGUID"])
    (entry,) = [each for each in connection.response or () if each["type"] == "searchResEntry"]
    (value,) = entry["raw_attributes"]["objectGUID"]
    return str(uuid.UUID(bytes_le=value))


@pytest.mark.parametrize("encryption", ["ldaps", "start_tls"])
def test_all_domains_are_searched_through_the_global_catalog(
    lab: Description,
    run: Run,
    somebody: SuffixList,
    make_users: Callable[[str, int], list[str]],
    second_domain: str,
    encryption: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    searched: list[tuple[str, str]] = []
    search = Directory.search

    def noted(self: Directory, base: str, *arguments: Any, **more: Any) -> Any:
        searched.append((self.server, base))
        return search(self, base, *arguments, **more)

    monkeypatch.setattr(Directory, "search", noted)
    (user,) = make_users("kept.test", 1)
    with pytest.raises(StillInUse, match=user):
        run(suffixes={"remove": ["kept.test"]}, ad_encryption=encryption)
    catalog = "ldaps://{}:3269" if encryption == "ldaps" else "ldap://{}:3268"
    assert searched[-1] == (catalog.format(lab.directory["address"]), "")
    assert told(run(suffixes={"add": [second_domain.upper()]})) == []


def test_what_cannot_be_searched_is_an_error(
    lab: Description, run: Run, somebody: SuffixList, second_domain: str
) -> None:
    with listeners.forwarder(lab.directory["address"], 636) as forwarder:
        with pytest.raises(ConnectionFailed, match="no global catalog answers") as caught:
            run(
                suffixes={"remove": ["kept.test"]},
                ad_servers=[forwarder.address],
                ad_server_name=lab.directory["host_name"],
            )
        assert "3269" in caught.value.advice
    assert somebody.read() == START


# ---------------------------------------------------------------- races


@pytest.fixture
def before_write(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[ValueChange]]:
    """Let somebody act after our read and before our write, once for each action given.

    Returns the list of the requests that are sent then.
    """

    def intrude(*actions: Callable[[], None]) -> list[ValueChange]:
        pending = list(actions)
        sent: list[ValueChange] = []
        modify = Directory.modify

        def modify_after_others(self: Directory, dn: str, change: ValueChange) -> None:
            if pending:
                pending.pop(0)()
            sent.append(change)
            modify(self, dn, change)

        monkeypatch.setattr(Directory, "modify", modify_after_others)
        return sent

    return intrude


def test_somebody_adds_another_suffix(
    run: Run, somebody: SuffixList, before_write: Callable[..., list[ValueChange]]
) -> None:
    sent = before_write(lambda: somebody.add("theirs.test"))
    outcome = run(suffixes={"add": ["ours.test"], "remove": ["kept.test"]})
    assert told(outcome) == [("add", None, "ours.test"), ("remove", "kept.test", None)]
    assert somebody.read() == ["Legacy.Example.Test", "bad suffix!!", "ours.test", "theirs.test"]
    assert sorted(outcome.values["suffixes"]) == somebody.read()
    assert sent == [ValueChange("uPNSuffixes", remove=("kept.test",), add=("ours.test",))]


def test_somebody_removes_another_suffix(
    run: Run, somebody: SuffixList, before_write: Callable[..., list[ValueChange]]
) -> None:
    before_write(lambda: somebody.remove("bad suffix!!"))
    outcome = run(suffixes={"add": ["ours.test"]})
    assert told(outcome) == [("add", None, "ours.test")]
    assert somebody.read() == ["Legacy.Example.Test", "kept.test", "ours.test"]


def test_somebody_respells_another_suffix(
    run: Run, somebody: SuffixList, before_write: Callable[..., list[ValueChange]]
) -> None:
    """Deleting and adding the whole list would bring the old spelling back."""
    before_write(lambda: somebody.respell("kept.test", "Kept.Test"))
    run(suffixes={"add": ["ours.test"]})
    assert somebody.read() == ["Kept.Test", "Legacy.Example.Test", "bad suffix!!", "ours.test"]


def test_somebody_adds_the_same_suffix(
    run: Run, somebody: SuffixList, before_write: Callable[..., list[ValueChange]]
) -> None:
    sent = before_write(lambda: somebody.add("ours.test"))
    outcome = run(suffixes={"add": ["ours.test"]})
    assert outcome.changes == ()
    assert len(sent) == 1
    assert somebody.read() == sorted([*START, "ours.test"])


def test_somebody_adds_the_same_suffix_in_another_spelling(
    run: Run, somebody: SuffixList, before_write: Callable[..., list[ValueChange]]
) -> None:
    before_write(lambda: somebody.add("OURS.test"))
    outcome = run(suffixes={"add": ["ours.test", "more.test"], "remove": ["kept.test"]})
    assert told(outcome) == [("add", None, "more.test"), ("remove", "kept.test", None)]
    assert somebody.read() == sorted(
        ["Legacy.Example.Test", "OURS.test", "bad suffix!!", "more.test"]
    )


def test_somebody_adds_one_of_ours_so_nothing_of_the_request_is_made(
    run: Run, somebody: SuffixList, before_write: Callable[..., list[ValueChange]]
) -> None:
    sent = before_write(lambda: somebody.add("one.test"))
    outcome = run(suffixes={"add": ["one.test", "two.test"], "remove": ["kept.test"]})
    assert told(outcome) == [("add", None, "two.test"), ("remove", "kept.test", None)]
    assert sent[1] == ValueChange("uPNSuffixes", remove=("kept.test",), add=("two.test",))
    assert somebody.read() == ["Legacy.Example.Test", "bad suffix!!", "one.test", "two.test"]


def test_somebody_removes_the_same_suffix(
    run: Run, somebody: SuffixList, before_write: Callable[..., list[ValueChange]]
) -> None:
    before_write(lambda: somebody.remove("kept.test"))
    outcome = run(suffixes={"remove": ["kept.test"]})
    assert outcome.changes == ()
    assert somebody.read() == ["Legacy.Example.Test", "bad suffix!!"]


def test_somebody_removes_a_suffix_that_is_wanted(
    run: Run, somebody: SuffixList, before_write: Callable[..., list[ValueChange]]
) -> None:
    before_write(lambda: somebody.remove("kept.test"))
    outcome = run(suffixes={"add": ["kept.test", "ours.test"]})
    assert told(outcome) == [("add", None, "ours.test"), ("add", None, "kept.test")]
    assert somebody.read() == sorted([*START, "ours.test"])


def test_somebody_empties_the_list(
    run: Run, somebody: SuffixList, before_write: Callable[..., list[ValueChange]]
) -> None:
    before_write(somebody.replace)
    outcome = run(suffixes={"add": ["ours.test"], "remove": ["kept.test"]})
    assert told(outcome) == [("add", None, "ours.test")]
    assert somebody.read() == ["ours.test"]


def test_somebody_who_never_stops(
    run: Run, somebody: SuffixList, before_write: Callable[..., list[ValueChange]]
) -> None:
    """Each time another of ours is there already; in the end we give up, and say so."""
    wanted = [f"ours{number}.test" for number in range(9)]
    sent = before_write(*[partial(somebody.add, suffix) for suffix in wanted])
    with pytest.raises(ChangedMeanwhile):
        run(suffixes={"add": wanted})
    assert len(sent) == ATTEMPTS
    assert somebody.read() == sorted([*START, *wanted[:ATTEMPTS]])


def test_what_is_taken_back_before_it_is_read_is_not_as_written(
    run: Run, somebody: SuffixList, monkeypatch: pytest.MonkeyPatch
) -> None:
    modify = Directory.modify

    def modify_and_lose(self: Directory, dn: str, change: ValueChange) -> None:
        modify(self, dn, change)
        somebody.remove("ours.test")

    monkeypatch.setattr(Directory, "modify", modify_and_lose)
    with pytest.raises(NotAsWritten, match="reading it back") as caught:
        run(suffixes={"add": ["ours.test"]})
    assert "ours.test" in caught.value.answer
    assert not caught.value.nothing_written


def test_many_writers_at_once(run: Run, somebody: SuffixList) -> None:
    """Each adds one of its own and one that all want, and removes one that all want gone."""

    def write(number: int) -> Outcome:
        return run(suffixes={"add": [f"w{number}.test", "all.test"], "remove": ["kept.test"]})

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(write, range(6)))

    own = [f"w{number}.test" for number in range(6)]
    assert somebody.read() == sorted(["Legacy.Example.Test", "bad suffix!!", "all.test", *own])
    made = [change for outcome in outcomes for change in told(outcome)]
    expected = [("add", None, suffix) for suffix in (*own, "all.test")]
    assert sorted(made, key=str) == sorted([*expected, ("remove", "kept.test", None)], key=str)


# ---------------------------------------------------------------- undo


def undo(resource: UpnSuffixesResource, changes: list[Change]) -> Proposal:
    """What change_rollback does for one resource."""
    state = asyncio.run(resource.read())
    planned = plan_undo(changes, lambda change: resource.current(state, change))
    assert planned.conflicts == ()
    if planned.changes:
        asyncio.run(resource.guard(state, planned.changes))
        asyncio.run(resource.write(state, planned.changes))
    return Proposal(planned.changes, len(changes))


def test_a_journal_can_be_undone(
    run: Run,
    somebody: SuffixList,
    connection_options: dict[str, Any],
    tmp_path: Path,
) -> None:
    journal = {"journal": str(tmp_path), "tenant": "contoso", "run": "one"}
    run(suffixes={"add": ["one.test", "two.test"], "remove": ["KEPT.test"]}, **journal)
    run(suffixes={"add": ["kept.test"], "remove": ["one.test"]}, **journal)
    somebody.add("theirs.test")
    writes = read_journal(journal_path(str(tmp_path), "contoso", "one"))
    assert [write.outcome for write in writes] == ["made", "made"]
    assert somebody.dn in writes[0].target

    ((key, changes),) = list(net_changes(writes).items())
    options = parameters({**connection_options, "suffixes": {"add": []}})
    with connect(ConnectionSettings.from_parameters(options)) as directory:
        resource = UpnSuffixesResource(directory, expected_id=key[2])
        assert undo(resource, changes).changes
        assert somebody.read() == sorted([*START, "theirs.test"])
        assert undo(resource, changes).changes == ()
        with pytest.raises(JournalUnusable, match="another forest"):
            asyncio.run(UpnSuffixesResource(directory, expected_id=str(uuid.uuid4())).read())


def test_a_refused_write_is_journalled_as_not_made(
    run: Run,
    somebody: SuffixList,
    before_write: Callable[..., list[ValueChange]],
    tmp_path: Path,
) -> None:
    before_write(lambda: somebody.add("ours.test"))
    journal = {"journal": str(tmp_path), "tenant": "contoso", "run": "one"}
    run(suffixes={"add": ["ours.test"]}, **journal)
    (write,) = read_journal(journal_path(str(tmp_path), "contoso", "one"))
    assert write.outcome == "not_made"
    assert net_changes([write]) == {}


# ---------------------------------------------------------------- another server


def test_openldap_with_a_client_certificate(
    lab: Description, lab_command: LabCommand, connection_options: dict[str, Any]
) -> None:
    """The same module where the other half of the servers is: one that offers SASL EXTERNAL."""
    lab_command("up", "--with", "openldap")
    server = lab.openldap
    options = {
        "ad_servers": [f"{server['address']}:{server['ldaps_port']}"],
        "ad_server_name": server["host_name"],
        "ad_ca_path": connection_options["ad_ca_path"],
        "ad_auth": "certificate",
        "ad_client_certificate": server["client_certificate"],
        "ad_client_key": server["client_private_key"],
    }

    def go(check_mode: bool = False, **suffixes: list[str]) -> Outcome:
        return OPERATION.run(parameters({**options, "suffixes": suffixes}), check_mode)

    assert told(go(check_mode=True, add=["new.test"])) == [("add", None, "new.test")]
    assert told(go(add=["New.test"])) == [("add", None, "New.test")]
    assert told(go(add=["new.test"])) == []
    with pytest.raises(StillInUse, match=r"legacy\.example\.test is still used by 3 users"):
        go(remove=["legacy.example.test"])
    assert told(go(remove=["new.test"])) == [("remove", "New.test", None)]
