"""Edits of a manifest's own text. They keep its quotes, indentation, commas, comments and line ends.

Every function returns edits that do not overlap; after them `reader.read` finds exactly the promised entries. A
manifest without a migrations array gets none.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from mig_lsp.core.change import Edit, apply
from mig_lsp.core.manifest import journal
from mig_lsp.core.manifest.arrange import FIRST, Element, put, remark, take_out, takes_remark
from mig_lsp.core.manifest.literal import encode
from mig_lsp.core.manifest.model import Array, Entry, Manifest

_NUMBER = re.compile(r"0*([0-9]{1,18})(?![0-9])")


def place(manifest: Manifest, name: str) -> int:
    """The index among the migrations at which a new entry *name* belongs.

    That is behind the last entry whose number is not greater, where the list is in number order there; otherwise,
    and for a name without a number, the end.
    """
    return _place([entry.name for entry in manifest.migrations], name)


def insert(manifest: Manifest, name: str) -> tuple[Edit, ...]:
    """Lists *name* at its `place`; nothing when it is a migration already.

    In a journal the new entry is a copy of the one before, with a `when` one more than the greatest there is: the
    core has no clock, and drizzle runs only what is newer than the last migration it ran.
    """
    array = manifest.migrations_array
    if array is None or any(entry.name == name for entry in manifest.migrations):
        return ()
    after = _anchor(array, manifest.migrations, place(manifest, name))
    if manifest.format == "journal":
        new = journal.new_object(manifest, array, after, name)
        edits = put(manifest.text, array, after, Element(new), trailing_comma=False)
        return (*edits, *journal.made_room(manifest.text, array, after))
    quote = _quote(manifest, array, after)
    new = f"{quote}{encode(name, quote)}{quote}"
    trailing = manifest.format == "code" and _has_trailing_comma(manifest)
    return put(manifest.text, array, after, Element(new), trailing_comma=trailing)


def remove(manifest: Manifest, entry: Entry) -> tuple[Edit, ...]:
    """Takes *entry* out of its array; nothing when it is not in this manifest."""
    array = manifest.initial_array if entry.initial else manifest.migrations_array
    number = _number_of(array, entry)
    if array is None or number is None:
        return ()
    edits = take_out(manifest.text, array, number)
    return (*edits, *journal.closed_gap(manifest.text, array, number)) if manifest.format == "journal" else edits


def rename(manifest: Manifest, old: str, new: str) -> tuple[Edit, ...]:
    """Writes *new* in every entry that lists *old*."""
    return tuple(_renamed(manifest, entry, new) for entry in manifest.entries if entry.name == old)


def move(manifest: Manifest, entry: Entry, index: int) -> tuple[Edit, ...] | None:
    """Puts the migration *entry* at *index* of the migrations; None when it is there already, or there is no such."""
    if not 0 <= index < len(manifest.migrations):
        return None
    return _moved(manifest, entry, index, None)


def reregister(manifest: Manifest, old: str, new: str) -> tuple[Edit, ...]:
    """Writes *new* for *old*, at the place of the new name; where *old* is listed twice or is initial, it stays."""
    found = [entry for entry in manifest.entries if entry.name == old]
    if len(found) != 1 or found[0].initial or manifest.migrations_array is None:
        return rename(manifest, old, new)
    others = [entry.name for entry in manifest.migrations if entry.name != old]
    moved = _moved(manifest, found[0], _place(others, new), new)
    return rename(manifest, old, new) if moved is None else moved


def _moved(manifest: Manifest, entry: Entry, index: int, name: str | None) -> tuple[Edit, ...] | None:
    """Edits that put *entry* at *index*, under the *name* where it gets a new one."""
    array, text = manifest.migrations_array, manifest.text
    number = _number_of(array, entry)
    if array is None or number is None or entry.initial:
        return None
    others = [each for each in manifest.migrations if each.span != entry.span]
    if index == bisect_left([each.span for each in others], entry.span):
        return None
    after = _anchor(array, others, index)
    item = array.items[number]
    edits = [_renamed(manifest, entry, name)] if name is not None else []
    if manifest.format == "journal":
        edits += journal.moved(text, array, number, after)
    inside = [edit for edit in edits if item.span.start <= edit.span.start < item.span.end]
    start, end = item.span
    written = apply(text[start:end], [Edit(edit.span.shifted(-start), edit.text) for edit in inside])
    comment = remark(text, array, number)
    carried = takes_remark(text, array, after)
    return (
        *take_out(text, array, number, keep_remark=bool(comment) and not carried),
        *put(text, array, after, Element(written, comment if carried else ""), trailing_comma=False),
        *(edit for edit in edits if edit not in inside),
    )


def _place(names: Sequence[str], name: str) -> int:
    number = _number(name)
    numbers = [_number(each) for each in names]
    numbered = [at for at, each in enumerate(numbers) if each is not None]
    if number is None or not numbered:
        return len(names)
    smaller = [at for at in numbered if (each := numbers[at]) is not None and each <= number]
    if not smaller:
        return numbered[0]
    last = numbers[smaller[-1]]
    before = next((each for each in reversed(numbers[: smaller[-1]]) if each is not None), 0)
    return smaller[-1] + 1 if last is not None and before <= last else len(names)


def _number(name: str) -> int | None:
    match = _NUMBER.match(name.rpartition("/")[2])
    return int(match[1]) if match else None


def _anchor(array: Array, entries: Sequence[Entry], index: int) -> int:
    """The number of the element behind which an entry gets the *index* among *entries*."""
    if index:
        return _number_of(array, entries[index - 1]) or 0
    # What cannot be read may list files as well; before all entries is not before that.
    first = _number_of(array, entries[0]) if entries else len(array.items)
    return first - 1 if first else FIRST


def _number_of(array: Array | None, entry: Entry) -> int | None:
    """The number of the element that *entry* is in."""
    if array is None:
        return None
    number = bisect_left(array.items, entry.span.start, key=lambda item: item.span.end)
    found = number < len(array.items) and array.items[number].entry == entry
    return number if found else None


def _renamed(manifest: Manifest, entry: Entry, name: str) -> Edit:
    written = name.removesuffix(".sql") if manifest.format == "journal" else name
    return Edit(entry.span, encode(written, manifest.text[entry.span.start - 1]))


def _quote(manifest: Manifest, array: Array, after: int) -> str:
    """The quote of the element beside the new one, else the one that the file uses."""
    if manifest.format != "code":
        return '"'
    beside = array.items[max(after, 0)].entry if array.items else None
    entry = beside or next(iter(manifest.entries), None)
    if entry is not None:
        return manifest.text[entry.span.start - 1]
    return '"' if manifest.text.count('"') > manifest.text.count("'") else "'"


def _has_trailing_comma(manifest: Manifest) -> bool:
    """Whether a list over several lines ends with a comma, going by the other list of the file."""
    other = manifest.initial_array
    return other is None or not other.items or other.items[-1].comma is not None
