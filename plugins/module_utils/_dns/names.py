# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Domain names as the operator writes them, and as they are told. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import importlib

from .._errors import InvalidInput
from .._libraries import library

with library("dnspython"):
    import dns.exception
    import dns.name
with library("idna"):
    importlib.import_module("idna")  # dnspython uses it for names in Unicode


def absolute_name(text: str) -> dns.name.Name:
    """A full name in its one form: absolute, lower case, Unicode labels as A-labels (RFC 5891).

    Labels of ASCII are taken as they are, so that `_dmarc` and `*` work. Raises `InvalidInput`.
    """
    try:
        name = dns.name.from_text(text, idna_codec=dns.name.IDNA_2008_Practical)
    except (dns.exception.DNSException, UnicodeError) as error:
        raise InvalidInput(
            f"This is not a domain name: {text!r}",
            answer=str(error),
            advice="Write the full name, for example _dmarc.example.com.",
        ) from error
    if name == dns.name.root:
        raise InvalidInput("A domain name is missing", advice="Write the full name.")
    return name.canonicalize()


def without_final_dot(name: dns.name.Name) -> str:
    """The name as people write it."""
    return name.to_text(omit_final_dot=True)
