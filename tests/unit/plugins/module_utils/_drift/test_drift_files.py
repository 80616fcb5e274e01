# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.plan import digest
from ansible_collections.tenantops.migration.plugins.module_utils._drift.acceptance_file import (
    accepted_in,
)
from ansible_collections.tenantops.migration.plugins.module_utils._drift.notification import (
    in_markdown,
)
from ansible_collections.tenantops.migration.plugins.module_utils._drift.plans import read_plans
from ansible_collections.tenantops.migration.plugins.module_utils._drift.runner import run
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    InvalidInput,
    NotUnderstood,
)

_YAML = """
- tenant: contoso
  object: "*"
  attribute: TXT
  reason: moved in January
  until: 2027-01-31
- tenant: fabrikam*
  object: Email OTP
  attribute: guests
  reason: agreed with their board
  until: "2026-12-24"
"""


def change(after: str, name: str = "contoso.test") -> dict[str, Any]:
    return {
        "system": "dns",
        "resource": "txt_rrset",
        "id": f"{name} {name}",
        "name": name,
        "property": "TXT",
        "action": "add",
        "before": None,
        "after": after,
        "rule": None,
        "reversible": True,
    }


def write_plans(folder: Path, plans: dict[str, list[dict[str, Any]]], **index: Any) -> Path:
    """The plans of a dry run that has just ended."""
    folder.mkdir(exist_ok=True)
    entries = {}
    for tenant, changes in plans.items():
        plan = {
            "format": 1,
            "tenant": tenant,
            "playbook": "tenantops.migration.migrate",
            "mode": "check",
            "changes": changes,
            "sha256": digest(changes),
            "complete": True,
        }
        (folder / f"{tenant}.json").write_text(json.dumps(plan))
        entries[tenant] = {
            "file": f"{tenant}.json",
            "sha256": plan["sha256"],
            "changes": len(changes),
            "complete": True,
        }
    now = datetime.now(UTC).isoformat(timespec="seconds")
    document = {
        "format": 1,
        "playbook": "tenantops.migration.migrate",
        "mode": "check",
        "started": now,
        "ended": now,
        "complete": True,
        "tenants": entries,
        **index,
    }
    (folder / "index.json").write_text(json.dumps(document))
    return folder


def arguments(tmp_path: Path, **given: Any) -> dict[str, Any]:
    return {
        "state": "ended",
        "tenants": ["contoso"],
        "plans": str(tmp_path / "check"),
        "began": None,
        "folder": str(tmp_path / "drift"),
        "accepted": None,
        "course": None,
        "run": None,
        "templates": None,
        "objects_told": 10,
        "tenants_told": 100,
        "history_kept": 30,
        **given,
    }


def looked(tmp_path: Path, **given: Any) -> dict[str, Any]:
    return dict(run(arguments(tmp_path, **given), False).values)


def report(tmp_path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((tmp_path / "drift" / "drift.json").read_text())
    return content


# Accepted deviations


def test_accepted_deviations_in_yaml(tmp_path: Path) -> None:
    path = tmp_path / "accepted.yml"
    path.write_text(_YAML)
    first, second = accepted_in(path)
    assert (first.tenant, first.until) == ("contoso", date(2027, 1, 31))
    assert (second.reason, second.until) == ("agreed with their board", date(2026, 12, 24))
    path.write_text("# nothing yet\n")
    assert accepted_in(path) == ()
    assert accepted_in(None) == ()


def test_accepted_deviations_in_a_table(tmp_path: Path) -> None:
    path = tmp_path / "accepted.csv"
    path.write_text('tenant;object;attribute;reason;until\ncontoso;"a;b";*;because;2027-01-31\n')
    (accepted,) = accepted_in(path)
    assert (accepted.object, accepted.until) == ("a;b", date(2027, 1, 31))


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.yml", _YAML.replace("  reason: moved in January\n", ""), "entry 1"),
        ("a.yml", _YAML.replace("  reason: moved in January\n", "  reason: ''\n"), "its reason"),
        ("a.yml", _YAML.replace('"2026-12-24"', "Christmas"), "entry 2"),
        ("a.yml", _YAML.replace('"2026-12-24"', "2026-13-24"), "2026-13-24"),
        ("a.yml", _YAML.replace('"2026-12-24"', "2026-12-24 10:00:00"), "no day"),
        ("a.yml", _YAML.replace("until:", "untill:"), "untill"),
        ("a.yml", "- contoso\n", "entry 1"),
        ("a.yml", "tenant: contoso\n", "no list"),
        ("a.yml", "- tenant: [\n", "cannot be read"),
        ("a.csv", "tenant,object,attribute,reason\ncontoso,*,*,x\n", "line 2"),
        ("a.csv", "tenant,object,attribute,reason,until\n,*,*,x,2027-01-31\n", "its tenant"),
        ("a.csv", "object\nx\n", "no column tenant"),
        ("a.txt", "", "neither YAML nor CSV"),
        ("missing.yml", None, "cannot be read"),
        ("missing.csv", None, "cannot be read"),
    ],
)
def test_what_is_wrong_with_accepted_deviations(
    tmp_path: Path, name: str, text: str | None, told: str
) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text)
    with pytest.raises(InvalidInput) as raised:
        accepted_in(path)
    assert told in str(raised.value)
    assert str(path) in str(raised.value)


