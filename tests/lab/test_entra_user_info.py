# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""entra_user_info: users in a stream, with what a migration has to know of each."""

from __future__ import annotations

import csv
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Outcome
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    InvalidInput,
    NotUnderstood,
    Refused,
)
from lab.description import Description

from .licensing_office import DOMAIN, LicensingOffice, licensing_office


@pytest.fixture
def office(lab: Description, tmp_path: Path) -> Iterator[LicensingOffice]:
    with licensing_office(lab, tmp_path) as office:
        yield office


def names(outcome: Outcome) -> list[str]:
    return [user["user_principal_name"].partition("@")[0] for user in outcome.values["users"]]


def test_all_that_is_told_of_a_user(office: LicensingOffice) -> None:
    office.order(
        groups=[
            {"name": "Licensed", "licenses": [{"sku": "EMS", "disabled_plans": ["MFA_PREMIUM"]}]}
        ]
    )
    office.add(
        "kim",
        display_name="Kim Akers",
        mail="kim@litware.test",
        proxy_addresses=["SMTP:kim@litware.test", f"smtp:kim@{DOMAIN}"],
        details={"department": "Sales", "givenName": "Kim", "faxNumber": "+46 8 1"},
        licenses=[{"sku": "ENTERPRISEPACK", "disabled_plans": ["SWAY"]}],
        groups=["Licensed"],
        on_premises={
            "immutable_id": "qVvWgZ3Wx0iBqQw3l1nKkA==",
            "user_principal_name": "kim@litware.local",
            "sam_account_name": "kim",
        },
    )
    told = office.users(user_principal_names=[f"KIM@{DOMAIN}"])
    (user,) = told.values["users"]
    truth = office.people()["kim"]
    assert user["id"] == truth["id"]
    assert user["on_premises_sync_enabled"] is True
    assert user["on_premises_immutable_id"] == "qVvWgZ3Wx0iBqQw3l1nKkA=="
    assert user["proxy_addresses"] == ["SMTP:kim@litware.test", f"smtp:kim@{DOMAIN}"]
    assert (user["usage_location"], user["user_type"]) == ("SE", "Member")
    assert user["gal"]["faxNumber"] == "+46 8 1"
    assert len(user["gal"]) == 14
    assert user["identities"][0]["issuer_assigned_id"] == f"kim@{DOMAIN}"
    licenses = {(each["sku"], each["by_group"] is None): each for each in user["licenses"]}
    assert set(licenses) == {("ENTERPRISEPACK", True), ("EMS", False)}
    assert licenses["EMS", False]["by_group"] == office.people_groups()["Licensed"]
    assert len(licenses["ENTERPRISEPACK", True]["disabled_plans"]) == 1
    (ems,) = (sku for sku in told.values["skus"] if sku["sku"] == "EMS")
    assert (ems["enabled"], ems["consumed"], ems["free"]) == (10, 1, 9)


def test_who_is_meant(office: LicensingOffice) -> None:
    office.order(groups=[{"name": "Tokyo"}, {"name": "Japan", "groups": ["Tokyo"]}])
    office.add("kim", "EMS", details={"department": "Sales"}, mail="kim@litware.test")
    office.add("taro", groups=["Tokyo"], account_enabled=False)
    office.add("lee", usage_location=None, details={"department": "IT"})
    expected: dict[str, tuple[dict[str, Any], list[str]]] = {
        "departments": ({"departments": ["SALES"]}, ["kim"]),
        "groups": ({"groups": ["Japan"]}, ["taro"]),
        "group ids": ({"groups": [office.people_groups()["Tokyo"]]}, ["taro"]),
        "mail domains": ({"domains": ["litware.test"]}, ["kim"]),
        "licences": ({"licensed_with": ["ems"]}, ["kim"]),
        "ids": ({"ids": [office.people()["lee"]["id"].upper()]}, ["lee"]),
        "filters": ({"filter": f"startsWith(userPrincipalName,'lee@{DOMAIN}')"}, ["lee"]),
        "together": ({"departments": ["Sales", "IT"], "licensed": False}, ["lee"]),
    }
    for how, (options, found) in expected.items():
        assert names(office.users(**options)) == found, how
    disabled = office.users(account_enabled=False, user_types=["member"], domains=[DOMAIN])
    assert "taro" in names(disabled)
    assert not {"kim", "lee"} & set(names(disabled))


