# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""dns_txt at DNS hosting companies, each a local stand-in written from its documentation.

What must hold at all of them: whatever else is at the name stays as it is to the letter, and
nothing that goes wrong is taken for success.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trustme
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.tenantops.migration.plugins.module_utils import _libraries
from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import (
    Operation,
    Outcome,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    AuthenticationFailed,
    ChangedMeanwhile,
    ConnectionFailed,
    InvalidInput,
    MissingLibrary,
    NotAsWritten,
    NotTrusted,
    NotUnderstood,
    ObjectGone,
    Refused,
    TenantopsError,
)
from ansible_collections.tenantops.migration.plugins.module_utils._txt_records.hosting import (
    record_set,
)
from ansible_collections.tenantops.migration.plugins.modules import change_rollback, dns_txt

from .hosting.companies import (
    COMPANIES,
    ZONE,
    AzureDns,
    Cloudflare,
    GoDaddy,
    GoogleCloudDns,
    Hosting,
    Route53,
)
from .hosting.server import NO_ANSWER, Reply, Request, serving

DKIM = ("v=DKIM1; k=rsa; p=" + "A" * 200, "B" * 180)
OTHERS = (DKIM, ("v=spf1 include:spf.example.net -all",), ("other-verification=Ab/1+2==",))
CODE = "MS=ms12345678"
TTL = 1234

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:azure")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(params=COMPANIES, ids=lambda company: company.provider)
def company(request: pytest.FixtureRequest) -> Hosting:
    found: Hosting = request.param()
    return found


class Publisher:
    """Somebody who publishes at a company."""

    def __init__(self, company: Hosting, ca_path: Path, journal: Path) -> None:
        self.company = company
        self.ca_path = ca_path
        self.journal = journal

    def options(self, **options: Any) -> dict[str, Any]:
        return {
            "dns_provider": self.company.provider,
            "dns_provider_credentials": self.company.credentials,
            "dns_provider_settings": self.settings(),
            "dns_timeout": 5,
            "journal": str(self.journal),
            "tenant": "fourthcoffee",
            **options,
        }

    def settings(self, **settings: Any) -> dict[str, Any]:
        return {
            **self.company.settings,
            "ca_path": str(self.ca_path),
            "retry_time": 60,
            **settings,
        }

    def run(self, *, check_mode: bool = False, **options: Any) -> Outcome:
        given = {"name": ZONE, "values": [CODE], "run": "first", **options}
        return perform(dns_txt.OPERATION, self.options(**given), check_mode)

    def publish(self, **options: Any) -> Outcome:
        """A dry run, the run, and a second one: their changes must be equal, and then none."""
        planned = self.run(check_mode=True, **options)
        made = self.run(**options)
        assert made == planned
        writes = len(self.company.writes)
        for check_mode in (True, False):
            again = self.run(check_mode=check_mode, **options)
            assert again.changes == ()
            assert again.values == made.values
        assert len(self.company.writes) == writes
        return made

    def roll_back(self, *, check_mode: bool = False) -> Outcome:
        options = self.options(undo_run="first", run="undo")
        return perform(change_rollback.OPERATION, options, check_mode)

    def fail(
        self,
        kind: type[TenantopsError] | tuple[type[TenantopsError], ...],
        *,
        check_mode: bool = False,
        **options: Any,
    ) -> TenantopsError:
        """The error that a task must end with: exactly of this kind, complete and discreet."""
        with pytest.raises(TenantopsError) as caught:
            self.run(check_mode=check_mode, **options)
        error = caught.value
        assert isinstance(error, kind), error
        for secret in self.company.secrets:
            assert secret not in json.dumps(error.as_result())
        return error


def perform(operation: Operation, options: dict[str, Any], check_mode: bool) -> Outcome:
    arguments = operation.arguments
    validator = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints())
    result = validator.validate(options)
    assert not result.error_messages, result.error_messages
    return operation.run(dict(result.validated_parameters), check_mode)


