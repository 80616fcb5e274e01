# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for every suggestion, whatever the object looks like."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.attributes import (  # noqa: E501
    DISPLAY_NAME,
    GIVEN_NAME,
    MAIL,
    MAIL_NICKNAME,
    PROXY_ADDRESSES,
    SURNAME,
    TARGET_ADDRESS,
    USER_PRINCIPAL_NAME,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.judgement import (  # noqa: E501
    judge,
    uniqueness_claims,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.model import (
    DirectoryObject,
    Finding,
    Kind,
    ObjectClass,
    Severity,
    ValueChange,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.policy import (
    Policy,
    Profile,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.suggestions import (  # noqa: E501
    Repair,
    changed,
    objections,
    repair,
    with_companions,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.transliteration import (  # noqa: E501
    Language,
    Transliteration,
)

# An object takes longer to make up than to repair.
few = settings(max_examples=settings().max_examples // 2)

ADDRESSES = (MAIL, PROXY_ADDRESSES, TARGET_ADDRESS, USER_PRINCIPAL_NAME)
NAMES = (DISPLAY_NAME, GIVEN_NAME, SURNAME)
PREFIX = re.compile(r"\s*(?:(?:smtp|sip|mailto)\s*:\s*)+", re.IGNORECASE)

# Pieces near the rules find more than any text would, and few of them so that values coincide.
NAME_PIECES = st.sampled_from(
    (
        *(
            "jane",
            "doe",
            "1",
            ".",
            "..",
            "-",
            "_",
            "'",
            "\u2019",
            "&",
            "+",
            "#",
            "`",
            "(",
            ")",
            ",",
            ";",
        ),
        *(":", "<", ">", '"', "\\", " ", "\u00a0", "\t", "\n", "\u200b", "\u202e", "@", "ö", "ß"),
        *("Å", "é", "o\u0308", "ж", "ь", "山", "きょ", "😀", "\ud800", "a" * 60),
    )
)
LOCAL_PARTS = st.lists(NAME_PIECES, max_size=5).map("".join)
DOMAINS = st.sampled_from(
    (
        *(
            "contoso.com",
            "Contoso.com",
            "fabrikam.com",
            "contoso.local",
            "con_toso.com",
            "cöntoso.com",
        ),
        *("contoso.com ", "con\u200btoso.com", "contoso.notatld", "", "x" * 50 + ".com"),
    )
)
ADDRESS_TEXTS = st.one_of(
    st.builds("{}@{}".format, LOCAL_PARTS, DOMAINS),
    st.builds("{} <{}@{}>".format, st.sampled_from(("Jane Doe", "Info")), LOCAL_PARTS, DOMAINS),
    LOCAL_PARTS,
)
PREFIXES = st.sampled_from(
    ("SMTP:", "smtp:", "smtp:", "", "smtp:smtp:", " SMTP: ", "sip:", "x500:", "X400:")
)
TEXTS = st.one_of(LOCAL_PARTS, st.sampled_from((" ", "\u200b", "Jane Doe")))


@st.composite
def objects(draw: st.DrawFn) -> DirectoryObject:
    """An object whose addresses are often the same."""
    few = st.sampled_from(draw(st.lists(ADDRESS_TEXTS, min_size=1, max_size=3)))
    proxies = st.lists(st.builds("{}{}".format, PREFIXES, few), max_size=4, unique=True)
    values = {
        DISPLAY_NAME: draw(st.lists(TEXTS, max_size=1)),
        GIVEN_NAME: draw(st.lists(TEXTS, max_size=1)),
        "cn": [draw(TEXTS)],
        MAIL: draw(st.lists(few, max_size=1)),
        MAIL_NICKNAME: draw(st.lists(TEXTS, max_size=1)),
        PROXY_ADDRESSES: draw(proxies),
        "sAMAccountName": draw(st.lists(st.sampled_from(("jane", "ja/ne")), max_size=1)),
        TARGET_ADDRESS: draw(st.lists(st.builds("{}{}".format, PREFIXES, few), max_size=1)),
        USER_PRINCIPAL_NAME: draw(st.lists(few, max_size=1)),
    }
    return DirectoryObject(
        "11111111-1111-1111-1111-111111111111",
        "CN=Jane,DC=contoso,DC=com",
        draw(st.sampled_from(ObjectClass)),
        "contoso.com",
        # LDAP has no empty values
        {name: held for name, all_ in values.items() if (held := tuple(filter(None, all_)))},
    )


POLICIES = st.builds(
    Policy,
    profile=st.sampled_from(Profile),
    forest_suffixes=st.sampled_from((None, frozenset({"contoso.com"}))),
    verified_domains=st.sampled_from((None, frozenset({"contoso.com", "fabrikam.com"}))),
    transliteration=st.builds(Transliteration, st.sampled_from(Language)),
)


def nobody(space: str, key: str, guid: str) -> bool:
    return False


def repaired(obj: DirectoryObject, policy: Policy) -> Repair:
    return repair(obj, judge(obj, policy), policy, nobody)


def serious(findings: Iterable[Finding]) -> set[tuple[str, str, str | None]]:
    return {
        (finding.rule, finding.attribute, finding.value)
        for finding in findings
        if finding.severity is not Severity.ADVICE
    }


def domain(value: str) -> str:
    return value.strip(" <>\t\n\u00a0\u200b\u202e").rpartition("@")[2]


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text))).casefold()


def readings(text: str) -> set[str]:
    """The letters and digits of a text in every language."""
    visible = "".join(
        " " if character.isspace() else character
        for character in text
        if character.isspace() or unicodedata.category(character) not in ("Cc", "Cf", "Cs")
    )
    results = (Transliteration(language).romanise(visible) for language in Language)
    return {letters(result.text) for result in results if not result.unreadable}


@few
@given(objects(), POLICIES)
def test_each_finding_has_a_suggestion_or_a_reason(obj: DirectoryObject, policy: Policy) -> None:
    findings = judge(obj, policy)
    result = repair(obj, findings, policy, nobody)

    assert [replace(one, suggestion=None, reason="") for one in result.findings] == list(findings)
    assert all((one.suggestion is None) == bool(one.reason) for one in result.findings)
    assert all(
        one.suggestion is None or one.suggestion in result.changes for one in result.findings
    )


@few
@given(objects(), POLICIES)
def test_what_is_changed_breaks_no_rule(obj: DirectoryObject, policy: Policy) -> None:
    changes = repaired(obj, policy).changes
    after = judge(changed(obj, changes), policy)

    written = {(change.attribute, change.after) for change in changes}
    assert not [
        finding
        for finding in after
        if (finding.attribute, finding.value) in written
        and finding.severity is not Severity.ADVICE
        and not (finding.kind is Kind.MISMATCH and finding.severity is Severity.WARNING)
    ]


@few
@given(objects(), POLICIES)
def test_nothing_else_is_broken_by_it(obj: DirectoryObject, policy: Policy) -> None:
    changes = repaired(obj, policy).changes
    after = serious(judge(changed(obj, changes), policy))

    written = {(change.attribute, change.after) for change in changes}
    new = {breach for breach in after - serious(judge(obj, policy)) if breach[1:] not in written}
    # Where there was no primary address the name could not be unlike it.
    assert {breach[0] for breach in new} <= {"userPrincipalName.not_primary_address"}


@few
@given(objects(), POLICIES)
def test_a_finding_with_a_suggestion_is_gone_after_it(obj: DirectoryObject, policy: Policy) -> None:
    result = repaired(obj, policy)
    after = changed(obj, result.changes)

    still = {(finding.rule, finding.value) for finding in judge(after, policy)}
    for finding in result.findings:
        if finding.suggestion is not None:
            assert (finding.rule, finding.value) not in still


@few
@given(objects(), POLICIES)
def test_what_is_repaired_needs_no_repair(obj: DirectoryObject, policy: Policy) -> None:
    after = changed(obj, repaired(obj, policy).changes)

    assert repaired(after, policy).changes == ()


@few
@given(objects(), POLICIES)
def test_the_domain_part_stays(obj: DirectoryObject, policy: Policy) -> None:
    own = {domain(value) for attribute in ADDRESSES for value in obj.all(attribute)}
    for change in repaired(obj, policy).changes:
        if change.attribute in ADDRESSES and change.after is not None:
            assert domain(change.after) in ({domain(change.before)} if change.before else own)


@few
@given(objects(), POLICIES)
def test_no_letter_is_lost(obj: DirectoryObject, policy: Policy) -> None:
    for change in repaired(obj, policy).changes:
        if change.before is None or change.after is None:
            continue
        if change.attribute in NAMES:
            assert letters(change.before) in ("", letters(change.after))
        elif change.attribute == MAIL_NICKNAME:
            assert letters(change.after) in {letters(change.before), *readings(change.before)}
        elif "<" not in change.before:
            local = PREFIX.sub("", change.before, count=1).rpartition("@")[0]
            assert letters(PREFIX.sub("", change.after).rpartition("@")[0]) in readings(local)


@few
@given(objects(), POLICIES, st.sets(st.integers(0, 5)))
def test_nothing_is_suggested_that_another_object_has(
    obj: DirectoryObject, policy: Policy, chosen: set[int]
) -> None:
    free = changed(obj, repaired(obj, policy).changes)
    wanted = sorted({(claim.space, claim.key) for claim in uniqueness_claims(free, policy)})
    taken = {wanted[index] for index in chosen if index < len(wanted)}

    changes = repair(
        obj, judge(obj, policy), policy, lambda space, key, _guid: (space, key) in taken
    ).changes

    before = {(claim.space, claim.key) for claim in uniqueness_claims(obj, policy)}
    after = uniqueness_claims(changed(obj, changes), policy)
    assert not taken & {(claim.space, claim.key) for claim in after} - before


@few
@given(objects(), POLICIES)
def test_only_what_is_asked_for_is_repaired(obj: DirectoryObject, policy: Policy) -> None:
    findings = judge(obj, policy)
    blocking = [one for one in findings if one.severity is Severity.BLOCKING]
    result = repair(obj, blocking, policy, nobody)

    assert len(result.findings) == len(blocking)
    assert bool(result.changes) == any(one.suggestion for one in result.findings)
    assert not repair(obj, (), policy, nobody).changes


@few
@given(objects(), POLICIES)
def test_a_suggestion_meets_no_objection(obj: DirectoryObject, policy: Policy) -> None:
    changes = repaired(obj, policy).changes

    assert objections(obj, changes, policy, nobody) == ()
    assert set(with_companions(obj, changes, policy, nobody)) == set(changes)


@few
@given(objects(), objects(), POLICIES)
def test_any_edit_is_completed_and_judged(
    obj: DirectoryObject, wanted: DirectoryObject, policy: Policy
) -> None:
    changes = [
        ValueChange(attribute, obj.one(attribute), wanted.one(attribute))
        for attribute in ADDRESSES
        if obj.one(attribute) != wanted.one(attribute)
    ]
    completed = with_companions(obj, changes, policy, nobody)
    after = changed(obj, completed)

    for change in changes:
        assert change.after is None or change.after in after.all(change.attribute)
    if not objections(obj, completed, policy, nobody):
        new = serious(judge(after, policy)) - serious(judge(obj, policy))
        blocking = {
            finding.rule
            for finding in judge(after, policy)
            if finding.severity is Severity.BLOCKING
        }
        assert not {breach[0] for breach in new} & blocking
