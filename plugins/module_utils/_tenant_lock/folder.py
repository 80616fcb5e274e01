# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Locks of tenants as files of a folder that all machines share, over NFS as well.

Each tenant has a folder, and in it each taking of the lock is a file of its own, numbered one
higher than the one before. Whoever wants the lock looks at the highest number; if that is free, or
its owner is gone, the next number is made, which only one can do: the file is written under another
name and linked to its own, so that it is there as a whole or not at all. The highest number is
never removed, and that is what makes taking over safe: nobody removes a file that somebody else is
just about to believe in.

A lease is renewed by touching its file. Its age is the file's time compared with that of a file
just made, so both moments come from the file server, and clocks of machines do not matter.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import contextlib
import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from .._errors import InvalidInput, LockUnusable, TenantLocked
from .lease import LEASE_SECONDS, Lease, Seen, now
from .owner import Owner, is_gone

_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]*")
_NUMBERED = re.compile(r"(\d{8})\.lease")
_HANDED_OVER = ".handed-over"
# Each attempt is lost to somebody else who got on; more means that something is wrong.
_ATTEMPTS = 20
_FORCE = (
    "or break it with the module fleet_locks and force=true, once you are sure that its run has "
    "ended."
)


@dataclass(frozen=True)
class Held:
    """A lock that this process holds: the file of its lease."""

    path: Path
    lease: Lease

    def is_ours(self) -> bool:
        """Whether nobody has taken it over. Raises `OSError` if that cannot be found out."""
        try:
            lease = Lease.from_text(self.path.read_text(encoding="utf-8"))
        except (FileNotFoundError, InvalidInput):
            return False
        is_held = lease.token == self.lease.token and not lease.ended
        return is_held and not _next(self.path).exists()

    def renew(self) -> bool:
        """Keep it for another lease; false if somebody has taken it over. Raises `OSError`."""
        if not self.is_ours():
            return False
        with contextlib.suppress(FileNotFoundError):
            os.utime(self.path)
        return self.is_ours()

    def hand_over(self) -> None:
        """Note that other processes work under it, which may outlive this one. Raises `OSError`."""
        self.path.with_suffix(_HANDED_OVER).touch(mode=0o600)

    def free(self) -> None:
        """Give it back, if it is still ours. Raises `OSError`."""
        if self.is_ours():
            # The file stays, see above. Should somebody take over right now, theirs is higher.
            _replace(self.path, replace(self.lease, ended=now()))


@dataclass(frozen=True)
class LockFolder:
    """The shared folder with the locks of all tenants. Its path is absolute."""

    path: Path

    @classmethod
    def from_option(cls, folder: str) -> LockFolder:
        """The folder that an operator names. Raises `InvalidInput` for a relative one."""
        path = Path(folder).expanduser()
        if not path.is_absolute():
            raise InvalidInput(
                f"The folder of locks must be an absolute path: {folder!r}",
                advice="A relative one would mean another folder for each place a run starts in.",
            )
        return cls(path)

    def take(self, tenant: str, owner: Owner, lease_seconds: int = LEASE_SECONDS) -> Held:
        """Take a tenant's lock for a process, which then has to renew it.

        Raises `TenantLocked` if somebody has it, `LockUnusable` or `InvalidInput`.
        """
        folder = self._folder(tenant)
        lease = Lease(tenant, uuid.uuid4().hex, owner, now(), lease_seconds)
        with _told(folder):
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)
            for _attempt in range(_ATTEMPTS):
                with _draft(folder, lease) as draft:
                    seen = _newest(folder, draft.stat().st_mtime)
                    if seen is not None and seen.state(is_gone) == "held":
                        raise _locked(seen)
                    held = _linked(draft, seen, lease)
                if held is not None:
                    return held
        raise LockUnusable(
            "Others keep taking the lock of the tenant at the same moment",
            subject=str(folder),
            advice="Run again.",
        )

    def all(self) -> Iterator[Seen | LockUnusable]:
        """The newest lease of each tenant, by name; the error for one that cannot be read.

        Raises `LockUnusable` if the folder as a whole cannot be.
        """
        with _told(self.path):
            if not self.path.is_dir():
                return
            tenants = sorted(entry.name for entry in os.scandir(self.path) if entry.is_dir())
        for tenant in tenants:
            try:
                seen = self.look(tenant)
            except LockUnusable as error:
                yield error
            else:
                if seen is not None:
                    yield seen

    def look(self, tenant: str) -> Seen | None:
        """The newest lease of a tenant; null if there never was one.

        Raises `LockUnusable` or `InvalidInput`.
        """
        folder = self._folder(tenant)
        with _told(folder):
            return _newest(folder, _server_time(folder)) if folder.is_dir() else None

    def break_lock(
        self, tenant: str, by: Owner, *, force: bool, check_mode: bool = False
    ) -> Seen | None:
        """Take a lock from its owner, and return it as it was; null if nobody had it.

        Raises `TenantLocked` if its owner may still be at work and this is not forced,
        `LockUnusable` or `InvalidInput`.
        """
        folder = self._folder(tenant)
        with _told(folder):
            if not folder.is_dir():
                return None
            seen = self._broken(folder, force=force)
            if seen is None or seen.state(is_gone) == "free":
                return None
            if seen.state(is_gone) == "held" and not force:
                raise _locked(seen)
            if check_mode:
                return seen
            broken = replace(seen.lease, token=uuid.uuid4().hex, ended=now(), broken_by=str(by))
            with _draft(folder, broken) as draft:
                if _linked(draft, seen, broken) is None:
                    raise LockUnusable(
                        "The lock was taken over by somebody else meanwhile",
                        subject=str(folder),
                        advice="Look at who has it now.",
                    )
        return seen

    def _broken(self, folder: Path, *, force: bool) -> Seen | None:
        """The newest lease, one that cannot be read included if this is forced."""
        try:
            return _newest(folder, _server_time(folder))
        except LockUnusable:
            if not force:
                raise
            nobody = Owner("unknown", "unknown", 0, "", "", "")
            return Seen(max(_numbers(folder)), Lease(folder.name, "", nobody, ""), 0.0)

    def _folder(self, tenant: str) -> Path:
        if not _SAFE_NAME.fullmatch(tenant):
            raise InvalidInput(
                f"A tenant's name cannot be used as a file name: {tenant!r}",
                advice="Use letters, digits and . - _ @, and begin with a letter or digit.",
            )
        return self.path / tenant


