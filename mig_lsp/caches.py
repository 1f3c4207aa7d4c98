"""Where this program may keep what it can make again."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def directory() -> Path | None:
    """The program's own directory among the user's caches, which may not exist yet; None when caches are turned off.

    `XDG_CACHE_HOME` is respected on every system, and `MIG_LSP_NO_CACHE` turns the caches off.
    """
    if os.environ.get("MIG_LSP_NO_CACHE", "0") not in ("", "0"):
        return None
    chosen = os.environ.get("XDG_CACHE_HOME", "")
    if Path(chosen).is_absolute():
        return Path(chosen, "mig-lsp")
    if sys.platform == "linux":
        return Path.home() / ".cache" / "mig-lsp"  # the same, without the time to import what says so
    import platformdirs

    return platformdirs.user_cache_path("mig-lsp", appauthor=False)
