# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A browser that stays open: for pages that are typed into, clicked on and looked at.

It speaks the Chrome DevTools Protocol over two pipes, so that no port is open and no
library is needed.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.debian import BROWSER, install

PROGRAM = Path("/usr/bin/chromium")

# Far more than anything takes, in seconds
_PATIENCE = 60

_KEYS: Mapping[str, Mapping[str, Any]] = {
    "Escape": {"code": "Escape", "windowsVirtualKeyCode": 27},
    "Tab": {"code": "Tab", "windowsVirtualKeyCode": 9},
    "Enter": {"code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"},
}


@dataclass
class Session:
    """One page of a browser. `complaints` are what its console said, such as a broken policy."""

    _to: int
    _from: int
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    _number: int = 0
    _rest: bytes = b""
    _session: str | None = None

    def attach(self) -> None:
        """Open the page that everything else is about."""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        answer = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = answer["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")

    def open(self, page: Path, fragment: str = "") -> None:
        """Load a page anew, and wait until it has loaded."""
        self._call("Page.navigate", url="about:blank")
        self.complaints.clear()
        self.requests.clear()
        address = page.resolve().as_uri() + (f"#{fragment}" if fragment else "")
        self._call("Page.navigate", url=address)
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    def evaluate(self, expression: str) -> Any:
        """The value of an expression of JavaScript in the page."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def until(self, expression: str) -> Any:
        """Wait until an expression is true, and give its value."""
        ends = time.monotonic() + _PATIENCE
        while time.monotonic() < ends:
            value = self.evaluate(expression)
            if value:
                return value
            time.sleep(0.02)
        raise AssertionError(f"never true: {expression}")

    @contextmanager
    def following(self) -> Iterator[None]:
        """Do what leads to another place of the page in the block; it is shown at the end of it.

        The address is there before the page has heard of it.
        """
        self.evaluate(
            "window.followed = false; window.addEventListener('hashchange',"
            " () => { window.followed = true; }, {once: true}); 0"
        )
        yield
        self.until("window.followed")

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self._call("Input.insertText", text=text)

    def press(self, key: str) -> None:
        """Press a key and let it go."""
        known = _KEYS.get(key, {"text": key})
        for kind in ("keyDown", "keyUp"):
            event = {
                name: value for name, value in known.items() if kind == "keyDown" or name != "text"
            }
            self._call("Input.dispatchKeyEvent", type=kind, key=key, **event)

    def click(self, selector: str) -> None:
        """Click on the middle of the first element that a selector finds."""
        place = self.evaluate(
            f"(() => {{ const found = document.querySelector({json.dumps(selector)});"
            "found.scrollIntoView({block: 'center'}); const box = found.getBoundingClientRect();"
            "return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self._call(
                "Input.dispatchMouseEvent",
                type=kind,
                x=place[0],
                y=place[1],
                button="left",
                clickCount=1,
            )

    def texts(self, selector: str) -> list[str]:
        """The texts of the elements that a selector finds, as people see them."""
        found: list[str] = self.evaluate(
            f"[...document.querySelectorAll({json.dumps(selector)})].map((one) => one.innerText)"
        )
        return found

    def picture(self, target: Path, *, width: int, height: int, dark: bool = False) -> Path:
        """A picture of the page as a PNG file."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._call("Emulation.setDeviceMetricsOverride", **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", features=[scheme])
        picture = self._call("Page.captureScreenshot", format="png")
        target.write_bytes(base64.b64decode(picture["data"]))
        return target

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None and not method.startswith("Target."):
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._to, data) :]
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer["error"])
                result: dict[str, Any] = answer["result"]
                return result
            self._listen(answer)

    def _listen(self, event: Mapping[str, Any]) -> None:
        method, told = event.get("method"), event.get("params", {})
        if method == "Log.entryAdded":
            self.complaints.append(told["entry"]["text"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(told["exceptionDetails"]))
        elif method == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            data = os.read(self._from, 1 << 20)
            assert data, "the browser has ended"
            self._rest += data
        line, _end, self._rest = self._rest.partition(b"\0")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def browser_session() -> Iterator[Session]:
    """A browser with an empty profile and one page, ended with the block."""
    install(BROWSER)
    to_read, to_write = os.pipe()
    from_read, from_write = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [
                # The browser reads from 3 and writes to 4.
                *("/bin/bash", "-c", f'exec "$0" "$@" 3<&{to_read} 4>&{from_write}', str(PROGRAM)),
                *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
                *("--no-first-run", "--disable-background-networking", "--disable-sync"),
                *("--disable-component-update", "--hide-scrollbars", "--remote-debugging-pipe"),
                *(f"--user-data-dir={profile}", "--window-size=1280,900", "about:blank"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(to_read, from_write),
        )
        os.close(to_read)
        os.close(from_write)
        try:
            session = Session(to_write, from_read)
            session.attach()
            yield session
        finally:
            process.terminate()
            _ended(process.wait)
            os.close(to_write)
            os.close(from_read)


def _ended(wait: Callable[..., int]) -> None:
    wait(timeout=_PATIENCE)
