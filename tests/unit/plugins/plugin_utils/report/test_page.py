# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

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
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.model import (
    Conflict,
    Failure,
    Mode,
    Report,
    Step,
    StepCount,
    Tenant,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.page import (
    render,
    shown,
    visible,
)

_NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
_STEP = Step("Publish", "dns_txt", "domain_txt")
_HOSTILE = "\"'><script>alert(1)</script>"


def _change(after: Value = "value", *, reversible: bool = True, text: str = "text") -> Change:
    return Change(System.DNS, text, text, text, text, Action.ADD, None, after, text, reversible)


def _finding(text: str = "text", suggestion: Suggestion | None = None) -> ListedFinding:
    return ListedFinding(
        text, Severity.BLOCKING, text, text, text, text, text, text, suggestion, text, (text,)
    )


def _assessment(
    text: str = "text",
    findings: tuple[ListedFinding, ...] = (),
    *,
    blocking: int = 0,
    is_before_fixes: bool = False,
) -> Assessment:
    return Assessment(
        objects_read=1234,
        in_scope=1000,
        with_findings=blocking,
        searched=text,
        skipped={text: 1},
        severities={Severity.BLOCKING: blocking, Severity.ADVICE: 0},
        rules={text: 1},
        address_list_fields={text: 66.7},
        findings=findings,
        failures=(ObjectFailure(text, text, text),),
        files=(text,),
        is_before_fixes=is_before_fixes,
    )


def _domain(text: str = "text", option: Option | None = Option.TAKE_OVER) -> ListedDomain:
    return ListedDomain(
        text=text,
        line=7,
        name=text,
        role=text,
        realm=None if option is None else RealmKind.VIRAL,
        is_personal=True,
        tenant_id=text,
        brand=text,
        is_dns_known=True,
        dns_hosts=(text,),
        name_servers=(text,),
        mail_hosts=(text,),
        option=option,
        reason=text,
        errors=() if option else (text,),
    )


def _domains(*rows: ListedDomain, entries: int = 0, text: str = "text") -> DomainAssessment:
    return DomainAssessment(
        entries=entries or len(rows),
        domains=1234,
        failed=0,
        options={Option.TAKE_OVER: 12},
        realms={RealmKind.VIRAL: 1200},
        dns_hosts={text: 3},
        rows=rows,
        files=(text,),
    )


def _gate(text: str = "text") -> Failure:
    parts = ("problem", "object", "server", "answer", "advice")
    return Failure(text, text, text, {"kind": "gate"} | dict.fromkeys(parts, text))


def _page(*tenants: Tenant, mode: Mode = Mode.CHECK, text: str = "text") -> str:
    return "".join(render(Report(text, text, mode, _NOW, _NOW, (_STEP,), tenants)))


class _Text(HTMLParser):
    """Collects the text of a page, the tags that it really has, and their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def test_every_value_is_text_wherever_it_stands() -> None:
    tenant = Tenant(
        _HOSTILE,
        changes=[_change(_HOSTILE, text=_HOSTILE), _change([_HOSTILE], text=_HOSTILE)],
        other_mode=[_change(_HOSTILE, text=_HOSTILE)],
        failures=[Failure(_HOSTILE, _HOSTILE, _HOSTILE)],
        gates=[_gate(_HOSTILE)],
        gaps=[_HOSTILE],
        conflicts=[Conflict(_change(_HOSTILE, text=_HOSTILE), _HOSTILE, _HOSTILE)],
        assessments=[
            (
                _HOSTILE,
                _assessment(
                    _HOSTILE,
                    (_finding(_HOSTILE), _finding(_HOSTILE, Suggestion(_HOSTILE, _HOSTILE))),
                ),
            )
        ],
        domain_assessments=[
            (
                _HOSTILE,
                _domains(_domain(_HOSTILE), _domain(_HOSTILE, None), entries=9, text=_HOSTILE),
            )
        ],
        steps={Step(_HOSTILE, _HOSTILE, _HOSTILE): StepCount(ok=1)},
    )

    hostile = _Text(_page(tenant, text=_HOSTILE))
    harmless = _Text(_page(Tenant("x"), text="x"))

    assert hostile.tags.count("script") == harmless.tags.count("script") == 1
    assert hostile.tags.count("img") == 0
    assert not [pair for pair in hostile.attributes if pair[0].startswith("on")]
    assert _HOSTILE in hostile.text


def test_page_asks_nothing_of_a_network() -> None:
    page = _page(Tenant("contoso", changes=[_change()]))
    addresses = {
        value
        for name, value in _Text(page).attributes
        if name in ("src", "href", "action", "srcset", "data", "poster")
    }

    assert addresses == {"#t0", "data:,"}
    assert not re.search(r"url\(|@import|//[a-z]", page.replace("https://www.gnu.org", ""))


def test_policy_allows_the_pages_own_script_and_style_and_no_more() -> None:
    page = _page(Tenant("contoso"))
    policy = dict(_Text(page).attributes)
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert found is not None, policy
    told = found[1].replace("&#39;", "'")

    for element in ("script", "style"):
        content = re.search(f"<{element}>(.*?)</{element}>", page, re.DOTALL)
        assert content is not None
        digest = base64.b64encode(hashlib.sha256(content[1].encode()).digest()).decode()
        assert f"{element}-src 'sha256-{digest}'" in told
    assert told.startswith("default-src 'none'; ")
    assert "unsafe" not in told


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text", "<code>text</code>"),
        ("a<b", "<code>a&lt;b</code>"),
        (None, "<i>(none)</i>"),
        ("", "<i>(empty)</i>"),
        (KNOWN_AFTER_APPLY, "<i>(known after apply)</i>"),
        ("(none)", "<code>(none)</code>"),
        (True, "<code>true</code>"),
        (["a", "b"], "<code>[&#34;a&#34;, &#34;b&#34;]</code>"),
    ],
)
def test_values_and_their_absence_are_told_apart(value: Value, expected: str) -> None:
    assert shown(value) == expected


def test_invisible_characters_are_shown() -> None:
    assert visible("a\u00a0b") == 'a<mark title="no-break space">U+00A0</mark>b'
    space = '<mark title="space">U+0020</mark>'
    assert visible(" a b ") == f"{space}a b{space}"
    assert visible(" ") == space
    assert visible("\u202e<") == '<mark title="right-to-left override">U+202E</mark>&lt;'
    assert visible("Åsa 山田 שלום\n") == "Åsa 山田 שלום\n"


def test_mode_is_said_plainly() -> None:
    assert "Dry run: nothing was changed." in _page(Tenant("contoso"))
    assert "Applied: these changes were made." in _page(Tenant("contoso"), mode=Mode.APPLY)


def test_dry_run_that_did_change_something_does_not_say_that_it_did_not() -> None:
    page = _page(Tenant("contoso", other_mode=[_change()]))

    assert "nothing was changed" not in page
    assert "Dry run, but 1 change was made" in page


def test_what_cannot_be_undone_is_marked() -> None:
    assert "<em>cannot be undone</em>" in _page(
        Tenant("contoso", changes=[_change(reversible=False)])
    )
    assert "<em>cannot be undone</em>" not in _page(Tenant("contoso", changes=[_change()]))


def test_steps_that_a_tenant_never_came_to_are_told_as_such() -> None:
    page = _page(
        Tenant("contoso", steps={_STEP: StepCount(ok=1)}),
        Tenant("northwind", failures=[Failure("Ping", "ping", "no answer", unreachable=True)]),
    )

    assert "<td>ok" in page
    assert "<td><i>not run</i>" in page
    assert "no answer" in page


def test_row_is_lean() -> None:
    few = len(_page(Tenant("contoso", changes=[_change()] * 10)))
    many = len(_page(Tenant("contoso", changes=[_change()] * 110)))

    assert (many - few) / 100 < 200


def test_directory_is_told_if_it_was_looked_at() -> None:
    unseen = _page(Tenant("contoso"))
    seen = _page(Tenant("contoso", assessments=[("Assess", _assessment(blocking=1200))]))

    assert 'id="directory"' not in unseen
    assert "Blocking findings" not in unseen
    assert 'id="directory"' in seen
    assert "Blocking findings<dd>1,200" in seen
    assert "1,234 objects read, 1,000 judged." in seen
    assert "66.7 %" in seen


def test_tidy_directory_is_said_to_be_one() -> None:
    page = _page(Tenant("contoso", assessments=[("Assess", _assessment())]))

    assert "nothing found" in page
    assert "0 objects of 1,000 with findings" in page


def test_finding_has_a_suggestion_or_a_reason() -> None:
    findings = (
        _finding("one", Suggestion("one", "new value")),
        _finding("two", Suggestion("other attribute", None)),
        _finding("three"),
    )

    page = _page(Tenant("contoso", assessments=[("Assess", _assessment("x", findings))]))

    assert "<td><code>new value</code>" in page
    assert "<td><i>(to be removed)</i> <small>other attribute</small>" in page
    assert "<td>three" in page


def test_findings_that_are_not_listed_are_counted() -> None:
    few = _assessment("x", (_finding(),), blocking=12)
    page = _page(Tenant("contoso", assessments=[("Assess", few)]))

    assert "1 finding of 12, as many as the task lists." in page


def test_numbers_are_told_once_where_a_fix_follows_on_an_assessment() -> None:
    found = _assessment(blocking=12)
    fixed = _assessment("text", (_finding(),), blocking=12, is_before_fixes=True)

    page = _page(Tenant("contoso", assessments=[("Assess", found), ("Fix", fixed)]))

    assert page.count("Findings by rule") == 1
    assert "judged, before fixes." in page
    assert "Left for a person to decide:" in page


def test_last_look_counts_and_not_the_fix() -> None:
    tenant = Tenant(
        "contoso",
        assessments=[
            ("Assess", _assessment(blocking=12)),
            ("Fix", _assessment(blocking=12, is_before_fixes=True)),
            ("Look again", _assessment(blocking=3)),
        ],
    )

    assert "Blocking findings<dd>3<" in _page(tenant)


def test_many_holders_are_counted() -> None:
    finding = replace(_finding(), holders=tuple(f"CN={number}" for number in range(1000)))

    page = _page(Tenant("contoso", assessments=[("Assess", _assessment("x", (finding,)))]))

    assert "CN=9<br>and 990 more" in page
    assert "CN=10<" not in page


def test_gates_have_a_list_and_a_label_of_their_own() -> None:
    page = _page(Tenant("contoso", gates=[_gate("do this")], steps={_STEP: StepCount(gates=1)}))

    assert 'id="gates"' in page
    assert "At a gate<dd>1<" in page
    assert '<p class="message advice">do this' in page
    assert '<span class="pill amber">at a gate</span>' in page
    assert '<td><span class="pill amber">open gate</span>' in page
    assert 'id="attention"' not in page
    assert "No change was found." in page


def test_page_without_a_gate_speaks_of_none() -> None:
    page = _page(Tenant("contoso", failures=[Failure("step", "dns_txt", "no")]))

    assert 'id="gates"' not in page
    assert "gate" not in _Text(page.partition("<script>")[0].partition("</style>")[2]).text


def test_domains_are_told_if_they_were_looked_at() -> None:
    rows = (_domain("contoso.test"), _domain("broken line", None))
    unseen = _page(Tenant("contoso"))
    seen = _page(Tenant("contoso", domain_assessments=[("Look", _domains(*rows, entries=40))]))

    assert 'id="domains"' not in unseen
    assert "Unmanaged domains" not in unseen
    assert "Unmanaged domains<dd>1,200" in seen
    assert "40 entries, 1,234 domains" in seen
    assert '<span class="pill amber">12 take over</span>' in seen
    assert '<tr class="entra take_over"><td><b>take over</b>' in seen
    assert '<tr class="entra unknown"><td><b>not known</b>' in seen
    assert '<small class="problem">broken line</small>' in seen
    assert "2 entries of 40, as many as the task lists." in seen


def test_what_a_rollback_left_alone_is_told() -> None:
    conflict = Conflict(_change("written then"), "found now", "somebody changed it since")

    page = _page(Tenant("contoso", conflicts=[conflict]))

    assert "<td><code>written then</code><td><code>found now</code><td>somebody changed" in page
