"""What can go wrong: each thing is said once, with what to do, and the editor goes on."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.editors.vscode.editor import Editor, Page
from tests.editors.vscode.install import Installation
from tests.editors.vscode.seen import CUT, SHOTS, count, eventually, findings, press, show, toast, toasts
from tests.editors.vscode.workspace import Workspace


def test_a_server_that_ends_is_started_again_and_findings_come_back(editor: Editor, page: Page, folder: Path) -> None:
    workspace = Workspace(folder / "killed")
    window = editor.window(page, workspace.root)
    findings(window, workspace.migration(CUT))
    before = int((workspace.notes / "server.pid").read_text())
    os.kill(before, signal.SIGKILL)
    eventually(lambda: int((workspace.notes / "server.pid").read_text() or before), lambda now: now != before)
    findings(window, workspace.migration(CUT), "split-statement")
    assert [] == toasts(page)


def test_a_server_that_keeps_ending_is_given_up_with_one_message(editor: Editor, page: Page, folder: Path) -> None:
    workspace = Workspace(folder / "crashing", broken='sys.exit("no luck today")')
    editor.window(page, workspace.root)
    said = toast(page, "ended 4 times")
    assert "no luck today" in said
    assert "Show Log" in said
    time.sleep(1)
    assert 1 == len(toasts(page))


def test_a_setting_that_names_nothing_is_said_once(editor: Editor, page: Page, folder: Path) -> None:
    workspace = Workspace(folder / "misnamed", settings={"migLsp.server.path": "/nowhere/mig-lsp"})
    editor.window(page, workspace.root)
    assert "/nowhere/mig-lsp, which does not run" in toast(page, "migLsp.server.path names")
    assert 1 == len(toasts(page))


def test_settings_of_the_wrong_type_are_said_once_and_the_rest_works(editor: Editor, page: Page, folder: Path) -> None:
    settings = {"migLsp.server.path": 5, "migLsp.migrations.first-number": "ten"}
    workspace = Workspace(folder / "mistyped", settings=settings)
    window = editor.window(page, workspace.root)
    toast(page, "migLsp.server.path is the number 5")
    assert "a whole number" in toast(page, "migLsp.migrations.first-number")
    findings(window, workspace.migration(CUT))
    assert 2 == len(toasts(page))


def test_a_newer_server_is_said_and_works(editor: Editor, page: Page, folder: Path) -> None:
    workspace = Workspace(folder / "newer", version="9.1.0")
    window = editor.window(page, workspace.root)
    assert "is newer than the extension" in toast(page, "The server 9.1.0")
    findings(window, workspace.migration(CUT))


def test_a_python_that_is_too_old_is_said_with_what_to_do(editor: Editor, page: Page, folder: Path) -> None:
    old = folder / "old" / "python"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho 3.9.2\n", "utf-8")
    old.chmod(0o755)
    workspace = Workspace(folder / "without", settings={"migLsp.server.python": str(old)})
    workspace.server.unlink()
    editor.window(page, workspace.root)
    toast(page, "needs its language server")
    press(page, "Install")
    said = toast(page, "3.11 or newer")
    assert "is Python 3.9.2" in said
    assert "Get Python" in said


def test_with_consent_the_server_is_installed_and_the_findings_come(editor: Editor, page: Page, folder: Path) -> None:
    workspace = Workspace(folder / "fresh", settings={"migLsp.server.python": sys.executable})
    workspace.server.unlink()
    window = editor.window(page, workspace.root)
    toast(page, "needs its language server")
    page.screenshot(SHOTS / "consent.png")
    press(page, "Install")
    eventually(lambda: count(window), lambda found: found > 10, 300)


def test_without_migrations_nothing_is_started_and_nothing_is_asked(editor: Editor, page: Page, folder: Path) -> None:
    plain = folder / "plain"
    plain.mkdir()
    (plain / "report.sql").write_text("SELECT 1\n", "utf-8")
    window = editor.window(page, plain)
    show(window, plain / "report.sql")
    time.sleep(3)
    assert [] == toasts(page)
    assert 0 == count(window)
    window.run("void vscode.commands.executeCommand('migLsp.new')")
    toast(page, "there are no migrations here")
    hidden = "return await page.locator('.statusbar-item', { hasText: 'mig-lsp' }).count()"
    assert 0 == page.run(hidden)


def test_a_single_file_without_a_folder_is_checked_with_its_project(
    editor: Editor, page: Page, demo: Workspace
) -> None:
    window = editor.window(page, None)
    show(window, demo.migration("027-media-kinds.sql"))
    findings(window, demo.migration("027-media-kinds.sql"))


def test_an_untrusted_workspace_is_read_and_nothing_of_it_is_run(
    installation: Installation, package: Path, page: Page, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    trap = Workspace(folder / "stranger", broken="open(here + '/sprung', 'w').close()")
    good = Workspace(folder / "elsewhere")
    settings = {"security.workspace.trust.enabled": True, "security.workspace.trust.startupPrompt": "never"}
    path = f"{good.server.parent}:/usr/bin:/bin"
    data = tmp_path_factory.mktemp("careful") / "data"
    running = Editor(installation, data, package, settings, {"PATH": path})
    try:
        window = running.window(page, trap.root)
        assert window.run("return vscode.workspace.isTrusted") is False
        assert "split-statement" in findings(window, trap.migration(CUT))
        assert not (trap.notes / "sprung").exists()
        assert '"trusted":false' in good.heard()
    finally:
        running.close()
