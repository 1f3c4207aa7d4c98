"""Helix in a terminal, set up as its page says; keys are typed, the screen is read."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.editors.install import helix, tmux
from tests.editors.program import ROOT, SCHEMA, demo, environment, until
from tests.editors.readme import fences

README = ROOT / "editors/helix/README.md"


class Screen:
    """A program in a terminal of 140 columns."""

    def __init__(self, command: list[str], variables: dict[str, str]) -> None:
        self._command, self._variables = command, variables

    def run(self, *words: str) -> str:
        """What a command of tmux prints."""
        done = subprocess.run([*self._command, *words], env=self._variables, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def text(self) -> str:
        """What is on the screen."""
        return self.run("capture-pane", "-p")

    def type(self, *keys: str) -> None:
        """Keys, by tmux' names or as they are."""
        self.run("send-keys", *keys)

    def escape(self) -> None:
        """The key Escape; what follows at once would be taken for a key with Alt."""
        self.type("Escape")
        time.sleep(0.5)

    def until(self, *parts: str) -> str:
        """The screen, once it shows all of the texts."""
        shown = ""

        def shows() -> bool:
            nonlocal shown
            shown = self.text()
            return all(part in shown for part in parts)

        try:
            until(f"{parts} on the screen", shows)
        except AssertionError:
            raise AssertionError(f"{parts} is not on the screen:\n{shown}") from None
        return shown


@contextmanager
def terminal(home: Path, folder: Path, command: list[str], more: dict[str, str]) -> Iterator[Screen]:
    """A program that runs in a terminal until the end of the block."""
    program = tmux()
    variables = environment(home, {**program.environment, **more, "TERM": "xterm-256color", "SHELL": "/bin/sh"})
    socket = home / "tmux"
    screen = Screen([*program.command, "-u", "-f", os.devnull, "-S", str(socket)], variables)
    screen.run("new-session", "-d", "-x", "140", "-y", "40", "-c", str(folder), shlex.join(command))
    try:
        yield screen
    finally:
        screen.run("kill-server")


def test_a_person_at_work(tmp_path: Path) -> None:
    home, root, program = tmp_path / "home", demo(tmp_path), helix()
    snippet = fences(README, "toml")[0]
    assert len(snippet.splitlines()) <= 10
    config = home / "config/helix/languages.toml"
    config.parent.mkdir(parents=True)
    config.write_text(snippet, "utf-8")
    path = root / SCHEMA / "029-faster-counter.sql"
    with terminal(home, root, [*program.command, str(path)], dict(program.environment)) as screen:
        screen.until("-- Migration 029")
        screen.until("●")  # in the gutter

        # The findings of files that nobody opened; the list does not grow while it is shown.
        def listed() -> bool:
            screen.type(" ", "D")
            screen.until("severity")
            time.sleep(0.5)
            shown = screen.text()
            screen.escape()
            return "031-letters.sql" in shown

        until("the findings of all files", listed)

        # To the last finding, its hover, its fix.
        screen.type("]", "D")
        screen.until("refuses the whole file")
        screen.type(" ", "k")
        screen.until("Chunk 2 of 2")
        screen.escape()
        screen.type(" ", "a")
        screen.until("Remove CONCURRENTLY")
        screen.type("Enter")
        screen.until("CREATE INDEX IF NOT EXISTS")

        # é and 😀 stand before the place that is completed.
        screen.escape()
        screen.type("g", "e", "o")
        screen.type("-l", "/* é 😀 */ SELECT * FROM loa")
        screen.type("C-x")
        screen.until("FROM loa", "overdue_loans")
        screen.type("Tab")
        screen.until("FROM loans")
        screen.escape()
        screen.type(":w", "Enter")
        until("the file on the disk", lambda: "FROM loans" in path.read_text("utf-8"))
        assert "CONCURRENTLY" not in path.read_text("utf-8")
