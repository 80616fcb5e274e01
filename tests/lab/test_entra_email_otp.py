# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""entra_email_otp against the simulated cloud, with the real SDK, and with all that goes wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Outcome
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    AuthenticationFailed,
    ConnectionFailed,
    InvalidInput,
    NotAsWritten,
    NotTrusted,
    NotUnderstood,
    Refused,
    StillInUse,
    TenantopsError,
)
from ansible_collections.tenantops.migration.plugins.modules.change_rollback import (
    OPERATION as ROLLBACK,
)
from ansible_collections.tenantops.migration.plugins.modules.entra_email_otp import OPERATION
from lab.description import Description

from .openapi import GraphDescription, find_reference
from .policy_administrator import PolicyAdministrator
from .truth import Truth

TENANT = "contoso"
EMAIL = "*/email"


@dataclass(frozen=True)
class Administrator:
    """Somebody with the options of one tenant, and a look behind the cloud."""

    lab: Description
    truth: Truth

    def options(self, **others: Any) -> dict[str, Any]:
        tenant, cloud = self.lab.tenants[TENANT], self.lab.cloud
        options = {
            "entra_tenant_id": tenant["tenant_id"],
            "entra_client_id": tenant["client_id"],
            "entra_client_secret": tenant["client_secret"],
            "entra_graph_url": cloud["graph_url"],
            "entra_authority": cloud["authority"],
            "entra_ca_path": self.lab.ca_file,
            "entra_timeout": 5,
            "entra_retry_time": 5,
            **others,
        }
        return {name: value for name, value in options.items() if value is not None}

    def set_to(self, guests: str, *, check_mode: bool = False, **others: Any) -> Outcome:
        """Run the module's runner as either door does."""
        arguments = OPERATION.arguments
        validator = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints())
        validated = validator.validate({"guests": guests, **self.options(**others)})
        assert not validated.error_messages, validated.error_messages
        return OPERATION.run(validated.validated_parameters, check_mode)

    def now(self) -> str:
        return self.truth.email_otp(TENANT)

    def permit(self, *permissions: str) -> None:
        """Let the application have these permissions and no others."""
        path = f"/state/tenants/{TENANT}/application/permissions"
        self.truth.cloud("PUT", path, list(permissions))

    def put(self, path: str, value: Any) -> None:
        """Change the tenant behind everybody's back."""
        self.truth.cloud("PUT", f"/state/tenants/{TENANT}/{path}", value)

    def add_guests(self, *guests: dict[str, Any]) -> None:
        """Let the tenant have more guests."""
        self.truth.cloud("POST", f"/guests/{TENANT}", {"guests": list(guests)})

    def trouble(self, kind: str, **details: Any) -> None:
        """Ask the cloud to misbehave towards this tenant."""
        fault = {"kind": kind, "tenant": TENANT, **details}
        self.truth.cloud("POST", "/chaos", fault)

    def requests(self, method: str) -> list[dict[str, Any]]:
        """What the cloud was asked, oldest first."""
        log: list[dict[str, Any]] = self.truth.cloud("GET", "/requests")["requests"]
        return [entry for entry in log if entry["method"] == method]


@pytest.fixture
def administrator(lab: Description) -> Iterator[Administrator]:
    truth = Truth(lab)
    truth.cloud("POST", "/reset")
    yield Administrator(lab, truth)
    truth.cloud("POST", "/reset")


@pytest.mark.parametrize("before", ["default", "enabled", "disabled"])
@pytest.mark.parametrize("after", ["default", "enabled", "disabled"])
def test_every_setting_to_every_other(
    administrator: Administrator, before: str, after: str
) -> None:
    """`default` means on, and is a state of its own all the same."""
    setting = f"/state/tenants/{TENANT}/email_method/allow_external_id_to_use_email_otp"
    administrator.truth.cloud("PUT", setting, before)
    method_before = administrator.truth.cloud("GET", "/state")["tenants"][TENANT]["email_method"]

    dry = administrator.set_to(after, check_mode=True)
    assert administrator.now() == before
    real = administrator.set_to(after)

    assert dry == real
    assert bool(real.changes) is (before != after)
    assert administrator.set_to(after).changes == ()
    method_after = administrator.truth.cloud("GET", "/state")["tenants"][TENANT]["email_method"]
    # The members' use, and the targets, are none of our business.
    assert method_after == {**method_before, "allow_external_id_to_use_email_otp": after}


def test_a_dry_run_only_asks(administrator: Administrator) -> None:
    administrator.set_to("enabled", check_mode=True)
    assert administrator.requests("PATCH") == []


