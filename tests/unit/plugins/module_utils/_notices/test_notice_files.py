# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a list of people to a folder of texts."""

from __future__ import annotations

import csv
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Outcome
from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.module_utils._notices.files import file_name
from ansible_collections.tenantops.migration.plugins.modules.notice_files import OPERATION

_ANNA = {"address": "Anna@fabrikam.test", "name": "Anna", "preferred_language": "sv-SE"}
_TOM = {"address": "tom@adatum.test", "name": None, "preferred_language": None}


def _run(folder: Path | None, *, check_mode: bool = False, **given: Any) -> Outcome:
    defaults = {name: spec.get("default") for name, spec in OPERATION.arguments.options.items()}
    options = {
        **defaults,
        "folder": None if folder is None else str(folder),
        "notice": "redemption_reset",
        "organization": "Contoso",
        **given,
    }
    recipients = options["recipients"]
    if recipients is not None:
        options["recipients"] = [{"row": None, **recipient} for recipient in recipients]
    return OPERATION.run(options, check_mode)


def _index(folder: Path) -> list[dict[str, str]]:
    with (folder / "index.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_text_for_each_and_an_index(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "notices"
    outcome = _run(folder, recipients=[_ANNA, _TOM])
    assert outcome.values["written"] == [
        "anna@fabrikam.test.txt",
        "tom@adatum.test.txt",
        "index.csv",
    ]
    assert outcome.values["languages"] == {"en": 1, "sv": 1}
    assert outcome.values["chosen_by"] == {"default": 1, "preferred_language": 1}
    assert (folder / "anna@fabrikam.test.txt").read_text("utf-8").startswith("Subject: Tacka ja")
    anna, tom = _index(folder)
    assert anna["address"] == "Anna@fabrikam.test"
    assert (tom["language"], tom["because"], tom["file"]) == (
        *("en", "default"),
        "tom@adatum.test.txt",
    )
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_dry_run_tells_what_the_run_writes_and_writes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "notices"
    dry = _run(folder, check_mode=True, recipients=[_ANNA, _TOM])
    assert not folder.exists()
    assert _run(folder, recipients=[_ANNA, _TOM]).values == dry.values


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    _run(tmp_path, recipients=[_ANNA, _TOM])
    again = _run(tmp_path, recipients=[_ANNA, _TOM])
    assert (again.values["changed"], again.values["written"]) == (False, [])
    renamed = _run(tmp_path, recipients=[_ANNA, _TOM | {"name": "Tom"}])
    assert renamed.values["written"] == ["tom@adatum.test.txt", "index.csv"]
    left = _run(tmp_path, recipients=[_ANNA])
    assert left.values["written"] == ["index.csv"]
    assert left.values["left_over"] == ["tom@adatum.test.txt"]


def test_list_of_guests(tmp_path: Path) -> None:
    people = tmp_path / "guests.csv"
    people.write_text(
        "\ufeffAddress,display_name,preferred_language,method,new_name\r\n"
        '"anna@fabrikam.test","\'=Anna","sv","one_time_passcode"\r\n'
        '"tom@adatum.test","Tom","","google",""\r\n'
        '"","Nobody","","one_time_passcode",""\r\n'
        '"eva@","Eva","","one_time_passcode",""\r\n'
    )
    outcome = _run(tmp_path / "notices", read_csv=str(people), only={"method": "one_time_passcode"})
    assert outcome.values["written"] == ["anna@fabrikam.test.txt", "index.csv"]
    assert "Hej =Anna!" in (tmp_path / "notices" / "anna@fabrikam.test.txt").read_text("utf-8")
    told = [failure["error"] for failure in outcome.values["failures"]]
    assert [error["problem"] for error in told] == [
        "There is no address",
        "This is not a mail address: 'eva@'",
    ]
    assert [
        error["object"].endswith(f"guests.csv, line {line}")
        for error, line in zip(told, (4, 5), strict=True)
    ] == [True, True]
    assert outcome.error is not None


def test_column_that_is_not_there(tmp_path: Path) -> None:
    people = tmp_path / "guests.csv"
    people.write_text("address\nanna@fabrikam.test\n")
    with pytest.raises(InvalidInput, match="no column method"):
        _run(tmp_path / "notices", read_csv=str(people), only={"method": ["google"]})


def test_same_person_twice(tmp_path: Path) -> None:
    other = _ANNA | {"address": "anna@fabrikam.test", "preferred_language": "ja"}
    outcome = _run(tmp_path, recipients=[_ANNA, _ANNA, other])
    assert len(_index(tmp_path)) == 1
    (failure,) = outcome.values["failures"]
    assert "twice" in failure["error"]["problem"]
    assert (tmp_path / "anna@fabrikam.test.txt").read_text("utf-8").startswith("Subject: Tacka")


def test_templates_to_begin_with(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    dry = _run(None, check_mode=True, copy_templates_to=str(folder))
    assert not folder.exists()
    copied = _run(None, copy_templates_to=str(folder))
    assert copied.values == dry.values
    assert "sv/invitation.txt.j2" in copied.values["templates_written"]
    mine = folder / "sv" / "redemption_reset.txt.j2"
    mine.write_text("Subject: Egen\n\nEgen text.\n", "utf-8")
    again = _run(
        tmp_path / "notices",
        recipients=[_ANNA],
        copy_templates_to=str(folder),
        templates=str(folder),
    )
    assert again.values["templates_written"] == []
    text = (tmp_path / "notices" / "anna@fabrikam.test.txt").read_text("utf-8")
    assert text == "Subject: Egen\n\nEgen text.\n"


@pytest.mark.parametrize("check_mode", [True, False])
def test_templates_that_are_copied_and_used_at_once(tmp_path: Path, check_mode: bool) -> None:
    folder = str(tmp_path / "templates")
    outcome = _run(
        tmp_path / "notices",
        check_mode=check_mode,
        recipients=[_ANNA],
        copy_templates_to=folder,
        templates=folder,
    )
    assert outcome.values["languages"] == {"sv": 1}


def test_broken_template_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "redemption_reset.txt.j2").write_text("Subject: A\n\n{{ row.colour }}\n")
    with pytest.raises(InvalidInput, match="cannot be filled"):
        _run(tmp_path / "notices", recipients=[_TOM], templates=str(tmp_path))
    assert not (tmp_path / "notices").exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "Nobody is to be told"),
        ({"recipients": [_TOM], "templates": "notices"}, "absolute"),
        ({"read_csv": "/nonexistent/guests.csv"}, "cannot be read"),
    ],
)
def test_what_cannot_be_meant(tmp_path: Path, options: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        _run(tmp_path, **options)


def test_folder_is_told_wholly() -> None:
    with pytest.raises(InvalidInput, match="folder must be an absolute path"):
        _run(Path("notices"), recipients=[_TOM])


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "notices").write_text("a file")
    with pytest.raises(InvalidInput, match="cannot be written"):
        _run(tmp_path / "notices", recipients=[_TOM])


@given(some.text(min_size=1), some.text(min_size=1))
def test_file_names_are_safe_and_belong_to_one_person(first: str, second: str) -> None:
    name = file_name(first)
    assert Path(name).name == name
    assert not name.startswith(".")
    assert len(name.encode()) <= 184
    assert (file_name(second) == name) == (first.lower() == second.lower())
