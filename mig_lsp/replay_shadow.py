"""Runs migrations on a database of their own, made for the purpose and gone afterwards.

The SQL of a workspace is not to be trusted: for a superuser `COPY ... TO PROGRAM` would run any command. So it runs as
a plain role that owns the database, and the superuser only makes the extensions that it asks for by name.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from mig_lsp import shadow
from mig_lsp.core.runner.profile import Runner
from mig_lsp.core.sql.nodes import CreateExtensionStmt
from mig_lsp.core.sql.statement import read
from mig_lsp.replay import Replay, replay_file

if TYPE_CHECKING:
    import psycopg

_ROLE = "migrations"
_PATIENCE = "60s"  # for one statement


class Migration(NamedTuple):
    """A file to run; *initial* says which of its errors the runner tolerates."""

    text: str
    initial: bool


def replay_all(runner: Runner, files: Sequence[Migration]) -> Generator[Replay, None, None]:
    """Runs *files* one after the other, whatever becomes of them; the database lives until the iterator is closed.

    Raises `shadow.UnavailableError` when there is no database to be had, or when it goes away.
    """
    try:
        import psycopg
    except ImportError:
        raise shadow.UnavailableError("a database of its own is needed: install mig-lsp[shadow]") from None
    with shadow.start() as server:
        try:
            _prepare(server, files)
            dsn = server.dsn(_ROLE, _ROLE)
            with psycopg.connect(dsn, autocommit=True, prepare_threshold=None) as connection:
                for file in files:
                    yield replay_file(connection, runner, file.text, initial=file.initial)
        except psycopg.OperationalError as error:
            reason = (str(error).splitlines() or ["no reason was given"])[0]
            raise shadow.UnavailableError(f"the database went away: {reason}") from None


def _prepare(server: shadow.Server, files: Iterable[Migration]) -> None:
    """Makes the role, its database, and in it the extensions that are asked for and that are there."""
    import psycopg
    from psycopg import sql

    role = sql.Identifier(_ROLE)
    with psycopg.connect(server.dsn(), autocommit=True) as owner:
        password = sql.Literal(server.password or None)
        owner.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE PASSWORD {}").format(role, password))
        owner.execute(sql.SQL("ALTER ROLE {} SET statement_timeout = {}").format(role, sql.Literal(_PATIENCE)))
        owner.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))
    with psycopg.connect(server.dsn(_ROLE), autocommit=True) as owner:
        for name in sorted({name for file in files for name in _extensions(file.text)}):
            _make_extension(owner, name)


def _make_extension(owner: psycopg.Connection, name: str) -> None:
    import psycopg
    from psycopg import sql

    try:
        owner.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name)))
    except psycopg.OperationalError:
        raise
    except psycopg.Error:
        return  # it is not there: the migration that asks for it gets the server's own answer


def _extensions(text: str) -> Iterable[str]:
    """The extensions that a migration makes unless they exist; one that insists would find them in its way."""
    for statement in read(text).items:
        tree = statement.tree(CreateExtensionStmt)
        if tree is not None and tree.if_not_exists:
            yield tree.extname
