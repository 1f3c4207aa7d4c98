"""The runner ends a chunk inside a statement: the server gets two halves and refuses the first."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mig_lsp.core.change import Edit, Finding, Fix, Related, Severity, apply
from mig_lsp.core.delivery import Cut, deliver
from mig_lsp.core.rules import Category
from mig_lsp.core.runner.rewrite import block_ends, escape_string, line_comments, single_quoted_function
from mig_lsp.core.runner.split import read
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.sql.lexer import Kind
from mig_lsp.core.sql.parse import parse
from mig_lsp.core.text import Span, line_ending

CATEGORY: Category = "runner"
SEVERITY = Severity.ERROR

_PLPGSQL = re.compile(r"language\s+'?plpgsql\b", re.I)
_PROCEDURE = re.compile(r"create\s+(or\s+replace\s+)?procedure\b", re.I)


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    runner = snapshot.plan.runner
    seen: set[int] = set()
    for cut in deliver(file, runner).cuts:
        statement, start = cut.statement
        if start in seen or (statement.fault and cut.inside is None):
            continue
        if statement.kind == "DoStmt" and cut.inside is not None and cut.inside.kind is Kind.DOLLAR:
            continue  # do-block says it, with the way out
        seen.add(start)
        if cut.inside is not None and cut.inside.kind is Kind.BROKEN:
            continue  # syntax-error says where the string begins that never ends
        where, way_out = _explain(cut, file)
        yield Finding(
            "split-statement",
            Span(cut.offset, cut.offset + 1),
            f"the runner cuts the statement at this ';', {where}, and the server refuses the first half: {way_out}",
            _fix(snapshot, file, cut),
            (Related(file.path, _first_line(file, cut), "the statement that is cut"),),
        )


def _explain(cut: Cut, file: File) -> tuple[str, str]:
    """Where the cut falls, and the way out."""
    kind = cut.statement.statement.kind
    if cut.inside is None:
        where = "in its body"
    elif cut.inside.kind is Kind.COMMENT:
        if file.text.startswith("--", cut.inside.start):
            return "at a comment", "end the comment without a ';'"
        return "in a block comment", "write it as '--' lines"
    elif cut.inside.kind is Kind.STRING:
        where = "in a string"
    else:
        where = "in a dollar-quoted body"
    match kind:
        case "CreateFunctionStmt" if _is_plpgsql_function(cut):
            if cut.inside is not None and cut.inside.kind is Kind.STRING:
                return where, "put a space before the ';' of each line that ends with );"
            return where, "put the body in single quotes, with ' LANGUAGE plpgsql; as its end"
        case "CreateFunctionStmt" if not _PROCEDURE.match(cut.statement.statement.code):
            return (
                where,
                "write it on one line, or in PL/pgSQL with a single-quoted body that ends with ' LANGUAGE plpgsql;",
            )
        case "DoStmt":
            return where, "write plain statements with IF EXISTS or IF NOT EXISTS"
        case _ if cut.inside is not None and cut.inside.kind is Kind.STRING:
            return where, "write the string on one line, as E'...;\\n...'"
        case _:
            return where, "write the whole statement on one line"


def _is_plpgsql_function(cut: Cut) -> bool:
    code = cut.statement.statement.code
    return _PROCEDURE.match(code) is None and _PLPGSQL.search(code) is not None


def _fix(snapshot: Snapshot, file: File, cut: Cut) -> Fix | None:
    statement, start = cut.statement
    if statement.fault:
        return None
    fix = None
    rewritten = single_quoted_function(statement)
    if rewritten is not None:
        span = Span(start + statement.span.start, start + len(statement.text))
        eol = line_ending(file.text)
        text = rewritten.replace("\r\n", "\n").replace("\n", eol)
        fix = Fix("Quote the body the way the runner needs it", (Edit(span, text),))
    elif cut.inside is not None and cut.inside.kind is Kind.STRING and _is_plpgsql_function(cut):
        edits = (Edit(Span(place, place), " ") for place in block_ends(file.text, cut.inside))
        fix = Fix("Put a space before the ';' that ends with ');'", tuple(edits))
    elif cut.inside is not None and cut.inside.kind is Kind.STRING:
        token = file.text[cut.inside.start : cut.inside.end]
        if token[0] in "'eE":
            fix = Fix(
                "Write the string on one line", (Edit(Span(cut.inside.start, cut.inside.end), escape_string(token)),)
            )
    elif cut.inside is not None and cut.inside.kind is Kind.COMMENT:
        fix = _fix_comment(file, cut)
    return fix if fix is not None and _works(snapshot, cut, fix) else None


def _fix_comment(file: File, cut: Cut) -> Fix | None:
    assert cut.inside is not None
    span = Span(cut.inside.start, cut.inside.end)
    comment = file.text[span.start : span.end]
    if comment.startswith("--"):
        end = cut.offset + 1
        while file.text[end - 1] in "; \t":
            end -= 1
        return Fix("Remove the ';' that ends the comment", (Edit(Span(end, span.end), ""),))
    line = file.lines.line_at(span.start)
    alone = not file.text[file.lines.span(line).start : span.start].strip()
    rest = file.lines.span(file.lines.line_at(span.end)).end
    if not alone or file.text[span.end : rest].strip() or "/*" in comment[2:]:
        return None
    return Fix("Write it as line comments", (Edit(span, line_comments(comment, line_ending(file.text))),))


def _works(snapshot: Snapshot, cut: Cut, fix: Fix) -> bool:
    """Whether the runner sends the fixed statement whole, which is another one than before."""
    statement, start = cut.statement
    edits = (Edit(edit.span.shifted(-start), edit.text) for edit in fix.edits)
    text = apply(statement.text, edits)
    chunks = read(snapshot.plan.runner, text.lstrip()).items
    sent = [chunk.sql for chunk in chunks if chunk.sql]
    return text != statement.text and len(sent) == 1 and parse(sent[0]).fault is None


def _first_line(file: File, cut: Cut) -> Span:
    span = cut.statement.span
    return Span(span.start, min(span.end, file.lines.span(file.lines.line_at(span.start)).end))
