# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.journal import Journal
from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    InvalidInput,
    JournalUnusable,
    Refused,
    TenantopsError,
)
from ansible_collections.tenantops.migration.plugins.module_utils._guest_redemption.earlier import (
    Earlier,
    EarlierResets,
)
from ansible_collections.tenantops.migration.plugins.module_utils._guest_redemption.links import (
    LinksFile,
)
from ansible_collections.tenantops.migration.plugins.module_utils._guest_redemption.model import (
    Redemption,
    not_found,
    redemption_before,
    redemption_of,
    reset,
    sort,
)
from ansible_collections.tenantops.migration.plugins.module_utils._guests.model import (
    Guest,
    SignInMethod,
)
from ansible_collections.tenantops.migration.plugins.module_utils._guests.selection import Selection

ADA = Guest(
    id="6b1f5c4e-57a4-4d0c-9a4c-2d6f3b0f9f10",
    address="ada@litware.example",
    user_principal_name="ada_litware.example#EXT#@contoso.onmicrosoft.com",
    display_name="Ada",
    domain="litware.example",
    state="Accepted",
    state_changed="2024-02-11T09:12:44Z",
    method=SignInMethod.MICROSOFT_ACCOUNT,
    issuer="MicrosoftAccount",
    preferred_language="sv",
    account_enabled=True,
    created="2024-02-11T09:00:00Z",
)
PENDING = replace(ADA, id="p", state="PendingAcceptance", method=SignInMethod.NOT_REDEEMED)
INTERNAL = replace(ADA, id="i", state=None, issuer=None, method=SignInMethod.INTERNAL)


class TestModel:
    def test_a_reset(self) -> None:
        change = reset(ADA, mailed=True)
        assert (change.id, change.name, change.action) == (ADA.id, ADA.address, Action.INVOKE)
        assert change.before == {
            "state": "Accepted",
            "changed": "2024-02-11T09:12:44Z",
            "method": "microsoft_account",
        }
        assert change.after == {"state": "PendingAcceptance", "mailed": True}
        assert not change.reversible
        assert Change.from_json(change.to_json()) == change
        assert redemption_before(change) == redemption_of(ADA)

    @pytest.mark.parametrize("before", [None, "Accepted", {"state": 1}, {"changed": 5}])
    def test_what_is_no_reset(self, before: Any) -> None:
        assert redemption_before(replace(reset(ADA, mailed=False), before=before)) is None
        assert redemption_before(replace(reset(ADA, mailed=False), property="guest")) is None

    def test_who_is_reset_and_who_is_not(self) -> None:
        guests = (ADA, PENDING, INTERNAL)
        found = sort(guests, "graph")
        assert (found.to_reset, found.pending, found.internal) == ((ADA,), (PENDING,), (INTERNAL,))
        assert found.failures == ()
        assert found.selected == 3
        proposal = found.proposal(found.to_reset, mailed=False)
        assert proposal.scope == 3
        assert [request.id for request in proposal.requests] == [ADA.id]

    @pytest.mark.parametrize(
        ("guest", "kind"),
        [
            (replace(ADA, address=None), "invalid_input"),
            (replace(ADA, address="ada+1@litware.example"), "invalid_input"),
            (replace(ADA, state="Invited", method=SignInMethod.UNKNOWN), "not_understood"),
            (replace(ADA, state=None, method=SignInMethod.UNKNOWN), "not_understood"),
        ],
    )
    def test_who_cannot_be_reset_is_told_with_a_way_out(self, guest: Guest, kind: str) -> None:
        (failure,) = sort([guest], "graph").failures
        assert failure.id == ADA.id
        assert failure.error.kind == kind
        assert failure.error.advice

    def test_names_that_are_nobodys(self) -> None:
        by_id = Selection(ids=frozenset({ADA.id, "nobody"}))
        assert [name for name, _error in not_found(by_id, [ADA], "graph")] == ["nobody"]
        by_address = Selection(addresses=frozenset({"ada@litware.example", "eve@litware.example"}))
        assert [name for name, _error in not_found(by_address, [ADA], "graph")] == [
            "eve@litware.example"
        ]

    def test_names_of_guests_who_are_not_meant_are_no_failures(self) -> None:
        ids = frozenset({"nobody"})
        for selection in (
            Selection(ids=ids, methods=frozenset({SignInMethod.GOOGLE})),
            Selection(ids=ids, domains=frozenset({"litware.example"})),
            Selection(ids=ids, addresses=frozenset({"eve@litware.example"})),
        ):
            assert list(not_found(selection, [], "graph")) == []


NOW = redemption_of(ADA)
LATER = Redemption("Accepted", "2026-01-01T00:00:00Z")


