"""How long a fuzz test goes on: minutes in every run, hours with `--long`; always with a seed that is shown."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest

LONG_SEEDS = 25
LONG_TIMEOUT = 4 * 3600.0  # seconds for one test


@dataclass(frozen=True, slots=True)
class Effort:
    """What one test may take; `long` runs are started by a person."""

    long: bool

    def count(self, short: int, long: int) -> int:
        """How often to try."""
        return long if self.long else short

    def seconds(self, short: float, long: float) -> float:
        """How long to go on, where time and not a number of tries is the measure."""
        return long if self.long else short


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("fuzz")
    group.addoption("--long", action="store_true", help="the long form of the tests in tests/fuzz: hours")
    group.addoption("--seed", type=int, action="append", default=[], help="try this seed only; may be repeated")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A fuzz test with an argument `seed` runs once for each: the same three in a short run, new ones in a long one."""
    if "seed" in metafunc.fixturenames and metafunc.module.__name__.startswith("tests.fuzz."):
        metafunc.parametrize("seed", _seeds(metafunc.config))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        for item in items:
            item.add_marker(pytest.mark.timeout(LONG_TIMEOUT))


@pytest.fixture(scope="session")
def effort(request: pytest.FixtureRequest) -> Effort:
    return Effort(bool(request.config.getoption("--long")))


def _seeds(config: pytest.Config) -> list[int]:
    chosen: list[int] = config.getoption("--seed")
    if chosen:
        return chosen
    if not config.getoption("--long"):
        return [1, 2, 3]
    # Workers of one run must agree on the tests there are, so the seeds come from the run's own name.
    run = getattr(config, "workerinput", {}).get("testrunuid") or config.getoption("testrunuid", None)
    return random.Random(run).sample(range(1000, 10**6), LONG_SEEDS)
