# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.address_list import (  # noqa: E501
    AddressListCount,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.attributes import (  # noqa: E501
    JUDGED,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.catalogue import (  # noqa: E501
    BY_ID,
    RULES,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.judgement import (  # noqa: E501
    Claim,
    judge,
    judge_duplicates,
    uniqueness_claims,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.model import (
    DirectoryObject,
    Finding,
    Holder,
    ObjectClass,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.policy import (
    Licensed,
    Policy,
    Profile,
)

GUID = "11111111-1111-1111-1111-111111111111"


def directory_object(
    object_class: ObjectClass = ObjectClass.USER, /, **values: tuple[str, ...]
) -> DirectoryObject:
    return DirectoryObject(GUID, "CN=Jane,DC=contoso,DC=com", object_class, "contoso.com", values)


def holder(guid: str, attribute: str, value: str = "jane@contoso.com") -> Holder:
    return Holder(guid, f"CN={guid}", ObjectClass.USER, attribute, value)


# Texts near the rules find more than any texts would.
PIECES = st.sampled_from(
    (
        *("jane", ".", "..", "@", "contoso.com", "contoso.local", "xn--", "-", "_", "&", "'", "("),
        *("SMTP:", "smtp:", "sip:", "x500:", '"', " ", "\t", "\u200b", "\u202e", "\ud800"),
        *("é", "ß", "𝒿"),
    )
)
TEXTS = st.one_of(st.text(st.characters(codec=None)), st.lists(PIECES, max_size=8).map("".join))
VALUES = st.dictionaries(
    st.sampled_from(JUDGED), st.lists(TEXTS, min_size=1, max_size=4).map(tuple), max_size=8
)
DOMAINS = st.none() | st.frozensets(st.sampled_from(["contoso.com", "fabrikam.com"]))
POLICIES = st.builds(
    Policy,
    profile=st.sampled_from(Profile),
    severities=st.dictionaries(st.sampled_from(sorted(BY_ID)), st.none(), max_size=20),
    forest_suffixes=DOMAINS,
    verified_domains=DOMAINS,
    known_domains=st.frozensets(st.just("local")),
    licensed=st.sampled_from(Licensed),
    most_proxy_addresses=st.integers(1, 3),
)
OBJECTS = st.builds(
    DirectoryObject,
    guid=st.just(GUID),
    dn=st.just("CN=Jane,DC=contoso,DC=com"),
    object_class=st.sampled_from(ObjectClass),
    domain=st.just("contoso.com"),
    values=VALUES,
    undecodable=st.dictionaries(
        st.sampled_from(JUDGED), st.lists(st.binary(), min_size=1).map(tuple), max_size=2
    ),
)


@given(OBJECTS, POLICIES)
def test_any_object_can_be_judged_again_and_again(obj: DirectoryObject, policy: Policy) -> None:
    findings = judge(obj, policy)
    assert findings == judge(obj, policy)
    for finding in findings:
        rule = BY_ID[finding.rule]
        assert obj.object_class in rule.classes
        assert (finding.kind, finding.severity) == (rule.kind, policy.severity(rule.id))
        assert finding.detail
        assert len(finding.detail) < 2000
        assert finding.suggestion is None


@given(OBJECTS, POLICIES)
def test_no_rule_depends_on_another_being_judged(obj: DirectoryObject, policy: Policy) -> None:
    every = judge(obj, replace(policy, severities={}))
    kept = [finding for finding in every if policy.severity(finding.rule) is not None]
    assert list(judge(obj, policy)) == kept
    nothing = replace(policy, severities={rule.id: None for rule in RULES})
    assert judge(obj, nothing) == ()


@given(OBJECTS, POLICIES)
def test_any_object_can_claim_and_clash(obj: DirectoryObject, policy: Policy) -> None:
    claims = uniqueness_claims(obj, policy)
    assert claims == uniqueness_claims(obj, policy)
    assert len(set(claims)) == len(claims)
    others = {claim: (holder("other", claim.attribute, claim.value),) for claim in claims}
    findings = judge_duplicates(obj, others, policy)
    assert all(finding.holders or finding.value is None for finding in findings)
    own = {claim: (holder(GUID, claim.attribute, claim.value),) for claim in claims}
    assert judge_duplicates(obj, own, policy) == ()


@pytest.mark.parametrize(
    "piece",
    ["x", "a.", ".", " ", "a ", "\u200b", "a\u200c", "\u0300\u0323", "@", "smtp:", "é@", "xn--"],
)
@pytest.mark.parametrize("start", ["", "SMTP:jane@"])
def test_a_long_piece_of_nonsense_can_be_judged(start: str, piece: str) -> None:
    # In quadratic time this would never end.
    text = start + piece * 100_000
    obj = directory_object(**dict.fromkeys(JUDGED, (text,)))
    findings = judge(obj, Policy(verified_domains=frozenset({"contoso.com"})))
    claims = uniqueness_claims(obj, Policy())
    judge_duplicates(obj, dict.fromkeys(claims, (holder("other", "mail"),)), Policy())
    assert findings
    assert max(len(finding.detail) for finding in findings) < 2000


def test_findings_come_in_the_order_of_the_attributes() -> None:
    obj = directory_object(
        userPrincipalName=(".jane@contoso.com",),
        mail=("jane@contoso.com",),
        sn=(" Doe",),
        proxyAddresses=("SMTP:a b@contoso.com", "smtp:.jane@contoso.com"),
    )
    rules = [finding.rule for finding in judge(obj, Policy())]
    assert rules == [
        "sn.edge_whitespace",
        "proxyAddresses.space",
        "proxyAddresses.local_part",
        "userPrincipalName.dot",
        "sAMAccountName.missing",
        "mail.not_in_proxy_addresses",
        "userPrincipalName.not_primary_address",
        "proxyAddresses.no_valid_address",
    ]


@pytest.mark.parametrize(
    ("attribute", "value", "detail"),
    [
        ("displayName", "Jane\u200b Doe", "U+200B ZERO WIDTH SPACE at 5"),
        ("displayName", "Jane\x00\x01", "U+0000 at 5, U+0001 at 6"),
        ("displayName", "Jane\xa0", "U+00A0 NO-BREAK SPACE at the end"),
        ("displayName", " Jane", "a space at the beginning"),
        ("givenName", "x" * 65, "65 characters, 64 are allowed"),
        ("mail", "jané(x)@contoso.com", "(, )"),
        ("mail", "ja;ne@contoso.com", ";"),
        ("mail", "jäne@contoso.com", "ä U+00E4 LATIN SMALL LETTER A WITH DIAERESIS"),
        ("mail", "ja()<>[];ne@contoso.com", "(, ), <, >, [, and more"),
        ("mail", "a@b@c@contoso.com", "there are 3 @"),
        (
            "mail",
            ".j..x.@contoso.com",
            "a dot at the beginning, a dot at the end, two dots in a row",
        ),
        ("userPrincipalName", "jane @contoso.com", "the name ends with a space"),
    ],
)
def test_a_finding_says_what_is_wrong(attribute: str, value: str, detail: str) -> None:
    findings = judge(directory_object(**{attribute: (value,)}), Policy())
    assert detail in [finding.detail for finding in findings if finding.value == value]


def test_of_several_primary_addresses_the_one_in_mail_is_right() -> None:
    values = ("SMTP:a@contoso.com", "SMTP:b@contoso.com", "SMTP:c@contoso.com")

    def blamed(mail: str) -> list[str | None]:
        obj = directory_object(mail=(mail,), proxyAddresses=values)
        rule = "proxyAddresses.several_primaries"
        return [each.value for each in judge(obj, Policy()) if each.rule == rule]

    assert blamed("B@contoso.com") == [values[0], values[2]]
    assert blamed("d@contoso.com") == list(values)


@pytest.mark.parametrize(
    ("values", "blamed"),
    [
        (("smtp:jane@x.com", "SMTP:Jane@x.com", "smtp:JANE@x.com"), [0, 2]),
        (("smtp:jane@x.com", "smtp:JANE@x.com"), [1]),
        (("jane@x.com", "smtp:jane@x.com"), [0]),
        (("smtp:jane@x.com ", "smtp:jane@x.com"), [0]),
        (("SMTP:jane@x.com ", "smtp:jane@x.com"), [1]),
        (("sip:jane@x.com", "SIP:jane@x.com"), [1]),
    ],
)
def test_of_a_repeated_address_the_best_one_is_right(
    values: tuple[str, ...], blamed: list[int]
) -> None:
    findings = judge(directory_object(proxyAddresses=values), Policy())
    found = [each.value for each in findings if each.rule == "proxyAddresses.repeated"]
    assert found == [values[index] for index in blamed]


def test_what_cannot_be_read_is_told_and_nothing_is_missing() -> None:
    obj = replace(
        directory_object(),
        undecodable={
            "sn": (b"ok \xff\xfe", b"\xe9" * 5_000_000),
            "userPrincipalName": (b"j\xe9@contoso.com",),
            "sAMAccountName": (b"\xe9",),
            "proxyAddresses": (b"SMTP:\xe9",),
        },
    )
    findings = judge(obj, Policy())
    assert [(each.rule, each.attribute) for each in findings] == [
        ("value.undecodable", "sn"),
        ("value.undecodable", "sn"),
        ("value.undecodable", "userPrincipalName"),
        ("value.undecodable", "sAMAccountName"),
        ("value.undecodable", "proxyAddresses"),
    ]
    assert findings[0].value == r"ok \xff\xfe"
    assert findings[0].detail == "5 bytes are no UTF-8: invalid start byte at 4"
    assert max(len(each.value or "") for each in findings) < 1000


def test_claims_name_the_space_the_key_and_where_it_comes_from() -> None:
    obj = directory_object(
        mail=("Jane@contoso.com",),
        mailNickname=("Jane",),
        proxyAddresses=("SMTP:Jane@contoso.com", "sip:Jane@contoso.com", "X500:/o=A"),
        targetAddress=("SMTP:jane@fabrikam.com",),
        userPrincipalName=("jane@contoso.com",),
        sAMAccountName=("Jane",),
    )
    address = "jane@contoso.com"
    assert set(uniqueness_claims(obj, Policy())) == {
        Claim("address", address, "mail", "Jane@contoso.com"),
        Claim("address", address, "userPrincipalName", "jane@contoso.com"),
        Claim("address", address, "proxyAddresses", "SMTP:Jane@contoso.com"),
        Claim("proxy", "sip:jane@contoso.com", "proxyAddresses", "sip:Jane@contoso.com"),
        Claim("proxy", "x500:/o=a", "proxyAddresses", "X500:/o=A"),
        Claim("address", "jane@fabrikam.com", "targetAddress", "SMTP:jane@fabrikam.com"),
        Claim("nickname", "jane", "mailNickname", "Jane"),
    }


@pytest.mark.parametrize("name", ["jane@contoso.local", "jäne@contoso.com", None])
def test_an_account_name_is_claimed_where_it_matters(name: str | None) -> None:
    values = {"userPrincipalName": (name,)} if name else {}
    obj = directory_object(sAMAccountName=("Jane",), **values)
    account = Claim("account", "contoso.com\\jane", "sAMAccountName", "Jane")
    assert account in uniqueness_claims(obj, Policy())
    assert account not in uniqueness_claims(replace(obj, object_class=ObjectClass.GROUP), Policy())


def clashes(obj: DirectoryObject, *holders: Holder) -> list[tuple[str, str, int]]:
    claims = uniqueness_claims(obj, Policy())
    findings = judge_duplicates(obj, dict.fromkeys(claims, holders), Policy())
    return [(each.rule, each.attribute, len(each.holders)) for each in findings]


def test_all_holders_are_listed_whatever_their_attribute() -> None:
    obj = directory_object(ObjectClass.GROUP, mail=("jane@contoso.com",))
    mail, proxy = holder("a", "mail"), holder("b", "proxyAddresses", "smtp:jane@contoso.com")
    target = holder("c", "targetAddress")
    assert clashes(obj, mail, proxy, target) == [("mail.duplicate", "mail", 3)]
    assert clashes(obj, proxy, target) == [("address.shared", "mail", 2)]
    assert clashes(obj, target) == []


def test_an_object_does_not_clash_with_itself() -> None:
    obj = directory_object(ObjectClass.GROUP, mail=("jane@contoso.com",))
    assert clashes(obj, holder(GUID, "proxyAddresses")) == []
    assert clashes(obj, holder(GUID, "proxyAddresses"), holder("a", "mail")) == [
        ("mail.duplicate", "mail", 1)
    ]


def test_a_clash_names_who_has_it() -> None:
    obj = directory_object(ObjectClass.GROUP, mail=("jane@contoso.com",))
    (claim,) = uniqueness_claims(obj, Policy())

    def detail(*holders: Holder) -> str:
        findings: tuple[Finding, ...] = judge_duplicates(obj, {claim: holders}, Policy())
        return findings[0].detail

    assert detail(holder("a", "mail")) == "CN=a has it in mail"
    assert detail(holder("a", "mail"), holder("b", "proxyAddresses")) == (
        "CN=a has it in mail, and 1 more have it"
    )


def test_counts_of_the_address_list_add_up() -> None:
    one, other = AddressListCount(), AddressListCount()
    one.add({"title": ("Engineer",), "mail": ("jane@contoso.com",)})
    other.add({})
    one.merge([other, AddressListCount()])
    assert one.users == 2
    assert one.percentages(Policy())["title"] == 50.0
    assert AddressListCount().percentages(Policy()) == {}
