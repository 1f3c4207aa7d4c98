"""The borders of ARCHITECTURE.md: who may import whom, who may touch the world, how long a module may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent / "mig_lsp"
RULES = ROOT / "core" / "rules"

# Lowest first. A part is a module with all that begins with its name ("shadow" is shadow.py and shadow_keeper.py,
# "core.sql" all of sql/); with ".*" every module of the package is a part by itself. Modules of one part may import
# each other, parts of one layer may not.
LAYERS = (
    "core.text core.pages core.noted caches later",
    "core.branches core.candidates core.change core.comments core.visible",
    "core.sql core.manifest core.config core.log core.outcome core.suppression",
    "core.runner core.migration core.locks",
    "core.header core.rollback core.catalog core.drizzle",
    "core.snapshot",
    "core.delivery core.discovery core.merged core.rerun core.impact core.differences core.inserts core.twice",
    "core.objections core.whereabouts",
    "core.rules",
    "core.rules.*",
    "core.settled core.check core.author",
    "core.features",
    "disk git ledger shadow render",
    "replay results",
    "verify",
    "lsp",
    "commands",
    "cli",
    "__main__",
)

# The modules that may be imported only by the parts named; a module counts with all that is in it.
ONLY = {
    "pglast": "core.sql",
    "sqlglot": "core.sql",
    "tree_sitter": "core.manifest core.drizzle",
    "tree_sitter_json": "core.manifest",
    "tree_sitter_typescript": "core.manifest core.drizzle",
    "pygls": "lsp",
    "lsprotocol": "lsp",
    "asyncio": "lsp",
    "cattrs": "lsp",
    "boto3": "ledger",
    "botocore": "ledger",
    "psycopg": "ledger replay shadow",
    "socket": "ledger lsp shadow",
    "subprocess": "git shadow",
    "signal": "shadow cli commands",
    "shutil": "disk git ledger shadow",
    "tempfile": "disk ledger shadow",
    "http": "",
    "urllib.request": "",
    "pickle": "",
}

# What the core does without: it takes values and gives values.
IMPURE = (
    " asyncio concurrent fcntl fileinput glob io locale logging multiprocessing os pathlib platform platformdirs random"
    " secrets select selectors shutil signal socket sqlite3 stat subprocess sys tempfile threading time urllib warnings"
    " webbrowser "
)
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "now", "utcnow", "today", "getenv"}

MAX_LINES = 400


class Module(NamedTuple):
    """A module of the package: its name without the package's, and its code."""

    name: str
    path: Path
    tree: ast.Module


def _load(path: Path) -> Module:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix("__init__").removesuffix(".")
    return Module(name, path, ast.parse(path.read_text("utf-8")))


MODULES = tuple(_load(path) for path in sorted(ROOT.rglob("*.py")))
NAMES = frozenset(module.name for module in MODULES)


def test_a_module_imports_only_what_stands_below_it() -> None:
    """Imports inside functions and for types count: they are knowledge too."""
    wrong = []
    for module in MODULES:
        for target in _own(module):
            below, above = _place(target), _place(module.name)
            if below.part != above.part and below.layer >= above.layer:
                wrong.append(f"{module.name} -> {target}")
    assert wrong == []


def test_every_module_has_a_layer() -> None:
    assert [name for name in sorted(NAMES) if not _is_bare(name) and _find(name) is None] == []


def test_no_import_goes_in_a_circle() -> None:
    try:
        TopologicalSorter({module.name: set(_own(module)) for module in MODULES}).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(reversed(error.args[1])))


def test_the_editor_and_the_command_line_know_nothing_of_each_other() -> None:
    """But for the one door through which `mig-lsp serve` starts the server."""
    arrows = {
        f"{module.name} -> {target}"
        for module in MODULES
        for target in _own(module)
        if {_top(module.name), _top(target)} in ({"lsp", "commands"}, {"lsp", "cli"})
    }
    assert [arrow for arrow in arrows if not arrow.endswith("-> lsp.server")] == []
    assert len(arrows) <= 1


def test_libraries_are_used_where_they_belong() -> None:
    wrong = []
    for module in MODULES:
        for target in _foreign(module):
            key = next((key for key in (target, target.partition(".")[0]) if key in ONLY), None)
            if key is not None and (_is_bare(module.name) or _place(module.name).part not in ONLY[key].split()):
                wrong.append(f"{module.name} -> {target}, which is for {ONLY[key] or 'nobody'}")
    assert wrong == []


