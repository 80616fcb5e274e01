# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rehearsal that `make demo` shows: three tenants moved, one of them rolled back, the directory
of all three made ready for sync, their domains brought into them, and their guests moved. In a
fourth one, which is synchronised, people get one name in the directory and in the cloud.

Every step is the command an operator would give. What a step promises is checked from the files
it leaves, and the demo stops where a promise is broken.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.paths import BUILD, ROOT, ToolError

PROGRAMS = BUILD / "venv" / "bin"
LAB_STATE = Path(os.environ.get("TENANTOPS_LAB_STATE") or ROOT / ".lab")
REPORTS = ROOT / "tenantops-report" / "demo"
JOURNAL = REPORTS / "journal"
REVIEWS = REPORTS / "reviews"
GUESTS = REPORTS / "guests"
NOTICES = REPORTS / "notices"
ACCOUNTS = REPORTS / "accounts"
ROLLED_BACK = "fourthcoffee"
# Has people in the directory, licences, and a sync that renames nobody who has one.
SYNCHRONISED = "munson"
SYNC_EVERY = "1"  # second

Changes = Mapping[str, list[dict[str, Any]]]


def demonstrate() -> None:
    """Run the rehearsal from the lab's start to a report to open.

    :raises ToolError: when a step fails, or did not do what it promises.
    """
    _say("Start a directory, a pair of name servers and the cloud")
    _lab("up")
    _lab("reset")
    shutil.rmtree(REPORTS, ignore_errors=True)
    _migrate()
    _prepare_directory()
    _take_over_domains()
    _move_guests()
    _align_accounts()
    _say("Open these in a browser")
    for step, mode in (
        ("1-dry-run", "check"),
        ("2-apply", "apply"),
        ("4-rollback", "apply"),
        ("6-assess", "apply"),
        ("8-prepare", "apply"),
        ("11-domains", "apply"),
        ("13-guests-assess", "apply"),
        ("15-guests", "apply"),
        ("17-accounts-assess", "apply"),
        ("19-accounts", "apply"),
    ):
        print(f"  {REPORTS / step / mode / 'report.html'}")
    print(f"And in a spreadsheet what was reviewed, in {REVIEWS}")
    print(f"The guests are listed in {GUESTS}, what they are told is in {NOTICES}")
    print(f"The people of {SYNCHRONISED} are compared in {ACCOUNTS}")
    print("\nThe lab goes on running; `make lab-down` stops it.")


def _migrate() -> None:
    """Dry run, run, second run, and one tenant rolled back."""
    _say("Dry run: what would change, and nothing does")
    _play("1-dry-run", "migrate", "--check", "--diff")
    planned = _changes("1-dry-run", "check")
    _promise(any(planned.values()), "the dry run shows changes")

    _say("Apply: only what the dry run showed is allowed")
    plans = REPORTS / "1-dry-run" / "check"
    _play("2-apply", "migrate", "--extra-vars", f"tenantops_approved_plans={plans}")
    _promise(_changes("2-apply", "apply") == planned, "the changes are those of the dry run")

    _say("Run again: nothing is left to do")
    _play("3-again", "migrate")
    _promise(not any(_changes("3-again", "apply").values()), "a second run changes nothing")

    _say(f"Roll {ROLLED_BACK} back")
    run = f"tenantops_undo_run={_name_of_run()}"
    _play("4-rollback", "rollback", "--diff", "--limit", ROLLED_BACK, "--extra-vars", run)
    _play("5-after-rollback", "migrate", "--check", "--limit", ROLLED_BACK)
    again = _changes("5-after-rollback", "check")[ROLLED_BACK]
    _promise(again == planned[ROLLED_BACK], f"{ROLLED_BACK} is where it was before")