@pytest.fixture
def publisher(
    company: Hosting, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Publisher]:
    monkeypatch.setattr(record_set, "READ_BACK_PAUSES", (0.0, 0.01))
    monkeypatch.setattr(record_set, "_READ_PAUSES", (0.01,))
    monkeypatch.setattr(record_set, "_FIRST_THROTTLE_PAUSE", 0.01)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "GOOGLE_APPLICATION_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)
    ca_path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_path))
    with serving(company, authority):
        yield Publisher(company, ca_path, tmp_path / "journal")
    assert company.misuses == []


def only(*companies: type[Hosting]) -> pytest.MarkDecorator:
    """For what only some companies have."""
    names = [each.provider for each in companies]
    return pytest.mark.parametrize("company", companies, ids=names, indirect=True)


def once(act: Callable[[], object], *, when: Callable[[Request], bool]) -> Callable[..., None]:
    """A fault that lets the first fitting request through, after something else has happened."""
    left = [act]

    def fault(request: Request) -> None:
        if left and when(request):
            left.pop()()

    return fault


def writes_really(request: Request) -> bool:
    """Writes, and does not only ask whether it might."""
    asks = (b"asks whether it may", b"00000000-0000")
    headers = " ".join(request.headers.values()).encode()
    if request.path.endswith("0" * 32):
        return False
    return request.is_write and not any(text in request.body + headers for text in asks)


# Everything else at the name stays


@pytest.mark.parametrize("name", [ZONE, f"_verification.{ZONE}", f"a.b.{ZONE}"])
def test_others_survive_publishing_and_withdrawing(publisher: Publisher, name: str) -> None:
    company = publisher.company
    company.put(name, TTL, *OTHERS)
    before = company.kept(name)

    made = publisher.publish(name=name)
    assert [change.property for change in made.changes or ()] == ["TXT"]
    assert made.values["ttl"] == TTL
    assert made.values["zone"] == ZONE
    assert CODE in made.values["txt_values"]
    after = company.kept(name)
    assert after != before
    assert publisher.run(name=name, values=[CODE, *map("".join, OTHERS)]).changes == ()

    publisher.publish(name=name, state="absent")
    assert company.kept(name) == before


def test_others_survive_a_rollback(publisher: Publisher) -> None:
    company = publisher.company
    company.put(ZONE, TTL, *OTHERS)
    before = company.kept(ZONE)
    publisher.publish(values=[CODE, "second=1"])
    planned = publisher.roll_back(check_mode=True)
    assert publisher.roll_back().changes == planned.changes
    assert len(planned.changes or ()) == 2
    assert company.kept(ZONE) == before


def test_what_was_removed_is_put_back_by_a_rollback(publisher: Publisher) -> None:
    company = publisher.company
    # GoDaddy's values must be short to be put back.
    company.put(ZONE, TTL, *(OTHERS[1:] if isinstance(company, GoDaddy) else OTHERS))
    before = publisher.run(check_mode=True, run="look").values["txt_values"]
    publisher.publish(exclusive=True)
    publisher.roll_back()
    assert publisher.run(check_mode=True, run="look").values["txt_values"] == before
    assert set(before) - {CODE} == company_values(publisher)


def company_values(publisher: Publisher) -> set[str]:
    values = publisher.run(check_mode=True, state="absent").values["txt_values"]
    return set(values)


def test_first_record_of_a_name_comes_and_goes(publisher: Publisher) -> None:
    name = f"new.{ZONE}"
    made = publisher.publish(name=name)
    assert made.values["ttl"] == 3600
    publisher.publish(name=name, state="absent")
    assert publisher.company.kept(name) is None
    publisher.publish(name=name, ttl=900)
    publisher.roll_back()
    assert publisher.company.kept(name) is None


def test_ttl_is_changed_where_asked_and_put_back(publisher: Publisher) -> None:
    company = publisher.company
    company.put(ZONE, TTL, *OTHERS)
    before = company.kept(ZONE)
    made = publisher.publish(ttl=7200)
    assert {change.property for change in made.changes or ()} == {"TXT", "ttl"}
    publisher.roll_back()
    assert company.kept(ZONE) == before


def test_dry_run_changes_nothing(publisher: Publisher) -> None:
    company = publisher.company
    company.put(ZONE, TTL, *OTHERS)
    before = company.kept(ZONE)
    for options in ({}, {"exclusive": True, "values": ["x"]}, {"name": f"new.{ZONE}"}):
        if not isinstance(company, GoDaddy) or "exclusive" not in options:
            assert publisher.run(check_mode=True, **options).changes
    assert company.kept(ZONE) == before
    assert company.kept(f"new.{ZONE}") is None


