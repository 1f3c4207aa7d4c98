"""Completion in the first line of a migration, and in a migration that is still empty."""

from __future__ import annotations

import re

from mig_lsp.core.author import AuthorError
from mig_lsp.core.author.new import free_number, insert_header
from mig_lsp.core.change import EditFile
from mig_lsp.core.features.completion_item import Completion, ranked
from mig_lsp.core.migration import digits, is_rollback, parse_name
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.text import Span


def in_header(snapshot: Snapshot, file: File, offset: int, today: str) -> list[Completion] | None:
    """The title by the file's own name, the name itself, and a whole header where there is nothing yet.

    None where the cursor is not in the first comment line, nor in front of everything.
    """
    line = file.lines.span(file.lines.line_at(offset))
    before, rest = file.text[line.start : offset], file.text[offset : line.end]
    match = _COMMENT.fullmatch(before)
    if match is None or file.text[: line.start].strip(_BLANK) or (match["sign"] is None and rest.strip()):
        return None
    begun = match["begun"]
    span = Span(offset - len(begun), offset if rest.strip() else line.end)
    sign = "" if match["sign"] else "-- "
    found = []
    for number, (words, detail) in enumerate(_titles(snapshot, file)):
        if words.lower().startswith(begun.lower()):
            found.append(Completion(words, sign + words, span, "header", detail, sort=ranked(1, number)))
    if not file.text.strip(_BLANK + "-"):
        found += _template(snapshot, file, today)
    return found


_COMMENT = re.compile(r"[ \t\ufeff]*(?P<sign>--+[ \t]*)?(?P<begun>(?(sign)[^\r\n]*|))")
_BLANK = " \t\r\n\f\v\ufeff"


def _titles(snapshot: Snapshot, file: File) -> list[tuple[str, str]]:
    parsed = parse_name(file.name)
    if parsed is None or is_rollback(file.name):
        width = snapshot.plan.config.migrations.number_width
        return [(f"Migration {digits(free_number(snapshot.plan), width)}: ", "the next number")]
    words = re.sub(r"[-_]+", " ", parsed.description).strip()
    return [(f"Migration {parsed.digits}: {words}", "the title by the file's name"), (file.name, "this file's name")]


def _template(snapshot: Snapshot, file: File, today: str) -> list[Completion]:
    """The header that the command would insert, in place of all that is there."""
    try:
        change = insert_header(snapshot, file.path, today)
    except AuthorError:
        return []
    edits = [
        edit for each in change.files if isinstance(each, EditFile) and each.path == file.path for edit in each.edits
    ]
    text = "".join(edit.text for edit in edits)
    documentation = f"```sql\n{text}```"
    whole = Span(0, len(file.text))
    return [
        Completion(
            "Migration header", text, whole, "header", "with requirements and rollback", documentation, ranked(0)
        )
    ]
