"""What is seen of the editor: its findings as its own interface tells them, its window as the browser shows it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.editors.install import EDITORS
from tests.editors.vscode.editor import Page, ScriptError, Window

SHOTS = Path(os.environ.get("MIG_LSP_SCREENSHOTS") or EDITORS / "screenshots")
"""Where screenshots are kept."""

CUT = "026-audit-trail.sql"
"""A migration of the demo with a function that the runner cuts in two."""

_OURS = """
  const [path, rule] = args, uri = vscode.Uri.file(path);
  const rules = () => vscode.languages.getDiagnostics(uri)
    .filter((each) => each.source === "mig-lsp").map((each) => each.code.value);
"""
_COUNT = """
  const all = vscode.languages.getDiagnostics().flatMap(([, found]) => found);
  return all.filter((each) => each.source === "mig-lsp").length;
"""
_ROWS = """
  const row = '[id="workbench.view.extension.migLsp"] .monaco-list-row';
  await page.waitForSelector(row);
  return await page.$$eval(row, (all) => all.map((row) => {
    const text = (part) => (row.querySelector(part) || {}).textContent || "";
    const icon = (row.querySelector(".custom-view-tree-node-item-icon") || {}).className || "";
    const named = icon.split(" ").filter((name) => name.startsWith("codicon-") && name !== "codicon-colored");
    return {
      icon: (named[0] || "").replace("codicon-", ""),
      label: text(".label-name"),
      description: text(".label-description"),
    };
  }));
"""


def show(window: Window, path: Path) -> None:
    """Opens a file."""
    window.run("await vscode.window.showTextDocument(vscode.Uri.file(args))", str(path))


def findings(window: Window, path: Path, wanted: str | None = None) -> list[str]:
    """The rules of a file's findings, once there are some, or once *wanted* is one of them."""
    wait = "return await until(() => (rule ? rules().includes(rule) : rules().length > 0) && rules(), path)"
    found: list[str] = window.run(_OURS + wait, [str(path), wanted])
    return found


def gone(window: Window, path: Path, rule: str) -> None:
    """Waits until a finding is no longer shown."""
    window.run(_OURS + "await until(() => !rules().includes(rule), `no ${rule} in ${path}`)", [str(path), rule])


def count(window: Window) -> int:
    """How many findings are shown in all files."""
    number: int = window.run(_COUNT, timeout=120)
    return number


def rows(page: Page) -> list[dict[str, str]]:
    """The rows of the Migrations view that are seen: icon, label, description."""
    found: list[dict[str, str]] = page.run(_ROWS)
    return found


def toast(page: Page, text: str, seconds: float = 60) -> str:
    """The message with that text, once it is shown."""
    code = """
      const [text, timeout] = args;
      const found = page.locator('.notification-toast', { hasText: text });
      await found.first().waitFor({ timeout });
      return (await found.allInnerTexts()).join('\\n');
    """
    try:
        said: str = page.run(code, [text, seconds * 1000])
    except ScriptError as error:
        page.screenshot(SHOTS / "no-message.png")
        raise AssertionError(f"no message with {text!r}, only {toasts(page)}") from error
    return said


def toasts(page: Page) -> list[str]:
    """All messages that are shown."""
    said: list[str] = page.run("return await page.locator('.notification-toast').allInnerTexts()")
    return said


def clear(window: Window, page: Page) -> None:
    """Closes all messages; the editor shows no new ones while the old ones fade."""
    window.run("await vscode.commands.executeCommand('notifications.clearAll')")
    eventually(lambda: toasts(page), lambda seen: seen == [])
    time.sleep(1)


def press(page: Page, button: str) -> None:
    """Presses a button of a message."""
    code = "await page.locator('.notification-toast .monaco-button', { hasText: args }).first().click()"
    page.run(code, button)


def size(page: Page, width: int, height: int) -> None:
    """Makes the window that large, in pixels."""
    page.run("await page.setViewportSize({ width: args[0], height: args[1] })", [width, height])


def eventually(ask: Callable[[], Any], wanted: Callable[[Any], bool], seconds: float = 30) -> Any:
    """The first answer that is *wanted*; AssertionError with the last one when there is none in time."""
    end = time.monotonic() + seconds
    while not wanted(answer := ask()):
        assert time.monotonic() < end, answer
        time.sleep(0.2)
    return answer