def test_all_wrong_rows_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "accepted.yml"
    path.write_text("- {tenant: a}\n" * 12)
    with pytest.raises(InvalidInput, match=r"12 accepted deviations.*entry 10.*and 2 more"):
        accepted_in(path)


# Plans


def test_plans_of_an_older_dry_run_are_refused(tmp_path: Path) -> None:
    folder = write_plans(tmp_path / "check", {"contoso": []})
    soon = datetime.now(UTC) + timedelta(hours=1)
    with pytest.raises(NotUnderstood, match="older dry run"):
        read_plans(folder, ["contoso"], not_before=soon)


@pytest.mark.parametrize(
    ("index", "told"),
    [
        ({"mode": "apply"}, "not of a dry run"),
        ({"ended": None}, "not ended"),
        ({"format": 2}, "format"),
        ({"tenants": []}, "format"),
        ({"ended": "yesterday"}, "no time"),
    ],
)
def test_an_index_that_is_none(tmp_path: Path, index: dict[str, Any], told: str) -> None:
    folder = write_plans(tmp_path / "check", {"contoso": []}, **index)
    with pytest.raises(NotUnderstood, match=told):
        read_plans(folder, ["contoso"], not_before=None)


def test_without_the_callback_there_is_no_index(tmp_path: Path) -> None:
    with pytest.raises(NotUnderstood, match="callbacks_enabled"):
        read_plans(tmp_path, ["contoso"], not_before=None)


def test_a_plan_that_cannot_be_used_is_a_tenant_that_is_not_known(tmp_path: Path) -> None:
    tenants: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("good", "altered", "exchanged", "lost", "unwritten", "cut")
    }
    folder = write_plans(tmp_path / "check", tenants)
    plan = json.loads((folder / "altered.json").read_text())
    (folder / "altered.json").write_text(json.dumps(plan | {"changes": [change("x")]}))
    (folder / "exchanged.json").write_text((folder / "good.json").read_text())
    (folder / "lost.json").unlink()
    (folder / "cut.json").write_text("{")
    index = json.loads((folder / "index.json").read_text())
    index["tenants"]["unwritten"] |= {"file": None, "problem": "no room"}
    (folder / "index.json").write_text(json.dumps(index))

    seen = read_plans(folder, [*tenants, "nobody"], not_before=None).tenants
    known = {each.tenant: each.complete for each in seen}
    assert known == dict.fromkeys([*tenants, "nobody"], False) | {"good": True}
    assert all(each.because for each in seen if not each.complete)


def test_why_a_plan_is_not_complete(tmp_path: Path) -> None:
    folder = write_plans(tmp_path / "check", {"contoso": []})
    plan = json.loads((folder / "contoso.json").read_text())
    plan |= {
        "complete": False,
        "failures": [{"step": "email_otp: Set", "msg": "The server is down."}],
        "gates": [{"step": "domains: Wait", "msg": "Approve it."}],
        "gaps": ["a result is hidden"],
    }
    (folder / "contoso.json").write_text(json.dumps(plan))
    (seen,) = read_plans(folder, ["contoso"], not_before=None).tenants
    assert not seen.complete
    assert seen.because == (
        "email_otp: Set: The server is down.",
        "domains: Wait waits for a person: Approve it.",
        "a result is hidden",
    )


# The folder of reports


def test_begun_and_ended(tmp_path: Path) -> None:
    write_plans(tmp_path / "check", {"contoso": [change("a")]})
    begun = looked(tmp_path, state="begun", plans=None, course="migrate", run="night-1")
    assert begun["verdict"] == "failed"
    assert report(tmp_path)["ended"] is None
    text = (tmp_path / "drift" / "notification.txt").read_text()
    assert "not come to its end" in text
    assert "Course migrate, run night-1, " in text

    ended = looked(tmp_path, began=begun["began"], run=begun["run"])
    assert ended["verdict"] == "drift"
    assert ended["changed"] is False
    assert (ended["drifted"], ended["unknown"]) == (["contoso"], [])
    assert report(tmp_path)["course"] == "tenantops.migration.migrate"
    assert json.loads((tmp_path / "drift/history/night-1.json").read_text()) == report(tmp_path)
    for path in (tmp_path / "drift").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_a_run_that_died_leaves_what_was_known_and_is_made_up_for(tmp_path: Path) -> None:
    write_plans(tmp_path / "check", {"contoso": [change("a")]})
    first = looked(tmp_path)
    looked(tmp_path, state="begun")
    died = report(tmp_path)
    assert died["verdict"] == "failed"
    (kept,) = died["tenants"]["contoso"]["deviations"]
    assert kept["status"] == "unknown"
    assert died["tenants"]["contoso"]["known_at"] == first["began"]

    assert looked(tmp_path)["counts"]["still_there"] == 1


