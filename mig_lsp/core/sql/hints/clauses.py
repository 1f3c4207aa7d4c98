"""Hints about clauses: unknown to PostgreSQL, in the wrong place, without a comma, a parenthesis or a `;`."""

from __future__ import annotations

from mig_lsp.core.change import Edit
from mig_lsp.core.sql.hints.faulty import Faulty, Hint
from mig_lsp.core.sql.lexer import Kind
from mig_lsp.core.sql.parse import parse
from mig_lsp.core.text import Span

_REPLACEABLE = {"TRIGGER", "FUNCTION", "PROCEDURE", "VIEW", "RULE", "AGGREGATE"}
_EXISTING = {"TABLE", "INDEX", "SEQUENCE", "SCHEMA", "EXTENSION", "MATERIALIZED"}
_STATEMENTS = frozenset(
    {"ALTER", "BEGIN", "CALL", "COMMENT", "COMMIT", "COPY", "CREATE", "DELETE", "DO", "DROP", "EXPLAIN", "GRANT"}
    | {"INSERT", "LOCK", "MERGE", "REFRESH", "REINDEX", "REVOKE", "ROLLBACK", "SELECT", "SET", "TRUNCATE", "UPDATE"}
    | {"VACUUM", "WITH"}
)


def if_exists(faulty: Faulty) -> Hint | None:
    """IF [NOT] EXISTS where the grammar has none, or elsewhere."""
    at = next((i for i in (faulty.index, faulty.index - 1, faulty.index - 2) if faulty.word(i) == "IF"), None)
    if at is None:
        return _without_name(faulty)
    if faulty.words(at, "IF", "NOT", "EXISTS"):
        return _if_not_exists(faulty, at)
    if not faulty.words(at, "IF", "EXISTS"):
        return None
    if faulty.words(0, "CREATE") and faulty.mended(edit := faulty.insert(at + 1, "NOT")):
        return Hint("a CREATE says IF NOT EXISTS", "Insert NOT", (edit,), safe=True)
    for target in range(at - 1, max(at - 8, 0), -1) if at == faulty.index else ():
        edits = (faulty.insert(target, "IF EXISTS"), faulty.delete(at, at + 1))
        if faulty.mended(*edits):
            return Hint(f"IF EXISTS stands before {faulty.text(target)}", "Move IF EXISTS", edits, safe=True)
    before = " ".join(faulty.word(index) for index in range(max(at - 2, 0), at))
    return Hint(f"there is no {before} IF EXISTS")


def or_replace(faulty: Faulty) -> Hint | None:
    """OR REPLACE of something that cannot be replaced."""
    if not faulty.words(0, "CREATE", "OR", "REPLACE") or faulty.index != 3:
        return None
    kind = faulty.word(3)
    last = 4 if kind in {"MATERIALIZED", "UNIQUE"} else 3
    shown = " ".join(faulty.word(index) for index in range(3, last + 1))
    problem = f"{'an' if shown[:1] in set('AEIOU') else 'a'} {shown} cannot be replaced"
    edits = (faulty.delete(1, 2), faulty.insert(last + 1, "IF NOT EXISTS"))
    if faulty.word(last) in _EXISTING | {"VIEW"} and faulty.mended(*edits):
        text = f"{problem}: write CREATE {shown} IF NOT EXISTS, or drop it first"
        return Hint(text, "Write IF NOT EXISTS", edits)
    if faulty.mended(edits[0]):
        return Hint(f"{problem}: drop it first, with IF EXISTS", "Delete OR REPLACE", edits[:1])
    return Hint(f"{problem}: drop it first, with IF EXISTS")


def on_conflict(faulty: Faulty) -> Hint | None:
    """The many ways to get ON CONFLICT wrong."""
    start = next((i for i in range(faulty.index, -1, -1) if faulty.words(i, "ON", "CONFLICT")), None)
    if start is None or faulty.index - start > 12:
        return None
    index = faulty.index
    repairs: list[tuple[str, str, tuple[Edit, ...]]] = []
    if index < len(faulty.tokens):
        repairs = [
            ("DO is missing before UPDATE or NOTHING", "Insert DO", (faulty.insert(index, "DO"),)),
            ("SET is missing behind DO UPDATE", "Insert SET", (faulty.insert(index, "SET"),)),
            ("PostgreSQL says DO NOTHING", "Write DO NOTHING", (faulty.replace(index, "NOTHING"),)),
            ("PostgreSQL says DO NOTHING", "Write DO NOTHING", (faulty.replace(index, "DO NOTHING"),)),
            ("a constraint is named with ON CONSTRAINT", "Insert ON", (faulty.insert(index, "ON"),)),
            ("a constraint is named with ON CONSTRAINT", "Insert CONSTRAINT", (faulty.insert(index, "CONSTRAINT"),)),
            (
                "columns stand in parentheses",
                "Add the parentheses",
                (faulty.replace(index, f"({faulty.text(index)})"),),
            ),
            ("DO UPDATE takes no table name", "Delete the table name", (faulty.delete(index),)),
        ]
    repairs.append(("say what to do: DO NOTHING or DO UPDATE SET ...", "", (faulty.insert(index, "DO NOTHING"),)))
    for text, title, edits in repairs:
        if faulty.mended(*edits):
            return Hint(text, title, edits if title else ())
    return Hint("write ON CONFLICT (columns) DO NOTHING, or DO UPDATE SET column = excluded.column")


