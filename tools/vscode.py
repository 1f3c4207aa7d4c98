"""The manifest of the VS Code extension: its settings come from the configuration's own definition."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from mig_lsp.core.config.model import Drizzle, Migrations, RunnerConfig
from mig_lsp.core.config.schema import json_schema, table_schema
from mig_lsp.core.rules import all_rules

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "editors/vscode/package.json"

_OWN: dict[str, Any] = {
    "migLsp.server.path": {
        "markdownDescription": "The server to start: the program `mig-lsp`, or a Python that has it as a module. By "
        "default it is looked for in the workspace's virtual environment, on the PATH, in the Python extension's "
        "interpreter, and last in an environment that this extension makes on request.",
        "type": ["string", "null"],
        "default": None,
        "scope": "machine-overridable",
    },
    "migLsp.server.python": {
        "markdownDescription": "The Python, 3.11 or newer, that makes the environment of this extension. By default "
        "it is looked for.",
        "type": ["string", "null"],
        "default": None,
        "scope": "machine-overridable",
    },
    "migLsp.server.wheels": {
        "markdownDescription": "A folder with the wheels of what the server needs, for machines that reach no package "
        "index. `pip download` fills one.",
        "type": ["string", "null"],
        "default": None,
        "scope": "machine-overridable",
    },
    "migLsp.trace.server": {
        "markdownDescription": "What of the conversation with the server is written to the log.",
        "type": "string",
        "enum": ["off", "messages", "verbose"],
        "default": "off",
        "scope": "window",
    },
}
_TABLES = {"migrations": Migrations, "runner": RunnerConfig, "drizzle": Drizzle}


def package_json() -> str:
    """The text of package.json with the settings and the version as they must be; all else stays as it stands there."""
    package = json.loads((ROOT / PACKAGE).read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    package["version"] = project["version"]
    package["contributes"]["configuration"] = _configuration()
    return json.dumps(package, indent=2, ensure_ascii=False) + "\n"


def _configuration() -> list[dict[str, Any]]:
    sections = [("Server", _OWN)]
    for table, kind in _TABLES.items():
        keys = table_schema(kind)["properties"]
        sections.append((table.capitalize(), {f"migLsp.{table}.{key}": _setting(each) for key, each in keys.items()}))
    schema = json_schema({rule.name: rule.summary for rule in all_rules()})
    rule = {key: value for key, value in schema["definitions"]["rule"].items() if key != "description"}
    rules = {name: {**rule, "description": each["description"]} for name, each in _rules(schema).items()}
    log = schema["properties"]["log"]
    sections.append(
        (
            "Rules and log",
            {
                "migLsp.rules": {
                    "markdownDescription": schema["properties"]["rules"]["description"] + _WINS,
                    "type": "object",
                    "additionalProperties": False,
                    "properties": rules,
                    "default": {},
                    "scope": "resource",
                },
                "migLsp.log": {
                    "markdownDescription": log["description"] + _WINS,
                    "type": "object",
                    "additionalProperties": log["additionalProperties"],
                    "default": {},
                    "scope": "resource",
                },
            },
        )
    )
    return [{"title": title, "properties": settings} for title, settings in sections]


_WINS = " What stands here wins over `mig-lsp.toml`."


def _rules(schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schema["properties"]["rules"]["properties"]
    return found


def _setting(key: dict[str, Any]) -> dict[str, Any]:
    """A key of the configuration as a setting. Null leaves it to the file: a default of its own would always win."""
    accepted = {name: value for name, value in key.items() if name in ("items", "minimum", "maximum", "pattern")}
    if "enum" in key:
        accepted["enum"] = [*key["enum"], None]
    usual = f" Usually `{json.dumps(key['default'])}`." if "default" in key else ""
    example = "" if "enum" in key else f" For example `{json.dumps(key['examples'][0])}`."
    return {
        "markdownDescription": key["description"] + usual + example,
        "type": [key["type"], "null"],
        **accepted,
        "default": None,
        "scope": "resource",
    }
