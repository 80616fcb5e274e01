# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the report over all tenants, on the controller, where the files of its runs are.

It is no module, because a page has parts that are not Python and could not be sent elsewhere.
"""

from __future__ import annotations

from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._doors.arguments import Arguments
from ..module_utils._doors.operation import Operation, perform
from ..plugin_utils._fleet_report.runner import run

OPERATION = Operation(
    arguments=Arguments(
        {
            "folders": {"type": "list", "elements": "path", "required": True},
            "folder": {"type": "path", "required": True},
            "tenants": {"type": "list", "elements": "str"},
            "mode": {"type": "str", "choices": ["newest", "check", "apply"], "default": "newest"},
            "history": {"type": "int", "default": 10},
            "title": {"type": "str", "default": "All tenants"},
        }
    ),
    run=run,
)


class ActionModule(ActionBase):
    """Performs the operation in Ansible's worker."""

    _supports_check_mode = True
    _supports_async = False

    def run(
        self, tmp: str | None = None, task_vars: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        arguments = OPERATION.arguments
        validator = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints())
        validated = validator.validate(self._task.args)
        if validated.error_messages:
            return {**result, "failed": True, "msg": validated.errors.msg}
        performed = perform(
            OPERATION,
            validated.validated_parameters,
            check_mode=self._task.check_mode,
            diff_mode=self._task.diff,
        )
        for warning in performed.warnings:
            Display().warning(warning)
        return {**result, **performed.result}
