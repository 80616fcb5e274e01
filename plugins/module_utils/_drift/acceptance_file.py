# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the file of accepted deviations: YAML or CSV. Private to the collection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .._errors import InvalidInput
from .._libraries import library, require
from .._lists.reading import in_line, list_lines
from .acceptance import NEEDED, Acceptance, Row, acceptances

with library("PyYAML"):
    import yaml

_YAML = (".yml", ".yaml")
_CSV = ".csv"
_TIMESTAMP = "tag:yaml.org,2002:timestamp"


def accepted_in(path: Path | None) -> tuple[Acceptance, ...]:
    """The acceptances in a file, which are none without one.

    Raises `InvalidInput` for a file that cannot be read, and names every row that is wrong.
    """
    if path is None:
        return ()
    kind = path.suffix.lower()
    if kind == _CSV:
        return acceptances(_csv_rows(path))
    if kind in _YAML:
        return acceptances(_yaml_rows(path))
    raise InvalidInput(
        "The file of accepted deviations is neither YAML nor CSV",
        subject=str(path),
        advice="Its name ends in .yml, .yaml or .csv.",
    )


def _csv_rows(path: Path) -> Iterator[Row]:
    for line in list_lines(path, needed=("tenant",), once=NEEDED):
        place = f"{path}, line {line.number}"
        try:
            yield Row(place, line.values())
        except InvalidInput as error:
            yield Row(place, in_line(error, path, line.number))


def _yaml_rows(path: Path) -> Iterator[Row]:
    require("PyYAML")
    try:
        listed = yaml.load(path.read_text(encoding="utf-8"), Loader=_loader())  # noqa: S506 - safe
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise InvalidInput(
            "The file of accepted deviations cannot be read", subject=str(path), answer=str(error)
        ) from error
    for number, fields in enumerate(_entries(listed, path), start=1):
        place = f"{path}, entry {number}"
        if isinstance(fields, dict):
            yield Row(place, fields)
        else:
            problem = "An accepted deviation is a mapping of its fields to their values"
            yield Row(place, InvalidInput(problem, subject=place, answer=str(fields)[:80]))


def _loader() -> type[yaml.SafeLoader]:
    """YAML's safe loader with days as text, so that one that does not exist is its row's error."""

    class Loader(yaml.SafeLoader):
        yaml_implicit_resolvers = {  # noqa: RUF012 - as PyYAML has it
            first: [known for known in resolvers if known[0] != _TIMESTAMP]
            for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    return Loader


def _entries(listed: Any, path: Path) -> list[Any]:
    if listed is None:
        return []
    if not isinstance(listed, list):
        raise InvalidInput(
            "The file of accepted deviations is no list",
            subject=str(path),
            advice=f"Each entry has {', '.join(NEEDED)}.",
        )
    return listed
