from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.hostile import Watched


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path / "watch")
