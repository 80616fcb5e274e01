# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """How to reach an Entra tenant: the options of the action group C(entra)."""

    DOCUMENTATION = r"""
options:
  entra_tenant_id:
    description:
      - The tenant, as its id or one of its verified domain names. With
        O(entra_auth=managed_identity) and O(entra_auth=default) it must be the id.
      - If not set, the E(TENANTOPS_ENTRA_TENANT_ID) or E(AZURE_TENANT_ID) environment variable is
        used.
    type: str
  entra_auth:
    description:
      - How the app signs in.
      - V(client_secret) needs O(entra_client_id) and O(entra_client_secret).
      - V(client_certificate) needs O(entra_client_id) and O(entra_certificate_path) or
        O(entra_certificate).
      - V(workload_identity) needs O(entra_client_id) and O(entra_federated_token_file).
      - V(managed_identity) uses the identity of the Azure machine; O(entra_client_id) picks a
        user-assigned one. It belongs to one tenant; if O(entra_tenant_id) is another one, the task
        fails.
      - V(azure_cli) uses whoever is signed in with C(az login).
      - V(default) tries what azure-identity calls the default chain, and fails if what it finds
        does not belong to O(entra_tenant_id).
      - If not set, the E(TENANTOPS_ENTRA_AUTH) environment variable is used.
    type: str
    choices:
      - client_secret
      - client_certificate
      - workload_identity
      - managed_identity
      - azure_cli
      - default
    default: client_secret
  entra_client_id:
    description:
      - The application (client) id of the app.
      - If not set, the E(TENANTOPS_ENTRA_CLIENT_ID) or E(AZURE_CLIENT_ID) environment variable is
        used.
    type: str
  entra_client_secret:
    description:
      - A client secret of the app. Its value, not its id.
      - If not set, the E(TENANTOPS_ENTRA_CLIENT_SECRET) or E(AZURE_CLIENT_SECRET) environment
        variable is used.
    type: str
  entra_certificate_path:
    description:
      - A file with the app's certificate and its private key, as PEM or PFX.
      - If not set, the E(TENANTOPS_ENTRA_CERTIFICATE_PATH) or E(AZURE_CLIENT_CERTIFICATE_PATH)
        environment variable is used.
      - Mutually exclusive with O(entra_certificate).
    type: path
  entra_certificate:
    description:
      - The app's certificate and its private key, as the text of a PEM file.
      - If not set, the E(TENANTOPS_ENTRA_CERTIFICATE) environment variable is used.
      - Mutually exclusive with O(entra_certificate_path).
    type: str
  entra_certificate_password:
    description:
      - The password of the private key, if it has one.
      - If not set, the E(TENANTOPS_ENTRA_CERTIFICATE_PASSWORD) or
        E(AZURE_CLIENT_CERTIFICATE_PASSWORD) environment variable is used.
    type: str
  entra_federated_token_file:
    description:
      - The file in which the platform keeps the token that the app trusts.
      - If not set, the E(TENANTOPS_ENTRA_FEDERATED_TOKEN_FILE) or E(AZURE_FEDERATED_TOKEN_FILE)
        environment variable is used.
    type: path
  entra_cloud:
    description:
      - The cloud that the tenant is in. It sets the addresses of Graph and of the sign-in service.
      - V(china) has no email one-time passcode.
      - If not set, the E(TENANTOPS_ENTRA_CLOUD) environment variable is used.
    type: str
    choices:
      - global
      - us_government
      - us_government_dod
      - china
    default: global
  entra_graph_url:
    description:
      - Another address for Graph, without a path. Must be https.
      - If not set, the E(TENANTOPS_ENTRA_GRAPH_URL) environment variable is used.
    type: str
  entra_authority:
    description:
      - Another address for the sign-in service, without a path. Must be https.
      - If not set, the E(TENANTOPS_ENTRA_AUTHORITY) environment variable is used.
    type: str
  entra_ca_path:
    description:
      - A PEM file of the authorities that Graph's and the sign-in service's certificates are
        checked against, for a network with an inspecting proxy. The system's, if not given.
      - If not set, the E(TENANTOPS_ENTRA_CA_PATH) environment variable is used.
    type: path
  entra_timeout:
    description:
      - Seconds to wait for one answer.
      - If not set, the E(TENANTOPS_ENTRA_TIMEOUT) environment variable is used.
    type: float
    default: 30.0
  entra_retry_time:
    description:
      - Seconds that one request may take in all when Graph throttles or reports a collision. What
        Graph says in C(Retry-After) is waited for in full, unless it would pass this time.
      - Only the statuses 429, 503 and 504, and 409 with C(Directory_ConcurrencyViolation), are
        tried again.
      - If not set, the E(TENANTOPS_ENTRA_RETRY_TIME) environment variable is used.
    type: float
    default: 600.0
  entra_quota:
    description:
      - What Microsoft lets one app do in one tenant, and in all tenants together, so that requests
        are sent as fast as that allows and no faster. Every request is counted by what Microsoft
        says it costs, those in a batch one by one.
      - The tasks of all plays that work as this app on one machine, as one user, share the quota,
        through small files in O(entra_quota.folder). Where they cannot be written, each task keeps
        to the quota by itself.
      - What C(x-ms-resource-unit) tells corrects the count. Where others use much of the quota too,
        which C(x-ms-throttle-limit-percentage) tells, requests become slower before any is refused.
      - Some services have limits of their own, which the modules that use them keep to as well.
      - If not set, the E(TENANTOPS_ENTRA_QUOTA) environment variable is used, as JSON.
    type: dict
    version_added: 1.4.0
    suboptions:
      tenant_size:
        description:
          - How many users the tenant has, by which Microsoft allows 3,500, 5,000 or 8,000 resource
            units in 10 seconds.
          - V(small) is fewer than 50, V(medium) no more than 500, V(large) more.
        type: str
        choices:
          - small
          - medium
          - large
        default: small
      writes:
        description: How many requests that change something are allowed in
          O(entra_quota.writes_time).
        type: int
        default: 3000
      writes_time:
        description: Seconds in which O(entra_quota.writes) are allowed.
        type: float
        default: 150.0
      resource_units:
        description:
          - How many resource units are allowed in O(entra_quota.resource_units_time).
          - Given by O(entra_quota.tenant_size) if not set.
        type: int
      resource_units_time:
        description: Seconds in which O(entra_quota.resource_units) are allowed.
        type: float
        default: 10.0
      app_writes:
        description: How many requests that change something are allowed in 5 minutes in all tenants
          together where the app works.
        type: int
        default: 35000
      share:
        description: The part of all this that may be used, more than 0 and at most 1. Less leaves
          more to others who work as the same app.
        type: float
        default: 0.95
      folder:
        description:
          - An absolute path. The folder on the machine that runs the module in which the use is
            noted; it is made if it is missing.
          - C(tenantops/quota) in E(XDG_STATE_HOME) if not set, which is C(~/.local/state) where the
            environment does not say.
        type: path
"""
