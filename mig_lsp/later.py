"""Modules of libraries that are imported by other modules and hardly ever used: they are loaded when they are.

The parser of pglast comes with classes for every node of the grammar, which take longer to load than PostgreSQL's
grammar itself. A module put off is a module like any other: the first look at anything in it loads it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.abc import Loader
else:
    Loader = object  # what the abstract class is made of takes a third of the time that is won here

_NAMES = frozenset(("pglast.ast", "pglast.enums"))


def put_off() -> None:
    """From now on these modules are loaded when they are used, unless they are loaded already."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder:
    """Finds the modules as usual, and has them loaded later."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in _NAMES:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Later(spec.loader)
        return spec


class _Later(Loader):
    """Leaves the module empty, and gives it to the real loader when something in it is looked for."""

    def __init__(self, real: Loader) -> None:
        self._real = real

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        module.__class__ = _Module

    def load(self, module: ModuleType) -> None:
        module.__class__ = ModuleType
        self._real.exec_module(module)


class _Module(ModuleType):
    """A module that is not loaded yet."""

    def __getattr__(self, name: str) -> Any:
        spec = self.__spec__
        assert spec is not None and isinstance(spec.loader, _Later)
        spec.loader.load(self)
        return getattr(self, name)
