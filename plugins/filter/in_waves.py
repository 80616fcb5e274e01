# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter in_waves."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils._errors import InvalidInput
from ..module_utils._waves.order import in_waves


def _in_waves(
    tenants: Collection[str],
    seed: object = "",
    pilot: object = None,
    sizes: object = None,
    known: Collection[str] | None = None,
) -> list[list[str]]:
    """See the documentation of the filter in in_waves.yml."""
    if isinstance(tenants, str):
        raise AnsibleFilterError(f"in_waves: a list of tenants is needed, and not {tenants!r}")
    try:
        return in_waves(tenants, seed=str(seed or ""), pilot=pilot, sizes=sizes, known=known)
    except InvalidInput as error:
        raise AnsibleFilterError(f"in_waves: {error}") from error


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters by name."""
        return {"in_waves": _in_waves}
