# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.module_utils._notices.languages import (
    Because,
    Choice,
    Languages,
    domain_end,
    language_tag,
    lookup,
)

_LANGUAGES = Languages(
    ("en", "sv", "ja", "pt-BR"), {"jp": "ja", "fabrikam.test": "sv", "uk.fabrikam.test": "en"}, "en"
)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("sv", "sv"),
        ("sv-FI", "sv"),
        ("SV-fi", "sv"),
        ("sv_FI", "sv"),
        ("pt-br", "pt-BR"),
        ("pt-BR-x-own", "pt-BR"),
        ("pt", None),
        ("de-CH", None),
        ("svenska", None),
        ("", None),
    ],
)
def test_language_that_fits_best(wanted: str, found: str | None) -> None:
    assert lookup(wanted, _LANGUAGES.available) == found


@pytest.mark.parametrize(
    ("preferred", "domain", "language", "because"),
    [
        ("ja-JP", "fabrikam.test", "ja", Because.PREFERRED_LANGUAGE),
        ("de", "fabrikam.test", "sv", Because.DOMAIN),
        ("", "fabrikam.test", "sv", Because.DOMAIN),
        (None, "Mail.Fabrikam.Test", "sv", Because.DOMAIN),
        (None, "uk.fabrikam.test", "en", Because.DOMAIN),
        (None, "adatum.jp", "ja", Because.DOMAIN),
        (None, "notfabrikam.test", "en", Because.DEFAULT),
        (None, "jp.example", "en", Because.DEFAULT),
        ("de", "", "en", Because.DEFAULT),
    ],
)
def test_language_of_a_person(
    preferred: str | None, domain: str, language: str, because: Because
) -> None:
    assert _LANGUAGES.for_person(preferred, domain) == Choice(language, because)


@given(some.text(), some.text())
def test_there_is_a_language_for_everybody(preferred: str, domain: str) -> None:
    assert _LANGUAGES.for_person(preferred, domain).language in _LANGUAGES.available


@pytest.mark.parametrize("text", ["", "s", "swedish language", "../sv", "sv/", "1"])
def test_what_is_no_language(text: str) -> None:
    with pytest.raises(InvalidInput, match="not a language"):
        language_tag(text)


@pytest.mark.parametrize(
    ("text", "end"),
    [("jp", "jp"), (".JP", "jp"), ("Fabrikam.Test.", "fabrikam.test"), ("bücher.example", None)],
)
def test_end_of_a_domain(text: str, end: str | None) -> None:
    assert domain_end(text) == (end or "xn--bcher-kva.example")


def test_what_is_no_end_of_a_domain() -> None:
    with pytest.raises(InvalidInput, match="not the name of a domain"):
        domain_end("*.jp")
