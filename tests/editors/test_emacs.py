"""Emacs with eglot, set up as its page says."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.editors.install import emacs
from tests.editors.program import ROOT, SCHEMA, demo, environment
from tests.editors.readme import fences

README = ROOT / "editors/emacs/README.md"
SCRIPT = Path(__file__).with_name("emacs.el")


@pytest.mark.parametrize("version", ["28", "30"])
def test_a_person_at_work(tmp_path: Path, version: str) -> None:
    # eglot decodes no URI: of a file below a folder with an é it shows nothing, whatever the server.
    root, program = demo(tmp_path, "demo 1"), emacs(version)
    init = tmp_path / "init.el"
    snippet = fences(README, "elisp")[0]
    init.write_text(snippet, "utf-8")
    path, other = root / SCHEMA / "029-faster-counter.sql", root / SCHEMA / "041-loan-archive.sql"
    done = subprocess.run(
        [*program.command, "--batch", "-l", "eglot", "-l", str(init), "-l", str(SCRIPT), str(path), str(other)],
        env=environment(tmp_path / "home", program.environment),
        cwd=root,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    seen: dict[str, Any] = json.loads(done.stdout)
    assert len(snippet.splitlines()) <= 10
    assert any("the runner refuses the whole file" in each for each in seen["findings"])
    assert "CONCURRENTLY" in seen["places"]
    assert "Chunk 2 of 2" in seen["hover"]
    assert any(each.startswith("Remove CONCURRENTLY") for each in seen["actions"])
    assert "loans" in seen["completion"]
    assert "CREATE INDEX IF NOT EXISTS idx_loans_due_on" in path.read_text("utf-8")
    if version == "30":
        assert seen["others"] > 3
