# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report over all tenants: made by its playbook from real runs, and used in a real browser."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._fleet_report.runner import run
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.model import (
    Failure,
    Mode,
    Step,
    StepCount,
    Tenant,
)
from lab.description import Description

from .browser_session import Session, browser_session
from .fleet_runs import NIGHT, STARTED, SUFFIX, RunFolder, tenant
from .playbooks import DEMO_TENANTS, Finished, Operator

# The full size: 1000 tenants with 100 changes each.
TENANTS = int(os.environ.get("TENANTOPS_REPORTED_TENANTS", "120"))
CHANGES = int(os.environ.get("TENANTOPS_REPORTED_CHANGES", "10"))

# What a script that got to run would leave behind.
_MARK = "data-owned"
_OWN = f"document.documentElement.setAttribute('{_MARK}','yes')"
_HOSTILE = (
    f"<script>{_OWN}</script>",
    f"</script><script>{_OWN}</script>",
    f"<!--<script>{_OWN}</script>",
    f'"><img src="http://127.0.0.1:9/taken" onerror="{_OWN}">',
    f"'><svg onload={_OWN}>",
    f'<a href="javascript:{_OWN}">javascript:{_OWN}</a>',
    "{{ 7 * 7 }}{% raw %}<base href='http://127.0.0.1:9/'>",
    "&lt;script&gt; =cmd|' /C calc'!A0",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Session]:
    with browser_session() as session:
        yield session


def _report(folder: Path, *folders: Path, **options: Any) -> dict[str, Any]:
    """Make the report, and give what the task would tell."""
    parameters = {
        "folders": [str(each) for each in folders],
        "folder": str(folder / "fleet"),
        "tenants": None,
        "mode": "newest",
        "history": 10,
        "title": "All tenants",
        **options,
    }
    outcome = run(parameters, False)
    assert outcome.error is None, outcome.error
    return dict(outcome.values)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of two nights."""
    folder = tmp_path_factory.mktemp("nights")
    for night in (0, 1):
        started = STARTED + night * NIGHT
        runs = RunFolder(folder / f"night{night}", started=started)
        runs.write([tenant(place, CHANGES, night=night) for place in range(TENANTS)])
    _report(folder, folder / "night0")
    _report(folder, folder / "night1")
    return folder / "fleet" / "fleet.html"


def shown(browser: Session) -> int:
    """How many rows or items the list has that is looked at."""
    return int(
        browser.evaluate("document.querySelectorAll('#content tbody tr, #content li').length")
    )


def views(browser: Session) -> dict[str, int]:
    """The numbers that stand beside the names of the views."""
    told = [text.rsplit(" ", 1) for text in browser.texts("#views a")]
    return {name: int(number.replace(",", "")) for name, number in told}


def choose(browser: Session, field: str, value: str) -> None:
    """Choose an entry of one of the filter's lists."""
    browser.evaluate(
        f"(() => {{ const field = document.querySelector('[name={field}]');"
        f"field.value = {json.dumps(value)};"
        "field.dispatchEvent(new Event('change', {bubbles: true})); })()"
    )


# The playbook


def test_playbook_reports_runs_of_several_folders(clean_lab: Description, tmp_path: Path) -> None:
    operator = Operator(clean_lab, tmp_path)
    # One of them cannot be reached with its credentials; the others are planned all the same.
    hosts: dict[str, Any] = {"tenantops_hosts": "tenants:northwind"}
    assert operator.run("migrate", "--check", report="one/dry", **hosts).exit_code != 0
    options: dict[str, Any] = {
        "tenantops_report_folders": [str(tmp_path / "one")],
        "tenantops_fleet_report_folder": str(tmp_path / "fleet"),
        "tenantops_hosts": "tenants:broken_tenants",
    }

    dry = operator.run("fleet_report", "--check", **options)
    assert not (tmp_path / "fleet").exists()
    first = _fleet(operator.run("fleet_report", **options), tmp_path)

    assert "changed=1" in dry.output
    assert {name: entry["state"] for name, entry in first["tenants"].items()} == {
        **dict.fromkeys(DEMO_TENANTS, "complete"),
        "northwind": "failed",
        "tailspin": "no result",
    }
    # The report's own run is none of a tenant.
    assert not (tmp_path / "report").joinpath("apply").exists()
    again = operator.run("fleet_report", **options)
    assert "changed=0" in again.output
    assert _fleet(again, tmp_path) == first

    assert operator.run("migrate", report="one/real").exit_code == 0
    second = _fleet(operator.run("fleet_report", **options), tmp_path)
    for name in DEMO_TENANTS:
        entry = second["tenants"][name]
        assert (entry["mode"], entry["since_last_run"]) == ("apply", "as planned")
        assert [one["mode"] for one in entry["history"]] == ["check"]
    assert second["tenants"]["tailspin"]["state"] == "no result"


