# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""entra_realm_info against the simulated sign-in service, and with all that goes wrong."""

from __future__ import annotations

import os
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Outcome
from ansible_collections.tenantops.migration.plugins.modules.entra_realm_info import OPERATION
from lab import domain_states
from lab.description import Description

from .truth import Truth

USER_REALM = "/common/userrealm"
OPENID = "/*/.well-known/openid-configuration"

# `make scale` asks for 2,000, which takes a minute.
MANY = int(os.environ.get("TENANTOPS_NAMES", "400"))


@dataclass(frozen=True)
class Asker:
    """Somebody without credentials, and a look behind the service."""

    lab: Description
    truth: Truth

    def find(self, *names: str, check_mode: bool = False, **options: Any) -> Outcome:
        """Run the module's runner as either door does."""
        arguments = OPERATION.arguments
        validator = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints())
        validated = validator.validate(
            {
                "names": list(names),
                "entra_authority": self.lab.cloud["authority"],
                "entra_ca_path": self.lab.ca_file,
                "entra_retry_time": 10,
                **options,
            }
        )
        assert not validated.error_messages, validated.error_messages
        return OPERATION.run(validated.validated_parameters, check_mode)

    def trouble(self, kind: str, **details: Any) -> None:
        """Ask the service to misbehave."""
        self.truth.cloud("POST", "/chaos", {"kind": kind, "endpoint": "discovery", **details})

    def requests(self, path: str | None = None) -> list[dict[str, Any]]:
        """What the service was asked, oldest first."""
        log: list[dict[str, Any]] = self.truth.cloud("GET", "/requests")["requests"]
        return [entry for entry in log if path in (None, entry["path"])]

    def users(self, *, status: int = 200) -> Counter[str]:
        """How often each user was asked about and got this status."""
        return Counter(
            parse_qs(entry["query"])["user"][0]
            for entry in self.requests(USER_REALM)
            if entry["status"] == status
        )


@pytest.fixture
def asker(lab: Description) -> Iterator[Asker]:
    truth = Truth(lab)
    truth.cloud("POST", "/reset")
    yield Asker(lab, truth)
    truth.cloud("POST", "/reset")


def realms(outcome: Outcome) -> dict[str, dict[str, Any]]:
    return {realm["name"]: realm for realm in outcome.values["realms"]}


def errors(outcome: Outcome) -> dict[str, dict[str, Any]]:
    return {failure["name"]: failure["error"] for failure in outcome.values["failures"]}


def expected_kind(state: domain_states.DomainState) -> str:
    if state.is_verified:
        return "managed"
    return "unknown" if state.elsewhere is None else state.elsewhere.kind.lower()


class TestEveryKind:
    def test_the_domains_in_every_state(self, asker: Asker) -> None:
        outcome = asker.find(*(state.domain for state in domain_states.ALL))
        assert outcome.error is None
        found = realms(outcome)
        for state in domain_states.ALL:
            realm = found[state.domain]
            assert realm["kind"] == expected_kind(state), state.domain
            if state.is_verified:
                assert realm["tenant_id"] == state.tenant.tenant_id
                assert realm["brand"] == state.tenant.display_name
            elif state.elsewhere is not None:
                assert realm["tenant_id"] == state.elsewhere.tenant_id
                assert realm["brand"] == state.elsewhere.display_name
            else:
                assert (realm["tenant_id"], realm["cloud"], realm["brand"]) == (None, None, None)
            if realm["kind"] != "unknown":
                assert realm["cloud"] == "global"
        assert {realm["kind"] for realm in found.values()} == {
            *("unknown", "managed", "federated", "viral")
        }

    def test_no_credentials_are_sent(self, asker: Asker) -> None:
        asker.find(*(state.domain for state in domain_states.ALL))
        assert asker.requests()
        assert not any(entry["authorization"] for entry in asker.requests())

    def test_personal_accounts(self, asker: Asker) -> None:
        outcome = asker.find("kim.akers@adatum.test", "Ana.Ruiz@Litware.test", "x@litware.test")
        told = {
            name: (realm["kind"], realm["personal_account"])
            for name, realm in realms(outcome).items()
        }
        assert told == {
            "kim.akers@adatum.test": ("unknown", True),
            "Ana.Ruiz@Litware.test": ("viral", True),
            "x@litware.test": ("viral", False),
        }

    def test_check_mode_tells_the_same_as_a_run(self, asker: Asker) -> None:
        names = ("litware.test", "1.2.3.4", "ana.ruiz@litware.test")
        dry, real = asker.find(*names, check_mode=True), asker.find(*names)
        assert dry.values == real.values
        assert str(dry.error) == str(real.error)