class TestEarlier:
    def test_without_journals(self, tmp_path: Path) -> None:
        assert EarlierResets.read(None).of(ADA.id, NOW) is Earlier.NEVER
        assert EarlierResets.read(tmp_path / "contoso" / "run.jsonl").of(ADA.id, NOW) is (
            Earlier.NEVER
        )

    @pytest.mark.parametrize(
        ("error", "expected"),
        [
            (None, Earlier.DONE),
            (TenantopsError("who knows"), Earlier.OPEN),
            (Refused("no"), Earlier.NEVER),
            (KeyboardInterrupt(), Earlier.OPEN),
        ],
    )
    @pytest.mark.parametrize("of", ["run", "another"])
    def test_as_the_outcome_says(
        self, tmp_path: Path, error: BaseException | None, expected: Earlier, of: str
    ) -> None:
        journalled(tmp_path, of, error)
        found = EarlierResets.read(tmp_path / "contoso" / "run.jsonl")
        assert found.of(ADA.id, NOW) is expected
        assert found.of("somebody", NOW) is Earlier.NEVER

    @pytest.mark.parametrize(("of", "expected"), [("run", Earlier.DONE), ("x", Earlier.NEVER)])
    def test_who_has_redeemed_since_is_reset_by_another_run_only(
        self, tmp_path: Path, of: str, expected: Earlier
    ) -> None:
        journalled(tmp_path, of, None)
        assert EarlierResets.read(tmp_path / "contoso" / "run.jsonl").of(ADA.id, LATER) is expected

    def test_the_same_is_announced_twice_and_made_once(self, tmp_path: Path) -> None:
        journalled(tmp_path, "one", KeyboardInterrupt())
        journalled(tmp_path, "two", None)
        found = EarlierResets.read(tmp_path / "contoso" / "run.jsonl")
        assert found.of(ADA.id, NOW) is Earlier.DONE

    def test_when_graph_will_know(self, tmp_path: Path) -> None:
        before = datetime.now(UTC) - timedelta(milliseconds=1)
        journalled(tmp_path, "one", KeyboardInterrupt())
        found = EarlierResets.read(tmp_path / "contoso" / "run.jsonl")
        settled = found.settled_at([ADA.id], 60)
        assert settled is not None
        assert before <= settled - timedelta(seconds=60) <= datetime.now(UTC)
        assert found.settled_at(["somebody"], 60) is None

    def test_journals_of_other_things_are_not_even_read(self, tmp_path: Path) -> None:
        folder = tmp_path / "contoso"
        folder.mkdir()
        (folder / "other.jsonl").write_text('{"damaged": 1}\n{"property":"guest"}\n')
        assert EarlierResets.read(folder / "run.jsonl").of(ADA.id, NOW) is Earlier.NEVER

    def test_a_damaged_journal_that_tells_of_resets_is_an_error(self, tmp_path: Path) -> None:
        folder = tmp_path / "contoso"
        folder.mkdir()
        (folder / "other.jsonl").write_text('{"property":"redemption"}\n{}\n')
        with pytest.raises(JournalUnusable):
            EarlierResets.read(folder / "run.jsonl")

    def test_other_changes_of_a_guest_are_no_resets(self, tmp_path: Path) -> None:
        invited = Change(System.ENTRA, "guest", ADA.id, "ada", "guest", Action.CREATE, None, "ada")
        with Journal(tmp_path / "contoso" / "run.jsonl").write(
            "graph", [invited, reset(PENDING, mailed=False)]
        ):
            pass
        found = EarlierResets.read(tmp_path / "contoso" / "run.jsonl")
        assert found.of(ADA.id, NOW) is Earlier.NEVER


def journalled(folder: Path, run: str, error: BaseException | None) -> None:
    """A reset of Ada in the journal of a run."""
    try:
        with Journal(folder / "contoso" / f"{run}.jsonl").write("graph", [reset(ADA, mailed=True)]):
            if error is not None:
                raise error
    except (TenantopsError, KeyboardInterrupt):
        pass


class TestLinksFile:
    def test_each_link_is_there_at_once_for_the_owner_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "new" / "links.csv"
        links = LinksFile(path)
        links.begin()
        links.add(ADA, "sv", "https://login.example/redeem?rd=1")
        first = path.read_text()
        names = f'"ada@litware.example","{ADA.id}","{ADA.user_principal_name}","sv"'
        assert first.splitlines() == [
            '"address","id","user_principal_name","language","redeem_link"',
            f'{names},"https://login.example/redeem?rd=1"',
        ]
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
        again = LinksFile(path)
        again.begin()
        again.add(ADA, "sv", "https://login.example/redeem?rd=2")
        assert path.read_text().startswith(first)
        assert len(path.read_text().splitlines()) == 3

    def test_what_a_spreadsheet_would_run_is_guarded(self, tmp_path: Path) -> None:
        path = tmp_path / "links.csv"
        LinksFile(path).add(replace(ADA, address="=cmd()@litware.example"), "sv", "https://x")
        assert '"\'=cmd()@litware.example"' in path.read_text()

    def test_a_file_that_others_could_read_is_closed_to_them(self, tmp_path: Path) -> None:
        path = tmp_path / "links.csv"
        path.touch(mode=0o644)
        LinksFile(path).begin()
        assert path.stat().st_mode & 0o777 == 0o600

    def test_paths_that_cannot_be_meant(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidInput, match="absolute"):
            LinksFile(Path("links.csv"))
        with pytest.raises(InvalidInput, match="cannot be written"):
            LinksFile(tmp_path).begin()
        (tmp_path / "elsewhere").touch()
        (tmp_path / "link.csv").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(InvalidInput, match="cannot be written"):
            LinksFile(tmp_path / "link.csv").begin()