def test_playbook_fails_for_a_folder_without_results(
    clean_lab: Description, tmp_path: Path
) -> None:
    finished = Operator(clean_lab, tmp_path).run(
        "fleet_report",
        tenantops_report_folders=str(tmp_path / "nowhere"),
        tenantops_fleet_report_folder=str(tmp_path / "fleet"),
    )
    assert finished.exit_code != 0
    assert "There are no results to report" in finished.output
    assert "Traceback" not in finished.output
    assert not (tmp_path / "fleet").exists()


def _fleet(finished: Finished, folder: Path) -> dict[str, Any]:
    assert finished.exit_code == 0, finished.output
    content: dict[str, Any] = json.loads((folder / "fleet" / "fleet.json").read_text("utf-8"))
    return content


# The page


def test_page_shows_the_gravest_first_and_asks_for_nothing(browser: Session, page: Path) -> None:
    browser.open(page)
    assert views(browser) == {
        "Tenants": TENANTS,
        "Steps": 3,
        "Changes": TENANTS * CHANGES,
        "Problems": sum((place + 1) % 50 in (7, 8, 11, 13) for place in range(TENANTS)),
    }
    states = browser.texts("#content tbody tr td:nth-child(2)")
    assert states[0] == "unreachable"
    assert states[-1] == "complete"
    assert browser.requests == [page.resolve().as_uri()]
    assert browser.complaints == []


def test_search_finds_tenants_values_and_messages(browser: Session, page: Path) -> None:
    browser.open(page)
    for text, expected in (
        ("tenant0010", {"Tenants": 1, "Changes": CHANGES}),
        ("tenant0010 MS=ms00000004", {"Tenants": 1, "Changes": 1}),
        ("DOES NOT TAKE the credentials", {"Changes": 0}),
        ("of none such", {"Tenants": 0, "Changes": 0, "Problems": 0}),
    ):
        browser.evaluate("document.querySelector('[name=q]').value = ''")
        browser.evaluate("document.querySelector('[name=q]').focus()")
        browser.type(text)
        browser.until(
            f"new URLSearchParams(location.hash.slice(1)).get('q') === {json.dumps(text)}"
        )
        assert expected.items() <= views(browser).items(), text
    assert browser.texts("#content .none") == ["No tenant fits."]


def test_filters_narrow_every_view(browser: Session, page: Path) -> None:
    browser.open(page)
    failed = sum((place + 1) % 50 in (7, 8) for place in range(TENANTS))
    choose(browser, "state", "failed")
    expected = {"Tenants": failed, "Changes": failed * CHANGES, "Problems": failed}
    assert expected.items() <= views(browser).items()
    choose(browser, "system", "dns")
    choose(browser, "action", "replace")
    assert {"Tenants": 0, "Changes": 0}.items() <= views(browser).items()
    choose(browser, "action", "add")
    assert views(browser)["Changes"] == failed * len(range(1, CHANGES, 3))
    choose(browser, "since", "worse")
    assert 0 < views(browser)["Tenants"] < failed
    # Somebody else opens the address that was passed on.
    address, numbers = browser.evaluate("location.hash.slice(1)"), views(browser)
    browser.open(page, address)
    assert views(browser) == numbers


def test_view_by_step_leads_to_its_tenants(browser: Session, page: Path) -> None:
    browser.open(page, "view=steps")
    failed = sum((place + 1) % 50 in (7, 8) for place in range(TENANTS))
    rows = browser.texts("#content tbody tr")
    assert len(rows) == 3
    assert rows[2].split()[-8:] == [
        *(str(sum((place + 1) % 50 not in (7, 8, 13) for place in range(TENANTS))), "0", "0"),
        *(str(failed), "0"),
        *(str(sum((place + 1) % 50 == 13 for place in range(TENANTS))), "0", "0"),
    ]
    with browser.following():
        browser.click("#content tbody tr:nth-child(3) td:nth-child(6) a")
    assert "ended=failed" in browser.evaluate("location.hash")
    assert views(browser)["Tenants"] == failed
    assert set(browser.texts("#content tbody td:nth-child(2)")) == {"failed"}


def test_a_tenant_has_its_problems_changes_and_history(browser: Session, page: Path) -> None:
    browser.open(page)
    with browser.following():
        browser.click("#content tbody tr:nth-child(1) a")
    (name,) = browser.texts("#name")
    assert name.split() == ["tenant0010", "unreachable"]
    text = browser.evaluate("document.querySelector('#content').innerText")
    for told in ("No route to the host", "worse", "user00000@tenant0010.example", "2026-11-22"):
        assert told in text, told
    assert browser.evaluate("document.querySelector('.changes tbody').children.length") == CHANGES
    assert browser.evaluate("document.activeElement.id") == "name"


