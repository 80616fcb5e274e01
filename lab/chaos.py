# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes things go wrong on purpose."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from . import cloud_server, lifecycle, parts
from .directory import samba_server
from .errors import LabError
from .nameservers import primary, secondary, skewed
from .parts import Lab

# What `chaos stop` and `chaos start` know, and the part each server belongs to.
SERVERS = {
    "directory": (parts.ALL["directory"], samba_server.service),
    "primary": (parts.ALL["nameservers"], primary.service),
    "secondary": (parts.ALL["nameservers"], secondary.service),
    "cloud": (parts.ALL["cloud"], cloud_server.service),
}


def lag_secondary(lab: Lab, seconds: float | None) -> str:
    """Let the secondary follow each change only after some seconds, or (None) never."""
    secondary.lag(lab.settings, seconds)
    when = "no change any more" if seconds is None else f"each change after {seconds:g} s"
    return f"The secondary sees {when}."


def heal_secondary(lab: Lab) -> str:
    """Let the secondary follow at once again, and catch up."""
    secondary.heal(lab.settings)
    secondary.refresh(lab.settings)
    return "The secondary follows at once."


def trouble_cloud(lab: Lab, words: Sequence[str]) -> str:
    """Tell the cloud to misbehave.

    ``words`` are one JSON object, or a kind of fault and its details as name=value, or
    ``clear``, or nothing to see the faults in force. lab/cloud/faults.py says what there is.
    """
    settings, credentials = lab.settings, lab.credentials
    if not words:
        return cloud_server.control(settings, credentials, "GET", "/chaos")
    if list(words) == ["clear"]:
        cloud_server.control(settings, credentials, "DELETE", "/chaos")
        return "The cloud behaves again."
    return cloud_server.control(settings, credentials, "POST", "/chaos", _order(words))


def stop_server(lab: Lab, name: str) -> str:
    """End one server as if its machine had failed."""
    _part, service = SERVERS[name]
    lab.processes.stop([service(lab.settings).name], graceful=0)
    return f"{name} is down."


def start_server(lab: Lab, name: str) -> str:
    """Start a server that was stopped; its data are as they were."""
    part, service = SERVERS[name]
    part.prepare(lab)
    lab.processes.start_in_order([[service(lab.settings)]])
    return f"{name} is up."


def start_skewed_nameserver(lab: Lab) -> str:
    """Start the name server whose clock is wrong."""
    lifecycle.start_part(lab, parts.ALL[skewed.NAME])
    endpoint = lab.settings.skewed_nameserver
    return f"The name server with the wrong clock is at {endpoint.address} port {endpoint.port}."


def _order(words: Sequence[str]) -> dict[str, Any]:
    first, *details = words
    if first.startswith("{"):
        order: dict[str, Any] = json.loads(first)
        return order
    return {"kind": first, **dict(_detail(word) for word in details)}


def _detail(word: str) -> tuple[str, Any]:
    name, equals, value = word.partition("=")
    if not equals:
        raise LabError(f"Say what {name} is to be: {name}=VALUE")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        # Text that needs no quotes.
        return name, value
