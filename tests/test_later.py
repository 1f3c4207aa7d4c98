from __future__ import annotations

import subprocess
import sys

from tests.support.files import environment

CLASSES = "sorted(name for name in sys.modules if name.startswith('pglast.enums.'))"


def said(program: str) -> str:
    command = [sys.executable, "-c", "import sys; from mig_lsp import later; later.put_off();" + program]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment()).stdout.strip()


def test_the_grammars_classes_are_not_loaded_to_parse() -> None:
    program = "from mig_lsp.core.sql import parse; print(parse.parse('SELECT 1').trees[0].kind);"
    assert said(f"{program} print({CLASSES})") == "SelectStmt\n[]"


def test_what_was_put_off_is_there_when_it_is_used() -> None:
    program = "import pglast; print(pglast.parse_sql('SELECT 1')[0].stmt.__class__ is pglast.ast.SelectStmt);"
    assert said(f"{program} print('pglast.enums.parsenodes' in {CLASSES})") == "True\nTrue"


def test_a_part_of_what_was_put_off_can_be_imported_by_itself() -> None:
    assert said("from pglast.enums.nodes import CmdType; print(CmdType.CMD_SELECT.name)") == "CMD_SELECT"


def test_what_is_missing_is_missing_as_usual() -> None:
    assert said("from pglast import enums; print(hasattr(enums, 'no_such_name'))") == "False"


def test_twice_is_as_once() -> None:
    program = "later.put_off(); print(sum(type(each).__module__ == 'mig_lsp.later' for each in sys.meta_path))"
    assert said(program) == "1"
