# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modify requests, read back by the ASN.1 of RFC 4511 as ldap3 has it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3.protocol.rfc4511 import LDAPMessage
from pyasn1.codec.ber.decoder import decode

from ansible_collections.tenantops.migration.plugins.module_utils._ldap.wire.ber import (
    SEQUENCE,
    element,
    integer,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.wire.modify import (
    Modification,
    Standing,
    modify_operation,
    read_operation,
    standing,
)

ATTRIBUTES = st.sampled_from(["mail", "proxyAddresses", "displayName"])
VALUES = st.lists(st.binary(max_size=300), max_size=4, unique=True).map(tuple)
MODIFICATIONS = st.lists(
    st.builds(Modification, ATTRIBUTES, VALUES, VALUES, st.booleans()), max_size=4
)


def read_back(operation: bytes, number: int = 1) -> Any:
    message, rest = decode(element(SEQUENCE, integer(number) + operation), asn1Spec=LDAPMessage())
    assert not rest
    assert int(message["messageID"]) == number
    return message["protocolOp"].getComponent()


@given(dn=st.text(), modifications=MODIFICATIONS, number=st.integers(0, 2**31 - 1))
def test_a_request_is_what_the_rfc_says(
    dn: str, modifications: list[Modification], number: int
) -> None:
    request = read_back(modify_operation(dn, modifications), number)
    assert bytes(request["object"]).decode("utf-8") == dn
    steps = [
        (
            str(change["operation"]),
            str(change["modification"]["type"]),
            {bytes(value) for value in change["modification"]["vals"]},
        )
        for change in request["changes"]
    ]
    assert steps == [
        (operation, modification.attribute, set(values))
        for modification in modifications
        for operation, values in (("delete", modification.remove), ("add", modification.add))
        if values
    ]


def test_values_of_any_length() -> None:
    long = b"x" * 5_000_000
    request = read_back(
        modify_operation("CN=a", [Modification("mail", (long,), (b"",), is_single=True)])
    )
    assert [bytes(each["modification"]["vals"][0]) for each in request["changes"]] == [long, b""]


@given(dn=st.text(), attributes=st.lists(ATTRIBUTES), time_limit=st.integers(0, 3600))
def test_a_question_is_what_the_rfc_says(dn: str, attributes: list[str], time_limit: int) -> None:
    request = read_back(read_operation(dn, attributes, time_limit))
    assert bytes(request["baseObject"]).decode("utf-8") == dn
    assert int(request["scope"]) == 0
    assert int(request["derefAliases"]) == 0
    assert int(request["sizeLimit"]) == 0
    assert int(request["timeLimit"]) == time_limit
    assert not request["typesOnly"]
    assert bytes(request["filter"]["present"]) == b"objectClass"
    assert [str(attribute) for attribute in request["attributes"]] == attributes


def single(before: bytes | None, after: bytes | None) -> Modification:
    return Modification(
        "mail", () if before is None else (before,), () if after is None else (after,), True
    )


@pytest.mark.parametrize(
    ("modification", "now", "expected"),
    [
        (single(b"a", b"b"), [b"a"], Standing.BEFORE),
        (single(b"a", b"b"), [b"b"], Standing.AFTER),
        (single(b"a", b"b"), [b"A"], Standing.OTHER),
        (single(b"a", b"b"), [], Standing.OTHER),
        (single(b"a", b"A"), [b"a"], Standing.BEFORE),
        (single(b"a", b"A"), [b"A"], Standing.AFTER),
        (single(None, b"b"), [], Standing.BEFORE),
        (single(None, b"b"), [b"b"], Standing.AFTER),
        (single(None, b"b"), [b"c"], Standing.OTHER),
        (single(b"a", None), [b"a"], Standing.BEFORE),
        (single(b"a", None), [], Standing.AFTER),
        (single(b"a", None), [b"b"], Standing.OTHER),
    ],
)
def test_how_one_value_stands(
    modification: Modification, now: list[bytes], expected: Standing
) -> None:
    assert standing([modification], {"mail": now, "other": [b"x"]}) is expected


def several(remove: bytes, add: bytes) -> Modification:
    """Letters are values."""
    return Modification("proxyAddresses", one_each(remove), one_each(add), False)


def one_each(letters: bytes) -> tuple[bytes, ...]:
    return tuple(bytes([letter]) for letter in letters)


@pytest.mark.parametrize(
    ("modification", "now", "expected"),
    [
        (several(b"a", b"b"), b"a", Standing.BEFORE),
        (several(b"a", b"b"), b"xay", Standing.BEFORE),
        (several(b"a", b"b"), b"xby", Standing.AFTER),
        (several(b"a", b"b"), b"ab", Standing.OTHER),
        (several(b"a", b"b"), b"x", Standing.OTHER),
        (several(b"", b"bc"), b"x", Standing.BEFORE),
        (several(b"", b"bc"), b"b", Standing.OTHER),
        (several(b"", b"bc"), b"cxb", Standing.AFTER),
        (several(b"ab", b""), b"abx", Standing.BEFORE),
        (several(b"ab", b""), b"bx", Standing.OTHER),
        (several(b"ab", b""), b"", Standing.AFTER),
        # Of two spellings of one value, one goes: the other is removed and added again.
        (several(b"aA", b"A"), b"aA", Standing.BEFORE),
        (several(b"aA", b"A"), b"A", Standing.AFTER),
        (several(b"aA", b"A"), b"a", Standing.OTHER),
    ],
)
def test_how_several_values_stand(
    modification: Modification, now: bytes, expected: Standing
) -> None:
    values = [bytes([letter]) for letter in now]
    assert standing([modification], {"proxyaddresses": values}) is expected


def test_half_of_the_modifications_is_neither() -> None:
    both = [single(b"a", b"b"), several(b"a", b"b")]
    assert standing(both, {"mail": [b"b"], "proxyaddresses": [b"a"]}) is Standing.OTHER
    assert standing(both, {"mail": [b"b"], "proxyaddresses": [b"b"]}) is Standing.AFTER
    assert standing(both, {"mail": [b"a"], "proxyaddresses": [b"a"]}) is Standing.BEFORE
