# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._txt_records.instructions import (
    instructions,
    summary,
)
from ansible_collections.tenantops.migration.plugins.module_utils._txt_records.manual import (
    _file_for,
)
from ansible_collections.tenantops.migration.plugins.module_utils._txt_records.model import (
    RRsetName,
    TxtRRset,
    TxtValue,
)

APEX = RRsetName("example.test.", "example.test.")
BELOW = RRsetName("example.test.", "_dmarc.mail.example.test.")
SPF = "v=spf1 -all"


def rrset(*texts: str, ttl: int = 3600) -> TxtRRset:
    return TxtRRset(frozenset(map(TxtValue.from_text, texts)), ttl if texts else None)


def test_what_to_add_is_told_for_people_and_as_a_line_of_a_zone() -> None:
    lines = instructions(APEX, rrset(SPF), rrset(SPF, "MS=ms1"))
    assert lines == [
        "TXT records at example.test, in zone example.test",
        'The name is that of the zone itself, which many web interfaces call "@".',
        "",
        "Add this record:",
        "    Name:   example.test",
        "    Type:   TXT",
        "    TTL:    3600",
        "    Value:  MS=ms1",
        "  which is, as a line of a zone file:",
        '    example.test. 3600 IN TXT "MS=ms1"',
        "",
        "Leave all other TXT records of this name as they are.",
    ]


def test_a_name_below_the_zone_is_told_as_web_interfaces_want_it() -> None:
    lines = instructions(BELOW, rrset(), rrset("v=DMARC1"))
    assert '"_dmarc.mail"' in lines[1]
    assert not any("Leave all other" in line for line in lines)


def test_what_to_remove_and_another_ttl() -> None:
    before, after = rrset("a", SPF), rrset("b", SPF, ttl=60)
    text = "\n".join(instructions(APEX, before, after))
    assert '    example.test. 60 IN TXT "b"' in text
    assert "Remove this record:" in text
    assert '    example.test. 3600 IN TXT "a"' in text
    assert "to 60 s (now 3600 s)" in text
    assert summary(before, after) == 'TXT: add "b", remove "a", set the TTL to 60 s'


@pytest.mark.parametrize(
    ("owner", "file"),
    [("example.test", "example.test.txt"), ("0/25.2.0.192.test", "0_25.2.0.192.test.txt")],
)
def test_in_a_folder_each_name_has_a_file_of_its_own(tmp_path: Path, owner: str, file: str) -> None:
    assert _file_for(owner, str(tmp_path)) == tmp_path / file


def test_a_file_is_that_file(tmp_path: Path) -> None:
    assert _file_for("example.test", str(tmp_path / "todo")) == tmp_path / "todo"
    assert _file_for("example.test", None) is None
