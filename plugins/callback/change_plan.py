# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: change_plan
type: aggregate
short_description: Writes what a playbook changed, or would change, for each tenant
version_added: 1.0.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Writes one JSON file per tenant (inventory host) with the changes that the modules of
    this collection would make (with C(--check)) or made (without), an index over all tenants, and
    one HTML page for people that needs no network.
  - The files are C(<folder>/check/<tenant>.json) after a dry run and
    C(<folder>/apply/<tenant>.json) after a real run, beside them C(index.json) and C(report.html).
    The file of a dry run is what the option C(approved_plan) of the modules takes. The formats are
    in C(docs/formats.md).
  - A tenant is every host that a task of this collection was run for, or was to be run for.
    A plan from which changes may be missing, because a task failed, a result was hidden or the play
    was stopped, has C(complete) set to V(false) and says why.
  - Files of tenants that this run did not cover are left alone; the index lists this run only.
  - Only the changes, messages and errors of results are read, and what they say about a directory
    (see M(tenantops.migration.ad_attributes_info)), about domains, about guests
    (see M(tenantops.migration.entra_guest_info)), about accounts
    (see M(tenantops.migration.account_comparison_info)) or about changes that a rollback left
    alone, never the arguments of a task. Of a task with C(no_log) nothing is read, so its plan is
    incomplete.
  - Where only a person can go on, the file and the index list an open gate and no failure, with
    what to do and where; the page has a list of them.
  - What was found in a directory, how guests sign in, and what differs between the accounts of a
    directory and a tenant is shown on the HTML page, as many findings, guests and people as the
    task lists; the index counts them.
  - A task that sets C(check_mode) itself may differ from the run. Its changes are not part of the
    plan; they are told apart as C(other_mode), because in a real run they were not made, and in a
    dry run they were.
  - A playbook of this collection can have a dry run and the run after it as its parts, as
    C(tenantops.migration.apply) has. Each part is written as a run of its own as soon as it has
    ended, so that the tasks after it can read the plans.
  - A problem with writing is displayed as an error and never fails the play. A plan that cannot be
    written does not leave an older one behind if that can be avoided.
requirements:
  - Enabled with C(callbacks_enabled = tenantops.migration.change_plan) in C(ansible.cfg).
options:
  folder:
    description:
      - The folder that everything is written to. It is made if it does not exist, for its owner
        only.
      - A relative path is meant from the current folder, or from the configuration file that it
        stands in.
    type: path
    default: ./tenantops-report
    env:
      - name: TENANTOPS_REPORT_FOLDER
    ini:
      - section: callback_change_plan
        key: folder
  title:
    description: The title of the HTML page.
    type: str
    default: Tenant migration
    env:
      - name: TENANTOPS_REPORT_TITLE
    ini:
      - section: callback_change_plan
        key: title
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible import context
from ansible.plugins.callback import CallbackBase

from ..plugin_utils._forks.memory import keep_shared
from ..plugin_utils._report.folder import ReportFolder, Written
from ..plugin_utils._report.model import Mode, Report, Step
from ..plugin_utils._report.recorder import Ending, Recorder

_COLLECTION = "tenantops.migration"
# Modules that work with what is known of all tenants, and are a step of none
_OVER_THE_FLEET = "fleet_"
_INCLUDES_ROLE = ("ansible.builtin.include_role", "ansible.legacy.include_role", "include_role")
_NAMES_SHOWN = 10
# The variable of a play that says to which part of its playbook it belongs
_PART = "tenantops_part"
_DRY_RUN = "dry_run"


@dataclass
class _Recording:
    """A recorder, and what has to be known beside it: a run, or one part of a playbook."""

    recorder: Recorder
    has_begun: bool = False
    lost: set[str] = field(default_factory=set)
    """Of a part: hosts for which a task failed, rescued or not. What a part's plans are read for
    asks for certainty, and Ansible counts who is lost at the end of everything only."""