class TestSignIn:
    """Each way that can be had offline; the token endpoint verifies for real."""

    def test_certificate_as_a_file(self, administrator: Administrator) -> None:
        administrator.set_to(
            "enabled",
            entra_auth="client_certificate",
            entra_client_secret=None,
            entra_certificate_path=administrator.lab.tenants[TENANT]["certificate_with_key"],
        )
        assert administrator.now() == "enabled"

    def test_certificate_as_text(self, administrator: Administrator) -> None:
        path = Path(administrator.lab.tenants[TENANT]["certificate_with_key"])
        administrator.set_to(
            "enabled", entra_auth="client_certificate", entra_certificate=path.read_text()
        )
        assert administrator.now() == "enabled"

    def test_another_tenants_certificate(self, administrator: Administrator) -> None:
        path = administrator.lab.tenants["fabrikam"]["certificate_with_key"]
        with pytest.raises(AuthenticationFailed, match="AADSTS700027"):
            administrator.set_to(
                "enabled", entra_auth="client_certificate", entra_certificate_path=path
            )

    def test_federated_token(self, administrator: Administrator, tmp_path: Path) -> None:
        token_file = federate(administrator, tmp_path, subject="system:serviceaccount:awx:jobs")
        administrator.set_to(
            "enabled",
            entra_auth="workload_identity",
            entra_client_secret=None,
            entra_federated_token_file=str(token_file),
        )
        assert administrator.now() == "enabled"

    def test_federated_token_of_somebody_else(
        self, administrator: Administrator, tmp_path: Path
    ) -> None:
        token_file = federate(administrator, tmp_path, subject="system:serviceaccount:awx:others")
        with pytest.raises(AuthenticationFailed, match="AADSTS70021"):
            administrator.set_to(
                "enabled",
                entra_auth="workload_identity",
                entra_federated_token_file=str(token_file),
            )

    @pytest.mark.parametrize(
        ("option", "value", "code"),
        [
            ("entra_client_secret", "wrong", "AADSTS7000215"),
            ("entra_client_id", "00000000-0000-0000-0000-00000000dead", "AADSTS700016"),
            ("entra_tenant_id", "00000000-0000-0000-0000-00000000dead", "AADSTS90002"),
        ],
    )
    def test_what_is_wrong_is_told(
        self, administrator: Administrator, option: str, value: str, code: str
    ) -> None:
        with pytest.raises(AuthenticationFailed, match=code) as failure:
            administrator.set_to("enabled", check_mode=True, **{option: value})
        assert failure.value.advice
        assert failure.value.server == administrator.lab.cloud["authority"]

    def test_a_certificate_of_an_unknown_authority(
        self, administrator: Administrator, tmp_path: Path
    ) -> None:
        with pytest.raises((NotTrusted, AuthenticationFailed), match="certificate"):
            administrator.set_to("enabled", entra_ca_path="/etc/ssl/certs/ca-certificates.crt")
        assert administrator.now() == "disabled"


