# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether an application is who it says: client secret, certificate or federated assertion."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from ..configuration import FederatedCredential
from ..state import Application
from .errors import SignInError, invalid_client, missing_parameter

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_ALGORITHMS = ["RS256", "PS256"]


def authenticate(application: Application, form: Mapping[str, str], audiences: list[str]) -> str:
    """Return Entra's authentication class: "1" for a secret, "2" for an assertion.

    ``audiences`` are the values good as ``aud`` of a certificate's assertion. Raises SignInError.
    """
    if form.get("client_assertion"):
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise missing_parameter("client_assertion_type")
        _check_assertion(application, form["client_assertion"], audiences)
        return "2"
    if form.get("client_secret"):
        _check_secret(application, form["client_secret"])
        return "1"
    raise invalid_client(
        7000218,
        "The request body must contain the following parameter: 'client_assertion' or "
        "'client_secret'.",
    )


def _check_secret(application: Application, secret: str) -> None:
    expected = application.client_secret
    if expected is None or not hmac.compare_digest(secret.encode(), expected.encode()):
        raise invalid_client(
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the "
            "client secret value, not the client secret ID, for a secret added to app "
            f"'{application.client_id}'.",
        )


def _check_assertion(application: Application, assertion: str, audiences: list[str]) -> None:
    """The header names the certificate; an assertion without a thumbprint is a foreign issuer's."""
    try:
        header = jwt.get_unverified_header(assertion)
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.InvalidTokenError as error:
        raise _malformed() from error
    if "x5t" in header or "x5t#S256" in header:
        key = _certificate_key(application, header)
        _verify(assertion, key, claims)
        _check_own_claims(application, claims, audiences)
    else:
        credential = _federated_credential(application, claims)
        _verify(assertion, credential.public_key_pem, claims)


def _certificate_key(application: Application, header: Mapping[str, Any]) -> Any:
    """Return the public key of the registered certificate if the header's thumbprint is its."""
    if application.certificate_pem is not None:
        certificate = x509.load_pem_x509_certificate(application.certificate_pem.encode("ascii"))
        # Thumbprints name the certificate, they protect nothing; x5t is SHA-1 by RFC 7515 4.1.7.
        thumbprints = {
            "x5t": _base64url(certificate.fingerprint(hashes.SHA1())),  # noqa: S303
            "x5t#S256": _base64url(certificate.fingerprint(hashes.SHA256())),
        }
        # MSAL pads the base64 of x5t, which RFC 7515 does not.
        given = {name: str(header[name]).rstrip("=") for name in thumbprints if name in header}
        if all(thumbprints[name] == value for name, value in given.items()):
            return certificate.public_key()
    thumbprint = header.get("x5t") or header.get("x5t#S256")
    raise _bad_signature(
        f"The key was not found., Thumbprint of key used by client: '{thumbprint}'"
    )


def _verify(assertion: str, key: Any, claims: Mapping[str, Any]) -> None:
    """Check signature and lifetime; the claims' meaning is checked apart, with its own errors."""
    try:
        jwt.decode(
            assertion,
            key,
            algorithms=_ASSERTION_ALGORITHMS,
            options={"verify_aud": False, "require": ["exp"]},
        )
    except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError) as error:
        raise invalid_client(
            700024,
            "Client assertion is not within its valid time range. Current time: "
            f"{_timestamp(datetime.now(UTC).timestamp())}, assertion valid from "
            f"{_timestamp(claims.get('nbf', 0))}, expiry time of assertion "
            f"{_timestamp(claims.get('exp', 0))}.",
        ) from error
    except (jwt.InvalidSignatureError, jwt.InvalidAlgorithmError) as error:
        raise _bad_signature(
            "The provided signature value did not match the expected signature value."
        ) from error
    except jwt.InvalidTokenError as error:
        raise _malformed() from error


def _check_own_claims(
    application: Application, claims: Mapping[str, Any], audiences: list[str]
) -> None:
    """An application's own assertion is by itself, about itself, for the token endpoint."""
    if claims.get("iss") != application.client_id or claims.get("sub") != application.client_id:
        raise invalid_client(
            700021,
            "Client assertion application identifier doesn't match 'client_id' parameter.",
        )
    audience = claims.get("aud")
    if not isinstance(audience, str) or audience.casefold() not in audiences:
        raise invalid_client(700023, "Client assertion audience claim does not match Realm issuer.")


def _federated_credential(
    application: Application, claims: Mapping[str, Any]
) -> FederatedCredential:
    """Return the federated credential that the assertion's issuer, subject and audience name."""
    candidates = application.federated_credentials
    for number, attribute, claim in (
        (700211, "issuer", "iss"),
        (700213, "subject", "sub"),
        (700212, "audience", "aud"),
    ):
        given = claims.get(claim)
        candidates = [entry for entry in candidates if getattr(entry, attribute) == given]
        if not candidates:
            raise invalid_client(
                number,
                "No matching federated identity record found for presented assertion "
                f"{attribute} '{given}'. Check your federated identity credential Subject, "
                "Audience and Issuer against the presented assertion.",
            )
    return candidates[0]


def _bad_signature(reason: str) -> SignInError:
    return invalid_client(
        700027, f"Client assertion contains an invalid signature. [Reason - {reason}]"
    )


def _malformed() -> SignInError:
    return invalid_client(50027, "JWT token is invalid or malformed.")


def _timestamp(seconds: object) -> str:
    number = seconds if isinstance(seconds, int | float) else 0
    return datetime.fromtimestamp(number, UTC).isoformat(timespec="milliseconds")


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")
