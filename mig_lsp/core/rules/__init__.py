"""The rules. One rule is one pair of files, `<name>.py` and `<name>.md`, found by listing this folder.

The module checks; the page explains to users and is the rule's test. A module defines `CATEGORY`, `SEVERITY` and one or
more of:

    check_statement(statement, plan)   findings relative to `statement.text`; may depend on nothing else, so
                                       they are kept with the statement
    check_moment(moment, plan)         the same, and may ask the moment for what the catalog holds at that place of the
                                       run; only of files that run
    check_chunk(chunk, plan)           as check_statement, for each chunk that the runner sends whole; relative to
                                       `chunk.text`
    check_run(snapshot, file)          pairs of the number of a statement of one migration file and a finding relative
                                       to that statement's text; the very same finding as long as nothing changed
    check_file(snapshot, file)         findings of one migration file
    check_set(snapshot)                pairs of a path and a finding, anywhere in the set; may read names, manifest,
                                       configuration, log and git, but no text of a migration file

A rule about taste defines `DEFAULT_OFF = True` as well: it is off until the configuration gives it a severity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from pkgutil import iter_modules
from typing import Literal

from mig_lsp.core.catalog.moment import Moment
from mig_lsp.core.change import Finding, Severity
from mig_lsp.core.runner.split import Chunk
from mig_lsp.core.snapshot import File, Plan, Snapshot
from mig_lsp.core.sql.statement import Statement

Category = Literal[
    "runner", "syntax", "manifest", "naming", "history", "header", "rerun", "schema", "lock", "drizzle", "config"
]
StatementCheck = Callable[[Statement, Plan], Iterator[Finding]]
MomentCheck = Callable[[Moment, Plan], Iterator[Finding]]
ChunkCheck = Callable[[Chunk, Plan], Iterator[Finding]]
RunCheck = Callable[[Snapshot, File], Iterator[tuple[int, Finding]]]
FileCheck = Callable[[Snapshot, File], Iterator[Finding]]
SetCheck = Callable[[Snapshot], Iterator[tuple[str, Finding]]]


@dataclass(frozen=True)
class Rule:
    """A rule's name, its defaults and its checks; a check that the rule does not have is None."""

    name: str
    category: Category
    severity: Severity
    default_off: bool
    check_statement: StatementCheck | None
    check_moment: MomentCheck | None
    check_chunk: ChunkCheck | None
    check_run: RunCheck | None
    check_file: FileCheck | None
    check_set: SetCheck | None

    @property
    def default(self) -> Severity | None:
        """The severity without a configuration, None for a rule that is off then."""
        return None if self.default_off else self.severity

    @property
    def default_word(self) -> str:
        """The severity without a configuration as the configuration would write it: "off" for a rule that is off."""
        return "off" if self.default_off else self.severity.word

    @cached_property
    def page(self) -> str:
        """The rule's documentation, in Markdown; its tests follow the heading "Tests"."""
        from importlib import resources

        return (resources.files(__package__) / f"{_module(self.name)}.md").read_text("utf-8")

    @property
    def documentation(self) -> str:
        """The part of the page that users read."""
        return self.page.partition("\n## Tests")[0].rstrip() + "\n"

    @property
    def summary(self) -> str:
        """The first sentence of the page: what is wrong and why it hurts."""
        return self.page.split("\n\n", 2)[1].replace("\n", " ").strip()


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, by name."""
    return tuple(_load(name) for name in sorted(module.name for module in iter_modules(__path__)))


@cache
def by_name() -> dict[str, Rule]:
    """Every rule under its name."""
    return {rule.name: rule for rule in all_rules()}


def _load(module: str) -> Rule:
    code = import_module(f"{__package__}.{module}")
    return Rule(
        module.replace("_", "-"),
        code.CATEGORY,
        code.SEVERITY,
        getattr(code, "DEFAULT_OFF", False),
        getattr(code, "check_statement", None),
        getattr(code, "check_moment", None),
        getattr(code, "check_chunk", None),
        getattr(code, "check_run", None),
        getattr(code, "check_file", None),
        getattr(code, "check_set", None),
    )


def _module(name: str) -> str:
    return name.replace("-", "_")
