# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Debian packages that the lab's servers come in."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from .errors import LabError

# Which program shows that a package is there.
DIRECTORY = {
    "samba": "/usr/sbin/samba",
    "samba-ad-provision": "/usr/share/samba/setup/provision.ldif",
    "samba-dsdb-modules": "/usr/share/doc/samba-dsdb-modules",
    "samba-vfs-modules": "/usr/share/doc/samba-vfs-modules",
    "python3-samba": "/usr/lib/python3/dist-packages/samba/provision/__init__.py",
    "ldb-tools": "/usr/bin/ldbadd",
}
NAMESERVERS = {"bind9": "/usr/sbin/named", "knot": "/usr/sbin/knotd"}
SKEWED_NAMESERVER = {"faketime": "/usr/bin/faketime"}
OPENLDAP = {"slapd": "/usr/sbin/slapd"}
LDAP_TOOLS = {"ldap-utils": "/usr/bin/ldapsearch"}

_POLICY = Path("/usr/sbin/policy-rc.d")
_POLICY_TEXT = (
    "#!/bin/sh\n# Written by the rehearsal lab of tenantops.migration, removed again.\nexit 101\n"
)


def install(packages: Mapping[str, str]) -> None:
    """Install those of the packages that are missing, without letting Debian start any server.

    :raises LabError: when something is missing and this user may not install it.
    """
    missing = [name for name, shown_by in packages.items() if not Path(shown_by).exists()]
    if not missing:
        return
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *missing]
    if shutil.which("apt-get") is None:
        raise LabError(f"Install what your system calls these Debian packages: {missing}")
    if os.geteuid() != 0:
        raise LabError(f"The lab needs Debian packages: sudo {' '.join(command)}")
    print(f"Installing Debian packages: {' '.join(missing)}", flush=True)
    wait = ["-o", "DPkg::Lock::Timeout=600", "--quiet"]
    with _nothing_starts():
        if not _try([*command, *wait]):
            # The lists are missing or older than the archive.
            _run(["apt-get", "update", *wait])
            _run([*command, *wait])


def program(path: str, folder: Path) -> str:
    """Return the path to run a server by.

    Debian confines some servers to their own folders with AppArmor profiles bound to the
    program's path; where such a profile is loaded, a copy below ``folder`` is run instead.
    """
    if path not in _confined_programs():
        return path
    copy = folder / Path(path).name
    if not copy.exists() or copy.stat().st_mtime < Path(path).stat().st_mtime:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    return str(copy)


def _confined_programs() -> Iterable[str]:
    try:
        lines = Path("/sys/kernel/security/apparmor/profiles").read_text("utf-8").splitlines()
    except OSError:
        return ()
    names = {line.rpartition(" (")[0] for line in lines}
    # Newer profiles are named after the program instead of its path.
    return names | {f"/usr/sbin/{name}" for name in names}


@contextlib.contextmanager
def _nothing_starts() -> Iterator[None]:
    """Forbid starting servers while packages are installed: they would listen everywhere."""
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text(_POLICY_TEXT, encoding="ascii")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink(missing_ok=True)


def _try(command: Sequence[str]) -> bool:
    return _apt(command).returncode == 0


def _run(command: Sequence[str]) -> None:
    result = _apt(command)
    if result.returncode != 0:
        raise LabError(f"{' '.join(command)} failed:\n{result.stdout[-4000:]}")


def _apt(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
