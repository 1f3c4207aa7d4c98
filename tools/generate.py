"""Writes the files that have a source in the code; with `--check`, only tells which of them are out of date."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> int:
    """Writes, or checks, every generated file; 0 when all are up to date, 1 when not, 2 for wrong use."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: generate.py [--check]\n")
        return 2
    outdated = [path for path, generate in GENERATED.items() if _text(ROOT / path) != generate()]
    for path in outdated:
        if arguments:
            sys.stderr.write(f"{path} is out of date: run python tools/generate.py\n")
        else:
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).write_text(GENERATED[path](), encoding="utf-8", newline="\n")
            sys.stdout.write(f"wrote {path}\n")
    return 1 if outdated and arguments else 0


def configuration_schema() -> str:
    """The text of the JSON Schema of `mig-lsp.toml`."""
    from mig_lsp.core.config.schema import json_schema
    from mig_lsp.core.rules import all_rules

    schema = json_schema({rule.name: rule.summary for rule in all_rules()})
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def rule_index() -> str:
    """The text of the index of rules, by category."""
    from mig_lsp.core.rules import all_rules

    lines = [
        "# Rules",
        "",
        "Every rule, by category. `mig-lsp explain RULE` shows a rule's page, and so does hovering over a finding.",
        "Severities are defaults; `[rules]` in `mig-lsp.toml` changes them or turns a rule off. A rule with a fix",
        "offers it as a quick fix in the editor and for `mig-lsp check --fix`.",
        "[Coming from another linter](peers.md) maps the names of other tools' rules to these.",
    ]
    categories: dict[str, list[str]] = {}
    for rule in all_rules():
        page = f"../mig_lsp/core/rules/{rule.name.replace('-', '_')}.md"
        fix = "yes" if re.search(r"^```.*\bfixed\b", rule.page, re.M) else ""
        row = f"| [{rule.name}]({page}) | {rule.default_word} | {fix} | {rule.summary} |"
        categories.setdefault(rule.category, []).append(row)
    for category, rows in categories.items():
        lines += [
            "",
            f"## {category.capitalize()}",
            "",
            "| rule | severity | fix | what is wrong |",
            "| --- | --- | --- | --- |",
            *rows,
        ]
    return "\n".join(lines) + "\n"


def vscode_manifest() -> str:
    """The text of the VS Code extension's manifest."""
    from vscode import package_json

    return package_json()


GENERATED: Mapping[str, Callable[[], str]] = {
    "docs/rules.md": rule_index,
    "editors/vscode/package.json": vscode_manifest,
    "schema/mig-lsp.schema.json": configuration_schema,
}


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main(sys.argv[1:]))
