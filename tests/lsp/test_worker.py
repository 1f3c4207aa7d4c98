from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import CancelledError, Future

import pytest

from mig_lsp.lsp.worker import StoppedError, Tick, Worker

TIMEOUT = 10


def nothing_to_do(_: Tick) -> float | None:
    return None


def test_tasks_run_in_order_on_one_thread() -> None:
    worker = Worker(nothing_to_do)
    done: list[tuple[int, str]] = []
    tasks = [worker.submit(lambda _, n=n: done.append((n, threading.current_thread().name))) for n in range(50)]  # type: ignore[misc]  # the default binds n
    for task in tasks:
        task.result(TIMEOUT)
    assert [(n, "analysis") for n in range(50)] == done
    worker.close(TIMEOUT)


def test_a_running_task_stops_at_its_tick_and_a_waiting_one_never_runs() -> None:
    worker = Worker(nothing_to_do)
    begun = threading.Event()

    def endless(tick: Tick) -> None:
        begun.set()
        while True:
            tick()
            time.sleep(0.001)

    first, second = worker.submit(endless), worker.submit(endless)
    assert begun.wait(TIMEOUT)
    second.cancel()
    first.cancel()
    with pytest.raises(StoppedError):
        first.result(TIMEOUT)
    with pytest.raises(CancelledError):
        second.result(TIMEOUT)
    assert 5 == worker.submit(lambda _: 5).result(TIMEOUT)
    worker.close(TIMEOUT)


def test_an_error_is_the_results_and_the_worker_goes_on() -> None:
    worker = Worker(nothing_to_do)
    with pytest.raises(ZeroDivisionError):
        worker.submit(lambda _: 1 // 0).result(TIMEOUT)
    assert 5 == worker.submit(lambda _: 5).result(TIMEOUT)
    worker.close(TIMEOUT)


def test_idle_work_makes_way_for_a_task_and_is_taken_up_again() -> None:
    rounds: list[str] = []
    begun, finished = threading.Event(), threading.Event()

    def idle(tick: Tick) -> float | None:
        rounds.append("begun")
        begun.set()
        if len(rounds) == 1:
            while True:
                tick()
                time.sleep(0.001)
        finished.set()
        return None

    worker = Worker(idle)
    worker.submit(lambda _: None)
    assert begun.wait(TIMEOUT)
    assert 7 == worker.submit(lambda _: 7).result(TIMEOUT)
    assert finished.wait(TIMEOUT)
    worker.close(TIMEOUT)
    assert ["begun", "begun"] == rounds[:2]


def test_idle_work_is_called_after_the_pause_it_asked_for_and_survives_a_defect() -> None:
    times: list[float] = []
    enough = threading.Event()

    def idle(_: Tick) -> float | None:
        times.append(time.monotonic())
        if len(times) == 3:
            enough.set()
        return 0.05

    worker = Worker(idle)
    worker.submit(lambda _: None)
    assert enough.wait(TIMEOUT)
    worker.close(TIMEOUT)
    assert times[1] - times[0] >= 0.045


def test_closing_cancels_what_waits_and_what_comes() -> None:
    worker = Worker(nothing_to_do)
    gate = threading.Event()
    begun = threading.Event()

    def wait(_: Tick) -> bool:
        begun.set()
        return gate.wait(TIMEOUT)

    first = worker.submit(wait)
    assert begun.wait(TIMEOUT)
    second: Future[None] = worker.submit(lambda _: None)
    worker.close(0.01)
    third = worker.submit(lambda _: None)
    gate.set()
    assert first.result(TIMEOUT)
    assert second.cancelled()
    assert third.cancelled()


def test_the_stack_is_deep_enough_for_the_parser() -> None:
    worker = Worker(nothing_to_do)

    def deep(_: Tick) -> int:
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(100_000)
        try:
            return depth(20_000)
        finally:
            sys.setrecursionlimit(before)

    assert 20_000 == worker.submit(deep).result(TIMEOUT)
    worker.close(TIMEOUT)


def depth(n: int) -> int:
    return 0 if n == 0 else 1 + depth(n - 1)
