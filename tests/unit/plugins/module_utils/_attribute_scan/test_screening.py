# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The screen must never let something pass that the rules would find, nor claim something else."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules import (
    judgement,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.policy import (
    Policy,
    Profile,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_scan import (
    forest_index,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_scan.objects import (
    DECODED,
    kind_of,
    object_of,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_scan.screening import (
    Screen,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_scan.skips import (
    reason_to_skip,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.wire.ber import (
    OCTET_STRING,
    SET,
    element,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.wire.entries import (
    RawAttributes,
    decoded,
)

_DN = b"CN=Anna Berg,OU=People,DC=corp,DC=example,DC=com"
_ADDRESS = "anna.berg@contoso.com"
_SID = bytes.fromhex("010500000000000515000000010000000200000003000000")

_Values = dict[str, list[bytes]]

_POLICIES = [
    Policy(
        profile=profile,
        forest_suffixes=frozenset({"contoso.com", "corp.local"}),
        verified_domains=verified,
    )
    for profile in Profile
    for verified in (None, frozenset({"contoso.com", "fabrikam.com"}))
]


def _in_order() -> _Values:
    return {
        "objectClass": [b"top", b"person", b"organizationalPerson", b"user"],
        "objectGUID": [uuid.UUID(int=7).bytes_le],
        "objectSid": [_SID + (1200).to_bytes(4, "little")],
        "cn": [b"Anna Berg"],
        "displayName": ["Anna Bergström".encode()],
        "givenName": [b"Anna"],
        "sn": ["Bergström".encode()],
        "mail": [_ADDRESS.encode()],
        "mailNickname": [b"anna.berg"],
        "proxyAddresses": [
            f"SMTP:{_ADDRESS}".encode(),
            b"smtp:aberg@fabrikam.com",
            b"sip:anna.berg@contoso.com",
            b"X500:/o=Contoso/ou=Exchange (FYDIBOHF23SPDLT)/cn=aberg",
        ],
        "sAMAccountName": [b"aberg"],
        "targetAddress": [b"SMTP:anna.berg@remote.contoso.com"],
        "userPrincipalName": [_ADDRESS.encode()],
        "userAccountControl": [b"512"],
        "msExchRecipientTypeDetails": [b"1"],
    }


def _group_in_order() -> _Values:
    values = _in_order()
    for name in ("userPrincipalName", "givenName", "sn", "userAccountControl"):
        del values[name]
    return values | {"objectClass": [b"top", b"group"], "groupType": [b"8"]}


def _contact_in_order() -> _Values:
    values = _in_order()
    for name in ("userPrincipalName", "userAccountControl", "sAMAccountName", "objectSid"):
        del values[name]
    classes = [b"top", b"person", b"organizationalPerson", b"contact"]
    return values | {"objectClass": classes, "mailNickname": [b"anna.berg"]}


_IN_ORDER = [_in_order(), _group_in_order(), _contact_in_order()]


def _raw(values: _Values) -> RawAttributes:
    return {
        name.encode(): element(SET, b"".join(element(OCTET_STRING, value) for value in held))
        for name, held in values.items()
    }


def _assert_agrees(values: _Values, policy: Policy) -> bool:
    """Whether the object passed; fails if it should not have."""
    raw = _raw(values)
    found = Screen(policy).claims(raw)
    if found is None:
        return False
    kind, claims = found
    attributes = decoded(raw, DECODED)
    assert kind_of(attributes[b"objectClass"]) is kind
    assert reason_to_skip(_DN, kind.value, attributes) is None
    thing = object_of(_DN, kind, attributes, "corp.example.com")
    assert judgement.judge(thing, policy) == ()
    exact = {
        forest_index.claim_hash(claim.space, claim.key)
        for claim in judgement.uniqueness_claims(thing, policy)
    }
    assert set(claims) == exact
    return True


@pytest.mark.parametrize("values", _IN_ORDER)
@pytest.mark.parametrize("policy", _POLICIES)
def test_what_is_in_order_passes(policy: Policy, values: _Values) -> None:
    assert _assert_agrees(values, policy)


@pytest.mark.parametrize("attribute", ["targetAddress", "proxyAddresses"])
@pytest.mark.parametrize("length", range(250, 260))
def test_an_address_that_is_long_because_of_its_domain(attribute: str, length: int) -> None:
    """Neither part of it is too long by itself."""
    domain = f"{'x' * 60}.{'y' * 60}.{'z' * 60}.contoso.com"
    prefix = {"targetAddress": "SMTP", "proxyAddresses": "smtp"}[attribute]
    local_part = "a" * (length - len(f"{prefix}:@{domain}"))
    values = _in_order()
    others = values[attribute] if attribute == "proxyAddresses" else []
    values[attribute] = [*others, f"{prefix}:{local_part}@{domain}".encode()]
    _assert_agrees(values, Policy())


def test_values_with_long_ber_lengths_pass_as_active_directory_writes_them() -> None:
    def long_element(tag: int, content: bytes) -> bytes:
        return bytes((tag, 0x84)) + len(content).to_bytes(4, "big") + content

    raw = {
        name.encode(): long_element(
            SET, b"".join(long_element(OCTET_STRING, value) for value in held)
        )
        for name, held in _in_order().items()
    }
    assert Screen(_POLICIES[0]).claims(raw) == Screen(_POLICIES[0]).claims(_raw(_in_order()))


# What is most likely to be taken for harmless, and any text at all.
_PIECES = st.one_of(
    st.sampled_from(
        [
            *(
                "[",
                "]",
                '"',
                " ",
                ".",
                "..",
                "-",
                "_",
                "'",
                "@",
                "é",
                "ü",
                "ß",
                "\u200b",
                "\u00a0",
                "\u3000",
            ),
            *("\t", "(", ")", ";", ",", ":", "#", "~", "%", "&", "山", "か", "\u202e", "\u00ad"),
            *("smtp:", "SMTP:", "sip:", "x400:", "AAD_", "MSOL_", "SystemMailbox{", "x" * 60),
            *("@contoso.com", "@corp.local", ".local", "xn--", "\x1b", "\u0085", "İ", "ſ", "K"),
        ]
    ),
    st.text(max_size=3),
)


@st.composite
def _nearly_in_order(draw: st.DrawFn) -> _Values:
    values = dict(draw(st.sampled_from(_IN_ORDER)))
    for name in draw(st.lists(st.sampled_from(sorted(values)), max_size=3)):
        held = values.get(name)
        change = draw(st.sampled_from(["insert", "remove", "double", "case", "cut", "replace"]))
        if not held:
            continue
        place = draw(st.integers(0, len(held) - 1))
        value = held[place]
        at = draw(st.integers(0, len(value)))
        if change == "insert":
            value = value[:at] + draw(_PIECES).encode("utf-8", "surrogatepass") + value[at:]
            values[name] = [*held[:place], value, *held[place + 1 :]]
        elif change == "case":
            values[name] = [*held[:place], value.swapcase(), *held[place + 1 :]]
        elif change == "cut":
            values[name] = [*held[:place], value[:at], *held[place + 1 :]]
        elif change == "double":
            values[name] = [*held, value]
        elif change == "replace":
            other = draw(st.sampled_from(sorted(values)))
            values[name] = list(values[other])
        else:
            values.pop(name)
    if draw(st.booleans()):
        # Together, so that the ordinary shape is kept.
        address = draw(
            st.sampled_from(["x.y", "a", "a-", "-a", "a_b", "A.B", "a" * 64, "a" * 65, "a.b-c_d"])
        )
        domain = draw(
            st.sampled_from(
                [
                    *("contoso.com", "corp.local", "fabrikam.com", "CONTOSO.com", "a.b", "x.c-m"),
                    *("-a.com", "a-.com", f"{'d' * 63}.com", f"{'e' * 64}.com", "1.2", "co.uk"),
                ]
            )
        )
        whole = f"{address}@{domain}".encode()
        values.update(mail=[whole], proxyAddresses=[b"SMTP:" + whole])
        if "userPrincipalName" in values:
            values["userPrincipalName"] = [whole]
    return values


@given(_nearly_in_order(), st.sampled_from(_POLICIES))
def test_what_passes_breaks_no_rule_and_claims_the_same(values: _Values, policy: Policy) -> None:
    _assert_agrees(values, policy)


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("displayName", ["Anna  Berg"]),
        ("displayName", [" Anna"]),
        ("displayName", ["x" * 257]),
        ("mail", ["anna.berg@contoso.com", "b@contoso.com"]),
        ("userPrincipalName", ["anna.berg@fabrikam.com"]),
        ("proxyAddresses", ["smtp:anna.berg@contoso.com"]),
        ("proxyAddresses", ["SMTP:anna.berg@contoso.com", "SMTP:b@contoso.com"]),
        ("proxyAddresses", ["SMTP:anna.berg@contoso.com", "smtp:anna.berg@contoso.com"]),
        ("proxyAddresses", ["SMTP:anna.berg@contoso.com", "b@contoso.com"]),
        ("proxyAddresses", ["SMTP:anna.berg@contoso.com", "x500:/o=[x]"]),
        ("proxyAddresses", ["SMTP:anna.berg@contoso.com", 'x500:/o="x"']),
        ("targetAddress", ["anna.berg@remote.contoso.com"]),
        ("sAMAccountName", ["AAD_1234"]),
        ("mailNickname", [".anna"]),
        ("isCriticalSystemObject", ["TRUE"]),
        ("msExchRecipientTypeDetails", ["8192"]),
    ],
)
def test_what_is_not_ordinary_is_looked_at(name: str, held: list[str]) -> None:
    values = _in_order() | {name: [value.encode() for value in held]}
    assert Screen(_POLICIES[0]).claims(_raw(values)) is None