def test_the_core_is_pure() -> None:
    wrong = []
    for module in MODULES:
        if _top(module.name) != "core":
            continue
        wrong += [f"{module.name} -> {each}" for each in _foreign(module) if f" {_top(each)} " in IMPURE]
        wrong += [f"{module.name}:{line}: {call}()" for call, line in _calls(module.tree) if call in IMPURE_CALLS]
    assert wrong == []


def test_no_module_is_too_long() -> None:
    lengths = {module.name: module.path.read_text("utf-8").count("\n") for module in MODULES}
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def test_every_rule_has_its_page_and_every_page_its_rule() -> None:
    modules = {path.stem for path in RULES.glob("*.py")} - {"__init__"}
    pages = {path.stem for path in RULES.glob("*.md")}
    assert (sorted(modules - pages), sorted(pages - modules)) == ([], [])


def test_every_rule_says_its_category_and_its_severity() -> None:
    needed = {"CATEGORY", "SEVERITY"}
    missing = {
        module.name: sorted(needed - names)
        for module in MODULES
        if module.name.startswith("core.rules.") and needed - (names := _assigned(module.tree))
    }
    assert missing == {}


def test_init_files_carry_nothing_on() -> None:
    """No re-exports: a name is imported from where it stands."""
    carried: dict[str, list[str]] = {}
    for module in MODULES:
        if module.path.name == "__init__.py" and module.name != "core.rules":
            carried[module.name] = [target for target in _imports(module) if target != "__future__"]
    assert {name: targets for name, targets in carried.items() if targets} == {}


class Place(NamedTuple):
    """Where a module stands: the layer, counted from the lowest, and the part."""

    layer: int
    part: str


def _place(name: str) -> Place:
    found = _find(name)
    return found if found is not None else Place(-1, name)  # another test says that it has none


def _find(name: str) -> Place | None:
    """The place of the longest pattern that fits."""
    fitting = [
        Place(layer, name if part.endswith(".*") else part)
        for layer, parts in enumerate(LAYERS)
        for part in parts.split()
        if _fits(name, part)
    ]
    return max(fitting, key=lambda place: len(place.part), default=None)


def _fits(name: str, part: str) -> bool:
    if part.endswith(".*"):
        return name.startswith(part[:-1])
    return name == part or name.startswith((f"{part}.", f"{part}_"))


def _is_bare(name: str) -> bool:
    """Whether the name is the package itself or the core's: nothing but a docstring and the version."""
    return name in ("", "core")


def _top(name: str) -> str:
    return name.partition(".")[0]


def _own(module: Module) -> Iterator[str]:
    """The modules of this package that *module* imports."""
    for target in _imports(module):
        if target == "mig_lsp" or target.startswith("mig_lsp."):
            name = target.removeprefix("mig_lsp").removeprefix(".")
            while name not in NAMES:  # a name inside a module
                name = name.rpartition(".")[0]
            if not _is_bare(name) and name != module.name:
                yield name


def _foreign(module: Module) -> Iterator[str]:
    """The modules of others that *module* imports."""
    yield from (target for target in _imports(module) if _top(target) not in ("mig_lsp", "__future__"))


def _imports(module: Module) -> Iterator[str]:
    """What *module* imports, as `package.module.name`; of others' packages only the module."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = ("mig_lsp", *module.path.relative_to(ROOT).parts)[: -node.level]
                base = ".".join((*parts, base)).rstrip(".")
            if _top(base) == "mig_lsp":
                yield from (f"{base}.{alias.name}" for alias in node.names)
            else:
                yield base


def _calls(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The calls of builtins and methods by their last name, and their lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Name(name) | ast.Attribute(_, name):
                    yield name, node.lineno


def _assigned(tree: ast.Module) -> set[str]:
    targets: Mapping[type[ast.stmt], str] = {ast.AnnAssign: "target", ast.Assign: "targets"}
    found = set()
    for node in tree.body:
        attribute = targets.get(type(node))
        if attribute is not None:
            value = getattr(node, attribute)
            found |= {each.id for each in (value if isinstance(value, list) else [value]) if isinstance(each, ast.Name)}
    return found