class CallbackModule(CallbackBase):
    """Tells the recorder what happens in terms of names and results, and writes its report."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "tenantops.migration.change_plan"
    CALLBACK_NEEDS_ENABLED = True

    _run: _Recording | None = None
    _parts: dict[str, _Recording]
    _has_parts = False
    _part = ""
    # What the play says of check_mode, before templates are filled in
    _written_check_mode: object = None

    # The run and its plays

    def v2_playbook_on_start(self, playbook: Any) -> None:
        self._end_part()
        plays = playbook.get_plays()
        self._parts, self._has_parts = {}, any(_PART in play.vars for play in plays)
        if not self._has_parts:
            self._recorder().playbook(
                _playbook_name(Path(playbook._file_name)),
                has_steps=any(_has_steps(play) for play in plays),
            )

    def v2_playbook_on_play_start(self, play: Any) -> None:
        variables = play.get_variable_manager().get_vars(play=play)
        self._written_check_mode = _as_written(play).get("check_mode")
        if self._has_parts:
            self._change_part(play, variables)
        self._recorder().play(
            variables["ansible_play_hosts_all"],
            variables["ansible_play_batch"],
            has_steps=_has_steps(play),
        )

    def v2_playbook_on_no_hosts_remaining(self) -> None:
        self._recorder().play_stopped()

    def v2_playbook_on_stats(self, stats: Any) -> None:
        self._end_part()
        if self._run is None:
            return
        recorder = self._run.recorder
        lost = {host for counts in (stats.failures, stats.dark) for host in counts if counts[host]}
        self._write(recorder, lost)

    # Tasks

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        keep_shared()

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        if _is_ours(task):
            self._recorder().step_started(host.get_name(), task._uuid, _step(task))
            self._begin()

    def v2_runner_on_ok(self, result: Any) -> None:
        self._ended(result, self._ending(result))

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        task, ending = result.task, self._ending(result, failed=True, ignored=ignore_errors)
        if _is_ours(task):
            self._ended(result, ending)
        elif not ignore_errors:
            self._failed_elsewhere(result)
        if not ignore_errors:
            self._recording().lost.add(result.host.get_name())
        # Ansible then fails all the other hosts of the play without saying so.
        if not ignore_errors and (task.any_errors_fatal or task.run_once):
            self._recorder().play_stopped()

    def v2_runner_on_unreachable(self, result: Any) -> None:
        task = result.task
        if not task.ignore_unreachable:
            self._recording().lost.add(result.host.get_name())
        if _is_ours(task):
            ending = self._ending(result, ignored=bool(task.ignore_unreachable))
            self._recorder().step_unreachable(*_told(result), ending)
        else:
            self._failed_elsewhere(result, unreachable=True)
        if task.any_errors_fatal and not task.ignore_unreachable:
            self._recorder().play_stopped()

    def v2_runner_on_skipped(self, result: Any) -> None:
        if _is_ours(result.task):
            self._recorder().step_skipped(*_told(result)[:3])

    def v2_runner_retry(self, result: Any) -> None:
        if _is_ours(result.task):
            self._recorder().step_retried(*_told(result), self._ending(result))

    # Helpers

    def _ended(self, result: Any, ending: Ending) -> None:
        if _is_ours(result.task):
            self._recorder().step_ended(*_told(result), ending)

    def _failed_elsewhere(self, result: Any, *, unreachable: bool = False) -> None:
        task = result.task
        told = {"censored": True} if task.no_log else result.result
        self._recorder().failed_elsewhere(
            result.host.get_name(), _name(task), str(task.action), told, unreachable=unreachable
        )

    def _ending(self, result: Any, *, failed: bool = False, ignored: bool = False) -> Ending:
        task = result.task
        return Ending(
            failed=failed,
            ignored=ignored,
            no_log=bool(task.no_log),
            in_mode=self._is_in_mode(task),
        )

    def _is_in_mode(self, task: Any) -> bool:
        """Whether a task was performed as its run or part is: dry, or not.

        A loop's items are told with the task before its templates are filled in. The template of
        the play, if it is that, stands for what the play's part is.
        """
        mode = self._recorder().mode
        if isinstance(task.check_mode, str) and task.check_mode == self._written_check_mode:
            return True
        return bool(task.check_mode) == (mode is Mode.CHECK)

    def _recorder(self) -> Recorder:
        return self._recording().recorder

    def _recording(self) -> _Recording:
        """What events go to: the part that is under way, or else the run.

        Several playbooks on one command line are one run, but for those that have parts. What such
        a playbook does between its parts is for the fleet and for no tenant: it goes to a recording
        that nobody writes.
        """
        if self._has_parts:
            return self._parts.setdefault(self._part, self._new_recording(self._mode()))
        if self._run is None:
            self._run = self._new_recording(self._mode())
        return self._run

    def _new_recording(self, mode: Mode) -> _Recording:
        return _Recording(Recorder(title=self._option("title"), mode=mode, started=_now()))

    def _mode(self) -> Mode:
        return Mode.CHECK if context.CLIARGS.get("check") else Mode.APPLY

    def _change_part(self, play: Any, variables: Mapping[str, Any]) -> None:
        """Go on to the part that a play belongs to; the part before it is written."""
        part = str(play.vars.get(_PART, ""))
        if part == self._part:
            return
        self._end_part()
        self._part = part
        if part and part not in self._parts:
            mode = Mode.CHECK if part == _DRY_RUN else self._mode()
            self._parts[part] = self._new_recording(mode)
            course = f"{_COLLECTION}.{variables.get('tenantops_playbook', '')}"
            self._parts[part].recorder.playbook(course, has_steps=True)

    def _end_part(self) -> None:
        if self._part:
            recording = self._parts[self._part]
            self._write(recording.recorder, recording.lost)
        self._part = ""

    def _write(self, recorder: Recorder, lost: set[str]) -> None:
        folder = self._folder(recorder)
        report = recorder.report(
            _now(), lost=lost, known={host for host in lost if folder.has_plan(host)}
        )
        if report.tenants:
            self._tell(report, folder.finish(report))

    def _option(self, name: str) -> str:
        return str(self.get_option(name))  # type: ignore[no-untyped-call]

    def _folder(self, recorder: Recorder) -> ReportFolder:
        return ReportFolder(Path(self._option("folder")), recorder.mode)

    def _begin(self) -> None:
        """At the first task, so that an unusable folder is known before anything is changed."""
        recording = self._recording()
        if recording.has_begun:
            return
        recording.has_begun = True
        folder = self._folder(recording.recorder)
        try:
            folder.begin(recording.recorder.report(None))
        except OSError as error:
            self._display.error(
                f"change_plan: {folder.path} cannot be written ({error.strerror or error}), so "
                "this run may leave no plan and no report. What is there is of an earlier run."
            )

    def _tell(self, report: Report, written: Written) -> None:
        for problem in written.problems[:_NAMES_SHOWN]:
            self._display.error(f"change_plan: {problem}")
        if len(written.problems) > _NAMES_SHOWN:
            more = len(written.problems) - _NAMES_SHOWN
            self._display.error(f"change_plan: and {more} more files were not written.")
        incomplete = [tenant.name for tenant in report.tenants if tenant.failures or tenant.gaps]
        if incomplete:
            self._display.warning(
                f"change_plan: incomplete for {len(incomplete)} of {len(report.tenants)} tenants, "
                f"changes may be missing: {_shortened(incomplete)}"
            )
        waiting = [tenant.name for tenant in report.tenants if tenant.gates]
        if waiting:
            self._display.warning(
                f"change_plan: {len(waiting)} of {len(report.tenants)} tenants wait at a gate for "
                f"a person, the report says for what: {_shortened(waiting)}"
            )
        if not written.problems:
            amount = sum(len(tenant.changes) for tenant in report.tenants)
            verb = "to make" if report.mode is Mode.CHECK else "made"
            self._display.display(f"Changes {verb}: {amount}. Report: {written.page}")


def _has_steps(play: Any) -> bool:
    """Whether a play has tasks of this collection, as far as that is known before it runs."""
    return any(_is_ours(task) or _includes_our_role(task) for task in _listed_tasks(play))


def _listed_tasks(play: Any) -> Iterator[Any]:
    """The tasks of a play that are known before it runs, in all nested blocks and roles."""
    blocks: list[Any] = list(play.compile())
    while blocks:
        block = blocks.pop()
        for entry in (*block.block, *block.rescue, *block.always):
            if hasattr(entry, "block"):
                blocks.append(entry)
            else:
                yield entry


def _is_ours(task: Any) -> bool:
    """Whether a task is one of this collection, and for one tenant."""
    action = str(task.action)
    if "{" in action:
        return False  # it says what it is when it has run
    # When a task begins, it is resolved to the action plugin that all modules share.
    names = (str(task.resolved_action or action), action)
    over_the_fleet = any(name.rsplit(".", 1)[-1].startswith(_OVER_THE_FLEET) for name in names)
    return names[0].startswith(f"{_COLLECTION}.") and not over_the_fleet


def _includes_our_role(task: Any) -> bool:
    role = str(task.args.get("name") or task.args.get("role"))
    return str(task.action) in _INCLUDES_ROLE and role.startswith(f"{_COLLECTION}.")


def _told(result: Any) -> tuple[str, str, Step, Any]:
    """The host, the task, its step and the result, as the recorder wants them."""
    task = result.task
    return result.host.get_name(), task._uuid, _step(task), result.result


def _step(task: Any) -> Step:
    action = str(task.resolved_action or task.action).rsplit(".", 1)[-1]
    role = str(task._role.get_name(include_role_fqcn=False)) if task._role else ""
    return Step(name=_written_name(task) or action, action=action, role=role)


def _written_name(task: Any) -> str:
    """The name as the playbook has it: Ansible fills in the first host's variables for all."""
    written = task.get_ds()
    name = written.get("name") if isinstance(written, Mapping) else task.name
    return str(name or "")


def _as_written(play: Any) -> Mapping[str, Any]:
    """The keywords of a play, before templates are filled in."""
    written = play.get_ds()
    return written if isinstance(written, Mapping) else {}


def _name(task: Any) -> str:
    return str(task.get_name(include_role_fqcn=False))


def _playbook_name(path: Path) -> str:
    """`namespace.collection.name` for a collection's playbook, else the name of its file."""
    parts = path.parts
    if len(parts) > 4 and parts[-2] == "playbooks" and parts[-5] == "ansible_collections":
        return ".".join((parts[-4], parts[-3], path.stem))
    return path.name


def _shortened(names: list[str]) -> str:
    more = len(names) - _NAMES_SHOWN
    return ", ".join(names[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _now() -> datetime:
    return datetime.now(UTC)
