"""Scenarios of the command line."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from bench.peers import Tool
from bench.process import instructions, run
from bench.record import Run


class FailedError(Exception):
    """A program did not do what was asked of it, so its time means nothing."""


def cold(tool: Tool, root: Path) -> Run:
    """A check of everything, as the program is set up: without any cache."""
    assert tool.check is not None
    usage = run(tool.check(root), root, tool.environment)
    if usage.code not in (0, 1) or re.search(r"^Traceback", usage.output, re.M):
        raise FailedError(f"{tool.name} ended with {usage.code}: {usage.output[-300:]}")
    return Run([usage.wall], usage.cpu, usage.memory, {"lines": usage.output.count("\n")})


class Warm:
    """A cache folder of one program's own."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="mig-lsp-bench-")

    def fill(self, tool: Tool, root: Path) -> Run:
        """The first check, which finds no cache and leaves one."""
        self._folder.cleanup()
        self._folder = tempfile.TemporaryDirectory(prefix="mig-lsp-bench-")
        return cold(self.of(tool), root)

    def of(self, tool: Tool) -> Tool:
        """The program with this cache."""
        return tool._replace(
            environment={**tool.environment, "XDG_CACHE_HOME": self._folder.name, "MIG_LSP_NO_CACHE": ""}
        )


def count_instructions(tool: Tool, root: Path) -> Run:
    """Instructions in user space of a check without any cache; the time is that of the counting and says nothing."""
    assert tool.check is not None
    counted = instructions(tool.check(root), root, tool.environment)
    if counted is None:
        raise FailedError("nothing on this machine counts instructions")
    return Run([1e-3], more={"instructions": counted})
