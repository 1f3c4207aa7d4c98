"""`check`: the findings of the sets, in every format, with or without carrying out their fixes."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from mig_lsp import git, results
from mig_lsp.commands.console import Console, UsageError
from mig_lsp.commands.workspace import World, nothing_found, open_world
from mig_lsp.core.change import Severity
from mig_lsp.core.check import check_document, documents
from mig_lsp.core.config.model import Config
from mig_lsp.core.discovery import Settings
from mig_lsp.core.rules import by_name
from mig_lsp.core.settled import is_settled
from mig_lsp.core.snapshot import File, Plan, Snapshot
from mig_lsp.core.text import Lines
from mig_lsp.disk.file import BOM, MAX_SQL, decoded
from mig_lsp.render import text_report
from mig_lsp.render.report import Item, Report, sort_key, without_hints

STDIN = "<stdin>"
_ALONE = frozenset(("runner", "syntax", "rerun", "lock", "header"))
"""The categories of the rules that judge a text without the set around it."""


def run(args: argparse.Namespace, console: Console) -> int:
    """Checks, and perhaps fixes; 1 when something at or above `--fail-on` is left."""
    gc.disable()  # looking for cycles takes a tenth of the time of a large check, and there are none
    for option, given in (("--unsafe", args.unsafe), ("--dry-run", args.dry_run)):
        if given and not args.fix:
            raise UsageError(f"{option} says how fixes are carried out: add --fix")
    selected, ignored = _rules(args.select), _rules(args.ignore)
    world = open_world(args, console, _switched_on(selected) if selected else None)
    overlays = _standard_input(args, world)
    before = _listen(args, world, console)
    snapshots = world.look(overlays)
    if not snapshots and STDIN not in overlays:
        raise UsageError(nothing_found(world))
    scope = _scope(args, world, snapshots, overlays)

    def findings(snapshots: Iterable[Snapshot]) -> Iterator[Item]:
        for item in _found(snapshots, scope, console, keep=args.fix):
            if (not selected or item.finding.rule in selected) and item.finding.rule not in ignored:
                yield item

    if args.fix:
        from mig_lsp.commands.fix import carry_out, fix_all

        if overlays:
            raise UsageError("what comes from standard input cannot be fixed: name the file instead")
        fixed = fix_all(world, findings, unsafe=args.unsafe, everything=args.all)
        carry_out(world, fixed, console, dry_run=args.dry_run, to_error=args.format != "text" or args.dry_run)
        snapshots = fixed.snapshots
        if scope is not None:
            scope |= {new for old, new in fixed.moved if old in scope}
    elif STDIN in overlays:
        snapshots = (_alone(snapshots, overlays[STDIN]),)
    report = _report(world, snapshots, findings(snapshots), scope, everything=args.all)
    if not (args.all or selected or args.format in ("json", "sarif")):
        report = without_hints(report)
    if not args.dry_run:
        _show(args, report, console)
    worst = {"error": Severity.ERROR, "warning": Severity.WARNING, "info": Severity.INFO}[args.fail_on]
    code = 1 if any(item.severity <= worst for item in report.items) else 0
    if before is not None and console.heard is not None:
        basis = results.Basis(
            world.root, world.given if args.root is None else "", tuple(args.paths), world.others(snapshots), args.since
        )
        results.keep(args.given, basis, before, world.files.traces(), "".join(console.heard), code)
    return code


def _listen(args: argparse.Namespace, world: World, console: Console) -> str | None:
    """Begins to note what is said, when it may be said again; what git would tell before anything else is asked."""
    if args.fix or "-" in args.paths or world.files.truncated or not results.is_on():
        return None
    console.heard = []
    return results.git_state(world.root, args.since)


def _found(
    snapshots: Iterable[Snapshot], scope: Collection[str] | None, console: Console, *, keep: bool
) -> Iterator[Item]:
    """The findings in *scope*; without *keep*, what is derived from a file goes as soon as it is checked."""
    wanted = [
        (snapshot, path) for snapshot in snapshots for path in documents(snapshot) if scope is None or path in scope
    ]
    for done, (snapshot, path) in enumerate(wanted):
        console.progress(done, len(wanted), "checked")
        for finding in check_document(snapshot, path):
            yield Item(path, finding)
        if not keep and path in snapshot.files:
            snapshot.files[path].forget()
    console.progress_done()


def _report(
    world: World,
    snapshots: Sequence[Snapshot],
    found: Iterable[Item],
    scope: Collection[str] | None,
    *,
    everything: bool,
) -> Report:
    files = {path: snapshot.file(path) for snapshot in snapshots for path in documents(snapshot)}
    # A document of several sets (a configuration) has the same findings in each of them.
    items = tuple(sorted(dict.fromkeys(found), key=sort_key))
    shown = items if everything else tuple(_actionable(world, snapshots, items))
    none = Lines("")

    def lines(path: str) -> Lines:
        file = files.get(path)
        return none if file is None else file.lines

    paths = tuple(sorted(path for path in files if scope is None or path in scope))
    return Report(world.given, shown, paths, lines, by_name(), len(items) - len(shown))


def _actionable(world: World, snapshots: Iterable[Snapshot], items: Iterable[Item]) -> Iterator[Item]:
    owners = {path: snapshot for snapshot in snapshots for path in snapshot.files}
    merged: dict[int, frozenset[str]] = {}
    for item in items:
        owner = owners.get(item.path)
        if owner is not None:
            if id(owner) not in merged:
                merged[id(owner)] = world.merged(owner)
            if is_settled(owner, item.path, item.finding, merged[id(owner)]):
                continue
        yield item


def _show(args: argparse.Namespace, report: Report, console: Console) -> None:
    if args.format == "text":
        for block in text_report.render(report, console.style):
            console.out(block)
        if not console.quiet:
            console.out(text_report.summary(report, console.style))
    elif args.format == "json":
        from mig_lsp.render import json_report

        console.out(json_report.render(report))
    elif args.format == "github":
        from mig_lsp.render import github

        console.out(github.render(report))
    elif args.format == "gitlab":
        from mig_lsp.render import gitlab

        console.out(gitlab.render(report))
    elif args.format == "sarif":
        from mig_lsp.render import sarif

        console.out(sarif.render(report))
    else:
        from mig_lsp.render import junit

        console.out(junit.render(report))


def _rules(given: Sequence[str] | None) -> frozenset[str]:
    """The rules that an option names, one by one or by category."""
    names = {word.strip() for words in given or () for word in words.split(",") if word.strip()}
    rules = by_name()
    categories = {rule.category for rule in rules.values()}
    for name in names - set(rules) - categories:
        from difflib import get_close_matches

        near = get_close_matches(name, [*rules, *categories], 1)
        hint = f"did you mean {near[0]}?" if near else "'mig-lsp rules' lists them all"
        raise UsageError(f"there is no rule or category named {name}: {hint}")
    return frozenset(rule.name for rule in rules.values() if rule.name in names or rule.category in names)


def _switched_on(names: frozenset[str]) -> Settings:
    """Settings under which no rule of *names* is off: who selects a rule wants to see it."""

    def settings(config: Config) -> Config:
        rules = {rule: severity for rule, severity in config.rules.items() if severity or rule not in names}
        return replace(config, rules=rules)

    return settings


def _standard_input(args: argparse.Namespace, world: World) -> Mapping[str, File]:
    """The text from standard input under its path, when `-` asks for it."""
    if "-" not in args.paths:
        if args.stdin_path is not None:
            raise UsageError("--stdin-path names what comes from standard input: add - as the file to check")
        return {}
    if len(args.paths) > 1:
        raise UsageError("- stands for the one file to check: name no others beside it")
    data = sys.stdin.buffer.read(MAX_SQL + len(BOM) + 1)
    if len(data) > MAX_SQL:
        raise UsageError(f"standard input is longer than {MAX_SQL // 1024**2} MiB")
    path = STDIN if args.stdin_path is None else world.relative(args.stdin_path)
    return {path: decoded(path, data)}


def _alone(snapshots: Sequence[Snapshot], file: File) -> Snapshot:
    """A set of nothing but *file*, run as the workspace's migrations are; rules about its place in a set are off."""
    config = snapshots[0].plan.config if snapshots else Config()
    off = {rule.name: None for rule in by_name().values() if rule.category not in _ALONE}
    plan = Plan(replace(config, rules={**config.rules, **off}), paths=frozenset((file.path,)))
    return Snapshot(plan, {file.path: file})


