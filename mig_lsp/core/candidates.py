"""Which files are worth a look, by their names: asked of every file of a workspace, so nothing heavy is imported."""

from __future__ import annotations

import re
from typing import Literal

Grammar = Literal["typescript", "tsx", "json"]
CONFIG_NAME = "mig-lsp.toml"
"""The name of the configuration file."""

JOURNAL = "_journal.json"
"""The name of drizzle-kit's own list of its output."""

_GRAMMARS: dict[str, Grammar] = {
    **dict.fromkeys((".ts", ".mts", ".cts", ".js", ".mjs", ".cjs"), "typescript"),
    **dict.fromkeys((".tsx", ".jsx"), "tsx"),
    ".json": "json",
}
_NO_MANIFEST = re.compile(
    r"\.(?:d|test|spec|min|stories|bench)\.[a-z]+$|_snapshot\.json$|(?:^|/)(?:package(?:-lock)?|[jt]sconfig[^/]*)\.json$"
    r"|(?:^|/)(?:node_modules|__tests__|__mocks__|__fixtures__)/"
)


def could_be_manifest(path: str) -> bool:
    """Whether a file called *path* (with `/`) is worth a look: the suffix is right, and it is no test or the like."""
    return grammar_of(path) is not None and _NO_MANIFEST.search(path) is None


def is_dull(path: str, data: bytes) -> bool:
    """Whether a file that could be a manifest by its path is none by its content, so that its content is of no use."""
    return not (path.endswith(JOURNAL) or b".sql" in data or b"igration" in data) and could_be_manifest(path)


def grammar_of(path: str) -> Grammar | None:
    """The language of a file by the end of its name, None for one that no manifest is written in."""
    _, dot, suffix = path.rpartition("/")[2].rpartition(".")
    return _GRAMMARS.get(dot + suffix.lower())
