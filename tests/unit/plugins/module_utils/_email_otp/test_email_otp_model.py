# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._email_otp.model import (
    EmailOtpPolicy,
    GuestOtp,
    policy_after,
    propose,
    turns_off,
    turns_on,
)

SETTINGS = list(GuestOtp)


@pytest.mark.parametrize("setting", SETTINGS)
def test_nothing_to_change(setting: GuestOtp) -> None:
    assert propose(EmailOtpPolicy("Email", setting), setting).changes == ()


@pytest.mark.parametrize(("found", "wanted"), list(itertools.permutations(SETTINGS, 2)))
def test_every_setting_is_a_state_of_its_own(found: GuestOtp, wanted: GuestOtp) -> None:
    """Also default and enabled, though Microsoft documents the former as on."""
    policy = EmailOtpPolicy("Email", found)
    proposal = propose(policy, wanted)
    (change,) = proposal.changes
    assert proposal.scope == 1
    assert (change.system, change.action) == (System.ENTRA, Action.REPLACE)
    assert (change.id, change.property) == ("Email", "allowExternalIdToUseEmailOtp")
    assert (change.before, change.after) == (found.value, wanted.value)
    assert policy_after(policy, [change]) == EmailOtpPolicy("Email", wanted)
    assert policy_after(policy, [change, change.opposite()]) == policy


@pytest.mark.parametrize(("found", "wanted"), list(itertools.product(SETTINGS, SETTINGS)))
def test_the_default_counts_as_on(found: GuestOtp, wanted: GuestOtp) -> None:
    before, after = EmailOtpPolicy("Email", found), EmailOtpPolicy("Email", wanted)
    is_off = [setting is GuestOtp.DISABLED for setting in (found, wanted)]
    assert turns_off(before, after) is (is_off == [False, True])
    assert turns_on(before, after) is (is_off == [True, False])


@pytest.mark.parametrize(("found", "wanted"), list(itertools.permutations(SETTINGS, 2)))
def test_how_many_may_be_locked_out_is_noted_where_anybody_can_be(
    found: GuestOtp, wanted: GuestOtp
) -> None:
    policy = EmailOtpPolicy("Email", found)
    (change,) = propose(policy, wanted, acknowledged=12).changes
    assert (change.note is not None) is (wanted is GuestOtp.DISABLED)
    assert change.note is None or "12" in change.note
    (without,) = propose(policy, wanted).changes
    assert without.note is None
    assert without.covers(change)


def test_changes_of_other_things_are_of_no_account() -> None:
    policy = EmailOtpPolicy("Email", GuestOtp.ENABLED)
    (change,) = propose(policy, GuestOtp.DISABLED).changes
    assert policy_after(policy, [replace(change, resource="guest")]) == policy
