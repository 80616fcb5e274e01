# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The README, followed from installing the collection to people with one sign-in name."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import Any

from lab.description import Description

from .alignment import Aligner
from .directory_administrator import SuffixList, administrator_connection
from .domain_courses import COURSES, Watch, covers, outline
from .guest_courses import Reception, reset_guests
from .guides.reader import Reader
from .guides.undoing import undone, values
from .reviewer import accept_suggestions, review
from .truth import Truth


def test_readme(clean_lab: Description, tmp_path: Path) -> None:
    reader, truth = Reader.of("README.md", clean_lab, tmp_path), Truth(clean_lab)
    reader.leave_out("shell", "make demo", because="the gate is what they run")
    first_tenant(reader, truth)
    directory(reader, truth)
    domains(reader, truth)
    guests(reader, truth)
    accounts(reader, truth)
    reader.end()


def first_tenant(reader: Reader, truth: Truth) -> None:
    # The collection that is built and installed here is the one that is used from then on.
    reader.variables["ANSIBLE_COLLECTIONS_PATH"] = str(reader.folder / ".ansible" / "collections")
    reader.in_a_copy("ansible-galaxy collection build")
    reader.save("ini", "callbacks_enabled", "ansible.cfg")

    contoso = reader.tenant("contoso")
    reader.stand_ins = {
        "dc1.corp.example.com": contoso["tenant_ad_servers"][0],
        "dc2.corp.example.com": contoso["tenant_ad_servers"][0],
        "corp.example.com": truth.lab.directory["domain"],
        "DC=corp,DC=example,DC=com": truth.lab.directory["base_dn"],
        "ns1.contoso.example": contoso["tenant_dns_server"],
        "contoso.example": "contoso.test",
        "contoso.onmicrosoft.com": contoso["tenant_entra_tenant_id"],
        "8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21": contoso["tenant_entra_client_id"],
    }
    granted = reader.take("shell", "dsacls")
    reader.describe_where(
        "contoso",
        vault_contoso_ad_password=contoso["tenant_ad_password"],
        vault_contoso_dns_key_secret=contoso["tenant_dns_key_secret"],
        vault_contoso_client_secret=contoso["tenant_entra_client_secret"],
        **{name: contoso[name] for name in contoso if name.startswith("tenant_directory_")},
    )
    reader.save("yaml", "# inventory/tenants.yml", "inventory/tenants.yml")

    before = truth.everything()
    (dry_run,) = reader.commands("migrate --check --diff")
    reader.run(dry_run)
    assert truth.everything() == before
    assert (reader.folder / "tenantops-report" / "check" / "report.html").exists()
    planned = reader.changes("check", "contoso")
    assert_granted(granted, planned, truth)

    (run,) = reader.commands("tenantops_approved_plans")
    reader.run(run)
    assert reader.changes("apply", "contoso") == planned
    reached = truth.everything()
    assert reached["email_otp"]["contoso"] == "enabled"
    assert "contoso.test" in reached["suffixes"]
    assert '"MS=ms12345678"' in reached["txt"]["contoso"]["records"]

    reader.type("rollback --check")
    assert values(reader.changes("check", "contoso")) == undone(planned)
    assert truth.everything() == reached


def assert_granted(command: str, planned: list[dict[str, Any]], truth: Truth) -> None:
    """What dsacls cannot grant here is the right to write what is written, and no more."""
    (granted,) = re.findall(r'^dsacls "(.+)" /G "\S+:WP;(\w+)"$', command)
    (written,) = [change for change in planned if change["system"] == "ad"]
    with administrator_connection(truth.lab) as connection:
        partitions = SuffixList(truth.lab, connection)
        (guid,) = partitions.attribute("objectGUID")
    assert str(uuid.UUID(bytes_le=guid)) == written["id"]
    assert granted == (partitions.dn, written["property"])


def directory(reader: Reader, truth: Truth) -> None:
    people = truth.people()
    assess, dry_run, run = reader.commands("assess_directory")
    reader.run(assess)
    review(reader.folder / "tenantops-reviews" / "contoso.csv", accept_suggestions)
    reader.run(dry_run)
    assert truth.people() == people
    planned = reader.changes("check", "contoso")
    reader.run(run)
    assert reader.changes("apply", "contoso") == planned
    now = truth.people()
    assert {dn for dn in people if now[dn] != people[dn]} == {each["name"] for each in planned}


def domains(reader: Reader, truth: Truth) -> None:
    another_tenant(reader, "adatum")
    watch = Watch(truth)
    before = watch.everything()
    assess, dry_run, run = reader.commands("assess_domains")
    reader.run(assess)
    assert (reader.folder / "tenantops-assessments" / "adatum.csv").exists()
    reader.run(dry_run)
    assert watch.everything() == before
    planned = reader.changes("check", "adatum")
    assert outline(planned) == COURSES["adatum"]
    reader.run(run)
    assert covers(planned, reader.changes("apply", "adatum"))
    assert watch.forced() == []


def guests(reader: Reader, truth: Truth) -> None:
    another_tenant(reader, "vanarsdel")
    reception = Reception(truth)
    before, course = reception.everything(), reception.course("vanarsdel")
    assess, dry_run, run = reader.commands("assess_guests")
    reader.run(assess)
    assert (reader.folder / "tenantops-assessments" / "vanarsdel-guests.csv").exists()
    reader.run(dry_run)
    assert reception.everything() == before
    planned = reader.changes("check", "vanarsdel")
    assert outline(planned) == course
    reader.run(run)
    assert covers(planned, reader.changes("apply", "vanarsdel"))
    assert sorted(reception.resets("vanarsdel")) == sorted(reset_guests(planned))


def accounts(reader: Reader, truth: Truth) -> None:
    reader.write("people.csv", "address,name\nnew.comer@munson.test,New Comer\n")
    another_tenant(reader, "munson", tenant_work_accounts={"file": "people.csv"})
    munson = Aligner(truth.lab, "munson", reader.folder, truth)
    names, people = munson.cloud_names(), munson.directory_names()
    licenses, seats = munson.licenses(), munson.seats()
    assess, make_accounts, dry_run, run = reader.commands("assess_accounts")
    reader.run(assess)
    assert (reader.folder / "tenantops-assessments" / "munson-accounts.csv").exists()
    reader.run(make_accounts)
    (made,) = reader.changes("check", "munson")
    assert (made["action"], made["name"].partition("@")[0]) == ("create", "new.comer")
    reader.run(dry_run)
    assert (munson.cloud_names(), munson.directory_names()) == (names, people)
    planned = reader.changes("check", "munson")
    with munson.syncing():
        reader.run(run)
    assert covers(planned, reader.changes("apply", "munson"))
    munson.assert_aligned()
    assert (munson.licenses(), munson.seats()) == (licenses, seats)


def another_tenant(reader: Reader, name: str, **variables: object) -> None:
    """Go on as somebody whose tenant this is."""
    (reader.folder / "inventory" / "tenants.yml").unlink(missing_ok=True)
    reader.describe(name, **variables)
