# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the pages of the collection share: their looks, and a policy that allows nothing else.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

_HERE = Path(__file__).parent


def base_style() -> str:
    """The style that every page begins with: colours, text, totals, the filter, tables."""
    return asset(_HERE, "base.css")


def asset(folder: Path, name: str) -> str:
    """A file that lies beside the code."""
    return (folder / name).read_text("utf-8")


def content_policy(style: str, script: str) -> str:
    """The content security policy of a page: its own style and script, and nothing else."""
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
