"""What was measured, as values and as JSON.

Times are in milliseconds, CPU in milliseconds for one operation, memory in bytes.
"""

from __future__ import annotations

import math
import os
import platform
import statistics
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

VERSION = 1
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one program: the seconds that each operation took, and the seconds of CPU of all together."""

    wall: Sequence[float]
    cpu: float | None = None
    memory: int | None = None
    more: Mapping[str, float] = field(default_factory=dict)


def summary(runs: Iterable[Run]) -> Json:
    """All runs of one program in one scenario, together."""
    done = list(runs)
    wall = sorted(second for run in done for second in run.wall)
    found: Json = {
        "count": len(wall),
        "p50": _ms(quantile(wall, 0.5)),
        "p99": _ms(quantile(wall, 0.99)),
        "min": _ms(wall[0]),
    }
    cpu = [run.cpu / len(run.wall) for run in done if run.cpu is not None]
    if cpu:
        found["cpu"] = _ms(statistics.median(cpu))
    if sizes := [run.memory for run in done if run.memory is not None]:
        found["memory"] = max(sizes)
    for name in dict.fromkeys(name for run in done for name in run.more):
        found[name] = round(statistics.median(run.more[name] for run in done if name in run.more), 3)
    return found


def quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that *share* of all do not exceed; of few values p99 is the largest."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def document(scenarios: Json, tools: Mapping[str, str], counter: str) -> Json:
    """The file of results; *counter* names what counts instructions."""
    return {
        "version": VERSION,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "tools": dict(tools),
        "counter": counter,
        "scenarios": scenarios,
    }


def machine() -> Json:
    """What the figures depend on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory": memory,
        "python": sys.version.split()[0],
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _ms(seconds: float) -> float:
    """Milliseconds, with three digits that mean something."""
    value = seconds * 1000
    return round(value, max(0, 2 - math.floor(math.log10(value)))) if value > 0 else 0.0
