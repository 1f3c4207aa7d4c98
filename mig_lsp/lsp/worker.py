"""One thread that does all analysis, in the order of the messages.

Parsing holds the interpreter's lock, so two threads would only take turns; and what one thread owns needs no locks. Its
stack is large, because PostgreSQL's parser is written in C and recurses.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Tick = Callable[[], None]

_STACK = 16 << 20  # bytes
log = logging.getLogger(__name__)


class StoppedError(Exception):
    """The work was given up: its request was cancelled, or something more urgent waits."""


class Task(Future[T], Generic[T]):
    """Work that waits, runs or is done. A cancelled one never runs, or stops at its next tick."""

    def __init__(self, work: Callable[[Tick], T]) -> None:
        super().__init__()
        self._work = work
        self._stop = False

    def cancel(self) -> bool:
        """Asks the work to stop; True when it had not begun and is stopped already."""
        self._stop = True
        return super().cancel()

    def tick(self) -> None:
        """Raises StoppedError once the task was cancelled."""
        if self._stop:
            raise StoppedError

    def run(self) -> None:
        """Does the work; worker's thread only."""
        if not self.set_running_or_notify_cancel():
            return
        try:
            result = self._work(self.tick)
        except BaseException as error:  # whoever waits for the result gets the reason, whatever it is
            self.set_exception(error)
        else:
            self.set_result(result)


class Worker:
    """Runs tasks in order and, when none waits, *idle*.

    *idle* does a piece of work and says after how many seconds it wants to be called again, None for "after the next
    task". Its tick raises StoppedError as soon as a task waits; it is then called again after that task.
    """

    def __init__(self, idle: Callable[[Tick], float | None]) -> None:
        self._idle = idle
        self._tasks: deque[Task[Any]] = deque()
        self._wake = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="analysis", daemon=True)
        _start_with_stack(self._thread)

    def submit(self, work: Callable[[Tick], T]) -> Task[T]:
        """Has *work* done after everything submitted before; it gets the tick that it must call often."""
        task = Task(work)
        with self._wake:
            if self._closing:
                task.cancel()
                task.run()
                return task
            self._tasks.append(task)
            self._wake.notify()
        return task

    def close(self, timeout: float) -> None:
        """Gives up what waits and what runs; returns when the thread has ended, or after *timeout* seconds."""
        with self._wake:
            self._closing = True
            waiting = list(self._tasks)
            self._tasks.clear()
            self._wake.notify()
        for task in waiting:
            task.cancel()
        self._thread.join(timeout)

    def _run(self) -> None:
        again: float | None = None
        while True:
            with self._wake:
                if not self._tasks and not self._closing and again != 0:
                    self._wake.wait(again)
                if self._closing:
                    return
                task = self._tasks.popleft() if self._tasks else None
            if task is not None:
                task.run()
                again = 0
                continue
            again = self._idly()

    def _idly(self) -> float | None:
        try:
            return self._idle(self._idle_tick)
        except StoppedError:
            return 0
        except Exception:
            # A defect in one document must not end the analysis of all others; a moment later the rest goes on.
            log.exception("work in the background failed")
            return 1.0

    def _idle_tick(self) -> None:
        if self._tasks or self._closing:
            raise StoppedError


def _start_with_stack(thread: threading.Thread) -> None:
    try:
        before = threading.stack_size(_STACK)
    except (ValueError, RuntimeError):  # a platform that does not let threads choose
        thread.start()
        return
    try:
        thread.start()
    finally:
        threading.stack_size(before)


def clock() -> float:
    """Seconds on a clock that never goes back."""
    return time.monotonic()
