"""New migrations, and headers for those that have none."""

from __future__ import annotations

from mig_lsp.core.author import AuthorError
from mig_lsp.core.author.register import listing
from mig_lsp.core.author.words import NOTHING_YET, procedure, render, requirements
from mig_lsp.core.change import CreateFile, Edit, EditFile, FileChange, SourceChange
from mig_lsp.core.config.model import immutable_numbers
from mig_lsp.core.header import Words, eol_of, rollback_part
from mig_lsp.core.migration import base_name, file_name, is_rollback, next_number, parse_name
from mig_lsp.core.rollback.derive import derive
from mig_lsp.core.rollback.section import Says, fullest
from mig_lsp.core.snapshot import File, Plan, Snapshot
from mig_lsp.core.text import Span


def new(snapshot: Snapshot, description: str, today: str) -> SourceChange:
    """A new file with a header, registered in the manifest. *today* is a date in ISO-8601.

    Raises AuthorError when the description makes no file name, or the manifest cannot be edited.
    """
    plan = snapshot.plan
    name = new_name(plan, description)
    words = Words(name, description, today, "Created", requirements(plan.runner), procedure(plan, name, NOTHING_YET))
    eol = usual_eol(snapshot)
    return SourceChange(f"New migration {name}", created(plan, name, render(snapshot, words, eol) + eol))


def free_number(plan: Plan) -> int:
    """The number of the next migration: one more than the highest, at least the first one, and not immutable."""
    number = next_number(plan.taken, plan.config.migrations.first_number)
    for numbers in sorted(immutable_numbers(plan.config), key=lambda numbers: numbers.start):
        if number in numbers:
            number = numbers.stop
    return number


def new_name(plan: Plan, description: str) -> str:
    """The file name of the next migration; raises AuthorError when *description* makes none."""
    try:
        name = file_name(free_number(plan), description, plan.config.migrations.number_width)
    except ValueError as error:
        raise AuthorError(str(error)) from error
    if is_rollback(name):
        raise AuthorError(
            f"{name} would count as the file that undoes another one: choose a description without that end"
        )
    return name


def created(plan: Plan, name: str, text: str) -> tuple[FileChange, ...]:
    """The new file, and its entry where there is a manifest."""
    made = CreateFile(plan.path_of(name), text)
    return (made,) if plan.manifest is None else (made, listing(plan, plan.manifest, [name]))


def usual_eol(snapshot: Snapshot) -> str:
    """The line end of the last migration, for a new one."""
    for name in reversed(snapshot.plan.migrations):
        file = snapshot.files.get(snapshot.plan.path_of(name))
        if file is not None and file.text:
            return eol_of(file.text)
    return "\n"


def insert_header(snapshot: Snapshot, path: str, today: str) -> SourceChange:
    """A header with the rollback SQL that the statements make certain; a numbered header gets the rollback only.

    Raises AuthorError when the file has both, or is no migration.
    """
    plan, file = snapshot.plan, snapshot.files.get(path)
    if file is None or file.problem is not None:
        raise AuthorError(f"{path} is not a migration that can be read")
    if is_rollback(file.name):
        raise AuthorError(f"{file.name} undoes another migration and needs no rollback header")
    existing, section = file.header, fullest(file.rollbacks)
    documented = section is not None and section.says >= Says.WORDS
    if existing is not None and documented:
        raise AuthorError(f"{file.name} has a header and a rollback section already")
    eol = eol_of(file.text)
    if existing is not None and existing.number is not None:
        part = rollback_part(procedure(plan, file.name, derive(file.statements.items)), eol)
        edit = Edit(Span(existing.span.end, existing.span.end), eol + part.removesuffix(eol))
    else:
        edit = Edit(Span(0, 0), _header(snapshot, file, today, eol, documented=documented))
    return SourceChange(f"Insert rollback header in {file.name}", (EditFile(path, (edit,)),))


def _header(snapshot: Snapshot, file: File, today: str, eol: str, *, documented: bool) -> str:
    plan, existing = snapshot.plan, file.header
    description = existing.description if existing else None
    way_back = procedure(plan, file.name, derive(file.statements.items))
    if documented:
        way_back = ("See the rollback section below",)
    words = Words(
        file.name,
        description or _spoken(file.name),
        today,
        "Created",
        requirements(plan.runner),
        way_back,
    )
    return render(snapshot, words, eol) + eol


def _spoken(name: str) -> str:
    """The description in a file name, in words."""
    parsed = parse_name(name)
    words = parsed.description if parsed else base_name(name).removesuffix(".sql")
    return words.replace("-", " ").replace("_", " ")
