# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Somebody who gives licences in one tenant, and a look behind the cloud at who has which."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Outcome
from lab.description import Description

from .truth import Truth

_MODULES = "ansible_collections.tenantops.migration.plugins.modules"
# A tenant of the demo, whose few people are out of the way of those added here.
TENANT = "contoso"
DOMAIN = f"{TENANT}.onmicrosoft.com"
PERMISSIONS = (
    "GroupMember.Read.All",
    "LicenseAssignment.ReadWrite.All",
    "User.Read.All",
    "User.ReadWrite.All",
)
SETTLE_TIME = 1.0

_TASK = f"""
import json, sys
from {_MODULES}.entra_license import OPERATION
OPERATION.run(json.load(sys.stdin), False)
"""


@dataclass(frozen=True)
class LicensingOffice:
    """Tasks about one tenant, and the truth about it."""

    lab: Description
    truth: Truth
    folder: Path

    def run(self, module: str, /, *, check_mode: bool = False, **options: Any) -> Outcome:
        """What a task comes to, as through either door."""
        operation = importlib.import_module(f"{_MODULES}.{module}").OPERATION
        outcome: Outcome = operation.run(self.parameters(module, **options), check_mode)
        return outcome

    def parameters(self, module: str, /, **options: Any) -> dict[str, Any]:
        """The options of a task, validated as Ansible does it."""
        arguments = importlib.import_module(f"{_MODULES}.{module}").OPERATION.arguments
        tenant, cloud = self.lab.tenants[options.pop("of_tenant", TENANT)], self.lab.cloud
        usual = {
            "entra_tenant_id": tenant["tenant_id"],
            "entra_client_id": tenant["client_id"],
            "entra_client_secret": tenant["client_secret"],
            "entra_graph_url": cloud["graph_url"],
            "entra_authority": cloud["authority"],
            "entra_ca_path": self.lab.ca_file,
            "entra_timeout": 10,
            "entra_retry_time": 30,
            "journal": str(self.folder / "journal"),
            "tenant": TENANT,
            "run": "run",
            "settle_time": SETTLE_TIME,
        }
        known = {name: value for name, value in usual.items() if name in arguments.options}
        validator = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints())
        validated = validator.validate(known | options)
        assert not validated.error_messages, validated.error_messages
        return dict(validated.validated_parameters)

    def license(self, *skus: str, check_mode: bool = False, **options: Any) -> Outcome:
        """A task that gives products, those with a minus in front taken away."""
        if skus:
            options["licenses"] = licenses(*skus)
        return self.run("entra_license", check_mode=check_mode, **options)

    def users(self, **options: Any) -> Outcome:
        """A list of users."""
        return self.run("entra_user_info", **options)

    def undo(self, run: str = "run", **options: Any) -> Outcome:
        """A rollback of a run."""
        return self.run("change_rollback", undo_run=run, run=f"undo-{run}", **options)

    def start(self, *skus: str, **options: Any) -> subprocess.Popen[bytes]:
        """A task about licences in a process of its own, which can be killed."""
        parameters = self.parameters("entra_license", licenses=licenses(*skus), **options)
        process = subprocess.Popen([sys.executable, "-c", _TASK], stdin=subprocess.PIPE)
        assert process.stdin is not None
        process.stdin.write(json.dumps(parameters).encode())
        process.stdin.close()
        return process

    def order(self, **order: Any) -> None:
        """Let the cloud have SKUs, groups and accounts."""
        self.truth.cloud("POST", f"/accounts/{TENANT}", order)

    def add(self, name: str, *skus: str, **account: Any) -> None:
        """Add one user with these products, in Sweden unless it is said otherwise."""
        order = {
            "user_principal_name": f"{name}@{DOMAIN}",
            "usage_location": "SE",
            "licenses": [{"sku": sku} for sku in skus],
            **account,
        }
        self.order(accounts=[order])

    def people(self) -> dict[str, dict[str, Any]]:
        """The truth about each member, by the part of the name before the @."""
        told = self.truth.cloud("GET", f"/accounts/{TENANT}")["users"]
        return {user["user_principal_name"].partition("@")[0]: user for user in told}

    def licensed(self) -> dict[str, dict[str, list[str]]]:
        """Who has which products directly, and which of their plans are disabled."""
        return {name: user["licenses"] for name, user in self.people().items() if user["licenses"]}

    def seats(self, sku: str) -> int:
        """How many users have a product."""
        taken: int = self.truth.cloud("GET", f"/accounts/{TENANT}")["seats"][sku]["taken"]
        return taken

    def people_groups(self) -> dict[str, str]:
        """The ids of the groups, by name."""
        told = self.truth.cloud("GET", f"/accounts/{TENANT}")["groups"]
        return {group["name"]: group["id"] for group in told}

    def sku(self, part_number: str) -> dict[str, Any]:
        """A subscribedSku as Graph tells it, with none of its seats taken."""
        tenant = self.truth.cloud("GET", "/state")["tenants"][TENANT]
        sku = next(each for each in tenant["skus"] if each["part_number"] == part_number)
        return {
            "id": f"{TENANT}_{sku['id']}",
            "skuId": sku["id"],
            "skuPartNumber": part_number,
            "appliesTo": "User",
            "capabilityStatus": sku["capability_status"],
            "consumedUnits": 0,
            "prepaidUnits": {
                "enabled": sku["enabled"],
                "suspended": 0,
                "warning": 0,
                "lockedOut": 0,
            },
            "servicePlans": [],
        }

    def events(self, kind: str, sku: str) -> list[str]:
        """The users to whom something happened with a product, as often as it did."""
        told = self.truth.cloud("GET", f"/ledger?tenant={TENANT}")["accounts"]
        return [each["user"] for each in told if (each["kind"], each["subject"]) == (kind, sku)]

    def writes(self) -> list[tuple[str, str]]:
        """The requests that may have changed something: how, and the last part of where."""
        return [
            (request["method"], request["path"].rpartition("/")[2])
            for request in self.truth.cloud("GET", "/requests")["requests"]
            if request["path"].startswith("/v1.0/users") and request["method"] != "GET"
        ]

    def forget(self) -> None:
        """Empty the log of requests."""
        self.truth.cloud("DELETE", "/requests")

    def trouble(self, kind: str, **details: Any) -> None:
        """Let something go wrong until it is calm again."""
        self.truth.cloud("POST", "/chaos", {"kind": kind, "tenant": TENANT, **details})

    def calm(self) -> None:
        """No more trouble."""
        self.truth.cloud("DELETE", "/chaos")

    def permit(self, permissions: Sequence[str]) -> None:
        """Let the app have these permissions and no others."""
        path = f"/state/tenants/{TENANT}/application/permissions"
        self.truth.cloud("PUT", path, list(permissions))


def licenses(*skus: str) -> list[dict[str, Any]]:
    """The option, of part numbers; a minus in front is for absent."""
    return [
        {"sku": sku.removeprefix("-"), "state": "absent" if sku.startswith("-") else "present"}
        for sku in skus
    ]


@contextmanager
def licensing_office(lab: Description, folder: Path) -> Iterator[LicensingOffice]:
    """A tenant with 10 seats of each of three products, reset afterwards."""
    truth = Truth(lab)
    truth.cloud("POST", "/reset")
    try:
        office = LicensingOffice(lab, truth, folder)
        office.permit(PERMISSIONS)
        skus = ("ENTERPRISEPACK", "STANDARDPACK", "EMS")
        office.order(skus=[{"part_number": sku, "enabled": 10} for sku in skus])
        yield office
    finally:
        truth.cloud("POST", "/reset")
