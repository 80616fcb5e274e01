# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From report folders to the files of the report, and what happens when not all can be read."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    KNOWN_AFTER_APPLY,
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Outcome
from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.plugin_utils._fleet_report.columns import (
    KNOWN_AFTER_APPLY as KNOWN_LATER,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._fleet_report.columns import (
    NO_VALUE,
    ChangeColumns,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._fleet_report.documents import (
    COLUMNS,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._fleet_report.runner import run
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.folder import ReportFolder
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.model import (
    Failure,
    Mode,
    Report,
    Step,
    StepCount,
    Tenant,
)

_STARTED = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
_PUBLISH = Step("Publish", "dns_txt", "domain_txt")
_CHANGE = Change(System.DNS, "txt_rrset", "id", "a.example", "TXT", Action.ADD, None, "=1+1")
_FAILURE = Failure(
    _PUBLISH.label, "dns_txt", "Refused (server: ns1).", {"problem": "=Refused", "advice": "Ask."}
)


def _write(
    folder: Path, *tenants: Tenant, night: int = 0, mode: Mode = Mode.CHECK, ended: bool = True
) -> Path:
    started = _STARTED + timedelta(days=night)
    report = Report(
        "Title",
        "move.yml",
        mode,
        started,
        started + timedelta(minutes=1) if ended else None,
        (_PUBLISH,),
        tenants,
    )
    written = ReportFolder(folder, mode)
    if ended:
        assert written.finish(report).problems == []
    else:
        written.begin(report)
    return folder


def _contoso(*changes: Change) -> Tenant:
    count = StepCount(ok=1, changes=len(changes))
    return Tenant("contoso", changes=list(changes), steps={_PUBLISH: count})


def _fabrikam() -> Tenant:
    return Tenant("fabrikam", failures=[_FAILURE], steps={_PUBLISH: StepCount(failed=1)})


def _run(base: Path, *folders: Path, check_mode: bool = False, **options: Any) -> Outcome:
    parameters = {
        "folders": [str(each) for each in folders],
        "folder": str(base / "fleet"),
        "tenants": None,
        "mode": "newest",
        "history": 10,
        "title": "All tenants",
        **options,
    }
    return run(parameters, check_mode)


def _document(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "fleet" / "fleet.json").read_text("utf-8"))
    return content


def _rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "fleet" / "fleet.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_report_of_one_run(tmp_path: Path) -> None:
    _write(tmp_path / "run", _contoso(_CHANGE), _fabrikam())

    outcome = _run(tmp_path, tmp_path / "run")

    assert outcome.error is None
    assert outcome.values["changed"] is True
    assert outcome.values["states"] == {"failed": 1, "complete": 1}
    assert outcome.values["change_count"] == 1
    tenants = _document(tmp_path)["tenants"]
    assert tenants["contoso"]["steps"] == [{"step": 0, "ok": 1, "changes": 1}]
    assert tenants["contoso"]["changes_by_system"] == {"dns": 1}
    assert tenants["fabrikam"]["failures"] == [_FAILURE.to_json()]
    assert tenants["fabrikam"]["history"] == []
    contoso, fabrikam = _rows(tmp_path)
    assert tuple(contoso) == COLUMNS
    assert (contoso["dns_changes"], contoso["ad_changes"], contoso["problem"]) == ("1", "0", "")
    # What a spreadsheet would run has an apostrophe in front.
    assert (fabrikam["problem"], fabrikam["advice"]) == ("'=Refused", "Ask.")


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    _run(tmp_path, _write(tmp_path / "run", _contoso()))
    folder = tmp_path / "fleet"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == dict.fromkeys(
        ("fleet.html", "fleet.csv", "fleet.json"), 0o600
    )


def test_made_again_nothing_is_written(tmp_path: Path) -> None:
    _write(tmp_path / "run", _contoso(_CHANGE), _fabrikam())
    assert _run(tmp_path, tmp_path / "run", check_mode=True).values["written"] == [
        *("fleet.html", "fleet.csv", "fleet.json"),
    ]
    assert not (tmp_path / "fleet").exists()
    _run(tmp_path, tmp_path / "run")
    again = _run(tmp_path, tmp_path / "run")
    assert (again.values["changed"], again.values["written"]) == (False, [])


def test_history_goes_from_report_to_report(tmp_path: Path) -> None:
    for night, change in enumerate((_CHANGE, _CHANGE, replace(_CHANGE, after="other"))):
        _write(tmp_path / "run", _contoso(change), night=night)
        values = _run(tmp_path, tmp_path / "run").values
        assert (
            values["since_last_run"] == [{"new": 1}, {"the same": 1}, {"other changes": 1}][night]
        )
    history = _document(tmp_path)["tenants"]["contoso"]["history"]
    assert [one["started"][:10] for one in history] == ["2026-11-23", "2026-11-22"]
    assert _run(tmp_path, tmp_path / "run").values["changed"] is False


@pytest.mark.parametrize(("mode", "expected"), [("newest", "apply"), ("check", "check")])
def test_runs_of_one_mode_can_be_asked_for(tmp_path: Path, mode: str, expected: str) -> None:
    _write(tmp_path / "run", _contoso(_CHANGE))
    _write(tmp_path / "run", _contoso(_CHANGE), mode=Mode.APPLY, night=1)
    _run(tmp_path, tmp_path / "run", mode=mode)
    assert _document(tmp_path)["tenants"]["contoso"]["mode"] == expected


def test_folders_are_found_two_levels_down_and_read_once(tmp_path: Path) -> None:
    _write(tmp_path / "runs" / "one", _contoso())
    _write(tmp_path / "runs" / "two", _fabrikam())
    outcome = _run(tmp_path, tmp_path / "runs", tmp_path / "runs" / "one" / "check")
    assert outcome.values["tenants"] == 2
    assert len(_document(tmp_path)["runs"]) == 2


def test_tenants_that_no_run_tells_of_are_in_the_report(tmp_path: Path) -> None:
    _write(tmp_path / "run", _contoso())
    outcome = _run(tmp_path, tmp_path / "run", tenants=["contoso", "tailspin"])
    assert outcome.values["states"] == {"no result": 1, "complete": 1}


def test_a_run_that_has_not_ended_is_told(tmp_path: Path) -> None:
    _write(tmp_path / "one", _contoso())
    _write(tmp_path / "two", ended=False)
    outcome = _run(tmp_path, tmp_path / "one", tmp_path / "two")
    assert outcome.values["unfinished"] == [str(tmp_path / "two" / "check")]
    assert "has not ended" in outcome.warnings[0]


def _altered(path: Path) -> None:
    path.write_text(path.read_text("utf-8").replace("=1+1", "=2+2"), "utf-8")


def _of_another_run(path: Path) -> None:
    other = _write(path.parents[2] / "other", _contoso())
    path.write_text((other / "check" / path.name).read_text("utf-8"), "utf-8")


def _not_json(path: Path) -> None:
    path.write_text("{", "utf-8")


def _a_list(path: Path) -> None:
    path.write_text("[]", "utf-8")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (Path.unlink, "cannot be read"),
        (_altered, "altered"),
        (_of_another_run, "not the one that its index names"),
        (_not_json, "cannot be read"),
        (_a_list, "not a plan"),
    ],
)
def test_a_plan_that_cannot_be_trusted_is_told_and_the_others_are_reported(
    tmp_path: Path, spoil: Callable[[Path], None], told: str
) -> None:
    _write(tmp_path / "run", _contoso(_CHANGE), _fabrikam())
    spoil(tmp_path / "run" / "check" / "contoso.json")

    outcome = _run(tmp_path, tmp_path / "run")

    assert outcome.error is not None
    assert outcome.error.kind == "partly_done"
    assert told in str(outcome.error)
    assert outcome.values["states"] == {"failed": 1, "unreadable": 1}
    assert told in _document(tmp_path)["tenants"]["contoso"]["problem"]
    assert told in _rows(tmp_path)[0]["problem"]


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"mode": "other"},
        {"started": "2026-11-22T22:00:00"},
        {"tenants": {"contoso": {}}},
        {"tenants": {"contoso": {"file": "../../etc/passwd"}}},
        {"steps": [], "tenants": {"contoso": {"steps": [{"step": 0}]}}},
    ],
)
def test_an_index_that_is_not_understood_is_told(tmp_path: Path, change: dict[str, Any]) -> None:
    _write(tmp_path / "run", _contoso())
    _write(tmp_path / "other", _fabrikam())
    index = tmp_path / "run" / "check" / "index.json"
    content = json.loads(index.read_text("utf-8"))
    tenants = change.pop("tenants", {})
    content |= change
    for name, fields in tenants.items():
        content["tenants"][name] = {**content["tenants"][name], **fields} if fields else {}
    index.write_text(json.dumps(content), "utf-8")

    outcome = _run(tmp_path, tmp_path / "run", tmp_path / "other")

    assert outcome.error is not None
    assert str(index) in outcome.values["problems"][0]
    assert outcome.values["states"] == {"failed": 1}


