from __future__ import annotations

pytest_plugins = ["tests.support.figures", "tests.support.postgres"]
