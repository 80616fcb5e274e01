# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the email authentication method with msgraph-sdk, written as Microsoft documents it.

Only what the lab needs is different: its addresses, and its authority through SSL_CERT_FILE.
"""

from __future__ import annotations

import asyncio

from ansible.module_utils.basic import AnsibleModule
from azure.identity import ClientSecretCredential
from msgraph.generated.models.email_authentication_method_configuration import (
    EmailAuthenticationMethodConfiguration,
)
from msgraph.graph_service_client import GraphServiceClient


def main() -> None:
    """Read once."""
    module = AnsibleModule(
        argument_spec={
            "tenant_id": {"type": "str", "required": True},
            "client_id": {"type": "str", "required": True},
            "client_secret": {"type": "str", "required": True, "no_log": True},
            "authority": {"type": "str", "required": True},
            "graph_url": {"type": "str", "required": True},
            "ca_path": {"type": "path", "required": True},
        },
        supports_check_mode=True,
    )
    module.exit_json(changed=False, guests=asyncio.run(_guests(module.params)))


async def _guests(parameters: dict[str, str]) -> str:
    credential = ClientSecretCredential(
        parameters["tenant_id"],
        parameters["client_id"],
        parameters["client_secret"],
        authority=parameters["authority"],
        disable_instance_discovery=True,
        connection_verify=parameters["ca_path"],
    )
    client = GraphServiceClient(
        credentials=credential, scopes=[f"{parameters['graph_url']}/.default"]
    )
    client.request_adapter.base_url = f"{parameters['graph_url']}/v1.0"
    methods = client.policies.authentication_methods_policy.authentication_method_configurations
    email = await methods.by_authentication_method_configuration_id("email").get()
    if not isinstance(email, EmailAuthenticationMethodConfiguration):
        raise TypeError(f"not an email authentication method: {email!r}")
    return str(email.allow_external_id_to_use_email_otp)


if __name__ == "__main__":
    main()
