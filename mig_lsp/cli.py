"""The command line: exit codes, and the promise that nobody ever sees a traceback.

A check whose result is known is answered before anything heavier than this is imported.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Sequence

_WRONG, _INTERRUPTED, _BROKEN_PIPE = 2, 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; the exit code is 0 when all is well, 1 for findings, 2 for wrong use."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a character that the terminal cannot show is no reason to stop
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _known(arguments) if arguments[:1] == ["check"] else None
        return _run(arguments) if code is None else code
    except BrokenPipeError:  # the reader has seen enough
        with contextlib.suppress(OSError):  # what is still to be written goes nowhere, silently
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except KeyboardInterrupt:
        return _INTERRUPTED
    except OSError as error:
        with contextlib.suppress(OSError):  # the exit code says what is left to say
            sys.stderr.write(f"mig-lsp: the output cannot be written: {error.strerror}\n")
        return _WRONG


def _known(arguments: list[str]) -> int | None:
    """The exit code of a check that says again what it said before; None when it has to be made."""
    from mig_lsp import results

    known = results.recall(arguments)
    if known is None:
        return None
    results.say(known)
    return known.code


def _run(arguments: list[str]) -> int:
    import importlib

    from mig_lsp import later
    from mig_lsp.cli_arguments import parser
    from mig_lsp.commands.console import Console, UsageError

    later.put_off()
    console = Console()
    try:
        args = parser().parse_args(arguments)
        args.given = tuple(arguments)
        console = Console(getattr(args, "color", "auto"), getattr(args, "quiet", False))
        module, function = args.run
        code: int = getattr(importlib.import_module(f"mig_lsp.commands.{module}"), function)(args, console)
        sys.stdout.flush()
    except UsageError as error:
        console.error(str(error))
        return _WRONG
    except KeyboardInterrupt:
        console.progress_done()
        raise
    except BrokenPipeError:
        raise
    except Exception as error:
        if os.environ.get("MIG_LSP_DEBUG"):
            raise
        console.error(f"internal error: {type(error).__name__}: {error} (MIG_LSP_DEBUG=1 shows where)")
        return _WRONG
    return code


if __name__ == "__main__":
    sys.exit(main())