class TestNames:
    def test_spelling_makes_no_difference_and_each_domain_is_asked_about_once(
        self, asker: Asker
    ) -> None:
        names = [
            "litware.test",
            "LITWARE.Test",
            "litware.test.",
            "a@Litware.test",
            "b@litware.test",
        ]
        outcome = asker.find(*names, personal_accounts=False)
        assert [realm["name"] for realm in outcome.values["realms"]] == names
        assert {realm["domain"] for realm in outcome.values["realms"]} == {"litware.test"}
        assert len(asker.requests()) == 2

    def test_what_is_no_name_is_told_and_the_others_are_answered(self, asker: Asker) -> None:
        bad = ["", "a..b", "192.0.2.1", "*.litware.test", "lit ware.test", "test", "a@", "x" * 254]
        outcome = asker.find("litware.test", *bad, "bücher.example")
        assert list(realms(outcome)) == ["litware.test", "bücher.example"]
        assert realms(outcome)["bücher.example"]["domain"] == "xn--bcher-kva.example"
        assert list(errors(outcome)) == bad
        assert {error["kind"] for error in errors(outcome).values()} == {"invalid_input"}
        assert outcome.error is not None
        assert outcome.error.kind == "partly_done"
        assert "8 names are not answered" in outcome.error.problem

    def test_no_names_are_no_questions(self, asker: Asker) -> None:
        outcome = asker.find()
        assert outcome.values == {"realms": [], "failures": []}
        assert asker.requests() == []


class TestMisbehaviour:
    """Nothing is concluded from what is not understood; a field of no weight may be missing."""

    @pytest.mark.parametrize("field", ["Login", "DomainName", "FederationBrandName"])
    def test_a_field_of_no_weight_may_be_missing(self, asker: Asker, field: str) -> None:
        asker.trouble("answer", path=USER_REALM, remove=[field, "cloud_instance_name"])
        assert realms(asker.find("litware.test"))["litware.test"]["kind"] == "viral"

    @pytest.mark.parametrize(
        "trouble",
        [
            {"path": USER_REALM, "remove": ["NameSpaceType"]},
            {"path": USER_REALM, "set": {"NameSpaceType": "Consumer"}},
            {"path": USER_REALM, "set": {"IsViral": "perhaps"}},
            {"path": USER_REALM, "set": {"DomainName": "contoso.test"}},
            {"path": USER_REALM, "raw": "<html>sign in to the network</html>"},
            {"path": USER_REALM, "raw": ""},
            {"path": USER_REALM, "raw": "[]"},
            {"path": OPENID, "remove": ["issuer"]},
            {"path": OPENID, "set": {"issuer": "https://login.example/common/v2.0"}},
        ],
    )
    def test_what_is_not_understood_is_an_error(
        self, asker: Asker, trouble: dict[str, Any]
    ) -> None:
        asker.trouble("answer", **trouble)
        outcome = asker.find("litware.test")
        assert outcome.values["realms"] == []
        error = errors(outcome)["litware.test"]
        assert error["kind"] == "not_understood"
        assert error["server"] == asker.lab.cloud["authority"]
        assert error["object"] == "litware.test"
        assert error["advice"]

    def test_accounts_that_the_service_has_no_time_to_look_up(self, asker: Asker) -> None:
        asker.trouble("answer", path=USER_REALM, set={"MicrosoftAccount": 2}, skip=1, count=1)
        outcome = asker.find("kim.akers@adatum.test")
        assert realms(outcome)["kim.akers@adatum.test"]["personal_account"] is True

    def test_one_that_fails_leaves_the_others(self, asker: Asker) -> None:
        asker.trouble("failure", path="/litware.test/*", status=500)
        outcome = asker.find("litware.test", "lucerne.test", "adatum.test")
        assert list(realms(outcome)) == ["lucerne.test", "adatum.test"]
        assert list(errors(outcome)) == ["litware.test"]

    @pytest.mark.parametrize(
        "trouble",
        [
            {"kind": "throttle", "retry_after": 1},
            {"kind": "throttle", "retry_after": None},
            {"kind": "failure", "status": 503, "retry_after": 1},
            {"kind": "failure", "status": 504, "empty_body": True},
            {"kind": "drop", "when": "before"},
            {"kind": "drop", "when": "after"},
        ],
    )
    def test_what_passes_is_waited_for(self, asker: Asker, trouble: dict[str, Any]) -> None:
        asker.trouble(**trouble, count=2)
        outcome = asker.find("litware.test", "nobody.test")
        assert outcome.error is None
        assert {name: realm["kind"] for name, realm in realms(outcome).items()} == {
            "litware.test": "viral",
            "nobody.test": "unknown",
        }

    def test_what_does_not_pass_in_time_is_told_and_not_asked_on(self, asker: Asker) -> None:
        asker.trouble("throttle", retry_after=3600)
        outcome = asker.find(*(f"d{number}.test" for number in range(100)))
        assert outcome.values["realms"] == []
        assert {error["kind"] for error in errors(outcome).values()} == {"refused"}
        assert len(errors(outcome)) == 100
        # Those that were under way when the first one heard of it
        assert len(asker.requests()) <= 8

    def test_a_service_that_is_not_there(self, asker: Asker) -> None:
        names = [f"d{number}.test" for number in range(20)]
        outcome = asker.find(*names, entra_authority="https://localhost:1")
        assert list(errors(outcome)) == names
        for error in errors(outcome).values():
            assert error["kind"] == "connection_failed"
            assert error["server"] == "https://localhost:1"

    def test_a_service_that_nobody_vouches_for(self, asker: Asker) -> None:
        outcome = asker.find("litware.test", "lucerne.test", entra_ca_path=None)
        assert {error["kind"] for error in errors(outcome).values()} == {"not_trusted"}
        assert asker.requests() == []