def federate(administrator: Administrator, tmp_path: Path, subject: str) -> Path:
    """Let the app trust an issuer, and write a token of that issuer's for `subject`."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    credential = {
        "issuer": "https://issuer.example",
        "subject": "system:serviceaccount:awx:jobs",
        "audience": "api://AzureADTokenExchange",
        "public_key_pem": public.decode(),
    }
    application = f"/state/tenants/{TENANT}/application"
    administrator.truth.cloud("PUT", f"{application}/federated_credentials", [credential])
    now = datetime.now(UTC)
    claims = {
        "iss": credential["issuer"],
        "sub": subject,
        "aud": credential["audience"],
        "iat": now,
        "nbf": now - timedelta(minutes=1),
        "exp": now + timedelta(minutes=10),
    }
    token_file = tmp_path / "token"
    token_file.write_text(jwt.encode(claims, key, algorithm="RS256"))
    return token_file


class TestRefusals:
    def test_a_missing_permission(self, administrator: Administrator) -> None:
        administrator.permit("Organization.Read.All")
        with pytest.raises(Refused, match="Authorization_RequestDenied") as failure:
            administrator.set_to("enabled", check_mode=True)
        assert "request-id" in failure.value.answer
        assert "Policy.Read.AuthenticationMethod" in failure.value.advice
        assert "admin consent" in failure.value.advice

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_a_read_permission_is_not_enough_to_write(
        self, administrator: Administrator, check_mode: bool
    ) -> None:
        """The dry run tells it as well, and nobody has to find out what is missing."""
        administrator.permit("Policy.Read.AuthenticationMethod")
        with pytest.raises(
            Refused, match=r"lacks the permission Policy\.ReadWrite\.AuthenticationMethod"
        ) as failure:
            administrator.set_to("enabled", check_mode=check_mode)
        assert "Authentication Policy Administrator" in failure.value.advice
        assert administrator.requests("PATCH") == []
        # Who has nothing to change needs no more.
        assert administrator.set_to("disabled").changes == ()

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_turning_it_off_needs_to_know_the_guests(
        self, administrator: Administrator, check_mode: bool
    ) -> None:
        administrator.permit("Policy.ReadWrite.AuthenticationMethod", "Policy.Read.All")
        administrator.set_to("enabled")
        with pytest.raises(Refused, match=r"lacks the permission User\.Read\.All"):
            administrator.set_to("disabled", check_mode=check_mode)
        assert administrator.now() == "enabled"


class TestRetries:
    @pytest.mark.parametrize(
        "fault",
        [
            {"kind": "throttle", "retry_after": 1, "count": 2},
            {"kind": "throttle", "retry_after": None, "count": 1},
            {"kind": "failure", "status": 503, "retry_after": 1, "count": 1},
            {"kind": "failure", "status": 504, "count": 1, "empty_body": True},
            {"kind": "conflict", "count": 1},
        ],
    )
    @pytest.mark.parametrize("method", ["GET", "PATCH"])
    def test_what_passes_is_waited_for(
        self, administrator: Administrator, fault: dict[str, Any], method: str
    ) -> None:
        administrator.trouble(**fault, method=method, path=EMAIL)
        administrator.set_to("enabled", entra_retry_time=30)
        assert administrator.now() == "enabled"

    def test_but_no_longer_than_the_operator_allows(self, administrator: Administrator) -> None:
        administrator.trouble("throttle", retry_after=300, path=EMAIL)
        with pytest.raises(Refused, match="429") as failure:
            administrator.set_to("enabled", entra_retry_time=5)
        assert "entra_retry_time" in failure.value.advice

    @pytest.mark.parametrize("status", [500, 502])
    def test_other_failures_are_final(self, administrator: Administrator, status: int) -> None:
        administrator.trouble("failure", status=status, count=1, path=EMAIL)
        with pytest.raises(NotUnderstood, match=str(status)):
            administrator.set_to("enabled", entra_retry_time=30)
        assert administrator.now() == "disabled"


class TestUnknownIsAnError:
    @pytest.mark.parametrize(
        "details",
        [
            {"set": {"allowExternalIdToUseEmailOtp": "sometimes"}},
            {"set": {"allowExternalIdToUseEmailOtp": None}},
            {"set": {"allowExternalIdToUseEmailOtp": "unknownFutureValue"}},
            {"remove": ["allowExternalIdToUseEmailOtp"]},
            {"remove": ["@odata.type"]},
            {"remove": ["id"]},
            {"set": {"@odata.type": "#microsoft.graph.smsAuthenticationMethodConfiguration"}},
            {"raw": "{}"},
            {"raw": "<html>Sign in to the guest network</html>"},
            {"raw": ""},
        ],
        ids=json.dumps,
    )
    @pytest.mark.parametrize("check_mode", [True, False])
    def test_an_answer_that_is_not_understood(
        self, administrator: Administrator, details: dict[str, Any], check_mode: bool
    ) -> None:
        administrator.trouble("answer", method="GET", path=EMAIL, **details)
        with pytest.raises(NotUnderstood) as failure:
            administrator.set_to("enabled", check_mode=check_mode)
        assert failure.value.server == administrator.lab.cloud["graph_url"]
        assert failure.value.subject
        assert failure.value.answer
        assert administrator.now() == "disabled"

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_a_connection_that_breaks_amid_a_write(
        self, administrator: Administrator, when: str
    ) -> None:
        administrator.trouble("drop", when=when, method="PATCH", path=EMAIL, count=1)
        with pytest.raises(ConnectionFailed) as failure:
            administrator.set_to("enabled")
        # Nobody can know: the journal leaves it open, and the next run finds out.
        assert failure.value.nothing_written is False
        assert administrator.now() == ("enabled" if when == "after" else "disabled")
        administrator.set_to("enabled")
        assert administrator.now() == "enabled"

    def test_no_answer_in_time(self, administrator: Administrator) -> None:
        administrator.trouble("slow", seconds=4, method="GET", path=EMAIL)
        with pytest.raises(ConnectionFailed):
            administrator.set_to("enabled", entra_timeout=1)


def test_a_write_that_shows_late_is_waited_for(administrator: Administrator) -> None:
    administrator.trouble("lag", seconds=2, path=EMAIL)
    administrator.set_to("enabled", entra_retry_time=30)
    assert administrator.set_to("enabled").changes == ()


def test_a_write_that_never_shows_is_an_error(administrator: Administrator) -> None:
    administrator.trouble("lag", seconds=60, path=EMAIL)
    with pytest.raises(NotAsWritten, match="keeps answering"):
        administrator.set_to("enabled", entra_retry_time=1)


def test_somebody_else_between_read_and_write(
    administrator: Administrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second writer's setting is planned from, not overwritten unseen."""
    from ansible_collections.tenantops.migration.plugins.module_utils._email_otp import resource

    setting = f"/state/tenants/{TENANT}/email_method/allow_external_id_to_use_email_otp"
    guard: Callable[..., Any] = resource.EmailOtpResource.guard
    interfered: list[str] = []

    async def interfere(self: Any, state: Any, changes: Any) -> None:
        await guard(self, state, changes)
        if not interfered:
            interfered.append("once")
            administrator.truth.cloud("PUT", setting, "default")

    monkeypatch.setattr(resource.EmailOtpResource, "guard", interfere)
    outcome = administrator.set_to("enabled")
    assert outcome.changes is not None
    (change,) = outcome.changes
    assert (change.before, change.after) == ("default", "enabled")


