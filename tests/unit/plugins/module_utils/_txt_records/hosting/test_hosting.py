# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all DNS hosting companies have in common. Each of them is tested in tests/lab."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ConnectionFailed,
    InvalidInput,
    NotUnderstood,
    ObjectGone,
    Refused,
)
from ansible_collections.tenantops.migration.plugins.module_utils._txt_records.hosting import (
    account,
    answers,
    quoting,
    record_set,
    zones,
)
from ansible_collections.tenantops.migration.plugins.module_utils._txt_records.model import (
    RRsetName,
    TxtRRset,
    TxtValue,
)

VALUES = st.lists(st.binary(max_size=255), min_size=1, max_size=3).map(
    lambda strings: TxtValue(tuple(strings))
)


def value(*strings: str) -> TxtValue:
    return TxtValue(tuple(string.encode() for string in strings))


def held(*values: TxtValue, ttl: int = 600) -> record_set.Held:
    return record_set.Held.of((each, ttl, each.text) for each in values)


@given(VALUES, st.sampled_from([8, 10]))
def test_quoted_strings_are_read_as_they_were_written(written: TxtValue, base: int) -> None:
    assert quoting.unquoted(quoting.quoted(written, base), base, InvalidInput) == written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", value("plain")),
        ('"one" "two"', value("one", "two")),
        ('"one"\t"two"', value("one", "two")),
        ('""', value("")),
        ("a b", value("a", "b")),
    ],
)
def test_strings_in_other_forms(text: str, expected: TxtValue) -> None:
    assert quoting.unquoted(text, 10, InvalidInput) == expected


@pytest.mark.parametrize("text", ["", "  ", '"open', '"a\\', '"\\999"', '"' + "x" * 256 + '"'])
def test_what_is_no_string_is_an_error(text: str) -> None:
    with pytest.raises(InvalidInput):
        quoting.unquoted(text, 10, InvalidInput)


def test_plain_values() -> None:
    quoting.check_plain(value("v=spf1 -all"), "x")
    for odd in ("ü", '"', "\\", "\t"):
        with pytest.raises(InvalidInput):
            quoting.check_plain(value(odd), "x")


def test_zones_above_a_name() -> None:
    assert zones.zones_above("*.a.b.test.") == ["a.b.test.", "b.test."]
    assert zones.zones_above("b.test.") == ["b.test."]
    assert zones.relative_name(RRsetName("b.test.", "a.b.test.")) == "a"
    assert zones.relative_name(RRsetName("b.test.", "b.test.")) == "@"


@pytest.mark.parametrize("name", ["a b.test", "a\\046b.test"])
def test_unusual_names_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        zones.hosted_name(name)


def test_zone_is_found_by_its_ids() -> None:
    ids = {"b.test.": ["1"], "twice.test.": ["1", "2"]}

    def find(owner: str, zone: str | None = None) -> tuple[str, str]:
        return zones.find_zone(
            owner, zone, lambda name: ids.get(name, []), server="x", is_at="here"
        )

    assert find("x.a.b.test.") == ("b.test.", "1")
    with pytest.raises(InvalidInput, match="more than one"):
        find("twice.test.")
    with pytest.raises(ObjectGone):
        find("nowhere.test.")
    with pytest.raises(InvalidInput):
        find("a.c.test.", "b.test.")


def parameters(**options: Any) -> dict[str, Any]:
    return {
        "dns_provider": "x",
        "dns_provider_credentials": {"key": "a-secret", "other": None},
        "dns_provider_settings": {"retry_time": 1.0},
        "dns_timeout": 1.0,
        **options,
    }


