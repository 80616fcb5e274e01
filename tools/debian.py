# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Debian packages the Python environments and the tests need."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

from tools.paths import ToolError

# For gssapi, which is built from source.
KERBEROS = ("gcc", "libkrb5-dev", "python3-dev")
# For python-ldap, likewise.
OPENLDAP = ("gcc", "libldap2-dev", "libsasl2-dev", "python3-dev")
# The tests get tickets as a person would, with kinit.
TICKETS = ("krb5-user",)
# The tests open the report in a real browser.
BROWSER = ("chromium",)
# They judge the LDIF that the collection writes.
LDAP_TOOLS = ("ldap-utils",)
# systemd-analyze judges the units in extensions/schedules.
SYSTEMD = ("systemd",)
PYTHON = ("python3-venv",)


def install(packages: Sequence[str]) -> None:
    """Install the packages that are missing.

    :raises ToolError: when something is missing and this user may not install it.
    """
    missing = [package for package in packages if not _is_installed(package)]
    if not missing:
        return
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *missing]
    if shutil.which("apt-get") is None:
        raise ToolError(f"Install what your system calls these Debian packages: {missing}")
    if os.geteuid() != 0:
        raise ToolError(f"Install what is missing and try again: sudo {' '.join(command)}")
    print(f"Installing Debian packages: {' '.join(missing)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # Another installation may be under way: wait for it instead of failing.
    wait = ["-o", "DPkg::Lock::Timeout=600"]
    _run(["apt-get", "update", "--quiet"], environment)
    _run([command[0], *wait, *command[1:], "--quiet"], environment)


def _is_installed(package: str) -> bool:
    if shutil.which("dpkg-query") is None:
        return False
    query = ["dpkg-query", "--show", "--showformat", "${db:Status-Status}", package]
    result = subprocess.run(query, capture_output=True, text=True, check=False)
    return result.stdout == "installed"


def _run(command: Sequence[str], environment: dict[str, str]) -> None:
    result = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise ToolError(f"{' '.join(command)} failed:\n{result.stdout[-4000:]}")
