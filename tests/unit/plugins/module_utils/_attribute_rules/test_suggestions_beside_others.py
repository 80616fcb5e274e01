# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Suggestions for objects whose addresses others have as well, or who spell them in two ways."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.judgement import (  # noqa: E501
    judge,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.model import (
    DirectoryObject,
    ObjectClass,
    ValueChange,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.policy import (
    Policy,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.suggestions import (  # noqa: E501
    Repair,
    repair,
)

OWN, OTHERS = "jane.doe@contoso.com", "info@contoso.com"


def repaired(values: Mapping[str, tuple[str, ...]], taken: str = "") -> Repair:
    thing = DirectoryObject(
        "11111111-1111-1111-1111-111111111111",
        "CN=Jane Doe,DC=contoso,DC=com",
        ObjectClass.USER,
        "contoso.com",
        {"displayName": ("Jane Doe",), "sAMAccountName": ("jdoe",), **values},
    )
    return repair(
        thing,
        judge(thing, Policy()),
        Policy(),
        lambda _space, key, _guid: key.endswith(taken or "!"),
    )


@pytest.mark.parametrize("mail", [OTHERS, f" {OTHERS}", "ｉnfo@contoso.com"])
def test_an_address_of_another_object_is_written_nowhere(mail: str) -> None:
    """It may be in mail by mistake; among the proxyAddresses it would be taken away from them."""
    values = {
        "mail": (mail,),
        "proxyAddresses": (f"SMTP:{OWN}",),
        "userPrincipalName": (OWN,),
    }
    result = repaired(values, taken=OTHERS)
    assert result.changes == ()
    assert result.findings
    assert all(each.suggestion is None and each.reason for each in result.findings)


@pytest.mark.parametrize("spoiled", ["jane.d\toe", "jane.\ndoe", "jane.do\x85e", "\x1fjane.doe"])
@pytest.mark.parametrize("attribute", ["mail", "userPrincipalName"])
def test_a_line_end_within_a_word_goes(attribute: str, spoiled: str) -> None:
    values = {"mail": (OWN,), "proxyAddresses": (f"SMTP:{OWN}",), "userPrincipalName": (OWN,)}
    value = f"{spoiled}@contoso.com"
    result = repaired({**values, attribute: (value,)})
    assert result.changes == (ValueChange(attribute, value, OWN),)
