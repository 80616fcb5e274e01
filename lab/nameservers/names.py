# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The zones of the lab's name servers and the keys that may change them."""

from __future__ import annotations

from .. import all_tenants, tenants

TSIG_ALGORITHM = "hmac-sha256"

# Zones with one TSIG key each, which may change TXT records there and nothing else.
# child.fourthcoffee.test is a zone cut that the same server serves.
CHILD_ZONE = f"child.{tenants.DEMO[0].domain}"
CNAME_ZONE = "cname.test"
KEY_ZONES = (*(tenant.domain for tenant in all_tenants.WITH_ZONE), CHILD_ZONE, CNAME_ZONE)
KEY_NAMES = {zone: f"{zone.removesuffix('.test').replace('.', '-')}-update" for zone in KEY_ZONES}

# Updated with Kerberos (GSS-TSIG) by the directory's service account.
GSS_ZONE = "gss.test"
GSS_NAMESERVER = f"ns1.{GSS_ZONE}"

# Answers questions, takes no updates.
READONLY_ZONE = "readonly.test"
# Refuses even questions.
REFUSED_ZONE = "refused.test"
# Its zone file is missing: SERVFAIL.
BROKEN_ZONE = "broken.test"
# Below a tenant's zone, delegated to a name server that does not exist.
DELEGATED_NAME = f"delegated.{tenants.DEMO[0].domain}"
# The owner of a CNAME record, where no TXT record can be.
CNAME_OWNER = f"alias.{CNAME_ZONE}"

# What the secondary has too.
REPLICATED_ZONES = (*KEY_ZONES, GSS_ZONE, READONLY_ZONE)
