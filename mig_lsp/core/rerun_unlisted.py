"""Statements that make what the catalog does not list, and that have no IF NOT EXISTS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.catalog.replay import Replayed
from mig_lsp.core.sql.nodes import DefineStmt, DropStmt

_KINDS = {
    "CreateCastStmt": "OBJECT_CAST",
    "CreateConversionStmt": "OBJECT_CONVERSION",
    "CreateEventTrigStmt": "OBJECT_EVENT_TRIGGER",
    "CreateFdwStmt": "OBJECT_FDW",
    "CreateForeignServerStmt": "OBJECT_FOREIGN_SERVER",
    "CreateOpClassStmt": "OBJECT_OPCLASS",
    "CreateOpFamilyStmt": "OBJECT_OPFAMILY",
    "CreateTransformStmt": "OBJECT_TRANSFORM",
}
_WORDS = {
    "OBJECT_FDW": "foreign data wrapper",
    "OBJECT_OPCLASS": "operator class",
    "OBJECT_OPFAMILY": "operator family",
    "OBJECT_TSCONFIGURATION": "text search configuration",
    "OBJECT_TSDICTIONARY": "text search dictionary",
    "OBJECT_TSPARSER": "text search parser",
    "OBJECT_TSTEMPLATE": "text search template",
}
_DEFINED = frozenset(("OBJECT_OPERATOR", *(kind for kind in _WORDS if kind.startswith("OBJECT_TS"))))


class Unlisted(NamedTuple):
    """A statement (by number) that makes a *what* and is refused when that is there."""

    statement: int
    what: str
    moment: Moment


def unlisted(file: Replayed) -> Iterator[Unlisted]:
    """The statements of a file that make such a thing, and that no DROP of such a thing stands before."""
    dropped: set[str] = set()
    for number, (kind, moment) in file.notebook.noted("unlisted", file.moments, _note).pairs():
        if moment.statement.kind == "DropStmt":
            dropped.add(kind)
        elif kind not in dropped:
            yield Unlisted(number, _WORDS.get(kind, kind.removeprefix("OBJECT_").replace("_", " ").lower()), moment)


def _note(moment: Moment | None) -> tuple[str, Moment] | None:
    """What a statement drops, or makes and is refused for when that is there."""
    if moment is None:
        return None
    if moment.statement.kind == "DropStmt":
        drop = moment.statement.tree(DropStmt)
        return (drop.remove_type, moment) if drop is not None else None
    kind = _kind(moment)
    if not kind or moment.writes or moment.objections or _is_guarded(moment):
        return None
    return kind, moment


def _kind(moment: Moment) -> str:
    statement = moment.statement
    if statement.kind != "DefineStmt":
        return _KINDS.get(statement.kind, "")
    define = statement.tree(DefineStmt)
    return define.kind if define is not None and define.kind in _DEFINED else ""


def _is_guarded(moment: Moment) -> bool:
    words = moment.statement.code[:80].upper().split()
    return words[1:3] == ["OR", "REPLACE"] or "EXISTS" in words
