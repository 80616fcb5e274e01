# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report in a real browser: values stay text, nothing is loaded, the filter finds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.model import (
    Severity,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    KNOWN_AFTER_APPLY,
    Action,
    Change,
    System,
    Value,
)
from ansible_collections.tenantops.migration.plugins.module_utils._domain_assessment.model import (
    Option,
)
from ansible_collections.tenantops.migration.plugins.module_utils._guests.effects import Effect
from ansible_collections.tenantops.migration.plugins.module_utils._guests.model import SignInMethod
from ansible_collections.tenantops.migration.plugins.module_utils._realms.model import RealmKind
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.assessment import (
    Assessment,
    ListedFinding,
    ObjectFailure,
    Suggestion,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.domains import (
    DomainAssessment,
    ListedDomain,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.folder import ReportFolder
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.guests import (
    GuestAssessment,
    ListedGuest,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.model import (
    Conflict,
    Failure,
    Mode,
    Report,
    Step,
    StepCount,
    Tenant,
)

from .browser import Chromium, Element, installed_chromium

_NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
_PUBLISH = Step("Publish", "dns_txt", "domain_txt")
_RENAME = Step("Rename", "ad_attributes", "attributes")

# What a script that got to run would leave behind.
_MARK = "data-owned"
_OWN = f"document.documentElement.setAttribute('{_MARK}','yes')"


@pytest.fixture(scope="module")
def chromium() -> Chromium:
    return installed_chromium()


@dataclass
class Listener:
    """A web server that counts who asks it for something."""

    port: int
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def listener() -> Iterator[Listener]:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Listener(server.server_port, asked)
    server.shutdown()
    thread.join()
    server.server_close()


def _hostile(port: int) -> list[str]:
    address = f"http://127.0.0.1:{port}/taken"
    return [
        f"<script>{_OWN}</script>",
        f"</script><script>{_OWN}</script>",
        f"</style></title></textarea><script>{_OWN}</script>",
        f'"><img src="{address}" onerror="{_OWN}">',
        f"'><svg onload={_OWN}>",
        f"--><iframe srcdoc=\"<script>{_OWN}</script>\" src='{address}'></iframe>",
        f'<a href="javascript:{_OWN}">javascript:{_OWN}</a>',
        f'<meta http-equiv="refresh" content="0;url={address}">',
        f'<link rel="stylesheet" href="{address}"><style>@import "{address}"</style>',
        f"{{{{ 7 * 7 }}}}{{% raw %}}<base href='{address}'>",
        "&lt;script&gt;",
    ]


def _change(value: Value, text: str = "text", **fields: object) -> Change:
    known: dict[str, object] = {
        "system": System.AD,
        "resource": text,
        "id": text,
        "name": text,
        "property": text,
        "action": Action.REPLACE,
        "before": value,
        "after": value,
        "rule": text,
    }
    return Change(**{**known, **fields})  # type: ignore[arg-type]


def _finding(text: str, value: str, suggestion: Suggestion | None = None) -> ListedFinding:
    return ListedFinding(
        rule=text,
        severity=Severity.BLOCKING,
        dn=text,
        object_class=text,
        guid=text,
        attribute=text,
        value=value,
        detail=text,
        suggestion=suggestion,
        reason=text,
        holders=(text,),
    )


def _assessment(text: str, *findings: ListedFinding) -> Assessment:
    return Assessment(
        objects_read=12,
        in_scope=10,
        with_findings=len(findings),
        searched=text,
        skipped={text: 2},
        severities={Severity.BLOCKING: len(findings)},
        rules={text: len(findings)},
        address_list_fields={text: 50.0},
        findings=findings,
        failures=(ObjectFailure(text, text, text),),
        files=(text,),
        is_before_fixes=False,
    )


def _domains(*rows: ListedDomain, text: str = "text") -> DomainAssessment:
    return DomainAssessment(
        entries=len(rows),
        domains=len(rows),
        failed=0,
        options={Option.TAKE_OVER: len(rows)},
        realms={RealmKind.VIRAL: len(rows)},
        dns_hosts={text: len(rows)},
        rows=rows,
        files=(text,),
    )


def _domain(text: str, option: Option | None = Option.TAKE_OVER) -> ListedDomain:
    return ListedDomain(
        text=text,
        line=2,
        name=text,
        role=text,
        realm=RealmKind.VIRAL,
        is_personal=False,
        tenant_id=text,
        brand=text,
        is_dns_known=True,
        dns_hosts=(text,),
        name_servers=(text,),
        mail_hosts=(text,),
        option=option,
        reason=text,
        errors=(text,),
    )


def _guests(*rows: ListedGuest, text: str = "text") -> GuestAssessment:
    return GuestAssessment(
        is_whole=True,
        guests=len(rows),
        domains=1,
        disabled=1,
        methods={SignInMethod.ONE_TIME_PASSCODE: len(rows)},
        if_passcode_on={Effect.PASSCODE: len(rows)},
        if_passcode_off={Effect.LOCKED_OUT: len(rows)},
        if_passcode_fallback={Effect.PASSCODE: len(rows)},
        viral_domains={text: 1},
        unknown={text: 1},
        sign_in_links={text: text},
        rows=rows,
        files=(text,),
    )


def _guest(text: str, method: SignInMethod = SignInMethod.ONE_TIME_PASSCODE) -> ListedGuest:
    return ListedGuest(
        id=text,
        name=text,
        display_name=text,
        method=method,
        issuer=text,
        domain=text,
        state=text,
        state_changed=text,
        is_disabled=True,
        if_passcode_on=Effect.PASSCODE,
        if_passcode_off=Effect.LOCKED_OUT,
        if_passcode_fallback=Effect.PASSCODE,
    )


def _write(folder: Path, tenants: list[Tenant], title: str = "Title") -> Path:
    report = Report(
        title=title,
        playbook=title,
        mode=Mode.CHECK,
        started=_NOW,
        ended=_NOW + timedelta(minutes=1),
        steps=tuple({step: None for tenant in tenants for step in tenant.steps}),
        tenants=tenants,
    )
    written = ReportFolder(folder, Mode.CHECK).finish(report)
    assert written.problems == []
    return written.page


def test_a_script_in_a_page_would_be_noticed(
    chromium: Chromium, listener: Listener, tmp_path: Path
) -> None:
    """Without this, the tests below would also pass in a browser that does nothing."""
    page = tmp_path / "open.html"
    page.write_text("<!DOCTYPE html><body>" + "".join(_hostile(listener.port)[:4]) + "</body>")

    document = chromium.open(page)

    assert document.all("html")[0].attributes.get(_MARK) == "yes"
    assert "/taken" in listener.asked


def test_hostile_values_stay_text(chromium: Chromium, listener: Listener, tmp_path: Path) -> None:
    hostile = _hostile(listener.port)
    tenants = [
        Tenant(
            name=value,
            changes=[
                _change(value, value, note=value),
                _change([value], value),
                _change({value: value}),
            ],
            other_mode=[_change(value, value)],
            failures=[Failure(value, value, value)],
            gates=[Failure(value, value, value, {"problem": value, "advice": value})],
            gaps=[value],
            conflicts=[Conflict(_change(value, value), value, value)],
            assessments=[
                (value, _assessment(value, _finding(value, value, Suggestion(value, value))))
            ],
            domain_assessments=[(value, _domains(_domain(value), text=value))],
            guest_assessments=[
                (value, _guests(_guest(value), _guest(value, SignInMethod.UNKNOWN), text=value))
            ],
            steps={Step(value, value, value): StepCount(ok=1)},
        )
        for value in hostile
    ]

    page = _write(tmp_path, tenants, title=" ".join(hostile))
    for fragment in ("", "q=script", "tenant=" + "%3Cscript%3Ealert(1)%3C/script%3E"):
        document = chromium.open(page, fragment)

        assert _MARK not in document.all("html")[0].attributes
        assert len(document.all("script")) == 1
        for tag in ("img", "svg", "iframe", "base"):
            assert document.all(tag) == []
    assert listener.asked == []
    document = chromium.open(page)
    for part in ("changes", "directory", "guests"):
        shown = [code.text for code in document.all("code", within=part)]
        for value in hostile:
            assert value in shown


def test_own_policy_stops_what_escaping_would_let_through(
    chromium: Chromium, listener: Listener, tmp_path: Path
) -> None:
    """The second line of defence: hostile markup put into the finished page by force."""
    page = _write(tmp_path, [Tenant("contoso")])
    forced = "".join(value for value in _hostile(listener.port)[:5] if "textarea" not in value)
    page.write_text(page.read_text("utf-8").replace("<main>", f"<main>{forced}"), "utf-8")

    document = chromium.open(page)

    assert _MARK not in document.all("html")[0].attributes
    assert listener.asked == []


def test_text_that_turns_its_surroundings_is_shown_as_it_is(
    chromium: Chromium, tmp_path: Path
) -> None:
    page = _write(
        tmp_path, [Tenant("contoso", changes=[_change("\u202etxt.exe"), _change("שלום עולם")])]
    )

    shown = [code.text for code in chromium.open(page).all("code", within="changes")]

    assert "U+202Etxt.exe" in shown
    assert "שלום עולם" in shown
    assert not any("\u202e" in text for text in shown)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    contoso = Tenant(
        "contoso",
        changes=[
            _change("MS=ms111", "contoso.test", system=System.DNS, action=Action.ADD, before=None),
            _change("asa@contoso.test", "Åsa Öberg"),
        ],
        conflicts=[Conflict(_change("old", "Conflict"), "found now", "changed since")],
        assessments=[
            (
                "Assess",
                _assessment(
                    "corp.contoso.test",
                    _finding("Jürgen", "jürgen@contoso.test", Suggestion("mail", "juergen")),
                    _finding("Info", "info@contoso.test"),
                ),
            )
        ],
        steps={_PUBLISH: StepCount(ok=1, changes=1), _RENAME: StepCount(ok=1, changes=1)},
    )
    fabrikam = Tenant(
        "fabrikam",
        changes=[
            _change(
                KNOWN_AFTER_APPLY,
                "fabrikam.test",
                system=System.DNS,
                action=Action.ADD,
                reversible=False,
            )
        ],
        failures=[Failure(_RENAME.label, "ad_attributes", "The server refuses (answer: 50).")],
        steps={_PUBLISH: StepCount(ok=1, changes=1), _RENAME: StepCount(failed=1)},
    )
    litware = Tenant(
        "litware",
        assessments=[("Assess", _assessment("corp.litware.test"))],
        domain_assessments=[
            ("Assess", _domains(_domain("anna@litware.test"), _domain("tom@example.test", None)))
        ],
        guest_assessments=[
            (
                "Assess guests",
                _guests(
                    _guest("kim@adatum.test"), _guest("eva@proseware.test", SignInMethod.GOOGLE)
                ),
            )
        ],
        gates=[
            Failure(
                "domain_takeover: Verify",
                "entra_domain",
                "The domain is in use elsewhere. Ask its owner.",
                {
                    "kind": "gate",
                    "problem": "The domain is in use elsewhere",
                    "object": "litware.test",
                    "advice": "Ask its owner.",
                },
            )
        ],
        steps={_PUBLISH: StepCount(ok=1)},
    )
    folder = tmp_path_factory.mktemp("report")
    return _write(folder, [contoso, fabrikam, litware])


def _seen(document: Element, tag: str, within: str) -> list[Element]:
    return [element for element in document.all(tag, within) if not element.is_hidden]


def _changes_seen(document: Element) -> int:
    tables = [table for table in document.all("table", "changes") if "left" not in table.classes]
    return sum(
        bool(row.classes) and not row.is_hidden for table in tables for row in table.all("tr")
    )


def _findings_seen(document: Element) -> int:
    return sum(bool(row.classes) for row in _seen(document, "tr", "directory"))


def _directories_seen(document: Element) -> list[str]:
    return [title.text for title in _seen(document, "h3", "directory")]


def _tenants_seen(document: Element) -> list[str]:
    rows = [row for row in _seen(document, "tr", "steps") if "data-t" in row.attributes]
    return [row.all("th")[0].text for row in rows]


def test_everything_is_seen_at_first(chromium: Chromium, page: Path) -> None:
    document = chromium.open(page)

    assert _changes_seen(document) == 3
    assert _findings_seen(document) == 2
    assert _tenants_seen(document) == ["contoso", "fabrikam", "litware"]
    assert _directories_seen(document) == ["contoso", "litware"]
    assert [item.text for item in _seen(document, "p", "attention")][-1].startswith(
        "The server refuses"
    )
    form = document.by_id("filter")
    assert form is not None
    assert not form.is_hidden


@pytest.mark.parametrize(
    ("fragment", "changes", "tenants", "failures"),
    [
        ("q=ms111", 1, ["contoso"], 0),
        ("q=%C3%85SA+%C3%B6berg", 1, ["contoso"], 0),
        ("q=known+after", 1, ["fabrikam"], 0),
        ("q=refuses", 0, ["fabrikam"], 1),
        ("q=litware", 0, ["litware"], 0),
        ("q=nowhere", 0, [], 0),
        ("tenant=contoso", 2, ["contoso"], 0),
        ("system=dns", 2, ["contoso", "fabrikam"], 1),
        ("system=dns&tenant=fabri", 1, ["fabrikam"], 1),
        ("action=replace", 1, ["contoso"], 1),
        ("failures=1", 0, ["fabrikam"], 1),
        ("failures=1&tenant=contoso", 0, [], 0),
        ("gates=1", 0, ["litware"], 0),
        ("gates=1&failures=1", 0, [], 0),
        ("q=its+owner", 0, ["litware"], 0),
    ],
)
def test_filter_finds(
    chromium: Chromium, page: Path, fragment: str, changes: int, tenants: list[str], failures: int
) -> None:
    document = chromium.open(page, fragment)

    assert _changes_seen(document) == changes
    assert _tenants_seen(document) == tenants
    assert len(_seen(document, "li", "attention")) == failures
    found = document.by_id("found")
    assert found is not None
    assert found.text == f"{changes} of 3 changes, {len(tenants)} of 3 tenants"


@pytest.mark.parametrize(
    ("fragment", "gates"),
    [
        ("", 1),
        ("gates=1", 1),
        ("q=its+owner", 1),
        ("tenant=litware", 1),
        ("failures=1", 0),
        ("gates=1&tenant=contoso", 0),
        ("q=nowhere", 0),
    ],
)
def test_filter_finds_gates(chromium: Chromium, page: Path, fragment: str, gates: int) -> None:
    document = chromium.open(page, fragment)

    assert len(_seen(document, "li", "gates")) == gates
    section = document.by_id("gates")
    assert section is not None
    assert section.is_hidden == (gates == 0)


@pytest.mark.parametrize(
    ("fragment", "rows"),
    [
        ("", 2),
        ("q=anna%40", 1),
        ("q=take+over", 1),
        ("q=litware", 2),
        ("tenant=litware", 2),
        ("system=ad", 0),
        ("failures=1", 0),
        ("tenant=contoso", 0),
    ],
)
def test_filter_finds_domains(chromium: Chromium, page: Path, fragment: str, rows: int) -> None:
    document = chromium.open(page, fragment)

    assert sum(bool(row.classes) for row in _seen(document, "tr", "domains")) == rows
    section = document.by_id("domains")
    assert section is not None
    assert section.is_hidden == (rows == 0)


@pytest.mark.parametrize(
    ("fragment", "rows"),
    [
        ("", 2),
        ("q=kim%40", 1),
        ("q=google", 1),
        ("q=locked+out", 2),
        ("q=litware", 2),
        ("tenant=litware", 2),
        ("system=entra", 2),
        ("system=ad", 0),
        ("failures=1", 0),
        ("tenant=contoso", 0),
    ],
)
def test_filter_finds_guests(chromium: Chromium, page: Path, fragment: str, rows: int) -> None:
    document = chromium.open(page, fragment)

    assert sum(bool(row.classes) for row in _seen(document, "tr", "guests")) == rows
    section = document.by_id("guests")
    assert section is not None
    assert section.is_hidden == (rows == 0)


@pytest.mark.parametrize(
    ("fragment", "findings", "directories", "tenants"),
    [
        ("q=j%C3%BCrgen", 1, ["contoso"], ["contoso"]),
        ("q=juergen", 1, ["contoso"], ["contoso"]),
        ("q=contoso", 2, ["contoso"], ["contoso"]),
        ("q=litware", 0, ["litware"], ["litware"]),
        ("tenant=litware", 0, ["litware"], ["litware"]),
        ("system=ad", 2, ["contoso", "litware"], ["contoso", "litware"]),
        ("system=dns", 0, [], ["contoso", "fabrikam"]),
        ("action=replace", 0, [], ["contoso"]),
        ("failures=1", 0, [], ["fabrikam"]),
        ("q=nowhere", 0, [], []),
    ],
)
def test_filter_finds_in_directories(
    chromium: Chromium,
    page: Path,
    fragment: str,
    findings: int,
    directories: list[str],
    tenants: list[str],
) -> None:
    document = chromium.open(page, fragment)

    assert _findings_seen(document) == findings
    assert _directories_seen(document) == directories
    assert _tenants_seen(document) == tenants


def test_what_was_left_alone_is_found_and_not_counted(chromium: Chromium, page: Path) -> None:
    document = chromium.open(page, "q=changed+since")

    (table,) = [table for table in document.all("table", "changes") if "left" in table.classes]
    assert not table.all("tbody")[0].all("tr")[0].is_hidden
    assert not table.is_hidden
    found = document.by_id("found")
    assert found is not None
    assert found.text == "0 of 3 changes, 1 of 3 tenants"


def test_link_to_a_tenant_filters_nothing(chromium: Chromium, page: Path) -> None:
    document = chromium.open(page, "t1")

    assert _changes_seen(document) == 3


def test_page_is_whole_without_its_script(chromium: Chromium, page: Path, tmp_path: Path) -> None:
    text = page.read_text("utf-8")
    bare = tmp_path / "bare.html"
    bare.write_text(text[: text.index("<script>")] + "</body></html>", "utf-8")

    document = chromium.open(bare)

    assert _changes_seen(document) == 3
    form = document.by_id("filter")
    assert form is not None
    assert form.is_hidden


@pytest.mark.parametrize("width", [390, 1280])
def test_page_is_drawn(chromium: Chromium, page: Path, tmp_path: Path, width: int) -> None:
    """A page whose style its own policy refused would be drawn in the browser's plain one."""
    styled = chromium.picture(page, tmp_path / "styled.png", width=width, height=900)
    text = page.read_text("utf-8")
    plain_page = tmp_path / "plain.html"
    plain_page.write_text(text.replace("<style>", "<style>/* no longer the hashed one */"))
    plain = chromium.picture(plain_page, tmp_path / "plain.png", width=width, height=900)

    assert styled.read_bytes().startswith(b"\x89PNG")
    assert styled.read_bytes() != plain.read_bytes()
