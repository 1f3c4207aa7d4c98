"""What a person sees and does in the window. Screenshots are kept."""

from __future__ import annotations

import json
import time
from pathlib import Path

from tests.editors.vscode.editor import Editor, Page, Window
from tests.editors.vscode.seen import CUT, SHOTS, clear, eventually, findings, rows, show, size, toast
from tests.editors.vscode.workspace import Workspace

FOCUS = "await vscode.commands.executeCommand('migLsp.migrations.focus')"


def test_the_view_shows_the_set_in_run_order_and_is_live(window: Window, page: Page, demo: Workspace) -> None:
    findings(window, demo.manifest)
    window.run(FOCUS)
    size(page, 1280, 1600)

    def seen_icons() -> set[str]:
        return {row["icon"] for row in rows(page)}

    eventually(seen_icons, lambda icons: {"pass", "circle-slash", "clock", "warning"} <= icons)
    seen = {row["label"]: row for row in rows(page)}
    labels = list(seen)
    assert labels.index("020-publishers.sql") == labels.index("021-announcements.sql") + 1
    assert ("question", "missing") == (
        seen["035-club-meeting.sql"]["icon"],
        seen["035-club-meeting.sql"]["description"],
    )
    assert "failed in dev" in seen[CUT]["description"]
    demo.migration("042-late.sql").write_text("-- ROLLBACK: none\nSELECT 1;\n", "utf-8")
    found = eventually(lambda: {row["label"]: row for row in rows(page)}, lambda found: "042-late.sql" in found)
    assert "unregistered" == found["042-late.sql"]["description"]
    demo.migration("042-late.sql").unlink()
    eventually(lambda: [row["label"] for row in rows(page)], lambda found: "042-late.sql" not in found)


def test_the_status_bar_counts_for_the_chosen_environment(window: Window, page: Page) -> None:
    item = "return (await page.locator('.statusbar-item', { hasText: ' pending' }).innerText()).trim()"
    assert page.run(item).startswith("prod: ")
    choose = """
      await page.locator('.statusbar-item', { hasText: ' pending' }).click();
      await page.locator('.quick-input-list .monaco-list-row', { hasText: 'dev' }).click();
      await page.locator('.statusbar-item', { hasText: 'dev: ' }).waitFor();
    """
    page.run(choose)
    assert "failed" in page.run(item)
    window.run("await vscode.commands.executeCommand('workbench.action.closeAllEditors')")


def test_a_new_migration_shows_its_name_before_it_is_made(window: Window, page: Page, demo: Workspace) -> None:
    code = """
      await page.keyboard.press("F1");
      await page.keyboard.type("Migrations: New Migration");
      await page.locator('.quick-input-list .monaco-list-row', { hasText: 'New Migration' }).first().click();
      await page.locator('.quick-input-message', { hasText: 'in a few words' }).waitFor();
      await page.keyboard.type("Add reading rooms");
      const message = page.locator('.quick-input-message', { hasText: '042-add-reading-rooms.sql' });
      await message.waitFor();
      const said = await message.innerText();
      await page.keyboard.press("Enter");
      return said;
    """
    assert "042-add-reading-rooms.sql" in page.run(code)
    path = demo.migration("042-add-reading-rooms.sql")
    eventually(path.is_file, bool)
    eventually(lambda: demo.manifest.read_text("utf-8"), lambda text: path.name in text)
    active = "return vscode.window.activeTextEditor && vscode.window.activeTextEditor.document.uri.path"
    eventually(lambda: window.run(active), lambda shown: str(shown).endswith(path.name))
    assert "Migration 042" in path.read_text("utf-8")


def test_check_workspace_says_what_it_found(window: Window, page: Page) -> None:
    window.run("void vscode.commands.executeCommand('migLsp.check')")
    assert "files checked: " in toast(page, "files checked")
    clear(window, page)


def test_refresh_log_says_what_was_read(window: Window, page: Page) -> None:
    window.run("void vscode.commands.executeCommand('migLsp.refreshLog')")
    said = toast(page, "migration_log: ")
    assert "dev: " in said and "prod: " in said and "entries" in said
    clear(window, page)


def test_several_folders_have_a_set_each(editor: Editor, page: Page, folder: Path) -> None:
    north, south = Workspace(folder / "north"), Workspace(folder / "south")
    both = folder / "both.code-workspace"
    both.write_text(json.dumps({"folders": [{"path": str(each.root)} for each in (north, south)]}), "utf-8")
    window = editor.window(page, both)
    findings(window, north.migration(CUT))
    findings(window, south.migration(CUT))
    window.run(FOCUS)
    size(page, 1280, 1600)

    def sets() -> list[str]:
        return [row["description"] for row in rows(page) if row["icon"] == "folder-library"]

    eventually(sets, lambda seen: seen == ["north é 😀", "south é 😀"])


def test_screenshots_of_the_problem_and_its_quick_fix(editor: Editor, page: Page, folder: Path) -> None:
    size(page, 1280, 800)
    workspace = Workspace(folder / "library", name="")
    window = editor.window(page, workspace.root)
    findings(window, workspace.migration(CUT))
    show(window, workspace.migration(CUT))
    page.run("await page.waitForSelector('.squiggly-error')")
    window.run("await vscode.commands.executeCommand('workbench.actions.view.problems')")
    page.run("await page.waitForSelector('.markers-panel .monaco-list-row')")
    window.run("await vscode.commands.executeCommand('workbench.action.focusFirstEditorGroup')")
    code = """
      const editor = vscode.window.activeTextEditor;
      editor.selection = new vscode.Selection(17, 39, 17, 39);
      editor.revealRange(new vscode.Range(7, 0, 7, 0), vscode.TextEditorRevealType.AtTop);
    """
    window.run(code)
    page.screenshot(SHOTS / "problem.png")
    page.run(
        """
        await page.keyboard.press("Control+.");
        await page.locator('.action-widget .monaco-list-row', { hasText: 'Quote the body' }).waitFor();
        """
    )
    page.screenshot(SHOTS / "quick-fix.png")
    page.run(
        """
        await page.locator('.action-widget .monaco-list-row', { hasText: 'Quote the body' }).click();
        await page.locator('.view-line', { hasText: "' LANGUAGE plpgsql;" }).waitFor();
        await page.waitForFunction(() => !document.querySelector('.squiggly-error'));
        """
    )
    page.screenshot(SHOTS / "fixed.png")


def test_screenshots_of_the_view_and_the_chunks(editor: Editor, page: Page, folder: Path) -> None:
    size(page, 1480, 860)
    workspace = Workspace(folder / "town-library", name="")
    window = editor.window(page, workspace.root)
    findings(window, workspace.migration(CUT))
    show(window, workspace.migration(CUT))
    window.run(FOCUS)
    eventually(lambda: rows(page), lambda found: len(found) > 20)
    page.screenshot(SHOTS / "view.png")
    page.run(
        """
        const view = page.locator('[id="workbench.view.extension.migLsp"]');
        const row = view.locator('.monaco-list-row', { hasText: '026-audit-trail.sql' });
        await row.hover();
        await row.locator('.action-label[aria-label*="Show What the Runner Sends"]').click();
        await page.locator('.view-line', { hasText: 'chunk 2 of' }).waitFor();
        """
    )
    page.run("await page.mouse.move(640, 790)")
    time.sleep(1)
    page.screenshot(SHOTS / "chunks.png")
