"""What a manifest says, as a value, with the place of every word of it in the manifest's own text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from mig_lsp.core.text import Span

Format = Literal["code", "json", "journal"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One listed file: its name as written (escapes decoded), and where the name stands inside its quotes."""

    name: str
    span: Span
    initial: bool = False


class Problem(NamedTuple):
    """Something in the manifest that cannot be read, or that the runner cannot use."""

    span: Span
    message: str


class Item(NamedTuple):
    """One element of an array, readable or not, as it stands in the text.

    *span* includes quotes or braces; *comma* is the offset of the comma behind it. *entry* is None for what is
    not a file name. *fields* are the values of a journal's object, by key, with their quotes.
    """

    span: Span
    comma: int | None = None
    entry: Entry | None = None
    fields: tuple[tuple[str, Span], ...] = ()


@dataclass(frozen=True, slots=True)
class Array:
    """An array as it stands in the text; *span* reaches from `[` to behind `]`, or to where it breaks off."""

    name: str
    span: Span
    items: tuple[Item, ...]
    closed: bool = True


@dataclass(frozen=True)
class Manifest:
    """One manifest, read. *entries* stand in text order; use `initial` and `migrations` for the runner's order.

    *array* is the name of the array that lists the migrations, None when the file has none; a list that has no
    name of its own (a JSON document that is an array, a default export) is called "default". *directory* is where
    the file says that the migrations are, as written.
    """

    path: str
    text: str
    format: Format
    array: str | None
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...] = ()
    directory: str | None = None
    migrations_array: Array | None = None
    initial_array: Array | None = None

    @cached_property
    def initial(self) -> tuple[Entry, ...]:
        """The files that the runner executes on an empty database only, in its order."""
        return tuple(entry for entry in self.entries if entry.initial)

    @cached_property
    def migrations(self) -> tuple[Entry, ...]:
        """The migrations, in the order in which the runner executes them."""
        return tuple(entry for entry in self.entries if not entry.initial)

    @cached_property
    def names(self) -> frozenset[str]:
        """Every listed name."""
        return frozenset(self._by_name)

    def by_name(self, name: str) -> Entry | None:
        """The first entry that lists *name*."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, Entry]:
        return {entry.name: entry for entry in reversed(self.entries)}
