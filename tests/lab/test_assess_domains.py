# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists of domains and people, assessed against the sign-in service and the name servers."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Outcome
from ansible_collections.tenantops.migration.plugins.modules.domain_info import OPERATION
from lab import domain_states
from lab.description import Description

from .playbooks import DEMO_TENANTS, DOORS, Finished, Operator
from .truth import Truth

USER_REALM = "/common/userrealm"
# In a zone of the lab's own name servers, which the domains of this many people can be
PARENT = "adatum.test"


@dataclass(frozen=True)
class Assessor:
    """Somebody with a list, and a look behind the sign-in service."""

    lab: Description
    truth: Truth
    folder: Path

    @property
    def resolver(self) -> str:
        """The primary, which knows all zones of the lab, and no others."""
        primary = self.lab.nameservers["primary"]
        return f"{primary['address']}:{primary['port']}"

    def assess(self, *names: str, **options: Any) -> Outcome:
        """Run the module's runner as either door does."""
        arguments = OPERATION.arguments
        validator = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints())
        validated = validator.validate(
            {
                "names": list(names),
                "entra_authority": self.lab.cloud["authority"],
                "entra_ca_path": self.lab.ca_file,
                "entra_retry_time": 10,
                "dns_resolvers": [self.resolver],
                "requests_per_second": 200,
                **options,
            }
        )
        assert not validated.error_messages, validated.error_messages
        return OPERATION.run(validated.validated_parameters, False)

    def list(self, content: str) -> str:
        """A file with a list."""
        path = self.folder / "list.csv"
        path.write_text(content, "utf-8")
        return str(path)

    def asked(self) -> Counter[str]:
        """How often the service was asked about whom, and answered."""
        log = self.truth.cloud("GET", "/requests")["requests"]
        return Counter(
            parse_qs(entry["query"])["user"][0]
            for entry in log
            if entry["path"] == USER_REALM and entry["status"] == 200
        )

    def trouble(self, kind: str, **details: Any) -> None:
        """Ask the service to misbehave."""
        self.truth.cloud("POST", "/chaos", {"kind": kind, "endpoint": "discovery", **details})


@pytest.fixture
def assessor(lab: Description, tmp_path: Path) -> Iterator[Assessor]:
    truth = Truth(lab)
    truth.cloud("POST", "/reset")
    yield Assessor(lab, truth, tmp_path)
    truth.cloud("POST", "/reset")


def rows(outcome: Outcome) -> dict[str, Mapping[str, Any]]:
    return {row["text"]: row for row in outcome.values["assessed"]}


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))


