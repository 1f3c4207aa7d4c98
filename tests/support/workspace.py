"""Migration sets made of texts, as tests need them: no files, the same discovery as on disk."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from mig_lsp.core.branches import Branches, blob_id
from mig_lsp.core.change import CreateFile, EditFile, FileChange, RenameFile, apply
from mig_lsp.core.discovery import find
from mig_lsp.core.log import Ledger, parse_csv
from mig_lsp.core.manifest.reader import read
from mig_lsp.core.migration import base_name
from mig_lsp.core.rules import by_name
from mig_lsp.core.snapshot import File, Plan, Snapshot

_ON_REF = re.compile(r"([a-z]+):(.+)")
_BASE = "base"


def snapshot(texts: Mapping[str, str]) -> Snapshot:
    """The only set in a workspace of *texts* by path.

    `NAME.log.csv` is the log of environment NAME, `base:PATH` a file of the base ref, which is called "base", and
    `WORD:PATH` one of another branch.
    """
    (found,) = snapshots(texts)
    return found


def snapshots(texts: Mapping[str, str]) -> tuple[Snapshot, ...]:
    """Every set in a workspace of *texts* by path."""
    refs: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for path, text in texts.items():
        if match := _ON_REF.fullmatch(path):
            refs[match[1]][match[2]] = text
    texts = {path: text for path, text in texts.items() if _ON_REF.fullmatch(path) is None}
    logs = {path: text for path, text in texts.items() if path.endswith(".log.csv")}
    ledgers = tuple(
        Ledger(path.removesuffix(".log.csv"), parse_csv(text)[0], "2026-01-02T03:04:05Z", None, "file")
        for path, text in logs.items()
    )
    found = []
    for plan in find([path for path in texts if path not in logs], texts.get, by_name()):
        files = {path: File(path, texts[path]) for path in plan.paths}
        documents = {path: File(path, texts[path]) for path in plan.documents if path in texts}
        found.append(Snapshot(plan, files, documents, ledgers).with_branches(_branches(plan, refs)))
    return tuple(found)


def _branches(plan: Plan, refs: Mapping[str, Mapping[str, str]]) -> Branches:
    """What git would say if nobody had merged anything: all refs left the present branch before it began."""
    names = {
        ref: frozenset(base_name(path) for path in files if path == plan.path_of(base_name(path)))
        for ref, files in refs.items()
    }
    base = refs.get(_BASE, {})
    listing = plan.manifest.path if plan.manifest else ""
    listed = read(listing, base[listing]) if listing in base else None
    there = {path: text for path, text in base.items() if base_name(path) in names[_BASE] and path.endswith(".sql")}
    return Branches(
        {ref: frozenset(name for name in found if name.endswith(".sql")) for ref, found in names.items()},
        tuple(sorted(refs, key=lambda ref: ref != _BASE)),
        _BASE if base else "",
        listed.names if listed else frozenset(),
        {path: (blob_id(text.encode(), 40),) for path, text in there.items()},
        there,
    )


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
