"""Where commands write: results to standard output, everything else to standard error."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from dataclasses import dataclass, field
from typing import IO, Literal

from mig_lsp.render.terminal import Style, visible


class UsageError(Exception):
    """What is wrong with the command or the configuration, in one line; the exit code is 2."""


@dataclass
class Console:
    """Standard output and standard error. *quiet* leaves out what is neither a result nor an error.

    *heard*, when it is a list, takes all that is written to standard output; anything else that is said ends that.
    """

    colour: Literal["auto", "always", "never"] = "auto"
    quiet: bool = False
    heard: list[str] | None = None
    _shown: float = field(default_factory=time.monotonic)
    _long: bool = False

    @property
    def style(self) -> Style:
        """The colours of standard output: by request, or on a terminal unless `NO_COLOR` is set."""
        if self.colour != "auto":
            return Style(self.colour == "always")
        plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        return Style(sys.stdout.isatty() and not plain)

    def out(self, text: str) -> None:
        """Writes a result, as it is."""
        if self.heard is not None:
            self.heard.append(text)
        try:
            _write(sys.stdout, text)
        except BrokenPipeError:
            raise  # the reader has seen enough
        except OSError as error:
            raise UsageError(f"the output cannot be written: {error.strerror}") from None

    def diff(self, text: str) -> None:
        """Writes a diff: as it is for the program that applies it, harmless for a terminal."""
        self.out(visible(text, "\n\t") if sys.stdout.isatty() else text)

    def note(self, line: str) -> None:
        """Writes a line that is no result to standard error, unless `quiet`."""
        if not self.quiet:
            self.error(line)

    def error(self, line: str) -> None:
        """Writes a line about what is wrong to standard error."""
        self.heard = None
        self.progress_done()
        with contextlib.suppress(OSError):  # the exit code says what is left to say
            _write(sys.stderr, f"mig-lsp: {visible(line)}\n")

    def progress(self, done: int, total: int, what: str) -> None:
        """Shows how far long work is: on a terminal only, and not for what takes a moment."""
        now = time.monotonic()
        if now - self._shown > 0.3 and sys.stderr.isatty() and not self.quiet:
            self._shown = now
            self._long = True
            _write(sys.stderr, f"\r{what} {done}/{total}")

    def progress_done(self) -> None:
        """Removes the line that `progress` shows."""
        if self._long:
            self._long = False
            _write(sys.stderr, "\r\x1b[K")


def _write(stream: IO[str], text: str) -> None:
    stream.write(text)
    stream.flush()
