# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reckon what the Python packages of an execution environment weigh, from those installed here.

`make image-size` prints it for both definitions in extensions/execution_environment. The base
image, Python itself and the collection (2 MB) come on top. Sizes are those of the files, without
what Python compiles; in the image that is added for what is imported, see the definitions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

from tools.paths import ROOT

# ansible-core and ansible-runner are part of every execution environment.
IN_EVERY_IMAGE = ("ansible-core", "ansible-runner")
FILES = {
    "execution-environment.yml": ("requirements.txt",),
    "execution-environment-all.yml": (
        "requirements.txt",
        "requirements-kerberos.txt",
        "requirements-dns-hosting.txt",
    ),
}
_MEGABYTE = 1_000_000


def requirements(files: Iterable[str]) -> list[str]:
    """What requirement files of this repository ask for, without comments."""
    lines = (line.partition("#")[0].strip() for name in files for line in _lines(ROOT / name))
    return [line for line in lines if line]


def sizes(wanted: Iterable[str]) -> dict[str, int]:
    """The bytes of each package that is needed, by its name.

    :raises importlib.metadata.PackageNotFoundError: for one that is not installed here.
    """
    found: dict[str, int] = {}
    # With the extras, as they add requirements
    seen: set[tuple[str, frozenset[str]]] = set()
    open_ends = [Requirement(each) for each in wanted]
    while open_ends:
        requirement = open_ends.pop()
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        if (name, frozenset(requirement.extras)) in seen:
            continue
        seen.add((name, frozenset(requirement.extras)))
        package = distribution(name)
        found[name] = sum(_file_sizes(package))
        open_ends += _needed(package, requirement.extras)
    return found


def megabytes(found: dict[str, int]) -> float:
    """The sum, in millions of bytes."""
    return sum(found.values()) / _MEGABYTE


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _file_sizes(package: Distribution) -> Iterator[int]:
    for file in package.files or ():
        path = Path(str(file.locate()))
        if path.suffix != ".pyc" and path.is_file():
            yield path.stat().st_size


def _needed(package: Distribution, extras: Iterable[str]) -> Iterator[Requirement]:
    """What a package asks for on this Python, with the extras that are wanted of it."""
    for text in package.requires or ():
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield requirement


def main() -> None:
    """Print both sums, and the largest packages."""
    for definition, files in FILES.items():
        found = sizes([*IN_EVERY_IMAGE, *requirements(files)])
        print(f"{definition}: {megabytes(found):.0f} MB in {len(found)} packages")
        for name in sorted(found, key=lambda each: -found[each])[:8]:
            print(f"  {found[name] / _MEGABYTE:6.1f}  {name}")


if __name__ == "__main__":
    main()
