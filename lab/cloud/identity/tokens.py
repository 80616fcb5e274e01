# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Access tokens: signed JWTs, given by the token endpoint and verified by Graph."""

from __future__ import annotations

import base64
import hashlib
import time
import uuid
from dataclasses import dataclass
from typing import Any, cast

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ..state import Tenant
from ..store import Store


class TokenRefusedError(Exception):
    """The access token is not good here; the message is what Graph says about it."""


@dataclass(frozen=True)
class Caller:
    """Who holds an access token: the tenant's name in the lab and the permissions granted."""

    tenant: str
    client_id: str
    roles: frozenset[str]


class TokenAuthority:
    """Gives access tokens and verifies them. ``lifetime`` is in seconds."""

    def __init__(self, store: Store, audiences: list[str], *, lifetime: int) -> None:
        key = serialization.load_pem_private_key(store.signing_key.encode("ascii"), password=None)
        # The store creates no other kind of key.
        self._key = cast(rsa.RSAPrivateKey, key)
        self._key_id = _key_id(self._key.public_key())
        self._store = store
        self._audiences = audiences
        self.lifetime = lifetime

    def give(self, tenant: Tenant, *, audience: str, authentication_class: str) -> str:
        """Return a token with the permissions that the tenant's application has now.

        ``authentication_class`` is Entra's: "1" for a client secret, "2" for an assertion.
        """
        now = int(time.time())
        application = tenant.application
        claims: dict[str, Any] = {
            "aud": audience,
            "iss": f"{audience}/{tenant.tenant_id}/",
            "iat": now,
            "nbf": now,
            "exp": now + self.lifetime,
            "appid": application.client_id,
            "appidacr": authentication_class,
            "idtyp": "app",
            "oid": application.object_id,
            "roles": application.permissions,
            "sub": application.client_id,
            "tid": tenant.tenant_id,
            "uti": uuid.uuid4().hex,
            "ver": "1.0",
            "wids": [
                role.role_template_id
                for role in tenant.directory_roles
                if application.object_id in role.members
            ],
        }
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self._key_id})

    def verify(self, token: str) -> Caller:
        """Return who holds the token; raises TokenRefusedError with Graph's words."""
        try:
            claims = jwt.decode(
                token,
                self._key.public_key(),
                algorithms=["RS256"],
                audience=self._audiences,
                options={"require": ["exp", "nbf", "aud", "tid", "appid"]},
            )
        except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError) as error:
            raise TokenRefusedError("Lifetime validation failed, the token is expired.") from error
        except jwt.InvalidAudienceError as error:
            raise TokenRefusedError("Access token validation failure. Invalid audience.") from error
        except jwt.InvalidSignatureError as error:
            raise TokenRefusedError(
                "Access token validation failure. Invalid signature."
            ) from error
        except jwt.InvalidTokenError as error:
            raise TokenRefusedError(
                "CompactToken parsing failed with error code: 80049217"
            ) from error
        tenant = self._store.find_tenant(str(claims["tid"]))
        if tenant is None:
            raise TokenRefusedError("Access token validation failure. Invalid tenant.")
        return Caller(tenant, str(claims["appid"]), frozenset(claims.get("roles", [])))

    def public_keys(self) -> dict[str, Any]:
        """Return the JSON Web Key Set that discovery points to."""
        key: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(
            self._key.public_key(), as_dict=True
        )
        return {"keys": [{**key, "use": "sig", "alg": "RS256", "kid": self._key_id}]}


def _key_id(key: rsa.RSAPublicKey) -> str:
    der = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()[:20]).decode("ascii").rstrip("=")