def _prepare_directory() -> None:
    """Assess, review as somebody might, dry run, run, assess again."""
    _say("Assess the directories: what would sync stumble over?")
    _play("6-assess", "assess_directory", "--extra-vars", f"tenantops_reviews={REVIEWS}")
    files = sorted(REVIEWS.glob("*.csv"))
    found = sum(map(_blocking, files))
    _promise(
        found > 0, f"{found} values that block sync are found, in {len(files)} files to review"
    )

    _say("Review: suggestions are good, and sign-in names move to the tenant's own domain")
    for path in files:
        _review(path)
    reviewed = ("--extra-vars", f"tenantops_reviews={REVIEWS}")
    _play("7-prepare-dry-run", "prepare_directory", "--check", *reviewed)
    planned = _changes("7-prepare-dry-run", "check")
    plans = f"tenantops_approved_plans={REPORTS / '7-prepare-dry-run' / 'check'}"
    _play("8-prepare", "prepare_directory", *reviewed, "--extra-vars", plans)
    _promise(_changes("8-prepare", "apply") == planned, "the changes are those of the dry run")

    _say("Assess again: what is left needs a person, and says why")
    after = REPORTS / "reviews-after"
    _play("9-assess-again", "assess_directory", "--extra-vars", f"tenantops_reviews={after}")
    left = sum(map(_blocking, after.glob("*.csv")))
    _promise(left < found, f"{found - left} of {found} values no longer block sync")


def _take_over_domains() -> None:
    """Dry run, run, second run: added, proven in DNS, verified."""
    _say("Bring the domains into the tenants: what would that take?")
    _play("10-domains-dry-run", "take_over_domain", "--check")
    planned = _changes("10-domains-dry-run", "check")
    _promise(all(planned.values()), "the dry run tells the whole course")

    _say("Apply: each domain is added, its proof published and waited for, and verified")
    plans = f"tenantops_approved_plans={REPORTS / '10-domains-dry-run' / 'check'}"
    _play("11-domains", "take_over_domain", "--extra-vars", plans)
    made = _changes("11-domains", "apply")
    # Microsoft tells the proof of a domain when it is added.
    _promise(_places(made) == _places(planned), "the changes are those of the dry run")
    _play("12-domains-again", "take_over_domain")
    again = _changes("12-domains-again", "apply")
    _promise(not any(again.values()), "a second run changes nothing")


def _move_guests() -> None:
    """Assess, write to whom it concerns, dry run, run, second run."""
    _say("Assess the guests: who signs in how, and what is written to those who are to be moved?")
    folders = f"tenantops_assessments={GUESTS} tenantops_guest_notices={NOTICES}"
    _play("13-guests-assess", "assess_guests", "--extra-vars", folders)
    written = len(list(NOTICES.glob("*/*.txt")))
    _promise(written > 0, f"{written} guests have a text that tells them")

    _say("Set how guests sign in: what would change, and for whom?")
    _play("14-guests-dry-run", "guest_access", "--check", "--diff")
    planned = _changes("14-guests-dry-run", "check")
    resets = sum(_is_reset(change) for changes in planned.values() for change in changes)
    _promise(resets == written, f"the {resets} guests who are to be reset are those")

    _say("Apply: the passcode on, the redemption order, and then the guests")
    plans = f"tenantops_approved_plans={REPORTS / '14-guests-dry-run' / 'check'}"
    _play("15-guests", "guest_access", "--extra-vars", plans)
    _promise(_changes("15-guests", "apply") == planned, "the changes are those of the dry run")
    _play("16-guests-again", "guest_access")
    again = _changes("16-guests-again", "apply")
    _promise(not any(again.values()), "a second run resets nobody again")


def _align_accounts() -> None:
    """Assess, dry run, run beside a sync, second run: in the directory and in the cloud."""
    only = ("--extra-vars", f"tenantops_hosts={SYNCHRONISED}")
    _say("Assess accounts: who is who in the directory and in the cloud, and what differs?")
    folder = f"tenantops_assessments={ACCOUNTS}"
    _play("17-accounts-assess", "assess_accounts", *only, "--extra-vars", folder)
    differing = _signing_in_otherwise()
    _promise(differing > 0, f"{differing} people sign in with something else than their address")

    _say("One name on both sides: what would change?")
    _play("18-accounts-dry-run", "align_accounts", "--check", *only)
    planned = _changes("18-accounts-dry-run", "check")
    renamed = sum(_is_name(change) for changes in planned.values() for change in changes)
    _promise(renamed == differing, f"the {renamed} who get another name are those")

    _say("Apply: licences off where they keep the sync from a name, and on again behind it")
    plans = f"tenantops_approved_plans={REPORTS / '18-accounts-dry-run' / 'check'}"
    _lab("sync", SYNCHRONISED, "--every", SYNC_EVERY)
    _play("19-accounts", "align_accounts", *only, "--extra-vars", plans)
    made = _changes("19-accounts", "apply")
    _promise(made == planned, "the changes are those of the dry run")
    _play("20-accounts-again", "align_accounts", *only)
    again = _changes("20-accounts-again", "apply")
    _promise(not any(again.values()), "a second run changes nothing, and nobody is without licence")
    _lab("sync", SYNCHRONISED, "--never")