def test_tenants_of_another_look_are_kept(tmp_path: Path) -> None:
    write_plans(tmp_path / "check", {"contoso": [change("a")], "fabrikam": [change("b")]})
    looked(tmp_path, tenants=["contoso", "fabrikam"])
    write_plans(tmp_path / "check", {"contoso": []})
    only = looked(tmp_path)
    assert only["verdict"] == "none"
    assert list(report(tmp_path)["others"]) == ["fabrikam"]
    write_plans(tmp_path / "check", {"contoso": [], "fabrikam": [change("b")]})
    both = looked(tmp_path, tenants=["contoso", "fabrikam"])
    assert both["counts"]["still_there"] == 1
    assert report(tmp_path)["others"] == {}


def test_history_is_kept_up_to_a_number(tmp_path: Path) -> None:
    write_plans(tmp_path / "check", {"contoso": []})
    for number in range(4):
        looked(tmp_path, run=f"night-{number}", history_kept=2)
    kept = sorted(path.name for path in (tmp_path / "drift" / "history").iterdir())
    assert kept == ["night-2.json", "night-3.json"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"tenants": []}, "no tenant to look at"),
        ({"folder": "drift"}, "absolute"),
        ({"plans": "check"}, "absolute"),
        ({"run": "../night"}, "name of a run"),
        ({"began": "soon"}, "began"),
        ({"began": "2026-11-23T02:00:00"}, "zone"),
        ({"history_kept": 0}, "history_kept"),
        ({"objects_told": -1}, "objects_told"),
    ],
)
def test_input_that_cannot_be_meant(tmp_path: Path, given: dict[str, Any], told: str) -> None:
    write_plans(tmp_path / "check", {"contoso": []})
    with pytest.raises(InvalidInput, match=told):
        looked(tmp_path, **given)
    assert not (tmp_path / "drift" / "drift.json").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 2}', '{"format": 1}'])
def test_a_last_report_that_is_none_is_told_and_left_alone(tmp_path: Path, text: str) -> None:
    write_plans(tmp_path / "check", {"contoso": []})
    (tmp_path / "drift").mkdir()
    path = tmp_path / "drift" / "drift.json"
    path.write_text(text)
    with pytest.raises(NotUnderstood, match="Move the file away"):
        looked(tmp_path)
    assert path.read_text() == text


# What people are told


def test_the_notification_tells_the_first_ones(tmp_path: Path) -> None:
    changes = [change(f"value-{number}") for number in range(5)]
    write_plans(tmp_path / "check", {"contoso": changes, "fabrikam": [change("x")], "quiet": []})
    tenants = ["contoso", "fabrikam", "quiet"]
    told = looked(tmp_path, tenants=tenants, objects_told=2, tenants_told=1)["notification"]
    assert told.startswith("Drift: 2 drifted, of 3 tenants\n")
    assert "new: dns contoso.test, TXT: is (none), wanted value-1" in told
    assert "value-2" not in told
    assert "and 3 more in drift.json" in told
    assert "And 1 more tenants" in told
    assert "quiet" not in told
    assert "\n\n\n" not in told


def test_names_are_only_text_in_a_notification(tmp_path: Path) -> None:
    evil = "[click](https://evil.test) <script> @all\n# Heading\u202e"
    write_plans(tmp_path / "check", {"contoso": [change(evil, evil)]})
    text = looked(tmp_path)["notification"]
    markdown = (tmp_path / "drift" / "notification.md").read_text()
    for told in (text, markdown):
        assert "\n# Heading" not in told
        assert "\u202e" not in told
    assert "[click](https" not in markdown
    assert "<script>" not in markdown
    assert in_markdown("a_b <c>") == r"a\_b &lt;c&gt;"


def test_what_assessments_count_is_compared(tmp_path: Path) -> None:
    def looked_with(blocking: int) -> str:
        folder = write_plans(tmp_path / "check", {"contoso": []})
        index = json.loads((folder / "index.json").read_text())
        index["tenants"]["contoso"]["findings"] = {"blocking": blocking, "advice": 3}
        (folder / "index.json").write_text(json.dumps(index))
        return str(looked(tmp_path)["notification"])

    assert "findings" not in looked_with(2)
    assert "findings in the directory, blocking: 2 -> 5" in looked_with(5)
    assert "findings" not in looked_with(5)


def test_a_template_of_one_s_own(tmp_path: Path) -> None:
    write_plans(tmp_path / "check", {"contoso": [change("a")]})
    (tmp_path / "templates").mkdir()
    path = tmp_path / "templates" / "notification.txt.j2"
    path.write_text("{{ verdict }}: {% for tenant in tenants %}{{ tenant.name }}{% endfor %}")
    assert looked(tmp_path, templates=str(path.parent))["notification"] == "drift: contoso\n"
    path.write_text("{{ nobody }}")
    with pytest.raises(InvalidInput, match=r"docs/drift\.md"):
        looked(tmp_path, templates=str(path.parent))
    with pytest.raises(InvalidInput, match="no such folder"):
        looked(tmp_path, templates=str(tmp_path / "nowhere"))