def test_no_error_tells_a_secret(administrator: Administrator) -> None:
    secret = administrator.lab.tenants[TENANT]["client_secret"]
    for fault in ({"status": 500}, {"status": 503}):
        administrator.trouble("failure", endpoint="token", count=4, **fault)
        with pytest.raises(TenantopsError) as failure:
            administrator.set_to("enabled", entra_timeout=1)
        assert secret not in str(failure.value)
        administrator.truth.cloud("DELETE", "/chaos")


def passcode_guest(name: str, **details: Any) -> dict[str, Any]:
    return {"address": f"{name}@kunden.test", "method": "one_time_passcode", **details}


class TestTurningItOff:
    """Nobody is locked out, but for those of whom somebody says so."""

    @pytest.fixture(autouse=True)
    def _guests(self, administrator: Administrator) -> None:
        administrator.put("email_method/allow_external_id_to_use_email_otp", "enabled")
        administrator.add_guests(
            *(passcode_guest(f"guest{number}") for number in range(7)),
            {"address": "pending@kunden.test", "method": "not_redeemed"},
            {"address": "staff@kunden.test", "method": "internal"},
            {"address": "other@kunden.test", "method": "microsoft_account"},
        )

    @pytest.mark.parametrize("check_mode", [True, False])
    @pytest.mark.parametrize("before", ["enabled", "default"])
    def test_guests_who_would_be_locked_out_stop_it(
        self, administrator: Administrator, before: str, check_mode: bool
    ) -> None:
        administrator.put("email_method/allow_external_id_to_use_email_otp", before)
        with pytest.raises(StillInUse, match="7 guests who sign in by passcode") as failure:
            administrator.set_to("disabled", check_mode=check_mode)
        assert "guest0@kunden.test" in failure.value.answer
        assert failure.value.answer.endswith("and 2 more")
        assert "entra_guest_redemption" in failure.value.advice
        assert administrator.now() == before
        assert administrator.requests("PATCH") == []

    def test_as_many_as_were_acknowledged_are_locked_out(
        self, administrator: Administrator
    ) -> None:
        dry = administrator.set_to("disabled", check_mode=True, acknowledge_locked_out=7)
        real = administrator.set_to("disabled", acknowledge_locked_out=7)
        assert dry == real
        assert administrator.now() == "disabled"
        assert real.values["locked_out"]["count"] == 7
        (change,) = real.changes or ()
        assert change.note is not None
        assert "7 guests" in change.note
        # Nobody is left to be asked about.
        assert administrator.set_to("disabled").changes == ()

    def test_one_more_stops_it_again(self, administrator: Administrator) -> None:
        dry = administrator.set_to("disabled", check_mode=True, acknowledge_locked_out=7)
        assert dry.changes
        administrator.add_guests(passcode_guest("one.more"))
        with pytest.raises(StillInUse, match=r"8 guests .* and 7 were acknowledged"):
            administrator.set_to("disabled", acknowledge_locked_out=7)
        assert administrator.now() == "enabled"

    def test_a_number_that_cannot_be_meant(self, administrator: Administrator) -> None:
        with pytest.raises(InvalidInput):
            administrator.set_to("disabled", acknowledge_locked_out=-1)

    def resets(self, administrator: Administrator, *names: str) -> list[dict[str, Any]]:
        """The changes of a task that resets these guests."""
        listed = administrator.truth.cloud("GET", f"/guests/{TENANT}")["guests"]
        by_address = {guest["address"]: guest for guest in listed}
        found = [by_address[f"{name}@kunden.test"] for name in names]
        return [
            {
                "system": "entra",
                "resource": "guest",
                "id": guest["id"],
                "name": guest["address"],
                "property": "redemption",
                "action": "invoke",
                "before": {"state": "Accepted", "changed": guest["state_changed"]},
                "after": {"state": "PendingAcceptance", "mailed": False},
                "rule": None,
                "reversible": False,
            }
            for guest in found
        ]

    def test_in_a_dry_run_who_would_be_reset_is_not_locked_out(
        self, administrator: Administrator
    ) -> None:
        planned = self.resets(administrator, *(f"guest{number}" for number in range(7)))
        dry = administrator.set_to("disabled", check_mode=True, planned_changes=planned)
        assert dry.values["locked_out"]["count"] == 0
        with pytest.raises(StillInUse, match="2 guests") as failure:
            administrator.set_to("disabled", check_mode=True, planned_changes=planned[2:])
        assert failure.value.answer == "guest0@kunden.test, guest1@kunden.test"

    def test_a_reset_that_was_only_planned_does_not_count_in_a_run(
        self, administrator: Administrator
    ) -> None:
        planned = self.resets(administrator, *(f"guest{number}" for number in range(7)))
        with pytest.raises(StillInUse, match="7 guests"):
            administrator.set_to("disabled", planned_changes=planned, entra_retry_time=1)
        assert administrator.now() == "enabled"

    @pytest.mark.parametrize("check_mode", [True, False])
    def test_a_fallback_to_the_passcode_stops_it(
        self, administrator: Administrator, check_mode: bool
    ) -> None:
        administrator.put(
            "policies/cross_tenant_access/redemption_order/fallback", "emailOneTimePasscode"
        )
        with pytest.raises(StillInUse, match="falls back to the passcode") as failure:
            administrator.set_to("disabled", check_mode=check_mode, acknowledge_locked_out=7)
        assert "entra_redemption_order" in failure.value.advice
        assert administrator.now() == "enabled"

    @pytest.mark.parametrize(
        "answer",
        [
            {"path": "/v1.0/users", "remove": ["value"]},
            {"path": "/v1.0/users", "raw": "<html>Sign in to the guest network</html>"},
            {"path": "*/crossTenantAccessPolicy/default", "raw": "{}"},
        ],
        ids=json.dumps,
    )
    def test_answers_that_are_not_understood_let_nothing_through(
        self, administrator: Administrator, answer: dict[str, Any]
    ) -> None:
        administrator.trouble("answer", method="GET", **answer)
        with pytest.raises(NotUnderstood):
            administrator.set_to("disabled", acknowledge_locked_out=100)
        assert administrator.now() == "enabled"

    def test_a_rollback_locks_nobody_out_either(
        self, administrator: Administrator, tmp_path: Path
    ) -> None:
        """Guests have redeemed by passcode since it was turned on."""
        administrator.put("email_method/allow_external_id_to_use_email_otp", "disabled")
        journal: dict[str, Any] = {"journal": str(tmp_path), "tenant": TENANT}
        administrator.set_to("enabled", run="course", **journal)
        arguments = ROLLBACK.arguments
        validator = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints())
        options = administrator.options(run="undo", undo_run="course", **journal)
        outcome = ROLLBACK.run(validator.validate(options).validated_parameters, False)
        (conflict,) = outcome.values["conflicts"]
        assert "7 guests who sign in by passcode would be locked out" in conflict["reason"]
        assert administrator.now() == "enabled"


def test_turning_it_on_tells_that_only_the_future_changes(administrator: Administrator) -> None:
    dry = administrator.set_to("default", check_mode=True)
    assert "future redemptions" in " ".join(dry.warnings)
    assert administrator.set_to("default") == dry
    # It was on already.
    assert administrator.set_to("enabled").warnings == ()


def test_every_request_is_as_described(administrator: Administrator) -> None:
    folder = find_reference()
    if folder is None:
        pytest.skip("the OpenAPI description of Graph is not here: set TENANTOPS_REFERENCE")
    one = PolicyAdministrator(administrator.lab, administrator.truth, TENANT)
    administrator.set_to("enabled")
    administrator.set_to("disabled")
    assert one.problems(GraphDescription(folder)) == []
    assert [entry["body"] for entry in administrator.requests("PATCH")] == [
        {
            "@odata.type": "#microsoft.graph.emailAuthenticationMethodConfiguration",
            "allowExternalIdToUseEmailOtp": setting,
        }
        for setting in ("enabled", "disabled")
    ]
