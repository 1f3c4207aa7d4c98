"""What a change would do to the files, as a unified diff."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator

from mig_lsp.core.change import SourceChange
from mig_lsp.core.outcome import Outcome, outcomes


def diff(change: SourceChange, text: Callable[[str], str], exists: Callable[[str], bool]) -> str:
    """*change* as a diff that `git apply` takes; *text* and *exists* are as for `outcomes`, which may raise."""
    return "".join(line for each in outcomes(change, text, exists) for line in _file(each, text))


def _file(wanted: Outcome, text: Callable[[str], str]) -> Iterator[str]:
    old = wanted.source
    if old is None:
        yield f"diff --git a/{wanted.path} b/{wanted.path}\nnew file mode 100644\n"
    elif old != wanted.path:
        yield f"diff --git a/{old} b/{wanted.path}\nrename from {old}\nrename to {wanted.path}\n"
    if wanted.text is None:
        return
    before = [] if old is None else _lines(text(old))
    names = ("/dev/null" if old is None else f"a/{old}", f"b/{wanted.path}")
    for line in difflib.unified_diff(before, _lines(wanted.text), *names):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    """The lines with their ends, which are `\\n` only, as in git."""
    lines = text.split("\n")
    last = lines.pop()
    return [line + "\n" for line in lines] + ([last] if last else [])
