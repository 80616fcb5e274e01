# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is read from a directory. Pure. Private to the collection: it can change in any release."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from .._errors import NotUnderstood


class Entry:
    """One object as the server returned it: its name, and its attributes' values as bytes.

    Attribute names are compared without regard to case, as RFC 4512 section 2.5 has it.
    """

    def __init__(
        self, dn: str, attributes: Mapping[str, Sequence[bytes]], server: str = ""
    ) -> None:
        self.dn = dn
        self.server = server
        self._values = {name.lower(): tuple(values) for name, values in attributes.items()}

    def values(self, attribute: str) -> tuple[bytes, ...]:
        """All values in the server's order; none if the attribute is not there."""
        return self._values.get(attribute.lower(), ())

    def texts(self, attribute: str) -> tuple[str, ...]:
        """The values as text. Raises `NotUnderstood` if one is not UTF-8."""
        try:
            return tuple(value.decode("utf-8") for value in self.values(attribute))
        except UnicodeDecodeError as error:
            raise self._not_understood(f"{attribute} is not UTF-8: {error}") from error

    def text(self, attribute: str) -> str:
        """The one value as text. Raises `NotUnderstood` unless there is exactly one."""
        texts = self.texts(attribute)
        if len(texts) != 1:
            raise self._not_understood(
                f"{len(texts)} values of {attribute} where there must be one"
            )
        return texts[0]

    def guid(self, attribute: str = "objectGUID") -> str:
        """A GUID as lower-case text ([MS-DTYP] 2.3.4.2). Raises `NotUnderstood` if it is none."""
        values = self.values(attribute)
        if len(values) != 1 or len(values[0]) != 16:
            raise self._not_understood(f"{attribute} is not one value of 16 bytes")
        return str(uuid.UUID(bytes_le=values[0]))

    def _not_understood(self, answer: str) -> NotUnderstood:
        return NotUnderstood(
            "The directory's answer is not what an Active Directory gives",
            server=self.server,
            subject=self.dn or "rootDSE",
            answer=answer,
            advice="Check that the account may read the object, and that this is a domain"
            " controller.",
        )
