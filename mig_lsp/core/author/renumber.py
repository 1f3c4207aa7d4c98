"""Gives a migration another number: file, header, manifest entry and rollback file in one change."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mig_lsp.core.author import AuthorError
from mig_lsp.core.author.new import free_number
from mig_lsp.core.change import Edit, EditFile, FileChange, RenameFile, SourceChange
from mig_lsp.core.comments import comment_lines
from mig_lsp.core.config.model import immutable_numbers
from mig_lsp.core.log import state
from mig_lsp.core.manifest import editor
from mig_lsp.core.migration import digits, is_rollback, parse_name
from mig_lsp.core.snapshot import File, Plan, Snapshot
from mig_lsp.core.sql.lexer import skip_trivia
from mig_lsp.core.text import Span


def renumber(snapshot: Snapshot, path: str, number: int | None = None) -> SourceChange:
    """The file under *number*, or under the next free one.

    Raises AuthorError when the number is taken or immutable, or when the file has run: under a new name it would run
    again.
    """
    plan, file = snapshot.plan, snapshot.files.get(path)
    if file is None or is_rollback(file.name):
        raise AuthorError(f"{path} is not a migration")
    _refuse_settled(snapshot, file.name)
    number = free_number(plan) if number is None else number
    new = renumbered(plan, file.name, number)
    _refuse_taken(plan, file.name, new, number)
    changes: list[FileChange] = [RenameFile(path, plan.path_of(new)), *_edited(file, plan.path_of(new), file.name, new)]
    undoing = _rollback_file(snapshot, file.name)
    if undoing is not None:
        name = renumbered(plan, undoing.name, number)
        changes.append(RenameFile(undoing.path, plan.path_of(name)))
        changes += _edited(undoing, plan.path_of(name), file.name, new, (undoing.name, name))
    if plan.manifest is not None and plan.entry(file.name) is not None:
        changes.append(EditFile(plan.manifest.path, editor.reregister(plan.manifest, file.name, new)))
    return SourceChange(f"Renumber to {digits(number, plan.config.migrations.number_width)}", tuple(changes))


def renumbered(plan: Plan, name: str, number: int) -> str:
    """The file name with another number; what follows the number stays as it is."""
    parsed = parse_name(name)
    written = digits(number, plan.config.migrations.number_width)
    return written + name[len(parsed.digits) :] if parsed else f"{written}-{name}"


def _refuse_settled(snapshot: Snapshot, name: str) -> None:
    if snapshot.plan.is_immutable(name):
        raise AuthorError(f"{name} is immutable: it keeps its number")
    for ledger in snapshot.ledgers:
        if state(ledger, name) == "completed":
            raise AuthorError(f"{name} has run on {ledger.environment}: under another name it would run there again")


def _refuse_taken(plan: Plan, old: str, new: str, number: int) -> None:
    if number < 0:
        raise AuthorError(f"{number} is not a number for a migration")
    if any(number in numbers for numbers in immutable_numbers(plan.config)):
        raise AuthorError(f"{number} is one of the immutable numbers: choose {free_number(plan)}")
    if new == old:
        raise AuthorError(f"{old} has the number {number} already")
    parsed = parse_name(old)
    if number in plan.taken and (parsed is None or parsed.number != number):
        raise AuthorError(f"the number {number} is taken: choose {free_number(plan)}")


def _edited(file: File, path: str, old: str, new: str, also: tuple[str, str] | None = None) -> Iterator[EditFile]:
    edits = {}
    for before, after in (pair for pair in ((old, new), also) if pair):
        edits.update({edit.span: edit for edit in _names(file, before, after)})
    found = file.header
    parsed, own = parse_name(old), parse_name(new)
    if found and found.number_span and parsed and own and found.number == parsed.number:
        title = found.number_span
        if not any(span.start <= title.start < span.end for span in edits):
            edits[title] = Edit(title, own.digits)
    if edits:
        yield EditFile(path, tuple(edits[span] for span in sorted(edits)))


def _names(file: File, old: str, new: str) -> Iterator[Edit]:
    """The places in comments where the file calls itself by its old name."""
    if old not in file.text:
        return
    pattern = re.compile(rf"(?<![\w.-]){re.escape(old)}(?![\w-])")
    for statement, start in file.statements.placed():
        if old not in statement.text:
            continue
        for line in comment_lines(statement.text, 0, skip_trivia(statement.text, 0)):
            for match in pattern.finditer(line.words):
                yield Edit(Span(*match.span()).shifted(start + line.start), new)


def _rollback_file(snapshot: Snapshot, name: str) -> File | None:
    """The file that undoes *name*: "043-x-rollback.sql" beside "043-x.sql"."""
    stem = name.removesuffix(".sql")
    for other in snapshot.plan.names:
        if other.startswith(stem) and is_rollback(other) and re.fullmatch(r"[-_.]\w+\.sql", other[len(stem) :]):
            return snapshot.files.get(snapshot.plan.path_of(other))
    return None
