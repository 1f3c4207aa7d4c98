"""A catalog and a server that are given the same statements, one after the other, and what each makes of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import psycopg

from mig_lsp import replay
from mig_lsp.core.catalog.layer import Layer
from mig_lsp.core.catalog.moment import Moment, Objection, Setting
from mig_lsp.core.catalog.statements import carry_out
from mig_lsp.core.catalog.values import UNKNOWN, Origin, Table, Value, View
from mig_lsp.core.runner.profile import RDS_DATA_API, Runner
from mig_lsp.core.runner.split import Chunk
from mig_lsp.core.sql import statement
from mig_lsp.core.sql.statement import Statement
from mig_lsp.core.sql.widths import mismatch
from tests.support import introspect
from tests.support.oracle import REFUSED_FOR_THE_TEXT

Kind = Literal["carried out", "refused", "other code", "false", "text", "explained", "unknown", "miss"]

KINDS: dict[Kind, str] = {
    "carried out": "the server carries it out, the catalog has no objection",
    "refused": "the server refuses it, the catalog objects with the same SQLSTATE",
    "other code": "the server refuses it, the catalog objects with another SQLSTATE",
    "false": "the catalog objects, the server carries it out",
    "text": "the server refuses the text or what the session lacks, which is told without a catalog",
    "explained": "the server refuses it for a reason that a catalog does not tell (see below)",
    "unknown": "the server refuses it, and something that the statement asks of the catalog is not known there",
    "miss": "the server refuses it, the catalog has no objection",
}
"""How the two can compare, in the order in which they are told."""

EXPLAINED = (
    ("22", "", "a value, as the rows or the statement have it"),
    ("23", "", "the rows that are there or come"),
    ("P0", "", "what a function's body does"),
    ("2F", "", "what a function's body does"),
    ("0A000", "system column", "a system column in a definition"),
    ("0A000", "", "something that this server does not do"),
    ("25P01", "", "a transaction block is missing: the rules of the runner tell"),
    ("26000", "", "a prepared statement of another session: the rules of the runner tell"),
    ("34000", "", "a cursor of another session: the rules of the runner tell"),
    ("42501", "is a system catalog$", "a table with the name of one of the server's own"),
    ("42501", "", "the privileges of the role that runs the file"),
    ("42704", "^role ", "a role, which anybody may have made: roles belong to the server"),
    ("42704", "operator class", "an operator class, which an extension may bring"),
    ("42803", "", "the columns of a grouped query"),
    ("42804", "", "the type of an expression"),
    ("42883", "^(operator|could not identify)", "an operator between two types"),
    ("42883", "^(function|procedure|aggregate) ", "a function by its name and the types of its arguments"),
    ("42P17", "IMMUTABLE", "whether a function always returns the same"),
    ("2BP01", "typed table", "a corner that is left to the server"),
    ("42611", "generated column", "a corner that is left to the server"),
    ("42809", "^ALTER action", "a corner that is left to the server"),
    ("42P10", "system column", "a system column in a definition"),
    ("42P16", "data type of view column", "the type of an expression"),
    ("42P16", "(non-temporary schema|member of itself)", "a corner that is left to the server"),
    ("55000", "^cannot [a-z ]+ view ", "whether rows can be written through a view"),
    ("55P04", "", "a new label of an enum before it is committed"),
    ("58P01", "", "an extension's files on the server"),
    ("XX000", "", "a fault inside the server"),
)
"""Refusals that no catalog foretells: how the SQLSTATE and what of the message begins, or is in it, and the reason."""


def reason(answer: replay.Answer) -> str:
    """Why no catalog foretells that answer; "" when one should."""
    return next(
        (
            reason
            for sqlstate, message, reason in EXPLAINED
            if answer.sqlstate.startswith(sqlstate) and re.search(message, answer.message)
        ),
        "",
    )


class Outcome(NamedTuple):
    """A statement, what the catalog made of it, and what the server said."""

    sql: str
    moment: Moment
    answer: replay.Answer

    @property
    def objections(self) -> Sequence[Objection]:
        """What the catalog objects."""
        return self.moment.objections

    @property
    def kind(self) -> Kind:
        """How the two compare."""
        state = self.answer.sqlstate
        if not self.answer.failed:
            return "false" if self.objections else "carried out"
        if self.objections:
            return "refused" if state in {objection.sqlstate for objection in self.objections} else "other code"
        if state in REFUSED_FOR_THE_TEXT and (state != "42601" or _is_wrong_text(self.moment.statement)):
            return "text"
        if reason(self.answer):
            return "explained"
        if "pg_" in self.sql + self.answer.detail:  # the server's own tables are not in the catalog
            return "unknown"
        return "unknown" if any(map(_is_unknown, self.moment.reads.values())) else "miss"

    def __str__(self) -> str:
        said = "; ".join(f"{o.sqlstate} {o.reason} {o.what} {'.'.join(o.name)} {o.detail}" for o in self.objections)
        server = f"{self.answer.sqlstate} {self.answer.message}" if self.answer.failed else "nothing"
        return f"{self.kind}: {self.sql}\n    server: {server}\n    catalog: {said or 'nothing'}"


class Trial:
    """An empty catalog and the database of *connection*, which are to be the same; see `step`."""

    def __init__(self, connection: psycopg.Connection[Any], runner: Runner = RDS_DATA_API) -> None:
        version = connection.info.server_version // 10_000
        self.connection = connection
        self.runner = runner
        self.setting = Setting(keeps_session=runner.keeps_session, version=version)
        self.layer = Layer()
        self.place = 0
        self.outcomes: list[Outcome] = []

    def begin(self, setup: str) -> None:
        """Gives both *setup*, which is in order, in one go."""
        self.connection.execute(setup.encode())
        for item in _read(setup):
            moment = Moment(item, Origin("001-setup.sql", self.place), self.setting, self.layer)
            carry_out(moment)
            assert moment.objections == []
            self.layer.leave(self.place, moment.writes)
            self.place += 1

    def step(self, sql: str, path: str = "010-trial.sql") -> Outcome:
        """Gives both one statement.

        What the server refused the catalog forgets, so that both stay the same whatever the catalog made of it.
        """
        (item,) = _read(sql)
        moment = Moment(item, Origin(path, self.place), self.setting, self.layer)
        carry_out(moment)
        answer = replay.send(self.connection.pgconn, self.runner, Chunk(sql, "whole-file"))
        if not self.runner.keeps_session:
            replay.new_session(self.connection.pgconn)
        if not answer.failed:
            self.layer.leave(self.place, moment.writes)
            self.place += 1
        outcome = Outcome(sql, moment, answer)
        self.outcomes.append(outcome)
        return outcome

    def differences(self) -> list[str]:
        """What the server holds otherwise than the catalog says."""
        server = introspect.actual(self.connection)
        return introspect.differences(server, lambda key: self.layer.look(key, self.place), self.layer.versions)


@lru_cache(maxsize=1_000)
def _read(sql: str) -> tuple[Statement, ...]:
    """The statements of *sql*; those that many cases begin with are parsed once."""
    return tuple(item for item in statement.read(sql).items if not item.blank)


def _is_wrong_text(item: Statement) -> bool:
    """Whether a rule of the syntax says that the server refuses the statement: syntax-error or column-count."""
    return not item.kind or mismatch(item) is not None


def wipe(connection: psycopg.Connection[Any]) -> None:
    """Leaves nothing in the connection's database, and no role but the server's own; far faster than a new database."""
    replay.new_session(connection.pgconn)
    drops = connection.execute(_DROPS).fetchall()
    for (drop,) in drops:
        connection.execute(drop)
    connection.execute("CREATE SCHEMA public; GRANT ALL ON SCHEMA public TO public")


def _is_unknown(value: Value) -> bool:
    if isinstance(value, Table):
        return not value.whole or any(column.type is None for column in value.columns.values())
    if isinstance(value, View):
        return value.columns is None
    return value is UNKNOWN


def count(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """How often each kind came, also those that never did."""
    seen = Counter(outcome.kind for outcome in outcomes)
    return {kind: seen[kind] for kind in KINDS}


def not_foretold(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """How often each reason explained a refusal, as "SQLSTATE reason"."""
    explained = (each.answer for each in outcomes if each.kind == "explained")
    return dict(Counter(f"{answer.sqlstate} {reason(answer)}" for answer in explained))


_DROPS = b"""
    SELECT format('DROP EVENT TRIGGER %I', evtname) FROM pg_event_trigger
    UNION ALL SELECT format('DROP PUBLICATION %I', pubname) FROM pg_publication
    UNION ALL SELECT format('DROP EXTENSION %I CASCADE', extname) FROM pg_extension WHERE extname <> 'plpgsql'
    UNION ALL SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace
               WHERE nspname !~ '^(pg_|information_schema$)'
    UNION ALL SELECT format('DROP OWNED BY %1$I CASCADE; DROP ROLE %1$I', rolname) FROM pg_roles
               WHERE rolname !~ '^(pg_|postgres$)'
"""
