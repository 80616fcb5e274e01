# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guides about guests, and about what they are told, followed on the lab."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import yaml

from lab.description import Description

from .domain_courses import covers
from .guest_courses import FALLBACK, PASSCODE, RESET, Reception, outline
from .guides.reader import Reader
from .truth import Truth

# Of the tenants of the lab, those that are where the tenants of the document are.
TO_PASSCODE = "fourthcoffee"
FROM_PASSCODE = "vanarsdel"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def changes(folder: Path, mode: str, tenant: str) -> list[dict[str, Any]]:
    content = json.loads((folder / "tenantops-report" / mode / f"{tenant}.json").read_text())
    found: list[dict[str, Any]] = content["changes"]
    return found


def test_guests(clean_lab: Description, tmp_path: Path) -> None:
    reader = Reader.of("docs/guests.md", clean_lab, tmp_path)
    reader.describe_as({"contoso": TO_PASSCODE, "fabrikam": FROM_PASSCODE})
    reception = Reception(Truth(clean_lab))
    guests = {name: reception.guests(name) for name in (TO_PASSCODE, FROM_PASSCODE)}
    to_passcode = {
        each["id"]: each
        for each in guests[TO_PASSCODE].values()
        if each["method"] in ("microsoft_account", "entra_viral")
    }
    from_passcode = {
        each["id"]: each
        for each in guests[FROM_PASSCODE].values()
        if each["method"] == "one_time_passcode"
    }

    reader.type("assess_guests")
    for tenant, name in (("contoso", TO_PASSCODE), ("fabrikam", FROM_PASSCODE)):
        listed = rows(tmp_path / "tenantops-assessments" / f"{tenant}-guests.csv")
        told = {row["id"]: row["method"] for row in listed}
        assert told == {each["id"]: each["method"] for each in guests[name].values()}

    dry_run, run = reader.commands("guest_access")
    reader.save_host_variables("fallback: emailOneTimePasscode")
    reader.save_host_variables("fallback: microsoftAccount")

    # Whom it is about can be told only before the run.
    notices = reader.take("shell", "tenantops_guest_notices=notices")
    reader.save_host_variables("tenant_guest_notice")
    reader.run(notices)
    for each in to_passcode.values():
        text = (tmp_path / "notices" / "contoso" / f"{each['address']}.txt").read_text("utf-8")
        assert "Contoso" in text
        assert "guests@contoso.com" in text

    reader.run(dry_run)
    assert {name: reception.guests(name) for name in guests} == guests
    planned = {tenant: changes(tmp_path, "check", tenant) for tenant in ("contoso", "fabrikam")}
    assert outline(planned["contoso"]) == [PASSCODE, FALLBACK, *[RESET] * len(to_passcode)]
    assert outline(planned["fabrikam"]) == [FALLBACK, *[RESET] * len(from_passcode), PASSCODE]

    reader.run(run)
    for tenant, course in planned.items():
        assert covers(course, changes(tmp_path, "apply", tenant))
    assert sorted(reception.resets(TO_PASSCODE)) == sorted(to_passcode)
    assert sorted(reception.resets(FROM_PASSCODE)) == sorted(from_passcode)
    assert len(reception.mails(FROM_PASSCODE)) == len(from_passcode)
    mails = reception.mails(TO_PASSCODE)
    assert len(mails) == len(to_passcode)
    assert all("guests@contoso.com" in json.dumps(mail) for mail in mails)
    assert "changed=0" in reader.run(dry_run)

    reached = reception.everything()
    reader.type("rollback")
    assert outline(changes(tmp_path, "check", "contoso")) == [FALLBACK, PASSCODE]
    assert outline(changes(tmp_path, "check", "fabrikam")) == [PASSCODE, FALLBACK]
    assert reception.everything() == reached
    # As the tables say: nobody is asked for what they lose.
    met = reception.redeem(TO_PASSCODE, to_passcode)
    assert {guest["method"] for guest in met.values()} == {"one_time_passcode"}
    met = reception.redeem(FROM_PASSCODE, from_passcode)
    assert "one_time_passcode" not in {guest["method"] for guest in met.values()}
    reader.end()


def test_notices(clean_lab: Description, tmp_path: Path) -> None:
    reader = Reader.of("docs/notices.md", clean_lab, tmp_path)
    reader.describe_as({"contoso": FROM_PASSCODE})
    reader.stand_ins = {
        "/var/lib/tenantops/guests/contoso.csv": f"{tmp_path}/guests/contoso-guests.csv",
        "/var/lib/tenantops": str(tmp_path),
        "/etc/tenantops/notices": f"{tmp_path}/templates",
        "3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11": clean_lab.tenants[FROM_PASSCODE]["tenant_id"],
    }
    reader.run(
        "ansible-playbook -i inventory tenantops.migration.assess_guests"
        " -e tenantops_assessments=guests"
    )
    by_passcode = {
        row["address"]
        for row in rows(tmp_path / "guests" / "contoso-guests.csv")
        if row["method"] == "one_time_passcode"
    }
    folder = tmp_path / "notices" / "contoso"

    tasks = reader.take("yaml", "read_csv")
    dry_run = reader.play(tasks, arguments="--check -v")
    assert all(f"{address}.txt" in dry_run for address in by_passcode)
    assert not folder.exists()
    reader.play(tasks)
    assert {path.stem for path in folder.glob("*.txt")} == by_passcode
    assert "changed=0" in reader.play(tasks)

    reader.play(reader.take("yaml", "copy_templates_to"))
    assert {path.name for path in (tmp_path / "templates").iterdir()} == {"en", "sv", "ja"}
    own = tmp_path / "templates" / "en" / "redemption_reset.txt.j2"
    _subject, body = own.read_text("utf-8").split("\n", maxsplit=1)
    own.write_text(f"Subject: Once more, {{{{ recipient.address }}}}\n{body}", "utf-8")
    (task,) = yaml.safe_load(tasks)
    task["tenantops.migration.notice_files"]["templates"] = str(tmp_path / "templates")
    reader.play(yaml.safe_dump([task]))
    subjects = {path.stem: path.read_text("utf-8").splitlines()[0] for path in folder.glob("*.txt")}
    languages = {row["address"]: row["language"] for row in rows(folder / "index.csv")}
    assert set(languages.values()) == {"en", "sv", "ja"}
    # The other languages still come from the collection.
    for address, subject in subjects.items():
        is_own = subject == f"Subject: Once more, {address}"
        assert is_own is (languages[address] == "en")
    reader.end()
