# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The columns of a review file, and the words in them. Pure.

Names, order and words are those of IdFix 2.6 as far as it had them, so that its exports can be read
and its users know their way about. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping

from .._attribute_rules.attributes import (
    ADDRESS_LIST_FIELDS,
    COMMON_NAME,
    JUDGED,
    USER_ACCOUNT_CONTROL,
)
from .._attribute_rules.model import Kind

DISTINGUISHED_NAME = "DISTINGUISHEDNAME"
OBJECT_CLASS = "OBJECTCLASS"
ATTRIBUTE = "ATTRIBUTE"
ERROR = "ERROR"
VALUE = "VALUE"
UPDATE = "UPDATE"
PROPOSED_ACTION = "PROPOSEDACTION"
ACTION = "ACTION"
OBJECT_GUID = "OBJECTGUID"

IDFIX_COLUMNS = (
    DISTINGUISHED_NAME,
    "COMMONNAME",
    OBJECT_CLASS,
    ATTRIBUTE,
    ERROR,
    VALUE,
    UPDATE,
    PROPOSED_ACTION,
    ACTION,
)
COLUMNS = (*IDFIX_COLUMNS, OBJECT_GUID, "RULES", "SEVERITY", "REASON", "HOLDERS")

# Without these a decision cannot be read; IdFix had no objectGUID.
REQUIRED_COLUMNS = (DISTINGUISHED_NAME, ATTRIBUTE, VALUE, UPDATE, ACTION)

# In the order in which IdFix lists several of them.
ERROR_WORDS: Mapping[Kind, str] = {
    Kind.FORMAT: "Format",
    Kind.BLANK: "Blank",
    Kind.DUPLICATE: "Duplicate",
    Kind.CHARACTER: "Character",
    Kind.TOP_LEVEL_DOMAIN: "TopLevelDomain",
    Kind.DOMAIN_PART: "DomainPart",
    Kind.LOCAL_PART: "LocalPart",
    Kind.LENGTH: "Length",
    Kind.MISMATCH: "Mismatch",
    Kind.MISSING: "Missing",
}

# The attributes that a decision can be about, as the schema spells them, by their lower-case names.
# IdFix writes some in lower case. The common name is part of the object's own name, and what the
# account control says is no address; neither is ever written.
WRITABLE: Mapping[str, str] = {
    name.lower(): name
    for name in (*JUDGED, *ADDRESS_LIST_FIELDS)
    if name not in (COMMON_NAME, USER_ACCOUNT_CONTROL)
}
