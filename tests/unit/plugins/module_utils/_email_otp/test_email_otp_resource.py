# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policy over a Graph of our own: what is understood, what is written, and when it is so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from msgraph.generated.models.email_authentication_method_configuration import (
    EmailAuthenticationMethodConfiguration,
)
from msgraph.generated.models.external_email_otp_state import ExternalEmailOtpState
from msgraph.generated.models.fido2_authentication_method_configuration import (
    Fido2AuthenticationMethodConfiguration,
)

from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import Change
from ansible_collections.tenantops.migration.plugins.module_utils._email_otp import resource
from ansible_collections.tenantops.migration.plugins.module_utils._email_otp.model import (
    EmailOtpPolicy,
    GuestOtp,
    propose,
)
from ansible_collections.tenantops.migration.plugins.module_utils._email_otp.resource import (
    EmailOtpResource,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ChangedMeanwhile,
    NotAsWritten,
    NotUnderstood,
    Refused,
)

DEFAULT = EmailOtpPolicy("Email", GuestOtp.DEFAULT)


def configuration(setting: ExternalEmailOtpState | None) -> EmailAuthenticationMethodConfiguration:
    return EmailAuthenticationMethodConfiguration(
        id="Email", allow_external_id_to_use_email_otp=setting
    )


class FakeGraph:
    """Answers reads from a list (the last one again and again), and keeps what is written."""

    server = "https://graph.microsoft.com"
    tenant = "contoso.com"
    retry_time = 10.0

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.written: list[Any] = []
        self.refusal: Exception | None = None
        builder = SimpleNamespace(get=self._get, patch=self._patch)
        configurations = SimpleNamespace(
            by_authentication_method_configuration_id=lambda _id: builder
        )
        policy = SimpleNamespace(authentication_method_configurations=configurations)
        self.client = SimpleNamespace(
            policies=SimpleNamespace(authentication_methods_policy=policy)
        )

    async def call(self, subject: str, request: Callable[[], Awaitable[Any]]) -> Any:
        return await request()

    async def _get(self) -> Any:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def _patch(self, body: Any) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.written.append(body)


def of(graph: FakeGraph) -> EmailOtpResource:
    return EmailOtpResource(graph)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time passes only where it is waited for."""
    now = [0.0]

    async def sleep(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(resource, "asyncio", SimpleNamespace(sleep=sleep))
    monkeypatch.setattr(resource, "time", SimpleNamespace(monotonic=lambda: now[0]))


@pytest.mark.parametrize("setting", list(GuestOtp))
def test_each_setting_is_read(setting: GuestOtp) -> None:
    graph = FakeGraph(configuration(ExternalEmailOtpState(setting.value)))
    assert asyncio.run(of(graph).read()) == EmailOtpPolicy("Email", setting)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        configuration(None),
        configuration(ExternalEmailOtpState.UnknownFutureValue),
        EmailAuthenticationMethodConfiguration(
            allow_external_id_to_use_email_otp=ExternalEmailOtpState.Enabled
        ),
        Fido2AuthenticationMethodConfiguration(id="Fido2"),
    ],
)
def test_anything_else_is_an_error_and_never_absent(answer: Any) -> None:
    with pytest.raises(NotUnderstood) as caught:
        asyncio.run(of(FakeGraph(answer)).read())
    assert caught.value.server == FakeGraph.server
    assert caught.value.subject.endswith("authenticationMethodConfigurations/email")


def write(graph: FakeGraph, wanted: GuestOtp = GuestOtp.ENABLED) -> list[Change]:
    changes = propose(DEFAULT, wanted).changes
    return list(asyncio.run(of(graph).write(DEFAULT, changes)))


ON, OFF, UNSET = (
    configuration(state)
    for state in (
        ExternalEmailOtpState.Enabled,
        ExternalEmailOtpState.Disabled,
        ExternalEmailOtpState.Default,
    )
)


def test_only_the_setting_is_sent_with_the_type_that_graph_demands() -> None:
    graph = FakeGraph(UNSET, ON)
    assert write(graph) == list(propose(DEFAULT, GuestOtp.ENABLED).changes)
    (body,) = graph.written
    assert body.allow_external_id_to_use_email_otp is ExternalEmailOtpState.Enabled
    assert body.odata_type == "#microsoft.graph.emailAuthenticationMethodConfiguration"
    assert (body.state, body.include_targets, body.exclude_targets) == (None, None, None)


def test_who_changed_it_meanwhile_is_not_overwritten() -> None:
    graph = FakeGraph(OFF)
    with pytest.raises(ChangedMeanwhile) as caught:
        write(graph)
    assert caught.value.nothing_written
    assert graph.written == []


def test_a_write_that_takes_its_time_is_waited_for() -> None:
    graph = FakeGraph(UNSET, UNSET, UNSET, UNSET, ON)
    write(graph)
    assert graph.answers == [ON]


def test_a_write_that_never_shows_is_an_error() -> None:
    with pytest.raises(NotAsWritten, match="keeps answering 'default'") as caught:
        write(FakeGraph(UNSET))
    assert not caught.value.nothing_written


def test_a_refused_write_was_not_made() -> None:
    graph = FakeGraph(UNSET)
    graph.refusal = Refused("No")
    with pytest.raises(Refused) as caught:
        write(graph)
    assert caught.value.nothing_written


def test_a_refused_look_at_what_was_written_proves_nothing() -> None:
    with pytest.raises(Refused) as caught:
        write(FakeGraph(UNSET, Refused("No")))
    assert not caught.value.nothing_written


def test_the_target_names_server_and_tenant() -> None:
    """The id of the policy is the same in every tenant."""
    assert of(FakeGraph(ON)).target == (
        "https://graph.microsoft.com tenant contoso.com: "
        "policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email"
    )
