"""`python -m bench`: measures mig-lsp and its peers side by side.

    python -m bench run                        everything and everybody, three rounds; to bench/results.json
    python -m bench run --scenario 'keys-*' --only mig-lsp --repeat 1 --json keys.json
    python -m bench run --tree before=../old --tree after=.      two states of mig-lsp in one run
    python -m bench run --scenario smoke       a few files, mig-lsp only, seconds
    python -m bench page                       docs/performance.md and its plot, from bench/results.json
    python -m bench plot FILE.svg              the plot alone
    python -m bench corpus FOLDER              writes the corpora

The programs take turns (A B C A B C), so that whatever else the machine does hits all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

from bench import corpus, page, peers, plot, record
from bench.client import NoAnswerError
from bench.commands import FailedError
from bench.goals import Results
from bench.peers import Tool
from bench.process import counter
from bench.record import Json, Run
from bench.scenarios import Effort, Scenario, all_scenarios, smoke

RESULTS = peers.PROJECT / "bench" / "results.json"
_LONG_SESSION = 100_000  # edits


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command that the arguments name and returns its exit code."""
    chosen = _parser().parse_args(arguments)
    if chosen.command == "corpus":
        for name, make in corpus.makers().items():
            say(str(corpus.write(make(), chosen.folder / name)))
        return 0
    if chosen.command == "page":
        page.write(json.loads(chosen.json.read_text("utf-8")), peers.PROJECT / "docs")
        return 0
    if chosen.command == "plot":
        chosen.file.write_text(plot.draw(Results(json.loads(chosen.json.read_text("utf-8")))), "utf-8")
        return 0
    wanted = _scenarios(chosen.scenario)
    if not wanted:
        say(f"there is no such scenario: {', '.join(each.name for each in [*all_scenarios(), *smoke()])}")
        return 2
    tools = _tools(chosen, wanted)
    effort = Effort(_LONG_SESSION if chosen.long else chosen.edits, chosen.seed)
    corpora = (chosen.corpora or chosen.cache / "corpora").resolve()
    results = json.loads(chosen.json.read_text("utf-8"))["scenarios"] if chosen.keep and chosen.json.exists() else {}
    failures = 0
    for scenario in wanted:
        root = corpora / scenario.corpus
        if chosen.real and scenario.corpus == corpus.REAL:
            root = chosen.real.resolve()
        else:
            corpus.write(corpus.makers()[scenario.corpus](), root)
        found = measure(scenario, [tool for tool in tools if _takes_part(scenario, tool)], root, chosen.repeat, effort)
        failures += sum("failed" in of for of in found.values())
        results[scenario.name] = {"title": scenario.title, "tools": found}
        done = record.document(results, {tool.name: tool.version for tool in tools}, counter())
        chosen.json.write_text(json.dumps(done, indent=1) + "\n", "utf-8")  # after each, so that nothing is lost
        for name, of in found.items():
            say(f"{scenario.name:22} {name:25} " + " ".join(f"{key}={value}" for key, value in of.items()))
    return int(failures > 0)


def measure(scenario: Scenario, tools: Sequence[Tool], root: Path, repeat: int, effort: Effort) -> Json:
    """Runs one scenario, the programs taking turns; one that fails takes no further part in it."""
    runs: dict[str, list[Run]] = {tool.name: [] for tool in tools}
    failed: dict[str, str] = {}
    for _ in range(1 if scenario.once else repeat):
        for tool in tools:
            if tool.name in failed:
                continue
            try:
                runs[tool.name] += scenario.run(tool, root, effort)
            except (NoAnswerError, FailedError, OSError) as error:
                failed[tool.name] = " ".join(str(error).split())[-300:] or type(error).__name__
    return {name: {"failed": failed[name]} if name in failed else record.summary(done) for name, done in runs.items()}


def say(line: str) -> None:
    """Prints a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _takes_part(scenario: Scenario, tool: Tool) -> bool:
    if tool.is_ours:
        return True
    return scenario.also_minimal if tool.check is None else not scenario.ours


def _scenarios(patterns: Sequence[str]) -> list[Scenario]:
    if not patterns:
        return all_scenarios()
    found = [each for each in all_scenarios() if any(fnmatch(each.name, pattern) for pattern in patterns)]
    return found + (smoke() if "smoke" in patterns else [])


def _tools(chosen: argparse.Namespace, wanted: Sequence[Scenario]) -> list[Tool]:
    trees = [pair.partition("=")[::2] for pair in chosen.tree] or [("mig-lsp", str(peers.PROJECT))]
    found = [peers.ours(name, Path(tree).resolve(), chosen.python) for name, tree in trees]
    if all(scenario.ours for scenario in wanted) or chosen.only == "mig-lsp":
        return found
    installers = {"squawk": peers.squawk, "postgres-language-server": peers.pgls}
    for name, install in installers.items():
        if chosen.only and name not in chosen.only:
            continue
        try:
            found.append(install(chosen.cache))
        except (subprocess.CalledProcessError, OSError) as error:
            say(f"{name} cannot be installed here, so it is left out: {error}")
    return [*found, peers.minimal(chosen.python)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="measure")
    run.add_argument("--scenario", action="append", default=[], help="a name or pattern; may be repeated")
    run.add_argument("--repeat", type=int, default=3, help="rounds (default: 3)")
    run.add_argument("--json", type=Path, default=RESULTS, help="where the results go (default: bench/results.json)")
    run.add_argument("--keep", action="store_true", help="leave the results of other scenarios in the file")
    run.add_argument(
        "--tree", action="append", default=[], metavar="NAME=FOLDER", help="a state of mig-lsp; may be repeated"
    )
    run.add_argument("--python", default=sys.executable, help="the Python that runs mig-lsp")
    run.add_argument("--only", default="", metavar="NAMES", help="mig-lsp and, of the peers, those that are named")
    run.add_argument("--real", type=Path, help="a workspace of your own in place of the 126 generated files")
    run.add_argument("--corpora", type=Path, help="where the corpora are, or are written to")
    run.add_argument("--edits", type=int, default=2_000, help="edits of a long session (default: 2,000)")
    run.add_argument("--long", action="store_true", help=f"{_LONG_SESSION:,} edits in the long session")
    run.add_argument("--seed", type=int, default=1, help="of what is typed")
    run.add_argument("--cache", type=Path, default=_cache(), help="where peers and corpora are kept")
    shown = commands.add_parser("page", help="write docs/performance.md and its plot")
    shown.add_argument("--json", type=Path, default=RESULTS)
    drawn = commands.add_parser("plot", help="draw the plot alone")
    drawn.add_argument("file", type=Path)
    drawn.add_argument("--json", type=Path, default=RESULTS)
    corpora = commands.add_parser("corpus", help="write the corpora")
    corpora.add_argument("folder", type=Path)
    return parser


def _cache() -> Path:
    given = os.environ.get("XDG_CACHE_HOME")
    return (Path(given) if given else Path.home() / ".cache") / "mig-lsp-bench"


if __name__ == "__main__":
    sys.exit(main())
