# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which work account each person of a list gets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Outcome
from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.module_utils._work_accounts.runner import run

_DOMAIN = "contoso.onmicrosoft.com"


def _run(folder: Path, text: str, **options: Any) -> Outcome:
    path = folder / "people.csv"
    path.write_text(text, encoding="utf-8")
    given: Mapping[str, Any] = {
        "read_csv": str(path),
        "domain": _DOMAIN,
        "other_domains": [],
        "old_accounts": False,
        "transliteration_language": "none",
        "transliteration_characters": {},
        **options,
    }
    return run(given, False)


def _names(outcome: Outcome) -> list[str]:
    return [account["user_principal_name"] for account in outcome.values["accounts"]]


def test_name_is_that_of_the_address_in_the_initial_domain(tmp_path: Path) -> None:
    outcome = _run(
        tmp_path,
        "address,name,roles\n"
        "anna.berg@contoso.com,Anna Berg,Global Administrator; User Administrator\n",
    )
    assert outcome.error is None
    assert outcome.values["accounts"] == [
        {
            "user_principal_name": f"anna.berg@{_DOMAIN}",
            "also_known_as": [],
            "display_name": "Anna Berg",
            "other_mails": ["anna.berg@contoso.com"],
            "roles": ["Global Administrator", "User Administrator"],
        }
    ]


def test_user_is_no_role(tmp_path: Path) -> None:
    (account,) = _run(tmp_path, "address,role\na@contoso.com,User\n").values["accounts"]
    assert account["roles"] == []


def test_letters_are_written_as_the_language_does(tmp_path: Path) -> None:
    text = "address\nmüller@contoso.com\n"
    assert _names(_run(tmp_path, text)) == [f"muller@{_DOMAIN}"]
    assert _names(_run(tmp_path, text, transliteration_language="german")) == [f"mueller@{_DOMAIN}"]


def test_given_name_counts(tmp_path: Path) -> None:
    text = f"address,user_principal_name\nit@contoso.com,admin@{_DOMAIN}\n"
    assert _names(_run(tmp_path, text)) == [f"admin@{_DOMAIN}"]


@pytest.mark.parametrize(
    ("old_account", "confirmed", "otherwise", "waits"),
    [
        ("", "", False, False),
        ("", "", True, True),
        ("no", "", True, False),
        ("yes", "", False, True),
        ("Yes", "2026-12-01", False, False),
        ("yes", "1.12.2026", False, False),
        ("yes", "01-Dec-26", False, False),
        ("yes", "2026\u5e7412\u67081\u65e5", False, False),
        ("yes", "2026-12-01 13:05", False, False),
        ("yes", "Yes", False, False),
        ("yes", "no", False, True),
    ],
)
def test_who_has_an_old_account_waits_for_support(
    tmp_path: Path, old_account: str, confirmed: str, otherwise: bool, waits: bool
) -> None:
    text = f"address,old_account,support_confirmed\na@contoso.com,{old_account},{confirmed}\n"
    values = _run(tmp_path, text, old_accounts=otherwise).values
    assert [person["address"] for person in values["waiting"]] == ["a@contoso.com"] * waits
    assert len(values["accounts"]) == (not waits)
    row = values["recipients"][0]["row"]
    assert ("support_confirmed" in row and not row["support_confirmed"]) == waits


@pytest.mark.parametrize("told", ["pending", "-", "asked on 2026-12-01", "?", "2026"])
def test_what_is_no_confirmation_is_none(tmp_path: Path, told: str) -> None:
    text = f"address,old_account,support_confirmed\na@contoso.com,yes,{told}\nb@contoso.com,no,\n"
    outcome = _run(tmp_path, text)
    assert _names(outcome) == [f"b@{_DOMAIN}"]
    (failure,) = outcome.values["failures"]
    assert "support_confirmed" in failure["error"]["problem"]


def test_country_that_is_none_keeps_nobody_else(tmp_path: Path) -> None:
    """entra_user would refuse all of them for one."""
    outcome = _run(tmp_path, "address,usage_location\na@contoso.com,Sverige\nb@contoso.com,se\n")
    assert _names(outcome) == [f"b@{_DOMAIN}"]
    (failure,) = outcome.values["failures"]
    assert "Sverige" in str(failure["error"])


def test_account_in_another_domain_is_the_same_persons(tmp_path: Path) -> None:
    outcome = _run(
        tmp_path,
        f"address,user_principal_name\na@contoso.com,\nb@contoso.com,b@{_DOMAIN}\n"
        "c@contoso.com,c@fabrikam.com\n",
        domain="contoso.com",
        other_domains=[_DOMAIN],
    )
    accounts = outcome.values["accounts"]
    assert [(each["user_principal_name"], each["also_known_as"]) for each in accounts] == [
        ("a@contoso.com", [f"a@{_DOMAIN}"]),
        ("b@contoso.com", [f"b@{_DOMAIN}"]),
        ("c@fabrikam.com", []),
    ]


def test_namesakes_and_broken_lines_are_told_and_keep_nobody_else(tmp_path: Path) -> None:
    outcome = _run(
        tmp_path,
        "address,old_account\na@contoso.com,\nA@fabrikam.com,\nno address,\nb@contoso.com,maybe\n"
        "a..b@contoso.com,\nc@contoso.com,\n",
    )
    assert _names(outcome) == [f"c@{_DOMAIN}"]
    assert outcome.error is not None
    assert len(outcome.values["failures"]) == 5


def test_line_that_is_broken_is_told_once(tmp_path: Path) -> None:
    (failure,) = _run(tmp_path, 'address,name\n"a@contoso.com,A\n').values["failures"]
    assert failure["error"]["object"].count("line 2") == 1


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="absolute"):
        _run(tmp_path, "address\n", read_csv="people.csv")
    with pytest.raises(InvalidInput, match="no column address"):
        _run(tmp_path, "mail\na@contoso.com\n")
