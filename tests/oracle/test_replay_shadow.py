"""What a migration may do on the throwaway database."""

from __future__ import annotations

from mig_lsp.core.runner.profile import RDS_DATA_API
from mig_lsp.replay import Replay
from mig_lsp.replay_shadow import Migration, replay_all


def run(*texts: str) -> list[Replay]:
    return list(replay_all(RDS_DATA_API, [Migration(text, initial=False) for text in texts]))


def errors(replay: Replay) -> list[str]:
    return [step.answer.sqlstate for step in replay.steps if step.answer.sqlstate]


def test_no_migration_runs_a_program() -> None:
    (replay,) = run("COPY (SELECT 1) TO PROGRAM 'true';\n")
    assert ["42501"] == errors(replay)


def test_a_migration_owns_its_database() -> None:
    first, second = run(
        "CREATE EXTENSION IF NOT EXISTS vector;\nCREATE SCHEMA app;\n"
        "CREATE TABLE app.a (e vector(3));\nCREATE ROLE reader;\n",
        "GRANT SELECT ON app.a TO reader;\nDROP SCHEMA app CASCADE;\n",
    )
    assert [] == errors(first) + errors(second)


def test_an_extension_that_is_not_there_is_the_server_s_to_refuse() -> None:
    (replay,) = run("CREATE EXTENSION IF NOT EXISTS no_such_extension;\n")
    assert 1 == len(errors(replay))
