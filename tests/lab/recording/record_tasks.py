# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: record_tasks
type: aggregate
short_description: Writes down every task of every host, with its arguments and its result
description:
  - One file per host, one line of JSON per task or item. Arguments and results are written as they
    are, secrets and all, because the tests look for secrets in them.
options:
  folder:
    description: Where the files go, and a copy of Ansible's own temporary files at the end.
    type: path
    required: true
    env:
      - name: TESTS_RECORDS
"""


class CallbackModule(CallbackBase):
    """Sees what every callback of an operator can see."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "record_tasks"
    CALLBACK_NEEDS_ENABLED = True

    def v2_runner_on_ok(self, result: Any) -> None:
        self._record(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._record(result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._record(result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._record(result)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        self._record(result)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        self._record(result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        own = Path(vars(constants)["DEFAULT_LOCAL_TMP"])
        shutil.copytree(own, self._folder() / own.name, dirs_exist_ok=True)

    def _record(self, result: Any) -> None:
        fields = result._task_fields
        record = {
            "task": fields.get("name"),
            "action": result._task.resolved_action or fields.get("action"),
            "arguments": fields.get("args"),
            "result": result._result,
        }
        path = self._folder() / f"{result._host.get_name()}.jsonl"
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record, default=str) + "\n")

    def _folder(self) -> Path:
        folder = Path(self.get_option("folder"))  # type: ignore[no-untyped-call]
        folder.mkdir(parents=True, exist_ok=True)
        return folder
