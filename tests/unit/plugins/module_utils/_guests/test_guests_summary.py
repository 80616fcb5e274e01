# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import csv
import io
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._guests.links import sign_in_links
from ansible_collections.tenantops.migration.plugins.module_utils._guests.model import (
    Guest,
    SignInMethod,
)
from ansible_collections.tenantops.migration.plugins.module_utils._guests.summary import (
    FirstRows,
    Summary,
    guest_table,
    row,
)
from ansible_collections.tenantops.migration.plugins.modules import entra_guest_info

TENANT = "3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11"
KIM = Guest(
    id="6f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21",
    address="kim@litware.test",
    user_principal_name="kim_litware.test#EXT#@fourthcoffee.onmicrosoft.com",
    display_name="=Kim",
    domain="litware.test",
    state="Accepted",
    state_changed="2023-05-17T08:30:00Z",
    method=SignInMethod.ONE_TIME_PASSCODE,
    issuer="mail",
    preferred_language=None,
    account_enabled=False,
    created="2019-05-17T08:30:00Z",
    other_mails=("kim@litware.test", "kim@proseware.test"),
)


def test_table_has_all_that_is_known(tmp_path: Path) -> None:
    path = tmp_path / "new" / "guests.csv"
    with guest_table(path) as table:
        table.add(row(KIM, sign_in_links(TENANT)))

    (cells,) = csv.DictReader(io.StringIO(path.read_text("utf-8-sig")))
    assert cells == {
        "address": "kim@litware.test",
        "display_name": "'=Kim",
        "domain": "litware.test",
        "method": "one_time_passcode",
        "issuer": "mail",
        "state": "Accepted",
        "state_changed": "2023-05-17T08:30:00Z",
        "if_passcode_on": "passcode",
        "if_passcode_off": "locked_out",
        "if_passcode_fallback": "passcode",
        "preferred_language": "",
        "account_enabled": "no",
        "created": "2019-05-17T08:30:00Z",
        "user_principal_name": "kim_litware.test#EXT#@fourthcoffee.onmicrosoft.com",
        "other_mails": "kim@litware.test; kim@proseware.test",
        "id": "6f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21",
        "sign_in_link": f"https://myapps.microsoft.com/?tenantid={TENANT}",
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_row_without_a_tenant_has_no_link() -> None:
    assert row(KIM, None)["sign_in_link"] is None


def test_summary_counts() -> None:
    summary = Summary()
    for guest in (
        KIM,
        replace(KIM, domain="adatum.test", account_enabled=True),
        replace(KIM, method=SignInMethod.ENTRA_VIRAL),
        replace(KIM, method=SignInMethod.UNKNOWN, issuer="twitter.com"),
        replace(KIM, method=SignInMethod.UNKNOWN, issuer=None, state=None, domain=None),
        replace(KIM, method=SignInMethod.NOT_REDEEMED),
    ):
        summary.add(guest)

    told = summary.to_json()
    methods = told.pop("methods")
    assert isinstance(methods, dict)
    assert list(methods) == [method.value for method in SignInMethod]
    assert {name: number for name, number in methods.items() if number} == {
        "one_time_passcode": 2,
        "entra_viral": 1,
        "unknown": 2,
        "not_redeemed": 1,
    }
    assert told == {
        "guests": 6,
        "domains": 2,
        "disabled": 5,
        "if_passcode_on": {
            "unchanged": 1,
            "passcode": 2,
            "passcode_if_no_account": 1,
            "unknown": 2,
        },
        "if_passcode_off": {
            "unchanged": 1,
            "locked_out": 2,
            "microsoft_account_if_no_account": 1,
            "unknown": 2,
        },
        "if_passcode_fallback": {
            "unchanged": 1,
            "passcode": 2,
            "passcode_before_microsoft_account": 1,
            "unknown": 2,
        },
        "viral_domains": {"litware.test": 1},
        "unknown": {"Accepted, twitter.com": 1, "no state, no issuer": 1},
    }


@pytest.mark.parametrize("limit", [0, 1, 3, 100])
def test_first_rows_are_those_of_concern(limit: int) -> None:
    rows = FirstRows(limit)
    for number in range(2):
        for method in SignInMethod:
            if rows.has_room_for(method):
                guest = replace(KIM, method=method, id=f"{number}")
                rows.add(method, row(guest, None))

    everything = [(told["method"], told["id"]) for told in rows.rows]
    assert len(everything) == min(limit, 2 * len(SignInMethod))
    assert everything[:3] == [("unknown", "0"), ("unknown", "1"), ("entra_unresolved", "0")][:limit]


def test_every_field_is_documented() -> None:
    told = row(KIM, sign_in_links(TENANT))
    for name in (*told, *Summary().to_json(), *sign_in_links(TENANT).to_json()):
        assert f"    {name}:" in entra_guest_info.RETURN
