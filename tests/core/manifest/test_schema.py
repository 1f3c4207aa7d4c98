from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

SCHEMA: dict[str, Any] = json.loads(
    Path(__file__).parents[3].joinpath("schema", "migrations.schema.json").read_text("utf-8")
)
GOOD = {"schemaDir": "db/schema", "initialSetupFiles": ["001-enums.sql"], "migrationFiles": ["010-é😀.sql", "11_x.sql"]}


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("document", [GOOD, {"migrationFiles": []}, {**GOOD, "description": "x", "owner": "me"}])
def test_good_manifests(document: object) -> None:
    assert list(Draft202012Validator(SCHEMA).iter_errors(document)) == []


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({}, []),
        ([], []),
        ({"migrationFiles": "010-x.sql"}, ["migrationFiles"]),
        ({"migrationFiles": ["010-x.sql", 7]}, ["migrationFiles", 1]),
        ({"migrationFiles": ["a.sql", "a.sql"]}, ["migrationFiles"]),
        ({"migrationFiles": ["../a.sql"]}, ["migrationFiles", 0]),
        ({"migrationFiles": ["it's.sql"]}, ["migrationFiles", 0]),
        ({"migrationFiles": ["a.txt"]}, ["migrationFiles", 0]),
        ({"migrationFiles": [], "initialSetupFiles": [None]}, ["initialSetupFiles", 0]),
        ({"migrationFiles": [], "schemaDir": ""}, ["schemaDir"]),
    ],
)
def test_bad_manifests(document: object, path: list[str | int]) -> None:
    errors = list(Draft202012Validator(SCHEMA).iter_errors(document))
    assert [path] == [list(error.absolute_path) for error in errors]