def alter_column(faulty: Faulty) -> Hint | None:
    """`ALTER COLUMN a int`, `ALTER COLUMN a NOT NULL` and `ADD COLUMN (a int)`."""
    index = faulty.index
    if faulty.word(index) == "(" and faulty.words(index - 2, "ADD", "COLUMN"):
        return Hint("ADD COLUMN takes one column without parentheses: write ADD COLUMN again for each one")
    if not faulty.words(index - 3, "ALTER", "COLUMN") and not faulty.words(index - 2, "ALTER"):
        return None
    word, name = faulty.word(index), faulty.text(index - 1)
    if word == "NULL" and faulty.mended(edit := faulty.replace(index, "DROP NOT NULL")):
        return Hint(f"to allow NULL write ALTER COLUMN {name} DROP NOT NULL", "Write DROP NOT NULL", (edit,), safe=True)
    missing = "SET" if word in {"NOT", "DEFAULT"} else "TYPE"
    edit = faulty.insert(index, missing)
    text = f"{missing} is missing before {faulty.text(index)}: ALTER COLUMN {name} {missing} ..."
    if faulty.mended(edit):
        return Hint(text, f"Insert {missing}", (edit,), safe=True)
    fault = faulty.fault_after(edit)
    return Hint(text) if fault and fault.offset > faulty.fault.offset + len(missing) + 1 else None


def stray_comma(faulty: Faulty) -> Hint | None:
    """A comma with nothing behind it."""
    if faulty.text(faulty.index - 1) != ",":
        return None
    before = faulty.tokens[faulty.index - 1]
    edit = Edit(Span(before.start, before.end), "")
    if not faulty.mended(edit):
        return None
    behind = faulty.text(faulty.index) or "the end"
    return Hint(
        f"nothing stands between the comma and {behind}: delete the comma", "Delete the comma", (edit,), safe=True
    )


def column_list(faulty: Faulty) -> Hint | None:
    """`ADD COLUMN a int, b text`."""
    if not faulty.words(0, "ALTER", "TABLE"):
        return None
    first = next((i for i in range(faulty.index, 0, -1) if faulty.word(i) == "ADD"), None)
    if first is None:
        return None
    words = "ADD COLUMN"
    if faulty.words(first + 1, "COLUMN", "IF", "NOT", "EXISTS") or faulty.words(first + 1, "IF", "NOT", "EXISTS"):
        words += " IF NOT EXISTS"

    def add(at: Faulty) -> tuple[Edit, ...]:
        return (at.insert(at.index, words),) if at.text(at.index - 1) == "," else ()

    edits = faulty.mended_by_each(add)
    if not edits:
        return None
    name = faulty.text(faulty.index)
    return Hint(f"{words} is missing before {name}: each column needs its own", f"Insert {words}", edits, safe=True)


def missing_semicolon(faulty: Faulty) -> Hint | None:
    """Two statements without a `;` between them."""
    for index in (faulty.index, faulty.index - 1, faulty.index - 2):
        if not 0 < index < len(faulty.tokens) or faulty.word(index) not in _STATEMENTS:
            continue
        if parse(faulty.code[: faulty.tokens[index - 1].end]).fault is not None:
            continue
        certain = index == faulty.index and faulty.starts_line(index)
        if not certain and parse(faulty.code[faulty.tokens[index].start :]).fault is not None:
            continue
        text = f"a ; is missing before {faulty.word(index)}, so two statements became one"
        return Hint(text, "Insert ;", (faulty.behind(index - 1, ";"),))
    return None


def missing_comma(faulty: Faulty) -> Hint | None:
    """Two items without a comma between them."""
    index = faulty.index
    if not 0 < index < len(faulty.tokens):
        return None
    edit = faulty.behind(index - 1, ",")
    if not faulty.mended(edit):
        return None
    return Hint(f"a comma is missing before {faulty.text(index)}", "Insert the comma", (edit,))


