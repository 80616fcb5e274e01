# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where passwords come from and go to: never lost, never changed, never for others to read."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._accounts import delivery
from ansible_collections.tenantops.migration.plugins.module_utils._accounts.delivery import (
    COLUMNS,
    Initial,
    PasswordsCommand,
    PasswordsFile,
)
from ansible_collections.tenantops.migration.plugins.module_utils._accounts.passwords import (
    made_up_password,
    why_refused,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput

TENANT = "3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11"
FIRST = "first-Password1"


def initial(name: str = "kim", password: str = FIRST, display: str = "Kim") -> Initial:
    return Initial(TENANT, f"{name}@contoso.test", display, password)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def hand_over(place: PasswordsFile | PasswordsCommand, *passwords: Initial) -> Sequence[str]:
    return [str(error) for error in asyncio.run(place.hand_over(passwords)).values()]


def test_made_up_passwords_are_good_and_all_different() -> None:
    made = [made_up_password("kim@contoso.test") for _number in range(500)]
    assert len(set(made)) == len(made)
    for password in made:
        assert why_refused(password, "kim@contoso.test") is None
        assert password[0].isalpha()
        assert not set(password) & set("lIO01 \"',;=@$`\\")


@pytest.mark.parametrize("name", ["a", "e-", "Kim"])
def test_made_up_password_is_without_the_name_however_short(name: str) -> None:
    """One letter is in a quarter of all passwords, and so in some of these if nobody looks."""
    for _number in range(200):
        password = made_up_password(f"{name}@contoso.test")
        assert why_refused(password, f"{name}@contoso.test") is None
        assert name.lower() not in password.lower()


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("Sh0rt!", "characters"),
        ("Aa1!" * 65, "characters"),
        ("only-small-letters", "three of these"),
        ("Pässword-12345", "ASCII"),
        ("the-KIM.AKERS-1", "name"),
    ],
)
def test_passwords_that_entra_would_not_take(password: str, told: str) -> None:
    why = why_refused(password, "kim.akers@contoso.test")
    assert why is not None
    assert told in why
    assert password not in why


class TestFile:
    def test_is_for_its_owner_alone_and_whole(self, tmp_path: Path) -> None:
        path = tmp_path / "new" / "passwords.csv"
        place = PasswordsFile(path)
        assert place.begin(TENANT) == {}
        assert hand_over(place, initial(), initial("anna", '"+=,;x9X')) == []
        assert [row["password"] for row in rows(path)] == ["first-Password1", '"+=,;x9X']
        assert tuple(rows(path)[0]) == COLUMNS
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700

    def test_goes_on_and_tells_what_it_has(self, tmp_path: Path) -> None:
        path = tmp_path / "passwords.csv"
        place = PasswordsFile(path)
        place.begin(TENANT)
        hand_over(place, initial("Kim"), initial("-anna", "Second-Password2"))
        again = PasswordsFile(path)
        assert again.begin(TENANT) == {
            "kim@contoso.test": "first-Password1",
            "-anna@contoso.test": "Second-Password2",
        }
        assert again.begin("another tenant") == {}
        hand_over(again, initial("kim", "Third-Password3"))
        assert PasswordsFile(path).begin(TENANT)["kim@contoso.test"] == "Third-Password3"
        assert len(rows(path)) == 3

    def test_makes_itself_unreadable_for_others(self, tmp_path: Path) -> None:
        path = tmp_path / "passwords.csv"
        PasswordsFile(path).begin(TENANT)
        path.chmod(0o644)
        PasswordsFile(path).begin(TENANT)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_names_stay_on_their_lines(self, tmp_path: Path) -> None:
        path = tmp_path / "passwords.csv"
        place = PasswordsFile(path)
        place.begin(TENANT)
        hand_over(place, initial(display='Kim\r\n"Akers"\n'), initial("anna", display="=1+1"))
        assert [row["display_name"] for row in rows(path)] == ['Kim "Akers"', "'=1+1"]
        assert len(PasswordsFile(path).begin(TENANT)) == 2

    @pytest.mark.parametrize("torn", ['"anna@contoso.test","An', '"', "x"])
    def test_line_that_was_not_finished_is_taken_away(self, tmp_path: Path, torn: str) -> None:
        path = tmp_path / "passwords.csv"
        place = PasswordsFile(path)
        place.begin(TENANT)
        hand_over(place, initial())
        whole = path.read_bytes()
        path.write_bytes(whole + torn.encode())
        assert list(PasswordsFile(path).begin(TENANT)) == ["kim@contoso.test"]
        assert path.read_bytes() == whole

    @pytest.mark.parametrize("end", [b"", b"\r"])
    def test_last_line_that_somebody_left_open_is_kept(self, tmp_path: Path, end: bytes) -> None:
        """As editors leave it: there is an account that has this password."""
        path = tmp_path / "passwords.csv"
        place = PasswordsFile(path)
        place.begin(TENANT)
        hand_over(place, initial())
        path.write_bytes(path.read_bytes().removesuffix(b"\r\n") + end)
        again = PasswordsFile(path)
        assert again.begin(TENANT) == {"kim@contoso.test": "first-Password1"}
        hand_over(again, initial("anna", "Second-Password2"))
        assert [row["password"] for row in rows(path)] == ["first-Password1", "Second-Password2"]

    def test_password_that_somebody_has_wiped_out_is_not_used(self, tmp_path: Path) -> None:
        path = tmp_path / "passwords.csv"
        place = PasswordsFile(path)
        place.begin(TENANT)
        hand_over(place, initial(), initial("anna", "Second-Password2"))
        path.write_bytes(path.read_bytes().replace(b"first-Password1", b""))
        assert list(PasswordsFile(path).begin(TENANT)) == ["anna@contoso.test"]

    def test_heading_that_was_not_finished_is_written_anew(self, tmp_path: Path) -> None:
        path = tmp_path / "passwords.csv"
        PasswordsFile(path).begin(TENANT)
        whole = path.read_bytes()
        path.write_bytes(whole[:9])
        PasswordsFile(path).begin(TENANT)
        assert path.read_bytes() == whole

    def test_never_follows_a_link(self, tmp_path: Path) -> None:
        target = tmp_path / "target.csv"
        link = tmp_path / "passwords.csv"
        link.symlink_to(target)
        with pytest.raises(InvalidInput, match="cannot be used"):
            PasswordsFile(link).begin(TENANT)
        assert not target.exists()

    def test_link_that_comes_later_is_not_followed_either(self, tmp_path: Path) -> None:
        path = tmp_path / "passwords.csv"
        place = PasswordsFile(path)
        place.begin(TENANT)
        path.unlink()
        target = tmp_path / "target.csv"
        path.symlink_to(target)
        (told,) = hand_over(place, initial())
        assert "cannot be used" in told
        assert not target.exists()

    def test_is_no_other_kind_of_file(self, tmp_path: Path) -> None:
        path = tmp_path / "notes.txt"
        path.write_text("to be kept")
        with pytest.raises(InvalidInput, match="another kind of file"):
            PasswordsFile(path).begin(TENANT)
        assert path.read_text() == "to be kept"

    def test_is_no_pipe(self, tmp_path: Path) -> None:
        path = tmp_path / "pipe"
        os.mkfifo(path)
        with pytest.raises(InvalidInput):
            PasswordsFile(path).begin(TENANT)

    def test_is_no_path_that_no_system_takes(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidInput, match="cannot be used"):
            PasswordsFile(tmp_path / "a\0b").begin(TENANT)

    def test_relative_path_is_refused(self) -> None:
        with pytest.raises(InvalidInput, match="absolute"):
            PasswordsFile(Path("passwords.csv"))


