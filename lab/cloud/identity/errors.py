# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entra's sign-in errors: numbers, texts and JSON shape.

The numbers are those of Microsoft's "Microsoft Entra authentication and authorization error codes".
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


class SignInError(Exception):
    """A refused sign-in: HTTP status, OAuth error, Entra's number and text (without the prefix)."""

    def __init__(self, status: int, error: str, number: int, text: str) -> None:
        super().__init__(f"AADSTS{number}: {text}")
        self.status = status
        self.error = error
        self.number = number

    def body(self, base_url: str, trace_id: str, correlation_id: str) -> dict[str, Any]:
        """Return the JSON of the answer."""
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        return {
            "error": self.error,
            "error_description": (
                f"{self} Trace ID: {trace_id} Correlation ID: {correlation_id} Timestamp: {now}"
            ),
            "error_codes": [self.number],
            "timestamp": now,
            "trace_id": trace_id,
            "correlation_id": correlation_id,
            "error_uri": f"{base_url}/error?code={self.number}",
        }


def invalid_request(number: int, text: str) -> SignInError:
    """The request itself is wrong."""
    return SignInError(400, "invalid_request", number, text)


def invalid_client(number: int, text: str) -> SignInError:
    """The application did not prove who it is."""
    return SignInError(401, "invalid_client", number, text)


def tenant_not_found(tenant: str) -> SignInError:
    """AADSTS90002."""
    return invalid_request(
        90002,
        f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are "
        "signing into the correct cloud. Check with your subscription administrator, this may "
        "happen if there are no active subscriptions for the tenant.",
    )


def missing_parameter(name: str) -> SignInError:
    """AADSTS900144."""
    return invalid_request(
        900144, f"The request body must contain the following parameter: '{name}'."
    )


def application_not_found(client_id: str, directory: str) -> SignInError:
    """AADSTS700016."""
    return SignInError(
        400,
        "unauthorized_client",
        700016,
        f"Application with identifier '{client_id}' was not found in the directory "
        f"'{directory}'. This can happen if the application has not been installed by the "
        "administrator of the tenant or consented to by any user in the tenant. You may have sent "
        "your authentication request to the wrong tenant.",
    )
