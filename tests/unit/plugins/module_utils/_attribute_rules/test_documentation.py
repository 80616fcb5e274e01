# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.catalogue import (  # noqa: E501
    RULES,
    rule,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.documentation import (  # noqa: E501
    as_markdown,
    described_rules,
)

PAGE = Path(__file__).resolve().parents[5] / "docs" / "attribute_rules.md"


def test_the_page_is_that_of_the_catalogue() -> None:
    assert PAGE.read_text(encoding="utf-8") == as_markdown(), "make attribute-rules writes it"


def test_every_rule_has_a_row_with_seven_cells() -> None:
    rows = [line for line in as_markdown().splitlines() if line.startswith("| `")]
    assert [line.split("`")[1] for line in rows] == [
        each.id
        for name in dict.fromkeys(each.attribute for each in RULES)
        for each in RULES
        if each.attribute == name
    ]
    # A bar that is no border has a backslash before it.
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in rows} == {8}


def test_every_rule_is_described_for_ansible_doc() -> None:
    lines = described_rules()
    assert len(lines) == len(RULES)
    assert all(line.startswith(f"V({each.id}) - ") for line, each in zip(lines, RULES, strict=True))
    assert not [line for line in lines if "\n" in line]


def test_ids_are_distinct_and_found() -> None:
    assert len({each.id for each in RULES}) == len(RULES)
    assert all(rule(each.id) is each for each in RULES)
