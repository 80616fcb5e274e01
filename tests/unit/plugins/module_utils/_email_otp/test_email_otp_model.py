# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools

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
