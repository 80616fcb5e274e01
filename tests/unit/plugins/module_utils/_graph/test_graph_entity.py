# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The remedy against the SDK's 1,234 models: equal to what it replaces, and effective."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from typing import Any

import pytest
from kiota_serialization_json.json_parse_node import JsonParseNode
from msgraph.generated.models.entity import Entity

from ansible_collections.tenantops.migration.plugins.module_utils._graph import entity

ANSWER = {
    "@odata.type": "#microsoft.graph.emailAuthenticationMethodConfiguration",
    "id": "Email",
    "state": "enabled",
    "allowExternalIdToUseEmailOtp": "default",
    "includeTargets": [{"id": "all_users", "targetType": "group"}],
    "excludeTargets": [],
}

# Far fewer than the SDK has; what is left are the configuration's own types.
MOST_MODELS = 100


def test_the_replacement_knows_the_same_fields_as_the_original() -> None:
    """When this fails, the SDK has a new field for all entities: add it to `entity`."""
    thing = Entity()
    assert entity.field_deserializers(thing).keys() == (
        entity.original_field_deserializers(thing).keys()
    )


@pytest.mark.parametrize(
    "deserializers", [entity.field_deserializers, entity.original_field_deserializers]
)
def test_the_replacement_does_the_same_as_the_original(deserializers: Any) -> None:
    thing = Entity()
    taken = deserializers(thing)
    taken["id"](JsonParseNode("7"))
    taken["@odata.type"](JsonParseNode("#microsoft.graph.user"))
    assert (thing.id, thing.odata_type) == ("7", "#microsoft.graph.user")


def test_it_is_in_place() -> None:
    entity.install()
    assert Entity.get_field_deserializers is entity.field_deserializers


PROGRAM = """
import json, sys
from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory
from ansible_collections.tenantops.migration.plugins.module_utils._graph import client
from msgraph.generated.models.authentication_method_configuration import (
    AuthenticationMethodConfiguration,
)

node = JsonParseNodeFactory().get_root_parse_node("application/json", sys.argv[1].encode())
answer = node.get_object_value(AuthenticationMethodConfiguration)
assert answer.id == "Email", answer
assert answer.allow_external_id_to_use_email_otp.value == "default", answer
models = [name for name in sys.modules if name.startswith("msgraph.generated.models.")]
print(json.dumps(models))
"""


def test_an_answer_loads_only_the_models_that_it_is_made_of() -> None:
    collections = inspect.getfile(entity).split("/ansible_collections/")[0]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(ANSWER)],
        env={"PYTHONPATH": collections},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    models = json.loads(done.stdout)
    assert "msgraph.generated.models.email_authentication_method_configuration" in models
    assert len(models) < MOST_MODELS, models
