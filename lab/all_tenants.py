# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every tenant of the lab, whatever it is there for."""

from __future__ import annotations

from . import account_tenants, domain_states, guest_tenants, partner_tenants, tenants

_IN_DOMAIN_STATES = tuple(state.tenant for state in domain_states.ALL)
_WITH_GUESTS = tuple(one.tenant for one in guest_tenants.ALL)
_WITH_ACCOUNTS = tuple(one.tenant for one in account_tenants.ALL)

WITH_ZONE = (*tenants.DEMO, tenants.WRONG_CREDENTIALS, *_IN_DOMAIN_STATES)
IN_CLOUD = (*WITH_ZONE, *_WITH_GUESTS, *_WITH_ACCOUNTS, partner_tenants.PARTNER)
ALL = (*IN_CLOUD, tenants.SERVERS_DOWN)
