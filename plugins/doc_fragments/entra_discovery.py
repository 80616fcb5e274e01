# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """How to reach the sign-in service: the options of the action group C(entra_discovery)."""

    DOCUMENTATION = r"""
options:
  entra_cloud:
    description:
      - The cloud that is asked. It sets the address of the sign-in service.
      - If not set, the E(TENANTOPS_ENTRA_CLOUD) environment variable is used.
    type: str
    choices:
      - global
      - us_government
      - us_government_dod
      - china
    default: global
  entra_authority:
    description:
      - Another address for the sign-in service, without a path. Must be https.
      - If not set, the E(TENANTOPS_ENTRA_AUTHORITY) environment variable is used.
    type: str
  entra_ca_path:
    description:
      - A PEM file of the authorities that the sign-in service's certificate is checked against, for
        a network with an inspecting proxy. The system's, if not given.
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
      - Seconds that one question may take in all when the service throttles. What it says in
        C(Retry-After) is waited for in full and with all questions, unless it would pass this time.
      - Only the statuses 429, 503 and 504 are tried again, and for a few seconds a connection that
        breaks.
      - If not set, the E(TENANTOPS_ENTRA_RETRY_TIME) environment variable is used.
    type: float
    default: 600.0
"""
