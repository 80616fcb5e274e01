# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values without content in mail, proxyAddresses and targetAddress, which only can go.

Pure: no I/O, no Ansible. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..attributes import MAIL, PROXY_ADDRESSES, TARGET_ADDRESS
from ..model import ValueChange
from .step import Case, Step


def propose(case: Case) -> Iterator[Step]:
    """A step for each value in which nothing can be seen."""
    for attribute in (MAIL, PROXY_ADDRESSES, TARGET_ADDRESS):
        for finding in case.found(attribute, {"blank"}):
            change = ValueChange(attribute, finding.value, None)
            yield Step(f"blank {attribute} {finding.value!r}", (finding,), (change,))
