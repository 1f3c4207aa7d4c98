"""Writes the files that have a source in the code; with `--check`, only tells which of them are out of date."""

from __future__ import annotations

import json
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
    from mig_lsp.core.config_schema import json_schema
    from mig_lsp.core.rules import all_rules

    schema = json_schema({rule.name: rule.summary for rule in all_rules()})
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


GENERATED: Mapping[str, Callable[[], str]] = {
    "schema/mig-lsp.schema.json": configuration_schema,
}


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main(sys.argv[1:]))