def _signing_in_otherwise() -> int:
    (table,) = ACCOUNTS.glob("*.csv")
    return sum("upn_not_address" in row["findings"].split("; ") for row in _rows(table))


def _is_name(change: Mapping[str, Any]) -> bool:
    return bool(change["property"] == "userPrincipalName")


def _is_reset(change: Mapping[str, Any]) -> bool:
    return bool(change["property"] == "redemption")


def _places(changes: Changes) -> dict[str, list[tuple[str, ...]]]:
    """What is changed and how, without the values."""
    return {
        tenant: [tuple(each[key] for key in ("id", "property", "action")) for each in listed]
        for tenant, listed in changes.items()
    }


def _lab(*command: str) -> None:
    _run([str(PROGRAMS / "python"), "-m", "lab", "--state", str(LAB_STATE), *command], {})


def _play(step: str, playbook: str, *arguments: str) -> None:
    """Run one of the collection's playbooks, with a folder of reports for this step."""
    inventory = LAB_STATE / "inventory" / "hosts.yml"
    words = [str(PROGRAMS / "ansible-playbook"), "--inventory", str(inventory)]
    settings = {
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "TENANTOPS_JOURNAL": str(JOURNAL),
        "TENANTOPS_REPORT_FOLDER": str(REPORTS / step),
    }
    _run([*words, f"tenantops.migration.{playbook}", *arguments], settings)


def _run(words: list[str], settings: Mapping[str, str]) -> None:
    said = [f"{name}={value}" for name, value in settings.items() if name != "ANSIBLE_CONFIG"]
    shown = shlex.join(_short(word) for word in (*said, *words))
    print(f"$ {shown}", flush=True)
    result = subprocess.run(
        words, cwd=ROOT, env={**os.environ, **settings}, stdin=subprocess.DEVNULL, check=False
    )
    if result.returncode != 0:
        raise ToolError(f"This command failed with exit code {result.returncode}: {shown}")


def _changes(step: str, mode: str) -> Changes:
    """The changes of each tenant, as the plans of a step have them."""
    folder = REPORTS / step / mode
    tenants = json.loads((folder / "index.json").read_text())["tenants"]
    return {
        tenant: json.loads((folder / f"{tenant}.json").read_text())["changes"] for tenant in tenants
    }


def _blocking(review: Path) -> int:
    """How many values in a review file block sync."""
    return sum(row["SEVERITY"] == "blocking" for row in _rows(review))


def _review(path: Path) -> None:
    """Fill in what is a person's, as in a spreadsheet; the file has the name of the tenant."""
    rows = [_decided(row, f"{path.stem}.test") for row in _rows(path)]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _decided(row: dict[str, str], domain: str) -> dict[str, str]:
    name, _at, _old_domain = row["VALUE"].partition("@")
    if row["ATTRIBUTE"] == "userPrincipalName" and re.fullmatch("[a-z0-9]{1,20}", name):
        return {**row, "ACTION": "EDIT", "UPDATE": f"{name}@{domain}"}
    return {**row, "ACTION": row["PROPOSEDACTION"]}


def _rows(review: Path) -> list[dict[str, str]]:
    with review.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _name_of_run() -> str:
    """The run that changed something: the others left no journal of their own."""
    names = sorted(path.stem for path in (JOURNAL / ROLLED_BACK).glob("*.jsonl"))
    if not names:
        raise ToolError(f"There is no journal of {ROLLED_BACK} in {JOURNAL}.")
    return names[0]


def _promise(kept: bool, what: str) -> None:
    if not kept:
        raise ToolError(f"This promise was not kept: {what}.")
    print(f"Kept: {what}.", flush=True)


def _say(heading: str) -> None:
    print(f"\n=== {heading}\n", flush=True)


def _short(word: str) -> str:
    """A path as somebody in the repository's folder would type it."""
    return word.replace(f"{ROOT}/", "")


def main() -> int:
    """Show the rehearsal."""
    try:
        demonstrate()
    except ToolError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
