# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Somebody who aligns the sign-in names of one tenant, and a look behind both systems."""

from __future__ import annotations

import json
import multiprocessing
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import ldap3
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Outcome
from ansible_collections.tenantops.migration.plugins.modules import change_rollback, upn_alignment
from lab.cloud.sync.person import DirectoryPerson
from lab.cloud.sync.reading import read_people
from lab.description import Description

from .directory_administrator import administrator_connection
from .synced_people import _server, accounts, sync
from .truth import Truth

SETTLE_TIME = 1.0
# What a task needs is in memory before it begins: to import it would take longer than the task.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["azure.identity", "msgraph", __name__])

Licenses = dict[str, dict[str, list[str]]]


@dataclass(frozen=True)
class Aligner:
    """Tasks about one tenant, and the truth about it."""

    lab: Description
    tenant: str
    folder: Path
    truth: Truth

    def parameters(self, module: Any = upn_alignment, **options: Any) -> dict[str, Any]:
        """The options of a task, validated as Ansible does it."""
        arguments = module.OPERATION.arguments
        host = self._host()
        given = {
            name.removeprefix("tenant_"): value
            for name, value in host.items()
            if name.startswith(("tenant_ad_", "tenant_entra_"))
        }
        usual = {
            **given,
            **host["tenant_upn_alignment"],
            "upn_suffixes": [self.lab.tenants[self.tenant]["domain"]],
            "known_domains": host["tenant_directory_known_domains"],
            "journal": str(self.folder / "journal"),
            "tenant": self.tenant,
            "run": "run",
            "settle_time": SETTLE_TIME,
            "entra_timeout": 20,
            "entra_retry_time": 30,
            "sync_timeout": 30,
        }
        known = {name: value for name, value in usual.items() if name in arguments.options}
        validator = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints())
        validated = validator.validate(known | options)
        assert not validated.error_messages, validated.error_messages
        return dict(validated.validated_parameters)

    def align(self, *, check_mode: bool = False, **options: Any) -> Outcome:
        """What a task comes to, as through either door."""
        return upn_alignment.OPERATION.run(self.parameters(**options), check_mode)

    def start(self, **options: Any) -> BaseProcess:
        """A task in a process of its own, which can be killed."""
        process = _PROCESSES.Process(target=_run, args=(self.parameters(**options),), daemon=True)
        process.start()
        return process

    def undo(self, run: str = "run") -> Outcome:
        """A rollback of a run."""
        parameters = self.parameters(change_rollback, undo_run=run, run=f"undo-{run}")
        return change_rollback.OPERATION.run(parameters, False)

    def sync(self) -> None:
        """Let the directory sync run once."""
        sync(self.lab, self.tenant)

    def clock(self, seconds: float | None) -> None:
        """Let it run every so many seconds, or not by itself."""
        self.truth.cloud("PUT", f"/sync/{self.tenant}", {"every": seconds})

    def trouble(self, kind: str, **details: Any) -> None:
        """Let something go wrong in the cloud until it is calm again."""
        self.truth.cloud("POST", "/chaos", {"kind": kind, "tenant": self.tenant, **details})

    def calm(self) -> None:
        """No more trouble."""
        self.truth.cloud("DELETE", "/chaos")

    def hold_role(self, name: str, template_id: str) -> None:
        """Give the app a directory role."""
        tenant = self.truth.cloud("GET", "/state")["tenants"][self.tenant]
        role = {
            "id": str(uuid.uuid5(uuid.UUID(template_id), self.tenant)),
            "role_template_id": template_id,
            "display_name": name,
            "description": "",
            "members": [tenant["application"]["object_id"]],
        }
        path = f"/state/tenants/{self.tenant}/directory_roles"
        self.truth.cloud("PUT", path, [*tenant["directory_roles"], role])

    def people(self) -> dict[str, DirectoryPerson]:
        """Everybody in the tenant's part of the directory, by the immutable id."""
        bases = self.lab.account_tenants[self.tenant]["search_bases"]
        return {each.immutable_id: each for each in read_people(_server(self.lab), bases)}

    def directory_names(self) -> dict[str, str | None]:
        """The user principal names on premises, by the immutable id."""
        return {anchor: person.user_principal_name for anchor, person in self.people().items()}

    def misnamed(self) -> list[str]:
        """The immutable ids of those who do not sign in with the primary address somewhere."""
        cloud = self.cloud_names()
        return [
            anchor
            for anchor, person in self.people().items()
            if {person.user_principal_name, cloud.get(anchor)} != {person.primary_address}
        ]

    def cloud_names(self) -> dict[str, str]:
        """Those of synchronised users in the cloud, by the immutable id."""
        found = accounts(self.lab, self.tenant)
        return {anchor: user["user_principal_name"] for anchor, user in found.items()}

    def licenses(self) -> Licenses:
        """The direct licences by part number, with the disabled plans, by the immutable id."""
        found = accounts(self.lab, self.tenant)
        return {anchor: user["licenses"] for anchor, user in found.items()}

    def seats(self) -> dict[str, int]:
        """How many users have which product."""
        told = self.truth.cloud("GET", f"/accounts/{self.tenant}", timeout=60)["seats"]
        return {sku: each["taken"] for sku, each in told.items()}

    def user_of(self, anchor: str) -> dict[str, Any]:
        """The truth about one user."""
        return accounts(self.lab, self.tenant)[anchor]

    def events(self) -> list[dict[str, Any]]:
        """What happened to licences, oldest first."""
        told = self.truth.cloud("GET", f"/ledger?tenant={self.tenant}", timeout=60)["accounts"]
        return [each for each in told if each["kind"].startswith("license_")]

    def order(self, **order: Any) -> None:
        """Let the cloud have SKUs, groups and accounts."""
        self.truth.cloud("POST", f"/accounts/{self.tenant}", order)

    def open_snapshots(self) -> list[str]:
        """The sign-in names of those whose licences are on disk and not closed."""
        path = self.folder / "journal" / f"{self.tenant}.licenses.jsonl"
        opened: dict[str, str] = {}
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            record = json.loads(line)
            if record["event"] == "open":
                opened[record["user"]] = record["name"]
            elif record["event"] == "closed":
                opened.pop(record["user"])
        return sorted(opened.values())

    def write(self, person: DirectoryPerson, **attributes: str) -> None:
        """Change somebody in the directory, as its administrator."""
        with administrator_connection(self.lab) as connection:
            changes = {name: [(ldap3.MODIFY_REPLACE, [text])] for name, text in attributes.items()}
            connection.modify(person.dn, changes)
            assert connection.result["description"] == "success", connection.result

    def assert_aligned(self) -> None:
        """Everybody signs in with the primary address, on both sides."""
        cloud = self.cloud_names()
        for anchor, person in self.people().items():
            assert person.user_principal_name == person.primary_address, person.dn
            assert cloud[anchor] == person.primary_address, person.dn

    def assert_nothing_lost(self, before: Licenses, seats: dict[str, int]) -> None:
        """Licences with their plans, and the seats, are what they were."""
        assert self.licenses() == before
        assert self.seats() == seats
        assert self.open_snapshots() == []
        balance: Counter[tuple[str, str]] = Counter()
        for event in self.events():
            thing = (event["user"], event["subject"])
            balance[thing] += {"license_removed": -1, "license_assigned": 1}[event["kind"]]
        assert set(balance.values()) <= {0}

    @contextmanager
    def syncing(self, seconds: float = 0.3) -> Iterator[None]:
        """The sync comes by itself while the block runs."""
        self.clock(seconds)
        try:
            yield
        finally:
            self.clock(None)

    @contextmanager
    def meanwhile(self, seconds: float, what: Any) -> Iterator[None]:
        """Something that happens while the block runs, unless it ends before."""
        timer = threading.Timer(seconds, what)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()

    def _host(self) -> dict[str, Any]:
        inventory = yaml.safe_load(Path(self.lab.data["inventory"]).read_text(encoding="utf-8"))
        all_hosts = inventory["account_tenants"]
        return {**all_hosts.get("vars", {}), **all_hosts["hosts"][self.tenant]}


def _run(parameters: dict[str, Any]) -> None:
    upn_alignment.OPERATION.run(parameters, False)
