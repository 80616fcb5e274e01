# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is planned over an assessment that a test makes up, with the real rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_fixes.model import (
    Values,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_fixes.planning import (
    FixPlan,
    Planner,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_fixes.selection import (  # noqa: E501
    Protection,
    Selection,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.judgement import (  # noqa: E501
    judge,
    uniqueness_claims,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.model import (
    DirectoryObject,
    ObjectClass,
    Severity,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.policy import (
    Policy,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.suggestions import (  # noqa: E501
    repair,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_scan.assessment import (  # noqa: E501
    Assessment,
    Choice,
    JudgedObject,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    InvalidInput,
    Refused,
    TenantopsError,
)
from ansible_collections.tenantops.migration.plugins.module_utils._review_file.model import (
    Decision,
    ReviewFile,
    ReviewRow,
)

POLICY = Policy()
BASE = "OU=People,DC=corp,DC=example,DC=com"
EVERYTHING = Selection(frozenset(), frozenset(Severity))


def person(name: str, **values: str | tuple[str, ...]) -> DirectoryObject:
    """Somebody in order but for what is said."""
    address = f"{name}@contoso.com"
    usual: dict[str, str | tuple[str, ...]] = {
        "displayName": name,
        "sAMAccountName": name,
        "userPrincipalName": address,
        "mail": address,
        "proxyAddresses": (f"SMTP:{address}",),
    }
    given = {**usual, **values}
    return DirectoryObject(
        guid=f"guid-{name}",
        dn=f"CN={name},{BASE}",
        object_class=ObjectClass.USER,
        domain="corp.example.com",
        values={
            attribute: (held,) if isinstance(held, str) else held
            for attribute, held in given.items()
            if held
        },
    )


@dataclass
class MadeUp:
    """Stands for an assessment of a few objects."""

    things: list[DirectoryObject]
    server: str = "ldaps://dc1"
    policy: Policy = POLICY
    asked: list[str] = field(default_factory=list)

    @property
    def forest(self) -> Any:
        return SimpleNamespace(domains=[SimpleNamespace(name="corp.example.com")])

    @property
    def counts(self) -> Any:
        return SimpleNamespace(in_scope=len(self.things), skipped=Counter())

    def taken(self, space: str, key: str, guid: str) -> bool:
        return any(
            (claim.space, claim.key) == (space, key)
            for thing in self.things
            if thing.guid != guid
            for claim in uniqueness_claims(thing, self.policy)
        )

    def judged(self, choose: Choice | None = None) -> Iterator[JudgedObject]:
        for thing in self.things:
            findings = judge(thing, self.policy)
            chosen = tuple(each for each in findings if choose is None or choose(each))
            repaired = repair(thing, chosen, self.policy, self.taken)
            left = tuple(each for each in findings if each not in chosen)
            if findings:
                yield JudgedObject(thing, (*repaired.findings, *left), repaired.changes)

    def find(self, guids: Collection[str], dns: Collection[str]) -> dict[str, DirectoryObject]:
        by_guid = {thing.guid: thing for thing in self.things if thing.guid in guids}
        by_dn = {thing.dn.lower(): thing for thing in self.things if thing.dn.lower() in dns}
        return {**by_guid, **by_dn}

    def read_now(
        self, names: Mapping[str, str], attributes: Iterable[str]
    ) -> Mapping[str, Values | TenantopsError]:
        self.asked = list(attributes)
        return {
            thing.guid: {name: thing.all(name) for name in attributes if thing.all(name)}
            for thing in self.things
            if thing.guid in names
        }

    def planner(self, selection: Selection = EVERYTHING, *protected: str) -> Planner:
        protection = Protection(tuple(dn.lower() for dn in protected))
        return Planner(cast(Assessment, self), selection, protection, limit=10)

    def reviewed(self, *rows: ReviewRow, selection: Selection = EVERYTHING) -> FixPlan:
        review = ReviewFile(rows, undecided=0, warnings=())
        return self.planner(selection).by_review(review, self.read_now)


def told(plan: FixPlan) -> list[tuple[str, str, object, object]]:
    return [
        (change.name.split(",")[0], change.property, change.before, change.after)
        for request in plan.proposal.requests
        for change in request.changes
    ]


def failures(plan: FixPlan) -> list[tuple[str, str, str]]:
    return [
        (failure.name.split(",")[0], failure.error.kind, failure.error.answer)
        for failure in plan.failures
    ]


BLANK_AT_THE_END = "displayName.edge_whitespace"


def test_everything_that_was_chosen_and_has_a_suggestion_is_planned() -> None:
    made_up = MadeUp([person("b", displayName="b "), person("a", displayName="a "), person("c")])
    plan = made_up.planner().by_rules()
    assert told(plan) == [
        ("CN=a", "displayName", "a ", "a"),
        ("CN=b", "displayName", "b ", "b"),
    ]
    assert plan.proposal.scope == 3
    assert plan.known["guid-a"]["displayName"] == ("a ",)
    assert {change.rule for request in plan.requests for change in request.changes} == {
        BLANK_AT_THE_END
    }


def test_rules_and_severities_choose() -> None:
    made_up = MadeUp([person("a", displayName="a ", mailNickname="a b")])
    only_rule = Selection(frozenset({BLANK_AT_THE_END}), frozenset())
    assert told(made_up.planner(only_rule).by_rules()) == [("CN=a", "displayName", "a ", "a")]
    blocking = Selection(frozenset(), frozenset({Severity.BLOCKING}))
    assert [name for _dn, name, *_values in told(made_up.planner(blocking).by_rules())] == [
        "mailNickname"
    ]
    assert told(made_up.planner(Selection(frozenset(), frozenset())).by_rules()) == []


def test_what_has_no_suggestion_is_left_with_its_reason() -> None:
    made_up = MadeUp([person("a", displayName="x" * 300)])
    plan = made_up.planner().by_rules()
    assert told(plan) == []
    assert plan.left_count == 1
    (left,) = plan.left.records
    assert (left["rule"], left["suggestion"]) == ("displayName.length", None)
    assert left["reason"]


def test_what_is_protected_is_left_alone() -> None:
    made_up = MadeUp([person("a", displayName="a "), person("b", displayName="b ")])
    plan = made_up.planner(EVERYTHING, f"CN=A,{BASE}").by_rules()
    assert told(plan) == [("CN=b", "displayName", "b ", "b")]
    (left,) = plan.left.records
    assert (left["dn"], left["reason"]) == (
        f"CN=a,{BASE}",
        "the object is protected (option protect)",
    )
    assert told(made_up.planner(EVERYTHING, BASE).by_rules()) == []
    assert len(told(made_up.planner(EVERYTHING, f"OU=X,{BASE}").by_rules())) == 2


def test_what_cannot_be_written_fails_by_itself() -> None:
    elsewhere = replace(person("a", displayName="a "), domain="child.corp.example.com")
    nameless = replace(person("b", displayName="b "), guid="")
    plan = MadeUp([elsewhere, nameless, person("c", displayName="c ")]).planner().by_rules()
    assert told(plan) == [("CN=c", "displayName", "c ", "c")]
    assert [(name, kind) for name, kind, _answer in failures(plan)] == [
        ("CN=a", "refused"),
        ("CN=b", "not_understood"),
    ]


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"there is no rule a\.b"):
        Selection.from_parameters({"fix_rules": ["a.b"], "fix_severities": ["blocking"]})


def row(
    name: str,
    attribute: str,
    value: str | None,
    update: str | None,
    action: Decision = Decision.EDIT,
    *,
    by_dn: bool = False,
    line: int = 2,
) -> ReviewRow:
    dn = f"CN={name},{BASE}"
    return ReviewRow(line, None if by_dn else f"guid-{name}", dn, attribute, value, update, action)


@pytest.mark.parametrize("by_dn", [False, True])
def test_what_a_person_decided_is_planned(by_dn: bool) -> None:
    made_up = MadeUp(
        [person("a", displayName="a "), person("b", displayName="b ", mailNickname="B")]
    )
    plan = made_up.reviewed(
        row("a", "displayName", "a ", "Anna", by_dn=by_dn),
        row("b", "displayName", "b ", None, Decision.COMPLETE, by_dn=by_dn),
        row("b", "mailNickname", "B", None, Decision.REMOVE, by_dn=by_dn),
    )
    assert told(plan) == [
        ("CN=a", "displayName", "a ", "Anna"),
        ("CN=b", "mailNickname", "B", None),
    ]
    assert failures(plan) == []
    assert plan.left_count == 0


def test_an_edit_takes_its_companions_along() -> None:
    made_up = MadeUp([person("a")])
    plan = made_up.reviewed(row("a", "mail", "a@contoso.com", "anna@contoso.com"))
    assert ("CN=a", "mail", "a@contoso.com", "anna@contoso.com") in told(plan)
    proxies = {after for _dn, name, _before, after in told(plan) if name == "proxyAddresses"}
    assert proxies == {None, "SMTP:anna@contoso.com", "smtp:a@contoso.com"}


def test_findings_without_a_decision_are_left() -> None:
    made_up = MadeUp([person("a", displayName="a ", mailNickname="a b"), person("b", sn="b ")])
    plan = made_up.reviewed(row("a", "displayName", "a ", "a"))
    assert told(plan) == [("CN=a", "displayName", "a ", "a")]
    assert {str(record["rule"]) for record in plan.left.records} >= {"mailNickname.space"}
    assert not any(record["rule"] == BLANK_AT_THE_END for record in plan.left.records)


def test_a_row_whose_object_changed_since_is_refused() -> None:
    made_up = MadeUp(
        [person("a", displayName="theirs"), person("b", displayName="b "), person("c", sn="")]
    )
    plan = made_up.reviewed(
        row("a", "displayName", "a ", "a", line=7),
        row("b", "displayName", "b ", "b"),
        row("c", "proxyAddresses", "smtp:gone@contoso.com", "smtp:other@contoso.com"),
    )
    assert told(plan) == [("CN=b", "displayName", "b ", "b")]
    assert failures(plan) == [
        ("CN=a", "changed_meanwhile", "displayName was 'a ', and is 'theirs' now"),
        (
            "CN=c",
            "changed_meanwhile",
            "proxyAddresses was 'smtp:gone@contoso.com', and is 'SMTP:c@contoso.com' now",
        ),
    ]
    assert "line 7 of the review file" in plan.failures[0].error.subject


def test_a_row_that_was_carried_out_asks_for_nothing_more() -> None:
    made_up = MadeUp([person("a", displayName="Anna", mailNickname="")])
    plan = made_up.reviewed(
        row("a", "displayName", "a ", "Anna"),
        row("a", "mailNickname", "a b", None, Decision.REMOVE),
        row("a", "proxyAddresses", "smtp:old@contoso.com", None, Decision.REMOVE),
        row("a", "proxyAddresses", "SMTP:A@contoso.com", "SMTP:a@contoso.com"),
    )
    assert told(plan) == []
    assert failures(plan) == []


def test_an_edit_that_the_rules_forbid_is_refused() -> None:
    made_up = MadeUp([person("a"), person("b")])
    plan = made_up.reviewed(
        row("a", "mail", "a@contoso.com", "b@contoso.com", line=3),
        row("b", "mailNickname", None, "b b", line=4),
    )
    assert told(plan) == []
    (first, second) = plan.failures
    assert (first.error.kind, second.error.kind) == ("invalid_input", "invalid_input")
    assert "another object has it" in first.error.answer
    assert "mailNickname 'b b'" in second.error.answer
    assert "line 4 of the review file" in second.error.subject


def test_edits_that_clash_with_each_other_are_refused() -> None:
    made_up = MadeUp([person("a"), person("b"), person("c")])
    plan = made_up.reviewed(
        row("a", "mail", "a@contoso.com", "info@contoso.com"),
        row("b", "mail", "b@contoso.com", "info@contoso.com"),
        row("c", "mail", "c@contoso.com", "cc@contoso.com"),
    )
    assert {name for name, *_rest in told(plan)} == {"CN=c"}
    assert failures(plan) == [
        ("CN=a", "invalid_input", "info@contoso.com"),
        ("CN=b", "invalid_input", "info@contoso.com"),
    ]


def test_a_row_about_nobody_fails_by_itself() -> None:
    made_up = MadeUp([person("a", displayName="a ")])
    plan = made_up.reviewed(
        row("a", "displayName", "a ", "a"), row("gone", "displayName", "g ", "g", line=9)
    )
    assert told(plan) == [("CN=a", "displayName", "a ", "a")]
    (failure,) = plan.failures
    assert (failure.name, failure.error.kind) == (f"CN=gone,{BASE}", "object_gone")
    assert "line 9" in failure.error.subject


def test_a_row_about_somebody_protected_is_refused() -> None:
    made_up = MadeUp([person("a", displayName="a ")])
    review = ReviewFile((row("a", "displayName", "a ", "a"),), undecided=0, warnings=())
    plan = made_up.planner(EVERYTHING, BASE).by_review(review, made_up.read_now)
    assert told(plan) == []
    assert [kind for _name, kind, _answer in failures(plan)] == ["refused"]


def test_an_object_that_cannot_be_read_now_fails_by_itself() -> None:
    made_up = MadeUp([person("a", displayName="a "), person("b", displayName="b ")])

    def read_now(
        names: Mapping[str, str], attributes: Iterable[str]
    ) -> Mapping[str, Values | TenantopsError]:
        return {**made_up.read_now(names, attributes), "guid-a": Refused("no")}

    review = ReviewFile(
        (row("a", "displayName", "a ", "a"), row("b", "displayName", "b ", "b")), 0, ()
    )
    plan = made_up.planner().by_review(review, read_now)
    assert told(plan) == [("CN=b", "displayName", "b ", "b")]
    assert [kind for _name, kind, _answer in failures(plan)] == ["refused"]
