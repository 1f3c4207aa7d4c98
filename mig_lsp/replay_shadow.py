"""Runs migrations on a database of their own, made for the purpose and gone afterwards."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import NamedTuple

from mig_lsp import shadow
from mig_lsp.core.runner.profile import Runner
from mig_lsp.replay import Replay, replay_file


class Migration(NamedTuple):
    """A file to run; *initial* says which of its errors the runner tolerates."""

    text: str
    initial: bool


def replay_all(runner: Runner, files: Iterable[Migration]) -> Generator[Replay, None, None]:
    """Runs *files* one after the other, whatever becomes of them; the database lives until the iterator is closed.

    Raises `shadow.UnavailableError` when there is no database to be had, or when it goes away.
    """
    try:
        import psycopg
    except ImportError:
        raise shadow.UnavailableError("a database of its own is needed: install mig-lsp[shadow]") from None
    with shadow.start() as server:
        try:
            with psycopg.connect(server.dsn(), autocommit=True, prepare_threshold=None) as connection:
                for file in files:
                    yield replay_file(connection, runner, file.text, initial=file.initial)
        except psycopg.OperationalError as error:
            reason = (str(error).splitlines() or ["no reason was given"])[0]
            raise shadow.UnavailableError(f"the database went away: {reason}") from None