def parentheses(faulty: Faulty) -> Hint | None:
    """One parenthesis too many or too few."""
    index = faulty.index
    if faulty.text(index) == ")" and any(depth < 0 for depth in faulty.depths()):
        edit = faulty.delete(index)
        mended = faulty.mended(edit)
        text = "this parenthesis closes nothing: delete it, or open it before"
        return Hint(text, "Delete the parenthesis" if mended else "", (edit,) if mended else ())
    if index < len(faulty.tokens) and not faulty.starts_line(index):
        return None
    opened: list[int] = []
    for position in range(index):
        if faulty.text(position) == "(":
            opened.append(position)
        elif faulty.text(position) == ")" and opened:
            opened.pop()
    if not opened:
        return None
    before = faulty.text(opened[-1] - 1)
    edit = Edit(Span(faulty.tokens[index - 1].end, faulty.tokens[index - 1].end), ")" * len(opened))
    mended = faulty.mended(edit)
    return Hint(
        f"the parenthesis behind {before} is never closed", "Close it" if mended else "", (edit,) if mended else ()
    )


def _if_not_exists(faulty: Faulty, at: int) -> Hint:
    if faulty.words(at - 2, "ADD", "CONSTRAINT"):
        return _constraint(faulty)
    if faulty.words(0, "CREATE"):
        kind = faulty.word(at - 1)
        if faulty.word(at + 3) == "CONCURRENTLY":
            edits = (faulty.insert(at, "CONCURRENTLY"), faulty.delete(at + 3))
            return Hint("CONCURRENTLY stands before IF NOT EXISTS", "Swap them", edits if faulty.mended(*edits) else ())
        if faulty.word(at + 3) == "ON":
            return Hint("an index needs a name behind IF NOT EXISTS")
        if kind == "POLICY" and faulty.word(at + 4) == "ON":
            return _policy(faulty, at)
        if kind == "TYPE":
            return _type(faulty, at)
        if kind in _REPLACEABLE:
            return _replaceable(faulty, at, kind)
        return Hint(f"there is no CREATE {kind} IF NOT EXISTS")
    edit = faulty.delete(at + 1)
    if faulty.mended(edit):
        return Hint(f"behind {faulty.word(0)} stands IF EXISTS, without NOT", "Delete NOT", (edit,), safe=True)
    before = " ".join(faulty.word(index) for index in range(max(at - 2, 0), at))
    return Hint(f"there is no {before} IF NOT EXISTS")


def _constraint(faulty: Faulty) -> Hint:
    edits: list[Edit] = []
    for index in range(len(faulty.tokens)):
        if faulty.words(index, "ADD", "CONSTRAINT", "IF", "NOT", "EXISTS"):
            name = faulty.text(index + 5)
            edits += (faulty.insert(index, f"DROP CONSTRAINT IF EXISTS {name},"), faulty.delete(index + 2, index + 4))
    text = "there is no ADD CONSTRAINT IF NOT EXISTS: put DROP CONSTRAINT IF EXISTS of the same name before it"
    if not faulty.mended(*edits):
        return Hint(text)
    return Hint(text, "Drop the constraint first", tuple(edits))


def _policy(faulty: Faulty, at: int) -> Hint:
    name, table = faulty.text(at + 3), faulty.text(at + 5)
    if faulty.text(at + 6) == ".":
        table += "." + faulty.text(at + 7)
    edits = (faulty.insert(0, f"DROP POLICY IF EXISTS {name} ON {table};\n"), faulty.delete(at, at + 2))
    text = "there is no CREATE POLICY IF NOT EXISTS: put DROP POLICY IF EXISTS of the same name before it"
    return Hint(text, "Drop the policy first", _trimmed(edits)) if faulty.mended(*edits) else Hint(text)


def _trimmed(edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """The edits without the space that `Faulty.insert` puts behind a line end."""
    return tuple(Edit(edit.span, edit.text.removesuffix(" ") if "\n" in edit.text else edit.text) for edit in edits)


def _type(faulty: Faulty, at: int) -> Hint:
    edit = faulty.delete(at, at + 2)
    text = "there is no CREATE TYPE IF NOT EXISTS: leave the words out"
    return Hint(text, "Delete IF NOT EXISTS", (edit,)) if faulty.mended(edit) else Hint(text)


def _replaceable(faulty: Faulty, at: int, kind: str) -> Hint:
    words = faulty.delete(at, at + 2)
    edits = (words,) if faulty.word(1) == "OR" else (faulty.insert(1, "OR REPLACE"), words)
    text = f"there is no CREATE {kind} IF NOT EXISTS: write CREATE OR REPLACE {kind}"
    return Hint(text, "Write OR REPLACE", edits) if faulty.mended(*edits) else Hint(text)


def _without_name(faulty: Faulty) -> Hint | None:
    at = faulty.index - 3
    if faulty.words(at, "IF", "NOT", "EXISTS") and at > 0 and faulty.kind(faulty.index) is Kind.WORD:
        return _if_not_exists(faulty, at)
    return None
