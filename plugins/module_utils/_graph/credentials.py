# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an app proves to Microsoft's sign-in service who it is: one small class per method.

A class checks its options before anything is sent, and makes the credential of azure-identity.
Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from .._errors import InvalidInput
from .._libraries import library
from .tenant_binding import TenantBound

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.core.credentials_async import AsyncTokenCredential

    Credential = TokenCredential | AsyncTokenCredential

with library("azure-identity"):
    from azure import identity
    from azure.core.pipeline.transport import AsyncioRequestsTransport
    from azure.identity import aio as async_identity

# azure-identity repeats a failed token request by itself; more would hide an outage for minutes.
_TOKEN_RETRIES = 3

# It becomes part of the sign-in service's address; azure-identity refuses anything else as well.
_TENANT_ID = re.compile(r"[A-Za-z0-9.-]+")


@dataclass(frozen=True)
class SignIn:
    """Where and as whom to sign in: what all methods have in common."""

    tenant_id: str | None
    client_id: str | None
    authority: str
    ca_path: str | None
    timeout: float
    is_microsoft: bool

    def of_an_app(self) -> dict[str, Any]:
        """The keyword arguments that the credentials of `azure.identity.aio` for apps take.

        They ask for the token at once. The others would first ask for the service's addresses, in
        each task, and lose Entra's error code if there is no such tenant.
        """
        return {
            "authority": self.authority,
            "retry_total": _TOKEN_RETRIES,
            # Its default transport, aiohttp, knows other proxy and CA variables than the rest.
            "transport": AsyncioRequestsTransport(**self.connection()),
        }

    def of_a_chain(self) -> dict[str, Any]:
        """The keyword arguments that the other credentials take."""
        return {
            "authority": self.authority,
            "retry_total": _TOKEN_RETRIES,
            # Microsoft's discovery knows only Microsoft's own sign-in services.
            "disable_instance_discovery": not self.is_microsoft,
            **self.connection(),
        }

    def connection(self) -> dict[str, Any]:
        """How to connect: timeouts in seconds, and whose certificates are trusted."""
        options: dict[str, Any] = {
            "connection_timeout": self.timeout,
            "read_timeout": self.timeout,
        }
        if self.ca_path:
            # An empty path here would turn the check of certificates off.
            options["connection_verify"] = self.ca_path
        return options


class Method(Protocol):
    """One way to sign in."""

    name: ClassVar[str]

    def credential(self, sign_in: SignIn, parameters: Mapping[str, Any]) -> Credential:
        """Make the credential; no network yet. Raises `InvalidInput` if an option is missing."""


class ClientSecret:
    """An app with a client secret."""

    name: ClassVar[str] = "client_secret"

    def credential(self, sign_in: SignIn, parameters: Mapping[str, Any]) -> Credential:
        """See `Method`."""
        return async_identity.ClientSecretCredential(
            tenant_id=_tenant_id(self.name, sign_in),
            client_id=_needed(self.name, "entra_client_id", sign_in.client_id),
            client_secret=_needed(
                self.name, "entra_client_secret", parameters["entra_client_secret"]
            ),
            **sign_in.of_an_app(),
        )


class ClientCertificate:
    """An app with a certificate and its private key, as a file or as its content (PEM or PFX)."""

    name: ClassVar[str] = "client_certificate"

    def credential(self, sign_in: SignIn, parameters: Mapping[str, Any]) -> Credential:
        """See `Method`."""
        tenant_id = _tenant_id(self.name, sign_in)
        client_id = _needed(self.name, "entra_client_id", sign_in.client_id)
        content = self._content(parameters)
        try:
            return async_identity.CertificateCredential(
                tenant_id=tenant_id,
                client_id=client_id,
                certificate_data=content,
                password=parameters["entra_certificate_password"] or None,
                **sign_in.of_an_app(),
            )
        # A TypeError tells of a password too many or too few; no text is shown, it could quote.
        except (TypeError, ValueError) as error:
            raise InvalidInput(
                "The app's certificate cannot be used",
                subject=parameters["entra_certificate_path"] or "entra_certificate",
                answer=type(error).__name__,
                advice="It must hold the certificate and its private key (RSA), as PEM or PFX; set "
                "entra_certificate_password if the key is encrypted, and only then.",
            ) from error

    def _content(self, parameters: Mapping[str, Any]) -> bytes:
        if parameters["entra_certificate"]:
            return str(parameters["entra_certificate"]).encode("utf-8")
        path = Path(
            _needed(
                self.name,
                "entra_certificate_path or entra_certificate",
                parameters["entra_certificate_path"],
            )
        )
        return _read(path, "The app's certificate cannot be read")


