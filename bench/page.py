"""The page with the results: what stands between marks is written here, the rest by people."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from bench.goals import Results, goals, shown
from bench.plot import draw

PAGE, PLOT = "performance.md", "performance.svg"
_UNEXPLAINED = "the reason is not written down yet"
_COLUMNS = ("p50", "p99", "cpu", "memory")
_MORE = {
    "instructions": "instructions",
    "first_part": "first other documents",
    "open_document": "open document",
    "documents": "documents",
    "first_tenth": "first tenth",
    "last_tenth": "last tenth",
    "memory_after_first_tenth": "after a tenth",
    "memory_at_the_end": "at the end",
}


def write(document: dict[str, Any], folder: Path) -> None:
    """Writes the generated parts of the page in *folder*, and the plot beside it."""
    page = folder / PAGE
    page.write_text(filled(page.read_text("utf-8"), document), "utf-8")
    (folder / PLOT).write_text(draw(Results(document)), "utf-8")


def filled(text: str, document: dict[str, Any]) -> str:
    """The page with the parts between its marks made from the results; reasons that somebody wrote are kept."""
    parts = {
        "goals": _goals(document),
        "missed": _missed(document, text),
        "figures": _figures(document),
        "machine": _machine(document),
    }
    for name, part in parts.items():
        marks = re.compile(rf"(<!-- {name}: .*? -->\n).*?(<!-- end of {name} -->)", re.S)
        text = marks.sub(lambda found, part=part: f"{found[1]}{part}{found[2]}", text)  # type: ignore[misc]
    return text


def _goals(document: dict[str, Any]) -> str:
    rows = ["| goal | measured | compared with | ratio | |", "| --- | ---: | ---: | ---: | --- |"]
    for goal in goals():
        verdict = goal.judge(Results(document))
        if verdict is None:
            rows.append(f"| {goal.text} | | | | not measured |")
        else:
            word = "met" if verdict.met else "**missed**"
            rows.append(f"| {goal.text} | {verdict.measured} | {verdict.compared} | {verdict.ratio:.2f} | {word} |")
    return "\n".join(rows) + "\n"


def _missed(document: dict[str, Any], text: str) -> str:
    known = dict(re.findall(r"^- \*\*(.+?)\*\*: (.+)$", text, re.M))
    missed = [goal.text for goal in goals() if (verdict := goal.judge(Results(document))) and not verdict.met]
    if not missed:
        return "None.\n"
    return "".join(f"- **{goal}**: {known.get(goal, _UNEXPLAINED)}\n" for goal in missed)


def _figures(document: dict[str, Any]) -> str:
    rows = [
        "| what | program | p50 | p99 | CPU | memory | times | more |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for scenario in document["scenarios"].values():
        title = scenario["title"]
        for name, found in scenario["tools"].items():
            if "failed" in found:
                rows.append(f"| {title} | {name} | | | | | | failed |")
                title = ""
                continue
            counted = "instructions" in found
            cells = ["" if counted or column not in found else shown(column, found[column]) for column in _COLUMNS]
            more = ", ".join(f"{word} {_extra(key, found[key])}" for key, word in _MORE.items() if key in found)
            rows.append(f"| {title} | {name} | {' | '.join(cells)} | {found['count']} | {more} |")
            title = ""
    return "\n".join(rows) + "\n"


def _extra(name: str, value: float) -> str:
    return f"{value:,.0f}" if name == "documents" else shown(name, value)


def _machine(document: dict[str, Any]) -> str:
    machine, tools, counter = document["machine"], document["tools"], document["counter"] or "nothing"
    programs = ", ".join(f"{name} {version}".strip() for name, version in tools.items())
    note = f"\n**{document['note']}**\n" if "note" in document else ""
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory'] / 1e9:.0f} GB, {machine['system']}, "
        f"Python {machine['python']}; {programs}; {document['date']}. Instructions are counted by {counter}.\n{note}"
    )
