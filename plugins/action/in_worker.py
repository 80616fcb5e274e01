# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The second door: an operation run in Ansible's own worker, without starting a Python process.

`meta/runtime.yml` routes every module of the collection here. Where a task would run on the
controller with the controller's own Python, the worker performs the operation itself; anywhere else
it hands the task to the module of the same name.

This file is loaded in the controller before it forks the workers (see __init__.py), so what is
imported at module level is paid for once in a playbook. Only imports, and what is like them data in
memory, may happen there: a socket, an event loop, a thread or a token must not be carried through a
fork.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import sys
from functools import partial
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.errors import AnsibleActionFail, AnsibleUndefinedConfigEntry
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import action_loader, filter_loader, test_loader
from ansible.utils.display import Display

from ..module_utils._doors.operation import Operation, failed_result, perform
from ..module_utils._doors.preload import preload
from ..module_utils._doors.progress import listening
from ..module_utils._errors import TenantopsError
from ..plugin_utils._run_locks.held import under_lock
from ..plugin_utils._run_locks.writers import is_writing_module

_COLLECTION = "ansible_collections.tenantops.migration"

preload()
# What Ansible itself imports when it makes a task's arguments: in every worker again.
action_loader.get("ansible.legacy.normal", class_only=True)
filter_loader.get("default")
test_loader.get("defined")
# A worker's garbage collection would go through all of this, and so copy the pages it shares.
gc.freeze()


class ActionModule(ActionBase):
    """Performs the operation of the module that the task names."""

    _supports_check_mode = True
    _supports_async = True

    def run(
        self, tmp: str | None = None, task_vars: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        is_handed_over = self._belongs_elsewhere(variables)
        try:
            with self._locked(variables, is_handed_over=is_handed_over):
                done = self._hand_over(variables) if is_handed_over else self._perform(variables)
        except TenantopsError as error:
            done = failed_result(error)
        return {**result, **done}

    def _locked(
        self, variables: dict[str, Any], *, is_handed_over: bool
    ) -> contextlib.AbstractContextManager[None]:
        """The lock of the tenant, for a task that could change it."""
        if self._task.check_mode or not is_writing_module(_module_name(self._task)):
            return contextlib.nullcontext()
        return under_lock(
            str(variables.get("inventory_hostname", "")),
            handed_over=is_handed_over,
            folder=self._templar.template(variables.get("tenantops_lock_folder")),
        )

    def _hand_over(self, variables: dict[str, Any]) -> dict[str, Any]:
        done: dict[str, Any] = self._execute_module(
            task_vars=variables, wrap_async=bool(self._task.async_val)
        )
        return done

    def _belongs_elsewhere(self, variables: dict[str, Any]) -> bool:
        task = self._task
        return bool(
            task.async_val
            or task.become
            or any(task.environment or ())
            or self._connection.transport != "local"
            or not self._is_our_python(variables)
        )

    def _is_our_python(self, variables: dict[str, Any]) -> bool:
        """Whether a module would be run by the Python that runs us."""
        delegated: dict[str, Any] = variables.get("ansible_delegated_vars", {})
        where = delegated.get(self._task.delegate_to or "", variables)
        configured = constants.config.get_config_value("INTERPRETER_PYTHON", variables=where)
        wanted = str(self._templar.template(configured) or "auto").strip()
        return wanted.startswith("auto") or _place(wanted) == _place(sys.executable)

    def _perform(self, variables: dict[str, Any]) -> dict[str, Any]:
        # Where a module on the local connection is started: relative paths mean the same.
        with contextlib.chdir(self._loader.get_basedir()):
            return self._performed(variables)

    def _performed(self, variables: dict[str, Any]) -> dict[str, Any]:
        name = self._task.resolved_action or self._task.action
        operation = _operation(name)
        arguments = operation.arguments
        validator = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints())
        validated = validator.validate(self._task.args)
        parameters = validated.validated_parameters
        secrets = validated._no_log_values
        if validated.error_messages:
            result = {"failed": True, "msg": _argument_error(name, validated.errors)}
            warnings: tuple[str, ...] = ()
        else:
            show = partial(_show_progress, variables.get("inventory_hostname", ""), secrets)
            with listening(show):
                performed = perform(
                    operation,
                    parameters,
                    check_mode=self._task.check_mode,
                    diff_mode=self._task.diff,
                )
            result, warnings = performed.result, performed.warnings
        for warning in warnings:
            Display().warning(remove_values(warning, secrets))
        if _tells_invocation(variables):
            result = {**result, "invocation": {"module_args": parameters}}
        return _masked(result, secrets)


def _module_name(task: Any) -> str:
    return str(task.resolved_action or task.action).rpartition(".")[2]


def _operation(name: str) -> Operation:
    if name.endswith(".in_worker"):
        raise AnsibleActionFail(
            "in_worker runs the modules of this collection and is none itself: name the module"
        )
    module = importlib.import_module(f"{_COLLECTION}.plugins.modules.{name.rsplit('.', 1)[-1]}")
    operation: Operation = module.OPERATION
    return operation


def _show_progress(host: str, secrets: set[str], line: str) -> None:
    Display().display(f"{host}: {remove_values(line, secrets)}")


def _place(python: str) -> tuple[Path, Path]:
    """The folder and the binary, behind all links: the same for `python` and `python3` of one
    environment, but not for two environments that share a binary."""
    path = Path(python).absolute()
    return path.parent.resolve(), path.resolve()


def _tells_invocation(variables: dict[str, Any]) -> bool:
    """From ansible-core 2.21 the operator decides; before, every module tells its arguments."""
    try:
        name = "INJECT_INVOCATION"
        return bool(constants.config.get_config_value(name, variables=variables))
    except AnsibleUndefinedConfigEntry:
        return True


def _argument_error(name: str, errors: Any) -> str:
    message: str = errors.msg
    if isinstance(errors[0], UnsupportedError):
        return f"Unsupported parameters for ({name}) module: {message}"
    return message


def _masked(result: dict[str, Any], secrets: set[str]) -> dict[str, Any]:
    """What AnsibleModule does to every result: secrets out, plain booleans left as they are."""
    kept = {
        name: value for name, value in result.items() if value is None or isinstance(value, bool)
    }
    return {**remove_values(result, secrets), **kept}
