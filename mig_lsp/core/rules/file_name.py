"""A file name that the runner cannot carry, or that no number can be read from."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mig_lsp.core.change import EditFile, FileChange, Finding, Fix, RenameFile, Severity
from mig_lsp.core.manifest.editor import reregister
from mig_lsp.core.migration import file_name, is_rollback, parse_name, slug
from mig_lsp.core.rules import Category
from mig_lsp.core.snapshot import File, Plan, Snapshot

CATEGORY: Category = "naming"
SEVERITY = Severity.INFO

_USUAL = re.compile(r"[0-9]+-[a-z0-9]+(?:-[a-z0-9]+)*\.sql")


def check_file(snapshot: Snapshot, file: File) -> Iterator[Finding]:
    plan, name = snapshot.plan, file.name
    line = file.lines.span(0)
    if "'" in name and plan.entry(name) is not None and plan.runner.log is not None:
        message = (
            f"the runner writes the name {name} into its SQL as it is, so the ' ends the string and the deploy fails: "
            "rename the file without it"
        )
        yield Finding("file-name", line, message, _fix(plan, file), severity=Severity.ERROR)
        return
    if is_rollback(name):
        return
    parsed = parse_name(name)
    if parsed is None:
        if plan.entry(name) is None:
            return  # not a migration, and no rule's business
        message = f"{name} has no number, so the next number cannot count it: name it like 043-description.sql"
        yield Finding("file-name", line, message)
    elif _USUAL.fullmatch(name) is None or len(parsed.digits) < plan.config.migrations.number_width:
        fix = _fix(plan, file)
        usual = fix.title.removeprefix("Rename to ") if fix else "043-description.sql"
        message = f"{name} does not sort and read like the others: name it {usual}"
        yield Finding("file-name", line, message, fix)


def _fix(plan: Plan, file: File) -> Fix | None:
    parsed = parse_name(file.name)
    if parsed is None or not slug(parsed.description):
        return None
    new = file_name(parsed.number, parsed.description, plan.config.migrations.number_width)
    if new == file.name or plan.path_of(new) in plan.paths:
        return None
    changes: list[FileChange] = [RenameFile(file.path, plan.path_of(new))]
    if plan.manifest is not None and (edits := reregister(plan.manifest, file.name, new)):
        changes.append(EditFile(plan.manifest.path, edits))
    # The log knows the file by its name: under another one the runner would run it again.
    return Fix(f"Rename to {new}", others=tuple(changes), safe=False)
