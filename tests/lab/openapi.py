# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft's OpenAPI description of Graph, as a judge of requests and answers.

The description lives beside the repository and is not part of it: the environment variable
TENANTOPS_REFERENCE or ../shared/reference says where.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import yaml
from openapi_schema_validator import OAS30Validator

_PUBLISHED = "graph-openapi.yaml"
_SUPPLEMENT = "graph-openapi-supplement.yaml"

Schema = dict[str, Any]


def find_reference() -> Path | None:
    """Return the folder with both OpenAPI files, or None where there is none."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "reference"
    folder = Path(os.environ.get("TENANTOPS_REFERENCE") or beside)
    if all((folder / name).is_file() for name in (_PUBLISHED, _SUPPLEMENT)):
        return folder
    return None


class GraphDescription:
    """The two files as one. The supplement adds what the published file lacks."""

    def __init__(self, folder: Path) -> None:
        published = _load(folder / _PUBLISHED)
        supplement = _load(folder / _SUPPLEMENT)
        self._paths: dict[str, Any] = {**published["paths"], **supplement["paths"]}
        kinds = {*published["components"], *supplement["components"]}
        self._components: dict[str, dict[str, Any]] = {
            kind: {
                **supplement["components"].get(kind, {}),
                **published["components"].get(kind, {}),
            }
            for kind in kinds
        }
        self._repair_schemas()

    def problems(
        self, method: str, url: str, request_body: Any, status: int, response_body: Any
    ) -> list[str]:
        """Return what in the exchange is not as described; an empty list is good.

        Bodies are parsed JSON, None for an empty one.
        """
        parts = urlsplit(url)
        operation = self._operation(method, parts.path)
        if operation is None:
            return [f"{method} {parts.path} is not described"]
        found = list(self._query_problems(operation, parts.query))
        if request_body is not None:
            described = self._resolve(operation.get("requestBody", {}))
            found += self._body_problems("request", described, request_body)
        if response_body is not None:
            found += self._body_problems("answer", self._response(operation, status), response_body)
        elif status != 204:
            found.append(f"status {status} without a body")
        return found

    def _operation(self, method: str, path: str) -> Schema | None:
        segments = unquote(path).strip("/").split("/")
        if segments[0] != "v1.0":
            return None
        for template, operations in self._paths.items():
            if _matches(template.strip("/").split("/"), segments[1:]):
                operation: Schema | None = operations.get(method.lower())
                if operation is not None:
                    return operation
        return None

    def _query_problems(self, operation: Schema, query: str) -> Iterator[str]:
        parameters = [self._resolve(entry) for entry in operation.get("parameters", [])]
        known = {entry["name"] for entry in parameters if entry["in"] == "query"}
        for name in parse_qs(query):
            if name not in known:
                yield f"query parameter {name} is not described"

    def _response(self, operation: Schema, status: int) -> Schema:
        responses = operation["responses"]
        for key in (str(status), f"{status // 100}XX", "default"):
            if key in responses:
                return self._resolve(responses[key])
        return {}

    def _body_problems(self, side: str, described: Schema, body: Any) -> list[str]:
        content = described.get("content", {}).get("application/json")
        if content is None:
            return [f"{side}: a body is not described"]
        schema = self._most_derived(content["schema"], body)
        document = {**schema, "components": self._components}
        errors = OAS30Validator(document).iter_errors(body)
        found = [f"{side}: {error.json_path}: {error.message}" for error in errors]
        return found + [f"{side}: {text}" for text in self._unknown(schema, body, "$")]

    def _most_derived(self, schema: Schema, body: Any) -> Schema:
        """Return the schema of the type that the body says it is: the files have no discriminators.

        A type that is not in the files stays judged by the type the operation declares.
        """
        declared = str(body.get("@odata.type", "")) if isinstance(body, dict) else ""
        name = declared.removeprefix("#")
        if name in self._components["schemas"]:
            return {"$ref": f"#/components/schemas/{name}"}
        return schema

    def _unknown(self, schema: Schema, value: Any, where: str) -> Iterator[str]:
        """Yield each property that no schema names, deep down."""
        schema = self._resolve(self._most_derived(schema, value))
        if isinstance(value, list):
            for index, entry in enumerate(value):
                yield from self._unknown(schema.get("items", {}), entry, f"{where}[{index}]")
        elif isinstance(value, dict):
            properties = self._properties(schema)
            if not properties:  # "service-specific", as innerError is
                return
            for name, entry in value.items():
                if name in properties:
                    yield from self._unknown(properties[name], entry, f"{where}.{name}")
                elif "@odata." not in name:
                    yield f"{where}.{name} is not described"

    def _properties(self, schema: Schema) -> dict[str, Schema]:
        schema = self._resolve(schema)
        found: dict[str, Schema] = dict(schema.get("properties", {}))
        for part in schema.get("allOf", []):
            found.update(self._properties(part))
        return found

    def _resolve(self, node: Schema) -> Schema:
        while "$ref" in node:
            kind, name = node["$ref"].removeprefix("#/components/").split("/", 1)
            node = self._components[kind][name]
        return node

    def _repair_schemas(self) -> None:
        """Undo two things the published file says that are not so.

        ``additionalProperties: object`` in each part of an allOf would refuse the other parts'
        properties (unknown ones are found apart); and a property that refers to an enumeration or
        an object may be null where the CSDL lets it, for which OpenAPI 3.0 has no place beside
        a ``$ref``.
        """
        parts = [
            part
            for schema in self._components["schemas"].values()
            for part in [schema, *schema.get("allOf", [])]
        ]
        for part in parts:
            part.pop("additionalProperties", None)
        for part in parts:
            for name, entry in part.get("properties", {}).items():
                target = self._resolve(entry)
                if "$ref" in entry and "enum" in target:
                    members = [*target["enum"], None]
                    part["properties"][name] = {**target, "enum": members, "nullable": True}
                elif "$ref" in entry:
                    part["properties"][name] = self._or_null(target)

    def _or_null(self, schema: Schema) -> Schema:
        """Return the schema of an object that may be null: each of its parts has to say so."""
        parts = [self._or_null(self._resolve(part)) for part in schema.get("allOf", [])]
        return {**schema, "nullable": True, **({"allOf": parts} if parts else {})}


def _matches(template: list[str], segments: list[str]) -> bool:
    return len(template) == len(segments) and all(
        expected.startswith("{") or expected.casefold() == given.casefold()
        for expected, given in zip(template, segments, strict=True)
    )


def _load(path: Path) -> dict[str, Any]:
    # The C parser where there is one: the pure one takes seconds.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: dict[str, Any] = yaml.load(path.read_bytes(), Loader=loader)  # noqa: S506
    return document
