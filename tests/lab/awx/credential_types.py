# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credential types: what the controller takes as one, and what a job gets of a credential."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import StrictUndefined, Undefined
from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

HIDDEN = "$encrypted$"

_NAME = re.compile(r"[a-zA-Z_]+[a-zA-Z0-9_]*")
_FIELD_KEYS = frozenset(
    {"id", "label", "type", "format", "choices", "help_text", "multiline", "secret", "default"}
)
_BLOCKED = frozenset({"PATH", "PYTHONPATH", "VIRTUAL_ENV", "JOB_ID", "CACHE", "AWX_HOST"})


def problems_of_type(inputs: Mapping[str, Any], injectors: Mapping[str, Any]) -> Iterator[str]:
    """What the controller finds wrong with a type."""
    if inputs.keys() - {"fields", "required"}:
        yield "inputs: Additional properties are not allowed"
    fields = inputs.get("fields", [])
    for field in fields:
        yield from _problems_of_field(field)
    names = [field["id"] for field in fields]
    if len(set(names)) != len(names) or "tower" in names:
        yield "field IDs must be unique, and none is tower"
    yield from _problems_of_injectors(injectors, names)


def _problems_of_injectors(injectors: Mapping[str, Any], names: list[str]) -> Iterator[str]:
    if injectors.keys() - {"file", "env", "extra_vars"}:
        yield "injectors: Additional properties are not allowed"
    for name in injectors.get("env", {}):
        if name.startswith("ANSIBLE_") or name in _BLOCKED or not _NAME.fullmatch(name):
            yield f"Environment variable {name} is not allowed to be used in credentials."
    for name in injectors.get("file", {}):
        if not re.fullmatch(r"template(\.[a-zA-Z_]+[a-zA-Z0-9_]*)?", name):
            yield f"file: {name} does not match"
    example = dict.fromkeys(names, "EXAMPLE") | {"tower": _filenames(injectors)}
    for where, texts in injectors.items():
        for name, text in texts.items():
            try:
                _render(text, example, StrictUndefined)
            except TemplateError as error:
                yield f"{where}: {name} uses an undefined field ({error})"


def _problems_of_field(field: Mapping[str, Any]) -> Iterator[str]:
    if not {"id", "label"} <= field.keys() or field.keys() - _FIELD_KEYS:
        yield f"{field}: id and label are required, other properties are not allowed"
    elif not _NAME.fullmatch(field["id"]):
        yield f"{field['id']} is an invalid variable name"
    if field.get("type", "string") not in ("string", "boolean"):
        yield f"{field['type']} is not one of string, boolean"
    if field.get("type") == "boolean" and field.keys() & {"choices", "multiline", "secret"}:
        yield f"not allowed for boolean type ({field['id']})"


def secret_fields(inputs: Mapping[str, Any]) -> frozenset[str]:
    """The names of the fields that the controller never shows."""
    return frozenset(field["id"] for field in inputs.get("fields", []) if field.get("secret"))


@dataclass(frozen=True)
class Given:
    """What a job gets of its credentials. `files` have the names that templates call them."""

    environment: Mapping[str, str]
    files: Mapping[str, str]
    variables: Mapping[str, str]


def give(credential_type: Mapping[str, Any], inputs: Mapping[str, str]) -> Given:
    """Carry out the injectors of a type. A field that is not filled in renders as nothing."""
    injectors = credential_type["injectors"]
    known = {**inputs, "tower": _filenames(injectors)}

    def rendered(where: str) -> dict[str, str]:
        texts = injectors.get(where, {})
        return {name: _render(text, known, Undefined) for name, text in texts.items()}

    files = {name.partition(".")[2]: text for name, text in rendered("file").items()}
    return Given(rendered("env"), files, rendered("extra_vars"))


def _filenames(injectors: Mapping[str, Any]) -> Mapping[str, Any]:
    names = [name.partition(".")[2] for name in injectors.get("file", {})]
    return {"filename": {name: f"/runner/env/{name}" for name in names}}


def _render(text: str, known: Mapping[str, Any], undefined: type[Undefined]) -> str:
    environment = ImmutableSandboxedEnvironment(undefined=undefined)
    return environment.from_string(text).render(known)
