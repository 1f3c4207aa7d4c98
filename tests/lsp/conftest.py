from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.lsp.raw import RawClient, running

MakeFiles = Callable[[Mapping[str, str | bytes]], Path]


@pytest.fixture(autouse=True)
def own_caches(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def client() -> Iterator[RawClient]:
    with running() as client:
        yield client


@pytest.fixture
def files(tmp_path: Path) -> MakeFiles:
    """Makes files below a fresh folder, which is the result."""

    def make(texts: Mapping[str, str | bytes]) -> Path:
        for path, text in texts.items():
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode() if isinstance(text, str) else text)
        return tmp_path

    return make