@pytest.mark.parametrize("zone", [None, ZONE, f"{ZONE.upper()}."])
def test_zone_can_be_given(publisher: Publisher, zone: str | None) -> None:
    assert publisher.publish(name=f"a.{ZONE}.", zone=zone).values["zone"] == ZONE


# Others at work at the same time


def test_value_added_by_another_at_the_same_moment_survives(publisher: Publisher) -> None:
    company = publisher.company
    company.put(ZONE, TTL, *OTHERS)
    company.before = once(lambda: company.add(ZONE, "their=1"), when=writes_really)
    made = publisher.run()
    told = publisher.run(check_mode=True).values["txt_values"]
    assert sorted(told) == sorted([CODE, "their=1", *map("".join, OTHERS)])
    assert len(made.changes or ()) == 1


def test_same_value_added_by_another_is_not_ours(publisher: Publisher) -> None:
    company = publisher.company
    company.put(ZONE, TTL, *OTHERS)
    company.before = once(lambda: company.add(ZONE, CODE), when=writes_really)
    assert publisher.run().changes == ()
    assert publisher.roll_back().changes == ()
    assert CODE in publisher.run(check_mode=True).values["txt_values"]


def test_race_that_is_always_lost_is_an_error(publisher: Publisher) -> None:
    company, count = publisher.company, iter(range(100))
    company.put(ZONE, TTL, *OTHERS)
    if isinstance(company, Cloudflare):
        company.page = 1000

    def always(request: Request) -> None:
        # Before every look, where a write has no condition: all that was read is old.
        if writes_really(request) or (not company.is_conditional and request.method == "GET"):
            company.add(ZONE, f"their={next(count)}")

    company.before = always
    publisher.fail(ChangedMeanwhile)


# Answers that do not come, or are none


def test_answer_that_was_lost_is_looked_up(publisher: Publisher) -> None:
    company = publisher.company
    company.put(ZONE, TTL, *OTHERS)
    company.after = lambda request, reply: NO_ANSWER if writes_really(request) else reply
    made = publisher.run()
    assert len(made.changes or ()) == 1
    company.after = lambda request, reply: reply
    assert CODE in publisher.run(check_mode=True).values["txt_values"]
    assert len(publisher.roll_back().changes or ()) == 1


def test_request_that_was_lost_is_an_error(publisher: Publisher) -> None:
    company = publisher.company
    company.put(ZONE, TTL, *OTHERS)
    before = company.kept(ZONE)
    company.before = lambda request: NO_ANSWER if writes_really(request) else None
    error = publisher.fail(ConnectionFailed)
    assert not error.nothing_written
    assert len([request for request in company.writes if writes_really(request)]) == 1
    assert company.kept(ZONE) == before


PAGE = Reply(200, b"<html><body>Sign in</body></html>", {"Content-Type": "text/html"})
BLOCKED = Reply(403, b"<html><body>Blocked</body></html>", {"Content-Type": "text/html"})
NOTHING = Reply(404, b"<html><body>Nothing</body></html>", {"Content-Type": "text/html"})
REDIRECT = Reply(302, b"", {"Location": "https://login.example.net/"})
OTHER_JSON = Reply(200, b'{"a": ["json"]}', {"Content-Type": "application/json"})
EMPTY = Reply(200, b"", {"Content-Type": "application/json"})
GATEWAY = Reply(502, b"Bad gateway")


@pytest.mark.parametrize("reply", [PAGE, NOTHING, REDIRECT, OTHER_JSON, EMPTY])
def test_records_are_not_taken_from_an_answer_of_somebody_else(
    publisher: Publisher, reply: Reply
) -> None:
    publisher.company.put(ZONE, TTL, *OTHERS)
    publisher.company.before = lambda request: reply if is_about_records(request) else None
    publisher.fail(NotUnderstood, check_mode=True)


