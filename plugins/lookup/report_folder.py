# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: report_folder
short_description: The folder that the callback change_plan writes plans and reports to
version_added: 1.5.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Tells the option O(tenantops.migration.change_plan#callback:folder) of the callback, from
    wherever it is set, as an absolute path. Tasks that read the plans of their own playbook find
    them there.
  - The lookup P(ansible.builtin.config#lookup) knows no options of a collection's callback.
options: {}
"""

EXAMPLES = r"""
- name: Tell where the plans of dry runs are
  ansible.builtin.debug:
    msg: "{{ lookup('tenantops.migration.report_folder') }}/check"
"""

RETURN = r"""
_raw:
  description: The folder, which need not be there yet.
  type: list
  elements: str
  sample:
    - /var/lib/tenantops/report
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.plugins.loader import callback_loader
from ansible.plugins.lookup import LookupBase

_CALLBACK = "tenantops.migration.change_plan"


class LookupModule(LookupBase):
    """Reads the option as the callback itself does."""

    def run(
        self, terms: list[str], variables: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> list[str]:
        """See the documentation."""
        # Loading it makes its options known, under the longer name that Ansible gives it.
        found: Any = callback_loader.get_with_context(_CALLBACK, class_only=True)
        name = found.plugin_load_context.plugin_resolved_name
        folder = constants.config.get_config_value(
            "folder", plugin_type="callback", plugin_name=name
        )
        return [str(Path(str(folder)).expanduser().absolute())]
