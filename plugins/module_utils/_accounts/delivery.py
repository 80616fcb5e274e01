# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where initial passwords go before their accounts are made: a file, or a command of the operator.

Never into a result, a journal, a log or the list of processes. Private to the collection: it can
change in any release.
"""

from __future__ import annotations

import asyncio
import csv
import fcntl
import io
import json
import os
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from .._changes.durable_lines import sync_folder
from .._errors import InvalidInput, TenantopsError
from .._review_file.cells import parsed
from .._sign_in_names.names import name_key
from .._table_file import cell
from .passwords import why_refused

COLUMNS = ("user_principal_name", "display_name", "password", "tenant_id")
_BYTE_ORDER_MARK = "\ufeff"  # as in every table of ours: Excel asks for it
_PATIENCE = 60.0  # seconds for the command to take one password
# Commands that run side by side.
_AT_ONCE = 8


@dataclass(frozen=True)
class Initial:
    """A password that somebody is to get with an account."""

    tenant_id: str
    user_principal_name: str
    display_name: str
    password: str = field(repr=False)
    must_change: bool = True


class Delivery(Protocol):
    """A place where passwords are kept, or passed on."""

    def begin(self, tenant_id: str) -> Mapping[str, str]:
        """Make ready; the passwords that an earlier run left there, by names as they are compared.

        Raises `InvalidInput` if it cannot be used.
        """

    async def hand_over(self, passwords: Sequence[Initial]) -> Mapping[str, TenantopsError]:
        """Hand passwords over, so that they are safe when this returns.

        Tells by names (as in the passwords) whose are not, and why.
        """


class PasswordsFile:
    """A table (CSV) for its owner alone, which has each password before its account is made.

    A password is on the disk when it is handed over. A run that is killed in between leaves one
    without an account, and the next run gives the account this one: so whoever has an account has
    the password that the file tells, however often a run was killed.
    """

    def __init__(self, path: Path) -> None:
        """Raises `InvalidInput` for a path that means another file in each place."""
        if not path.is_absolute():
            raise InvalidInput(
                f"passwords_file must be an absolute path: {str(path)!r}",
                advice="A relative one would mean another file for each place a module can run in.",
            )
        self._path = path

    def begin(self, tenant_id: str) -> Mapping[str, str]:
        """See `Delivery`."""
        with self._told():
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._told(), self._opened() as descriptor:
            content = _whole_lines(descriptor)
            if not content:
                _append(descriptor, _HEADING)
                sync_folder(self._path.parent)
        return {
            name_key(name): password
            for name, _display_name, password, tenant in _rows(content)
            # One that somebody has wiped out, or spoilt, is as good as none.
            if tenant == tenant_id and why_refused(password, name) is None
        }

    async def hand_over(self, passwords: Sequence[Initial]) -> Mapping[str, TenantopsError]:
        """See `Delivery`. All are on the disk at once, or none."""
        lines = "".join(
            # A password is to be used as it is.
            _line(
                (
                    cell(each.user_principal_name),
                    cell(_on_one_line(each.display_name)),
                    each.password,
                    each.tenant_id,
                )
            )
            for each in passwords
        )
        try:
            with self._told(), self._opened() as descriptor:
                _append(descriptor, lines)
        except InvalidInput as error:
            return {each.user_principal_name: error for each in passwords}
        return {}

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """The file, locked; closing it gives the lock back."""
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(self._path, flags, 0o600)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise OSError(None, "It is there already and is no file")
            if status.st_uid != os.geteuid():
                raise OSError(None, "It belongs to somebody else")
            os.fchmod(descriptor, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        finally:
            os.close(descriptor)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as error:
            raise InvalidInput(
                "The file of passwords cannot be used",
                subject=str(self._path),
                answer=_told(error),
                advice="Give a file of your own that is no link, or one that is not there yet, in "
                "a folder that has room and that this user may write to.",
            ) from error


@dataclass(frozen=True)
class PasswordsCommand:
    """A command that takes each password on its standard input, as one line of JSON.

    What it writes is thrown away, since that could be the password.
    """

    words: tuple[str, ...]

    def __post_init__(self) -> None:
        """Raises `InvalidInput` for what is no command here."""
        if not self.words or shutil.which(self.words[0]) is None:
            raise InvalidInput(
                f"passwords_command is no command: {self.words[0] if self.words else ''!r}",
                advice="Give the path of a program and its arguments, as a list.",
            )

    def begin(self, _tenant_id: str) -> Mapping[str, str]:
        """See `Delivery`. What the command does with a password is not known here."""
        return {}

    async def hand_over(self, passwords: Sequence[Initial]) -> Mapping[str, TenantopsError]:
        """See `Delivery`."""
        turns = asyncio.Semaphore(_AT_ONCE)
        reasons = await asyncio.gather(*(self._take(password, turns) for password in passwords))
        return {
            password.user_principal_name: InvalidInput(
                "The command did not take the password",
                subject=password.user_principal_name,
                answer=reason,
                advice="The account was not made. Try the command by itself; it has to end with "
                "0 within a minute.",
            )
            for password, reason in zip(passwords, reasons, strict=True)
            if reason
        }

    async def _take(self, password: Initial, turns: asyncio.Semaphore) -> str:
        """Run the command; returns why it did not take the password, nothing if it did."""
        told = {
            "tenant_id": password.tenant_id,
            "user_principal_name": password.user_principal_name,
            "display_name": password.display_name,
            "password": password.password,
            "must_change": password.must_change,
        }
        async with turns:
            try:
                process = await asyncio.create_subprocess_exec(
                    *self.words,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=asyncio.subprocess.DEVNULL,
                )
            except (OSError, ValueError) as error:
                return _told(error)
            try:
                async with asyncio.timeout(_PATIENCE):
                    await process.communicate(json.dumps(told).encode("utf-8") + b"\n")
            except TimeoutError:
                return f"it did not end within {_PATIENCE:.0f} s"
            finally:
                if process.returncode is None:
                    with suppress(ProcessLookupError):
                        process.kill()
                    await process.wait()
        return f"it ended with {process.returncode}" if process.returncode else ""


def _told(error: OSError | ValueError) -> str:
    """What the system says; it does not even take a null byte."""
    return getattr(error, "strerror", None) or str(error)


def _whole_lines(descriptor: int) -> str:
    """The table without what a run may have left unfinished that ended in the middle of a line.

    Such a line was never safe on the disk, so that no account was made with it. One that lacks its
    end only, as editors leave the last one, gets it. Raises `OSError` for a file that is no such
    table.
    """
    size = os.fstat(descriptor).st_size
    content = b""
    while len(content) < size and (read := os.pread(descriptor, size - len(content), len(content))):
        content += read
    heading = _HEADING.encode("utf-8")
    if not content.startswith(heading[: len(content)]):
        raise OSError(None, "It is there already and is another kind of file")
    whole = content.rfind(b"\n") + 1
    rest = content[whole:]
    if rest and next(_rows(_text(rest)), None) is not None:
        _append(descriptor, "\n")
        whole = len(content)
    elif rest:
        os.ftruncate(descriptor, whole)
    return _text(content[:whole])


def _text(content: bytes) -> str:
    return content.decode("utf-8-sig", errors="replace")


def _rows(content: str) -> Iterator[tuple[str, str, str, str]]:
    """The rows that are ours. Each has a line of its own."""
    for line in content.split("\n"):
        try:
            (cells,) = csv.reader([line.removesuffix("\r")], strict=True)
            name, display_name, password, tenant_id = cells
            yield parsed(name), display_name, password, tenant_id
        except (ValueError, csv.Error):
            # The heading is not looked for by anybody.
            continue


def _append(descriptor: int, text: str) -> None:
    """Append as a whole: a full disk takes half of it without an error, which must not stay."""
    content = text.encode("utf-8")
    size = os.fstat(descriptor).st_size
    if os.write(descriptor, content) < len(content):
        os.ftruncate(descriptor, size)
        raise OSError(None, "There is no room for it")
    os.fsync(descriptor)


def _line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return line.getvalue()


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


_HEADING = _BYTE_ORDER_MARK + _line(COLUMNS)
