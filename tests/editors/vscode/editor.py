"""A real VS Code, without a screen: the workbench in a browser, the extensions in a process of this machine."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from tests.editors.vscode.install import Installation

HERE = Path(__file__).parent
_SETTINGS = {
    "workbench.startupEditor": "none",
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "extensions.autoUpdate": False,
    "extensions.autoCheckUpdates": False,
    "extensions.ignoreRecommendations": True,
    "workbench.enableExperiments": False,
    "workbench.tips.enabled": False,
    "chat.disableAIFeatures": True,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "git.enabled": False,
    "typescript.disableAutomaticTypeAcquisition": True,
    "security.workspace.trust.enabled": False,
    "editor.minimap.enabled": False,
    "editor.stickyScroll.enabled": False,
    "files.exclude": {"**/.venv": True, "**/.vscode": True},
}


class ScriptError(AssertionError):
    """What was sent to the editor or to the browser failed there."""


class Editor:
    """One server of VS Code with a data folder of its own; pages and windows are opened on it."""

    def __init__(
        self,
        installation: Installation,
        data: Path,
        extension: Path,
        settings: Mapping[str, Any],
        environment: Mapping[str, str],
    ) -> None:
        self._installation = installation
        self.data = data
        self._probes = data / "probes"
        extensions = data / "extensions"
        for folder in (self._probes, extensions, data / "user" / "User"):
            folder.mkdir(parents=True)
        self.settings = data / "user" / "User" / "settings.json"
        self.settings.write_text(json.dumps({**_SETTINGS, **settings}), "utf-8")
        shutil.copytree(HERE / "probe", extensions / "mig-lsp-tests.probe-0.0.1")
        self.address = f"http://127.0.0.1:{_free_port()}"
        self._environment = {
            **{name: value for name, value in os.environ.items() if name not in ("PORT", "PASSWORD")},
            "EXTENSIONS_GALLERY": '{"serviceUrl":"http://127.0.0.1:9"}',
            "HOME": str(data),
            "XDG_CONFIG_HOME": str(data / "xdg"),
            "XDG_DATA_HOME": str(data / "xdg"),
            "XDG_CACHE_HOME": str(data / "cache"),
            "PROBE_DIR": str(self._probes),
            "VSCODE_CLI": "1",  # the environment is taken as it is, not from a login shell
            **environment,
        }
        self._folders = ["--config", data / "config.yaml", "--user-data-dir", data / "user"]
        self._folders += ["--extensions-dir", extensions]
        # The way that people have: the package is installed, not its folder.
        self._run("--install-extension", str(extension), "--force")
        self._log = (data / "editor.log").open("wb")
        address = self.address.removeprefix("http://")
        more = ["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"]
        self._process = subprocess.Popen(
            [*self._command(), "--auth", "none", "--bind-addr", address, *more],
            env=self._environment,
            stdout=self._log,
            stderr=self._log,
        )
        _wait(self._healthy, "VS Code's server")

    def close(self) -> None:
        """Ends it, with its extensions and their servers."""
        self._process.terminate()
        self._process.wait(20)
        self._log.close()

    def window(self, page: Page, opened: Path | None) -> Window:
        """Opens a folder or a workspace file in the page, or a window without either."""
        name = opened.name if opened is not None else "no-folder"
        port = self._probes / f"{name}.port"
        port.unlink(missing_ok=True)
        kind = "workspace" if name.endswith(".code-workspace") else "folder"
        where = f"?{kind}={quote(str(opened))}" if opened is not None else "?ew=true"
        page.run("await page.goto(args)", f"{self.address}/{where}")
        page.shown = opened
        page.run("await page.waitForSelector('.monaco-workbench', { timeout: 60000 })")
        _wait(port.is_file, "the extensions of the window")
        self.last = Window(int(port.read_text("utf-8")))
        return self.last

    def _command(self) -> list[str]:
        return [str(self._installation.node), str(self._installation.entry), *map(str, self._folders)]

    def _run(self, *arguments: str) -> None:
        command = [*self._command(), *arguments]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def _healthy(self) -> bool:
        assert self._process.poll() is None, (self.data / "editor.log").read_text("utf-8", "replace")[-2000:]
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=2):
                return True
        except OSError:
            return False


class Window:
    """One window of the editor, asked through the extension that the tests put in it."""

    def __init__(self, port: int) -> None:
        self._address = f"http://127.0.0.1:{port}/"

    def run(self, code: str, args: object = None, timeout: float = 60) -> Any:
        """The result of JavaScript that has `vscode`, `until` and `args` at hand."""
        body = json.dumps({"code": code, "args": args}).encode()
        with urllib.request.urlopen(urllib.request.Request(self._address, body), timeout=timeout) as answer:
            return _result(answer.read())


class Page:
    """The browser's page."""

    def __init__(self, installation: Installation, log: Path) -> None:
        self._log = log.open("wb")
        script = installation.modules.parent / "drive.mjs"
        shutil.copyfile(HERE / "drive.mjs", script)  # modules are found from where the script lies
        self._process = subprocess.Popen(
            [str(installation.node), str(script), installation.browser],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._in: IO[bytes] = self._process.stdin
        self._out: IO[bytes] = self._process.stdout
        self.shown: Path | None = None
        """The folder or workspace file of the window in it."""
        _result(self._out.readline())

    def run(self, code: str, args: object = None) -> Any:
        """The result of JavaScript that has playwright's `page` and `args` at hand."""
        self._in.write(json.dumps({"code": code, "args": args}).encode() + b"\n")
        self._in.flush()
        return _result(self._out.readline())

    def screenshot(self, path: Path) -> None:
        """Keeps what is seen."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.run("await page.screenshot({ path: args })", str(path))

    def close(self) -> None:
        """Ends the browser."""
        self._in.close()
        self._process.wait(20)
        self._out.close()
        self._log.close()


def _result(answer: bytes) -> Any:
    told = json.loads(answer)
    if "error" in told:
        raise ScriptError(told["error"])
    return told["result"]


def _wait(ready: Any, what: str, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
