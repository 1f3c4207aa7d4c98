from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors.neovim.session import Neovim, running, with_plugin
from tests.editors.program import demo
from tests.editors.readme import fences

READMES = Path(__file__).parents[3] / "editors/neovim/README.md"
SETUP, ENABLE, OLD = fences(READMES, "lua")

# How each version is set up, by the words that name the case.
WAYS = {
    "0.7": ("0.7", OLD),
    "0.10": ("0.10", with_plugin(SETUP)),
    "0.12": ("0.12", with_plugin(SETUP)),
    "0.12 enable": ("0.12", with_plugin(ENABLE)),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The demo as a workspace."""
    return demo(tmp_path)


@pytest.fixture(params=["0.10", "0.12"])
def neovim(request: pytest.FixtureRequest, root: Path, tmp_path: Path) -> Iterator[Neovim]:
    """A Neovim with the plugin, in the demo; no file is open."""
    version, init = WAYS[request.param]
    with running(version, tmp_path / "home", root, init) as neovim:
        yield neovim


@pytest.fixture(params=list(WAYS))
def any_neovim(request: pytest.FixtureRequest, root: Path, tmp_path: Path) -> Iterator[Neovim]:
    """A Neovim set up in any way that the documents show, in the demo."""
    version, init = WAYS[request.param]
    with running(version, tmp_path / "home", root, init) as neovim:
        yield neovim
