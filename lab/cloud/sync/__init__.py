# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The directory sync: what Entra Connect brings from a directory into a tenant.

``settings`` is what a tenant has of it, ``reading`` gets people out of the directory over LDAP,
``rules`` says which of them can be synced and what they are called in the cloud, ``cycle`` brings a
tenant up to date, ``service`` does all that on request or by the clock.
"""
