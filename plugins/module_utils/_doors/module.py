# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first door: an operation as an ordinary Ansible module, good anywhere.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule

from .operation import Operation, perform


def run_module(operation: Operation) -> None:
    """Read the parameters as Ansible gives them to a module, perform, and exit with the result."""
    module = AnsibleModule(
        argument_spec={name: dict(spec) for name, spec in operation.arguments.options.items()},
        supports_check_mode=True,
        **operation.arguments.constraints(),
    )
    performed = perform(
        operation, module.params, check_mode=module.check_mode, diff_mode=module._diff
    )
    for warning in performed.warnings:
        module.warn(warning)
    if performed.result.get("failed"):
        module.fail_json(**performed.result)
    module.exit_json(**performed.result)