def test_very_many_domains_under_a_limit(asker: Asker) -> None:
    """Every domain is answered or named as failed; nothing is lost, doubled or piled up."""
    some = MANY // 20
    known = [f"known{number}.test" for number in range(some)]
    viral = [f"viral{number}.test" for number in range(some)]
    bad = [f"bad domain {number}" for number in range(some)]
    unknown = [f"free{number}.test" for number in range(MANY - 3 * some - 1)]
    broken = "broken.test"
    asker.truth.cloud("PUT", "/state/foreign/proseware/domains", known)
    asker.truth.cloud("PUT", "/state/unmanaged/litware/domains", [*viral, broken])
    asker.trouble("failure", path=f"/{broken}/*", status=500)
    # Some are turned away even where the machine is too slow for the limit.
    asker.trouble("throttle", skip=50, count=5, retry_after=1)
    asker.trouble("throttle", per_second=50, retry_after=1)

    outcome = asker.find(
        *(*bad, *known, *unknown, broken, *viral),
        in_flight=8,
        requests_per_second=200,
        entra_retry_time=60,
    )

    assert Counter(realm["kind"] for realm in outcome.values["realms"]) == {
        "managed": len(known),
        "unknown": len(unknown),
        "viral": len(viral),
    }
    assert list(errors(outcome)) == [*bad, broken]
    # One good answer for each, in which a domain that is retried counts once.
    asked = asker.users()
    assert set(asked) == {f"user@{name}" for name in (*known, *unknown, *viral, broken)}
    assert set(asked.values()) == {1}
    statuses = Counter(entry["status"] for entry in asker.requests())
    assert statuses[200] == MANY - len(bad) + len(known) + len(viral)
    assert statuses[500] == 1
    # The limit was felt, and each time only by those that were under way.
    pauses = 5 + statuses[200] / 50
    assert 5 <= statuses[429] <= pauses * 8
    assert set(statuses) == {200, 429, 500}


def test_very_many_domains_take_little_memory(asker: Asker) -> None:
    names = [f"free{number}.test" for number in range(MANY)]
    tracemalloc.start()
    outcome = asker.find(*names, requests_per_second=1000)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(outcome.values["realms"]) == MANY
    # Connections and contexts take most of it.
    assert most < 6_000_000 + MANY * 4_000
