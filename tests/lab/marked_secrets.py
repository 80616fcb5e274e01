# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets that can be told apart, and the search for them in whatever a run leaves."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, quote_plus

# What is quoted in every way of quoting, each in its own
AWKWARD = "~ '\"\\<&>+/=%é"

# An access token or an assertion: three parts, of which the first two are JSON objects.
TOKEN = re.compile(rb"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}")


@dataclass(frozen=True)
class MarkedSecret:
    """A secret, whose it is, and the part of it that nobody else's secret has.

    A mark of letters and digits is the same in every quoting of the secret, and it is found also
    where only a part of the secret is.
    """

    owner: str
    kind: str
    text: str
    mark: str

    @cached_property
    def forms(self) -> dict[str, bytes]:
        """What to look for, by the name of its encoding."""
        plain = self.mark.encode()
        wide = self.mark.encode("utf-16-le")
        return {
            "plain": plain,
            "json": json.dumps(self.mark)[1:-1].encode(),
            "json with escaped slashes": self.mark.replace("/", "\\/").encode(),
            "url": quote(self.mark, safe="").encode(),
            "form": quote_plus(self.mark).encode(),
            "html": html.escape(self.mark).encode(),
            "utf-16": wide,
            "hex": plain.hex().encode(),
            **dict(_in_base64("base64", plain)),
            **dict(_in_base64("base64 of utf-16", wide)),
            **self._key_forms(),
        }

    def _key_forms(self) -> dict[str, bytes]:
        """A key that is written in Base64 is as secret without that."""
        if self.kind != "dns":
            return {}
        key = base64.b64decode(self.text)
        return {"key": key, "key in hex": key.hex().encode()}


def _in_base64(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """What is always there of `content`, wherever in a longer text it begins."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + content)
        # The groups that have a neighbour's bits too are left out.
        certain = encoded[4 if shift else 0 : len(encoded) // 4 * 4 - 4]
        yield f"{name}, shifted by {shift}", certain
        yield f"{name} for URLs, shifted by {shift}", certain.translate(_FOR_URLS)


_FOR_URLS = bytes.maketrans(b"+/", b"-_")


@dataclass(frozen=True)
class Found:
    """A secret where it was looked for: in which file, or by which task of the file.

    Whose a token is cannot be told.
    """

    place: str
    owner: str
    kind: str
    form: str


def search(place: str, content: bytes, secrets: Iterable[MarkedSecret]) -> Iterator[Found]:
    """Yield each form of each secret that is in there, and whether there is any token."""
    if TOKEN.search(content):
        yield Found(place, "", "token", "plain")
    for secret in secrets:
        for form, wanted in secret.forms.items():
            if wanted in content:
                yield Found(place, secret.owner, secret.kind, form)


@dataclass(frozen=True)
class Traces:
    """The folder of an operator whose runs were recorded.

    Below `records` each tenant has a file with its tasks, below `modules` a folder with the
    modules that were run for it. Both may hold the tenant's own secrets, all else may hold none.
    """

    folder: Path
    secrets: tuple[MarkedSecret, ...]

    def leaks(self) -> list[Found]:
        """Every secret that is where it may not be."""
        found: list[Found] = []
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                found += self._leaks_in(path)
        return found

    def _leaks_in(self, path: Path) -> Iterator[Found]:
        place = path.relative_to(self.folder)
        if place.parts[0] == "records" and place.suffix == ".jsonl":
            for line in path.read_bytes().splitlines():
                action = json.loads(line)["action"]
                yield from self._foreign(f"{place}: {action}", line, _tenant(action, place.stem))
        elif place.parts[0] == "modules":
            owner = _tenant(path.name, place.parts[1])
            yield from self._foreign(str(place), path.read_bytes(), owner)
        else:
            yield from self._foreign(str(place), path.read_bytes(), None)

    def _foreign(self, place: str, content: bytes, owner: str | None) -> Iterator[Found]:
        others = (secret for secret in self.secrets if secret.owner != owner)
        return search(place, content, others)


def _tenant(action_or_file: str, host: str) -> str | None:
    """Whose secrets a task may have: those of its tenant, if it is one that works on a tenant.

    What is done for the whole fleet is done in the name of some tenant, and has no secret to know.
    """
    name = action_or_file.rpartition(".")[0 if action_or_file.endswith(".py") else 2]
    works_on_a_tenant = "fleet_" not in name and "ansible.builtin" not in action_or_file
    return host if works_on_a_tenant else None
