# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.module_utils._guests.links import sign_in_links
from ansible_collections.tenantops.migration.plugins.module_utils._notices.model import (
    Facts,
    Recipient,
)
from ansible_collections.tenantops.migration.plugins.module_utils._notices.templates import (
    SHIPPED,
    Templates,
)

_LINKS = sign_in_links("3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11", "contoso.onmicrosoft.com")
_FACTS = Facts("Contoso", "help@contoso.test", _LINKS)
_ANNA = Recipient("anna@fabrikam.test", "Anna", "sv-SE")


def _template(folder: Path, text: str, name: str = "hello", language: str = "en") -> Templates:
    (folder / language).mkdir(exist_ok=True)
    (folder / language / f"{name}.txt.j2").write_text(text, encoding="utf-8")
    return Templates.load(name, folder=folder, default_language=language)


def test_every_language_has_every_notice() -> None:
    assert {frozenset(by_name) for by_name in SHIPPED.values()} == {frozenset(SHIPPED["en"])}


@pytest.mark.parametrize(
    ("language", "name", "is_known", "in_invitation"),
    list(product(SHIPPED, SHIPPED["en"], (True, False), (True, False))),
)
def test_every_notice_can_be_filled_in(
    language: str, name: str, is_known: bool, in_invitation: bool
) -> None:
    facts = Facts(
        "Contoso",
        "help@contoso.test" if is_known else "",
        _LINKS if is_known else None,
        {"date": "2026-12-01", "fallback": "microsoft_account"} if is_known else {},
        in_invitation,
    )
    recipient = Recipient("anna@fabrikam.test", "Anna" if is_known else "", language)
    notice = Templates.load(name).notice(recipient, facts)
    assert notice.language == language
    assert "Contoso" in notice.subject
    assert "\n\n\n" not in notice.text
    assert notice.body.endswith("\n")
    assert not notice.body.endswith("\n\n")
    assert ("help@contoso.test" in notice.body) == is_known


@pytest.mark.parametrize("language", SHIPPED)
def test_who_gets_no_passcode_is_told_none(language: str) -> None:
    templates = Templates.load("redemption_reset", default_language=language)
    for fallback in ("microsoft_account", "passcode"):
        facts = Facts("Contoso", variables={"fallback": fallback})
        body = templates.notice(Recipient("a@b.test"), facts).body
        assert ("Microsoft" in body) == (fallback == "microsoft_account")
        assert ("30" in body) == (fallback == "passcode")


@pytest.mark.parametrize("language", SHIPPED)
def test_who_waits_for_support_gets_no_way_to_sign_in(language: str) -> None:
    templates = Templates.load("work_account", default_language=language)
    name = "anna@contoso.onmicrosoft.test"
    for confirmed in ("", "2026-12-01"):
        row = {"sign_in_name": name, "support_confirmed": confirmed}
        recipient = Recipient("anna@fabrikam.test", "Anna", language, row)
        body = templates.notice(recipient, _FACTS).body
        assert name in body
        assert ("https://" in body) == bool(confirmed)


def test_link_leads_to_the_tenant() -> None:
    body = Templates.load("redemption_reset").notice(_ANNA, _FACTS).body
    assert "https://myapps.microsoft.com/?tenantid=3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11" in body


@given(some.text())
def test_name_that_a_guest_chose_stays_on_its_line(name: str) -> None:
    facts = Facts("Contoso")
    templates = Templates.load("redemption_reset")
    plain = templates.notice(Recipient("a@b.test", "Anna"), facts)
    odd = templates.notice(Recipient("a@b.test", name), facts)
    assert odd.subject == plain.subject
    assert len(odd.text.splitlines()) == len(plain.text.splitlines())


def test_name_is_no_template() -> None:
    notice = Templates.load("invitation").notice(Recipient("a@b.test", "{{ 7 * 7 }}"), _FACTS)
    assert "{{ 7 * 7 }}" in notice.body


def test_template_of_the_team_takes_the_place_of_ours(tmp_path: Path) -> None:
    templates = _template(tmp_path, "Subject: Ours\n\nHej {{ row.title }}!\n", "invitation", "sv")
    recipient = Recipient("anna@fabrikam.test", "Anna", "sv", {"title": "Dr."})
    notice = templates.notice(recipient, _FACTS)
    assert notice.text == "Subject: Ours\n\nHej Dr.!\n"
    english = templates.notice(Recipient("tom@fabrikam.test", "Tom", "en"), _FACTS)
    assert "Contoso" in english.subject


def test_team_adds_a_language_and_a_notice(tmp_path: Path) -> None:
    _template(tmp_path, "Subject: Hallo\n\nGuten Tag!\n", "invitation", "de-AT")
    templates = Templates.load("invitation", folder=tmp_path)
    assert templates.languages.available == ("de-AT", "en", "ja", "sv")
    assert _template(tmp_path, "Subject: A\n\nB").notice(_ANNA, _FACTS).text == "Subject: A\n\nB\n"


def test_only_some_languages() -> None:
    templates = Templates.load("invitation", languages=["en", "JA"])
    assert templates.notice(_ANNA, _FACTS).language == "en"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Hello!\n\nNo subject", "no subject"),
        ("Subject:\n\nText", "no subject"),
        ("Subject: A", "no body"),
        ("Subject: A\n\n  \n", "no body"),
        ("Subject: A\n\n{{ recipient.colour }}", "colour"),
        ("Subject: A\n\n{{ nobody }}", "nobody"),
        ("Subject: A\n\n{% if %}", "line 3"),
        ("Subject: A\n\n{{ 1 / 0 }}", "ZeroDivisionError"),
        ("Subject: A\n\n{{ 1 + 'a' }}", "TypeError"),
        ("Subject: A\n\n{{ ''.__class__.__mro__ }}", "SecurityError"),
        ("Subject: A\n\n{% include 'en/nothing.txt.j2' %}", "not there"),
        ("Subject: A\n\n{% include '../secret' %}", "not there"),
    ],
)
def test_broken_template_is_told(tmp_path: Path, text: str, told: str) -> None:
    templates = _template(tmp_path, text)
    with pytest.raises(InvalidInput) as raised:
        templates.notice(Recipient("a@b.test"), _FACTS)
    assert told in str(raised.value)
    assert "en/hello.txt.j2" in str(raised.value)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"name": "farewell"}, "no template for a notice farewell"),
        ({"name": "../invitation"}, "cannot be the name"),
        ({"name": "invitation", "languages": ["de"]}, "in de"),
        ({"name": "invitation", "languages": ["sv"]}, "in en"),
        ({"name": "invitation", "languages_by_domain": {"ch": "de"}}, "in de"),
        ({"name": "invitation", "default_language": "swedish language"}, "not a language"),
        ({"name": "invitation", "folder": Path("/nonexistent")}, "cannot be read"),
    ],
)
def test_what_cannot_be_meant(options: dict[str, object], told: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        Templates.load(**options)  # type: ignore[arg-type]
    assert told in str(raised.value)
