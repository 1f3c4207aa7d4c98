from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors.program import ROOT
from tests.editors.vscode.editor import Editor, Page, Window
from tests.editors.vscode.install import Installation, installed
from tests.editors.vscode.workspace import Workspace

_PATIENCE = 900.0  # seconds; the first test installs the editor and builds the extension


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.timeout(_PATIENCE))
            item.add_marker(pytest.mark.xdist_group("vscode"))  # one editor is enough


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("package") / "mig-lsp.vsix"
    command = [sys.executable, str(ROOT / "editors" / "vscode" / "build.py"), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


@pytest.fixture(scope="session")
def installation() -> Installation:
    return installed()


@pytest.fixture(scope="session")
def page(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    browser = Page(installation, tmp_path_factory.mktemp("browser") / "browser.log")
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def editor(installation: Installation, package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    data = tmp_path_factory.mktemp("editor") / "data"
    running = Editor(installation, data, package, {}, {"PATH": "/usr/bin:/bin"})
    yield running
    running.close()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workspaces")


@pytest.fixture(scope="session")
def demo(folder: Path) -> Workspace:
    workspace = Workspace(folder / "demo")
    (workspace.root / "reports").mkdir()
    (workspace.root / "reports" / "monthly.sql").write_text("SELECT 'none of its business' FROM;\n", "utf-8")
    return workspace


@pytest.fixture
def window(editor: Editor, page: Page, demo: Workspace) -> Window:
    """The demo's window, which is opened again when another one was."""
    return editor.window(page, demo.root) if page.shown != demo.root else editor.last