class WorkloadIdentity:
    """An app that trusts another issuer's token, read from a file that the platform renews."""

    name: ClassVar[str] = "workload_identity"

    def credential(self, sign_in: SignIn, parameters: Mapping[str, Any]) -> Credential:
        """See `Method`."""
        path = _needed(
            self.name, "entra_federated_token_file", parameters["entra_federated_token_file"]
        )
        _read(Path(path), "The federated token cannot be read")
        return async_identity.WorkloadIdentityCredential(
            tenant_id=_tenant_id(self.name, sign_in),
            client_id=_needed(self.name, "entra_client_id", sign_in.client_id),
            token_file_path=path,
            **sign_in.of_an_app(),
        )


class ManagedIdentity:
    """The identity that Azure gives to the machine; `entra_client_id` picks a user-assigned one."""

    name: ClassVar[str] = "managed_identity"

    def credential(self, sign_in: SignIn, parameters: Mapping[str, Any]) -> Credential:
        """See `Method`."""
        options: dict[str, Any] = {"client_id": sign_in.client_id} if sign_in.client_id else {}
        return _bound(identity.ManagedIdentityCredential(**options), sign_in)


class AzureCli:
    """Whoever is signed in with `az login`: for trying things out by hand."""

    name: ClassVar[str] = "azure_cli"

    def credential(self, sign_in: SignIn, parameters: Mapping[str, Any]) -> Credential:
        """See `Method`."""
        return identity.AzureCliCredential(
            tenant_id=_tenant_id(self.name, sign_in) if sign_in.tenant_id else "",
            process_timeout=max(1, int(sign_in.timeout)),
        )


class DefaultChain:
    """azure-identity's chain: environment, workload identity, managed identity, developer tools."""

    name: ClassVar[str] = "default"

    def credential(self, sign_in: SignIn, parameters: Mapping[str, Any]) -> Credential:
        """See `Method`."""
        chain = identity.DefaultAzureCredential(
            exclude_interactive_browser_credential=True, **sign_in.of_a_chain()
        )
        return _bound(chain, sign_in)


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        ClientSecret(),
        ClientCertificate(),
        WorkloadIdentity(),
        ManagedIdentity(),
        AzureCli(),
        DefaultChain(),
    )
}


def _bound(credential: TokenCredential, sign_in: SignIn) -> TokenCredential:
    """Hold a credential to the tenant that is asked for, which it does not look at by itself."""
    if not sign_in.tenant_id:
        return credential
    return TenantBound(credential, sign_in.tenant_id, sign_in.authority)


def _tenant_id(method: str, sign_in: SignIn) -> str:
    tenant_id = _needed(method, "entra_tenant_id", sign_in.tenant_id)
    if not _TENANT_ID.fullmatch(tenant_id):
        raise InvalidInput(
            f"entra_tenant_id is neither a tenant id nor one of its domain names: {tenant_id!r}"
        )
    return tenant_id


def _needed(method: str, option: str, value: str | None) -> str:
    if not value:
        raise InvalidInput(
            f"entra_auth={method} needs {option}",
            advice="Set it once in module_defaults for group/tenantops.migration.entra.",
        )
    return value


def _read(path: Path, problem: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(
            problem, subject=str(path), answer=error.strerror or str(error)
        ) from error
