# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the collection's artifact and see that only what belongs in it is there.

`python3 -m tools.artifact` builds from the copy in .build/tree with the ansible-galaxy in PATH and
prints the artifact's path as its last line.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from tools.paths import ARTIFACTS, COPIED_COLLECTION

# What is needed at run time, what it needs to be installed, and what a reader looks for.
_BELONGS = frozenset(
    {
        "CHANGELOG.md",
        "CHANGELOG.rst",
        "CONTRIBUTING.md",
        "FILES.json",
        "LICENSES",
        "MANIFEST.json",
        "README.md",
        "REUSE.toml",
        "bindep.txt",
        "changelogs",
        "docs",
        "extensions",
        "meta",
        "playbooks",
        "plugins",
        "requirements-dns-hosting.txt",
        "requirements-kerberos.txt",
        "requirements.txt",
        "roles",
    }
)


def build() -> Path:
    """Build the artifact and return its path."""
    shutil.rmtree(ARTIFACTS, ignore_errors=True)
    ARTIFACTS.mkdir(parents=True)
    command = ("ansible-galaxy", "collection", "build", COPIED_COLLECTION)
    subprocess.run([*command, "--output-path", ARTIFACTS], check=True)
    (artifact,) = ARTIFACTS.glob("*.tar.gz")
    return artifact


def strangers(artifact: Path) -> list[str]:
    """What is in the artifact and does not belong there."""
    with tarfile.open(artifact) as archive:
        names = archive.getnames()
    return sorted(name for name in names if name.split("/")[0] not in _BELONGS)


def main() -> int:
    """Build and check; the exit code says whether all is well."""
    artifact = build()
    if found := strangers(artifact):
        print("Not meant for users: add to build_ignore in galaxy.yml, or allow it here:")
        print("\n".join(found))
        return 1
    print(os.path.relpath(artifact))
    return 0


if __name__ == "__main__":
    sys.exit(main())
