# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A forest of 2,000 objects with 700 seeded defects, and what must be found in it.

Everything follows from the code: the same forest in every lab, and nothing of it taken from the
rules that it is there to test. What one server refuses to hold is seeded where the other holds it.
"""

from __future__ import annotations

from .build import DEFECTS, OBJECTS, forest
from .truth import Defect, Expected, Forest, Holder, Repair, Skipped

__all__ = [
    "DEFECTS",
    "OBJECTS",
    "Defect",
    "Expected",
    "Forest",
    "Holder",
    "Repair",
    "Skipped",
    "forest",
]
