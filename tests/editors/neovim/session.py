"""One Neovim without a screen, driven through its own API: keys are typed, Lua is asked."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from tests.editors.install import neovim
from tests.editors.program import PATIENCE, ROOT, environment, until

PLUGIN = ROOT / "editors" / "neovim"

# What every session begins with: no traces on the disk, and a list of what the person was told. Debian's Neovim has no
# parser for Markdown, without which it shows no hover; the builds that people use have one.
_PRELUDE = """
vim.o.swapfile, vim.o.shadafile, vim.o.more, vim.o.hidden = false, "NONE", false, true
if not vim.treesitter.language or #vim.api.nvim_get_runtime_file("parser/markdown.so", false) == 0 then
  local start = vim.treesitter.start
  if start then vim.treesitter.start = function(...) return pcall(start, ...) end end
end
notices = {}
vim.notify = function(text, level) table.insert(notices, { text, level or vim.log.levels.INFO }) end
"""

FINDINGS = """
local found = {}
for _, each in ipairs(vim.diagnostic.get(nil)) do
  local name = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(each.bufnr), ":t")
  found[name] = found[name] or {}
  table.insert(found[name], each.code)
end
for _, codes in pairs(found) do table.sort(codes) end
return next(found) and found or vim.empty_dict()
"""

READY = """
local clients = (vim.lsp.get_clients or vim.lsp.get_active_clients)()
return clients[1] ~= nil and clients[1].initialized == true
"""


class LuaError(Exception):
    """Lua code that failed, or a command that Neovim refused."""


class Neovim:
    """A running Neovim."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        assert process.stdin is not None and process.stdout is not None
        self._in, self._out = process.stdin, process.stdout
        self._next = 0

    def call(self, method: str, *arguments: object) -> Any:
        """The answer of an API function."""
        self._next += 1
        self._in.write(msgspec.msgpack.encode([0, self._next, method, list(arguments)]))
        self._in.flush()
        data = b""
        while True:
            data += os.read(self._out.fileno(), 1 << 20)
            assert data, f"Neovim has ended with {self._process.wait()} at {method}{arguments}"
            try:
                kind, number, error, result = msgspec.msgpack.decode(data)
            except msgspec.DecodeError:
                continue  # the rest is on its way
            assert (kind, number) == (1, self._next), (kind, number, error, result)
            if error is not None:
                raise LuaError(error[1])
            return result

    def lua(self, code: str, *arguments: object) -> Any:
        """What Lua code returns; `...` are the arguments."""
        return self.call("nvim_exec_lua", code, list(arguments))

    def command(self, line: str) -> None:
        """An Ex command."""
        self.call("nvim_command", line)

    def type(self, keys: str) -> None:
        """Keys, as a person types them."""
        self.call("nvim_input", keys)

    def until(self, code: str, *arguments: object, patience: float = PATIENCE) -> Any:
        """The first true value that Lua code returns."""
        return until(code, lambda: self.lua(code, *arguments), patience)

    def edit(self, path: str | Path) -> None:
        """Opens a file."""
        self.lua("vim.cmd('edit ' .. vim.fn.fnameescape(...))", str(path))

    def text(self) -> str:
        """The text of the current buffer."""
        return "\n".join(self.lua("return vim.api.nvim_buf_get_lines(0, 0, -1, false)"))

    def place(self, cursor: str) -> None:
        """Puts the cursor where `{|}` stands in a piece of the text."""
        before, _, after = cursor.partition("{|}")
        offset = self.text().index(before + after) + len(before)
        lines = self.text()[:offset].split("\n")
        self.lua("vim.api.nvim_win_set_cursor(0, { ... })", len(lines), len(lines[-1].encode()))

    def findings(self) -> dict[str, list[str]]:
        """The codes of all findings, by the names of the files."""
        found: dict[str, list[str]] = self.lua(FINDINGS)
        return found

    def until_found(self, name: str, *rules: str) -> list[str]:
        """Waits until a file has findings of the rules."""

        def found() -> list[str]:
            codes = self.findings().get(name, [])
            return codes if set(rules) <= set(codes) else []

        return until(f"{rules} in {name}", found)

    def until_lost(self, name: str, rule: str) -> None:
        """Waits until a file has no finding of a rule."""
        until(f"the end of {rule} in {name}", lambda: rule not in self.findings().get(name, []))

    def settled(self) -> dict[str, list[str]]:
        """The findings once they have not changed for a second."""
        before, since = self.findings(), time.monotonic()
        while time.monotonic() - since < 1:
            time.sleep(0.1)
            now = self.findings()
            if now != before:
                before, since = now, time.monotonic()
        return before

    def notices(self) -> list[str]:
        """What the person was told, with warnings and errors marked."""
        marks = {3: "warning: ", 4: "error: "}
        return [marks.get(level, "") + text for text, level in self.lua("return notices")]

    def until_told(self, part: str) -> str:
        """Waits for a notice."""
        return until(
            f"'{part}' among {self.notices()}",
            lambda: next((text for text in self.notices() if part in text), ""),
        )

    def ready(self) -> None:
        """Waits until a server runs."""
        self.until(READY)


@contextmanager
def running(
    version: str, home: Path, folder: Path, init: str, more: Mapping[str, str] | None = None
) -> Iterator[Neovim]:
    """A Neovim that has started in a folder with a configuration."""
    program = neovim(version)
    script = home / "init.lua"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(_PRELUDE + init, "utf-8")
    process = subprocess.Popen(
        [*program.command, "--embed", "--headless", "-n", "-i", "NONE", "-u", str(script)],
        cwd=folder,
        env=environment(home, {**program.environment, **(more or {})}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield Neovim(process)
    finally:
        if process.poll() is None:
            assert process.stdin is not None
            process.stdin.write(msgspec.msgpack.encode([2, "nvim_command", ["qall!"]]))
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def with_plugin(setup: str = 'require("mig_lsp").setup({})') -> str:
    """A configuration with the plugin, as a plugin manager would load it."""
    return f'vim.opt.runtimepath:prepend("{PLUGIN}")\n{setup}\n'
