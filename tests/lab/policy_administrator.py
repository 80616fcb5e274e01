# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Somebody who sets a tenant's sign-in policies with our modules, and can look behind the cloud."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import (
    Operation,
    Outcome,
)
from lab.description import Description

from .openapi import GraphDescription
from .truth import Truth

_MODULES = "ansible_collections.tenantops.migration.plugins.modules"
_PATIENCE = 5


@dataclass(frozen=True)
class PolicyAdministrator:
    """Works for one tenant of the lab."""

    lab: Description
    truth: Truth
    tenant: str

    def run(self, module: str, *, check_mode: bool = False, **options: Any) -> Outcome:
        """Run a module's runner as either door does."""
        operation: Operation = importlib.import_module(f"{_MODULES}.{module}").OPERATION
        arguments = operation.arguments
        validator = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints())
        given = {**self.connection(), **options}
        known = {name: value for name, value in given.items() if name in arguments.options}
        validated = validator.validate(known)
        assert not validated.error_messages, validated.error_messages
        return operation.run(validated.validated_parameters, check_mode)

    def connection(self) -> dict[str, Any]:
        """The options that lead to the tenant."""
        tenant, cloud = self.lab.tenants[self.tenant], self.lab.cloud
        return {
            "entra_tenant_id": tenant["tenant_id"],
            "entra_client_id": tenant["client_id"],
            "entra_client_secret": tenant["client_secret"],
            "entra_graph_url": cloud["graph_url"],
            "entra_authority": cloud["authority"],
            "entra_ca_path": self.lab.ca_file,
            "entra_timeout": 10,
            "entra_retry_time": _PATIENCE,
        }

    def found(self) -> dict[str, Any]:
        """The tenant as it really is."""
        tenant: dict[str, Any] = self.truth.cloud("GET", "/state")["tenants"][self.tenant]
        return tenant

    def put(self, path: str, value: Any) -> None:
        """Change the tenant behind everybody's back."""
        self.truth.cloud("PUT", f"/state/tenants/{self.tenant}/{path}", value)

    def lose(self, *permissions: str) -> None:
        """Take permissions away from the application."""
        held = self.found()["application"]["permissions"]
        assert set(permissions) <= set(held)
        kept = [permission for permission in held if permission not in permissions]
        self.put("application/permissions", kept)

    def trouble(self, kind: str, **details: Any) -> None:
        """Ask the cloud to misbehave towards this tenant."""
        self.truth.cloud("POST", "/chaos", {"kind": kind, "tenant": self.tenant, **details})

    def requests(self, *methods: str) -> list[dict[str, Any]]:
        """What Graph was asked with these methods (none: all), oldest first."""
        log: list[dict[str, Any]] = self.truth.cloud("GET", "/requests")["requests"]
        return [
            entry
            for entry in log
            if entry["path"].startswith("/v1.0/") and (not methods or entry["method"] in methods)
        ]

    def problems(self, description: GraphDescription) -> list[str]:
        """What in the requests is not as Microsoft describes it."""
        return [
            problem
            for entry in self.requests()
            for problem in description.problems(
                entry["method"], _url(entry), entry["body"], 204, None
            )
        ]


@contextmanager
def administrator_of(lab: Description, tenant: str) -> Iterator[PolicyAdministrator]:
    """Somebody for a tenant of a cloud that is as at its start, before and after."""
    truth = Truth(lab)
    truth.cloud("POST", "/reset")
    try:
        yield PolicyAdministrator(lab, truth, tenant)
    finally:
        truth.cloud("POST", "/reset")


def _url(entry: dict[str, Any]) -> str:
    return f"{entry['path']}?{entry['query']}" if entry["query"] else str(entry["path"])
