"""What can be written at the cursor."""

from __future__ import annotations

from mig_lsp.core.features.completion_comment import in_comment
from mig_lsp.core.features.completion_config import in_config
from mig_lsp.core.features.completion_header import in_header
from mig_lsp.core.features.completion_item import Completion
from mig_lsp.core.features.completion_manifest import in_manifest
from mig_lsp.core.features.completion_sql import in_sql
from mig_lsp.core.snapshot import Snapshot


def complete(snapshot: Snapshot, path: str, offset: int, today: str) -> tuple[Completion, ...]:
    """What can stand at *offset*, best first; *today* is the date in ISO-8601.

    An answer holds only what fits the letters written so far: with another letter another answer is due.
    """
    file = snapshot.file(path)
    if file is None:
        return ()
    found = in_comment(snapshot, file, offset)
    if found is None and path in snapshot.files:
        found = in_header(snapshot, file, offset, today)
        if found is None:
            found = in_sql(snapshot, file, offset)
    elif found is None and path == snapshot.plan.config_path:
        found = in_config(snapshot, file, offset)
    elif found is None:
        found = in_manifest(snapshot.plan, path, offset)
    return tuple(sorted(found, key=lambda each: (each.sort, each.label)))
