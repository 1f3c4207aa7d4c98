"""No text makes a reader fail or say what is not so: the kept corpus, and texts made of it by chance.

`readers.py` says what must be true of each; `guided.py` looks for texts that lead to new paths, where atheris is there.
"""

from __future__ import annotations

import importlib.util
import random
import subprocess
import sys

import pytest

from tests.fuzz.guided import texts
from tests.fuzz.readers import TARGETS
from tests.fuzz.statements import ODD
from tests.support.effort import Effort

_JOINTS = (
    *ODD,
    "\n",
    "\r\n",
    "\r",
    " ",
    "'x'",
    '"x"',
    "[",
    "]",
    "{",
    "}",
    ",",
    "=",
    ": ",
    "// x\n",
    "# x\n",
    "...",
    "null",
)


@pytest.mark.parametrize("target", TARGETS)
def test_the_kept_corpus(target: str) -> None:
    kept = texts(target)
    assert kept
    for text in kept:
        _judge(target, text)


@pytest.mark.parametrize("target", TARGETS)
def test_texts_by_chance(target: str, seed: int, effort: Effort) -> None:
    chance = random.Random(f"{target} {seed}")
    kept = texts(target)
    for _ in range(effort.count(150, 5_000)):
        text = chance.choice(kept)
        for _ in range(chance.choice((1, 1, 2, 4, 8))):
            text = _mutated(chance, text, chance.choice(kept))
        _judge(target, text)


if importlib.util.find_spec("atheris") is not None:  # there is none for every system

    @pytest.mark.parametrize("target", TARGETS)
    def test_what_coverage_leads_to(target: str, effort: Effort) -> None:
        seconds = effort.seconds(4, 900)
        command = [sys.executable, "-m", "tests.fuzz.guided", target, "--seconds", f"{seconds:.0f}"]
        tried = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False)
        assert tried.returncode == 0, tried.stderr[-8_000:]


def _judge(target: str, text: str) -> None:
    try:
        TARGETS[target](text)
    except Exception as error:
        error.add_note(f"{target}: {text!a}")
        raise


def _mutated(chance: random.Random, text: str, other: str) -> str:
    start = chance.randint(0, len(text))
    end = min(len(text), start + chance.choice((0, 0, 0, 1, 1, 2, 5, 30)))
    match chance.randrange(4):
        case 0:
            return text[:start] + other[chance.randint(0, len(other)) :]
        case 1:
            return text[:end] + text[start:]
        case _:
            return text[:start] + chance.choice((*_JOINTS, "")) + text[end:]
