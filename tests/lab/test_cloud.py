# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulated cloud, driven with the real azure-identity and msgraph-sdk, and raw for refusals.

The tests start a cloud of their own; the lab need not be up.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import socket
import ssl
import stat
import subprocess
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
import trustme
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.identity import (
    CertificateCredential,
    ClientAssertionCredential,
    ClientSecretCredential,
)
from azure.identity.aio import ClientSecretCredential as AsyncClientSecretCredential
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from msgraph.generated.models.email_authentication_method_configuration import (
    EmailAuthenticationMethodConfiguration,
)
from msgraph.generated.models.external_email_otp_state import ExternalEmailOtpState
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph.graph_service_client import GraphServiceClient
from msgraph_core import GraphClientFactory

from .openapi import GraphDescription, find_reference

ROOT = Path(__file__).resolve().parents[2]
EMAIL = "/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email"
EMAIL_TYPE = "#microsoft.graph.emailAuthenticationMethodConfiguration"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

FABRIKAM = "0f0f0f0f-1111-4111-8111-000000000002"
CONTOSO = "0f0f0f0f-1111-4111-8111-000000000003"
CLIENT = "aaaaaaaa-2222-4222-8222-000000000001"
READER = "aaaaaaaa-2222-4222-8222-000000000002"
SECRET = "the-secret-of-fabrikam~1"
READER_SECRET = "the-secret-of-contoso~1"
CONTROL_KEY = "control-key-of-the-tests"
FULL = ["Policy.ReadWrite.AuthenticationMethod", "Organization.Read.All"]


