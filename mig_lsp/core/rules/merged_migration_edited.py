"""A migration of the base branch that is edited or renamed here, with no log that tells where it has run."""

from __future__ import annotations

from collections.abc import Iterator

from mig_lsp.core.change import EditFile, FileChange, Finding, Fix, RenameFile, Severity
from mig_lsp.core.log import state
from mig_lsp.core.manifest.editor import reregister
from mig_lsp.core.merged import restore
from mig_lsp.core.migration import base_name, is_rollback
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.visible import enumerated

CATEGORY: Category = "history"
SEVERITY = Severity.WARNING


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    if is_rollback(file.name) or file.problem is not None:
        return
    if file.path not in snapshot.branches.blobs:
        yield from _renamed(snapshot, file)
    elif snapshot.is_edited(file) and not snapshot.plan.is_immutable(file.name):
        if _ran(snapshot, file.name) or _ran_nowhere(snapshot, file.name):
            return  # either applied-migration-edited says more, or an edit still reaches everybody
        yield Finding(
            "merged-migration-edited",
            file.lines.span(0),
            f"{file.name} is on {snapshot.branches.base} with another text, and where that has run the edit has no "
            "effect: undo it, and write a new migration",
            restore(snapshot, file),
        )


def _renamed(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    plan, branches = snapshot.plan, snapshot.branches
    if not branches.blobs or file.name not in plan.order or all(each.blank for each in file.statements.items):
        return  # files without a statement are all the same
    gone = [path for path in branches.other_paths(file.text) if path not in plan.paths]
    if len(gone) != 1 or _ran_nowhere(snapshot, base_name(gone[0])):
        return
    old = base_name(gone[0])
    again = [each for each in _ran(snapshot, old) if each not in _ran(snapshot, file.name)]
    if _ran(snapshot, old) and not again:
        return  # it has run under both names everywhere
    where = f"in {enumerated(again)}" if again else "wherever it has run"
    changes: list[FileChange] = [RenameFile(file.path, gone[0])]
    if plan.manifest is not None and (edits := reregister(plan.manifest, file.name, old)):
        changes.append(EditFile(plan.manifest.path, edits))
    yield Finding(
        "merged-migration-edited",
        file.lines.span(0),
        f"this is {old} of {branches.base} under another name, and the runner knows files by name, so it runs a second "
        f"time {where}: name it {old} again",
        Fix(f"Rename to {old}", others=tuple(changes), safe=False),
    )


def _ran(snapshot: Snapshot, name: str) -> list[str]:
    """The environments in which the file is completed, as far as their logs were read."""
    return [each.environment for each in snapshot.ledgers if each.fetched_at and state(each, name) == "completed"]


def _ran_nowhere(snapshot: Snapshot, name: str) -> bool:
    """Whether every log was read and none has the file as completed; initial files are in no log."""
    ledgers = snapshot.ledgers
    known = bool(ledgers) and all(each.fetched_at for each in ledgers)
    return known and name not in snapshot.plan.initial and not _ran(snapshot, name)