@pytest.mark.parametrize("reply", [PAGE, BLOCKED, REDIRECT, EMPTY])
def test_write_is_not_made_by_an_answer_of_somebody_else(
    publisher: Publisher, reply: Reply
) -> None:
    company = publisher.company
    company.put(ZONE, TTL, *OTHERS)
    before = company.kept(ZONE)
    company.before = lambda request: reply if writes_really(request) else None
    kinds: tuple[type[TenantopsError], ...] = (NotUnderstood,)
    if reply is EMPTY:
        # Some say no more than this when it was done: reading back shows that it was not.
        kinds = (NotUnderstood, NotAsWritten)
    error = publisher.fail(kinds)
    assert not error.nothing_written
    assert company.kept(ZONE) == before


@pytest.mark.parametrize("reply", [PAGE, REDIRECT, GATEWAY])
def test_somebody_else_answers_everything(publisher: Publisher, reply: Reply) -> None:
    publisher.company.before = lambda request: reply
    # Where signing in is a request of its own, that is what fails.
    publisher.fail((AuthenticationFailed, ConnectionFailed if reply is GATEWAY else NotUnderstood))


def answer_about_records(reply: Reply, request: Request) -> Reply | None:
    return reply if is_about_records(request) else None


def is_about_records(request: Request) -> bool:
    return any(part in request.path for part in ("rrset", "/TXT/", "dns_records", "records"))


def test_service_that_is_down_and_comes_back(publisher: Publisher) -> None:
    company = publisher.company
    company.put(ZONE, TTL, *OTHERS)
    failures = [company.error(503)]
    company.before = lambda request: (
        failures.pop() if failures and is_about_records(request) else None
    )
    assert publisher.run().changes


def test_too_many_requests_are_waited_for(publisher: Publisher) -> None:
    company = publisher.company
    company.put(ZONE, TTL, *OTHERS)
    asked = set()

    def throttle(request: Request) -> Reply | None:
        question = f"{request.method} {request.path} {request.query}"
        if question in asked or "token" in request.path or "well-known" in request.path:
            return None
        asked.add(question)
        return company.error(429)

    company.before = throttle
    assert len(publisher.run().changes or ()) == 1
    assert CODE in publisher.run(check_mode=True).values["txt_values"]


def test_too_many_requests_for_too_long_are_an_error(publisher: Publisher) -> None:
    company = publisher.company
    company.before = lambda request: (
        None if "token" in request.path or "well-known" in request.path else company.error(429)
    )
    settings = publisher.settings(retry_time=0.1)
    error = publisher.fail(Refused, dns_provider_settings=settings)
    assert error.kind == "throttled"
    assert error.nothing_written


def test_wrong_credentials(publisher: Publisher) -> None:
    wrong = publisher.company.wrong_credentials
    error = publisher.fail(AuthenticationFailed, check_mode=True, dns_provider_credentials=wrong)
    assert "wrong-client-secret" not in str(error)


def test_missing_permission_shows_in_the_dry_run(publisher: Publisher) -> None:
    company = publisher.company
    company.may_write = False
    company.put(ZONE, TTL, *OTHERS)
    for check_mode in (False,) if isinstance(company, GoDaddy) else (True, False):
        error = publisher.fail(Refused, check_mode=check_mode)
        assert error.nothing_written
        assert error.advice


def test_error_that_repeats_what_was_sent_does_not_tell_secrets(publisher: Publisher) -> None:
    company = publisher.company
    told = [*company.secrets, json.dumps(company.credentials)]
    for status in (400, 403, 418, 500):
        body = company.error(status).body.replace(b"because", " ".join(told).encode())
        reply = Reply(status, body, {"Content-Type": "text/plain"})
        company.before = partial(answer_about_records, reply)
        error = publisher.fail(TenantopsError)
        for secret in company.credentials.values():
            assert isinstance(company, AzureDns | GoogleCloudDns) or secret not in str(error)


