"""The goals, and whether results meet them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

OURS, SQUAWK, MINIMAL = "mig-lsp", "squawk", "minimal pygls server"


class Verdict(NamedTuple):
    """What was measured for a goal, what it is compared with, and how they stand to each other."""

    measured: str
    compared: str
    ratio: float
    met: bool


class Goal(NamedTuple):
    """A goal in words, and its judge, who gives None where something was not measured."""

    text: str
    judge: Callable[[Results], Verdict | None]


class Results:
    """Figures by scenario, program and name."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._scenarios = document["scenarios"]

    def get(self, scenario: str, tool: str, name: str) -> float | None:
        """One figure, None where it was not measured."""
        found = self._scenarios.get(scenario, {}).get("tools", {}).get(tool, {}).get(name)
        return None if found is None else float(found)


def goals() -> list[Goal]:
    """All of them, in the order of the page."""
    return [
        Goal(
            "cold check of 126 files: no more instructions than squawk", _than("instructions", 1.0, "instructions-126")
        ),
        Goal("cold check of 10,000 files: 0.6 times squawk's CPU", _than("cpu", 0.6, "check-10000")),
        Goal("warm check of 10,000 files: a tenth of squawk's CPU", _than("cpu", 0.1, "warm-10000", "check-10000")),
        Goal("memory of a check of 10,000 files: 66 MB in all processes", _below("memory", 66e6, "check-10000")),
        Goal("key to findings, 5,000 lines with 1,000 findings: p50 5 ms", _below("p50", 5, "keys-5000-findings")),
        Goal("key to findings, 5,000 lines with 1,000 findings: p99 25 ms", _below("p99", 25, "keys-5000-findings")),
        Goal("key to findings, 10,000 lines: p50 10 ms", _below("p50", 10, "keys-10000-findings")),
        Goal("first findings of the open file of 10,000: 100 ms after initialized", _below("p50", 100, "open-10000")),
        Goal(
            "start to the answer to initialize: below a minimal pygls server", _than("p50", 1.0, "start", other=MINIMAL)
        ),
        *(
            Goal(f"{name} at 5,000 lines in 1,000 files: p99 20 ms", _below("p99", 20, name.replace(" ", "-")))
            for name in ("completion", "hover", "code action")
        ),
        Goal("growth: CPU per file at 10,000 files no more than at 1,000, to a tenth", _flat),
        Goal(
            "a long session: the last tenth of the edits as quick as the first, to a tenth",
            _steady("first_tenth", "last_tenth"),
        ),
        Goal(
            "a long session: no more memory at its end than after a tenth, to a tenth",
            _steady("memory_after_first_tenth", "memory_at_the_end"),
        ),
    ]


def shown(name: str, value: float) -> str:
    """A figure with its unit."""
    if "memory" in name:
        return f"{value / 1e6:,.0f} MB"
    if name == "instructions":
        return f"{value / 1e9:,.2f} G"
    if value >= 1000:
        return f"{value / 1000:,.2f} s"
    return f"{value:.3g} ms"


def _than(
    name: str, factor: float, scenario: str, theirs: str = "", other: str = SQUAWK
) -> Callable[[Results], Verdict | None]:
    def judge(results: Results) -> Verdict | None:
        mine, peer = results.get(scenario, OURS, name), results.get(theirs or scenario, other, name)
        if mine is None or not peer:
            return None
        return Verdict(shown(name, mine), f"{other} {shown(name, peer)}", mine / peer, mine <= factor * peer)

    return judge


def _below(name: str, limit: float, scenario: str) -> Callable[[Results], Verdict | None]:
    def judge(results: Results) -> Verdict | None:
        mine = results.get(scenario, OURS, name)
        return None if mine is None else Verdict(shown(name, mine), shown(name, limit), mine / limit, mine <= limit)

    return judge


def _steady(early: str, late: str) -> Callable[[Results], Verdict | None]:
    def judge(results: Results) -> Verdict | None:
        first, last = results.get("edits", OURS, early), results.get("edits", OURS, late)
        if not first or last is None:
            return None
        return Verdict(shown(late, last), shown(early, first), last / first, last <= 1.1 * first)

    return judge


def _flat(results: Results) -> Verdict | None:
    few, many = results.get("check-1000", OURS, "cpu"), results.get("check-10000", OURS, "cpu")
    if not few or many is None:
        return None
    at_few, at_many = few / 1_000, many / 10_000
    return Verdict(
        f"{shown('cpu', at_many)} a file", f"{shown('cpu', at_few)} a file", at_many / at_few, at_many <= 1.1 * at_few
    )
