# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each way to sign in, with the real classes of azure-identity and no network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from azure import identity
from azure.core.pipeline.transport import AsyncioRequestsTransport
from azure.identity import aio as async_identity
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.module_utils._graph.arguments import (
    ENTRA_ARGUMENTS,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph.credentials import (
    METHODS,
    SignIn,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph.tenant_binding import (
    TenantBound,
)

TENANT_ID = "0c7f1a52-6f0e-4a63-9c8e-3b1f0d9a4e03"
SECRET = "hush-hush"
PASSWORD = "the-password"
SIGN_IN = SignIn(
    tenant_id="contoso.onmicrosoft.com",
    client_id="app",
    authority="https://login.microsoftonline.com",
    ca_path=None,
    timeout=30.0,
    is_microsoft=True,
)


def parameters(**given: Any) -> dict[str, Any]:
    return dict.fromkeys(ENTRA_ARGUMENTS.options) | given


def signed_in(**given: Any) -> SignIn:
    return SignIn(**{**vars(SIGN_IN), **given})


@pytest.fixture
def constructed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Which classes of azure-identity are made, with what."""
    made: list[tuple[str, dict[str, Any]]] = []

    def recorder(name: str) -> Any:
        def construct(**options: Any) -> str:
            made.append((name, options))
            return name

        return construct

    for package in (identity, async_identity):
        for name in dir(package):
            if name.endswith("Credential"):
                monkeypatch.setattr(package, name, recorder(name))
    return made


def made_of_an_app(constructed: list[tuple[str, dict[str, Any]]]) -> tuple[str, dict[str, Any]]:
    """What was made, without what all apps have in common, which is looked at here."""
    ((name, options),) = constructed
    transport = options.pop("transport")
    assert isinstance(transport, AsyncioRequestsTransport)
    assert transport.connection_config.timeout == 30.0
    assert transport.connection_config.read_timeout == 30.0
    assert transport.connection_config.verify is True
    assert options.pop("authority") == "https://login.microsoftonline.com"
    assert options.pop("retry_total") == 3
    return name, options


OF_A_CHAIN = {
    "authority": "https://login.microsoftonline.com",
    "retry_total": 3,
    "connection_timeout": 30.0,
    "read_timeout": 30.0,
    "disable_instance_discovery": False,
}


def test_client_secret(constructed: list[Any]) -> None:
    METHODS["client_secret"].credential(SIGN_IN, parameters(entra_client_secret=SECRET))
    expected = {"tenant_id": SIGN_IN.tenant_id, "client_id": "app", "client_secret": SECRET}
    assert made_of_an_app(constructed) == ("ClientSecretCredential", expected)


@pytest.mark.parametrize("option", ["entra_certificate", "entra_certificate_path"])
def test_client_certificate(constructed: list[Any], tmp_path: Path, option: str) -> None:
    path = tmp_path / "app.pem"
    path.write_text("content")
    given = {"entra_certificate": "content", "entra_certificate_path": str(path)}
    METHODS["client_certificate"].credential(
        SIGN_IN, parameters(**{option: given[option]}, entra_certificate_password=PASSWORD)
    )
    expected = {
        "tenant_id": SIGN_IN.tenant_id,
        "client_id": "app",
        "certificate_data": b"content",
        "password": PASSWORD,
    }
    assert made_of_an_app(constructed) == ("CertificateCredential", expected)


def test_workload_identity(constructed: list[Any], tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("token")
    METHODS["workload_identity"].credential(
        SIGN_IN, parameters(entra_federated_token_file=str(path))
    )
    expected = {
        "tenant_id": SIGN_IN.tenant_id,
        "client_id": "app",
        "token_file_path": str(path),
    }
    assert made_of_an_app(constructed) == ("WorkloadIdentityCredential", expected)


@pytest.mark.parametrize(
    ("client_id", "expected"), [(None, {}), ("", {}), ("app", {"client_id": "app"})]
)
def test_managed_identity(
    constructed: list[Any], client_id: str | None, expected: dict[str, str]
) -> None:
    sign_in = signed_in(client_id=client_id, tenant_id=TENANT_ID)
    METHODS["managed_identity"].credential(sign_in, parameters())
    assert constructed == [("ManagedIdentityCredential", expected)]


@pytest.mark.parametrize("method", ["managed_identity", "default"])
def test_an_identity_of_its_own_tenant_is_held_to_the_one_asked_for(method: str) -> None:
    given = parameters()
    assert isinstance(
        METHODS[method].credential(signed_in(tenant_id=TENANT_ID), given), TenantBound
    )
    assert not isinstance(METHODS[method].credential(signed_in(tenant_id=None), given), TenantBound)
    with pytest.raises(InvalidInput, match="not the id of a tenant"):
        METHODS[method].credential(signed_in(tenant_id="contoso.com"), given)


@pytest.mark.parametrize(("timeout", "seconds"), [(30.0, 30), (0.5, 1)])
@pytest.mark.parametrize("tenant", ["contoso.com", "", None])
def test_azure_cli(
    constructed: list[Any], tenant: str | None, timeout: float, seconds: int
) -> None:
    METHODS["azure_cli"].credential(signed_in(tenant_id=tenant, timeout=timeout), parameters())
    expected = {"tenant_id": tenant or "", "process_timeout": seconds}
    assert constructed == [("AzureCliCredential", expected)]


def test_default_chain(constructed: list[Any]) -> None:
    METHODS["default"].credential(signed_in(tenant_id=TENANT_ID), parameters())
    expected = {"exclude_interactive_browser_credential": True}
    assert constructed == [("DefaultAzureCredential", expected | OF_A_CHAIN)]


def test_another_authority_and_its_certificate() -> None:
    sign_in = signed_in(ca_path="/ca.pem", is_microsoft=False)
    assert sign_in.of_an_app()["transport"].connection_config.verify == "/ca.pem"
    assert sign_in.of_a_chain()["connection_verify"] == "/ca.pem"
    assert sign_in.of_a_chain()["disable_instance_discovery"] is True


@pytest.mark.parametrize("ca_path", [None, ""])
def test_certificates_are_always_checked(ca_path: str | None) -> None:
    """requests takes an empty path for "do not check"."""
    assert "connection_verify" not in signed_in(ca_path=ca_path).connection()


@pytest.mark.parametrize("nothing", [None, ""])
@pytest.mark.parametrize(
    ("method", "option", "given"),
    [
        ("client_secret", "entra_client_secret", {}),
        ("client_secret", "entra_tenant_id", {"entra_client_secret": SECRET}),
        ("client_secret", "entra_client_id", {"entra_client_secret": SECRET}),
        ("client_certificate", "entra_certificate_path or entra_certificate", {}),
        ("client_certificate", "entra_tenant_id", {"entra_certificate": SECRET}),
        ("client_certificate", "entra_client_id", {"entra_certificate": SECRET}),
        ("workload_identity", "entra_federated_token_file", {}),
        ("workload_identity", "entra_tenant_id", {"entra_federated_token_file": __file__}),
        ("workload_identity", "entra_client_id", {"entra_federated_token_file": __file__}),
    ],
)
def test_a_missing_option_is_named(
    method: str, option: str, given: dict[str, str], nothing: str | None
) -> None:
    sign_in = signed_in(
        tenant_id=nothing if option == "entra_tenant_id" else SIGN_IN.tenant_id,
        client_id=nothing if option == "entra_client_id" else SIGN_IN.client_id,
    )
    with pytest.raises(InvalidInput) as caught:
        METHODS[method].credential(sign_in, parameters(**given))
    assert caught.value.problem == f"entra_auth={method} needs {option}"
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("tenant", ["https://contoso", "a b", "../x", "contoso/..", "ä.example"])
@pytest.mark.parametrize("method", ["client_secret", "client_certificate", "azure_cli"])
def test_a_tenant_that_can_be_none(method: str, tenant: str) -> None:
    given = parameters(entra_client_secret=SECRET, entra_certificate="x")
    with pytest.raises(InvalidInput, match="neither a tenant id nor one of its domain names"):
        METHODS[method].credential(signed_in(tenant_id=tenant), given)


@pytest.mark.parametrize(
    ("method", "option"),
    [
        ("client_certificate", "entra_certificate_path"),
        ("workload_identity", "entra_federated_token_file"),
    ],
)
def test_a_file_that_cannot_be_read(method: str, option: str) -> None:
    with pytest.raises(InvalidInput, match="No such file or directory"):
        METHODS[method].credential(SIGN_IN, parameters(**{option: "/nowhere"}))


Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def certificate(key: Key) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "app")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )


def pem(key: Key, password: str | None) -> bytes:
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password is not None:
        encryption = serialization.BestAvailableEncryption(password.encode())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    ) + certificate(key).public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def app(key: rsa.RSAPrivateKey, tmp_path: Path) -> dict[str, Path]:
    """Files that could be an app's certificate."""
    encryption = serialization.BestAvailableEncryption(PASSWORD.encode())
    contents = {
        "plain.pem": pem(key, None),
        "encrypted.pem": pem(key, PASSWORD),
        "app.pfx": pkcs12.serialize_key_and_certificates(
            b"app", key, certificate(key), None, encryption
        ),
        "elliptic.pem": pem(ec.generate_private_key(ec.SECP256R1()), None),
        "public.pem": certificate(key).public_bytes(serialization.Encoding.PEM),
        "junk": b"-----BEGIN PRIVATE KEY-----\n" + SECRET.encode(),
        "empty": b"",
    }
    paths = {name: tmp_path / name for name in contents}
    for name, content in contents.items():
        paths[name].write_bytes(content)
    return paths


@pytest.mark.parametrize(
    ("file", "password"),
    [
        ("plain.pem", None),
        ("plain.pem", ""),
        ("encrypted.pem", PASSWORD),
        ("app.pfx", PASSWORD),
    ],
)
def test_certificates_that_can_be_used(
    app: dict[str, Path], file: str, password: str | None
) -> None:
    given = parameters(entra_certificate_path=str(app[file]), entra_certificate_password=password)
    credential = METHODS["client_certificate"].credential(SIGN_IN, given)
    assert isinstance(credential, async_identity.CertificateCredential)


@pytest.mark.parametrize(
    ("file", "password"),
    [
        ("plain.pem", PASSWORD),
        ("encrypted.pem", None),
        ("encrypted.pem", ""),
        ("encrypted.pem", "another-password"),
        ("app.pfx", None),
        ("app.pfx", "another-password"),
        ("elliptic.pem", None),
        ("public.pem", None),
        ("junk", None),
        ("empty", None),
    ],
)
def test_certificates_that_cannot_be_used(
    app: dict[str, Path], file: str, password: str | None
) -> None:
    given = parameters(entra_certificate_path=str(app[file]), entra_certificate_password=password)
    with pytest.raises(InvalidInput, match="The app's certificate cannot be used") as caught:
        METHODS["client_certificate"].credential(SIGN_IN, given)
    told = str(caught.value)
    assert caught.value.subject == str(app[file])
    assert SECRET not in told
    assert "another-password" not in told


def test_a_certificate_given_as_text_is_named_by_its_option() -> None:
    with pytest.raises(InvalidInput) as caught:
        METHODS["client_certificate"].credential(SIGN_IN, parameters(entra_certificate=SECRET))
    assert caught.value.subject == "entra_certificate"
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("method", METHODS)
def test_real_credentials_are_made_without_network(
    method: str, app: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(*_arguments: object) -> None:
        raise AssertionError("no network yet")

    monkeypatch.setattr("socket.socket.connect", connect)
    given = parameters(
        entra_client_secret=SECRET,
        entra_certificate_path=str(app["plain.pem"]),
        entra_federated_token_file=str(app["junk"]),
    )
    credential = METHODS[method].credential(
        signed_in(
            tenant_id=TENANT_ID, authority="https://localhost:1", ca_path=str(app["public.pem"])
        ),
        given,
    )
    assert callable(credential.get_token)


def test_choices_are_the_methods() -> None:
    assert ENTRA_ARGUMENTS.options["entra_auth"]["choices"] == list(METHODS)