def _numbers(folder: Path) -> list[int]:
    names = (_NUMBERED.fullmatch(entry.name) for entry in os.scandir(folder))
    return sorted(int(name[1]) for name in names if name)


def _newest(folder: Path, server_time: float) -> Seen | None:
    while numbers := _numbers(folder):
        path = _numbered(folder, numbers[-1])
        try:
            with path.open(encoding="utf-8", errors="replace") as file:
                # The time is that of the file just opened, whatever becomes of its name.
                renewed = os.fstat(file.fileno()).st_mtime
                lease = Lease.from_text(file.read())
        except FileNotFoundError:
            continue  # Two others have been here since.
        except InvalidInput as error:
            raise LockUnusable(
                "The lock of a tenant says nothing that can be understood",
                subject=str(path),
                answer=str(error),
                advice=f"Look at what wrote it, {_FORCE}",
            ) from error
        handed_over = path.with_suffix(_HANDED_OVER).exists()
        return Seen(numbers[-1], lease, server_time - renewed, handed_over)
    return None


def _linked(draft: Path, seen: Seen | None, lease: Lease) -> Held | None:
    """Make the next number of a draft; null if somebody else was faster."""
    number = seen.number + 1 if seen else 1
    path = _numbered(draft.parent, number)
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        # Over NFS, an answer that was lost and asked for again says so of our own file too.
        if draft.stat().st_nlink != 2:
            return None
    numbers = _numbers(draft.parent)
    if numbers[-1] != number:
        # We were so slow that others had this number, and have removed it already.
        path.unlink(missing_ok=True)
        return None
    for old in (_numbered(draft.parent, each) for each in numbers[:-1]):
        old.unlink(missing_ok=True)
        old.with_suffix(_HANDED_OVER).unlink(missing_ok=True)
    return Held(path, lease)


def _numbered(folder: Path, number: int) -> Path:
    return folder / f"{number:08d}.lease"


def _next(path: Path) -> Path:
    return _numbered(path.parent, int(path.stem) + 1)


@contextmanager
def _draft(folder: Path, lease: Lease) -> Iterator[Path]:
    """A lease on disk under a name that nobody looks for; its time is the file server's."""
    path = folder / f".{lease.token}.draft"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(lease.to_text())
            file.flush()
            os.fsync(file.fileno())
        os.utime(path)
        yield path
    finally:
        path.unlink(missing_ok=True)


def _replace(path: Path, lease: Lease) -> None:
    with _draft(path.parent, lease) as draft:
        draft.replace(path)


def _server_time(folder: Path) -> float:
    """What the clock of the file server says."""
    path = folder / f".{uuid.uuid4().hex}.draft"
    try:
        path.touch(mode=0o600, exist_ok=False)
        os.utime(path)
        return path.stat().st_mtime
    finally:
        path.unlink(missing_ok=True)


def _locked(seen: Seen) -> TenantLocked:
    lease = seen.lease
    return TenantLocked(
        f"The tenant {lease.tenant} is locked by another run",
        subject=lease.tenant,
        answer=f"held by {lease.owner}, since {lease.since}, renewed {seen.idle_seconds:.0f} "
        "seconds ago",
        advice=f"Nothing was changed here. Wait until that run has ended and run again, {_FORCE}",
    )


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn an `OSError` in the block into `LockUnusable`."""
    try:
        yield
    except OSError as error:
        raise LockUnusable(
            "The lock of a tenant cannot be read or written",
            subject=error.filename or str(path),
            answer=error.strerror or str(error),
            advice="Give a folder, in tenantops_lock_folder, that this user may write to, on a "
            "file system with hard links, such as a local one or NFS.",
        ) from error
