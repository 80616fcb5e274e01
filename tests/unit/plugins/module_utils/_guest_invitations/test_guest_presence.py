# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ansible_collections.tenantops.migration.plugins.module_utils._changes.journal import (
    Conclusion,
    Journal,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import Action
from ansible_collections.tenantops.migration.plugins.module_utils._changes.undo import plan_undo
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    InvalidInput,
    JournalUnusable,
    Refused,
)
from ansible_collections.tenantops.migration.plugins.module_utils._guest_invitations import earlier
from ansible_collections.tenantops.migration.plugins.module_utils._guest_invitations.model import (
    GuestKey,
    Holders,
    Presence,
    WantedGuest,
    invitation,
    objection,
    proposed,
    removal,
    told,
    wanted_guests,
)
from ansible_collections.tenantops.migration.plugins.module_utils._guests.model import ReadGuest

_KEY = GuestKey("tenant", "kim@litware.test")
_KIM = WantedGuest("Kim@litware.test")
_NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def _user(state: str | None = "Accepted", user_type: str = "Guest", **fields: Any) -> ReadGuest:
    return ReadGuest.from_json(
        {
            "id": "id",
            "userPrincipalName": "kim_litware.test#EXT#@contoso.onmicrosoft.com",
            "mail": "kim@litware.test",
            "userType": user_type,
            "externalUserState": state,
            **fields,
        }
    )


_NOBODY = Holders()
_PENDING = Holders((_user("PendingAcceptance"),))
_ACCEPTED = Holders((_user(),))
_INTERNAL = Holders((_user(None),))
_MEMBER = Holders((_user(None, "Member"),))
_FROM_OUTSIDE = Holders((_user("Accepted", "Member"),))
_TWO = Holders((_user(), _user(id="other")))


@pytest.mark.parametrize("holders", [_PENDING, _ACCEPTED, _INTERNAL, _FROM_OUTSIDE, _TWO])
def test_guest_who_is_there_is_not_invited(holders: Holders) -> None:
    assert objection(_KIM, holders, Presence.PRESENT, "server") is None
    assert proposed(_KEY, holders, Presence.PRESENT) is None
    assert told(_KIM, holders)["id"] == "id"


def test_guest_who_is_not_there_is_invited_and_not_removed() -> None:
    assert proposed(_KEY, _NOBODY, Presence.PRESENT) == invitation(_KEY)
    assert proposed(_KEY, _NOBODY, Presence.ABSENT) is None
    assert told(_KIM, _NOBODY)["id"] is None


@pytest.mark.parametrize("holders", [_PENDING, _ACCEPTED, _INTERNAL, _FROM_OUTSIDE])
def test_guest_who_is_there_is_removed(holders: Holders) -> None:
    assert objection(_KIM, holders, Presence.ABSENT, "server") is None
    assert proposed(_KEY, holders, Presence.ABSENT) == removal(_KEY, holders)


@pytest.mark.parametrize("presence", Presence)
def test_member_is_neither_invited_nor_removed(presence: Presence) -> None:
    error = objection(_KIM, _MEMBER, presence, "server")
    assert isinstance(error, Refused)
    assert "no guest" in error.problem


def test_of_two_none_is_removed() -> None:
    error = objection(_KIM, _TWO, Presence.ABSENT, "server")
    assert isinstance(error, Refused)
    assert "More than one" in error.problem


def test_address_that_nobody_is_invited_by() -> None:
    plus = WantedGuest("kim+contoso@litware.test")
    assert isinstance(objection(plus, _NOBODY, Presence.PRESENT, "server"), InvalidInput)
    # Such a guest can be there all the same, and can go.
    assert objection(plus, _ACCEPTED, Presence.PRESENT, "server") is None
    assert objection(plus, _ACCEPTED, Presence.ABSENT, "server") is None


@pytest.mark.parametrize(
    ("now", "undone", "conflicts"),
    [(_PENDING, 1, 0), (_ACCEPTED, 0, 1), (_INTERNAL, 0, 1), (_NOBODY, 0, 0)],
)
def test_undoing_an_invitation(now: Holders, undone: int, conflicts: int) -> None:
    undo = plan_undo([invitation(_KEY)], lambda change: now.value(change.name))
    assert (len(undo.changes), len(undo.conflicts)) == (undone, conflicts)
    assert all(change.action is Action.DELETE for change in undo.changes)


@pytest.mark.parametrize(
    ("now", "undone", "conflicts"), [(_NOBODY, 1, 0), (_ACCEPTED, 0, 0), (_PENDING, 0, 1)]
)
def test_undoing_a_removal(now: Holders, undone: int, conflicts: int) -> None:
    """Who came back as it was is left, and who was invited anew is somebody's own."""
    undo = plan_undo([removal(_KEY, _ACCEPTED)], lambda change: now.value(change.name))
    assert (len(undo.changes), len(undo.conflicts)) == (undone, conflicts)
    assert all(change.action is Action.CREATE for change in undo.changes)


def test_id_comes_back() -> None:
    assert GuestKey.from_id(_KEY.id) == _KEY


@pytest.mark.parametrize("identity", ["", "tenant", "tenant ", " kim@litware.test", "tenant kim"])
def test_id_of_something_else(identity: str) -> None:
    with pytest.raises(JournalUnusable):
        GuestKey.from_id(identity)


def test_guests_as_they_are_named() -> None:
    entries = [{"address": " Kim@LITWARE.test ", "display_name": None, "language": "sv"}]
    assert wanted_guests(entries) == (WantedGuest("Kim@litware.test", "", "sv"),)
    assert wanted_guests(entries)[0].folded == "kim@litware.test"


def _journal(folder: Path) -> Journal:
    return Journal(folder / "contoso" / "run.jsonl")


def test_invitations_of_earlier_runs(tmp_path: Path) -> None:
    journal = _journal(tmp_path)
    other = GuestKey("tenant", "ana@litware.test")
    gone = GuestKey("tenant", "eva@litware.test")
    _made, refused, _open = journal.announce(
        "target", [[invitation(_KEY)], [invitation(other)], [removal(gone, _ACCEPTED)]]
    )
    journal.conclude([Conclusion(refused, "not_made")])
    announced = earlier.announced_invitations(tmp_path / "contoso" / "next.jsonl")
    assert set(announced) == {_KEY.id}
    assert abs(announced[_KEY.id] - datetime.now(UTC)) < timedelta(minutes=5)


def test_without_a_journal_nothing_is_known() -> None:
    assert earlier.announced_invitations(None) == {}


def test_journal_that_cannot_be_trusted(tmp_path: Path) -> None:
    journal = _journal(tmp_path)
    journal.announce("target", [[invitation(_KEY)]])
    journal.path.write_text(journal.path.read_text() + "no record\n" + journal.path.read_text())
    with pytest.raises(JournalUnusable):
        earlier.announced_invitations(journal.path)


@given(some.floats(-1e6, 1e6), some.floats(0, 1e4))
def test_wait_is_never_longer_than_graph_takes(ago: float, settle_time: float) -> None:
    announced = _NOW - timedelta(seconds=ago)
    left = earlier.seconds_to_wait(announced, settle_time, _NOW)
    assert 0 <= left <= settle_time
    assert left == pytest.approx(min(max(0.0, settle_time - ago), settle_time), abs=0.01)