class TestCommand:
    def test_gets_the_password_on_its_input(self, tmp_path: Path) -> None:
        script = (
            "import json, sys, pathlib\n"
            "told = json.loads(sys.stdin.read())\n"
            f"path = pathlib.Path({str(tmp_path)!r}, told['user_principal_name'])\n"
            "path.write_text(json.dumps([told, sys.argv]))\n"
        )
        place = PasswordsCommand((sys.executable, "-c", script, "--vault=x"))
        assert place.begin(TENANT) == {}
        assert hand_over(place, initial(), initial("anna", "Pässword")) == []
        told, words = json.loads((tmp_path / "kim@contoso.test").read_text())
        assert told == {
            "tenant_id": TENANT,
            "user_principal_name": "kim@contoso.test",
            "display_name": "Kim",
            "password": "first-Password1",
            "must_change": True,
        }
        assert words == ["-c", "--vault=x"]
        assert (tmp_path / "anna@contoso.test").exists()

    def test_that_fails_is_told_without_what_it_says(self) -> None:
        script = "import sys; print(sys.stdin.read()); sys.exit(3)"
        place = PasswordsCommand((sys.executable, "-c", script))
        (told,) = hand_over(place, initial())
        assert "it ended with 3" in told
        assert "first-Password1" not in told

    def test_that_no_system_takes_is_told(self) -> None:
        (told,) = hand_over(PasswordsCommand(("true", "a\0b")), initial())
        assert "null byte" in told

    def test_that_fails_for_one_fails_for_that_one(self) -> None:
        script = "import sys; sys.exit('anna' in sys.stdin.read())"
        place = PasswordsCommand((sys.executable, "-c", script))
        (told,) = hand_over(place, initial(), initial("anna"), initial("lee"))
        assert "anna@contoso.test" in told

    def test_that_does_not_end_is_ended(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(delivery, "_PATIENCE", 3.0)
        path = tmp_path / "process"
        script = (
            f"import os, pathlib, time; pathlib.Path({str(path)!r}).write_text(str(os.getpid()));"
            "time.sleep(3600)"
        )
        (told,) = hand_over(PasswordsCommand((sys.executable, "-c", script)), initial())
        assert "it did not end within 3 s" in told
        with pytest.raises(ProcessLookupError):
            os.kill(int(path.read_text()), 0)

    def test_that_does_not_read_has_taken_it_all_the_same(self) -> None:
        assert hand_over(PasswordsCommand(("true",)), initial()) == []

    @pytest.mark.parametrize("words", [(), ("/nonexistent/command",), ("no such command",)])
    def test_that_is_none(self, words: tuple[str, ...]) -> None:
        with pytest.raises(InvalidInput, match="is no command"):
            PasswordsCommand(words)


def test_password_is_in_no_representation() -> None:
    assert "first-Password1" not in repr(initial())
