# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where TXT record sets are kept: the seam between what is wanted and how a server is told.

RFC 2136 is one way; the interfaces of DNS hosting companies are others (the folder hosting).
Private to the collection: it can change in any release.
"""

from __future__ import annotations

from typing import Protocol

from .model import RRsetName, TxtRRset


class TxtProvider(Protocol):
    """One TXT record set at one place."""

    @property
    def server(self) -> str:
        """Who is asked, for messages and the journal."""

    @property
    def name(self) -> RRsetName:
        """Which record set it is."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the operator should know though it worked."""

    async def read(self) -> TxtRRset:
        """What is there now, by the place where it is written. Raises for "do not know"."""

    async def check_replace(self, before: TxtRRset, after: TxtRRset) -> None:
        """Raise if it is known that `replace` would be refused. Changes nothing."""

    async def replace(self, before: TxtRRset, after: TxtRRset) -> None:
        """Make `before` into `after` as a whole, or nothing.

        Raises `ChangedMeanwhile` if `before` is not what is there (any more).
        """
