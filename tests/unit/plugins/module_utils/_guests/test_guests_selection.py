# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.module_utils._guests.model import (
    Guest,
    SignInMethod,
)
from ansible_collections.tenantops.migration.plugins.module_utils._guests.selection import Selection

NOTHING: dict[str, Any] = {"methods": [], "domains": [], "ids": [], "addresses": []}
KIM = Guest(
    id="6F1D2B6C-2f0e-4f0e-8f43-0a3d4f8f7e21",
    address="Kim@Litware.test",
    user_principal_name="kim_litware.test#EXT#@fourthcoffee.onmicrosoft.com",
    display_name="Kim",
    domain="litware.test",
    state="Accepted",
    state_changed=None,
    method=SignInMethod.GOOGLE,
    issuer="google.com",
    preferred_language=None,
    account_enabled=True,
    created=None,
    other_mails=("kim@PROSEWARE.test",),
)

FITTING: dict[str, list[str]] = {
    "methods": ["google"],
    "domains": ["Litware.Test."],
    "ids": [" 6f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21"],
    "addresses": ["kim@proseware.test"],
}
OTHERS: dict[str, list[str]] = {
    "methods": ["facebook", "unknown"],
    "domains": ["are.test", "a.litware.test", "proseware.test"],
    "ids": ["6f1d2b6c", "7f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21"],
    "addresses": ["litware.test", "kim@litware.example"],
}


def test_it_has_to_be_said_who_is_meant() -> None:
    with pytest.raises(InvalidInput, match="which guests"):
        Selection.from_parameters(NOTHING)
    with pytest.raises(InvalidInput, match="which guests"):
        Selection.from_parameters(dict.fromkeys(NOTHING))


def test_for_reading_nothing_means_everybody() -> None:
    everybody = Selection.optional(NOTHING)
    assert everybody.is_everything
    assert everybody.chooses(KIM)


@given(
    st.sets(st.sampled_from(sorted(NOTHING)), min_size=1), st.sets(st.sampled_from(sorted(NOTHING)))
)
def test_every_kind_has_to_fit_and_one_value_of_it(
    given_kinds: set[str], fitting: set[str]
) -> None:
    parameters = NOTHING | {
        kind: OTHERS[kind] + (FITTING[kind] if kind in fitting else []) for kind in given_kinds
    }
    selection = Selection.from_parameters(parameters)

    assert selection.chooses(KIM) == given_kinds.issubset(fitting)
    assert selection.may_choose(KIM) == (given_kinds - {"methods"}).issubset(fitting)


def test_guest_without_address_and_domain_fits_none() -> None:
    nobody = replace(KIM, address=None, domain=None, other_mails=())
    assert not Selection.from_parameters({**NOTHING, "domains": ["litware.test"]}).chooses(nobody)
    assert not Selection.from_parameters({**NOTHING, "addresses": ["a@b.test"]}).chooses(nobody)


@pytest.mark.parametrize(
    "parameters", [{"domains": ["*.litware.test"]}, {"ids": [" "]}, {"addresses": [""]}]
)
def test_what_cannot_be_meant(parameters: dict[str, list[str]]) -> None:
    with pytest.raises(InvalidInput):
        Selection.optional(NOTHING | parameters)
