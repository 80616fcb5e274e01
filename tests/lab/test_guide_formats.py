# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of the file formats beside what a dry run, a run and an assessment really write.

Examples of files that need longer courses are held against the code that writes and reads these in
tests/unit/test_formats_examples.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.description import Description

from .guides.reader import Reader

_WRITTEN_BY_ITS_CODE = "tests/unit/test_formats_examples.py lets its own code write it"

_DIGEST_OF = """
import hashlib
import json
import sys
from pathlib import Path

plan = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
changes = plan["changes"]
canonical = {example}
print(hashlib.sha256(canonical).hexdigest())
"""

_MIGRATE = "ansible-playbook -i inventory tenantops.migration.migrate"
_ASSESS = "ansible-playbook -i inventory tenantops.migration.assess_directory"


def shape(value: Any) -> Any:
    """What a program relies on: names of fields, and kinds of values; of lists, of what kinds
    their elements are."""
    if isinstance(value, Mapping):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return sorted({json.dumps(shape(each), sort_keys=True) for each in value})
    return type(value).__name__


def content(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_formats(clean_lab: Description, tmp_path: Path) -> None:
    reader = Reader.of("docs/formats.md", clean_lab, tmp_path)
    reader.describe("contoso")
    journal = tmp_path / "journal"
    reader.variables["TENANTOPS_JOURNAL"] = str(journal)
    reports = tmp_path / "tenantops-report"
    reader.run(f"{_MIGRATE} --check")
    reader.run(f"{_MIGRATE} -e tenantops_run=monday")

    described = reader.take("text", "option folder of the callback")
    assert files_below(reports) == files_of_tree(described)

    plan = json.loads(reader.take("json", '"changes": ['))
    written = content(reports / "check" / "contoso.json")
    assert shape(plan) == shape(written)
    for field in ("format", "tenant", "playbook", "mode", "complete"):
        assert plan[field] == written[field]
    applied = content(reports / "apply" / "contoso.json")
    assert applied == {**written, "mode": "apply"}

    reader.write("digest.py", _DIGEST_OF.format(example=reader.take("python", "json.dumps(")))
    reader.write("example.json", json.dumps(plan))
    for path, sha256 in (
        ("example.json", plan["sha256"]),
        ("tenantops-report/check/contoso.json", written["sha256"]),
    ):
        assert reader.run(f"python digest.py {path}") == f"{sha256}\n"

    index = json.loads(reader.take("json", '"started"'))
    found = content(reports / "check" / "index.json")
    assert index["tenants"]["contoso"]["sha256"] == plan["sha256"]
    assert found["tenants"]["contoso"]["sha256"] == written["sha256"]
    assert without_its_own(found) == without_its_own(index)

    reader.leave_out("text", "plans-0001.json", because=_WRITTEN_BY_ITS_CODE)

    intent = json.loads(reader.take("json", '"event":"intent"'))
    outcome = json.loads(reader.take("json", '"event":"outcome"'))
    assert intent["write"] == outcome["write"]
    records = lines(journal / "contoso" / "monday.jsonl")
    assert [record["event"] for record in records] == ["intent", "outcome"] * 2
    for record in records:
        assert shape(record) == shape(intent if record["event"] == "intent" else outcome)

    reader.leave_out("json", '"event": "open"', because=_WRITTEN_BY_ITS_CODE)

    finding = json.loads(reader.take("json", '"rule":"mail.duplicate"'))
    reader.run(f"{_ASSESS} -e tenantops_reviews={tmp_path}/reviews")
    findings = lines(tmp_path / "reviews" / "contoso.jsonl")
    duplicates = [each for each in findings if each["rule"] == finding["rule"]]
    assert duplicates
    for each in duplicates:
        assert shape(each) == shape(finding)
        assert each["reason"] == finding["reason"]

    reader.leave_out("ldif", "changetype: modify", because=_WRITTEN_BY_ITS_CODE)
    reader.leave_out("text", "Subject: ", because=_WRITTEN_BY_ITS_CODE)
    reader.leave_out("json", '"deviations"', because=_WRITTEN_BY_ITS_CODE)
    reader.end()


def without_its_own(index: dict[str, Any]) -> dict[str, Any]:
    """An index without what no other run has: times and digests, if they are such."""
    time = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")
    assert time.fullmatch(index["started"])
    assert time.fullmatch(index["ended"])
    for tenant in index["tenants"].values():
        assert re.fullmatch("[0-9a-f]{64}", tenant.pop("sha256"))
    return {name: value for name, value in index.items() if name not in ("started", "ended")}


def files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def files_of_tree(drawing: str) -> list[str]:
    """The files of a drawn folder, whose second part is like the first one."""
    drawn = (re.match(r"[│├└─ ]+(\S+)", line) for line in drawing.splitlines())
    names = [line[1] for line in drawn if line]
    folders = [name for name in names if name.endswith("/")]
    files = [name.replace("<tenant>", "contoso") for name in names if name not in folders]
    return sorted(f"{folder}{name}" for folder in folders for name in files)
