"""What merged migrations were: the way back from an edit."""

from __future__ import annotations

import re

from mig_lsp.core.change import Edit, Fix
from mig_lsp.core.snapshot import File, Snapshot
from mig_lsp.core.text import Span, line_ending

_LINE_END = re.compile(r"\r\n|\n")


def restore(snapshot: Snapshot, file: File) -> Fix | None:
    """The fix that gives *file* its text of the base ref again, with the line ends of now.

    None where that text is not known, or was no UTF-8.
    """
    known = snapshot.branches.texts.get(file.path)
    if known is None or "\ufffd" in known:
        return None
    # All of it is one edit, so that no other fix is carried out in a text that is given up.
    edit = Edit(Span(0, len(file.text)), _LINE_END.sub(line_ending(file.text), known))
    return Fix(f"Restore the text of {snapshot.branches.base}", (edit,), safe=False)
