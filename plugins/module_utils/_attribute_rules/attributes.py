# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The attributes that the rules are about, as Active Directory's schema spells them.

Pure. Private to the collection: it can change in any release.
"""

from __future__ import annotations

DISPLAY_NAME = "displayName"
GIVEN_NAME = "givenName"
SURNAME = "sn"
COMMON_NAME = "cn"
MAIL = "mail"
MAIL_NICKNAME = "mailNickname"
PROXY_ADDRESSES = "proxyAddresses"
SAM_ACCOUNT_NAME = "sAMAccountName"
TARGET_ADDRESS = "targetAddress"
USER_PRINCIPAL_NAME = "userPrincipalName"
USER_ACCOUNT_CONTROL = "userAccountControl"

# What the address list of the organisation shows (Microsoft, "Prepare for directory
# synchronization", directory cleanup tasks): fourteen fields, which are advice and no more.
ADDRESS_LIST_FIELDS = (
    GIVEN_NAME,
    SURNAME,
    DISPLAY_NAME,
    "title",
    "department",
    "physicalDeliveryOfficeName",
    "telephoneNumber",
    "mobile",
    "facsimileTelephoneNumber",
    "streetAddress",
    "l",
    "st",
    "postalCode",
    "co",
)

# The rules look at these; all have one value in Active Directory but proxyAddresses.
JUDGED = (
    DISPLAY_NAME,
    GIVEN_NAME,
    SURNAME,
    COMMON_NAME,
    MAIL,
    MAIL_NICKNAME,
    PROXY_ADDRESSES,
    SAM_ACCOUNT_NAME,
    TARGET_ADDRESS,
    USER_PRINCIPAL_NAME,
    USER_ACCOUNT_CONTROL,
)
MULTI_VALUED = frozenset({PROXY_ADDRESSES})
