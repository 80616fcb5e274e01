# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated cloud: sign-in and Microsoft Graph for the lab's tenants, over TLS on loopback.

``python -m lab.cloud --config <state>/cloud/config.json`` runs it. Its parts:

* ``configuration`` - what the lab tells it at start;
* ``state`` - all that is true in the cloud, one tree of dataclasses; ``store`` keeps it on disk;
* ``identity`` - OpenID discovery, the token endpoint and the tokens themselves;
* ``graph`` - the Graph API: what all resources share, and one file for each resource;
* ``faults`` - misbehaviour on request; ``control`` - the lab's own door to all of this.
"""
