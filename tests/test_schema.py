from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from mig_lsp.core.config.keys import keys_of
from mig_lsp.core.config.model import LOG_SOURCES, Drizzle, LogSourceKind, Migrations, RuleConfig, RunnerConfig
from mig_lsp.core.config.read import read
from mig_lsp.core.config.schema import json_schema, table_schema

ROOT = Path(__file__).parent.parent
RULES = {"do-block": "A DO block is cut apart.", "missing-rollback": "Nobody can undo it."}
SCHEMA = json_schema(RULES)
KINDS = (Migrations, RunnerConfig, Drizzle, RuleConfig, LogSourceKind, *LOG_SOURCES.values())
GUIDE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
FENCES = re.findall("^```toml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def test_generated_files_are_up_to_date() -> None:
    run = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "generate.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_the_schema_is_one() -> None:
    Draft7Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def test_the_schema_describes_each_rule() -> None:
    rules = SCHEMA["properties"]["rules"]["properties"]
    assert {name: schema["description"] for name, schema in rules.items()} == RULES


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_examples_and_defaults_are_accepted(kind: type) -> None:
    for name, schema in _described(kind).items():
        for value in [*schema["examples"], *([schema["default"]] if "default" in schema else [])]:
            assert not list(Draft7Validator(schema).iter_errors(value)), name


VALID = [
    "",
    "[migrations]\n[log]\n[rules]\n",
    "migrations.directory = 'a/b'\nrunner.profile = 'psql'",
    "[migrations]\nimmutable = []\nfirst-number = 0\nnumber-width = 9\nbaseline = 0",
    "[migrations]\nfirst-number = 10.0",
    "[migrations]\ndirectory = '..x/é😀'\ntemplate = './a'",
    "[rules]\ndo-block.severity = 'off'\nmissing-rollback = { severity = 'hint' }",
    "[log.a]\nsource = 'postgres'\nservice = 'a-b.c'",
    "[log.'0.a']\nsource = 'file'\npath = 'x.json'",
    "[log.a]\nsource = 'rds-data-api'\ncluster-arn = 'arn:aws-us-gov:rds:us-gov-west-1:123456789012:cluster:x'\n"
    "secret-arn = 'arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:x'\ndatabase = 'd'\n"
    "region = 'us-gov-west-1'",
    *FENCES,
]
INVALID = [
    "a = 1",
    "[migration]",
    "migrations = 1",
    "[[runner]]",
    "[migrations]\nfirst_number = 1",
    "[migrations]\nfirst-number = '1'",
    "[migrations]\nfirst-number = 1.5",
    "[migrations]\nfirst-number = true",
    "[migrations]\nfirst-number = -1",
    "[migrations]\nnumber-width = 10",
    "[migrations]\nimmutable = '1'",
    "[migrations]\nimmutable = ['x']",
    "[migrations]\nimmutable = [1]",
    "[migrations]\nbaseline = 1979-05-27",
    "[migrations]\ndirectory = ''",
    "[migrations]\ndirectory = '/a'",
    "[migrations]\ndirectory = '..'",
    "[migrations]\ndirectory = '..\\a'",
    "[migrations]\ndirectory = 'D:a'",
    "[migrations]\nmanifest = '\\\\host\\a'",
    "[migrations]\nbase-ref = '-x'",
    "[runner]\nprofile = 'rds'",
    "[runner]\npostgres-version = 9",
    "[drizzle]\nschema = []",
    "[rules.other]\nseverity = 'off'",
    "[rules.do-block]\nseverity = 'warn'",
    "[rules.do-block]\nlevel = 'off'",
    "[rules]\ndo-block = 'off'",
    "[log.'a b']\nsource = 'file'\npath = 'x'",
    "[log.a]",
    "[log.a]\nsource = 'mysql'",
    "[log.a]\nsource = 'postgres'",
    "[log.a]\nsource = 'postgres'\nservice = 'a'\nurl-env = 'B'",
    "[log.a]\nsource = 'postgres'\nurl-env = 'postgres://u:p@h/d'",
    "[log.a]\nsource = 'postgres'\nurl-env = 'A'\npassword = 'x'",
    "[log.a]\nsource = 'file'\npath = 'x'\nservice = 'y'",
    "[log.a]\nsource = 'rds-data-api'\ndatabase = 'd'",
    "[log.a]\nsource = 'file'",
    "[log]\na = 'file'",
]


@pytest.mark.parametrize(("text", "valid"), [*((text, True) for text in VALID), *((text, False) for text in INVALID)])
def test_schema_and_reader_agree(text: str, valid: bool) -> None:
    known = {name: "" for name in re.findall(r"\[rules\.([a-z-]+)\]", text) if text in FENCES} | RULES
    by_schema = Draft7Validator(json_schema(known)).is_valid(tomllib.loads(text))
    by_reader = not read(text, known)[1]
    assert (by_schema, by_reader) == (valid, valid)


def test_the_guide_has_every_key_in_a_sentence_and_in_an_example() -> None:
    examples = "\n".join(FENCES)
    for kind in KINDS:
        for name in keys_of(kind):
            assert f"`{name}`" in GUIDE
            assert re.search(rf"^{name} = ", examples, re.MULTILINE), name


def test_the_guide_has_every_word_that_can_be_chosen() -> None:
    for kind in KINDS:
        for schema in _described(kind).values():
            for word in schema.get("enum", ()):
                assert f'"{word}"' in GUIDE or f"`{word}`" in GUIDE, word


def test_the_guide_names_the_defaults() -> None:
    for kind in (Migrations, RunnerConfig, Drizzle):
        for name, schema in _described(kind).items():
            if "default" in schema:
                assert re.search(rf"^\| `{name}` \|.*\| `{re.escape(json.dumps(schema['default']))}` \|$", GUIDE, re.M)


def _described(kind: type) -> dict[str, dict[str, Any]]:
    """The schemas of the keys of *kind*."""
    properties: dict[str, dict[str, Any]] = table_schema(kind)["properties"]
    return properties
