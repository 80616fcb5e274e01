# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of docs/formats.md are what the code writes that is meant, and what it reads.

The code is given what an example says, and has to write that example. Those that a dry run and a
run of one tenant bring about are in tests/lab/test_guide_formats.py.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.judgement import (  # noqa: E501
    judge_duplicates,
    uniqueness_claims,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.model import (
    DirectoryObject,
    Holder,
    ObjectClass,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.policy import (
    Policy,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.suggestions import (  # noqa: E501
    repair,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.journal import (
    Conclusion,
    Journal,
    read_journal,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.plan import (
    load_plan,
)
from ansible_collections.tenantops.migration.plugins.module_utils._domain_assessment import (
    writing as domain_writing,
)
from ansible_collections.tenantops.migration.plugins.module_utils._drift.comparison import compare
from ansible_collections.tenantops.migration.plugins.module_utils._drift.folder import DriftFolder
from ansible_collections.tenantops.migration.plugins.module_utils._drift.model import (
    DriftReport,
    Seen,
)
from ansible_collections.tenantops.migration.plugins.module_utils._fleet_plans.archive import (
    Archive,
)
from ansible_collections.tenantops.migration.plugins.module_utils._fleet_plans.records import (
    Application,
    Approval,
    ListedPlan,
    PinnedPlan,
    PlanList,
    Terms,
)
from ansible_collections.tenantops.migration.plugins.module_utils._guest_redemption import (
    links as redemption_links,
)
from ansible_collections.tenantops.migration.plugins.module_utils._guests import (
    summary as guest_summary,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldif.write import write_plan_ldif
from ansible_collections.tenantops.migration.plugins.module_utils._notices import (
    files as notice_folder,
)
from ansible_collections.tenantops.migration.plugins.module_utils._plan_store.folder import (
    FolderDocuments,
)
from ansible_collections.tenantops.migration.plugins.module_utils._review_file import (
    columns as review_columns,
)
from ansible_collections.tenantops.migration.plugins.module_utils._review_file.json_lines import (
    findings_file,
)
from ansible_collections.tenantops.migration.plugins.module_utils._upn_alignment.snapshots import (
    Snapshot,
    SnapshotFile,
)
from ansible_collections.tenantops.migration.plugins.modules import notice_files
from ansible_collections.tenantops.migration.plugins.plugin_utils._fleet_report import (
    documents as fleet_documents,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._fleet_report.runner import (
    run as write_fleet_report,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.folder import ReportFolder
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.model import (
    Failure,
    Mode,
    Report,
    Step,
    StepCount,
    Tenant,
)

FORMATS = Path(__file__).resolve().parents[2] / "docs" / "formats.md"

# UTC to the millisecond
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00"


def section(heading: str) -> str:
    """What stands under a heading that begins like this."""
    _before, _heading, below = FORMATS.read_text(encoding="utf-8").partition(f"# {heading}")
    return re.split("^##+ ", below, maxsplit=1, flags=re.MULTILINE)[0]


def examples(heading: str, language: str) -> list[str]:
    """The blocks of code in a language under a heading."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", section(heading), re.DOTALL | re.MULTILINE)
    assert found, heading
    return found


def example(heading: str, language: str) -> str:
    (text,) = examples(heading, language)
    return text


def table(heading: str, first: str = "Field") -> list[str]:
    """The names in the first column of the table under a heading whose column is named so."""
    _before, _head, below = section(heading).partition(f"\n| {first} |")
    rows = below.partition("\n\n")[0].splitlines()[1:]
    return [name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])]


def without_time(lines: str) -> list[str]:
    """Lines of a journal, which have a time each."""
    told = [re.subn(f'"at": ?"{MOMENT}"', '"at":', line) for line in lines.splitlines()]
    assert [times for _line, times in told] == [1] * len(told)
    return [line for line, _times in told]


CHANGE = Change(System.DNS, "r", "i", "n", "p", Action.ADD, None, "a", note="because")


def test_change_has_the_fields_of_its_table() -> None:
    assert table("A change") == list(CHANGE.to_json())


@pytest.mark.parametrize("heading", ["Journal: ", "Licences that are off", "Findings: ", "Drift: "])
def test_fields_of_the_example_are_those_of_its_table(heading: str) -> None:
    records = [
        json.loads(record)
        for text in examples(heading, "json")
        for record in ([text] if text.startswith("{\n") else text.splitlines())
    ]
    told = {field for record in records for field in record}
    assert told == set(table(heading))


@pytest.mark.parametrize(
    ("heading", "columns"),
    [
        ("The report over all tenants", fleet_documents.COLUMNS),
        ("Review file: ", review_columns.COLUMNS),
        ("Domains: ", domain_writing.COLUMNS),
        ("Guests: ", guest_summary.COLUMNS),
        ("Notices: ", notice_folder.COLUMNS),
        ("Redemption links: ", redemption_links.COLUMNS),
    ],
)
def test_columns_are_those_of_the_table(heading: str, columns: tuple[str, ...]) -> None:
    assert sorted(table(heading, "Column")) == sorted(columns)


def test_report_over_all_tenants(tmp_path: Path) -> None:
    """And a plan with all that one can have."""
    step = Step("Publish the TXT values", "dns_txt", "domain_txt")
    stopped = Failure(step.label, step.action, "Refused")
    tenant = Tenant(
        "contoso",
        changes=[CHANGE],
        other_mode=[CHANGE],
        failures=[stopped],
        gates=[stopped],
        gaps=["a play that was stopped"],
        steps={step: StepCount(ok=1, changes=1)},
    )
    for hour in (1, 2):
        started = datetime(2026, 11, 23, hour, tzinfo=UTC)
        report = Report("Title", "migrate", Mode.CHECK, started, started, (step,), (tenant,))
        assert ReportFolder(tmp_path / str(hour), Mode.CHECK).finish(report).problems == []
    plan = json.loads((tmp_path / "1" / "check" / "contoso.json").read_text(encoding="utf-8"))
    assert list(plan) == table("Plan: `<tenant>.json`")

    options = {"tenants": None, "mode": "newest", "history": 10, "title": "All tenants"}
    folders = [str(tmp_path / "1"), str(tmp_path / "2")]
    write_fleet_report({**options, "folders": folders, "folder": str(tmp_path)}, False)
    fleet = json.loads((tmp_path / "fleet.json").read_text(encoding="utf-8"))
    heading = "The report over all tenants"
    assert list(fleet) == table(heading)
    for field in ("runs", "steps"):
        (row,) = re.findall(rf"^\| `{field}` .*", section(heading), re.MULTILINE)
        assert list(fleet[field][0]) == re.findall(r"`(\w+)`", row)[1:]
    contoso = fleet["tenants"]["contoso"]
    (described,) = re.findall(
        r"^A \*\*tenant\*\*.*?\n\n", section(heading), re.DOTALL | re.MULTILINE
    )
    assert {*contoso, *contoso["history"][0]} - {*fleet["runs"][0]} <= {
        *re.findall(r"`(\w+)`", described)
    }


def test_plan_of_the_example_can_be_approved() -> None:
    plan = load_plan(example("Plan: `<tenant>.json`", "json"))
    assert (plan.tenant, plan.mode, len(plan.changes)) == ("contoso", "check", 2)


def test_journal(tmp_path: Path) -> None:
    intent, outcome = examples("Journal: ", "json")
    path = tmp_path / "example.jsonl"
    path.write_text(intent + outcome, encoding="utf-8")
    (write,) = read_journal(path)
    assert write.outcome == "made"

    journal = Journal(tmp_path / "contoso" / "run.jsonl")
    (announced,) = journal.announce(write.target, [write.changes])
    journal.conclude([Conclusion(announced, "made")])
    written = journal.path.read_text(encoding="utf-8").replace(announced, write.id)
    assert without_time(written) == without_time(intent + outcome)


def test_licences_that_are_off(tmp_path: Path) -> None:
    text = example("Licences that are off", "json")
    opened, closed = map(json.loads, text.splitlines())
    read = SnapshotFile.of(str(tmp_path), "read", opened["run"])
    read.path.write_text(text.splitlines()[0] + "\n", encoding="utf-8")
    (snapshot,) = read.read().by_user.values()
    assert snapshot == Snapshot(
        opened["user"],
        opened["name"],
        {each["sku_id"]: frozenset(each["disabled_plans"]) for each in opened["licenses"]},
    )
    read.path.write_text(text, encoding="utf-8")
    assert read.read().by_user == {}

    written = SnapshotFile.of(str(tmp_path), "written", opened["run"])
    with written.held():
        written.open([snapshot])
        written.close([closed["user"]], closed["reason"])
    assert without_time(written.path.read_text(encoding="utf-8")) == without_time(text)


def test_finding(tmp_path: Path) -> None:
    text = example("Findings: ", "json")
    told = json.loads(text)
    (other,) = told["holders"]
    jane = DirectoryObject(
        told["guid"],
        told["dn"],
        ObjectClass(told["object_class"]),
        "corp.example",
        {told["attribute"]: (told["value"],)},
    )
    holder = Holder(
        other["guid"],
        other["dn"],
        ObjectClass(other["object_class"]),
        other["attribute"],
        other["value"],
    )
    claims = dict.fromkeys(uniqueness_claims(jane, Policy()), (holder,))
    path = tmp_path / "findings.jsonl"
    with findings_file(path) as findings:
        found = judge_duplicates(jane, claims, Policy())
        findings.add(jane, repair(jane, found, Policy(), lambda _space, _key, _guid: True).findings)
    assert path.read_text(encoding="utf-8") == text


def test_ldif(tmp_path: Path) -> None:
    jane = Change(
        System.AD,
        "directory_object",
        "6f1c2a41-9b7d-4c3e-8a51-0d2b3c4e5f61",
        "CN=Jane Doe,OU=Staff,DC=corp,DC=example",
        "mail",
        Action.REPLACE,
        "jane@contoso.local",
        "jane.doe@contoso.example",
    )
    path = tmp_path / "plan.ldif"
    write_plan_ldif(path, [jane], tenant="contoso")
    assert path.read_text(encoding="ascii") == example("LDIF: ", "ldif")


def test_notice(tmp_path: Path) -> None:
    operation = notice_files.OPERATION
    defaults = {name: spec.get("default") for name, spec in operation.arguments.options.items()}
    kim = {"address": "Kim@fabrikam.example", "name": "Kim", "preferred_language": None}
    operation.run(
        {
            **defaults,
            "folder": str(tmp_path),
            "notice": "redemption_reset",
            "organization": "Contoso",
            "recipients": [{"row": None, **kim}],
        },
        False,
    )
    beginning, rest = example("Notices: ", "text").split("…")
    assert rest == "\n"
    written = (tmp_path / "kim@fabrikam.example.txt").read_text(encoding="utf-8")
    assert written.startswith(beginning)


def test_drift(tmp_path: Path) -> None:
    text = example("Drift: ", "json")
    told: dict[str, Any] = json.loads(text)
    (deviation,) = told["tenants"]["contoso"]["deviations"]
    change = Change.from_json(deviation["change"])
    moved = Change.from_json({**deviation["change"], "before": deviation["replaces"]})

    def look(last: Any, found: Change, now: str) -> Any:
        return compare(last, Seen("contoso", (found,), True), (), now=now, today=date(2026, 11, 23))

    last = look(None, moved, "2026-11-22T02:03:50+00:00")
    folder = DriftFolder(tmp_path)
    folder.write(
        DriftReport(
            told["run"],
            told["course"],
            told["started"],
            told["ended"],
            (look(last, change, told["ended"]),),
        ),
        {},
    )
    assert json.loads(folder.report_path.read_text(encoding="utf-8")) == told

    folder.report_path.write_text(text, encoding="utf-8")
    read = folder.last()
    assert read is not None
    assert [each.change for each in read.tenants[0].deviations] == [change]


def test_plan_store(tmp_path: Path) -> None:
    planned = datetime(2026, 11, 23, 22, 15, tzinfo=UTC)
    expires = planned + timedelta(hours=72)
    terms = Terms("monday", "migrate", planned, expires)
    plan = load_plan(example("Plan: `<tenant>.json`", "json"))
    sha256 = str(plan.to_json()["sha256"])
    archive = Archive(FolderDocuments(tmp_path))
    assert archive.pin(PinnedPlan(terms, plan, sha256))
    archive.add_list(PlanList(terms, {plan.tenant: ListedPlan(sha256, len(plan.changes))}))
    archive.add_approval(Approval(terms.run, "Kim", planned, expires, {plan.tenant: sha256}))
    archive.add_application(Application(terms.run, planned, (plan.tenant,)))

    written = {
        str(path.relative_to(tmp_path)): json.loads(path.read_text(encoding="utf-8"))
        for path in tmp_path.rglob("*.json")
    }
    drawn = re.findall(r"^[├└─ ]+(\S+\.json) ", example("Plan store", "text"), re.MULTILINE)
    names = [name.replace("<tenant>", plan.tenant) for name in drawn]
    assert sorted(written) == sorted(f"{terms.run}/{name}" for name in names)

    for kind, name in (
        ("plan", f"plans/{plan.tenant}"),
        ("list", "plans-0001"),
        ("approval", "approvals-0001"),
        ("application", "applications-0001"),
    ):
        document = written[f"{terms.run}/{name}.json"]
        assert sorted(document) == sorted({"format", "run", *fields_of(kind)})


def fields_of(document: str) -> list[str]:
    """The fields that the table of the plan store has for a kind of document."""
    rows = [row.split("|")[1:3] for row in section("Plan store").splitlines() if row[:2] == "| "]
    return [
        field
        for kinds, fields in rows
        if document in kinds.strip().split(", ")
        for field in re.findall(r"`(\w+)`", fields)
    ]
