# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long and with what random values the property-based tests run."""

from __future__ import annotations

import os

from hypothesis import settings

# The machines of a quality gate are busy, and a run must not depend on the one before.
# More of them look longer for a counterexample: TENANTOPS_EXAMPLES=2000 make units-quick
EXAMPLES = int(os.environ.get("TENANTOPS_EXAMPLES", "60"))

settings.register_profile("tenantops", max_examples=EXAMPLES, deadline=None, database=None)
settings.load_profile("tenantops")
