# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps msgraph-sdk from loading its 1,234 model classes at the first answer (2 s CPU, 32 MB).

`Entity.get_field_deserializers` imports every subclass of Entity only to return two fields. It is
replaced by a function that returns the same two; a unit test compares its keys with the original's,
so that an update of the SDK which adds a field is noticed. Private to the collection.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .._libraries import library

if TYPE_CHECKING:
    from kiota_abstractions.serialization import ParseNode

with library("msgraph-sdk"):
    from msgraph.generated.models.entity import Entity

    original_field_deserializers = Entity.get_field_deserializers


def field_deserializers(self: Entity) -> dict[str, Callable[[ParseNode], None]]:
    """What each field of an entity does with the part of an answer that belongs to it."""

    def take_id(node: Any) -> None:
        self.id = node.get_str_value()

    def take_type(node: Any) -> None:
        self.odata_type = node.get_str_value()

    return {"id": take_id, "@odata.type": take_type}


def install() -> None:
    """Put the replacement in place, in this process."""
    Entity.get_field_deserializers = field_deserializers  # type: ignore[method-assign]
