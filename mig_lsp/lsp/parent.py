"""Notices that the editor's process has ended, for editors whose end does not close the server's input.

A process that is not there at the beginning is one of another machine or container, and says nothing.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable

_EVERY = 2.0  # seconds


def watch(process: int, gone: Callable[[], None]) -> None:
    """Calls *gone*, on a thread of its own, soon after the process with that id has ended."""
    if is_alive(process):
        threading.Thread(target=_wait, args=(process, gone), name="parent", daemon=True).start()


def _wait(process: int, gone: Callable[[], None]) -> None:
    while is_alive(process):
        time.sleep(_EVERY)
    gone()


if sys.platform == "win32":

    def is_alive(process: int) -> bool:
        """Whether there is a process with that id."""
        import ctypes

        synchronize, timed_out, denied = 0x100000, 0x102, 5
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.OpenProcess.restype = ctypes.c_void_p
        handle = kernel.OpenProcess(synchronize, False, process)
        if not handle:
            return ctypes.get_last_error() == denied
        try:
            return kernel.WaitForSingleObject(ctypes.c_void_p(handle), 0) == timed_out
        finally:
            kernel.CloseHandle(ctypes.c_void_p(handle))

else:

    def is_alive(process: int) -> bool:
        """Whether there is a process with that id."""
        try:
            os.kill(process, 0)
        except (ProcessLookupError, OverflowError):
            return False
        except PermissionError:
            return True
        return True
