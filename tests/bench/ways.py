# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ways to get a task done that are compared: each with the tasks of one step.

Every step finds everything as it wants it, so that it asks and changes nothing. The connections are
named as a play of a user's own would: once, in module_defaults, from the tenant's variables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from tools.paths import ROOT

Task = Mapping[str, Any]

TENANTS = 10

_EMAIL_METHOD = "policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email"

# The action plugin hands a task with an environment over to the module.
_MODULE_DOOR = {"environment": {"TENANTOPS_BENCH": "module"}}


@dataclass(frozen=True)
class Way:
    """One way. `tenants` take `repeats` steps each in a run: few where a step is dear."""

    title: str
    step: Sequence[Task]
    module_defaults: Mapping[str, Any] = field(default_factory=dict)
    tenants: int = TENANTS
    repeats: int = 10

    @property
    def tasks(self) -> list[Task]:
        """What each tenant does in a run."""
        return [*self.step] * self.repeats


def _our_defaults() -> dict[str, Any]:
    """The module_defaults of the play that every playbook of the collection is."""
    (play,) = yaml.safe_load((ROOT / "playbooks" / "on_tenants.yml").read_text(encoding="utf-8"))
    defaults: dict[str, Any] = play["module_defaults"]
    return defaults


def _connection(system: str, *options: str) -> dict[str, Any]:
    values = {f"{system}_{option}": f"{{{{ tenant_{system}_{option} }}}}" for option in options}
    return {f"group/tenantops.migration.{system}": values}


_ENTRA = _connection("entra", "tenant_id", "client_id", "client_secret")
_DNS = _connection("dns", "server", "port", "key_name", "key_secret", "key_algorithm")
_AD = _connection("ad", "servers", "server_name", "username", "password", "ca_path")

# A Python process for each step
_DEAR: dict[str, Any] = {"tenants": 5, "repeats": 1}

EMPTY_ACTION = Way("empty action plugin", ({"empty_action": {}, "name": "Do nothing"},), repeats=20)

_EMAIL_OTP: Task = {
    "name": "Read the email one-time passcode",
    "tenantops.migration.entra_email_otp": {"guests": "{{ bench_email_otp }}"},
}

ACTION_DOOR = Way("entra_email_otp, action door", (_EMAIL_OTP,), _ENTRA)

IN_OUR_PLAYBOOKS = Way(
    "the same with all defaults of our playbooks", (_EMAIL_OTP,), _our_defaults()
)

DNS_ACTION_DOOR = Way(
    "dns_txt, action door",
    (
        {
            "name": "Read the TXT values",
            "tenantops.migration.dns_txt": {
                "name": "{{ bench_domain }}",
                "values": "{{ bench_texts }}",
            },
        },
    ),
    _DNS,
)

AD_ACTION_DOOR = Way(
    "ad_upn_suffix, action door",
    (
        {
            "name": "Read the UPN suffixes",
            "tenantops.migration.ad_upn_suffix": {"suffixes": {"add": "{{ bench_suffixes }}"}},
        },
    ),
    _AD,
)

EMPTY_MODULE = Way("empty module", ({"empty_module": {}, "name": "Do nothing"},), **_DEAR)

MODULE_DOOR = Way(
    "entra_email_otp, module door", ({**_EMAIL_OTP, **_MODULE_DOOR},), _ENTRA, **_DEAR
)

URI = Way(
    "ansible.builtin.uri, token and GET",
    (
        {
            "name": "Get a token",
            "ansible.builtin.uri": {
                "url": "{{ tenant_entra_authority }}/{{ tenant_entra_tenant_id }}"
                "/oauth2/v2.0/token",
                "method": "POST",
                "body_format": "form-urlencoded",
                "body": {
                    "grant_type": "client_credentials",
                    "client_id": "{{ tenant_entra_client_id }}",
                    "client_secret": "{{ tenant_entra_client_secret }}",
                    "scope": "{{ tenant_entra_graph_url }}/.default",
                },
                "ca_path": "{{ tenant_entra_ca_path }}",
            },
            "register": "bench_token",
        },
        {
            "name": "Read the email one-time passcode",
            "ansible.builtin.uri": {
                "url": "{{ tenant_entra_graph_url }}/v1.0/" + _EMAIL_METHOD,
                "headers": {"Authorization": "Bearer {{ bench_token.json.access_token }}"},
                "ca_path": "{{ tenant_entra_ca_path }}",
            },
        },
    ),
    **_DEAR,
)

SDK_AS_DOCUMENTED = Way(
    "msgraph-sdk as documented, module",
    (
        {
            "name": "Read the email one-time passcode",
            "sdk_as_documented": {
                "tenant_id": "{{ tenant_entra_tenant_id }}",
                "client_id": "{{ tenant_entra_client_id }}",
                "client_secret": "{{ tenant_entra_client_secret }}",
                "authority": "{{ tenant_entra_authority }}",
                "graph_url": "{{ tenant_entra_graph_url }}",
                "ca_path": "{{ tenant_entra_ca_path }}",
            },
            "environment": {"SSL_CERT_FILE": "{{ tenant_entra_ca_path }}"},
        },
    ),
    **_DEAR,
)

COMPARED = (
    EMPTY_ACTION,
    ACTION_DOOR,
    IN_OUR_PLAYBOOKS,
    DNS_ACTION_DOOR,
    AD_ACTION_DOOR,
    EMPTY_MODULE,
    MODULE_DOOR,
    URI,
    SDK_AS_DOCUMENTED,
)
