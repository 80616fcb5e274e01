# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.module_utils._guests.links import sign_in_links
from ansible_collections.tenantops.migration.plugins.module_utils._notices.messages import (
    InvitationMessage,
    InvitationMessages,
)
from ansible_collections.tenantops.migration.plugins.module_utils._notices.model import Recipient

_LINKS = sign_in_links("3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11")
_SV = {"language": "sv", "domains": ["fabrikam.test"], "text": "Hej!"}
_EN = {"language": "en", "domains": None, "text": "Hello!"}


def _messages(**options: Any) -> InvitationMessages:
    given = {"messages": None, "message_notice": None, "message_language": "en-US", **options}
    return InvitationMessages.from_parameters(given, notice="redemption_reset", links=_LINKS)


def _notice(**options: Any) -> dict[str, Any]:
    names = ("name", "contact", "templates", "languages", "languages_by_domain", "variables")
    nothing: dict[str, Any] = dict.fromkeys((*names, "default_language"))
    return nothing | {"organization": "Contoso"} | options


@pytest.mark.parametrize(
    ("preferred", "address", "message"),
    [
        ("sv-SE", "a@adatum.test", InvitationMessage("sv", "Hej!")),
        ("", "a@fabrikam.test", InvitationMessage("sv", "Hej!")),
        ("de", "a@adatum.test", InvitationMessage("en", "Hello!")),
        ("", "a@adatum.test", InvitationMessage("en", "Hello!")),
    ],
)
def test_text_in_the_language_of_each(
    preferred: str, address: str, message: InvitationMessage
) -> None:
    messages = _messages(messages=[_SV, _EN])
    assert messages.for_guest(Recipient(address, "", preferred)) == message


@pytest.mark.parametrize(
    ("preferred", "language"), [("de-CH", "de-CH"), ("", "en-US"), ("no language!", "en-US")]
)
def test_microsofts_own_text_where_none_fits(preferred: str, language: str) -> None:
    for messages in (_messages(messages=[_SV]), _messages()):
        found = messages.for_guest(Recipient("a@adatum.test", "", preferred))
        assert found == InvitationMessage(language, None)


def test_text_of_a_notice() -> None:
    messages = _messages(message_notice=_notice(languages_by_domain={"jp": "ja"}))
    message = messages.for_guest(Recipient("taro@adatum.jp"))
    assert message.language == "ja"
    assert message.text is not None
    assert "Subject" not in message.text
    assert "ボタン" in message.text
    assert _LINKS.best not in message.text


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"messages": [_EN, {**_EN, "language": "EN"}]}, "two messages"),
        ({"messages": [_SV, {**_EN, "domains": ["fabrikam.test"]}]}, "fabrikam.test"),
        ({"messages": [{**_EN, "text": "  "}]}, "is empty"),
        ({"messages": [{**_EN, "language": "english!"}]}, "not a language"),
        ({"message_language": "english!"}, "not a language"),
        ({"message_notice": _notice(name="farewell")}, "no template"),
    ],
)
def test_what_cannot_be_meant(options: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        _messages(**options)
