# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Guests: from the module's own result to the index and the page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._guests.effects import Effect
from ansible_collections.tenantops.migration.plugins.module_utils._guests.links import sign_in_links
from ansible_collections.tenantops.migration.plugins.module_utils._guests.model import (
    Guest,
    SignInMethod,
)
from ansible_collections.tenantops.migration.plugins.module_utils._guests.summary import (
    FirstRows,
    Summary,
    row,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.documents import (
    index_document,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.guests import (
    GuestAssessment,
    guest_assessment,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.model import (
    Mode,
    Report,
    Tenant,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.observation import (
    NOT_ASSESSED,
    observe,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.page import render, shown

_NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
_TENANT = "3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11"
_LINKS = sign_in_links(_TENANT, "contoso.onmicrosoft.com")
_HOSTILE = "\"'><script>alert(1)</script>"

_KIM = Guest(
    id="kim",
    address="kim@litware.test",
    user_principal_name="kim_litware.test#EXT#@contoso.onmicrosoft.com",
    display_name="Kim Akers",
    domain="litware.test",
    state="Accepted",
    state_changed="2023-05-17T08:30:00Z",
    method=SignInMethod.ONE_TIME_PASSCODE,
    issuer="mail",
    preferred_language=None,
    account_enabled=True,
    created=None,
)
_VIRAL = replace(_KIM, id="ana", address="ana@tailspin.test", method=SignInMethod.ENTRA_VIRAL)
_ODD = replace(
    _KIM,
    id="odd",
    address=None,
    method=SignInMethod.UNKNOWN,
    issuer="colour.example",
    account_enabled=False,
)


def _result(*guests: Guest, limit: int = 10, are_all: bool = True) -> dict[str, Any]:
    """What the module returns, made by its own means."""
    told, first = Summary(), FirstRows(limit)
    for guest in guests:
        told.add(guest)
        first.add(guest.method, row(guest, _LINKS))
    return {
        "changed": False,
        "summary": told.to_json(),
        "all_guests": are_all,
        "guests": first.rows,
        "sign_in_links": _LINKS.to_json(),
        "written": {"csv": "/srv/guests.csv"},
        "failures": [],
    }


def _found(*guests: Guest, limit: int = 10, are_all: bool = True) -> GuestAssessment:
    found = guest_assessment(_result(*guests, limit=limit, are_all=are_all))
    assert found is not None
    return found


def _report(*tenants: Tenant) -> Report:
    return Report("Title", "playbook", Mode.CHECK, _NOW, _NOW, (), tenants)


def _page(*tenants: Tenant) -> str:
    return "".join(render(_report(*tenants)))


def test_rows_and_figures_are_read() -> None:
    found = _found(_KIM, _VIRAL, _ODD)

    assert (found.guests, found.domains, found.disabled, found.locked_out) == (3, 1, 1, 1)
    assert found.methods[SignInMethod.ENTRA_VIRAL] == 1
    assert found.viral_domains == {"litware.test": 1}
    assert found.unknown == {"Accepted, colour.example": 1}
    assert found.files == ("/srv/guests.csv",)
    assert found.sign_in_links["my_apps"] == f"https://myapps.microsoft.com/?tenantid={_TENANT}"
    odd, kim, _ana = found.rows
    assert odd.name == "kim_litware.test#EXT#@contoso.onmicrosoft.com"
    assert (odd.issuer, odd.is_disabled) == ("colour.example", True)
    assert (kim.name, kim.method) == ("kim@litware.test", SignInMethod.ONE_TIME_PASSCODE)
    assert kim.if_passcode_off is Effect.LOCKED_OUT


def test_figures_are_about_all_guests_however_few_are_listed() -> None:
    found = _found(_KIM, _VIRAL, limit=1)

    assert found.guests == 2
    assert [each.name for each in found.rows] == ["kim@litware.test"]


@pytest.mark.parametrize(
    "broken",
    [
        {"guests": None},
        {"guests": [{}]},
        {"summary": {"methods": {}}},
        {"summary": {**_result()["summary"], "methods": {"telepathy": 1}}},
        {"summary": {**_result()["summary"], "methods": [1]}},
        {"guests": [{**_result(_KIM)["guests"][0], "if_passcode_off": "sometimes"}]},
    ],
)
def test_what_is_not_understood_is_a_gap(broken: dict[str, Any]) -> None:
    (seen,) = observe({**_result(_KIM), **broken}, failed=False, no_log=False)

    assert seen.guest_assessment is None
    assert seen.gap == NOT_ASSESSED


def test_guests_of_a_task_that_failed_are_read() -> None:
    (seen,) = observe({**_result(_KIM), "msg": "1 domain"}, failed=True, no_log=False)

    assert seen.failed
    assert seen.guest_assessment is not None


def test_other_results_say_nothing_about_guests() -> None:
    assert guest_assessment({"guests": "enabled"}) is None
    assert guest_assessment({"summary": {"rules": {}}}) is None


def test_index_counts_guests_as_the_last_look_found_them() -> None:
    looks = [("First", _found(_KIM, _KIM)), ("Last", _found(_VIRAL))]
    report = _report(Tenant("contoso", guest_assessments=looks), Tenant("fabrikam"))

    index = index_document(report, {"contoso": "0", "fabrikam": "1"}, {})

    counted = index["tenants"]["contoso"]["guests"]
    assert {method for method, number in counted.items() if number} == {"entra_viral"}
    assert "guests" not in index["tenants"]["fabrikam"]


@pytest.mark.parametrize(("first_is_whole", "counted"), [(True, 2), (False, 1)])
def test_a_look_at_some_guests_does_not_stand_for_all(first_is_whole: bool, counted: int) -> None:
    looks = [
        ("All", _found(_KIM, _VIRAL, are_all=first_is_whole)),
        ("Some", _found(_VIRAL, are_all=False)),
    ]
    tenant = Tenant("contoso", guest_assessments=looks)

    index = index_document(_report(tenant), {"contoso": "0"}, {})

    assert sum(index["tenants"]["contoso"]["guests"].values()) == counted


def test_guests_are_told_if_they_were_looked_at() -> None:
    unseen = _page(Tenant("contoso"))
    found = _found(_KIM, _KIM, _ODD, _VIRAL, limit=3)
    seen = _page(Tenant("contoso", guest_assessments=[("Look", found)]))

    assert 'id="guests"' not in unseen
    assert "Guests by passcode" not in unseen
    assert "Guests by passcode<dd>2" in seen
    assert "4 guests of 1 domain" in seen
    assert '<span class="pill amber">2 passcode</span>' in seen
    assert '<span class="pill red">1 not known</span>' in seen
    assert "Turning the passcode off would lock out 2." in seen
    assert '<tr class="entra one_time_passcode"><td><b>passcode</b>' in seen
    assert "<td><em>locked out</em>" in seen
    assert "colour.example" in seen
    assert f"<code>https://myapps.microsoft.com/?tenantid={_TENANT}</code>" in seen
    assert "<code>https://myapps.microsoft.com/contoso.onmicrosoft.com</code>" in seen
    assert "3 guests of 4, as many as the task lists." in seen
    assert "<code>/srv/guests.csv</code>" in seen


def test_tenant_without_guests_is_said_to_be_one() -> None:
    page = _page(Tenant("contoso", guest_assessments=[("Look", _found())]))

    assert "0 guests" in page
    assert "Guests by how they sign in" not in page


def test_every_value_of_a_guest_is_text() -> None:
    guest = replace(
        _ODD,
        id=_HOSTILE,
        address=_HOSTILE,
        display_name=_HOSTILE,
        domain=_HOSTILE,
        state=_HOSTILE,
        state_changed=_HOSTILE,
        issuer=_HOSTILE,
    )
    found = replace(
        _found(guest),
        files=(_HOSTILE,),
        sign_in_links={_HOSTILE: _HOSTILE},
        viral_domains={_HOSTILE: 1},
    )
    page = _page(Tenant("contoso", guest_assessments=[(_HOSTILE, found)]))

    assert page.count("<script>") == 1
    assert _HOSTILE not in page


def test_reset_is_told_part_by_part_and_with_the_reason() -> None:
    change = Change(
        system=System.ENTRA,
        resource="guest",
        id="kim",
        name="kim@litware.test",
        property="redemption",
        action=Action.INVOKE,
        before={"state": "Accepted", "method": "one_time_passcode"},
        after={"state": "PendingAcceptance", "mailed": False},
        reversible=False,
        note="<agreed> with the partner",
    )
    page = _page(Tenant("contoso", changes=[change]))

    assert "<code>state: Accepted<br>method: one_time_passcode</code>" in page
    assert "<code>state: PendingAcceptance<br>mailed: false</code>" in page
    assert '<small class="note">Acknowledged: &lt;agreed&gt; with the partner</small>' in page
    assert "cannot be undone" in page


def test_parts_of_a_value_are_text() -> None:
    assert shown({"a<b": "c<d", "e": None}) == "<code>a&lt;b: c&lt;d<br>e: (none)</code>"
    assert shown({}) == "<code>{}</code>"
