"""The JSON Schema of `mig-lsp.toml`, for editors that complete and check TOML by schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mig_lsp.core.config.keys import Choice, Key, Number, defaults, keys_of, required_keys
from mig_lsp.core.config.model import (
    ENVIRONMENT,
    LOG_SOURCES,
    Drizzle,
    LogSourceKind,
    Migrations,
    RuleConfig,
    RunnerConfig,
)

Schema = dict[str, Any]  # JSON


def json_schema(rules: Mapping[str, str]) -> Schema:
    """The schema, in the draft that editors know best; *rules* are the names of all rules, each with a summary."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "mig-lsp.toml",
        "description": "The configuration of mig-lsp. Every key has a default; paths are relative to this file.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "migrations": table_schema(Migrations),
            "runner": table_schema(RunnerConfig),
            "drizzle": table_schema(Drizzle),
            "rules": {
                "description": "How the rules report, one table per rule.",
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    name: {"description": summary, "allOf": [{"$ref": "#/definitions/rule"}]}
                    for name, summary in sorted(rules.items())
                },
            },
            "log": {
                "description": "Where migration_log is read from, one table per environment, in deployment order.",
                "type": "object",
                "propertyNames": {"pattern": ENVIRONMENT.pattern},
                "additionalProperties": {"oneOf": [_log_source(source) for source in LOG_SOURCES]},
            },
        },
        "definitions": {"rule": table_schema(RuleConfig)},
    }


def table_schema(kind: type) -> Schema:
    """The schema of the table that *kind* declares."""
    given = defaults(kind)
    schema: Schema = {
        "description": _first_line(kind),
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _key(key, given.get(name)) for name, key in keys_of(kind).items()},
    }
    required = required_keys(kind)
    return {**schema, "required": list(required)} if required else schema


def _log_source(source: str) -> Schema:
    kind = LOG_SOURCES[source]
    schema = table_schema(kind)
    first = keys_of(LogSourceKind)["source"]
    schema["properties"] = {"source": {"description": first.doc, "const": source}, **schema["properties"]}
    schema["required"] = ["source", *schema.get("required", ())]
    if kind.one_of:
        schema["oneOf"] = [{"required": [name]} for name in kind.one_of]
    return schema


def _key(key: Key, default: object) -> Schema:
    example = list(key.example) if isinstance(key.example, tuple) else key.example
    schema: Schema = {"description": key.doc, **_accepted(key), "examples": [example]}
    if default is not None:
        schema["default"] = list(default) if isinstance(default, tuple) else default
    return schema


def _accepted(key: Key) -> Schema:
    accepts = key.accepts
    if isinstance(accepts, Number):
        return {"type": "integer", "minimum": accepts.least, "maximum": accepts.most}
    if isinstance(accepts, Choice):
        return {"type": "string", "enum": list(accepts.words)}
    text: Schema = {"type": "string", "pattern": accepts.pattern}
    return {"type": "array", "items": text} if accepts.many else text


def _first_line(kind: type) -> str:
    return (kind.__doc__ or "").partition("\n")[0]