def index_of(finished: Finished, mode: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((finished.report / mode / "index.json").read_text())
    return content


def expected_option(state: domain_states.DomainState) -> str:
    if state.is_verified:
        return "work_account"
    if state.elsewhere is None:
        return "add_domain"
    return "take_over" if state.elsewhere.kind == "viral" else "work_account"


def test_the_domains_in_every_state(assessor: Assessor) -> None:
    own = [state.tenant.tenant_id for state in domain_states.ALL]
    outcome = assessor.assess(*(state.domain for state in domain_states.ALL), own_tenants=own)

    assert outcome.error is None
    found = rows(outcome)
    for state in domain_states.ALL:
        row = found[state.domain]
        assert row["option"] == expected_option(state), state.domain
        assert ("your tenant" in row["reason"]) == state.is_verified
        zone = state.tenant.domain
        assert row["zone"] == zone
        assert row["name_servers"] == [f"ns1.{zone}", f"ns2.{zone}"]
        assert row["dns_hosts"] == [zone]
        if state.subdomain is None:
            assert row["mail_servers"] == [f"mail.{zone}"]
            assert row["mail_hosts"] == [zone]
    assert {row["option"] for row in found.values()} == {"work_account", "add_domain", "take_over"}


def test_the_people_of_a_list(assessor: Assessor) -> None:
    path = assessor.list(
        "\ufeffname;address;role;country\r\n"
        "Kim Akers;kim.akers@adatum.test;Administrator;SE\r\n"
        "Ana Ruiz;Ana.Ruiz@LITWARE.test;Buyer;ES\r\n"
        "\r\n"
        "Nobody;x@litware.test;;\r\n"
        "A Proseware buyer;y@proseware.test;Buyer;\r\n"
    )
    written = assessor.folder / "out" / "assessed.csv"
    outcome = assessor.assess(read_csv=path, write_csv=str(written))

    assert outcome.error is None
    told = {
        text: (row["line"], row["name"], row["role"], row["option"], row["personal_account"])
        for text, row in rows(outcome).items()
    }
    assert told == {
        "kim.akers@adatum.test": (2, "Kim Akers", "Administrator", "new_account", True),
        "Ana.Ruiz@litware.test": (3, "Ana Ruiz", "Buyer", "take_over", True),
        "x@litware.test": (5, "Nobody", "", "take_over", False),
        "y@proseware.test": (6, "A Proseware buyer", "Buyer", "work_account", False),
    }
    summary = outcome.values["summary"]
    assert (summary["entries"], summary["domains"], summary["personal_accounts"]) == (4, 3, 2)
    assert summary["realms"] == {"unknown": 1, "managed": 1, "federated": 0, "viral": 1}
    assert [row["line"] for row in table(written)] == ["2", "3", "5", "6"]
    assert [row["option"] for row in table(written)] == [
        *("new_account", "take_over", "take_over", "work_account")
    ]
    # Each domain once, and each address once
    assert set(assessor.asked().values()) == {1}


def test_bad_lines_are_told_and_the_others_answered(assessor: Assessor) -> None:
    path = assessor.list(
        "address,domain,name\n"
        ",litware.test,\n"
        "anna at litware.test,,Anna\n"
        ",*.litware.test,\n"
        'b@litware.test,,"Bo\n'
        "c@litware.test,,Carin\n"
    )
    written = assessor.folder / "assessed.csv"
    outcome = assessor.assess("192.0.2.1", read_csv=path, write_csv=str(written))

    assert outcome.error is not None
    assert outcome.error.kind == "partly_done"
    assert "4 of 6 are not wholly assessed" in outcome.error.problem
    assert "line 3: " in outcome.error.answer
    assert [row["option"] for row in outcome.values["assessed"]] == [
        *[None] * 4,
        *["take_over"] * 2,
    ]
    by_line = {row["line"]: row for row in table(written)}
    assert by_line[""]["errors"].startswith("This is not the name of a domain")
    for line, problem in {"3": "no @", "4": "wildcard", "5": "never closed"}.items():
        assert problem in by_line[line]["errors"]
        assert f"line {line}" in by_line[line]["errors"]
    assert by_line["6"]["errors"] == ""


def test_what_dns_cannot_tell_is_an_error_beside_what_is_known(assessor: Assessor) -> None:
    outcome = assessor.assess("litware.test", "contoso.nowhere.example")

    assert outcome.error is not None
    row = rows(outcome)["contoso.nowhere.example"]
    assert (row["realm"], row["option"], row["zone"]) == ("unknown", "add_domain", None)
    (error,) = row["errors"]
    assert error["kind"] == "refused"
    assert error["answer"] == "REFUSED"
    assert assessor.resolver in error["server"]
    assert rows(outcome)["litware.test"]["errors"] == []


def test_what_the_service_cannot_tell_leaves_no_judgement(assessor: Assessor) -> None:
    assessor.trouble("answer", path=USER_REALM, set={"NameSpaceType": "Consumer"})
    outcome = assessor.assess("litware.test")

    row = rows(outcome)["litware.test"]
    assert (row["realm"], row["option"]) == (None, None)
    assert row["dns_hosts"] == ["litware.test"]
    assert [error["kind"] for error in row["errors"]] == ["not_understood"]


def test_resolver_that_is_not_there(assessor: Assessor) -> None:
    outcome = assessor.assess("litware.test", dns_resolvers=["127.0.0.1:1"])

    (error,) = rows(outcome)["litware.test"]["errors"]
    assert error["kind"] == "connection_failed"
    assert "127.0.0.1:1" in error["server"]
    assert rows(outcome)["litware.test"]["option"] == "take_over"


def test_addresses_are_kept_from_the_service_if_wished(assessor: Assessor) -> None:
    outcome = assessor.assess("kim.akers@adatum.test", personal_accounts=False)

    assert rows(outcome)["kim.akers@adatum.test"]["personal_account"] is None
    assert set(assessor.asked()) == {"user@adatum.test"}


def test_two_thousand_domains_in_one_task(assessor: Assessor) -> None:
    """Every domain is asked about once, and answered or named as failed, in the list's order."""
    people = [f"p{number}@d{number // 2}.{PARENT}" for number in range(1980)]
    domains = [f"e{number}.{PARENT}" for number in range(1000)]
    bad = [f"bad domain {number}" for number in range(10)]
    refused = [f"d{number}.nowhere.example" for number in range(10)]
    path = assessor.list("domain\n" + "".join(f"{name}\n" for name in domains + bad))
    written = assessor.folder / "assessed.csv"
    assessor.trouble("throttle", count=5, skip=100, retry_after=1)

    outcome = assessor.assess(
        *(*people, *refused),
        read_csv=path,
        write_csv=str(written),
        personal_accounts=False,
        requests_per_second=500,
        rows_limit=20,
    )

    summary = outcome.values["summary"]
    assert (summary["entries"], summary["domains"], summary["failed"]) == (3000, 2000, 20)
    assert summary["realms"]["unknown"] == 2000
    assert summary["dns_hosts"] == {PARENT: 1990}
    lines = table(written)
    assert [row["text"] for row in lines] == [*people, *refused, *domains, *bad]
    assert [row["text"] for row in lines if row["errors"]] == [*refused, *bad]
    assert [row["text"] for row in outcome.values["assessed"]] == [*refused, *bad]
    asked = assessor.asked()
    assert len(asked) == 2000
    assert set(asked.values()) == {1}


class TestPlaybook:
    """The playbook, its table and its report."""

    @pytest.fixture
    def operator(self, clean_lab: Description, tmp_path: Path) -> Operator:
        return Operator(clean_lab, tmp_path)

    @pytest.mark.parametrize("door", DOORS)
    def test_assess_domains(self, operator: Operator, assessor: Assessor, door: str) -> None:
        people = assessor.list(
            "address,name,role\n"
            "eva.corets@lucerne.test,Eva Corets,Administrator\n"
            "kim.akers@adatum.test,Kim Akers,Buyer\n"
        )
        folder = operator.folder / "assessments"
        finished = operator.run(
            "assess_domains",
            "--check",
            door=door,
            tenantops_hosts="cohovineyard,lucerne",
            tenantops_assessments=str(folder),
            tenant_domain_list=people,
        )

        assert finished.exit_code == 0, finished.output
        assert "3 entries with 3 domains assessed" in finished.output
        assert {row["text"]: row["option"] for row in table(folder / "cohovineyard.csv")} == {
            "cohovineyard.test": "work_account",
            "eva.corets@lucerne.test": "take_over",
            "kim.akers@adatum.test": "new_account",
        }
        assert {row["text"]: row["option"] for row in table(folder / "lucerne.csv")} == {
            "lucerne.test": "take_over",
            "eva.corets@lucerne.test": "take_over",
            "kim.akers@adatum.test": "new_account",
        }
        index = index_of(finished, "check")
        assert index["complete"]
        assert index["tenants"]["lucerne"]["domains"] == {
            "unknown": 1,
            "managed": 0,
            "federated": 0,
            "viral": 1,
        }
        page = (finished.report / "check" / "report.html").read_text("utf-8")
        assert "What was found out about domains" in page
        assert "eva.corets@lucerne.test" in page
        assert "Unmanaged domains<dd>2<" in page
        assert "domain_assessment: Assess the domains and people" in page

    def test_tenant_with_a_bad_line_fails_and_has_its_rows(
        self, operator: Operator, assessor: Assessor
    ) -> None:
        people = assessor.list("address\nnot an address\nana.ruiz@litware.test\n")
        finished = operator.run(
            "assess_domains",
            tenantops_hosts="litware",
            tenantops_assessments=str(operator.folder),
            tenant_domain_list=people,
        )

        assert finished.exit_code != 0
        assert index_of(finished, "apply")["tenants"]["litware"]["failed"] == 1
        page = (finished.report / "apply" / "report.html").read_text("utf-8")
        assert "ana.ruiz@litware.test" in page
        assert "1 not wholly assessed" in page

    def test_every_tenant_of_the_lab_from_the_list_of_its_own(self, operator: Operator) -> None:
        folder = operator.folder / "assessments"
        finished = operator.run("assess_domains", tenantops_assessments=str(folder))

        assert finished.exit_code == 0, finished.output
        assert sorted(path.stem for path in folder.iterdir()) == list(DEMO_TENANTS)

    def test_tenant_with_nothing_to_assess_is_left_alone(self, operator: Operator) -> None:
        """The lists of the lab's tenants belong to their group; this host is in none."""
        finished = operator.run("assess_domains", tenantops_hosts="localhost")

        assert finished.exit_code == 0, finished.output
        assert "skipped=2" in finished.output