def test_one_who_is_not_there_is_told(office: LicensingOffice) -> None:
    office.add("kim")
    told = office.users(user_principal_names=[f"kim@{DOMAIN}", f"nobody@{DOMAIN}"])
    assert names(told) == ["kim"]
    (failure,) = told.values["failures"]
    assert failure["error"]["kind"] == "object_gone"
    assert told.error is not None


def test_thousands_are_counted_and_written(office: LicensingOffice) -> None:
    office.order(
        skus=[{"part_number": sku, "enabled": 5000} for sku in ("EMS", "ENTERPRISEPACK")],
        crowd={
            "count": 2500,
            "synced": True,
            "licenses": {"EMS": 1, "ENTERPRISEPACK+EMS": 2, "none": 1},
        },
    )
    path = office.folder / "lists" / "users.csv"
    told = office.users(synced=True, rows_limit=7, write_csv=str(path))
    summary = told.values["summary"]
    truth = [user for user in office.people().values() if user["is_synced"]]
    assert summary["users"] == summary["synced"] == len(truth) == 2500
    assert summary["unlicensed"] == sum(not user["licenses"] for user in truth)
    assert {each["sku"]: each["direct"] for each in summary["licenses"]} == {
        sku: sum(sku in user["licenses"] for user in truth) for sku in ("EMS", "ENTERPRISEPACK")
    }
    assert len(told.values["users"]) == 7
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["id"] for row in rows} == {user["id"] for user in truth}
    assert {row["licenses"] for row in rows} == {"", "EMS", "EMS; ENTERPRISEPACK"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_those_of_one_creation_type_are_all_told(office: LicensingOffice) -> None:
    """As in version 1.2.0, which knew no limit."""
    told = office.users(creation_type="EmailVerified")
    assert all(user["creation_type"] == "EmailVerified" for user in told.values["users"])
    assert len(told.values["users"]) == told.values["summary"]["users"]


def test_licences_without_the_permission_for_their_names(office: LicensingOffice) -> None:
    office.add("kim", "EMS")
    office.permit(["User.Read.All"])
    told = office.users(user_principal_names=[f"kim@{DOMAIN}"])
    (license_,) = told.values["users"][0]["licenses"]
    assert (license_["sku"], license_["state"]) == (None, "Active")
    assert "LicenseAssignment.Read.All" in told.warnings[0]
    with pytest.raises(Refused, match=r"LicenseAssignment\.Read\.All"):
        office.users(licensed_with=["EMS"])


def test_missing_permission_is_named(office: LicensingOffice) -> None:
    office.permit(["Organization.Read.All"])
    with pytest.raises(Refused, match=r"User\.Read\.All"):
        office.users()


def test_product_that_the_tenant_does_not_have(office: LicensingOffice) -> None:
    with pytest.raises(InvalidInput, match="NO_SUCH"):
        office.users(licensed_with=["NO_SUCH"])


@pytest.mark.parametrize(
    "answer",
    [
        {"raw": "{}"},
        {"set": {"value": [{"id": "x"}]}},
        {"set": {"@odata.nextLink": "https://elsewhere.example/v1.0/users"}},
    ],
)
def test_answer_that_is_not_understood(office: LicensingOffice, answer: dict[str, Any]) -> None:
    office.trouble("answer", path="/v1.0/users", **answer)
    with pytest.raises(NotUnderstood):
        office.users(entra_retry_time=1)


def test_file_that_cannot_be_written_and_limit_that_is_none(office: LicensingOffice) -> None:
    with pytest.raises(InvalidInput):
        office.users(write_csv="/proc/users.csv")
    with pytest.raises(InvalidInput, match="rows_limit"):
        office.users(rows_limit=-1)
