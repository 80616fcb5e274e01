# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the inventory plugins of this collection share: options, hosts, groups and failures.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re
import traceback
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from ansible.errors import AnsibleError, AnsibleParserError, ExitCode
from ansible.inventory.data import InventoryData
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.inventory import BaseInventoryPlugin, Constructable
from ansible.template import trust_as_template

from ...module_utils._doors.arguments import Arguments
from ...module_utils._errors import InvalidInput, TenantopsError
from .model import TENANT_ID, Found, Host, is_tenant_id

# Without the signs that templates, and the line that can choose other signs for them, begin with
_PLAIN = re.compile(r"[\w .,:;@/()&'+=-]*")
_GROUP = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED_GROUPS = ("all", "ungrouped")
# What Ansible itself reads
_OF_ANSIBLE = frozenset(
    {
        "compose",
        "groups",
        "keyed_groups",
        "leading_separator",
        "strict",
        "use_extra_vars",
        "cache",
        "cache_connection",
        "cache_plugin",
        "cache_prefix",
        "cache_timeout",
    }
)


class TenantInventory(BaseInventoryPlugin, Constructable):
    """One host for each tenant that `_find` tells.

    Ansible goes on with what it has when an inventory raises: a play over no tenants, which ends
    well. So a failure ends the program, unless the operator wants otherwise.
    """

    NAME: ClassVar[str]
    ARGUMENTS: ClassVar[Arguments]

    @abstractmethod
    def _find(self, parameters: Mapping[str, Any], path: str, *, may_remember: bool) -> Found:
        """Tell the tenants; raises `TenantopsError`.

        `path` is the inventory's file. What was remembered may be told if `may_remember`.
        """

    def verify_file(self, path: str) -> bool:
        """Whether a file is for this plugin: by what it says, or by its name if it is encrypted."""
        ansible: Any = super()  # whose own methods have no types
        if not ansible.verify_file(path) or not path.endswith((".yml", ".yaml")):
            return False
        name = self.NAME.rpartition(".")[2]
        if path.endswith((f"{name}.yml", f"{name}.yaml")):
            return True
        text = Path(path).read_text(encoding="utf-8", errors="replace")
        said = rf"^plugin:\s*(['\"]?){re.escape(self.NAME)}\1\s*(?:#.*)?$"
        return re.search(said, text, re.MULTILINE) is not None

    def set_options(
        self, task_keys: Any = None, var_options: Any = None, direct: Any = None
    ) -> None:
        """Take the options of the file; see Ansible's `AnsiblePlugin`.

        Those that are ours may be templates. Texts without content, as AWX gives for what was left
        empty, are no options.
        """
        self.templar.available_variables = dict(self._vars or {})
        self._given = {
            name: self.templar.template(value) if name in self.ARGUMENTS.options else value
            for name, value in (direct or {}).items()
        }
        self._given = {
            name: value for name, value in self._given.items() if value not in (None, "")
        }
        ansible: Any = super()  # whose own methods have no types
        ansible.set_options(task_keys=task_keys, var_options=var_options, direct=self._given)

    def parse(
        self, inventory: InventoryData, loader: DataLoader, path: str, cache: bool = True
    ) -> None:
        """Add the tenants to the inventory. See Ansible's `BaseInventoryPlugin`."""
        super().parse(inventory, loader, path, cache)
        ansible: Any = self  # whose own methods have no types
        try:
            parameters = self._parameters(ansible._read_config_data(path))
            found = self._find(parameters, path, may_remember=cache)
            self._add(inventory, found, parameters["tenants_group"])
        except Exception as error:  # noqa: BLE001 - Ansible would go on without the tenants
            self._fail(loader, path, error)
        else:
            for warning in found.warnings:
                self.display.warning(f"{path}: {warning}")

    def _parameters(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """The options as they are checked. Raises `InvalidInput`."""
        options = self.ARGUMENTS.options
        unknown = sorted(config.keys() - options.keys() - _OF_ANSIBLE)
        if unknown:
            raise InvalidInput(
                f"There is no option {', '.join(unknown)}",
                advice=f"ansible-doc -t inventory {self.NAME} shows those that there are.",
            )
        given = {name: value for name, value in self._given.items() if name in options}
        validator = ArgumentSpecValidator(dict(options), **self.ARGUMENTS.constraints())
        validated = validator.validate(given)
        if validated.error_messages:
            raise InvalidInput("; ".join(validated.error_messages))
        parameters: dict[str, Any] = validated.validated_parameters
        group = parameters["tenants_group"]
        if not _GROUP.fullmatch(group) or group in _RESERVED_GROUPS:
            raise InvalidInput(
                f"tenants_group cannot be the name of a group: {group!r}",
                advice="Use letters, digits and _, and begin with a letter.",
            )
        return parameters

    def _add(self, inventory: Any, found: Found, group: str) -> None:
        for host in found.hosts:
            _check_same_tenant(inventory.get_host(host.name), host)
        inventory.add_group(group)
        # The tasks run on the controller, and connect to a tenant's servers by themselves.
        inventory.set_variable(group, "ansible_connection", _harmless("local"))
        ansible: Any = self  # whose own methods have no types
        given = {name: ansible.get_option(name) for name in ("compose", "groups", "keyed_groups")}
        strict = ansible.get_option("strict")
        for host in found.hosts:
            inventory.add_host(host.name, group)
            for name, value in host.variables.items():
                inventory.set_variable(host.name, name, _harmless(value))
            # Each of these may use what the one before has made, and what earlier sources say.
            known = inventory.get_host(host.name).get_vars()
            ansible._set_composite_vars(given["compose"], known, host.name, strict)
            known = inventory.get_host(host.name).get_vars()
            ansible._add_host_to_composed_groups(given["groups"], known, host.name, strict)
            ansible._add_host_to_keyed_groups(given["keyed_groups"], known, host.name, strict)

    def _fail(self, loader: Any, path: str, error: Exception) -> None:
        message = f"{path}: {_told(error)}"
        if _may_go_on(loader, path):
            raise AnsibleParserError(message) from error
        self.display.error(message, wrap_text=False)
        # No error that Ansible knows ends it here.
        raise SystemExit(int(ExitCode.PARSER_ERROR)) from error


def _harmless(value: Any) -> Any:
    """A value as Ansible is to take it: what others wrote is never a template.

    Ansible takes no text for one unless it is told to. But texts that it is not told about it marks
    wherever it lists an inventory, also for AWX; so those that cannot be one are told about.
    """
    if isinstance(value, list):
        return [_harmless(item) for item in value]
    return trust_as_template(value) if isinstance(value, str) and _PLAIN.fullmatch(value) else value


def _check_same_tenant(there: Any, host: Host) -> None:
    """Raise `InvalidInput` if an earlier source has another tenant under the same name.

    Ansible would join both, and work in one tenant with the other one's servers.
    """
    wanted = str(host.variables.get(TENANT_ID, "")).lower()
    found = "" if there is None else str(there.vars.get(TENANT_ID, "")).lower()
    if is_tenant_id(wanted) and is_tenant_id(found) and wanted != found:
        raise InvalidInput(
            "Two tenants have one name in the inventory",
            subject=f"host {host.name}",
            answer=f"{TENANT_ID} is {found} in an earlier source, and {wanted} here",
            advice="Give one of them another name.",
        )


def _may_go_on(loader: Any, path: str) -> bool:
    """Whether the file says so, even if nothing else in it can be understood."""
    try:
        config = loader.load_from_file(path, cache="none")
    except AnsibleError:
        return False
    return isinstance(config, Mapping) and config.get("on_failure") == "warn"


def _told(error: Exception) -> str:
    if isinstance(error, TenantopsError | AnsibleError):
        return str(error)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"This is a defect of the collection: {type(error).__name__}: {error} "
        f"(raised at {Path(frame.filename).name}:{frame.lineno}). Please report it with this line."
    )
