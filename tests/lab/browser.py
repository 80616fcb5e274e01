# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real browser without a window, for looking at pages that the collection writes."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tools.debian import BROWSER, install

from .browser_session import PROGRAM

_VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})


@dataclass
class Element:
    """An element of a page as the browser holds it after its scripts have run."""

    tag: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    parent: Element | None = None
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text of the element and of all in it."""
        return "".join(
            child if isinstance(child, str) else child.text for child in self.children
        ).strip()

    @property
    def is_hidden(self) -> bool:
        """Whether the element, or one that it is in, has been taken from sight."""
        return "hidden" in self.attributes or (self.parent is not None and self.parent.is_hidden)

    @property
    def classes(self) -> set[str]:
        """The classes of the element."""
        return set((self.attributes.get("class") or "").split())

    def all(self, tag: str, within: str | None = None) -> list[Element]:
        """All elements of a kind, or those within the element with an id."""
        start = self if within is None else self.by_id(within)
        found = []
        for child in start.children if start else ():
            if isinstance(child, Element):
                found += [child] if child.tag == tag else []
                found += child.all(tag)
        return found

    def by_id(self, name: str) -> Element | None:
        """The element with an id, if there is one."""
        for child in self.children:
            if isinstance(child, Element):
                found = child if child.attributes.get("id") == name else child.by_id(name)
                if found is not None:
                    return found
        return None


class _Reader(HTMLParser):
    """Reads the browser's own dump, in which every element has its end."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.root = self._open = Element("document")
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs), self._open)
        self._open.children.append(element)
        if tag not in _VOID:
            self._open = element

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        if tag != self._open.tag or self._open.parent is None:
            raise AssertionError(f"</{tag}> does not end <{self._open.tag}>")
        self._open = self._open.parent

    def handle_data(self, data: str) -> None:
        self._open.children.append(data)


class Chromium:
    """Opens pages one at a time, each in a browser of its own with an empty profile."""

    def open(self, page: Path, fragment: str = "") -> Element:
        """The document after its scripts have run."""
        address = page.resolve().as_uri() + (f"#{fragment}" if fragment else "")
        return _Reader(self._run("--dump-dom", address).decode("utf-8")).root

    def picture(self, page: Path, target: Path, *, width: int, height: int) -> Path:
        """A picture of the page as a PNG file."""
        self._run(
            *(f"--screenshot={target}", f"--window-size={width},{height}", "--hide-scrollbars"),
            page.resolve().as_uri(),
        )
        return target

    def _run(self, *arguments: str) -> bytes:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            result = subprocess.run(
                [
                    str(PROGRAM),
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    f"--user-data-dir={profile}",
                    *arguments,
                ],
                capture_output=True,
                timeout=120,
                check=False,
            )
        if result.returncode != 0:
            raise AssertionError(f"Chromium failed: {result.stderr.decode(errors='replace')}")
        return result.stdout


def installed_chromium() -> Chromium:
    """The browser from Debian. What is missing and cannot be installed is an error with advice."""
    install(BROWSER)
    if not PROGRAM.exists():
        pytest.fail(f"{PROGRAM} is missing: install the Debian package {BROWSER[0]}")
    return Chromium()
