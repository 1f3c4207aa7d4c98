"""The plot of the results: an SVG that is readable on light and on dark pages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from bench.goals import OURS, SQUAWK, Results

_WIDTH, _HEIGHT = 980, 390
_PANEL, _TOP, _TALL, _LEFT, _GAP = 310, 64, 252, 70, 170
_CLASSES = {OURS: "a", SQUAWK: "b", "postgres-language-server": "c", f"{OURS}, warm": "d"}
_STYLE = """
  text { font: 12px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #3d444d; }
  .title { font-size: 14px; font-weight: 600; fill: #1f2328; }
  .grid { stroke: #d1d9e0; stroke-width: 1; } .axis { stroke: #818b98; stroke-width: 1; }
  .line { fill: none; stroke-width: 2.5; } .spread { stroke-width: 1.2; opacity: .65; }
  .goal { stroke: #59636e; stroke-width: 1.2; stroke-dasharray: 4 4; } .ground { fill: #ffffff; }
  .a { stroke: #0969da; } .b { stroke: #bc4c00; } .c { stroke: #8250df; } .d { stroke: #1a7f37; stroke-dasharray: 6 3; }
  .fa { fill: #0969da; } .fb { fill: #bc4c00; } .fc { fill: #8250df; } .fd { fill: #1a7f37; }
  @media (prefers-color-scheme: dark) {
    text { fill: #c6cdd5; } .title { fill: #f0f6fc; } .grid { stroke: #30373f; } .axis { stroke: #7d8590; }
    .goal { stroke: #9198a1; } .ground { fill: #0d1117; }
    .a { stroke: #4493f8; } .b { stroke: #f0883e; } .c { stroke: #b78aff; } .d { stroke: #3fb950; }
    .fa { fill: #4493f8; } .fb { fill: #f0883e; } .fc { fill: #b78aff; } .fd { fill: #3fb950; }
  }
"""


class Point(NamedTuple):
    """A value (milliseconds) at a size, and the end of its spread."""

    size: float
    value: float
    to: float | None = None


class Panel(NamedTuple):
    """One diagram with logarithmic axes: lines by name, and a goal that is a point on it."""

    title: str
    below: str
    lines: dict[str, list[Point]]
    sizes: Sequence[int]
    goal: tuple[str, float] | None = None


def draw(results: Results) -> str:
    """The whole picture."""
    keys = Panel(
        "Key to findings, p50 (p99 above it)",
        "lines of the file, with a finding in five of them",
        _lines(
            results,
            {500: "keys-500-findings", 5_000: "keys-5000-findings", 10_000: "keys-10000-findings"},
            "p50",
            "p99",
        ),
        (500, 5_000, 10_000),
        ("goal at 5,000 lines: 5 ms", 5.0),
    )
    checks = {count: f"check-{count}" for count in (100, 1_000, 10_000)}
    lines = _lines(results, checks, "cpu")
    warm = [Point(count, value) for count in (1_000, 10_000) if (value := results.get(f"warm-{count}", OURS, "cpu"))]
    files = Panel(
        "Check of a set, CPU time", "files", lines | ({f"{OURS}, warm": warm} if warm else {}), (100, 1_000, 10_000)
    )
    body = "".join(_panel(panel, _LEFT + number * (_PANEL + _GAP)) for number, panel in enumerate((keys, files)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="How long mig-lsp, squawk and postgres-language-server take">\n<style>{_STYLE}</style>\n'
        f'<rect class="ground" width="{_WIDTH}" height="{_HEIGHT}" rx="6"/>\n{body}</svg>\n'
    )


def _lines(results: Results, scenarios: dict[int, str], name: str, to: str = "") -> dict[str, list[Point]]:
    found = {}
    for tool in (OURS, SQUAWK, "postgres-language-server"):
        points = [
            Point(size, value, results.get(scenario, tool, to) if to else None)
            for size, scenario in scenarios.items()
            if (value := results.get(scenario, tool, name))
        ]
        if points:
            found[tool] = points
    return found


def _panel(panel: Panel, left: float) -> str:
    values = [
        value for points in panel.lines.values() for point in points for value in (point.value, point.to) if value
    ]
    values += [panel.goal[1]] if panel.goal else []
    low, high = math.floor(math.log10(min(values, default=1))), math.ceil(math.log10(max(values, default=10)))
    high = max(high, low + 1)

    def across(size: float) -> float:
        first, last = math.log10(panel.sizes[0]), math.log10(panel.sizes[-1])
        return left + 14 + (math.log10(size) - first) / (last - first) * (_PANEL - 28)

    def up(value: float) -> float:
        return _TOP + _TALL - (math.log10(value) - low) / (high - low) * _TALL

    out = [f'<text class="title" x="{left}" y="36">{escape(panel.title)}</text>\n']
    for power in range(low, high + 1):
        y = up(10.0**power)
        out.append(f'<line class="grid" x1="{left}" x2="{left + _PANEL}" y1="{y:.1f}" y2="{y:.1f}"/>\n')
        out.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{_duration(power)}</text>\n')
    bottom = _TOP + _TALL
    out.append(f'<line class="axis" x1="{left}" x2="{left + _PANEL}" y1="{bottom}" y2="{bottom}"/>\n')
    for size in panel.sizes:
        out.append(f'<text x="{across(size):.1f}" y="{bottom + 20}" text-anchor="middle">{size:,}</text>\n')
    out.append(f'<text x="{left + _PANEL / 2}" y="{bottom + 42}" text-anchor="middle">{escape(panel.below)}</text>\n')
    if panel.goal:
        y = up(panel.goal[1])
        out.append(f'<line class="goal" x1="{left}" x2="{left + _PANEL}" y1="{y:.1f}" y2="{y:.1f}"/>\n')
        out.append(f'<text x="{left + 90}" y="{y - 5:.1f}">{escape(panel.goal[0])}</text>\n')
    labels = _spread({name: up(points[-1].value) for name, points in panel.lines.items()})
    for name, points in panel.lines.items():
        kind = _CLASSES[name]
        path = " ".join(f"{across(point.size):.1f},{up(point.value):.1f}" for point in points)
        out.append(f'<polyline class="line {kind}" points="{path}"/>\n')
        for point in points:
            x, y = across(point.size), up(point.value)
            if point.to:
                end = up(point.to)
                bar = f"M{x:.1f} {y:.1f}V{end:.1f}M{x - 4:.1f} {end:.1f}h8"
                out.append(f'<path class="spread {kind}" d="{bar}"/>\n')
            told = f"<title>{escape(name)}: {point.value:g} ms</title>"
            out.append(f'<circle class="f{kind}" cx="{x:.1f}" cy="{y:.1f}" r="4">{told}</circle>\n')
        out.append(
            f'<text class="f{kind}" x="{left + _PANEL + 2:.1f}" y="{labels[name] + 4:.1f}">{_short(name)}</text>\n'
        )
    return "".join(out)


def _spread(wanted: dict[str, float], apart: float = 15) -> dict[str, float]:
    """Heights for labels beside their lines, none on top of another."""
    placed: dict[str, float] = {}
    last = -math.inf
    for name, height in sorted(wanted.items(), key=lambda pair: pair[1]):
        last = placed[name] = max(height, last + apart)
    return placed


def _duration(power: int) -> str:
    return f"{10 ** (power - 3):,} s" if power >= 3 else f"{10.0**power:g} ms"


def _short(name: str) -> str:
    return "pg-language-server" if name == "postgres-language-server" else escape(name)
