# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The passwords and keys of one lab: drawn once, kept in its state, never the same in two labs."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from . import all_tenants
from .files import write_private
from .nameservers.names import KEY_NAMES


@dataclass(frozen=True)
class Credentials:
    """Everything secret that is not in a file of its own.

    ``client_secrets`` and ``wrong`` are by tenant and by what they are for; ``tsig_secrets``
    (Base64) by key name.
    """

    administrator_password: str
    service_account_password: str
    plain_user_password: str
    nameserver_account_password: str
    openldap_administrator_password: str
    cloud_control_key: str
    tsig_secrets: dict[str, str]
    client_secrets: dict[str, str]
    wrong: dict[str, str]

    @property
    def all(self) -> list[str]:
        """Every secret, for the test that looks for them where they must not be."""
        return [
            self.administrator_password,
            self.service_account_password,
            self.plain_user_password,
            self.nameserver_account_password,
            self.openldap_administrator_password,
            self.cloud_control_key,
            *self.tsig_secrets.values(),
            *self.client_secrets.values(),
            *self.wrong.values(),
        ]


def load_or_draw(path: Path) -> Credentials:
    """Read the lab's credentials; draw what is not there yet: all of them the first time.

    A lab that an older version made keeps those it has.
    """
    drawn = _draw()
    if not path.exists():
        write_private(path, json.dumps(asdict(drawn), indent=2))
        return drawn
    kept = Credentials(**json.loads(path.read_text(encoding="utf-8")))
    complete = replace(
        kept,
        tsig_secrets={**drawn.tsig_secrets, **kept.tsig_secrets},
        client_secrets={**drawn.client_secrets, **kept.client_secrets},
    )
    if complete != kept:
        write_private(path, json.dumps(asdict(complete), indent=2))
    return complete


def _draw() -> Credentials:
    return Credentials(
        administrator_password=_password(),
        service_account_password=_password(),
        plain_user_password=_password(),
        nameserver_account_password=_password(),
        openldap_administrator_password=_password(),
        cloud_control_key=secrets.token_urlsafe(24),
        tsig_secrets={name: _tsig_secret() for name in KEY_NAMES.values()},
        client_secrets={tenant.name: draw_client_secret() for tenant in all_tenants.ALL},
        wrong={
            "password": _password(),
            "tsig_secret": _tsig_secret(),
            "client_secret": draw_client_secret(),
        },
    )


def _password() -> str:
    # All four kinds of characters, for the directory's password policy.
    return f"{secrets.token_urlsafe(18)}.Aa9"


def draw_client_secret() -> str:
    """Return a new secret of an application."""
    # The shape of Entra's own: 40 characters with ~, - and _ among them.
    return f"{secrets.token_urlsafe(3)[:3]}8Q~{secrets.token_urlsafe(30)[:34]}"


def _tsig_secret() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode("ascii")