def test_account_takes_what_its_company_needs_and_nothing_else() -> None:
    needed = account.Requirements(credentials=frozenset({"key"}), settings=frozenset({"group"}))
    with pytest.raises(InvalidInput, match="needs group"):
        account.Account.from_parameters(parameters(), needed)
    for wrong in (
        {"dns_provider_credentials": {"key": "a", "foreign": "b"}},
        {"dns_provider_credentials": None},
        {"dns_provider_settings": {"group": "g", "url": "http://x.test"}},
        {"dns_provider_settings": {"group": "g", "foreign": "b"}},
        {"dns_provider_settings": {"group": "g"}, "dns_timeout": 0},
    ):
        with pytest.raises(InvalidInput) as caught:
            account.Account.from_parameters(parameters(**wrong), needed)
        assert "a-secret" not in str(caught.value)


def test_errors_do_not_tell_secrets() -> None:
    key = "-----BEGIN PRIVATE KEY-----\nABCDEFGHIJKLMNOPQRST\n-----END PRIVATE KEY-----\n"
    given = parameters(
        dns_provider_credentials={
            "key": "a-secret",
            "tenant_id": "told",
            "service_account": json.dumps({"private_key": key}),
        }
    )
    names = frozenset({"key", "tenant_id", "service_account"})
    ours = account.Account.from_parameters(given, account.Requirements(credentials=names))
    ours.learned.add("a-token")
    answer = "told a-secret a-token ABCDEFGHIJKLMNOPQRST " + "x" * 280 + " a-secret"
    with pytest.raises(Refused) as caught, ours.discreet():
        raise Refused("no: a-secret", answer=answer)
    assert caught.value.problem == "no: ********"
    assert caught.value.answer.startswith("told ******** ******** ******** x")
    assert "a-s" not in caught.value.answer
    assert len(caught.value.answer) == 300


@pytest.mark.parametrize(
    ("status", "is_its_own", "kind"),
    [
        (302, False, NotUnderstood),
        (403, False, NotUnderstood),
        (403, True, Refused),
        (404, True, ObjectGone),
        (407, False, ConnectionFailed),
        (418, True, Refused),
        (429, False, answers.Throttled),
        (500, False, ConnectionFailed),
    ],
)
def test_answers_without_success(status: int, is_its_own: bool, kind: type[Exception]) -> None:
    company = answers.Company("x", permission="p", credentials="c")
    error = company.error(answers.HttpAnswer(status, "text"), "object", is_its_own=is_its_own)
    assert error.__class__ is kind
    assert f"HTTP {status}" in error.answer


def test_too_many_requests_end_some_time() -> None:
    left = [answers.Throttled("wait", retry_after=0.0), answers.Throttled("wait", retry_after=0.0)]

    def call() -> str:
        if left:
            raise left.pop()
        return "done"

    assert record_set.patiently(call, 5.0) == "done"
    left.append(answers.Throttled("wait", retry_after=60.0))
    with pytest.raises(answers.Throttled):
        record_set.patiently(call, 5.0)


A, B, OURS = value("a" * 200, "b" * 80), value("b"), value("ours")


def test_what_others_add_is_no_damage() -> None:
    before, after = held(A), TxtRRset(frozenset({A, OURS}), 600)
    assert record_set.Damage.of(before, after, held(A, OURS)).told == []
    assert record_set.Damage.of(before, after, held(A, OURS, B)).told == []


def test_value_cut_in_pieces_is_damage() -> None:
    before, after = held(A), TxtRRset(frozenset({A, OURS}), 600)
    found = held(value("a" * 200), value("b" * 80), OURS, value("theirs"))
    damage = record_set.Damage.of(before, after, found)
    assert damage.lost == {A}
    assert damage.mangled == {value("a" * 200), value("b" * 80)}
    restored = damage.repaired(before, after, found, frozenset())
    assert restored == TxtRRset(frozenset({A, value("theirs")}), 600)


def test_other_ttl_is_damage() -> None:
    before, after = held(A), TxtRRset(frozenset({A, OURS}), 600)
    assert record_set.Damage.of(before, after, held(A, OURS, ttl=3600)).wrong_ttl == 3600
    own = record_set.Held.of([(A, 600, ""), (B, 900, "")])
    both = TxtRRset(frozenset({A, B}), 600)
    assert record_set.Damage.of(own, both, own).wrong_ttl is None
