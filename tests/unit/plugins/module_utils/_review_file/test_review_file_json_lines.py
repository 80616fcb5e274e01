# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import stat
from pathlib import Path

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.model import (
    DirectoryObject,
    Finding,
    Holder,
    Kind,
    ObjectClass,
    Severity,
    ValueChange,
)
from ansible_collections.tenantops.migration.plugins.module_utils._review_file.json_lines import (
    findings_file,
)


def test_each_finding_is_a_line(tmp_path: Path) -> None:
    path = tmp_path / "findings.jsonl"
    thing = DirectoryObject("guid", "CN=Åsa", ObjectClass.USER, "contoso.example", {})
    holder = Holder("other", "CN=Info", ObjectClass.CONTACT, "targetAddress", "SMTP:a@b.example")
    findings = [
        Finding(
            "mail.duplicate",
            Kind.DUPLICATE,
            Severity.BLOCKING,
            "mail",
            "a\r\nb",
            "is held twice",
            (holder,),
            None,
            "somebody must choose",
        ),
        Finding(
            "mail.missing",
            Kind.MISSING,
            Severity.ADVICE,
            "mail",
            None,
            "is missing",
            suggestion=ValueChange("mail", None, "\udce5"),
        ),
    ]

    with findings_file(path) as writer:
        writer.add(thing, findings)

    assert writer.findings == 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first, second = map(json.loads, path.read_bytes().splitlines())
    assert first == {
        "format": 1,
        "rule": "mail.duplicate",
        "kind": "duplicate",
        "severity": "blocking",
        "guid": "guid",
        "dn": "CN=Åsa",
        "object_class": "user",
        "attribute": "mail",
        "value": "a\r\nb",
        "detail": "is held twice",
        "suggestion": None,
        "reason": "somebody must choose",
        "holders": [
            {
                "guid": "other",
                "dn": "CN=Info",
                "object_class": "contact",
                "attribute": "targetAddress",
                "value": "SMTP:a@b.example",
            }
        ],
    }
    assert second["value"] is None
    assert second["suggestion"] == {"attribute": "mail", "before": None, "after": "\udce5"}
