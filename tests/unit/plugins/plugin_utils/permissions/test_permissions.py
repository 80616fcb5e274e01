# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the least permissions of playbooks are compiled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.plugin_utils._permissions.compiling import (
    Module,
    Right,
    least,
    uses_of,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._permissions.files import (
    CollectionFiles,
    UnknownName,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._permissions.needs import (
    ChangesUndone,
    Need,
    OptionGiven,
    System,
    needs_of,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._permissions.page import table_for
from ansible_collections.tenantops.migration.plugins.plugin_utils._permissions.steps import (
    Files,
    Step,
    steps_of_playbook,
    steps_of_role,
)

PREFIX = "tenantops.migration."


def documentation(*lines: str) -> dict[str, Any]:
    return {"attributes": {"graph_permissions": {"support": "full", "details": list(lines)}}}


def needs(*lines: str) -> tuple[Need, ...]:
    return needs_of(documentation(*lines))


class TestLines:
    def test_all_of_a_line(self) -> None:
        (need,) = needs("C(A), or C(B), C(C) in a run as an extra, where O(x[].y=z): to do: it.")
        assert need == Need(
            System.GRAPH, "A", ("B", "C"), "to do: it", OptionGiven("x[].y", "z"), True, True
        )

    def test_the_least_of_a_line(self) -> None:
        assert needs("C(A.B.C): to see.") == (Need(System.GRAPH, "A.B.C", (), "to see"),)

    def test_undone(self) -> None:
        (need,) = needs("C(A), where changes of M(tenantops.migration.m), M(a.b.n) are undone: so.")
        assert need.condition == ChangesUndone(frozenset({"m", "n"}))

    def test_unless(self) -> None:
        (need,) = needs("C(A), unless O(x): so.")
        assert need.condition == OptionGiven("x", is_negated=True)
        assert str(need.condition) == "unless x"

    @pytest.mark.parametrize(
        "line",
        ["A: so.", "C(A)", "C(A) sometimes: so.", "C(A), if O(x): so.", "C(A) or C(B): so.", ""],
    )
    def test_what_is_written_otherwise(self, line: str) -> None:
        with pytest.raises(ValueError, match="not understood as graph_permissions"):
            needs(line)

    def test_no_attributes(self) -> None:
        assert needs_of({}) == ()


class Collection:
    """Files as they are in a collection, told as YAML."""

    def __init__(self, **files: str) -> None:
        self.files = {name.replace("__", "/") + ".yml": text for name, text in files.items()}

    def source(self) -> Files:
        return Files(self.read, self.names_in)

    def read(self, path: str) -> Any:
        return yaml.safe_load(self.files[path])

    def names_in(self, folder: str) -> list[str]:
        return [path.rpartition("/")[2] for path in self.files if path.rpartition("/")[0] == folder]

    def playbook(self, name: str, course: str | None = None) -> list[Step]:
        return list(steps_of_playbook(name, self.source(), frozenset("mno"), course))

    def role(self, name: str) -> list[Step]:
        return list(steps_of_role(name, self.source(), frozenset("mno")))


class TestSteps:
    def test_blocks_and_conditions(self) -> None:
        role = Collection(
            roles__r__tasks__main="""
            - when: a
              block:
                - when: [b, c]
                  tenantops.migration.m: {x: 1}
              rescue:
                - ansible.builtin.debug:
              always:
                - tenantops.migration.unknown:
            - tenantops.migration.n:
            """
        )
        assert role.role("r") == [Step("m", "r", {"x": 1}, ("a", "b", "c")), Step("n", "r", {})]

    def test_tasks_in_other_files_and_in_a_circle(self) -> None:
        role = Collection(
            roles__r__tasks__main="""
            - when: a
              ansible.builtin.include_tasks: more.yml
            - import_tasks: {file: more.yml}
            """,
            roles__r__tasks__more="""
            - tenantops.migration.m:
            - include_tasks: main.yml
            """,
        )
        assert [step.conditions for step in role.role("r")] == [("a",), ()]
        assert [step.module for step in role.role("tenantops.migration.r.more")] == ["m"]

    def test_a_file_that_only_a_run_knows(self) -> None:
        role = Collection(
            roles__r__tasks__main="- include_tasks: '{{ which }}.yml'",
            roles__r__tasks__one="- tenantops.migration.m:",
            roles__r__tasks__two="- tenantops.migration.n:",
        )
        assert [step.module for step in role.role("r")] == ["m", "n"]

    def test_playbooks_of_playbooks(self) -> None:
        collection = Collection(
            playbooks__outer="""
            - import_playbook: inner.yml
              vars: {tenantops_roles: [r, s.more]}
            - hosts: localhost
              roles: [tenantops.migration.r, {role: s}]
              post_tasks:
                - include_role: {name: tenantops.migration.s, tasks_from: more.yml}
            """,
            playbooks__inner="""
            - hosts: all
              tasks:
                - include_role: {name: "tenantops.migration.{{ role }}"}
                  loop: "{{ tenantops_roles }}"
            """,
            roles__r__tasks__main="- tenantops.migration.m:",
            roles__s__tasks__main="- tenantops.migration.n:",
            roles__s__tasks__more="- tenantops.migration.o:",
        )
        assert "".join(step.module for step in collection.playbook("outer")) == "momno"
        assert collection.playbook("inner") == []

    def test_a_course(self) -> None:
        collection = Collection(
            playbooks__plan="""
            - ansible.builtin.import_playbook: "{{ tenantops_course | default('r') }}.yml"
              vars: {tenantops_part: dry_run}
            - hosts: localhost
              tasks: [tenantops.migration.m:]
            """,
            playbooks__course="""
            - hosts: all
              tasks: [tenantops.migration.n:]
            """,
        )
        assert [step.module for step in collection.playbook("plan")] == ["m"]
        found = [(each.module, each.is_dry) for each in collection.playbook("plan", "course")]
        assert found == [("n", True), ("m", False)]


def module(name: str, *lines: str, **defaults: Any) -> Module:
    return Module(name, needs(*lines), defaults)


def names(
    modules: list[Module], *steps: Step, tenant: Mapping[str, Any] | None = None
) -> list[str]:
    uses = uses_of(steps, {each.name: each for each in modules}, tenant)
    return [right.name for right in least(uses, System.GRAPH)]


class TestLeast:
    def test_what_writes_reads(self) -> None:
        both = [module("m", "C(Read), or C(Write): so."), module("n", "C(Write): so.")]
        assert names(both, Step("m", "r", {})) == ["Read"]
        assert names(both, Step("m", "r", {}), Step("n", "r", {})) == ["Write"]

    def test_one_that_is_met_for_one_need_only_stays(self) -> None:
        policies = module(
            "m", "C(Read), or C(Write): the one.", "C(Read): the other.", "C(Write): so."
        )
        assert names([policies], Step("m", "r", {})) == ["Read", "Write"]

    def test_two_that_do_for_each_other(self) -> None:
        both = module("m", "C(A), or C(B): so.", "C(B), or C(A): so.")
        assert len(names([both], Step("m", "r", {}))) == 1

    def test_an_extra_takes_nothing_away(self) -> None:
        extra = module("m", "C(A), or C(B): so.", "C(B) as an extra: so.")
        uses = uses_of([Step("m", "r", {})], {"m": extra})
        found = [(right.name, right.is_extra) for right in least(uses, System.GRAPH)]
        assert found == [("A", False), ("B", True)]

    def test_what_a_right_is_for(self) -> None:
        both = module("m", "C(Read), or C(Write): to see.", "C(Write) in a run: to do.")
        (right,) = least(uses_of([Step("m", "r", {})], {"m": both}), System.GRAPH)
        assert (right.name, right.instead_of, right.only_in_run) == ("Write", ("Read",), False)
        assert list(map(str, right.uses)) == ["m: to do", "m: to see"]

    def test_a_dry_run(self) -> None:
        both = module("m", "C(Read), or C(Write): to see.", "C(Write) in a run: to do.")
        assert names([both], Step("m", "r", {}, is_dry=True)) == ["Read"]

    @given(st.lists(st.lists(st.sampled_from("ABCDE"), min_size=1, unique=True), min_size=1))
    def test_it_is_enough_and_nothing_is_too_much(self, rights: list[list[str]]) -> None:
        lines = [
            f"C({first})" + "".join(f", or C({one})" for one in others) + ": so."
            for first, *others in rights
        ]
        wanted = needs(*lines)
        found = frozenset(names([module("m", *lines)], Step("m", "r", {})))
        assert all(need.is_met_by(found) for need in wanted)
        assert found <= {need.right for need in wanted}
        for right in found:
            assert not all(need.is_met_by(found - {right}) for need in wanted)


class TestConditions:
    GUESTS = module("m", "C(A), where O(guests=disabled): so.", guests=None)

    @pytest.mark.parametrize(
        ("given_value", "tenant", "expected"),
        [
            ("disabled", None, True),
            ("enabled", None, False),
            (None, None, False),
            (["x", "Disabled"], None, True),
            ("{{ tenant_otp }}", None, True),
            ("{{ tenant_otp }}", {"tenant_otp": "disabled"}, True),
            ("{{ tenant_otp | default(omit) }}", {"tenant_otp": "enabled"}, False),
            ("{{ tenant_otp.guests | default(omit) }}", {"tenant_otp": {"guests": "on"}}, False),
            ("{{ tenant_otp.guests | default(omit) }}", {"tenant_otp": {}}, False),
            ("{{ tenant_otp | lower }}", {"tenant_otp": "enabled"}, True),
            ("{{ something_else }}", {}, True),
        ],
    )
    def test_an_option_with_a_value(
        self, given_value: Any, tenant: Mapping[str, Any] | None, expected: bool
    ) -> None:
        arguments = {} if given_value is None else {"guests": given_value}
        found = names([self.GUESTS], Step("m", "r", arguments), tenant=tenant)
        assert found == (["A"] if expected else [])

    def test_a_default_that_is_true(self) -> None:
        roles = module("m", "C(A), where O(check): so.", check=True)
        assert names([roles], Step("m", "r", {})) == ["A"]
        assert names([roles], Step("m", "r", {"check": False})) == []

    def test_an_option_in_an_option(self) -> None:
        roles = module("m", "C(A), where O(users[].roles): so.")
        assert names([roles], Step("m", "r", {"users": [{"name": "x"}]})) == ["A"]
        assert names([roles], Step("m", "r", {})) == []

    def test_unless(self) -> None:
        feature = module("m", "C(A), unless O(known): so.")
        assert names([feature], Step("m", "r", {"known": True})) == []
        assert names([feature], Step("m", "r", {})) == ["A"]

    @pytest.mark.parametrize(
        ("condition", "expected"),
        [
            ("tenant_otp is defined", []),
            ("tenant_there is defined", ["A"]),
            ("tenant_there.inner is defined", []),
            ("tenant_otp is defined or something", ["A"]),
            ("made_by_a_task is defined", ["A"]),
            ("tenant_there.inner is not defined", ["A"]),
        ],
    )
    def test_a_step_that_the_tenant_does_not_have(
        self, condition: str, expected: list[str]
    ) -> None:
        step = Step("m", "r", {}, (condition,))
        assert names([module("m", "C(A): so.")], step, tenant={"tenant_there": {}}) == expected
        assert names([module("m", "C(A): so.")], step) == ["A"]

    def test_a_rollback_undoes_what_is_beside_it(self) -> None:
        rollback = module(
            "change_rollback",
            "C(A), where changes of M(tenantops.migration.m) are undone: so.",
            "C(B), where changes of M(tenantops.migration.n) are undone: so.",
        )
        writers = [rollback, module("m"), module("n")]
        undo = Step("change_rollback", "rollback", {})
        assert names(writers, undo) == ["A", "B"]
        assert names(writers, undo, Step("n", "r", {})) == ["B"]
        # A tenant that has none of the others has nothing to undo.
        other = Step("n", "r", {}, ("tenant_otp is defined",))
        assert names(writers, undo, other, tenant={}) == []
        assert names(writers, undo, tenant={}) == ["A", "B"]


class TestTheCollection:
    FILES = CollectionFiles()

    def rights(self, *given_names: str, tenant: Mapping[str, Any] | None = None) -> list[Right]:
        steps = [step for name in given_names for step in self.FILES.steps_of(name)]
        uses = uses_of(steps, self.FILES.modules(step.module for step in steps), tenant)
        return list(least(uses, System.GRAPH))

    @pytest.mark.parametrize("name", [PREFIX + "migrate", "migrate.yml", "email_otp"])
    def test_names(self, name: str) -> None:
        assert "Policy.ReadWrite.AuthenticationMethod" in {each.name for each in self.rights(name)}

    def test_a_part_of_a_role(self) -> None:
        assert self.rights("sign_in_policy.redemption_order") != self.rights("sign_in_policy")

    def test_a_module_with_whatever_options(self) -> None:
        told = {need.right for need in self.FILES.modules(["entra_user"])["entra_user"].needs}
        rights = self.rights("entra_user")
        covered = {name for right in rights for name in (right.name, *right.instead_of)}
        assert covered == told

    @pytest.mark.parametrize("name", ["migrat", "email_otp.turn_of", "", "on_tenants"])
    def test_a_name_that_nothing_has(self, name: str) -> None:
        with pytest.raises(UnknownName):
            self.FILES.steps_of(name)

    def test_a_tenant_that_only_turns_the_passcode_on(self) -> None:
        tenant = {"tenant_email_otp": "enabled"}
        found = [each.name for each in self.rights("migrate", "rollback", tenant=tenant)]
        assert "Policy.ReadWrite.AuthenticationMethod" in found
        assert [each.name for each in self.rights("migrate", tenant=tenant)] == [
            "Policy.ReadWrite.AuthenticationMethod"
        ]

    def test_a_tenant_without_anything(self) -> None:
        assert self.rights("migrate", tenant={}) == []
        assert self.rights("migrate", "rollback", tenant={}) == []

    def test_a_table_for_some(self) -> None:
        table = table_for(self.FILES, ["migrate"])
        assert (
            "| `Policy.ReadWrite.AuthenticationMethod` | `entra_email_otp`: to change it" in table
        )
        assert table_for(self.FILES, ["assess_domains"]) == (
            "assess_domains: no permission is needed.\n"
        )
