# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import csv
import io
import stat
from pathlib import Path

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._domain_assessment import (
    reading,
    writing,
)
from ansible_collections.tenantops.migration.plugins.module_utils._domain_assessment.model import (
    Assessed,
    BadEntry,
    DnsFacts,
    Entry,
    Judgement,
    Option,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.module_utils._realms.model import (
    Realm,
    RealmKind,
)

_JANE = Assessed(
    Entry("contoso.test", "jane@contoso.test", "=Jane", "Buyer", 7),
    Realm("contoso.test", RealmKind.VIRAL, "tenant", "global", "Contoso"),
    False,
    DnsFacts("contoso.test", ("ns1.h.test", "ns2.h.test"), ("h.test",), ("m.test",), ("m.test",)),
    Judgement(Option.TAKE_OVER, "reason"),
)


def _write(path: Path, *rows: Assessed) -> list[dict[str, str]]:
    with writing.assessment_file(path) as file:
        for row in rows:
            file.add(row)
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))


def test_row_has_all_that_was_found_out(tmp_path: Path) -> None:
    (row,) = _write(tmp_path / "new" / "domains.csv", _JANE)

    assert row == {
        "line": "7",
        "text": "jane@contoso.test",
        "address": "jane@contoso.test",
        "domain": "contoso.test",
        "name": "'=Jane",
        "role": "Buyer",
        "option": "take_over",
        "reason": "reason",
        "realm": "viral",
        "personal_account": "no",
        "tenant_id": "tenant",
        "cloud": "global",
        "brand": "Contoso",
        "dns_hosts": "h.test",
        "zone": "contoso.test",
        "name_servers": "ns1.h.test; ns2.h.test",
        "mail_hosts": "m.test",
        "mail_servers": "m.test",
        "errors": "",
    }


def test_what_is_not_known_is_empty_and_told_why(tmp_path: Path) -> None:
    error = InvalidInput("The line is bad")
    (row,) = _write(tmp_path / "domains.csv", Assessed(BadEntry("x", error, 3), errors=(error,)))

    assert row.pop("errors") == "The line is bad."
    assert (row.pop("line"), row.pop("text")) == ("3", "x")
    assert set(row.values()) == {""}


def test_table_can_be_assessed_again(tmp_path: Path) -> None:
    path = tmp_path / "domains.csv"
    _write(path, _JANE)

    (entry,) = reading.from_csv(path)

    assert isinstance(entry, Entry)
    assert entry.address == "jane@contoso.test"


def test_table_is_for_its_owner_and_appears_whole(tmp_path: Path) -> None:
    path = tmp_path / "domains.csv"
    _write(path, _JANE)
    before = path.read_bytes()

    def broken_off() -> None:
        with writing.assessment_file(path) as file:
            file.add(_JANE)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken_off()

    assert path.read_bytes() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
