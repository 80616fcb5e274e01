# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The options of a plan store, which all modules that plan, approve and apply a fleet have."""

    DOCUMENTATION = r"""
options:
  store:
    description:
      - Where plans are kept. A folder as an absolute path, which has to be there, such as a mount;
        a Git repository as V(git+https://…), V(git+ssh://…) or V(git+file://…), with V(#branch) at
        its end if it is not the default one; or an V(https://…) location that answers GET, and PUT
        with C(If-None-Match).
      - Documents are added, and none is ever changed.
      - If not set, the E(TENANTOPS_PLAN_STORE) environment variable is used. One of both is needed.
    type: str
  store_token:
    description:
      - The bearer token of an HTTPS location, or the password of a Git repository over HTTPS.
      - If not set, the E(TENANTOPS_PLAN_STORE_TOKEN) environment variable is used.
    type: str
  store_ca_path:
    description:
      - A file with the certificate authority of O(store) in PEM form, if the system does not know
        it. The certificate is always checked.
      - If not set, the E(TENANTOPS_PLAN_STORE_CA_PATH) environment variable is used.
    type: path
"""
