# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dns.message
import dns.rcode
import dns.tsig
import dns.update
import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._dns import answers
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    AuthenticationFailed,
    ChangedMeanwhile,
    NotUnderstood,
    Refused,
    TenantopsError,
)

KNOWN = {
    "REFUSED": Refused,
    "NOTAUTH": Refused,
    "NOTZONE": Refused,
    "FORMERR": Refused,
    "NOTIMP": Refused,
    "SERVFAIL": NotUnderstood,
}
SIGNATURES = ["BADKEY", "BADSIG", "BADTIME", "BADTRUNC"]
ALL_CODES = [code.name for code in dns.rcode.Rcode if code < 16]


def query_answer(code: str) -> dns.message.Message:
    answer = dns.message.make_response(dns.message.make_query("example.test", "TXT"))
    answer.set_rcode(dns.rcode.from_text(code))
    return answer


def update_answer(code: str) -> dns.message.Message:
    answer = dns.message.make_response(dns.update.UpdateMessage("example.test"))
    answer.set_rcode(dns.rcode.from_text(code))
    return answer


def with_tsig_error(answer: dns.message.Message, error: str) -> dns.message.Message:
    key = dns.tsig.Key("key.", b"secret")
    number = {"BADSIG": 16}.get(error) or dns.rcode.from_text(error)
    answer.use_tsig(key, tsig_error=number)
    return answer


@pytest.mark.parametrize("code", ["NOERROR", "NXDOMAIN"])
def test_two_answers_to_a_query_are_understood(code: str) -> None:
    answers.check_query_answer(query_answer(code), "server", "object")


@pytest.mark.parametrize("code", sorted(set(ALL_CODES) - {"NOERROR", "NXDOMAIN"}))
def test_every_other_answer_to_a_query_is_one_error(code: str) -> None:
    with pytest.raises(KNOWN.get(code, NotUnderstood)) as caught:
        answers.check_query_answer(query_answer(code), "ns1 (192.0.2.1:53)", "example.test. TXT")
    assert caught.value.server == "ns1 (192.0.2.1:53)"
    assert caught.value.subject == "example.test. TXT"
    assert caught.value.answer == code
    assert caught.value.advice


@pytest.mark.parametrize("code", ["NXRRSET", "YXRRSET"])
def test_a_lost_race_is_told_from_a_refusal(code: str) -> None:
    assert answers.is_prerequisite_failure(update_answer(code))
    with pytest.raises(ChangedMeanwhile):
        answers.check_update_answer(update_answer(code), "server", "object")


@pytest.mark.parametrize("code", sorted(set(ALL_CODES) - {"NOERROR", "NXRRSET", "YXRRSET"}))
def test_every_other_answer_to_an_update_is_one_error(code: str) -> None:
    with pytest.raises(KNOWN.get(code, NotUnderstood)):
        answers.check_update_answer(update_answer(code), "server", "object")


def test_a_failed_update_may_have_been_made() -> None:
    with pytest.raises(TenantopsError) as caught:
        answers.check_update_answer(update_answer("SERVFAIL"), "server", "object")
    assert not caught.value.nothing_written


@pytest.mark.parametrize("error", SIGNATURES)
@pytest.mark.parametrize("code", ["NOTAUTH", "NOERROR", "NXRRSET"])
def test_a_signature_error_goes_first(code: str, error: str) -> None:
    with pytest.raises(AuthenticationFailed) as caught:
        answers.check_query_answer(with_tsig_error(query_answer(code), error), "server", "object")
    assert caught.value.answer == f"{code} ({error})"
    assert not answers.is_prerequisite_failure(with_tsig_error(update_answer(code), error))