def _scope(
    args: argparse.Namespace, world: World, snapshots: Sequence[Snapshot], overlays: Mapping[str, File]
) -> set[str] | None:
    """The paths whose findings are asked for, None for all."""
    if STDIN in overlays:
        return {STDIN}
    known = {path for snapshot in snapshots for path in documents(snapshot)}
    scope: set[str] | None = None
    if args.paths:
        scope = set()
        for given in args.paths:
            path = world.relative(args.stdin_path if given == "-" else given)
            below = {each for each in known if path in ("", each) or each.startswith(f"{path}/")}
            if not below:
                raise UsageError(f"{given} is no part of a migration set, so it cannot be checked")
            scope |= below
    if args.since is not None:
        changed = known - _same_since(args.since, world, snapshots)
        scope = changed if scope is None else scope & changed
    return scope


def _same_since(ref: str, world: World, snapshots: Iterable[Snapshot]) -> frozenset[str]:
    """The paths of the files that are as they were where the present branch left *ref*."""
    if world.repository is None:
        raise UsageError(f"--since {ref} needs a git repository, and {world.given} lies in none")
    base = git.merge_base(world.repository, ref) or git.commit(world.repository, ref)
    if base is None:
        raise UsageError(f"--since: git knows no commit named {ref}")
    files = {path: file for each in snapshots for path, file in {**each.files, **each.documents}.items()}
    return git.unchanged(world.repository, base, files.values())