def test_nothing_to_report_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no results"):
        _run(tmp_path, tmp_path / "nowhere")
    assert not (tmp_path / "fleet").exists()


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"format": 2}', '{"format": 1, "tenants": {"a": {}}}']
)
def test_history_is_not_lost_without_a_word(tmp_path: Path, content: str) -> None:
    _write(tmp_path / "run", _contoso())
    (tmp_path / "fleet").mkdir()
    (tmp_path / "fleet" / "fleet.json").write_text(content, "utf-8")
    with pytest.raises(InvalidInput):
        _run(tmp_path, tmp_path / "run")
    assert not (tmp_path / "fleet" / "fleet.html").exists()


def test_a_relative_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="absolute"):
        _run(tmp_path, tmp_path, folder="fleet")


def test_changes_are_kept_once() -> None:
    columns = ChangeColumns()
    columns.add_tenant([_CHANGE, replace(_CHANGE, note="Asked for")], [])
    columns.add_tenant([], [])
    columns.add_tenant([replace(_CHANGE, after=KNOWN_AFTER_APPLY)], [_CHANGE])
    content = columns.to_json()
    assert columns.starts == [0, 2, 2, 4]
    assert sorted(content["texts"]) == ["=1+1", "Asked for", "a.example", "id"]
    assert content["before"] == [NO_VALUE] * 4
    assert content["after"][2] == KNOWN_LATER
    assert content["kind"] == [0, 0, 0, 1]
    assert list(content["notes"]) == [1]
