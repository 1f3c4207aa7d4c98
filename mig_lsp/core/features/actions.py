"""What an editor offers to do at a place: fixes, suppressions and changes of the migration."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from mig_lsp.core.author import AuthorError
from mig_lsp.core.author.new import free_number, insert_header
from mig_lsp.core.author.prepare import prepare
from mig_lsp.core.author.register import register
from mig_lsp.core.author.renumber import renumber
from mig_lsp.core.change import Edit, EditFile, FileChange, Finding, SourceChange
from mig_lsp.core.features.suppress import in_file, on_line
from mig_lsp.core.migration import is_rollback, parse_name
from mig_lsp.core.snapshot import File, Plan, Snapshot
from mig_lsp.core.text import Span

Kind = Literal["quickfix", "refactor.rewrite", "source.fixAll.mig-lsp"]
FIX_ALL: Kind = "source.fixAll.mig-lsp"


class Action(NamedTuple):
    """Either a *change* to carry out or a *command* to run; *findings* are those that it removes.

    *arguments* are paths.
    """

    title: str
    kind: Kind
    change: SourceChange | None = None
    command: str = ""
    arguments: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    preferred: bool = False


def actions(
    snapshot: Snapshot,
    path: str,
    span: Span,
    today: str,
    findings: Sequence[Finding],
    only: tuple[str, ...] | None = None,
) -> tuple[Action, ...]:
    """What can be done at *span*, fixes first; *today* is the date in ISO-8601.

    *findings* are the document's, as far as they are shown: what nobody sees is neither fixed nor ignored. *only*
    are the kinds wanted, where "source" stands for "source.fixAll.mig-lsp" too; None means all.
    """
    wanted = _wanted(only)
    if not wanted:
        return ()
    here = [each for each in findings if each.span.touches(span)]
    found: list[Action] = []
    if "quickfix" in wanted:
        found += _fixes(path, here)
    titles = {each.title for each in found}
    found += (each for each in _migration(snapshot, path, span, today, here, wanted) if each.title not in titles)
    if "refactor.rewrite" in wanted:
        found += _drizzle(snapshot, path, today)
    if "quickfix" in wanted:
        found += _suppressions(snapshot, path, here)
    if FIX_ALL in wanted:
        found += _fix_all(path, findings)
    return tuple(found)


def _wanted(only: tuple[str, ...] | None) -> set[Kind]:
    kinds: tuple[Kind, ...] = ("quickfix", "refactor.rewrite", FIX_ALL)
    if only is None:
        return set(kinds)
    return {kind for kind in kinds if any(not each or f"{kind}.".startswith(f"{each}.") for each in only)}


def _fixes(path: str, here: Iterable[Finding]) -> list[Action]:
    """The findings' own fixes; findings that share one share its action."""
    found: dict[tuple[str, SourceChange], list[Finding]] = {}
    safe: dict[tuple[str, SourceChange], bool] = {}
    for finding in here:
        if finding.fix is None:
            continue
        change = _change(path, finding.fix.title, finding.fix.edits, finding.fix.others)
        key = (finding.fix.title, change)
        found.setdefault(key, []).append(finding)
        safe[key] = finding.fix.safe
    return [
        Action(title, "quickfix", change, findings=tuple(fixed), preferred=safe[title, change] and len(found) == 1)
        for (title, change), fixed in found.items()
    ]


def _change(path: str, title: str, edits: tuple[Edit, ...], others: Iterable[FileChange]) -> SourceChange:
    # The file's own edits come first: a change that moves the file names it by its new path afterwards.
    own = (EditFile(path, edits),) if edits else ()
    return SourceChange(title, (*own, *others))


_HEADER_RULES = frozenset(("missing-header", "missing-rollback"))
_NUMBER_RULES = frozenset(("duplicate-number", "reserved-number", "number-taken"))


def _migration(
    snapshot: Snapshot, path: str, span: Span, today: str, here: list[Finding], wanted: Collection[Kind]
) -> Iterator[Action]:
    """Header, manifest entry and number of a migration, each where it makes sense."""
    file = snapshot.files.get(path)
    if file is None or is_rollback(file.name):
        return
    plan = snapshot.plan
    if plan.manifest is not None and plan.entry(file.name) is None:
        yield from _made(lambda: register(snapshot, [path]), (), here, wanted)
    yield from _made(lambda: insert_header(snapshot, path, today), _HEADER_RULES, here, wanted)
    if any(each.rule in _NUMBER_RULES for each in here) or (_on_header(file, span) and not _is_last(plan, file.name)):
        yield from _made(lambda: renumber(snapshot, path), _NUMBER_RULES, here, wanted)


