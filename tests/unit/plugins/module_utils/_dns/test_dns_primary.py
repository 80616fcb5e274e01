# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is made of a server's answers, with a server that answers as it is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataset
import dns.rdatatype
import dns.tsig
import dns.update
import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._dns.authority import (
    AuthoritativeServer,
)
from ansible_collections.tenantops.migration.plugins.module_utils._dns.credentials import (
    NoCredentials,
    SharedKey,
)
from ansible_collections.tenantops.migration.plugins.module_utils._dns.nameserver import Nameserver
from ansible_collections.tenantops.migration.plugins.module_utils._dns.primary import Primary
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    NotTrusted,
    NotUnderstood,
    TenantopsError,
)

ZONE = dns.name.from_text("example.test.")
OWNER = dns.name.from_text("www.example.test.")
KEY = dns.tsig.Key("key.", b"secret")
OTHER_KEY = dns.tsig.Key("key.", b"another secret")

SOA = "example.test. 60 IN SOA ns1.example.test. h.example.test. 1 2 3 4 5"
TEXT = 'www.example.test. 60 IN TXT "a"'

Answerer = Callable[[dns.message.Message], dns.message.Message]


class ToldServer(Nameserver):
    """Answers with what a function makes of each question."""

    def __init__(self, answerer: Answerer) -> None:
        super().__init__("told", [], "tcp", 1)
        self.answerer = answerer
        self.asked: list[dns.message.Message] = []

    def __str__(self) -> str:
        return "told"

    def exchange(self, message: dns.message.Message, subject: str) -> dns.message.Message:
        message.to_wire()
        self.asked.append(message)
        wire = self.answerer(message).to_wire()
        return dns.message.from_wire(wire, keyring=False)


def answering(
    *, answer: str = "", authority: str = "", code: str = "NOERROR", flags: str = "QR AA"
) -> Answerer:
    def answerer(question: dns.message.Message) -> dns.message.Message:
        asked = question.question[0]
        text = (
            f"id {question.id}\nopcode QUERY\nrcode {code}\nflags {flags}\n;QUESTION\n"
            f"{asked.name} IN {dns.rdatatype.to_text(asked.rdtype)}\n"
        )
        if answer and asked.name == OWNER:
            text += f";ANSWER\n{answer}\n"
        if authority:
            text += f";AUTHORITY\n{authority}\n"
        return dns.message.from_text(text)

    return answerer


def primary(answerer: Answerer, *, is_signed: bool = False) -> Primary:
    credentials = SharedKey("key.", "hmac-sha256", KEY.secret) if is_signed else NoCredentials()
    return Primary(AuthoritativeServer(ToldServer(answerer), credentials), ZONE)


def read(answerer: Answerer, **options: Any) -> dns.rdataset.Rdataset | None:
    return primary(answerer, **options).rrset(OWNER, dns.rdatatype.TXT)


def test_records_are_read() -> None:
    found = read(answering(answer=TEXT, authority=SOA))
    assert found is not None
    assert found.ttl == 60


@pytest.mark.parametrize("code", ["NOERROR", "NXDOMAIN"])
def test_absence_is_told_with_the_zone(code: str) -> None:
    assert read(answering(code=code, authority=SOA)) is None


def test_a_name_that_does_not_exist_needs_no_soa() -> None:
    assert read(answering(code="NXDOMAIN")) is None


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"authority": SOA.replace("example.test. 60", "www.example.test. 60")},
        {"answer": "www.example.test. 60 IN CNAME x.example.test.", "authority": SOA},
        {"answer": "example.test. 60 IN DNAME other.test.", "authority": SOA},
        {"answer": TEXT, "flags": "QR"},
        {"authority": SOA, "flags": "QR"},
        {"authority": "www.example.test. 60 IN NS ns.www.example.test.", "flags": "QR"},
        {"authority": ". 60 IN NS a.root-servers.net.", "flags": "QR"},
        {"code": "REFUSED"},
        {"code": "SERVFAIL"},
        {"code": "YXDOMAIN"},
    ],
)
def test_anything_else_is_an_error_and_not_absence(said: dict[str, str]) -> None:
    with pytest.raises(TenantopsError) as caught:
        read(answering(**said))
    assert caught.value.server == "told"
    assert "www.example.test." in caught.value.subject
    assert caught.value.answer
    assert caught.value.advice


def test_a_referral_names_the_zone_that_is_delegated() -> None:
    referral = answering(authority="www.example.test. 60 IN NS ns.www.example.test.", flags="QR")
    with pytest.raises(NotUnderstood, match=r"www\.example\.test\. is delegated"):
        read(referral)


def test_records_of_a_wildcard_are_not_there() -> None:
    def wildcard(question: dns.message.Message) -> dns.message.Message:
        answer = answering(authority=SOA)(question)
        name = question.question[0].name
        answer.answer = dns.message.from_text(f'id 1\n;ANSWER\n{name} 60 IN TXT "a"').answer
        return answer

    assert read(wildcard) is None


