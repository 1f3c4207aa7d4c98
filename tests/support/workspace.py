"""Migration sets made of texts, as tests need them: no files, the same discovery as on disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from mig_lsp.core.change import CreateFile, EditFile, FileChange, RenameFile, apply
from mig_lsp.core.discovery import find
from mig_lsp.core.log import Ledger, parse_csv
from mig_lsp.core.manifest.reader import read
from mig_lsp.core.rules import by_name
from mig_lsp.core.snapshot import File, Snapshot

BASE = "base:"
"""What begins the path of a manifest as it is on the base branch."""


def snapshot(texts: Mapping[str, str]) -> Snapshot:
    """The only set in a workspace of *texts* by path; `NAME.log.csv` is the log of environment NAME."""
    (found,) = snapshots(texts)
    return found


def snapshots(texts: Mapping[str, str]) -> tuple[Snapshot, ...]:
    """Every set in a workspace of *texts* by path."""
    base = {path.removeprefix(BASE): text for path, text in texts.items() if path.startswith(BASE)}
    texts = {path: text for path, text in texts.items() if not path.startswith(BASE)}
    logs = {path: text for path, text in texts.items() if path.endswith(".log.csv")}
    ledgers = tuple(
        Ledger(path.removesuffix(".log.csv"), parse_csv(text)[0], "2026-01-02T03:04:05Z", None, "file")
        for path, text in logs.items()
    )
    found = []
    for plan in find([path for path in texts if path not in logs], texts.get, by_name()):
        if plan.manifest is not None and plan.manifest.path in base:
            listed = read(plan.manifest.path, base[plan.manifest.path])
            plan = replace(plan, base_entries=listed.names if listed else frozenset())
        files = {path: File(path, texts[path]) for path in plan.paths}
        documents = {path: File(path, texts[path]) for path in plan.documents if path in texts}
        found.append(Snapshot(plan, files, documents, ledgers))
    return tuple(found)


def changed(texts: Mapping[str, str], changes: Iterable[FileChange]) -> dict[str, str]:
    """*texts* after *changes*."""
    out = dict(texts)
    for change in changes:
        match change:
            case EditFile(path, edits):
                out[path] = apply(out[path], edits)
            case CreateFile(path, text):
                assert path not in out, f"{path} exists"
                out[path] = text
            case RenameFile(old, new):
                assert new not in out, f"{new} exists"
                out[new] = out.pop(old)
    return out
