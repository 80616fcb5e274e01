# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.module_utils._sign_in_names.mapping_file import (  # noqa: E501
    read_mapping,
)


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_by_name_and_by_id(tmp_path: Path) -> None:
    table = written(
        tmp_path,
        "names.csv",
        "id;user_principal_name;new_user_principal_name\r\n"
        ";Kim@corp.local;kim@contoso.com\r\n"
        "8A1B8A54-5A0C-4B5E-9B0E-0A3D4F8F7E21;lee@corp.local;lee@contoso.com\r\n",
    )
    assert read_mapping(table) == {
        "kim@corp.local": "kim@contoso.com",
        "8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21": "lee@contoso.com",
    }


def test_a_table_as_we_write_them_ourselves(tmp_path: Path) -> None:
    """A spreadsheet would run these names, if there were nothing in front of them."""
    table = written(
        tmp_path,
        "names.csv",
        "user_principal_name,new_user_principal_name\n'-kim@corp.local,'-kim@contoso.com\n",
    )
    assert read_mapping(table) == {"-kim@corp.local": "-kim@contoso.com"}


@pytest.mark.parametrize(
    "text",
    [
        '{"Kim@corp.local": "kim@contoso.com"}',
        '[{"user_principal_name": "kim@corp.local", "new_user_principal_name": "kim@contoso.com"}]',
        '[{"id": "KIM@corp.local", "new_user_principal_name": " kim@contoso.com "}]',
    ],
)
def test_json(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, "names.json", text)
    assert read_mapping(path) == {"kim@corp.local": "kim@contoso.com"}


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("names.csv", "user_principal_name\nkim@corp.local\n", "no column new_user_principal_name"),
        ("names.csv", "new_user_principal_name\nkim@corp.local\n", "column"),
        ("names.csv", "id,new_user_principal_name\n,kim@contoso.com\n", "does not say who"),
        ("names.csv", "id,new_user_principal_name\nid-1,\n", "does not say who"),
        ("names.csv", "id,new_user_principal_name\n", "names nobody"),
        ("names.csv", "id,new_user_principal_name\nid-1,\\u{D800}\n", "cannot be read"),
        (
            "names.csv",
            "user_principal_name,new_user_principal_name\na@x.com,b@x.com\nA@x.com,c@x.com\n",
            "two names",
        ),
        ("names.json", "[", "cannot be read"),
        ("names.json", '"kim"', "neither an object nor a list"),
        ("names.json", '["kim"]', "neither an object nor a list"),
        ("names.json", '{"kim@corp.local": 7}', "does not say who"),
        ("names.json", "{}", "names nobody"),
        ("names.json", '{"a@x.com": "b@x.com", "a@x.com": "c@x.com"}', "two names"),
        ("names.json", '[{"id": "a@x.com", "id": "b@x.com"}]', "twice"),
    ],
)
def test_what_is_no_mapping(tmp_path: Path, name: str, text: str, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        read_mapping(written(tmp_path, name, text))


@pytest.mark.parametrize("name", ["names.csv", "names.json"])
def test_a_file_that_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput):
        read_mapping(tmp_path / name)
