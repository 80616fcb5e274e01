# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write docs/attribute_rules.md from the catalogue: `make attribute-rules`."""

from __future__ import annotations

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules import (
    documentation,
)
from tools.paths import ROOT

PAGE = ROOT / "docs" / "attribute_rules.md"

if __name__ == "__main__":
    PAGE.write_text(documentation.as_markdown(), encoding="utf-8")
