"""One statement at its place in the run: what it asks the catalog, what it leaves there, and what the server objects.

What is asked is remembered, so that the statement is carried out again only when an answer changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from mig_lsp.core.catalog.layer import EVERYTHING, Layer
from mig_lsp.core.catalog.values import UNKNOWN, Gone, Key, Origin, Value, relation_key, routine_key, type_key
from mig_lsp.core.sql.lexer import Kind, tokens
from mig_lsp.core.sql.names import quoted
from mig_lsp.core.sql.statement import Statement
from mig_lsp.core.text import Span

_MOST_OBJECTIONS = 100

Reason = Literal["missing", "exists", "dependent", "wrong-kind", "invalid"]


class Objection(NamedTuple):
    """What the server would refuse a statement for.

    *what* is the server's word for the thing ("table", "column", "constraint", "type", "role", "label", ...), *name*
    its qualified name as written, *of* the key of the table or type that it is a part of. *found* is what stands there:
    a `Gone` that tells where a missing thing went, or the object that exists already; *by* is the key of what depends
    on it. *span* is in the statement's text. *reason* "invalid" has its own *detail*, in words.
    """

    reason: Reason
    what: str
    name: tuple[str, ...]
    sqlstate: str
    span: Span
    of: Key | None = None
    found: Value = None
    by: Key | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for all statements of a set.

    *search_path* are the schemas that an unqualified name is looked for in, in order; a new object goes to the first.
    *keeps_session* tells whether temporary tables and SET live on to the next statement. *given* are the relations of
    "public" that no file makes: the runner's log.
    """

    search_path: tuple[str, ...] = ("public",)
    keeps_session: bool = False
    version: int = 15
    given: tuple[str, ...] = ()


