"""Whatever stands in the files: nothing fails or hangs, findings lie in the text, fixes help, edits change nothing.

`judge.py` says what must be true, `statements.py` makes the files.
"""

from __future__ import annotations

import random
import re
import subprocess
import sys

import pytest
from pglast import ast

from mig_lsp.core.sql.parse import parse
from tests.fuzz import statements
from tests.fuzz.statements import STATEMENTS
from tests.support.effort import Effort

# Nodes called statements that no statement of a file is: parts of others, and what the server makes itself.
_NO_STATEMENTS = {"PLAssignStmt", "RawStmt", "ReplicaIdentityStmt", "ReturnStmt", "SetOperationStmt"}


def test_every_kind_of_statement_is_made() -> None:
    kinds = {name for name in dir(ast) if name.endswith("Stmt")}
    assert kinds - _NO_STATEMENTS == {*STATEMENTS}


def test_what_is_made_is_in_the_grammar() -> None:
    tried, wrong = 0, []
    for kind in STATEMENTS:
        for seed in range(20):
            sql = statements.statement(random.Random(seed), kind)
            found = [tree.kind for tree in parse(sql).trees]
            tried += 1
            if found[:1] != [kind]:
                wrong.append(sql)
    assert len(wrong) < tried / 33, wrong[:10]


@pytest.mark.parametrize("part", range(2))
def test_any_files(seed: int, part: int, effort: Effort) -> None:
    count = effort.count(20, 1_000)
    command = [sys.executable, "-m", "tests.fuzz.judge", str(seed), str(part * count), str(count)]
    tried = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    last = re.findall(r"^\d+$", tried.stdout, re.MULTILINE)[-1:]
    assert (0, [str(part * count + count - 1)]) == (tried.returncode, last), tried.stderr[-8_000:]
