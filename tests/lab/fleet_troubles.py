# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Twenty ways in which one tenant of many fails, and what is told about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import certifi

from lab.description import Description
from lab.nameservers.names import BROKEN_ZONE, READONLY_ZONE, REFUSED_ZONE

# Long enough for a second attempt, which would be as vain as all that follow.
_IMPATIENT = {"tenant_entra_retry_time": 1}
_EMAIL = {"path": "*/email"}


@dataclass(frozen=True)
class Trouble:
    """What is wrong with a tenant.

    `kind` is that of the error, none where Ansible itself refuses before anything is done, and
    `told` is part of the message. `variables` are the tenant's own, `fault` is what the cloud does
    to it, `permissions` are those of its app. Some show only when changes are made: then `done` is
    how many of the three have been made before.
    """

    name: str
    kind: str | None
    told: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    fault: Mapping[str, Any] | None = None
    permissions: Sequence[str] | None = None
    done: int | None = None
    is_locked: bool = False

    @property
    def is_planned(self) -> bool:
        """Whether a dry run finds nothing wrong."""
        return self.done is not None


def _record(name: str) -> dict[str, Any]:
    return {"tenant_txt_records": [{"name": name, "values": ["MS=ms41000000"]}]}


def troubles(lab: Description) -> list[Trouble]:
    """The twenty, those first that tenants most often have."""
    nobody = lab.directory["address"].rpartition(".")[0] + ".99"
    return [
        Trouble(
            "wrong secret",
            "authentication_failed",
            "AADSTS7000215",
            {"tenant_entra_client_secret": "aaa8Q~another-secret-than-that-of-the-app"},
        ),
        Trouble(
            "locked",
            "locked",
            "node9",
            is_locked=True,
            done=0,
        ),
        Trouble(
            "missing permission",
            "refused",
            "Policy.Read",
            permissions=["Domain.Read.All"],
        ),
        Trouble(
            "directory: wrong password",
            "authentication_failed",
            "52e",
            {"tenant_ad_password": "not-the-password"},
        ),
        Trouble(
            "DNS: server failure",
            "not_understood",
            "SERVFAIL",
            _record(f"trouble.{BROKEN_ZONE}"),
        ),
        Trouble(
            "Graph: server errors when something is written",
            "not_understood",
            "503",
            _IMPATIENT,
            {"kind": "failure", "method": "PATCH", **_EMAIL},
            done=2,
        ),
        Trouble(
            "unknown tenant",
            "authentication_failed",
            "AADSTS90002",
            {"tenant_entra_tenant_id": "0c7f1a52-6f0e-4a63-9c8e-3b1f0d9a5fff"},
        ),
        Trouble(
            "wrong DNS key",
            "authentication_failed",
            "BADSIG",
            {"tenant_dns_key_secret": "bm90IHRoZSBrZXkgb2YgdGhpcyB6b25lIGF0IGFsbCE="},
        ),
        Trouble(
            "directory: nobody there",
            "connection_failed",
            nobody,
            {"tenant_ad_servers": [nobody]},
        ),
        Trouble(
            "DNS: nobody there",
            "connection_failed",
            nobody,
            {"tenant_dns_server": nobody},
        ),
        Trouble(
            "DNS: takes no updates",
            "refused",
            "REFUSED",
            _record(f"trouble.{READONLY_ZONE}"),
        ),
        Trouble(
            "broken variables",
            None,
            "nowhere_defined",
            {"tenant_upn_suffixes": ["{{ nowhere_defined }}"]},
        ),
        Trouble(
            "value that cannot be",
            None,
            "perhaps",
            {"tenant_email_otp": "perhaps"},
        ),
        Trouble(
            "Graph: throttled for ever",
            "refused",
            "429",
            _IMPATIENT,
            {"kind": "throttle", "retry_after": 5, **_EMAIL},
        ),
        Trouble(
            "Graph: connections break",
            "connection_failed",
            "localhost",
            _IMPATIENT,
            {"kind": "drop", **_EMAIL},
        ),
        Trouble(
            "Graph: answers that make no sense",
            "not_understood",
            "localhost",
            _IMPATIENT,
            {"kind": "answer", "raw": "<html>Sign in to the hotel's network</html>", **_EMAIL},
        ),
        Trouble(
            "DNS: questions refused",
            "refused",
            "REFUSED",
            _record(f"trouble.{REFUSED_ZONE}"),
        ),
        Trouble(
            "directory: untrusted",
            "not_trusted",
            lab.directory["address"],
            {"tenant_ad_ca_path": certifi.where()},
        ),
        Trouble(
            "cloud: untrusted",
            "not_trusted",
            "localhost",
            {"tenant_entra_ca_path": certifi.where()},
        ),
        Trouble(
            "secret that cannot be read",
            None,
            "no-such-secret",
            {
                "tenant_entra_client_secret": (
                    "{{ lookup('ansible.builtin.file', '/no-such-secret') }}"
                )
            },
        ),
    ]