def signed_with(key: dns.tsig.Key | None, answerer: Answerer) -> Answerer:
    def sign(question: dns.message.Message) -> dns.message.Message:
        answer = answerer(question)
        if key is not None:
            answer.use_tsig(key)
            answer.request_mac = question.mac or b""
        return answer

    return sign


def test_a_question_is_signed_and_not_recursive() -> None:
    one = primary(signed_with(KEY, answering(authority=SOA)), is_signed=True)
    one.rrset(OWNER, dns.rdatatype.TXT)
    server = one.server.nameserver
    assert isinstance(server, ToldServer)
    (question,) = server.asked
    assert question.had_tsig
    assert not question.flags & dns.flags.RD


@pytest.mark.parametrize("key", [None, OTHER_KEY])
@pytest.mark.parametrize("said", [{"answer": TEXT}, {"code": "NXDOMAIN", "authority": SOA}])
def test_an_answer_that_is_not_proven_is_not_believed(
    key: dns.tsig.Key | None, said: dict[str, str]
) -> None:
    with pytest.raises(NotTrusted):
        read(signed_with(key, answering(**said)), is_signed=True)


def test_an_update_whose_answer_is_not_proven_may_have_been_made() -> None:
    one = primary(signed_with(OTHER_KEY, dns.message.make_response), is_signed=True)
    with pytest.raises(NotUnderstood) as caught:
        one.replace(OWNER, dns.rdatatype.TXT, None, dns.rdataset.from_text("IN", "TXT", 60, '"a"'))
    assert not caught.value.nothing_written


def sent(
    before: dns.rdataset.Rdataset | None, after: dns.rdataset.Rdataset | None
) -> dns.update.UpdateMessage:
    one = primary(dns.message.make_response)
    one.replace(OWNER, dns.rdatatype.TXT, before, after)
    server = one.server.nameserver
    assert isinstance(server, ToldServer)
    (message,) = server.asked
    assert isinstance(message, dns.update.UpdateMessage)
    return message


def lines(section: list[Any]) -> list[str]:
    return [str(rrset) for rrset in section]


def test_an_update_names_every_record_that_was_read() -> None:
    update = sent(
        dns.rdataset.from_text("IN", "TXT", 60, '"a"', '"b"'),
        dns.rdataset.from_text("IN", "TXT", 60, '"b"', '"c"'),
    )
    assert lines(update.prerequisite) == [
        'www.example.test. 0 IN TXT "a"',
        'www.example.test. 0 IN TXT "b"',
    ]
    assert lines(update.update) == [
        'www.example.test. 0 NONE TXT "a"',
        'www.example.test. 60 IN TXT "c"',
    ]


def test_a_new_record_set_must_not_exist_yet() -> None:
    update = sent(None, dns.rdataset.from_text("IN", "TXT", 60, '"a"'))
    assert lines(update.prerequisite) == ["www.example.test. NONE TXT"]
    assert lines(update.update) == ['www.example.test. 60 IN TXT "a"']


def test_a_record_set_is_never_deleted_as_a_whole() -> None:
    last = dns.rdataset.from_text("IN", "TXT", 60, '"a"')
    assert lines(sent(last, None).update) == ['www.example.test. 0 NONE TXT "a"']
    other_ttl = dns.rdataset.from_text("IN", "TXT", 90, '"a"')
    assert lines(sent(last, other_ttl).update) == [
        'www.example.test. 0 NONE TXT "a"',
        'www.example.test. 90 IN TXT "a"',
    ]


def test_a_server_without_prerequisites_gets_no_update() -> None:
    record = dns.rdataset.from_text("IN", "TXT", 60, '"a"')[0]
    with pytest.raises(NotUnderstood, match="prerequisites"):
        primary(dns.message.make_response).check_update_allowed(OWNER, record)


@pytest.mark.parametrize("code", [dns.rcode.YXRRSET, dns.rcode.NXRRSET])
def test_contradicting_prerequisites_are_the_question_whether_we_may(code: dns.rcode.Rcode) -> None:
    def unmet(update: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(update)
        answer.set_rcode(code)
        return answer

    one = primary(unmet)
    one.check_update_allowed(OWNER, dns.rdataset.from_text("IN", "TXT", 60, '"nobody"')[0])
    server = one.server.nameserver
    assert isinstance(server, ToldServer)
    (update,) = server.asked
    assert isinstance(update, dns.update.UpdateMessage)
    assert lines(update.prerequisite) == [
        "www.example.test. ANY TXT",
        "www.example.test. NONE TXT",
    ]
    assert lines(update.update) == ['www.example.test. 0 NONE TXT "nobody"']
