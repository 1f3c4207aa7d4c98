"""Notes that are kept over edits are those that are made anew."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mig_lsp.core.noted import Notebook


class Item:
    """Compared by identity, as everything is that notes are made of."""

    def __init__(self, size: int) -> None:
        self.size = size


EDITS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4), st.lists(st.integers(0, 5), max_size=4)), max_size=6)


@given(st.lists(st.integers(0, 5), max_size=9), EDITS, st.lists(st.booleans(), min_size=6, max_size=6))
def test_after_edits_the_notes_are_the_same(
    sizes: list[int], edits: list[tuple[int, int, list[int]]], asked: list[bool]
) -> None:
    book, items = Notebook(), tuple(map(Item, sizes))
    book.noted("even", items, even)
    for (at, gone, new), ask in zip(edits, asked, strict=False):
        items = (*items[:at], *map(Item, new), *items[at + gone :])
        if ask:
            book.noted("even", items, even)
    fresh = Notebook().noted("even", items, even)
    assert [*fresh.pairs()] == [*book.noted("even", items, even).pairs()]


def test_what_else_the_notes_depend_on_is_looked_at() -> None:
    book, items = Notebook(), (Item(1), Item(2))
    assert [(1, 2)] == [*book.noted("more", items, lambda item: item.size if item.size > 1 else None, 1).pairs()]
    assert [] == [*book.noted("more", items, lambda item: item.size if item.size > 2 else None, 2).pairs()]


def test_an_item_that_stays_is_not_looked_at_again() -> None:
    book = Notebook()
    seen: list[Item] = []
    items = tuple(map(Item, range(5)))
    book.noted("all", items, seen.append)
    book.noted("all", (*items[:2], Item(9), *items[3:]), seen.append)
    assert [0, 1, 2, 3, 4, 9] == [item.size for item in seen]


def even(item: Item) -> int | None:
    return item.size if item.size % 2 == 0 else None