def test_unknown_authority(publisher: Publisher, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    settings = publisher.settings(ca_path=str(other))
    error = publisher.fail(NotTrusted, dns_provider_settings=settings)
    assert "ca_path" in error.advice


def test_environment_does_not_loosen_whom_to_trust(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(other))
    assert publisher.run().changes


def test_nobody_is_there(publisher: Publisher) -> None:
    url = "https://localhost:9"
    settings = publisher.settings(url=url)
    if "authority" in settings:
        settings["authority"] = url
    publisher.fail(ConnectionFailed, dns_provider_settings=settings)


def test_proxy_that_is_not_there(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://localhost:9")
    error = publisher.fail(ConnectionFailed)
    assert "HTTPS_PROXY" in error.advice


def test_no_zone(publisher: Publisher) -> None:
    publisher.company.has_zone = False
    error = publisher.fail(ObjectGone)
    assert ZONE in str(error)


def test_name_outside_of_the_zone(publisher: Publisher) -> None:
    publisher.fail(InvalidInput, name="elsewhere.test", zone=ZONE)


@pytest.mark.parametrize("name", ["exa mple.test", "a\\.b.fourthcoffee.test"])
def test_name_that_nobody_knows_how_to_write(publisher: Publisher, name: str) -> None:
    publisher.fail(InvalidInput, name=name)


# A company that does not keep what it is given


@only(Route53, AzureDns, GoogleCloudDns)
def test_others_value_that_is_mangled_is_put_back(publisher: Publisher) -> None:
    company = publisher.company
    company.put(ZONE, TTL, *OTHERS)
    before = company.kept(ZONE)
    left = [company.cut]

    def mangle(request: Request, reply: Reply) -> Reply:
        if left and writes_really(request):
            left.pop()()
        return reply

    company.after = mangle
    error = publisher.fail(NotAsWritten)
    assert "gone, of others" in error.answer
    assert error.nothing_written
    assert company.kept(ZONE) == before
    assert publisher.roll_back().changes == ()


def test_own_value_that_is_mangled_is_taken_away(publisher: Publisher) -> None:
    company = publisher.company
    company.put(ZONE, TTL, *OTHERS)
    before = company.kept(ZONE)

    def mangle(request: Request, reply: Reply) -> Reply:
        if writes_really(request):
            company.rewrite(lambda text: text.replace("=ms", "= ms"))
        return reply

    company.after = mangle
    error = publisher.fail(NotAsWritten)
    assert "there instead" in error.answer
    assert company.kept(ZONE) == before


def test_write_that_is_not_carried_out(publisher: Publisher) -> None:
    company = publisher.company
    company.put(ZONE, TTL, *OTHERS)
    before = company.kept(ZONE)

    def forget(request: Request, reply: Reply) -> Reply:
        if writes_really(request):
            company.put(ZONE, TTL, *OTHERS)
            if isinstance(company, Cloudflare):
                company.records = {
                    key: record
                    for key, record in company.records.items()
                    if CODE not in record["content"]
                }
        return reply

    company.after = forget
    error = publisher.fail(NotAsWritten)
    assert "missing" in error.answer
    if not isinstance(company, Cloudflare):
        assert company.kept(ZONE) == before


# What cannot be kept is refused before anything is written


@pytest.mark.parametrize("value", ["grün", 'say "yes"', "back\\slash", "tab\there", "x" * 300])
def test_value_of_which_it_is_not_known_how_it_is_kept(publisher: Publisher, value: str) -> None:
    company = publisher.company
    knows = {
        "route53": True,
        "google": value.isascii() and value.isprintable(),
        "godaddy": False,
    }.get(company.provider, len(value) == 300)
    if knows:
        publisher.publish(values=[value])
        publisher.publish(values=[value], state="absent")
        return
    for check_mode in (True, False):
        publisher.fail(InvalidInput, values=[value], check_mode=check_mode)
    assert [request for request in company.writes if writes_really(request)] == []


@only(Cloudflare, GoDaddy)
def test_records_with_ttls_of_their_own_keep_them(publisher: Publisher) -> None:
    company = publisher.company
    company.put(ZONE, 3600, *OTHERS[:2])
    company.add(ZONE, "their=1")
    before = company.kept(ZONE)
    publisher.publish()
    publisher.fail(Refused, ttl=7200, check_mode=True)
    publisher.publish(state="absent")
    assert company.kept(ZONE) == before


@pytest.mark.parametrize("ttl", [0, 10, 500, 90000, 700000])
def test_ttl_that_the_company_does_not_take(publisher: Publisher, ttl: int) -> None:
    largest = {"cloudflare": 86400, "godaddy": 604800}.get(publisher.company.provider, 2**31)
    smallest = 0 if publisher.company.provider in ("route53", "google") else None
    if smallest is None:
        smallest = publisher.company.smallest_ttl
    if smallest <= ttl <= largest:
        publisher.publish(ttl=ttl)
    else:
        publisher.fail(InvalidInput, ttl=ttl, check_mode=True)


@only(Route53, GoogleCloudDns, AzureDns)
def test_alias_has_no_other_records(publisher: Publisher) -> None:
    company, name = publisher.company, f"alias.{ZONE}"
    if isinstance(company, Route53):
        company.sets[f"{name}.", "CNAME"] = (60, ["elsewhere.test."])
    elif isinstance(company, GoogleCloudDns):
        company.put_type(name, "CNAME", 60, ["elsewhere.test."])
    elif isinstance(company, AzureDns):
        company._store("alias", "CNAME", {"TTL": 60, "CNAMERecord": {"cname": "elsewhere.test"}})
    publisher.fail(Refused, name=name, check_mode=True)


@only(Route53)
def test_routing_policy_at_route53_is_refused(publisher: Publisher) -> None:
    company = publisher.company
    assert isinstance(company, Route53)
    company.put(ZONE, TTL, *OTHERS)
    company.policy = "<SetIdentifier>one</SetIdentifier><Weight>1</Weight>"
    publisher.fail(Refused, check_mode=True)


@only(Route53)
def test_values_at_route53_in_octal_and_a_wildcard(publisher: Publisher) -> None:
    company, name = publisher.company, f"*.{ZONE}"
    assert isinstance(company, Route53)
    company.sets[f"{name}.", "TXT"] = (60, ['"gr\\303\\274n \\"quoted\\" back\\\\slash" "\\000"'])
    before = company.kept(name)
    made = publisher.publish(name=name)
    assert 'grün "quoted" back\\slash\x00' in made.values["txt_values"]
    publisher.publish(name=name, state="absent")
    assert company.kept(name) == before


@only(GoogleCloudDns)
def test_routing_policy_at_google_is_refused(publisher: Publisher) -> None:
    company = publisher.company
    assert isinstance(company, GoogleCloudDns)
    company.put_type(ZONE, "TXT", TTL, ['"x"'], routingPolicy={"wrr": {"items": []}})
    publisher.fail(Refused, check_mode=True)


@only(Route53, Cloudflare, GoogleCloudDns)
def test_two_zones_of_one_name(publisher: Publisher) -> None:
    company = publisher.company
    first, second = company.ID, "f" * 32  # type: ignore[attr-defined]
    zones: dict[str, Any] = company.zones  # type: ignore[attr-defined]
    zones[second] = zones[first]
    error = publisher.fail(InvalidInput)
    assert "zone_id" in error.advice
    settings = publisher.settings(zone_id=first)
    assert publisher.run(dns_provider_settings=settings).changes
    publisher.fail(InvalidInput, name="elsewhere.test", dns_provider_settings=settings)


@only(Cloudflare)
def test_old_records_at_cloudflare_have_no_quotes(publisher: Publisher) -> None:
    company = publisher.company
    assert isinstance(company, Cloudflare)
    company.store(ZONE, "v=spf1 -all", 1)
    company.store(ZONE, CODE, 1)
    before = company.kept(ZONE)
    assert publisher.run().changes == ()
    made = publisher.publish(values=["more"])
    assert made.values["ttl"] == 1
    publisher.publish(values=["more"], state="absent")
    assert company.kept(ZONE) == before


@only(GoDaddy)
def test_domain_that_godaddy_does_not_serve(publisher: Publisher) -> None:
    company = publisher.company
    assert isinstance(company, GoDaddy)
    company.nameservers = ["ns1.example.net"]
    (warning,) = publisher.run().warnings
    assert "ns1.example.net" in warning


# Options


def test_missing_and_foreign_options(publisher: Publisher) -> None:
    company = publisher.company
    first, *others = company.credentials
    foreign = "api_token" if first != "api_token" else "api_key"
    for wrong in (
        {"dns_provider_credentials": {**company.credentials, foreign: "x"}},
        {"dns_provider_settings": publisher.settings(url="http://localhost")},
        {"dns_provider_settings": publisher.settings(instructions_file="x")},
        {"dns_timeout": 0},
    ):
        publisher.fail(InvalidInput, **wrong)
    for name in others:
        publisher.fail(InvalidInput, dns_provider_credentials={name: company.credentials[name]})
    if company.provider in ("cloudflare", "godaddy"):
        publisher.fail(InvalidInput, dns_provider_credentials=None)
    assert company.requests == []


def test_credentials_can_come_from_the_environment(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = publisher.company
    monkeypatch.setenv("TENANTOPS_DNS_PROVIDER", company.provider)
    monkeypatch.setenv("TENANTOPS_DNS_PROVIDER_CREDENTIALS", json.dumps(company.credentials))
    monkeypatch.setenv("TENANTOPS_DNS_PROVIDER_SETTINGS", json.dumps(publisher.settings()))
    options = {"name": ZONE, "values": [CODE]}
    arguments = dns_txt.OPERATION.arguments
    result = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints()).validate(
        options
    )
    assert not result.error_messages
    assert dns_txt.OPERATION.run(dict(result.validated_parameters), False).changes
    # What Ansible takes out of everything that it shows
    hidden = result._no_log_values
    for name, secret in company.credentials.items():
        if not isinstance(secret, dict) and name not in ("tenant_id", "client_id"):
            assert secret in hidden


@pytest.mark.parametrize(
    ("company", "package"),
    [
        (Route53, "boto3"),
        (AzureDns, "azure-mgmt-dns"),
        (Cloudflare, "cloudflare"),
        (GoDaddy, "requests"),
        (GoogleCloudDns, "google-auth"),
    ],
    indirect=["company"],
)
def test_library_that_is_missing(
    publisher: Publisher, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(_libraries._missing, package, f"No module named '{package}'")
    error = publisher.fail(MissingLibrary)
    assert f"pip install {package}" in error.advice
    assert publisher.company.requests == []


@pytest.mark.parametrize(
    ("company", "door"),
    [(GoogleCloudDns, "worker"), (GoDaddy, "module")],
    indirect=["company"],
)
def test_nothing_secret_is_shown_through_either_door(
    publisher: Publisher, tmp_path: Path, door: str
) -> None:
    # As text, which is how an environment or an inventory may have it.
    secret = {"dns_provider_credentials": json.dumps(publisher.company.credentials)}
    options = {**publisher.options(**secret), "run": "first", "name": ZONE, "values": [CODE]}
    shown = []
    for module, more in (
        ("dns_txt", {}),
        ("dns_txt", {"state": "absent", "dns_provider_settings": {"url": "https://localhost:9"}}),
        ("dns_txt", {"state": "absent", "ttl": "no number"}),
    ):
        task = {f"tenantops.migration.{module}": {**options, **more}, "ignore_errors": True}
        play = [{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]
        shown.append(run_play(play, tmp_path, door))
    assert "txt_rrset" in shown[0], shown[0]
    assert "dns_provider_credentials" in shown[0]
    assert "ok=1" in shown[0]
    assert "ignored=1" in shown[1]
    for output in shown:
        for secret_text in publisher.company.secrets:
            assert secret_text not in output
    assert publisher.company.kept(ZONE)


def run_play(play: list[dict[str, Any]], folder: Path, door: str) -> str:
    """All that Ansible has to say about a play."""
    playbook, python = folder / "play.json", folder / "another-python"
    playbook.write_text(json.dumps(play))
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o700)
    # The action plugin runs the operation itself only where it would be its own Python.
    interpreter = sys.executable if door == "worker" else str(python)
    finished = subprocess.run(
        [
            str(Path(sys.executable).parent / "ansible-playbook"),
            *("-vvvv", "--diff", "--inventory", "localhost,", "--connection", "local"),
            *("--extra-vars", json.dumps({"ansible_python_interpreter": interpreter})),
            str(playbook),
        ],
        env=os.environ
        | {
            "ANSIBLE_INJECT_INVOCATION": "1",
            "ANSIBLE_NOCOLOR": "1",
            "TENANTOPS_REPORT_FOLDER": str(folder / "report"),
            "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
            "ANSIBLE_REMOTE_TEMP": str(folder / "tmp"),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout
    return finished.stdout