def _made(
    make: Callable[[], SourceChange], rules: Collection[str], here: Iterable[Finding], wanted: Collection[Kind]
) -> Iterator[Action]:
    """The action of a change, unless it is impossible; a quick fix where a finding of *rules* asks for it."""
    asked = tuple(each for each in here if each.rule in rules)
    kind: Kind = "quickfix" if asked else "refactor.rewrite"
    if kind not in wanted:
        return
    try:
        change = make()
    except AuthorError:
        return  # what cannot be done is not offered; the command of the same name says why
    yield Action(change.title, kind, change, findings=asked)


def _on_header(file: File, span: Span) -> bool:
    top = file.header
    end = top.span.end if top is not None else 0
    return file.lines.line_at(span.start) == 0 or span.start <= end


def _is_last(plan: Plan, name: str) -> bool:
    """Whether the file has the highest number, and has it alone."""
    parsed = parse_name(name)
    if parsed is None or parsed.number + 1 != free_number(plan):
        return False
    others = (other for other in plan.names if other != name and not is_rollback(other))
    return all((each := parse_name(other)) is None or each.number != parsed.number for other in others)


def _drizzle(snapshot: Snapshot, path: str, today: str) -> Iterator[Action]:
    """What makes drizzle-kit's output a migration; where it cannot be made safe, the command that says why."""
    file = snapshot.documents.get(path)
    if file is None or not path.endswith(".sql"):
        return
    title = f"Prepare migration from {file.name}"
    try:
        prepared = prepare(snapshot, path, file.text, _description(file.name), today)
    except AuthorError:
        return
    if prepared.change is None:
        yield Action(title, "refactor.rewrite", command="migLsp.prepare", arguments=(path,))
    else:
        yield Action(title, "refactor.rewrite", replace(prepared.change, title=title))


def _description(name: str) -> str:
    parsed = parse_name(name)
    words = parsed.description if parsed is not None else name.removesuffix(".sql")
    return words.replace("_", " ").replace("-", " ").strip()


def _suppressions(snapshot: Snapshot, path: str, here: Iterable[Finding]) -> Iterator[Action]:
    file = snapshot.file(path)
    if file is None:
        return
    by_rule: dict[str, list[Finding]] = {}
    for finding in here:
        by_rule.setdefault(finding.rule, []).append(finding)
    for rule, findings in by_rule.items():
        for words, make in (("on this line", on_line), ("in this file", in_file)):
            edit = make(file, findings[0])
            if edit is not None:
                title = f"Ignore {rule} {words}"
                change = SourceChange(title, (EditFile(path, (edit,)),))
                yield Action(title, "quickfix", change, findings=tuple(findings))


def _fix_all(path: str, everywhere: Iterable[Finding]) -> Iterator[Action]:
    """All safe fixes of the file that do not get in each other's way, the first ones first."""
    edits: dict[str, list[Edit]] = {path: []}  # by place
    fixed = []
    for finding in everywhere:
        fix = finding.fix
        if fix is None or not fix.safe or any(not isinstance(each, EditFile) for each in fix.others):
            continue
        wanted = [EditFile(path, fix.edits), *(each for each in fix.others if isinstance(each, EditFile))]
        if all(_fits(edit, edits.get(each.path, ())) for each in wanted for edit in each.edits):
            for each in wanted:
                known = edits.setdefault(each.path, [])
                for edit in each.edits:
                    if edit not in _around(edit, known):
                        insort(known, edit, key=_span)
            fixed.append(finding)
    if fixed:
        title = "Fix all that is safe to fix in this file"
        files = tuple(EditFile(each, tuple(of)) for each, of in edits.items() if of)
        yield Action(title, FIX_ALL, SourceChange(title, files), findings=tuple(fixed))


def _fits(edit: Edit, others: Sequence[Edit]) -> bool:
    """Whether *edit* neither overlaps nor meets one of *others*, which are in order, other than an equal one."""
    return all(edit == other or not edit.span.touches(other.span) for other in _around(edit, others))


def _around(edit: Edit, others: Sequence[Edit]) -> Sequence[Edit]:
    """Those of *others* that *edit* may touch; they do not touch each other, unless they belong together."""
    first = bisect_left(others, edit.span.start, key=_end)
    last = bisect_right(others, edit.span.end, key=_start)
    return others[first:last]


def _span(edit: Edit) -> Span:
    return edit.span


def _start(edit: Edit) -> int:
    return edit.span.start


def _end(edit: Edit) -> int:
    return edit.span.end
