"""What the headers of new migrations say about the runner and the way back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mig_lsp.core import header
from mig_lsp.core.author import AuthorError
from mig_lsp.core.config.model import inside
from mig_lsp.core.header import Words
from mig_lsp.core.migration import base_name
from mig_lsp.core.rollback.derive import Undo
from mig_lsp.core.rollback.steps import literal
from mig_lsp.core.runner.profile import Runner
from mig_lsp.core.snapshot import Plan, Snapshot

NOTHING_YET = Undo((), ())


def render(snapshot: Snapshot, words: Words, eol: str) -> str:
    """The header of a new migration, by the configured template; raises AuthorError when that is not there."""
    return header.render(words, _template(snapshot), eol)


def requirements(runner: Runner) -> tuple[str, ...]:
    """What the runner asks of a file, a line each."""
    return tuple(f"- {line}" for line in _requirements(runner))


def procedure(plan: Plan, name: str, undo: Undo) -> tuple[str, ...]:
    """How to roll the migration *name* back, step by step; each line stays one line, and is safe in a comment."""
    steps = [tuple(_undoing(undo))]
    log = plan.runner.log
    if log is not None and log.key == "description":
        forget = ("DELETE FROM", log.name, "WHERE", log.key, "=", literal(name) + ";")
        steps.append(("Forget that it ran:", " ".join(forget)))
    manifest = plan.manifest
    if manifest is not None:
        array = f"{manifest.array} in " if manifest.array and manifest.array != "default" else ""
        steps.append((f"Take '{name}' out of {array}{base_name(manifest.path)}",))
    steps.append(("Deploy again",))
    return tuple(line for number, step in enumerate(steps, 1) for line in _numbered(number, step))


def _requirements(runner: Runner) -> Iterator[str]:
    for refusal in runner.refuses:
        yield f"No {refusal.word}: {refusal.why}"
    if runner.protocol == "extended":
        yield "One statement per call: end each with ; at the end of a line, and no inner line with it"
    if runner.opens_transaction:
        yield "No BEGIN, COMMIT or ROLLBACK: the runner opens the transaction itself"
        return
    if not runner.keeps_session:
        yield "No BEGIN, COMMIT or ROLLBACK: every statement commits at once, and no session outlives it"
    yield "IF NOT EXISTS and IF EXISTS everywhere: a failed file runs again from its first statement"


def _undoing(undo: Undo) -> Iterator[str]:
    if undo.sql:
        yield "Run the rollback SQL:"
    elif undo.notes:
        yield "Undo by hand what has to be undone:"
    else:
        yield "Run the rollback SQL:"
        yield "TODO: write the SQL that undoes this migration"
    for sql in undo.sql:
        yield "Note: a name with a line end in it cannot stand in a comment" if _LINE_END.search(sql) else sql
    for note in undo.notes:
        yield f"Note: {note}"


_LINE_END = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def _numbered(number: int, step: tuple[str, ...]) -> Iterator[str]:
    yield f"  {number}. {step[0]}"
    for line in step[1:]:
        yield f"       {line}"


def _template(snapshot: Snapshot) -> str | None:
    configured = snapshot.plan.config.migrations.template
    if configured is None:
        return None
    folder = (snapshot.plan.config_path or "").rpartition("/")[0]
    path = inside(f"{folder}/{configured}" if folder else configured)
    file = snapshot.file(path) if path else None
    if file is None or file.problem is not None:
        raise AuthorError(f"the template {configured} of the configuration cannot be read: correct migrations.template")
    return file.text