@dataclass
class Identity:
    """A key with a self-signed certificate, as an application registration holds one."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @property
    def certificate_pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()

    @property
    def public_key_pem(self) -> str:
        return (
            self.key.public_key()
            .public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            .decode()
        )


def make_identity(name: str) -> Identity:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    return Identity(key, certificate)


@dataclass
class OwnCloud:
    """A running cloud of the tests, and everything needed to talk to it."""

    folder: Path
    port: int
    certificate: Identity
    issuer: Identity
    process: subprocess.Popen[bytes] | None = None
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def ca_path(self) -> str:
        return str(self.folder / "ca.pem")

    @property
    def state_file(self) -> Path:
        return self.folder / "state.json"

    def start(self) -> None:
        command = [sys.executable, "-m", "lab.cloud", "--config", str(self.folder / "config.json")]
        self.process = subprocess.Popen(command, cwd=ROOT)
        deadline = time.monotonic() + 20
        while True:
            assert self.process.poll() is None, "the cloud ended at its start"
            try:
                if self.http("GET", "/_lab/ready").json() == {"ready": True}:
                    return
            except httpx.ConnectError:
                assert time.monotonic() < deadline, "the cloud did not get ready"
                time.sleep(0.05)

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        assert self.process.wait(timeout=10) in (0, -15)

    def http(self, method: str, path: str, **options: Any) -> httpx.Response:
        return httpx.request(method, self.url + path, verify=self.context, timeout=10, **options)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"X-Lab-Control": CONTROL_KEY}
        response = self.http(method, f"/_lab/{path}", headers=headers, json=body)
        assert response.is_success, response.text
        return response.json() if response.content else None

    def chaos(self, kind: str, **order: Any) -> None:
        self.control("POST", "chaos", {"kind": kind, **order})

    def truth(self, tenant: str) -> Any:
        return self.control("GET", "state")["tenants"][tenant]

    def requests(self) -> list[Any]:
        entries: list[Any] = self.control("GET", "requests")["requests"]
        return entries

    def sign_in(self, tenant: str = FABRIKAM, **changes: str | None) -> httpx.Response:
        form = {
            "grant_type": "client_credentials",
            "client_id": CLIENT,
            "client_secret": SECRET,
            "scope": f"{self.url}/.default",
        }
        kept = {name: value for name, value in {**form, **changes}.items() if value is not None}
        return self.http("POST", f"/{tenant}/oauth2/v2.0/token", data=kept)

    def token(self, tenant: str = FABRIKAM) -> str:
        reader = {"client_id": READER, "client_secret": READER_SECRET}
        response = self.sign_in(tenant, **(reader if tenant == CONTOSO else {}))
        assert response.status_code == 200, response.text
        token: str = response.json()["access_token"]
        return token

    def graph(
        self, method: str, path: str, tenant: str = FABRIKAM, **options: Any
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token(tenant)}", **options.pop("headers", {})}
        return self.http(method, path, headers=headers, **options)

    def patch_email(self, value: str, **options: Any) -> httpx.Response:
        body = {"@odata.type": EMAIL_TYPE, "allowExternalIdToUseEmailOtp": value}
        return self.graph("PATCH", EMAIL, json=body, **options)

    def email(self) -> Any:
        return self.graph("GET", EMAIL).json()["allowExternalIdToUseEmailOtp"]

    def credential_options(self) -> dict[str, Any]:
        return {
            "authority": self.url,
            "disable_instance_discovery": True,
            "connection_verify": self.ca_path,
            "retry_total": 0,
        }

    def secret_credential(self) -> ClientSecretCredential:
        return ClientSecretCredential(FABRIKAM, CLIENT, SECRET, **self.credential_options())

    def scope(self) -> str:
        return f"{self.url}/.default"

    def with_sdk(
        self,
        work: Callable[[GraphServiceClient], Awaitable[Any]],
        exchanges: list[httpx.Response] | None = None,
    ) -> Any:
        """Run the work with a client of msgraph-sdk; collect every answer it gets."""

        async def collect(response: httpx.Response) -> None:
            await response.aread()
            if exchanges is not None:
                exchanges.append(response)

        async def run() -> Any:
            http = httpx.AsyncClient(verify=self.context, event_hooks={"response": [collect]})
            http = GraphClientFactory.create_with_default_middleware(client=http)
            provider = AzureIdentityAuthenticationProvider(
                self.secret_credential(),
                scopes=[self.scope()],
                allowed_hosts=["localhost"],
            )
            adapter = GraphRequestAdapter(provider, client=http)
            adapter.base_url = f"{self.url}/v1.0"
            try:
                return await work(GraphServiceClient(request_adapter=adapter))
            finally:
                await http.aclose()

        return asyncio.run(run())


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def configuration(cloud: OwnCloud) -> dict[str, Any]:
    return {
        "address": "127.0.0.1",
        "port": cloud.port,
        "certificate": str(cloud.folder / "server.pem"),
        "private_key": str(cloud.folder / "server.key"),
        "state_file": str(cloud.state_file),
        "control_key": CONTROL_KEY,
        "dns": {"address": "127.0.0.1", "port": 5353},
        "tenants": {
            "fabrikam": {
                "tenant_id": FABRIKAM,
                "initial_domain": "fabrikam.onmicrosoft.test",
                "display_name": "Fabrikam AB",
                "email_otp": "disabled",
                "app": {
                    "client_id": CLIENT,
                    "client_secret": SECRET,
                    "certificate_pem": cloud.certificate.certificate_pem,
                    "permissions": FULL,
                    "federated_credentials": [
                        {
                            "issuer": "https://token.actions.example.test",
                            "subject": "repo:fabrikam/ops:ref:refs/heads/main",
                            "audience": "api://AzureADTokenExchange",
                            "public_key_pem": cloud.issuer.public_key_pem,
                        }
                    ],
                },
            },
            "contoso": {
                "tenant_id": CONTOSO,
                "initial_domain": "contoso.onmicrosoft.test",
                "display_name": "Contoso GmbH",
                "app": {
                    "client_id": READER,
                    "client_secret": READER_SECRET,
                    "permissions": ["Policy.Read.AuthenticationMethod"],
                },
            },
        },
    }


@pytest.fixture(scope="module")
def running_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnCloud]:
    folder = tmp_path_factory.mktemp("cloud")
    cloud = OwnCloud(folder, free_port(), make_identity("app"), make_identity("issuer"))
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    server = authority.issue_cert("localhost", "127.0.0.1")
    server.private_key_pem.write_to_path(str(folder / "server.key"))
    for blob in server.cert_chain_pems:
        blob.write_to_path(str(folder / "server.pem"), append=True)
    cloud.context.load_verify_locations(cloud.ca_path)
    (folder / "config.json").write_text(json.dumps(configuration(cloud)))
    cloud.start()
    yield cloud
    cloud.stop()


@pytest.fixture
def cloud(running_cloud: OwnCloud) -> OwnCloud:
    running_cloud.control("POST", "reset")
    return running_cloud


@pytest.fixture(scope="module")
def description() -> GraphDescription:
    folder = find_reference()
    if folder is None:
        pytest.skip(
            "NOT VALIDATED AGAINST MICROSOFT'S OPENAPI: set TENANTOPS_REFERENCE to the folder with "
            "graph-openapi.yaml and graph-openapi-supplement.yaml"
        )
    return GraphDescription(folder)


def email_builder(client: GraphServiceClient) -> Any:
    configurations = (
        client.policies.authentication_methods_policy.authentication_method_configurations
    )
    return configurations.by_authentication_method_configuration_id("email")


# Sign-in


def test_a_secret_signs_in(cloud: OwnCloud) -> None:
    token: AccessToken = cloud.secret_credential().get_token(cloud.scope())
    claims = jwt.decode(token.token, options={"verify_signature": False})
    assert claims["aud"] == cloud.url
    assert claims["tid"] == FABRIKAM
    assert claims["appid"] == CLIENT
    assert claims["roles"] == FULL
    assert 3500 < token.expires_on - time.time() <= 3600


def test_the_async_credential_signs_in(cloud: OwnCloud) -> None:
    async def sign_in() -> str:
        async with AsyncClientSecretCredential(
            FABRIKAM, CLIENT, SECRET, **cloud.credential_options()
        ) as credential:
            return (await credential.get_token(cloud.scope())).token

    assert asyncio.run(sign_in())


@pytest.mark.parametrize("tenant", [FABRIKAM, "fabrikam.onmicrosoft.test"])
def test_a_certificate_signs_in(cloud: OwnCloud, tenant: str) -> None:
    pem = cloud.certificate.key_pem + cloud.certificate.certificate_pem
    credential = CertificateCredential(
        tenant, CLIENT, certificate_data=pem.encode(), **cloud.credential_options()
    )
    claims = jwt.decode(
        credential.get_token(cloud.scope()).token, options={"verify_signature": False}
    )
    assert claims["appidacr"] == "2"


def federated_assertion(cloud: OwnCloud, **changes: Any) -> str:
    claims = {
        "iss": "https://token.actions.example.test",
        "sub": "repo:fabrikam/ops:ref:refs/heads/main",
        "aud": "api://AzureADTokenExchange",
        "exp": int(time.time()) + 300,
    }
    return jwt.encode({**claims, **changes}, cloud.issuer.key, algorithm="RS256")


def test_a_federated_assertion_signs_in(cloud: OwnCloud) -> None:
    credential = ClientAssertionCredential(
        FABRIKAM, CLIENT, lambda: federated_assertion(cloud), **cloud.credential_options()
    )
    assert credential.get_token(cloud.scope()).token


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"iss": "https://elsewhere.example.test"}, 700211),
        ({"aud": "api://elsewhere"}, 700212),
        ({"sub": "repo:fabrikam/ops:ref:refs/heads/other"}, 700213),
        ({"exp": 1_700_000_000}, 700024),
    ],
)
def test_other_federated_assertions_are_refused(
    cloud: OwnCloud, changes: dict[str, Any], number: int
) -> None:
    response = sign_in_with_assertion(cloud, federated_assertion(cloud, **changes))
    assert response.json()["error_codes"] == [number]


def test_the_published_keys_verify_the_token(cloud: OwnCloud) -> None:
    discovery = cloud.http("GET", f"/{FABRIKAM}/v2.0/.well-known/openid-configuration").json()
    assert discovery["token_endpoint"] == f"{cloud.url}/{FABRIKAM}/oauth2/v2.0/token"
    keys = jwt.PyJWKSet.from_dict(httpx.get(discovery["jwks_uri"], verify=cloud.context).json())
    token = cloud.token()
    key = keys[jwt.get_unverified_header(token)["kid"]]
    assert jwt.decode(token, key, audience=cloud.url)["tid"] == FABRIKAM


@pytest.mark.parametrize(
    ("tenant", "changes", "status", "error", "number"),
    [
        (FABRIKAM, {"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        (FABRIKAM, {"client_secret": None}, 401, "invalid_client", 7000218),
        (FABRIKAM, {"client_id": READER}, 400, "unauthorized_client", 700016),
        (FABRIKAM, {"client_id": None}, 400, "invalid_request", 900144),
        (FABRIKAM, {"grant_type": None}, 400, "invalid_request", 900144),
        (FABRIKAM, {"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
        (FABRIKAM, {"scope": None}, 400, "invalid_request", 900144),
        (FABRIKAM, {"scope": "User.Read"}, 400, "invalid_scope", 1002012),
        (FABRIKAM, {"scope": "a/.default b/.default"}, 400, "invalid_scope", 70011),
        (FABRIKAM, {"scope": "https://localhost/.default"}, 400, "invalid_resource", 500011),
        (CONTOSO, {}, 400, "unauthorized_client", 700016),
        (str(uuid.UUID(int=0)), {}, 400, "invalid_request", 90002),
        ("nowhere.test", {}, 400, "invalid_request", 90002),
    ],
)
def test_wrong_sign_ins_are_refused_as_entra_does(
    cloud: OwnCloud,
    tenant: str,
    changes: dict[str, str | None],
    status: int,
    error: str,
    number: int,
) -> None:
    response = cloud.sign_in(tenant, **changes)
    body = response.json()
    assert response.status_code == status
    assert body["error"] == error
    assert body["error_codes"] == [number]
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    for text, name in (("Trace ID", "trace_id"), ("Correlation ID", "correlation_id")):
        assert f"{text}: {body[name]}" in body["error_description"]
    assert f"Timestamp: {body['timestamp']}" in body["error_description"]
    assert SECRET not in response.text


def test_azure_identity_understands_the_refusals(cloud: OwnCloud) -> None:
    wrong = ClientSecretCredential(FABRIKAM, CLIENT, "wrong", **cloud.credential_options())
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        wrong.get_token(cloud.scope())
    nowhere = ClientSecretCredential("nowhere.test", CLIENT, "x", **cloud.credential_options())
    with pytest.raises(ClientAuthenticationError, match=r"nowhere\.test"):
        nowhere.get_token(cloud.scope())


def thumbprints(identity: Identity, *, sha1: bool = False) -> dict[str, str]:
    der = identity.certificate.public_bytes(serialization.Encoding.DER)
    digest = hashlib.sha1(der, usedforsecurity=False) if sha1 else hashlib.sha256(der)
    value = base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=")
    return {"x5t" if sha1 else "x5t#S256": value}


def certificate_assertion(
    cloud: OwnCloud,
    *,
    key: rsa.RSAPrivateKey | None = None,
    headers: dict[str, str] | None = None,
    algorithm: str = "PS256",
    **changes: Any,
) -> str:
    now = int(time.time())
    claims = {
        "iss": CLIENT,
        "sub": CLIENT,
        "aud": f"{cloud.url}/{FABRIKAM}/oauth2/v2.0/token",
        "nbf": now,
        "exp": now + 300,
        "jti": str(uuid.uuid4()),
    }
    return jwt.encode(
        {**claims, **changes},
        key or cloud.certificate.key,
        algorithm=algorithm,
        headers=headers or thumbprints(cloud.certificate),
    )


def sign_in_with_assertion(cloud: OwnCloud, assertion: str) -> httpx.Response:
    return cloud.sign_in(
        client_secret=None, client_assertion=assertion, client_assertion_type=ASSERTION_TYPE
    )


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
@pytest.mark.parametrize("sha1", [True, False])
def test_both_algorithms_and_thumbprints_are_good(
    cloud: OwnCloud, algorithm: str, sha1: bool
) -> None:
    headers = thumbprints(cloud.certificate, sha1=sha1)
    assertion = certificate_assertion(cloud, algorithm=algorithm, headers=headers)
    assert sign_in_with_assertion(cloud, assertion).status_code == 200


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"exp": 1_700_000_000, "nbf": 1_600_000_000}, 700024),
        ({"nbf": 4_000_000_000, "exp": 4_000_000_300}, 700024),
        ({"iss": READER}, 700021),
        ({"sub": READER}, 700021),
        ({"aud": "https://login.example.test/token"}, 700023),
        ({"algorithm": "RS384"}, 700027),
    ],
)
def test_wrong_assertions_are_refused(
    cloud: OwnCloud, changes: dict[str, Any], number: int
) -> None:
    response = sign_in_with_assertion(cloud, certificate_assertion(cloud, **changes))
    assert response.status_code == 401
    assert response.json()["error_codes"] == [number]


def test_an_assertion_of_another_key_is_refused(cloud: OwnCloud) -> None:
    foreign = make_identity("foreign")
    unknown = certificate_assertion(cloud, key=foreign.key, headers=thumbprints(foreign))
    forged = certificate_assertion(cloud, key=foreign.key)
    for assertion in (unknown, forged):
        assert sign_in_with_assertion(cloud, assertion).json()["error_codes"] == [700027]
    assert sign_in_with_assertion(cloud, "no.jwt.atall").json()["error_codes"] == [50027]


def test_a_get_of_the_token_endpoint_is_refused(cloud: OwnCloud) -> None:
    response = cloud.http("GET", f"/{FABRIKAM}/oauth2/v2.0/token")
    assert response.json()["error_codes"] == [900561]


# Graph through the SDK


def test_the_sdk_reads_and_writes_the_email_method(cloud: OwnCloud) -> None:
    before = cloud.truth("fabrikam")["email_method"]

    async def work(client: GraphServiceClient) -> tuple[Any, Any]:
        builder = email_builder(client)
        first = await builder.get()
        change = EmailAuthenticationMethodConfiguration(
            allow_external_id_to_use_email_otp=ExternalEmailOtpState.Enabled
        )
        assert await builder.patch(change) is None
        return first, await builder.get()

    first, second = cloud.with_sdk(work)
    assert isinstance(first, EmailAuthenticationMethodConfiguration)
    assert first.id == "Email"
    assert first.allow_external_id_to_use_email_otp == ExternalEmailOtpState.Disabled
    assert second.allow_external_id_to_use_email_otp == ExternalEmailOtpState.Enabled
    # Only what was sent has changed.
    expected = {**before, "allow_external_id_to_use_email_otp": "enabled"}
    assert cloud.truth("fabrikam")["email_method"] == expected
    assert cloud.truth("contoso")["email_method"]["allow_external_id_to_use_email_otp"] == "default"


def test_the_sdk_reads_the_organization(cloud: OwnCloud) -> None:
    async def work(client: GraphServiceClient) -> Any:
        return await client.organization.get()

    [organization] = cloud.with_sdk(work).value
    assert organization.id == FABRIKAM
    assert organization.display_name == "Fabrikam AB"
    assert [domain.name for domain in organization.verified_domains] == [
        "fabrikam.onmicrosoft.test"
    ]


def test_the_sdk_understands_a_refusal(cloud: OwnCloud) -> None:
    cloud.control("PUT", "state/tenants/fabrikam/application/permissions", [])

    async def work(client: GraphServiceClient) -> Any:
        return await email_builder(client).get()

    with pytest.raises(ODataError) as caught:
        cloud.with_sdk(work)
    error = caught.value
    assert error.response_status_code == 403
    assert error.error is not None
    assert error.error.code == "Authorization_RequestDenied"
    assert error.error.inner_error is not None
    assert error.error.inner_error.request_id
    assert error.error.inner_error.client_request_id


def test_the_sdk_waits_as_told(cloud: OwnCloud) -> None:
    cloud.chaos("throttle", count=1, retry_after=1)

    async def work(client: GraphServiceClient) -> Any:
        return await email_builder(client).get()

    started = time.monotonic()
    assert cloud.with_sdk(work).id == "Email"
    assert time.monotonic() - started >= 1


# Graph against Microsoft's description


def exchange_problems(description: GraphDescription, response: httpx.Response) -> list[str]:
    request = response.request
    return description.problems(
        request.method,
        str(request.url),
        json.loads(request.content) if request.content else None,
        response.status_code,
        response.json() if response.content else None,
    )


def test_the_sdk_and_the_cloud_talk_as_described(
    cloud: OwnCloud, description: GraphDescription
) -> None:
    exchanges: list[httpx.Response] = []

    async def work(client: GraphServiceClient) -> None:
        builder = email_builder(client)
        configuration = await builder.get()
        await builder.patch(configuration)
        await client.organization.get()
        await client.organization.by_organization_id(FABRIKAM).get()

    cloud.with_sdk(work, exchanges)
    assert [exchange.status_code for exchange in exchanges] == [200, 204, 200, 200]
    for exchange in exchanges:
        assert exchange_problems(description, exchange) == []


def test_refusals_are_as_described(cloud: OwnCloud, description: GraphDescription) -> None:
    for response in (
        cloud.http("GET", EMAIL),
        cloud.graph("GET", f"{EMAIL}?$select=nonsense"),
        cloud.graph("GET", "/v1.0/organization", tenant=CONTOSO),
        cloud.graph("GET", f"/v1.0/organization/{CONTOSO}"),
    ):
        assert response.status_code >= 400
        assert exchange_problems(description, response) == []


def test_the_description_finds_what_is_wrong(description: GraphDescription) -> None:
    good = {"@odata.type": EMAIL_TYPE, "allowExternalIdToUseEmailOtp": "enabled"}
    for body in (
        {**good, "allowExternalIdToUseEmailOtp": "perhaps"},
        {**good, "surprise": 1},
        {**good, "includeTargets": [{"surprise": 1}]},
    ):
        assert description.problems("PATCH", f"https://localhost{EMAIL}", body, 204, None)
    assert not description.problems("PATCH", f"https://localhost{EMAIL}", good, 204, None)
    assert description.problems("GET", f"https://localhost{EMAIL}?$top=1", None, 200, good)
    assert description.problems("GET", "https://localhost/v1.0/nowhere", None, 200, {})


# Graph's refusals


def test_every_answer_carries_the_ids(cloud: OwnCloud) -> None:
    client_request_id = str(uuid.uuid4())
    headers = {"client-request-id": client_request_id}
    good = cloud.graph("GET", EMAIL, headers=headers)
    bad = cloud.graph("GET", "/v1.0/nowhere", headers=headers)
    for response in (good, bad):
        assert response.headers["client-request-id"] == client_request_id
        assert str(uuid.UUID(response.headers["request-id"])) == response.headers["request-id"]
        assert response.headers["date"]
        assert json.loads(response.headers["x-ms-ags-diagnostic"])["ServerInfo"]
    inner = bad.json()["error"]["innerError"]
    assert inner["client-request-id"] == client_request_id
    assert inner["request-id"] == bad.headers["request-id"]
    assert inner["date"]


def forged_token(cloud: OwnCloud, key: Any = None, **changes: Any) -> str:
    claims = jwt.decode(cloud.token(), options={"verify_signature": False})
    signing_key = json.loads(cloud.state_file.read_text())["signing_key"]
    return jwt.encode({**claims, **changes}, key or signing_key, algorithm="RS256")


def test_tokens_are_verified(cloud: OwnCloud) -> None:
    tokens = {
        "": "empty",
        "Basic dXNlcjpwYXNz": "empty",
        "Bearer garbage": "80049217",
        f"Bearer {forged_token(cloud, exp=1_700_000_000)}": "expired",
        f"Bearer {forged_token(cloud, nbf=4_000_000_000)}": "Lifetime",
        f"Bearer {forged_token(cloud, aud='https://graph.example.test')}": "Invalid audience",
        f"Bearer {forged_token(cloud, tid=str(uuid.UUID(int=0)))}": "Invalid tenant",
        f"Bearer {forged_token(cloud, key=make_identity('foreign').key)}": "Invalid signature",
    }
    for authorization, text in tokens.items():
        response = cloud.http("GET", EMAIL, headers={"Authorization": authorization})
        assert response.status_code == 401
        assert response.json()["error"]["code"] == "InvalidAuthenticationToken"
        assert text in response.json()["error"]["message"]
        assert response.headers["www-authenticate"].startswith("Bearer")
    assert (
        cloud.http(
            "GET", EMAIL, headers={"Authorization": f"Bearer {forged_token(cloud)}"}
        ).status_code
        == 200
    )


def test_permissions_are_checked_for_each_operation(cloud: OwnCloud) -> None:
    assert cloud.graph("GET", EMAIL, tenant=CONTOSO).status_code == 200
    body = {"@odata.type": EMAIL_TYPE, "allowExternalIdToUseEmailOtp": "enabled"}
    for response in (
        cloud.graph("PATCH", EMAIL, tenant=CONTOSO, json=body),
        cloud.graph("GET", "/v1.0/organization", tenant=CONTOSO),
    ):
        assert response.status_code == 403
        assert response.json()["error"]["code"] == "Authorization_RequestDenied"
    assert cloud.truth("contoso")["email_method"]["allow_external_id_to_use_email_otp"] == "default"


@pytest.mark.parametrize(
    ("method", "path", "status", "code", "text"),
    [
        ("GET", "/v1.0/nowhere", 400, "BadRequest", "segment 'nowhere'"),
        ("GET", "/v1.0/policies/nowhere/x", 400, "BadRequest", "segment 'nowhere'"),
        ("GET", "/beta/organization", 400, "BadRequest", "Invalid version: beta"),
        ("GET", EMAIL.replace("email", "fido2"), 404, "Request_ResourceNotFound", "'fido2'"),
        ("GET", f"/v1.0/organization/{CONTOSO}", 404, "Request_ResourceNotFound", CONTOSO),
        ("DELETE", "/v1.0/organization", 405, "Request_BadRequest", "method is not allowed"),
        ("POST", EMAIL, 405, "Request_BadRequest", "method is not allowed"),
        ("GET", f"{EMAIL}?$select=id,nonsense", 400, "BadRequest", "'nonsense'"),
        ("GET", f"{EMAIL}?$filter=x", 400, "Request_UnsupportedQuery", "$filter"),
    ],
)
def test_what_is_not_there_is_refused(
    cloud: OwnCloud, method: str, path: str, status: int, code: str, text: str
) -> None:
    response = cloud.graph(method, path)
    assert response.status_code == status
    assert response.json()["error"]["code"] == code
    assert text in response.json()["error"]["message"]


def test_a_wrong_consistency_level_is_refused(cloud: OwnCloud) -> None:
    path = "/v1.0/organization"
    assert cloud.graph("GET", path, headers={"ConsistencyLevel": "eventual"}).status_code == 200
    assert cloud.graph("GET", path, headers={"ConsistencyLevel": "strong"}).status_code == 400


def test_select_and_case(cloud: OwnCloud) -> None:
    path = EMAIL.upper().replace("/V1.0", "/v1.0")
    body = cloud.graph("GET", f"{path}?$select=id,allowExternalIdToUseEmailOtp").json()
    assert {name for name in body if not name.startswith("@")} == {
        "id",
        "allowExternalIdToUseEmailOtp",
    }
    assert body["@odata.type"] == EMAIL_TYPE


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"allowExternalIdToUseEmailOtp": "enabled"}, "@odata.type"),
        ({}, "@odata.type"),
        ({"@odata.type": "#microsoft.graph.fido2AuthenticationMethodConfiguration"}, "fido2"),
        ({"@odata.type": EMAIL_TYPE, "surprise": True}, "'surprise'"),
        ({"@odata.type": EMAIL_TYPE, "allowExternalIdToUseEmailOtp": "on"}, "'on'"),
        ({"@odata.type": EMAIL_TYPE, "allowExternalIdToUseEmailOtp": None}, "'None'"),
        (
            {"@odata.type": EMAIL_TYPE, "allowExternalIdToUseEmailOtp": "unknownFutureValue"},
            "unknownFutureValue",
        ),
        ({"@odata.type": EMAIL_TYPE, "state": "default"}, "'state'"),
        ({"@odata.type": EMAIL_TYPE, "id": "Other"}, "'id'"),
        ({"@odata.type": EMAIL_TYPE, "id": None}, "'id'"),
        ({"@odata.type": EMAIL_TYPE, "includeTargets": "all_users"}, "'includeTargets'"),
        ({"@odata.type": EMAIL_TYPE, "includeTargets": [{"id": "x"}]}, "targetType"),
        (
            {"@odata.type": EMAIL_TYPE, "excludeTargets": [{"id": "x", "targetType": "all"}]},
            "targetType",
        ),
        (
            {
                "@odata.type": EMAIL_TYPE,
                "allowExternalIdToUseEmailOtp": "enabled",
                "excludeTargets": [{"id": "x", "targetType": "user", "surprise": 1}],
            },
            "'surprise'",
        ),
        ([], "JSON object"),
    ],
)
def test_wrong_bodies_are_refused_and_change_nothing(cloud: OwnCloud, body: Any, text: str) -> None:
    before = cloud.truth("fabrikam")
    response = cloud.graph("PATCH", EMAIL, json=body)
    assert response.status_code == 400
    assert text in response.json()["error"]["message"]
    assert cloud.truth("fabrikam") == before


def test_a_body_has_to_be_declared_json(cloud: OwnCloud) -> None:
    body = json.dumps({"@odata.type": EMAIL_TYPE, "state": "disabled"}).encode()
    undeclared = cloud.graph("PATCH", EMAIL, content=body)
    text = cloud.graph("PATCH", EMAIL, content=body, headers={"Content-Type": "text/plain"})
    broken = cloud.graph(
        "PATCH", EMAIL, content=body[:-1], headers={"Content-Type": "application/json"}
    )
    assert [answer.status_code for answer in (undeclared, text, broken)] == [400, 415, 400]
    assert cloud.truth("fabrikam")["email_method"]["state"] == "enabled"


def test_targets_are_replaced(cloud: OwnCloud) -> None:
    group = str(uuid.uuid4())
    body = {
        "@odata.type": EMAIL_TYPE,
        "includeTargets": [
            {
                "@odata.type": "#microsoft.graph.authenticationMethodTarget",
                "id": group,
                "targetType": "group",
            }
        ],
        "excludeTargets": [],
    }
    assert cloud.graph("PATCH", EMAIL, json=body).status_code == 204
    answer = cloud.graph("GET", EMAIL).json()
    assert answer["includeTargets"] == [
        {"id": group, "targetType": "group", "isRegistrationRequired": False}
    ]
    assert answer["excludeTargets"] == []


# Faults


def test_throttling_with_and_without_a_time(cloud: OwnCloud) -> None:
    for retry_after in (7, 600, None):
        cloud.chaos("throttle", count=2, retry_after=retry_after)
        for _time in range(2):
            response = cloud.graph("GET", EMAIL)
            assert response.status_code == 429
            assert response.json()["error"]["code"] == "TooManyRequests"
            expected = None if retry_after is None else str(retry_after)
            assert response.headers.get("retry-after") == expected
        assert cloud.graph("GET", EMAIL).status_code == 200


def test_a_fault_hits_only_the_requests_it_is_for(cloud: OwnCloud) -> None:
    cloud.chaos("failure", status=503, tenant="contoso", method="get", path="*/EMAIL", skip=1)
    assert cloud.graph("GET", EMAIL).status_code == 200
    statuses = [cloud.graph("GET", EMAIL, tenant=CONTOSO).status_code for _time in range(3)]
    assert statuses == [200, 503, 503]
    assert cloud.graph("GET", "/v1.0/organization", tenant=CONTOSO).status_code == 403
    cloud.control("DELETE", "chaos")
    assert cloud.graph("GET", EMAIL, tenant=CONTOSO).status_code == 200


def test_faults_come_one_after_the_other(cloud: OwnCloud) -> None:
    cloud.chaos("throttle", count=1)
    cloud.chaos("conflict", count=1)
    statuses = [cloud.graph("GET", EMAIL).status_code for _time in range(3)]
    assert statuses == [429, 409, 200]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("empty_body", [True, False])
def test_server_errors(cloud: OwnCloud, status: int, empty_body: bool) -> None:
    cloud.chaos("failure", count=1, status=status, empty_body=empty_body)
    response = cloud.patch_email("enabled")
    assert response.status_code == status
    assert bool(response.content) is not empty_body
    assert cloud.email() == "disabled"


def test_a_conflict_writes_nothing(cloud: OwnCloud) -> None:
    cloud.chaos("conflict", count=1, method="PATCH")
    response = cloud.patch_email("enabled")
    assert response.status_code == 409
    assert response.json()["error"]["code"] == "Directory_ConcurrencyViolation"
    assert cloud.email() == "disabled"
    assert cloud.patch_email("enabled").status_code == 204


@pytest.mark.parametrize(("when", "value"), [("before", "disabled"), ("after", "enabled")])
def test_a_dropped_connection(cloud: OwnCloud, when: str, value: str) -> None:
    cloud.chaos("drop", count=1, when=when, method="PATCH")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        cloud.patch_email("enabled")
    truth = cloud.truth("fabrikam")["email_method"]
    assert truth["allow_external_id_to_use_email_otp"] == value
    [dropped] = [entry for entry in cloud.requests() if entry["method"] == "PATCH"]
    assert dropped["status"] is None
    assert dropped["faults"] == ["drop"]


def test_a_write_that_replicates_late(cloud: OwnCloud) -> None:
    cloud.chaos("lag", seconds=1)
    assert cloud.patch_email("enabled").status_code == 204
    written = time.monotonic()
    assert cloud.email() == "disabled"
    truth = cloud.truth("fabrikam")["email_method"]
    assert truth["allow_external_id_to_use_email_otp"] == "enabled"
    while cloud.email() == "disabled":
        assert time.monotonic() - written < 5
        time.sleep(0.05)
    assert time.monotonic() - written >= 0.9


def test_a_slow_answer(cloud: OwnCloud) -> None:
    token = cloud.token()
    cloud.chaos("slow", seconds=0.6)
    started = time.monotonic()
    response = cloud.http("GET", EMAIL, headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 200
    assert time.monotonic() - started >= 0.6


def test_altered_answers(cloud: OwnCloud) -> None:
    link = "https://evil.example.test/v1.0/organization?$skiptoken=x"
    cloud.chaos("answer", count=1, set={"allowExternalIdToUseEmailOtp": "sometimes"})
    assert cloud.email() == "sometimes"
    cloud.chaos("answer", count=1, remove=["@odata.type"])
    assert "@odata.type" not in cloud.graph("GET", EMAIL).json()
    cloud.chaos("answer", count=1, raw="<html>Bad gateway</html>")
    assert cloud.graph("GET", EMAIL).text == "<html>Bad gateway</html>"
    cloud.chaos("answer", count=1, set={"@odata.nextLink": link})
    assert cloud.graph("GET", "/v1.0/organization").json()["@odata.nextLink"] == link
    assert cloud.email() == "disabled"


def test_a_broken_token_endpoint(cloud: OwnCloud) -> None:
    cloud.chaos("failure", endpoint="token", count=1, status=500)
    with pytest.raises(HttpResponseError):
        cloud.secret_credential().get_token(cloud.scope())
    cloud.chaos("throttle", endpoint="token", count=1, retry_after=3, tenant="fabrikam")
    throttled = cloud.sign_in()
    assert throttled.status_code == 429
    assert throttled.headers["retry-after"] == "3"
    cloud.chaos("drop", endpoint="token", count=1)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        cloud.sign_in()
    cloud.chaos("failure", endpoint="token", count=1, status=502, empty_body=True)
    assert cloud.sign_in().content == b""
    cloud.chaos("answer", endpoint="token", count=1, raw="<html></html>")
    assert cloud.sign_in().text == "<html></html>"
    assert cloud.sign_in().status_code == 200


@pytest.mark.parametrize(
    "order",
    [
        {"kind": "nonsense"},
        {"kind": "slow"},
        {"kind": "throttle", "surprise": 1},
        {"kind": "throttle", "count": "two"},
        {"kind": "throttle", "count": 0},
        {"kind": "failure", "status": 418},
        {"kind": "lag", "seconds": 1, "endpoint": "token"},
        [],
    ],
)
def test_orders_not_understood_are_refused(cloud: OwnCloud, order: Any) -> None:
    headers = {"X-Lab-Control": CONTROL_KEY}
    assert cloud.http("POST", "/_lab/chaos", headers=headers, json=order).status_code == 400
    assert cloud.control("GET", "chaos") == {"faults": []}


# The lab's own door


def test_the_control_key_is_needed(cloud: OwnCloud) -> None:
    for method, path in (
        ("GET", "state"),
        ("PUT", "state/tenants/fabrikam/display_name"),
        ("POST", "reset"),
        ("GET", "chaos"),
        ("POST", "chaos"),
        ("DELETE", "chaos"),
        ("GET", "requests"),
        ("DELETE", "requests"),
    ):
        for headers in ({}, {"X-Lab-Control": "wrong"}):
            assert cloud.http(method, f"/_lab/{path}", headers=headers).status_code == 403


def test_the_truth_can_be_set_behind_the_api(cloud: OwnCloud) -> None:
    path = "state/tenants/fabrikam/email_method/allow_external_id_to_use_email_otp"
    cloud.control("PUT", path, "default")
    assert cloud.email() == "default"
    headers = {"X-Lab-Control": CONTROL_KEY}
    wrong = cloud.http("PUT", f"/_lab/{path}", headers=headers, json="sometimes")
    missing = cloud.http("PUT", "/_lab/state/tenants/nobody/x", headers=headers, json="x")
    assert (wrong.status_code, missing.status_code) == (400, 404)
    assert cloud.email() == "default"


def test_a_changed_secret_counts_at_once(cloud: OwnCloud) -> None:
    cloud.control("PUT", "state/tenants/fabrikam/application/client_secret", "another")
    assert cloud.sign_in().json()["error_codes"] == [7000215]
    assert cloud.sign_in(client_secret="another").status_code == 200


def test_the_request_log_keeps_no_secrets(cloud: OwnCloud) -> None:
    token = cloud.token()
    cloud.http("GET", EMAIL, headers={"Authorization": f"Bearer {token}"})
    cloud.http("GET", f"{EMAIL}?$select=id")
    entries = cloud.requests()
    assert [
        (entry["method"], entry["status"], entry["authorization"], entry["tenant"])
        for entry in entries
    ] == [
        ("POST", 200, False, "fabrikam"),
        ("GET", 200, True, "fabrikam"),
        ("GET", 401, False, None),
    ]
    assert entries[2]["path"] == EMAIL
    assert entries[2]["query"] == "$select=id"
    shown = json.dumps([entries, cloud.control("GET", "state")])
    assert token not in shown
    assert SECRET not in shown
    assert "PRIVATE KEY" not in shown
    cloud.control("DELETE", "requests")
    assert cloud.requests() == []


def test_a_restart_keeps_the_state_and_reset_brings_the_seed(cloud: OwnCloud) -> None:
    token = cloud.token()
    assert cloud.patch_email("enabled").status_code == 204
    cloud.stop()
    cloud.start()
    headers = {"Authorization": f"Bearer {token}"}
    answer = cloud.http("GET", EMAIL, headers=headers).json()
    assert answer["allowExternalIdToUseEmailOtp"] == "enabled"
    assert stat.S_IMODE(cloud.state_file.stat().st_mode) == 0o600
    cloud.control("POST", "reset")
    assert cloud.email() == "disabled"


def test_a_bad_configuration_ends_with_one_line(tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text('{"address": "127.0.0.1"}')
    command = [sys.executable, "-m", "lab.cloud", "--config", str(config)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "port" in ended.stderr
    assert "Traceback" not in ended.stderr