def test_keys_search_and_go_back(browser: Session, page: Path) -> None:
    browser.open(page)
    browser.press("/")
    assert browser.evaluate("document.activeElement.name") == "q"
    browser.type("tenant0011")
    browser.press("Enter")
    assert views(browser)["Tenants"] == 1
    browser.press("Escape")
    assert browser.evaluate("document.querySelector('[name=q]').value") == ""
    assert views(browser)["Tenants"] == TENANTS
    # On with the keyboard alone: behind the filter and the views comes the list.
    browser.evaluate("document.querySelector('#views a:last-child').focus()")
    for _step in range(4):
        browser.press("Tab")
    with browser.following():
        browser.press("Enter")
    assert "t=" in browser.evaluate("location.hash")
    with browser.following():
        browser.press("Escape")
    assert "t=" not in browser.evaluate("location.hash")
    assert views(browser)["Tenants"] == TENANTS


def test_a_long_list_is_shown_a_part_at_a_time(browser: Session, page: Path) -> None:
    browser.open(page, "view=changes")
    assert shown(browser) == 200
    browser.click(".more button")
    assert shown(browser) == 400
    assert browser.evaluate("document.activeElement.closest('tr').rowIndex") == 201


def test_what_names_and_values_say_stays_text(browser: Session, tmp_path: Path) -> None:
    steps = [Step(text, "ad_upn_suffix") for text in _HOSTILE]
    runs = RunFolder(tmp_path / "run", playbook=_HOSTILE[0], steps=steps)
    runs.write([_hostile(text) for text in _HOSTILE])
    _report(tmp_path, tmp_path / "run", title=_HOSTILE[1])
    page = tmp_path / "fleet" / "fleet.html"
    for view in ("tenants", "steps", "changes", "problems"):
        browser.open(page, f"view={view}")
        assert browser.evaluate("document.title").startswith(_HOSTILE[1])
        assert_nothing_ran(browser)
        text = browser.evaluate("document.querySelector('#content').innerText")
        assert [each for each in _HOSTILE if each not in text] == []
    for text in _HOSTILE:
        with browser.following():
            browser.evaluate(f"location.hash = new URLSearchParams([['t', {json.dumps(text)}]])")
        assert browser.texts("#name")[0].startswith(text)
        assert_nothing_ran(browser)
    with (tmp_path / "fleet" / "fleet.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")] == []


def assert_nothing_ran(browser: Session) -> None:
    assert browser.evaluate(f"document.documentElement.hasAttribute('{_MARK}')") is False
    assert browser.complaints == []
    assert len(browser.requests) == 1
    assert browser.evaluate("document.querySelectorAll('script').length") == 3


def _hostile(text: str) -> Tenant:
    change = Change(System.AD, text, text, text, text, Action.REPLACE, text, text, text, note=text)
    failure = Failure(SUFFIX.label, "ad_upn_suffix", text, {"problem": text, "advice": text})
    return Tenant(
        text,
        changes=[change],
        failures=[failure],
        gaps=[text],
        steps={Step(text, "ad_upn_suffix"): StepCount(failed=1)},
    )


def test_characters_that_nobody_sees_are_shown(browser: Session, tmp_path: Path) -> None:
    place = (System.AD, "user", "id", "kim\u200b@contoso.example", "mail", Action.REPLACE)
    change = Change(*place, before="", after={"city": " Umea\u202e"})
    RunFolder(tmp_path / "run").write([Tenant("contoso", changes=[change])])
    _report(tmp_path, tmp_path / "run")
    browser.open(tmp_path / "fleet" / "fleet.html", "view=changes")
    assert browser.texts("#content mark") == ["U+200B", "U+202E"]
    assert browser.texts("#content tbody td:nth-child(4)") == ["(empty)"]


def test_runs_that_are_missing_are_told(browser: Session, tmp_path: Path) -> None:
    RunFolder(tmp_path / "whole").write([tenant(0, 1)])
    RunFolder(tmp_path / "killed", Mode.APPLY, started=STARTED + NIGHT).begin()
    values = _report(tmp_path, tmp_path / "whole", tmp_path / "killed", tenants=["tenant0001"])
    assert values["unfinished"] == [str(tmp_path / "killed" / "apply")]
    browser.open(tmp_path / "fleet" / "fleet.html")
    (warning,) = browser.texts("#warnings li")
    assert "has not ended" in warning
    assert browser.texts("#content tbody td:nth-child(2)") == ["no result", "complete"]