class Moment:
    """A statement that is being carried out: rules ask it too, and what they ask is remembered as well.

    *layer* is that of its file; *reads* are the answers to what was asked, *writes* what the statement leaves. *found*
    is whatever was found out about it, and stays as long as it does.
    """

    __slots__ = ("found", "layer", "objections", "origin", "reads", "setting", "statement", "writes")

    def __init__(self, statement: Statement, origin: Origin, setting: Setting, layer: Layer) -> None:
        self.statement = statement
        self.origin = origin
        self.setting = setting
        self.layer = layer
        self.reads: dict[Key, Value] = {}
        self.writes: dict[Key, Value] = {}
        self.objections: list[Objection] = []
        self.found: object = None

    def before(self, key: Key) -> Value:
        """What stands under *key* before the statement."""
        if key in self.reads:
            return self.reads[key]
        found = self.reads[key] = self.layer.look(key, self.origin.place)
        self.layer.asked.add(key)
        return found

    def get(self, key: Key) -> Value:
        """What stands under *key* now: what the statement itself has put there, or what was there before."""
        return self.writes[key] if key in self.writes else self.before(key)

    def has(self, key: Key) -> bool | None:
        """Whether something stands under *key*; None when nobody can tell."""
        value = self.get(key)
        return None if value is UNKNOWN else value is not None and not isinstance(value, Gone)

    def later(self, key: Key) -> Value:
        """What a later statement of the set first leaves under *key*; None when none does."""
        asked = ("later", *key)
        if asked not in self.reads:
            self.reads[asked] = self.layer.later(key, self.origin.place)
            self.layer.asked.add(asked)
        return self.reads[asked]

    def resting(self, on: Key) -> list[Key]:
        """The keys of all that was noted to rest on the object under *on*, in order; some of it may do so no longer."""
        self._ask_for_all(("resting", *on))
        own = {key[4:] for key in self.writes if key[0] == "rests" and key[1:4] == on}
        return sorted(self.layer.rest_on(on, self.origin.place) | own)

    def look_through(self, kind: str) -> None:
        """Notes that all names of a kind of keys are looked through: a new one is news for this statement."""
        self._ask_for_all(("names", kind))

    def _ask_for_all(self, asked: Key) -> None:
        if asked not in self.reads:
            self.reads[asked] = None
            self.layer.asked.add(asked)

    def put(self, key: Key, value: Value) -> None:
        """Leaves *value* under *key*."""
        self.writes[key] = value

    def doubt(self, *keys: Key) -> None:
        """Leaves under each key what nobody can tell."""
        for key in keys:
            self.writes[key] = UNKNOWN

    def doubt_everything(self) -> None:
        """Leaves what nobody can tell under all keys."""
        self.writes.clear()
        self.writes[EVERYTHING] = UNKNOWN

    def object(
        self,
        reason: Reason,
        what: str,
        name: tuple[str, ...],
        sqlstate: str,
        at: int | Span = -1,
        *,
        of: Key | None = None,
        found: Value = None,
        by: Key | None = None,
        detail: str = "",
    ) -> None:
        """Notes what the server refuses; *at* is a location in the tree (bytes, -1 unknown) or a span of the text.

        The server itself stops at the first one: of very many, the rest is left out.
        """
        if len(self.objections) >= _MOST_OBJECTIONS:
            return
        span = at if isinstance(at, Span) else self.span(name, at)
        self.objections.append(Objection(reason, what, name, sqlstate, span, of, found, by, detail))

    # --- Names ---

    def relation(self, name: tuple[str, ...]) -> tuple[Key, Value]:
        """The relation that *name* means, found along the search path; where there is none, the key it would have."""
        return self._find(relation_key, name)

    def type(self, name: tuple[str, ...]) -> tuple[Key, Value]:
        """The type of the set's own that *name* means; built-in ones are not in the catalog."""
        return self._find(type_key, name)

    def routine(self, name: tuple[str, ...]) -> tuple[Key, Value]:
        """All routines of a name."""
        return self._find(routine_key, name)

    def new(self, make: Callable[[str, str], Key], name: tuple[str, ...]) -> Key:
        """The key of a new object of that name: an unqualified one goes to the first schema of the search path."""
        schema = name[-2] if len(name) > 1 else self.setting.search_path[0]
        return make(schema, name[-1])

    def _find(self, make: Callable[[str, str], Key], name: tuple[str, ...]) -> tuple[Key, Value]:
        if len(name) > 1:
            key = make(name[-2], name[-1])
            return key, self.get(key)
        gone: tuple[Key, Value] | None = None
        for schema in self.setting.search_path:
            key = make(schema, name[-1] if name else "")
            value = self.get(key)
            if isinstance(value, Gone):
                gone = gone or (key, value)
            elif value is not None:
                return key, value
        return gone or (make(self.setting.search_path[0], name[-1] if name else ""), None)

    # --- Places ---

    def span(self, name: Iterable[str], byte: int = -1) -> Span:
        """Where *name* is written: at a location of the tree, or else where its last part first stands."""
        if byte >= 0:
            return self._token_at(self.statement.at(byte), tuple(name))
        last = [*name][-1:]
        for token in self.statement.tokens():
            if token.kind in (Kind.WORD, Kind.QUOTED) and last and unquoted(self._text(token)) == last[0]:
                return Span(token.start, token.end)
        return self.statement.word()

    def _token_at(self, start: int, name: tuple[str, ...]) -> Span:
        """From *start* to the end of the qualified name that begins there."""
        end = start
        parts = max(len(name), 1)
        for token in tokens(self.statement.text, start, self.statement.span.end):
            if token.kind is Kind.COMMENT:
                continue
            if self._text(token) == ".":
                continue
            end = token.end
            parts -= 1
            if parts == 0:
                break
        return Span(start, max(start, end))

    def _text(self, token: tuple[Kind, int, int]) -> str:
        return self.statement.text[token[1] : token[2]]


def unquoted(word: str) -> str:
    """The name that an identifier stands for."""
    if word[:1] == '"':
        return word[1:-1].replace('""', '"')
    return word.translate(_LOWER)


def shown(key: Key, setting: Setting) -> str:
    """A key's name as a person would write it: without the schema where that goes without saying."""
    name = key[1:]
    if len(name) > 1 and name[0] in setting.search_path:
        name = name[1:]
    return quoted(*name)


# PostgreSQL folds ASCII letters only, as far as the text alone tells.
_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
